"""The journals of payments that are booked by themselves (`paid_apart`): one a business day.

What is paid on a sale that isn't completed yet stands against the ledger of open payments, where the rules
book that at once (V37); on a sale that runs on the customer's account, against the debtor (V15, V17) or, as a
deposit with its VAT, against the ledger of deposits (V19). When the sale is completed its takings are taken
from there, and the same journals come again with its booking: whoever compares what is wanted with what
stands finds them unchanged. Days before the start date have none: what was open then is part of the opening
balance.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from libs.common.domain.choices import missing, outlet_rules
from libs.common.domain.debtor import debtor_of
from libs.common.domain.deposit import may_leave_deposits, reserved_in
from libs.common.domain.document import JournalEntry, JournalLine
from libs.common.domain.money import sum_of
from libs.common.domain.paid_apart import is_ahead, paid_apart
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from libs.common.domain.settlement import debtor_line, journal_lines, settle_receipt
from libs.common.domain.takings import Tender, deposit_tender, merged, tender_of


def journals_paid_apart(sale: Sale, rules: Rules, number: str) -> tuple[JournalEntry, ...] | Problem:
    by_day = _tenders_by_day(sale, rules)
    if isinstance(by_day, Problem):
        return by_day
    journals = []
    for day, tenders in sorted(by_day.items()):
        journal = _journal(sale, day, merged(tenders), rules, number)
        if isinstance(journal, Problem):
            return journal
        journals.append(journal)
    return tuple(journal for journal in journals if journal.lines)


def _tenders_by_day(sale: Sale, rules: Rules) -> dict[date, list[Tender]] | Problem:
    by_day: dict[date, list[Tender]] = {}
    if not outlet_rules(sale.outlet, rules).enabled:
        return by_day
    for day, payment in paid_apart(sale, rules):
        if rules.start_date is not None and day < rules.start_date:
            continue
        tender = tender_of(payment, rules)
        if isinstance(tender, Problem):
            return tender
        by_day.setdefault(day, []).append(replace(tender, is_payment=True))
    return by_day


def _journal(
    sale: Sale, day: date, tenders: tuple[Tender, ...], rules: Rules, number: str
) -> JournalEntry | Problem:
    amount = sum_of(tender.amount for tender in tenders)
    against = _against(sale, day, amount, rules)
    if isinstance(against, Problem):
        return against
    lines = journal_lines(tenders, sale.id)
    return settle_receipt(
        f"{rules.reference_prefix}{number}-P{day:%Y%m%d}",
        f"{sale.outlet_name or sale.outlet} / {number}",
        day,
        sale.outlet,
        (*lines, *against) if amount else lines,
        rules,
        currency=sale.currency,
    )


def _against(sale: Sale, day: date, amount: Decimal, rules: Rules) -> tuple[JournalLine, ...] | Problem:
    if not sale.runs_on_account:
        return _against_open_payments(sale, amount, rules)
    if is_ahead(sale, day, rules) and may_leave_deposits(sale, rules) and reserved_in(sale):
        deposit = deposit_tender(sale, -amount, rules)
        return deposit if isinstance(deposit, Problem) else journal_lines([deposit], sale.id)
    chosen = debtor_of(sale, (), rules, on_account=True)
    return chosen if isinstance(chosen, Problem) else debtor_line(-amount, chosen, sale.id)


def _against_open_payments(sale: Sale, amount: Decimal, rules: Rules) -> tuple[JournalLine, ...] | Problem:
    ledger = rules.ledgers.open_payments
    if not ledger:
        return missing("ledgers.open_payments")
    return (JournalLine(-amount, ledger=ledger, because="ledgers.open_payments", sales=(sale.id,)),)
