"""Keeps the demo shop's articles in step, one direction after the other, and looks at both sides.

The direction that the mode wants goes last, and the sales come after it: what they move must agree as well.
What a person would do in Exact is done through the sandbox: goods are entered, orders delivered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from libs.common.domain.product import Direction
from libs.common.lightspeed.sources import SOURCES
from services.demo.connecting import Shop, change_rules
from services.demo.processes import DemoFailed
from services.demo.product import NotNow, Partner
from services.demo.selling import Till, stock_up
from services.demo.stocktaking import Articles, Plain, Taken, codes_of, take_stock
from services.demo.watching import consent_again

Say = Callable[[str], None]
Progress = Mapping[str, Any]
NEW_IN_EXACT = ("Fietsbel koper", "Zadeldek leer", "Kaartset Utrecht", "Emaille mok", "Wollen muts", "Bidon")
PRICE_IN_EXACT, PIECES_IN_EXACT = "9.95", 24
ARTICLES_BEFORE_ORDERS = 200
"""Of a file, before orders are made of it; the others come to Exact with the sales of them."""
SECONDS_BETWEEN_LOOKS = 0.5
LESS_OFTEN = 4.0
SECONDS_BETWEEN_REQUESTS = 2.0
SECONDS_WITHOUT_PROGRESS = 120.0
TRIES = 5
SECONDS_QUIET = 6.5
"""By then ingest has polled again, and products compared what was read."""
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Leg:
    """One direction, in the mode in which it is kept, and whether stock goes with it."""

    direction: Direction
    mode: str
    with_stock: bool

    @property
    def till_leads(self) -> bool:
        return self.direction is Direction.TO_EXACT


def legs_of(source: str, mode: str) -> tuple[Leg, ...]:
    """Orders move stock in Exact, so that it leads in them; before, and in any other mode, the till does."""
    able = SOURCES[source].articles
    if able is None:
        raise DemoFailed(f"articles of {SOURCES[source].title} aren't kept in step: run without --products")
    if Direction.TO_LIGHTSPEED not in able.directions:
        return (Leg(Direction.TO_EXACT, mode, able.have_stock and mode != "orders"),)
    if mode == "orders":
        return (
            Leg(Direction.TO_EXACT, "transactions", able.have_stock),
            Leg(Direction.TO_LIGHTSPEED, mode, able.have_stock),
        )
    return Leg(Direction.TO_LIGHTSPEED, mode, False), Leg(Direction.TO_EXACT, mode, able.have_stock)


def say_what_is_shown(source: str, say: Say) -> None:
    able, title = SOURCES[source].articles, SOURCES[source].title
    if able is not None and Direction.TO_LIGHTSPEED not in able.directions:
        say(f"articles of {title} go to Exact alone: the way back isn't offered, and not shown")
    if able is not None and not able.have_stock:
        say(f"{title} doesn't say how much there is of an article: no stock is shown")


class Shelves:
    """Both sides of one shop, and the product between them, leg by leg."""

    def __init__(
        self,
        partner: Partner,
        sandbox: httpx.AsyncClient,
        shop: Shop,
        till: Till,
        legs: Sequence[Leg],
        say: Say,
    ) -> None:
        self._partner, self._sandbox, self._say = partner, sandbox, say
        self._till, self._legs = till, legs
        self.shop = shop
        self._moved = {Direction.TO_EXACT: 0, Direction.TO_LIGHTSPEED: 0}

    async def go_each_way(self) -> Shop:
        """The shop as its rules are in the end."""
        for leg in self._legs:
            if leg.with_stock and leg.till_leads:
                await stock_up(self._sandbox, self._till, loose=not self._books_orders, most=self._most)
            places = await self._choose(leg)
            if not leg.till_leads:
                await self._enter_goods(places)
            before = codes_of(await (self._in_exact() if leg.till_leads else self._at_till()))
            await self._until_in_step(leg)
            after = codes_of(await (self._in_exact() if leg.till_leads else self._at_till()))
            self._moved[leg.direction] = len(after - before)
            side = "Exact" if leg.till_leads else "the till"
            stock = ", with their stock" if leg.with_stock else ""
            self._say(f"{len(after - before)} articles came to {side}{stock}; both sides agree")
        return self.shop

    async def after_the_sales(self) -> Articles:
        """Orders are delivered, as a shop does each day; then both sides must come to agree once more."""
        leg = self._legs[-1]
        if self._books_orders:
            done = await self._post(f"{self._division}/deliver", {})
            self._say(f"delivered {done['delivered']} orders in Exact")
        taken = await self._until_agreed(leg, SECONDS_QUIET)
        for difference in [*taken.stock_apart, *taken.findings][:MOST_TOLD]:
            self._say(f"not in step: {difference}")
        return Articles(self._moved[Direction.TO_EXACT], self._moved[Direction.TO_LIGHTSPEED], taken)

    @property
    def _books_orders(self) -> bool:
        return self._legs[-1].mode == "orders"

    @property
    def _most(self) -> int | None:
        """How many articles come in before they are sold; of the others goods are only seen to be sold."""
        return ARTICLES_BEFORE_ORDERS if self._books_orders else None

    # --- the product ----------------------------------------------------------------------------------------

    async def _choose(self, leg: Leg) -> dict[str, str]:
        """The places of its outlets. A consent may go meanwhile: it is given again, as a person would."""
        for _ in range(TRIES):
            await consent_again(self._partner, self.shop, self._say)
            try:
                return await self._change_rules(leg)
            except NotNow as error:
                refused = error
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        raise refused

    async def _change_rules(self, leg: Leg) -> dict[str, str]:
        products: dict[str, Any] = {"direction": leg.direction.value, "stock": leg.with_stock}
        products |= {"stock_counts": "processed", "vat_codes": await self._codes_of_categories()}
        places = await self._places(leg)
        outlets = {outlet: {"warehouse": warehouse} for outlet, warehouse in places.items()}
        changes = {"products": products, "outlets": outlets}
        self.shop = await change_rules(self._partner, self.shop, leg.mode, changes)
        self._say(f"articles go {leg.direction.value}{' with their stock' if leg.with_stock else ''}")
        return places

    async def _codes_of_categories(self) -> dict[str, str]:
        """Where an article has the VAT of its category: the code of the rate that the category has."""
        able = SOURCES[self.shop.source].articles
        if able is None or able.bear_vat:
            return {}
        till, _, account = self._till.path.removeprefix("/sandbox/tills/").partition("/")
        accounts = await self._get(f"/sandbox/{till}/accounts")
        (rates,) = (each["accounting_group_rates"] for each in accounts if each["account"] == account)
        vat = self.shop.rules["vat"]
        return {group: vat[rate] for group, rate in rates.items() if rate in vat}

    async def _places(self, leg: Leg) -> dict[str, str]:
        """A warehouse of its own for each outlet, in their order."""
        if not leg.with_stock:
            return {}
        options = await self._partner.get(f"/v1/connections/{self.shop.connection}/options", mode=leg.mode)
        outlets, warehouses = options["outlets"], options["warehouses"]
        if len(outlets) > len(warehouses):
            raise DemoFailed(f"{len(outlets)} outlets have but {len(warehouses)} warehouses in Exact")
        return {one["id"]: other["id"] for one, other in zip(outlets, warehouses, strict=False)}

    async def _until_in_step(self, leg: Leg) -> None:
        """What would be done is shown, a person says yes, and the product does it."""
        taken = await self._until_agreed(leg, 0.0)
        if not taken.agrees:
            told = "; ".join([*taken.stock_apart, *taken.findings][:MOST_TOLD])
            raise DemoFailed(f"both sides didn't come to agree: {told}")

    async def _until_agreed(self, leg: Leg, quiet: float) -> Taken:
        """Both sides when they have agreed for so many seconds, or when nothing moves any more."""
        seen: object = None
        moved_at, agreed_at, asked_at = time.monotonic(), None, 0.0
        progress: Progress | None = None
        while True:
            await consent_again(self._partner, self.shop, self._say)
            now = time.monotonic()
            if now - asked_at > SECONDS_BETWEEN_REQUESTS:
                asked_at, progress = now, await self._go_on(leg)
            taken = await self._take_stock(leg)
            agreed_at = (agreed_at or now) if taken.agrees and _is_through(progress) else None
            if agreed_at is not None and now - agreed_at >= quiet:
                return taken
            if seen != (progress, taken):
                seen, moved_at = (progress, taken), now
            if now - moved_at > SECONDS_WITHOUT_PROGRESS:
                return taken
            looked_for = time.monotonic() - now  # many articles are looked at less often
            await asyncio.sleep(max(SECONDS_BETWEEN_LOOKS, LESS_OFTEN * looked_for))

    async def _go_on(self, leg: Leg) -> Progress | None:
        """Asks that both sides be read now, and says yes to what is shown; None until that is of this leg."""
        path = f"/v1/connections/{self.shop.connection}/products"
        progress: Progress | None = (await self._partner.get(path, limit=1))["progress"]
        is_shown = (
            progress is not None and progress["direction"] == leg.direction.value and progress["is_read"]
        )
        wish = progress["wish"] if progress is not None and is_shown and progress["waits_for_yes"] else None
        try:
            await self._partner.post(f"{path}/sync", {"approve": wish} if wish else {})
        except NotNow:  # a consent that went is given again before the next look
            return None
        return progress if is_shown else None

    # --- both sides, as the sandbox tells them --------------------------------------------------------------

    @property
    def _division(self) -> str:
        return f"/sandbox/exact/divisions/{self.shop.division}"

    async def _take_stock(self, leg: Leg) -> Taken:
        outlets: Mapping[str, Any] = self.shop.rules["outlets"]
        places = {each: rule["warehouse"] for each, rule in outlets.items()} if leg.with_stock else {}
        till, books = await self._at_till(), await self._in_exact()
        return take_stock(till, books, places, till_leads=leg.till_leads)

    async def _at_till(self) -> list[Plain]:
        return await self._get(f"{self._till.path}/articles")

    async def _in_exact(self) -> list[Plain]:
        return await self._get(f"{self._division}/articles")

    async def _enter_goods(self, places: Mapping[str, str]) -> None:
        """What a bookkeeper enters in Exact; counted there, where stock goes with it."""
        stock = dict.fromkeys(places.values(), PIECES_IN_EXACT)
        code = self.shop.rules["vat"]["21"]
        goods = [
            {
                "code": f"EX-{number:03}",
                "name": name,
                "vat_code": code,
                "price": PRICE_IN_EXACT,
                "stock": stock,
            }
            for number, name in enumerate(NEW_IN_EXACT, start=1)
        ]
        await self._post(f"{self._division}/articles", {"goods": goods})

    async def _get(self, path: str) -> list[Plain]:
        answer = await self._sandbox.get(path)
        if answer.is_error:
            raise DemoFailed(f"the sandbox refused {path}: {answer.text[:1000]}")
        found: list[Plain] = answer.json()
        return found

    async def _post(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self._sandbox.post(path, json=body)
        if answer.is_error:
            raise DemoFailed(f"the sandbox refused {path}: {answer.text[:1000]}")
        done: dict[str, Any] = answer.json()
        return done


def _is_through(progress: Progress | None) -> bool:
    """By the product's own word: agreed to, and nothing left to do."""
    if progress is None or progress["waits_for_yes"]:
        return False
    stock = progress["stock"] or {"to_do": 0}
    return not (progress["to_create"] or progress["to_change"] or stock["to_do"])
