"""A usual Dutch or Belgian administration: what is suggested books all that a till does, as it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.sale import Sale
from services.portal.vat_watch import watch_vat
from services.sandbox.retail.made_up import MadeUp, sell_made_up
from tests.builders import D
from tests.services.portal.test_till_watch import portal_of, problems, sales_at_the_till
from tests.services.portal.world import World

USERS = {"nl": "eva.dejong", "be": "lieve.peeters"}


def in_belgium(world: World, sales: list[Sale]) -> list[Sale]:
    """6 % where the Dutch till has 9, of the same prices."""
    classes = world.sandbox.retail.accounts[4711]["TaxCategoryClass"]
    for row in list(classes):
        if row.number("tax1Rate") == Decimal("0.09"):
            classes.change(row, {"tax1Rate": Decimal("0.06")})
    return [belgian(sale) for sale in sales]


def belgian(sale: Sale) -> Sale:
    lines = [
        replace(line, vat_rate=D(6), vat_amount=line.amount_incl_vat * 6 / 106)
        if line.vat_rate == 9
        else line
        for line in sale.lines
    ]
    vat = round(sum((line.vat_amount for line in lines), D(0)) + D("0.0000001"), 2)
    return replace(sale, lines=tuple(lines), vat_amount=vat)


async def a_connection_that_sold(world: World, country: str) -> str:
    connection = await world.connected(user=USERS[country])
    wanted = MadeUp(count=150, days=5, seed=11, profile="everything", events=True, days_ago=1)
    list(sell_made_up(world.sandbox.retail.accounts[4711], wanted, world.sandbox.retail.switches))
    sales = await sales_at_the_till(world, connection)
    sales = in_belgium(world, sales) if country == "be" else sales
    await world.tell(connection, *(SaleRecorded(sale, 1, "hash", 1) for sale in sales))
    return connection


async def suggested(world: World, connection: str, mode: str) -> dict[str, Any]:
    answer = await world.partner.get(f"/v1/connections/{connection}/options?mode={mode}")
    options: dict[str, Any] = answer.json()
    return options


async def require_all_booked(world: World, address: str) -> None:
    """Of the last week, by the preview: no problem, and not a cent of difference."""
    today = world.sandbox.clock.now().date()
    body = {"from": f"{today - timedelta(days=7)}", "to": f"{today}"}
    preview = (await world.partner.post(f"{address}/preview", json=body)).json()
    troubled = {each["problem"]["message"] for each in preview["sales"] if each["problem"]}
    assert troubled == set()
    assert [day["problem"] for day in preview["days"] if day["problem"]] == []
    assert sum(Decimal(day["sold"]) for day in preview["reconciliation"]) > 1000
    assert {day["difference"] for day in preview["reconciliation"]} == {"0.00"}


@pytest.mark.parametrize("mode", ["daily-totals", "transactions", "invoices", "orders"])
@pytest.mark.parametrize("country", ["nl", "be"])
async def test_what_is_suggested_needs_no_correction(one_world: World, country: str, mode: str) -> None:
    world = one_world
    connection = await a_connection_that_sold(world, country)
    address = f"/v1/connections/{connection}"
    options = await suggested(world, connection, mode)
    kept = await world.partner.put(f"{address}/rules", json=options["suggested_rules"])
    assert kept.status_code == 200, kept.text
    switched = await world.partner.post(f"{address}/activate")
    assert switched.status_code == 202, switched.text

    await require_all_booked(world, address)

    await watch_vat(portal_of(world))
    assert await problems(world, connection) == []


@pytest.mark.parametrize("country", ["nl", "be"])
async def test_each_suggestion_says_why_and_what_hangs_on_it(one_world: World, country: str) -> None:
    connection = await a_connection_that_sold(one_world, country)
    options = await suggested(one_world, connection, "daily-totals")
    rules, reasons = options["suggested_rules"], options["reasons"]
    for field in ("mode", "start_date", "journals.general", "debtor.default_account", "vat.none"):
        assert reasons[field], field
    sold_under = "6" if country == "be" else "9"
    for field in ("payments.1.ledger", "payments.6.ledger", "vat.21", f"vat.{sold_under}"):
        assert "Laatste 30 dagen: " in reasons[field], (field, reasons[field])
        assert "€ " in reasons[field]
    assert set(rules["vat"]) >= {"21", sold_under, "none"}
