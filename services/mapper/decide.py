"""Decides what a sale books, and hands its documents on.

One decision replaces the one before it: a document that is wanted again is the same document in a new
version, one that isn't wanted any more is withdrawn. What stands in the books already is the exporter's
to know and to defend.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentReady, DocumentWithdrawn, Purpose
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import SaleIgnored, SaleProblem
from libs.common.database.registry import Connection
from libs.common.domain.document import Booking, Document, JournalEntry, Nothing, NothingCode
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import SaleState
from libs.common.messaging import outbox
from services.mapper import day_store, store
from services.mapper.store import DocumentState, KeptDocument, KeptSale, SaleDecision


async def decide(
    transaction: AsyncConnection, connection: Connection, kept: KeptSale, *, at: datetime
) -> None:
    """Maps the sale under the connection's rules and keeps and sends what comes of it."""
    outcome = map_sale(kept.sale, connection.rules, number=kept.reference_number)
    decided = replace(
        kept,
        decision=kept.decision + 1,
        state=_state_after(outcome),
        business_day=sale_day(kept.sale, connection.rules),
    )
    await store.keep_sale(transaction, decided)
    messages = await _messages(transaction, connection, decided, outcome)
    await outbox.add_all(transaction, messages, connection_id=connection.id, at=at)


def _state_after(outcome: Booking | Nothing | Problem) -> SaleDecision:
    match outcome:
        case Booking():
            return SaleDecision.MAPPED
        case Nothing():
            return SaleDecision.IGNORED
        case Problem():
            return SaleDecision.PROBLEM


async def _messages(
    transaction: AsyncConnection, connection: Connection, kept: KeptSale, outcome: Booking | Nothing | Problem
) -> list[Message]:
    match outcome:
        case Booking():
            return await _book(transaction, connection, kept, outcome)
        case Nothing(why):
            withdrawn = await withdraw(transaction, kept)
            return [*withdrawn, SaleIgnored(kept.sale_id, kept.revision, kept.decision, why)]
        case Problem() as problem:
            return [*await withdraw(transaction, kept), _sale_problem(kept, problem)]


def _sale_problem(kept: KeptSale, problem: Problem) -> SaleProblem:
    return SaleProblem(
        sale_id=kept.sale_id,
        revision=kept.revision,
        decision=kept.decision,
        problem=problem,
        by="mapper",
        number=kept.sale.number,
        outlet=kept.outlet,
        completed_at=kept.sale.completed_at,
        total_incl_vat=kept.sale.total_incl_vat,
    )


async def _book(
    transaction: AsyncConnection, connection: Connection, kept: KeptSale, booking: Booking
) -> list[Message]:
    earlier = await _earlier_documents(transaction, kept)
    day = booking.documents[0].day
    messages: list[Message] = []
    after: str | None = None
    for position, document in enumerate(booking.documents):
        purpose = _purpose(document, position)
        wanted = _same_or_new(earlier, kept.sale_id, document.reference, purpose)
        await store.keep_document(transaction, kept.connection_id, wanted, kept.outlet, day)
        messages.append(
            DocumentReady(
                document_id=wanted.id,
                document_version=wanted.version,
                document=document,
                purpose=purpose,
                sales=(kept.version,),
                business_day=day,
                outlet=kept.outlet,
                division=connection.division or "",
                count=len(booking.documents),
                after=after,
                is_backlog=kept.is_backlog,
            )
        )
        after = wanted.id
    kept_ids = {message.document_id for message in messages if isinstance(message, DocumentReady)}
    unwanted = [document for document in earlier if document.id not in kept_ids]
    messages += await _withdraw(transaction, kept, unwanted)
    await _keep_day_money(transaction, kept, day, booking)
    return messages


def _purpose(document: Document, position: int) -> Purpose:
    is_settlement = position > 0 and isinstance(document, JournalEntry)
    return Purpose.SETTLEMENT if is_settlement else Purpose.TURNOVER


def _same_or_new(
    earlier: Sequence[KeptDocument], sale_id: str, reference: str, purpose: Purpose
) -> KeptDocument:
    for document in earlier:
        if document.purpose is purpose:
            return replace(
                document, reference=reference, version=document.version + 1, state=DocumentState.READY
            )
    return KeptDocument(uuid.uuid4().hex, sale_id, reference, purpose, 1, DocumentState.READY)


async def _earlier_documents(transaction: AsyncConnection, kept: KeptSale) -> list[KeptDocument]:
    if kept.is_first_decision:
        return []
    return await store.documents_of_sale(transaction, kept.connection_id, kept.sale_id)


async def _keep_day_money(transaction: AsyncConnection, kept: KeptSale, day: date, booking: Booking) -> None:
    if booking.day_money:
        await day_store.keep_outlet(transaction, kept.sale, kept.connection_id)
        await day_store.keep_day_money(transaction, kept, day, booking.day_money)
    elif not kept.is_first_decision:
        await day_store.drop_day_money(transaction, kept.connection_id, kept.sale_id)


async def withdraw(transaction: AsyncConnection, kept: KeptSale) -> list[Message]:
    """The sale's documents and its share of a day are no longer wanted."""
    if kept.is_first_decision:
        return []
    await day_store.drop_day_money(transaction, kept.connection_id, kept.sale_id)
    earlier = await store.documents_of_sale(transaction, kept.connection_id, kept.sale_id)
    return await _withdraw(transaction, kept, earlier)


async def _withdraw(
    transaction: AsyncConnection, kept: KeptSale, unwanted: Sequence[KeptDocument]
) -> list[Message]:
    messages: list[Message] = []
    for document in unwanted:
        gone = replace(document, version=document.version + 1, state=DocumentState.WITHDRAWN)
        await store.withdraw_document(transaction, gone)
        messages.append(
            DocumentWithdrawn(
                gone.id, gone.version, _problem_if_booked(kept, document.reference), (kept.version,)
            )
        )
    return messages


def _problem_if_booked(kept: KeptSale, reference: str) -> Problem:
    is_voided = kept.sale.state is SaleState.VOIDED
    code = ProblemCode.VOIDED_AFTER_BOOKING if is_voided else ProblemCode.EDITED_AFTER_BOOKING
    return Problem(code, facts=(("reference", reference),), per_sale=("reference",))


async def ignore(transaction: AsyncConnection, kept: KeptSale, reason: str, *, at: datetime) -> None:
    """A person booked this sale by hand, or says why it isn't to be booked."""
    decided = replace(kept, decision=kept.decision + 1, state=SaleDecision.IGNORED)
    await store.keep_sale(transaction, decided)
    messages = await withdraw(transaction, decided)
    messages.append(
        SaleIgnored(decided.sale_id, decided.revision, decided.decision, NothingCode.BY_HAND, reason)
    )
    await outbox.add_all(transaction, messages, connection_id=kept.connection_id, at=at)
