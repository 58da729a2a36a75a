"""One sale under one merchant's rules: what must stand in Exact, nothing, or what stands in the way.

Pure, so that the mapper can book with it and the portal preview and explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from libs.common.domain.business_day import business_day
from libs.common.domain.choices import missing, outlet_rules, sales_journal
from libs.common.domain.debtor import ChosenDebtor, debtor_of
from libs.common.domain.document import (
    Booking,
    Nothing,
    NothingCode,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.entry import turnover_lines
from libs.common.domain.item_document import item_lines
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.receipt import Receipt, read_receipt
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import ZERO, Sale, SaleState
from libs.common.domain.settlement import journal_lines, lines_in_entry, settle_receipt
from libs.common.domain.till_events import event_of, not_booked_yet

NOT_BOOKED = {
    SaleState.OPEN: NothingCode.NOT_COMPLETED,
    SaleState.CANCELLED: NothingCode.CANCELLED,
    SaleState.VOIDED: NothingCode.VOIDED,
}


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


def map_sale(sale: Sale, rules: Rules, *, number: str | None = None) -> Booking | Nothing | Problem:
    """`number` is what people know the receipt by, where another sale of the connection has it already."""
    nothing = _nothing_to_book(sale, rules)
    if nothing is not None:
        return nothing
    problem = _not_bookable(sale, rules)
    if problem is not None:
        return problem
    receipt = read_receipt(sale, rules)
    if isinstance(receipt, Problem):
        return receipt
    if receipt.is_empty:
        return Nothing(NothingCode.NO_MONEY)
    heading = _heading(receipt, rules, sale.number if number is None else number)
    return heading if isinstance(heading, Problem) else _booking(receipt, heading, rules)


def sale_day(sale: Sale, rules: Rules) -> date:
    """The business day on which a sale counts; of an open one, the day it last changed."""
    return business_day(sale.completed_at or sale.changed_at, sale.time_zone, rules.day_end)


def _nothing_to_book(sale: Sale, rules: Rules) -> Nothing | None:
    if sale.state in NOT_BOOKED:
        return Nothing(NOT_BOOKED[sale.state])
    if rules.start_date is not None and sale_day(sale, rules) < rules.start_date:
        return Nothing(NothingCode.BEFORE_START)
    if not outlet_rules(sale.outlet, rules).enabled:
        return Nothing(NothingCode.OUTLET_DISABLED)
    return None


def _not_bookable(sale: Sale, rules: Rules) -> Problem | None:
    if sale.completed_at is None:
        return Problem(ProblemCode.SALE_UNREADABLE, (("what", "completed_at"),))
    if rules.mode is Mode.DAILY_TOTALS:
        return missing("mode")
    event = event_of(sale, rules)
    return not_booked_yet(event) if event else None


def _heading(receipt: Receipt, rules: Rules, number: str) -> _Heading | Problem:
    sale = receipt.sale
    chosen = debtor_of(sale, rules, on_account=bool(receipt.takings.on_account))
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
    turnover = _turnover_document(receipt, heading, rules)
    if isinstance(turnover, Problem):
        return turnover
    money = journal_lines(receipt.takings, heading.chosen, receipt.sale.id)
    if not money or rules.settles in (Settlement.NONE, Settlement.IN_ENTRY):
        return Booking((turnover,)) if turnover.lines else Nothing(NothingCode.NO_MONEY)
    journal = settle_receipt(
        heading.reference, heading.description, heading.day, heading.outlet, money, rules
    )
    if isinstance(journal, Problem):
        return journal
    if not turnover.lines:  # money that only changes form has no day to wait for
        return Booking((journal,))
    if rules.settles is Settlement.PER_DAY:
        return Booking((turnover,), day_lines=money)
    return Booking((turnover, journal))


def _turnover_document(
    receipt: Receipt, heading: _Heading, rules: Rules
) -> SalesEntry | SalesInvoice | SalesOrder | Problem:
    if rules.mode is Mode.TRANSACTIONS:
        return _sales_entry(receipt, heading, rules)
    if rules.mode is Mode.INVOICES:
        return _sales_invoice(receipt, heading, rules)
    return _sales_order(receipt, heading, rules)


def _sales_entry(receipt: Receipt, heading: _Heading, rules: Rules) -> SalesEntry | Problem:
    turnover = turnover_lines(receipt, rules)
    if isinstance(turnover, Problem):
        return turnover
    in_entry = rules.settles is Settlement.IN_ENTRY
    money = lines_in_entry(receipt.takings, rules) if in_entry else ()
    if isinstance(money, Problem):
        return money
    received = receipt.takings.received if in_entry else ZERO
    return SalesEntry(
        reference=heading.reference,
        journal=heading.journal,
        debtor=heading.chosen.debtor,
        day=heading.day,
        description=heading.description,
        total_incl_vat=receipt.total,
        open_amount=receipt.total - received,
        lines=(*turnover, *money),
        is_credit=receipt.total < ZERO,
        payment_condition=rules.payment_condition,
        currency=receipt.sale.currency,
    )


def _sales_invoice(receipt: Receipt, heading: _Heading, rules: Rules) -> SalesInvoice | Problem:
    lines = item_lines(receipt, rules)
    if isinstance(lines, Problem):
        return lines
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


def _sales_order(receipt: Receipt, heading: _Heading, rules: Rules) -> SalesOrder | Problem:
    lines = item_lines(receipt, rules)
    if isinstance(lines, Problem):
        return lines
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
