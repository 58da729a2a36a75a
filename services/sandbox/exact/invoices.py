"""SalesInvoices: drafts without effect on the ledger until they are printed."""

from services.sandbox.exact import checks, prices, refusals
from services.sandbox.exact.ledger import STATUSES
from services.sandbox.exact.prices import PricedLine
from services.sandbox.exact.refusals import BusinessRefusal
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import NOTHING
from services.sandbox.exact.writing import Write, cents

PATH, LINES = "salesinvoice/SalesInvoices", "salesinvoice/SalesInvoiceLines"
PRINTED = "salesinvoice/PrintedSalesInvoices"
INVOICE, CREDIT, DIRECT, DIRECT_CREDIT = 8020, 8021, 8023, 8024
TYPES = {
    INVOICE: "Sales invoice",
    CREDIT: "Sales credit note",
    DIRECT: "Direct sales invoice",
    DIRECT_CREDIT: "Direct sales credit note",
}
CREDITS = (CREDIT, DIRECT_CREDIT)
OPEN, PROCESSED = 20, 50


def create(write: Write, body: Row) -> Row:
    sent = body.get("SalesInvoiceLines") or []
    if not sent:
        write.refuse(refusals.mandatory("SalesInvoiceLines"))
    checks.find_journal(write, body.get("Journal"), "Journal", 20, refusals.WRONG_JOURNAL)
    check_type(write, body)
    row = head_values(write, body)
    account = write.division.table("crm/Accounts").get(row.get("InvoiceTo"))
    lines = price_lines(write, row, sent, account)
    write.settle()
    row |= totals(row, lines)
    invoice = write.division.add(PATH, row, write.author)
    for number, line in enumerate(lines, start=1):
        values = line.sent | line_values(write, line) | {"LineNumber": number}
        write.division.add(LINES, values | {"InvoiceID": invoice["InvoiceID"]}, write.author)
    return invoice


def check_type(write: Write, body: Row) -> None:
    kind = body.get("Type") or INVOICE
    warehouse = body.get("Warehouse")
    if kind not in TYPES or (kind in (DIRECT, DIRECT_CREDIT) and not write.division.has_trade_licence):
        write.refuse(refusals.invalid(refusals.Text("Type", "Type")))
    elif kind in (DIRECT, DIRECT_CREDIT) and warehouse is None:
        write.refuse(refusals.mandatory("Warehouse"))
    elif kind in (INVOICE, CREDIT) and warehouse is not None:
        write.refuse(refusals.not_allowed("Warehouse"))
    if warehouse is not None and write.division.table("inventory/Warehouses").get(warehouse) is None:
        write.refuse(refusals.invalid_reference("Warehouse"))


def head_values(write: Write, body: Row) -> Row:
    """The header as stored; parties default from the one who ordered."""
    ordered_by = checks.find_customer(write, body.get("OrderedBy"), "OrderedBy") or {}
    invoice_key = body.get("InvoiceTo") or ordered_by.get("InvoiceAccount") or ordered_by.get("ID")
    invoice_to = ordered_by
    if invoice_key != ordered_by.get("ID"):
        invoice_to = checks.find_customer(write, invoice_key, "InvoiceTo") or {}
    deliver_key = body.get("DeliverTo") or ordered_by.get("ID")
    deliver_to = write.division.table("crm/Accounts").get(deliver_key) or {}
    if deliver_key and not deliver_to:
        write.refuse(refusals.invalid_reference("DeliverTo"))
    condition = checks.find_payment_condition(write, body.get("PaymentCondition"), invoice_to) or {}
    kind = body.get("Type") or INVOICE
    row = {name: value for name, value in body.items() if not name.endswith("Lines")}
    return row | {
        "Currency": body.get("Currency") or "EUR",
        "Type": kind,
        "TypeDescription": TYPES.get(kind),
        "Status": OPEN,
        "StatusDescription": STATUSES[OPEN],
        "OrderedBy": ordered_by.get("ID"),
        "OrderedByName": ordered_by.get("Name"),
        "InvoiceTo": invoice_to.get("ID"),
        "InvoiceToName": invoice_to.get("Name"),
        "DeliverTo": deliver_to.get("ID"),
        "DeliverToName": deliver_to.get("Name"),
        "OrderDate": body.get("OrderDate") or write.division.today(),
        "PaymentCondition": condition.get("Code"),
        "PaymentConditionDescription": condition.get("Description"),
        "Discount": body.get("Discount") or NOTHING,
        "DiscountType": discount_type(body),
        "IsExtraDuty": False,
        "JournalDescription": (write.division.by_code("financial/Journals", body.get("Journal")) or {}).get(
            "Description"
        ),
        "StarterSalesInvoiceStatus": 1,
    }


def discount_type(body: Row) -> int:
    if body.get("AmountDiscountExclVat"):
        return 2
    return 3 if body.get("AmountDiscount") else 1


def price_lines(write: Write, head: Row, sent: list[Row], account: Row | None) -> list[PricedLine]:
    date = head.get("InvoiceDate") or head["OrderDate"]
    found = [prices.price_line(write, line, account, date, "VATAmountFC") for line in sent]
    lines = [line for line in found if line is not None]
    lines = prices.discounted(lines, prices.discount_fraction(head, lines))
    lines = prices.total_per_code(write, lines)
    is_turned = head.get("Type") in CREDITS and write.switches["credit_note_sign"] == "inverted-at-once"
    return [turned(line) for line in lines] if is_turned else lines


def turned(line: PricedLine) -> PricedLine:
    return prices.with_amount(line, -prices.gross_of(line))


def totals(head: Row, lines: list[PricedLine]) -> Row:
    """Sums of the header; a percentage is shown as an amount too, other discounts stay as sent."""
    amounts = prices.header_amounts(lines)
    vat = amounts["AmountFC"] - amounts["AmountFCExclVat"]
    row = amounts | {"VATAmountFC": vat, "VATAmountDC": vat}
    fraction = (head.get("Discount") or NOTHING) / 100
    if fraction and fraction != 1:
        row["AmountDiscount"] = cents(amounts["AmountFC"] / (1 - fraction)) - amounts["AmountFC"]
        excl = amounts["AmountFCExclVat"]
        row["AmountDiscountExclVat"] = cents(excl / (1 - fraction)) - excl
    return {"AmountDiscount": NOTHING, "AmountDiscountExclVat": NOTHING} | sent_discounts(head) | row


def sent_discounts(head: Row) -> Row:
    return {n: head[n] for n in ("AmountDiscount", "AmountDiscountExclVat") if head.get(n) is not None}


def line_values(write: Write, line: PricedLine) -> Row:
    ledger = line.ledger or {}
    return prices.line_values(write, line) | {
        "GLAccount": ledger.get("ID"),
        "GLAccountDescription": ledger.get("Description"),
        "VATAmountFC": line.split.vat,
        "VATAmountDC": line.split.vat,
        "_own_vat": line.sent.get("VATAmountFC"),
        "_sent_vat_code": line.split.code["Code"] if line.split.code else "",
    }


def open_invoice(write: Write, key: str | None) -> Row:
    if key is None:
        raise BusinessRefusal(refusals.mandatory("InvoiceID"))
    invoice = write.division.table(PATH).get(key)
    if invoice is None:
        raise BusinessRefusal(refusals.invalid_reference("InvoiceID"))
    if invoice["Status"] == PROCESSED:
        raise BusinessRefusal(refusals.ALREADY_PROCESSED)
    return invoice


def stored_lines(write: Write, invoice: Row) -> list[Row]:
    return write.division.table(LINES).find("InvoiceID", invoice["InvoiceID"])


def as_sent(line: Row) -> Row:
    return line | {"_row": line, "VATCode": line["_sent_vat_code"], "VATAmountFC": line["_own_vat"]}


def update(write: Write, invoice: Row, body: Row) -> None:
    open_invoice(write, invoice["InvoiceID"])
    wanted = invoice | body
    check_type(write, wanted)
    rewrite(write, invoice, wanted, stored_lines(write, invoice))


def rewrite(write: Write, invoice: Row, wanted: Row, rows: list[Row]) -> None:
    """Prices a draft anew after a change of header or lines."""
    head = head_values(write, {name: value for name, value in wanted.items() if not name.startswith("_")})
    account = write.division.table("crm/Accounts").get(head.get("InvoiceTo"))
    lines = price_lines(write, head, [as_sent(row) for row in rows], account)
    write.settle()
    write.division.change(PATH, invoice, head | totals(head, lines), write.author)
    for number, line in enumerate(lines, start=1):
        values = line_values(write, line) | {"LineNumber": number}
        write.division.change(LINES, line.sent["_row"], values, write.author)


def delete(write: Write, invoice: Row) -> None:
    open_invoice(write, invoice["InvoiceID"])
    for line in stored_lines(write, invoice):
        write.division.remove(LINES, line, write.author)
    write.division.remove(PATH, invoice, write.author)


def create_line(write: Write, body: Row) -> Row:
    invoice = open_invoice(write, body.get("InvoiceID"))
    account = write.division.table("crm/Accounts").get(invoice["InvoiceTo"])
    prices.price_line(write, body, account, invoice["OrderDate"], "VATAmountFC")
    write.settle()
    hidden = {"_own_vat": body.get("VATAmountFC"), "_sent_vat_code": body.get("VATCode")}
    row = write.division.add(LINES, body | hidden, write.author)
    rewrite(write, invoice, dict(invoice), stored_lines(write, invoice))
    return row


def update_line(write: Write, line: Row, body: Row) -> None:
    invoice = open_invoice(write, line["InvoiceID"])
    hidden = {"_own_vat": body.get("VATAmountFC")}
    if "VATCode" in body:
        hidden["_sent_vat_code"] = body["VATCode"]
    if body.keys() & {"UnitPrice", "Discount"} and "NetPrice" not in body:
        body = body | {"NetPrice": None}
    wanted = as_sent(line | body | hidden)
    account = write.division.table("crm/Accounts").get(invoice["InvoiceTo"])
    prices.price_line(write, wanted, account, invoice["OrderDate"], "VATAmountFC")
    write.settle()
    write.division.change(LINES, line, body | hidden, write.author)
    rewrite(write, invoice, dict(invoice), stored_lines(write, invoice))


def delete_line(write: Write, line: Row) -> None:
    invoice = open_invoice(write, line["InvoiceID"])
    write.division.remove(LINES, line, write.author)
    rewrite(write, invoice, dict(invoice), stored_lines(write, invoice))
