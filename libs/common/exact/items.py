"""Pure: items of Exact, their prices and groups, as the domain sees them, and their bodies (5.14 to 5.16)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from libs.common.domain.product import Product, ProductField, ProductKind, Values, number_text
from libs.common.domain.product_facts import ItemGroup, ItemVatCode
from libs.common.exact.odata import date_of, integer_of
from libs.common.exact.reference import VatCode

Row = Mapping[str, Any]
_UNKEPT = re.compile("[\x00\ud800-\udfff]+")
"""No text of ours can hold these."""

ITEMS, ITEM_FEED = "logistics/Items", "sync/Logistics/Items"
PRICES, PRICE_FEED = "logistics/SalesItemPrices", "sync/Logistics/SalesItemPrices"
DELETED_FEED, STOCK_FEED = "sync/Deleted", "sync/Inventory/StockPositions"
GROUPS, UNITS = "logistics/ItemGroups", "logistics/Units"
WAREHOUSES = "inventory/Warehouses"
COUNTS, PROCESS = "inventory/StockCounts", "inventory/ProcessStockCount"
PROCESSED = 21
"""`Status` of a count that moved stock; 12 is a draft, which doesn't (5.17)."""
PRICE_ENTITY, ITEM_ENTITY = 8, 9
"""`EntityType` of what `sync/Deleted` names (5.25)."""

ITEM_FIELDS = (
    *("ID", "Code", "Description", "Barcode", "SalesVatCode", "ItemGroup", "Unit", "CostPriceStandard"),
    *("EndDate", "IsSalesItem", "IsStockItem"),
)
PRICE_FIELDS = (
    *("ID", "Item", "Price", "Quantity", "Account", "Currency", "StartDate", "EndDate"),
    *("Unit", "DefaultItemUnit", "NumberOfItemsPerUnit"),
)
DELETED_FIELDS = ("EntityKey", "EntityType", "Timestamp")
STOCK_FIELDS = ("ItemId", "Warehouse", "CurrentStock", "PlanningOut", "Timestamp")
GROUP_FIELDS = ("ID", "Code", "Description", "IsDefault", "GLRevenue")


@dataclass(frozen=True, slots=True)
class Item:
    """An item without its price, which stands elsewhere; `ends_on` is its last day."""

    product: Product
    ends_on: date | None

    def on(self, today: date) -> Product:
        """The article as it is on a day: one that has ended is archived, and so is what isn't sold."""
        is_over = self.ends_on is not None and self.ends_on <= today
        return replace(self.product, is_active=self.product.is_active and not is_over)


LONGEST_REASON = 200
UNREADABLE = (KeyError, ValueError, ArithmeticError)
"""What reading a row raises that isn't what Exact answers."""


def item_of(row: Row) -> Item:
    kind = ProductKind.GOODS if _flag(row, "IsStockItem") else ProductKind.SERVICE
    cost = row.get("CostPriceStandard")
    product = Product(
        key=str(row["ID"]),
        code=_text(row, "Code"),
        description=_text(row, "Description"),
        barcodes=tuple(filter(None, (_text(row, "Barcode"),))),
        cost=None if cost is None else _number(cost),
        vat=_text(row, "SalesVatCode"),
        group=_text(row, "ItemGroup"),
        unit=_text(row, "Unit"),
        is_active=_flag(row, "IsSalesItem", default=True),
        kind=kind,
    )
    return Item(product, _date(row.get("EndDate")))


@dataclass(frozen=True, slots=True)
class ItemPrice:
    id: str
    item: str
    price: Decimal
    starts_on: date | None
    ends_on: date | None
    is_standard: bool
    """For everybody, from one piece on, in the item's own unit and the books' currency (5.15)."""
    unreadable: str | None = None
    """What can't be read of it; nothing else of it is to be relied on then."""

    def holds_on(self, today: date) -> bool:
        has_begun = self.starts_on is None or self.starts_on <= today
        return has_begun and (self.ends_on is None or self.ends_on >= today)


def price_of(row: Row, currency: str) -> ItemPrice:
    """`currency` is the books' own. Raises only where it can't be read which item's price it is.

    What can't be read counts as standard, lest a second is made beside it; one of a customer's never is.
    """
    if not row.get("Item"):
        raise KeyError("Item")
    unread = ItemPrice(str(row["ID"]), str(row["Item"]), Decimal(0), None, None, not row.get("Account"))
    try:
        return replace(
            unread,
            price=_number(row.get("Price") or 0),
            starts_on=_date(row.get("StartDate")),
            ends_on=_date(row.get("EndDate")),
            is_standard=_is_standard(row, currency),
        )
    except UNREADABLE as error:
        return replace(unread, unreadable=f"{PRICES}: {type(error).__name__}: {error}"[:LONGEST_REASON])


def price_id(row: Row) -> str:
    return str(row.get("ID") or "?")


def _is_standard(row: Row, currency: str) -> bool:
    own_unit = _text(row, "DefaultItemUnit") or _text(row, "Unit")
    return (
        not row.get("Account")
        and _number(row.get("Quantity") or 1) <= 1
        and _number(row.get("NumberOfItemsPerUnit") or 1) == 1
        and _text(row, "Unit") in ("", own_unit)
        and _text(row, "Currency") in ("", currency)
    )


def standard_price(prices: Iterable[ItemPrice], today: date) -> ItemPrice | None:
    """Of those that hold today the one that began last."""
    readable = [each for each in prices if each.is_standard and each.unreadable is None]
    valid = [each for each in readable if each.holds_on(today)]
    return max(valid, key=lambda each: (each.starts_on or date.min, each.id), default=None)


def item_body(values: Values, today: date) -> dict[str, Any]:
    """What the values name of the item itself; its price goes elsewhere."""
    body: dict[str, Any] = {PLAIN[name]: value for name, value in values.items() if name in PLAIN}
    if ProductField.BARCODE in values:
        body["Barcode"] = values[ProductField.BARCODE] or None
    if ProductField.STOCKED in values:
        body["IsStockItem"] = values[ProductField.STOCKED] == "true"
    if ProductField.ACTIVE in values:
        body |= _activity(values[ProductField.ACTIVE] == "true", today)
    return body


def new_item_body(values: Values, today: date) -> dict[str, Any]:
    body = item_body(values, today) | {"IsSalesItem": True}
    return {name: value for name, value in body.items() if value not in (None, "")}


def _activity(is_active: bool, today: date) -> dict[str, Any]:
    """Ending is a date, and never a deletion (domain.md 11.4)."""
    return {"EndDate": None, "IsSalesItem": True} if is_active else {"EndDate": today.isoformat()}


def price_body(item: str, price: str) -> dict[str, Any]:
    return {"Item": item, "Price": price, "Quantity": "1"}


def count_body(reference: str, warehouse: str, day: date) -> dict[str, Any]:
    return {"Description": reference, "Warehouse": warehouse, "StockCountDate": day.isoformat()}


def count_line_body(item: str, difference: Decimal, location: str | None) -> dict[str, Any]:
    """A difference, since what was counted would overwrite what moved since (5.17)."""
    body: dict[str, Any] = {"Item": item, "QuantityDifference": number_text(difference)}
    return body if location is None else body | {"StorageLocation": location}


PLAIN = {
    ProductField.CODE: "Code",
    ProductField.DESCRIPTION: "Description",
    ProductField.COST: "CostPriceStandard",
    ProductField.VAT: "SalesVatCode",
    ProductField.GROUP: "ItemGroup",
    ProductField.UNIT: "Unit",
}


def group_of(row: Row) -> tuple[ItemGroup, bool]:
    """The group, and whether it is the default."""
    name = _text(row, "Description") or _text(row, "Code")
    return ItemGroup(str(row["ID"]), name, bool(_text(row, "GLRevenue"))), bool(row.get("IsDefault"))


def item_vat_code(code: VatCode) -> ItemVatCode:
    is_for_sales = (
        not code.is_blocked and not code.is_reverse_charge and code.transaction_type in ("B", "S", "")
    )
    return ItemVatCode(code.code, code.type, code.percentage, is_for_sales and not code.is_margin)


def deleted_in(rows: Iterable[Row], entity: int) -> list[str]:
    """Keys of this kind, and of what isn't readable whose they are: a key is of one thing alone.

    What has no key to be read is met when it is written next.
    """
    named = [(_text(row, "EntityKey"), _text(row, "EntityType")) for row in rows]
    return [key for key, kind in named if key and (kind == str(entity) or not kind.isdecimal())]


def last_version(rows: Iterable[Row], known: int) -> int:
    """Up to which row version a feed was read with these; one that can't be read is passed with the rest."""
    versions = [known]
    for row in rows:
        with suppress(KeyError, ValueError, TypeError):
            versions.append(integer_of(row["Timestamp"]))
    return max(versions)


def _text(row: Row, name: str) -> str:
    return _UNKEPT.sub("", str(row.get(name) or "")).strip()


def _flag(row: Row, name: str, *, default: bool = False) -> bool:
    """True or false, a byte of 0 or 1 (4.2), or nothing."""
    value = row.get(name)
    return default if value is None else str(value).lower() in ("true", "1")


def _number(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"{value} is no number")
    return number


def _date(value: object) -> date | None:
    return date_of(value) if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class StockPosition:
    item: str
    warehouse: str
    in_stock: Decimal = Decimal(0)
    planned_out: Decimal = Decimal(0)
    unreadable: str | None = None
    """What can't be read of it; how much there is isn't known then."""


def position_of(row: Row) -> StockPosition:
    """An item or a warehouse that it doesn't name is empty."""
    unread = StockPosition(_text(row, "ItemId"), _text(row, "Warehouse"))
    try:
        in_stock, planned_out = (_quantity(row, name) for name in ("CurrentStock", "PlanningOut"))
    except ValueError as error:
        return replace(unread, unreadable=str(error)[:LONGEST_REASON])
    return replace(unread, in_stock=in_stock, planned_out=planned_out)


def _quantity(row: Row, name: str) -> Decimal:
    value = row.get(name) or 0
    try:
        return _number(value)
    except UNREADABLE as error:
        raise ValueError(f"{name}: {value} is no number") from error
