"""Decides what a sale books, and hands its documents on.

One decision replaces the one before it; what it hands on is worked out in `handover`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import (
    DocumentReady,
    DocumentWithdrawn,
    Purpose,
    TurnoverPart,
    WantedSums,
)
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleProblem
from libs.common.database.registry import Connection
from libs.common.domain.day_total import ledgers_without_turnover, part_of_day
from libs.common.domain.document import (
    Booking,
    Document,
    Nothing,
    NothingCode,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.problem import Problem
from libs.common.domain.reconcile import payments_in, turnover_by_vat
from libs.common.domain.rules import Mode, Rules
from libs.common.domain.sale import Sale, SaleState
from libs.common.domain.settlement import payments_without_line
from libs.common.messaging import outbox
from services.mapper import day_store, outlet_store, store
from services.mapper.day_store import Place
from services.mapper.handover import (
    TURNOVER,
    Handover,
    Standing,
    Wanted,
    handed_over,
    open_shares,
    reference_of,
)
from services.mapper.store import DocumentState, KeptDocument, KeptSale, SaleDecision
from services.mapper.withdrawn_days import withdraw_unmade

BY_RULE = (NothingCode.BEFORE_START, NothingCode.OUTLET_DISABLED)
"""Reasons of the rules, not of the till: what stands stays until its days are rebooked."""


async def decide(
    transaction: AsyncConnection, connection: Connection, kept: KeptSale, *, at: datetime
) -> None:
    """Maps the sale under the connection's rules and keeps and sends what comes of it."""
    standing = await _standing_of(transaction, kept)
    rules = _rules_for(kept, standing, connection.rules)
    outcome = map_sale(kept.sale, rules, number=kept.reference_number, books=connection.books)
    decided = replace(
        kept, decision=kept.decision + 1, business_day=sale_day(kept.sale, rules), is_rebooked=False
    )
    if _stays_as_it_is(kept, standing, outcome):
        await _keep(transaction, decided, SaleDecision.MAPPED)
        if isinstance(outcome, Nothing) and outcome.why in BY_RULE:
            told = _mapped(decided)
            await outbox.add(transaction, told, connection_id=connection.id, at=at)
        return
    wanted = await _wanted(transaction, decided, outcome, rules)
    handover = (
        outcome if isinstance(outcome, Problem) else handed_over(kept, decided, standing, wanted, rules)
    )
    if isinstance(handover, Problem):
        await _as_problem(transaction, decided, standing, handover, at=at)
        return
    await _keep(transaction, decided, _state_after(outcome, standing))
    shares = open_shares(kept, standing, wanted, rules)
    if shares is not None:
        await day_store.replace_open(
            transaction, kept.connection_id, kept.sale_id, shares, is_first=decided.is_first_decision
        )
        left = [opened for opened in standing.waiting if not shares.get(opened)]
        await withdraw_unmade(transaction, kept.connection_id, left, at=at)
    sums = _wanted_sums(kept.sale, outcome, rules)
    messages = await _messages(transaction, connection, decided, handover, sums)
    if not handover.ready:
        messages.append(_without_documents(decided, outcome, standing, sums))
    await outbox.add_all(transaction, messages, connection_id=connection.id, at=at)


async def _standing_of(transaction: AsyncConnection, kept: KeptSale) -> Standing:
    if not kept.decision:
        return Standing()
    documents = await store.documents_of_sale(transaction, kept.connection_id, kept.sale_id)
    settled, waiting = await day_store.shares_of_sale(transaction, kept.connection_id, kept.sale_id)
    return Standing(tuple(documents), settled, waiting)


def _rules_for(kept: KeptSale, standing: Standing, rules: Rules) -> Rules:
    """A sale that stands is corrected in the form in which it stands, as long as its VAT codes serve that."""
    if kept.is_rebooked or not standing.is_booked:
        return rules
    of_items = (Mode.INVOICES, Mode.ORDERS)
    form = next((one.content for one in standing.booked if one.family == TURNOVER), None)
    if isinstance(form, SalesInvoice | SalesOrder) and rules.mode in of_items:
        return replace(rules, mode=Mode.INVOICES if isinstance(form, SalesInvoice) else Mode.ORDERS)
    if isinstance(form, SalesEntry) and rules.mode not in of_items:
        return replace(rules, mode=Mode.TRANSACTIONS)
    is_in_total = any(opened.place.purpose is Purpose.DAY_TOTAL for opened in standing.settled)
    if is_in_total and rules.mode not in of_items:
        return replace(rules, mode=Mode.DAILY_TOTALS, business_receipts="as-mode")
    return rules


def _stays_as_it_is(kept: KeptSale, standing: Standing, outcome: Booking | Nothing | Problem) -> bool:
    """Re-opened at the till, it is being edited: what comes of that is told when it is closed again."""
    was_sold = any(one.family == TURNOVER for one in standing.documents)
    was_sold = was_sold or bool(standing.settled or standing.waiting)
    if kept.sale.state is SaleState.OPEN:
        return was_sold
    is_by_rule = isinstance(outcome, Nothing) and outcome.why in BY_RULE
    return is_by_rule and standing.is_booked and not kept.is_rebooked


def _state_after(outcome: Booking | Nothing | Problem, standing: Standing) -> SaleDecision:
    is_mapped = isinstance(outcome, Booking) or standing.is_booked
    return SaleDecision.MAPPED if is_mapped else SaleDecision.IGNORED


def _without_documents(
    kept: KeptSale, outcome: Booking | Nothing | Problem, standing: Standing, sums: WantedSums
) -> SaleIgnored | SaleMapped:
    if isinstance(outcome, Nothing) and not standing.is_booked:
        return SaleIgnored(kept.sale_id, kept.revision, kept.decision, outcome.why)
    return _mapped(kept, sums)


def _mapped(kept: KeptSale, wanted: WantedSums | None = None) -> SaleMapped:
    return SaleMapped(kept.sale_id, kept.revision, kept.decision, sale_day_of(kept), wanted)


def _wanted_sums(sale: Sale, outcome: Booking | Nothing | Problem, rules: Rules) -> WantedSums:
    if not isinstance(outcome, Booking):
        return WantedSums()
    parts = turnover_by_vat(outcome, ledgers_without_turnover(rules))
    turnover = [TurnoverPart(part.vat_code, part.amount_incl_vat, part.vat_amount) for part in parts]
    payments = payments_in(outcome)
    return WantedSums(tuple(turnover), payments, payments_without_line(sale, rules, payments))


async def _keep(transaction: AsyncConnection, kept: KeptSale, state: SaleDecision) -> None:
    await store.keep_sale(transaction, replace(kept, state=state))


# What is wanted


async def _wanted(
    transaction: AsyncConnection, kept: KeptSale, outcome: Booking | Nothing | Problem, rules: Rules
) -> Wanted:
    if not isinstance(outcome, Booking):
        return Wanted()
    base = reference_of(kept, rules)
    documents = {
        _family(document, base, is_first=position == 0): document
        for position, document in enumerate(outcome.documents)
    }
    if not outcome.day_lines:
        return Wanted(documents)
    place = _place_of(kept, documents, rules)
    await outlet_store.keep_outlet(transaction, kept.connection_id, kept.sale, place.part)
    return Wanted(documents, {place: outcome.day_lines})


def _family(document: Document, base: str, *, is_first: bool) -> str:
    """The same from one decision to the next, so that what is wanted finds what stands."""
    suffix = document.reference.removeprefix(base)
    name = TURNOVER if is_first and not suffix else Purpose.SETTLEMENT.value
    return f"{name}{suffix}"


def _place_of(kept: KeptSale, documents: Mapping[str, Document], rules: Rules) -> Place:
    """Where the turnover stands in a document of its own, only the money waits for the day."""
    if rules.mode is not Mode.DAILY_TOTALS or TURNOVER in documents:
        return Place(Purpose.DAY_SETTLEMENT, kept.sale.outlet)
    return Place(Purpose.DAY_TOTAL, kept.sale.outlet, part_of_day(kept.sale, rules))


async def _messages(
    transaction: AsyncConnection,
    connection: Connection,
    kept: KeptSale,
    handover: Handover,
    sums: WantedSums,
) -> list[Message]:
    messages: list[Message] = [
        await _withdrawn(transaction, kept, document) for document in handover.withdrawn
    ]
    after: str | None = None
    for document in handover.ready:
        await store.keep_document(transaction, kept.connection_id, document)
        messages.append(_ready(connection, kept, document, after, len(handover.ready), sums))
        after = document.id
    return messages


def _ready(
    connection: Connection,
    kept: KeptSale,
    document: KeptDocument,
    after: str | None,
    count: int,
    sums: WantedSums,
) -> DocumentReady:
    content: Any = document.content
    return DocumentReady(
        document_id=document.id,
        document_version=document.version,
        document=content,
        purpose=document.purpose,
        sales=(kept.version,),
        business_day=content.day,
        outlet=kept.outlet,
        division=connection.division or "",
        count=count,
        after=after,
        is_backlog=kept.is_backlog,
        wanted=sums,
    )


async def _withdrawn(
    transaction: AsyncConnection, kept: KeptSale, document: KeptDocument
) -> DocumentWithdrawn:
    await store.withdraw_document(transaction, document)
    return DocumentWithdrawn(document.id, document.version, (kept.version,))


# Problems


async def _as_problem(
    transaction: AsyncConnection, kept: KeptSale, standing: Standing, problem: Problem, *, at: datetime
) -> None:
    """What is under way of the sale is taken back; what stands, stands until a person has mended this."""
    await _keep(transaction, kept, SaleDecision.PROBLEM)
    messages = await _take_back(transaction, kept, standing, at=at)
    told = SaleProblem(
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
    await outbox.add_all(transaction, [*messages, told], connection_id=kept.connection_id, at=at)


async def _take_back(
    transaction: AsyncConnection, kept: KeptSale, standing: Standing, *, at: datetime
) -> list[Message]:
    if standing.waiting:
        await day_store.replace_open(transaction, kept.connection_id, kept.sale_id, {}, is_first=False)
        await withdraw_unmade(transaction, kept.connection_id, standing.waiting, at=at)
    return [
        await _withdrawn(
            transaction, kept, replace(one, version=one.version + 1, state=DocumentState.WITHDRAWN)
        )
        for one in standing.in_flight
    ]


def sale_day_of(kept: KeptSale) -> date:
    assert kept.business_day is not None
    return kept.business_day


async def keep_ignored(transaction: AsyncConnection, kept: KeptSale, *, at: datetime) -> None:
    """What a person said of a sale holds for its later revisions too."""
    decided = replace(kept, decision=kept.decision + 1, state=SaleDecision.BY_HAND)
    await store.keep_sale(transaction, decided)
    ignored = SaleIgnored(
        decided.sale_id, decided.revision, decided.decision, NothingCode.BY_HAND, decided.reason
    )
    await outbox.add(transaction, ignored, connection_id=kept.connection_id, at=at)


async def ignore(transaction: AsyncConnection, kept: KeptSale, reason: str, *, at: datetime) -> None:
    """A person booked this sale by hand, or says why it isn't to be booked."""
    standing = await _standing_of(transaction, kept)
    decided = replace(kept, decision=kept.decision + 1, reason=reason)
    await _keep(transaction, decided, SaleDecision.BY_HAND)
    messages = await _take_back(transaction, decided, standing, at=at)
    ignored = SaleIgnored(decided.sale_id, decided.revision, decided.decision, NothingCode.BY_HAND, reason)
    await outbox.add_all(transaction, [*messages, ignored], connection_id=kept.connection_id, at=at)
