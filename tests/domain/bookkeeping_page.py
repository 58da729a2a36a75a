"""Writes docs/bookkeeping.md: hand-written words, with the vectors booked by the product as examples.

The words are `bookkeeping.nl.md` and `bookkeeping.en.md` beside this file. A line `{{ V01 transactions }}` in
them becomes the documents of that example. `python -m tests.domain.bookkeeping_page` writes the page; a test
fails where it isn't what comes out of here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from libs.common.domain.document import (
    Booking,
    CashEntry,
    Document,
    DocumentKind,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.map_sale import sale_day
from libs.common.domain.money import CENT
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import ZERO, Sale
from libs.common.domain.till_close import map_till_close
from tests.domain import vector_events as events
from tests.domain.books import Booked, book, documents_of_day
from tests.domain.vectors import (
    default_rules,
    edited_sales,
    ledger_names,
    rules_of,
    sale_of,
    vat_ledgers,
    vector_of,
)
from tests.domain.words import debtor_code

WORDS = Path(__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "bookkeeping.md"
EXAMPLE = re.compile(r"^\{\{ (.+) \}\}$", re.MULTILINE)
DAY, THE_DAY_AFTER = date(2026, 3, 14), date(2026, 3, 15)
JOURNAL, CASH_ENTRY = "daily_general_journal", "daily_cash_entry"
RECEIVABLES, CASH_JOURNAL, INPUT_VAT = "1300", "1000", "15xx"


def _decimals(amount: Decimal) -> int:
    return -int(amount.as_tuple().exponent)


@dataclass(frozen=True)
class Language:
    kinds: dict[DocumentKind, str]
    heads: tuple[str, ...]
    item_heads: tuple[str, ...]
    journal: str
    debtor: str
    total: str
    input_vat: str
    comma: str

    def amount(self, amount: Decimal) -> str:
        return f"{amount:.2f}".replace(".", self.comma) if amount else ""

    def quantity(self, quantity: Decimal) -> str:
        return format(quantity.normalize(), "f").replace(".", self.comma)

    def price(self, price: Decimal) -> str:
        return format(max(price, price.quantize(CENT), key=_decimals), "f").replace(".", self.comma)


DUTCH = Language(
    {
        DocumentKind.SALES_ENTRY: "Verkoopboeking",
        DocumentKind.SALES_INVOICE: "Verkoopfactuur",
        DocumentKind.SALES_ORDER: "Verkooporder",
        DocumentKind.GENERAL_JOURNAL: "Memoriaal",
        DocumentKind.CASH_ENTRY: "Kasboeking",
    },
    ("rekening", "", "btw-code", "debet", "credit"),
    ("artikel", "aantal", "prijs incl. btw", "btw-code", "bedrag incl. btw"),
    "dagboek",
    "debiteur",
    "totaal",
    "Te vorderen btw",
    ",",
)
ENGLISH = Language(
    {
        DocumentKind.SALES_ENTRY: "Sales entry",
        DocumentKind.SALES_INVOICE: "Sales invoice",
        DocumentKind.SALES_ORDER: "Sales order",
        DocumentKind.GENERAL_JOURNAL: "General journal",
        DocumentKind.CASH_ENTRY: "Cash entry",
    },
    ("ledger", "", "VAT code", "debit", "credit"),
    ("article", "quantity", "price incl. VAT", "VAT code", "amount incl. VAT"),
    "journal",
    "debtor",
    "total",
    "Te vorderen btw (input VAT)",
    ".",
)
HALVES = (("bookkeeping.nl.md", DUTCH), ("bookkeeping.en.md", ENGLISH))


def page() -> str:
    """Fails where an example doesn't balance or isn't known."""
    return "\n".join(_filled_in(WORDS / name, language) for name, language in HALVES)


def _filled_in(words: Path, language: Language) -> str:
    def example(found: re.Match[str]) -> str:
        documents = documents_of(found[1])
        assert documents, f"{found[1]} books nothing"
        return "\n\n".join(_table(document, language) for document in documents)

    return EXAMPLE.sub(example, words.read_text())


# The examples: a vector and a mode, or one of those below by its name


def documents_of(example: str) -> tuple[Document, ...]:
    if example in BY_NAME:
        return BY_NAME[example]()
    id_, mode = example.split()
    vector = vector_of(id_, mode)
    rules, sales = rules_of(vector), [sale_of(payload) for payload in vector.payloads]
    return _all_of([book(sale, rules) for sale in sales], rules, sale_day(sales[0], rules))


def _all_of(booked: Sequence[Booked], rules: Rules, day: date) -> tuple[Document, ...]:
    alone = [document for one in booked for document in one.all_documents]
    return (*alone, *documents_of_day(booked, rules, day))


def _one(sale: Sale, rules: Rules) -> tuple[Document, ...]:
    return _all_of([book(sale, rules)], rules, sale_day(sale, rules))


def _settled(settlement: Settlement) -> tuple[Document, ...]:
    vector = vector_of("V01", "transactions")
    return _one(sale_of(vector.payload), replace(rules_of(vector), settlement=settlement))


def _corrected(id_: str, mode: str, style: str = "difference") -> tuple[Document, ...]:
    first, edited = edited_sales(id_)
    rules = rules_of(vector_of("V01", mode))
    rules = replace(rules, corrections=replace(rules.corrections, style=style))  # type: ignore[arg-type]
    more = book(edited, rules, book(first, rules), on=THE_DAY_AFTER)
    return _all_of([more], rules, THE_DAY_AFTER)


def _rebooked() -> tuple[Document, ...]:
    """The turnover at 21 % should have stood on 8001."""
    vector = vector_of("V01", "transactions_settled_in_entry")
    sale, before = sale_of(vector.payload), rules_of(vector)
    ledgers = {**before.revenue.by_vat_code, "VH": "8001"}
    after = replace(before, revenue=replace(before.revenue, by_vat_code=ledgers))
    return book(sale, after, book(sale, before), is_rebooked=True).all_documents


def _late() -> tuple[Document, ...]:
    """The last of three receipts is read after the day's total was made."""
    vector = vector_of("V42", JOURNAL)
    rules = rules_of(vector)
    *_, late = [book(sale_of(payload), rules) for payload in vector.payloads]
    return documents_of_day([late], rules, DAY, supplement="-2")


def _recomputed() -> tuple[Document, ...]:
    vector = vector_of("V42", JOURNAL)
    rules = rules_of(vector)
    rules = replace(rules, daily_totals=replace(rules.daily_totals, vat="recompute"))
    return documents_of_day([book(sale_of(payload), rules) for payload in vector.payloads], rules, DAY)


def _deposit(sale: Sale) -> tuple[Document, ...]:
    return _one(sale, replace(default_rules(Mode.TRANSACTIONS), deposit_vat="21"))


def _open(sale: Sale) -> tuple[Document, ...]:
    rules = replace(default_rules(Mode.DAILY_TOTALS), open_payments=True)
    ahead = book(events.OPEN, rules).all_documents
    return tuple(one for one in _one(sale, rules) if sale is events.OPEN or one not in ahead)


def _closing(petty_cash_vat: str | None) -> tuple[Document, ...]:
    rules = replace(default_rules(Mode.DAILY_TOTALS), till_movements=True, petty_cash_vat=petty_cash_vat)
    booking = map_till_close(events.CLOSING, rules, reference="T1.1-20260314/1")
    assert isinstance(booking, Booking)
    return booking.documents


BY_NAME: dict[str, Callable[[], tuple[Document, ...]]] = {
    "V01 per-day": lambda: _settled(Settlement.PER_DAY),
    "V01 none": lambda: _settled(Settlement.NONE),
    "V19 deposit": lambda: _deposit(events.DEPOSIT),
    "V19 pick-up": lambda: _deposit(events.PICK_UP),
    "V29 day": lambda: _one(events.TAX_REFUND, events.with_tax_refund(default_rules(Mode.DAILY_TOTALS))),
    "V37 paid ahead": lambda: _open(events.OPEN),
    "V37 completed": lambda: _open(events.COMPLETED),
    "V38 void": lambda: _corrected("V38", "transactions_settled_in_entry"),
    "V38 day": lambda: _corrected("V38", JOURNAL),
    "V39 payment": lambda: _corrected("V39", "transactions_settled_in_entry"),
    "V40 edit": lambda: _corrected("V40", "transactions_settled_in_entry"),
    "V40 repeated": lambda: _corrected("V40", "transactions_settled_in_entry", "reverse-and-repeat"),
    "V40 day": lambda: _corrected("V40", JOURNAL),
    "V42 late": _late,
    "V42 recomputed": _recomputed,
    "V43 closing": lambda: _closing(None),
    "V43 with input VAT": lambda: _closing("purchase 21 %"),
    "V47 day": lambda: _one(events.STAFF_MEAL, events.with_staff_meals(default_rules(Mode.DAILY_TOTALS))),
    "V01 rebooked": _rebooked,
}


# The tables

Side = tuple[str, str, str, Decimal]
"""Ledger, debtor, VAT code, amount with debit positive."""


def _table(document: Document, language: Language) -> str:
    if isinstance(document, SalesInvoice | SalesOrder):
        return _heading(document, language) + _item_rows(document, language)
    sides = list(_sides(document))
    assert sum((amount for *_, amount in sides), ZERO) == ZERO, document.reference
    rows = [_row(side, language) for side in sides]
    return _heading(document, language) + _rows(language.heads, ("---", "---", "---", "---:", "---:"), rows)


def _heading(document: Document, language: Language) -> str:
    words = [f"**{language.kinds[document.kind]} {document.reference}**", f"{document.day:%d-%m-%Y}"]
    if not isinstance(document, SalesOrder):
        words.append(f"{language.journal} {document.journal}")
    if not isinstance(document, JournalEntry | CashEntry):
        words.append(f"{language.debtor} {debtor_code(document.debtor)}")
    return ", ".join(words) + "\n\n"


def _sides(document: SalesEntry | JournalEntry | CashEntry) -> Iterator[Side]:
    """As they stand in the ledgers: with the VAT on its own, which Exact makes of the code and our amount."""
    if isinstance(document, SalesEntry):
        if document.open_amount:
            yield RECEIVABLES, debtor_code(document.debtor) or "", "", document.open_amount
        for line in document.lines:
            yield from _with_vat(line.ledger, "", line.vat_code, -line.amount_excl_vat, -line.vat_amount)
        return
    if isinstance(document, CashEntry) and document.balance_change:
        yield CASH_JOURNAL, "", "", document.balance_change
    for journal_line in document.lines:
        yield from _of_journal(journal_line)


def _of_journal(line: JournalLine) -> Iterator[Side]:
    debtor = debtor_code(line.debtor) if line.debtor else ""
    yield from _with_vat(
        line.ledger or RECEIVABLES, debtor or "", line.vat_code or "", line.amount, line.vat_amount
    )


def _with_vat(ledger: str, debtor: str, code: str, net: Decimal, vat: Decimal) -> Iterator[Side]:
    yield ledger, debtor, "" if code == "NONE" else code, net
    if vat:
        yield vat_ledgers().get(code) or INPUT_VAT, "", "", vat


def _row(side: Side, language: Language) -> list[str]:
    ledger, debtor, code, amount = side
    name = language.input_vat if ledger == INPUT_VAT else ledger_names()[ledger]
    name = f"{name}, {debtor}" if debtor else name
    return [ledger, name, code, language.amount(max(amount, ZERO)), language.amount(max(-amount, ZERO))]


def _item_rows(document: SalesInvoice | SalesOrder, language: Language) -> str:
    rows = [
        [
            line.item.id or line.item.till_item,
            language.quantity(line.quantity),
            language.price(line.unit_price_incl_vat),
            "" if line.vat_code == "NONE" else line.vat_code,
            language.amount(line.amount_incl_vat) or f"0{language.comma}00",
        ]
        for line in document.lines
    ]
    rows.append(
        [language.total, "", "", "", language.amount(document.total_incl_vat) or f"0{language.comma}00"]
    )
    return _rows(language.item_heads, ("---", "---:", "---:", "---", "---:"), rows)


def _rows(heads: Sequence[str], alignment: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, alignment, *rows))


def write() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    write()
