"""Merging two articles: one of them is deleted, and the log alone says so (4.13, 7)."""

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.rows import Row
from services.sandbox.retail.values import ZERO
from services.sandbox.tills import TicketError


def merge(account: Account, item: Row, into: Row) -> Row:
    """Its stock and what was sold of it are the other's from now on."""
    if item is into:
        raise TicketError(f"item {item.key} can't be merged into itself")
    stock = {row.id("shopID"): row.number("qoh") for row in account["ItemShop"].find("itemID", item.key)}
    for shop, quantity in stock.items():
        if shop:
            catalogue.move_stock(account, into.key, shop, quantity)
            _log(account, "DeletedByMerge", item, shop)
            _log(account, "ModifiedByMerge", into, shop)
    for line in account["SaleLine"].find("itemID", item.key):
        account.change(line, itemID=into.key)
    for row in account["ItemShop"].find("itemID", item.key):
        account["ItemShop"].remove(row)
    account["Item"].remove(item)
    account.change(into, timeStamp=account.stamp())
    return into


def _log(account: Account, reason: str, item: Row, shop: int) -> Row:
    return account.add(
        "InventoryLog",
        qohChange=ZERO,
        createTime=account.stamp(),
        automated=True,
        reason=reason,
        employeeID=next((row.key for row in account["Employee"]), 0),
        itemID=item.key,
        shopID=shop,
    )
