"""What a register's closing and the cash beside its sales are in our own form (reference 4.10). Pure.

Nothing marks a movement as opening float, payout or drop: sign, moment and note are all there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from libs.common.domain.money import to_cents
from libs.common.domain.sale import ZERO
from libs.common.domain.till_close import TillClose, TillCount, TillMovement
from libs.common.lightspeed.retail_reference import PaymentType, RetailReference
from libs.common.lightspeed.retail_sale import tender_of
from libs.common.lightspeed.retail_values import (
    NONE,
    Row,
    Unreadable,
    identity,
    members,
    moment,
    number,
    text,
)

COUNTS, MOVEMENTS = "RegisterCount", "RegisterWithdraw"
COUNT_RELATIONS = ("RegisterCountAmounts",)


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing count without what its register is called and what went in and out."""

    id: int
    register: str
    opened_at: datetime
    closed_at: datetime
    counts: tuple[Row, ...]
    payment_types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unread:
    """A closing that can't be read, with what it gives away of itself; `why` is the field and the reason."""

    id: int
    closed_at: datetime | None
    why: Unreadable


def closing_in(row: Row) -> Closing | Unread:
    """Raises `Unreadable` where not even its id can be read."""
    try:
        return _closing_of(row)
    except Unreadable as error:
        return Unread(_number_of(row, "registerCountID"), _closed_at(row), error)


def _closed_at(row: Row) -> datetime | None:
    try:
        return moment(row, "createTime")
    except Unreadable:
        return None


def _closing_of(row: Row) -> Closing:
    counts = tuple(members(row, "RegisterCountAmounts", "RegisterCountAmount"))
    return Closing(
        id=_number_of(row, "registerCountID"),
        register=identity(row, "registerID"),
        opened_at=_moment_of(row, "openTime"),
        closed_at=_moment_of(row, "createTime"),
        counts=counts,
        payment_types=frozenset(identity(count, "paymentTypeID") for count in counts) - {NONE},
    )


def movement_of(row: Row) -> tuple[str, TillMovement]:
    """The register, and what went in or out of it."""
    kind = identity(row, "paymentTypeID")
    movement = TillMovement(
        id=str(_number_of(row, "registerWithdrawID")),
        amount=to_cents(number(row, "amount")),
        note=text(row, "notes", 500),
        moved_at=_moment_of(row, "createTime"),
        payment_type="" if kind == NONE else kind,
    )
    return identity(row, "registerID"), movement


def till_close_of(
    closing: Closing, movements: Iterable[TillMovement], reference: RetailReference
) -> TillClose:
    """Raises `Unreadable` where the account has no such register or outlet."""
    register = reference.registers.get(closing.register)
    shop = reference.shops.get(register.shop) if register else None
    if register is None or shop is None:
        raise Unreadable("registerID", "unknown", closing.register)
    return TillClose(
        id=str(closing.id),
        outlet=shop.id,
        outlet_name=shop.name,
        register=register.id,
        register_name=register.name,
        time_zone=shop.time_zone,
        opened_at=closing.opened_at,
        closed_at=closing.closed_at,
        movements=tuple(movements),
        counts=tuple(_count(count, reference) for count in closing.counts),
        currency=reference.currency,
    )


def _count(row: Row, reference: RetailReference) -> TillCount:
    type_id = identity(row, "paymentTypeID")
    kind = reference.payment_types.get(type_id) or PaymentType(type_id, "", "")
    return TillCount(
        payment_type=type_id,
        name=kind.name,
        kind=tender_of(kind),
        calculated=to_cents(number(row, "calculated", ZERO)),
        actual=to_cents(number(row, "actual", ZERO)),
    )


def _number_of(row: Row, field: str) -> int:
    found = int(identity(row, field))
    if not found:
        raise Unreadable(field, "missing")
    return found


def _moment_of(row: Row, field: str) -> datetime:
    found = moment(row, field)
    if found is None:
        raise Unreadable(field, "missing")
    return found
