"""Printing an invoice: number, date, sales entry, ledger, receivable, stock; once and for good."""

from datetime import datetime, timedelta
from decimal import Decimal

from services.sandbox.exact import checks, invoices, receivables, refusals, sales_entries, stock
from services.sandbox.exact.ledger import STATUSES, EntryLine, post
from services.sandbox.exact.ledger import TYPES as ENTRY_TYPES
from services.sandbox.exact.prices import PricedLine
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import NOTHING
from services.sandbox.exact.writing import Write

ENTRY_LINE_FIELDS = (
    "AmountDC",
    "AmountFC",
    "CostCenter",
    "CostCenterDescription",
    "CostUnit",
    "CostUnitDescription",
    "Description",
    "GLAccount",
    "GLAccountDescription",
    "Notes",
    "Quantity",
    "VATAmountDC",
    "VATAmountFC",
    "VATCode",
    "VATCodeDescription",
    "VATPercentage",
)


def print_invoice(write: Write, body: Row) -> Row:
    """Books an open invoice: number, date, sales entry, ledger, receivable, stock."""
    invoice = invoices.open_invoice(write, body.get("InvoiceID"))
    date = body.get("InvoiceDate") or write.division.today()
    journal = checks.find_journal(write, invoice["Journal"], "Journal", 20, refusals.WRONG_JOURNAL)
    customer = checks.find_customer(write, invoice["InvoiceTo"], "InvoiceTo")
    checks.check_receivable_ledger(write, customer, journal)
    period = checks.find_period(write, journal, date, body.get("ReportingYear"), body.get("ReportingPeriod"))
    rows = [invoices.as_sent(line) for line in invoices.stored_lines(write, invoice)]
    lines = invoices.price_lines(write, invoice | {"InvoiceDate": date}, rows, customer)
    if invoice["Type"] in invoices.CREDITS and write.switches["credit_note_sign"] == "inverted":
        lines = [invoices.turned(line) for line in lines]
    amount = sum((line.split.gross for line in lines), NOTHING)
    if invoice["Type"] == invoices.INVOICE and amount < 0 and write.switches["negative_invoice"] == "refuse":
        write.refuse(refusals.invalid(refusals.label("AmountFC")))
    write.settle()
    assert journal
    assert customer
    assert period
    book(write, invoice, journal, customer, period, date, lines)
    stock.sell_direct(write, invoice, lines)
    return printed(write, invoice, body)


def book(
    write: Write,
    invoice: Row,
    journal: Row,
    customer: Row,
    period: checks.Period,
    date: datetime,
    lines: list[PricedLine],
) -> None:
    number = write.division.next_number(journal["Code"], period.year)
    amount = sum((line.split.gross for line in lines), NOTHING)
    condition = write.division.by_code("cashflow/PaymentConditions", invoice["PaymentCondition"]) or {}
    due = invoice.get("DueDate") or date + timedelta(days=condition.get("PaymentDays") or 0)
    numbered: Row = {
        "Status": invoices.PROCESSED,
        "StatusDescription": STATUSES[invoices.PROCESSED],
        "InvoiceDate": date,
        "InvoiceNumber": number,
        "DueDate": due,
        "Document": invoice.get("Document") or write.division.new_id(),
        **invoices.totals(invoice, lines),
    }
    write.division.change(invoices.PATH, invoice, numbered, write.author)
    for line in lines:
        write.division.change(
            invoices.LINES, line.sent["_row"], invoices.line_values(write, line), write.author
        )
    entry = store_entry(write, invoice, period, customer, amount, lines)
    head = sales_entries.entry_head(write, entry, journal, customer)
    post(write, head, [sold(line) for line in lines], amount)
    receivables.owe(write, head, customer, amount)


def store_entry(
    write: Write, invoice: Row, period: checks.Period, customer: Row, amount: Decimal, lines: list[PricedLine]
) -> Row:
    """The financial side of a printed invoice, which also shows among the sales entries."""
    vat = sum((line.split.vat for line in lines), NOTHING)
    kind = sales_entries.CREDIT if amount < 0 or invoice["Type"] in invoices.CREDITS else sales_entries.ENTRY
    copied: tuple[str, ...] = (
        "Journal",
        "JournalDescription",
        "YourRef",
        "Description",
        "OrderNumber",
        "PaymentReference",
    )
    copied += (
        "PaymentCondition",
        "PaymentConditionDescription",
        "DueDate",
        "Currency",
        "InvoiceNumber",
        "Document",
    )
    entry = {name: invoice.get(name) for name in copied} | {
        "AmountDC": amount,
        "AmountFC": amount,
        "VATAmountDC": vat,
        "VATAmountFC": vat,
        "Customer": customer["ID"],
        "CustomerName": customer["Name"],
        "EntryDate": invoice["InvoiceDate"],
        "EntryNumber": invoice["InvoiceNumber"],
        "ReportingPeriod": period.period,
        "ReportingYear": period.year,
        "Rate": Decimal(1),
        "Reversal": False,
        "Status": invoices.PROCESSED,
        "StatusDescription": STATUSES[invoices.PROCESSED],
        "Type": kind,
        "TypeDescription": ENTRY_TYPES[kind][0],
        "_invoice": invoice["InvoiceID"],
    }
    entry = write.division.add(sales_entries.PATH, entry, write.author)
    for number, line in enumerate(lines, start=1):
        row = line.sent["_row"]
        kept = {name: row.get(name) for name in ENTRY_LINE_FIELDS if name in row}
        write.division.add(
            sales_entries.LINES,
            kept
            | {
                "EntryID": entry["EntryID"],
                "LineNumber": number,
                "Type": kind,
                "GLAccountCode": line.ledger["Code"] if line.ledger else None,
                "_net": line.split.base,
            },
            write.author,
        )
    return entry


def sold(line: PricedLine) -> EntryLine:
    assert line.ledger is not None
    return EntryLine(
        ledger=line.ledger,
        split=line.split,
        sign=-1,
        description=line.sent.get("Description") or line.item["Description"],
        item=line.item,
        quantity=line.quantity,
        notes=line.sent.get("Notes"),
        cost_center=line.cost_center,
        cost_unit=line.cost_unit,
    )


def printed(write: Write, invoice: Row, body: Row) -> Row:
    """The answer of a print; whether a mail went out is told here and not by the status."""
    wants_mail = bool(body.get("SendEmailToCustomer"))
    account = write.division.table("crm/Accounts").rows[invoice["InvoiceTo"]]
    has_address = bool(account.get("Email"))
    return body | {
        "InvoiceID": invoice["InvoiceID"],
        "Division": write.division.number,
        "Document": invoice["Document"],
        "DocumentCreationSuccess": f"Document created: Invoice {invoice['InvoiceNumber']}",
        "InvoiceDate": invoice["InvoiceDate"],
        "EmailCreationSuccess": "E-mail created" if wants_mail and has_address else None,
        "EmailCreationError": "No e-mail address" if wants_mail and not has_address else None,
    }
