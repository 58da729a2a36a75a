"""Makes a `Sale` of what Lightspeed Retail says of one. Pure; never raises on what comes in.

Every quirk of the vendor's is put right here, with the section of its reference; past it nobody knows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from libs.common.domain.money import to_cents
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import (
    ZERO,
    Payment,
    Sale,
    SaleLine,
    SaleState,
    TenderKind,
)
from libs.common.lightspeed.retail_customer import customer_of
from libs.common.lightspeed.retail_lines import lines_of
from libs.common.lightspeed.retail_reference import PaymentType, RetailReference, Shop, payment_type_of
from libs.common.lightspeed.retail_values import (
    NONE,
    Row,
    Unreadable,
    flag,
    identity,
    members,
    moment,
    nested,
    number,
    text,
)

SOURCE = "lightspeed-retail"
VOID = "SaleVoid"
LEFT_OUT = "LeftOut"
"""Ours, beside a sale: the relations that its page came without, though it has them."""
WITH_MONEY = (SaleState.COMPLETED, SaleState.VOIDED)
TENDERS = {
    "cash": TenderKind.CASH,
    "gift card": TenderKind.GIFT_CARD,
    "credit account": TenderKind.CREDIT_ACCOUNT,
    "credit card": TenderKind.CARD,
    "ecom": TenderKind.WEB_SHOP,
}
"""By the vendor's own type (4.4); "user defined" and "adjustment" say nothing."""


def parse_sale(payload: object, reference: RetailReference) -> Sale | Problem:
    """A `Problem` names the field that can't be what it says, and why."""
    try:
        if not isinstance(payload, Mapping):
            raise Unreadable("Sale", "not an object", payload)
        return _sale(payload, reference)
    except Unreadable as error:
        return unreadable(error)


def unreadable(error: Unreadable) -> Problem:
    facts = (
        ("what", f"{error.field} ({error.reason})"),
        ("field", error.field),
        ("reason", error.reason),
        ("value", error.value),
    )
    return Problem(ProblemCode.SALE_UNREADABLE, facts, per_sale=("value",))


def _sale(row: Row, reference: RetailReference) -> Sale:
    state = state_of(row)
    shop = _shop_of(row, reference)
    payments = _payments_of(row, reference)
    lines = lines_of(row, reference, payments, shop.id)
    _require_parts(row, state, lines, payments)
    return Sale(
        source=SOURCE,
        id=_sale_id(row),
        number=_sale_id(row),
        state=state,
        outlet=shop.id,
        outlet_name=shop.name,
        register=identity(row, "registerID"),
        time_zone=shop.time_zone,
        completed_at=_completed_at(row, state),
        changed_at=_voided_at(row, state) or changed_at(row),
        total_incl_vat=to_cents(_total(row)),
        vat_amount=to_cents(number(row, "calcTax1", ZERO) + number(row, "calcTax2", ZERO)),
        lines=lines,
        payments=_as_moved([payment for payment, _ in payments], row),
        customer=customer_of(row),
        ticket_number=text(row, "ticketNumber", 40),
        cash_rounding=_cash_rounding(row),
        currency=reference.currency,
        external_reference=text(row, "referenceNumber", 200),
    )


def _sale_id(row: Row) -> str:
    sale_id = identity(row, "saleID")
    if sale_id == NONE:
        raise Unreadable("saleID", "missing")
    return sale_id


def state_of(row: Row) -> SaleState:
    """5.3: a voided sale usually says completed false; an archived open ticket is cancelled."""
    if flag(row, "voided"):
        return SaleState.VOIDED
    if flag(row, "completed"):
        return SaleState.COMPLETED
    return SaleState.CANCELLED if flag(row, "archived") else SaleState.OPEN


def _shop_of(row: Row, reference: RetailReference) -> Shop:
    shop = reference.shops.get(identity(row, "shopID"))
    if shop is None:
        raise Unreadable("shopID", "unknown", row.get("shopID"))
    return shop


def _completed_at(row: Row, state: SaleState) -> datetime | None:
    """Before V3 there was no completeTime; timeStamp is the moment of completion then (4.1)."""
    if state not in WITH_MONEY:
        return None
    completed = moment(row, "completeTime", "timeStamp")
    if completed is None:
        raise Unreadable("completeTime", "missing")
    return completed


def _voided_at(row: Row, state: SaleState) -> datetime | None:
    """A void's day is that of its SaleVoid, which the sale itself doesn't carry (4.14)."""
    return moment(nested(row, VOID), "createTime") if state is SaleState.VOIDED else None


def with_void(row: dict[str, Any], void: Row | None) -> dict[str, Any]:
    """The sale with its void beside it; who voided it and why is nobody's business here."""
    if void is None:
        return row
    return {**row, VOID: {name: void[name] for name in ("saleVoidID", "createTime") if name in void}}


def changed_at(row: Row) -> datetime:
    """Spelt `updatetime` now, `updateTime` in older answers (3.5)."""
    changed = moment(row, "updatetime", "updateTime", "timeStamp", "createTime")
    if changed is None:
        raise Unreadable("updatetime", "missing")
    return changed


def _total(row: Row) -> Decimal:
    return number(row, "total") if "total" in row else number(row, "calcTotal")


def _cash_rounding(row: Row) -> Decimal | None:
    """The vendor's delta is due less rounded, ours rounded less due (5.10)."""
    if row.get("cashRoundingDelta") not in (None, ""):
        return ZERO - number(row, "cashRoundingDelta")
    deltas = [
        number(payment, "cashRoundingDelta")
        for payment in members(row, "SalePayments", "SalePayment")
        if payment.get("cashRoundingDelta") not in (None, "") and not flag(payment, "archived")
    ]
    return ZERO - sum(deltas, ZERO) if deltas else None


def _require_parts(row: Row, state: SaleState, lines: Sequence[SaleLine], payments: Sequence[object]) -> None:
    """An overloaded server leaves relations out in silence (3.3): that is not a sale without lines.

    Nor one of articles without a category, or of a customer without a name.
    """
    if left_out := row.get(LEFT_OUT):
        raise Unreadable(", ".join(left_out), "missing")
    if state is SaleState.COMPLETED and lacks_parts(row):
        missing = "SaleLines" if not lines and _total(row) else "SalePayments"
        raise Unreadable(missing, "missing")


def lacks_parts(row: Row) -> bool:
    """Whether a completed sale has money in its header, and no lines or payments that it could come from."""
    if state_of(row) is not SaleState.COMPLETED:
        return False
    without_lines = not members(row, "SaleLines", "SaleLine") and _total(row) != ZERO
    without_payments = (
        not members(row, "SalePayments", "SalePayment") and number(row, "calcPayments", ZERO) != ZERO
    )
    return without_lines or without_payments


def _payments_of(row: Row, reference: RetailReference) -> list[tuple[Payment, Row]]:
    """Archived payments are attempts that failed or were taken back: never money (5.3, 8)."""
    return [
        (_payment(payment, row, reference), payment)
        for payment in members(row, "SalePayments", "SalePayment")
        if not flag(payment, "archived")
    ]


def _as_moved(payments: Sequence[Payment], row: Row) -> tuple[Payment, ...]:
    """The cash as the drawer gave and took it: whether it is stored rounded is open (5.10).

    Where a delta is told and the payments meet the unrounded total all the same, it isn't.
    """
    rounding = _cash_rounding(row) or ZERO
    paid = sum((payment.amount - payment.tip for payment in payments), ZERO)
    in_cash = [payment for payment in payments if payment.kind is TenderKind.CASH and payment.amount]
    if not (rounding and in_cash and paid == to_cents(_total(row))):
        return tuple(payments)
    rounded = replace(in_cash[-1], amount=in_cash[-1].amount + rounding)
    return tuple(rounded if payment is in_cash[-1] else payment for payment in payments)


def _payment(row: Row, sale: Row, reference: RetailReference) -> Payment:
    kind = _payment_type(row, reference)
    paid_at = moment(row, "createTime") or moment(sale, "completeTime", "timeStamp", "createTime")
    if paid_at is None:
        raise Unreadable("SalePayment.createTime", "missing")
    credit_account = identity(row, "creditAccountID")
    return Payment(
        id=identity(row, "salePaymentID"),
        type_id=kind.id,
        type_name=kind.name,
        kind=tender_of(kind),
        amount=to_cents(number(row, "amount")),
        paid_at=paid_at,
        tip=to_cents(number(row, "tipAmount", ZERO)),
        credit_account="" if credit_account == NONE else credit_account,
    )


def tender_of(kind: PaymentType) -> TenderKind:
    return TENDERS.get(kind.type.lower(), TenderKind.OTHER)


def _payment_type(row: Row, reference: RetailReference) -> PaymentType:
    """Loaded beside the payment, or from the reference, which holds archived types too."""
    loaded = payment_type_of(nested(row, "PaymentType"))
    if loaded is not None and loaded.id != NONE and loaded.type:
        return loaded
    kind = reference.payment_types.get(identity(row, "paymentTypeID"))
    if kind is None:
        raise Unreadable("paymentTypeID", "unknown", row.get("paymentTypeID"))
    return kind


def names_unknown(row: Row, reference: RetailReference) -> bool:
    """Whether the sale names a shop, payment type or tax category that came after the reference was read."""
    try:
        types = {
            identity(payment, "paymentTypeID")
            for payment in members(row, "SalePayments", "SalePayment")
            if not flag(payment, "archived")
        }
        categories = {identity(line, "taxCategoryID") for line in members(row, "SaleLines", "SaleLine")}
        return (
            identity(row, "shopID") not in reference.shops
            or bool(types - reference.payment_types.keys())
            or bool(categories - {NONE} - reference.tax_categories.keys())
        )
    except Unreadable:
        return False
