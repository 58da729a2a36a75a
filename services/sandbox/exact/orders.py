"""SalesOrders: a number that nobody else may have, and no effect on the ledger."""

from services.sandbox.exact import invoices, prices, refusals, stock
from services.sandbox.exact.prices import PricedLine
from services.sandbox.exact.refusals import BusinessRefusal
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import NOTHING
from services.sandbox.exact.writing import Write

PATH, LINES = "salesorder/SalesOrders", "salesorder/SalesOrderLines"
OPEN, PARTIAL, COMPLETE, CANCELLED = 12, 20, 21, 45
STATUSES = {OPEN: "Open", PARTIAL: "Partial", COMPLETE: "Complete", CANCELLED: "Cancelled"}
NEVER_CHANGED = ("OrderedBy", "InvoiceTo", "DeliverTo", "OrderNumber")


def create(write: Write, body: Row) -> Row:
    sent = body.get("SalesOrderLines") or []
    if not sent:
        write.refuse(refusals.mandatory("SalesOrderLines"))
    head = head_values(write, body)
    lines = price_lines(write, head, sent)
    number = body.get("OrderNumber")
    if number and write.division.table(PATH).first("OrderNumber", number) is not None:
        write.refuse(refusals.ORDER_NUMBER_EXISTS)
    write.settle()
    row = head | totals(head, lines) | {"OrderNumber": number or next_order_number(write)}
    order = write.division.add(PATH, row, write.author)
    for place, line in enumerate(lines, start=1):
        store_line(write, order, line, place)
    plan_stock(write, order)
    return order


def plan_stock(write: Write, order: Row, *, is_gone: bool = False) -> None:
    """What is ordered and not delivered is planned to leave the order's warehouse."""
    warehouse = write.division.table("inventory/Warehouses").get(order.get("WarehouseID"))
    if warehouse is None:
        return
    for line in stored_lines(write, order):
        is_over = is_gone or line["DeliveryStatus"] in (COMPLETE, CANCELLED)
        left = NOTHING if is_over else line["Quantity"] - line["QuantityDelivered"]
        item = write.division.table("logistics/Items").rows[line["Item"]]
        stock.plan(write, item, warehouse, left - (line.get("_planned") or NOTHING))
        write.division.change(LINES, line, {"_planned": left}, write.author)


def next_order_number(write: Write) -> int:
    numbers = write.division.table(PATH).indexes["OrderNumber"]
    wanted = write.division.last_numbers.get(("order", 0), 0) + 1
    while numbers.get(wanted):
        wanted += 1
    write.division.last_numbers[("order", 0)] = wanted
    return wanted


def head_values(write: Write, body: Row) -> Row:
    shared = invoices.head_values(write, body)
    for name in ("Type", "TypeDescription", "DiscountType", "IsExtraDuty", "JournalDescription"):
        shared.pop(name)
    shared.pop("StarterSalesInvoiceStatus")
    warehouse = order_warehouse(write, body.get("WarehouseID"))
    return shared | {
        "ApprovalStatus": body.get("ApprovalStatus") or 1,
        "ApprovalStatusDescription": "Automatically",
        "Approved": body.get("Approved") or write.division.now(),
        "DeliveryDate": body.get("DeliveryDate") or shared["OrderDate"],
        "DeliveryStatus": OPEN,
        "DeliveryStatusDescription": STATUSES[OPEN],
        "InvoiceStatus": OPEN,
        "InvoiceStatusDescription": STATUSES[OPEN],
        "Status": OPEN,
        "StatusDescription": STATUSES[OPEN],
        "WarehouseID": warehouse.get("ID"),
        "WarehouseCode": warehouse.get("Code"),
        "WarehouseDescription": warehouse.get("Description"),
    }


def order_warehouse(write: Write, key: str | None) -> Row:
    warehouses = write.division.table("inventory/Warehouses")
    if key is None:
        return next((row for row in warehouses if row["Main"]), {})
    warehouse = warehouses.get(key)
    if warehouse is None:
        write.refuse(refusals.invalid_reference("WarehouseID"))
    return warehouse or {}


def price_lines(write: Write, head: Row, sent: list[Row]) -> list[PricedLine]:
    account = write.division.table("crm/Accounts").get(head.get("InvoiceTo"))
    found = [prices.price_line(write, line, account, head["OrderDate"], "VATAmount") for line in sent]
    lines = [line for line in found if line is not None]
    lines = prices.discounted(lines, prices.discount_fraction(head, lines))
    return prices.total_per_code(write, lines)


def totals(head: Row, lines: list[PricedLine]) -> Row:
    row = invoices.totals(head, lines)
    return {name: value for name, value in row.items() if not name.startswith("VAT")}


def line_values(write: Write, line: PricedLine) -> Row:
    return prices.line_values(write, line) | {
        "VATAmount": line.split.vat,
        "_own_vat": line.sent.get("VATAmount"),
        "_sent_vat_code": line.split.code["Code"] if line.split.code else "",
    }


def store_line(write: Write, order: Row, line: PricedLine, place: int) -> Row:
    row = line.sent | line_values(write, line)
    row |= {
        "OrderID": order["OrderID"],
        "OrderNumber": order["OrderNumber"],
        "LineNumber": place,
        "OrderStatus": OPEN,
        "DeliveryStatus": OPEN,
        "InvoiceStatus": OPEN,
        "DeliveryDate": line.sent.get("DeliveryDate") or order["DeliveryDate"],
        "QuantityDelivered": NOTHING,
        "QuantityInvoiced": NOTHING,
        "UseDropShipment": line.sent.get("UseDropShipment") or 0,
    }
    return write.division.add(LINES, row, write.author)


def stored_lines(write: Write, order: Row) -> list[Row]:
    return write.division.table(LINES).find("OrderID", order["OrderID"])


def as_sent(line: Row) -> Row:
    return line | {"_row": line, "VATCode": line["_sent_vat_code"], "VATAmount": line["_own_vat"]}


def update(write: Write, order: Row, body: Row) -> None:
    """A completed order takes a PUT without a word and stays as it was."""
    if order["Status"] == COMPLETE:
        return
    changes = {name: value for name, value in body.items() if name not in NEVER_CHANGED}
    statuses = ("Status", "DeliveryStatus", "InvoiceStatus")
    kept = {name: order[name] for base in statuses for name in (base, f"{base}Description")}
    rewrite(write, order, order | changes, stored_lines(write, order), kept)


def rewrite(write: Write, order: Row, wanted: Row, rows: list[Row], kept: Row) -> None:
    head = head_values(write, {name: value for name, value in wanted.items() if not name.startswith("_")})
    lines = price_lines(write, head, [as_sent(row) for row in rows])
    write.settle()
    write.division.change(PATH, order, head | kept | totals(head, lines), write.author)
    for place, line in enumerate(lines, start=1):
        values = line_values(write, line) | {"LineNumber": place}
        write.division.change(LINES, line.sent["_row"], values, write.author)
    plan_stock(write, order)


def delete(write: Write, order: Row) -> None:
    if order["DeliveryStatus"] != OPEN or order["InvoiceStatus"] != OPEN:
        raise BusinessRefusal(refusals.ALREADY_PROCESSED)
    plan_stock(write, order, is_gone=True)
    for line in stored_lines(write, order):
        write.division.remove(LINES, line, write.author)
    write.division.remove(PATH, order, write.author)


def create_line(write: Write, body: Row) -> Row:
    order = write.division.table(PATH).get(body.get("OrderID"))
    if order is None:
        raise BusinessRefusal(refusals.invalid_reference("OrderID"))
    lines = price_lines(write, order, [body])
    write.settle()
    row = store_line(write, order, lines[0], len(stored_lines(write, order)) + 1)
    rewrite(write, order, dict(order), stored_lines(write, order), {})
    return row


def update_line(write: Write, line: Row, body: Row) -> None:
    order = write.division.table(PATH).rows[line["OrderID"]]
    if order["Status"] == COMPLETE:
        return
    hidden = {"_own_vat": body.get("VATAmount")}
    if "VATCode" in body:
        hidden["_sent_vat_code"] = body["VATCode"]
    if body.keys() & {"UnitPrice", "Discount"} and "NetPrice" not in body:
        body = body | {"NetPrice": None}
    price_lines(write, order, [as_sent(line | body | hidden)])
    write.settle()
    write.division.change(LINES, line, body | hidden, write.author)
    rewrite(write, order, dict(order), stored_lines(write, order), {})


def delete_line(write: Write, line: Row) -> None:
    order = write.division.table(PATH).rows[line["OrderID"]]
    write.division.change(LINES, line, {"DeliveryStatus": CANCELLED}, write.author)
    plan_stock(write, order)
    write.division.remove(LINES, line, write.author)
    rewrite(write, order, dict(order), stored_lines(write, order), {})
