"""What a Retail account says of itself as a whole: its accounting reports by day, its customers' balances.

Reports come by shop and day of the shop's own clock, without a split of tax by rate (4.15); four calls
for as many days as fit on a page of a hundred rows each. Balances are one list each of gift cards and of
customers' accounts (4.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from libs.common.budget import Lane
from libs.common.domain.sale import ZERO
from libs.common.domain.till_control import Place, TillBalances, TillTotal
from libs.common.lightspeed.errors import Unavailable
from libs.common.lightspeed.retail import RetailAccount
from libs.common.lightspeed.retail_reading import RetailTill
from libs.common.lightspeed.retail_values import Unreadable, number, text

A_DAY = timedelta(days=1)
TURNOVER = (
    ("TaxClassSalesByDay", "SalesDay", "subtotal", 1),
    ("DiscountsByDay", "Discounts", "discount", -1),
    ("TaxesByDay", "Taxes", "tax", 1),
)
"""Sales by tax class less discounts, plus taxes, is what receipts come to (4.15)."""


async def read_totals(till: RetailTill, since: date, until: date) -> dict[Place, TillTotal]:
    """Both days included; days at the edges are read whole, whatever the shop's time zone."""
    period = {"startDate": f"{since - A_DAY:%Y-%m-%d}", "endDate": f"{until + A_DAY:%Y-%m-%d}"}
    totals: dict[Place, TillTotal] = {}
    for name, key, field, sign in TURNOVER:
        for row in await _rows(till.account, name, key, period):
            _of(totals, row).turnover += sign * _amount(row, field)
    for row in await _rows(till.account, "PaymentsByDay", "Payments", period):
        _of(totals, row).add_payment(text(row, "paymentTypeID"), _amount(row, "amount"))
    return {place: total for place, total in totals.items() if since <= place[1] <= until}


async def _rows(
    account: RetailAccount, name: str, key: str, period: Mapping[str, str]
) -> list[dict[str, Any]]:
    return await account.rows(f"Reports/Accounting/{name}", period, key=key, lane=Lane.SETTLE)


def _of(totals: dict[Place, TillTotal], row: Mapping[str, Any]) -> TillTotal:
    """Dates come as MM/DD/YYYY (4.15)."""
    written = text(row, "date")
    try:
        day = datetime.strptime(written, "%m/%d/%Y").date()  # noqa: DTZ007 - a date without a time
    except ValueError:
        raise Unavailable(f"a report's date is {written[:20]!r}") from None
    return totals.setdefault((text(row, "shopID"), day), TillTotal())


async def read_balances(till: RetailTill) -> TillBalances:
    """A card with 100 left shows "-100", a customer who owes 100 shows "100"; cards are listed apart (4.11).

    A site that lists cards among customers all the same counts each once.
    """
    cards = await till.account.rows(
        "CreditAccount", {"giftCard": "true", "archived": "true"}, lane=Lane.SETTLE
    )
    customers = await till.account.rows("CreditAccount", {"archived": "true"}, lane=Lane.SETTLE)
    return TillBalances(
        gift_cards=ZERO - _sum(row for row in cards if _is_card(row)),
        customers=_sum(row for row in customers if not _is_card(row)),
    )


def _amount(row: Mapping[str, Any], field: str) -> Decimal:
    try:
        return number(row, field, ZERO)
    except Unreadable as error:
        raise Unavailable(f"a report can't be read: {error}") from error


def _sum(rows: Any) -> Decimal:
    return sum((_amount(row, "balance") for row in rows), ZERO)


def _is_card(row: Mapping[str, Any]) -> bool:
    return text(row, "giftCard") == "true"
