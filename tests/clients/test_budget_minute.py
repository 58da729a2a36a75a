"""The sliding minute, whatever the pattern of arrivals: never over the limit, and used well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.budget.division import Division, take
from libs.common.budget.lanes import Lane, Postponed
from libs.common.budget.minute import Minute

START = datetime(2025, 3, 3, 9, 0, 30, 250_000, tzinfo=UTC)
MINUTE = timedelta(seconds=60)


def reserve(state: Division, lane: Lane, now: datetime) -> Postponed | None:
    """As the database keeps it: written and read again between any two calls."""
    taken = take(state, lane, now, 500, 5)
    state.minute = Minute.read(state.minute.text(), now)
    return taken if isinstance(taken, Postponed) else None


def fullest(calls: list[datetime]) -> int:
    """The most calls in any 60 seconds."""
    most, first = 0, 0
    for last, moment in enumerate(calls):
        while moment - calls[first] >= MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.floats(0, 20) | st.just(0.0) | st.floats(55, 70), min_size=1, max_size=400),
    lanes=st.lists(st.sampled_from(list(Lane)), min_size=1, max_size=7),
    travels=st.lists(st.floats(0, 1.9), min_size=1, max_size=5),
)
def test_no_sixty_seconds_hold_more_than_the_limit(
    gaps: list[float], lanes: list[Lane], travels: list[float]
) -> None:
    """Also where calls take up to two seconds to arrive."""
    state, now, arrived = Division.new(START), START, []
    for number, gap in enumerate(gaps * 3):
        now += timedelta(seconds=gap)
        state.minute = Minute.read(state.minute.text(), now)
        if reserve(state, lanes[number % len(lanes)], now) is None:
            arrived.append(now + timedelta(seconds=travels[number % len(travels)]))
    assert fullest(sorted(arrived)) <= 60


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 60), st.lists(st.floats(0.0, 0.4), min_size=1, max_size=20))
def test_a_backlog_uses_fifty_five_of_sixty(offset: float, durations: list[float]) -> None:
    begin = START + timedelta(seconds=offset)
    now, state, calls = begin, Division.new(begin), []
    number = 0
    while now < begin + 15 * MINUTE:
        state.minute = Minute.read(state.minute.text(), now)
        postponed = reserve(state, Lane.BACKLOG, now)
        if postponed is None:
            calls.append(now)
            number += 1
            now += timedelta(seconds=durations[number % len(durations)])
        else:
            assert postponed.until > now
            now = postponed.until
    assert len(calls) >= 55 * 15
    assert fullest(calls) <= 60


def test_when_told_to_come_back_there_is_room() -> None:
    state, now = Division.new(START), START
    for _ in range(60):
        assert reserve(state, Lane.SALES, now) is None
        now += timedelta(milliseconds=200)
    postponed = reserve(state, Lane.SALES, now)
    assert postponed is not None
    just_before = postponed.until - timedelta(milliseconds=1)
    state.minute = Minute.read(state.minute.text(), just_before)
    assert isinstance(take(state, Lane.SALES, just_before, 1, 5), Postponed)
    state.minute = Minute.read(state.minute.text(), postponed.until)
    assert take(state, Lane.SALES, postponed.until, 1, 5) == 1


def test_while_sales_wait_a_backlog_stops_at_seventy_percent_and_products_get_none() -> None:
    state, now = Division.new(START), START
    for _ in range(60):
        assert reserve(state, Lane.BACKLOG, now) is None
    waits = reserve(state, Lane.SALES, now)
    assert waits is not None
    now = waits.until
    taken = dict.fromkeys((Lane.PRODUCTS, Lane.BACKLOG, Lane.SALES), 0)
    for lane in taken:
        state.minute = Minute.read(state.minute.text(), now)
        while reserve(state, lane, now) is None:
            taken[lane] += 1
    assert taken == {Lane.PRODUCTS: 0, Lane.BACKLOG: 42, Lane.SALES: 18}
    later = reserve(state, Lane.PRODUCTS, now)
    assert later is not None
    assert later.until > now


def test_a_tenth_of_the_day_is_kept_for_finding_out_and_people() -> None:
    state = Division.new(START)
    state.day_used = 4_500
    postponed = take(state, Lane.SALES, START, 1, 5)
    assert isinstance(postponed, Postponed)
    assert postponed.until == datetime(2025, 3, 4, 0, 0, 2, tzinfo=UTC)
    assert take(state, Lane.SETTLE, START, 1, 5) == 1
    assert take(state, Lane.SET_UP, START, 1, 5) == 1
    state.day_used = 4_000
    assert take(state, Lane.SALES, START, 1, 5) == 1
    assert isinstance(take(state, Lane.BACKLOG, START, 1, 5), Postponed)


def test_calls_are_taken_ahead_only_where_there_is_plenty() -> None:
    state = Division.new(START)
    assert take(state, Lane.SALES, START, 500, 5) == 1
    state.minute_limit = state.day_limit = 1_000_000
    assert take(state, Lane.SALES, START, 500, 5) == 500
    state.minute_limit = 300
    state.minute = Minute({})
    assert take(state, Lane.SALES, START, 500, 5) == 6


def test_a_clock_put_back_blocks_nothing_for_long() -> None:
    state = Division.new(START)
    for _ in range(60):
        reserve(state, Lane.SALES, START)
    earlier = START - timedelta(hours=3)
    state.minute = Minute.read(state.minute.text(), earlier)
    assert take(state, Lane.SALES, earlier, 1, 5) == 1
