"""Pure: a document becomes the JSON body of its POST, and Exact's answer what was booked.

Nothing here rounds or computes VAT: amounts leave as the document has them, in strings of two decimals.
The reference is never cut, since a later search for it must find this document and no other; a document
whose VAT a code can't carry is a `Problem`, because Exact would book another amount without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Literal

from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    EntryLine,
    ItemLine,
    ItemWanted,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import ZERO, Customer

Body = dict[str, Any]
Journaled = JournalEntry | CashEntry
"""Documents of journal lines: without a `YourRef`, found by what their lines say."""
VatType = Literal["E", "I", "B", "N"]

SALES_ENTRY, CREDIT_NOTE = 20, 21
INVOICE, INVOICE_CREDIT = 8020, 8021
REFERENCE_LENGTH = 30
DESCRIPTION_LENGTH = 60
PAYMENT_REFERENCE_LENGTH = 25
NAME_LENGTH, STREET_LENGTH, POSTCODE_LENGTH, CITY_LENGTH = 50, 60, 20, 40
VAT_NUMBER_LENGTH, CHAMBER_LENGTH, EMAIL_LENGTH = 20, 40, 100
PRICE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class VatFact:
    """A VAT code of the division: as Exact wrote it, padding included, with what decides how amounts go."""

    sent_code: str
    type: VatType
    percentage: Decimal = ZERO
    """In per cent."""


class CreditSign(StrEnum):
    """How a division counts the quantities of a credit note, as far as one was seen."""

    UNSEEN = "unseen"
    AS_SENT = "as-sent"
    TURNED = "turned"
    TURNED_BY_PRINTING = "turned-by-printing"
    """An open one still shows what was sent."""

    @property
    def is_turned(self) -> bool:
        return self in (CreditSign.TURNED, CreditSign.TURNED_BY_PRINTING)


@dataclass(frozen=True, slots=True)
class DivisionFacts:
    """What a body needs of the division; VAT codes and journals by their trimmed code."""

    vat_codes: Mapping[str, VatFact]
    receivables: Mapping[str, str]
    """The receivable ledger of each sales journal."""
    cost_centers: Mapping[str, int] = field(default_factory=dict)
    """Ledgers with a duty: 1 a cost centre must be given, 2 none may."""
    cash_ledgers: Mapping[str, str] = field(default_factory=dict)
    """The own ledger of each cash journal."""
    credit_sign: CreditSign = CreditSign.UNSEEN


@dataclass(frozen=True, slots=True)
class Related:
    """The accounts and items in Exact that were found or made for the document."""

    accounts: Mapping[Debtor, str] = field(default_factory=dict)
    items: Mapping[ItemWanted, str] = field(default_factory=dict)

    def account(self, debtor: Debtor) -> str:
        return debtor.account if debtor.account is not None else self.accounts[debtor]

    def item(self, wanted: ItemWanted) -> str:
        return wanted.id if wanted.id is not None else self.items[wanted]


class _Unfit(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.cause)
        self.problem = problem


PATHS: Mapping[type[Document], str] = {
    SalesEntry: "salesentry/SalesEntries",
    SalesInvoice: "salesinvoice/SalesInvoices",
    SalesOrder: "salesorder/SalesOrders",
    JournalEntry: "generaljournalentry/GeneralJournalEntries",
    CashEntry: "financialtransaction/CashEntries",
}
ANY_DAY = "EntryDate ge datetime'2000-01-01'"
PRINTED_INVOICES = "salesinvoice/PrintedSalesInvoices"
ACCOUNTS = "crm/Accounts"
ITEMS = "logistics/Items"


def reference_filter(path: str, where: str) -> str:
    """A filter on references. Of sales entries they aren't in the list of the mandatory filter, where there
    is one (4.3); their day is.
    """
    return f"{ANY_DAY} and ({where})" if path == PATHS[SalesEntry] else where


def body_of(
    document: Document, facts: DivisionFacts, related: Related, *, own_number: int | None = None
) -> Body | Problem:
    """`own_number` is sent as entry or order number where the connection guards by numbers of its own."""
    if len(document.reference) > REFERENCE_LENGTH:
        long = (("reference", document.reference), ("answer", f"max. {REFERENCE_LENGTH}"))
        return Problem(ProblemCode.REFERENCE_REFUSED, long, per_sale=("reference",))
    try:
        return _body(document, facts, related, own_number)
    except _Unfit as unfit:
        return unfit.problem


def _body(document: Document, facts: DivisionFacts, related: Related, own_number: int | None) -> Body:
    match document:
        case SalesEntry():
            return _sales_entry(document, facts, related) | _numbered("EntryNumber", own_number)
        case SalesInvoice():
            return _sales_invoice(document, facts, related)
        case SalesOrder():
            return _sales_order(document, facts, related) | _numbered("OrderNumber", own_number)
        case JournalEntry():
            return _journal_entry(document, facts, related) | _numbered("EntryNumber", own_number)
        case CashEntry():
            return _cash_entry(document, facts, related) | _numbered("EntryNumber", own_number)


def _numbered(name: str, number: int | None) -> Body:
    return {} if number is None else {name: number}


def _sales_entry(entry: SalesEntry, facts: DivisionFacts, related: Related) -> Body:
    return _present(
        Journal=entry.journal,
        Customer=related.account(entry.debtor),
        EntryDate=entry.day.isoformat(),
        Type=CREDIT_NOTE if entry.is_credit else SALES_ENTRY,
        **_texts(entry),
        PaymentCondition=entry.payment_condition,
        Currency=entry.currency,
        SalesEntryLines=[_entry_line(line, facts) for line in entry.lines],
    )


def _entry_line(line: EntryLine, facts: DivisionFacts) -> Body:
    vat = _vat_fact(line.vat_code, facts)
    return _present(
        GLAccount=line.ledger,
        **_amounts(line.amount_excl_vat, line.vat_amount, line.vat_code, vat, "VATAmountFC"),
        VATCode=vat.sent_code,
        Description=_cut(line.description, DESCRIPTION_LENGTH),
        CostCenter=_cost_center(line.cost_center, line.ledger, facts),
    )


def _amounts(net: Decimal, vat: Decimal, code: str, fact: VatFact, vat_field: str) -> Body:
    """Net or gross by the type of the code, with our own VAT beside it where the code takes any."""
    if fact.type in ("B", "N"):
        if vat:
            raise _Unfit(_vat_problem(code, f"type {fact.type}"))
        return {"AmountFC": money(net)}
    return {"AmountFC": money(net + vat if fact.type == "I" else net), vat_field: money(vat)}


def _sales_invoice(invoice: SalesInvoice, facts: DivisionFacts, related: Related) -> Body:
    sign = -1 if invoice.is_credit and facts.credit_sign.is_turned else 1
    lines = [replace(line, quantity=sign * line.quantity) for line in invoice.lines]
    return _present(
        **_parties(invoice.debtor, related),
        Journal=invoice.journal,
        Type=INVOICE_CREDIT if invoice.is_credit else INVOICE,
        OrderDate=invoice.day.isoformat(),
        **_texts(invoice),
        PaymentCondition=invoice.payment_condition,
        Currency=invoice.currency,
        SalesInvoiceLines=[_item_line(line, facts, related) for line in lines],
    )


def _sales_order(order: SalesOrder, facts: DivisionFacts, related: Related) -> Body:
    return _present(
        **_parties(order.debtor, related),
        OrderDate=order.day.isoformat(),
        DeliveryDate=order.day.isoformat(),
        **_texts(order),
        PaymentCondition=order.payment_condition,
        WarehouseID=order.warehouse,
        Currency=order.currency,
        SalesOrderLines=[_item_line(line, facts, related) for line in order.lines],
    )


def _parties(debtor: Debtor, related: Related) -> Body:
    """Exact may default to another account (5.8), beside which the money paid at the till would stand."""
    account = related.account(debtor)
    return {"OrderedBy": account, "InvoiceTo": account}


def _item_line(line: ItemLine, facts: DivisionFacts, related: Related) -> Body:
    vat = _vat_fact(line.vat_code, facts)
    price = _plain(_price(line.unit_price_incl_vat, vat))
    return _present(
        Item=related.item(line.item),
        Quantity=_plain(line.quantity),
        UnitPrice=price,
        NetPrice=price,
        VATCode=vat.sent_code,
        Description=_cut(line.description, DESCRIPTION_LENGTH),
        CostCenter=line.cost_center,
    )


def _price(price_incl_vat: Decimal, vat: VatFact) -> Decimal:
    if vat.type != "E" or not vat.percentage:
        return price_incl_vat
    return (price_incl_vat * 100 / (100 + vat.percentage)).quantize(PRICE_STEP, ROUND_HALF_UP)


def _journal_entry(entry: JournalEntry, facts: DivisionFacts, related: Related) -> Body:
    return _present(
        JournalCode=entry.journal,
        Currency=entry.currency,
        GeneralJournalEntryLines=[_journal_line(line, entry, facts, related) for line in entry.lines],
    )


def _cash_entry(entry: CashEntry, facts: DivisionFacts, related: Related) -> Body:
    """Positive is a receipt, which credits the line's ledger: a general journal has it the other way.

    Where a division takes it for a debit too, it is sent turned (cash.py).
    """
    lines = [_journal_line(line, entry, facts, related) for line in entry.lines]
    return turned(_present(JournalCode=entry.journal, Currency=entry.currency, CashEntryLines=lines))


def turned(cash_entry: Body) -> Body:
    """The same cash entry under the other reading of its lines' sign."""
    lines = [
        line | {name: money(-Decimal(line[name])) for name in ("AmountFC", "AmountVATFC") if name in line}
        for line in cash_entry["CashEntryLines"]
    ]
    return cash_entry | {"CashEntryLines": lines}


def with_balances(cash_entry: Body, opening: Decimal, change: Decimal) -> Body:
    balances = {"OpeningBalanceFC": money(opening), "ClosingBalanceFC": money(opening + change)}
    return cash_entry | balances


def _journal_line(line: JournalLine, entry: Journaled, facts: DivisionFacts, related: Related) -> Body:
    ledger = journal_ledger(line, entry, facts)
    vat = _vat_fact(line.vat_code, facts) if line.vat_code else None
    amounts = (
        {"AmountFC": money(line.amount_incl_vat)}
        if vat is None
        else _amounts(line.amount, line.vat_amount, line.vat_code or "", vat, "AmountVATFC")
    )
    body = _present(
        GLAccount=ledger,
        Account=None if line.debtor is None else related.account(line.debtor),
        **amounts,
        Date=entry.day.isoformat(),
        Description=headed(line.description, entry.reference),
        CostCenter=_cost_center(line.cost_center, ledger, facts),
    )
    return body | {"VATCode": "" if vat is None else vat.sent_code}


def journal_ledger(line: JournalLine, entry: Journaled, facts: DivisionFacts) -> str:
    """The line's own ledger; of a debtor's line the receivable ledger of the sales journal."""
    if line.ledger is not None:
        return line.ledger
    ledger = facts.receivables.get(entry.receivables_journal.strip())
    if not ledger:
        raise _Unfit(Problem(ProblemCode.JOURNAL_REFUSED, (("answer", entry.receivables_journal),)))
    return ledger


def headed(description: str, reference: str) -> str:
    """A journal has no `YourRef`, so its reference stands before whatever its lines say."""
    is_headed = description == reference or description.startswith(f"{reference} ")
    text = description if is_headed else f"{reference} {description}".strip()
    return _cut(text, DESCRIPTION_LENGTH) or reference


def print_body(exact_id: str, day: date, send: Literal["none", "email", "account"]) -> Body:
    """Printing books the invoice on its own day; Exact sends nothing unless the merchant chose so."""
    return {
        "InvoiceID": exact_id,
        "InvoiceDate": day.isoformat(),
        "SendEmailToCustomer": send == "email",
        "SendOutputBasedOnAccount": send == "account",
    }


def account_body(customer: Customer, search_code: str) -> Body:
    """A new debtor with no more than a booking needs; `search_code` finds it back when the answer is lost."""
    address = customer.address
    return _present(
        Name=_cut(customer.booking_name, NAME_LENGTH),
        Status="C",
        SearchCode=search_code,
        AddressLine1=_cut(address.street, STREET_LENGTH),
        Postcode=_cut(address.postcode, POSTCODE_LENGTH),
        City=_cut(address.city, CITY_LENGTH),
        Country=address.country,
        VATNumber=_whole(normal_vat_number(customer.vat_number), VAT_NUMBER_LENGTH),
        ChamberOfCommerce=_whole(customer.chamber_of_commerce, CHAMBER_LENGTH),
        Email=_whole(customer.email, EMAIL_LENGTH),
    )


def item_body(code: str, description: str, vat: VatFact | None, *, is_stocked: bool = False) -> Body:
    return _present(
        Code=code,
        Description=_cut(description, DESCRIPTION_LENGTH) or code,
        IsSalesItem=True,
        IsStockItem=is_stocked or None,
        SalesVatCode=None if vat is None else vat.sent_code,
    )


def normal_vat_number(number: str) -> str:
    return "".join(sign for sign in number.upper() if sign.isalnum())


def money(amount: Decimal) -> str:
    """Two decimals, digit for digit; a document never holds more."""
    return format(amount.quantize(Decimal("0.01")) + ZERO, "f")


def _plain(number: Decimal) -> str:
    return format(number, "f")


def _texts(document: SalesEntry | SalesInvoice | SalesOrder) -> Body:
    return {
        "YourRef": document.reference,
        "Description": _cut(document.description, DESCRIPTION_LENGTH),
        "PaymentReference": _cut(document.reference, PAYMENT_REFERENCE_LENGTH),
    }


def _vat_fact(code: str, facts: DivisionFacts) -> VatFact:
    fact = facts.vat_codes.get(code.strip())
    if fact is None:
        raise _Unfit(_vat_problem(code, "?"))
    return fact


def _vat_problem(code: str, why: str) -> Problem:
    return Problem(ProblemCode.VAT_CODE_REFUSED, (("answer", f"{code.strip()} ({why})"),))


def _cost_center(code: str | None, ledger: str, facts: DivisionFacts) -> str | None:
    """A ledger that takes none gets none; that one is missing is Exact's to say."""
    return None if facts.cost_centers.get(ledger) == 2 else code


def _cut(text: str, length: int) -> str:
    return text.strip()[:length].rstrip()


def _whole(text: str, length: int) -> str:
    """Nothing rather than a part, which would be another's."""
    return text.strip() if len(text.strip()) <= length else ""


def _present(**fields: Any) -> Body:
    return {name: value for name, value in fields.items() if value is not None and value != ""}
