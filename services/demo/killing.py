"""Kills each service once while it works, as a power cut would, and starts it again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from services.demo.processes import Command

SECONDS_DEAD = 0.5
FIRST_AT = 0.1
LAST_AT = 0.8


class Killings:
    """Who is killed next, and at which share of the work done."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._waiting = list(commands)
        self._step = (LAST_AT - FIRST_AT) / max(1, len(self._waiting) - 1)
        self._next_at = FIRST_AT

    async def at(self, done: float) -> str | None:
        """Kills the next service where so much of the work is done; gives its name."""
        if not self._waiting or done < self._next_at:
            return None
        self._next_at += self._step
        command = self._waiting.pop(0)
        await command.kill()
        await asyncio.sleep(SECONDS_DEAD)
        await command.start()
        return command.name
