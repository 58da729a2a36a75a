"""Pure: the error budget of one endpoint. Exact blocks it after ten errors an hour; we stop at five (3.4)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from libs.common.budget.lanes import Lane

COUNTED = (400, 401, 403, 404)
REFUSED = 500
HOUR = 3600
MOST_ERRORS = 5
MOST_TOGETHER = 8
"""Errors and refusals, once Exact was seen to count its refusals; its text says that it doesn't."""
BLOCKS_AT = 10
SPARE = {Lane.SETTLE: 2, Lane.SET_UP: 2}
"""Finding out what became of a write, and a person who mends the cause, go on a little longer."""
PARKED = timedelta(minutes=61)
KEPT = 50


@dataclass(slots=True)
class Endpoint:
    errors: list[int]
    refusals: list[int]
    blocked_until: datetime | None

    @classmethod
    def read(cls, errors: str | None, refusals: str | None, blocked_until: datetime | None) -> Endpoint:
        return cls(json.loads(errors or "[]"), json.loads(refusals or "[]"), blocked_until)

    def values(self) -> dict[str, object]:
        return {
            "errors": json.dumps(self.errors[-KEPT:]),
            "refusals": json.dumps(self.refusals[-KEPT:]),
            "blocked_until": self.blocked_until,
        }

    def note(self, status: int, now: datetime) -> None:
        second = int(now.timestamp())
        self.errors = _last_hour(self.errors, second)
        self.refusals = _last_hour(self.refusals, second)
        if status in COUNTED:
            self.errors.append(second)
        elif status == REFUSED:
            self.refusals.append(second)

    def park(self, now: datetime) -> datetime:
        """Exact has blocked it; trying again meanwhile would make the block grow."""
        self.blocked_until = now + PARKED
        return self.blocked_until

    def looks_blocked(self, now: datetime) -> bool:
        """Whether our own count says that the ten errors may be full."""
        second = int(now.timestamp())
        return len(_last_hour(self.errors + self.refusals, second)) >= MOST_TOGETHER

    def shows_counted_refusals(self, now: datetime) -> bool:
        """Exact blocked it, and by errors alone it had no reason to."""
        errors = _last_hour(self.errors, int(now.timestamp()))
        return len(errors) < BLOCKS_AT - 2 and self.looks_blocked(now)

    def free_at(self, lane: Lane, now: datetime, *, counts_refusals: bool) -> datetime | None:
        """When it may be called again; None: now."""
        spare = SPARE.get(lane, 0)
        second = int(now.timestamp())
        waits = [_below(_last_hour(self.errors, second), MOST_ERRORS + spare)]
        if counts_refusals:
            together = sorted(_last_hour(self.errors + self.refusals, second))
            waits.append(_below(together, MOST_TOGETHER + min(spare, 1)))
        if self.blocked_until is not None and now < self.blocked_until:
            waits.append(self.blocked_until)
        return max((each for each in waits if each is not None), default=None)


def _last_hour(seconds: list[int], now: int) -> list[int]:
    return [second for second in seconds if now - HOUR < second <= now + HOUR]


def _below(seconds: list[int], most: int) -> datetime | None:
    """When fewer than `most` of them lie within an hour."""
    if len(seconds) < most:
        return None
    return datetime.fromtimestamp(seconds[-most] + HOUR + 1, UTC)
