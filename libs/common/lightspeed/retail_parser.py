"""What a sale of Lightspeed Retail is to ingest: the functions of `source.Parser`. Pure; none raises."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from libs.common.domain.sale import SaleState
from libs.common.lightspeed import retail_sale
from libs.common.lightspeed.retail_reference import RetailReference, reference_from_text, reference_text
from libs.common.lightspeed.retail_sale import names_unknown, parse_sale, state_of
from libs.common.lightspeed.retail_values import NONE, Unreadable, identity, moment, number, text
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

PERSONAL = ("Customer", "ShipTo", "SaleNotes", "Quote")
NOT_MONEY_YET = (SaleState.OPEN, SaleState.CANCELLED)


def sale_id(row: Mapping[str, Any]) -> str:
    return _id_of(row, "saleID")


def changed_at(row: Mapping[str, Any]) -> datetime | None:
    try:
        return retail_sale.changed_at(row)
    except Unreadable:
        return None


def customer_id(row: Mapping[str, Any]) -> str:
    return _id_of(row, "customerID") or NONE


def is_ticket(row: Mapping[str, Any]) -> bool:
    try:
        return state_of(row) in NOT_MONEY_YET
    except Unreadable:
        return False


def glimpse(row: Mapping[str, Any]) -> Glimpse:
    completed_at: datetime | None = None
    total: Decimal | None = None
    with suppress(Unreadable):
        completed_at = moment(row, "completeTime", "timeStamp")
    with suppress(Unreadable):
        total = number(row, "total")
    return Glimpse(text(row, "saleID", 40), text(row, "shopID", 40), completed_at, total)


def without_people(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in PERSONAL}


def no_reference() -> RetailReference:
    return RetailReference()


def time_zone(reference: RetailReference) -> str:
    """Of the first shop that is open."""
    open_ones = [shop for shop in reference.shops.values() if not shop.is_archived]
    return open_ones[0].time_zone if open_ones else "UTC"


def _id_of(row: Mapping[str, Any], field: str) -> str:
    try:
        found = identity(row, field)
    except Unreadable:
        return ""
    return "" if found == NONE else found
