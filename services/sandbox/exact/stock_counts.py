"""Stock counts: drafts (12) until they are processed (21), by Status or by ProcessStockCount."""

from decimal import Decimal

from services.sandbox.exact import refusals, stock
from services.sandbox.exact.stock_drafts import Drafts
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

PATH, LINES = "inventory/StockCounts", "inventory/StockCountLines"
DRAFT, PROCESSED = 12, 21


def create(write: Write, body: Row) -> Row:
    sent = body.get("StockCountLines") or []
    for name in ("StockCountDate", "Warehouse", "StockCountLines"):
        if not body.get(name):
            write.refuse(refusals.mandatory(name))
    warehouse = write.division.table("inventory/Warehouses").get(body.get("Warehouse"))
    if body.get("Warehouse") and warehouse is None:
        write.refuse(refusals.invalid_reference("Warehouse"))
    for line in sent:
        check_line(write, line, warehouse)
    write.settle()
    assert warehouse
    number = write.division.last_numbers.get(("count", 0), 0) + 1
    write.division.last_numbers[("count", 0)] = number
    row = {name: value for name, value in body.items() if name != "StockCountLines"}
    row |= {
        "StockCountNumber": number,
        "Status": DRAFT,
        "WarehouseCode": warehouse["Code"],
        "WarehouseDescription": warehouse["Description"],
    }
    count = write.division.add(PATH, row, write.author)
    for place, line in enumerate(sent, start=1):
        store_line(write, count, warehouse, line, place)
    if body.get("Status") == PROCESSED:
        DRAFTS.settle(write, count)
    return count


def check_line(write: Write, line: Row, warehouse: Row | None) -> None:
    if line.get("Item") is None:
        write.refuse(refusals.mandatory("Item"))
    elif write.division.table("logistics/Items").get(line["Item"]) is None:
        write.refuse(refusals.invalid_reference("Item"))
    if warehouse and warehouse.get("UseStorageLocations") and not line.get("StorageLocation"):
        write.refuse(refusals.mandatory("StorageLocation"))


def store_line(write: Write, count: Row, warehouse: Row, line: Row, place: int) -> None:
    item = write.division.table("logistics/Items").rows[line["Item"]]
    in_stock = stock.position(write, item, warehouse)["CurrentStock"]
    difference, new = counted(line, in_stock)
    row = line | {
        "StockCountID": count["StockCountID"],
        "LineNumber": place,
        "ItemCode": item["Code"],
        "ItemDescription": item["Description"],
        "QuantityInStock": in_stock,
        "QuantityDifference": difference,
        "QuantityNew": new,
        "Status": count["Status"],
        "Warehouse": warehouse["ID"],
        "_is_absolute": line.get("QuantityDifference") is None,
    }
    write.division.add(LINES, row, write.author)


def counted(line: Row, in_stock: Decimal) -> tuple[Decimal, Decimal]:
    """Difference and new quantity; a difference that was sent beats a quantity that was sent."""
    difference = line.get("QuantityDifference")
    if difference is None:
        new = in_stock if line.get("QuantityNew") is None else line["QuantityNew"]
        return new - in_stock, new
    return difference, in_stock + difference


def overwrite(write: Write, count: Row, line: Row) -> None:
    """An absolute quantity overwrites whatever was sold between counting and processing."""
    warehouse = write.division.table("inventory/Warehouses").rows[count["Warehouse"]]
    item = write.division.table("logistics/Items").rows[line["Item"]]
    change = line["QuantityDifference"]
    if line["_is_absolute"]:
        change = line["QuantityNew"] - stock.position(write, item, warehouse)["CurrentStock"]
    stock.move(write, item, warehouse, change)
    write.division.change(LINES, line, {"Status": PROCESSED}, write.author)


DRAFTS = Drafts(
    path=PATH,
    lines=LINES,
    key="StockCountID",
    number="StockCountNumber",
    words="Stock count",
    processed=PROCESSED,
    carry_out=overwrite,
)
