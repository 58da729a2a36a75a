"""What customers still owe: a row per booking on a receivable ledger, paid by later bookings."""

from decimal import Decimal

from services.sandbox.exact.ledger import EntryHead
from services.sandbox.exact.table import Row
from services.sandbox.exact.writing import Write

PATH = "cashflow/Receivables"
OPEN, PROCESSED = 20, 50


def owe(write: Write, head: EntryHead, account: Row, amount: Decimal, ledger: Row | None = None) -> None:
    """Adds a term; `amount` positive means that the customer owes it. AmountDC has the other sign."""
    if not amount:
        return
    condition = head.payment_condition or {}
    row: Row = {
        "Account": account["ID"],
        "AccountCode": account["Code"],
        "AccountName": account["Name"],
        "AccountCountry": account.get("Country"),
        "AmountDC": -amount,
        "AmountFC": -amount,
        "TransactionAmountDC": amount,
        "TransactionAmountFC": amount,
        "Currency": "EUR",
        "RateFC": Decimal(1),
        "Description": head.description,
        "DueDate": head.due_date or head.date,
        "EntryDate": head.date,
        "EntryID": head.entry_id,
        "EntryNumber": head.number,
        "GLAccount": ledger["ID"] if ledger else head.journal["GLAccount"],
        "GLAccountCode": ledger["Code"] if ledger else head.journal["GLAccountCode"],
        "GLAccountDescription": ledger["Description"] if ledger else head.journal["GLAccountDescription"],
        "InvoiceDate": head.date,
        "InvoiceNumber": head.invoice_number or head.number,
        "IsBatchBooking": 0,
        "IsFullyPaid": False,
        "Journal": head.journal["Code"],
        "JournalDescription": head.journal["Description"],
        "OrderNumber": head.order_number,
        "PaymentCondition": condition.get("Code"),
        "PaymentConditionDescription": condition.get("Description"),
        "PaymentDays": condition.get("PaymentDays"),
        "PaymentMethod": condition.get("PaymentMethod"),
        "PaymentReference": head.payment_reference,
        "Status": OPEN,
        "TransactionDueDate": head.due_date or head.date,
        "TransactionEntryID": head.entry_id,
        "TransactionIsReversal": False,
        "TransactionReportingPeriod": head.period,
        "TransactionReportingYear": head.year,
        "TransactionStatus": head.status,
        "TransactionType": head.type,
        "YourRef": head.your_ref,
    }
    write.division.add(PATH, row, write.author)


def settle(
    write: Write, head: EntryHead, account: Row, amount: Decimal, our_ref: int | None, ledger: Row
) -> None:
    """A booking on a receivable ledger elsewhere: pays the invoice that OurRef names, else stands open."""
    wanted = our_ref and next(
        (
            row
            for row in write.division.table(PATH).find("InvoiceNumber", our_ref)
            if row["Account"] == account["ID"] and not row["IsFullyPaid"]
        ),
        None,
    )
    if not wanted:
        owe(write, head, account, amount, ledger)
        return
    left = wanted["AmountDC"] - amount
    changes: Row = {"AmountDC": left, "AmountFC": left, "LastPaymentDate": head.date}
    if not left:
        changes |= {"IsFullyPaid": True, "Status": PROCESSED}
    write.division.change(PATH, wanted, changes, write.author)


def drop(write: Write, entry_id: str) -> None:
    for row in write.division.table(PATH).find("EntryID", entry_id):
        write.division.remove(PATH, row, write.author)
