"""Which money of a credit account is a deposit, where deposits bear VAT at receipt (`deposit_vat`, V19).

The till can't tell: one account holds debts, deposits and store credit, and a deposit looks like the
payment of a debt (lightspeed-retail-r-series.md 5.9). So the rule goes by what both sides of a deposit
have in common, and counts too much rather than too little, since VAT is then declared early and never
lost:

- A business (company name or VAT number) pays its account: its credit always stays on its debtor (V15).
- A private person's money that goes onto an account, or comes back from one, is a deposit.
- A private person's credit spent on reserved lines (layaway, special order) is the deposit taken back,
  as far as those lines go. Credit spent on other lines is on account; credit for a return is store credit.
"""

from __future__ import annotations

from decimal import Decimal

from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.paid_apart import paid_apart
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO, Sale
from libs.common.domain.till_events import is_on_account, turnover_of


def credit_in(sale: Sale, rules: Rules) -> Decimal:
    """What the sale itself moves on the customer's account: what it leaves there, and what is paid apart."""
    credit = sum_of(payment.amount for payment in sale.payments if is_on_account(payment, rules))
    if not sale.runs_on_account:
        return credit
    return credit + sum_of(payment.amount for _, payment in paid_apart(sale, rules))


def deposit_in(sale: Sale, rules: Rules) -> Decimal:
    """Positive where a deposit is used or paid back, negative where one is left."""
    credit = credit_in(sale, rules)
    if not may_leave_deposits(sale, rules) or not credit:
        return ZERO
    if credit < ZERO:
        return -_deposit(-credit, -turnover_of(sale, rules), -reserved_in(sale))
    return _deposit(credit, turnover_of(sale, rules), reserved_in(sale))


def may_leave_deposits(sale: Sale, rules: Rules) -> bool:
    """Whether the rules have VAT on deposits, and the sale is of a private person."""
    is_business = sale.customer is not None and sale.customer.is_business
    return rules.deposit_vat is not None and not rules.small_business_scheme and not is_business


def lines_of_deposit(sale: Sale) -> tuple[str, ...]:
    """The lines that a deposit was left for, as far as the till says; else the payments that left it."""
    reserved = tuple(line.id for line in sale.lines if line.is_reservation)
    payments = tuple(f"payment:{payment.id}" for payment in sale.payments)
    return reserved or tuple(line.id for line in sale.lines) or payments


def _deposit(credit: Decimal, sold: Decimal, reserved: Decimal) -> Decimal:
    paid_out = max(ZERO, min(credit, credit - sold))
    return paid_out + max(ZERO, min(credit - paid_out, reserved))


def reserved_in(sale: Sale) -> Decimal:
    """What the sale's reserved lines are worth."""
    return to_cents(sum_of(line.amount_incl_vat for line in sale.lines if line.is_reservation))
