"""What a till says of itself as a whole, held against what was read of it sale by sale.

A report knows nothing of single sales, so it shows what no reading of sales can: that one was missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from libs.common.domain.sale import ZERO, Sale, SaleState

CENT = Decimal("0.01")
Place = tuple[str, date]
"""An outlet, and a day of its clock."""


@dataclass(slots=True)
class TillTotal:
    """One day of one outlet; `turnover` is unrounded, VAT included, `payments` by type, tips within."""

    turnover: Decimal = ZERO
    payments: dict[str, Decimal] = field(default_factory=dict)
    receipts: int = 0

    def add_payment(self, payment_type: str, amount: Decimal) -> None:
        self.payments[payment_type] = self.payments.get(payment_type, ZERO) + amount


@dataclass(frozen=True, slots=True)
class TillBalances:
    """What holders of gift cards and of store credit may still spend, and what customers owe less what they
    are owed; None where the till doesn't say, or holds it under another of these.
    """

    gift_cards: Decimal | None = None
    store_credit: Decimal | None = None
    customers: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ControlDifference:
    """`payment_type` is None where the day's turnover differs."""

    outlet: str
    day: date
    payment_type: str | None
    till: Decimal
    read: Decimal


def totals_of(sales: Iterable[Sale]) -> dict[Place, TillTotal]:
    """Completed sales by the day on which they were completed, by the outlet's own clock."""
    totals: dict[Place, TillTotal] = {}
    for sale in sales:
        if sale.state is not SaleState.COMPLETED or sale.completed_at is None:
            continue
        day = sale.completed_at.astimezone(ZoneInfo(sale.time_zone)).date()
        total = totals.setdefault((sale.outlet, day), TillTotal())
        total.turnover += sale.total_incl_vat
        total.receipts += 1
        for payment in sale.payments:
            total.add_payment(payment.type_id, payment.amount)
    return totals


def control_differences(
    till: Mapping[Place, TillTotal],
    read: Mapping[Place, TillTotal],
    unreadable: Mapping[Place, Decimal],
    days: Iterable[date],
) -> Iterator[ControlDifference]:
    """Of these days. `unreadable` are the totals of sales that are problems of their own already.

    A report adds up unrounded amounts, each at most a cent from its receipt; money is exact.
    """
    wanted = set(days)
    for place in sorted({*till, *read}):
        outlet, day = place
        if day not in wanted:
            continue
        ours, theirs = read.get(place, TillTotal()), till.get(place, TillTotal())
        known = ours.turnover + unreadable.get(place, ZERO)
        if abs(theirs.turnover - known) > CENT * (ours.receipts + 1):
            yield ControlDifference(outlet, day, None, theirs.turnover, known)
        if place not in unreadable:
            yield from _payment_differences(outlet, day, theirs, ours)


def _payment_differences(
    outlet: str, day: date, theirs: TillTotal, ours: TillTotal
) -> Iterator[ControlDifference]:
    for payment_type in sorted({*theirs.payments, *ours.payments}):
        till = theirs.payments.get(payment_type, ZERO)
        read = ours.payments.get(payment_type, ZERO)
        if till != read:
            yield ControlDifference(outlet, day, payment_type, till, read)
