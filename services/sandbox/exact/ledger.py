"""The general ledger: every booking becomes transaction lines that add up to nothing.

Debit is positive. Line 0 is the header line on the journal's own ledger, where the journal has one.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.exact.division import Division
from services.sandbox.exact.table import Row
from services.sandbox.exact.vat import VatSplit
from services.sandbox.exact.writing import Write

LINES = "financialtransaction/TransactionLines"
HEADS = "financialtransaction/Transactions"
VAT_LINE = 5  # LineType of a line that the server added for VAT
TYPES = {
    20: ("Sales entry", "Verkoopboeking"),
    21: ("Sales credit note", "Verkoopcreditnota"),
    40: ("Cash flow", "Kasstroom"),
    90: ("Other", "Overig"),
}
STATUSES = {5: "Rejected", 20: "Open", 50: "Processed"}


@dataclass(frozen=True)
class EntryHead:
    """What all transaction lines of one booking share."""

    entry_id: str
    journal: Row
    number: int
    date: datetime
    year: int
    period: int
    type: int
    status: int = 20
    account: Row | None = None
    your_ref: str | None = None
    description: str | None = None
    invoice_number: int | None = None
    order_number: int | None = None
    due_date: datetime | None = None
    payment_reference: str | None = None
    payment_condition: Row | None = None
    document: str | None = None


@dataclass(frozen=True)
class EntryLine:
    """One side of a booking before VAT lines are added; `split.base` is booked on the ledger."""

    ledger: Row
    split: VatSplit
    sign: int = 1  # -1: a positive amount is booked credit, as on sales
    description: str | None = None
    account: Row | None = None
    item: Row | None = None
    quantity: Decimal | None = None
    notes: str | None = None
    cost_center: Row | None = None
    cost_unit: Row | None = None
    date: datetime | None = None


def post(write: Write, head: EntryHead, lines: list[EntryLine], own: Decimal | None) -> None:
    """Books a head with its lines; `own` is the amount on the journal's ledger (None: it has no part)."""
    division = write.division
    shared = shared_values(head)
    rows = [] if own is None else [own_row(head, own)]
    rows += [line_row(head, line, number) for number, line in enumerate(lines, start=1)]
    rows += vat_rows(division, lines, len(lines) + 1)
    total = sum((row["AmountDC"] for row in rows), Decimal(0))
    if total:
        raise AssertionError(f"entry {head.number} is out of balance by {total}")
    for row in rows:
        row |= {name: value for name, value in shared.items() if row.get(name) is None}
        division.add(LINES, row, write.author)
        code = row["GLAccountCode"]
        division.trial_balance[code] = division.trial_balance.get(code, Decimal(0)) + row["AmountDC"]
    division.add(HEADS, head_row(head), write.author)
    division.use_number(head.journal["Code"], head.year, head.number)


def unpost(write: Write, entry_id: str) -> None:
    """Takes a booking out of the ledger again, before it is booked anew or for good."""
    division = write.division
    for row in division.table(LINES).find("EntryID", entry_id):
        division.remove(LINES, row, write.author)
        division.trial_balance[row["GLAccountCode"]] -= row["AmountDC"]
    head = division.table(HEADS).get(entry_id)
    if head is not None:
        division.remove(HEADS, head, write.author)
        division.entry_numbers.discard((head["JournalCode"], head["EntryNumber"]))


def shared_values(head: EntryHead) -> Row:
    values: Row = {
        "EntryID": head.entry_id,
        "EntryNumber": head.number,
        "JournalCode": head.journal["Code"],
        "JournalDescription": head.journal["Description"],
        "Date": head.date,
        "FinancialYear": head.year,
        "FinancialPeriod": head.period,
        "Type": head.type,
        "Status": head.status,
        "Currency": "EUR",
        "ExchangeRate": Decimal(1),
        "YourRef": head.your_ref,
        "Description": head.description,
        "InvoiceNumber": head.invoice_number,
        "OrderNumber": head.order_number,
        "DueDate": head.due_date,
        "PaymentReference": head.payment_reference,
        "Document": head.document,
    }
    return values | account_values(head.account)


def account_values(account: Row | None) -> Row:
    if account is None:
        return {}
    return {"Account": account["ID"], "AccountCode": account["Code"], "AccountName": account["Name"]}


def ledger_values(ledger: Row) -> Row:
    return {
        "GLAccount": ledger["ID"],
        "GLAccountCode": ledger["Code"],
        "GLAccountDescription": ledger["Description"],
    }


def amounts(amount: Decimal) -> Row:
    return {"AmountDC": amount, "AmountFC": amount}


def own_row(head: EntryHead, amount: Decimal) -> Row:
    ledger = {
        "ID": head.journal["GLAccount"],
        "Code": head.journal["GLAccountCode"],
        "Description": head.journal["GLAccountDescription"],
    }
    return ledger_values(ledger) | amounts(amount) | {"LineNumber": 0, "LineType": 0}


def line_row(head: EntryHead, line: EntryLine, number: int) -> Row:
    row = ledger_values(line.ledger) | amounts(line.sign * line.split.base)
    row |= account_values(line.account) | {
        "LineNumber": number,
        "LineType": 0,
        "Description": line.description,
        "Notes": line.notes,
        "Quantity": line.quantity,
        "AmountVATFC": line.sign * line.split.vat,
        "Date": line.date,
    }
    if line.split.code is not None:
        row |= vat_values(line.split.code, line.split.percentage)
        row["AmountVATBaseFC"] = line.sign * line.split.base
    if line.item is not None:
        row |= {"Item": line.item["ID"], "ItemCode": line.item["Code"]}
        row["ItemDescription"] = line.item["Description"]
    for name, center in (("CostCenter", line.cost_center), ("CostUnit", line.cost_unit)):
        if center is not None:
            row |= {name: center["Code"], f"{name}Description": center["Description"]}
    return row


def vat_values(code: Row, percentage: Decimal) -> Row:
    return {
        "VATCode": code["Code"],
        "VATCodeDescription": code["Description"],
        "VATPercentage": percentage,
        "VATType": code["Type"],
    }


def vat_rows(division: Division, lines: list[EntryLine], number: int) -> list[Row]:
    """One line per VAT code on the ledger that the code names."""
    totals: dict[str, tuple[VatSplit, Decimal]] = {}
    for line in lines:
        if line.split.code is not None and line.split.vat:
            code = line.split.code["Code"]
            so_far = totals[code][1] if code in totals else Decimal(0)
            totals[code] = (line.split, so_far + line.sign * line.split.vat)
    rows: list[Row] = []
    for split, amount in totals.values():
        assert split.code is not None
        ledger = division.table("financial/GLAccounts").get(split.code.get("GLToPay"))
        if ledger is None:
            ledger = division.table("financial/GLAccounts").rows[split.code["GLToClaim"]]
        row = ledger_values(ledger) | amounts(amount) | vat_values(split.code, split.percentage)
        rows.append(row | {"LineNumber": number + len(rows), "LineType": VAT_LINE})
    return rows


def head_row(head: EntryHead) -> dict[str, Any]:
    condition = head.payment_condition or {}
    return {
        "EntryID": head.entry_id,
        "EntryNumber": head.number,
        "JournalCode": head.journal["Code"],
        "JournalDescription": head.journal["Description"],
        "Date": head.date,
        "Description": head.description,
        "FinancialYear": head.year,
        "FinancialPeriod": head.period,
        "Status": head.status,
        "StatusDescription": STATUSES[head.status],
        "Type": head.type,
        "TypeDescription": TYPES[head.type][0],
        "PaymentConditionCode": condition.get("Code"),
        "PaymentConditionDescription": condition.get("Description"),
        "PaymentReference": head.payment_reference,
    }
