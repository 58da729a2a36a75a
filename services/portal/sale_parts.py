"""A sale in parts of days: what is booked of it, each part on its day, and what remains. Pure.

What the till sold is the parts together. Each document holds one; what is not booked yet, or booked too
much, is the rest: it waits on the sale's own day, or on the day of the change where some of it is booked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from services.portal.sale_facts import (
    DocumentFacts,
    Paid,
    SaleFacts,
    SaleState,
    Step,
    VatCents,
    gross_of,
)

REST = ""
"""In place of a document's id."""


class Kind(StrEnum):
    """A difference is what nobody can explain: booked for another amount than was sold."""

    BOOKED = "booked"
    WAITING = "waiting"
    IGNORED = "ignored"
    DIFFERENCE = "difference"


KINDS = {SaleState.BOOKED: Kind.DIFFERENCE, SaleState.IGNORED: Kind.IGNORED}


@dataclass(frozen=True, slots=True)
class Part:
    """`paid` is what it changes in what was paid, so of a first part all of it."""

    day: str
    kind: Kind
    cents: int
    vat: VatCents = field(default_factory=dict)
    paid: Paid = field(default_factory=dict)


Parts = dict[str, Part]
"""By document id, the rest by `REST`."""


def parts_of(facts: SaleFacts) -> Parts:
    paid, paid_so_far = _paid_by_document(facts)
    parts = {
        id_: Part(each.day, _kind_of(each), gross_of(each.booked_turnover), each.booked_turnover, paid[id_])
        for id_, each in facts.documents.items()
        if each.standing and (each.booked_turnover or paid[id_])
    }
    rest = _rest(facts, paid_so_far)
    return parts if rest is None else {**parts, REST: rest}


def _kind_of(document: DocumentFacts) -> Kind:
    """What stands otherwise than it was sent is a problem, and problems are waiting."""
    return Kind.BOOKED if document.is_as_sent else Kind.WAITING


def _rest(facts: SaleFacts, paid_so_far: Paid) -> Part | None:
    cents, day = facts.rest_cents, _rest_day(facts)
    paid = _change(facts.paid.get(facts.closed, {}) if facts.is_sold else {}, paid_so_far)
    if not day or not (cents or paid):
        return None
    return Part(day, KINDS.get(facts.state, Kind.WAITING), cents, paid=paid)


def _rest_day(facts: SaleFacts) -> str:
    under_way = [(each.step, each.day) for each in facts.live if not each.is_booked and each.day]
    if under_way:
        return max(under_way)[1]
    booked = [each.day for each in facts.booked]
    return max(facts.changed_day, facts.day, *booked) if booked else facts.day


def _paid_by_document(facts: SaleFacts) -> tuple[dict[str, Paid], Paid]:
    """What each document changes in what was paid, and what was paid by the last of them.

    Of a revision with more than one document, the first shows it.
    """
    firsts: dict[int, tuple[Step, str]] = {}
    for id_, document in facts.documents.items():
        step = document.steps.get(document.standing, document.step)
        if document.standing and step[0] in facts.paid:
            firsts[step[0]] = min(firsts.get(step[0], (step, id_)), (step, id_))
    paid: dict[str, Paid] = {id_: {} for id_ in facts.documents}
    so_far: Paid = {}
    for revision, (_, id_) in sorted(firsts.items()):
        paid[id_] = _change(facts.paid[revision], so_far)
        so_far = facts.paid[revision]
    return paid, so_far


def _change(now: Paid, before: Paid) -> Paid:
    changed: Paid = {}
    for type_id in sorted({*now, *before}):
        name, cents = now.get(type_id, ("", 0))
        name_before, cents_before = before.get(type_id, ("", 0))
        if cents != cents_before:
            changed[type_id] = (name or name_before, cents - cents_before)
    return changed
