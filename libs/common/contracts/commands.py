"""Commands from the portal to the service that owns the work, and what connections report back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SyncRequested:
    """Poll this connection now."""

    type: ClassVar[str] = "sync.requested"
    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class RetryRequested:
    """Decide about this sale again, under today's rules."""

    type: ClassVar[str] = "sale.retry"
    version: ClassVar[int] = 1
    sale_id: str


@dataclass(frozen=True, slots=True)
class IgnoreRequested:
    """A person says that this sale is not to be booked, and why."""

    type: ClassVar[str] = "sale.ignore"
    version: ClassVar[int] = 1
    sale_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """The rules changed, or the connection was switched on: decide again about what waits or is a problem."""

    type: ClassVar[str] = "rules.changed"
    version: ClassVar[int] = 1
    rules_version: int


@dataclass(frozen=True, slots=True)
class RebookRequested:
    """Credit what stands of these business days, both included, and book it again under today's rules."""

    type: ClassVar[str] = "rebook.requested"
    version: ClassVar[int] = 1
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ConnectionAttention:
    """A service can't go on with this connection until a person acts: a consent is gone, a right missing."""

    type: ClassVar[str] = "connection.attention"
    version: ClassVar[int] = 1
    reason: str
    grant_id: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionEnded:
    """The connection is over: drop what waits and erase what is personal; money facts and references stay."""

    type: ClassVar[str] = "connection.ended"
    version: ClassVar[int] = 1
