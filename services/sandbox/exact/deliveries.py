"""What follows an order: goods deliveries, invoices made of orders, and completing by hand."""

from decimal import Decimal

from services.sandbox.exact import invoices, orders, refusals, stock
from services.sandbox.exact.orders import COMPLETE, OPEN, PARTIAL, STATUSES
from services.sandbox.exact.refusals import BusinessRefusal, Text
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

DELIVERIES, LINES = "salesorder/GoodsDeliveries", "salesorder/GoodsDeliveryLines"
PER_CUSTOMER, DELIVERED_ONLY = 0, 0
NOTHING = Decimal(0)
QUANTITY = Text("Aantal", "Quantity")


def deliver(write: Write, body: Row) -> Row:
    """Stock goes down at once; the lines of the order and the order itself move on."""
    sent = body.get("GoodsDeliveryLines") or []
    for name, value in (("DeliveryDate", body.get("DeliveryDate")), ("GoodsDeliveryLines", sent)):
        if not value:
            write.refuse(refusals.mandatory(name))
    found = [order_line(write, line) for line in sent]
    write.settle()
    lines = [line for line in found if line is not None]
    order = write.division.table(orders.PATH).rows[lines[0]["OrderID"]]
    row = {name: value for name, value in body.items() if name != "GoodsDeliveryLines"}
    row |= delivery_values(write, order)
    delivery = write.division.add(DELIVERIES, row, write.author)
    for place, (wanted, line) in enumerate(zip(sent, lines, strict=True), start=1):
        deliver_line(write, delivery, wanted, line, place)
    for key in {line["OrderID"] for line in lines}:
        move_on(write, write.division.table(orders.PATH).rows[key])
    return delivery


def order_line(write: Write, line: Row) -> Row | None:
    found = write.division.table(orders.LINES).get(line.get("SalesOrderLineID"))
    if found is None:
        write.refuse(refusals.invalid_reference("SalesOrderLineID"))
        return None
    left = abs(found["Quantity"]) - abs(found["QuantityDelivered"])
    quantity = line.get("QuantityDelivered")
    if quantity is None:
        write.refuse(refusals.mandatory("QuantityDelivered"))
    elif abs(quantity) > left:
        write.refuse(refusals.invalid(QUANTITY))
    return found


def delivery_values(write: Write, order: Row) -> Row:
    number = write.division.last_numbers.get(("delivery", 0), 0) + 1
    write.division.last_numbers[("delivery", 0)] = number
    account = write.division.table("crm/Accounts").rows[order["DeliverTo"]]
    return {
        "DeliveryNumber": number,
        "EntryNumber": number,
        "DeliveryAccount": account["ID"],
        "DeliveryAccountCode": account["Code"],
        "DeliveryAccountName": account["Name"],
        "Warehouse": order["WarehouseID"],
        "WarehouseCode": order["WarehouseCode"],
        "WarehouseDescription": order["WarehouseDescription"],
    }


def deliver_line(write: Write, delivery: Row, wanted: Row, line: Row, place: int) -> None:
    quantity = wanted["QuantityDelivered"]
    row = wanted | {
        "EntryID": delivery["EntryID"],
        "LineNumber": place,
        "DeliveryDate": delivery["DeliveryDate"],
        "Item": line["Item"],
        "ItemCode": line["ItemCode"],
        "ItemDescription": line["ItemDescription"],
        "QuantityOrdered": line["Quantity"],
        "SalesOrderLineNumber": line["LineNumber"],
        "SalesOrderNumber": line["OrderNumber"],
        "Unitcode": line["UnitCode"],
    }
    write.division.add(LINES, row, write.author)
    delivered = {"QuantityDelivered": line["QuantityDelivered"] + quantity}
    write.division.change(orders.LINES, line, delivered, write.author)
    item = write.division.table("logistics/Items").rows[line["Item"]]
    warehouse = write.division.table("inventory/Warehouses").rows[delivery["Warehouse"]]
    stock.move(write, item, warehouse, -quantity)


def status_of(done: Decimal, wanted: Decimal) -> int:
    if not done:
        return OPEN
    return COMPLETE if abs(done) >= abs(wanted) else PARTIAL


def together(statuses: list[int]) -> int:
    if all(status == COMPLETE for status in statuses):
        return COMPLETE
    return OPEN if all(status == OPEN for status in statuses) else PARTIAL


def move_on(write: Write, order: Row) -> None:
    """Sets the statuses of an order and its lines by what was delivered and invoiced."""
    delivery, invoice = [], []
    for line in orders.stored_lines(write, order):
        delivery.append(status_of(line["QuantityDelivered"], line["Quantity"]))
        invoice.append(status_of(line["QuantityInvoiced"], line["Quantity"]))
        own = together([delivery[-1], invoice[-1]])
        changes = {"DeliveryStatus": delivery[-1], "InvoiceStatus": invoice[-1], "OrderStatus": own}
        write.division.change(orders.LINES, line, changes, write.author)
    set_statuses(write, order, together(delivery), together(invoice))
    orders.plan_stock(write, order)


def set_statuses(write: Write, order: Row, delivery: int, invoice: int) -> None:
    changes: Row = {}
    for name, status in (
        ("DeliveryStatus", delivery),
        ("InvoiceStatus", invoice),
        ("Status", together([delivery, invoice])),
    ):
        changes |= {name: status, f"{name}Description": STATUSES[status]}
    write.division.change(orders.PATH, order, changes, write.author)


def invoice_orders(write: Write, body: Row) -> Row:
    """Makes draft invoices of orders: one for each order or one for each customer."""
    for name in ("CreateMode", "InvoiceMode", "JournalCode", "SalesOrderIDs"):
        if body.get(name) is None:
            write.refuse(refusals.mandatory(name))
    write.settle()
    groups = grouped(write, body)
    made, failures = 0, []
    for group in groups:
        try:
            made += invoice_group(write, body, group)
        except BusinessRefusal as refusal:
            failures += [text.nl for text in refusal.texts]
            write.problems.clear()
    return body | {
        "ID": write.division.new_id(),
        "NumberOfCreatedInvoices": made,
        "NumberOfFailedInvoices": len(groups) - made,
        "Errors": "\r\n".join(failures) or None,
    }


def grouped(write: Write, body: Row) -> list[list[Row]]:
    groups: dict[str, list[Row]] = {}
    for place, sent in enumerate(body["SalesOrderIDs"]):
        key = str(sent.get("ID", "")).lower() if isinstance(sent, dict) else ""
        order = write.division.table(orders.PATH).get(key)
        if order is None:
            raise BusinessRefusal(refusals.invalid_reference("SalesOrderIDs"))
        group = order["InvoiceTo"] if body["CreateMode"] == PER_CUSTOMER else str(place)
        groups.setdefault(group, []).append(order)
    return list(groups.values())


def invoice_group(write: Write, body: Row, group: list[Row]) -> int:
    lines = [
        (line, quantity)
        for order in group
        for line in orders.stored_lines(write, order)
        if (quantity := to_invoice(line, body["InvoiceMode"]))
    ]
    if not lines:
        raise BusinessRefusal(refusals.mandatory("SalesInvoiceLines"))
    first = group[0]
    copied = (
        "OrderedBy",
        "InvoiceTo",
        "DeliverTo",
        "YourRef",
        "Description",
        "PaymentCondition",
        "OrderDate",
    )
    head = {name: first.get(name) for name in (*copied, "OrderNumber", "Discount")}
    sent = [invoice_line(line, quantity) for line, quantity in lines]
    invoices.create(write, head | {"Journal": body["JournalCode"], "SalesInvoiceLines": sent})
    for line, quantity in lines:
        changes = {"QuantityInvoiced": line["QuantityInvoiced"] + quantity}
        write.division.change(orders.LINES, line, changes, write.author)
    for order in group:
        move_on(write, order)
    return 1


def to_invoice(line: Row, mode: int) -> Decimal:
    wanted: Decimal = line["QuantityDelivered"] if mode == DELIVERED_ONLY else line["Quantity"]
    left: Decimal = wanted - line["QuantityInvoiced"]
    return left


def invoice_line(line: Row, quantity: Decimal) -> Row:
    copied = (
        "Item",
        "Description",
        "UnitPrice",
        "NetPrice",
        "Discount",
        "UnitCode",
        "CostCenter",
        "CostUnit",
        "Notes",
    )
    return {name: line.get(name) for name in copied} | {
        "Quantity": quantity,
        "VATCode": line["_sent_vat_code"],
        "SalesOrder": line["OrderID"],
        "SalesOrderLine": line["ID"],
        "SalesOrderLineNumber": line["LineNumber"],
        "SalesOrderNumber": line["OrderNumber"],
    }


def complete(write: Write, body: Row) -> Row:
    """Ends an order by hand, for delivery, invoicing or both; there is no way back."""
    order = write.division.table(orders.PATH).get(body.get("OrderID"))
    if order is None:
        raise BusinessRefusal(refusals.invalid_reference("OrderID"))
    delivery = COMPLETE if body.get("CompleteDelivery") else order["DeliveryStatus"]
    invoice = COMPLETE if body.get("CompleteInvoice") else order["InvoiceStatus"]
    set_statuses(write, order, delivery, invoice)
    orders.plan_stock(write, order, is_gone=delivery == COMPLETE)
    return body | {"SuccessMessage": f"Sales order {order['OrderNumber']} completed"}
