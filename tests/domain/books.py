"""The books of a test: what the mapper does with the domain, without its tables and messages.

Documents come in families, as in `services/mapper/handover.py`; shares of days become documents, as in
`services/mapper/close_days.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from libs.common.domain.correct import correct, day_difference, first_named
from libs.common.domain.day_total import day_documents, day_settlement, part_of_day
from libs.common.domain.document import Booking, Document, JournalLine, Nothing
from libs.common.domain.family import Correcting, Family
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.rules import Mode, Rules
from libs.common.domain.sale import Sale, SaleState

Key = TypeVar("Key")
Part = TypeVar("Part")

TURNOVER, SETTLEMENT = "turnover", "settlement"
DAY_TOTAL, DAY_SETTLEMENT = "D", "S"
Place = tuple[str, str, str]
"""The letter of a day's document, the outlet, and the part of it that has a document of its own."""


@dataclass(frozen=True)
class Booked:
    """What one sale has in the books, or what more of it comes into them."""

    documents: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    shares: Mapping[Place, tuple[JournalLine, ...]] = field(default_factory=dict)

    @property
    def all_documents(self) -> tuple[Document, ...]:
        return tuple(document for family in self.documents.values() for document in family)

    @property
    def lines(self) -> tuple[JournalLine, ...]:
        return tuple(line for lines in self.shares.values() for line in lines)

    def and_then(self, more: Booked) -> Booked:
        return Booked(_joined(self.documents, more.documents), _joined(self.shares, more.shares))


NOTHING = Booked()


def book(
    sale: Sale, rules: Rules, standing: Booked = NOTHING, *, on: date | None = None, is_rebooked: bool = False
) -> Booked:
    """What a sale brings into the books that hold this of it already; a correction is dated `on`."""
    wanted = _wanted(sale, rules)
    how = Correcting(
        reference=f"{rules.reference_prefix}{sale.number}",
        day=on or sale_day(sale, rules),
        used={(one.kind.value, one.reference) for one in standing.all_documents},
        is_void=sale.state is SaleState.VOIDED,
        is_repeated=is_rebooked or rules.corrections.style == "reverse-and-repeat",
        first_day=min((one.day for one in standing.all_documents), default=None) if is_rebooked else None,
    )
    documents = {
        family: _further(
            Family(standing.documents.get(family, ()), wanted.documents.get(family, ())), how, rules
        )
        for family in dict.fromkeys([*wanted.documents, *standing.documents])
    }
    shares = {
        place: day_difference(wanted.shares.get(place, ()), standing.shares.get(place, ()))
        for place in dict.fromkeys([*wanted.shares, *standing.shares])
    }
    return Booked(documents, shares)


def documents_of_day(
    booked: Iterable[Booked], rules: Rules, day: date, *, outlet_name: str = "1", supplement: str = ""
) -> tuple[Document, ...]:
    """A day's documents of what these sales bring to it, of each place in turn."""
    shares: Mapping[Place, tuple[JournalLine, ...]] = {}
    for one in booked:
        shares = _joined(shares, one.shares)
    found: list[Document] = []
    for (letter, outlet, part), lines in sorted(shares.items()):
        make = day_documents if letter == DAY_TOTAL else day_settlement
        number = f"{outlet}.{part}" if part else outlet
        reference = f"{rules.reference_prefix}{letter}{number}-{day:%Y%m%d}{supplement}"
        documents = make(reference, day, outlet_name, lines, rules, outlet=outlet)
        assert isinstance(documents, tuple), documents
        found += documents
    return tuple(found)


def _wanted(sale: Sale, rules: Rules) -> Booked:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking | Nothing), booking
    if isinstance(booking, Nothing):
        return NOTHING
    base = f"{rules.reference_prefix}{sale.number}"
    documents = {
        _family(document.reference.removeprefix(base), is_first=position == 0): (document,)
        for position, document in enumerate(booking.documents)
    }
    if not booking.day_lines:
        return Booked(documents)
    return Booked(documents, {_place(sale, documents, rules): booking.day_lines})


def _family(suffix: str, *, is_first: bool) -> str:
    return f"{TURNOVER if is_first and not suffix else SETTLEMENT}{suffix}"


def _place(sale: Sale, documents: Mapping[str, tuple[Document, ...]], rules: Rules) -> Place:
    if rules.mode is not Mode.DAILY_TOTALS or TURNOVER in documents:
        return DAY_SETTLEMENT, sale.outlet, ""
    return DAY_TOTAL, sale.outlet, part_of_day(sale, rules)


def _further(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...]:
    if not family.standing:
        return tuple(first_named(document, how) for document in family.wanted)
    documents = correct(family, how, rules)
    assert isinstance(documents, tuple), documents
    return documents


def _joined(
    one: Mapping[Key, tuple[Part, ...]], other: Mapping[Key, tuple[Part, ...]]
) -> dict[Key, tuple[Part, ...]]:
    return {key: (*one.get(key, ()), *other.get(key, ())) for key in dict.fromkeys([*one, *other])}
