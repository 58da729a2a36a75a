"""Turnover in cents, VAT included: what a sale sold, what of it a document holds, and by what it was sold.

Neither side counts money, gift cards issued, deposits, tips or cash rounding. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from libs.common.contracts.documents import TurnoverPart
from libs.common.domain.day_total import ledgers_without_turnover
from libs.common.domain.document import Document
from libs.common.domain.money import to_cents
from libs.common.domain.payments import PaymentPart, payments_together
from libs.common.domain.reconcile import VatPart, turnover_by_vat
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale, SaleState
from libs.common.domain.till_events import turnover_of
from services.portal.sale_facts import PaidCents, VatCents, added_up


def in_cents(amount: Decimal) -> int:
    return int(to_cents(amount) * 100)


def from_cents(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def sold_cents(sale: Sale, rules: Rules) -> int:
    """What its documents should hold of turnover; nothing unless it was completed."""
    return in_cents(turnover_of(sale, rules)) if sale.state is SaleState.COMPLETED else 0


def turnover_by_code(document: Document, rules: Rules) -> VatCents:
    """By VAT code, of lines that come from sale lines; not those on ledgers of money and liabilities."""
    return vat_cents(turnover_by_vat([document], ledgers_without_turnover(rules)))


def vat_cents(parts: Iterable[VatPart | TurnoverPart]) -> VatCents:
    return added_up([{part.vat_code: (in_cents(part.amount_incl_vat), _vat(part))} for part in parts])


def _vat(part: VatPart | TurnoverPart) -> int | None:
    return None if part.vat_amount is None else in_cents(part.vat_amount)


def paid_cents(parts: Iterable[PaymentPart]) -> PaidCents:
    """By payment type, on whichever ledger."""
    together = payments_together(PaymentPart(part.payment_type, part.amount) for part in parts)
    return {part.payment_type: in_cents(part.amount) for part in together}


def payments_of(sale: Sale) -> PaidCents:
    """Empty for a sale that wasn't completed."""
    if sale.state is not SaleState.COMPLETED:
        return {}
    return paid_cents(PaymentPart(payment.type_id, payment.amount) for payment in sale.payments)
