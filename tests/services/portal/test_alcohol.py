"""A category that is named for alcohol and sold at a low rate is told, with the suggestion and every day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale, SaleState
from libs.common.lightspeed.errors import Unavailable
from services.portal.alcohol import alcohol_at_low_rate, is_named_for_alcohol, sold_low
from services.portal.choices import Choice
from services.portal.context import Portal
from services.portal.vat_watch import watch_vat
from tests.builders import a_line, a_sale
from tests.services.portal.test_suggestions import CODES, LOW, a_suggestion
from tests.services.portal.world import World

SATURDAY = datetime(2026, 3, 14, 13, tzinfo=UTC)
NAMES = {"7": "Wijn", "8": "Fris", "9": "Bier"}


def a_bill(rate: str, category: str = "7", at: datetime = SATURDAY, amount: str = "10.90") -> Sale:
    return a_sale([a_line(amount, rate, category=category)], id=f"{at:%d%H%M}", completed_at=at)


def told(*sales: Sale, names: dict[str, str] = NAMES) -> list[dict[str, str]]:
    return [notice.facts for notice in alcohol_at_low_rate(sales, names, Rules())]


@pytest.mark.parametrize(
    "name",
    [
        *("Wijn", "WIJNEN", "Dranken / Rode wijn", "Rodewijn", "Huiswijn", "Bier", "Bieren (tap)", "Tapbier"),
        *("Speciaalbier", "Wine", "Red wines", "Beer", "Alcohol", "Alcoholische dranken", "Sterke drank"),
        *("Sterkedrank", "Gedistilleerd", "Whisky", "Gin & tonic", "Cocktails", "Bar > Prosecco"),
    ],
)
def test_names_that_speak_of_alcohol(name: str) -> None:
    assert is_named_for_alcohol(name)


@pytest.mark.parametrize(
    "name",
    [
        *("Fris", "Alcoholvrij", "Alcoholvrij bier", "Bier 0.0", "Wijn 0,0 %", "Non-alcoholic wine", "Azijn"),
        *(
            "Alcohol-free beer",
            "Wijnazijn",
            "Bierviltjes",
            "Wijnglazen",
            "Ginger beer",
            "Mocktails",
            "Ginger",
        ),
        *("Drum", "Dessert", "Boeken over wijn", "Zonder alcohol", "Beerenburger", "Geen alcohol", "Zwijn"),
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert not is_named_for_alcohol(name)


def test_wine_at_nine_per_cent_is_told_with_the_day_and_how_often() -> None:
    later = SATURDAY + timedelta(hours=1)

    assert told(a_bill("9"), a_bill("9", at=later), a_bill("21", "9"), a_bill("9", "8")) == [
        {"category": "Wijn", "rate": "9", "day": "2026-03-14", "sales": "2"}
    ]


@pytest.mark.parametrize("rate", ["6", "12"])
def test_the_low_rates_of_belgium_count_too(rate: str) -> None:
    assert [facts["rate"] for facts in told(a_bill(rate))] == [rate]


@pytest.mark.parametrize("rate", ["21", "0"])
def test_the_high_rate_and_none_are_nothing_to_tell(rate: str) -> None:
    assert told(a_bill(rate)) == []


def test_it_is_over_with_the_next_sale_once_it_is_mended() -> None:
    sunday = SATURDAY + timedelta(days=1)

    assert told(a_bill("21", at=sunday), a_bill("9")) == []
    assert told(a_bill("9", at=sunday), a_bill("21")) != []


def test_what_is_returned_or_was_never_sold_says_nothing() -> None:
    assert told(a_bill("9", amount="-10.90")) == []
    assert told(replace(a_bill("9"), state=SaleState.VOIDED)) == []
    assert sold_low([a_bill("9", amount="-10.90"), a_bill("21", "9"), a_bill("9", "8")]) == {"8"}


def portal_of(world: World) -> Portal:
    web: Any = world.service.web
    portal: Portal = web.portal
    return portal


async def problems(world: World, connection: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.partner.get(f"/v1/connections/{connection}/problems")).json()[
        "items"
    ]
    return found


def name_first_category(world: World, name: str) -> str:
    """When what was read of the till before is no longer fresh."""
    world.sandbox.clock.advance(3_600)
    account = world.sandbox.retail.accounts[4711]
    category = next(iter(account["Category"]))
    account["Category"].change(category, {"name": name, "fullPathName": name})
    return str(category.key)


async def test_the_daily_look_at_the_vat_tells_it_until_the_till_is_mended(world: World) -> None:
    connection = await world.active()
    category = name_first_category(world, "Wijn")
    now = world.sandbox.clock.now()
    await world.tell(connection, SaleRecorded(a_bill("9", category, now), 1, "hash", 1))

    await watch_vat(portal_of(world))

    (problem,) = await problems(world, connection)
    assert problem["code"] == "alcohol-at-low-rate"
    assert problem["message"].startswith("Categorie Wijn is op ")
    assert "9 % btw" in problem["message"]

    world.sandbox.clock.advance(86_400)
    mended = a_bill("21", category, world.sandbox.clock.now())
    await world.tell(connection, SaleRecorded(mended, 1, "hash", 2))
    await watch_vat(portal_of(world))
    assert await problems(world, connection) == []


async def test_a_till_that_cannot_be_asked_for_names_takes_nothing_away(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = one_world
    connection = await world.active()
    category = name_first_category(world, "Bier")
    await world.tell(connection, SaleRecorded(a_bill("9", category, world.sandbox.clock.now()), 1, "hash", 1))
    await watch_vat(portal_of(world))
    before = await problems(world, connection)
    assert [problem["code"] for problem in before] == ["alcohol-at-low-rate"]

    async def fail(_: object) -> None:
        raise Unavailable("the till is down")

    monkeypatch.setattr("services.portal.reading.read_till", fail)
    world.sandbox.clock.advance(86_400)
    await watch_vat(portal_of(world))

    assert await problems(world, connection) == before


async def test_the_till_is_asked_for_names_only_where_something_is_sold_low(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = one_world
    connection = await world.active()
    await world.tell(connection, SaleRecorded(a_bill("21", at=world.sandbox.clock.now()), 1, "hash", 1))
    world.sandbox.clock.advance(86_400)

    async def fail(_: object) -> None:
        raise AssertionError("asked for nothing")

    monkeypatch.setattr("services.portal.reading.read_till", fail)
    await watch_vat(portal_of(world))

    assert await problems(world, connection) == []


def test_the_suggestion_says_it_with_the_rate() -> None:
    suggestion = a_suggestion(
        [a_bill("9"), a_bill("9", "8"), a_bill("21", "9")],
        vat_codes=(*CODES, LOW),
        categories=tuple(Choice(id_, name) for id_, name in NAMES.items()),
    )

    assert "Wijn" not in suggestion.reasons["vat.21"]
    assert "Alcohol is 21 %, but this rate was sold under: Wijn." in suggestion.reasons["vat.9"]
