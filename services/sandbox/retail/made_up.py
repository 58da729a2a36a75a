"""Made-up tickets: what a shop's day looks like, the same for the same seed.

The profile "plain" holds what any books can take: discounts, returns, exchanges, split payments, on
account, services, manual lines, weighed goods, receipts of nothing. "everything" adds gift cards, tips,
deposits, cash rounding, voids, open and cancelled tickets and card attempts that failed. With `events`
what happens to sales and money afterwards is mixed in too (`made_up_events`).
"""

import random
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from services.sandbox.made_up import MadeUp, moments
from services.sandbox.retail.account import Account
from services.sandbox.retail.made_up_events import EVENTS
from services.sandbox.retail.made_up_tickets import PLAIN, SPECIAL, Counter
from services.sandbox.retail.rows import Row
from services.sandbox.retail.seed import add_assortment
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket


def sell_made_up(account: Account, wanted: MadeUp, switches: Switches) -> Iterator[Row]:
    dice = random.Random(f"{wanted.seed} tickets {account.account_id}")
    counter = Counter(account, dice, switches)
    if not account["Item"]:
        add_assortment(account, dice)
    makers = PLAIN if wanted.profile == "plain" and not wanted.events else PLAIN + SPECIAL
    if wanted.events:
        makers = makers + EVENTS
    names = [maker for maker, weight in makers for _ in range(weight)]
    zone = ZoneInfo(next(iter(account["Shop"])).text("timeZone"))
    for at in sorted(moments(dice, wanted, zone, account.stamp())):
        shop = dice.choice([shop for shop in account["Shop"] if not shop.flag("archived")])
        register = dice.choice(account["Register"].find("shopID", shop.key))
        base = Ticket(at=at, shop=str(shop.key), register=str(register.key))
        sale = dice.choice(names)(counter, base)
        if sale not in counter.sold:
            counter.sold.append(sale)
        yield sale
