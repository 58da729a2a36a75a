"""Our sales orders that nobody has invoiced yet: an order books nothing, so its turnover is in no VAT return.

A call for a thousand of them; where a site has no bulk pages, the first sixty are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from libs.common.budget import Lane
from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.exact import odata
from libs.common.exact.client import ExactDivision
from libs.common.exact.errors import BadRequest
from services.portal.book_entries import BookEntry, whose
from services.portal.context import Portal
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice

BULK, SINGLE = "bulk/SalesOrder/SalesOrders", "salesorder/SalesOrders"
FIELDS = ("OrderID", "OrderNumber", "OrderDate", "YourRef", "OrderedBy", "AmountDC", "InvoiceStatus")
A_BULK_PAGE, A_PAGE = 1000, 60
OPEN, PARTIAL = 12, 20
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """`amount` is the whole order's, VAT included; of a partial one some is invoiced already."""

    entry: BookEntry
    account: str
    amount: Decimal
    is_partial: bool


async def read_open_orders(division: ExactDivision, rules: Rules) -> list[OpenOrder]:
    """Those of customers with a debtor of their own, whoever's they are."""
    default = rules.debtor.default_account
    where = odata.all_of(
        odata.any_of("InvoiceStatus", [OPEN, PARTIAL]),
        f"OrderDate ge {odata.literal(rules.start_date)}" if rules.start_date else "",
        f"OrderedBy ne {odata.guid(default)}" if default else "",
    )
    try:
        rows = await division.rows(BULK, select=FIELDS, filter=where, lane=Lane.SETTLE)
    except BadRequest:
        rows = await division.rows(SINGLE, select=FIELDS, filter=where, lane=Lane.SETTLE)
    return [
        OpenOrder(
            entry=_order(row),
            account=str(row["OrderedBy"]).lower(),
            amount=Decimal(str(row["AmountDC"] or 0)),
            is_partial=row["InvoiceStatus"] == PARTIAL,
        )
        for row in rows
    ]


async def find_open_orders(portal: Portal, connection: Connection, today: date) -> list[Notice]:
    """One notice of them all; none where every order that is older was invoiced."""
    division, rules = portal.division_of(connection), connection.rules
    where = odata.all_of(
        odata.any_of("InvoiceStatus", [OPEN, PARTIAL]),
        f"OrderDate ge {odata.literal(rules.start_date or today)}",
        f"OrderDate lt {odata.literal(today - PATIENCE)}",
    )
    rows, most = await _read(division, where)
    orders = [_order(row) for row in rows if str(row["YourRef"] or "").startswith(rules.reference_prefix)]
    async with portal.database.reading() as transaction:
        ours = await whose(transaction, division.key, orders)
    days = [order.day for order in orders if ours.has(order)]
    if not days:
        return []
    count = f"{len(days)}+" if len(rows) == most else f"{len(days)}"
    facts = {"count": count, "since": min(days).isoformat()}
    return [Notice(NoticeCode.ORDERS_NOT_INVOICED, "orders", facts)]


async def _read(division: ExactDivision, where: str) -> tuple[list[dict[str, Any]], int]:
    """The rows, and how many there may be at most."""
    try:
        found = await division.rows(BULK, select=FIELDS, filter=where, lane=Lane.SETTLE, limit=A_BULK_PAGE)
    except BadRequest:
        return await division.rows(
            SINGLE, select=FIELDS, filter=where, lane=Lane.SETTLE, limit=A_PAGE
        ), A_PAGE
    return found, A_BULK_PAGE


def _order(row: Mapping[str, Any]) -> BookEntry:
    return BookEntry(
        id=str(row["OrderID"]),
        number=str(row["OrderNumber"]),
        journal="",
        day=odata.moment_of(str(row["OrderDate"])).date(),
        texts={str(row["YourRef"])},
    )
