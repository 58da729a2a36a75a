"""What a shop's counter rings up, one kind of ticket a function; PLAIN is what any books can take."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from services.sandbox.names import made_up_buyer
from services.sandbox.tills import Buyer, TicketLine, TicketPayment
from services.sandbox.x_series import events
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Product
from services.sandbox.x_series.sale import Sale, State
from services.sandbox.x_series.selling import sell
from services.sandbox.x_series.tickets import Charge, Line, Payment, ShopTicket
from services.sandbox.x_series.values import ZERO, cents

TENDERS = ("PIN", "PIN", "PIN", "cash", "Creditcard", "iDEAL")
LOOSE_GOODS = TicketLine(
    item="LOS-MUESLI", description="Losse muesli", unit_price=Decimal("8.95"), vat_rate=Decimal(9)
)
BAG = TicketLine(description="Tas", unit_price=Decimal(25), vat_rate=Decimal(21))


@dataclass
class Counter:
    """Where tickets are made: the store, and what it has sold before."""

    merchant: Merchant
    dice: random.Random
    sold: list[Sale] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.products = [row for row in self.merchant.products if not row.is_system and row.price_incl]

    def money(self, low: int, high: int) -> Decimal:
        return Decimal(self.dice.randrange(low, high)) / 100

    def buyer(self, business: bool | None = None) -> Buyer:
        number = self.dice.randrange(60)
        if business:
            number = number // 4 * 4
        return made_up_buyer(f"klant-{number}", number, company=number % 4 == 0)


Maker = Callable[[Counter, ShopTicket], Sale]


def a_line(counter: Counter, product: Product | None = None) -> TicketLine:
    product = product or counter.dice.choice(counter.products)
    quantity = Decimal(counter.dice.choice((1, 1, 1, 1, 2, 2, 3, 6)))
    return TicketLine(
        item=product.sku, description=product.name, quantity=quantity, unit_price=product.price_incl
    )


def some_lines(counter: Counter) -> tuple[TicketLine, ...]:
    return tuple(a_line(counter) for _ in range(counter.dice.choice((1, 1, 1, 2, 2, 3, 4, 6))))


def paid(counter: Counter) -> tuple[TicketPayment, ...]:
    return (TicketPayment(type=counter.dice.choice(TENDERS)),)


def ring_up(counter: Counter, base: ShopTicket, *lines: TicketLine, **more: object) -> Sale:
    """Paid by one tender unless `payments` says otherwise."""
    changes: dict[str, object] = {"lines": lines, "payments": paid(counter)} | more
    return sell(counter.merchant, replace(base, **changes))  # type: ignore[arg-type]


def ordinary(counter: Counter, base: ShopTicket) -> Sale:
    buyer = counter.buyer() if counter.dice.random() < 0.3 else None
    return ring_up(counter, base, *some_lines(counter), customer=buyer)


def line_discount(counter: Counter, base: ShopTicket) -> Sale:
    first, *others = some_lines(counter)
    if counter.dice.random() < 0.5:
        first = replace(first, line_discount_percent=Decimal(counter.dice.choice((5, 10, 15, 25, 50))))
    else:
        first = replace(first, line_discount=cents(first.quantity * first.unit_price / 8))
    return ring_up(counter, base, first, *others)


def promotion(counter: Counter, base: ShopTicket) -> Sale:
    first = a_line(counter)
    off = cents(first.quantity * first.unit_price / 5)
    line = Line(
        item=first.item,
        description=first.description,
        quantity=first.quantity,
        unit_price=first.unit_price,
        line_discount=off,
        promotion="Zomeractie",
    )
    return ring_up(counter, base, line, *some_lines(counter))


def receipt_discount(counter: Counter, base: ShopTicket) -> Sale:
    percent = Decimal(counter.dice.choice((5, 10, 15, 20)))
    return ring_up(counter, base, *some_lines(counter), receipt_discount_percent=percent)


def weighed(counter: Counter, base: ShopTicket) -> Sale:
    line = replace(LOOSE_GOODS, quantity=Decimal(counter.dice.randrange(120, 2400)) / 1000)
    return ring_up(counter, base, line, *some_lines(counter)[:1])


def service(counter: Counter, base: ShopTicket) -> Sale:
    repair = TicketLine(
        item="DIENST-FIETS",
        description="Fietsreparatie",
        unit_price=counter.money(1500, 9500),
        vat_rate=Decimal(9),
        kind="service",
    )
    return ring_up(counter, base, repair, *some_lines(counter)[:1])


def manual_line(counter: Counter, base: ShopTicket) -> Sale:
    line = TicketLine(description="Diversen", unit_price=counter.money(100, 3000), vat_rate=Decimal(21))
    untaxed = TicketLine(description="Postzegels", unit_price=Decimal("1.21"), vat_rate=Decimal(0))
    return ring_up(counter, base, *((line, untaxed) if counter.dice.random() < 0.3 else (line,)))


def split_payment(counter: Counter, base: ShopTicket) -> Sale:
    payments = (TicketPayment(type="cash", amount=Decimal(20)), TicketPayment(type="PIN"))
    return ring_up(counter, base, *some_lines(counter), BAG, payments=payments)


def on_account(counter: Counter, base: ShopTicket) -> Sale:
    payments = (TicketPayment(type="on account"),)
    return ring_up(
        counter, base, *some_lines(counter), payments=payments, customer=counter.buyer(business=True)
    )


def return_without_receipt(counter: Counter, base: ShopTicket) -> Sale:
    return ring_up(
        counter, base, *(replace(line, quantity=-line.quantity) for line in some_lines(counter)[:2])
    )


def return_with_receipt(counter: Counter, base: ShopTicket) -> Sale:
    """One piece of an earlier line comes back; without an earlier sale, an ordinary one is made."""
    before = [sale for sale in counter.sold if _can_return(counter, sale)]
    if not before:
        return ordinary(counter, base)
    sale = counter.dice.choice(before)
    line = counter.dice.choice(sale.lines)
    pieces = {line.id: min(line.quantity, Decimal(1))}
    return events.refund(counter.merchant, sale, TicketPayment(type="PIN"), pieces, base.at)


def _can_return(counter: Counter, sale: Sale) -> bool:
    is_plain = (
        sale.state is State.CLOSED and not sale.attributes and not sale.return_ids and not sale.return_for
    )
    own = {counter.merchant.system.discount, counter.merchant.system.rounding}
    return is_plain and bool(sale.lines) and all(
        line.quantity > 0 and line.gross > 0 and not line.gift_card and line.product_id not in own
        for line in sale.lines
    )  # fmt: skip


def exchange(counter: Counter, base: ShopTicket) -> Sale:
    back = replace(a_line(counter), quantity=Decimal(-1))
    return ring_up(counter, base, back, replace(a_line(counter), quantity=Decimal(1)))


def zero_total(counter: Counter, base: ShopTicket) -> Sale:
    line = a_line(counter)
    if counter.dice.random() < 0.5:
        return ring_up(counter, base, replace(line, unit_price=ZERO), payments=())
    return ring_up(counter, base, line, receipt_discount_percent=Decimal(100), payments=())


def gift_card_sold(counter: Counter, base: ShopTicket) -> Sale:
    code = f"GC{counter.dice.randrange(10**10):010d}"
    counter.cards.append(code)
    value = Decimal(counter.dice.choice((25, 50, 100)))
    card = TicketLine(description="Cadeaubon", unit_price=value, gift_card=code)
    others = some_lines(counter) if counter.dice.random() < 0.4 else ()
    return ring_up(counter, base, card, *others)


def gift_card_used(counter: Counter, base: ShopTicket) -> Sale:
    full = [code for code in counter.cards if _worth(counter, code) >= 10]
    if not full:
        return gift_card_sold(counter, base)
    card = TicketPayment(type="gift card", amount=Decimal(10), gift_card=counter.dice.choice(full))
    payments = (card, TicketPayment(type="PIN"))
    return ring_up(counter, base, *some_lines(counter), BAG, payments=payments)


def _worth(counter: Counter, code: str) -> Decimal:
    return counter.merchant.gift_cards[counter.merchant.card_numbers[code]].balance


def store_credit(counter: Counter, base: ShopTicket) -> Sale:
    """Goods come back, and their price becomes credit of the customer."""
    line = replace(a_line(counter), quantity=Decimal(-1))
    payments = (TicketPayment(type="store credit"),)
    return ring_up(counter, base, line, payments=payments, customer=counter.buyer())


def loyalty_used(counter: Counter, base: ShopTicket) -> Sale:
    payments = (TicketPayment(type="loyalty", amount=Decimal("2.50")), TicketPayment(type="PIN"))
    return ring_up(counter, base, BAG, payments=payments, customer=counter.buyer())


def tip(counter: Counter, base: ShopTicket) -> Sale:
    payments = (TicketPayment(type="PIN", tip=Decimal(counter.dice.choice((1, 2, 5)))),)
    return ring_up(counter, base, *some_lines(counter), payments=payments)


def surcharge(counter: Counter, base: ShopTicket) -> Sale:
    payments = (Payment(type="Creditcard", surcharge=Decimal("0.50")),)
    return ring_up(counter, base, *some_lines(counter), payments=payments)


def web_order(counter: Counter, base: ShopTicket) -> Sale:
    charges = (Charge(name="Verzendkosten", amount=Decimal("4.95")),)
    payments = (TicketPayment(type="iDEAL"),)
    return ring_up(
        counter, base, *some_lines(counter), payments=payments, charges=charges, customer=counter.buyer()
    )


def cash_rounded(counter: Counter, base: ShopTicket) -> Sale:
    line = TicketLine(description="Diversen", unit_price=counter.money(101, 1999), vat_rate=Decimal(9))
    return ring_up(counter, base, line, payments=(TicketPayment(type="cash"),), cash_rounding=True)


def cash_with_change(counter: Counter, base: ShopTicket) -> Sale:
    line = TicketLine(description="Diversen", unit_price=counter.money(100, 4900), vat_rate=Decimal(21))
    return ring_up(counter, base, line, payments=(TicketPayment(type="cash", amount=Decimal(50)),))


def waiting(counter: Counter, base: ShopTicket) -> Sale:
    """A layby with a part paid, or goods to be sent, collected or repaired."""
    state = counter.dice.choice(("layby", "delivery", "pickup", "service", "open"))
    part = (TicketPayment(type="PIN", amount=Decimal(10)),) if state == "layby" else ()
    return ring_up(counter, base, BAG, payments=part, customer=counter.buyer(), state=state)


def parked(counter: Counter, base: ShopTicket) -> Sale:
    return ring_up(counter, base, *some_lines(counter), payments=(), completed=False)


def voided(counter: Counter, base: ShopTicket) -> Sale:
    return events.void(counter.merchant, ordinary(counter, base))


def deleted(counter: Counter, base: ShopTicket) -> Sale:
    return events.delete(counter.merchant, parked(counter, base))


def late(counter: Counter, base: ShopTicket) -> Sale:
    """Rung up offline two days before it reached the lists."""
    at = base.at - timedelta(days=2) if base.at else None
    return ring_up(counter, replace(base, at=at, opened_at=base.at), *some_lines(counter))


PLAIN: list[tuple[Maker, int]] = [
    (ordinary, 40),
    (line_discount, 8),
    (promotion, 3),
    (receipt_discount, 5),
    (weighed, 6),
    (service, 4),
    (manual_line, 5),
    (split_payment, 5),
    (on_account, 5),
    (return_with_receipt, 5),
    (return_without_receipt, 4),
    (exchange, 4),
    (zero_total, 3),
]
SPECIAL: list[tuple[Maker, int]] = [
    (gift_card_sold, 4),
    (gift_card_used, 4),
    (store_credit, 2),
    (loyalty_used, 2),
    (tip, 3),
    (surcharge, 2),
    (web_order, 3),
    (cash_rounded, 5),
    (cash_with_change, 3),
    (waiting, 4),
    (parked, 2),
    (voided, 3),
    (deleted, 1),
    (late, 2),
]
