"""Decides what a sale books, and hands its documents on.

One decision replaces the one before it. What certainly isn't in the books is replaced or withdrawn; what
stands there is corrected, never changed: by a further document, or by a further share of a day.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentReady, DocumentWithdrawn, Purpose
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleProblem
from libs.common.database.registry import Connection
from libs.common.domain.business_day import day_at_till
from libs.common.domain.correct import Correcting, Family, correct, day_difference, first_named
from libs.common.domain.day_total import added_up, part_of_day, taken_back
from libs.common.domain.document import (
    Booking,
    Document,
    JournalLine,
    Nothing,
    NothingCode,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Mode, Rules
from libs.common.domain.sale import SaleState
from libs.common.messaging import outbox
from services.mapper import day_store, store
from services.mapper.day_store import OpenDay, Place
from services.mapper.store import DocumentState, KeptDocument, KeptSale, SaleDecision

TURNOVER = "turnover"
VOID = (SaleState.VOIDED, SaleState.CANCELLED)
BY_RULE = (NothingCode.BEFORE_START, NothingCode.OUTLET_DISABLED)
"""Reasons of the rules, not of the till: what stands stays until its days are rebooked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a sale so far."""

    documents: tuple[KeptDocument, ...] = ()
    settled: Mapping[OpenDay, Sequence[JournalLine]] = field(default_factory=dict)
    """What days' documents hold of it."""
    waiting: Mapping[OpenDay, Sequence[JournalLine]] = field(default_factory=dict)
    """What waits in days that have no document yet."""

    @property
    def booked(self) -> tuple[KeptDocument, ...]:
        return tuple(one for one in self.documents if one.state is DocumentState.BOOKED)

    @property
    def in_flight(self) -> tuple[KeptDocument, ...]:
        """Handed on and perhaps refused, but not known to be in the books."""
        return tuple(one for one in self.documents if one.state is not DocumentState.BOOKED)

    @property
    def is_booked(self) -> bool:
        return bool(self.booked or self.settled)

    @property
    def first_day(self) -> date | None:
        """On which the books hold something of the sale."""
        days = [opened.day for opened in self.settled]
        days += [one.content.day for one in self.booked if one.content is not None]
        return min(days, default=None)

    def of_family(self, family: str) -> Standing:
        return Standing(tuple(one for one in self.documents if one.family == family))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sale should have in the books: documents by family, and lines by the place in a day."""

    documents: Mapping[str, Document] = field(default_factory=dict)
    lines: Mapping[Place, Sequence[JournalLine]] = field(default_factory=dict)


@dataclass(slots=True)
class Handover:
    """The documents that a decision hands on, in posting order, and those that it takes back."""

    ready: list[KeptDocument] = field(default_factory=list)
    withdrawn: list[KeptDocument] = field(default_factory=list)


async def decide(
    transaction: AsyncConnection, connection: Connection, kept: KeptSale, *, at: datetime
) -> None:
    """Maps the sale under the connection's rules and keeps and sends what comes of it."""
    standing = await _standing_of(transaction, kept)
    rules = _rules_for(kept, standing, connection.rules)
    outcome = map_sale(kept.sale, rules, number=kept.reference_number)
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
        outcome if isinstance(outcome, Problem) else _handed_over(kept, decided, standing, wanted, rules)
    )
    if isinstance(handover, Problem):
        await _as_problem(transaction, decided, standing, handover, at=at)
        return
    await _keep(transaction, decided, _state_after(outcome, standing))
    await _keep_shares(transaction, kept, decided, standing, wanted, rules)
    messages = await _messages(transaction, connection, decided, handover)
    if not handover.ready:
        messages.append(_without_documents(decided, outcome, standing))
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
    kept: KeptSale, outcome: Booking | Nothing | Problem, standing: Standing
) -> SaleIgnored | SaleMapped:
    if isinstance(outcome, Nothing) and not standing.is_booked:
        return SaleIgnored(kept.sale_id, kept.revision, kept.decision, outcome.why)
    return _mapped(kept)


def _mapped(kept: KeptSale) -> SaleMapped:
    return SaleMapped(kept.sale_id, kept.revision, kept.decision, sale_day_of(kept))


async def _keep(transaction: AsyncConnection, kept: KeptSale, state: SaleDecision) -> None:
    await store.keep_sale(transaction, replace(kept, state=state))


# What is wanted


async def _wanted(
    transaction: AsyncConnection, kept: KeptSale, outcome: Booking | Nothing | Problem, rules: Rules
) -> Wanted:
    if not isinstance(outcome, Booking):
        return Wanted()
    base = _base(kept, rules)
    documents = {
        _family(document, base, is_first=position == 0): document
        for position, document in enumerate(outcome.documents)
    }
    if not outcome.day_lines:
        return Wanted(documents)
    place = _place_of(kept, documents, rules)
    await day_store.keep_outlet(transaction, kept.connection_id, kept.sale, place.part)
    return Wanted(documents, {place: outcome.day_lines})


def _base(kept: KeptSale, rules: Rules) -> str:
    return f"{rules.reference_prefix}{kept.reference_number}"


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


# Documents


def _handed_over(
    kept: KeptSale, decided: KeptSale, standing: Standing, wanted: Wanted, rules: Rules
) -> Handover | Problem:
    handover = Handover()
    correcting = _correcting(kept, decided, standing, rules)
    stays = _is_left_to_its_rules(kept, rules)
    families = [] if stays else [one.family for one in standing.documents]
    for family in dict.fromkeys([*wanted.documents, *families]):
        before = standing.of_family(family)
        document = wanted.documents.get(family)
        if before.booked:
            documents = _corrections(before, document, correcting, rules)
            if isinstance(documents, Problem):
                return documents
        else:
            documents = () if document is None else (_on_its_day(document, before, standing, correcting),)
        _hand_over(handover, decided, family, before, documents)
    return handover


def _is_left_to_its_rules(kept: KeptSale, rules: Rules) -> bool:
    """Before the start date only what was paid since is wanted; what stands stays until it is rebooked."""
    is_before = rules.start_date is not None and sale_day(kept.sale, rules) < rules.start_date
    return is_before and kept.sale.state is SaleState.COMPLETED and not kept.is_rebooked


def _on_its_day(document: Document, before: Standing, standing: Standing, correcting: Correcting) -> Document:
    """The first of its family: where the sale stands already, it is part of the change."""
    named = first_named(document, correcting)
    is_of_the_change = standing.is_booked and not before.in_flight and correcting.first_day is None
    has_a_day_of_its_own = document.reference != correcting.reference
    if not is_of_the_change or has_a_day_of_its_own:
        return named
    return replace(named, day=correcting.day)


def _correcting(kept: KeptSale, decided: KeptSale, standing: Standing, rules: Rules) -> Correcting:
    booked = [one.content for one in standing.booked if one.content is not None]
    return Correcting(
        reference=_base(decided, rules),
        day=_day_of_change(kept, standing, rules),
        used={(one.kind.value, one.reference) for one in booked},
        is_void=decided.sale.state in VOID,
        is_repeated=kept.is_rebooked or rules.corrections.style == "reverse-and-repeat",
        first_day=standing.first_day if kept.is_rebooked else None,
    )


def _day_of_change(kept: KeptSale, standing: Standing, rules: Rules) -> date:
    """The day on which the sale was changed; a rebooked one stays on its own."""
    own = sale_day(kept.sale, rules)
    if kept.is_rebooked:
        return own
    changed = day_at_till(kept.sale.changed_at, kept.sale, rules)
    return max([changed, own, *(one.day for one in standing.booked if one.day is not None)])


def _corrections(
    before: Standing, document: Document | None, correcting: Correcting, rules: Rules
) -> tuple[Document, ...] | Problem:
    forgotten = [one.reference for one in before.booked if one.content is None]
    if forgotten:
        facts = (("reference", forgotten[0]),)
        return Problem(ProblemCode.EDITED_AFTER_BOOKING, facts, per_sale=("reference",))
    booked = tuple(one.content for one in before.booked if one.content is not None)
    if len(booked) == 1 and booked[0] == document and not before.in_flight:
        return booked  # handed on again, so that whoever asked hears that it stands
    return correct(Family(booked, () if document is None else (document,)), correcting, rules)


def _hand_over(
    handover: Handover, kept: KeptSale, family: str, before: Standing, documents: Sequence[Document]
) -> None:
    """Documents in flight are the same documents in a new version; what is left of them is withdrawn."""
    is_told_again = len(documents) == 1 and any(one.content is documents[0] for one in before.booked)
    earlier = list(before.booked if is_told_again else before.in_flight)
    for document in documents:
        old = earlier.pop(0) if earlier else None
        handover.ready.append(_as_kept(kept, family, document, old, is_told_again=is_told_again))
    if not is_told_again:
        handover.withdrawn += [
            replace(one, version=one.version + 1, state=DocumentState.WITHDRAWN) for one in earlier
        ]


def _as_kept(
    kept: KeptSale, family: str, document: Document, old: KeptDocument | None, *, is_told_again: bool
) -> KeptDocument:
    purpose = Purpose.TURNOVER if family.startswith(TURNOVER) else Purpose.SETTLEMENT
    return KeptDocument(
        id=old.id if old is not None else uuid.uuid4().hex,
        sale_id=kept.sale_id,
        reference=document.reference,
        purpose=purpose,
        version=1 if old is None else old.version + 1,
        state=DocumentState.BOOKED if is_told_again else DocumentState.READY,
        content=document,
        family=family,
        outlet=kept.outlet,
        day=document.day,
    )


async def _messages(
    transaction: AsyncConnection, connection: Connection, kept: KeptSale, handover: Handover
) -> list[Message]:
    messages: list[Message] = [
        await _withdrawn(transaction, kept, document) for document in handover.withdrawn
    ]
    after: str | None = None
    for document in handover.ready:
        await store.keep_document(transaction, kept.connection_id, document)
        messages.append(_ready(connection, kept, document, after, len(handover.ready)))
        after = document.id
    return messages


def _ready(
    connection: Connection, kept: KeptSale, document: KeptDocument, after: str | None, count: int
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
    )


async def _withdrawn(
    transaction: AsyncConnection, kept: KeptSale, document: KeptDocument
) -> DocumentWithdrawn:
    await store.withdraw_document(transaction, document)
    return DocumentWithdrawn(document.id, document.version, (kept.version,))


# Shares of days


async def _keep_shares(
    transaction: AsyncConnection,
    kept: KeptSale,
    decided: KeptSale,
    standing: Standing,
    wanted: Wanted,
    rules: Rules,
) -> None:
    """What days' documents hold stays; the rest waits in the day of the sale, or of its change."""
    if not (wanted.lines or standing.settled or standing.waiting) or _is_left_to_its_rules(kept, rules):
        return
    if kept.is_rebooked:
        shares = _rebooked_shares(kept, standing, wanted, rules)
    else:
        shares = _changed_shares(kept, standing, wanted, rules)
    await day_store.replace_open(
        transaction, kept.connection_id, kept.sale_id, shares, is_first=decided.is_first_decision
    )


def _changed_shares(
    kept: KeptSale, standing: Standing, wanted: Wanted, rules: Rules
) -> dict[OpenDay, Sequence[JournalLine]]:
    """A sale of which nothing is booked yet is all in its own day; else its change is in the day of it."""
    if not standing.is_booked:
        own = sale_day(kept.sale, rules)
        return {OpenDay(own, place): lines for place, lines in wanted.lines.items()}
    day = _day_of_change(kept, standing, rules)
    shares = {opened: lines for opened, lines in standing.waiting.items() if opened.day < day}
    stands = [*standing.settled.items(), *shares.items()]
    for place in dict.fromkeys([*wanted.lines, *(opened.place for opened, _ in stands)]):
        before = [line for opened, lines in stands if opened.place == place for line in lines]
        shares[OpenDay(day, place)] = day_difference(wanted.lines.get(place, ()), before)
    return shares


def _rebooked_shares(
    kept: KeptSale, standing: Standing, wanted: Wanted, rules: Rules
) -> dict[OpenDay, Sequence[JournalLine]]:
    """The day that holds it first gives all of it back, and the sale's own day gets it anew."""
    shares: dict[OpenDay, Sequence[JournalLine]] = {}
    for opened, lines in standing.settled.items():
        given = OpenDay(standing.first_day or opened.day, opened.place)
        shares[given] = [*shares.get(given, ()), *taken_back(lines)]
    own = sale_day(kept.sale, rules)
    for place, lines in wanted.lines.items():
        shares[OpenDay(own, place)] = [*lines, *shares.get(OpenDay(own, place), ())]
    return {opened: added_up(lines) for opened, lines in shares.items()}


# Problems


async def _as_problem(
    transaction: AsyncConnection, kept: KeptSale, standing: Standing, problem: Problem, *, at: datetime
) -> None:
    """What is under way of the sale is taken back; what stands, stands until a person has mended this."""
    await _keep(transaction, kept, SaleDecision.PROBLEM)
    messages = await _take_back(transaction, kept, standing)
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


async def _take_back(transaction: AsyncConnection, kept: KeptSale, standing: Standing) -> list[Message]:
    if standing.waiting:
        await day_store.replace_open(transaction, kept.connection_id, kept.sale_id, {}, is_first=False)
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
    messages = await _take_back(transaction, decided, standing)
    ignored = SaleIgnored(decided.sale_id, decided.revision, decided.decision, NothingCode.BY_HAND, reason)
    await outbox.add_all(transaction, [*messages, ignored], connection_id=kept.connection_id, at=at)
