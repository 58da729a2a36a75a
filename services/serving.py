"""Serves one address beside a process's other work, until it is told to stop.

A process stops cleanly on SIGTERM or SIGINT: it takes nothing new, finishes what is under way, and
leaves the rest where the next start finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Coroutine, Iterator
from typing import Any

import uvicorn

from services.names import CannotStart

SHUTDOWN_SECONDS = 15


def listen(port: int) -> socket.socket:
    """The port, taken before anything else starts, so that a second process fails with a sentence."""
    # With the protocol named, asyncio sends answers at once; else each waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("0.0.0.0", port))
        listening.listen()  # bound alone, a second process may bind it too
    except OSError:
        listening.close()
        raise CannotStart(f"port {port} is in use; choose another with --port") from None
    return listening


class _Server(uvicorn.Server):
    """uvicorn without its own handling of signals: several tasks share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(web: Any, listening: socket.socket) -> None:
    """Serves until cancelled, then lets the requests in hand finish."""
    server = _Server(
        uvicorn.Config(
            web, log_config=None, access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS, lifespan="off"
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


async def until_told_to_stop(*work: Coroutine[Any, Any, None]) -> None:
    """Runs the work until SIGTERM or SIGINT, or until one piece ends by itself; then stops all of it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(piece) for piece in work]
    told = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, told], return_when=asyncio.FIRST_COMPLETED)
    ended = [task for task in tasks if task.done()]
    told.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
