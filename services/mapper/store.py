"""The mapper's tables of sales, each with its latest decision, and of the documents they became.

Queries take the connection's id and a running transaction; committing is the edge's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import Purpose, SaleVersion
from libs.common.database.statements import upsert
from libs.common.database.types import metadata
from libs.common.domain.sale import Sale


class SaleDecision(StrEnum):
    """Where the mapper stands with a sale."""

    WAITING = "waiting"
    MAPPED = "mapped"
    PROBLEM = "problem"
    IGNORED = "ignored"


class DocumentState(StrEnum):
    READY = "ready"
    BOOKED = "booked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


sales = Table(
    "mapper_sale",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("decision", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reference_number", String(64), nullable=False),
    Column("business_day", Date),
    Column("outlet", String(64), nullable=False),
    Column("is_backlog", Boolean, nullable=False),
    Column("sale", Text, nullable=False),
    Index("uq_mapper_sale_reference", "connection_id", "reference_number", unique=True),
    Index("ix_mapper_sale_state", "connection_id", "state", "sale_id"),
)


documents = Table(
    "mapper_document",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("connection_id", String(40), nullable=False),
    Column("sale_id", String(64)),
    Column("reference", String(64), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outlet", String(64), nullable=False),
    Column("business_day", Date, nullable=False),
    Index("ix_mapper_document_sale", "connection_id", "sale_id"),
    Index("ix_mapper_document_day", "connection_id", "business_day", "outlet"),
)


@dataclass(frozen=True, slots=True)
class KeptSale:
    """A sale with the mapper's latest decision about it."""

    connection_id: str
    sale_id: str
    revision: int
    decision: int
    state: SaleDecision
    reference_number: str
    business_day: date | None
    outlet: str
    is_backlog: bool
    sale: Sale

    @property
    def is_first_decision(self) -> bool:
        return self.decision == 1

    @property
    def version(self) -> SaleVersion:
        return SaleVersion(self.sale_id, self.revision, self.decision)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    id: str
    sale_id: str | None
    reference: str
    purpose: Purpose
    version: int
    state: DocumentState


@cache
def _sale_adapter() -> TypeAdapter[Sale]:
    return TypeAdapter(Sale)


async def kept_sale(transaction: AsyncConnection, connection_id: str, sale_id: str) -> KeptSale | None:
    query = select(sales).where(sales.c.connection_id == connection_id, sales.c.sale_id == sale_id)
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _kept_sale(row)


def _kept_sale(row: Any) -> KeptSale:
    fields = dict(row._mapping)
    return KeptSale(
        **fields
        | {
            "state": SaleDecision(fields["state"]),
            "sale": _sale_adapter().validate_json(fields["sale"]),
        }
    )


async def keep_sale(transaction: AsyncConnection, kept: KeptSale) -> None:
    row = {name: getattr(kept, name) for name in KeptSale.__slots__}
    row["sale"] = _sale_adapter().dump_json(kept.sale).decode()
    row["state"] = kept.state.value
    await transaction.execute(
        upsert(
            sales,
            [row],
            key=["connection_id", "sale_id"],
            update=[name for name in row if name not in ("connection_id", "sale_id")],
        )
    )


async def free_number(transaction: AsyncConnection, connection_id: str, number: str) -> str:
    """The number, or with `/2`, `/3` behind it where another sale of the connection has it already."""
    candidate, suffix = number, 1
    while await _has_number(transaction, connection_id, candidate):
        suffix += 1
        candidate = f"{number}/{suffix}"
    return candidate


async def _has_number(transaction: AsyncConnection, connection_id: str, number: str) -> bool:
    query = select(sales.c.sale_id).where(
        sales.c.connection_id == connection_id, sales.c.reference_number == number
    )
    return (await transaction.execute(query)).first() is not None


async def waiting_sales(transaction: AsyncConnection, connection_id: str, limit: int) -> list[KeptSale]:
    query = (
        select(sales)
        .where(sales.c.connection_id == connection_id, sales.c.state == SaleDecision.WAITING.value)
        .order_by(sales.c.business_day, sales.c.sale_id)
        .limit(limit)
    )
    return [_kept_sale(row) for row in await transaction.execute(query)]


async def has_waiting(transaction: AsyncConnection, connection_id: str) -> bool:
    query = select(sales.c.sale_id).where(
        sales.c.connection_id == connection_id, sales.c.state == SaleDecision.WAITING.value
    )
    return (await transaction.execute(query.limit(1))).first() is not None


async def wait_again(transaction: AsyncConnection, connection_id: str, sale_id: str | None = None) -> None:
    """Problems are to be decided again: all of the connection's, or this sale's."""
    where = and_(sales.c.connection_id == connection_id, sales.c.state == SaleDecision.PROBLEM.value)
    if sale_id is not None:
        where = and_(where, sales.c.sale_id == sale_id)
    await transaction.execute(update(sales).where(where).values(state=SaleDecision.WAITING.value))


async def set_state(
    transaction: AsyncConnection, connection_id: str, sale_id: str, state: SaleDecision
) -> None:
    where = and_(sales.c.connection_id == connection_id, sales.c.sale_id == sale_id)
    await transaction.execute(update(sales).where(where).values(state=state.value))


async def documents_of_sale(
    transaction: AsyncConnection, connection_id: str, sale_id: str
) -> list[KeptDocument]:
    """The documents of a sale that weren't withdrawn."""
    query = select(documents).where(
        documents.c.connection_id == connection_id,
        documents.c.sale_id == sale_id,
        documents.c.state != DocumentState.WITHDRAWN.value,
    )
    return [_kept_document(row) for row in await transaction.execute(query)]


async def day_documents(
    transaction: AsyncConnection, connection_id: str, outlet: str, day: date
) -> list[KeptDocument]:
    query = (
        select(documents)
        .where(
            documents.c.connection_id == connection_id,
            documents.c.business_day == day,
            documents.c.outlet == outlet,
            documents.c.purpose == Purpose.DAY_SETTLEMENT.value,
        )
        .order_by(documents.c.reference)
    )
    return [_kept_document(row) for row in await transaction.execute(query)]


def _kept_document(row: Any) -> KeptDocument:
    return KeptDocument(
        row.id, row.sale_id, row.reference, Purpose(row.purpose), row.version, DocumentState(row.state)
    )


async def keep_document(
    transaction: AsyncConnection, connection_id: str, document: KeptDocument, outlet: str, day: date
) -> None:
    row = {
        "id": document.id,
        "connection_id": connection_id,
        "sale_id": document.sale_id,
        "reference": document.reference,
        "purpose": document.purpose.value,
        "version": document.version,
        "state": document.state.value,
        "outlet": outlet,
        "business_day": day,
    }
    await transaction.execute(
        upsert(
            documents, [row], key=["id"], update=["reference", "version", "state", "outlet", "business_day"]
        )
    )


async def withdraw_document(transaction: AsyncConnection, document: KeptDocument) -> None:
    await transaction.execute(
        update(documents)
        .where(documents.c.id == document.id)
        .values(version=document.version, state=DocumentState.WITHDRAWN.value)
    )


async def set_document_state(
    transaction: AsyncConnection, document_id: str, version: int, state: DocumentState
) -> bool:
    """False where the mapper has made a newer version of the document since."""
    where = and_(documents.c.id == document_id, documents.c.version == version)
    result = await transaction.execute(update(documents).where(where).values(state=state.value))
    return result.rowcount == 1


async def sales_by_id(
    transaction: AsyncConnection, connection_id: str, sale_ids: Sequence[str]
) -> list[SaleVersion]:
    query = select(sales.c.sale_id, sales.c.revision, sales.c.decision).where(
        sales.c.connection_id == connection_id, sales.c.sale_id.in_(sale_ids)
    )
    return [SaleVersion(row.sale_id, row.revision, row.decision) for row in await transaction.execute(query)]


async def erase_sales(transaction: AsyncConnection, connection_id: str) -> None:
    """What the sales held of people goes; which sale became which document stays."""
    await transaction.execute(
        update(sales)
        .where(sales.c.connection_id == connection_id)
        .values(sale="", state=SaleDecision.IGNORED.value)
    )
