"""Control totals: the client against the simulator, and the simulator against the sales it made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from libs.common.lightspeed.errors import NoRight, Unavailable
from libs.common.lightspeed.retail import RetailAccount, RetailClient
from libs.common.lightspeed.retail_reference import Shop, read_reference
from libs.common.lightspeed.retail_totals import DayTotals, read_day_totals
from services.sandbox.made_up import MadeUp
from services.sandbox.retail.made_up import sell_made_up
from services.sandbox.retail.world import RetailWorld
from tests.clients.test_retail_client import NOW, Grant, Ledger, an_account
from tests.sandbox.retail.till import NOON, Till, a_client, a_line, a_world, tokens

D = Decimal


class SandboxGrant(Grant):
    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None):
        found = await super().access_token(grant_id, rejected_generation=rejected_generation)
        found.value = self.token
        return found


@pytest.fixture
async def world() -> RetailWorld:
    return a_world()


@pytest.fixture
async def client(world: RetailWorld) -> AsyncIterator[httpx.AsyncClient]:
    async with a_client(world) as made:
        yield made


async def an_account_of(client: httpx.AsyncClient, number: int = 4712, **more: str) -> RetailAccount:
    token = (await tokens(client, number, **more))["access_token"]
    here = "http://till.test"
    made = RetailClient(client, SandboxGrant(token), Ledger(), lambda: NOW, here, here)  # type: ignore[arg-type]
    return made.account("grant-1", str(number))


async def test_a_days_totals_are_what_was_sold_and_paid(world, client):
    till = Till(world, client, {})
    await till.sell(a_line("12.10", "2"), a_line("5.45", rate="9"))
    await till.sell(a_line("49.95", line_discount_percent="10"), payments=[{"type": "cash"}])
    await till.sell(a_line("99"), at=(NOON - timedelta(days=1)).isoformat())
    await till.control(f"sales/{await till.sell(a_line('33'))}/void", {})
    account = await an_account_of(client)
    shop = (await read_reference(account)).shops["1"]

    totals = await read_day_totals(account, shop, date(2026, 3, 16))

    assert totals.payments == {"1": D("44.96"), "6": D("29.65")}
    assert totals.taxes == {"1": D("12.45")}
    assert {key: round(each, 2) for key, each in totals.subtotals.items()} == {
        "1": D("61.28"),
        "3": D("5.00"),
    }
    assert abs(totals.turnover_incl_vat - D("74.61")) <= D("0.01")  # lines are summed unrounded


async def test_they_add_up_to_every_sale_that_the_till_made(world, client):
    made_up = world.accounts[4711]
    for _ in sell_made_up(made_up, MadeUp(count=400, days=6, seed=5, profile="everything"), world.switches):
        pass
    account = await an_account_of(client, 4711)
    shops = (await read_reference(account)).shops.values()
    days = [NOON.date() - timedelta(days=back) for back in range(7)]
    found = [await read_day_totals(account, shop, day) for shop in shops for day in days]

    till = await Till(world, client, {}, 4711).control("totals", method="GET")
    by_name = {row.text("name"): str(row.key) for row in made_up["PaymentType"]}
    for name, amount in till["by_payment_type"].items():
        assert sum(each.payments.get(by_name[name], D(0)) for each in found) == D(amount)
    assert abs(sum(each.turnover_incl_vat for each in found) - D(till["turnover"])) <= D("0.05")
    for day, amount in till["by_day"].items():
        sold = sum(each.turnover_incl_vat for each in found if each.day.isoformat() == day)
        assert abs(sold - D(amount)) <= D("0.02")


async def test_a_day_is_the_shops_own_and_other_shops_are_left_out(world, client):
    till = Till(world, client, {})
    world.clock.advance(13 * 3600)  # after midnight in Amsterdam, still the day before in UTC
    await till.sell(a_line("10"), at="2026-03-16T23:30:00+00:00")
    await till.sell(a_line("20"), at="2026-03-16T22:30:00+00:00", shop="Station")
    account = await an_account_of(client)
    shops = (await read_reference(account)).shops
    assert (await read_day_totals(account, shops["1"], date(2026, 3, 17))).payments == {"6": D(10)}
    assert (await read_day_totals(account, shops["2"], date(2026, 3, 16))).payments == {"6": D(20)}
    assert await read_day_totals(account, shops["1"], date(2026, 3, 16)) == DayTotals("1", date(2026, 3, 16))


async def test_without_the_right_there_are_no_reports(world, client):
    account = await an_account_of(client, scope="employee:register_read")
    with pytest.raises(NoRight):
        await read_day_totals(account, Shop("1", "Winkel", "Europe/Amsterdam"), date(2026, 3, 16))


async def test_reports_come_in_pages(world, client):
    till = Till(world, client, {})
    for days in range(5):
        await till.sell(a_line("10"), at=(NOON - timedelta(days=days)).isoformat())
    account = await an_account_of(client)
    asked = {"startDate": "2026-03-01", "endDate": "2026-03-16", "limit": "2"}
    rows = await account.rows("Reports/Accounting/PaymentsByDay", asked, key="Payments")
    assert [row["date"] for row in rows] == [f"03/{day}/2026" for day in range(12, 17)]


async def test_an_amount_that_is_none_is_no_total():
    row = {"date": "03/14/2026", "shopID": "1", "paymentTypeID": "1", "amount": "veel"}

    def answer(request: httpx.Request) -> httpx.Response:
        body = {"@attributes": {"next": "", "previous": ""}}
        if "PaymentsByDay" in request.url.path:
            body["Payments"] = row  # type: ignore[assignment]
        return httpx.Response(200, json=body)

    with pytest.raises(Unavailable):
        await read_day_totals(an_account(answer), Shop("1", "Winkel", "Europe/Amsterdam"), date(2026, 3, 14))
