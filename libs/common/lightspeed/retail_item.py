"""Articles of Lightspeed Retail: a row becomes a `Product`, and fields of the domain a body. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from libs.common.domain.product import (
    Product,
    ProductField,
    ProductKind,
    Values,
    readable_variant,
)
from libs.common.domain.product_facts import TillTaxes
from libs.common.domain.sale import ZERO
from libs.common.lightspeed.product_source import OnHand
from libs.common.lightspeed.retail_values import (
    NONE,
    Row,
    Unreadable,
    flag,
    identity,
    members,
    moment,
    nested,
    number,
    text,
)

DEFAULT_LEVEL = "1"
"""`useTypeID` of the price level that every account has (4.6)."""
BUNDLES = ("box", "assembly", "serialized_assembly")
SERVICES = ("non_inventory",)
EAN_LENGTHS = (13, 14)
DELETED, KEPT = "DeletedByMerge", "ModifiedByMerge"
ATTRIBUTES = ("attribute1", "attribute2", "attribute3")


def item_key(row: Row) -> str:
    """Empty where it can't be read."""
    key = _readable(row, "itemID")
    return "" if key == NONE else key


def product_of(row: Row) -> Product:
    """Raises `Unreadable` with the field; a cost that the consent hides is None, not nothing."""
    key = item_key(row)
    if not key:
        raise Unreadable("itemID", "missing")
    cost = number(row, "defaultCost", ZERO) if "defaultCost" in row else None
    return Product(
        key=key,
        code=text(row, "customSku") or text(row, "systemSku"),
        description=_description(row),
        barcodes=tuple(filter(None, (text(row, "ean"), text(row, "upc")))),
        price=_price(row),
        cost=cost,
        vat=_known(row, "taxClassID"),
        group=_known(row, "categoryID"),
        is_active=not flag(row, "archived"),
        kind=_kind(text(row, "itemType")),
        shares_name=bool(_known(row, "itemMatrixID") or _attributes(row)),
    )


def _description(row: Row) -> str:
    """A variant's text names its attributes already; those that it doesn't are put behind it (4.6)."""
    return readable_variant(text(row, "description"), "", _attributes(row))


def _attributes(row: Row) -> list[str]:
    attributes = nested(row, "ItemAttributes")
    return list(filter(None, (text(attributes, name) for name in ATTRIBUTES)))


def _price(row: Row) -> Any:
    for level in members(row, "Prices", "ItemPrice"):
        if text(level, "useTypeID") == DEFAULT_LEVEL or text(level, "useType") == "Default":
            return number(level, "amount", ZERO)
    return None


def _kind(item_type: str) -> ProductKind:
    if item_type in BUNDLES:
        return ProductKind.BUNDLE
    return ProductKind.SERVICE if item_type in SERVICES else ProductKind.GOODS


def is_stocked(row: Row) -> bool:
    """Of an article as a sale's line shows it; nothing is known of one that it doesn't show."""
    item_type = text(row, "itemType")
    return bool(item_type) and _kind(item_type) is ProductKind.GOODS


def _known(row: Row, field: str) -> str:
    key = identity(row, field)
    return "" if key == NONE else key


def item_body(values: Values) -> dict[str, Any]:
    """Only what is named changes; the price is an entity of its own inside (3.4, 6.1)."""
    body: dict[str, Any] = {PLAIN[name]: value for name, value in values.items() if name in PLAIN}
    if ProductField.GROUP in values:
        body["categoryID"] = values[ProductField.GROUP] or NONE
    if ProductField.BARCODE in values:
        body |= _barcode(values[ProductField.BARCODE])
    if ProductField.PRICE in values:
        level = {"amount": values[ProductField.PRICE], "useTypeID": DEFAULT_LEVEL, "useType": "Default"}
        body["Prices"] = {"ItemPrice": level}
    if values.get(ProductField.ACTIVE) == "true":
        body["archived"] = "false"
    return body


def new_item_body(values: Values) -> dict[str, Any]:
    body = item_body(values)
    body.pop("archived", None)
    body["itemType"] = "default" if values.get(ProductField.STOCKED) == "true" else "non_inventory"
    return {name: value for name, value in body.items() if value not in ("", NONE)}


def _barcode(barcode: str) -> dict[str, str]:
    """13 digits are an EAN, 12 an UPC (6.1); the other of the two stays. Without a barcode both go."""
    if not barcode:
        return {"ean": "", "upc": ""}
    return {"ean" if len(barcode) in EAN_LENGTHS else "upc": barcode}


PLAIN = {
    ProductField.CODE: "customSku",
    ProductField.DESCRIPTION: "description",
    ProductField.COST: "defaultCost",
    ProductField.VAT: "taxClassID",
}


def on_hand_of(row: Row) -> OnHand | None:
    """None for the row of shop 0, which is the sum of the others (4.7)."""
    shop, item = _readable(row, "shopID"), _readable(row, "itemID")
    if NONE in (shop, item):
        return None
    try:
        at = moment(row, "timeStamp")
        if at is None:
            raise Unreadable("timeStamp", "missing")
        return OnHand(item, shop, number(row, "qoh", ZERO), at)
    except Unreadable as error:
        return OnHand(item, shop, ZERO, None, unreadable=str(error))


def _readable(row: Row, field: str) -> str:
    """Empty where it can't be read."""
    try:
        return identity(row, field)
    except Unreadable:
        return ""


def merged_in(log: Iterable[Row]) -> dict[str, str]:
    """What each merged article went into, by the log of the inventory (4.13).

    No row names the other one: it is the only one that was changed by a merge in the same second.
    """
    deleted: list[tuple[str, str]] = []
    kept: dict[str, set[str]] = {}
    for row in log:
        reason, at, item = text(row, "reason"), text(row, "createTime"), item_key(row)
        if item and reason == DELETED:
            deleted.append((item, at))
        elif item and reason == KEPT:
            kept.setdefault(at, set()).add(item)
    found = {item: kept.get(at, set()) - {item} for item, at in deleted}
    return {item: next(iter(others)) if len(others) == 1 else "" for item, others in found.items()}


def taxes_of(category: Mapping[str, Any]) -> TillTaxes:
    """The rates of a shop's usual tax category, in per cent; "" is that of classes without their own."""
    rates = {"": _rate(category)}
    for one in members(category, "TaxCategoryClasses", "TaxCategoryClass"):
        rates[identity(one, "taxClassID")] = _rate(one)
    return TillTaxes(rates, identity(category, "taxCategoryID"), flag(category, "isTaxInclusive"))


def _rate(row: Row) -> Any:
    return (number(row, "tax1Rate", ZERO) + number(row, "tax2Rate", ZERO)) * 100 + ZERO
