"""What is known of a sale, from messages in whatever order they come. Pure.

Every fact only grows: of two decisions the higher (revision, decision) holds, of two versions of a
document the higher one. So the same messages give the same state, shuffled or not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter

from libs.common.contracts.documents import Purpose
from libs.common.domain.problem import Problem

Step = tuple[int, int]
"""A revision and the decision about it; 0 is none yet."""
NOWHERE: Step = (0, -1)


VatCents = dict[str, tuple[int, int | None]]
"""Turnover by VAT code in cents: the gross, and its VAT where that is ours to say."""


class SaleState(StrEnum):
    RECORDED = "recorded"
    MAPPED = "mapped"
    BOOKED = "booked"
    PROBLEM = "problem"
    IGNORED = "ignored"


@dataclass(slots=True)
class DocumentFacts:
    """One document of a sale; the numbers are the highest version of which each was said, 0 for never."""

    purpose: str = ""
    kind: str = ""
    planned_reference: str = ""
    booked_reference: str = ""
    step: Step = NOWHERE
    ready: int = 0
    withdrawn: int = 0
    rejected: int = 0
    booked: int = 0
    stands_wrong: int = 0
    """Stands in the books, but not as it was meant."""
    count: int = 1
    turnover: dict[int, VatCents] = field(default_factory=dict)
    """Of each version, so that what stands in the books keeps its own."""
    number: str = ""
    exact_id: str = ""
    booked_at: str = ""
    booked_day: str = ""
    problem: Problem | None = None

    @property
    def is_booked(self) -> bool:
        return self.booked > 0 or self.stands_wrong > 0

    @property
    def reference(self) -> str:
        return self.booked_reference or self.planned_reference

    @property
    def booked_turnover(self) -> VatCents:
        """What of it stands in the books, by the version that was booked."""
        if not self.is_booked or not self.turnover:
            return {}
        return self.turnover.get(self.booked, self.turnover[min(self.turnover)])

    @property
    def is_wrong(self) -> bool:
        return self.stands_wrong > 0 and self.stands_wrong >= self.ready

    @property
    def is_rejected(self) -> bool:
        return self.rejected > max(self.booked, self.withdrawn) and self.rejected >= self.ready

    @property
    def is_gone(self) -> bool:
        return self.withdrawn > self.ready and not self.is_booked

    @property
    def state(self) -> SaleState:
        if self.is_wrong or self.is_rejected:
            return SaleState.PROBLEM
        return SaleState.BOOKED if self.is_booked else SaleState.MAPPED


@dataclass(slots=True)
class SaleFacts:
    """`problem_step` and `ignored_step` are the newest decisions of each kind; documents bring their own."""

    recorded: int = 0
    problem_step: Step = NOWHERE
    problem: Problem | None = None
    by: str = ""
    ignored_step: Step = NOWHERE
    why: str = ""
    reason: str = ""
    documents: dict[str, DocumentFacts] = field(default_factory=dict)

    @property
    def state(self) -> SaleState:
        return self._verdict()[0]

    @property
    def current_problem(self) -> Problem | None:
        return self._verdict()[1]

    def _verdict(self) -> tuple[SaleState, Problem | None]:
        decided = max(self.problem_step, self.ignored_step)
        newest = max(decided, (self.recorded, 0))
        for document in self.documents.values():
            if document.is_wrong and document.step >= newest:
                return SaleState.PROBLEM, document.problem
        live = [document for document in self.documents.values() if not document.is_gone]
        step = max((document.step for document in live), default=NOWHERE)
        if not live or newest > step or (newest == decided == step):
            return self._decided_alone(newest)
        return _of_documents(live, step)

    def _decided_alone(self, newest: Step) -> tuple[SaleState, Problem | None]:
        if newest == self.problem_step:
            return SaleState.PROBLEM, self.problem
        return (SaleState.IGNORED if newest == self.ignored_step else SaleState.RECORDED), None

    @property
    def booked_vat(self) -> VatCents:
        return added_up([document.booked_turnover for document in self.documents.values()])

    @property
    def booked_cents(self) -> int:
        return sum(gross for gross, _ in self.booked_vat.values())

    @property
    def booked_day(self) -> str:
        """The business day on which its turnover stands in the books; empty before."""
        document = self.turnover_document
        return "" if document is None else document.booked_day

    @property
    def turnover_document(self) -> DocumentFacts | None:
        ours = [each for each in self.documents.values() if each.purpose == Purpose.TURNOVER.value]
        live = [document for document in ours if not document.is_gone]
        return max(live, key=lambda document: document.step, default=None)

    def document(self, document_id: str) -> DocumentFacts:
        return self.documents.setdefault(document_id, DocumentFacts())


def added_up(parts: list[VatCents]) -> VatCents:
    total: VatCents = {}
    for part in parts:
        for code, (gross, vat) in part.items():
            so_far, vat_so_far = total.get(code, (0, 0))
            both = None if vat is None or vat_so_far is None else vat + vat_so_far
            total[code] = (so_far + gross, both)
    return total


def _of_documents(live: list[DocumentFacts], step: Step) -> tuple[SaleState, Problem | None]:
    for document in live:
        if document.state is SaleState.PROBLEM:
            return SaleState.PROBLEM, document.problem
    count = max((document.count for document in live if document.step == step), default=1)
    is_complete = len(live) >= count and all(document.is_booked for document in live)
    return (SaleState.BOOKED if is_complete else SaleState.MAPPED), None


@cache
def _adapter() -> TypeAdapter[SaleFacts]:
    return TypeAdapter(SaleFacts)


def facts_of(text: str) -> SaleFacts:
    return _adapter().validate_json(text)


def facts_text(facts: SaleFacts) -> str:
    return _adapter().dump_json(facts, exclude_defaults=True).decode()


@cache
def _document_adapter() -> TypeAdapter[DocumentFacts]:
    return TypeAdapter(DocumentFacts)


def document_facts_of(text: str) -> DocumentFacts:
    return _document_adapter().validate_json(text)


def document_facts_text(facts: DocumentFacts) -> str:
    return _document_adapter().dump_json(facts, exclude_defaults=True).decode()
