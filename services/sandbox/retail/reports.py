"""The accounting reports: what an account sold and was paid, by shop and day of the shop's own clock (4.15).

Sales by tax class less discounts, plus taxes, less payments is nothing but tips, cash rounding and cents.
"""

import base64
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from services.sandbox.retail.account import Account
from services.sandbox.retail.errors import bad
from services.sandbox.retail.paging import read_limit
from services.sandbox.retail.paying import payments_of
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import lines_of
from services.sandbox.retail.totals import counts
from services.sandbox.retail.values import ZERO

Sum = dict[str, Decimal]
Key = tuple[date, int, int]
"""Day, shop, and what the report is by."""


@dataclass(frozen=True)
class Report:
    """`of` gives what one sale adds, by the id that the report is by; `names` how that id is shown."""

    root: str
    of: Callable[[Account, Row], Iterator[tuple[int, Sum]]]
    names: Callable[[Account, int], dict[str, str]]


def report(account: Account, name: str, parameters: Mapping[str, str], address: str) -> dict[str, Any]:
    wanted = REPORTS[name]
    rows = _rows(account, wanted, _moment(parameters, "startDate"), _moment(parameters, "endDate"))
    limit, first = read_limit(parameters.get("limit", "100")), _offset(parameters.get("after", ""))
    shown = rows[first : first + limit]
    following = _next(parameters, limit, address, first + limit) if first + limit < len(rows) else ""
    body: dict[str, Any] = {"@attributes": {"next": following, "previous": ""}}
    if shown:
        body[wanted.root] = shown[0] if len(shown) == 1 else shown
    return body


def _rows(account: Account, wanted: Report, first: datetime, last: datetime) -> list[dict[str, str]]:
    zones = {shop.key: ZoneInfo(shop.text("timeZone")) for shop in account["Shop"]}
    sums: defaultdict[Key, Sum] = defaultdict(dict)
    for sale in account["Sale"]:
        completed = sale.moment("completeTime")
        if sale.raw is not None or not counts(sale) or completed is None or not first <= completed <= last:
            continue
        day = completed.astimezone(zones[sale.id("shopID")]).date()
        for by, amounts in wanted.of(account, sale):
            _add(sums[day, sale.id("shopID"), by], amounts)
    return [
        {
            "date": f"{day:%m/%d/%Y}",
            "shopID": str(shop),
            **wanted.names(account, by),
            **_shown(sums[day, shop, by]),
        }
        for day, shop, by in sorted(sums)
    ]


def _add(into: Sum, amounts: Sum) -> None:
    for name, amount in amounts.items():
        into[name] = into.get(name, ZERO) + amount


def _shown(amounts: Sum) -> dict[str, str]:
    """Reports have fixed decimals (3.5): two for what is whole cents, nine for the rest."""
    return {
        name: f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
        if name in ("amount", "tax", "layaway")
        else f"{amount.quantize(Decimal('1E-9'), ROUND_HALF_UP):f}"
        for name, amount in amounts.items()
    }


def _by_tax_class(account: Account, sale: Row) -> Iterator[tuple[int, Sum]]:
    for line in lines_of(account, sale):
        cost = {name: line.number(name) * line.number("unitQuantity") for name in ("fifoCost", "avgCost")}
        yield line.id("taxClassID"), {"subtotal": line.number("calcSubtotal"), **cost}


def _discounts(account: Account, sale: Row) -> Iterator[tuple[int, Sum]]:
    if sale.number("calcDiscount"):
        yield 0, {"discount": sale.number("calcDiscount")}


def _taxes(account: Account, sale: Row) -> Iterator[tuple[int, Sum]]:
    if sale.number("taxTotal"):
        yield sale.id("taxCategoryID"), {"tax": sale.number("taxTotal")}


def _payments(account: Account, sale: Row) -> Iterator[tuple[int, Sum]]:
    for payment in payments_of(account, sale):
        yield payment.id("paymentTypeID"), {"amount": payment.number("amount"), "layaway": ZERO}


def _tax_class(account: Account, key: int) -> dict[str, str]:
    row = account["TaxClass"].get(key)
    return {"taxClassID": str(key), "taxClassName": row.text("name") if row else ""}


def _tax_category(account: Account, key: int) -> dict[str, str]:
    row = account["TaxCategory"].get(key)
    return {"taxCategoryID": str(key), "taxCategoryName": row.text("tax1Name") if row else ""}


def _payment_type(account: Account, key: int) -> dict[str, str]:
    row = account["PaymentType"].get(key)
    return {"paymentTypeID": str(key), "paymentTypeName": row.text("name") if row else ""}


REPORTS: Mapping[str, Report] = {
    "TaxClassSalesByDay": Report("SalesDay", _by_tax_class, _tax_class),
    "DiscountsByDay": Report("Discounts", _discounts, lambda account, key: {}),
    "TaxesByDay": Report("Taxes", _taxes, _tax_category),
    "PaymentsByDay": Report("Payments", _payments, _payment_type),
}


def _moment(parameters: Mapping[str, str], name: str) -> datetime:
    """A day without a time begins, or ends, at midnight UTC."""
    try:
        read = datetime.fromisoformat(parameters[name])
    except (KeyError, ValueError):
        raise bad(f"{name} must be an ISO date.") from None
    if len(parameters[name]) == len("2026-03-14") and name == "endDate":
        read = read.replace(hour=23, minute=59, second=59)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _offset(after: str) -> int:
    try:
        return int(base64.b64decode(after, validate=True)) if after else 0
    except ValueError:
        raise bad("Invalid cursor.") from None


def _next(parameters: Mapping[str, str], limit: int, address: str, first: int) -> str:
    after = base64.b64encode(str(first).encode()).decode()
    return f"{address}?{urlencode({**parameters, 'limit': str(limit), 'after': after})}"
