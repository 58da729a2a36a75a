"""Whose account a sale is booked on: the default debtor's, or the customer's own (domain.md 8).

Sales without VAT to another country may never end on the default debtor (rule 12). The rules don't say
which VAT codes those are, so it goes by what a sale shows: goods at 0 % for a customer with a VAT number,
or under a tax category of the till that has a code of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from libs.common.domain.choices import OF_CATEGORY, missing
from libs.common.domain.coded_line import CodedLine
from libs.common.domain.document import Debtor
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Customer, Sale


@dataclass(frozen=True, slots=True)
class ChosenDebtor:
    debtor: Debtor
    because: str


def debtor_of(
    sale: Sale, lines: Iterable[CodedLine], rules: Rules, *, on_account: bool
) -> ChosenDebtor | Problem:
    own_when = rules.debtor.own_when
    if sale.customer is not None and _leaves_the_country(sale.customer, lines):
        return ChosenDebtor(Debtor(customer=sale.customer), "0 %")
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
    if rules.debtor.own_when == "known" or rules.books_items:
        return True
    return on_account or customer.is_business


def _leaves_the_country(customer: Customer, lines: Iterable[CodedLine]) -> bool:
    return any(
        coded.line.amount_incl_vat
        and not (coded.taxed.vat_rate or coded.bears_no_vat)
        and (customer.vat_number or coded.vat.because.startswith(OF_CATEGORY))
        for coded in lines
    )
