"""Corrections of entries and journals, as postings on ledgers; credit is positive.

What an amount stands on is summed over what stands and what is wanted; only what differs is booked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from libs.common.domain.choices import missing, vat_code_without_vat
from libs.common.domain.day_total import added_up
from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    EntryLine,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesOrder,
)
from libs.common.domain.family import (
    Correcting,
    Family,
    debtors_of,
    described_journal,
    headed,
    renamed,
    who_is,
)
from libs.common.domain.money import sum_of
from libs.common.domain.payments import Payments, payments_taken_back, payments_together
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO


def correct_postings(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """Entries where turnover changes, else a journal of the money alone."""
    if any(place.is_turnover for place in _postings(family)):
        return _entries(family, how, rules)
    return _journal(_money_lines(family), family, how, rules)


def have_same_postings(family: Family) -> bool:
    return not (_postings(family) or _opens(family))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an amount stands: turnover with its debtor, VAT code and cost centre; money on a ledger alone."""

    ledger: str
    vat_code: str = ""
    cost_center: str | None = None
    debtor: str = ""
    is_turnover: bool = False


@dataclass(frozen=True, slots=True)
class _Posting:
    amount_excl_vat: Decimal
    vat_amount: Decimal
    payments: Payments
    line: EntryLine | JournalLine
    """The newest line there, for its words."""

    def plus(self, other: _Posting, sign: int) -> _Posting:
        payments = other.payments if sign > 0 else payments_taken_back(other.payments)
        return _Posting(
            self.amount_excl_vat + sign * other.amount_excl_vat,
            self.vat_amount + sign * other.vat_amount,
            payments_together((*self.payments, *payments)),
            other.line,
        )


def _postings(family: Family) -> dict[_Place, _Posting]:
    sums: dict[_Place, _Posting] = {}
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            for place, posting in _posted(document):
                before = sums.get(place, _Posting(ZERO, ZERO, (), posting.line))
                sums[place] = before.plus(posting, sign)
    return {place: one for place, one in sums.items() if one.amount_excl_vat or one.vat_amount}


def _posted(document: Document) -> Iterable[tuple[_Place, _Posting]]:
    if isinstance(document, SalesEntry):
        yield from (_of_entry(line, who_is(document.debtor)) for line in document.lines)
    elif isinstance(document, JournalEntry):
        for line in document.lines:
            if line.ledger is not None:
                place = _Place(line.ledger, line.vat_code or "", line.cost_center)
                yield place, _Posting(ZERO - line.amount, ZERO - line.vat_amount, line.payments, line)


def _of_entry(line: EntryLine, who: str) -> tuple[_Place, _Posting]:
    posting = _Posting(line.amount_excl_vat, line.vat_amount, line.payments, line)
    if not line.sale_lines:
        return _Place(line.ledger), posting
    return _Place(line.ledger, line.vat_code, line.cost_center, who, is_turnover=True), posting


def _opens(family: Family) -> dict[str, Decimal]:
    """What is left open on each debtor, debit positive."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for sign, documents in ((-1, family.standing), (1, family.wanted)):
        for document in documents:
            if isinstance(document, SalesEntry):
                sums[who_is(document.debtor)] += sign * document.open_amount
            elif isinstance(document, JournalEntry):
                for line in document.lines:
                    if line.ledger is None:
                        sums[who_is(line.debtor or Debtor())] += sign * line.amount
    return {who: amount for who, amount in sums.items() if amount}


def _entries(family: Family, how: Correcting, rules: Rules) -> tuple[Document, ...] | Problem:
    """One entry for each debtor whose turnover changes; what money is left over in a journal."""
    postings, known = _postings(family), debtors_of(family)
    whose = list(dict.fromkeys(place.debtor for place in postings if place.is_turnover))
    money = {place: one for place, one in postings.items() if not place.is_turnover}
    none = vat_code_without_vat(rules)
    if money and isinstance(none, Problem):
        return none
    without_vat = "" if isinstance(none, Problem) else none.value
    bears_vat = any(place.vat_code for place in money)  # a deposit's, which only a journal can hold alone
    is_one = len(whose) == 1 and set(_opens(family)) <= set(whose) and not bears_vat
    entries: list[SalesEntry] = []
    for who in whose:
        turnover = {
            place: one for place, one in postings.items() if place.is_turnover and place.debtor == who
        }
        chosen = turnover | money if is_one else turnover
        lines = [_entry_line(place, one, without_vat) for place, one in chosen.items()]
        entries.append(_entry(family, known[who], lines, how))
    if is_one:
        return tuple(entries)
    journal = _journal(_money_lines(family, less=entries), family, how, rules)
    return journal if isinstance(journal, Problem) else (*entries, *journal)


def _entry_line(place: _Place, posting: _Posting, without_vat: str) -> EntryLine:
    line = posting.line
    return EntryLine(
        ledger=place.ledger,
        vat_code=place.vat_code or without_vat,
        amount_excl_vat=posting.amount_excl_vat,
        vat_amount=posting.vat_amount,
        description=line.description,
        cost_center=line.cost_center,
        because=line.because,
        sale_lines=line.sale_lines,
        payments=posting.payments,
    )


def _entry(family: Family, debtor: Debtor, lines: Sequence[EntryLine], how: Correcting) -> SalesEntry:
    models = [one for one in (*family.standing, *family.wanted) if isinstance(one, SalesEntry)]
    model = next((one for one in reversed(models) if who_is(one.debtor) == who_is(debtor)), models[-1])
    turnover = sum_of(line.amount_incl_vat for line in lines if line.sale_lines)
    return replace(
        renamed(model, how),
        debtor=debtor,
        total_incl_vat=turnover,
        open_amount=sum_of(line.amount_incl_vat for line in lines),
        lines=tuple(lines),
        is_credit=turnover < ZERO,
    )


def _money_lines(family: Family, less: Iterable[SalesEntry] = ()) -> tuple[JournalLine, ...]:
    """The change of money and of debtors as journal lines, without what these entries bring to debtors."""
    lines = [_journal_line(place, one) for place, one in _postings(family).items() if not place.is_turnover]
    known = debtors_of(family)
    opens = [
        JournalLine(amount=amount, debtor=known[who], because="corrections.style")
        for who, amount in _opens(family).items()
    ]
    brought = [JournalLine(amount=-entry.open_amount, debtor=entry.debtor) for entry in less]
    return added_up([*lines, *opens, *brought])


def _journal_line(place: _Place, posting: _Posting) -> JournalLine:
    line = posting.line
    return JournalLine(
        amount=ZERO - posting.amount_excl_vat,
        ledger=place.ledger,
        vat_code=place.vat_code or None,
        vat_amount=ZERO - posting.vat_amount,
        description=line.description,
        cost_center=place.cost_center,
        because=line.because,
        sales=line.sales if isinstance(line, JournalLine) else (),
        payments=posting.payments,
    )


def _journal(
    lines: Sequence[JournalLine], family: Family, how: Correcting, rules: Rules
) -> tuple[Document, ...] | Problem:
    if not lines:
        return ()
    models = (*family.standing, *family.wanted)
    model = next((one for one in reversed(models) if isinstance(one, JournalEntry)), None)
    journal = model.journal if model is not None else rules.journals.general
    receivables = next((_receivables(one) for one in reversed(models)), None)
    if not journal:
        return missing("journals.general")
    if not receivables:
        return missing("journals.sales")
    suffix = how.suffix("general-journal")
    reference = how.reference + suffix
    return (
        JournalEntry(
            reference=reference,
            journal=journal,
            receivables_journal=receivables,
            day=how.day,
            description=described_journal(models[0], reference),
            lines=tuple(headed(line, reference, how.reference) for line in lines),
            currency=models[0].currency,
        ),
    )


def _receivables(document: Document) -> str | None:
    if isinstance(document, JournalEntry | CashEntry):
        return document.receivables_journal
    return None if isinstance(document, SalesOrder) else document.journal
