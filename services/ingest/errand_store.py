"""What ingest does for a connection beside reading today's sales, and where each of it stands.

An errand is a row with a kind, a moment at which it is due and its state as JSON: the backlog, the nightly
sweep, voids by id, closings of tills. It is only touched under the connection's lease. One that fails waits
longer and longer by itself: today's sales don't wait with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Integer, String, Table, Text, delete, select

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert
from libs.common.database.types import UtcDateTime, metadata
from libs.common.domain.till_close import TillMovement

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)

errands = Table(
    "ingest_errand",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_error", Text),
    Column("state", Text, nullable=False),
)


class Kind(StrEnum):
    """In the order in which they are done."""

    VOIDS = "voids"
    TILLS = "tills"
    BACKLOG = "backlog"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class BacklogWalk:
    """Changes from `since` to `until`, oldest first, done up to `read_to`; goes on at `url`, else anew there.

    `has_customers` is whether all pages so far came with theirs.
    """

    since: datetime
    until: datetime
    read_to: datetime
    started_at: datetime
    sales: int = 0
    url: str | None = None
    has_customers: bool = True

    def ends_at(self, now: datetime) -> datetime | None:
        """By the dates that are done and those to go."""
        done, took = self.read_to - self.since, now - self.started_at
        if done <= timedelta() or took <= timedelta():
            return None
        return now + took * ((self.until - self.read_to) / done)


@dataclass(frozen=True, slots=True)
class SweepWalk:
    """Sales completed from `since` to `until`, read again; None while no sweep is under way."""

    since: datetime | None = None
    until: datetime | None = None
    url: str | None = None
    field: str = "completeTime"


@dataclass(frozen=True, slots=True)
class VoidFeed:
    """Voids up to this id were seen; None before the first look."""

    last_id: int | None = None
    has_right: bool = True


@dataclass(frozen=True, slots=True)
class WaitingMovement:
    """A movement of a register that wasn't closed since."""

    register: str
    movement: TillMovement


@dataclass(frozen=True, slots=True)
class TillFeed:
    """Closings and movements up to these ids were seen; what waits belongs to a closing to come.

    `closed` is when each register was last closed.
    """

    last_count: int = 0
    last_movement: int | None = None
    waiting: tuple[WaitingMovement, ...] = ()
    closed: dict[str, datetime] = field(default_factory=dict)


State = BacklogWalk | SweepWalk | VoidFeed | TillFeed
_STATES: Mapping[Kind, type[Any]] = {
    Kind.VOIDS: VoidFeed,
    Kind.TILLS: TillFeed,
    Kind.BACKLOG: BacklogWalk,
    Kind.SWEEP: SweepWalk,
}


@dataclass(frozen=True, slots=True)
class Errand:
    kind: Kind
    state: Any
    due_at: datetime
    failures: int = 0
    last_error: str | None = None

    def done(self, state: State, due_at: datetime) -> Errand:
        """A step went well: failures are forgotten."""
        return replace(self, state=state, due_at=due_at, failures=0, last_error=None)

    def failed(self, error: Exception, now: datetime) -> Errand:
        wait = min(FIRST_WAIT * 2 ** min(self.failures, 10), LONGEST_WAIT)
        sentence = f"{type(error).__name__}: {error}"[:500]
        return replace(self, due_at=now + wait, failures=self.failures + 1, last_error=sentence)


async def errands_of(transaction: Transaction, connection_id: str) -> dict[Kind, Errand]:
    query = select(errands).where(errands.c.connection_id == connection_id)
    return in_order([_errand(row) for row in await transaction.execute(query)])


def in_order(found: Sequence[Errand]) -> dict[Kind, Errand]:
    by_kind = {errand.kind: errand for errand in found}
    return {kind: by_kind[kind] for kind in Kind if kind in by_kind}


async def backlog_of(transaction: Transaction, connection_id: str) -> BacklogWalk | None:
    errand = (await errands_of(transaction, connection_id)).get(Kind.BACKLOG)
    return errand.state if errand else None


async def put(transaction: Transaction, connection_id: str, errand: Errand) -> None:
    row = {
        "connection_id": connection_id,
        "kind": errand.kind.value,
        "due_at": errand.due_at,
        "failures": errand.failures,
        "last_error": errand.last_error,
        "state": _adapter(errand.kind).dump_json(errand.state).decode(),
    }
    changing = [name for name in row if name not in ("connection_id", "kind")]
    await transaction.execute(upsert(errands, [row], key=["connection_id", "kind"], update=changing))


async def end(transaction: Transaction, connection_id: str, kind: Kind | None = None) -> None:
    """One kind, or all of the connection's."""
    statement = delete(errands).where(errands.c.connection_id == connection_id)
    if kind is not None:
        statement = statement.where(errands.c.kind == kind.value)
    await transaction.execute(statement)


def _errand(row: Any) -> Errand:
    kind = Kind(row.kind)
    state = _adapter(kind).validate_json(row.state)
    return Errand(kind, state, row.due_at, row.failures, row.last_error)


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:
    return TypeAdapter(_STATES[kind])
