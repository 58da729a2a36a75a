"""Pure: what Exact says was booked against what was meant, from a POST's answer or a search's row.

Only what the answer tells is compared: an absent field is unknown, not different. A reference that is
empty in the answer is a difference, since without it the document can't be found again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from libs.common.domain.document import (
    CashEntry,
    Document,
    JournalEntry,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.sale import ZERO
from libs.common.exact.entities import Journaled, Related

KEYS: Mapping[type[Document], str] = {
    SalesEntry: "EntryID",
    SalesInvoice: "InvoiceID",
    SalesOrder: "OrderID",
    JournalEntry: "EntryID",
    CashEntry: "EntryID",
}
NUMBERS: Mapping[type[Document], str] = {
    SalesEntry: "EntryNumber",
    SalesInvoice: "InvoiceNumber",
    SalesOrder: "OrderNumber",
    JournalEntry: "EntryNumber",
    CashEntry: "EntryNumber",
}
LEDGER_LINE = ("EntryID", "EntryNumber", "JournalCode", "Date", "Description", "GLAccount", "AmountFC")
SELECTED: Mapping[type[Document], tuple[str, ...]] = {
    SalesEntry: (
        "EntryID", "EntryNumber", "AmountFC", "VATAmountFC", "YourRef", "Customer", "EntryDate", "Journal",
    ),
    SalesInvoice: ("InvoiceID", "InvoiceNumber", "AmountFC", "YourRef", "OrderedBy", "Journal", "Status"),
    SalesOrder: ("OrderID", "OrderNumber", "AmountFC", "YourRef", "OrderedBy"),
}  # fmt: skip
CENT = Decimal("0.01")
_DATE = re.compile(r"/Date\((-?\d+)")

Difference = tuple[str, str, str]
"""The field, as it was meant, as it stands."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What stands in Exact; `amount` is the turnover's gross, VAT included."""

    exact_id: str
    number: str
    amount: Decimal
    differences: tuple[Difference, ...] = ()
    is_printed: bool = False


def booked_by(
    document: Document,
    row: Mapping[str, Any],
    related: Related | None = None,
    *,
    own_number: int | None = None,
) -> Booked:
    """From the answer of a POST or the row of a search. KeyError where there is no key in it.

    A number of our own that Exact replaced guards nothing, and a person must see it.
    """
    kind = type(document)
    number = "" if row.get(NUMBERS[kind]) is None else str(row[NUMBERS[kind]])
    differences = _differences(document, row, related)
    if own_number is not None and number and number != str(own_number):
        differences.append(("number", str(own_number), number))
    return Booked(
        exact_id=str(row[KEYS[kind]]),
        number=number,
        amount=_gross(document, row),
        differences=tuple(differences),
        is_printed=isinstance(document, SalesInvoice) and _int(row.get("Status")) == 50,
    )


def booked_journal(document: Journaled, rows: Sequence[Mapping[str, Any]]) -> Booked:
    """From those transaction lines of one entry that its reference heads.

    The lines that Exact adds, for VAT or the cash itself, may or may not be among them.
    """
    told: dict[str, Decimal] = {}
    for row in rows:
        ledger = str(row["GLAccount"]).lower()
        told[ledger] = told.get(ledger, ZERO) + (_decimal(row["AmountFC"]) or ZERO)
    differences = list(_differences(document, rows[0], None))
    for ledger, meant in _by_ledger(document).items():
        if told.get(ledger, ZERO) != meant:
            differences.append((ledger, _money(meant), _money(told.get(ledger, ZERO))))
    number = str(rows[0]["EntryNumber"])
    return Booked(str(rows[0]["EntryID"]), number, journal_gross(document), tuple(differences))


def _by_ledger(document: Journaled) -> dict[str, Decimal]:
    """What the ledgers that its lines name must have got, debit positive, without the VAT."""
    sums: dict[str, Decimal] = {}
    for line in document.lines:
        if line.ledger is not None:
            sums[line.ledger.lower()] = sums.get(line.ledger.lower(), ZERO) + line.amount
    return sums


def journal_gross(entry: Journaled) -> Decimal:
    """The debit side, which is as large as the credit side: bases and VAT each on a side of their own."""
    sides = [amount for line in entry.lines for amount in (line.amount, line.vat_amount)]
    if isinstance(entry, CashEntry):
        sides.append(entry.balance_change)
    return sum((amount for amount in sides if amount > ZERO), ZERO)


def meant_amount(document: Document) -> Decimal:
    """What Exact must answer as the document's total."""
    match document:
        case SalesEntry():
            return document.open_amount
        case SalesInvoice() | SalesOrder():
            return document.total_incl_vat
        case JournalEntry() | CashEntry():
            return journal_gross(document)


def meant_gross(document: Document) -> Decimal:
    """What is told as the document's amount, before Exact said any."""
    return document.total_incl_vat if isinstance(document, SalesEntry) else meant_amount(document)


def _gross(document: Document, row: Mapping[str, Any]) -> Decimal:
    """Money lines inside an entry take nothing from its turnover, so they are added back."""
    answered = _decimal(row.get("AmountFC"))
    if isinstance(document, Journaled) or answered is None:
        return meant_gross(document)
    answered = answered.quantize(CENT)
    if isinstance(document, SalesEntry):
        return answered - document.open_amount + document.total_incl_vat
    return answered


def _differences(document: Document, row: Mapping[str, Any], related: Related | None) -> list[Difference]:
    checks: list[tuple[str, str, str | None]] = []
    if not isinstance(document, Journaled):
        checks.append(("amount", _money(meant_amount(document)), _money_told(row.get("AmountFC"))))
        if "YourRef" in row and row.get("AmountFC") is not None:  # else it tells the key alone (4.1)
            checks.append(("reference", document.reference, str(row["YourRef"] or "")))
        if related is not None:
            account = row.get("Customer" if isinstance(document, SalesEntry) else "OrderedBy")
            checks.append(("debtor", related.account(document.debtor).lower(), _lower(account)))
    if isinstance(document, SalesEntry):
        vat = sum((line.vat_amount for line in document.lines), ZERO)
        checks.append(("vat", _money(vat), _money_told(row.get("VATAmountFC"))))
    if isinstance(document, CashEntry):
        checks.append(("amount", _money(document.balance_change), _balance_change(row)))
    checks += _journal_and_day(document, row)
    return [(name, meant, told) for name, meant, told in checks if told is not None and told != meant]


def _balance_change(row: Mapping[str, Any]) -> str | None:
    opening, closing = _decimal(row.get("OpeningBalanceFC")), _decimal(row.get("ClosingBalanceFC"))
    return None if opening is None or closing is None else _money(closing - opening)


def _journal_and_day(document: Document, row: Mapping[str, Any]) -> list[tuple[str, str, str | None]]:
    match document:
        case SalesEntry():
            day = day_of(row.get("EntryDate"))
            journal = row.get("Journal")
        case JournalEntry() | CashEntry():
            day = day_of(row.get("Date"))
            journal = row.get("JournalCode")
        case SalesInvoice():
            day, journal = None, row.get("Journal")
        case SalesOrder():
            return []
    meant_journal = document.journal.strip()
    told_journal = None if journal is None else str(journal).strip()
    told_day = None if day is None else day.isoformat()
    return [("journal", meant_journal, told_journal), ("day", document.day.isoformat(), told_day)]


def day_of(value: object) -> date | None:
    """Exact's date: midnight as if it were UTC."""
    found = _DATE.match(value) if isinstance(value, str) else None
    if found is not None:
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC).date()
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _int(value: object) -> int | None:
    return None if value is None else int(str(value))


def _money(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01")) + ZERO, "f")


def _money_told(value: object) -> str | None:
    amount = _decimal(value)
    return None if amount is None else _money(amount)


def _lower(value: object) -> str | None:
    return None if value is None else str(value).lower()
