"""Which payments of a sale are booked by themselves, on the day on which they were made.

Two reasons: the sale runs on the customer's account, so that what is paid on another day than that of the
sale is the payment of a debt, or a deposit; or the rules book what is paid on a sale that isn't completed yet
(`open_payments`). Payments of the day on which the sale is completed need no detour.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from libs.common.domain.business_day import day_at_till
from libs.common.domain.rules import Rules, Settlement
from libs.common.domain.sale import Payment, Sale
from libs.common.domain.till_events import is_on_account, is_voucher


def paid_apart(sale: Sale, rules: Rules) -> Iterator[tuple[date, Payment]]:
    """With the business day of each."""
    if rules.settlement is Settlement.NONE or not (sale.runs_on_account or rules.open_payments):
        return
    for payment in sale.payments:
        day = day_at_till(payment.paid_at, sale, rules)
        is_money = payment.amount and not is_on_account(payment, rules) and not is_voucher(payment, rules)
        if is_money and _is_apart(sale, day, rules):
            yield day, payment


def is_ahead(sale: Sale, day: date, rules: Rules) -> bool:
    """Whether what is paid on this day is paid before the sale is completed."""
    if sale.completed_at is None:
        return True
    return day < day_at_till(sale.completed_at, sale, rules)


def _is_apart(sale: Sale, day: date, rules: Rules) -> bool:
    if is_ahead(sale, day, rules):
        return True
    return sale.runs_on_account and day != day_at_till(sale.completed_at or sale.changed_at, sale, rules)
