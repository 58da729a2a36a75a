"""What a till is told to sell: tickets, the same for every kind of till, and how they are read from JSON.

Prices are as the shop shows them, VAT included. What a till does not know, it refuses or ignores.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar


class TicketError(ValueError):
    """The ticket can't be sold as it was written; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """A customer by reference; one that isn't known yet is created from the other fields."""

    ref: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    vat_number: str = ""
    chamber_of_commerce: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "Netherlands"
    country_code: str = "NL"
    tax_category: str = ""
    credit_account: bool = False


@dataclass(frozen=True, kw_only=True)
class TicketLine:
    """`line_discount` is money off the whole line, positive on returns too; rates are in per cent.

    `kind`: "", service, item_fee, layaway, special_order or workorder. With `gift_card` the line
    issues or loads that card for `unit_price`. `parent` is the sold line that comes back.
    """

    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    item: str | None = None
    description: str = ""
    tax_class: str | None = None
    vat_rate: Decimal | None = None
    taxable: bool = True
    line_discount: Decimal | None = None
    line_discount_percent: Decimal | None = None
    normal_unit_price: Decimal | None = None
    cost: Decimal | None = None
    kind: str = ""
    gift_card: str | None = None
    parent: int | None = None
    shop: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class TicketPayment:
    """Without an amount: the rest. The tip comes on top of the rest, and is inside a given amount."""

    type: str
    amount: Decimal | None = None
    tip: Decimal = Decimal(0)
    gift_card: str | None = None
    at: datetime | None = None
    archived: bool = False
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """`completed` false leaves it open; `archived` then is a cancelled ticket.

    `changed_at` is the stamp of its last change, where it reached the lists with an older one than now.
    """

    at: datetime | None = None
    shop: str | None = None
    register: str | None = None
    employee: str | None = None
    customer: Buyer | None = None
    lines: tuple[TicketLine, ...] = ()
    payments: tuple[TicketPayment, ...] = ()
    receipt_discount_percent: Decimal = Decimal(0)
    tax_category: str | None = None
    cash_rounding: bool = False
    completed: bool = True
    archived: bool = False
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    reference: str = ""
    note: str = ""


AnyTicket = TypeVar("AnyTicket", bound=Ticket)
Part = TypeVar("Part")


def ticket_from(raw: object) -> Ticket:
    return read_ticket(raw, Ticket, TicketLine, TicketPayment)


def read_ticket(
    raw: object, kind: type[AnyTicket], line_kind: type[TicketLine], payment_kind: type[TicketPayment]
) -> AnyTicket:
    """A ticket of a till that knows more than every till does."""
    given = _known(raw, kind, "ticket")
    given["customer"] = buyer_from(given.get("customer"))
    given["lines"] = tuple(read_part(line, line_kind, "line") for line in given.get("lines") or ())
    given["payments"] = tuple(
        read_part(payment, payment_kind, "payment") for payment in given.get("payments") or ()
    )
    return kind(**_typed(given, kind))


def read_part(raw: object, kind: type[Part], what: str) -> Part:
    return kind(**_typed(_known(raw, kind, what), kind))


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """The ticket as the till API takes it; what is as by default is left out."""
    written: dict[str, Any] = _json(ticket)
    return written


def _json(value: Any) -> Any:
    if is_dataclass(value):
        given = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: _json(content) for field, content in given if _is_given(field.default, content)}
    if isinstance(value, tuple):
        return [_json(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _is_given(default: object, content: object) -> bool:
    return default is MISSING or content != default


def line_from(raw: object) -> TicketLine:
    return read_part(raw, TicketLine, "line")


def payment_from(raw: object) -> TicketPayment:
    return read_part(raw, TicketPayment, "payment")


def buyer_from(raw: object) -> Buyer | None:
    if raw is None:
        return None
    if isinstance(raw, str | int):
        return Buyer(ref=str(raw))
    return Buyer(**_typed(_known(raw, Buyer, "customer"), Buyer))


def moment(raw: object) -> datetime:
    try:
        read = datetime.fromisoformat(str(raw))
    except ValueError:
        raise TicketError(f"'{raw}' is not a moment such as 2026-03-14T13:22:41+01:00") from None
    if read.tzinfo is None:
        raise TicketError(f"'{raw}' lacks its offset from UTC")
    return read


def decimal(raw: object, name: str) -> Decimal:
    try:
        read = Decimal(str(raw))
    except InvalidOperation:
        raise TicketError(f"{name} is '{raw}', expected a number") from None
    if not read.is_finite():
        raise TicketError(f"{name} is '{raw}', expected a number")
    return read


def _known(raw: object, into: type, what: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise TicketError(f"a {what} is an object, not {type(raw).__name__}")
    names = {field.name for field in fields(into)}
    unknown = sorted(set(raw) - names)
    if unknown:
        raise TicketError(f"a {what} has no {', '.join(unknown)}; it has {', '.join(sorted(names))}")
    return {name: value for name, value in raw.items() if value is not None}


def _typed(given: dict[str, Any], into: type) -> dict[str, Any]:
    return {
        field.name: _read(given[field.name], str(field.type), field.name)
        for field in fields(into)
        if field.name in given
    }


def _read(value: Any, kind: str, name: str) -> Any:
    if "Decimal" in kind:
        return decimal(value, name)
    if "datetime" in kind:
        return moment(value)
    if "bool" in kind:
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if "int" in kind and not isinstance(value, tuple):
        return int(decimal(value, name))
    if kind.startswith("str") or "str |" in kind:
        return str(value)
    return value
