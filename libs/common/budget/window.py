"""Calls of a Lightspeed account that are counted in a window of five minutes, shared by all (X-Series 6).

Nobody knows whether the window follows the clock or the calls: never exceeding the limit in any five minutes
is right for both. What others use of the same budget is known from the headers, and held against it for a
window's length. A tenth of the whole is left to whatever else the store has running.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import select, update

from libs.common.budget.headers import decimal_of, text_of
from libs.common.budget.lanes import WINDOW_SHARE, Lane, Postponed
from libs.common.budget.tables import windows
from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import insert_new
from libs.common.observability.metrics import POSTPONED
from libs.common.service import Now

WINDOW_SECONDS = 300
HELD_SECONDS = WINDOW_SECONDS + 3
"""A call counts a little longer than the window: calls travel, and arrive closer together than they left."""
LIMIT = 350
"""Of a store with one register, until headers say another."""
MOST = Decimal(1_000_000)
"""A limit that nobody reaches; a larger one has no room in the table."""
WAIT_UNTOLD = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
UNDER_WAY_SECONDS = 60
"""For so long a call may have been reserved that the vendor hasn't counted yet."""


@dataclass(slots=True)
class Window:
    limit: int
    marks: dict[int, int]
    """Our calls by the second they were reserved in."""
    others: int
    """Calls of others in the window, as far as headers gave them away."""
    others_until: datetime | None
    blocked_until: datetime | None

    @classmethod
    def new(cls) -> Window:
        return cls(LIMIT, {}, 0, None, None)

    def take(self, lane: Lane, now: datetime) -> Postponed | None:
        """Counts the call; or says when the window has room for it."""
        self._forget(now)
        if self.blocked_until is not None and now < self.blocked_until:
            return Postponed(self.blocked_until, "Lightspeed asks for a pause")
        allowed = max(1, math.floor(self.limit * Decimal(str(WINDOW_SHARE[lane])))) - self.others
        if sum(self.marks.values()) >= allowed:
            return Postponed(self._free_at(allowed, now), "Lightspeed's window is used")
        second = math.floor(now.timestamp())
        self.marks[second] = self.marks.get(second, 0) + 1
        return None

    def learn(self, status: int, headers: Mapping[str, str], now: datetime) -> None:
        self._forget(now)
        limit, remaining = (
            decimal_of(headers, "x-ratelimit-limit"),
            decimal_of(headers, "x-ratelimit-remaining"),
        )
        if limit:
            self.limit = int(min(limit, MOST))
        if remaining is not None:
            self._count_others(self.limit - int(min(remaining, MOST)), now)
        if status == 429:
            self.blocked_until = max(self.blocked_until or now, pause_until(headers, now))

    def _count_others(self, used: int, now: datetime) -> None:
        """What the vendor counts beyond our own; if it counts less, its window has begun anew."""
        young = math.floor(now.timestamp()) - UNDER_WAY_SECONDS
        under_way = sum(count for second, count in self.marks.items() if second > young)
        ours = sum(self.marks.values())
        for second in sorted(self.marks):
            if ours <= used + under_way:
                break
            ours -= self.marks.pop(second)
        found = max(0, used - ours)
        if found >= self.others:
            self.others, self.others_until = found, now + timedelta(seconds=WINDOW_SECONDS)

    def _forget(self, now: datetime) -> None:
        oldest = now.timestamp() - HELD_SECONDS
        self.marks = {second: count for second, count in self.marks.items() if second > oldest}
        if self.others_until is not None and now >= self.others_until:
            self.others, self.others_until = 0, None

    def _free_at(self, allowed: int, now: datetime) -> datetime:
        """The first moment with room: when enough of ours has passed, or what others used is forgotten."""
        remaining = sum(self.marks.values())
        for second in sorted(self.marks):
            remaining -= self.marks[second]
            if remaining < allowed:
                return datetime.fromtimestamp(second + HELD_SECONDS, UTC)
        return self.others_until or now + timedelta(seconds=WINDOW_SECONDS)

    def values(self) -> dict[str, Any]:
        marks = json.dumps(self.marks, separators=(",", ":"))
        return {
            "call_limit": self.limit,
            "marks": marks,
            "others": self.others,
            "others_until": self.others_until,
            "blocked_until": self.blocked_until,
        }


def pause_until(headers: Mapping[str, str], now: datetime) -> datetime:
    """`Retry-After` is an HTTP date here; seconds are understood too, and with neither it is 30 s (6)."""
    said = text_of(headers, "Retry-After")
    seconds = decimal_of(headers, "Retry-After")
    until = now + WAIT_UNTOLD
    if seconds is not None:
        until = now + timedelta(seconds=min(float(seconds), LONGEST_PAUSE.total_seconds()))
    elif said:
        until = _moment(said) or until
    return min(max(until, now + timedelta(seconds=1)), now + LONGEST_PAUSE)


def _moment(said: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WindowBudget:
    database: Database
    now: Now

    async def reserve(self, account_key: str, lane: Lane) -> None:
        async def step(transaction: Transaction) -> Postponed | None:
            window = await _read(transaction, account_key)
            now = self.now()  # after the row is ours: waiting for it took time
            postponed = window.take(lane, now)
            await _write(transaction, account_key, window)
            return postponed

        if (postponed := await self.database.run(step)) is not None:
            POSTPONED.labels(system="lightspeed", lane=lane.value).inc()
            raise postponed

    async def learn(self, account_key: str, status: int, headers: Mapping[str, str]) -> datetime | None:
        async def step(transaction: Transaction) -> datetime | None:
            window = await _read(transaction, account_key)
            window.learn(status, headers, self.now())
            await _write(transaction, account_key, window)
            return window.blocked_until if status == 429 else None

        return await self.database.run(step)


async def _read(transaction: Transaction, key: str) -> Window:
    query = select(windows).where(windows.c.account_key == key).with_for_update()
    found = (await transaction.execute(query)).one_or_none()
    if found is None:
        new = {"account_key": key, **Window.new().values()}
        await transaction.execute(insert_new(windows, [new]))
        found = (await transaction.execute(query)).one()
    marks = {int(second): count for second, count in json.loads(found.marks).items()}
    return Window(found.call_limit, marks, found.others, found.others_until, found.blocked_until)


async def _write(transaction: Transaction, key: str, window: Window) -> None:
    await transaction.execute(update(windows).where(windows.c.account_key == key).values(**window.values()))
