"""What a bus promises; `rabbit` and `in_process` keep it alike, and one suite of tests holds them to it.

A message that `publish` returned for is durable, and reaches every service subscribed to its type at least
once, in no promised order. A delivery that ends in a defect is tried again a few times and then laid aside
as a dead letter of that service, to be looked into and replayed. What nobody subscribes to is no error: it
is kept apart as "unrouted", since the service that wants it may only be deployed later. Too many dead letters
in an hour stop the consumer, so that a bad release halts the line instead of emptying it into the bin.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from libs.common.contracts.envelope import Envelope

BATCH = 100
"""Messages a consumer takes into one transaction."""
GATHER_SECONDS = 0.04
"""How long whoever was woken waits for more, so that what comes together shares a transaction."""
DEFECT_ATTEMPTS = 4
"""Deliveries of a message, the last of which makes it a dead letter where it ends in a defect."""
DEFECT_PAUSE = 0.25
"""Seconds before a message that ended in a defect comes again, times its attempts."""
UNROUTED = "unrouted"


class Outcome(StrEnum):
    HANDLED = "handled"
    DEFECT = "defect"
    LATER = "later"
    """The database couldn't be used: no fault of the message, so it comes again and no attempt is counted."""


Deliver = Callable[[Sequence[Envelope]], Awaitable[list[Outcome]]]


class BusUnavailable(Exception):
    """Not all was made durable: what was published may or may not arrive, so publish it again."""


class TooManyDeadLetters(Exception):
    """The consumer of this service stopped itself."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message laid aside: `id` names it together with its service ("mapper:3f2a...")."""

    id: str
    service: str
    envelope: Envelope
    reason: str
    at: datetime | None


class Bus(Protocol):
    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        """Returns when all are durable, else raises `BusUnavailable`."""

    async def subscribe(self, service: str, types: Sequence[str]) -> None:
        """From here on messages of these types wait for the service, whether it runs or not."""

    async def consume(self, service: str, types: Sequence[str], deliver: Deliver) -> None:
        """Subscribes and delivers, endless; cancelled, it lets the batch in hand finish.

        Raises `TooManyDeadLetters` where it stopped itself.
        """

    def is_consuming(self, service: str) -> bool: ...

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]: ...

    async def replay(self, dead_letter_id: str) -> bool:
        """Gives the dead letter to its service again; False where there is none of that id."""

    async def depths(self) -> dict[str, int]:
        """Messages waiting, by "mapper", its dead letters "mapper.dead", and "unrouted"."""

    async def close(self) -> None: ...


class DeadLetterLimit:
    """Counts one consumer's dead letters over the last hour, in this process: a restart begins anew."""

    def __init__(
        self, limit: int, *, seconds: float = 3600, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._moments: deque[float] = deque()

    def count(self, service: str) -> None:
        """Call before a message is laid aside; raises `TooManyDeadLetters` instead of the one too many."""
        now = self._clock()
        while self._moments and self._moments[0] <= now - self._seconds:
            self._moments.popleft()
        if len(self._moments) >= self._limit:
            raise TooManyDeadLetters(
                f"{service}: {self._limit} messages became dead letters within {self._seconds:.0f} s"
            )
        self._moments.append(now)
