"""The money of a sale: what goes to which ledger, and what stays open on the customer's account.

Money is all that a sale brings beside turnover: payments, gift cards and credit issued and used, deposits,
tips, cash rounding. Together with what is on account it is exactly the receipt's total.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from libs.common.domain.choices import Choice, gift_card_ledger, missing, vat_code_of_rate
from libs.common.domain.deposit import credit_in, deposit_in, lines_of_deposit
from libs.common.domain.money import sum_of, to_cents
from libs.common.domain.paid_apart import is_ahead, paid_apart
from libs.common.domain.payments import PaymentPart, Payments, payments_together
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import PaymentKind, Rules
from libs.common.domain.sale import ZERO, Payment, Sale
from libs.common.domain.till_events import (
    cash_rounding_of,
    gift_cards_sold,
    is_gift_card,
    is_liability_line,
    is_on_account,
    is_store_credit,
    is_voucher,
)
from libs.common.domain.vat import vat_within


@dataclass(frozen=True, slots=True)
class Tender:
    """The money of one ledger in a sale, VAT included: positive came in, negative went out or is owed."""

    ledger: str
    amount: Decimal
    names: str
    because: str
    is_payment: bool = False
    """Whether it passes through a bank or a till, and no liability, cost or rounding."""
    vat_code: str | None = None
    vat_amount: Decimal = ZERO
    sale_lines: tuple[str, ...] = ()
    """Of a deposit, the lines that it was left for."""
    payments: Payments = ()


@dataclass(frozen=True, slots=True)
class Takings:
    tenders: tuple[Tender, ...]
    on_account: Decimal
    netted: Payments = ()
    """What was paid on ledgers that come to nothing, as one gift card with another: no line holds it."""

    @property
    def received(self) -> Decimal:
        return sum_of(tender.amount for tender in self.tenders)


def takings_of(sale: Sale, rules: Rules) -> Takings | Problem:
    """One tender a ledger, in order of payments; what comes to nothing leaves none."""
    tenders = []
    for tender in _moved(sale, rules):
        if isinstance(tender, Problem):
            return tender
        tenders.append(tender)
    on_account = credit_in(sale, rules) - deposit_in(sale, rules)
    return Takings(merged(tenders), on_account, _netted(tenders))


def tender_of(payment: Payment, rules: Rules) -> Tender | Problem:
    ledger = _ledger_of(payment, rules)
    if isinstance(ledger, Problem):
        return ledger
    rule = rules.payments.get(payment.type_id)
    is_owed = is_gift_card(payment, rules) or is_store_credit(payment, rules)
    is_cost = rule is not None and rule.kind is PaymentKind.COST
    return Tender(
        ledger.value,
        payment.amount,
        payment.type_name,
        ledger.because,
        is_payment=not (is_owed or is_cost),
        payments=(PaymentPart(payment.type_id, payment.amount),),
    )


def merged(tenders: Sequence[Tender]) -> tuple[Tender, ...]:
    return tuple(tender for tender in _by_ledger(tenders) if tender.amount)


def _netted(tenders: Sequence[Tender]) -> Payments:
    nothing = [tender for tender in _by_ledger(tenders) if not tender.amount]
    return payments_together(part for tender in nothing for part in tender.payments)


def _by_ledger(tenders: Sequence[Tender]) -> list[Tender]:
    groups: dict[tuple[str, str | None, bool], list[Tender]] = {}
    for tender in tenders:
        groups.setdefault((tender.ledger, tender.vat_code, tender.is_payment), []).append(tender)
    return [_sum(group) for group in groups.values()]


def payments_meet_total(sale: Sale, rules: Rules) -> Problem | None:
    moved = [amount for payment in sale.payments for amount in (payment.amount, payment.tip)]
    in_cents = all(amount == to_cents(amount) for amount in moved)
    if in_cents and cash_rounding_of(sale, rules) is not None:
        return None
    facts = (("total", str(sale.total_incl_vat)), ("paid", str(sale.paid - sale.tips)))
    return Problem(ProblemCode.PAYMENTS_DO_NOT_ADD_UP, facts, per_sale=("total", "paid"))


def _moved(sale: Sale, rules: Rules) -> Iterator[Tender | Problem]:
    apart = {payment.id for _, payment in paid_apart(sale, rules)}
    for payment in sale.payments:
        if payment.id in apart:
            if not sale.runs_on_account:
                yield _from_open_payments(payment, rules)
        elif payment.amount and not is_on_account(payment, rules) and not is_voucher(payment, rules):
            yield tender_of(payment, rules)
    yield from _deposits(sale, rules)
    yield from _gift_cards(sale, rules)
    yield from _owed("tips", -sale.tips, "Fooi", rules)
    rounding = cash_rounding_of(sale, rules) or ZERO
    yield from _owed("cash_rounding", -rounding, "Afronding", rules)


def _from_open_payments(payment: Payment, rules: Rules) -> Tender | Problem:
    ledger = rules.ledgers.open_payments
    if not ledger:
        return missing("ledgers.open_payments")
    return Tender(ledger, payment.amount, payment.type_name, "ledgers.open_payments", is_payment=True)


def deposit_tender(sale: Sale, amount: Decimal, rules: Rules) -> Tender | Problem:
    """A deposit bears its VAT at receipt; positive where it is used, negative where it is left."""
    vat = vat_code_of_rate(rules.deposit_vat or "", rules)
    if isinstance(vat, Problem):
        return vat
    if not rules.ledgers.deposits:
        return missing("ledgers.deposits")
    choice, rate = vat
    return Tender(
        rules.ledgers.deposits,
        amount,
        "Aanbetaling",
        f"ledgers.deposits, {choice.because}",
        vat_code=choice.value,
        vat_amount=to_cents(vat_within(amount, rate)),
        sale_lines=lines_of_deposit(sale),
    )


def _deposits(sale: Sale, rules: Rules) -> Iterator[Tender | Problem]:
    """Those that were left on days of their own are used as they were left, each with its cents of VAT."""
    amount = deposit_in(sale, rules)
    left = [by_day for by_day in _paid_ahead_by_day(sale, rules).values() if sale.runs_on_account]
    for part in left if sum_of(left) == amount else [amount]:
        if part:
            yield deposit_tender(sale, part, rules)


def _paid_ahead_by_day(sale: Sale, rules: Rules) -> dict[date, Decimal]:
    by_day: dict[date, Decimal] = {}
    for day, payment in paid_apart(sale, rules):
        if is_ahead(sale, day, rules):
            by_day[day] = by_day.get(day, ZERO) + payment.amount
    return by_day


def _gift_cards(sale: Sale, rules: Rules) -> Iterator[Tender | Problem]:
    """Gift cards that the till sells as lines are what they are where it sells them by payment."""
    amount = gift_cards_sold(sale, rules)
    line = next((line for line in sale.lines if is_liability_line(line, rules)), None)
    if line is None or not amount:
        return
    ledger = gift_card_ledger(line, rules)
    if isinstance(ledger, Problem):
        yield ledger
    else:
        yield Tender(ledger.value, -amount, line.description, ledger.because)


def _owed(name: str, amount: Decimal, words: str, rules: Rules) -> Iterator[Tender | Problem]:
    if not amount:
        return
    ledger = getattr(rules.ledgers, name)
    yield Tender(ledger, amount, words, f"ledgers.{name}") if ledger else missing(f"ledgers.{name}")


def _ledger_of(payment: Payment, rules: Rules) -> Choice | Problem:
    rule = rules.payments.get(payment.type_id)
    if rule is not None and rule.ledger:
        return Choice(rule.ledger, f"payments[{payment.type_id}]")
    if is_gift_card(payment, rules):
        ledger, field = rules.ledgers.gift_cards, "ledgers.gift_cards"
    elif is_store_credit(payment, rules):
        ledger, field = rules.ledgers.store_credit, "ledgers.store_credit"
    else:
        facts = (("payment_type", payment.type_id), ("name", payment.type_name or payment.type_id))
        return Problem(ProblemCode.PAYMENT_TYPE_UNMAPPED, facts, per_sale=("name",))
    return Choice(ledger, field) if ledger else missing(field)


def _sum(tenders: Sequence[Tender]) -> Tender:
    first = tenders[0]
    names = dict.fromkeys(tender.names for tender in tenders if tender.names)
    reasons = dict.fromkeys(tender.because for tender in tenders)
    return Tender(
        first.ledger,
        to_cents(sum_of(tender.amount for tender in tenders)),
        names=", ".join(names),
        because=", ".join(reasons),
        is_payment=first.is_payment,
        vat_code=first.vat_code,
        vat_amount=to_cents(sum_of(tender.vat_amount for tender in tenders)),
        sale_lines=first.sale_lines,
        payments=payments_together(part for tender in tenders for part in tender.payments),
    )
