"""Pure: one division's minute and day, who may add a call now, and what an answer teaches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from libs.common.budget.headers import Family, day_family, minute_family
from libs.common.budget.lanes import (
    BEHIND_SALES,
    DAY_SHARE,
    GOES_FIRST,
    OF_SALES,
    Lane,
    Postponed,
    minute_share,
)
from libs.common.budget.minute import Minute

MINUTE_LIMIT, DAY_LIMIT = 60, 5_000
"""Exact's numbers for an app in a division (3.1), until headers say others."""
BLOCK_SHARE = 50
"""A process takes calls ahead only in blocks of a fiftieth of what is free: none where it is tight."""
WAITING = timedelta(seconds=5)
RESET_SLACK = timedelta(seconds=2)
"""The reset of the minute was seen to be slightly off (3.2)."""
TRAVEL = timedelta(seconds=2)
STRIKE_SECONDS = (60, 120)
"""How long to stay away after a 429 that says nothing, the first and the second time."""
STRIKES_FORGOTTEN = timedelta(minutes=10)
LIKE_TODAY = (timedelta(days=1), timedelta(days=7))
"""The days that say how many calls today's sales will take: a Saturday is like the last one."""


@dataclass(slots=True)
class Division:
    minute_limit: int
    day_limit: int
    minute: Minute
    day: str
    day_used: int
    blocked_until: datetime | None
    blocked_reason: str | None
    strikes: int
    struck_at: datetime | None
    sales_wait_until: datetime | None
    backlog_waits_until: datetime | None
    counts_refusals: bool
    sales_days: dict[str, int]
    """Calls that sales took, by day, of the last eight."""

    @classmethod
    def new(cls, now: datetime) -> Division:
        nothing = (None, None, 0, None, None, None, False, dict[str, int]())
        return cls(MINUTE_LIMIT, DAY_LIMIT, Minute({}), _day(now), 0, *nothing)

    @classmethod
    def read(cls, row: Mapping[str, Any], now: datetime) -> Division:
        fields = {name: row[name] for name in cls.__slots__}
        fields["minute"] = Minute.read(row["minute"], now)
        oldest = _day(now - max(LIKE_TODAY))
        days = json.loads(row["sales_days"])
        fields["sales_days"] = {day: count for day, count in days.items() if day >= oldest}
        if row["day"] != _day(now):
            fields |= {"day": _day(now), "day_used": 0}
        return cls(**fields)

    def values(self) -> dict[str, Any]:
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return {**fields, "minute": self.minute.text(), "sales_days": json.dumps(self.sales_days)}

    def blocked(self, now: datetime) -> datetime | None:
        return self.blocked_until if self.blocked_until is not None and now < self.blocked_until else None


def take(state: Division, lane: Lane, now: datetime, wanted: int, held_for: int) -> int | Postponed:
    """Counts one call, or up to `wanted` where there is plenty; else says exactly when to come back."""
    if (until := state.blocked(now)) is not None:
        return _wait(state, lane, until, state.blocked_reason or "Exact wants no calls now")
    day_allowed = allowed_in_day(state, lane, now)
    if state.day_used >= day_allowed:
        return _wait(state, lane, _midnight(now) + RESET_SLACK, "the day's calls are used")
    minute_allowed = _minute_allowed(state, lane, now)
    if not minute_allowed:
        return Postponed(state.sales_wait_until or now + WAITING, "sales go first")
    used = state.minute.used()
    if used >= minute_allowed:
        return _wait(state, lane, state.minute.free_at(minute_allowed), "the minute's calls are used")
    room = min(minute_allowed - used, day_allowed - state.day_used)
    count = max(1, min(wanted, room // BLOCK_SHARE))
    state.minute.add(now, count, held_for=held_for if count > 1 else 0)
    state.day_used += count
    if lane in OF_SALES:
        state.sales_days[_day(now)] = state.sales_days.get(_day(now), 0) + count
    return count


def allowed_in_day(state: Division, lane: Lane, now: datetime) -> int:
    """At how many of the day's calls this lane adds none: articles leave what sales will take."""
    to_come = max(0, _expected_sales(state, now) - state.sales_days.get(_day(now), 0))
    return _behind_sales(state, lane, to_come)


def allowed_in_whole_day(state: Division, lane: Lane, now: datetime) -> int:
    """As it will be tomorrow, if tomorrow is like today."""
    return _behind_sales(state, lane, _expected_sales(state, now))


def _behind_sales(state: Division, lane: Lane, sales: int) -> int:
    share = int(DAY_SHARE[lane] * state.day_limit)
    if lane not in BEHIND_SALES:
        return share
    return max(0, min(share, int(DAY_SHARE[Lane.SALES] * state.day_limit) - sales))


def _expected_sales(state: Division, now: datetime) -> int:
    return max(state.sales_days.get(_day(now - ago), 0) for ago in LIKE_TODAY)


def learn(state: Division, now: datetime, headers: Mapping[str, str]) -> None:
    """Limits and what others used, from an answer that went through."""
    minute, day = minute_family(headers), day_family(headers)
    state.minute_limit = minute.limit or state.minute_limit
    state.day_limit = day.limit or state.day_limit
    if (missing := uncounted(state.minute, minute, now)) > 0:
        state.minute.add(now, missing)
    if is_of_today(day, now) and day.used is not None:
        state.day_used = max(state.day_used, day.used)
    state.strikes = 0


def uncounted(ours: Minute, minute: Family, now: datetime) -> int:
    """Calls of this minute that Exact counted and we did not: another process of the app made them."""
    if minute.used is None or minute.reset is None or not now < minute.reset <= now + timedelta(seconds=65):
        return 0
    start = minute.reset - timedelta(seconds=60) - TRAVEL
    return max(0, minute.used - ours.used_since(start))


def is_of_today(day: Family, now: datetime) -> bool:
    """Around midnight an answer may still count yesterday's calls."""
    return day.reset is not None and now < day.reset and day.reset == _midnight(now)


def block(state: Division, now: datetime, headers: Mapping[str, str]) -> datetime | None:
    """After a 429: until when the division stays away; None where it is the endpoint that is blocked.

    Only the family that was exceeded is sent, and sometimes none (3.2).
    """
    minute, day = minute_family(headers), day_family(headers)
    if minute.is_present and (minute.remaining == 0 or not day.is_present):
        until = _reset(minute, now, 60, longest=timedelta(seconds=125))
        return _blocked(state, until, "the minute's calls are used")
    if day.is_present and (day.remaining == 0 or not minute.is_present):
        longest = timedelta(hours=25)
        until = _reset(day, now, (_midnight(now) - now).total_seconds(), longest=longest)
        return _blocked(state, until, "the day's calls are used")
    if minute.is_present or day.is_present:
        return None  # both have calls left: it is the block after too many errors (3.4)
    return _strike(state, now)


def _strike(state: Division, now: datetime) -> datetime | None:
    if state.struck_at is None or now - state.struck_at > STRIKES_FORGOTTEN:
        state.strikes = 0
    state.struck_at = now
    state.strikes += 1
    if state.strikes > len(STRIKE_SECONDS):
        state.strikes = 0
        return None
    until = now + timedelta(seconds=STRIKE_SECONDS[state.strikes - 1])
    return _blocked(state, until, "Exact asks for a pause")


def _blocked(state: Division, until: datetime, reason: str) -> datetime:
    if state.blocked_until is None or until > state.blocked_until:
        state.blocked_until, state.blocked_reason = until, reason
    return until


def _reset(family: Family, now: datetime, otherwise: float, *, longest: timedelta) -> datetime:
    reset = family.reset
    if reset is None or not now <= reset <= now + longest:
        reset = now + timedelta(seconds=otherwise)
    return reset + RESET_SLACK


def _minute_allowed(state: Division, lane: Lane, now: datetime) -> int:
    share = minute_share(
        lane,
        sales_wait=state.sales_wait_until is not None and now < state.sales_wait_until,
        backlog_waits=state.backlog_waits_until is not None and now < state.backlog_waits_until,
    )
    return max(1, int(share * state.minute_limit)) if share else 0


def _wait(state: Division, lane: Lane, until: datetime, reason: str) -> Postponed:
    """And whoever goes behind this lane leaves it the calls that are free by then."""
    if lane in GOES_FIRST:
        state.sales_wait_until = until + WAITING
    elif lane is Lane.BACKLOG:
        state.backlog_waits_until = until + WAITING
    return Postponed(until, reason)


def _day(now: datetime) -> str:
    return now.date().isoformat()


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
