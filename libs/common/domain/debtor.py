"""Whose account a sale is booked on: the default debtor's, or the customer's own (domain.md 8)."""

from __future__ import annotations

from dataclasses import dataclass

from libs.common.domain.choices import missing
from libs.common.domain.document import Debtor
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Mode, Rules
from libs.common.domain.sale import Customer, Sale


@dataclass(frozen=True, slots=True)
class ChosenDebtor:
    debtor: Debtor
    because: str


def debtor_of(sale: Sale, rules: Rules, *, on_account: bool) -> ChosenDebtor | Problem:
    own_when = rules.debtor.own_when
    if on_account and (sale.customer is None or own_when == "never"):
        why = "no-customer" if sale.customer is None else "no-own-debtors"
        return Problem(ProblemCode.CUSTOMER_MISSING, (("why", why),))
    if sale.customer is not None and _has_own(sale.customer, rules, on_account=on_account):
        return ChosenDebtor(Debtor(customer=sale.customer), f"debtor.own_when[{own_when}]")
    if not rules.debtor.default_account:
        return missing("debtor.default_account")
    return ChosenDebtor(Debtor(account=rules.debtor.default_account), "debtor.default_account")


def _has_own(customer: Customer, rules: Rules, *, on_account: bool) -> bool:
    if rules.debtor.own_when == "never":
        return False
    if rules.debtor.own_when == "known" or rules.mode in (Mode.INVOICES, Mode.ORDERS):
        return True
    return on_account or customer.is_business
