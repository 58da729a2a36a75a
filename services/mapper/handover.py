"""What a decision hands on, from what stands of a sale and what is wanted of it: pure, without a database.

What certainly isn't in the books is replaced or withdrawn; what stands there is corrected by a further
document, or by a further share of a day.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from libs.common.contracts.documents import Purpose
from libs.common.domain.business_day import day_at_till
from libs.common.domain.correct import correct, day_difference, first_named
from libs.common.domain.day_total import added_up, taken_back
from libs.common.domain.document import Document, JournalLine
from libs.common.domain.family import Correcting, Family
from libs.common.domain.map_sale import sale_day
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules
from libs.common.domain.sale import SaleState
from services.mapper.day_store import OpenDay, Place
from services.mapper.store import DocumentState, KeptDocument, KeptSale

TURNOVER = "turnover"
VOID = (SaleState.VOIDED, SaleState.CANCELLED)

Shares = dict[OpenDay, Sequence[JournalLine]]
"""What waits of a sale, by the day and the place in which it waits."""


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


def reference_of(kept: KeptSale, rules: Rules) -> str:
    """Of the sale's first document."""
    return f"{rules.reference_prefix}{kept.reference_number}"


def handed_over(
    kept: KeptSale, decided: KeptSale, standing: Standing, wanted: Wanted, rules: Rules
) -> Handover | Problem:
    """What brings the books from what stands to what is wanted; documents under way in new versions."""
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
        reference=reference_of(decided, rules),
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


def open_shares(kept: KeptSale, standing: Standing, wanted: Wanted, rules: Rules) -> Shares | None:
    """What waits in days: of the sale, or of its change; what days' documents hold stays. None: as before."""
    if not (wanted.lines or standing.settled or standing.waiting) or _is_left_to_its_rules(kept, rules):
        return None
    if kept.is_rebooked:
        return _rebooked_shares(kept, standing, wanted, rules)
    return _changed_shares(kept, standing, wanted, rules)


def _changed_shares(kept: KeptSale, standing: Standing, wanted: Wanted, rules: Rules) -> Shares:
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


def _rebooked_shares(kept: KeptSale, standing: Standing, wanted: Wanted, rules: Rules) -> Shares:
    """The day that holds it first gives all of it back, and the sale's own day gets it anew."""
    shares: Shares = {}
    for opened, lines in standing.settled.items():
        given = OpenDay(standing.first_day or opened.day, opened.place)
        shares[given] = [*shares.get(given, ()), *taken_back(lines)]
    own = sale_day(kept.sale, rules)
    for place, lines in wanted.lines.items():
        shares[OpenDay(own, place)] = [*lines, *shares.get(OpenDay(own, place), ())]
    return {opened: added_up(lines) for opened, lines in shares.items()}
