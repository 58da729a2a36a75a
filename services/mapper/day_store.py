"""The mapper's tables of business days: what each sale brings to its day's settlement, and what is settled.

They also hold how far each connection has been read, so that a day closes only when all of it is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.statements import insert_new, upsert
from libs.common.database.types import UtcDateTime, metadata
from libs.common.domain.document import JournalLine
from libs.common.domain.sale import Sale
from services.mapper.store import DocumentState, KeptSale, documents

day_money = Table(
    "mapper_day_money",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("business_day", Date, nullable=False),
    Column("outlet", String(64), nullable=False),
    Column("lines", Text, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Index("ix_mapper_day_money_open", "connection_id", "is_settled", "business_day", "outlet"),
)


settled_money = Table(
    "mapper_settled_money",
    metadata,
    Column("document_id", String(40), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Column("lines", Text, nullable=False),
    Index("ix_mapper_settled_money_sale", "connection_id", "sale_id"),
)


progress = Table(
    "mapper_progress",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("read_position", Integer, nullable=False),
    Column("read_until", UtcDateTime),
)


outlets = Table(
    "mapper_outlet",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("outlet", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet with the short number of ours that stands in references."""

    id: str
    number: int
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """How much of a connection's sales has been read at the till, and how much of that has come here."""

    seen: int
    read_position: int
    read_until: datetime | None

    @property
    def has_all(self) -> bool:
        return self.read_until is not None and self.seen >= self.read_position


@cache
def _lines_adapter() -> TypeAdapter[tuple[JournalLine, ...]]:
    return TypeAdapter(tuple[JournalLine, ...])


def _text_of(lines: Sequence[JournalLine]) -> str:
    return _lines_adapter().dump_json(tuple(lines)).decode()


async def keep_day_money(
    transaction: AsyncConnection, kept: KeptSale, day: date, lines: Sequence[JournalLine]
) -> None:
    row = {
        "connection_id": kept.connection_id,
        "sale_id": kept.sale_id,
        "business_day": day,
        "outlet": kept.outlet,
        "lines": _text_of(lines),
        "is_settled": False,
    }
    await transaction.execute(
        upsert(
            day_money,
            [row],
            key=["connection_id", "sale_id"],
            update=["business_day", "outlet", "lines", "is_settled"],
        )
    )


async def drop_day_money(transaction: AsyncConnection, connection_id: str, sale_id: str) -> None:
    """The sale's money no longer belongs to its day; what was settled already is to be taken back."""
    where = and_(day_money.c.connection_id == connection_id, day_money.c.sale_id == sale_id)
    await transaction.execute(update(day_money).where(where).values(lines="[]", is_settled=False))


async def unsettled_days(transaction: AsyncConnection, connection_id: str) -> list[tuple[date, str]]:
    query = (
        select(day_money.c.business_day, day_money.c.outlet)
        .where(day_money.c.connection_id == connection_id, day_money.c.is_settled.is_(False))
        .distinct()
        .order_by(day_money.c.business_day, day_money.c.outlet)
    )
    return [(row.business_day, row.outlet) for row in await transaction.execute(query)]


async def money_of_day(
    transaction: AsyncConnection, connection_id: str, outlet: str, day: date
) -> dict[str, tuple[JournalLine, ...]]:
    """The unsettled sales of the day with the money they bring, by sale id."""
    query = select(day_money.c.sale_id, day_money.c.lines).where(
        day_money.c.connection_id == connection_id,
        day_money.c.is_settled.is_(False),
        day_money.c.business_day == day,
        day_money.c.outlet == outlet,
    )
    return {
        row.sale_id: _lines_adapter().validate_json(row.lines) for row in await transaction.execute(query)
    }


async def money_settled(
    transaction: AsyncConnection, connection_id: str, sale_ids: Sequence[str]
) -> dict[str, list[JournalLine]]:
    """What standing settlement documents hold of these sales already."""
    query = (
        select(settled_money.c.sale_id, settled_money.c.lines)
        .join(documents, documents.c.id == settled_money.c.document_id)
        .where(
            settled_money.c.connection_id == connection_id,
            settled_money.c.sale_id.in_(sale_ids),
            documents.c.state.in_([DocumentState.READY.value, DocumentState.BOOKED.value]),
        )
    )
    found: dict[str, list[JournalLine]] = {}
    for row in await transaction.execute(query):
        found.setdefault(row.sale_id, []).extend(_lines_adapter().validate_json(row.lines))
    return found


async def keep_settled(
    transaction: AsyncConnection,
    connection_id: str,
    document_id: str,
    shares: Mapping[str, Sequence[JournalLine]],
) -> None:
    """These sales' money is in this document now."""
    rows = [
        {
            "document_id": document_id,
            "sale_id": sale_id,
            "connection_id": connection_id,
            "lines": _text_of(lines),
        }
        for sale_id, lines in shares.items()
    ]
    await transaction.execute(upsert(settled_money, rows, key=["document_id", "sale_id"], update=["lines"]))


async def mark_settled(transaction: AsyncConnection, connection_id: str, sale_ids: Sequence[str]) -> None:
    where = and_(day_money.c.connection_id == connection_id, day_money.c.sale_id.in_(sale_ids))
    await transaction.execute(update(day_money).where(where).values(is_settled=True))


async def unsettle_rejected(
    transaction: AsyncConnection, connection_id: str, day: date | None = None, outlet: str | None = None
) -> None:
    """Days whose settlement Exact refused are to be settled again: all of them, or this one."""
    refused = (
        select(settled_money.c.sale_id)
        .join(documents, documents.c.id == settled_money.c.document_id)
        .where(
            settled_money.c.connection_id == connection_id,
            documents.c.state == DocumentState.REJECTED.value,
        )
    )
    if day is not None:
        refused = refused.where(documents.c.business_day == day, documents.c.outlet == outlet)
    where = and_(day_money.c.connection_id == connection_id, day_money.c.sale_id.in_(refused))
    await transaction.execute(update(day_money).where(where).values(is_settled=False))


async def take_turn(transaction: AsyncConnection, connection_id: str, *, seen: int = 0) -> None:
    """Holds the connection to the end of the transaction, so that replicas decide one after another.

    `seen` counts the sales that have come here, each once.
    """
    where = progress.c.connection_id == connection_id
    counted = update(progress).where(where).values(seen=progress.c.seen + seen)
    if (await transaction.execute(counted)).rowcount:
        return
    row = {"connection_id": connection_id, "seen": 0, "read_position": 0}
    await transaction.execute(insert_new(progress, [row]))
    await transaction.execute(counted)


async def note_read(
    transaction: AsyncConnection, connection_id: str, read_until: datetime, position: int
) -> None:
    where = and_(progress.c.connection_id == connection_id, progress.c.read_position <= position)
    await transaction.execute(
        update(progress).where(where).values(read_until=read_until, read_position=position)
    )


async def read_so_far(transaction: AsyncConnection, connection_id: str) -> ReadSoFar:
    query = select(progress).where(progress.c.connection_id == connection_id)
    row = (await transaction.execute(query)).one_or_none()
    return ReadSoFar(0, 0, None) if row is None else ReadSoFar(row.seen, row.read_position, row.read_until)


async def keep_outlet(transaction: AsyncConnection, sale: Sale, connection_id: str) -> None:
    """A new outlet gets the next short number of ours; the connection's turn is taken."""
    known = select(outlets.c.number).where(
        outlets.c.connection_id == connection_id, outlets.c.outlet == sale.outlet
    )
    if (await transaction.execute(known)).first() is not None:
        return
    highest = select(func.max(outlets.c.number)).where(outlets.c.connection_id == connection_id)
    row = {
        "connection_id": connection_id,
        "outlet": sale.outlet,
        "number": ((await transaction.execute(highest)).scalar() or 0) + 1,
        "name": sale.outlet_name,
        "time_zone": sale.time_zone,
    }
    await transaction.execute(insert_new(outlets, [row]))


async def outlet_of(transaction: AsyncConnection, connection_id: str, outlet: str) -> Outlet:
    query = select(outlets).where(outlets.c.connection_id == connection_id, outlets.c.outlet == outlet)
    row = (await transaction.execute(query)).one()
    return Outlet(row.outlet, row.number, row.name, row.time_zone)


async def erase_money(transaction: AsyncConnection, connection_id: str) -> None:
    """The lines of days name debtors; they are needed no more."""
    for table in (day_money, settled_money):
        await transaction.execute(table.delete().where(table.c.connection_id == connection_id))
