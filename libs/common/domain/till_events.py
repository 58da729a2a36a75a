"""What the payments and lines of a sale are, and how it is booked for what it is.

By the till's own type first, by the merchant's choice where the till has no such type; never by a name.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from libs.common.domain.choices import ItemKind, item_kind
from libs.common.domain.money import cents_adding_up_to, sum_of, to_cents
from libs.common.domain.rules import Mode, PaymentKind, Rules
from libs.common.domain.sale import ZERO, Payment, Sale, SaleLine, TenderKind

ROUNDING_PER_CASH_PAYMENT = Decimal("0.02")


def is_gift_card(payment: Payment, rules: Rules) -> bool:
    return payment.kind is TenderKind.GIFT_CARD or _kind(payment, rules) is PaymentKind.GIFT_CARD


def is_voucher(payment: Payment, rules: Rules) -> bool:
    """A gift card whose VAT was due when it was sold: paying with it takes that turnover back (V36)."""
    return rules.gift_cards == "turnover-at-sale" and is_gift_card(payment, rules)


def is_store_credit(payment: Payment, rules: Rules) -> bool:
    return payment.kind is TenderKind.STORE_CREDIT or _kind(payment, rules) is PaymentKind.STORE_CREDIT


def is_on_account(payment: Payment, rules: Rules) -> bool:
    if payment.kind is TenderKind.CREDIT_ACCOUNT:
        return True
    return payment.kind is not TenderKind.CASH and _kind(payment, rules) is PaymentKind.ON_ACCOUNT


def is_cash(payment: Payment, rules: Rules) -> bool:
    return payment.kind is TenderKind.CASH or _kind(payment, rules) is PaymentKind.CASH


def is_gift_card_line(line: SaleLine, rules: Rules) -> bool:
    return item_kind(line, rules) is ItemKind.GIFT_CARD


def is_liability_line(line: SaleLine, rules: Rules) -> bool:
    """A gift card sold as a line: money held for its owner, no turnover."""
    return rules.gift_cards == "liability" and is_gift_card_line(line, rules)


def gift_cards_sold(sale: Sale, rules: Rules) -> Decimal:
    """What the sale's lines hold of gift cards that are a liability, in cents."""
    bearing = [line for line in sale.lines if line.amount_incl_vat]
    sold = [line.amount_incl_vat for line in bearing if is_liability_line(line, rules)]
    others = [line.amount_incl_vat for line in bearing if not is_liability_line(line, rules)]
    if not sold:
        return ZERO
    total = to_cents(sale.total_incl_vat)
    return cents_adding_up_to(total, [sum_of(sold), sum_of(others)])[0] if others else total


def turnover_of(sale: Sale, rules: Rules) -> Decimal:
    """What the sale's documents hold of turnover, VAT included: its total but for gift cards."""
    redeemed = sum_of(payment.amount for payment in sale.payments if is_voucher(payment, rules))
    return to_cents(sale.total_incl_vat) - gift_cards_sold(sale, rules) - redeemed


def cash_rounding_of(sale: Sale, rules: Rules) -> Decimal | None:
    """What was paid beside tips and total; None where cash rounding doesn't explain it."""
    rounding = sale.paid - sale.tips - to_cents(sale.total_incl_vat)
    if not rounding:
        return ZERO
    cash_payments = sum(bool(payment.amount) and is_cash(payment, rules) for payment in sale.payments)
    is_told = sale.cash_rounding is None or sale.cash_rounding == rounding
    is_rounding = is_told and abs(rounding) <= ROUNDING_PER_CASH_PAYMENT * cash_payments
    return rounding if is_rounding else None


def booked_as(sale: Sale, rules: Rules) -> Rules:
    """The rules as they hold for this sale: among daily totals a business receipt is a transaction.

    The outlet's journal is the daily total's there, so such a receipt takes the sales journal.
    """
    if not (rules.books_business_receipts_apart and _is_business_receipt(sale, rules)):
        return rules
    outlets = {id_: replace(outlet, journal=None) for id_, outlet in rules.outlets.items()}
    return replace(rules, mode=Mode.TRANSACTIONS, outlets=outlets)


def _is_business_receipt(sale: Sale, rules: Rules) -> bool:
    if sale.runs_on_account or (sale.customer is not None and sale.customer.vat_number):
        return True
    return any(payment.amount and is_on_account(payment, rules) for payment in sale.payments)


def _kind(payment: Payment, rules: Rules) -> PaymentKind | None:
    rule = rules.payments.get(payment.type_id)
    return rule.kind if rule else None
