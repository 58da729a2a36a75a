"""What X-Series' rows are to ingest: a sale, or as much of one as they give away (`source.Parser`). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from libs.common.domain.sale import ZERO, SaleState
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.source import Glimpse
from libs.common.lightspeed.x_customer import BESIDE
from libs.common.lightspeed.x_lines import LINES
from libs.common.lightspeed.x_payments import PAYMENTS
from libs.common.lightspeed.x_reference import XReference, reference_from_text, reference_text
from libs.common.lightspeed.x_sale import id_of, parse_sale, sold_at, touched_at
from libs.common.lightspeed.x_state import standing_of
from libs.common.lightspeed.x_values import identity, listed, member, number, text

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

Read = TypeVar("Read")
ABOUT_PEOPLE = (BESIDE, "note", "customer_name", "user_name", "source_id")


def sale_id(row: Row) -> str:
    return _if_readable(id_of, row) or ""


def changed_at(row: Row) -> datetime | None:
    return _if_readable(touched_at, row)


def customer_id(row: Row) -> str:
    return _if_readable(lambda each: identity(each, "customer_id"), row) or ""


def is_ticket(row: Row) -> bool:
    """A layby is one until something was paid on it: from then on its deposits are booked."""
    standing = _if_readable(standing_of, row)
    if standing is None or standing.sale_state is not SaleState.OPEN:
        return False
    return not (standing.runs_on_account and member(row, *PAYMENTS))


def state_of(row: Row) -> str:
    """A `SaleState`; empty where it can't be read."""
    standing = _if_readable(standing_of, row)
    return "" if standing is None else standing.sale_state.value


def glimpse(row: Row) -> Glimpse:
    return Glimpse(
        number=text(row, "invoice_number", "receipt_number", limit=40),
        outlet=text(row, "source.outlet_id", "outlet_id", limit=40),
        completed_at=_if_readable(sold_at, row),
        total_incl_vat=_if_readable(_total, row),
    )


def names_unknown(row: Row, reference: XReference) -> bool:
    """Outlets and taxes; a payment type that no list shows is nothing that a new list would mend (12.6)."""
    try:
        taxes = {identity(line, "tax_id", "tax.id") for line in listed(row, *LINES)}
        rates = {identity(tax, "id") for tax in listed(row, "taxes") if member(tax, "rate") is None}
        outlet = identity(row, "source.outlet_id", "outlet_id")
    except Unreadable:
        return False
    is_new_tax = any(reference.tax_of(one) is None for one in (taxes | rates) - {""})
    return is_new_tax or (bool(outlet) and outlet not in reference.outlets)


def without_people(row: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of it once its customer is to be forgotten."""
    kept = {name: value for name, value in row.items() if name not in ABOUT_PEOPLE}
    return {
        name: [_without_note(one) for one in value] if name in LINES and isinstance(value, list) else value
        for name, value in kept.items()
    }


def no_reference() -> XReference:
    return XReference()


def time_zone(reference: XReference) -> str:
    zones = (outlet.time_zone for outlet in reference.outlets.values() if not outlet.is_deleted)
    return next(zones, "UTC")


def _total(row: Row) -> Decimal:
    net = number(row, "totals.price", "total_price", "totals.total_price")
    return net + number(row, "totals.tax", "total_tax", "totals.total_tax", default=ZERO)


def _without_note(line: Any) -> Any:
    if not isinstance(line, Mapping):
        return line
    return {name: value for name, value in line.items() if name not in ("note", "customizations")}


def _if_readable(read: Callable[[Row], Read], row: Row) -> Read | None:
    with suppress(Unreadable):
        return read(row)
    return None
