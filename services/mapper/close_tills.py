"""Books the closing of a register: cash in and out beside sales, and what the count differed (V43)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentReady, Purpose
from libs.common.contracts.sales import OF_TILL as FAMILY
from libs.common.contracts.sales import SaleIgnored, SaleProblem
from libs.common.database.registry import Connection
from libs.common.domain.business_day import business_day
from libs.common.domain.document import Booking, Document, Nothing, NothingCode
from libs.common.domain.problem import Problem
from libs.common.domain.till_close import TillClose, map_till_close
from libs.common.messaging import outbox
from services.mapper import outlet_store, store, till_store
from services.mapper.store import DocumentState, KeptDocument, SaleDecision
from services.mapper.till_store import KeptClose


def place_of_close(sale_id: str) -> str | None:
    """The closing's id in what stands for a sale's, where a person retries one."""
    return sale_id.removeprefix(FAMILY) if sale_id.startswith(FAMILY) else None


async def close_till(
    transaction: AsyncConnection, connection: Connection, kept: KeptClose, *, at: datetime
) -> None:
    close, rules = kept.till_close, connection.rules
    day = business_day(close.closed_at, close.time_zone, rules.day_end)
    decided = replace(kept, decision=kept.decision + 1, business_day=day)
    reference = await _reference(transaction, connection, close, day)
    is_early = rules.start_date is not None and day < rules.start_date
    outcome = (
        Nothing(NothingCode.BEFORE_START) if is_early else map_till_close(close, rules, reference=reference)
    )
    match outcome:
        case Booking(documents):
            await till_store.keep(transaction, replace(decided, state=SaleDecision.MAPPED))
            for document in documents:
                await _hand_on(transaction, connection, decided, document, at=at)
            await _end_problem(transaction, connection, decided, NothingCode.NOT_A_SALE, at=at)
        case Nothing(why):
            await till_store.keep(transaction, replace(decided, state=SaleDecision.IGNORED))
            await _end_problem(transaction, connection, decided, why, at=at)
        case Problem() as problem:
            await till_store.keep(transaction, replace(decided, state=SaleDecision.PROBLEM))
            await outbox.add(transaction, _told(decided, problem), connection_id=connection.id, at=at)


async def _end_problem(
    transaction: AsyncConnection,
    connection: Connection,
    decided: KeptClose,
    why: NothingCode,
    *,
    at: datetime,
) -> None:
    """A closing is shown only as long as it is a problem, so only where it was decided before."""
    if decided.decision > 1:
        told = SaleIgnored(f"{FAMILY}{decided.close_id}", 1, decided.decision, why)
        await outbox.add(transaction, told, connection_id=connection.id, at=at)


async def ignore_close(
    transaction: AsyncConnection, connection_id: str, close_id: str, reason: str, *, at: datetime
) -> None:
    decision = await till_store.put_away(transaction, connection_id, close_id)
    if decision is not None:
        told = SaleIgnored(f"{FAMILY}{close_id}", 1, decision, NothingCode.BY_HAND, reason)
        await outbox.add(transaction, told, connection_id=connection_id, at=at)


async def _reference(
    transaction: AsyncConnection, connection: Connection, close: TillClose, day: date
) -> str:
    """`{prefix}T{outlet}.{register}-{day}`, with the closing's number: a register may close twice a day."""
    await outlet_store.keep_place(
        transaction, connection.id, close.outlet, close.outlet_name, close.time_zone, close.register
    )
    outlet = await outlet_store.outlet_of(transaction, connection.id, close.outlet, close.register)
    return f"{connection.rules.reference_prefix}T{outlet.number}-{day:%Y%m%d}/{close.id}"[:30]


async def _hand_on(
    transaction: AsyncConnection, connection: Connection, kept: KeptClose, document: Document, *, at: datetime
) -> None:
    content: Any = document
    earlier = await store.document_of_family(transaction, connection.id, f"{FAMILY}{kept.close_id}")
    handed = KeptDocument(
        id=earlier.id if earlier is not None else uuid.uuid4().hex,
        sale_id=None,
        reference=document.reference,
        purpose=Purpose.TILL_CLOSE,
        version=1 if earlier is None else earlier.version + 1,
        state=DocumentState.READY,
        content=document,
        family=f"{FAMILY}{kept.close_id}",
        outlet=kept.till_close.outlet,
        day=document.day,
    )
    await store.keep_document(transaction, connection.id, handed)
    ready = DocumentReady(
        document_id=handed.id,
        document_version=handed.version,
        document=content,
        purpose=Purpose.TILL_CLOSE,
        sales=(),
        business_day=document.day,
        outlet=kept.till_close.outlet,
        division=connection.division or "",
    )
    await outbox.add(transaction, ready, connection_id=connection.id, at=at)


def _told(kept: KeptClose, problem: Problem) -> SaleProblem:
    close = kept.till_close
    return SaleProblem(
        sale_id=f"{FAMILY}{close.id}",
        revision=1,
        decision=kept.decision,
        problem=problem,
        by="mapper",
        number=f"{close.register_name or close.register} {close.id}",
        outlet=close.outlet,
        completed_at=close.closed_at,
    )
