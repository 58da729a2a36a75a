"""Made-up evenings: what a restaurant's week looks like, the same for the same seed.

The profile "plain" holds what any books can take: tables with options and set menus, take-away, deliveries,
discounts, split payments, house accounts, room charges, refunds, receipts of nothing. "everything" adds tips,
service charge, gift cards, cash rounding, staff meals, voids and cancellations, splits, transfers and floats.
With `events` what happens to accounts afterwards is mixed in too.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from services.sandbox.made_up import MadeUp, moments_within
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.business_day import business_day, start_of
from services.sandbox.restaurant.made_up_events import EVENTS
from services.sandbox.restaurant.made_up_orders import COURSES, PLAIN, SPECIAL, Counter
from services.sandbox.restaurant.menu import BELGIAN, BRASSERIE
from services.sandbox.restaurant.orders import Order
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.seed import add_menu
from services.sandbox.switches import Switches

OPENS_AFTER, OPEN_FOR = timedelta(hours=6), timedelta(hours=13)


def sell_made_up(business: Business, wanted: MadeUp, switches: Switches, now: datetime) -> Iterator[Record]:
    """One account after the other; some are two records or more."""
    dice = random.Random(f"{wanted.seed} tables {business.business_id}")
    if not any(sku in COURSES for sku in business.by_sku):
        add_menu(business, BELGIAN if business.locations[0].country == "BE" else BRASSERIE)
    counter = Counter(business, dice, switches, now)
    makers = PLAIN if wanted.profile == "plain" and not wanted.events else PLAIN + SPECIAL
    if wanted.events:
        makers = makers + EVENTS
    weighed = [maker for maker, weight in makers for _ in range(weight)]
    for at in sorted(_moments(business, dice, wanted, now)):
        location = dice.choice(business.locations)
        device = dice.choice(location.devices)
        centre = dice.choice(location.centres)
        base = Order(
            at=at,
            shop=str(location.bl_id),
            register=str(device.device_id),
            revenue_centre=centre.name,
            table=str(dice.randrange(1, 40)),
        )
        made = dice.choice(weighed)(counter, base)
        counter.sold += made
        yield from made


def _moments(business: Business, dice: random.Random, wanted: MadeUp, now: datetime) -> list[datetime]:
    """Between lunch and past midnight, in the first location's business day."""
    location = business.locations[0]

    def hours(day: date) -> tuple[datetime, datetime]:
        opened = start_of(location, day) + OPENS_AFTER
        return opened, opened + OPEN_FOR

    return moments_within(dice, wanted, hours, business_day(location, now), now)
