"""What ingest asks of a sale's row, as `source.Parser` wants it. Pure; nothing here raises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from libs.common.domain.money import to_cents
from libs.common.domain.sale import ZERO
from libs.common.lightspeed.restaurant_customer import customer_of
from libs.common.lightspeed.restaurant_reference import (
    RestaurantReference,
    reference_from_text,
    reference_text,
)
from libs.common.lightspeed.restaurant_sale import (
    CANCEL,
    LOCATION,
    RECALL,
    REFUND,
    REVERSALS,
    TRANSFER,
    UPDATE,
    VOID,
    closed_at,
    number_in,
    parse_sale,
    previous_in,
    sale_id_in,
    takes_back,
    type_of,
)
from libs.common.lightspeed.restaurant_values import Caseless, caseless, key_of, listed, number_of, within
from libs.common.lightspeed.retail_values import Unreadable, flag, moment, number, text
from libs.common.lightspeed.source import Glimpse, Row

__all__ = [
    "changed_at",
    "customer_id",
    "glimpse",
    "is_ticket",
    "names_unknown",
    "no_reference",
    "parse_sale",
    "reference_from_text",
    "reference_text",
    "sale_id",
    "time_zone",
    "without_people",
]
PEOPLE = ("consumer", "ownername", "staffname")


def sale_id(row: Mapping[str, Any]) -> str:
    try:
        return sale_id_in(caseless(row))
    except Unreadable:
        return ""


def changed_at(row: Mapping[str, Any]) -> None:
    """An account has no stamp of changes: what comes later is a record of its own (5)."""


def closing_time(row: Mapping[str, Any]) -> datetime | None:
    try:
        return closed_at(caseless(row))
    except Unreadable:
        return None


def customer_id(row: Mapping[str, Any]) -> str:
    """Of all who paid, so that another who owes makes it another sale."""
    try:
        consumers = [within(payment, "consumer") for payment in listed(caseless(row), "payments")]
        customers = filter(None, map(customer_of, consumers))
        return ",".join(sorted({customer.id for customer in customers}))
    except Unreadable:
        return ""


def is_ticket(row: Mapping[str, Any]) -> bool:
    """Cancelled input and accounts that were cancelled never had money, but for what may take some back.

    Open ones aren't listed (5).
    """
    try:
        known = caseless(row)
        may_take_back = type_of(known) in (*REVERSALS, UPDATE, TRANSFER) or takes_back(known)
        return is_cancelled(row) and not may_take_back and (_total_in(known) or ZERO) >= ZERO
    except Unreadable:
        return False


def is_cancelled(row: Mapping[str, Any]) -> bool:
    try:
        known = caseless(row)
        return flag(known, "cancelled") or type_of(known) == CANCEL
    except Unreadable:
        return False


def opened_at(row: Mapping[str, Any]) -> datetime | None:
    try:
        return moment(caseless(row), "timeOfOpening")
    except Unreadable:
        return None


def reopens(row: Mapping[str, Any]) -> str:
    """The number of the closed account that this one opens again; empty of all others."""
    return _previous_of(row, RECALL)


def paid_otherwise_by(row: Mapping[str, Any]) -> str:
    """The number of the account whose payments this one changes; empty of all others."""
    return _previous_of(row, UPDATE)


def voided_by(row: Mapping[str, Any]) -> str:
    """The number of the account that this one takes back as a whole; empty of all others."""
    try:
        known = caseless(row)
        kind = type_of(known)
        is_void = kind == VOID or (kind == CANCEL and takes_back(known))
        return previous_in(known) if is_void else ""
    except Unreadable:
        return ""


def paid_back_by(row: Mapping[str, Any]) -> str:
    """The number of the account whose money this one gives back without any turnover, as of a gift card."""
    return "" if _total_in(caseless(row)) else _previous_of(row, REFUND)


def account_number(row: Mapping[str, Any]) -> str:
    """As the accounts after it name it."""
    try:
        return key_of(caseless(row), "accountFiscId")
    except Unreadable:
        return ""


def _previous_of(row: Mapping[str, Any], kind: str) -> str:
    try:
        known = caseless(row)
        return previous_in(known) if type_of(known) == kind else ""
    except Unreadable:
        return ""


def glimpse(row: Mapping[str, Any]) -> Glimpse:
    known = caseless(row)
    return Glimpse(
        number=_number_in(known),
        outlet=_outlet_in(known),
        completed_at=closing_time(row),
        total_incl_vat=_total_in(known),
    )


def names_unknown(row: Mapping[str, Any], reference: RestaurantReference) -> bool:
    """A location that was opened later; payment methods and groups carry their own names."""
    outlet = _outlet_in(caseless(row))
    return bool(outlet) and outlet not in reference.locations


def without_people(row: Row) -> Row:
    """Without consumers and the names of staff, wherever they stand."""
    return {name: _without(value) for name, value in row.items() if name.lower() not in PEOPLE}


def no_reference() -> RestaurantReference:
    return RestaurantReference()


def time_zone(reference: RestaurantReference) -> str:
    return next((location.time_zone for location in reference.locations.values()), "UTC")


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return without_people(value)
    return [_without(one) for one in value] if isinstance(value, list) else value


def _number_in(row: Caseless) -> str:
    try:
        return number_in(row)
    except Unreadable:
        return text(row, "accountFiscId", 60)


def _outlet_in(row: Caseless) -> str:
    try:
        return number_of(row, LOCATION)
    except Unreadable:
        return ""


def _total_in(row: Caseless) -> Decimal | None:
    """Of the lines, as far as they can be read at all."""
    try:
        lines = listed(row, "salesLines")
        return to_cents(sum((number(line, "totalNetAmountWithTax") for line in lines), Decimal(0)))
    except Unreadable:
        return None
