"""What a client asks a sale to be, read from the nested shape (chapter 9) or that of 0.9 (8.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.tills import TicketError, decimal
from services.sandbox.x_series.errors import bad
from services.sandbox.x_series.sale import READ_STATUS, State
from services.sandbox.x_series.values import ONE, ZERO, read_moment


@dataclass(frozen=True, kw_only=True)
class LineWish:
    product_id: str
    quantity: Decimal
    price: Decimal
    tax: Decimal
    tax_id: str
    discount: Decimal = ZERO
    price_set: bool = False
    note: str = ""
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentWish:
    type_id: str
    amount: Decimal
    at: datetime | None = None
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a client asks a sale to be; None leaves as it is."""

    state: State
    attributes: list[str]
    id: str = ""
    register_id: str = ""
    user_id: str = ""
    customer_id: str | None = None
    at: datetime | None = None
    note: str | None = None
    number: str = ""
    lines: Sequence[LineWish] | None = None
    payments: Sequence[PaymentWish] = ()
    accounts_transaction_id: str | None = None


def nested_wish(body: Mapping[str, Any]) -> Wish:
    source = _object(body.get("source"), "source")
    if not source.get("author_id"):
        raise bad("source.author_id is required")
    state = str(body.get("state") or "")
    if state not in set(State):
        raise bad(f"state is one of {', '.join(State)}")
    lines = body.get("line_items")
    return Wish(
        id=str(body.get("id") or ""),
        state=State(state),
        attributes=[str(name) for name in body.get("attributes") or ()],
        register_id=str(source.get("register_id") or ""),
        user_id=str(source["author_id"]),
        customer_id=_text_or_none(body, "customer_id"),
        at=_moment(body.get("date")),
        note=_text_or_none(body, "note"),
        number=str(body.get("invoice_number") or ""),
        lines=None if lines is None else [_nested_line(line) for line in lines],
        payments=[_nested_payment(payment) for payment in body.get("payments") or ()],
        accounts_transaction_id=_text_or_none(body, "accounts_transaction_id"),
    )


def _nested_line(raw: Any) -> LineWish:
    line = _object(raw, "line_items")
    product, pricing, tax = (
        _object(line.get(name), f"line_items.{name}") for name in ("product", "pricing", "tax")
    )
    return LineWish(
        id=str(line.get("id") or ""),
        product_id=str(product.get("id") or ""),
        quantity=_number(line, "quantity"),
        price=_number(pricing, "price"),
        discount=_number(pricing, "discount", "0"),
        tax=_number(tax, "amount"),
        tax_id=str(tax.get("id") or ""),
        price_set=bool(_object(line.get("_metadata") or {}, "_metadata").get("is_price_override")),
        note=str(line.get("note") or ""),
    )


def _nested_payment(raw: Any) -> PaymentWish:
    payment = _object(raw, "payments")
    return PaymentWish(
        id=str(payment.get("id") or ""),
        type_id=str(_object(payment.get("type"), "payments.type").get("config_id") or ""),
        amount=_number(payment, "amount"),
        at=_moment(payment.get("date")),
    )


def oldest_wish(body: Mapping[str, Any]) -> Wish:
    for name in ("register_id", "user_id", "status"):
        if not body.get(name):
            raise bad(f"{name} is required")
    pair = READ_STATUS.get(str(body["status"]))
    if pair is None:
        raise bad(f"status {body['status']} is not known")
    state, attribute = pair
    lines = body.get("register_sale_products")
    return Wish(
        id=str(body.get("id") or ""),
        state=state,
        attributes=[attribute] if attribute else [],
        register_id=str(body["register_id"]),
        user_id=str(body["user_id"]),
        customer_id=_text_or_none(body, "customer_id"),
        at=_moment(body.get("sale_date")),
        note=_text_or_none(body, "note"),
        number=str(body.get("invoice_number") or ""),
        lines=None
        if lines is None
        else [_oldest_line(_object(line, "register_sale_products")) for line in lines],
        payments=[
            _oldest_payment(_object(raw, "payment")) for raw in body.get("register_sale_payments") or ()
        ],
        accounts_transaction_id=_text_or_none(body, "accounts_transaction_id"),
    )


def _oldest_line(line: Mapping[str, Any]) -> LineWish:
    notes = [attribute.get("value", "") for attribute in line.get("attributes") or ()]
    return LineWish(
        id=str(line.get("id") or ""),
        product_id=str(line.get("product_id") or ""),
        quantity=_number(line, "quantity"),
        price=_number(line, "price"),
        discount=_number(line, "discount", "0"),
        tax=_number(line, "tax"),
        tax_id=str(line.get("tax_id") or ""),
        price_set=str(line.get("price_set", 0)) in {"1", "True", "true"},
        note=str(notes[0]) if notes else "",
    )


def _oldest_payment(payment: Mapping[str, Any]) -> PaymentWish:
    return PaymentWish(
        id=str(payment.get("id") or ""),
        type_id=str(payment.get("retailer_payment_type_id") or ""),
        amount=_number(payment, "amount"),
        at=_moment(payment.get("payment_date")),
    )


def _object(raw: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise bad(f"{name} is required and is an object")
    return raw


def _text_or_none(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    return None if value is None else str(value)


def _number(body: Mapping[str, Any], name: str, default: str | None = None) -> Decimal:
    value = body.get(name, default)
    if value is None:
        raise bad(f"{name} is required")
    try:
        return decimal(value, name) * ONE
    except TicketError as error:
        raise bad(str(error)) from None


def _moment(raw: Any) -> datetime | None:
    if not raw:
        return None
    try:
        return read_moment(str(raw))
    except ValueError:
        raise bad(f"{raw} is not a moment") from None
