"""Writes docs/bookkeeping.md: hand-written words, with the vectors booked by the product as examples.

The words are `bookkeeping.nl.md` and `bookkeeping.en.md` beside this file. A line `{{ V01 transactions }}` in
them becomes the documents of that example. `python -m tests.domain.bookkeeping_page` writes the page; a test
fails where it isn't what comes out of here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from libs.common.domain.document import (
    CashEntry,
    Document,
    DocumentKind,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.money import CENT
from libs.common.domain.sale import ZERO
from tests.domain.bookkeeping_examples import documents_of
from tests.domain.vectors import ledger_names, vat_ledgers
from tests.domain.words import debtor_code

WORDS = Path(__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "bookkeeping.md"
EXAMPLE = re.compile(r"^\{\{ (.+) \}\}$", re.MULTILINE)
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
