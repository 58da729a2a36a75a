"""Wake-ups between loops of one process: announced inside a transaction, given once it is committed.

Only a short cut: whoever listens also polls, since other processes and crashes give no signal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from weakref import WeakSet

from sqlalchemy.ext.asyncio import AsyncConnection

_KEY = "kassakoppeling.announced"


class Signals:
    """Who of this process wants to hear of what."""

    def __init__(self) -> None:
        self._events: dict[str, WeakSet[asyncio.Event]] = {}

    def listen(self, name: str) -> asyncio.Event:
        """An event of the caller's own, set after each commit that announced the name. Clear it yourself."""
        event = asyncio.Event()
        self._events.setdefault(name, WeakSet()).add(event)
        return event

    def fire(self, names: Iterable[str]) -> None:
        for name in names:
            for event in self._events.get(name, ()):
                event.set()


def announce(transaction: AsyncConnection, name: str) -> None:
    announced(transaction).add(name)


def announced(transaction: AsyncConnection) -> set[str]:
    names: set[str] = transaction.info.setdefault(_KEY, set())
    return names
