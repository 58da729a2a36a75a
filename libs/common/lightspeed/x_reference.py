"""What X-Series sales only name by id: outlets, registers, payment types and taxes of one store (12).

It changes seldom, so it is read once a day with all that was deleted, since old sales still name it, kept as
JSON, and read again when a sale names what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter

from libs.common.domain.sale import TenderKind
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_values import flag, identity, listed, member, number, text

TENDERS = {"1": TenderKind.CASH, "118": TenderKind.GIFT_CARD}
"""By the global kind of a payment type; others aren't told (12.6). 106 is loyalty, which the rules book."""


@dataclass(frozen=True, slots=True)
class Outlet:
    id: str
    name: str
    time_zone: str
    currency: str = ""
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    id: str
    name: str
    outlet: str


@dataclass(frozen=True, slots=True)
class PaymentType:
    """`kind` is the global number of its kind, of which several payment types may be."""

    id: str
    name: str
    kind: str
    is_deleted: bool = False

    @property
    def tender(self) -> TenderKind:
        return TENDERS.get(self.kind, TenderKind.OTHER)


@dataclass(frozen=True, slots=True)
class Tax:
    """A group of rates; Dutch ones hold one. Its id and that of its rate differ (12.4)."""

    id: str
    name: str
    rates: dict[str, Decimal]
    """In per cent, by the rate's id."""
    is_deleted: bool = False

    @property
    def rate(self) -> Decimal:
        return sum(self.rates.values(), Decimal(0))


@dataclass(frozen=True, slots=True)
class XReference:
    outlets: dict[str, Outlet] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=dict)
    payment_types: dict[str, PaymentType] = field(default_factory=dict)
    taxes: dict[str, Tax] = field(default_factory=dict)
    currency: str = "EUR"
    """Empty where the store doesn't say."""
    discount_product: str = ""
    no_tax: str = ""
    """The tax of lines without any."""

    def tax_of(self, id_: str) -> Tax | None:
        """By its own id, or by that of its rate where it has but one: both are met (9)."""
        if id_ in self.taxes:
            return self.taxes[id_]
        return next((tax for tax in self.taxes.values() if id_ in tax.rates), None)


def reference_of(
    *,
    outlets: Iterable[Row] = (),
    registers: Iterable[Row] = (),
    payment_types: Iterable[Row] = (),
    taxes: Iterable[Row] = (),
    retailer: Row | None = None,
) -> XReference:
    """Rows as they came; what can't be read is left out, so that its sales become problems."""
    store = retailer or {}
    zone = text(store, "timezone")
    return XReference(
        outlets=_by_id(_outlet(row, zone) for row in outlets),
        registers=_by_id(map(_register, registers)),
        payment_types=_by_id(map(_payment_type, payment_types)),
        taxes=_by_id(map(_tax, taxes)),
        currency=text(store, "currency.code", limit=3),
        discount_product=text(store, "discount_product_id"),
        no_tax=text(store, "no_tax_group_id"),
    )


def is_deleted(row: Row) -> bool:
    return member(row, "deleted_at") is not None


def _by_id(records: Iterable[Any]) -> dict[str, Any]:
    return {record.id: record for record in records if record is not None and record.id}


def _outlet(row: Row, zone_of_store: str) -> Outlet | None:
    zone = text(row, "time_zone") or zone_of_store
    try:
        ZoneInfo(zone)
        currency = text(row, "currency", limit=3)
        return Outlet(identity(row, "id"), text(row, "name"), zone, currency, is_deleted(row))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _register(row: Row) -> Register | None:
    try:
        return Register(identity(row, "id"), text(row, "name"), identity(row, "outlet_id"))
    except Unreadable:
        return None


def _payment_type(row: Row) -> PaymentType | None:
    try:
        kind = text(row, "type_id", "payment_type.id")
        is_gone = is_deleted(row) or flag(row, "disabled")
        return PaymentType(identity(row, "id"), text(row, "name"), kind, is_gone)
    except Unreadable:
        return None


def _tax(row: Row) -> Tax | None:
    """Rates are fractions (12.4)."""
    try:
        rates = {identity(rate, "id"): per_cent(number(rate, "rate")) for rate in listed(row, "rates")}
        return Tax(identity(row, "id"), text(row, "name", "display_name"), rates, is_deleted(row))
    except Unreadable:
        return None


def per_cent(fraction: Decimal) -> Decimal:
    """21 of 0.21, without trailing zeros or an exponent."""
    if not 0 <= fraction < 1:
        raise Unreadable("rate", "not a fraction", fraction)
    rate = (fraction * 100).normalize()
    exponent = rate.as_tuple().exponent
    return rate.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else rate


@cache
def _adapter() -> TypeAdapter[XReference]:
    return TypeAdapter(XReference)


def reference_text(reference: XReference) -> str:
    return _adapter().dump_json(reference).decode()


def reference_from_text(kept: str) -> XReference:
    """Raises pydantic's ValidationError where it was kept by another release; then it is read again."""
    return _adapter().validate_json(kept)
