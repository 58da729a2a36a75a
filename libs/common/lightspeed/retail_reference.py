"""What sales only name by id: shops, registers, payment types and tax rates of one account.

It changes seldom, so it is read once a day, kept as JSON, and read again when a sale names what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter

from libs.common.domain.sale import ZERO
from libs.common.lightspeed.retail_values import (
    NONE,
    Row,
    Unreadable,
    flag,
    identity,
    members,
    nested,
    number,
    text,
)


@dataclass(frozen=True, slots=True)
class Shop:
    id: str
    name: str
    time_zone: str
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    id: str
    name: str
    shop: str
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class PaymentType:
    """`type` is Lightspeed's own ("cash", "gift card", ..., "user defined"); names are the shop's (4.4)."""

    id: str
    name: str
    type: str
    code: str = ""
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class TaxRates:
    """Fractions: 0.21, not 21."""

    tax1: Decimal = ZERO
    tax2: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class TaxCategory:
    id: str
    name: str
    is_inclusive: bool
    rates: TaxRates
    by_class: dict[str, TaxRates] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetailReference:
    shops: dict[str, Shop] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=dict)
    payment_types: dict[str, PaymentType] = field(default_factory=dict)
    tax_categories: dict[str, TaxCategory] = field(default_factory=dict)
    tax_classes: dict[str, str] = field(default_factory=dict)
    currency: str = "EUR"
    """Empty where the account doesn't say."""

    def known_rates(self) -> tuple[TaxRates, ...]:
        return tuple(
            rates
            for category in self.tax_categories.values()
            for rates in (category.rates, *category.by_class.values())
        )


class Readable(Protocol):
    """What of a `RetailAccount` is needed to read a reference."""

    async def rows(
        self, entity: str, params: Mapping[str, str] | None = None, relations: Sequence[str] = ()
    ) -> list[dict[str, Any]]: ...

    async def itself(self) -> dict[str, Any]: ...


EVERYTHING = {"archived": "true"}
"""Old sales point to archived shops and payment types."""


async def read_reference(account: Readable) -> RetailReference:
    return reference_of(
        shops=await account.rows("Shop", EVERYTHING),
        registers=await account.rows("Register", EVERYTHING),
        payment_types=await account.rows("PaymentType", EVERYTHING),
        tax_categories=await account.rows("TaxCategory", relations=["TaxCategoryClasses"]),
        tax_classes=await account.rows("TaxClass"),
        account=await account.itself(),
    )


def reference_of(
    *,
    shops: Iterable[Row] = (),
    registers: Iterable[Row] = (),
    payment_types: Iterable[Row] = (),
    tax_categories: Iterable[Row] = (),
    tax_classes: Iterable[Row] = (),
    account: Row | None = None,
) -> RetailReference:
    """Rows as Lightspeed gives them; what can't be read is left out, so that its sales become problems."""
    return RetailReference(
        shops=_by_id(map(_shop, shops)),
        registers=_by_id(map(_register, registers)),
        payment_types=_by_id(map(payment_type_of, payment_types)),
        tax_categories=_by_id(map(_tax_category, tax_categories)),
        tax_classes=dict(filter(None, map(_tax_class, tax_classes))),
        currency=text(nested(account or {}, "defaultCurrency"), "code"),
    )


def _by_id(records: Iterable[Any]) -> dict[str, Any]:
    return {record.id: record for record in records if record is not None and record.id != NONE}


def _shop(row: Row) -> Shop | None:
    zone = text(row, "timeZone")
    try:
        ZoneInfo(zone)
        return Shop(identity(row, "shopID"), text(row, "name"), zone, flag(row, "archived"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _register(row: Row) -> Register | None:
    try:
        return Register(
            identity(row, "registerID"), text(row, "name"), identity(row, "shopID"), flag(row, "archived")
        )
    except Unreadable:
        return None


def payment_type_of(row: Row) -> PaymentType | None:
    try:
        return PaymentType(
            identity(row, "paymentTypeID"),
            text(row, "name"),
            text(row, "type"),
            text(row, "code"),
            flag(row, "archived"),
        )
    except Unreadable:
        return None


def _tax_category(row: Row) -> TaxCategory | None:
    try:
        return TaxCategory(
            identity(row, "taxCategoryID"),
            text(row, "tax1Name"),
            flag(row, "isTaxInclusive"),
            _rates(row),
            {
                identity(one, "taxClassID"): _rates(one)
                for one in members(row, "TaxCategoryClasses", "TaxCategoryClass")
            },
        )
    except Unreadable:
        return None


def _tax_class(row: Row) -> tuple[str, str] | None:
    try:
        return identity(row, "taxClassID"), text(row, "name")
    except Unreadable:
        return None


def _rates(row: Row) -> TaxRates:
    return TaxRates(number(row, "tax1Rate", ZERO), number(row, "tax2Rate", ZERO))


@cache
def _adapter() -> TypeAdapter[RetailReference]:
    return TypeAdapter(RetailReference)


def reference_text(reference: RetailReference) -> str:
    return _adapter().dump_json(reference).decode()


def reference_from_text(kept: str) -> RetailReference:
    """Raises pydantic's ValidationError where it was kept by another release; then it is read again."""
    return _adapter().validate_json(kept)
