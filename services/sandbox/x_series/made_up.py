"""Made-up tickets: what a shop's day looks like, the same for the same seed.

The profile "plain" holds what any books can take: discounts, returns, exchanges, split payments, on account,
services, manual lines, weighed goods, promotions, receipts of nothing. "everything" adds the rest of what
this till knows; with `events` what happens to sales afterwards is mixed in too.
"""

import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from services.sandbox.made_up import MadeUp, moments
from services.sandbox.x_series.made_up_events import EVENTS
from services.sandbox.x_series.made_up_tickets import PLAIN, SPECIAL, Counter
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import Sale
from services.sandbox.x_series.seed import add_assortment
from services.sandbox.x_series.tickets import ShopTicket


def sell_made_up(merchant: Merchant, wanted: MadeUp) -> Iterator[Sale]:
    dice = random.Random(f"{wanted.seed} tickets {merchant.domain_prefix}")
    if not any(product for product in merchant.products if not product.is_system):
        add_assortment(merchant)
    counter = Counter(merchant, dice)
    makers = PLAIN if wanted.profile == "plain" and not wanted.events else PLAIN + SPECIAL
    if wanted.events:
        makers = makers + EVENTS
    names = [maker for maker, weight in makers for _ in range(weight)]
    zone = ZoneInfo(next(iter(merchant.outlets)).time_zone)
    for at in sorted(moments(dice, wanted, zone, merchant.now())):
        register = dice.choice(list(merchant.registers))
        base = ShopTicket(at=at, shop=register.outlet_id, register=register.id)
        sale = dice.choice(names)(counter, base)
        if sale not in counter.sold:
            counter.sold.append(sale)
        yield sale
