"""Every night the days are held against the till's own reports: what was missed shows by day and payment."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from libs.common.contracts.sales import Backlog, SaleRecorded, SalesRead
from libs.common.database import registry
from libs.common.domain.sale import Sale, SaleState
from libs.common.lightspeed.retail import RetailAccount
from libs.common.lightspeed.retail_reading import OF_CUSTOMERS, RELATIONS, RetailTill
from libs.common.lightspeed.retail_reference import read_reference
from libs.common.lightspeed.retail_sale import parse_sale
from services.portal.context import Portal
from services.portal.till_watch import look, watch_tills
from services.sandbox.retail.made_up import MadeUp, sell_made_up
from tests.services.portal.world import World


def portal_of(world: World) -> Portal:
    web: Any = world.service.web
    portal: Portal = web.portal
    return portal


async def till_of(world: World, connection: str) -> RetailAccount:
    async with world.database.reading() as transaction:
        kept = await registry.connection(transaction, connection)
    assert kept is not None
    till = portal_of(world).till_of(kept)
    assert isinstance(till, RetailTill)
    return till.account


async def sales_at_the_till(world: World, connection: str) -> list[Sale]:
    account = await till_of(world, connection)
    reference = await read_reference(account)
    rows = await account.rows("Sale", {}, (*RELATIONS, *OF_CUSTOMERS))
    return [sale for row in rows if isinstance(sale := parse_sale(row, reference), Sale)]


async def tell_read(world: World, connection: str, **more: Any) -> None:
    now = world.sandbox.clock.now()
    until = more.pop("read_until", now - timedelta(minutes=2))
    read = SalesRead(until, 1, read_since=now - timedelta(days=60), **more)
    await world.tell(connection, read)


async def problems(world: World, connection: str) -> list[dict[str, Any]]:
    answer = await world.partner.get(f"/v1/connections/{connection}/problems")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def night_after(world: World) -> None:
    now = world.sandbox.clock.now()
    night = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
    world.sandbox.clock.advance((night + timedelta(hours=3) - now).total_seconds())


def a_busy_week(world: World) -> None:
    """Gift cards, tips, deposits, cash rounding, voids, returns, on account, open and cancelled tickets."""
    account = world.sandbox.retail.accounts[4711]
    wanted = MadeUp(count=120, days=3, seed=7, profile="everything", events=True, days_ago=1)
    assert len(list(sell_made_up(account, wanted, world.sandbox.retail.switches))) == 120


async def test_days_that_were_read_whole_are_what_the_till_says_of_them(world: World) -> None:
    connection = await world.active()
    a_busy_week(world)
    sold = await sales_at_the_till(world, connection)
    assert {SaleState.COMPLETED, SaleState.VOIDED} <= {sale.state for sale in sold}
    await world.tell(connection, *(SaleRecorded(sale, 1, "hash", 1) for sale in sold))
    await tell_read(world, connection)
    night_after(world)
    await tell_read(world, connection)
    await watch_tills(portal_of(world))
    assert await problems(world, connection) == []


async def test_a_sale_that_was_missed_is_named_until_it_is_read(one_world: World) -> None:
    world = one_world
    connection = await world.active()
    a_busy_week(world)
    sold = await sales_at_the_till(world, connection)
    missed = next(
        sale
        for sale in reversed(sold)
        if sale.state is SaleState.COMPLETED and len(sale.payments) == 1 and sale.total_incl_vat > 1
    )
    await world.tell(connection, *(SaleRecorded(sale, 1, "hash", 1) for sale in sold if sale.id != missed.id))
    night_after(world)
    await tell_read(world, connection)
    await watch_tills(portal_of(world))
    found = await problems(world, connection)
    assert [problem["code"] for problem in found] == ["till-turnover-differs", "till-payments-differ"]
    (payment,) = missed.payments
    assert f"aan {payment.type_name}" in found[1]["message"]
    assert f"verschil {payment.amount:.2f}." in found[1]["message"]

    await world.tell(connection, SaleRecorded(missed, 1, "hash", 1))
    night_after(world)
    await tell_read(world, connection)
    await watch_tills(portal_of(world))
    assert await problems(world, connection) == []


async def test_a_payment_that_was_moved_unseen_shows_on_both_types(one_world: World) -> None:
    world = one_world
    connection = await world.active()
    a_busy_week(world)
    sold = await sales_at_the_till(world, connection)
    await world.tell(connection, *(SaleRecorded(sale, 1, "hash", 1) for sale in sold))
    payments = world.sandbox.retail.accounts[4711]["SalePayment"]
    payment = next(
        row
        for row in reversed(list(payments))
        if not row.flag("archived") and row.id("paymentTypeID") == 1 and row.number("amount") > Decimal(1)
    )
    payments.change(payment, {"paymentTypeID": 6})
    night_after(world)
    await tell_read(world, connection)
    await watch_tills(portal_of(world))
    found = await problems(world, connection)
    assert [problem["code"] for problem in found] == ["till-payments-differ"] * 2


async def test_a_day_that_a_backlog_still_reads_is_not_judged(one_world: World) -> None:
    world = one_world
    connection = await world.active()
    a_busy_week(world)
    night_after(world)
    now = world.sandbox.clock.now()
    backlog = Backlog(now - timedelta(days=40), now - timedelta(hours=4), now - timedelta(days=30), 10, now)
    await tell_read(world, connection, backlog=backlog, read_until=backlog.since)
    async with world.database.reading() as transaction:
        kept = await registry.connection(transaction, connection)
    assert kept is not None
    assert await look(portal_of(world), kept) == []
    answer = (await world.partner.get(f"/v1/connections/{connection}/progress")).json()
    assert answer["backlog"]["ends_at"] is None
    assert answer["read_until"].startswith(now.strftime("%Y-%m-%dT%H:%M"))
