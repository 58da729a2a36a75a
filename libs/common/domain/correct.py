"""What must still be booked of a sale that stands in the books already (domain.md 1.8 and 9).

Nothing that stands is changed or deleted: a correction is the difference between what is wanted and what
stands, or its reversal and a repetition. Both are counted from the documents that stand, corrections
included, so whatever happened before, the books afterwards hold what is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from libs.common.domain.correct_items import correct_items, have_same_items
from libs.common.domain.correct_postings import correct_postings, have_same_postings
from libs.common.domain.day_total import added_up, taken_back
from libs.common.domain.document import (
    CashEntry,
    Document,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.family import Correcting, Family, described_journal, headed, renamed
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules


def correct(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """The documents that bring the books from what stands to what is wanted; none where they agree.

    Invoices can't be corrected by orders, nor either by entries: what stands in each form is corrected in it.
    """
    found: list[Document] = []
    for part in _by_form(family):
        documents = _corrected(part, how, rules)
        if isinstance(documents, Problem):
            return documents
        found += documents
    return tuple(found)


def first_named(document: Document, how: Correcting) -> Document:
    """A family's first document: by its own reference, or a correction's where the sale has used that one."""
    is_used = (document.kind.value, document.reference) in how.used
    return _named(document, how) if is_used else document


def _by_form(family: Family) -> Iterable[Family]:
    forms = dict.fromkeys(_form(document) for document in (*family.standing, *family.wanted))
    for form in forms:
        yield Family(
            tuple(one for one in family.standing if _form(one) == form),
            tuple(one for one in family.wanted if _form(one) == form),
        )


def _form(document: Document) -> str:
    return "entry" if isinstance(document, SalesEntry | JournalEntry | CashEntry) else document.kind.value


def _corrected(part: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """Of one form."""
    if _is_same(part) and not _stands_elsewhere(part, how):
        return ()
    if part.standing and not how.is_repeated:
        return _difference(part, how, rules)
    reversals = _reversals(part, how, rules)
    repeated = tuple(_named(document, how) for document in part.wanted)
    return reversals if isinstance(reversals, Problem) else (*reversals, *repeated)


def _reversals(part: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """Of all that stands, corrections included."""
    if not part.standing:
        return ()
    return _difference(Family(part.standing, ()), replace(how, day=how.first_day or how.day), rules)


def _stands_elsewhere(part: Family, how: Correcting) -> bool:
    """Rebooked under rules that put it on another day."""
    return bool(part.standing and part.wanted) and how.first_day not in (None, how.day)


def _is_same(family: Family) -> bool:
    return have_same_items(family) and have_same_postings(family)


def _named(document: Document, how: Correcting) -> Document:
    """A document again under a reference of its own, on the day of the correction."""
    if not isinstance(document, JournalEntry):
        return renamed(document, how)
    reference = how.reference + how.suffix(document.kind.value)
    lines = tuple(headed(line, reference, how.reference) for line in document.lines)
    words = described_journal(document, reference)
    return replace(document, reference=reference, day=how.day, description=words, lines=lines)


def _difference(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    model = (family.wanted or family.standing)[0]
    if isinstance(model, SalesInvoice | SalesOrder):
        return correct_items(family, model, how, rules)
    return correct_postings(family, how, rules)


def day_difference(wanted: Iterable[JournalLine], settled: Iterable[JournalLine]) -> tuple[JournalLine, ...]:
    """What a sale still brings to a day: what it should bring, less what days' documents hold of it."""
    return added_up([*wanted, *taken_back(settled)])
