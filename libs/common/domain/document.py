"""What must stand in Exact: documents, and the `Booking` of one sale or day that holds them.

A document refuses to exist when it doesn't balance, so nothing that follows has to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from libs.common.domain.payments import Payments
from libs.common.domain.sale import ZERO, Customer


class DocumentKind(StrEnum):
    SALES_ENTRY = "sales-entry"
    SALES_INVOICE = "sales-invoice"
    SALES_ORDER = "sales-order"
    GENERAL_JOURNAL = "general-journal"
    CASH_ENTRY = "cash-entry"


class Unbalanced(ValueError):
    """A document's lines don't add up to what it says; a defect of ours, never sent."""


@dataclass(frozen=True, slots=True)
class Debtor:
    """The debtor a document needs: an account of Exact by id, or the till's customer, to be found or made."""

    account: str | None = None
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A line of a sales entry: positive is turnover (credit of the ledger), negative money or a return."""

    ledger: str
    vat_code: str
    amount_excl_vat: Decimal
    vat_amount: Decimal
    description: str = ""
    cost_center: str | None = None
    because: str = ""
    """The rules that led here, as "vat[21], revenue.by_vat_code[VH]"."""
    sale_lines: tuple[str, ...] = ()
    payments: Payments = ()
    """Of money: what was paid by which payment type; positive came in, whichever sign the line has."""

    @property
    def amount_incl_vat(self) -> Decimal:
        return self.amount_excl_vat + self.vat_amount


@dataclass(frozen=True, slots=True)
class SalesEntry:
    """A sales entry (verkoopboeking).

    `total_incl_vat` is the receipt's, `open_amount` what the debtor still owes.
    """

    reference: str
    journal: str
    debtor: Debtor
    day: date
    description: str
    total_incl_vat: Decimal
    open_amount: Decimal
    lines: tuple[EntryLine, ...]
    is_credit: bool = False
    payment_condition: str | None = None
    currency: str = "EUR"
    kind: Literal[DocumentKind.SALES_ENTRY] = DocumentKind.SALES_ENTRY

    def __post_init__(self) -> None:
        if sum((line.amount_incl_vat for line in self.lines), ZERO) != self.open_amount:
            raise Unbalanced(f"the lines of sales entry {self.reference} don't add up to {self.open_amount}")


@dataclass(frozen=True, slots=True)
class ItemWanted:
    """The article of an item line: one of Exact by id, or the till's, to be found or made by code."""

    id: str | None = None
    code: str = ""
    description: str = ""
    till_item: str = ""
    is_stocked: bool = False
    """Whether one that is made is a stock item."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """A line of an invoice or order; `unit_price_incl_vat` after discount, `amount_incl_vat` in cents."""

    item: ItemWanted
    quantity: Decimal
    unit_price_incl_vat: Decimal
    amount_incl_vat: Decimal
    vat_code: str
    description: str = ""
    cost_center: str | None = None
    because: str = ""
    sale_lines: tuple[str, ...] = ()


def _check_item_lines(reference: str, lines: tuple[ItemLine, ...], total: Decimal) -> None:
    if sum((line.amount_incl_vat for line in lines), ZERO) != total:
        raise Unbalanced(f"the lines of {reference} don't add up to {total}")


@dataclass(frozen=True, slots=True)
class SalesInvoice:
    reference: str
    journal: str
    debtor: Debtor
    day: date
    description: str
    total_incl_vat: Decimal
    lines: tuple[ItemLine, ...]
    is_credit: bool = False
    is_printed: bool = True
    send: Literal["none", "email", "account"] = "none"
    warehouse: str | None = None
    payment_condition: str | None = None
    currency: str = "EUR"
    kind: Literal[DocumentKind.SALES_INVOICE] = DocumentKind.SALES_INVOICE

    def __post_init__(self) -> None:
        _check_item_lines(self.reference, self.lines, self.total_incl_vat)


@dataclass(frozen=True, slots=True)
class SalesOrder:
    reference: str
    debtor: Debtor
    day: date
    description: str
    total_incl_vat: Decimal
    lines: tuple[ItemLine, ...]
    warehouse: str | None = None
    payment_condition: str | None = None
    currency: str = "EUR"
    kind: Literal[DocumentKind.SALES_ORDER] = DocumentKind.SALES_ORDER

    def __post_init__(self) -> None:
        _check_item_lines(self.reference, self.lines, self.total_incl_vat)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of a journal, debit positive.

    Without a ledger it is the debtors' line: on the sales journal's own ledger.
    """

    amount: Decimal
    ledger: str | None = None
    debtor: Debtor | None = None
    vat_code: str | None = None
    vat_amount: Decimal = ZERO
    description: str = ""
    cost_center: str | None = None
    because: str = ""
    sales: tuple[str, ...] = ()
    sale_lines: tuple[str, ...] = ()
    """The sale lines of a day's turnover; a line without any is money, a liability or rounding."""
    category: str = ""
    """The till's category of articles, where a day's turnover is kept apart by it."""
    payments: Payments = ()
    """Of money: what was paid by which payment type."""

    @property
    def amount_incl_vat(self) -> Decimal:
        return self.amount + self.vat_amount


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A general journal entry (memoriaal).

    It has no YourRef: its reference stands at the head of every line.
    """

    reference: str
    journal: str
    receivables_journal: str
    """The sales journal whose own ledger takes the debtors' lines."""
    day: date
    description: str
    lines: tuple[JournalLine, ...]
    currency: str = "EUR"
    kind: Literal[DocumentKind.GENERAL_JOURNAL] = DocumentKind.GENERAL_JOURNAL

    def __post_init__(self) -> None:
        if sum((line.amount_incl_vat for line in self.lines), ZERO) != ZERO:
            raise Unbalanced(f"debit and credit of journal entry {self.reference} differ")


@dataclass(frozen=True, slots=True)
class CashEntry:
    """A cash entry (kasboeking): the journal's own ledger takes what the other lines come to.

    Its lines are those of a journal entry, debit positive, without the cash itself; the reference stands at
    the head of every line.
    """

    reference: str
    journal: str
    receivables_journal: str
    """The sales journal whose own ledger takes the debtors' lines."""
    day: date
    description: str
    lines: tuple[JournalLine, ...]
    balance_change: Decimal
    """What the cash gained: the lines' credits less their debits, VAT included."""
    currency: str = "EUR"
    kind: Literal[DocumentKind.CASH_ENTRY] = DocumentKind.CASH_ENTRY

    def __post_init__(self) -> None:
        if sum((line.amount_incl_vat for line in self.lines), ZERO) != -self.balance_change:
            raise Unbalanced(f"the lines of cash entry {self.reference} don't change cash so much")


Document = SalesEntry | SalesInvoice | SalesOrder | JournalEntry | CashEntry


@dataclass(frozen=True, slots=True)
class Booking:
    """The documents of one sale or day in posting order, the one with the turnover first.

    `day_lines` is what a sale adds to its day's document: its money where money is settled per day, its
    turnover and its money where days are booked as totals.
    """

    documents: tuple[Document, ...]
    day_lines: tuple[JournalLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to book, and why: a code of `NothingCode`, with its facts."""

    why: NothingCode


class NothingCode(StrEnum):
    NOT_COMPLETED = "not-completed"
    VOIDED = "voided"
    CANCELLED = "cancelled"
    INTERNAL = "internal"
    NO_MONEY = "no-money"
    BEFORE_START = "before-start"
    OUTLET_DISABLED = "outlet-disabled"
    BY_HAND = "by-hand"
    NOT_A_SALE = "not-a-sale"
    """The closing of a register, which has a document of its own."""
