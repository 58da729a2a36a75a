"""Numbers that the till gave to no sale that was read: asked for one by one, and told where it has none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from libs.common.contracts.sales import NumberGap, NumbersMissing
from libs.common.database.engine import Database
from libs.common.domain.rules import Rules
from libs.common.lightspeed.retail_numbers import CHORE
from services.sandbox.receipts import BAKERY, GIFTWARE, read_receipts
from services.sandbox.retail import events
from services.sandbox.retail.rows import Row
from tests.services.ingest_world import World, a_world
from tests.shared import RECEIPTS, needs

A_DAY = 86_400
REAL = needs(RECEIPTS, "numbers of real receipts")


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


async def missing(world: World) -> list[tuple[int, int]]:
    """What was told last."""
    told: list[NumbersMissing] = await world.told(NumbersMissing)
    return [(gap.first, gap.last) for gap in told[-1].gaps] if told else []


async def pass_days(world: World, days: int = 2) -> None:
    """Reads a day, and lets the look at its numbers go by."""
    schedule = world.schedule()
    for _ in range(days):
        world.clock.advance(A_DAY)
        await world.read(schedule)
        for _ in range(3):
            world.clock.advance(61)
            await schedule.poll_due()


async def pass_weeks(world: World, weeks: int) -> None:
    for _ in range(weeks):
        world.clock.advance(6 * A_DAY)
        await pass_days(world, 1)


async def settled(world: World) -> World:
    """Past the first looks, which find out from where on numbers count."""
    world.sell(3)
    await world.read()
    await pass_days(world, 2)
    return world


def take_away(world: World, sale: Row) -> None:
    world.account["Sale"].remove(sale)


async def test_numbers_that_run_on_are_nothing_to_tell(world):
    await settled(world)
    world.sell(5)
    await pass_days(world, 3)

    assert await world.told(NumbersMissing) == []


async def test_numbers_without_a_sale_are_told_as_ranges(world):
    await settled(world)
    _, two, three, _, five = world.sell(5)
    for gone in (two, three, five):
        take_away(world, gone)
    world.sell()
    await pass_days(world, 3)

    assert await missing(world) == [(two.key, three.key), (five.key, five.key)]
    assert len(await world.told(NumbersMissing)) == 1


async def test_what_was_sold_today_is_not_looked_at_yet(world):
    await settled(world)
    first, _ = world.sell(2)
    take_away(world, first)
    await pass_days(world, 1)

    assert await missing(world) == []


async def test_open_cancelled_and_voided_sales_fill_their_numbers(world):
    await settled(world)
    world.sell(completed=False, payments=())
    world.sell(completed=False, payments=(), archived=True)
    (sold,) = world.sell()
    events.void(world.account, sold, world.retail.switches)
    world.sell()
    await pass_days(world, 3)

    assert await world.told(NumbersMissing) == []


async def test_a_sale_that_no_list_showed_is_read_by_its_number(world):
    """Its stamps lie before what is read by change, and before what is swept."""
    await settled(world)
    await pass_weeks(world, 6)
    hidden, _ = world.sell(2)
    long_ago = world.clock.now() - timedelta(days=30)
    world.account.change(hidden, updatetime=long_ago, completeTime=long_ago, timeStamp=long_ago)
    await world.read()
    known = {each.sale.id for each in await world.recorded()}
    assert str(hidden.key) not in known

    await pass_days(world, 3)

    assert str(hidden.key) in {each.sale.id for each in await world.recorded()}
    assert await world.told(NumbersMissing) == []


async def test_a_number_is_no_longer_told_once_its_sale_is_there(world):
    await settled(world)
    late, _ = world.sell(2)
    take_away(world, late)
    await pass_days(world, 3)
    assert await missing(world) == [(late.key, late.key)]

    world.account["Sale"].add(late.fields, key=late.key)
    await pass_days(world, 2)

    assert str(late.key) in {each.sale.id for each in await world.recorded()}
    assert await missing(world) == []


async def test_what_came_otherwise_is_no_longer_told_either(world):
    await settled(world)
    late, _ = world.sell(2)
    take_away(world, late)
    await pass_days(world, 3)

    row = world.account["Sale"].add(late.fields, key=late.key)
    world.account.change(row, updatetime=world.clock.now())
    await world.read()
    take_away(world, row)
    await pass_days(world, 1)

    assert await missing(world) == []


async def test_numbers_of_before_the_start_date_are_nobodys(database):
    """The ticket that was opened then and paid now brings none of them in."""
    async with a_world(database, Rules(start_date=date(2026, 3, 1))) as world:
        long_ago = datetime(2026, 1, 5, 10, tzinfo=UTC)
        (opened,) = world.sell(at=long_ago, completed=False, payments=())
        for sale in world.sell(20, at=long_ago, changed_at=long_ago)[::2]:
            take_away(world, sale)
        world.sell(3)
        world.account.change(
            opened, updatetime=world.clock.now(), completed=True, completeTime=world.clock.now()
        )
        await world.read()
        await pass_days(world, 4)

        assert await world.told(NumbersMissing) == []


async def test_numbers_from_the_start_date_on_count_where_the_connection_came_later(database):
    """A hundred sales show where its numbers begin; those behind them are looked at."""
    async with a_world(database, Rules(start_date=date(2026, 3, 1))) as world:
        sold = [
            sale
            for day in range(1, 12)
            for sale in world.sell(
                20,
                at=datetime(2026, 3, day, 12, tzinfo=UTC),
                changed_at=datetime(2026, 3, day, 12, tzinfo=UTC),
            )
        ]
        gone = sold[180]
        take_away(world, gone)
        await world.read()
        await pass_days(world, 3)

        assert await missing(world) == [(gone.key, gone.key)]


async def test_a_long_time_is_looked_at_in_parts(database):
    async with a_world(database, Rules(start_date=date(2026, 3, 1))) as world:
        at = datetime(2026, 3, 2, 12, tzinfo=UTC)
        sold = world.sell(1300, at=at, changed_at=at)
        wanted = [sold[200], sold[1150], sold[1290]]
        for gone in wanted:
            take_away(world, gone)
        await world.read()
        await pass_days(world, 3)

        assert await missing(world) == [(gone.key, gone.key) for gone in wanted]


async def test_looking_costs_a_call_a_day(world):
    await settled(world)
    world.sell(30)
    await pass_days(world, 3)
    before = [url for url in world.transport.requests if "sort=-saleID" in str(url)]
    numbered = [url for url in world.transport.requests if "saleID=IN" in str(url)]
    await pass_days(world, 3)

    after = [url for url in world.transport.requests if "sort=-saleID" in str(url)]
    assert len(after) - len(before) == 3
    assert [url for url in world.transport.requests if "saleID=IN" in str(url)] == numbered


async def test_after_a_quarter_a_number_is_no_longer_asked_for(world):
    await settled(world)
    gone, _ = world.sell(2)
    take_away(world, gone)
    await pass_days(world, 3)
    assert await missing(world) == [(gone.key, gone.key)]

    await pass_weeks(world, 15)
    await pass_days(world, 2)

    assert await missing(world) == []


@REAL
@pytest.mark.parametrize("file", [BAKERY, GIFTWARE])
async def test_of_real_receipts_only_what_is_gone_is_missed(database, file):
    """250 of a file, sold one after the other; three of them taken away behind the first hundred."""
    async with a_world(database, Rules(start_date=date(2025, 9, 1))) as world:
        await world.read()
        start = world.clock.now()
        tickets = islice(read_receipts(RECEIPTS / file, start), 250)
        sold = [world.retail.sell(world.account, replace(one, shop=None)) for one in tickets]
        gone = [sold[150], sold[151], sold[240]]
        for sale in gone:
            take_away(world, sale)
        await world.read()
        await pass_days(world, 3)

        assert await missing(world) == [(gone[0].key, gone[1].key), (gone[2].key, gone[2].key)]


def test_the_chore_has_a_name_that_ingest_can_keep() -> None:
    assert len(CHORE) <= 16
    assert NumberGap(5, 7).count == 3
