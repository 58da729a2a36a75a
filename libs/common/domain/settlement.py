"""How the money of a sale meets its turnover: in the entry, in a journal of its own, or in its day's.

Of a sale on account only what was paid is settled; the rest stays open on the customer's own debtor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from libs.common.domain.choices import missing, sales_journal, vat_code_without_vat
from libs.common.domain.debtor import ChosenDebtor
from libs.common.domain.document import Debtor, EntryLine, JournalEntry, JournalLine
from libs.common.domain.money import sum_of
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.takings import Takings


def lines_in_entry(takings: Takings, rules: Rules) -> tuple[EntryLine, ...] | Problem:
    """The money as negative lines of the sales entry, on the payment ledgers and without VAT."""
    vat = vat_code_without_vat(rules)
    if isinstance(vat, Problem):
        return vat if takings.tenders else ()
    return tuple(
        EntryLine(
            ledger=tender.ledger,
            vat_code=vat.value,
            amount_excl_vat=-tender.amount,
            vat_amount=Decimal("0.00"),
            description=tender.names,
            because=f"{tender.because}, {vat.because}",
        )
        for tender in takings.tenders
    )


def journal_lines(takings: Takings, chosen: ChosenDebtor, sale_id: str) -> tuple[JournalLine, ...]:
    """The money as debits of the payment ledgers, against the debtor."""
    tenders = [
        JournalLine(
            amount=tender.amount,
            ledger=tender.ledger,
            description=tender.names,
            because=tender.because,
            sales=(sale_id,),
        )
        for tender in takings.tenders
    ]
    if not takings.received:
        return tuple(tenders)
    settled = JournalLine(
        amount=-takings.received, debtor=chosen.debtor, because=chosen.because, sales=(sale_id,)
    )
    return (*tenders, settled)


def settle_receipt(
    reference: str, description: str, day: date, outlet: str, lines: Sequence[JournalLine], rules: Rules
) -> JournalEntry | Problem:
    """One receipt's journal; its reference stands at the head of every line."""
    receivables = sales_journal(outlet, rules)
    if isinstance(receivables, Problem):
        return receivables
    if not rules.journals.general:
        return missing("journals.general")
    return JournalEntry(
        reference=reference,
        journal=rules.journals.general,
        receivables_journal=receivables,
        day=day,
        description=f"{reference} {description}".strip(),
        lines=tuple(_headed(line, reference) for line in lines),
    )


def close_settlement(
    reference: str,
    day: date,
    outlet_name: str,
    money_lines: Iterable[JournalLine],
    rules: Rules,
    *,
    outlet: str = "",
) -> JournalEntry | None:
    """Adds a day's money up: one line a payment ledger, one a debtor, none where they come to nothing.

    `outlet` is the till's id, for an outlet with a sales journal of its own. `ValueError` where the rules
    have lost a journal since the day's sales were mapped.
    """
    lines = _added_up(money_lines)
    if not lines:
        return None
    entry = settle_receipt(reference, outlet_name, day, outlet, lines, rules)
    if isinstance(entry, Problem):
        raise ValueError(f"the settlement {reference} can't be closed: {entry.cause}")
    return entry


def _added_up(lines: Iterable[JournalLine]) -> tuple[JournalLine, ...]:
    groups: dict[tuple[str, ...], list[JournalLine]] = {}
    for line in lines:
        groups.setdefault(_place(line), []).append(line)
    sums = [_sum(group) for _, group in sorted(groups.items())]
    return tuple(line for line in sums if line.amount)


def _place(line: JournalLine) -> tuple[str, ...]:
    """Where a line adds up, the tenders before the debtors, so that the order of sales doesn't show."""
    if line.ledger is not None:
        return ("0 ledger", line.ledger)
    debtor = line.debtor or Debtor()
    if debtor.account is not None:
        return ("1 account", debtor.account)
    return ("2 customer", debtor.customer.id if debtor.customer else "")


def _sum(lines: Sequence[JournalLine]) -> JournalLine:
    return replace(
        lines[-1],
        amount=sum_of(line.amount for line in lines),
        description=", ".join(dict.fromkeys(line.description for line in lines if line.description)),
        because=", ".join(dict.fromkeys(line.because for line in lines if line.because)),
        sales=tuple(dict.fromkeys(sale for line in lines for sale in line.sales)),
    )


def _headed(line: JournalLine, reference: str) -> JournalLine:
    return replace(line, description=f"{reference} {line.description}".strip())
