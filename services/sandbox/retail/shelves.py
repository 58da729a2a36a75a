"""What lies on an account's shelves, in plain JSON, and goods that come in."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.made_up_tickets import LOOSE_GOODS
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import ZERO, number_text
from services.sandbox.tills import TicketError, TicketLine

KEPT_IN_STOCK = ("default", "serialized")


def articles_of(account: Account) -> list[dict[str, Any]]:
    """`price` holds the VAT, as the tax category of the first shop says; None where there is none."""
    first = next(iter(account["Shop"]))
    return [_article(account, item, first.id("taxCategoryID")) for item in account["Item"]]


def _article(account: Account, item: Row, tax_category: int) -> dict[str, Any]:
    rates, price = account.rates_of(tax_category, item.id("taxClassID")), _price(item)
    rate = rates.tax1 + rates.tax2
    stock = account["ItemShop"].find("itemID", item.key)
    return {
        "id": str(item.key),
        "code": item.text("customSku") or item.text("systemSku"),
        "name": item.text("description"),
        "barcodes": [each for each in (item.text("ean"), item.text("upc")) if each],
        "price": number_text(price if rates.inclusive else price * (1 + rate)) if price else None,
        "vat_rate": number_text(rate * 100),
        "cost": number_text(item.number("defaultCost")),
        "is_active": not item.flag("archived"),
        "is_stocked": item.text("itemType") in KEPT_IN_STOCK,
        "stock": {str(row.id("shopID")): number_text(row.number("qoh")) for row in stock if row.id("shopID")},
    }


def _price(item: Row) -> Decimal:
    levels = item.nested("Prices").get("ItemPrice") or []
    for level in levels if isinstance(levels, list) else [levels]:
        if isinstance(level, dict) and level["useTypeID"] == "1":
            return Decimal(str(level["amount"]))
    return ZERO


def receive(account: Account, lines: Iterable[TicketLine]) -> int:
    """So many of each article at each shop; one that isn't known is made from its line."""
    items = [(_item(account, line), line.quantity) for line in lines]
    for item, quantity in items:
        _add(account, item, quantity)
    return len(items)


def receive_everything(account: Account, quantity: Decimal, *, loose: bool) -> int:
    """So many of whatever is kept in stock, and where asked for, of what made-up customers buy loose."""
    if loose:
        _item(account, LOOSE_GOODS)
    items = [item for item in account["Item"] if item.text("itemType") in KEPT_IN_STOCK]
    for item in items:
        _add(account, item, quantity)
    return len(items)


def _item(account: Account, line: TicketLine) -> Row:
    first = next(iter(account["Shop"]))
    tax_class = catalogue.tax_class_of(account, line, first, first.id("taxCategoryID"))
    item = catalogue.item_of(account, line, tax_class, first)
    if item is None:
        raise TicketError("goods that come in have a code")
    return item


def _add(account: Account, item: Row, quantity: Decimal) -> None:
    for shop in account["Shop"].rows:
        catalogue.move_stock(account, item.key, shop, quantity)
