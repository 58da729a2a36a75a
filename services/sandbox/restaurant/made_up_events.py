"""What happens to accounts and money afterwards, mixed into the made-up ones."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from services.sandbox.restaurant import moving, reversing
from services.sandbox.restaurant.made_up_orders import (
    Counter,
    Maker,
    a_guest,
    a_table,
    at_the_table,
    on_account,
    paid,
    untouched,
)
from services.sandbox.restaurant.orders import Order
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.reversing import Back
from services.sandbox.restaurant.selling import Shop, shop_of


def _shop_of(counter: Counter, sold: Record) -> Shop:
    location, _ = counter.business.by_number[sold.fisc_id]
    return shop_of(counter.business, str(location.bl_id), counter.switches, counter.now)


def voided_later(counter: Counter, base: Order) -> list[Record]:
    sold = untouched(counter)
    if sold is None:
        return at_the_table(counter, base)
    return [reversing.void(_shop_of(counter, sold), sold, Back(at=base.at, reason="Unhappy Client"))]


def recalled(counter: Counter, base: Order) -> list[Record]:
    """Opened again for one more round."""
    sold = untouched(counter)
    if sold is None:
        return at_the_table(counter, base)
    shop = _shop_of(counter, sold)
    order = replace(
        base, shop=str(shop.location.bl_id), register=None, revenue_centre="", lines=a_table(counter)
    )
    return [reversing.recall(shop, sold, replace(order, payments=paid(counter)))]


def paid_otherwise(counter: Counter, base: Order) -> list[Record]:
    sold = untouched(counter)
    if sold is None:
        return at_the_table(counter, base)
    to = "CASH" if sold.payments[0].method.kind == "card" else "PIN"
    shop = _shop_of(counter, sold)
    return [reversing.change_payment(shop, sold, to, at=base.at, back_office=True)]


def cancelled_after_the_day(counter: Counter, base: Order) -> list[Record]:
    sold = untouched(counter)
    if sold is None:
        return at_the_table(counter, base)
    return [reversing.cancel(_shop_of(counter, sold), sold, Back(at=base.at))]


def typed_in_later(counter: Counter, base: Order) -> list[Record]:
    """At the Back Office, dated back: V2 lists it when it was typed in."""
    at = (base.at or counter.now) - timedelta(days=1)
    return at_the_table(counter, replace(base, at=at, back_office=True))


def house_account_paid(counter: Counter, base: Order) -> list[Record]:
    guest = a_guest(counter, company=True)
    known = counter.business.buyers.get(guest.ref)
    owed = counter.business.owed.get(known[0], Decimal(0)) if known else Decimal(0)
    if owed <= 0:
        return on_account(counter, base)
    return [moving.settle_house_account(counter.shop(base), guest, owed, "PIN", base.at)]


EVENTS: list[tuple[Maker, int]] = [
    (voided_later, 4),
    (recalled, 3),
    (paid_otherwise, 4),
    (cancelled_after_the_day, 3),
    (typed_in_later, 2),
    (house_account_paid, 3),
]
