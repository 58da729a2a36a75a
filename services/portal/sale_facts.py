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
from libs.common.domain.document import NothingCode
from libs.common.domain.problem import Problem

Step = tuple[int, int]
"""A revision and the decision about it; 0 is none yet."""
NOWHERE: Step = (0, -1)


VatCents = dict[str, tuple[int, int | None]]
"""Turnover by VAT code in cents: the gross, and its VAT where that is ours to say."""
PaidCents = dict[str, int]
"""What was paid by each payment type, in cents."""
Paid = dict[str, tuple[str, int]]
"""By payment type: its name, and what was paid in cents."""
HOLD_TURNOVER = (Purpose.TURNOVER.value, Purpose.DAY_TOTAL.value)
BY_HAND = NothingCode.BY_HAND.value


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
    steps: dict[int, Step] = field(default_factory=dict)
    """The decision about the sale that each version comes from."""
    ready: int = 0
    withdrawn: int = 0
    rejected: int = 0
    booked: int = 0
    stands_wrong: int = 0
    """Stands in the books, but not as it was meant."""
    wrong_at: str = ""
    right_at: str = ""
    """When Exact was last seen to hold it wrong, and right again."""
    left_at: str = ""
    """When a person last left it as it was."""
    stands: bool = False
    """What was wanted after it was booked came too late, and whoever wanted it was told."""
    count: int = 1
    turnover: dict[int, VatCents] = field(default_factory=dict)
    """Of each version, so that what stands in the books keeps its own."""
    payments: dict[int, PaidCents] = field(default_factory=dict)
    number: str = ""
    exact_id: str = ""
    booked_at: str = ""
    planned_day: str = ""
    booked_day: str = ""
    problem: Problem | None = None
    tried: tuple[int, int] = (0, 0)
    """The version that was sent last, and how often."""
    late: tuple[int, str, str] = (0, "", "")
    """The version that was put off last, until when and why."""

    @property
    def is_booked(self) -> bool:
        return self.booked > 0 or self.stands_wrong > 0

    @property
    def standing(self) -> int:
        """The version that is in the books, as far as it is known here; 0 for none."""
        version = self.booked or self.stands_wrong
        return version if version in self.turnover else 0

    @property
    def day(self) -> str:
        """The business day on which it is, or will be, in the books."""
        return self.booked_day or self.planned_day

    @property
    def is_settled(self) -> bool:
        """In the books as it was wanted last."""
        return self.standing > 0 and self.standing >= max(self.ready, self.withdrawn)

    @property
    def reference(self) -> str:
        return self.booked_reference or self.planned_reference

    @property
    def booked_turnover(self) -> VatCents:
        """What of it stands in the books, by the version that was booked."""
        return self.turnover.get(self.standing, {})

    @property
    def booked_payments(self) -> PaidCents:
        return self.payments.get(self.standing, {})

    @property
    def is_wrong(self) -> bool:
        is_mended = self.right_at > self.wrong_at
        return self.stands_wrong > 0 and self.stands_wrong >= self.ready and not is_mended

    @property
    def is_as_sent(self) -> bool:
        """Whether it stands as it was sent: not an invoice that isn't printed, nor what differs."""
        is_mended = self.right_at > self.wrong_at
        return self.is_booked and (not self.stands_wrong or self.booked > self.stands_wrong or is_mended)

    @property
    def is_left_so(self) -> bool:
        """Not as it was sent, and a person wants it so."""
        return bool(self.left_at) and self.left_at >= max(self.wrong_at, self.right_at)

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
    """The steps are the newest decisions of each kind; documents bring their own.

    `closed` is the newest revision in which the sale wasn't open at the till; the four that follow are
    of it. `settlements` are documents of days that hold its money: its state isn't theirs. The names and
    ledgers of payment types are of all that it was ever paid by.
    """

    recorded: int = 0
    is_open: bool = False
    closed: int = 0
    sold_cents: int = 0
    day: str = ""
    changed_day: str = ""
    paid: PaidCents = field(default_factory=dict)
    payment_names: dict[str, str] = field(default_factory=dict)
    payment_ledgers: dict[str, str] = field(default_factory=dict)
    problem_step: Step = NOWHERE
    problem: Problem | None = None
    by: str = ""
    ignored_step: Step = NOWHERE
    why: str = ""
    reason: str = ""
    mapped_step: Step = NOWHERE
    wanted_step: Step = NOWHERE
    wanted_vat: VatCents = field(default_factory=dict)
    wanted_paid: PaidCents = field(default_factory=dict)
    wanted_open: dict[str, PaidCents] = field(default_factory=dict)
    """Of what was paid, what stands on no money line, by `named` step: its documents don't tell it."""
    documents: dict[str, DocumentFacts] = field(default_factory=dict)
    settlements: dict[str, DocumentFacts] = field(default_factory=dict)

    @property
    def state(self) -> SaleState:
        return self._verdict()[0]

    @property
    def current_problem(self) -> Problem | None:
        return self._verdict()[1]

    @property
    def live(self) -> list[DocumentFacts]:
        return [document for document in self.documents.values() if not document.is_gone]

    @property
    def booked(self) -> list[DocumentFacts]:
        """Those in the books, in order of the decisions that they come from."""
        found = [(id_, each) for id_, each in self.documents.items() if each.is_booked]
        ordered = sorted(found, key=lambda pair: (pair[1].steps.get(pair[1].standing, pair[1].step), pair[0]))
        return [each for _, each in ordered]

    def _verdict(self) -> tuple[SaleState, Problem | None]:
        decided = max(self.problem_step, self.ignored_step)
        newest = max(decided, self.mapped_step, self._seen)
        for document in self.documents.values():
            if document.is_wrong and document.step >= newest:
                return SaleState.PROBLEM, document.problem
        step = max((document.step for document in self.live), default=NOWHERE)
        if not self.live or newest > step or (newest == decided == step):
            return self._decided_alone(newest)
        return self._of_documents(step)

    @property
    def _seen(self) -> Step:
        """A sale that is open again at the till stays what it was decided to be."""
        was_decided = max(self.problem_step, self.ignored_step, self.mapped_step) > NOWHERE
        return NOWHERE if self.is_open and (was_decided or self.live) else (self.recorded, 0)

    def _decided_alone(self, newest: Step) -> tuple[SaleState, Problem | None]:
        if newest == self.problem_step:
            return SaleState.PROBLEM, self.problem
        if newest == self.ignored_step:
            is_left_out = self.why == BY_HAND or not self.booked
            return (SaleState.IGNORED if is_left_out else SaleState.MAPPED), None
        if newest != self.mapped_step:
            return SaleState.RECORDED, None
        is_done = bool(self.booked) and self._is_settled(newest) and not self.rest_cents
        return (SaleState.BOOKED if is_done else SaleState.MAPPED), None

    def _of_documents(self, step: Step) -> tuple[SaleState, Problem | None]:
        for document in self.live:
            if document.state is SaleState.PROBLEM:
                return SaleState.PROBLEM, document.problem
        of_step = [document for document in self.live if document.step == step]
        count = max(document.count for document in of_step)
        waits_in_day = self.rest_cents and not any(each.purpose in HOLD_TURNOVER for each in of_step)
        is_done = len(of_step) >= count and self._is_settled(step) and not waits_in_day
        return (SaleState.BOOKED if is_done else SaleState.MAPPED), None

    def _is_settled(self, step: Step) -> bool:
        """What was wanted too late is decided about again, unless it makes no difference."""
        return all(
            each.is_settled
            or (each.stands and each.standing > 0 and (each.step < step or not self.rest_cents))
            for each in self.live
        )

    @property
    def is_sold(self) -> bool:
        """Not while it is open, unless it is booked or on its way since before."""
        left_out = max(self.problem_step, self.ignored_step)
        return not self.is_open or bool(self.live) or self.mapped_step > left_out

    @property
    def turnover_cents(self) -> int:
        return self.sold_cents if self.is_sold else 0

    @property
    def booked_cents(self) -> int:
        return sum(gross_of(document.booked_turnover) for document in self.booked)

    @property
    def rest_cents(self) -> int:
        """What of its turnover isn't booked; negative where too much is."""
        return self.turnover_cents - self.booked_cents

    @property
    def is_wanted_known(self) -> bool:
        """Whether a decision about what the till says now told what its documents should hold together."""
        return self.is_sold and self.wanted_step[0] == self.closed > 0

    @property
    def in_the_books(self) -> dict[str, DocumentFacts]:
        """By id, those of which a version stands."""
        every = {**self.documents, **self.settlements}
        return {id_: each for id_, each in every.items() if each.standing}

    @property
    def turnover_document(self) -> DocumentFacts | None:
        """The first that holds its turnover: corrections and supplements came after."""
        live = [(id_, each) for id_, each in self.documents.items() if not each.is_gone]
        ours = [pair for pair in live if pair[1].purpose in HOLD_TURNOVER]
        first = min(ours, key=lambda pair: (_first_step(pair[1]), pair[0]), default=None)
        return None if first is None else first[1]

    def document(self, document_id: str, *, settles: bool = False) -> DocumentFacts:
        """`settles` tells that it is a day's settlement."""
        documents = self.settlements if settles else self.documents
        return documents.setdefault(document_id, DocumentFacts())


def named(step: Step) -> str:
    return f"{step[0]}.{step[1]}"


def _first_step(document: DocumentFacts) -> Step:
    return min(document.steps.values(), default=document.step)


def gross_of(vat: VatCents) -> int:
    return sum(gross for gross, _ in vat.values())


def added_up(parts: list[VatCents]) -> VatCents:
    total: VatCents = {}
    for part in parts:
        for code, (gross, vat) in part.items():
            so_far, vat_so_far = total.get(code, (0, 0))
            both = None if vat is None or vat_so_far is None else vat + vat_so_far
            total[code] = (so_far + gross, both)
    return total


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
