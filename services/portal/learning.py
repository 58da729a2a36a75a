"""What each message adds to the facts of a sale or a document. Pure; the order doesn't matter."""

from __future__ import annotations

from datetime import date

from libs.common.contracts.documents import (
    DocumentBooked,
    DocumentDelayed,
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
    Purpose,
    SaleVersion,
    WantedSums,
)
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleProblem, SaleRecorded
from libs.common.domain.business_day import day_at_till
from libs.common.domain.map_sale import sale_day
from libs.common.domain.reconcile import payments_in
from libs.common.domain.rules import Rules
from libs.common.domain.sale import SaleState as TillState
from services.portal.sale_facts import DocumentFacts, PaidCents, SaleFacts, Step, VatCents, added_up, named
from services.portal.turnover import (
    in_cents,
    paid_cents,
    payments_of,
    sold_cents,
    turnover_by_code,
    vat_cents,
)

DocumentNews = DocumentReady | DocumentWithdrawn | DocumentBooked | DocumentRejected | DocumentDelayed
OF_MANY = (Purpose.DAY_TOTAL, Purpose.DAY_SETTLEMENT)
"""Documents that hold parts of many sales."""


def learn_recorded(facts: SaleFacts, message: SaleRecorded, rules: Rules) -> bool:
    """Whether this is the newest revision, so that its content holds."""
    sale = message.sale
    is_open = sale.state is TillState.OPEN
    facts.payment_names |= {payment.type_id: payment.type_name for payment in sale.payments}
    if not is_open and message.revision > facts.closed:
        facts.closed = message.revision
        facts.paid = payments_of(sale)
        facts.sold_cents = sold_cents(sale, rules)
        facts.day = sale_day(sale, rules).isoformat()
        facts.changed_day = day_at_till(sale.changed_at, sale, rules).isoformat()
    if message.revision <= facts.recorded:
        return False
    facts.recorded, facts.is_open = message.revision, is_open
    return True


def learn_problem(facts: SaleFacts, message: SaleProblem, day: date | None) -> bool:
    """Whether it is all that is known of the sale: one that can't be read shows its total and its day."""
    step = (message.revision, message.decision)
    if step < facts.problem_step:
        return False
    facts.problem_step, facts.problem, facts.by = step, message.problem, message.by
    if facts.recorded:
        return False
    facts.sold_cents = 0 if message.total_incl_vat is None else in_cents(message.total_incl_vat)
    facts.day = "" if day is None else day.isoformat()
    return True


def learn_ignored(facts: SaleFacts, message: SaleIgnored) -> None:
    step = (message.revision, message.decision)
    if step >= facts.ignored_step:
        facts.ignored_step, facts.why, facts.reason = step, message.why.value, message.reason


def learn_mapped(facts: SaleFacts, message: SaleMapped) -> None:
    step = (message.revision, message.decision)
    facts.mapped_step = max(facts.mapped_step, step)
    _learn_wanted(facts, message.wanted, step)


def learn_wanted(facts: SaleFacts, message: DocumentNews, sale_id: str) -> None:
    """What a document of its own says of the whole sale."""
    if isinstance(message, DocumentReady):
        for version in message.sales:
            if version.sale_id == sale_id:
                _learn_wanted(facts, message.wanted, _step(version))


def _learn_wanted(facts: SaleFacts, wanted: WantedSums | None, step: Step) -> None:
    if wanted is None:
        return
    facts.wanted_open[named(step)] = paid_cents(wanted.open_payments)
    ledgers = {part.payment_type: part.ledger for part in wanted.payments}
    if step <= facts.wanted_step:
        facts.payment_ledgers = ledgers | facts.payment_ledgers
        return
    facts.wanted_step = step
    facts.wanted_vat = vat_cents(wanted.turnover)
    facts.wanted_paid = paid_cents(wanted.payments)
    facts.payment_ledgers |= ledgers


def learn_document(facts: DocumentFacts, message: DocumentNews, rules: Rules, sale_id: str) -> None:
    for version in message.sales:
        if version.sale_id == sale_id:
            facts.step = max(facts.step, _step(version))
    match message:
        case DocumentReady():
            _learn_ready(facts, message, rules, sale_id)
        case DocumentWithdrawn():
            _learn_withdrawn(facts, message)
        case DocumentBooked():
            _learn_booked(facts, message)
        case DocumentRejected():
            _learn_rejected(facts, message)
        case DocumentDelayed():
            _learn_delayed(facts, message)


def _step(version: SaleVersion) -> Step:
    return version.revision, version.decision


def _learn_ready(facts: DocumentFacts, message: DocumentReady, rules: Rules, sale_id: str) -> None:
    version = message.document_version
    facts.turnover[version] = _turnover_of(message, rules, sale_id)
    facts.payments[version] = _payments_of(message, sale_id)
    for each in message.sales:
        if each.sale_id == sale_id:
            facts.steps[version] = _step(each)
    if version <= facts.ready:
        return
    facts.ready = version
    facts.count = message.count
    facts.purpose = message.purpose.value
    facts.kind = facts.kind if facts.booked else message.document.kind.value
    facts.planned_reference = message.document.reference
    facts.planned_day = message.business_day.isoformat()


def _turnover_of(message: DocumentReady, rules: Rules, sale_id: str) -> VatCents:
    """What it holds of the sale's turnover; of a day's total its share."""
    if message.purpose not in OF_MANY:
        return turnover_by_code(message.document, rules)
    return added_up([vat_cents(share.turnover) for share in message.shares if share.sale_id == sale_id])


def _payments_of(message: DocumentReady, sale_id: str) -> PaidCents:
    if message.purpose not in OF_MANY:
        return paid_cents(payments_in(message.document))
    shares = (share.payments for share in message.shares if share.sale_id == sale_id)
    return paid_cents(part for payments in shares for part in payments)


def _learn_withdrawn(facts: DocumentFacts, message: DocumentWithdrawn) -> None:
    facts.withdrawn = max(facts.withdrawn, message.document_version)


def _learn_booked(facts: DocumentFacts, message: DocumentBooked) -> None:
    facts.stands = facts.stands or message.document is not None
    if message.looked_at is not None and message.looked_at.isoformat() > facts.right_at:
        facts.right_at = message.looked_at.isoformat()
        facts.left_at = facts.right_at if message.is_left_so else facts.left_at
        facts.number, facts.exact_id = message.number, message.exact_id
    if message.document_version <= facts.booked:
        return
    facts.booked = message.document_version
    facts.purpose, facts.kind = message.purpose.value, message.kind.value
    facts.number, facts.exact_id = message.number, message.exact_id
    facts.booked_reference = message.reference
    facts.booked_at = message.booked_at.isoformat()
    facts.booked_day = message.business_day.isoformat()


def _learn_delayed(facts: DocumentFacts, message: DocumentDelayed) -> None:
    facts.tried = max(facts.tried, (message.document_version, message.attempts))
    facts.late = max(facts.late, (message.document_version, message.due_at.isoformat(), message.why))


def _learn_rejected(facts: DocumentFacts, message: DocumentRejected) -> None:
    if message.attempts:
        facts.tried = max(facts.tried, (message.document_version, message.attempts))
    facts.purpose = message.purpose.value
    facts.kind = facts.kind or message.kind.value
    if message.document_version >= max(facts.rejected, facts.stands_wrong) and _is_last_look(facts, message):
        facts.problem = message.problem
    if message.is_booked:
        looked_at = "" if message.looked_at is None else message.looked_at.isoformat()
        facts.wrong_at = max(facts.wrong_at, looked_at)
        facts.stands_wrong = max(facts.stands_wrong, message.document_version)
    else:
        facts.rejected = max(facts.rejected, message.document_version)


def _is_last_look(facts: DocumentFacts, message: DocumentRejected) -> bool:
    looked_at = "" if message.looked_at is None else message.looked_at.isoformat()
    return message.document_version > facts.stands_wrong or looked_at >= facts.wrong_at
