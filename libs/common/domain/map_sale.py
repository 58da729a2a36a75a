"""One sale under one merchant's rules: what must stand in Exact, nothing, or what stands in the way.

Pure, so that the mapper can book with it and the portal preview and explain.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from libs.common.domain.books import UNKNOWN, Books
from libs.common.domain.business_day import day_at_till
from libs.common.domain.choices import other_rate, outlet_rules, sales_journal
from libs.common.domain.debtor import ChosenDebtor, debtor_of
from libs.common.domain.document import (
    Booking,
    ItemLine,
    JournalEntry,
    JournalLine,
    Nothing,
    NothingCode,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.entry import turnover_lines, turnover_of_day
from libs.common.domain.item_document import item_lines
from libs.common.domain.money import sum_of
from libs.common.domain.open_payments import journals_paid_apart
from libs.common.domain.problem import Problem, ProblemCode, other_currency
from libs.common.domain.receipt import Receipt, read_receipt
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import ZERO, Sale, SaleState
from libs.common.domain.settlement import (
    booked_tenders,
    debtor_line,
    journal_lines,
    lines_in_entry,
    settle_receipt,
    tenders_in_entry,
)
from libs.common.domain.takings import Tender
from libs.common.domain.till_events import booked_as

NOT_BOOKED = {
    SaleState.OPEN: NothingCode.NOT_COMPLETED,
    SaleState.CANCELLED: NothingCode.CANCELLED,
    SaleState.VOIDED: NothingCode.VOIDED,
    SaleState.INTERNAL: NothingCode.INTERNAL,
}
MAY_BE_PAID_APART = (NothingCode.NOT_COMPLETED, NothingCode.BEFORE_START)
Turnover = SalesEntry | SalesInvoice | SalesOrder


@dataclass(frozen=True, slots=True)
class _Heading:
    """What every document of a sale has in common."""

    reference: str
    description: str
    day: date
    outlet: str
    journal: str
    """The sales journal."""
    chosen: ChosenDebtor


def map_sale(
    sale: Sale, rules: Rules, *, number: str | None = None, books: Books = UNKNOWN
) -> Booking | Nothing | Problem:
    """`number` is what people know the receipt by, where another sale of the connection has it already."""
    outcome = _mapped(sale, rules, sale.number if number is None else number)
    if isinstance(outcome, Booking):
        return _unfit(sale, rules, books) or outcome
    return outcome


def _unfit(sale: Sale, rules: Rules, books: Books) -> Problem | None:
    """What the till has that the division's books would take for something else."""
    of_rate = (other_rate(line, rules, books.vat_rates) for line in sale.lines)
    return other_currency(sale.currency, books.currency) or next(filter(None, of_rate), None)


def _mapped(sale: Sale, rules: Rules, number: str) -> Booking | Nothing | Problem:
    nothing = _nothing_to_book(sale, rules)
    if nothing is not None and nothing.why not in MAY_BE_PAID_APART:
        return nothing
    outcome = nothing or _booked(sale, booked_as(sale, rules), number)
    if isinstance(outcome, Problem):
        return outcome
    paid_apart = journals_paid_apart(sale, rules, number)
    if isinstance(paid_apart, Problem):
        return paid_apart
    return _with_paid_apart(outcome, paid_apart) if paid_apart else outcome


def sale_day(sale: Sale, rules: Rules) -> date:
    """The business day on which a sale counts; of an open one, the day it last changed."""
    return day_at_till(sale.completed_at or sale.changed_at, sale, rules)


def _nothing_to_book(sale: Sale, rules: Rules) -> Nothing | None:
    if sale.state in NOT_BOOKED:
        return Nothing(NOT_BOOKED[sale.state])
    if rules.start_date is not None and sale_day(sale, rules) < rules.start_date:
        return Nothing(NothingCode.BEFORE_START)
    if not outlet_rules(sale.outlet, rules).enabled:
        return Nothing(NothingCode.OUTLET_DISABLED)
    return None


def _with_paid_apart(outcome: Booking | Nothing, paid_apart: tuple[JournalEntry, ...]) -> Booking:
    if isinstance(outcome, Nothing):
        return Booking(paid_apart)
    return replace(outcome, documents=(*outcome.documents, *paid_apart))


def _booked(sale: Sale, rules: Rules, number: str) -> Booking | Nothing | Problem:
    if sale.completed_at is None:
        return Problem(ProblemCode.SALE_UNREADABLE, (("what", "completed_at"),))
    receipt = read_receipt(sale, rules)
    if isinstance(receipt, Problem):
        return receipt
    if receipt.is_empty:
        return Nothing(NothingCode.NO_MONEY)
    if rules.mode is Mode.DAILY_TOTALS:
        return _share_of_day(receipt, rules)
    heading = _heading(receipt, rules, number)
    return heading if isinstance(heading, Problem) else _booking(receipt, heading, rules)


def _share_of_day(receipt: Receipt, rules: Rules) -> Booking | Nothing | Problem:
    """What the receipt adds to its day: turnover, money, and what the customer owes; together nothing."""
    turnover = turnover_of_day(receipt, rules)
    if isinstance(turnover, Problem):
        return turnover
    sale, owed = receipt.sale, receipt.takings.on_account
    debtor: tuple[JournalLine, ...] = ()
    if owed:
        chosen = debtor_of(sale, receipt.lines, rules, on_account=True)
        if isinstance(chosen, Problem):
            return chosen
        debtor = debtor_line(owed, chosen, sale.id)
    lines = (*turnover, *journal_lines(receipt.takings.tenders, sale.id), *debtor)
    return Booking((), day_lines=lines) if lines else Nothing(NothingCode.NO_MONEY)


def _heading(receipt: Receipt, rules: Rules, number: str) -> _Heading | Problem:
    sale = receipt.sale
    chosen = debtor_of(sale, receipt.lines, rules, on_account=bool(receipt.takings.on_account))
    if isinstance(chosen, Problem):
        return chosen
    journal = sales_journal(sale.outlet, rules)
    if isinstance(journal, Problem):
        return journal
    return _Heading(
        reference=f"{rules.reference_prefix}{number}",
        description=f"{sale.outlet_name or sale.outlet} / {number}",
        day=sale_day(sale, rules),
        outlet=sale.outlet,
        journal=journal,
        chosen=chosen,
    )


def _booking(receipt: Receipt, heading: _Heading, rules: Rules) -> Booking | Nothing | Problem:
    """The turnover and the money that it doesn't hold itself; money alone has no day to wait for."""
    turnover = _turnover_document(receipt, heading, rules)
    if isinstance(turnover, Problem):
        return turnover
    documents = () if turnover is None else (turnover,)
    money = _money_apart(receipt, turnover, heading, rules)
    if not money:
        return Booking(documents) if documents else Nothing(NothingCode.NO_MONEY)
    journal = settle_receipt(
        heading.reference,
        heading.description,
        heading.day,
        heading.outlet,
        money,
        rules,
        currency=receipt.sale.currency,
    )
    if isinstance(journal, Problem):
        return journal
    if documents and rules.settles is Settlement.PER_DAY:
        return Booking(documents, day_lines=money)
    return Booking((*documents, journal))


def _money_apart(
    receipt: Receipt, turnover: Turnover | None, heading: _Heading, rules: Rules
) -> tuple[JournalLine, ...]:
    inside: tuple[Tender, ...] = ()
    if isinstance(turnover, SalesEntry):
        inside = tenders_in_entry(receipt.takings, rules)
    tenders = [tender for tender in booked_tenders(receipt.takings, rules) if tender not in inside]
    settled = sum_of(tender.amount for tender in tenders)
    sale_id = receipt.sale.id
    return (*journal_lines(tenders, sale_id), *debtor_line(-settled, heading.chosen, sale_id))


def _turnover_document(receipt: Receipt, heading: _Heading, rules: Rules) -> Turnover | Problem | None:
    """None where the sale only moves money."""
    if rules.mode is Mode.TRANSACTIONS:
        return _sales_entry(receipt, heading, rules)
    lines = item_lines(receipt, rules)
    if isinstance(lines, Problem):
        return lines
    if not lines:
        return None
    if rules.mode is Mode.INVOICES:
        return _sales_invoice(receipt, heading, lines, rules)
    return _sales_order(receipt, heading, lines, rules)


def _sales_entry(receipt: Receipt, heading: _Heading, rules: Rules) -> SalesEntry | Problem | None:
    turnover = turnover_lines(receipt, rules)
    if isinstance(turnover, Problem):
        return turnover
    if not turnover:
        return None
    tenders = tenders_in_entry(receipt.takings, rules)
    money = lines_in_entry(tenders, rules)
    if isinstance(money, Problem):
        return money
    return SalesEntry(
        reference=heading.reference,
        journal=heading.journal,
        debtor=heading.chosen.debtor,
        day=heading.day,
        description=heading.description,
        total_incl_vat=receipt.total,
        open_amount=receipt.total - sum_of(tender.amount for tender in tenders),
        lines=(*turnover, *money),
        is_credit=receipt.total < ZERO,
        payment_condition=rules.payment_condition,
        currency=receipt.sale.currency,
    )


def _sales_invoice(
    receipt: Receipt, heading: _Heading, lines: tuple[ItemLine, ...], rules: Rules
) -> SalesInvoice:
    return SalesInvoice(
        reference=heading.reference,
        journal=heading.journal,
        debtor=heading.chosen.debtor,
        day=heading.day,
        description=heading.description,
        total_incl_vat=receipt.total,
        lines=lines,
        is_credit=receipt.total < ZERO,
        is_printed=rules.invoices.print,
        send=rules.invoices.send,
        warehouse=outlet_rules(heading.outlet, rules).warehouse,
        payment_condition=rules.payment_condition,
        currency=receipt.sale.currency,
    )


def _sales_order(
    receipt: Receipt, heading: _Heading, lines: tuple[ItemLine, ...], rules: Rules
) -> SalesOrder:
    return SalesOrder(
        reference=heading.reference,
        debtor=heading.chosen.debtor,
        day=heading.day,
        description=heading.description,
        total_incl_vat=receipt.total,
        lines=lines,
        warehouse=outlet_rules(heading.outlet, rules).warehouse,
        payment_condition=rules.payment_condition,
        currency=receipt.sale.currency,
    )
