"""What a restaurant rings up, one kind of account a function; PLAIN is what any books can take."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from services.sandbox.names import made_up_buyer
from services.sandbox.restaurant import moving
from services.sandbox.restaurant.business import Business, Item
from services.sandbox.restaurant.menu import BELGIAN, BRASSERIE
from services.sandbox.restaurant.orders import Order, OrderLine, OrderPayment
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.reversing import REVERSED, Back, cancel, refund
from services.sandbox.restaurant.selling import Shop, sell, shop_of
from services.sandbox.switches import Switches
from services.sandbox.tills import Buyer

TENDERS = ("PIN", "PIN", "PIN", "CASH", "CC")
COURSES = {dish.sku: dish.course for dish in (*BRASSERIE, *BELGIAN)}


@dataclass
class Counter:
    """Where accounts are made: what is on the menu, and what was sold before."""

    business: Business
    dice: random.Random
    switches: Switches
    now: datetime
    sold: list[Record] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)

    def dishes(self, course: str) -> list[Item]:
        return [item for item in self.business.items.values() if COURSES.get(item.sku, "main") == course]

    def shop(self, order: Order) -> Shop:
        return shop_of(self.business, order.shop, self.switches, self.now)


Maker = Callable[[Counter, Order], list[Record]]


def a_line(item: Item, quantity: int = 1) -> OrderLine:
    return OrderLine(item=item.sku, quantity=Decimal(quantity), unit_price=item.price)


def a_table(counter: Counter) -> tuple[OrderLine, ...]:
    """Dishes and drinks, an option under one dish in three."""
    dice, lines = counter.dice, []
    for _ in range(dice.choice((1, 2, 2, 3, 4))):
        lines.append(a_line(dice.choice(counter.dishes("main")), dice.choice((1, 1, 1, 2))))
        if dice.random() < 0.33:
            option = a_line(dice.choice(counter.dishes("option")), int(lines[-1].quantity))
            lines.append(replace(option, under=len(lines) - 1))
        if dice.random() < 0.8:
            lines.append(a_line(dice.choice(counter.dishes("drink")), dice.choice((1, 1, 2, 3))))
    return tuple(lines)


def some_dishes(counter: Counter) -> tuple[OrderLine, ...]:
    return tuple(
        a_line(counter.dice.choice(counter.dishes("main"))) for _ in range(counter.dice.choice((1, 2, 3)))
    )


def paid(counter: Counter) -> tuple[OrderPayment, ...]:
    return (OrderPayment(type=counter.dice.choice(TENDERS)),)


def ring_up(counter: Counter, order: Order) -> list[Record]:
    return [sell(counter.business, order, counter.switches, counter.now)]


def at_the_table(counter: Counter, base: Order) -> list[Record]:
    covers = Decimal(counter.dice.choice((1, 2, 2, 2, 4, 6)))
    return ring_up(
        counter,
        replace(base, lines=a_table(counter), payments=paid(counter), covers=covers, profile="HIER"),
    )


def take_away(counter: Counter, base: Order) -> list[Record]:
    return ring_up(
        counter, replace(base, lines=some_dishes(counter), payments=paid(counter), profile="MEE", table="")
    )


def mixed_profiles(counter: Counter, base: Order) -> list[Record]:
    """Eaten here, and something taken home from the same bill."""
    home = replace(a_line(counter.dice.choice(counter.dishes("main"))), profile="MEE")
    lines = (*a_table(counter), home)
    return ring_up(counter, replace(base, lines=lines, payments=paid(counter), profile="HIER"))


def delivery(counter: Counter, base: Order) -> list[Record]:
    number = f"{counter.dice.randrange(10**8):08d}"
    platform = OrderPayment(type=counter.dice.choice(("TBEZORGD", "UBER")), reference=number)
    return ring_up(
        counter,
        replace(
            base,
            lines=some_dishes(counter),
            payments=(platform,),
            profile="BEZORG",
            platform=number,
            table="",
        ),
    )


def set_menu(counter: Counter, base: Order) -> list[Record]:
    """The menu is a line of nothing; its courses, with their own rates, share its price."""
    menu = counter.dice.choice(counter.dishes("set"))
    food, drink = counter.dice.choice(counter.dishes("main")), counter.dice.choice(counter.dishes("drink"))
    drinks = (menu.price / 5).quantize(Decimal("0.01"))
    lines = (
        replace(a_line(menu), unit_price=Decimal(0)),
        replace(a_line(food), unit_price=menu.price - drinks, under=0),
        replace(a_line(drink), unit_price=drinks, under=0),
    )
    return ring_up(counter, replace(base, lines=lines, payments=paid(counter), profile="HIER"))


def line_discount(counter: Counter, base: Order) -> list[Record]:
    first, *others = a_table(counter)
    percent = Decimal(counter.dice.choice((10, 15, 25, 100)))
    lines = (replace(first, line_discount_percent=percent), *others)
    return ring_up(counter, replace(base, lines=lines, payments=paid(counter), discount_name="Vaste gast"))


def account_discount(counter: Counter, base: Order) -> list[Record]:
    percent = Decimal(counter.dice.choice((5, 10, 20)))
    return ring_up(
        counter,
        replace(base, lines=a_table(counter), payments=paid(counter), receipt_discount_percent=percent),
    )


def weighed(counter: Counter, base: Order) -> list[Record]:
    weight = Decimal(counter.dice.randrange(120, 900)) / 1000
    group = counter.business.groups[0].name
    cheese = OrderLine(
        item="KAASKG",
        description="Kaasplank per kilo",
        quantity=weight,
        unit_price=Decimal("38.50"),
        group=group,
    )
    return ring_up(counter, replace(base, lines=(cheese,), payments=paid(counter)))


def negative_price(counter: Counter, base: Order) -> list[Record]:
    """A voucher as a line of a negative open price."""
    table = a_table(counter)
    off = OrderLine(
        item="KORTINGSBON", description="Kortingsbon", unit_price=Decimal(-1), group=_first(counter)
    )
    return ring_up(counter, replace(base, lines=(*table, off), payments=paid(counter)))


def _first(counter: Counter) -> str:
    return counter.business.groups[0].name


def two_tenders(counter: Counter, base: Order) -> list[Record]:
    dish = OrderLine(
        item="BORREL", description="Borrelplank", unit_price=Decimal("24.50"), group=_first(counter)
    )
    payments = (OrderPayment(type="CASH", amount=Decimal(20)), OrderPayment(type="PIN"))
    return ring_up(counter, replace(base, lines=(dish, *a_table(counter)), payments=payments))


def on_account(counter: Counter, base: Order) -> list[Record]:
    payments = (OrderPayment(type="REKENING"),)
    guest = a_guest(counter, company=True)
    return ring_up(counter, replace(base, lines=a_table(counter), payments=payments, customer=guest))


def a_guest(counter: Counter, *, company: bool) -> Buyer:
    number = counter.dice.randrange(15) * 4
    return made_up_buyer(f"gast-{number}", number, company=company)


def room_charge(counter: Counter, base: Order) -> list[Record]:
    room = OrderPayment(type="IKPMS", reference=f"KAMER-{counter.dice.randrange(101, 140)}")
    return ring_up(counter, replace(base, lines=a_table(counter), payments=(room,)))


def refunded(counter: Counter, base: Order) -> list[Record]:
    """One dish of an earlier account is paid back; without one, a table is rung up."""
    sold = untouched(counter)
    if sold is None:
        return at_the_table(counter, base)
    line = next(line for line in sold.lines if line.gross > 0)
    back = Back({line.line_id: min(line.quantity, Decimal(1))}, at=base.at)
    location, _ = counter.business.by_number[sold.fisc_id]
    return [refund(shop_of(counter.business, str(location.bl_id), counter.switches, counter.now), sold, back)]


def untouched(counter: Counter) -> Record | None:
    """An ordinary account of before: paid by one tender, with nothing of it back yet."""
    touched = {record.previous_id for _, record in counter.business.by_number.values()}
    found = [record for record in counter.sold if _is_ordinary(record) and record.fisc_id not in touched]
    return counter.dice.choice(found) if found else None


def _is_ordinary(record: Record) -> bool:
    if record.kind not in REVERSED or record.cancelled_at or record.total <= 0:
        return False
    if [payment.method.kind for payment in record.payments] not in (["card"], ["cash"]):
        return False
    return (
        not record.payments[0].rounding
        and not record.surcharge
        and any(line.gross > 0 for line in record.counted_lines)
    )


def nothing(counter: Counter, base: Order) -> list[Record]:
    """On the house: a receipt that comes to nothing."""
    return ring_up(counter, replace(base, lines=some_dishes(counter), receipt_discount_percent=Decimal(100)))


def tipped(counter: Counter, base: Order) -> list[Record]:
    tip = Decimal(counter.dice.choice((1, 2, 5)))
    payments = (OrderPayment(type=counter.dice.choice(("PIN", "CC")), tip=tip),)
    return ring_up(counter, replace(base, lines=a_table(counter), payments=payments, profile="HIER"))


def tip_alone(counter: Counter, base: Order) -> list[Record]:
    """The bill was on the house, and the guest left a tip by card."""
    payments = (OrderPayment(type="PIN", tip=Decimal(5)),)
    return ring_up(
        counter,
        replace(base, lines=some_dishes(counter), payments=payments, receipt_discount_percent=Decimal(100)),
    )


def service_charge(counter: Counter, base: Order) -> list[Record]:
    return ring_up(
        counter,
        replace(base, lines=a_table(counter), payments=paid(counter), service_charge=Decimal(10)),
    )


def untaxed_service_charge(counter: Counter, base: Order) -> list[Record]:
    order = replace(base, service_charge=Decimal(10), service_charge_type="UNTAXED")
    return ring_up(counter, replace(order, lines=a_table(counter), payments=paid(counter)))


def surcharged(counter: Counter, base: Order) -> list[Record]:
    payments = (OrderPayment(type="CC", surcharge=Decimal("0.75"), authorization="A12345"),)
    return ring_up(counter, replace(base, lines=a_table(counter), payments=payments))


def cash_rounded(counter: Counter, base: Order) -> list[Record]:
    cents = Decimal(counter.dice.choice((11, 12, 13, 14))) / 100
    odd = OrderLine(item="SNACK", description="Snack", unit_price=Decimal(4) + cents, group=_first(counter))
    payments = (OrderPayment(type="CASH"),)
    return ring_up(counter, replace(base, lines=(odd,), payments=payments, cash_rounding=True))


def gift_card_sold(counter: Counter, base: Order) -> list[Record]:
    code = f"GC-{counter.dice.randrange(10**8):08d}"
    counter.cards.append(code)
    card = OrderLine(unit_price=Decimal(counter.dice.choice((25, 50, 100))), gift_card=code)
    return ring_up(counter, replace(base, lines=(card,), payments=(OrderPayment(type="PIN"),)))


def gift_card_used(counter: Counter, base: Order) -> list[Record]:
    if not counter.cards:
        return gift_card_sold(counter, base)
    dish = OrderLine(
        item="BORREL", description="Borrelplank", unit_price=Decimal("24.50"), group=_first(counter)
    )
    card = OrderPayment(type="IKGIFT", amount=Decimal(10), gift_card=counter.dice.choice(counter.cards))
    return ring_up(counter, replace(base, lines=(dish,), payments=(card, OrderPayment(type="PIN"))))


def staff_meal(counter: Counter, base: Order) -> list[Record]:
    payments = (OrderPayment(type="PERS"),)
    return ring_up(counter, replace(base, lines=some_dishes(counter), payments=payments, profile="PERS"))


def voided_line(counter: Counter, base: Order) -> list[Record]:
    dropped = replace(a_line(counter.dice.choice(counter.dishes("drink"))), void_reason="Unhappy Client")
    return ring_up(counter, replace(base, lines=(*a_table(counter), dropped), payments=paid(counter)))


def split_evenly(counter: Counter, base: Order) -> list[Record]:
    lines = (
        OrderLine(item="FONDUE", description="Kaasfondue", unit_price=Decimal(50), group=_first(counter)),
    )
    order = replace(base, lines=lines, payments=(OrderPayment(type="PIN"),))
    return moving.split(counter.shop(order), order, 3)


def moved_table(counter: Counter, base: Order) -> list[Record]:
    """The drinks go along from the bar, and are paid at the table."""
    order = replace(base, lines=(a_line(counter.dice.choice(counter.dishes("drink")), 2),))
    moved = moving.transfer(counter.shop(order), order)
    if len(moved) > 1:
        return moved
    return moved + ring_up(
        counter, replace(order, lines=(*order.lines, *a_table(counter)), payments=paid(counter))
    )


def emptied(counter: Counter, base: Order) -> list[Record]:
    order = replace(base, lines=some_dishes(counter))
    return [moving.cancelled_input(counter.shop(order), order)]


def float_put_in(counter: Counter, base: Order) -> list[Record]:
    amount = Decimal(counter.dice.choice((100, 150, -250)))
    return [moving.cash_float(counter.shop(base), amount, base.at, base.register)]


def late(counter: Counter, base: Order) -> list[Record]:
    """A till without a network hands this in an hour later, or now."""
    at = base.at or counter.now
    arrives = min(at + timedelta(hours=1), counter.now)
    return at_the_table(counter, replace(base, arrives_at=arrives))


def cancelled_later(counter: Counter, base: Order) -> list[Record]:
    sold = at_the_table(counter, base)[0]
    return [sold, cancel(counter.shop(base), sold, Back(at=base.at))]


PLAIN: list[tuple[Maker, int]] = [
    (at_the_table, 40),
    (take_away, 12),
    (mixed_profiles, 5),
    (delivery, 7),
    (set_menu, 6),
    (line_discount, 5),
    (account_discount, 4),
    (weighed, 3),
    (negative_price, 2),
    (two_tenders, 5),
    (on_account, 5),
    (room_charge, 3),
    (refunded, 4),
    (nothing, 3),
]
SPECIAL: list[tuple[Maker, int]] = [
    (tipped, 8),
    (tip_alone, 2),
    (service_charge, 4),
    (untaxed_service_charge, 3),
    (surcharged, 2),
    (cash_rounded, 4),
    (gift_card_sold, 3),
    (gift_card_used, 3),
    (staff_meal, 4),
    (voided_line, 4),
    (split_evenly, 3),
    (moved_table, 3),
    (emptied, 3),
    (float_put_in, 2),
    (late, 2),
    (cancelled_later, 2),
]
