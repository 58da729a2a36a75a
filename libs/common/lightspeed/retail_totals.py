"""What Lightspeed itself says a shop sold and was paid on a day: a sum to hold ours against (4.15).

Four calls a day of an account. Subtotals are net of VAT and before discounts; they are not split by rate, so
they prove a day's turnover and its money, not its VAT codes. Payments hold tips, and deposits that are no
turnover. Lines are summed unrounded, so a day's turnover may be a few cents beside that of its receipts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from libs.common.budget import Lane
from libs.common.domain.money import to_cents
from libs.common.domain.sale import ZERO
from libs.common.lightspeed.errors import Unavailable
from libs.common.lightspeed.retail import RetailAccount
from libs.common.lightspeed.retail_reference import Shop
from libs.common.lightspeed.retail_values import Row, Unreadable, identity, number, text

REPORTS = "Reports/Accounting"


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Of one shop and day of its clock: payments by type, subtotals by tax class, VAT by tax category."""

    shop: str
    day: date
    payments: Mapping[str, Decimal] = field(default_factory=dict)
    subtotals: Mapping[str, Decimal] = field(default_factory=dict)
    taxes: Mapping[str, Decimal] = field(default_factory=dict)
    discount: Decimal = ZERO

    @property
    def turnover_incl_vat(self) -> Decimal:
        net = sum(self.subtotals.values(), ZERO) - self.discount
        return to_cents(net + sum(self.taxes.values(), ZERO))


async def read_day_totals(
    account: RetailAccount, shop: Shop, day: date, *, lane: Lane = Lane.BACKLOG
) -> DayTotals:
    """Needs `employee:reports`; raises `NoRight` without it."""
    asked = _asked(shop, day)

    async def rows(name: str, key: str) -> list[Row]:
        found = await account.rows(f"{REPORTS}/{name}", asked, key=key, lane=lane)
        return [row for row in found if _is_of(row, shop, day)]

    payments = await rows("PaymentsByDay", "Payments")
    classes = await rows("TaxClassSalesByDay", "SalesDay")
    taxes = await rows("TaxesByDay", "Taxes")
    discounts = await rows("DiscountsByDay", "Discounts")
    try:
        return DayTotals(
            shop=shop.id,
            day=day,
            payments=_sums(payments, "paymentTypeID", "amount"),
            subtotals=_sums(classes, "taxClassID", "subtotal"),
            taxes=_sums(taxes, "taxCategoryID", "tax"),
            discount=sum((number(row, "discount", ZERO) for row in discounts), ZERO),
        )
    except Unreadable as error:
        raise Unavailable(f"a control total can't be read: {error}") from error


def _asked(shop: Shop, day: date) -> dict[str, str]:
    """From local midnight to a second before the next, with the offset of each."""
    zone = ZoneInfo(shop.time_zone)
    first = datetime.combine(day, time(), zone)
    last = datetime.combine(day, time(23, 59, 59), zone)
    return {"startDate": first.isoformat(), "endDate": last.isoformat()}


def _is_of(row: Row, shop: Shop, day: date) -> bool:
    """Reports are of the whole account, and write days as MM/DD/YYYY."""
    try:
        return identity(row, "shopID") == shop.id and text(row, "date") == f"{day:%m/%d/%Y}"
    except Unreadable:
        return False


def _sums(rows: Sequence[Mapping[str, Any]], by: str, amount: str) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in rows:
        key = identity(row, by)
        sums[key] = sums.get(key, ZERO) + number(row, amount, ZERO)
    return sums
