"""Every endless loop beats here, so that one that hangs can be seen from outside."""

from __future__ import annotations

import time
from collections.abc import Callable

from libs.common.observability.metrics import LOOP_LAST_BEAT


class Heartbeat:
    """When each loop last beat, by the clock that no one sets back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._beats: dict[str, float] = {}
        self._within: dict[str, float] = {}

    def expect(self, name: str, within: float) -> None:
        """From now on the loop must beat at least every so many seconds."""
        self._within[name] = within
        self._beats.setdefault(name, self._clock())

    def beat(self, name: str) -> None:
        self._beats[name] = self._clock()
        LOOP_LAST_BEAT.labels(name).set_to_current_time()

    def forget(self, name: str) -> None:
        """The loop ended on purpose."""
        self._beats.pop(name, None)
        self._within.pop(name, None)

    def silent(self) -> list[str]:
        """The loops that hang."""
        now = self._clock()
        return [name for name, within in self._within.items() if now - self._beats[name] > within]


HEARTBEAT = Heartbeat()
"""This process's loops: one process has one health."""
