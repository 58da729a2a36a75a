"""Whether a page holds what was asked for. Pure.

An overloaded server leaves relations out in silence (reference 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from libs.common.lightspeed.retail_sale import LEFT_OUT, lacks_parts
from libs.common.lightspeed.retail_values import NONE, Row, Unreadable, identity, members, nested

Payloads = Sequence[Mapping[str, Any]]


def lacks_relations(payloads: Payloads, *, with_customers: bool) -> bool:
    """Lines and payments of each sale; articles and customers of at least one of those that have any."""
    return any(map(_lacks_parts, payloads)) or bool(_left_out(payloads, with_customers=with_customers))


def marked_where_left_out(payloads: Payloads, *, with_customers: bool) -> list[dict[str, Any]]:
    """What the whole page came without, beside each sale that has it: such a sale can't be read."""
    left_out = _left_out(payloads, with_customers=with_customers)
    marked = []
    for payload in payloads:
        its_own = left_out & _left_out([payload], with_customers=with_customers)
        marked.append({**payload, LEFT_OUT: sorted(its_own)} if its_own else dict(payload))
    return marked


def _left_out(payloads: Payloads, *, with_customers: bool) -> set[str]:
    """A single one may be gone: an article or a customer that was merged into another has no record (7)."""
    lines = [line for payload in payloads for line in _lines(payload) if _has(line, "itemID")]
    left_out = set() if not lines or any(nested(line, "Item") for line in lines) else {"SaleLines.Item"}
    sold = [nested(payload, "Customer") for payload in payloads if _has(payload, "customerID")]
    if with_customers and sold and not any(nested(customer, "Contact") for customer in sold):
        left_out.add("Customer.Contact" if any(sold) else "Customer")
    return left_out


def _lacks_parts(payload: Row) -> bool:
    """What can't be read at all is no missing relation, but a problem of that sale."""
    try:
        return lacks_parts(payload)
    except Unreadable:
        return False


def _lines(payload: Row) -> list[Row]:
    try:
        return members(payload, "SaleLines", "SaleLine")
    except Unreadable:
        return []


def _has(row: Row, field: str) -> bool:
    try:
        return identity(row, field) != NONE
    except Unreadable:
        return False
