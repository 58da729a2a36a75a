"""Sold against booked, a row a business day: sold = booked + waiting + difference, and difference is nothing.

So too by VAT code and by payment type. A void or an edit after booking is a part of its own, with what it
changes, on the day on which it is booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.document import (
    Booking,
    CashEntry,
    Document,
    EntryLine,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.money import sum_of
from libs.common.domain.payments import Payments, payments_together
from libs.common.domain.sale import ZERO


class Standing(StrEnum):
    """Where a part of a completed sale stands.

    A problem is waiting, `ignored` is what a person or a rule left out, and a difference is what nobody can
    explain: sold and not booked, or booked and not sold, though nothing waits.
    """

    BOOKED = "booked"
    WAITING = "waiting"
    IGNORED = "ignored"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class VatPart:
    """Turnover under one VAT code, empty while none is chosen.

    `vat_amount` is None where Exact computes it (invoices, orders).
    """

    vat_code: str
    amount_incl_vat: Decimal
    vat_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class SoldPart:
    """Turnover, VAT included, and what was paid, of one sale on one day in one standing."""

    day: date
    standing: Standing
    amount_incl_vat: Decimal
    vat: tuple[VatPart, ...] = ()
    payments: Payments = ()


@dataclass(frozen=True, slots=True)
class Sums:
    """What was sold and not ignored, and what became of it."""

    sold: Decimal
    booked: Decimal
    waiting: Decimal
    difference: Decimal


@dataclass(frozen=True, slots=True)
class VatSums:
    vat_code: str
    sums: Sums
    vat_amount: Decimal | None
    """Of what is booked; None where Exact computes it."""


@dataclass(frozen=True, slots=True)
class PaymentSums:
    payment_type: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    sums: Sums
    ignored: Decimal
    by_vat: tuple[VatSums, ...] = ()
    by_payment: tuple[PaymentSums, ...] = ()

    @property
    def has_difference(self) -> bool:
        """In all, under a VAT code, or of a payment type."""
        of_parts = [*(part.sums for part in self.by_vat), *(part.sums for part in self.by_payment)]
        return any(sums.difference for sums in (self.sums, *of_parts))


def reconcile(parts: Iterable[SoldPart]) -> list[DayRow]:
    by_day: dict[date, list[SoldPart]] = {}
    for part in parts:
        by_day.setdefault(part.day, []).append(part)
    return [_row(day, by_day[day]) for day in sorted(by_day)]


def turnover_by_vat(
    booked: Booking | Iterable[Document], apart: frozenset[str] = frozenset()
) -> tuple[VatPart, ...]:
    """What documents hold of turnover: of lines that come from sale lines, not on these ledgers apart.

    Of a booking, what it brings to its day's document too.
    """
    documents = booked.documents if isinstance(booked, Booking) else booked
    parts = [part for document in documents for part in _turnover_of(document, apart)]
    of_day = _of_journal(booked.day_lines, apart) if isinstance(booked, Booking) else []
    return _vat_sums([*parts, *of_day])


def _turnover_of(document: Document, apart: frozenset[str]) -> list[VatPart]:
    match document:
        case SalesEntry(lines=lines):
            return [
                VatPart(line.vat_code, line.amount_incl_vat, line.vat_amount)
                for line in lines
                if line.sale_lines and line.ledger not in apart
            ]
        case JournalEntry(lines=journal_lines) | CashEntry(lines=journal_lines):
            return _of_journal(journal_lines, apart)
        case SalesInvoice(lines=item_lines) | SalesOrder(lines=item_lines):
            return [VatPart(line.vat_code, line.amount_incl_vat, None) for line in item_lines]


def _of_journal(lines: Iterable[JournalLine], apart: frozenset[str]) -> list[VatPart]:
    """Turnover is a journal's credit."""
    return [
        VatPart(line.vat_code or "", ZERO - line.amount_incl_vat, ZERO - line.vat_amount)
        for line in lines
        if line.sale_lines and line.ledger not in apart
    ]


def payments_in(booked: Booking | Document) -> Payments:
    """What its money lines hold of payments; of a booking, what it brings to its day's document too."""
    if isinstance(booked, Booking):
        lines = [*(line for document in booked.documents for line in _lines_of(document)), *booked.day_lines]
    else:
        lines = [*_lines_of(booked)]
    return payments_on(lines)


def payments_on(lines: Iterable[EntryLine | JournalLine]) -> Payments:
    """Each with the ledger of its line."""
    parts = [replace(part, ledger=line.ledger or "") for line in lines for part in line.payments]
    return payments_together(parts)


def _lines_of(document: Document) -> tuple[EntryLine | JournalLine, ...]:
    """Those that may be money: invoices and orders have none."""
    match document:
        case SalesEntry(lines=lines):
            return lines
        case JournalEntry(lines=journal_lines) | CashEntry(lines=journal_lines):
            return journal_lines
        case _:
            return ()


def _row(day: date, parts: Sequence[SoldPart]) -> DayRow:
    counted = [part for part in parts if part.standing is not Standing.IGNORED]
    return DayRow(
        day=day,
        sums=_sums((part.standing, part.amount_incl_vat) for part in counted),
        ignored=sum_of(part.amount_incl_vat for part in parts if part.standing is Standing.IGNORED),
        by_vat=_by_vat(counted),
        by_payment=_by_payment(counted),
    )


def _by_vat(parts: Sequence[SoldPart]) -> tuple[VatSums, ...]:
    of_codes = _grouped(
        (of_code.vat_code, part.standing, of_code.amount_incl_vat) for part in parts for of_code in part.vat
    )
    booked = [of_code for part in parts if part.standing is Standing.BOOKED for of_code in part.vat]
    vat = {of_code.vat_code: of_code.vat_amount for of_code in _vat_sums(booked)}
    return tuple(VatSums(code, sums, vat.get(code, ZERO)) for code, sums in of_codes.items())


def _by_payment(parts: Iterable[SoldPart]) -> tuple[PaymentSums, ...]:
    of_types = _grouped(
        (paid.payment_type, part.standing, paid.amount) for part in parts for paid in part.payments
    )
    return tuple(PaymentSums(payment_type, sums) for payment_type, sums in of_types.items())


def _grouped(amounts: Iterable[tuple[str, Standing, Decimal]]) -> dict[str, Sums]:
    groups: dict[str, list[tuple[Standing, Decimal]]] = {}
    for key, standing, amount in amounts:
        groups.setdefault(key, []).append((standing, amount))
    return {key: _sums(groups[key]) for key in sorted(groups)}


def _sums(amounts: Iterable[tuple[Standing, Decimal]]) -> Sums:
    by_standing: dict[Standing, Decimal] = {}
    for standing, amount in amounts:
        by_standing[standing] = by_standing.get(standing, ZERO) + amount
    booked, waiting, difference = (
        by_standing.get(standing, ZERO)
        for standing in (Standing.BOOKED, Standing.WAITING, Standing.DIFFERENCE)
    )
    return Sums(booked + waiting + difference, booked, waiting, difference)


def _vat_sums(parts: Iterable[VatPart]) -> tuple[VatPart, ...]:
    sums: dict[str, VatPart] = {}
    for part in parts:
        so_far = sums.get(part.vat_code, VatPart(part.vat_code, ZERO, ZERO))
        known = so_far.vat_amount is not None and part.vat_amount is not None
        vat = (so_far.vat_amount or ZERO) + (part.vat_amount or ZERO) if known else None
        sums[part.vat_code] = VatPart(part.vat_code, so_far.amount_incl_vat + part.amount_incl_vat, vat)
    return tuple(sums[code] for code in sorted(sums))
