"""Documents in the words of the vectors, and what documents post together."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
)
from libs.common.domain.sale import ZERO
from tests.domain.vectors import Vector, raw

CASH_LEDGER = "2001"
Posted = dict[tuple[str, str, str], tuple[Decimal, Decimal]]
"""Debit positive, net and VAT, by ledger, debtor and VAT code; what bears no VAT has no code."""
Posting = tuple[str, str, str, Decimal, Decimal]
"""The same of one line: ledger, debtor, VAT code, net, VAT."""


def facts_of(id_: str) -> list[Posted]:
    """What each document of a vector must post that doesn't depend on the mode."""
    facts = raw(id_)["expect"]["all_modes"]
    return [_sums(_expected_posting(line) for line in one["lines"]) for one in facts]


def expected_postings(vector: Vector) -> Posted:
    """A daily vector's lines; of a cash entry those that its own ledger doesn't take."""
    lines = [line for document in vector.expected for line in document["lines"]]
    return _sums(_expected_posting(line) for line in lines)


def postings_of(documents: Iterable[Document], day_lines: Iterable[JournalLine] = ()) -> Posted:
    """What documents of entries and journals, and lines of a day, post together; debtors under 1300.

    What a cash journal's own ledger takes stands under the till's cash, as in the other forms.
    """
    postings = [_journal_posting(line) for line in day_lines]
    for document in documents:
        if isinstance(document, JournalEntry | CashEntry):
            postings += [_journal_posting(line) for line in document.lines]
        if isinstance(document, CashEntry):
            postings.append((CASH_LEDGER, "", "", document.balance_change, ZERO))
        if isinstance(document, SalesEntry):
            postings += [
                (line.ledger, "", line.vat_code, -line.amount_excl_vat, -line.vat_amount)
                for line in document.lines
            ]
            postings.append(("1300", debtor_code(document.debtor) or "", "", document.open_amount, ZERO))
    return _sums(postings)


def _sums(postings: Iterable[Posting]) -> Posted:
    sums: Posted = {}
    for ledger, debtor, code, net, vat in postings:
        key = (ledger, debtor, "" if code == "NONE" else code)
        before = sums.get(key, (ZERO, ZERO))
        sums[key] = (before[0] + net, before[1] + vat)
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


def _journal_posting(line: JournalLine) -> Posting:
    ledger = line.ledger or "1300"
    debtor = debtor_code(line.debtor) if line.debtor else None
    return ledger, debtor or "", line.vat_code or "", line.amount, line.vat_amount


def _expected_posting(line: dict[str, Any]) -> Posting:
    if "amount" in line:
        net, vat = -Decimal(line["amount"]), -Decimal(line.get("vat_amount", 0))
    else:
        net = Decimal(line["debit"]) - Decimal(line["credit"])
        vat = Decimal(line.get("vat_debit", 0)) - Decimal(line.get("vat_credit", 0))
    return line["gl"], line.get("account", ""), line.get("vat_code", ""), net, vat


def as_expected(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """The documents in the vectors' own words, as far as they say something."""
    return [_document(document) for document in documents]


def of_days(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the references, which are our own for days, and with lines in one order."""
    return [
        {
            **{key: value for key, value in document.items() if key != "yourRef"},
            "lines": sorted(document["lines"], key=lambda line: (line["gl"], line.get("vat_code", ""))),
        }
        for document in documents
    ]


def expected_documents(vector: Vector) -> list[dict[str, Any]]:
    return [_trimmed(document) for document in vector.expected if document.get("lines") != []]


def _trimmed(document: dict[str, Any]) -> dict[str, Any]:
    kept = {
        key: value
        for key, value in document.items()
        if not key.startswith("vat_if") and key not in ("purpose", "own_gl", "register")
    }
    kept["lines"] = [_trimmed_line(line) for line in document["lines"]]
    if document["type"] in ("sales_invoice", "sales_order"):
        kept["lines"] = [
            {
                **{key: value for key, value in line.items() if key != "gl"},
                "unit_price_incl": Decimal(line["unit_price_incl"]),
                "quantity": Decimal(line["quantity"]),
            }
            for line in document["lines"]
        ]
    return kept


def _trimmed_line(line: dict[str, Any]) -> dict[str, Any]:
    """Without the VAT's own ledger, which is Exact's; a journal says its VAT where it isn't nothing."""
    sides = {key: line[key] for key in ("vat_debit", "vat_credit") if key in line}
    left_out = {"vat_gl"} if any(Decimal(side) for side in sides.values()) else {"vat_gl", *sides}
    return {key: value for key, value in line.items() if key not in left_out}


def debtor_code(debtor: Debtor) -> str | None:
    return debtor.customer.id if debtor.customer else debtor.account


def _document(document: Document) -> dict[str, Any]:
    if isinstance(document, SalesEntry):
        return _entry(document)
    if isinstance(document, JournalEntry):
        return _journal_entry(document)
    if isinstance(document, CashEntry):
        return _cash_entry(document)
    words: dict[str, Any] = {
        "type": document.kind.value.replace("-", "_"),
        "ordered_by": debtor_code(document.debtor),
        "date": document.day.isoformat(),
        "yourRef": document.reference,
        "lines": [
            {
                "item": line.item.id or line.item.till_item,
                "quantity": line.quantity,
                "unit_price_incl": line.unit_price_incl_vat,
                "vat_code": line.vat_code,
                "line_amount_incl": f"{line.amount_incl_vat:.2f}",
            }
            for line in document.lines
        ],
        "total_incl": f"{document.total_incl_vat:.2f}",
    }
    if isinstance(document, SalesInvoice):
        words |= {"journal": document.journal, "exact_type": 8021 if document.is_credit else 8020}
    return words


def _entry(entry: SalesEntry) -> dict[str, Any]:
    return {
        "type": "sales_entry",
        "exact_type": 21 if entry.is_credit else 20,
        "journal": entry.journal,
        "customer": debtor_code(entry.debtor),
        "date": entry.day.isoformat(),
        "yourRef": entry.reference,
        "description": entry.description,
        "lines": [
            {
                "gl": line.ledger,
                "vat_code": line.vat_code,
                "amount_net": str(line.amount_excl_vat),
                "vat_amount": str(line.vat_amount),
            }
            for line in entry.lines
        ],
        "debtor_amount": str(entry.open_amount),
    }


def _journal_entry(entry: JournalEntry) -> dict[str, Any]:
    return {
        "type": "general_journal",
        "journal": entry.journal,
        "date": entry.day.isoformat(),
        "yourRef": entry.reference,
        "lines": [
            {
                "gl": line.ledger or "1300",
                **_sides("", line.amount),
                **({"account": debtor_code(line.debtor)} if line.debtor else {}),
                **({"vat_code": line.vat_code} if line.vat_code else {}),
                **(_sides("vat_", line.vat_amount) if line.vat_amount else {}),
            }
            for line in entry.lines
        ],
    }


def _sides(name: str, amount: Decimal) -> dict[str, str]:
    return {f"{name}debit": f"{max(amount, ZERO):.2f}", f"{name}credit": f"{max(-amount, ZERO):.2f}"}


def _cash_entry(entry: CashEntry) -> dict[str, Any]:
    return {
        "type": "cash_entry",
        "journal": entry.journal,
        "date": entry.day.isoformat(),
        "yourRef": entry.reference,
        "lines": [
            {
                "gl": line.ledger or "1300",
                "amount": f"{-line.amount:.2f}",
                **({"account": debtor_code(line.debtor)} if line.debtor else {}),
                **(
                    {"vat_code": line.vat_code, "vat_amount": f"{-line.vat_amount:.2f}"}
                    if line.vat_code
                    else {}
                ),
            }
            for line in entry.lines
        ],
        "balance_change": f"{entry.balance_change:.2f}",
    }
