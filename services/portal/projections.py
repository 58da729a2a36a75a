"""Keeps the projections: one locked row a sale, its facts, and what lists and sums need of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from libs.common.contracts.documents import AnyDocument, DocumentReady
from libs.common.contracts.sales import SaleProblem
from libs.common.database.statements import insert_new
from libs.common.domain.document import Document
from libs.common.domain.map_sale import sale_day
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from services.portal import store
from services.portal.sale_facts import (
    DocumentFacts,
    SaleFacts,
    document_facts_of,
    document_facts_text,
    facts_of,
    facts_text,
)
from services.portal.turnover import in_cents, payments_of, sold_cents


@dataclass(frozen=True, slots=True)
class SaleKey:
    connection_id: str
    sale_id: str

    def as_row(self) -> dict[str, str]:
        return {"connection_id": self.connection_id, "sale_id": self.sale_id}


@cache
def sale_adapter() -> TypeAdapter[Sale]:
    return TypeAdapter(Sale)


@cache
def document_adapter() -> TypeAdapter[Document]:
    return TypeAdapter(AnyDocument)


@cache
def problem_adapter() -> TypeAdapter[Problem]:
    return TypeAdapter(Problem)


def _touching(table: Table, *key: str) -> ReturningInsert[Any]:
    """Makes the row where there is none, keeps it from others, and gives its facts: one statement for all."""
    statement = insert_or(table)
    same = {key[-1]: statement.excluded[key[-1]]}
    return statement.on_conflict_do_update(index_elements=list(key), set_=same).returning(table.c.facts)


def _newer(table: Table, key: Sequence[str], version: str, *columns: str) -> Insert:
    """Keeps the highest version."""
    statement = insert_or(table)
    new = {name: statement.excluded[name] for name in (version, *columns)}
    return statement.on_conflict_do_update(
        index_elements=list(key), set_=new, where=table.c[version] < statement.excluded[version]
    )


# Built once: they run for every message.
_TOUCH_SALE = _touching(store.sales, "connection_id", "sale_id")
_TOUCH_DAY = _touching(store.day_documents, "connection_id", "document_id")
_KEEP_SALE = update(store.sales).where(
    store.sales.c.connection_id == bindparam("of_connection"), store.sales.c.sale_id == bindparam("of_sale")
)
_KEEP_CONTENT = _newer(store.contents, ("connection_id", "sale_id"), "revision", "sale")
_KEEP_DOCUMENT = _newer(store.documents, ("connection_id", "document_id"), "version", "purpose", "content")
_NOTE_MOMENT = insert(store.timeline)


async def locked_sale(transaction: AsyncConnection, key: SaleKey) -> SaleFacts:
    """The sale's facts, made where there are none, kept from others until the transaction ends."""
    return facts_of((await transaction.execute(_TOUCH_SALE, key.as_row())).scalar_one())


async def keep_sale(
    transaction: AsyncConnection, key: SaleKey, facts: SaleFacts, columns: Mapping[str, Any]
) -> None:
    problem = facts.current_problem
    values = {
        "state": facts.state.value,
        "booked_cents": facts.booked_cents,
        "booked_vat": json.dumps(facts.booked_vat),
        "cause": None if problem is None else digest_of_cause(problem),
        "facts": facts_text(facts),
        **columns,
    }
    if facts.booked_day:
        values["business_day"] = date.fromisoformat(facts.booked_day)
    place = {"of_connection": key.connection_id, "of_sale": key.sale_id}
    await transaction.execute(_KEEP_SALE, values | place)
    if problem is not None:
        await keep_cause(transaction, key.connection_id, problem)


def columns_of_sale(sale: Sale, rules: Rules) -> dict[str, Any]:
    return {
        "number": sale.number,
        "ticket_number": sale.ticket_number,
        "outlet": sale.outlet,
        "completed_at": sale.completed_at,
        "business_day": sale_day(sale, rules) if sale.completed_at else None,
        "total_cents": in_cents(sale.total_incl_vat),
        "sold_cents": sold_cents(sale, rules),
        "payments": json.dumps(payments_of(sale)),
    }


def columns_of_unread_sale(message: SaleProblem, day: date | None) -> dict[str, Any]:
    """What a sale that couldn't be read shows of itself."""
    total = message.total_incl_vat
    return {
        "number": message.number or message.sale_id,
        "outlet": message.outlet,
        "completed_at": message.completed_at,
        "business_day": day,
        "total_cents": None if total is None else in_cents(total),
        "sold_cents": 0 if total is None else in_cents(total),
    }


async def keep_content(transaction: AsyncConnection, key: SaleKey, revision: int, sale: Sale) -> None:
    row = {**key.as_row(), "revision": revision, "sale": sale_adapter().dump_json(sale).decode()}
    await transaction.execute(_KEEP_CONTENT, row)


async def keep_document(transaction: AsyncConnection, connection_id: str, message: DocumentReady) -> None:
    row = {
        "connection_id": connection_id,
        "document_id": message.document_id,
        "version": message.document_version,
        "purpose": message.purpose.value,
        "content": document_adapter().dump_json(message.document).decode(),
    }
    await transaction.execute(_KEEP_DOCUMENT, row)


async def note_moment(
    transaction: AsyncConnection, key: SaleKey, at: datetime, event: str, **facts: Any
) -> None:
    """A line of the sale's timeline."""
    row = {**key.as_row(), "at": at, "event": event, "facts": json.dumps(facts)}
    await transaction.execute(_NOTE_MOMENT, row)


async def locked_day_document(
    transaction: AsyncConnection, connection_id: str, document_id: str
) -> DocumentFacts:
    row = {"connection_id": connection_id, "document_id": document_id}
    return document_facts_of((await transaction.execute(_TOUCH_DAY, row)).scalar_one())


async def keep_day_document(
    transaction: AsyncConnection, connection_id: str, document_id: str, facts: DocumentFacts
) -> None:
    is_it = (store.day_documents.c.connection_id == connection_id) & (
        store.day_documents.c.document_id == document_id
    )
    problem = facts.problem if facts.is_wrong or facts.is_rejected else None
    await transaction.execute(
        update(store.day_documents)
        .where(is_it)
        .values(
            state=facts.state.value,
            cause=None if problem is None else digest_of_cause(problem),
            facts=document_facts_text(facts),
        )
    )
    if problem is not None:
        await keep_cause(transaction, connection_id, problem)


async def keep_day_links(
    transaction: AsyncConnection, connection_id: str, document_id: str, sale_ids: Sequence[str]
) -> None:
    rows = [
        {"connection_id": connection_id, "sale_id": sale_id, "document_id": document_id}
        for sale_id in sorted(set(sale_ids))
    ]
    for start in range(0, len(rows), 500):
        await transaction.execute(insert_new(store.day_document_sales, rows[start : start + 500]))


async def keep_cause(transaction: AsyncConnection, connection_id: str, problem: Problem) -> None:
    row = {
        "connection_id": connection_id,
        "cause_digest": digest_of_cause(problem),
        "problem": problem_adapter().dump_json(problem).decode(),
    }
    await transaction.execute(insert_new(store.causes, [row]))


def digest_of_cause(problem: Problem) -> str:
    return hashlib.sha256(problem.cause.encode()).hexdigest()
