"""Pure: what stands of one document, by ledger and VAT code, against what the document says, to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.document import CashEntry, Document, JournalEntry, SalesEntry, SalesInvoice
from libs.common.domain.sale import ZERO
from libs.common.exact.entities import DivisionFacts, Journaled, journal_ledger
from services.exporter.compare import Difference

REST = "vat"
"""What stands on no ledger that the document names: the VAT, on the ledgers of its codes."""


LedgerSums = dict[tuple[str, str], Decimal]
"""By ledger and VAT code, empty where a line shows none; debit positive, without the VAT."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in Exact of one document; `differences` None where it wasn't found."""

    differences: tuple[Difference, ...] | None
    number: str = ""


def compare_ledger(document: Document, number: str, found: LedgerSums | None, facts: DivisionFacts) -> Seen:
    if not found:
        return Seen(None, number)
    meant = ledger_sums(document, facts)
    sums: dict[str, Decimal] = {}
    for (ledger, _), amount in found.items():
        _add(sums, ledger, amount)
    if isinstance(document, SalesInvoice):  # its ledgers are the items' own
        told = {ledger: sums.get(ledger, ZERO) for ledger in meant}
    else:
        told = {ledger: sums.get(ledger, ZERO) for ledger in meant if ledger != REST}
        told[REST] = sum((amount for ledger, amount in sums.items() if ledger not in meant), ZERO)
    differences = [
        (ledger, _money(amount), _money(told[ledger]))
        for ledger, amount in meant.items()
        if told[ledger] != amount
    ]
    return Seen((*differences, *_other_codes(document, found)), number)


def _other_codes(document: Document, found: LedgerSums) -> list[Difference]:
    """Turnover that stands under other codes, be the sum of its ledger right.

    A ledger with lines that show no code tells nothing. What a printed invoice has can't be changed.
    """
    meant = _turnover_by_code(document)
    differences: list[Difference] = []
    for ledger in dict.fromkeys(ledger for ledger, _ in meant):
        told = {code: amount for (of_ledger, code), amount in found.items() if of_ledger == ledger}
        wanted = {code: amount for (of_ledger, code), amount in meant.items() if of_ledger == ledger}
        if told.get("", ZERO) or not any(told.values()):
            continue
        differences += [
            (f"{ledger} {code}", _money(wanted.get(code, ZERO)), _money(told.get(code, ZERO)))
            for code in sorted({*wanted, *told} - {""})
            if wanted.get(code, ZERO) != told.get(code, ZERO)
        ]
    return differences


def _turnover_by_code(document: Document) -> LedgerSums:
    """Of the ledgers that hold turnover, all that the document puts there."""
    lines: list[tuple[str | None, str | None, Decimal, bool]] = []
    if isinstance(document, SalesEntry):
        lines = [
            (line.ledger, line.vat_code, -line.amount_excl_vat, bool(line.sale_lines))
            for line in document.lines
        ]
    elif isinstance(document, JournalEntry | CashEntry):
        lines = [(line.ledger, line.vat_code, line.amount, bool(line.sale_lines)) for line in document.lines]
    of_turnover = {ledger for ledger, _, _, is_turnover in lines if is_turnover}
    sums: LedgerSums = {}
    for ledger, code, amount, _ in lines:
        if ledger in of_turnover and ledger is not None:
            place = ledger.lower(), (code or "").strip()
            sums[place] = sums.get(place, ZERO) + amount
    return sums


def ledger_sums(document: Document, facts: DivisionFacts) -> dict[str, Decimal]:
    match document:
        case SalesEntry():
            return _of_entry(document, facts)
        case JournalEntry():
            return _of_journal(document, facts)
        case CashEntry():
            return _of_cash(document, facts)
        case SalesInvoice():
            receivable = facts.receivables.get(document.journal.strip())
            return {receivable.lower(): document.total_incl_vat} if receivable else {}
    return {}


def _of_entry(entry: SalesEntry, facts: DivisionFacts) -> dict[str, Decimal]:
    sums = {REST: ZERO}
    receivable = facts.receivables.get(entry.journal.strip())
    _add(sums, receivable or REST, entry.open_amount)
    for line in entry.lines:
        _add(sums, line.ledger, -line.amount_excl_vat)
        _add(sums, REST, -line.vat_amount)
    return sums


def _of_journal(entry: Journaled, facts: DivisionFacts) -> dict[str, Decimal]:
    sums = {REST: ZERO}
    for line in entry.lines:
        _add(sums, journal_ledger(line, entry, facts), line.amount)
        _add(sums, REST, line.vat_amount)
    return sums


def _of_cash(entry: CashEntry, facts: DivisionFacts) -> dict[str, Decimal]:
    sums = _of_journal(entry, facts)
    _add(sums, facts.cash_ledgers.get(entry.journal.strip()) or REST, entry.balance_change)
    return sums


def _add(sums: dict[str, Decimal], ledger: str, amount: Decimal) -> None:
    sums[ledger.lower()] = sums.get(ledger.lower(), ZERO) + amount


def _money(amount: Decimal) -> str:
    return format(amount.quantize(Decimal("0.01")) + ZERO, "f")
