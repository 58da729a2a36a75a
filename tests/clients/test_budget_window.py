"""X-Series' window of five minutes: a tenth is left to others, and what headers say of them counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.budget import Budget, Lane, Postponed
from libs.common.budget.window import Window, pause_until
from libs.common.database.engine import Database
from services.sandbox.clock import Clock

START = datetime(2026, 3, 14, 9, 0, 20, tzinfo=UTC)
KEY = "lightspeed-x:fietshuis"


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def budget(database: Database, clock: Clock) -> Budget:
    return Budget(database, clock.now)


def fill(window: Window, clock: Clock, lane: Lane = Lane.SALES) -> tuple[int, Postponed]:
    """How many calls, ten a second, the window takes, and what it says then."""
    taken = 0
    while (postponed := window.take(lane, clock.now())) is None:
        taken += 1
        clock.advance(0.1)
    return taken, postponed


def test_one_register_has_350_calls_of_which_a_tenth_is_left_to_others(clock: Clock) -> None:
    """300 and 50; 90 % is 315. The first calls were made at :20, and count for 303 seconds."""
    window = Window.new()

    taken, postponed = fill(window, clock)

    assert taken == 315
    assert postponed.until == START + timedelta(seconds=303)
    clock.advance((postponed.until - clock.now()).total_seconds())
    assert window.take(Lane.SALES, clock.now()) is None


def test_a_backlog_leaves_room_for_todays_sales(clock: Clock) -> None:
    """70 % of 350 is 245, up to 315 are left."""
    window = Window.new()

    assert fill(window, clock, Lane.BACKLOG)[0] == 245
    assert fill(window, clock)[0] == 70


def test_the_headers_say_the_limit_and_what_others_use(clock: Clock) -> None:
    """Two registers: 650, of which 90 % is 585; others made 500 calls."""
    window = Window.new()
    assert window.take(Lane.SALES, clock.now()) is None
    window.learn(200, {"X-RateLimit-Limit": "650", "x-ratelimit-remaining": "149"}, clock.now())

    assert fill(window, clock)[0] == 84


def test_a_window_that_began_anew_is_used_at_once(clock: Clock) -> None:
    """The vendor counts one call, and ours of a minute ago no more."""
    window = Window.new()
    fill(window, clock)
    clock.advance(60)
    window.learn(200, {"x-ratelimit-limit": "350", "x-ratelimit-remaining": "349"}, clock.now())

    assert fill(window, clock)[0] == 314


async def test_what_others_used_is_forgotten_with_the_window(budget: Budget, clock: Clock) -> None:
    await budget.reserve_in_window(KEY, Lane.SALES)
    await budget.learn_window(KEY, 200, {"x-ratelimit-limit": "350", "x-ratelimit-remaining": "10"})
    with pytest.raises(Postponed) as waits:
        await budget.reserve_in_window(KEY, Lane.SALES)

    clock.advance((waits.value.until - clock.now()).total_seconds())

    await budget.reserve_in_window(KEY, Lane.SALES)


async def test_a_limit_that_nobody_reaches_stops_nothing(budget: Budget) -> None:
    headers = {"x-ratelimit-limit": "99999999999", "x-ratelimit-remaining": "99999999998"}
    await budget.reserve_in_window(KEY, Lane.SALES)

    await budget.learn_window(KEY, 200, headers)

    await budget.reserve_in_window(KEY, Lane.SALES)


async def test_a_429_stops_all_until_the_date_it_names(budget: Budget, clock: Clock) -> None:
    await budget.reserve_in_window(KEY, Lane.SALES)

    until = await budget.learn_window(KEY, 429, {"Retry-After": "Sat, 14 Mar 2026 09:02:00 GMT"})

    assert until == datetime(2026, 3, 14, 9, 2, tzinfo=UTC)
    with pytest.raises(Postponed) as waits:
        await budget.reserve_in_window(KEY, Lane.SET_UP)
    assert waits.value.until == until


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "Sat, 14 Mar 2026 09:01:20 GMT"}, 60),
        ({"retry-after": "45"}, 45),
        ({}, 30),
        ({"Retry-After": "soon"}, 30),
        ({"Retry-After": "Sat, 14 Mar 2026 08:00:00 GMT"}, 1),
        ({"Retry-After": "Mon, 14 Mar 2044 08:00:00 GMT"}, 900),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: int) -> None:
    assert pause_until(headers, START) == START + timedelta(seconds=seconds)
