"""Rows in the order of their versions: one counter for all tables of a merchant, with gaps (5.1, 18)."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

FIRST_VERSION = 91_000_000
LARGEST_GAP = 9
END_OF_IDS = "~"


@dataclass(kw_only=True)
class Stored:
    """What every row has; `stored_at` is when it first stood in its table."""

    id: str
    version: int = 0
    stored_at: datetime | None = None
    deleted_at: datetime | None = None


class Versions:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._last = FIRST_VERSION + dice.randrange(1_000_000)

    def take(self) -> int:
        self._last += self._dice.randint(1, LARGEST_GAP)
        return self._last


Row = TypeVar("Row", bound=Stored)


class Table(Generic[Row]):
    """A row that is put again moves to the end; the log keeps the places that it left."""

    def __init__(self, versions: Versions, now: Callable[[], datetime]) -> None:
        self._versions = versions
        self._now = now
        self._rows: dict[str, Row] = {}
        self._log: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[Row]:
        """In the order in which they were first put."""
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: str) -> Row:
        return self._rows[key]

    def get(self, key: str) -> Row | None:
        return self._rows.get(key)

    def put(self, row: Row) -> Row:
        row.version = self._versions.take()
        row.stored_at = row.stored_at or self._now()
        self._rows[row.id] = row
        self._log.append((row.version, row.id))
        if len(self._log) > 1000 + 4 * len(self._rows):
            self._log = [place for place in self._log if self._is_current(place)]
        return row

    def after(self, version: int) -> Iterator[Row]:
        """Ascending, those with a higher version."""
        for place in self._log[bisect_right(self._log, (version, END_OF_IDS)) :]:
            if self._is_current(place):
                yield self._rows[place[1]]

    def before(self, version: int) -> Iterator[Row]:
        """Descending, those with a lower version."""
        for place in reversed(self._log[: bisect_left(self._log, (version, ""))]):
            if self._is_current(place):
                yield self._rows[place[1]]

    def _is_current(self, place: tuple[int, str]) -> bool:
        return self._rows[place[1]].version == place[0]
