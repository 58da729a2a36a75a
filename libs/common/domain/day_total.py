"""One business day as one document: its sales' lines added up, in the form the rules choose (5.4).

A day's lines are journal lines, debit positive, and together nothing: turnover by ledger and VAT code,
money by ledger, what stays open by debtor. The same lines make a day's first document and each supplement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from libs.common.domain.books import UNKNOWN, Books
from libs.common.domain.choices import missing, outlet_rules, sales_journal, vat_code_without_vat
from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    EntryLine,
    JournalEntry,
    JournalLine,
    SalesEntry,
)
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.payments import payments_taken_back, payments_together
from libs.common.domain.problem import Problem
from libs.common.domain.rules import PaymentKind, Rules, Settlement
from libs.common.domain.sale import ZERO, Sale
from libs.common.domain.vat import share_vat, vat_within

Place = tuple[str, ...]
NO_PAYMENT = (PaymentKind.GIFT_CARD, PaymentKind.STORE_CREDIT, PaymentKind.COST)


@dataclass(frozen=True, slots=True)
class _Heading:
    reference: str
    day: date
    description: str
    currency: str


def part_of_day(sale: Sale, rules: Rules) -> str:
    """Which of an outlet's totals a sale belongs to, where there is more than one a day."""
    match rules.daily_totals.per:
        case "register":
            return sale.register
        case "revenue-center":
            return sale.revenue_center[0]
        case "outlet":
            return ""


def day_documents(
    reference: str,
    day: date,
    outlet_name: str,
    lines: Iterable[JournalLine],
    rules: Rules,
    *,
    outlet: str = "",
    books: Books = UNKNOWN,
    currency: str = "EUR",
) -> tuple[Document, ...] | Problem:
    """The documents of a day, the one with the turnover first; none where its lines come to nothing."""
    together = added_up(lines)
    if rules.daily_totals.vat == "recompute":
        together = _recomputed(together, rules, books)
    if not together:
        return ()
    heading = _heading(reference, day, outlet_name, currency)
    match rules.daily_totals.document:
        case "general-journal":
            return _general_journal(heading, together, rules, outlet)
        case "cash-entry":
            return _cash_entry(heading, together, rules, outlet)
        case "sales-entry":
            return _sales_entry(heading, together, rules, outlet)


def day_settlement(
    reference: str,
    day: date,
    outlet_name: str,
    lines: Iterable[JournalLine],
    rules: Rules,
    *,
    outlet: str = "",
    currency: str = "EUR",
) -> tuple[Document, ...] | Problem:
    """The money of a day whose receipts are booked one by one; none where it comes to nothing."""
    together = added_up(lines)
    if not together:
        return ()
    receivables = sales_journal(outlet, rules)
    if isinstance(receivables, Problem):
        return receivables
    if not rules.journals.general:
        return missing("journals.general")
    heading = _heading(reference, day, outlet_name, currency)
    return (_journal(heading, together, rules.journals.general, receivables),)


def _heading(reference: str, day: date, outlet_name: str, currency: str) -> _Heading:
    whose = f"{outlet_name} {day:%d-%m-%Y}".strip()
    return _Heading(reference, day, f"{reference} {whose}", currency)


def turnover_by_code(lines: Iterable[JournalLine], rules: Rules) -> dict[str, tuple[Decimal, Decimal]]:
    """Gross and VAT of the turnover in a day's lines, by VAT code; liabilities sold as lines apart."""
    apart = ledgers_without_turnover(rules)
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        if line.sale_lines and line.ledger not in apart:
            code = line.vat_code or ""
            gross, vat = sums.get(code, (ZERO, ZERO))
            sums[code] = (gross - line.amount_incl_vat, vat - line.vat_amount)
    return sums


def ledgers_without_turnover(rules: Rules) -> frozenset[str]:
    """The ledgers of payments, liabilities and till movements."""
    chosen = rules.ledgers
    ledgers = {
        *(payment.ledger for payment in rules.payments.values()),
        chosen.gift_cards,
        chosen.store_credit,
        chosen.deposits,
        chosen.tips,
        chosen.cash_rounding,
        chosen.open_payments,
        chosen.cash_difference,
        chosen.cash_drops,
        chosen.petty_cash,
    }
    return frozenset(ledger for ledger in ledgers if ledger)


def added_up(lines: Iterable[JournalLine]) -> tuple[JournalLine, ...]:
    """One line a place, money first, then debtors, then turnover; what comes to nothing has none."""
    groups: dict[Place, list[JournalLine]] = {}
    for line in lines:
        groups.setdefault(_place(line), []).append(line)
    sums = [_sum(group) for _, group in sorted(groups.items())]
    return tuple(line for line in sums if line.amount or line.vat_amount)


def taken_back(lines: Iterable[JournalLine]) -> list[JournalLine]:
    """The mirror of lines: what makes them as if they had never been."""
    return [
        replace(
            line,
            amount=ZERO - line.amount,
            vat_amount=ZERO - line.vat_amount,
            payments=payments_taken_back(line.payments),
        )
        for line in lines
    ]


def _place(line: JournalLine) -> Place:
    """Where a line adds up; so sorted, the order of sales doesn't show."""
    if line.sale_lines or line.vat_code is not None:
        return (
            "3 turnover",
            line.ledger or "",
            line.vat_code or "",
            line.cost_center or "",
            line.category,
            "sold" if line.sale_lines else "",
        )
    if line.ledger is not None:
        return ("1 ledger", line.ledger, line.cost_center or "")
    debtor = line.debtor or Debtor()
    if debtor.account is not None:
        return ("2 account", debtor.account)
    return ("2 customer", debtor.customer.id if debtor.customer else "")


def _sum(lines: Sequence[JournalLine]) -> JournalLine:
    """The last one's words of the debtor hold: it is the newest."""
    return replace(
        lines[-1],
        amount=sum_of(line.amount for line in lines),
        vat_amount=sum_of(line.vat_amount for line in lines),
        description=", ".join(_each_once(line.description for line in lines)),
        because=", ".join(_each_once(why for line in lines for why in line.because.split(", "))),
        sales=tuple(_each_once(sale for line in lines for sale in line.sales)),
        sale_lines=tuple(_each_once(sold for line in lines for sold in line.sale_lines)),
        payments=payments_together(part for line in lines for part in line.payments),
    )


def _each_once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _recomputed(lines: Sequence[JournalLine], rules: Rules, books: Books) -> tuple[JournalLine, ...]:
    """VAT of the day's gross of each code, where a code has one known rate (domain.md 4.5)."""
    groups: list[tuple[str, Decimal]] = []
    bearing: list[int] = []
    for index, line in enumerate(lines):
        rate = _rate_of(line.vat_code, rules, books)
        if rate is not None and line.sale_lines:
            groups.append((line.vat_code or "", vat_within(line.amount_incl_vat, rate)))
            bearing.append(index)
    codes = dict.fromkeys(code for code, _ in groups)
    of_codes = {code: to_cents(sum_of(vat for one, vat in groups if one == code)) for code in codes}
    recomputed = dict(zip(bearing, share_vat(of_codes, groups), strict=True))
    changed = [
        replace(line, amount=line.amount_incl_vat - recomputed[index], vat_amount=recomputed[index])
        if index in recomputed
        else line
        for index, line in enumerate(lines)
    ]
    return tuple(line for line in changed if line.amount or line.vat_amount)


def _rate_of(vat_code: str | None, rules: Rules, books: Books) -> Decimal | None:
    """By the rules' own rates; of a code that is chosen by class or category alone, as it is in the books."""
    rates = [
        Decimal(key)
        for key, code in rules.vat.items()
        if code == vat_code and key.replace(".", "", 1).isdigit()
    ]
    if not rates:
        return books.vat_rates.get(vat_code or "")
    return rates[0] if len(rates) == 1 else None


def _headed(lines: Iterable[JournalLine], reference: str) -> tuple[JournalLine, ...]:
    return tuple(replace(line, description=f"{reference} {line.description}".strip()) for line in lines)


def _general_journal(
    heading: _Heading, lines: Sequence[JournalLine], rules: Rules, outlet: str
) -> tuple[Document, ...] | Problem:
    journal = outlet_rules(outlet, rules).journal or rules.journals.general
    if not journal:
        return missing("journals.general")
    if not rules.journals.sales:
        return missing("journals.sales")
    return (_journal(heading, lines, journal, rules.journals.sales),)


def _journal(
    heading: _Heading, lines: Iterable[JournalLine], journal: str, receivables_journal: str
) -> JournalEntry:
    return JournalEntry(
        reference=heading.reference,
        journal=journal,
        receivables_journal=receivables_journal,
        day=heading.day,
        description=heading.description,
        lines=_headed(lines, heading.reference),
        currency=heading.currency,
    )


def _cash_entry(
    heading: _Heading, lines: Sequence[JournalLine], rules: Rules, outlet: str
) -> tuple[Document, ...] | Problem:
    """The cash journal's own ledger takes the cash; every other line stands against it."""
    journal = outlet_rules(outlet, rules).journal or rules.journals.cash
    if not journal:
        return missing("journals.cash")
    if not rules.journals.sales:
        return missing("journals.sales")
    others = tuple(line for line in lines if not _is_cash(line, rules))
    if not others:
        return ()
    return (
        CashEntry(
            reference=heading.reference,
            journal=journal,
            receivables_journal=rules.journals.sales,
            day=heading.day,
            description=heading.description,
            lines=_headed(others, heading.reference),
            balance_change=ZERO - sum_of(line.amount_incl_vat for line in others),
            currency=heading.currency,
        ),
    )


def _is_cash(line: JournalLine, rules: Rules) -> bool:
    """By its ledger; by how it was paid where the rules have named another ledger since."""
    if line.ledger is None or line.vat_code is not None:
        return False
    cash = {id_: rule.ledger for id_, rule in rules.payments.items() if rule.kind is PaymentKind.CASH}
    paid = {part.payment_type for part in line.payments}
    return line.ledger in cash.values() or (bool(paid) and paid <= cash.keys())


def _sales_entry(
    heading: _Heading, lines: Sequence[JournalLine], rules: Rules, outlet: str
) -> tuple[Document, ...] | Problem:
    """The turnover on the default debtor; the money inside, or in a journal of its own with the debtors.

    Where payments aren't booked because the bank's feed matches them, what no bank will tell is inside, as in
    a single entry: liabilities, costs and rounding.
    """
    journal = outlet_rules(outlet, rules).journal or rules.journals.sales
    none = vat_code_without_vat(rules)
    if isinstance(none, Problem):
        return none
    if not journal:
        return missing("journals.sales")
    if not rules.debtor.default_account:
        return missing("debtor.default_account")
    if rules.settlement is Settlement.NONE:
        lines = [line for line in lines if line.vat_code is not None or not _is_payment(line, rules)]
    inside = [line for line in lines if line.vat_code is not None or _is_money_inside(line, rules)]
    outside = [line for line in lines if line not in inside]
    entry_lines = tuple(_entry_line(line, none.value) for line in inside)
    open_amount = sum_of(line.amount_incl_vat for line in entry_lines)
    turnover = sum_of(line.amount_incl_vat for line in entry_lines if line.sale_lines)
    entry = SalesEntry(
        reference=heading.reference,
        journal=journal,
        debtor=Debtor(account=rules.debtor.default_account),
        day=heading.day,
        description=heading.description,
        total_incl_vat=turnover,
        open_amount=open_amount,
        lines=entry_lines,
        is_credit=turnover < ZERO,
        payment_condition=rules.payment_condition,
        currency=heading.currency,
    )
    if not outside:
        return (entry,) if inside else ()
    return _with_settlement(entry, heading, outside, rules, journal)


def _is_money_inside(line: JournalLine, rules: Rules) -> bool:
    return line.ledger is not None and rules.settlement in (Settlement.IN_ENTRY, Settlement.NONE)


def _is_payment(line: JournalLine, rules: Rules) -> bool:
    """Whether it passes through a bank or a till, by its ledger."""
    ledgers = {rule.ledger for rule in rules.payments.values() if rule.kind not in NO_PAYMENT}
    return line.ledger is not None and line.ledger in ledgers


def _entry_line(line: JournalLine, without_vat: str) -> EntryLine:
    return EntryLine(
        ledger=line.ledger or "",
        vat_code=line.vat_code or without_vat,
        amount_excl_vat=ZERO - line.amount,
        vat_amount=ZERO - line.vat_amount,
        description=line.description,
        cost_center=line.cost_center,
        because=line.because,
        sale_lines=line.sale_lines,
        payments=line.payments,
    )


def _with_settlement(
    entry: SalesEntry,
    heading: _Heading,
    outside: Sequence[JournalLine],
    rules: Rules,
    receivables_journal: str,
) -> tuple[Document, ...] | Problem:
    if not rules.journals.general:
        return missing("journals.general")
    settled = sum_of(line.amount for line in outside)
    against = JournalLine(amount=ZERO - settled, debtor=entry.debtor, because="debtor.default_account")
    lines = [*outside, against] if settled else list(outside)
    journal = _journal(heading, lines, rules.journals.general, receivables_journal)
    return (entry, journal) if entry.lines else (journal,)
