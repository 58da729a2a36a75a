"""Tickets of this till: what every till knows, and states, web shop charges, promotions and surcharges."""

from dataclasses import dataclass, fields, replace
from decimal import Decimal

from services.sandbox.tills import Ticket, TicketLine, TicketPayment, read_part, read_ticket


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a web shop charges beside the goods, such as shipping; the amount holds its VAT."""

    name: str
    amount: Decimal
    vat_rate: Decimal = Decimal(21)


@dataclass(frozen=True, kw_only=True)
class Line(TicketLine):
    """`promotion` names the promotion that gave the line's discount."""

    promotion: str = ""


@dataclass(frozen=True, kw_only=True)
class Payment(TicketPayment):
    """The surcharge comes on top of the rest, and is inside a given amount."""

    surcharge: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class ShopTicket(Ticket):
    """`state` is `open`, `parked`, or what a sale waits as: onaccount, layby, delivery, pickup, service."""

    state: str = ""
    charges: tuple[Charge, ...] = ()


def shop_ticket(raw: object) -> ShopTicket:
    ticket = read_ticket(raw, ShopTicket, Line, Payment)
    return replace(ticket, charges=tuple(read_part(charge, Charge, "charge") for charge in ticket.charges))


def as_shop_ticket(ticket: Ticket) -> ShopTicket:
    if isinstance(ticket, ShopTicket):
        return ticket
    return ShopTicket(**{field.name: getattr(ticket, field.name) for field in fields(Ticket)})


def promotion_of(line: TicketLine) -> str:
    return line.promotion if isinstance(line, Line) else ""


def surcharge_of(payment: TicketPayment) -> Decimal:
    return payment.surcharge if isinstance(payment, Payment) else Decimal(0)
