"""What would be booked of sales, by the same pure functions that book; nothing is sent.

Days' documents carry the numbers that outlets would get here; the mapper keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from libs.common.domain.books import UNKNOWN, Books
from libs.common.domain.day_total import day_documents, day_settlement, ledgers_without_turnover, part_of_day
from libs.common.domain.document import Booking, Document, JournalLine, Nothing
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.payments import PaymentPart
from libs.common.domain.problem import Problem
from libs.common.domain.reconcile import DayRow, SoldPart, Standing, VatPart, reconcile, turnover_by_vat
from libs.common.domain.rules import Mode, Rules
from libs.common.domain.sale import ZERO, Sale
from libs.common.domain.till_events import booked_as
from services.portal.sale_parts import NO_CODE
from services.portal.turnover import from_cents, payments_of, sold_cents

Outcome = Booking | Nothing | Problem


@dataclass(frozen=True, slots=True)
class PreviewedSale:
    sale: Sale
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PreviewedDay:
    """The documents of an outlet's day, or of a part of it; `sales` are those it holds."""

    day: date
    outlet: str
    sales: tuple[str, ...]
    documents: tuple[Document, ...] | Problem


@dataclass(frozen=True, slots=True)
class Preview:
    sales: list[PreviewedSale]
    days: list[PreviewedDay]
    sums: list[DayRow]
    """Sold against booked, as the reconciliation would show it; problems are waiting."""


@dataclass(slots=True)
class _OpenDay:
    name: str
    currency: str
    lines: list[JournalLine] = field(default_factory=list)
    sales: list[str] = field(default_factory=list)


Place = tuple[date, str, str, str]
"""The business day, the outlet, the part of it that has a document of its own, and the document's letter."""
TOTAL, SETTLEMENT = "D", "S"


def preview_of(sales: Sequence[Sale], rules: Rules, books: Books = UNKNOWN) -> Preview:
    mapped = [PreviewedSale(sale, map_sale(sale, rules, books=books)) for sale in sales]
    opened = _open_days(mapped, rules)
    numbers = _numbers(opened)
    days = [_closed(place, opened[place], numbers, rules, books) for place in sorted(opened)]
    refused = {sale_id for day in days if isinstance(day.documents, Problem) for sale_id in day.sales}
    parts = [_parts_of(each, rules, waits=each.sale.id in refused) for each in mapped]
    sums = reconcile(part for of_sale in parts for part in of_sale)
    return Preview(mapped, days, sums)


def _open_days(mapped: Iterable[PreviewedSale], rules: Rules) -> dict[Place, _OpenDay]:
    opened: dict[Place, _OpenDay] = {}
    for each in mapped:
        if isinstance(each.outcome, Booking) and each.outcome.day_lines:
            place = _place_of(each.sale, rules)
            day = opened.setdefault(place, _OpenDay(_name_of(each.sale, place), each.sale.currency))
            day.lines += each.outcome.day_lines
            day.sales.append(each.sale.id)
    return opened


def _place_of(sale: Sale, rules: Rules) -> Place:
    """Of a receipt that is booked by itself only the money waits for its day."""
    is_total = booked_as(sale, rules).mode is Mode.DAILY_TOTALS
    part = part_of_day(sale, rules) if is_total else ""
    return sale_day(sale, rules), sale.outlet, part, TOTAL if is_total else SETTLEMENT


def _name_of(sale: Sale, place: Place) -> str:
    """A revenue centre's document says which it is."""
    center, name = sale.revenue_center
    return f"{sale.outlet_name} {name}" if name and place[2] == center else sale.outlet_name


def _numbers(places: Iterable[Place]) -> dict[tuple[str, str], str]:
    """ "1", or "1.2" for the second part of the first outlet."""
    found = sorted({(outlet, part) for _, outlet, part, _ in places})
    outlets = sorted({outlet for outlet, _ in found})
    numbers: dict[tuple[str, str], str] = {}
    for outlet, part in found:
        parts = [each for name, each in found if name == outlet and each]
        number = str(outlets.index(outlet) + 1)
        numbers[outlet, part] = f"{number}.{parts.index(part) + 1}" if part else number
    return numbers


def _closed(
    place: Place, opened: _OpenDay, numbers: dict[tuple[str, str], str], rules: Rules, books: Books
) -> PreviewedDay:
    day, outlet, part, letter = place
    reference = f"{rules.reference_prefix}{letter}{numbers[outlet, part]}-{day:%Y%m%d}"
    currency = books.currency or opened.currency
    about = (reference, day, opened.name, opened.lines, rules)
    documents = (
        day_documents(*about, outlet=outlet, books=books, currency=currency)
        if letter == TOTAL
        else day_settlement(*about, outlet=outlet, currency=currency)
    )
    return PreviewedDay(day, outlet, tuple(opened.sales), documents)


def _parts_of(each: PreviewedSale, rules: Rules, *, waits: bool) -> Iterator[SoldPart]:
    amount = from_cents(sold_cents(each.sale, rules))
    day = sale_day(each.sale, rules)
    paid = payments_of(each.sale)
    payments = tuple(PaymentPart(type_id, from_cents(cents)) for type_id, cents in paid.items())
    uncoded = (VatPart(NO_CODE, amount, None),) if amount else ()
    if isinstance(each.outcome, Nothing):
        yield SoldPart(day, Standing.IGNORED, amount, uncoded)
    elif isinstance(each.outcome, Problem) or waits:
        yield SoldPart(day, Standing.WAITING, amount, uncoded, payments)
    else:
        vat = turnover_by_vat(each.outcome, ledgers_without_turnover(rules))
        booked = sum((part.amount_incl_vat for part in vat), ZERO)
        yield SoldPart(day, Standing.BOOKED, booked, vat, payments)
        if missed := amount - booked:
            yield SoldPart(day, Standing.DIFFERENCE, missed, (VatPart(NO_CODE, missed, None),))
