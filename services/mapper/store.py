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
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    false,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import AnyDocument, Purpose, SaleVersion
from libs.common.database.statements import upsert
from libs.common.database.types import metadata
from libs.common.domain.document import Document
from libs.common.domain.sale import Sale


class SaleDecision(StrEnum):
    """Where the mapper stands with a sale."""

    WAITING = "waiting"
    """To be decided about."""
    MAPPED = "mapped"
    PROBLEM = "problem"
    IGNORED = "ignored"
    BY_HAND = "by-hand"
    """A person said that it isn't to be booked; what happens to it at the till changes nothing of that."""


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
    Column("is_rebooked", Boolean, nullable=False, server_default=false()),
    Column("reason", Text, nullable=False, server_default=""),
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
    Column("family", String(64), nullable=False, server_default=""),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outlet", String(64), nullable=False),
    Column("part", String(64), nullable=False, server_default=""),
    Column("business_day", Date, nullable=False),
    Column("day_share", String(40)),
    Column("content", Text, nullable=False, server_default=""),
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
    is_rebooked: bool = False
    """Whether what stands of it is to be credited and booked again under today's rules."""
    reason: str = ""
    """A person's, for leaving it out."""

    @property
    def is_first_decision(self) -> bool:
        return self.decision == 1

    @property
    def version(self) -> SaleVersion:
        return SaleVersion(self.sale_id, self.revision, self.decision)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as it was handed on last, or as it stands where a newer version came too late."""

    id: str
    sale_id: str | None
    reference: str
    purpose: Purpose
    version: int
    state: DocumentState
    content: Document | None
    """None once the people in it are forgotten."""
    family: str = ""
    """Which part of its sale it books, corrections included: "turnover", "settlement", ..."""
    outlet: str = ""
    part: str = ""
    day: date | None = None
    day_share: str | None = None
    """Of a day's document: the id under which its sales' shares are kept."""


@cache
def _document_adapter() -> TypeAdapter[Document]:
    return TypeAdapter(AnyDocument)


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


async def wait_again(
    transaction: AsyncConnection, connection_id: str, sale_ids: Sequence[str] | None = None
) -> None:
    """Problems are to be decided again: all of the connection's, or these sales'."""
    where = and_(sales.c.connection_id == connection_id, sales.c.state == SaleDecision.PROBLEM.value)
    if sale_ids is not None:
        where = and_(where, sales.c.sale_id.in_(sale_ids))
    await transaction.execute(update(sales).where(where).values(state=SaleDecision.WAITING.value))


async def decide_anew(transaction: AsyncConnection, connection_id: str, sale_ids: Sequence[str]) -> None:
    """These sales are to be decided again, whatever was decided; what a person ignored stays so."""
    for start in range(0, len(sale_ids), 500):
        where = and_(
            sales.c.connection_id == connection_id,
            sales.c.sale_id.in_(sale_ids[start : start + 500]),
            sales.c.state != SaleDecision.BY_HAND.value,
            sales.c.sale != "",
        )
        await transaction.execute(update(sales).where(where).values(state=SaleDecision.WAITING.value))


async def rebook_days(transaction: AsyncConnection, connection_id: str, first: date, last: date) -> int:
    """Everything that was decided about sales of these days is to be credited and decided anew."""
    where = and_(
        sales.c.connection_id == connection_id,
        sales.c.business_day.between(first, last),
        sales.c.state != SaleDecision.BY_HAND.value,
        sales.c.sale != "",
    )
    marked = update(sales).where(where).values(state=SaleDecision.WAITING.value, is_rebooked=True)
    return (await transaction.execute(marked)).rowcount


async def set_state(
    transaction: AsyncConnection, connection_id: str, sale_id: str, state: SaleDecision
) -> None:
    where = and_(sales.c.connection_id == connection_id, sales.c.sale_id == sale_id)
    await transaction.execute(update(sales).where(where).values(state=state.value))


async def documents_of_sale(
    transaction: AsyncConnection, connection_id: str, sale_id: str
) -> list[KeptDocument]:
    """The documents of a sale that weren't withdrawn, in the order in which they were made."""
    query = (
        select(documents)
        .where(
            documents.c.connection_id == connection_id,
            documents.c.sale_id == sale_id,
            documents.c.state != DocumentState.WITHDRAWN.value,
        )
        .order_by(documents.c.business_day, documents.c.reference)
    )
    return [_kept_document(row) for row in await transaction.execute(query)]


async def day_documents(
    transaction: AsyncConnection, connection_id: str, outlet: str, part: str, day: date
) -> list[KeptDocument]:
    """The documents of a day as a whole, refused and withdrawn ones too."""
    query = (
        select(documents)
        .where(
            documents.c.connection_id == connection_id,
            documents.c.business_day == day,
            documents.c.outlet == outlet,
            documents.c.part == part,
            documents.c.day_share.is_not(None),
        )
        .order_by(documents.c.reference)
    )
    return [_kept_document(row) for row in await transaction.execute(query)]


async def documents_of_share(
    transaction: AsyncConnection, connection_id: str, day_share: str
) -> list[KeptDocument]:
    query = select(documents).where(
        documents.c.connection_id == connection_id, documents.c.day_share == day_share
    )
    return [_kept_document(row) for row in await transaction.execute(query)]


async def document_of_family(
    transaction: AsyncConnection, connection_id: str, family: str
) -> KeptDocument | None:
    """Of a family that has one document at most."""
    query = select(documents).where(documents.c.connection_id == connection_id, documents.c.family == family)
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _kept_document(row)


async def document(transaction: AsyncConnection, document_id: str) -> KeptDocument | None:
    row = (await transaction.execute(select(documents).where(documents.c.id == document_id))).one_or_none()
    return None if row is None else _kept_document(row)


def _kept_document(row: Any) -> KeptDocument:
    return KeptDocument(
        id=row.id,
        sale_id=row.sale_id,
        reference=row.reference,
        purpose=Purpose(row.purpose),
        version=row.version,
        state=DocumentState(row.state),
        content=_document_adapter().validate_json(row.content) if row.content else None,
        family=row.family,
        outlet=row.outlet,
        part=row.part,
        day=row.business_day,
        day_share=row.day_share,
    )


async def keep_document(transaction: AsyncConnection, connection_id: str, kept: KeptDocument) -> None:
    row = {
        "id": kept.id,
        "connection_id": connection_id,
        "sale_id": kept.sale_id,
        "reference": kept.reference,
        "purpose": kept.purpose.value,
        "family": kept.family,
        "version": kept.version,
        "state": kept.state.value,
        "outlet": kept.outlet,
        "part": kept.part,
        "business_day": kept.day,
        "day_share": kept.day_share,
        "content": "" if kept.content is None else _document_adapter().dump_json(kept.content).decode(),
    }
    changing = [name for name in row if name not in ("id", "connection_id", "sale_id", "purpose")]
    await transaction.execute(upsert(documents, [row], key=["id"], update=changing))


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
    found: list[SaleVersion] = []
    for start in range(0, len(sale_ids), 500):
        query = select(sales.c.sale_id, sales.c.revision, sales.c.decision).where(
            sales.c.connection_id == connection_id, sales.c.sale_id.in_(sale_ids[start : start + 500])
        )
        rows = await transaction.execute(query)
        found += [SaleVersion(row.sale_id, row.revision, row.decision) for row in rows]
    return found


async def erase_sales(transaction: AsyncConnection, connection_id: str) -> None:
    """What sales and documents held of people goes; which sale became which document stays."""
    await transaction.execute(
        update(sales)
        .where(sales.c.connection_id == connection_id)
        .values(sale="", state=SaleDecision.IGNORED.value)
    )
    await transaction.execute(
        update(documents).where(documents.c.connection_id == connection_id).values(content="")
    )
