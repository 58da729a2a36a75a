"""Where keeping each connection in step stands, under a lease: one process works on a connection at a time.

A lease has a fence that rises with each owner, and is checked in every transaction of a turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.engine import Row

from libs.common.database.engine import Transaction
from libs.common.database.registry import ConnectionState, connections
from libs.common.database.statements import claim, insert_new
from services.products.store import counts, items, links, prices, quantities, readings, sales, states

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10.0


class LeaseLost(Exception):
    """Another process has taken this connection over; nothing of this turn may be kept any more."""


@dataclass(frozen=True, slots=True)
class State:
    """`terms` says what is kept in step between what, `approved` the terms that a person said yes to."""

    connection_id: str
    requested_at: datetime | None
    lease_owner: str | None
    fence: int
    failures: int
    attention: str | None
    terms: str
    approved: str
    till_mark: str
    till_due_at: datetime
    till_read_at: datetime | None
    books_mark: str
    books_due_at: datetime
    facts: str
    facts_at: datetime | None
    day: date | None
    pace: str
    told: str
    number: int
    meaning: str
    stock_mark: str


async def without_state(transaction: Transaction, sources: Sequence[str], limit: int = 500) -> list[str]:
    """Switched-on connections of these sources that nobody ever worked on."""
    joined = connections.outerjoin(states, states.c.connection_id == connections.c.id)
    query = (
        select(connections.c.id)
        .select_from(joined)
        .where(
            states.c.connection_id.is_(None),
            connections.c.source.in_(list(sources)),
            connections.c.ended_at.is_(None),
            connections.c.lightspeed_grant_id.is_not(None),
            connections.c.lightspeed_account.is_not(None),
            connections.c.exact_grant_id.is_not(None),
            connections.c.division.is_not(None),
            connections.c.state == ConnectionState.ACTIVE.value,
        )
        .limit(limit)
    )
    return list((await transaction.execute(query)).scalars())


async def enrol(transaction: Transaction, connection_ids: Sequence[str], now: datetime) -> None:
    new = [_new(connection_id, now) for connection_id in connection_ids]
    if new:
        await transaction.execute(insert_new(states, new))


def _new(connection_id: str, now: datetime) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("terms", "approved", "till_mark", "books_mark", "stock_mark", "facts", "meaning", "pace", "told"), ""
    )
    moments = dict.fromkeys(("due_at", "till_due_at", "books_due_at"), now)
    return {"connection_id": connection_id, "fence": 0, "failures": 0, "number": 0, **texts, **moments}


def _is_due(now: datetime, due_by: datetime) -> Any:
    is_free = or_(states.c.lease_until.is_(None), states.c.lease_until < now)
    return and_(states.c.due_at <= due_by, is_free)


async def has_due(transaction: Transaction, now: datetime, due_by: datetime) -> bool:
    query = select(states.c.connection_id).where(_is_due(now, due_by)).limit(1)
    return (await transaction.execute(query)).first() is not None


async def claim_due(transaction: Transaction, owner: str, now: datetime, due_by: datetime) -> State | None:
    """The connection that is due the longest."""
    values = {"lease_owner": owner, "lease_until": now + LEASE, "fence": states.c.fence + 1}
    rows = await claim(transaction, states, _is_due(now, due_by), states.c.due_at, 1, values)
    return _state(rows[0]) if rows else None


async def free_leases(transaction: Transaction) -> None:
    """For the embedded default alone, at its start: whoever held one died with the last process."""
    await transaction.execute(update(states).values(lease_owner=None, lease_until=None))


def _holds(lease: State) -> Any:
    return and_(
        states.c.connection_id == lease.connection_id,
        states.c.lease_owner == lease.lease_owner,
        states.c.fence == lease.fence,
    )


async def hold(
    transaction: Transaction, lease: State, now: datetime, values: Mapping[str, Any] | None = None
) -> State:
    """Renews the lease and changes the state, whose row stays locked; raises `LeaseLost`."""
    changes = {"lease_until": now + LEASE, **(values or {})}
    statement = update(states).where(_holds(lease)).values(**changes).returning(*states.columns)
    row = (await transaction.execute(statement)).one_or_none()
    if row is None:
        raise LeaseLost(lease.connection_id)
    return _state(row)


async def release(
    transaction: Transaction, lease: State, *, due_at: datetime, went_well: bool = False, **values: Any
) -> None:
    """Due again at `due_at`, or at once where it was asked for meanwhile; no matter if the lease is lost."""
    asked = states.c.requested_at
    changes = {
        "lease_owner": None,
        "lease_until": None,
        "due_at": case((_is_asked_since(lease), asked), else_=due_at),
        "requested_at": answered(lease) if went_well else asked,
        **values,
    }
    await transaction.execute(update(states).where(_holds(lease)).values(**changes))


def answered(lease: State) -> Any:
    """What is left of what was asked for: what came meanwhile."""
    return case((_is_asked_since(lease), states.c.requested_at), else_=None)


def _is_asked_since(lease: State) -> Any:
    asked = states.c.requested_at
    return asked.is_not(None) if lease.requested_at is None else asked > lease.requested_at


async def lock(transaction: Transaction, connection_id: str) -> None:
    """Until the transaction's end no turn keeps anything."""
    mine = states.c.connection_id == connection_id
    await transaction.execute(select(states.c.connection_id).where(mine).with_for_update())


async def make_due(transaction: Transaction, connection_id: str, now: datetime, **values: Any) -> None:
    """A person asks, or chose anew: both sides are read at once, and what failed before delays nothing."""
    changes = {"due_at": now, "requested_at": now, "failures": 0, "till_due_at": now, "books_due_at": now}
    statement = update(states).where(states.c.connection_id == connection_id)
    await transaction.execute(statement.values(**changes, **values))


async def forget(transaction: Transaction, connection_id: str, *, whole: bool) -> None:
    """What was read and linked; with `whole`, that there ever was anything."""
    first = (states, readings, sales) if whole else ()  # in the order in which others lock them
    for table in (*first, links, prices, items, quantities, counts):
        await transaction.execute(delete(table).where(table.c.connection_id == connection_id))


def _state(row: Row[Any]) -> State:
    return State(**{name: row._mapping[name] for name in State.__slots__})
