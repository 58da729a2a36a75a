"""What sales only name by id: the locations of a login, each with its rates, payment methods and groups.

It changes seldom, so it is read once a day, kept as JSON, and read again when a sale names what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter

from libs.common.domain.sale import ZERO
from libs.common.lightspeed.restaurant_values import (
    Caseless,
    caseless,
    key_of,
    listed,
    number_of,
    within,
)
from libs.common.lightspeed.retail_values import Row, Unreadable, number, text

DAY_END = "05:30"
"""By default a business day runs to 05:29 (10); what `sales-daily` tells replaces it."""
LARGEST_MULTIPLIER = Decimal(2)
HUNDRED = Decimal(100)
ZONES = {"NL": "Europe/Amsterdam", "BE": "Europe/Brussels", "LU": "Europe/Luxembourg"}
"""Of countries with one: a location that is left out is never read, and nobody hears of it."""


@dataclass(frozen=True, slots=True)
class TaxRate:
    code: str
    name: str
    percentage: Decimal
    accounting_reference: str = ""
    is_included: bool = True
    """In prices."""


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """`code` is Lightspeed's own for cash, gift cards and room charge, else the merchant's (7.3)."""

    id: str
    name: str
    code: str
    accounting_reference: str = ""


@dataclass(frozen=True, slots=True)
class AccountingGroup:
    id: str
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A business location: an outlet. `day_end` is HH:MM of its clock, `currency` empty where nobody says."""

    id: str
    name: str
    time_zone: str
    business: str = ""
    business_name: str = ""
    country: str = ""
    currency: str = "EUR"
    day_end: str = DAY_END
    tax_rates: dict[str, TaxRate] = field(default_factory=dict)
    payment_methods: dict[str, PaymentMethod] = field(default_factory=dict)
    accounting_groups: dict[str, AccountingGroup] = field(default_factory=dict)

    def method_coded(self, code: str) -> PaymentMethod | None:
        """The one method of this code; none where several share it."""
        found = [method for method in self.payment_methods.values() if method.code == code]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class RestaurantReference:
    locations: dict[str, Location] = field(default_factory=dict)


def percentage_of(rate: Decimal) -> Decimal:
    """21 of the multiplier 1.21 and of 21.00 alike (7.2): no rate in use is as low as two per cent."""
    if ZERO < rate < 1:
        raise Unreadable("taxRate", "neither a multiplier nor a percentage", rate)
    if 1 <= rate <= LARGEST_MULTIPLIER:
        rate = (rate - 1) * HUNDRED
    if rate < ZERO or rate >= HUNDRED:
        raise Unreadable("taxRate", "not a rate", rate)
    plain = rate.normalize()
    exponent = plain.as_tuple().exponent
    return plain.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else plain


def locations_in(body: Mapping[str, Any]) -> list[Location]:
    """Of `businesses`; without `_embedded` there are none (4). What can't be read is left out."""
    found = []
    for business in listed(within(caseless(body), "_embedded"), "businessList"):
        for location in listed(business, "businessLocations"):
            found.append(_location(location, business))
    return [location for location in found if location is not None]


def goes_on_after(page: int, body: Mapping[str, Any], size: int) -> bool:
    """Whether `businesses` has a page after this one; pages count from 0 (13).

    What tells so isn't documented: HAL's link or its count of pages, or a page that is full.
    """
    read = caseless(body)
    businesses = listed(within(read, "_embedded"), "businessList")
    links = within(read, "_links")
    pages = number(within(read, "page"), "totalPages", ZERO)
    is_named = any(within(links, name) for name in ("next", "nextPage"))
    return bool(businesses) and (is_named or len(businesses) >= size or page + 1 < pages)


def _location(row: Caseless, business: Caseless) -> Location | None:
    country = text(row, "country", 2).upper()
    zone = text(row, "timezone")
    try:
        zone = zone if _is_zone(zone) else ZONES[country]
        location_id = number_of(row, "blID")
        business_id = number_of(business, "businessId")
    except (KeyError, Unreadable):
        return None
    if not location_id:
        return None
    return Location(
        id=location_id,
        name=text(row, "blName", 200),
        time_zone=zone,
        business=business_id,
        business_name=text(business, "businessName", 200),
        country=country,
        currency=text(business, "currencyCode", 3).upper(),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def tax_rates_in(rows: Iterable[Row]) -> dict[str, TaxRate]:
    return _by(rows, _tax_rate, lambda rate: rate.code)


def payment_methods_in(rows: Iterable[Row]) -> dict[str, PaymentMethod]:
    return _by(rows, _payment_method, lambda method: method.id)


def accounting_groups_in(rows: Iterable[Row]) -> dict[str, AccountingGroup]:
    return _by(rows, _accounting_group, lambda group: group.id)


def _by(rows: Iterable[Row], read: Any, key: Any) -> dict[str, Any]:
    """What can't be read is left out, so that its sales become problems."""
    found = {}
    for row in rows:
        try:
            record = read(caseless(row))
        except Unreadable:
            continue
        if key(record):
            found[key(record)] = record
    return found


def _tax_rate(row: Caseless) -> TaxRate:
    return TaxRate(
        code=key_of(row, "code"),
        name=text(row, "description", 200),
        percentage=percentage_of(number(row, "rate")),
        accounting_reference=text(row, "accountingReference", 60),
        is_included=row.get("taxIncluded") is not False,
    )


def _payment_method(row: Caseless) -> PaymentMethod:
    return PaymentMethod(
        id=number_of(row, "pmId"),
        name=text(row, "name", 200),
        code=text(row, "code", 60),
        accounting_reference=text(row, "accountingReference", 60),
    )


def _accounting_group(row: Caseless) -> AccountingGroup:
    return AccountingGroup(number_of(row, "accountingGroupId"), text(row, "name", 200), text(row, "code", 60))


def reference_of(locations: Sequence[Location]) -> RestaurantReference:
    return RestaurantReference({location.id: location for location in locations})


@cache
def _adapter() -> TypeAdapter[RestaurantReference]:
    return TypeAdapter(RestaurantReference)


def reference_text(reference: RestaurantReference) -> str:
    return _adapter().dump_json(reference).decode()


def reference_from_text(kept: str) -> RestaurantReference:
    """Raises pydantic's ValidationError where it was kept by another release; then it is read again."""
    return _adapter().validate_json(kept)
