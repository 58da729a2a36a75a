"""SalesEntries: booked at once, with lines, VAT, a number and a receivable."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.sandbox.exact import checks, receivables, refusals
from services.sandbox.exact.division import first_number
from services.sandbox.exact.ledger import STATUSES, TYPES, EntryHead, EntryLine, post, unpost
from services.sandbox.exact.refusals import BusinessRefusal
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import NOTHING, VatSplit, find_vat_code, vat_of_line
from services.sandbox.exact.writing import Write

PATH, LINES = "salesentry/SalesEntries", "salesentry/SalesEntryLines"
SALES_JOURNAL = 20
ENTRY, CREDIT = 20, 21
PROCESSED = 50
FREE_TEXTS = {"YourRef", "Description", "PaymentReference", "OrderNumber", "DueDate", "Document"}


@dataclass(frozen=True)
class Checked:
    """A line that passed: what was sent, and what it means."""

    sent: Row
    ledger: Row
    split: VatSplit
    cost_center: Row | None
    cost_unit: Row | None


def create(write: Write, body: Row) -> Row:
    head = check_head(write, body)
    date = body.get("EntryDate") or write.division.today()
    lines = [check_line(write, line, date) for line in body.get("SalesEntryLines", ())]
    total = sum((line.split.gross for line in lines if line), NOTHING)
    if not total and write.switches["zero_total_entry"] == "refuse":
        write.refuse(refusals.ZERO_TOTAL)
    write.settle()
    checked = [line for line in lines if line is not None]
    entry = store_head(write, head, body, date, checked)
    store_lines(write, entry, checked)
    book(write, entry, checked)
    return entry


@dataclass(frozen=True)
class CheckedHead:
    journal: Row | None
    customer: Row | None
    period: checks.Period | None
    condition: Row | None


def check_head(write: Write, body: Row) -> CheckedHead:
    if not body.get("SalesEntryLines"):
        write.refuse(refusals.mandatory("SalesEntryLines"))
    journal = checks.find_journal(
        write, body.get("Journal"), "Journal", SALES_JOURNAL, refusals.WRONG_JOURNAL
    )
    customer = checks.find_customer(write, body.get("Customer"), "Customer")
    checks.check_receivable_ledger(write, customer, journal)
    date = body.get("EntryDate") or write.division.today()
    period = checks.find_period(write, journal, date, body.get("ReportingYear"), body.get("ReportingPeriod"))
    condition = checks.find_payment_condition(write, body.get("PaymentCondition"), customer)
    return CheckedHead(journal, customer, period, condition)


def check_line(write: Write, line: Row, date: datetime) -> Checked | None:
    ledger = checks.find_ledger(write, line.get("GLAccount"), checks.UNFIT_FOR_SALES)
    if ledger and checks.is_clearing(ledger) and write.switches["clearing_ledger_in_sales_entry"] == "refuse":
        write.refuse(refusals.WRONG_LEDGER_TYPE)
    amount = line.get("AmountFC")
    if amount is None:
        write.refuse(refusals.mandatory("AmountFC"))
    code = find_vat_code(write, line, ledger)
    split = vat_of_line(write, amount or NOTHING, code, line.get("VATAmountFC"), date, sales=True)
    center = checks.find_cost_center(write, line, ledger)
    unit = checks.find_cost_unit(write, line, ledger)
    return None if ledger is None else Checked(line, ledger, split, center, unit)


def store_head(write: Write, head: CheckedHead, body: Row, date: datetime, lines: list[Checked]) -> Row:
    assert head.journal
    assert head.customer
    assert head.period
    assert head.condition
    number = sales_number(write, head.journal, head.period.year, body)
    gross = sum((line.split.gross for line in lines), NOTHING)
    vat = sum((line.split.vat for line in lines), NOTHING)
    kind = entry_type(write, gross, body.get("_type_as_sent"))
    row = {name: value for name, value in body.items() if name != "SalesEntryLines"}
    row |= {
        "EntryID": write.division.new_id(),
        "AmountDC": gross,
        "AmountFC": gross,
        "VATAmountDC": vat,
        "VATAmountFC": vat,
        "Currency": body.get("Currency") or "EUR",
        "Rate": Decimal(1),
        "Customer": head.customer["ID"],
        "CustomerName": head.customer["Name"],
        "DueDate": body.get("DueDate") or date + timedelta(days=head.condition["PaymentDays"] or 0),
        "EntryDate": date,
        "EntryNumber": number,
        "InvoiceNumber": number,
        "Journal": head.journal["Code"],
        "JournalDescription": head.journal["Description"],
        "PaymentCondition": head.condition["Code"],
        "PaymentConditionDescription": head.condition["Description"],
        "PaymentConditionPaymentMethod": head.condition.get("PaymentMethod"),
        "ReportingPeriod": head.period.period,
        "ReportingYear": head.period.year,
        "Reversal": bool(body.get("Reversal")),
        "IsExtraDuty": False,
        "Status": 20,
        "StatusDescription": STATUSES[20],
        "Type": kind,
        "TypeDescription": TYPES[kind][0],
    }
    return write.division.add(PATH, row, write.author)


def entry_type(write: Write, total: Decimal, as_sent: Any) -> int:
    if write.switches["negative_total_type"] == "by-type":
        return CREDIT if as_sent in (CREDIT, str(CREDIT)) else ENTRY
    return CREDIT if total < 0 else ENTRY


def sales_number(write: Write, journal: Row, year: int, body: Row) -> int:
    """EntryNumber must be free; an InvoiceNumber that is not above the last one is quietly replaced."""
    if body.get("EntryNumber"):
        return checks.choose_entry_number(write, journal, year, body["EntryNumber"])
    wanted = body.get("InvoiceNumber")
    last = write.division.last_numbers.get((journal["Code"], year), 0)
    lowest = first_number(journal["Code"], year) + last
    if wanted and lowest <= wanted < first_number(journal["Code"], year) + 9999:
        return int(wanted)
    return write.division.next_number(journal["Code"], year)


def store_lines(write: Write, entry: Row, lines: list[Checked]) -> None:
    for number, line in enumerate(lines, start=1):
        row = line.sent | line_values(write, entry, line) | {"LineNumber": number}
        write.division.add(LINES, row, write.author)


def line_values(write: Write, entry: Row, line: Checked) -> Row:
    split = line.split
    code = split.code
    reads_gross = code is not None and code["Type"] == "I"
    reads_gross = reads_gross and write.switches["including_amount_read_back"] == "gross"
    amount = split.gross if reads_gross else split.base
    values: Row = {
        "EntryID": entry["EntryID"],
        "AmountFC": amount,
        "AmountDC": amount,
        "GLAccountCode": line.ledger["Code"],
        "GLAccountDescription": line.ledger["Description"],
        "Type": entry["Type"],
        "VATAmountFC": split.vat,
        "VATAmountDC": split.vat,
        "VATBaseAmountFC": split.base if code and code["Type"] != "N" else NOTHING,
        "VATBaseAmountDC": split.base if code and code["Type"] != "N" else NOTHING,
        "VATCode": code["Code"] if code else None,
        "VATCodeDescription": code["Description"] if code else None,
        "VATPercentage": split.percentage if code else None,
        "_net": split.base,
        "_sent_amount": line.sent.get("AmountFC"),
    }
    values |= checks.cost_values("CostCenter", line.cost_center)
    return values | checks.cost_values("CostUnit", line.cost_unit)


def book(write: Write, entry: Row, lines: list[Checked], journal_path: str = "financial/Journals") -> None:
    journal = write.division.by_code(journal_path, entry["Journal"])
    account = write.division.table("crm/Accounts").rows[entry["Customer"]]
    assert journal is not None
    head = entry_head(write, entry, journal, account)
    post(write, head, [sold(line) for line in lines], entry["AmountDC"])
    receivables.owe(write, head, account, entry["AmountDC"])


def entry_head(write: Write, entry: Row, journal: Row, account: Row) -> EntryHead:
    return EntryHead(
        entry_id=entry["EntryID"],
        journal=journal,
        number=entry["EntryNumber"],
        date=entry["EntryDate"],
        year=entry["ReportingYear"],
        period=entry["ReportingPeriod"],
        type=entry["Type"],
        status=entry["Status"],
        account=account,
        your_ref=entry.get("YourRef"),
        description=entry.get("Description"),
        invoice_number=entry["InvoiceNumber"],
        order_number=entry.get("OrderNumber"),
        due_date=entry["DueDate"],
        payment_reference=entry.get("PaymentReference"),
        payment_condition=write.division.by_code("cashflow/PaymentConditions", entry["PaymentCondition"]),
        document=entry.get("Document"),
    )


def sold(line: Checked) -> EntryLine:
    return EntryLine(
        ledger=line.ledger,
        split=line.split,
        sign=-1,
        description=line.sent.get("Description"),
        quantity=line.sent.get("Quantity"),
        notes=line.sent.get("Notes"),
        cost_center=line.cost_center,
        cost_unit=line.cost_unit,
    )


def update(write: Write, entry: Row, body: Row) -> None:
    """Free texts change in place; anything that touches the booking books it anew."""
    must_be_open(entry)
    changes = {name: value for name, value in body.items() if not name.startswith("_")}
    wanted = entry | changes
    if changes.keys() <= FREE_TEXTS:
        write.division.change(PATH, entry, changes, write.author)
    rebook(write, entry, wanted, stored_lines(write, entry))


def stored_lines(write: Write, entry: Row) -> list[Row]:
    return write.division.table(LINES).find("EntryID", entry["EntryID"])


def rebook(write: Write, entry: Row, wanted: Row, lines: list[Row]) -> None:
    """Books an entry anew under its own number, after a change of header or lines."""
    body = wanted | {"SalesEntryLines": lines}
    if wanted["EntryDate"] != entry["EntryDate"]:
        body |= {"ReportingYear": None, "ReportingPeriod": None}
    head = check_head(write, body)
    checked = [check_line(write, as_sent(line), wanted["EntryDate"]) for line in lines]
    write.settle()
    assert head.journal
    assert head.customer
    assert head.period
    assert head.condition
    done = [line for line in checked if line is not None]
    gross = sum((line.split.gross for line in done), NOTHING)
    vat = sum((line.split.vat for line in done), NOTHING)
    unpost(write, entry["EntryID"])
    receivables.drop(write, entry["EntryID"])
    changes = {name: wanted[name] for name in wanted if not name.startswith("_")} | {
        "AmountDC": gross,
        "AmountFC": gross,
        "VATAmountDC": vat,
        "VATAmountFC": vat,
        "CustomerName": head.customer["Name"],
        "ReportingYear": head.period.year,
        "ReportingPeriod": head.period.period,
        "PaymentCondition": head.condition["Code"],
    }
    write.division.change(PATH, entry, changes, write.author)
    for number, line in enumerate(done, start=1):
        values = line_values(write, entry, line) | {"LineNumber": number}
        write.division.change(LINES, line.sent["_row"], values, write.author)
    book(write, entry, done)


def as_sent(line: Row) -> Row:
    """A stored line as its sender would write it: a code of none stays none, own VAT stays own."""
    sent = line | {"_row": line, "VATCode": line["VATCode"] or "", "VATPercentage": None}
    return sent | {"AmountFC": line.get("_sent_amount", line["AmountFC"])}


def must_be_open(entry: Row) -> None:
    if entry["Status"] == PROCESSED:
        raise BusinessRefusal(refusals.ALREADY_PROCESSED)


def delete(write: Write, entry: Row) -> None:
    must_be_open(entry)
    year, period = entry["ReportingYear"], entry["ReportingPeriod"]
    if write.division.is_closed(entry["Journal"], year, period):
        raise BusinessRefusal(refusals.period_closed(year, period))
    unpost(write, entry["EntryID"])
    receivables.drop(write, entry["EntryID"])
    for line in stored_lines(write, entry):
        write.division.remove(LINES, line, write.author)
    write.division.remove(PATH, entry, write.author)


def create_line(write: Write, body: Row) -> Row:
    entry = write.division.table(PATH).get(body.get("EntryID"))
    if entry is None:
        raise BusinessRefusal(refusals.invalid_reference("EntryID"))
    must_be_open(entry)
    check_line(write, body, entry["EntryDate"])
    write.settle()
    blank = {"VATCode": None, "VATAmountFC": None, "AmountFC": None}
    row = write.division.add(LINES, blank | body, write.author)
    lines = stored_lines(write, entry)
    lines[-1] = row
    rebook_with_new(write, entry, lines, row, body)
    return row


def rebook_with_new(write: Write, entry: Row, lines: list[Row], new: Row, body: Row) -> None:
    if "VATCode" not in body:
        ledger = write.division.table(checks.LEDGERS).rows[body["GLAccount"]]
        new["VATCode"] = ledger.get("VATCode")
    rebook(write, entry, dict(entry), lines)


def update_line(write: Write, line: Row, body: Row) -> None:
    entry = write.division.table(PATH).rows[line["EntryID"]]
    must_be_open(entry)
    if "AmountFC" in body or "VATCode" in body:
        body = {"VATAmountFC": None} | body
    if "AmountFC" in body:
        body = body | {"_sent_amount": body["AmountFC"]}
    check_line(write, as_sent(line | body), entry["EntryDate"])
    write.settle()
    write.division.change(LINES, line, body, write.author)
    rebook(write, entry, dict(entry), stored_lines(write, entry))


def delete_line(write: Write, line: Row) -> None:
    """The last line takes the whole entry with it."""
    entry = write.division.table(PATH).rows[line["EntryID"]]
    must_be_open(entry)
    others = [row for row in stored_lines(write, entry) if row is not line]
    if not others:
        delete(write, entry)
        return
    write.division.remove(LINES, line, write.author)
    rebook(write, entry, dict(entry), others)
