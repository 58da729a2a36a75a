"""The budget of a division in the database: several processes, headers, 429s, errors."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.budget import Budget, Lane, Postponed
from libs.common.database.engine import Database
from services.sandbox.clock import Clock

START = datetime(2025, 3, 3, 9, 0, 20, tzinfo=UTC)
DAY = 86_400
KEY, ENTRIES, ITEMS = "https://start.exactonline.nl/1", "salesentry/salesentries", "logistics/items"


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def budget(database: Database, clock: Clock) -> Budget:
    return Budget(database, clock.now)


def milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def minute(limit: int, remaining: int, reset: datetime) -> dict[str, str]:
    return {
        "X-RateLimit-Minutely-Limit": str(limit),
        "X-RateLimit-Minutely-Remaining": str(remaining),
        "X-RateLimit-Minutely-Reset": milliseconds(reset),
    }


def day(limit: int, remaining: int, reset: datetime) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": milliseconds(reset),
    }


async def use(budget: Budget, most: int = 1000, lane: Lane = Lane.SALES, name: str = ENTRIES) -> int:
    """How many calls go through now."""
    for number in range(most):
        try:
            await budget.reserve_exact(KEY, name, lane)
        except Postponed:
            return number
    return most


async def a_hundred_a_day(budget: Budget) -> None:
    midnight = START.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    await budget.learn_exact(KEY, ENTRIES, 200, day(100, 100, midnight))


async def until(budget: Budget, lane: Lane = Lane.SALES, name: str = ENTRIES) -> datetime:
    with pytest.raises(Postponed) as postponed:
        await budget.reserve_exact(KEY, name, lane)
    return postponed.value.until


async def test_several_processes_share_sixty_a_minute(database: Database, clock: Clock) -> None:
    budgets = [Budget(database, clock.now) for _ in range(4)]
    taken = await asyncio.gather(*(use(each, 40) for each in budgets))
    assert sum(taken) == 60
    back = await until(budgets[0])
    clock.advance((back - clock.now()).total_seconds())
    assert sum(await asyncio.gather(*(use(each, 40) for each in budgets))) == 60


async def test_articles_leave_the_calls_that_sales_took_yesterday_or_a_week_ago(
    budget: Budget, clock: Clock
) -> None:
    await a_hundred_a_day(budget)
    clock.advance(-DAY)
    assert await use(budget, 45) == 45
    clock.advance(DAY)

    assert await use(budget, lane=Lane.PRODUCTS) == 45  # of the 90 that sales may use
    clock.advance(120)
    assert await use(budget, 45) == 45
    assert await use(budget, lane=Lane.PRODUCTS) == 0
    clock.advance(6 * DAY)
    assert await use(budget, lane=Lane.PRODUCTS) == 45
    clock.advance(2 * DAY)
    assert await use(budget, 60, Lane.PRODUCTS) == 60
    clock.advance(120)
    assert await use(budget, 60, Lane.PRODUCTS) == 10  # seven tenths of the day, as where nothing was sold


async def test_what_sales_took_today_articles_need_not_leave_again(budget: Budget, clock: Clock) -> None:
    await a_hundred_a_day(budget)
    clock.advance(-DAY)
    assert await use(budget, 60) == 60
    clock.advance(DAY)

    assert await use(budget, 30) == 30
    clock.advance(120)
    assert await use(budget, lane=Lane.PRODUCTS) == 30  # 90 less 30 that are to come, less 30 that are used


async def test_divisions_do_not_share(budget: Budget) -> None:
    assert await use(budget) == 60
    await budget.reserve_exact(KEY + "0", ENTRIES, Lane.SALES)


async def test_limits_follow_the_headers(budget: Budget, clock: Clock, database: Database) -> None:
    await use(budget, 1)
    reset = clock.now() + timedelta(seconds=40)
    midnight = datetime(2025, 3, 4, tzinfo=UTC)
    await budget.learn_exact(KEY, ENTRIES, 200, {**minute(100, 99, reset), **day(50_000, 49_000, midnight)})
    async with database.reading() as transaction:
        usage = await budget.exact_usage(transaction, KEY)
    assert (usage.minute_limit, usage.day_limit, usage.day_used) == (100, 50_000, 1_000)
    assert await use(budget) == 99


async def test_calls_of_others_are_counted(budget: Budget, clock: Clock) -> None:
    await use(budget, 1)
    await budget.learn_exact(KEY, ENTRIES, 200, minute(60, 20, clock.now() + timedelta(seconds=40)))
    assert await use(budget) == 20


async def test_a_missing_header_is_unknown_not_zero(budget: Budget) -> None:
    await use(budget, 1)
    await budget.learn_exact(KEY, ENTRIES, 200, {"X-RateLimit-Remaining": "", "X-RateLimit-Limit": "x"})
    assert await use(budget) == 59


async def test_yesterdays_headers_do_not_fill_today(database: Database) -> None:
    clock = Clock(datetime(2025, 3, 4, 0, 0, 0, 500_000, tzinfo=UTC))
    budget = Budget(database, clock.now)
    await use(budget, 1)
    await budget.learn_exact(KEY, ENTRIES, 200, day(5_000, 10, datetime(2025, 3, 4, tzinfo=UTC)))
    async with database.reading() as transaction:
        assert (await budget.exact_usage(transaction, KEY)).day_used == 1


async def test_a_minute_429_waits_for_its_reset_and_two_seconds(database: Database, clock: Clock) -> None:
    budget, other = Budget(database, clock.now), Budget(database, clock.now)
    reset = clock.now() + timedelta(seconds=40)
    assert await budget.learn_exact(KEY, ENTRIES, 429, minute(60, 0, reset)) == reset + timedelta(seconds=2)
    assert await until(other, name=ITEMS) == reset + timedelta(seconds=2)
    clock.advance(42)
    assert await use(other) == 60


async def test_a_day_429_waits_for_its_reset(budget: Budget) -> None:
    reset = datetime(2025, 3, 4, tzinfo=UTC)
    await budget.learn_exact(KEY, ENTRIES, 429, day(5_000, 0, reset))
    assert await until(budget, Lane.SETTLE) == reset + timedelta(seconds=2)


async def test_a_429_that_says_nothing_waits_60_then_120_then_parks(budget: Budget, clock: Clock) -> None:
    for seconds in (60, 120):
        await budget.learn_exact(KEY, ENTRIES, 429, {})
        assert await until(budget, name=ITEMS) == clock.now() + timedelta(seconds=seconds)
        clock.advance(seconds)
    await budget.learn_exact(KEY, ENTRIES, 429, {})
    assert await until(budget) >= clock.now() + timedelta(hours=1)
    await budget.reserve_exact(KEY, ITEMS, Lane.SALES)


async def test_an_absurd_reset_is_not_believed(budget: Budget, clock: Clock) -> None:
    await budget.learn_exact(KEY, ENTRIES, 429, minute(60, 0, clock.now() + timedelta(days=3)))
    assert await until(budget) == clock.now() + timedelta(seconds=62)


async def test_five_client_errors_stop_the_endpoint(budget: Budget, clock: Clock, database: Database) -> None:
    for status in (400, 401, 403, 404, 400):
        await use(budget, 1)
        await budget.learn_exact(KEY, ENTRIES, status, {})
        clock.advance(60)
    free_at = START + timedelta(hours=1, seconds=1)
    assert await until(budget) == free_at
    await budget.reserve_exact(KEY, ITEMS, Lane.SALES)
    await budget.reserve_exact(KEY, ENTRIES, Lane.SETTLE)
    async with database.reading() as transaction:
        usage = await budget.exact_usage(transaction, KEY)
    assert usage.blocked_endpoints == ((ENTRIES, free_at),)
    clock.advance((free_at - clock.now()).total_seconds())
    await budget.reserve_exact(KEY, ENTRIES, Lane.SALES)


async def test_settling_has_a_little_more_but_never_ten(budget: Budget) -> None:
    for _ in range(7):
        await budget.learn_exact(KEY, ENTRIES, 404, {})
    await until(budget, Lane.SETTLE)
    await until(budget, Lane.SET_UP)


async def test_refusals_stop_nothing_until_exact_is_seen_to_count_them(budget: Budget, clock: Clock) -> None:
    for _ in range(12):
        await use(budget, 1)
        await budget.learn_exact(KEY, ENTRIES, 500, {})
    assert await use(budget, 1) == 1
    await budget.learn_exact(KEY, ENTRIES, 429, {})  # a block that errors alone don't explain
    assert await until(budget) == clock.now() + timedelta(minutes=61)
    clock.advance(2 * 3600)
    for _ in range(8):
        assert await use(budget, 1) == 1
        await budget.learn_exact(KEY, ENTRIES, 500, {})
    await until(budget)


async def test_where_limits_are_far_a_reservation_costs_next_to_nothing(
    database: Database, clock: Clock
) -> None:
    budget = Budget(database, clock.now)
    generous = {"X-RateLimit-Limit": "1000000", "X-RateLimit-Minutely-Limit": "1000000"}
    await use(budget, 1)
    await budget.learn_exact(KEY, ENTRIES, 200, generous)
    started = time.perf_counter()
    for _ in range(3_000):
        await budget.reserve_exact(KEY, ENTRIES, Lane.SALES)
        await budget.learn_exact(KEY, ENTRIES, 200, generous)
    assert (time.perf_counter() - started) / 3_000 < 0.001


async def test_an_error_ends_what_was_reserved_ahead(database: Database, clock: Clock) -> None:
    budget = Budget(database, clock.now)
    await use(budget, 1)
    generous = {"X-RateLimit-Limit": "1000000", "X-RateLimit-Minutely-Limit": "1000000"}
    await budget.learn_exact(KEY, ENTRIES, 200, generous)
    await use(budget, 200)
    for _ in range(5):
        await budget.learn_exact(KEY, ENTRIES, 400, generous)
    await until(budget)
