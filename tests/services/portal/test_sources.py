"""Every source by the same calls: consent, options, suggested rules, the switch."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from libs.common.budget import Budget, Lane, Postponed
from libs.common.lightspeed.sources import SOURCES
from tests.services.portal.world import World, assert_problem

ACCOUNTS = {"lightspeed-retail": "4711", "lightspeed-restaurant": "4801", "lightspeed-x": "fietshuis"}
MODES = ("transactions", "invoices", "orders", "daily-totals")


async def options_of(world: World, connection: str, mode: str = "daily-totals") -> dict[str, Any]:
    answer = await world.partner.get(f"/v1/connections/{connection}/options", params={"mode": mode})
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


def test_every_source_is_tried_here() -> None:
    assert ACCOUNTS.keys() == SOURCES.keys()


@pytest.mark.parametrize("source", ACCOUNTS)
async def test_the_suggested_rules_of_every_source_can_be_switched_on_in_every_mode(
    one_world: World, source: str
) -> None:
    world = one_world
    connection = await world.connection(source=source)
    landed = await world.consent(connection, "lightspeed", account=ACCOUNTS[source])
    assert f"{SOURCES[source].title} is gekoppeld" in landed.text
    assert (await world.consent(connection, "exact")).status_code == 200

    for mode in MODES:
        if mode in ("invoices", "orders"):
            await world.partner.post(f"/v1/connections/{connection}/items/defaults")
        options = await options_of(world, connection, mode)
        for name in ("outlets", "payment_types", "tax_rates"):
            assert options[name], name
            assert all(each["id"] and each["name"] for each in options[name])
        rules = options["suggested_rules"]
        assert set(rules["payments"]) == {each["id"] for each in options["payment_types"]}
        assert set(rules["outlets"]) == {each["id"] for each in options["outlets"]}
        assert {"products.direction", "products.fields", "products.stock"} <= options["reasons"].keys()
        rules["products"]["direction"] = "to-exact"
        kept = await world.partner.put(f"/v1/connections/{connection}/rules", json=rules)
        assert kept.status_code == 200, kept.text

    activated = await world.partner.post(f"/v1/connections/{connection}/activate")
    assert activated.status_code == 202, activated.text
    assert await world.state(connection) == "active"


@pytest.mark.parametrize("source", ACCOUNTS)
async def test_the_currency_of_every_source_is_held_against_that_of_the_books(
    one_world: World, source: str
) -> None:
    connection = await one_world.connection(source=source)
    await one_world.consent(connection, "lightspeed", account=ACCOUNTS[source])
    await one_world.consent(connection, "exact")
    for division in one_world.sandbox.exact.divisions.values():
        division.facts["Currency"] = "USD"
    rules = (await options_of(one_world, connection))["suggested_rules"]

    refused = await one_world.partner.put(f"/v1/connections/{connection}/rules", json=rules)

    (error,) = assert_problem(refused, 422)["errors"]
    assert error["field"] == "division"
    assert "De kassa rekent in EUR, de administratie in USD." in error["message"]


async def test_a_restaurant_s_articles_go_to_exact_alone_and_without_stock(one_world: World) -> None:
    connection = await one_world.connection(source="lightspeed-restaurant")
    await one_world.consent(connection, "lightspeed", account="4801")
    await one_world.consent(connection, "exact")
    rules = (await options_of(one_world, connection))["suggested_rules"]
    rules["products"] |= {"direction": "to-lightspeed", "stock": True}

    refused = await one_world.partner.put(f"/v1/connections/{connection}/rules", json=rules)

    errors = {each["field"]: each["message"] for each in assert_problem(refused, 422)["errors"]}
    assert "hele artikel vervangen" in errors["products.direction"]
    assert "Lightspeed Restaurant zegt niet hoeveel" in errors["products.stock"]


async def test_a_restaurant_is_suggested_a_total_for_each_revenue_centre_by_the_day_of_its_till(
    one_world: World,
) -> None:
    connection = await one_world.connected(source="lightspeed-restaurant", account="4801")
    options = await options_of(one_world, connection)
    rules = options["suggested_rules"]
    assert (rules["mode"], rules["day_end"]) == ("daily-totals", "till")
    assert rules["daily_totals"]["per"] == "revenue-center"
    codes = {each["id"]: each["code"] for each in options["ledger_accounts"]}
    groups = {each["id"]: each for each in options["categories"]}
    noted = {
        groups[group]["code"]: codes[ledger] for group, ledger in rules["revenue"]["by_category"].items()
    }
    assert noted
    assert all(of_till == of_books for of_till, of_books in noted.items())


async def test_a_shop_and_a_restaurant_share_one_login_of_exact_and_never_a_prefix(one_world: World) -> None:
    merchant = await one_world.merchant()
    prefixes, divisions, grants = [], set(), set()
    for source in ("lightspeed-retail", "lightspeed-restaurant"):
        connection = await one_world.connected(merchant, source=source, account=ACCOUNTS[source])
        rules = (await options_of(one_world, connection))["suggested_rules"]
        kept = await one_world.partner.put(f"/v1/connections/{connection}/rules", json=rules)
        assert kept.status_code == 200, kept.text
        prefixes.append(rules["reference_prefix"])
        divisions.add(rules["division"])
    listed = (await one_world.partner.get("/v1/grants")).json()["items"]
    grants = {each["id"] for each in listed if each["system"] == "exact"}
    assert (len(set(prefixes)), len(divisions), len(grants)) == (2, 1, 1)


async def test_a_source_that_there_is_not_is_refused_by_name(one_world: World) -> None:
    merchant = await one_world.merchant()
    body = {"source": "lightspeed-l", "country": "nl"}
    refused = assert_problem(
        await one_world.partner.post(f"/v1/merchants/{merchant}/connections", json=body), 422
    )
    (error,) = refused["errors"]
    assert error["field"] == "source"
    assert "lightspeed-restaurant" in error["message"]


async def test_a_second_that_had_its_calls_is_waited_for(one_world: World) -> None:
    connection = await one_world.connection()
    await one_world.consent(connection, "lightspeed", account="4711")
    await one_world.consent(connection, "exact")
    budget = Budget(one_world.database, one_world.sandbox.clock.now)
    with suppress(Postponed):
        for _ in range(20):
            await budget.reserve_lightspeed("4711", Decimal("0.1"), Lane.SET_UP)

    options = await options_of(one_world, connection)

    assert options["outlets"]
