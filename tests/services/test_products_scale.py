"""Many articles: few calls each, in either direction, and what changes waits for none of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.common.budget import Budget
from libs.common.budget.lanes import Lane, Postponed
from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from libs.common.lightspeed import retail_products
from services.products import planning
from services.sandbox.exact.seed import BLOEM
from tests.services.exporter_world import SITE, Killed
from tests.services.products_world import D, NoBudget, Scene, a_scene, product_rules

MANY = 120
"""More than a page of the till; `bench.articles` runs the same with 20,000 and more."""


@pytest.fixture
async def scene(sqlite_database: Database) -> Scene:
    return await a_scene(sqlite_database)


def stock_till(scene: Scene) -> dict[str, str]:
    """The keys at the till by code."""
    return {
        code: scene.new_at_till(code, str(D(number + 100) / 100))
        for number, code in enumerate(f"A-{number:03}" for number in range(MANY))
    }


def gross_prices(scene: Scene) -> dict[str, Any]:
    rows = scene.division.table("logistics/Items")
    return {row["Code"]: round(row["StandardSalesPrice"] * D("1.21"), 2) for row in rows}


WANTED = {f"A-{number:03}": D(number + 100) / 100 for number in range(MANY)}


async def test_a_first_synchronisation_costs_two_calls_an_article_and_a_quiet_one_a_few(scene: Scene) -> None:
    scene.clock.advance(-86_400)
    stock_till(scene)
    scene.clock.advance(86_400)

    await scene.work()
    await scene.say_yes()
    await scene.work()

    assert scene.writes() == {"POST Items": MANY, "POST SalesItemPrices": MANY}
    assert scene.calls() - MANY * 2 <= 40
    assert gross_prices(scene) == WANTED
    scene.clock.advance(600)
    await scene.schedule().work_on_due()
    scene.count_from_here()
    scene.clock.advance(60)
    await scene.schedule().work_on_due()
    assert scene.calls() == 1


async def test_an_empty_till_is_filled_with_one_call_an_article(sqlite_database: Database) -> None:
    scene = await a_scene(sqlite_database, product_rules(Direction.TO_LIGHTSPEED))
    for number in range(MANY):
        scene.new_in_exact(f"A-{number:03}", "8.2231")

    await scene.work()
    await scene.say_yes()
    await scene.work()

    assert scene.writes() == {"POST Item": MANY}
    assert scene.calls() - MANY <= 40
    assert len(scene.account["Item"]) == MANY
    assert {str(scene.till_price(row)) for row in scene.account["Item"]} == {"9.95"}


async def test_a_process_that_is_killed_half_way_is_gone_on_from(scene: Scene) -> None:
    """Nothing stands twice, nothing is missing, and hardly a call is made again."""
    stock_till(scene)
    await scene.work()
    await scene.say_yes()
    scene.count_from_here()
    scene.to_exact.fault = killed_at(MANY // 2, MANY)

    with pytest.raises(Killed):
        await scene.schedule().work_on_due()
    with pytest.raises(Killed):
        await scene.schedule().work_on_due()
    made = len(scene.division.table("logistics/Items"))
    await scene.work()

    assert MANY // 3 < made < MANY
    assert len(scene.division.table("logistics/SalesItemPrices")) == MANY
    assert gross_prices(scene) == WANTED
    assert await scene.conflicts() == {}
    assert scene.writes() == {"POST Items": MANY, "POST SalesItemPrices": MANY}
    assert scene.calls() - MANY * 2 <= 40


def killed_at(*numbers: int) -> Any:
    """After the so manieth POST was answered, which nobody reads."""
    posts = 0

    def happens(request: Any) -> str | None:
        nonlocal posts
        posts += request.method == "POST"
        return "killed" if request.method == "POST" and posts in numbers else None

    return happens


class LittleRoom(NoBudget):
    """So many calls a day for what nobody waits for."""

    def __init__(self, scene: Scene, calls: int) -> None:
        self._scene, self._calls = scene, calls
        self._left, self._day = calls, self._today()

    def _today(self) -> datetime:
        return self._scene.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)

    async def reserve_exact(self, division: str, endpoint: str, lane: Lane) -> None:
        if self._today() != self._day:
            self._left, self._day = self._calls, self._today()
        if lane is Lane.CATALOGUE:
            self._left -= 1
            if self._left < 0:
                raise Postponed(self._day + timedelta(days=1), "the day's calls are used")


async def test_a_change_and_a_new_article_do_not_wait_for_a_first_synchronisation_of_days(
    scene: Scene,
) -> None:
    keys = stock_till(scene)
    await scene.work()
    scene.clock.advance(3600)
    scene.budget = LittleRoom(scene, 100)
    await scene.say_yes()
    await scene.schedule().work_on_due()
    assert len(gross_prices(scene)) == 50

    scene.price_at_till(keys["A-000"], "12.10")
    scene.new_at_till("NEW", "6.05")
    await scene.pass_minutes(1)

    found = gross_prices(scene)
    assert (found["A-000"], found["NEW"], len(found)) == (D("12.10"), D("6.05"), 51)
    await scene.pass_minutes(3)
    assert len(gross_prices(scene)) == 51
    scene.clock.advance(86_400)
    await scene.schedule().work_on_due()
    assert len(gross_prices(scene)) == 101


async def test_a_change_is_not_a_reason_to_decide_again_about_all_that_waits_for_a_vat_code(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        scene.new_at_till(f"A-{number}", taxClassID="4")
    first, second = scene.new_at_till("B"), scene.new_at_till("B")
    await scene.choose(lambda rules: replace(rules, vat={"21": "2", "9": "1"}))
    await scene.work()
    without_code = {code: ["vat-code-missing"] for code in ("A-0", "A-1", "A-2")}
    assert await scene.conflicts() == without_code | {"B": ["code-double"]}
    decided: list[str] = []
    plan = planning.plan

    async def noted(transaction: Any, connection: str, keys: Any, *more: Any) -> None:
        decided.extend(keys)
        await plan(transaction, connection, keys, *more)

    monkeypatch.setattr(planning, "plan", noted)
    scene.at_till("PUT", f"Item/{second}", customSku="C")
    await scene.pass_minutes(1)

    assert set(decided) == {first, second}
    assert await scene.conflicts() == without_code


async def test_the_end_is_told_by_the_calls_that_exact_gives_in_a_day(scene: Scene) -> None:
    """Of 100 calls a day 60 are for a first synchronisation: 30 today, and 210 in three and a half days."""
    stock_till(scene)
    await scene.work()
    midnight = scene.clock.now().replace(hour=0) + timedelta(days=1)
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "70"}
    headers["X-RateLimit-Reset"] = str(int(midnight.timestamp() * 1000))
    await Budget(scene.database, scene.clock.now).learn_exact(f"{SITE}/{BLOEM}", "items", 200, headers)
    scene.clock.advance(3600)
    scene.budget = LittleRoom(scene, 0)
    await scene.say_yes()
    await scene.schedule().work_on_due()

    progress = await scene.progress()

    assert progress is not None
    days = (D(240) - (60 - 30)) / 60
    assert (progress.to_create, days) == (MANY, D("3.5"))
    assert progress.ends_at == midnight + timedelta(days=3.5, minutes=1)


async def test_what_was_changed_while_all_is_walked_through_is_not_taken_for_gone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retail_products, "WALKED_AT_ONCE", 1)
    keys = stock_till(scene)
    await scene.first_synchronisation()
    scene.clock.advance(86_400)
    gone = scene.account["Item"].get(int(keys["A-001"]))
    assert gone is not None
    scene.account["Item"].remove(gone)

    await scene.pass_minutes(1)
    scene.price_at_till(keys["A-000"], "12.10")
    await scene.pass_minutes(2)

    assert gross_prices(scene)["A-000"] == D("12.10")
    assert await scene.conflicts() == {"A-001": ["master-gone"]}
