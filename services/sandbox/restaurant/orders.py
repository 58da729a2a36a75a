"""What a restaurant's till is told to ring up: a ticket, and what only restaurants have on it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from services.sandbox.tills import Ticket, TicketError, TicketLine, TicketPayment, read_part, read_ticket


@dataclass(frozen=True, kw_only=True)
class OrderLine(TicketLine):
    """`under` is the place, from 0, of the line that this one modifies or is a component of.

    With `void_reason` the line was taken off the bill again; `group` is an accounting
    group's name, code or id.
    """

    under: int | None = None
    group: str = ""
    profile: str = ""
    revenue_centre: str = ""
    void_reason: str = ""
    name_override: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderPayment(TicketPayment):
    surcharge: Decimal = Decimal(0)
    authorization: str = ""


@dataclass(frozen=True, kw_only=True)
class Order(Ticket):
    """`arrives_at` is when an offline till hands it in; `service_charge` is in per cent.

    `platform` is the reference of an online order. `back_office` is typed in there, dated back to `at`.
    """

    table: str = ""
    covers: Decimal = Decimal(1)
    profile: str = ""
    revenue_centre: str = ""
    service_charge: Decimal = Decimal(0)
    service_charge_type: str = "APPORTIONED"
    platform: str = ""
    arrives_at: datetime | None = None
    back_office: bool = False
    discount_name: str = ""


TICKET, LINE, PAYMENT = (
    tuple(field.name for field in fields(kind)) for kind in (Ticket, TicketLine, TicketPayment)
)


def order_from(raw: object) -> Order:
    order = read_ticket(raw, Order, OrderLine, OrderPayment)
    if order.service_charge_type not in {"APPORTIONED", "UNTAXED"}:
        raise TicketError(f"service_charge_type is APPORTIONED or UNTAXED, not {order.service_charge_type}")
    return order


def order_lines(raw: Sequence[object]) -> tuple[OrderLine, ...]:
    return tuple(read_part(line, OrderLine, "line") for line in raw)


def order_payments(raw: Sequence[object]) -> tuple[OrderPayment, ...]:
    return tuple(read_part(payment, OrderPayment, "payment") for payment in raw)


def as_order(ticket: Ticket) -> Order:
    """A ticket of any till, as this one rings it up."""
    if isinstance(ticket, Order):
        return ticket
    return Order(**{name: getattr(ticket, name) for name in TICKET})


def as_order_line(line: TicketLine) -> OrderLine:
    if isinstance(line, OrderLine):
        return line
    return OrderLine(**{name: getattr(line, name) for name in LINE})


def as_order_payment(payment: TicketPayment) -> OrderPayment:
    if isinstance(payment, OrderPayment):
        return payment
    return OrderPayment(**{name: getattr(payment, name) for name in PAYMENT})
