"""The money of a sale, read so that it meets its lines where any reading of the vendor's does. Pure.

Tips come on top of what was paid (9.2). Of surcharge, rounding and gift cards issued the vendor doesn't say
how they are counted (17.2, 17.3): each reading is held against the lines, and one that meets them is taken.
Where none does, the payments stand as they were told, and the domain says that they don't add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from libs.common.domain.money import sum_of
from libs.common.domain.sale import ZERO, Customer, Payment, TenderKind
from libs.common.lightspeed.restaurant_customer import customer_of
from libs.common.lightspeed.restaurant_reference import Location
from libs.common.lightspeed.restaurant_values import Caseless, key_of, listed, number_of, within, word
from libs.common.lightspeed.retail_values import Unreadable, moment, number, text

CODES = {"CASH": TenderKind.CASH, "IKGIFT": TenderKind.GIFT_CARD}
"""The vendor's own (7.3); all others are the merchant's, or money that another system owes."""
ON_ACCOUNT = "ACCOUNTS_RECEIVABLE"
TYPES = ("NORMAL", ON_ACCOUNT, "")
OWED = (TenderKind.GIFT_CARD, TenderKind.CREDIT_ACCOUNT)


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment as it was told: `net` is what it paid of the bill, or holds more of it, by the reading."""

    payment: Payment
    """Without an amount."""
    net: Decimal
    surcharge: Decimal
    rounding: Decimal | None
    """None where the till is too old to say."""
    customer: Customer | None
    currency: str


@dataclass(frozen=True, slots=True)
class Money:
    """`surcharge` is turnover that the payments hold beside the lines, whose `total` they meet or don't."""

    total: Decimal
    payments: tuple[Payment, ...]
    rounding: Decimal | None
    surcharge: Decimal
    meets: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    surcharge_is_on_top: bool
    rounding_is_on_top: bool
    rounding_sign: int = 1


READINGS = (
    _Reading(surcharge_is_on_top=True, rounding_is_on_top=True),
    _Reading(surcharge_is_on_top=False, rounding_is_on_top=True),
    _Reading(surcharge_is_on_top=True, rounding_is_on_top=False),
    _Reading(surcharge_is_on_top=False, rounding_is_on_top=False),
)
AGAINST_THE_TEXT = (
    _Reading(surcharge_is_on_top=True, rounding_is_on_top=False, rounding_sign=-1),
    _Reading(surcharge_is_on_top=False, rounding_is_on_top=False, rounding_sign=-1),
)


def paid_of(sale: Caseless, location: Location, closed_at: datetime | None) -> list[Paid]:
    if sale.get("payments") is None:
        raise Unreadable("payments", "missing")  # they come only where they are asked for (5.1)
    rows = enumerate(listed(sale, "payments"), start=1)
    return [_paid(row, position, location, closed_at) for position, row in rows]


def turned_paid(paid: Sequence[Paid]) -> list[Paid]:
    """With the other sign."""
    return [
        replace(
            one,
            payment=replace(one.payment, tip=-one.payment.tip),
            net=-one.net,
            surcharge=-one.surcharge,
            rounding=None if one.rounding is None else -one.rounding,
        )
        for one in paid
    ]


def money_for(total: Decimal, paid: Sequence[Paid], *, has_lines: bool) -> Money:
    """`total` is of the lines, in cents."""
    told = _issued(paid) if not has_lines else list(paid)
    for readings in (READINGS, AGAINST_THE_TEXT):
        meeting = {_money(total, told, reading) for reading in readings if _met(told, reading) == total}
        if len(meeting) > 1:
            raise Unreadable("payments", "surcharge and rounding can be counted in two ways")
        if meeting:
            return meeting.pop()
    return replace(_money(total, told, READINGS[0]), meets=False)


def _paid(row: Caseless, position: int, location: Location, closed_at: datetime | None) -> Paid:
    paid_at = moment(row, "fiscDate") or closed_at
    if paid_at is None:
        raise Unreadable("payments.fiscDate", "missing")
    type_id, name, code = _method(row, location)
    gift_card = key_of(row, "externalReference") if code == "IKGIFT" else ""
    payment = Payment(
        id=key_of(row, "fiscId") or f"payment:{position}",  # the uuid may repeat (6)
        type_id=type_id,
        type_name=name,
        kind=_kind(row, code),
        amount=ZERO,
        paid_at=paid_at,
        tip=number(row, "tip", ZERO),
        credit_account=gift_card,
        revenue_center=number_of(row, "revenueCenterId"),
        revenue_center_name=text(row, "revenueCenter", 200),
    )
    return Paid(
        payment=payment,
        net=number(row, "netAmountWithTax"),
        surcharge=number(row, "surcharge", ZERO),
        rounding=None if row.get("roundingAmount") in (None, "") else number(row, "roundingAmount"),
        customer=customer_of(within(row, "consumer")),
        currency=text(row, "currency", 3).upper(),
    )


def _method(row: Caseless, location: Location) -> tuple[str, str, str]:
    """Id, name and code: by id, which the rules know; by its code where the id is left out."""
    code = text(row, "code", 60)
    method_id = number_of(row, "paymentMethodId")
    known = location.payment_methods.get(method_id) if method_id else location.method_coded(code)
    if known is not None:
        return known.id, text(row, "description", 200) or known.name, code or known.code
    if not method_id:
        raise Unreadable("payments.paymentMethodId", "missing")
    return method_id, text(row, "description", 200) or code or method_id, code


def _kind(row: Caseless, code: str) -> TenderKind:
    kind = word(row, "type")
    if kind not in TYPES:
        raise Unreadable("payments.type", "unknown", kind)
    if kind == ON_ACCOUNT:
        return TenderKind.CREDIT_ACCOUNT
    return CODES.get(code.upper(), TenderKind.OTHER)


def _issued(paid: Sequence[Paid]) -> list[Paid]:
    """A sale without lines moves money: what came in for a gift card or an account is owed for it (9.4, 9.5).

    Takings are balanced there; where the owed side isn't written negative, it is so all the same.
    """
    owed = sum_of(one.net for one in paid if one.payment.kind in OWED)
    moved = sum_of(one.net for one in paid if one.payment.kind not in OWED)
    if not owed or owed != moved:
        return list(paid)
    return [replace(one, net=-one.net) if one.payment.kind in OWED else one for one in paid]


def _met(paid: Sequence[Paid], reading: _Reading) -> Decimal:
    """The bill that these payments paid, by a reading."""
    return sum_of(_parts_of_bill(paid, reading))


def _parts_of_bill(paid: Sequence[Paid], reading: _Reading) -> Iterator[Decimal]:
    for one in paid:
        yield one.net
        if not reading.surcharge_is_on_top:
            yield -one.surcharge
        if not reading.rounding_is_on_top:
            yield -reading.rounding_sign * (one.rounding or ZERO)


def _money(total: Decimal, paid: Sequence[Paid], reading: _Reading) -> Money:
    told = [one.rounding for one in paid if one.rounding is not None]
    return Money(
        total=total,
        payments=tuple(replace(one.payment, amount=_amount(one, reading)) for one in paid),
        rounding=reading.rounding_sign * sum_of(told) + ZERO if told else None,
        surcharge=sum_of(one.surcharge for one in paid),
        meets=True,
    )


def _amount(one: Paid, reading: _Reading) -> Decimal:
    """What moved, with the tip: `Payment.amount`."""
    amount = one.net + one.payment.tip
    if reading.surcharge_is_on_top:
        amount += one.surcharge
    if reading.rounding_is_on_top:
        amount += one.rounding or ZERO
    return amount
