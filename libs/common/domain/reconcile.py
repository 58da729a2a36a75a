"""Sold against booked, a row a business day: sold = booked + waiting + difference, and difference is nothing.

A void or an edit after booking is a `SoldSale` of its own, with what it changes, on the day on which it
is booked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.document import (
    Booking,
    CashEntry,
    Document,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.money import sum_of
from libs.common.domain.sale import ZERO


class Standing(StrEnum):
    """Where a completed sale stands; a problem is waiting, `ignored` is what a person or a rule left out."""

    BOOKED = "booked"
    WAITING = "waiting"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class VatPart:
    """Turnover under one VAT code; `vat_amount` is None where Exact computes it (invoices, orders)."""

    vat_code: str
    amount_incl_vat: Decimal
    vat_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class PaymentPart:
    payment_type: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SoldSale:
    """`total_incl_vat` is the till's; `booked_incl_vat` what its documents in Exact hold of turnover."""

    day: date
    total_incl_vat: Decimal
    standing: Standing
    booked_incl_vat: Decimal = ZERO
    vat: tuple[VatPart, ...] = ()
    payments: tuple[PaymentPart, ...] = ()


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    sold: Decimal
    booked: Decimal
    waiting: Decimal
    ignored: Decimal
    difference: Decimal
    by_vat: tuple[VatPart, ...]
    """Of what is booked."""
    by_payment: tuple[PaymentPart, ...]
    """Of what is sold."""


def reconcile(sales: Iterable[SoldSale]) -> list[DayRow]:
    by_day: dict[date, list[SoldSale]] = {}
    for sale in sales:
        by_day.setdefault(sale.day, []).append(sale)
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


def _row(day: date, sales: Sequence[SoldSale]) -> DayRow:
    counted = [sale for sale in sales if sale.standing is not Standing.IGNORED]
    booked_sales = [sale for sale in sales if sale.standing is Standing.BOOKED]
    sold = sum_of(sale.total_incl_vat for sale in counted)
    booked = sum_of(sale.booked_incl_vat for sale in booked_sales)
    waiting = sum_of(sale.total_incl_vat for sale in sales if sale.standing is Standing.WAITING)
    return DayRow(
        day=day,
        sold=sold,
        booked=booked,
        waiting=waiting,
        ignored=sum_of(sale.total_incl_vat for sale in sales if sale.standing is Standing.IGNORED),
        difference=sold - booked - waiting,
        by_vat=_vat_sums(part for sale in booked_sales for part in sale.vat),
        by_payment=_payment_sums(part for sale in counted for part in sale.payments),
    )


def _vat_sums(parts: Iterable[VatPart]) -> tuple[VatPart, ...]:
    sums: dict[str, VatPart] = {}
    for part in parts:
        so_far = sums.get(part.vat_code, VatPart(part.vat_code, ZERO, ZERO))
        known = so_far.vat_amount is not None and part.vat_amount is not None
        vat = (so_far.vat_amount or ZERO) + (part.vat_amount or ZERO) if known else None
        sums[part.vat_code] = VatPart(part.vat_code, so_far.amount_incl_vat + part.amount_incl_vat, vat)
    return tuple(sums[code] for code in sorted(sums))


def _payment_sums(parts: Iterable[PaymentPart]) -> tuple[PaymentPart, ...]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        sums[part.payment_type] = sums.get(part.payment_type, ZERO) + part.amount
    return tuple(PaymentPart(payment_type, sums[payment_type]) for payment_type in sorted(sums))
