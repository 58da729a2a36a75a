"""Random histories: people at both sides, an unreliable way to each, and a service that is killed.

Everything follows from one seed. What people did says how much may be written, and the desks themselves what
stands there in the end.
"""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from libs.common.contracts.products import ProductTold
from libs.common.database.engine import Database
from libs.common.domain.product import CHOOSABLE, Direction, ProductField
from libs.common.domain.rules import Mode
from libs.common.lightspeed.restaurant_source import NAME as RESTAURANT
from libs.common.lightspeed.retail_source import NAME as RETAIL
from libs.common.lightspeed.x_source import NAME as X_SERIES
from services.sandbox.exact import deliveries, orders
from services.sandbox.exact.stock_counts import DRAFT, DRAFTS
from tests.services import exporter_world
from tests.services.books_desk import WITH, WITHOUT, BooksDesk
from tests.services.desks import CATEGORIES, OTHERS, Article, Desk, RetailDesk, StoreDesk, Till
from tests.services.exporter_world import Fault
from tests.services.menu_desk import MenuDesk
from tests.services.people_world import People
from tests.services.products_world import Scene, product_rules
from tests.services.restaurant_products_world import a_restaurant_scene
from tests.services.sales_world import FAULTS, an_office
from tests.services.stock_world import a_stocked_scene, a_stocked_store, stock_counts
from tests.services.test_ingest_faults import Dying, Killed
from tests.services.x_products_world import XScene

FIELDS = tuple(each.value for each in CHOOSABLE if each is not ProductField.UNIT)
NEVER = 10**9


@dataclass
class History(People):
    troubles: Counter[str] = field(default_factory=Counter)
    """Writes whose fault, and processes whose death, may have made one more necessary."""
    dying: Any = None

    async def happen(self) -> None:
        self.act()
        await self._offices()

    # --- what the rest of the product does with sales -------------------------------------------------------

    async def _offices(self) -> None:
        if self.dice.random() < 0.7:
            await self.read_sales()
        await self.office.work()
        if self.dice.random() < 0.1:
            self.deliver()
        if self.dice.random() < 0.2:
            self.process_drafts()

    async def read_sales(self) -> None:
        await self.office.read({key: self.till.article(key) for key in self.till.articles()})

    async def book_sales(self) -> None:
        await self.read_sales()
        await self.office.finish()

    def deliver(self) -> None:
        """Some day all of what was ordered."""
        lines = self.scene.division.table(orders.LINES)
        for line in list(lines):
            left = line["Quantity"] - line["QuantityDelivered"]
            if left > 0:
                wanted = {"SalesOrderLineID": line["ID"], "QuantityDelivered": left}
                body = {"DeliveryDate": self.scene.division.today(), "GoodsDeliveryLines": [wanted]}
                deliveries.deliver(self.scene.bookkeeper, body)

    def process_drafts(self) -> None:
        for count in stock_counts(self.scene):
            if count["Status"] == DRAFT:
                DRAFTS.settle(self.scene.bookkeeper, count)

    # --- the service, and what befalls it -------------------------------------------------------------------

    async def serve(self, dies_at: int = 0) -> None:
        """One process for a while; some die at one of their transactions, or with a call under way."""
        at = self.dice.randrange(1, 40) if self.dice.random() < 0.25 else NEVER
        whole: Database = self.scene.database
        self.dying = Dying(whole, dies_at or at, self.dice.choice(("before", "midst", "after")))
        self.scene.database = self.dying
        try:
            with suppress(Killed, exporter_world.Killed):
                await self.scene.schedule().work_on_due()
        finally:
            self.scene.database = whole
        if self.dying.is_dead:
            self.troubles["killed"] += 1
            if isinstance(self.scene, XScene):
                self.scene.forget()

    def at_random(self, rate: float) -> Fault:
        def happens(request: httpx.Request) -> str | None:
            if self.dice.random() >= rate:
                return None
            fault = self.dice.choice(FAULTS)
            if fault == "killed":
                self.dying.is_dead = True
            if request.method != "GET":
                self.troubles[fault] += 1
            return fault

        return happens

    # --- and what stands there in the end -------------------------------------------------------------------

    async def come_to_rest(self) -> None:
        scene = self.scene
        scene.to_exact.fault = scene.to_till.fault = lambda request: None
        scene.clock.advance(26 * 3600)
        for _ in range(4):
            await self.book_sales()
            await scene.work(rounds=80)
            self.process_drafts()
            scene.clock.advance(3700)

    async def told(self) -> list[ProductTold]:
        found = {each.id: each for message in await self.scene.told() for each in message.products}
        return list(found.values())

    def pair(self, told: ProductTold) -> tuple[Article, Article] | None:
        """The article that leads, and that which follows, where they are linked."""
        if told.till_id not in self.till.articles() or told.exact_id not in self.books.articles():
            return None
        at_till, in_exact = self.till.article(told.till_id), self.books.article(told.exact_id)
        return (at_till, in_exact) if self.direction is Direction.TO_EXACT else (in_exact, at_till)

    def follower(self, told: ProductTold) -> str | None:
        return told.exact_id if self.direction is Direction.TO_EXACT else told.till_id

    def unsaid(self, told: ProductTold, leads: Article) -> set[str]:
        """What the leading side says nothing of stays as it stands, and a cost in X-Series as it was made."""
        key = self.follower(told) or ""
        says = {"cost": leads.cost, "category": leads.category}
        found = {name for name, value in says.items() if not value}
        if not leads.barcodes and (key, "barcodes") in self.by_hand:
            found.add("barcode")
        return found | ({"cost"} if isinstance(self.follows, StoreDesk) else set())

    @property
    def allowed(self) -> int:
        """What a sale made an item of was refused once, or is to become what the article is; and groups."""
        adopted = self.office.made_items * (2 + 2 * self.cost_of_count)
        return self.real.total() + self.troubles.total() + adopted + len(CATEGORIES)


async def a_history(database: Database, seed: int, till: str, direction: Direction) -> History:
    dice = random.Random(f"{seed} {till} {direction}")
    scene, desk = await _places[till](database, direction, dice.choice(("processed", "processed", "draft")))
    books = BooksDesk(scene, dice)
    await map_categories(scene, desk, books, direction)
    mode = dice.choice(MODES[till, direction])
    codes = WITHOUT if mode is Mode.TRANSACTIONS else WITH
    vat = {"none": "0", **{str(rate): code for rate, code in codes.items()}}
    office = await an_office(scene, dice, till, desk.places, mode, vat)
    return History(scene, dice, direction, desk, books, office)


async def _shop(database: Database, direction: Direction, counts: str) -> tuple[Scene, Till]:
    scene = await a_stocked_scene(database, direction, fields=FIELDS, stock_counts=counts)
    return scene, RetailDesk(scene)


async def _store(database: Database, direction: Direction, counts: str) -> tuple[Scene, Till]:
    scene = await a_stocked_store(database, direction, fields=FIELDS, stock_counts=counts)
    return scene, StoreDesk(scene)


async def _kitchen(database: Database, direction: Direction, counts: str) -> tuple[Scene, Till]:
    scene = await a_restaurant_scene(database, product_rules(direction, FIELDS))
    return scene, MenuDesk(scene)


_places = {RETAIL: _shop, X_SERIES: _store, RESTAURANT: _kitchen}
MODES = {
    (RETAIL, Direction.TO_EXACT): (Mode.INVOICES, Mode.TRANSACTIONS),
    (RETAIL, Direction.TO_LIGHTSPEED): (Mode.ORDERS,),
    (X_SERIES, Direction.TO_EXACT): (Mode.INVOICES, Mode.TRANSACTIONS),
    (X_SERIES, Direction.TO_LIGHTSPEED): (Mode.ORDERS,),
    (RESTAURANT, Direction.TO_EXACT): (Mode.INVOICES, Mode.ORDERS),
}
"""Which side may lead at each till, and what its sales may become then (docs/stock.md)."""


async def map_categories(scene: Scene, till: Desk, books: BooksDesk, direction: Direction) -> None:
    """Where Exact leads, the till has one of two yet: the other is made when an article is in it."""
    names = CATEGORIES if direction is Direction.TO_EXACT else (OTHERS,)
    groups = {till.make_category(name): books.make_category(name) for name in names}
    await scene.choose(lambda rules: replace(rules, products=replace(rules.products, item_groups=groups)))
