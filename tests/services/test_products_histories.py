"""Random histories on either side, with faults and dead processes: after quiet both sides agree."""

from __future__ import annotations

import random
from contextlib import suppress

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from services.sandbox.retail.rows import Row
from tests.services.exporter_world import Fault, Killed
from tests.services.products_world import D, Scene, a_scene, product_rules

EVENTS = 40
FIELDS = ("code", "description", "price", "vat", "active")
RATES = {1: D("1.21"), 3: D("1.09")}
CODES = {1: "2", 3: "1"}
FAULTS = ("lost", "html-after", "cut", "killed", "no-connection", "html-before", "limit")


def at_random(dice: random.Random, rate: float) -> Fault:
    def happens(request: httpx.Request) -> str | None:
        return dice.choice(FAULTS) if dice.random() < rate else None

    return happens


class History:
    """Somebody at the till and somebody in the books, each doing what comes to mind."""

    def __init__(self, scene: Scene, dice: random.Random, direction: Direction) -> None:
        self.scene, self.dice, self.direction = scene, dice, direction
        self.made = 0

    def happen(self) -> None:
        leads = self.dice.random() < 0.85
        at_till = leads is (self.direction is Direction.TO_EXACT)
        if leads and self.dice.random() < 0.4:
            self.make()
        elif at_till:
            self._at_till()
        else:
            self._in_exact()

    def make(self) -> None:
        self.made += 1
        tax_class = self.dice.choice((1, 3))
        cents = D(self.dice.randrange(100, 9999)) / 100
        if self.direction is Direction.TO_EXACT:
            self.scene.new_at_till(f"A-{self.made}", str(cents), taxClassID=tax_class)
        else:
            net = round(cents / RATES[tax_class], 4)
            self.scene.new_in_exact(f"A-{self.made}", str(net), SalesVatCode=CODES[tax_class])

    def _at_till(self) -> None:
        rows = list(self.scene.account["Item"])
        if not rows:
            return
        row, number = self.dice.choice(rows), self.dice.randrange(10**6)
        match self.dice.randrange(6 if self.direction is Direction.TO_EXACT else 5):
            case 0:
                self.scene.at_till("PUT", f"Item/{row.key}", description=f"Naam {number}")
            case 1:
                self.scene.price_at_till(str(row.key), str(D(number % 9000 + 100) / 100))
            case 2:
                self.scene.at_till("PUT", f"Item/{row.key}", customSku=f"B-{number}")
            case 3:
                self.scene.at_till("DELETE", f"Item/{row.key}")
            case 4:
                self.scene.at_till("PUT", f"Item/{row.key}", archived=False)
            case 5 if (other := self.dice.choice(rows)) is not row:
                self.scene.merge_at_till(str(row.key), str(other.key))

    def _in_exact(self) -> None:
        items = list(self.scene.division.table("logistics/Items"))
        if not items:
            return
        code, number = self.dice.choice(items)["Code"], self.dice.randrange(10**6)
        match self.dice.randrange(4):
            case 0:
                self.scene.change_in_exact(code, Description=f"Omschrijving {number}")
            case 1:
                with suppress(IndexError):
                    self.scene.price_in_exact(code, str(D(number % 9000 + 100) / 100))
            case 2:
                self.scene.change_in_exact(code, EndDate=self.scene.division.today())
            case 3:
                self.scene.change_in_exact(code, EndDate=None)


@pytest.mark.parametrize("direction", [Direction.TO_EXACT, Direction.TO_LIGHTSPEED])
@pytest.mark.parametrize("seed", range(2))
async def test_after_quiet_both_sides_agree_and_nothing_was_made_twice(
    sqlite_database: Database, direction: Direction, seed: int
) -> None:
    scene = await a_scene(sqlite_database, product_rules(direction, FIELDS))
    dice = random.Random(f"{seed} {direction}")
    history = History(scene, dice, direction)
    for _ in range(10):
        history.make()
    await scene.first_synchronisation()
    scene.to_exact.fault, scene.to_till.fault = at_random(dice, 0.08), at_random(dice, 0.05)

    for _ in range(EVENTS):
        history.happen()
        scene.clock.advance(dice.choice((5, 40, 90)))
        if dice.random() < 0.6:
            with suppress(Killed):
                await scene.schedule().work_on_due()
    scene.to_exact.fault = scene.to_till.fault = lambda request: None
    scene.clock.advance(26 * 3600)
    await scene.work(rounds=80)

    await _require_agreement(scene, direction)
    scene.count_from_here()
    scene.clock.advance(3600)
    await scene.work()
    assert scene.writes() == {}


async def _require_agreement(scene: Scene, direction: Direction) -> None:
    conflicting = {each.id for each in (await scene.products()).values() if each.conflicts}
    told = {each.id: each for message in await scene.told() for each in message.products}
    items = {row["ID"]: row for row in scene.division.table("logistics/Items")}
    compared = 0
    for product in told.values():
        assert product.state in ("in-step", "left", "conflict"), product
        if product.id in conflicting or product.conflicts or not (product.till_id and product.exact_id):
            continue
        row, item = scene.account["Item"].get(int(product.till_id)), items[product.exact_id]
        assert row is not None
        compared += 1
        _require_alike(scene, row, item)
    assert compared > 0, [(each.state, [c.code.value for c in each.conflicts]) for each in told.values()]
    follows = [each.exact_id if direction is Direction.TO_EXACT else each.till_id for each in told.values()]
    linked = [key for key in follows if key is not None]
    assert len(linked) == len(set(linked))
    everything = items if direction is Direction.TO_EXACT else scene.account["Item"].rows
    assert len(everything) == len(linked)


def _require_alike(scene: Scene, row: Row, item: dict[str, object]) -> None:
    tax_class = row.id("taxClassID")
    assert (row.text("customSku"), row.text("description")) == (item["Code"], item["Description"])
    assert CODES[tax_class] == str(item["SalesVatCode"]).strip()
    gross = D(str(item["StandardSalesPrice"])) * RATES[tax_class]
    assert abs(scene.till_price(row) - gross) < D("0.005")
    assert row.flag("archived") is (item.get("EndDate") is not None)
