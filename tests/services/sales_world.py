"""What becomes of sales beside articles in step: the mapper, the exporter, and the bus between all services.

Each service hears everything in its own time, and now and then a message before one that was sent earlier.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import select

from libs.common.contracts.documents import DocumentRejected
from libs.common.contracts.envelope import Envelope, Message, message_in
from libs.common.contracts.sales import SaleProblem, SaleRecorded, SalesRead
from libs.common.domain.rules import (
    DebtorRules,
    Journals,
    Mode,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
)
from libs.common.exact.client import ExactClient
from libs.common.http import http_client
from libs.common.lightspeed.restaurant_source import NAME as RESTAURANT
from libs.common.messaging import outbox
from libs.common.messaging.outbox import outbox_messages
from libs.common.service import Handler, House
from libs.common.settings import Settings
from services.exporter import consumers as exporter
from services.exporter.article_store import told_articles
from services.exporter.schedule import Exporter
from services.mapper import app as mapper
from services.products import consumers as products
from services.sandbox.exact import invoices, orders
from services.sandbox.exact.app import exact_app
from tests.builders import CARD, a_line, a_sale
from tests.services.desks import Article
from tests.services.exporter_world import SETTLE, SITE, Killed, Line, NoBudget
from tests.services.products_world import CONNECTION, D, Scene

SETTINGS = Settings(
    exact_url=SITE, settle_seconds=SETTLE, exact_read_seconds=5, exact_client_id="kassakoppeling"
)
FAULTS = ("lost", "html-after", "cut", "killed", "no-connection", "html-before", "limit")
LEDGERS = ("2000", "8000")


@dataclass
class Sold:
    """A receipt of one article, as it stands at the till."""

    sale: str
    key: str
    place: int
    quantity: Decimal
    at: datetime
    revision: int = 1
    is_read: bool = False
    items: set[str] | None = None
    """Which its article was by what the exporter had heard; None where it hadn't."""


@dataclass
class Bus:
    """Carries what lies in the outbox to every service that takes it."""

    scene: Scene
    dice: random.Random
    takers: Mapping[str, Mapping[str, Handler]]
    waiting: dict[str, deque[Envelope]] = field(default_factory=dict)
    position: int = 0

    async def carry(self, service: str, *, most: int = 10**6, in_order: bool = False) -> None:
        await self._collect()
        queue = self.waiting[service]
        while queue and most:
            ahead = 1 if len(queue) > 1 and not in_order and self.dice.random() < 0.2 else 0
            envelope = queue[ahead]
            async with self.scene.database.transaction() as transaction:
                await self.takers[service][envelope.type](transaction, envelope)
            del queue[ahead]
            most -= 1

    async def _collect(self) -> None:
        query = select(outbox_messages).where(outbox_messages.c.position > self.position)
        async with self.scene.database.reading() as transaction:
            rows = (await transaction.execute(query.order_by(outbox_messages.c.position))).all()
        for row in rows:
            self.position = row.position
            envelope = Envelope(row.message_id, row.type, row.version, row.connection_id, row.at, row.body)
            for service, handlers in self.takers.items():
                queue = self.waiting.setdefault(service, deque())
                if row.type in handlers:
                    queue.append(envelope)
        for service in self.takers:
            self.waiting.setdefault(service, deque())


@dataclass
class Office:
    """Books what was sold, in the division in which articles are kept in step."""

    scene: Scene
    dice: random.Random
    source: str
    places: tuple[str, ...]
    line: Line
    """The exporter's own way to Exact: what it writes is no write of articles."""
    house: House
    bus: Bus
    mode: Mode
    sold: list[Sold] = field(default_factory=list)
    told: int = 0
    """How many messages ingest sent."""

    @property
    def made_items(self) -> int:
        """How often it asked Exact for a new item."""
        return sum(
            number for call, number in self.line.calls.items() if call.startswith("POST logistics/Items")
        )

    async def _tell(self, message: Message) -> None:
        async with self.scene.database.transaction() as transaction:
            await outbox.add(transaction, message, connection_id=CONNECTION, at=self.scene.clock.now())

    async def read(self, articles: dict[str, Article]) -> None:
        """As ingest does: all that was sold until now, and that it was read."""
        heard = await self.heard()
        for sold in self.sold:
            if not sold.is_read:
                self.told += 1
                is_known = sold.key in heard and (sold.revision == 1 or sold.items is not None)
                sold.items = {heard[sold.key], *(sold.items or ())} if is_known else None
                sale = self._sale(sold, articles[sold.key])
                await self._tell(SaleRecorded(sale, sold.revision, f"h{sold.revision}", self.told))
                sold.is_read = True
        self.told += 1
        await self._tell(SalesRead(self.scene.clock.now(), self.told))
        self.scene.clock.advance(1)

    def _sale(self, sold: Sold, article: Article) -> Any:
        line = a_line(
            vat_rate=article.rate,
            quantity=sold.quantity,
            unit_price=article.price,
            item=article.code if self.source == RESTAURANT else sold.key,
            item_code=article.code,
            description=article.name,
            is_stocked=article.is_stocked,
        )
        sale = a_sale([line], id=sold.sale, completed_at=sold.at)
        return replace(
            sale, source=self.source, outlet=self.places[sold.place], changed_at=self.scene.clock.now()
        )

    def faults(self, request: httpx.Request) -> str | None:
        return self.dice.choice(FAULTS) if self.dice.random() < 0.06 else None

    async def heard(self) -> dict[str, str]:
        """The item of each article that the exporter was told of."""
        query = select(told_articles.c.till_item, told_articles.c.exact_id)
        async with self.scene.database.reading() as transaction:
            rows = await transaction.execute(query.where(told_articles.c.exact_id.is_not(None)))
            return {row.till_item: row.exact_id for row in rows}

    async def work(self) -> None:
        """Each service for a while: a sale may be booked at once, or long after its article is in step."""
        for service in self.bus.takers:
            if self.dice.random() < 0.8:
                await self.bus.carry(service, most=self.dice.choice((1, 3, 10)))
        if self.dice.random() < 0.8:
            await self._export()

    async def finish(self) -> None:
        self.line.fault = lambda request: None
        for _ in range(3):
            for service in self.bus.takers:
                await self.bus.carry(service, in_order=True)
            await mapper.decide_waiting(self.house)
            for _ in range(3):
                await self._export()
                self.scene.clock.advance(SETTLE + 1)
            await self.bus.carry("products", in_order=True)

    async def _export(self) -> None:
        vault: Any = self.scene.vault
        budget: Any = NoBudget()
        http = http_client(read_seconds=5, transport=self.line)
        client = ExactClient(http, vault, budget, self.scene.clock.now, read_seconds=5)
        with suppress(Killed):
            await Exporter(self.house, client).serve_all()

    def booked(self) -> Decimal:
        """How many pieces stand in orders and invoices of Exact."""
        rows = [
            *self.scene.division.table(orders.LINES),
            *self.scene.division.table(invoices.LINES),
        ]
        return sum((D(row["Quantity"]) for row in rows), D(0))

    def items_of(self) -> dict[str, set[str]]:
        """What each sale stands on in orders and invoices of Exact, by its reference there."""
        found: dict[str, set[str]] = {}
        for path, lines, key in (
            (orders.PATH, orders.LINES, "OrderID"),
            (invoices.PATH, invoices.LINES, "InvoiceID"),
        ):
            heads = self.scene.division.table(path).rows
            for line in self.scene.division.table(lines):
                sale = str(heads[line[key]]["YourRef"]).split("-")[0]
                found.setdefault(sale, set()).add(str(line["Item"]))
        return found

    async def problems(self) -> dict[str, str]:
        """The code of what was told of each sale."""
        async with self.scene.database.reading() as transaction:
            rows = (await transaction.execute(select(outbox_messages))).all()
        found: dict[str, str] = {}
        for row in rows:
            if row.type == SaleProblem.type:
                problem = message_in(row, SaleProblem)
                found[problem.sale_id] = problem.problem.code.value
            elif row.type == DocumentRejected.type:
                rejected = message_in(row, DocumentRejected)
                found |= dict.fromkeys((each.sale_id for each in rejected.sales), rejected.problem.code.value)
        return found


async def an_office(
    scene: Scene, dice: random.Random, source: str, places: tuple[str, ...], mode: Mode, vat: dict[str, str]
) -> Office:
    division = scene.division
    debtor = next(row["ID"] for row in division.table("crm/Accounts") if row["Status"] == "C")
    card, turnover = (str((division.by_code("financial/GLAccounts", each) or {})["ID"]) for each in LEDGERS)

    def chosen(rules: Rules) -> Rules:
        return replace(
            rules,
            mode=mode,
            vat=vat,
            journals=Journals(sales="70", cash="10", general="90"),
            debtor=DebtorRules(default_account=str(debtor)),
            payments={CARD: PaymentRule(PaymentKind.CARD, card)},
            revenue=RevenueRules(default_ledger=turnover),
        )

    await scene.choose(chosen)
    house = House(SETTINGS, scene.database, scene.clock.now)
    takers: Mapping[str, Mapping[str, Handler]] = {
        "mapper": mapper.build(house).consumers,
        "exporter": exporter.handlers(house),
        "products": products.handlers(house),
    }
    line = Line(httpx.ASGITransport(exact_app(scene.exact)))
    office = Office(scene, dice, source, places, line, house, Bus(scene, dice, takers), mode)
    line.fault = office.faults
    return office
