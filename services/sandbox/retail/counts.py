"""Inventory counts (4.13, 6.3): items are counted one by one, and reconciling applies them for good."""

from decimal import Decimal

from services.sandbox.retail import catalogue
from services.sandbox.retail.account import Account
from services.sandbox.retail.bodies import Body, scalars
from services.sandbox.retail.errors import bad, not_found
from services.sandbox.retail.rows import Row
from services.sandbox.retail.schema import Entity
from services.sandbox.retail.values import ZERO
from services.sandbox.switches import Switches

COUNT, COUNTED, RECONCILED = "InventoryCount", "InventoryCountItem", "InventoryCountReconcile"
ENTITIES = frozenset({COUNT, COUNTED, RECONCILED})
MANDATORY = {
    COUNT: ("name", "shopID"),
    COUNTED: ("inventoryCountID", "itemID", "employeeID"),
    RECONCILED: ("inventoryCountID",),
}


def create(account: Account, entity: Entity, body: Body, switches: Switches) -> Row:
    fields = scalars(entity, body, without=frozenset({"timeStamp", "createTime", "qohChange", "costChange"}))
    for name in MANDATORY[entity.name]:
        if not fields.get(name):
            raise bad(f"{name} is required.")
    if entity.name == COUNT:
        if account["Shop"].get(int(str(fields["shopID"]))) is None:
            raise not_found("Shop", str(fields["shopID"]))
        return account[COUNT].add({**fields, "archived": False, "timeStamp": account.stamp()})
    count = account[COUNT].get(int(str(fields["inventoryCountID"])))
    if count is None:
        raise not_found(COUNT, str(fields["inventoryCountID"]))
    if entity.name == COUNTED:
        return _count_item(account, count, Row(entity, fields))
    return _reconcile(account, count, Row(entity, fields), switches)


def _count_item(account: Account, count: Row, sent: Row) -> Row:
    """What was calculated to be there when it was counted is kept beside it."""
    if account["Item"].get(sent.id("itemID")) is None:
        raise not_found("Item", str(sent.id("itemID")))
    if count.flag("archived"):
        raise bad("The inventory count is reconciled already.")
    if sent.number("qty") < ZERO:
        raise bad("qty can not be negative.")
    account.add(
        "InventoryCountCalc",
        calcQoh=_on_hand(account, sent.id("itemID"), count.id("shopID")),
        countedQoh=sent.number("qty"),
        timeStamp=account.stamp(),
        inventoryCountID=count.key,
        itemID=sent.id("itemID"),
    )
    return account[COUNTED].add({**sent.fields, "timeStamp": account.stamp()})


def _reconcile(account: Account, count: Row, sent: Row, switches: Switches) -> Row:
    """Of one item where it is named, else of the whole count, which is over then."""
    only = sent.id("itemID")
    change = ZERO
    if not count.flag("archived"):
        counted = account["InventoryCountCalc"].find("inventoryCountID", count.key)
        for row in counted:
            if only in (0, row.id("itemID")):
                change += _apply(account, count, row, absolute=switches["count_applies"] == "absolute")
    elif switches["reconciling_twice"] == "refused":
        raise bad("The inventory count is reconciled already.")
    if not only and switches["reconciled_count"] == "archived":
        account.change(count, archived=True, timeStamp=account.stamp())
    return account.add(
        RECONCILED, qohChange=change, createTime=account.stamp(), inventoryCountID=count.key, itemID=only
    )


def _apply(account: Account, count: Row, counted: Row, *, absolute: bool) -> Decimal:
    item, shop = counted.id("itemID"), count.id("shopID")
    before = _on_hand(account, item, shop) if absolute else counted.number("calcQoh")
    change = counted.number("countedQoh") - before
    catalogue.move_stock(account, item, shop, change)
    return change


def _on_hand(account: Account, item: int, shop: int) -> Decimal:
    rows = account["ItemShop"].find("itemID", item)
    return next((row.number("qoh") for row in rows if row.id("shopID") == shop), ZERO)
