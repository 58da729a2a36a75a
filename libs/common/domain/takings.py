"""The money of a sale: what goes to which ledger, and what stays open on the customer's account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Payment, Sale
from libs.common.domain.till_events import is_on_account, unexplained_money


@dataclass(frozen=True, slots=True)
class Tender:
    """The money of one ledger in a sale; positive came in."""

    ledger: str
    amount: Decimal
    names: str
    because: str


@dataclass(frozen=True, slots=True)
class Takings:
    tenders: tuple[Tender, ...]
    on_account: Decimal

    @property
    def received(self) -> Decimal:
        return sum_of(tender.amount for tender in self.tenders)


def takings_of(sale: Sale, rules: Rules) -> Takings | Problem:
    """One tender a ledger, in order of payments; what comes to nothing leaves none."""
    moved = [payment for payment in sale.payments if payment.amount]
    on_account = sum_of(payment.amount for payment in moved if is_on_account(payment, rules))
    by_ledger: dict[str, list[Payment]] = {}
    for payment in moved:
        if is_on_account(payment, rules):
            continue
        ledger = _ledger_of(payment, rules)
        if isinstance(ledger, Problem):
            return ledger
        by_ledger.setdefault(ledger, []).append(payment)
    tenders = [_tender(ledger, payments) for ledger, payments in by_ledger.items()]
    return Takings(tuple(tender for tender in tenders if tender.amount), on_account)


def payments_meet_total(sale: Sale) -> Problem | None:
    in_cents = all(payment.amount == to_cents(payment.amount) for payment in sale.payments)
    if in_cents and not unexplained_money(sale):
        return None
    facts = (("total", str(sale.total_incl_vat)), ("paid", str(sale.paid - sale.tips)))
    return Problem(ProblemCode.PAYMENTS_DO_NOT_ADD_UP, facts, per_sale=("total", "paid"))


def _ledger_of(payment: Payment, rules: Rules) -> str | Problem:
    rule = rules.payments.get(payment.type_id)
    if rule is not None and rule.ledger:
        return rule.ledger
    facts = (("payment_type", payment.type_id), ("name", payment.type_name or payment.type_id))
    return Problem(ProblemCode.PAYMENT_TYPE_UNMAPPED, facts, per_sale=("name",))


def _tender(ledger: str, payments: Sequence[Payment]) -> Tender:
    names = dict.fromkeys(payment.type_name for payment in payments if payment.type_name)
    types = dict.fromkeys(payment.type_id for payment in payments)
    return Tender(
        ledger,
        to_cents(sum_of(payment.amount for payment in payments)),
        names=", ".join(names),
        because=", ".join(f"payments[{type_id}]" for type_id in types),
    )
