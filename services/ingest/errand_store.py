"""What ingest does for a connection beside reading today's sales, and where each of it stands.

An errand is a row with a kind, a moment at which it is due and its state as text: the backlog, the nightly
sweep, and the chores of the connection's source, whose marks are the source's own. It is only touched under
the connection's lease. One that fails waits longer and longer by itself: today's sales don't wait with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Integer, String, Table, Text, delete, select

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert
from libs.common.database.types import UtcDateTime, metadata
from libs.common.lightspeed.errors import RelationsMissing

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)

errands = Table(
    "ingest_errand",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("lacking", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("state", Text, nullable=False),
)


BACKLOG, SWEEP = "backlog", "sweep"
"""The kinds of every source; a chore's is its name. Chores are done first, as their source orders them."""


@dataclass(frozen=True, slots=True)
class BacklogWalk:
    """Changes from `since` to `until`, oldest first, done up to `read_to`; goes on at `mark`, if any.

    `has_customers` is whether all pages so far came with theirs.
    """

    since: datetime
    until: datetime
    read_to: datetime
    started_at: datetime
    sales: int = 0
    mark: str = ""
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
    mark: str = ""


State = BacklogWalk | SweepWalk | str
_STATES: Mapping[str, type[Any]] = {BACKLOG: BacklogWalk, SWEEP: SweepWalk}


@dataclass(frozen=True, slots=True)
class Errand:
    kind: str
    state: Any
    """A `State`: of a chore, its mark."""
    due_at: datetime
    failures: int = 0
    last_error: str | None = None
    lacking: int = 0
    """How many of the failures in a row were answers without relations."""

    def done(self, state: State, due_at: datetime) -> Errand:
        """A step went well: failures are forgotten."""
        return replace(self, state=state, due_at=due_at, failures=0, last_error=None, lacking=0)

    def failed(self, error: Exception, now: datetime) -> Errand:
        wait = min(FIRST_WAIT * 2 ** min(self.failures, 10), LONGEST_WAIT)
        sentence = f"{type(error).__name__}: {error}"[:500]
        lacking = self.lacking + isinstance(error, RelationsMissing)
        failures = self.failures + 1
        return replace(self, due_at=now + wait, failures=failures, last_error=sentence, lacking=lacking)


async def errands_of(transaction: Transaction, connection_id: str) -> dict[str, Errand]:
    query = select(errands).where(errands.c.connection_id == connection_id)
    return {row.kind: _errand(row) for row in await transaction.execute(query)}


def in_order(found: Sequence[Errand], chores: Sequence[str]) -> dict[str, Errand]:
    by_kind = {errand.kind: errand for errand in found}
    return {kind: by_kind[kind] for kind in (*chores, BACKLOG, SWEEP) if kind in by_kind}


async def backlog_of(transaction: Transaction, connection_id: str) -> BacklogWalk | None:
    errand = (await errands_of(transaction, connection_id)).get(BACKLOG)
    return errand.state if errand else None


async def put(transaction: Transaction, connection_id: str, errand: Errand) -> None:
    row = {
        "connection_id": connection_id,
        "kind": errand.kind,
        "due_at": errand.due_at,
        "failures": errand.failures,
        "last_error": errand.last_error,
        "lacking": errand.lacking,
        "state": _text(errand),
    }
    changing = [name for name in row if name not in ("connection_id", "kind")]
    await transaction.execute(upsert(errands, [row], key=["connection_id", "kind"], update=changing))


async def end(transaction: Transaction, connection_id: str, kind: str | None = None) -> None:
    """One kind, or all of the connection's."""
    statement = delete(errands).where(errands.c.connection_id == connection_id)
    if kind is not None:
        statement = statement.where(errands.c.kind == kind)
    await transaction.execute(statement)


def _errand(row: Any) -> Errand:
    state = _adapter(row.kind).validate_json(row.state) if row.kind in _STATES else row.state
    return Errand(row.kind, state, row.due_at, row.failures, row.last_error, row.lacking)


def _text(errand: Errand) -> str:
    if errand.kind not in _STATES:
        return str(errand.state)
    return _adapter(errand.kind).dump_json(errand.state).decode()


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_STATES[kind])
