"""Random histories: people at both sides, an unreliable way to each, and a service that is killed.

Everything follows from one seed. What people did says how much may be written, and the desks themselves what
stands there in the end.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import httpx

from libs.common.contracts.products import ProductTold
from libs.common.contracts.sales import SaleIgnored, SalesRead
from libs.common.database.engine import Database
from libs.common.domain.document import NothingCode
from libs.common.domain.product import Direction
from services.sandbox.exact import deliveries, orders
from services.sandbox.exact.stock_counts import DRAFT, process_count
from tests.services import exporter_world
from tests.services.desks import RATES, Article, BooksDesk, Desk, RetailDesk, StoreDesk
from tests.services.exporter_world import Fault
from tests.services.products_world import D, Scene
from tests.services.stock_world import (
    a_stocked_scene,
    a_stocked_store,
    book_sale,
    order_in_exact,
    record_sale,
    stock_counts,
)
from tests.services.test_ingest_faults import Dying, Killed
from tests.services.x_products_world import XScene

FIELDS = ("code", "description", "price", "vat", "active")
FAULTS = ("lost", "html-after", "cut", "killed", "no-connection", "html-before", "limit")
NEVER = 10**9


@dataclass
class Sold:
    """On its way from the till to an order in Exact."""

    sale: str
    key: str
    place: int
    quantity: Decimal
    is_read: bool = False
    is_ordered: bool = False


@dataclass
class History:
    scene: Scene
    dice: random.Random
    direction: Direction
    till: Desk
    books: BooksDesk
    real: Counter[str] = field(default_factory=Counter)
    """Writes that what people did made necessary, by what they did."""
    troubles: Counter[str] = field(default_factory=Counter)
    """Writes whose fault, and processes whose death, may have made one more necessary."""
    made: int = 0
    position: int = 0
    sold: list[Sold] = field(default_factory=list)
    dying: Any = None
    strangers: set[str] = field(default_factory=set)
    """What somebody made on the side that follows."""

    @property
    def leads(self) -> Desk:
        return self.till if self.direction is Direction.TO_EXACT else self.books

    @property
    def follows(self) -> Desk:
        return self.books if self.direction is Direction.TO_EXACT else self.till

    @property
    def cost_of_count(self) -> int:
        """A document in Exact; a count, its article and its reconciling at R-Series; a level at X-Series."""
        if self.direction is Direction.TO_EXACT:
            return 1
        return 1 if isinstance(self.scene, XScene) else 3

    # --- what people do -------------------------------------------------------------------------------------

    async def happen(self) -> None:
        number = self.dice.randrange(100)
        if number < 20:
            self.make()
        elif number < 23:
            self.merge()
        elif number < 50:
            self._change(self.leads)
        elif number < 58:
            self._change(self.follows)
        elif number < 70:
            self.count(self.dice.choice((self.leads, self.leads, self.follows)))
        else:
            self.sell()
        await self._office()

    def make(self) -> None:
        """Now and then on the side that follows first, where nobody asked for it."""
        self.made += 1
        code = f"A-{self.made}"
        if self.dice.random() < 0.1:
            before = set(self.follows.articles())
            self.follows.make(code, self._price(), self.dice.choice(RATES))
            self.strangers |= set(self.follows.articles()) - before
            if self.dice.random() < 0.5:
                return
        self.leads.make(code, self._price(), self.dice.choice(RATES))
        self.real["make"] += 2 if self.direction is Direction.TO_EXACT else 1  # its price goes apart

    def merge(self) -> None:
        """At a till of R-Series, which keeps one of the two with the stock of both."""
        keys = self.till.articles()
        if isinstance(self.till, RetailDesk) and self.direction is Direction.TO_EXACT and len(keys) > 2:
            gone, left = self.dice.sample(keys, 2)
            self.till.merge(gone, left)
            self.real["merge"] += 2 + 2 * self.cost_of_count

    def _price(self) -> Decimal:
        return D(self.dice.randrange(100, 9999)) / 100

    def _any(self, desk: Desk) -> str | None:
        keys = desk.articles()
        return self.dice.choice(keys) if keys else None

    def _change(self, desk: Desk) -> None:
        key, number = self._any(desk), self.dice.randrange(10**6)
        if key is None:
            return
        before = desk.article(key)
        match self.dice.randrange(5):
            case 0:
                desk.rename(key, f"Naam {number}")
            case 1:
                desk.price(key, self._price())
            case 2 if desk is self.leads:
                desk.recode(key, f"B-{number}")
            case 3:
                desk.archive(key)
            case _:
                desk.restore(key)
        after = desk.article(key)
        self.real["change"] += desk is self.leads and replace(after, stock=before.stock) != before
        emptied = sum(was != now for was, now in zip(before.stock, after.stock, strict=True))
        self.real["count"] += emptied * self.cost_of_count  # as archiving does at R-Series (6.1)

    def count(self, desk: Desk) -> None:
        """Received, broken, counted by hand."""
        key = self._any(desk)
        if key is not None:
            desk.move(key, self.dice.randrange(2), D(self.dice.randrange(-4, 12)))
            self.real["count"] += self.cost_of_count

    def sell(self) -> None:
        """Where Exact leads a sale becomes an order there, and moves nothing a second time."""
        key, place = self._any(self.till), self.dice.randrange(2)
        if key is None or not self.till.article(key).is_active:
            return
        quantity = D(self.dice.choice((1, 1, 2, 3, -1)))
        self.till.move(key, place, -quantity)
        if self.direction is Direction.TO_EXACT:
            self.real["sell"] += self.cost_of_count
        else:
            self.sold.append(Sold(f"s{len(self.sold) + 1}", key, place, quantity))

    # --- what the rest of the product does with sales -------------------------------------------------------

    async def _office(self) -> None:
        if self.dice.random() < 0.5:
            await self.read_sales()
        for sold in self.sold:
            if sold.is_read and not sold.is_ordered and self.dice.random() < 0.4:
                await self._book(sold)
        if self.dice.random() < 0.1:
            self.deliver()
        if self.dice.random() < 0.2:
            self.process_drafts()

    async def read_sales(self) -> None:
        for sold in self.sold:
            if not sold.is_read:
                self.position += 1
                await record_sale(self.scene, sold.key, self.position, sold.sale)
                sold.is_read = True
        if self.direction is Direction.TO_LIGHTSPEED:
            await self.scene.take(SalesRead(self.scene.clock.now(), self.position))
            self.scene.clock.advance(1)

    async def book_sales(self) -> None:
        await self.read_sales()
        for sold in self.sold:
            if not sold.is_ordered:
                await self._book(sold)

    async def _book(self, sold: Sold) -> None:
        """What Exact has no article of is no order there."""
        sold.is_ordered = True
        item = await self._item_of(sold.key)
        if item is None:
            await self.scene.take(SaleIgnored(sold.sale, 1, 1, NothingCode.BY_HAND))
            return
        order_in_exact(self.scene, self.books.article(item).code, str(sold.quantity), sold.place)
        await book_sale(self.scene, sold.sale)

    async def _item_of(self, key: str) -> str | None:
        masters = await self.scene.links()
        return next((master for master, slave in masters.items() if slave == key), None)

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
                process_count(self.scene.bookkeeper, count)

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

    @property
    def allowed(self) -> int:
        return self.real.total() + self.troubles.total()


async def a_history(database: Database, seed: int, till: str, direction: Direction) -> History:
    dice = random.Random(f"{seed} {till} {direction}")
    choice = dice.choice(("processed", "processed", "draft"))
    make: Callable[..., Any] = a_stocked_scene if till == "lightspeed-retail" else a_stocked_store
    scene = await make(database, direction, fields=FIELDS, stock_counts=choice)
    desk: Desk = StoreDesk(scene) if isinstance(scene, XScene) else RetailDesk(scene)
    return History(scene, dice, direction, desk, BooksDesk(scene))
