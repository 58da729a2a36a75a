"""What each message adds to the facts of a sale or a document. Pure; the order doesn't matter."""

from __future__ import annotations

from libs.common.contracts.documents import (
    DocumentBooked,
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
    Purpose,
    SaleVersion,
)
from libs.common.contracts.sales import SaleIgnored, SaleProblem, SaleRecorded
from libs.common.domain.rules import Rules
from services.portal.sale_facts import DocumentFacts, SaleFacts, Step
from services.portal.turnover import turnover_by_code

DocumentNews = DocumentReady | DocumentWithdrawn | DocumentBooked | DocumentRejected


def learn_recorded(facts: SaleFacts, message: SaleRecorded) -> bool:
    """Whether this is the newest revision, so that its content holds."""
    is_newer = message.revision > facts.recorded
    facts.recorded = max(facts.recorded, message.revision)
    return is_newer


def learn_problem(facts: SaleFacts, message: SaleProblem) -> None:
    step = (message.revision, message.decision)
    if step >= facts.problem_step:
        facts.problem_step, facts.problem, facts.by = step, message.problem, message.by


def learn_ignored(facts: SaleFacts, message: SaleIgnored) -> None:
    step = (message.revision, message.decision)
    if step >= facts.ignored_step:
        facts.ignored_step, facts.why, facts.reason = step, message.why.value, message.reason


def learn_document(facts: DocumentFacts, message: DocumentNews, rules: Rules, sale_id: str) -> None:
    for version in message.sales:
        if version.sale_id == sale_id:
            facts.step = max(facts.step, _step(version))
    match message:
        case DocumentReady():
            _learn_ready(facts, message, rules)
        case DocumentWithdrawn():
            _learn_withdrawn(facts, message)
        case DocumentBooked():
            _learn_booked(facts, message)
        case DocumentRejected():
            _learn_rejected(facts, message)


def _step(version: SaleVersion) -> Step:
    return version.revision, version.decision


def _learn_ready(facts: DocumentFacts, message: DocumentReady, rules: Rules) -> None:
    if message.purpose is Purpose.TURNOVER:
        facts.turnover[message.document_version] = turnover_by_code(message.document, rules)
    if message.document_version <= facts.ready:
        return
    facts.ready = message.document_version
    facts.count = message.count
    facts.purpose, facts.kind = message.purpose.value, message.document.kind.value
    facts.planned_reference = message.document.reference


def _learn_withdrawn(facts: DocumentFacts, message: DocumentWithdrawn) -> None:
    facts.withdrawn = max(facts.withdrawn, message.document_version)


def _learn_booked(facts: DocumentFacts, message: DocumentBooked) -> None:
    if message.document_version <= facts.booked:
        return
    facts.booked = message.document_version
    facts.purpose, facts.kind = message.purpose.value, message.kind.value
    facts.number, facts.exact_id = message.number, message.exact_id
    facts.booked_reference = message.reference
    facts.booked_at = message.booked_at.isoformat()
    facts.booked_day = message.business_day.isoformat()


def _learn_rejected(facts: DocumentFacts, message: DocumentRejected) -> None:
    facts.purpose, facts.kind = message.purpose.value, message.kind.value
    if message.document_version >= max(facts.rejected, facts.stands_wrong):
        facts.problem = message.problem
    if message.is_booked:
        facts.stands_wrong = max(facts.stands_wrong, message.document_version)
    else:
        facts.rejected = max(facts.rejected, message.document_version)
