"""The one kind of endless loop: it beats, backs off on a defect, and ends when it is cancelled.

Together with the consumers' edge and the request handlers this is the only place that catches every
exception, so that one bad step neither ends a loop nor passes unseen.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from libs.common.observability.heartbeat import HEARTBEAT, Heartbeat
from libs.common.observability.metrics import LOOP_DEFECTS

log = structlog.get_logger()

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0


async def forever(
    name: str,
    step: Callable[[], Awaitable[object]],
    *,
    every: float,
    wake: asyncio.Event | None = None,
    heartbeat: Heartbeat = HEARTBEAT,
    patience: float = 300.0,
) -> None:
    """Runs `step`, then again after `every` seconds or as soon as `wake` is set, endless.

    `patience` is how long one step may take before health says that the loop hangs.
    """
    defects = 0
    heartbeat.expect(name, every + LONGEST_PAUSE + patience)
    try:
        while True:
            heartbeat.beat(name)
            if wake is not None:
                wake.clear()  # before the step: what is announced meanwhile counts
            defects = 0 if await _goes_well(name, step) else defects + 1
            if defects:
                await asyncio.sleep(_pause(defects))
            else:
                await _wait(every, wake)
    finally:
        heartbeat.forget(name)


async def supervised(name: str, task: Callable[[], Awaitable[None]]) -> None:
    """Runs a task that is endless by itself, and starts it again should a defect end it."""
    defects = 0
    while not await _goes_well(name, task):
        defects += 1
        await asyncio.sleep(_pause(defects))


@asynccontextmanager
async def meanwhile(name: str, step: Callable[[], Awaitable[object]], *, every: float) -> AsyncIterator[None]:
    """Runs `step` every so many seconds for as long as the body runs, as a lease wants to be renewed."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(every)
            await step()

    repeating = asyncio.create_task(supervised(name, repeat), name=name)
    try:
        yield
    finally:
        repeating.cancel()
        await asyncio.wait({repeating})


async def _goes_well(name: str, step: Callable[[], Awaitable[object]]) -> bool:
    try:
        await step()
    except (Exception, asyncio.CancelledError):  # a library's own cancelled future is not a wish to stop us
        heed_cancellation()
        LOOP_DEFECTS.labels(name).inc()
        log.exception("loop step failed", loop=name)
        return False
    heed_cancellation()
    return True


def heed_cancellation() -> None:
    """Call after any call into a library, in a loop that must end when it is cancelled.

    A cancellation that arrives just as a call finishes is swallowed by some libraries, and by
    `asyncio.wait_for` before Python 3.12; the task remembers it all the same.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _pause(defects: int) -> float:
    """Longer each time, and never two loops at the same beat."""
    return random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(defects, 10))


async def _wait(seconds: float, wake: asyncio.Event | None) -> None:
    if wake is None:
        await asyncio.sleep(seconds)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
