"""Reads sales from the projections: lists by place, one sale with all that is known of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection
from libs.common.domain.document import Document
from libs.common.domain.sale import Sale
from services.portal.projections import document_adapter, sale_adapter
from services.portal.sale_facts import DocumentFacts, SaleFacts, SaleState, document_facts_of, facts_of
from services.portal.store import (
    contents,
    day_document_sales,
    day_documents,
    documents,
    sales,
    timeline,
)
from services.portal.tenants import Page

COLUMNS = (
    sales.c.sale_id,
    sales.c.number,
    sales.c.outlet,
    sales.c.completed_at,
    sales.c.business_day,
    sales.c.total_cents,
    sales.c.state,
    sales.c.facts,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sales: business days both included, a state or some, a number."""

    since: date | None = None
    until: date | None = None
    state: SaleState | None = None
    search: str | None = None
    sale_ids: Sequence[str] | None = None
    states: Sequence[SaleState] = ()


@dataclass(frozen=True, slots=True)
class SaleRow:
    id: str
    number: str
    outlet: str
    completed_at: datetime | None
    business_day: date | None
    total_cents: int | None
    state: SaleState
    facts: SaleFacts


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    event: str
    facts: dict[str, Any]


TOLD = or_(sales.c.number != "", sales.c.total_cents.is_not(None))
"""Of any other only documents are known yet, which came ahead of what the till says of it."""


async def list_sales(
    transaction: AsyncConnection, connection: Connection, wanted: Wanted, page: Page
) -> list[SaleRow]:
    """Those without a completion, then the newest first; one more than the limit where there are.

    What is completed meanwhile moves on in this order, so no page misses it.
    """
    wished = select(*COLUMNS).where(TOLD, *_conditions(connection, wanted))
    at, sale_id = page.after or (None, None)
    found: list[SaleRow] = []
    if at is None:
        undated = wished.where(sales.c.completed_at.is_(None))
        if sale_id is not None:
            undated = undated.where(sales.c.sale_id < sale_id)
        found = await _rows(transaction, undated.order_by(sales.c.sale_id.desc()), page.limit + 1)
    dated = wished.where(sales.c.completed_at.is_not(None))
    if at is not None:
        place = (
            literal(datetime.fromisoformat(at), sales.c.completed_at.type),
            literal(sale_id, sales.c.sale_id.type),
        )
        dated = dated.where(tuple_(sales.c.completed_at, sales.c.sale_id) < tuple_(*place))
    dated = dated.order_by(sales.c.completed_at.desc(), sales.c.sale_id.desc())
    return found + await _rows(transaction, dated, page.limit + 1 - len(found))


async def _rows(transaction: AsyncConnection, query: Select[Any], limit: int) -> list[SaleRow]:
    if limit <= 0:
        return []
    return [_sale_row(row) for row in await transaction.execute(query.limit(limit))]


def place_of(row: SaleRow) -> list[str | None]:
    """Where a list goes on after this one."""
    return [None if row.completed_at is None else row.completed_at.isoformat(), row.id]


def _conditions(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [sales.c.connection_id == connection.id]
    if wanted.since is not None:
        conditions.append(sales.c.business_day >= wanted.since)
    if wanted.until is not None:
        conditions.append(sales.c.business_day <= wanted.until)
    if wanted.state is not None:
        conditions.append(sales.c.state == wanted.state.value)
    if wanted.states:
        conditions.append(sales.c.state.in_([state.value for state in wanted.states]))
    if wanted.search:
        begins = wanted.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(
            or_(
                sales.c.number.like(begins, escape="\\"),
                sales.c.ticket_number.like(begins, escape="\\"),
                sales.c.sale_id == wanted.search,
            )
        )
    return conditions


async def sale_of(transaction: AsyncConnection, connection: Connection, sale_id: str) -> SaleRow | None:
    query = select(*COLUMNS).where(sales.c.connection_id == connection.id, sales.c.sale_id == sale_id)
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _sale_row(row)


def _sale_row(row: Any) -> SaleRow:
    return SaleRow(
        id=row.sale_id,
        number=row.number,
        outlet=row.outlet,
        completed_at=row.completed_at,
        business_day=row.business_day,
        total_cents=row.total_cents,
        state=SaleState(row.state),
        facts=facts_of(row.facts),
    )


async def content_of(transaction: AsyncConnection, connection: Connection, sale_id: str) -> Sale | None:
    query = select(contents.c.sale).where(
        contents.c.connection_id == connection.id, contents.c.sale_id == sale_id
    )
    text = (await transaction.execute(query)).scalar_one_or_none()
    return None if text is None else sale_adapter().validate_json(text)


async def contents_between(
    transaction: AsyncConnection,
    connection: Connection,
    since: date,
    until: date,
    limit: int,
    *,
    newest_first: bool = False,
) -> list[Sale]:
    """Completed sales of these business days, the oldest first unless told otherwise."""
    order = (sales.c.completed_at, sales.c.sale_id)
    query = (
        select(contents.c.sale)
        .join(
            sales,
            (sales.c.connection_id == contents.c.connection_id) & (sales.c.sale_id == contents.c.sale_id),
        )
        .where(*_conditions(connection, Wanted(since, until)), sales.c.completed_at.is_not(None))
        .order_by(*(column.desc() for column in order) if newest_first else order)
        .limit(limit)
    )
    texts = (await transaction.execute(query)).scalars().all()
    return await asyncio.to_thread(sales_in, texts)


def sales_in(texts: Sequence[str]) -> list[Sale]:
    """Of thousands it takes a while: not on the loop."""
    return [sale_adapter().validate_json(text) for text in texts]


async def documents_by_id(
    transaction: AsyncConnection, connection: Connection, document_ids: Sequence[str]
) -> dict[str, Document]:
    if not document_ids:
        return {}
    query = select(documents.c.document_id, documents.c.content).where(
        documents.c.connection_id == connection.id, documents.c.document_id.in_(list(document_ids))
    )
    rows = await transaction.execute(query)
    return {row.document_id: document_adapter().validate_json(row.content) for row in rows}


async def day_documents_of(
    transaction: AsyncConnection, connection: Connection, sale_id: str
) -> dict[str, DocumentFacts]:
    """Documents of its day that settle this sale among others."""
    query = (
        select(day_documents.c.document_id, day_documents.c.facts)
        .join(
            day_document_sales,
            (day_document_sales.c.connection_id == day_documents.c.connection_id)
            & (day_document_sales.c.document_id == day_documents.c.document_id),
        )
        .where(day_document_sales.c.connection_id == connection.id, day_document_sales.c.sale_id == sale_id)
    )
    rows = await transaction.execute(query)
    return {row.document_id: document_facts_of(row.facts) for row in rows}


async def timeline_of(transaction: AsyncConnection, connection: Connection, sale_id: str) -> list[Moment]:
    query = (
        select(timeline.c.at, timeline.c.event, timeline.c.facts)
        .where(timeline.c.connection_id == connection.id, timeline.c.sale_id == sale_id)
        .order_by(timeline.c.at, timeline.c.id)
    )
    return [Moment(row.at, row.event, json.loads(row.facts)) for row in await transaction.execute(query)]


async def count_by_state(transaction: AsyncConnection, connection: Connection) -> dict[str, int]:
    query = (
        select(sales.c.state, func.count())
        .where(sales.c.connection_id == connection.id, TOLD)
        .group_by(sales.c.state)
    )
    return {row[0]: row[1] for row in await transaction.execute(query)}


async def on_their_way(transaction: AsyncConnection, connection: Connection) -> tuple[int, int]:
    """Sales with a document that isn't booked yet, and how many documents those are."""
    query = select(sales.c.facts).where(
        sales.c.connection_id == connection.id,
        sales.c.state == SaleState.MAPPED.value,
    )
    texts = (await transaction.execute(query)).scalars().all()
    under_way = await asyncio.to_thread(documents_under_way, texts)
    return sum(bool(each) for each in under_way), len(set().union(*under_way))


def documents_under_way(texts: Sequence[str]) -> list[set[str]]:
    """Of each sale's facts; of a backlog it takes a while."""
    return [
        {id_ for id_, each in facts_of(text).documents.items() if not (each.is_settled or each.is_gone)}
        for text in texts
    ]
