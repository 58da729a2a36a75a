"""What a shop's counter rings up, one kind of ticket a function; PLAIN is what any books can take."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.sandbox.names import made_up_buyer
from services.sandbox.retail import events
from services.sandbox.retail.account import Account
from services.sandbox.retail.rows import Row
from services.sandbox.retail.selling import lines_of, sell
from services.sandbox.retail.values import ZERO, cents
from services.sandbox.switches import Switches
from services.sandbox.tills import Buyer, Ticket, TicketLine, TicketPayment

LOOSE_GOODS = TicketLine(
    item="LOS-KOFFIE", description="Losse koffiebonen", unit_price=Decimal("23.95"), vat_rate=Decimal(9)
)
TENDERS = ("PIN", "PIN", "PIN", "cash", "Creditcard", "iDEAL")


@dataclass
class Counter:
    """Where tickets are made: the shop's assortment, its customers, and what it has sold before."""

    account: Account
    dice: random.Random
    switches: Switches
    sold: list[Row] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)

    def items(self) -> list[Row]:
        return [item for item in self.account["Item"] if not item.flag("archived")]

    def money(self, low: int, high: int) -> Decimal:
        return Decimal(self.dice.randrange(low, high)) / 100


Maker = Callable[[Counter, Ticket], Row]


def a_line(counter: Counter, item: Row | None = None) -> TicketLine:
    dice = counter.dice
    item = item or dice.choice(counter.items())
    level = item.nested("Prices")["ItemPrice"]
    first = level[0] if isinstance(level, list) else level
    price = Decimal(str(first["amount"])) if isinstance(first, dict) else ZERO
    return TicketLine(
        item=item.text("customSku"),
        description=item.text("description"),
        quantity=Decimal(dice.choice((1, 1, 1, 1, 2, 2, 3, 6))),
        unit_price=price or counter.money(100, 2500),
    )


def some_lines(counter: Counter) -> tuple[TicketLine, ...]:
    return tuple(a_line(counter) for _ in range(counter.dice.choice((1, 1, 1, 2, 2, 3, 4, 6))))


def _paid(counter: Counter) -> tuple[TicketPayment, ...]:
    return (TicketPayment(type=counter.dice.choice(TENDERS)),)


def _maybe_known(counter: Counter) -> Buyer | None:
    number = counter.dice.randrange(200)
    return made_up_buyer(f"klant-{number}", number, company=number % 4 == 0) if number < 60 else None


def ring_up(counter: Counter, ticket: Ticket) -> Row:
    return sell(counter.account, ticket, counter.switches)


def ordinary(counter: Counter, base: Ticket) -> Row:
    lines, paid, buyer = some_lines(counter), _paid(counter), _maybe_known(counter)
    return ring_up(counter, replace(base, lines=lines, payments=paid, customer=buyer))


def line_discount(counter: Counter, base: Ticket) -> Row:
    lines = list(some_lines(counter))
    if counter.dice.random() < 0.5:
        lines[0] = replace(lines[0], line_discount_percent=Decimal(counter.dice.choice((5, 10, 15, 25, 50))))
    else:
        lines[0] = replace(lines[0], line_discount=cents(lines[0].quantity * lines[0].unit_price / 8))
    return ring_up(counter, replace(base, lines=tuple(lines), payments=_paid(counter)))


def receipt_discount(counter: Counter, base: Ticket) -> Row:
    percent = Decimal(counter.dice.choice((5, 10, 15, 20)))
    return ring_up(
        counter,
        replace(base, lines=some_lines(counter), payments=_paid(counter), receipt_discount_percent=percent),
    )


def weighed(counter: Counter, base: Ticket) -> Row:
    line = replace(LOOSE_GOODS, quantity=Decimal(counter.dice.randrange(120, 2400)) / 1000)
    return ring_up(counter, replace(base, lines=(line, *some_lines(counter)[:1]), payments=_paid(counter)))


def service(counter: Counter, base: Ticket) -> Row:
    repair = TicketLine(
        item="DIENST-FIETS",
        description="Fietsreparatie",
        unit_price=counter.money(1500, 9500),
        vat_rate=Decimal(9),
        kind="service",
    )
    return ring_up(counter, replace(base, lines=(repair, *some_lines(counter)[:1]), payments=_paid(counter)))


def manual_line(counter: Counter, base: Ticket) -> Row:
    line = TicketLine(description="Diversen", unit_price=counter.money(100, 3000), vat_rate=Decimal(21))
    untaxed = TicketLine(description="Postzegels", unit_price=Decimal("1.21"), vat_rate=Decimal(0))
    lines = (line, untaxed) if counter.dice.random() < 0.3 else (line,)
    return ring_up(counter, replace(base, lines=lines, payments=_paid(counter)))


def split_payment(counter: Counter, base: Ticket) -> Row:
    lines = (
        *some_lines(counter),
        TicketLine(description="Tas", unit_price=Decimal(25), vat_rate=Decimal(21)),
    )
    payments = (TicketPayment(type="cash", amount=Decimal(20)), TicketPayment(type="PIN"))
    return ring_up(counter, replace(base, lines=lines, payments=payments))


def on_account(counter: Counter, base: Ticket) -> Row:
    number = counter.dice.randrange(15) * 4
    buyer = made_up_buyer(f"klant-{number}", number, company=True)
    payments = (TicketPayment(type="credit account"),)
    return ring_up(counter, replace(base, lines=some_lines(counter), payments=payments, customer=buyer))


def return_without_receipt(counter: Counter, base: Ticket) -> Row:
    lines = tuple(replace(line, quantity=-line.quantity) for line in some_lines(counter)[:2])
    return ring_up(counter, replace(base, lines=lines, payments=_paid(counter)))


def return_with_receipt(counter: Counter, base: Ticket) -> Row:
    """One piece of an earlier line comes back; without an earlier sale, an ordinary one is made."""
    before = [sale for sale in counter.sold if sale.flag("completed") and sale.number("total") > 0]
    whole = [
        (sale, line)
        for sale in before
        for line in lines_of(counter.account, sale)
        if _can_return(counter, sale, line)
    ]
    if not whole:
        return ordinary(counter, base)
    sale, line = counter.dice.choice(whole)
    quantity = min(line.number("unitQuantity"), Decimal(1))
    wanted = events.Refund(
        {line.key: quantity}, at=base.at, payment="PIN", shop=base.shop, register=base.register
    )
    return events.refund(counter.account, sale, wanted, counter.switches)


def _can_return(counter: Counter, sale: Row, line: Row) -> bool:
    is_plain = line.id("itemID") > 0 and line.number("unitQuantity") > 0 and not line.flag("isLayaway")
    return is_plain and not counter.account["SaleLine"].find("parentSaleLineID", line.key)


def exchange(counter: Counter, base: Ticket) -> Row:
    back = replace(a_line(counter), quantity=Decimal(-1))
    out = replace(a_line(counter), quantity=Decimal(1))
    due = back.quantity * back.unit_price + out.unit_price
    return ring_up(counter, replace(base, lines=(back, out), payments=_paid(counter) if due else ()))


def zero_total(counter: Counter, base: Ticket) -> Row:
    line = a_line(counter)
    if counter.dice.random() < 0.5:
        return ring_up(counter, replace(base, lines=(replace(line, unit_price=ZERO),)))
    return ring_up(counter, replace(base, lines=(line,), receipt_discount_percent=Decimal(100)))


def export(counter: Counter, base: Ticket) -> Row:
    buyer = Buyer(
        ref="export-1",
        first_name="John",
        last_name="Carter",
        city="Boston",
        country="United States",
        country_code="US",
        street="Main St 1",
        tax_category="2",
    )
    return ring_up(counter, replace(base, lines=some_lines(counter), payments=_paid(counter), customer=buyer))


def gift_card_sold(counter: Counter, base: Ticket) -> Row:
    code = f"GC{counter.dice.randrange(10**10):010d}"
    counter.cards.append(code)
    value = Decimal(counter.dice.choice((25, 50, 100)))
    card = TicketLine(description="Cadeaubon", unit_price=value, gift_card=code)
    lines = (card, *some_lines(counter)) if counter.dice.random() < 0.4 else (card,)
    return ring_up(counter, replace(base, lines=lines, payments=(TicketPayment(type="PIN"),)))


def gift_card_used(counter: Counter, base: Ticket) -> Row:
    if not counter.cards:
        return gift_card_sold(counter, base)
    lines = (
        *some_lines(counter),
        TicketLine(description="Tas", unit_price=Decimal(10), vat_rate=Decimal(21)),
    )
    card = TicketPayment(type="gift card", amount=Decimal(10), gift_card=counter.dice.choice(counter.cards))
    return ring_up(counter, replace(base, lines=lines, payments=(card, TicketPayment(type="PIN"))))


def tip(counter: Counter, base: Ticket) -> Row:
    payments = (TicketPayment(type="PIN", tip=Decimal(counter.dice.choice((1, 2, 5)))),)
    return ring_up(counter, replace(base, lines=some_lines(counter), payments=payments))


def deposit(counter: Counter, base: Ticket) -> Row:
    """No lines: money in, and the same out to the customer's account."""
    number = counter.dice.randrange(60)
    amount = Decimal(counter.dice.choice((20, 50, 100)))
    payments = (
        TicketPayment(type="PIN", amount=amount),
        TicketPayment(type="credit account", amount=-amount),
    )
    buyer = made_up_buyer(f"klant-{number}", number, company=number % 4 == 0)
    return ring_up(counter, replace(base, payments=payments, customer=buyer))


def cash_rounded(counter: Counter, base: Ticket) -> Row:
    line = TicketLine(description="Diversen", unit_price=counter.money(101, 1999), vat_rate=Decimal(9))
    payments = (TicketPayment(type="cash"),)
    return ring_up(
        counter, replace(base, lines=(line, *some_lines(counter)[:1]), payments=payments, cash_rounding=True)
    )


def cash_with_change(counter: Counter, base: Ticket) -> Row:
    line = TicketLine(description="Diversen", unit_price=counter.money(100, 4900), vat_rate=Decimal(21))
    payments = (TicketPayment(type="cash", amount=Decimal(50)),)
    return ring_up(counter, replace(base, lines=(line,), payments=payments))


def voided(counter: Counter, base: Ticket) -> Row:
    sale = ordinary(counter, base)
    events.void(counter.account, sale, counter.switches, "verkeerd aangeslagen")
    return sale


def open_ticket(counter: Counter, base: Ticket) -> Row:
    payments = (TicketPayment(type="cash", amount=Decimal(1)),) if counter.dice.random() < 0.5 else ()
    lines = (TicketLine(description="Aanbetaald", unit_price=Decimal(40), vat_rate=Decimal(21)),)
    return ring_up(counter, replace(base, lines=lines, payments=payments, completed=False))


def cancelled_ticket(counter: Counter, base: Ticket) -> Row:
    return ring_up(counter, replace(base, lines=some_lines(counter), completed=False, archived=True))


def failed_attempts(counter: Counter, base: Ticket) -> Row:
    failed = TicketPayment(type="PIN", archived=True)
    return ring_up(
        counter,
        replace(base, lines=some_lines(counter), payments=(failed, failed, TicketPayment(type="PIN"))),
    )


def item_fee(counter: Counter, base: Ticket) -> Row:
    fee = TicketLine(
        description="Verwijderingsbijdrage", unit_price=Decimal("0.5"), vat_rate=Decimal(21), kind="item_fee"
    )
    return ring_up(counter, replace(base, lines=(a_line(counter), fee), payments=_paid(counter)))


def edited(counter: Counter, base: Ticket) -> Row:
    sale = ring_up(counter, replace(base, lines=some_lines(counter), payments=(TicketPayment(type="PIN"),)))
    events.edit(counter.account, sale, {"payment_type": "cash"}, counter.switches)
    return sale


PLAIN: list[tuple[Maker, int]] = [
    (ordinary, 40),
    (line_discount, 8),
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
    (tip, 3),
    (deposit, 3),
    (cash_rounded, 5),
    (cash_with_change, 3),
    (voided, 3),
    (open_ticket, 2),
    (cancelled_ticket, 2),
    (failed_attempts, 4),
    (item_fee, 3),
    (export, 2),
    (edited, 3),
]
