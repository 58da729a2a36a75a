"""The payments of an X-Series sale, and the forms that cash rounding may have among them (8.3, 12.6). Pure.

A payment type that no list shows is no reason to stop: the payment keeps its id and name, and the rules say
what it is, or that nobody chose yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from libs.common.domain.money import to_cents
from libs.common.domain.sale import ZERO, Payment, SaleLine, TenderKind
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_reference import TENDERS, XReference
from libs.common.lightspeed.x_values import identity, listed, member, moment, nested, number, text

PAYMENTS = ("payments", "register_sale_payments")
ON_ACCOUNT = "on-account"
"""The payment type, in the rules too, of what is left on the customer's account."""
ROUNDING = Decimal("0.02")
FIVE_CENTS = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class ReadPayment:
    payment: Payment
    surcharge: Decimal
    is_listed: bool
    """Whether the store's list of payment types has it; internal ones are left out there."""


def payments_in(row: Row, reference: XReference, sold_at: datetime) -> list[ReadPayment]:
    return [
        _read(payment, reference, sold_at, position)
        for position, payment in enumerate(listed(row, *PAYMENTS))
        if member(payment, "deleted_at") is None
    ]


def _read(row: Row, reference: XReference, sold_at: datetime, position: int) -> ReadPayment:
    kind = text(row, "type.id", "payment_type_id", limit=20)
    type_id = identity(row, "type.config_id", "retailer_payment_type_id")
    listed_type = reference.payment_types.get(type_id)
    name = text(row, "type.name", "name", limit=200)
    if not type_id and not kind:
        raise Unreadable("payments.retailer_payment_type_id", "missing", name)
    payment = Payment(
        id=identity(row, "id") or str(position + 1),
        type_id=type_id or f"kind:{kind}",
        type_name=name or (listed_type.name if listed_type else ""),
        kind=listed_type.tender if listed_type else TENDERS.get(kind, TenderKind.OTHER),
        amount=to_cents(number(row, "amount")),
        paid_at=moment(row, "date", "payment_date") or sold_at,
    )
    surcharge = to_cents(number(nested(row, "surcharge"), "amount", default=ZERO))
    return ReadPayment(payment, surcharge, listed_type is not None)


def with_surcharges(payments: Sequence[ReadPayment]) -> list[ReadPayment]:
    return [
        replace(one, payment=replace(one.payment, amount=one.payment.amount + one.surcharge))
        for one in payments
    ]


def rounding_allowed(payments: Sequence[ReadPayment]) -> Decimal:
    return ROUNDING * sum(bool(one.payment.amount) and _is_cash(one) for one in payments)


def without_rounding(payments: Sequence[ReadPayment], due: Decimal) -> list[ReadPayment]:
    """Where the cents are told as a payment of a type that no list shows, they are no money (12.6)."""
    if sum((one.payment.amount for one in payments), ZERO) != due or not any(map(_is_cash, payments)):
        return list(payments)
    return [one for one in payments if one.is_listed or _is_cash(one) or abs(one.payment.amount) > ROUNDING]


def rounding_line(
    lines: Sequence[SaleLine], payments: Sequence[ReadPayment], total: Decimal
) -> SaleLine | None:
    """The cents as a line: without VAT, of a sale paid in cash that only with it is a round sum (12.6)."""
    if not any(map(_is_cash, payments)) or total % FIVE_CENTS:
        return None
    small = [line for line in lines if 0 < abs(line.amount_incl_vat) <= ROUNDING]
    (line,) = small if len(small) == 1 else (None,)
    is_rounding = line is not None and not line.vat_rate and bool((total - line.amount_incl_vat) % FIVE_CENTS)
    return line if is_rounding else None


def tipped(payments: Sequence[Payment], tips: Decimal) -> tuple[Payment, ...]:
    """The tip rides on what was paid by card, the largest first, and on cash last (domain.md 6)."""
    left, found = tips, {payment.id: payment for payment in payments}
    order = sorted(payments, key=lambda one: (one.kind is not TenderKind.OTHER, -one.amount))
    for payment in order:
        part = min(left, payment.amount) if left > ZERO else left
        if not left or (part <= ZERO < left):
            continue
        found[payment.id] = replace(payment, tip=part)
        left -= part
    if left:
        raise Unreadable("adjustments", "a tip that no payment holds", tips)
    return tuple(found.values())


def on_account(rest: Decimal, sold_at: datetime) -> Payment:
    """What isn't paid yet, as tills do that have a payment for it."""
    return Payment(ON_ACCOUNT, ON_ACCOUNT, "Op rekening", TenderKind.CREDIT_ACCOUNT, rest, sold_at)


def _is_cash(read: ReadPayment) -> bool:
    return read.payment.kind is TenderKind.CASH
