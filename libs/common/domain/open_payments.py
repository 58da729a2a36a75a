"""Payments on a sale that isn't completed yet, where the rules book them at once (`open_payments`, V37).

One journal a business day, against the ledger of open payments. When the sale is completed its takings
are taken from that ledger, and the same journals come again with its booking: whoever compares what is
wanted with what stands finds them unchanged. Days before the start date have none: what was open then is
part of that ledger's opening balance.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from libs.common.domain.choices import missing, outlet_rules
from libs.common.domain.document import JournalEntry, JournalLine
from libs.common.domain.money import sum_of
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from libs.common.domain.settlement import journal_lines, settle_receipt
from libs.common.domain.takings import Tender, merged, paid_ahead, tender_of


def journals_of_open_payments(sale: Sale, rules: Rules, number: str) -> tuple[JournalEntry, ...] | Problem:
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
    for day, payment in paid_ahead(sale, rules):
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
    if not rules.ledgers.open_payments:
        return missing("ledgers.open_payments")
    amount = sum_of(tender.amount for tender in tenders)
    against = JournalLine(
        amount=-amount,
        ledger=rules.ledgers.open_payments,
        because="ledgers.open_payments",
        sales=(sale.id,),
    )
    lines = journal_lines(tenders, sale.id)
    return settle_receipt(
        f"{rules.reference_prefix}{number}-P{day:%Y%m%d}",
        f"{sale.outlet_name or sale.outlet} / {number}",
        day,
        sale.outlet,
        (*lines, against) if amount else lines,
        rules,
    )
