"""Pure: calls counted in a window that slides, so that no 60 seconds ever hold more than the limit.

Nobody knows whether Exact's minute follows the clock or the calls (reference 12): never exceeding the limit
in any 60 seconds is right for both. A second's calls count until that second and 62 more have passed: two
seconds of slack, because calls travel and arrive closer together than they left.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime

HELD_SECONDS = 63
FORESEEN_SECONDS = 120
"""A mark further in the future than this was made by a clock that has been put back since."""


class Minute:
    """The calls of the last minute by the second they were reserved in."""

    def __init__(self, marks: dict[int, int]) -> None:
        self.marks = marks

    @classmethod
    def read(cls, text: str, now: datetime) -> Minute:
        """From its JSON, without what is past."""
        moment = now.timestamp()
        return cls(
            {
                int(second): count
                for second, count in json.loads(text).items()
                if moment - HELD_SECONDS < int(second) < moment + FORESEEN_SECONDS
            }
        )

    def text(self) -> str:
        return json.dumps(self.marks, separators=(",", ":"))

    def used(self) -> int:
        return sum(self.marks.values())

    def used_since(self, start: datetime) -> int:
        first = math.floor(start.timestamp())
        return sum(count for second, count in self.marks.items() if second >= first)

    def add(self, now: datetime, count: int, *, held_for: int = 0) -> None:
        """`held_for`: the calls may be made as late as so many seconds from now."""
        second = math.floor(now.timestamp()) + held_for
        self.marks[second] = self.marks.get(second, 0) + count

    def free_at(self, allowed: int) -> datetime:
        """The first moment when fewer than `allowed` calls count."""
        remaining, second = self.used(), 0
        for second in sorted(self.marks):
            remaining -= self.marks[second]
            if remaining < allowed:
                break
        return datetime.fromtimestamp(second + HELD_SECONDS, UTC)
