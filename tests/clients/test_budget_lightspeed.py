"""Lightspeed's bucket: never over its brim, learned from headers, pauses kept by all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from libs.common.budget import Budget, Lane, Postponed
from libs.common.database.engine import Database
from services.sandbox.clock import Clock

START = datetime(2025, 3, 3, 9, 0, 20, tzinfo=UTC)
KEY = "lightspeed-retail/4711"


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def budget(database: Database, clock: Clock) -> Budget:
    return Budget(database, clock.now)


async def fill(budget: Budget, clock: Clock, cost: str, lane: Lane = Lane.SALES) -> Decimal:
    """What the bucket takes when a call is made every tenth of a second until it is full."""
    filled = Decimal(0)
    while True:
        try:
            await budget.reserve_lightspeed(KEY, Decimal(cost), lane)
        except Postponed as postponed:
            if postponed.reason != "enough calls in this second":
                return filled
        else:
            filled += Decimal(cost)
        clock.advance(0.1)


async def test_the_bucket_is_never_over_its_brim(budget: Budget, clock: Clock) -> None:
    filled = await fill(budget, clock, "2")
    dripped = Decimal(str((clock.now() - START).total_seconds()))
    assert 86 <= filled - dripped <= 90


async def test_it_says_when_there_is_room(budget: Budget, clock: Clock) -> None:
    await fill(budget, clock, "10")
    with pytest.raises(Postponed) as postponed:
        await budget.reserve_lightspeed(KEY, Decimal(10), Lane.SALES)
    clock.advance((postponed.value.until - clock.now()).total_seconds())
    await budget.reserve_lightspeed(KEY, Decimal(10), Lane.SALES)


async def test_a_backlog_leaves_room_for_sales(budget: Budget, clock: Clock) -> None:
    await fill(budget, clock, "5", Lane.BACKLOG)
    await budget.reserve_lightspeed(KEY, Decimal(20), Lane.SALES)
    with pytest.raises(Postponed):
        await budget.reserve_lightspeed(KEY, Decimal(1), Lane.PRODUCTS)


async def test_level_size_and_drip_are_learned(budget: Budget, clock: Clock) -> None:
    await budget.reserve_lightspeed(KEY, Decimal(10), Lane.SALES)
    headers = {
        "x-ls-api-bucket-level": "95.5/100",
        "x-ls-api-drip-rate": "1.5",
        "x-ls-api-request-cost": "2.4",
    }
    await budget.learn_lightspeed(KEY, 200, headers)
    with pytest.raises(Postponed) as postponed:
        await budget.reserve_lightspeed(KEY, Decimal("7.5"), Lane.SALES)
    assert postponed.value.until - clock.now() == pytest.approx(
        timedelta(seconds=2.05), abs=timedelta(seconds=0.01)
    )


async def test_what_is_under_way_comes_on_top_of_the_level(budget: Budget) -> None:
    for _ in range(4):
        await budget.reserve_lightspeed(KEY, Decimal(10), Lane.SALES)
    await budget.learn_lightspeed(KEY, 200, {"X-LS-API-Bucket-Level": "55/90", "X-LS-API-Request-Cost": "10"})
    await budget.reserve_lightspeed(KEY, Decimal(5), Lane.SALES)  # 55 and three of 10 under way
    with pytest.raises(Postponed):
        await budget.reserve_lightspeed(KEY, Decimal(1), Lane.SALES)


async def test_retry_after_holds_for_all(database: Database, clock: Clock) -> None:
    budget, other = Budget(database, clock.now), Budget(database, clock.now)
    await budget.learn_lightspeed(KEY, 429, {"Retry-After": "3", "X-LS-API-Bucket-Level": "92.57/90"})
    with pytest.raises(Postponed) as postponed:
        await other.reserve_lightspeed(KEY, Decimal(1), Lane.SALES)
    assert postponed.value.until == START + timedelta(seconds=3)
    await other.reserve_lightspeed(KEY + "0", Decimal(1), Lane.SALES)


async def test_a_burst_waits_for_the_next_second(budget: Budget) -> None:
    for _ in range(20):
        await budget.reserve_lightspeed(KEY, Decimal("0.1"), Lane.SALES)
    with pytest.raises(Postponed) as postponed:
        await budget.reserve_lightspeed(KEY, Decimal("0.1"), Lane.SALES)
    assert postponed.value.until == START + timedelta(seconds=1)
