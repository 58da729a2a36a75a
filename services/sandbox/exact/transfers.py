"""Warehouse transfers: drafts (10) until they are processed (50), and then goods are elsewhere."""

from services.sandbox.exact import refusals, stock
from services.sandbox.exact.refusals import Text
from services.sandbox.exact.stock_drafts import Drafts
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

PATH, LINES = "inventory/WarehouseTransfers", "inventory/WarehouseTransferLines"
WAREHOUSES, ITEMS = "inventory/Warehouses", "logistics/Items"
DRAFT, PROCESSED = 10, 50
ENDS = (("WarehouseFrom", "StorageLocationFrom"), ("WarehouseTo", "StorageLocationTo"))
SAME_WAREHOUSE = refusals.invalid(Text("Magazijn", "Warehouse"))


def create(write: Write, body: Row) -> Row:
    sent = body.get("WarehouseTransferLines") or []
    for name in ("EntryDate", "WarehouseFrom", "WarehouseTo", "WarehouseTransferLines"):
        if not body.get(name):
            write.refuse(refusals.mandatory(name))
    for line in sent:
        check_line(write, line)
    ends: Row = {}
    for name, location in ENDS:
        ends |= warehouse_values(write, body, name)
        check_locations(write, body.get(name), sent, location)
    if body.get("WarehouseFrom") and body.get("WarehouseFrom") == body.get("WarehouseTo"):
        write.refuse(SAME_WAREHOUSE)
    write.settle()
    number = write.division.last_numbers.get(("transfer", 0), 0) + 1
    write.division.last_numbers[("transfer", 0)] = number
    row = {name: value for name, value in body.items() if name != "WarehouseTransferLines"}
    row |= ends | {"TransferNumber": number, "Status": DRAFT, "TransferDate": body["EntryDate"]}
    transfer = write.division.add(PATH, row, write.author)
    for place, line in enumerate(sent, start=1):
        item = write.division.table(ITEMS).rows[line["Item"]]
        names = {"ItemCode": item["Code"], "ItemDescription": item["Description"], "LineNumber": place}
        write.division.add(LINES, line | names | {"TransferID": transfer["TransferID"]}, write.author)
    if body.get("Status") == PROCESSED:
        DRAFTS.settle(write, transfer)
    return transfer


def check_line(write: Write, line: Row) -> None:
    for name in ("Item", "Quantity"):
        if line.get(name) is None:
            write.refuse(refusals.mandatory(name))
    if line.get("Item") is not None and write.division.table(ITEMS).get(line["Item"]) is None:
        write.refuse(refusals.invalid_reference("Item"))


def warehouse_values(write: Write, body: Row, name: str) -> Row:
    warehouse = write.division.table(WAREHOUSES).get(body.get(name))
    if warehouse is None:
        if body.get(name):
            write.refuse(refusals.invalid_reference("Warehouse"))
        return {}
    return {f"{name}Code": warehouse["Code"], f"{name}Description": warehouse["Description"]}


def check_locations(write: Write, key: str | None, lines: list[Row], name: str) -> None:
    warehouse = write.division.table(WAREHOUSES).get(key)
    uses_them = warehouse is not None and warehouse.get("UseStorageLocations")
    if uses_them and any(not line.get(name) for line in lines):
        write.refuse(refusals.mandatory("StorageLocation"))


def move(write: Write, transfer: Row, line: Row) -> None:
    """Only items that are kept in stock move."""
    warehouses = write.division.table(WAREHOUSES).rows
    item = write.division.table(ITEMS).rows[line["Item"]]
    stock.move(write, item, warehouses[transfer["WarehouseFrom"]], -line["Quantity"])
    stock.move(write, item, warehouses[transfer["WarehouseTo"]], line["Quantity"])


DRAFTS = Drafts(
    path=PATH,
    lines=LINES,
    key="TransferID",
    number="TransferNumber",
    words="Warehouse transfer",
    processed=PROCESSED,
    carry_out=move,
)
