"""Stock per item and warehouse; only items that are kept in stock move."""

from decimal import Decimal

from services.sandbox.exact.prices import PricedLine
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

PATH = "inventory/ItemWarehouses"
DIRECT_TYPES = (8023, 8024)
NONE = Decimal(0)


def position(write: Write, item: Row, warehouse: Row) -> Row:
    """The row of an item in a warehouse, made when it is not there yet."""
    for row in write.division.table(PATH).find("Item", item["ID"]):
        if row["Warehouse"] == warehouse["ID"]:
            return row
    row = {
        "Item": item["ID"],
        "ItemCode": item["Code"],
        "ItemDescription": item["Description"],
        "Warehouse": warehouse["ID"],
        "WarehouseCode": warehouse["Code"],
        "WarehouseDescription": warehouse["Description"],
        "CurrentStock": NONE,
        "PlannedStockIn": NONE,
        "PlannedStockOut": NONE,
        "ReservedStock": NONE,
        "ProjectedStock": NONE,
    }
    return write.division.add(PATH, row, write.author)


def move(write: Write, item: Row, warehouse: Row, quantity: Decimal) -> None:
    """Changes the stock of an item; nothing happens for items that are not stocked."""
    if not item.get("IsStockItem"):
        return
    row = position(write, item, warehouse)
    current = row["CurrentStock"] + quantity
    projected = current + row["PlannedStockIn"] - row["PlannedStockOut"]
    write.division.change(PATH, row, {"CurrentStock": current, "ProjectedStock": projected}, write.author)
    total = sum((r["CurrentStock"] for r in write.division.table(PATH).find("Item", item["ID"])), NONE)
    write.division.change("logistics/Items", item, {"Stock": total}, write.author)


def plan(write: Write, item: Row, warehouse: Row, change: Decimal) -> None:
    """What open orders will take out, or bring back in: every order moves the position's version (5.17)."""
    if not item.get("IsStockItem") or not change:
        return
    row = position(write, item, warehouse)
    planned = row["PlannedStockOut"] + change
    projected = row["CurrentStock"] + row["PlannedStockIn"] - planned
    write.division.change(PATH, row, {"PlannedStockOut": planned, "ProjectedStock": projected}, write.author)


def sell_direct(write: Write, invoice: Row, lines: list[PricedLine]) -> None:
    if invoice["Type"] not in DIRECT_TYPES:
        return
    warehouse = write.division.table("inventory/Warehouses").rows[invoice["Warehouse"]]
    for line in lines:
        move(write, line.item, warehouse, -line.quantity)
