"""The vendor's side as a whole: businesses, consents, limits, switches, and answers told beforehand."""

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import time

from services.sandbox.clock import Clock
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.limits import Limits
from services.sandbox.restaurant.oauth import Grants
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.seed import bakery, bare_business, brasserie, cafe
from services.sandbox.restaurant.selling import sell
from services.sandbox.restaurant.switches import SWITCHES
from services.sandbox.switches import Switches
from services.sandbox.tills import Ticket

BRASSERIE, BAKERY, CAFE = 4801, 4802, 4803
SCRIPTED = ("429", "500", "503", "empty_page")


@dataclass
class RestaurantWorld:
    """`script` holds what the next calls of the financial API get instead of their answer."""

    clock: Clock
    seed: int = 1
    switches: Switches = field(default_factory=lambda: Switches(SWITCHES))
    businesses: dict[int, Business] = field(default_factory=dict)
    script: deque[str] = field(default_factory=deque)
    limits: Limits = field(init=False)
    grants: Grants = field(init=False)
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.clock.now, self.switches)
        self.grants = Grants(self.clock.now, self.switches)
        self.dice = random.Random(f"{self.seed} restaurant api")
        for made in (brasserie(BRASSERIE, self.seed), bakery(BAKERY, self.seed), cafe(CAFE, self.seed)):
            self.businesses[made.business_id] = made

    def add_business(
        self,
        name: str,
        *,
        shops: tuple[str, ...] = ("Restaurant",),
        country: str = "NL",
        day_start: time = time(5, 30),
    ) -> Business:
        number = max(self.businesses) + 1
        made = bare_business(number, name, self.seed, shops=shops, country=country, day_start=day_start)
        self.businesses[number] = made
        return made

    def sell(self, business: Business, ticket: Ticket) -> Record:
        return sell(business, ticket, self.switches, self.clock.now())

    def tell(self, answers: list[str]) -> None:
        for answer in answers:
            if answer not in SCRIPTED:
                raise ValueError(f"there is no answer {answer}; there are {', '.join(SCRIPTED)}")
        self.script.extend(answers)
