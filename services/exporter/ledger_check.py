"""Pure: the ledger's sums of one document against what the document says, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.document import CashEntry, Document, JournalEntry, SalesEntry, SalesInvoice
from libs.common.domain.sale import ZERO
from libs.common.exact.entities import DivisionFacts, Journaled, journal_ledger
from services.exporter.compare import Difference

REST = "vat"
"""What stands on no ledger that the document names: the VAT, on the ledgers of its codes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in Exact of one document; `differences` None where it wasn't found."""

    differences: tuple[Difference, ...] | None
    number: str = ""


def compare_ledger(
    document: Document, number: str, sums: Mapping[str, Decimal] | None, facts: DivisionFacts
) -> Seen:
    """`sums` by ledger, debit positive."""
    if not sums:
        return Seen(None, number)
    meant = ledger_sums(document, facts)
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
    return Seen(tuple(differences), number)


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
