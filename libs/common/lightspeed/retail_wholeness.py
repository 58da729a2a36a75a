"""Whether a page holds what was asked for. Pure.

An overloaded server leaves relations out in silence (reference 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from libs.common.lightspeed.retail_sale import lacks_parts
from libs.common.lightspeed.retail_values import NONE, Row, Unreadable, identity, members, nested

Payloads = Sequence[Mapping[str, Any]]


def lacks_relations(payloads: Payloads, *, with_customers: bool) -> bool:
    """Lines and payments of each sale; articles and customers of at least one of those that have any."""
    if any(_lacks_parts(payload) for payload in payloads):
        return True
    lines = [line for payload in payloads for line in _lines(payload) if _has(line, "itemID")]
    if lines and not any(nested(line, "Item") for line in lines):
        return True
    if not with_customers:
        return False
    sold = [payload for payload in payloads if _has(payload, "customerID")]
    known = [nested(payload, "Customer") for payload in sold if nested(payload, "Customer")]
    return bool(sold) and not any(nested(customer, "Contact") for customer in known)


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
