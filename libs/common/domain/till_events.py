"""Till events that aren't booked yet: recognised, so that a sale with one waits and is never guessed at."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.choices import ItemKind, item_kind
from libs.common.domain.money import to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import PaymentKind, Rules
from libs.common.domain.sale import ZERO, LineKind, Payment, Sale, TenderKind

ROUNDING_PER_CASH_PAYMENT = Decimal("0.02")


class TillEvent(StrEnum):
    GIFT_CARD_SOLD = "gift-card-sold"
    GIFT_CARD_USED = "gift-card-used"
    GIFT_CARD_REFUND = "gift-card-refund"
    STORE_CREDIT_GIVEN = "store-credit-given"
    STORE_CREDIT_USED = "store-credit-used"
    TAX_REFUND = "tax-refund"
    TIP = "tip"
    DEPOSIT = "deposit"
    CREDIT_PAID_OUT = "credit-paid-out"
    LAYAWAY_PICK_UP = "layaway-pick-up"
    PAYMENT_WITHOUT_LINES = "payment-without-lines"
    CASH_ROUNDING = "cash-rounding"


def not_booked_yet(event: TillEvent) -> Problem:
    return Problem(ProblemCode.TILL_EVENT_NOT_BOOKED_YET, (("event", event.value),))


def event_of(sale: Sale, rules: Rules) -> TillEvent | None:
    """The first event in the sale that a booking can't show yet."""
    events = (
        *_events_of_lines(sale, rules),
        *_events_of_vouchers(sale, rules),
        *_events_of_credit(sale, rules),
        *_events_of_money(sale),
    )
    return events[0] if events else None


def is_gift_card(payment: Payment, rules: Rules) -> bool:
    return payment.kind is TenderKind.GIFT_CARD or _kind(payment, rules) is PaymentKind.GIFT_CARD


def is_store_credit(payment: Payment, rules: Rules) -> bool:
    return payment.kind is TenderKind.STORE_CREDIT or _kind(payment, rules) is PaymentKind.STORE_CREDIT


def is_on_account(payment: Payment, rules: Rules) -> bool:
    """By the till's own type first, by the chosen kind where the till has no such type."""
    if payment.kind is TenderKind.CREDIT_ACCOUNT:
        return True
    return payment.kind is not TenderKind.CASH and _kind(payment, rules) is PaymentKind.ON_ACCOUNT


def unexplained_money(sale: Sale) -> Decimal:
    """What was paid beside tips and total: zero, cash rounding, or an error."""
    return sale.paid - sale.tips - to_cents(sale.total_incl_vat)


def _kind(payment: Payment, rules: Rules) -> PaymentKind | None:
    rule = rules.payments.get(payment.type_id)
    return rule.kind if rule else None


def _events_of_lines(sale: Sale, rules: Rules) -> Iterator[TillEvent]:
    for line in sale.lines:
        kind = item_kind(line, rules)
        if line.kind is LineKind.GIFT_CARD or kind is ItemKind.GIFT_CARD:
            yield TillEvent.GIFT_CARD_SOLD
        if kind is ItemKind.TAX_REFUND:
            yield TillEvent.TAX_REFUND


def _events_of_vouchers(sale: Sale, rules: Rules) -> Iterator[TillEvent]:
    for payment in sale.payments:
        if payment.amount and is_gift_card(payment, rules):
            yield _gift_card_event(payment, sale)
        elif payment.amount and is_store_credit(payment, rules):
            used = payment.amount > ZERO
            yield TillEvent.STORE_CREDIT_USED if used else TillEvent.STORE_CREDIT_GIVEN


def _gift_card_event(payment: Payment, sale: Sale) -> TillEvent:
    if payment.amount > ZERO:
        return TillEvent.GIFT_CARD_USED
    return TillEvent.GIFT_CARD_REFUND if sale.total_incl_vat < ZERO else TillEvent.GIFT_CARD_SOLD


def _events_of_credit(sale: Sale, rules: Rules) -> Iterator[TillEvent]:
    credit = [payment.amount for payment in sale.payments if is_on_account(payment, rules)]
    if any(amount < ZERO for amount in credit):
        yield TillEvent.DEPOSIT if sale.paid - sum(credit) > ZERO else TillEvent.STORE_CREDIT_GIVEN
    if sum(credit) > max(sale.total_incl_vat, ZERO):
        yield TillEvent.CREDIT_PAID_OUT
    if any(credit) and any(line.is_reservation for line in sale.lines):
        yield TillEvent.LAYAWAY_PICK_UP


def _events_of_money(sale: Sale) -> Iterator[TillEvent]:
    if any(payment.tip for payment in sale.payments):
        yield TillEvent.TIP
    if not sale.lines and any(payment.amount for payment in sale.payments):
        yield TillEvent.PAYMENT_WITHOUT_LINES
    if _is_cash_rounding(sale):
        yield TillEvent.CASH_ROUNDING


def _is_cash_rounding(sale: Sale) -> bool:
    rounding = unexplained_money(sale)
    cash_payments = sum(payment.kind is TenderKind.CASH for payment in sale.payments)
    told = sale.cash_rounding is None or sale.cash_rounding == rounding
    return rounding != ZERO and told and abs(rounding) <= ROUNDING_PER_CASH_PAYMENT * cash_payments
