"""A day whose document can't be made, as where the rules lost a journal: its sales show the problem.

What waits in the day goes on waiting, and the day is tried again at every turn. It is told once, and again
where the reason or the day's sales changed.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentRejected, Purpose
from libs.common.database.registry import Connection
from libs.common.domain.document import DocumentKind
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.messaging import outbox
from services.mapper import day_store, store
from services.mapper.day_store import OpenDay
from services.mapper.outlet_store import Outlet
from services.mapper.store import DocumentState, KeptDocument

UNMADE = "unmade:"


def is_unmade(kept: KeptDocument) -> bool:
    return kept.content is None and kept.family.startswith(UNMADE)


async def unmade_of_sale(
    transaction: AsyncConnection, connection_id: str, sale_id: str
) -> list[KeptDocument]:
    """In place of those of the days that the sale waits in, where they were told as problems."""
    _, waiting = await day_store.shares_of_sale(transaction, connection_id, sale_id)
    return [kept for opened in waiting for kept in await unmade_of_day(transaction, connection_id, opened)]


async def unmade_of_day(
    transaction: AsyncConnection, connection_id: str, opened: OpenDay
) -> list[KeptDocument]:
    place = opened.place
    of_day = await store.day_documents(transaction, connection_id, place.outlet, place.part, opened.day)
    return [
        kept
        for kept in of_day
        if kept.purpose is place.purpose and kept.state is DocumentState.REJECTED and is_unmade(kept)
    ]


def unmade(opened: OpenDay, outlet: Outlet, reference: str) -> KeptDocument:
    """In place of a document that never was."""
    return KeptDocument(
        id=uuid.uuid4().hex,
        sale_id=None,
        reference=reference,
        purpose=opened.place.purpose,
        version=0,
        state=DocumentState.REJECTED,
        content=None,
        outlet=outlet.id,
        part=outlet.part,
        day=opened.day,
        day_share=uuid.uuid4().hex,
    )


async def tell_unmade(
    transaction: AsyncConnection,
    connection: Connection,
    kept: KeptDocument,
    sale_ids: Iterable[str],
    problem: Problem,
    *,
    at: datetime,
) -> None:
    sales = sorted(sale_ids)
    family = _family(problem, sales)
    if kept.state is DocumentState.REJECTED and kept.content is None and kept.family == family:
        return
    told = replace(kept, version=kept.version + 1, state=DocumentState.REJECTED, content=None, family=family)
    await store.keep_document(transaction, connection.id, told)
    rejected = DocumentRejected(
        document_id=told.id,
        document_version=told.version,
        kind=_kind(told.purpose, connection.rules),
        purpose=told.purpose,
        reference=told.reference,
        problem=problem,
        sales=tuple(await store.sales_by_id(transaction, connection.id, sales)),
    )
    await outbox.add(transaction, rejected, connection_id=connection.id, at=at)


def _family(problem: Problem, sales: list[str]) -> str:
    said = "\n".join([problem.cause, *sales])
    return f"{UNMADE}{hashlib.sha256(said.encode()).hexdigest()[:48]}"


def _kind(purpose: Purpose, rules: Rules) -> DocumentKind:
    is_total = purpose is Purpose.DAY_TOTAL
    return DocumentKind(rules.daily_totals.document) if is_total else DocumentKind.GENERAL_JOURNAL
