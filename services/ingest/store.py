"""ingest's tables: sales as they came, where each connection's reading stands, what sales only name by id.

Queries take the connection's id and a running transaction; committing is the edge's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    case,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row

from libs.common.database.engine import Transaction
from libs.common.database.registry import ConnectionState, connections
from libs.common.database.statements import claim, insert_new, upsert
from libs.common.database.types import UtcDateTime, metadata
from libs.common.domain.sale import SaleState

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10.0
"""A lease outlives its process by half a minute; a living one renews it while a page is under way."""

raw_sales = Table(
    "ingest_raw_sale",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("decision", Integer, nullable=False),
    Column("content_hash", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("has_customer", Boolean, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("changed_at", UtcDateTime),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Index("ix_ingest_raw_sale_state", "connection_id", "state"),
)

cursors = Table(
    "ingest_cursor",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("watermark", UtcDateTime),
    Column("read_since", UtcDateTime),
    Column("has_customers", Boolean, nullable=False),
    Column("mark", Text, nullable=False),
    Column("walk_since", UtcDateTime),
    Column("walk_started_at", UtcDateTime),
    Column("days", Text),
    Column("position", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("requested_at", UtcDateTime),
    Column("lease_owner", String(40)),
    Column("lease_until", UtcDateTime),
    Column("fence", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("lacking", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("attention", Text),
    Index("ix_ingest_cursor_due", "due_at"),
)

references = Table(
    "ingest_reference",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
    Column("reference", Text, nullable=False),
)

wanted_sales = Table(
    "ingest_wanted_sale",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
)

UNREADABLE = "unreadable"


class LeaseLost(Exception):
    """Another poller has taken this connection over; nothing of this poll may be kept any more."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the reading of a connection stands.

    All changes from `read_since` to `watermark` were read, with customers where `has_customers`, but for what
    its backlog holds. `mark` is where the last walk left off; it isn't finished where it has a `walk_since`.
    `lacking` is how many of its `failures` in a row were answers without relations.
    `position` counts the messages about its sales and their reading; `days` are what is known of its outlets'
    days, as JSON.
    """

    connection_id: str
    watermark: datetime | None
    read_since: datetime | None
    has_customers: bool
    mark: str
    walk_since: datetime | None
    walk_started_at: datetime | None
    days: str | None
    position: int
    requested_at: datetime | None
    fence: int
    failures: int
    lacking: int
    attention: str | None
    lease_owner: str | None


@dataclass(frozen=True, slots=True)
class KeptSale:
    """What is known of a sale that was read before; revision 0 was never told to anybody."""

    sale_id: str
    revision: int
    decision: int
    content_hash: str
    state: str
    has_customer: bool
    changed_at: datetime | None

    @property
    def may_be_booked(self) -> bool:
        """A problem that isn't the first word on a sale may follow one that was told as completed."""
        return self.state == SaleState.COMPLETED or (self.state == UNREADABLE and self.revision > 1)


async def without_cursor(transaction: Transaction, sources: Collection[str], limit: int = 500) -> list[str]:
    """Readable connections of the sources that nobody ever polled."""
    joined = connections.outerjoin(cursors, cursors.c.connection_id == connections.c.id)
    query = (
        select(connections.c.id)
        .select_from(joined)
        .where(
            cursors.c.connection_id.is_(None),
            connections.c.source.in_(list(sources)),
            connections.c.ended_at.is_(None),
            connections.c.lightspeed_grant_id.is_not(None),
            connections.c.lightspeed_account.is_not(None),
            connections.c.state != ConnectionState.TRIAL_ENDED.value,
        )
        .limit(limit)
    )
    return list((await transaction.execute(query)).scalars())


async def enrol(transaction: Transaction, connection_ids: Sequence[str], now: datetime) -> None:
    """Gives each connection its cursor, due at once."""
    new = [_new_cursor(connection_id, now) for connection_id in connection_ids]
    if new:
        await transaction.execute(insert_new(cursors, new))


def _new_cursor(connection_id: str, now: datetime) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "has_customers": False,
        "mark": "",
        "position": 0,
        "due_at": now,
        "fence": 0,
        "failures": 0,
    }


def _is_due(now: datetime, due_by: datetime) -> Any:
    is_free = or_(cursors.c.lease_until.is_(None), cursors.c.lease_until < now)
    return and_(cursors.c.due_at <= due_by, is_free)


async def has_due(transaction: Transaction, now: datetime, due_by: datetime) -> bool:
    query = select(cursors.c.connection_id).where(_is_due(now, due_by)).limit(1)
    return (await transaction.execute(query)).first() is not None


async def claim_due(transaction: Transaction, owner: str, now: datetime, due_by: datetime) -> Cursor | None:
    """The connection that is due the longest, under a lease; its fence is higher than any before."""
    values = {
        "lease_owner": owner,
        "lease_until": now + LEASE,
        "fence": cursors.c.fence + 1,
    }
    rows = await claim(transaction, cursors, _is_due(now, due_by), cursors.c.due_at, 1, values)
    return _cursor(rows[0]) if rows else None


async def free_leases(transaction: Transaction) -> None:
    """For the embedded default alone, at its start: whoever held one died with the last process."""
    await transaction.execute(update(cursors).values(lease_owner=None, lease_until=None))


def _holds(lease: Cursor) -> Any:
    return and_(
        cursors.c.connection_id == lease.connection_id,
        cursors.c.lease_owner == lease.lease_owner,
        cursors.c.fence == lease.fence,
    )


async def change_held(
    transaction: Transaction, lease: Cursor, now: datetime, values: Mapping[str, Any] | None = None
) -> Cursor:
    """Renews the lease and changes the cursor, whose row stays locked; raises `LeaseLost`."""
    changes = {"lease_until": now + LEASE, **(values or {})}
    statement = update(cursors).where(_holds(lease)).values(**changes).returning(*cursors.columns)
    row = (await transaction.execute(statement)).one_or_none()
    if row is None:
        raise LeaseLost(lease.connection_id)
    return _cursor(row)


async def release(
    transaction: Transaction, lease: Cursor, *, due_at: datetime, was_polled: bool = False, **values: Any
) -> None:
    """Due again at `due_at`, or at once where it was asked for meanwhile; no matter if the lease is lost.

    What was asked for stays so until a poll went through.
    """
    asked = cursors.c.requested_at
    is_asked = asked.is_not(None) if lease.requested_at is None else asked > lease.requested_at
    changes = {
        "lease_owner": None,
        "lease_until": None,
        "due_at": case((is_asked, asked), else_=due_at),
        "requested_at": case((is_asked, asked), else_=None) if was_polled else asked,
        **values,
    }
    await transaction.execute(update(cursors).where(_holds(lease)).values(**changes))


async def make_due(transaction: Transaction, connection_id: str, now: datetime, **values: Any) -> None:
    """A person asks, or consented anew: what failed before delays nothing any more."""
    values = {"due_at": now, "requested_at": now, "failures": 0, "lacking": 0, **values}
    statement = update(cursors).where(cursors.c.connection_id == connection_id)
    await transaction.execute(statement.values(**values))


async def kept_sales(
    transaction: Transaction, connection_id: str, sale_ids: Sequence[str]
) -> dict[str, KeptSale]:
    columns = [raw_sales.c[name] for name in KeptSale.__slots__]
    query = select(*columns).where(
        raw_sales.c.connection_id == connection_id, raw_sales.c.sale_id.in_(list(sale_ids))
    )
    return {row.sale_id: KeptSale(*row) for row in await transaction.execute(query)}


async def keep_sales(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """New ones whole; of those that stand, everything but when they were first seen."""
    if not rows:
        return
    changing = [name for name in rows[0] if name not in ("connection_id", "sale_id", "first_seen_at")]
    statement = upsert(raw_sales, rows, key=["connection_id", "sale_id"], update=changing)
    await transaction.execute(statement)


async def payloads(transaction: Transaction, connection_id: str, sale_ids: Sequence[str]) -> dict[str, bytes]:
    query = select(raw_sales.c.sale_id, raw_sales.c.payload).where(
        raw_sales.c.connection_id == connection_id, raw_sales.c.sale_id.in_(list(sale_ids))
    )
    return {row.sale_id: row.payload for row in await transaction.execute(query)}


async def unreadable_sales(transaction: Transaction, connection_id: str, limit: int = 1000) -> list[str]:
    query = select(raw_sales.c.sale_id).where(
        raw_sales.c.connection_id == connection_id, raw_sales.c.state == UNREADABLE
    )
    return list((await transaction.execute(query.limit(limit))).scalars())


async def want_sales(transaction: Transaction, connection_id: str, sale_ids: Iterable[str]) -> None:
    """To be fetched again, one by one, behind today's sales."""
    rows = [{"connection_id": connection_id, "sale_id": sale_id} for sale_id in sale_ids]
    if rows:
        await transaction.execute(insert_new(wanted_sales, rows))


async def wanted(transaction: Transaction, connection_id: str, limit: int) -> list[str]:
    query = select(wanted_sales.c.sale_id).where(wanted_sales.c.connection_id == connection_id)
    found = await transaction.execute(query.order_by(wanted_sales.c.sale_id).limit(limit))
    return list(found.scalars())


async def no_longer_wanted(transaction: Transaction, connection_id: str, sale_ids: Sequence[str]) -> None:
    chosen = and_(wanted_sales.c.connection_id == connection_id, wanted_sales.c.sale_id.in_(list(sale_ids)))
    await transaction.execute(delete(wanted_sales).where(chosen))


async def kept_reference(transaction: Transaction, connection_id: str) -> tuple[datetime, str] | None:
    query = select(references.c.read_at, references.c.reference)
    row = (await transaction.execute(query.where(references.c.connection_id == connection_id))).one_or_none()
    return None if row is None else (row.read_at, row.reference)


async def keep_reference(
    transaction: Transaction, connection_id: str, read_at: datetime, reference: str
) -> None:
    row = {"connection_id": connection_id, "read_at": read_at, "reference": reference}
    statement = upsert(references, [row], key=["connection_id"], update=["read_at", "reference"])
    await transaction.execute(statement)


def _cursor(row: Row[Any]) -> Cursor:
    return Cursor(**{name: row._mapping[name] for name in Cursor.__slots__})
