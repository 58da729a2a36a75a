"""Keeps the projections: one locked row a sale, its facts, and what lists and sums need of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from libs.common.contracts.documents import AnyDocument, DocumentBooked, DocumentReady, Purpose
from libs.common.contracts.sales import SaleProblem
from libs.common.database.statements import insert_new, upsert
from libs.common.domain.document import Document
from libs.common.domain.problem import Problem
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
from services.portal.sale_parts import Part, Parts, parts_of
from services.portal.turnover import in_cents

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SaleKey:
    connection_id: str
    sale_id: str

    def as_row(self) -> dict[str, str]:
        return {"connection_id": self.connection_id, "sale_id": self.sale_id}


@dataclass(slots=True)
class Sheet:
    """What is known of one sale, locked for one message; `columns` is what its row shows besides."""

    key: SaleKey
    facts: SaleFacts
    before: Parts
    columns: dict[str, Any] = field(default_factory=dict)


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
_DROP_PART = delete(store.sale_parts).where(
    store.sale_parts.c.connection_id == bindparam("of_connection"),
    store.sale_parts.c.sale_id == bindparam("of_sale"),
    store.sale_parts.c.document_id == bindparam("of_document"),
)
AT_ONCE = 500
STANDS = 2**31 - 1


def batched(rows: Sequence[R]) -> Iterator[Sequence[R]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


async def locked_sale(transaction: AsyncConnection, key: SaleKey) -> Sheet:
    """The sale's facts, made where there are none, kept from others until the transaction ends."""
    facts = facts_of((await transaction.execute(_TOUCH_SALE, key.as_row())).scalar_one())
    return Sheet(key, facts, parts_of(facts))


async def locked_sales(
    transaction: AsyncConnection, connection_id: str, sale_ids: Iterable[str]
) -> list[Sheet]:
    """The same of many sales, in one order everywhere, so that no two wait crosswise."""
    keys = [SaleKey(connection_id, sale_id) for sale_id in sorted(set(sale_ids))]
    if len(keys) == 1:
        return [await locked_sale(transaction, keys[0])]
    sheets: list[Sheet] = []
    for some in batched(keys):
        rows = await transaction.execute(_touching_sales([key.as_row() for key in some]))
        found = {row.sale_id: facts_of(row.facts) for row in rows}
        sheets += [Sheet(key, found[key.sale_id], parts_of(found[key.sale_id])) for key in some]
    return sheets


def _touching_sales(rows: Sequence[Mapping[str, str]]) -> ReturningInsert[Any]:
    statement = insert_or(store.sales).values(list(rows))
    same = {"sale_id": statement.excluded.sale_id}
    touching = statement.on_conflict_do_update(index_elements=["connection_id", "sale_id"], set_=same)
    return touching.returning(store.sales.c.sale_id, store.sales.c.facts)


async def keep_sales(transaction: AsyncConnection, sheets: Sequence[Sheet]) -> None:
    """Sheets of one message: their columns are the same."""
    if not sheets:
        return
    rows = [_row_of(sheet) for sheet in sheets]
    await transaction.execute(_KEEP_SALE, rows[0] if len(rows) == 1 else rows)
    await _keep_parts(transaction, sheets)
    problems = {problem.cause: problem for sheet in sheets if (problem := sheet.facts.current_problem)}
    for problem in problems.values():
        await keep_cause(transaction, sheets[0].key.connection_id, problem)


def _row_of(sheet: Sheet) -> dict[str, Any]:
    facts = sheet.facts
    problem = facts.current_problem
    document = facts.turnover_document
    day = facts.day if document is None else document.booked_day or facts.day
    return {
        "of_connection": sheet.key.connection_id,
        "of_sale": sheet.key.sale_id,
        "business_day": date.fromisoformat(day) if day else None,
        "state": facts.state.value,
        "cause": None if problem is None else digest_of_cause(problem),
        "facts": facts_text(facts),
        **sheet.columns,
    }


async def _keep_parts(transaction: AsyncConnection, sheets: Sequence[Sheet]) -> None:
    changed: list[dict[str, Any]] = []
    gone: list[dict[str, str]] = []
    for sheet in sheets:
        now = parts_of(sheet.facts)
        changed += [
            _part_row(sheet.key, id_, part) for id_, part in now.items() if part != sheet.before.get(id_)
        ]
        gone += [_place_of_part(sheet.key, id_) for id_ in sheet.before if id_ not in now]
    for some in batched(changed):
        await transaction.execute(_keeping_parts(some))
    if gone:
        await transaction.execute(_DROP_PART, gone)


def _keeping_parts(rows: Sequence[Mapping[str, Any]]) -> Insert:
    key = ["connection_id", "sale_id", "document_id"]
    return upsert(store.sale_parts, rows, key=key, update=["day", "kind", "cents", "vat", "paid"])


def _place_of_part(key: SaleKey, document_id: str) -> dict[str, str]:
    return {"of_connection": key.connection_id, "of_sale": key.sale_id, "of_document": document_id}


def _part_row(key: SaleKey, document_id: str, part: Part) -> dict[str, Any]:
    return {
        **key.as_row(),
        "document_id": document_id,
        "day": date.fromisoformat(part.day),
        "kind": part.standing.value,
        "cents": part.cents,
        "vat": json.dumps(part.vat),
        "paid": json.dumps(part.paid),
    }


def columns_of_sale(sale: Sale) -> dict[str, Any]:
    return {
        "number": sale.number,
        "ticket_number": sale.ticket_number,
        "outlet": sale.outlet,
        "completed_at": sale.completed_at,
        "total_cents": in_cents(sale.total_incl_vat),
    }


def columns_of_unread_sale(message: SaleProblem) -> dict[str, Any]:
    """What a sale that couldn't be read shows of itself."""
    total = message.total_incl_vat
    return {
        "number": message.number or message.sale_id,
        "outlet": message.outlet,
        "completed_at": message.completed_at,
        "total_cents": None if total is None else in_cents(total),
    }


async def keep_content(transaction: AsyncConnection, key: SaleKey, revision: int, sale: Sale) -> None:
    row = {**key.as_row(), "revision": revision, "sale": sale_adapter().dump_json(sale).decode()}
    await transaction.execute(_KEEP_CONTENT, row)


async def keep_document(
    transaction: AsyncConnection,
    connection_id: str,
    message: DocumentReady | DocumentBooked,
    document: Document,
) -> None:
    """What is known to stand after newer versions came too late holds against each of them."""
    stands = isinstance(message, DocumentBooked)
    row = {
        "connection_id": connection_id,
        "document_id": message.document_id,
        "version": STANDS if stands else message.document_version,
        "purpose": message.purpose.value,
        "content": document_adapter().dump_json(document).decode(),
    }
    await transaction.execute(_KEEP_DOCUMENT, row)


async def note_moment(
    transaction: AsyncConnection, key: SaleKey, at: datetime, event: str, **facts: Any
) -> None:
    """A line of the sale's timeline."""
    await note_moments(transaction, [key], at, event, facts)


async def note_moments(
    transaction: AsyncConnection, keys: Sequence[SaleKey], at: datetime, event: str, facts: Mapping[str, Any]
) -> None:
    text = json.dumps(facts)
    rows = [{**key.as_row(), "at": at, "event": event, "facts": text} for key in keys]
    if rows:
        await transaction.execute(_NOTE_MOMENT, rows[0] if len(rows) == 1 else rows)


async def locked_day_document(
    transaction: AsyncConnection, connection_id: str, document_id: str
) -> DocumentFacts:
    row = {"connection_id": connection_id, "document_id": document_id}
    return document_facts_of((await transaction.execute(_TOUCH_DAY, row)).scalar_one())


async def keep_day_document(
    transaction: AsyncConnection, connection_id: str, document_id: str, facts: DocumentFacts
) -> None:
    """A day's total is a problem of its sales, which show it; a settlement is one of its own."""
    is_it = (store.day_documents.c.connection_id == connection_id) & (
        store.day_documents.c.document_id == document_id
    )
    is_of_sales = facts.purpose == Purpose.DAY_TOTAL.value
    problem = facts.problem if (facts.is_wrong or facts.is_rejected) and not is_of_sales else None
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
    for some in batched(rows):
        await transaction.execute(insert_new(store.day_document_sales, some))


async def sales_of_day_document(
    transaction: AsyncConnection, connection_id: str, document_id: str
) -> list[str]:
    links = store.day_document_sales
    query = select(links.c.sale_id).where(
        links.c.connection_id == connection_id, links.c.document_id == document_id
    )
    return list((await transaction.execute(query)).scalars())


async def keep_cause(transaction: AsyncConnection, connection_id: str, problem: Problem) -> None:
    row = {
        "connection_id": connection_id,
        "cause_digest": digest_of_cause(problem),
        "problem": problem_adapter().dump_json(problem).decode(),
    }
    await transaction.execute(insert_new(store.causes, [row]))


def digest_of_cause(problem: Problem) -> str:
    return hashlib.sha256(problem.cause.encode()).hexdigest()
