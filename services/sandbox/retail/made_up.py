"""Made-up tickets: what a shop's day looks like, the same for the same seed.

The profile "plain" holds what any books can take: discounts, returns, exchanges, split payments, on
account, services, manual lines, weighed goods, receipts of nothing. "everything" adds gift cards, tips,
deposits, cash rounding, voids, open and cancelled tickets and card attempts that failed. With `events`
what happens to sales and money afterwards is mixed in too (`made_up_events`).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.sandbox.retail.account import Account
from services.sandbox.retail.made_up_events import EVENTS
from services.sandbox.retail.made_up_tickets import PLAIN, SPECIAL, Counter
from services.sandbox.retail.rows import Row
from services.sandbox.retail.seed import add_assortment
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket, TicketError

PROFILES = ("plain", "everything")
OPEN, CLOSED = time(9, 0), time(18, 0)


@dataclass(frozen=True)
class MadeUp:
    """`days` end today, at the sandbox's now, or so many `days_ago`; one day is today so far."""

    count: int = 1
    days: int = 1
    seed: int = 1
    profile: str = "plain"
    events: bool = False
    days_ago: int = 0


def sell_made_up(account: Account, wanted: MadeUp, switches: Switches) -> Iterator[Row]:
    if wanted.profile not in PROFILES:
        raise TicketError(f"there is no profile {wanted.profile}; there are {', '.join(PROFILES)}")
    dice = random.Random(f"{wanted.seed} tickets {account.account_id}")
    counter = Counter(account, dice, switches)
    if not account["Item"]:
        add_assortment(account, dice)
    makers = PLAIN if wanted.profile == "plain" and not wanted.events else PLAIN + SPECIAL
    if wanted.events:
        makers = makers + EVENTS
    names = [maker for maker, weight in makers for _ in range(weight)]
    for at in sorted(_moments(account, dice, wanted)):
        shop = dice.choice([shop for shop in account["Shop"] if not shop.flag("archived")])
        register = dice.choice(account["Register"].find("shopID", shop.key))
        base = Ticket(at=at, shop=str(shop.key), register=str(register.key))
        sale = dice.choice(names)(counter, base)
        if sale not in counter.sold:
            counter.sold.append(sale)
        yield sale


def _moments(account: Account, dice: random.Random, wanted: MadeUp) -> list[datetime]:
    zone = ZoneInfo(next(iter(account["Shop"])).text("timeZone"))
    now = account.stamp()
    today = now.astimezone(zone).date()
    moments = []
    for _ in range(wanted.count):
        day = today - timedelta(days=wanted.days_ago + dice.randrange(max(wanted.days, 1)))
        opened = datetime.combine(day, OPEN, zone)
        closed = datetime.combine(day, CLOSED, zone)
        if closed > now:
            opened, closed = min(opened, now - timedelta(hours=1)), now
        moments.append(
            opened + timedelta(seconds=dice.randrange(max(int((closed - opened).total_seconds()), 1)))
        )
    return moments
