"""A long history behind today's sales: it delays none of them, and no day closes before all of it is read."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from libs.common.contracts.commands import RulesChanged
from libs.common.database.engine import Database
from libs.common.database.registry import connections
from libs.common.domain.rules import DebtorRules, Rules
from libs.common.lightspeed import retail
from services.ingest import backlog as backlog_module
from services.ingest import store
from services.ingest.errand_store import BACKLOG, BacklogWalk
from services.ingest.plan import TODAY, plan, start_of_reading
from services.sandbox.retail import events
from services.sandbox.retail.rows import Row
from tests.services.ingest_world import CONNECTION, DEFAULT_RULES, LAG, OVERLAP, START, World, a_world
from tests.services.test_ingest_faults import FAULTS, Deaths, Dying, Killed


@pytest.fixture
async def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Pages of five sales, and two pages a part."""
    monkeypatch.setattr(retail, "PAGE", 5)
    monkeypatch.setattr(backlog_module, "PAGES", 2)
    async with a_world(database) as made:
        yield made


def sell_long_ago(world: World, days: float, **more: Any) -> Row:
    at = (world.clock.now() - timedelta(days=days)).replace(microsecond=0)
    (sold,) = world.sell(at=at, **more)
    world.account.change(sold, updatetime=at)
    return sold


async def poll_once(world: World) -> None:
    """One claim alone: today's sales and a part of the backlog."""
    schedule = world.schedule()
    await schedule._prepare()
    assert await schedule._poll_next(world.clock.now())


async def backlog_of(world: World) -> BacklogWalk | None:
    errand = await world.errand(BACKLOG)
    return errand.state if errand else None


async def test_todays_sales_are_told_before_the_backlog_of_a_new_connection(world):
    old = [sell_long_ago(world, 12 - hour / 24) for hour in range(60)]
    (today,) = world.sell()

    await poll_once(world)

    first, *others = [each.sale.id for each in await world.recorded()]
    assert first == str(today.key)
    assert others == [str(row.key) for row in old[:10]]


@pytest.mark.parametrize("switch", ["400", "ignored"])
async def test_an_edit_at_the_end_of_a_page_ends_no_backlog_that_goes_by_time_stamp(world, switch):
    """Where lists can't be filtered on updatetime (7), an edit moves it and not what they are sorted on."""
    world.retail.choose({"updatetime_filter": switch})
    old = [sell_long_ago(world, 12 - hour / 24) for hour in range(20)]
    world.account.change(old[4], updatetime=world.clock.now())

    await world.read()

    assert {each.sale.id for each in await world.recorded()} == {str(row.key) for row in old}


async def test_between_two_parts_of_the_backlog_todays_sales_are_read(world):
    for hour in range(60):
        sell_long_ago(world, 12 - hour / 24)
    await poll_once(world)
    world.clock.advance(61)
    (today,) = world.sell()

    await poll_once(world)

    assert str(today.key) in [each.sale.id for each in await world.recorded()]
    assert await backlog_of(world) is not None


async def test_no_day_of_the_backlog_may_close_before_all_of_it_is_read(world):
    for hour in range(60):
        sell_long_ago(world, 12 - hour / 24)
    await poll_once(world)

    (read,) = await world.reads()
    start = start_of_reading(DEFAULT_RULES, START)
    assert (read.read_until, read.read_since) == (start, start)
    assert read.backlog is not None
    assert (read.backlog.since, read.backlog.until) == (start, START - TODAY)
    assert read.backlog.today_until == START - LAG

    await world.read()
    *_, last = await world.reads()
    assert last.backlog is None
    assert last.read_until >= START - LAG
    assert len(await world.recorded()) == 60


async def test_the_backlog_says_how_far_it_is_and_when_it_will_be_through(world):
    for hour in range(60):
        sell_long_ago(world, 12 - hour / 24)
    await poll_once(world)
    world.clock.advance(600)
    await poll_once(world)

    told = [each.backlog for each in await world.reads()][-1]
    assert told is not None
    assert told.sales == 10
    done, left = told.read_to - told.since, told.until - told.read_to
    assert told.ends_at == world.clock.now() + timedelta(seconds=600) * (left / done)


async def test_a_till_that_was_away_for_days_is_read_from_today_on_and_the_rest_behind_it(world):
    await world.read()
    world.clock.advance(6 * 86_400)
    missed = [sell_long_ago(world, 5 - hour / 12) for hour in range(20)]
    (today,) = world.sell()
    before = (await world.cursor()).watermark
    reads = len(await world.reads())

    await poll_once(world)

    told = [each.sale.id for each in await world.recorded()]
    assert told[0] == str(today.key)
    for read in (await world.reads())[reads:]:
        assert read.backlog is not None
        assert read.read_until == before - OVERLAP
    await world.read()
    assert {each.sale.id for each in await world.recorded()} == {str(row.key) for row in [*missed, today]}


async def test_an_earlier_start_date_is_said_before_any_of_its_sales(world):
    older = [sell_long_ago(world, 30 - hour / 24) for hour in range(12)]
    await world.read()
    await world.choose(Rules(start_date=date(2026, 2, 1)))
    await world.take(RulesChanged(2))
    world.clock.advance(60)
    await poll_once(world)

    types = [(each.type, each.body) for each in await world.envelopes()]
    first_old = next(i for i, (kind, body) in enumerate(types) if f'"id":"{older[0].key}"' in body)
    read = [each for each in (await world.reads()) if each.backlog is not None][-1]
    assert read.read_until == start_of_reading(Rules(start_date=date(2026, 2, 1)), world.clock.now())
    assert any(kind == "sales.read" and '"since":"2026-01-31' in body for kind, body in types[:first_old])
    await world.read()
    assert len(await world.recorded()) == 12


async def test_a_backlog_that_fails_delays_no_sale_of_today(world):
    for hour in range(60):
        sell_long_ago(world, 12 - hour / 24)
    original = world.transport.handle_async_request

    async def refusing(request: Any) -> Any:
        if b"%3E%3C" in request.url.query:  # only the backlog asks for what lies between
            raise ConnectionError("heavy page")
        return await original(request)

    async def failing(request: Any) -> Any:
        try:
            return await refusing(request)
        except ConnectionError:
            return httpx.Response(500, request=request)

    world.transport.handle_async_request = failing  # type: ignore[method-assign]
    schedule = world.schedule()
    for number in range(5):
        world.sell()
        await schedule.poll_due()
        assert len(await world.recorded()) == number + 1
        assert (await world.cursor()).failures == 0
        world.clock.advance(61)
    errand = await world.errand(BACKLOG)
    assert errand is not None
    assert errand.failures > 1
    assert "500" in (errand.last_error or "")

    world.transport.handle_async_request = original  # type: ignore[method-assign]
    world.clock.advance(1_800)
    await world.read()
    assert len(await world.recorded()) == 65


@pytest.mark.parametrize("where", ["before", "midst", "after"])
async def test_a_backlog_that_is_killed_at_any_transaction_goes_on_and_every_sale_is_told_once(world, where):
    for hour in range(40):
        sell_long_ago(world, 12 - hour / 24)
    deaths = Deaths(world.database, where)
    for dying in deaths:
        with suppress(Killed):
            await world.schedule(dying).poll_due()
        await require_invariant(world)
        world.sell()
        world.clock.advance(200)
    await world.read()
    recorded = await world.recorded()
    assert deaths.counted >= 6
    assert Counter(each.sale.id for each in recorded) == {str(sale.key): 1 for sale in world.account["Sale"]}
    assert await world.tells_without_gaps()


async def kept_stamps(world: World) -> dict[str, datetime]:
    async with world.database.reading() as transaction:
        rows = await transaction.execute(select(store.raw_sales.c.sale_id, store.raw_sales.c.changed_at))
        return {row.sale_id: row.changed_at for row in rows}


async def require_invariant(world: World) -> None:
    """What `plan` promises of the cursor and its backlog, and what every `SalesRead` so far has said."""
    async with world.database.reading() as transaction:
        if (await transaction.execute(select(store.cursors))).one_or_none() is None:
            return
    cursor, behind, kept = await world.cursor(), await backlog_of(world), await kept_stamps(world)
    stretches = []
    if cursor.watermark is not None and cursor.read_since is not None:
        if behind is None:
            stretches.append((cursor.read_since, cursor.watermark))
        else:
            stretches += [(cursor.read_since, behind.read_to), (behind.until, cursor.watermark)]
    for read in await world.reads():
        assert read.read_since is not None
        stretches.append((read.read_since, read.read_until))
        if read.backlog is not None:
            stretches.append((read.backlog.until, read.backlog.today_until))
    for sale in world.account["Sale"]:
        changed = sale.moment("updatetime")
        assert changed is not None
        if any(first <= changed < last for first, last in stretches):
            assert kept.get(str(sale.key), START - timedelta(days=999)) >= changed, (sale.key, changed)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_in_whatever_order_nothing_is_said_to_be_read_that_is_not(world, seed):  # noqa: C901 - one closure a step
    dice = random.Random(seed)
    rules = Rules(start_date=date(2026, 3, 8))
    await world.choose(rules)
    for _ in range(45):
        sell_long_ago(world, dice.uniform(0, 40))

    async def edit() -> None:
        sale = dice.choice(list(world.account["Sale"]))
        kind = dice.choice(["PIN", "Contant", "iDEAL"])
        events.edit(world.account, sale, {"payments": [{"type": kind}]}, world.retail.switches)

    async def sell() -> None:
        world.sell(dice.randrange(1, 4))

    async def start_earlier() -> None:
        nonlocal rules
        rules = replace(
            rules, start_date=max(date(2026, 2, 1), (rules.start_date or date.max) - timedelta(7))
        )
        await world.choose(rules)
        await world.take(RulesChanged(2))

    async def need_customers() -> None:
        nonlocal rules
        rules = replace(rules, debtor=DebtorRules(own_when=dice.choice(["never", "known"])))
        await world.choose(rules)
        await world.take(RulesChanged(2))

    async def wait() -> None:
        world.clock.advance(dice.choice([61, 61, 600, 7_200, 3 * 86_400]))

    async def poll() -> None:
        dying = Dying(world.database, dice.randrange(2, 12), dice.choice(["before", "midst", "after"]))
        database: Any = dying if dice.random() < 0.5 else world.database
        world.faults.choose({"retail": FAULTS if dice.random() < 0.4 else {}, "seed": dice.randrange(99)})
        schedule = world.schedule(database)
        try:
            await schedule._prepare()
            for _ in range(dice.randrange(1, 4)):
                await schedule._poll_next(world.clock.now())
        except Killed:
            world.clock.advance(31)

    steps = [edit, sell, wait, poll, poll, poll, poll, start_earlier, need_customers]
    for _ in range(30):
        await dice.choice(steps)()
        await require_invariant(world)
    world.faults.choose({"retail": {}})
    world.clock.advance(2_000)
    await world.read(rounds=200)
    await require_invariant(world)

    recorded = await world.recorded()
    assert await world.tells_without_gaps()
    assert await world.problems() == []
    start = start_of_reading(rules, world.clock.now())
    due = {str(sale.key) for sale in world.account["Sale"] if (sale.moment("updatetime") or START) >= start}
    last = {each.sale.id: each for each in recorded}
    assert due <= last.keys()
    for sale in world.account["Sale"]:
        if str(sale.key) in due:
            (payment,) = last[str(sale.key)].sale.payments
            assert payment.type_id == str(_payment_of(world, sale).id("paymentTypeID"))
    assert len({(each.sale.id, each.revision) for each in recorded}) == len(recorded)


def _payment_of(world: World, sale: Row) -> Row:
    rows = world.account["SalePayment"].find("saleID", sale.key)
    (counting,) = [row for row in rows if not row.flag("archived")]
    return counting


minutes = st.integers(0, 60 * 24 * 60)


@given(
    start=minutes,
    watermark=minutes | st.none(),
    read_since=minutes,
    gap=st.none() | st.tuples(minutes, minutes),
)
def test_a_plan_leaves_nothing_out(start, watermark, read_since, gap):
    """Whatever wasn't read is in the next walk or in the backlog."""
    now = START
    ago = lambda many: now - timedelta(minutes=many)  # noqa: E731
    if watermark is not None:
        watermark, read_since = sorted((watermark, read_since))
    cursor = replace(
        A_CURSOR,
        watermark=None if watermark is None else ago(watermark),
        read_since=None if watermark is None else ago(read_since),
    )
    behind = None
    if gap is not None and watermark is not None:
        first, last = sorted((min(gap[0], read_since), min(gap[1], read_since)), reverse=True)
        if last >= watermark and first > last:
            behind = BacklogWalk(ago(first), ago(last), ago((first + last) // 2), now)
    begins = ago(start).date()
    planned = plan(cursor, behind, Rules(start_date=begins), now, OVERLAP)

    unread = [start_of_reading(Rules(start_date=begins), now)]
    if cursor.watermark is not None and cursor.read_since is not None and unread[0] >= cursor.read_since:
        unread = [cursor.watermark]
    if behind is not None:
        unread.append(behind.read_to)
    for moment in unread:
        in_backlog = planned.backlog and planned.backlog.read_to <= moment <= planned.backlog.until
        assert in_backlog or planned.since <= moment
    if planned.backlog is not None:
        assert planned.backlog.until <= max(planned.since, behind.until if behind else planned.since)
        assert planned.since >= now - TODAY or planned.backlog == behind
    assert planned.read_since <= min(unread)


A_CURSOR = store.Cursor(
    connection_id=CONNECTION,
    watermark=None,
    read_since=None,
    has_customers=True,
    mark="",
    walk_since=None,
    walk_started_at=None,
    days=None,
    position=0,
    requested_at=None,
    fence=1,
    failures=0,
    lacking=0,
    attention=None,
    lease_owner=None,
)


async def test_a_connection_whose_till_hangs_delays_no_other(world):
    world.sell(amount="36.30")
    async with world.database.transaction() as transaction:
        row = (await transaction.execute(select(connections))).one()._mapping
        await transaction.execute(insert(connections).values({**row, "id": "connection-2"}))
    schedule, other = world.schedule(), world.schedule()
    other._is_embedded = False
    original, hangs, is_held = world.transport.handle_async_request, asyncio.Event(), asyncio.Event()

    async def hanging(request: Any) -> Any:
        if "/Sale.json" in request.url.path and not is_held.is_set():
            is_held.set()
            await hangs.wait()
        return await original(request)

    world.transport.handle_async_request = hanging  # type: ignore[method-assign]
    stuck = asyncio.create_task(schedule.poll_due())
    await is_held.wait()
    assert await other.poll_due() >= 1
    (recorded,) = await world.recorded()
    assert recorded.sale.total_incl_vat == Decimal("36.30")
    hangs.set()
    await stuck
    assert len(await world.recorded()) == 2
