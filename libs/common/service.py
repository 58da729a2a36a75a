"""What a service is: a name, consumers, endless tasks and, for people and programs, a web app.

Each service's `app.build(house)` wires one from the `House`; the command line runs one or all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.envelope import Envelope
from libs.common.database.engine import Database
from libs.common.settings import Settings

Handler = Callable[[AsyncConnection, Envelope], Awaitable[None]]
"""Takes one message inside the transaction that also holds its inbox row; never calls out to the network."""

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class House:
    """What every service is built from."""

    settings: Settings
    database: Database
    now: Now


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    consumers: Mapping[str, Handler] = field(default_factory=dict)
    """Message type to handler; the service's queue is bound to exactly these."""
    tasks: tuple[Callable[[], Awaitable[None]], ...] = ()
    """Endless loops; cancelling one is the normal way to stop it."""
    web: Any = None
    """An ASGI app served beside health and metrics."""
    close: Callable[[], Awaitable[None]] | None = None


async def close_in_turn(*closings: Callable[[], Awaitable[None]]) -> None:
    """For a service's `close`: what uses another comes before it."""
    for close in closings:
        await close()
