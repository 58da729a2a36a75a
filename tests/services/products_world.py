"""A till and a division of the simulators, and the service between them: one clock for all."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import insert, select, update

from libs.common.contracts.envelope import Message, envelope_of, message_in
from libs.common.contracts.products import (
    ProductDecided,
    ProductProgress,
    ProductsRequested,
    ProductsTold,
    ProductTold,
)
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.domain.product import CHOOSABLE, Direction
from libs.common.domain.rules import ProductRules, Rules
from libs.common.exact.client import ExactClient
from libs.common.http import http_client
from libs.common.lightspeed.product_source import ProductTill
from libs.common.lightspeed.retail import RetailClient
from libs.common.lightspeed.retail_oauth import SCOPES
from libs.common.lightspeed.retail_products import RetailProducts
from libs.common.lightspeed.sources import SOURCES
from libs.common.messaging.outbox import outbox_messages
from libs.common.service import House
from libs.common.settings import Settings
from libs.common.vault import AccessToken
from services.products.books import Books
from services.products.consumers import handlers
from services.products.schedule import Schedule
from services.products.store import links, states
from services.sandbox.clock import Clock
from services.sandbox.exact import relations, sales_prices
from services.sandbox.exact.app import exact_app
from services.sandbox.exact.division import Author, Division
from services.sandbox.exact.seed import BLOEM, plant
from services.sandbox.exact.vendor import exact_hooks
from services.sandbox.exact.world import World as ExactWorld
from services.sandbox.exact.writing import Write
from services.sandbox.faults import Faults, FaultyVendor
from services.sandbox.retail import merging
from services.sandbox.retail.account import Account
from services.sandbox.retail.app import retail_app
from services.sandbox.retail.rows import Row
from services.sandbox.retail.world import RetailWorld
from services.sandbox.retail.writes import write as write_at_till
from tests.services.exporter_world import NOON, SETTLE, SITE, Fault, Killed, Line, OpenVault

D = Decimal
TILL = "http://lightspeed.test"
CONNECTION = "c1"
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SOME_FIELDS = tuple(each.value for each in CHOOSABLE)
VAT = {"21": "2", "9": "1", "0": "5", "none": "0"}


class NoBudget:
    """Lets every call through."""

    async def reserve_exact(self, *args: Any, **more: Any) -> None:
        return None

    async def learn_exact(self, *args: Any, **more: Any) -> None:
        return None

    async def reserve_lightspeed(self, *args: Any, **more: Any) -> None:
        return None

    async def learn_lightspeed(self, *args: Any, **more: Any) -> None:
        return None

    async def reserve_in_window(self, *args: Any, **more: Any) -> None:
        return None

    async def learn_window(self, *args: Any, **more: Any) -> None:
        return None


class BothVaults:
    """Tokens straight from both simulators."""

    def __init__(self, exact: ExactWorld, retail: RetailWorld, account: Account) -> None:
        self._exact = OpenVault(exact)
        query = {"client_id": "kassakoppeling", "scope": " ".join(SCOPES)}
        code = retail.grants.issue_code(query, account.account_id)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "kassakoppeling",
            "client_secret": "sandbox-secret",
        }
        self._till = str(retail.grants.exchange(form)["access_token"])

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> AccessToken:
        if grant_id == "g2":
            return AccessToken(self._till, 1)
        return await self._exact.access_token(grant_id, rejected_generation=rejected_generation)


@dataclass
class Scene:
    database: Database
    clock: Clock
    exact: ExactWorld
    retail: RetailWorld
    account: Account
    to_exact: Line
    to_till: Line
    vault: BothVaults
    budget: Any = field(default_factory=NoBudget)
    owners: Any = field(default_factory=lambda: itertools.count(1))

    def restless_in_exact(self, page_rows: int) -> None:
        """Pages are short, and between any two of them rows move."""
        self.exact.switches.change({"page_rows": page_rows})
        hooks = exact_hooks(self.exact)
        faults = Faults({"exact": frozenset(hooks.before_work)})
        faults.choose({"exact": {"rows_move": 1}})
        self.to_exact.inner = httpx.ASGITransport(FaultyVendor(exact_app(self.exact), "exact", faults, hooks))

    # --- the service --------------------------------------------------------------------------------------

    def schedule(self) -> Schedule:
        """A replica of its own."""
        now = self.clock.now
        exact = self.open_exact()
        return Schedule(
            self.database,
            list(SOURCES),
            self.open_till,
            lambda c: Books(exact.division("g1", SITE, c.division or ""), now),
            now,
            settle=timedelta(seconds=SETTLE),
            owner=f"replica-{next(self.owners)}",
        )

    def open_exact(self) -> ExactClient:
        vault: Any = self.vault
        http = http_client(transport=self.to_exact)
        return ExactClient(http, vault, self.budget, self.clock.now, read_seconds=5)

    def open_till(self, connection: Connection) -> ProductTill:
        vault: Any = self.vault
        http = http_client(transport=self.to_till)
        retail = RetailClient(http, vault, self.budget, self.clock.now, TILL, TILL)
        return RetailProducts(retail.account("g2", connection.lightspeed_account or ""), self.clock.now)

    async def work(self, schedule: Schedule | None = None, *, rounds: int = 40) -> None:
        """Turns until nothing is left to do, letting time go by where something waits."""
        schedule = schedule or self.schedule()
        await self.take(ProductsRequested())
        for _ in range(rounds):
            with suppress(Killed):
                await schedule.work_on_due()
            if not await self._is_busy():
                return
            self.clock.advance(SETTLE + 1)
        raise AssertionError("still at work")

    async def _is_busy(self) -> bool:
        progress = await self.progress()
        async with self.database.reading() as transaction:
            row = (await transaction.execute(select(states))).one_or_none()
        if row is None or progress is None or row.requested_at is not None or row.failures:
            return True
        return progress.is_approved and bool(progress.to_create + progress.to_change)

    async def pass_minutes(self, minutes: int = 1) -> None:
        """A service that runs while time goes by."""
        schedule = self.schedule()
        for _ in range(minutes):
            self.clock.advance(60)
            await schedule.work_on_due()

    async def say_yes(self) -> None:
        progress = await self.progress()
        assert progress is not None
        await self.take(ProductsRequested(wish=progress.wish))

    async def first_synchronisation(self) -> None:
        await self.work()
        await self.say_yes()
        await self.work()

    async def take(self, message: Message) -> None:
        """One message to the service, as the bus would bring it."""
        house = House(Settings(exact_url=SITE), self.database, self.clock.now)
        envelope = envelope_of(message, CONNECTION, self.clock.now())
        async with self.database.transaction() as transaction:
            await handlers(house)[message.type](transaction, envelope)

    async def decide(self, code: str, choice: Any, other: str = "") -> None:
        product = (await self.products())[code]
        await self.take(ProductDecided(product.id, choice, other))
        await self.work()

    # --- what it told ---------------------------------------------------------------------------------------

    async def told(self) -> list[ProductsTold]:
        async with self.database.reading() as transaction:
            query = select(outbox_messages).order_by(outbox_messages.c.position)
            rows = (await transaction.execute(query)).all()
        told = [row for row in rows if row.type == ProductsTold.type]
        return [message_in(row, ProductsTold) for row in told]

    async def progress(self) -> ProductProgress | None:
        told = await self.told()
        return told[-1].progress if told else None

    async def products(self) -> dict[str, ProductTold]:
        """What the portal would show, by code."""
        found = {each.id: each for message in await self.told() for each in message.products}
        return {each.code: each for each in found.values()}

    async def conflicts(self) -> dict[str, list[str]]:
        shown = await self.products()
        return {
            code: [conflict.code.value for conflict in each.conflicts]
            for code, each in shown.items()
            if each.conflicts
        }

    async def links(self) -> dict[str, str | None]:
        async with self.database.reading() as transaction:
            rows = await transaction.execute(select(links.c.master_key, links.c.slave_key))
            return {row.master_key: row.slave_key for row in rows}

    async def choose(self, change: Callable[[Rules], Rules]) -> None:
        async with self.database.transaction() as transaction:
            connection = await registry.connection(transaction, CONNECTION)
            assert connection is not None
            text = registry.rules_text(change(connection.rules))
            await transaction.execute(update(registry.connections).values(rules=text))

    # --- the till -------------------------------------------------------------------------------------------

    def at_till(self, method: str, path: str, **body: Any) -> Row:
        """What somebody does at the till."""
        entity, *rest = path.split("/")
        row, _ = write_at_till(self.retail, self.account, self.account[entity].entity, method, rest, body)
        return row

    def new_at_till(self, code: str, price: str = "9.95", **more: Any) -> str:
        level = {"ItemPrice": [{"amount": price, "useTypeID": "1"}]}
        body = {"description": f"Artikel {code}", "customSku": code, "Prices": level} | more
        return str(self.at_till("POST", "Item", **body).key)

    def price_at_till(self, key: str, price: str) -> None:
        self.at_till("PUT", f"Item/{key}", Prices={"ItemPrice": {"amount": price, "useTypeID": "1"}})

    def merge_at_till(self, gone: str, left: str) -> None:
        items = self.account["Item"].rows
        merging.merge(self.account, items[int(gone)], items[int(left)])

    def till_item(self, code: str) -> Row:
        (row,) = self.account["Item"].find("customSku", code)
        return row

    def till_price(self, row: Row) -> Decimal:
        levels: Any = row.nested("Prices")["ItemPrice"]
        return D(levels[0]["amount"])

    # --- the books ------------------------------------------------------------------------------------------

    @property
    def division(self) -> Division:
        return self.exact.divisions[BLOEM]

    @property
    def bookkeeper(self) -> Write:
        return Write(self.division, Author("u1", "Eva de Jong"), self.exact.switches)

    def item(self, code: str) -> dict[str, Any]:
        row = self.division.table("logistics/Items").first("Code", code)
        assert row is not None, f"no item {code}"
        return row

    def has_item(self, code: str) -> bool:
        return self.division.table("logistics/Items").first("Code", code) is not None

    def new_in_exact(self, code: str, price: str | None = "8.2231", **more: Any) -> str:
        body = {
            "Code": code,
            "Description": f"Artikel {code}",
            "SalesVatCode": "2",
            "IsSalesItem": True,
        } | more
        row = relations.create_item(self.bookkeeper, body)
        if price is not None:
            sales_prices.create(self.bookkeeper, {"Item": row["ID"], "Price": D(price)})
        return str(row["ID"])

    def change_in_exact(self, code: str, **body: Any) -> None:
        relations.update_item(self.bookkeeper, self.item(code), body)

    def price_in_exact(self, code: str, price: str) -> None:
        rows = self.division.table("logistics/SalesItemPrices").find("Item", self.item(code)["ID"])
        sales_prices.update(self.bookkeeper, rows[0], {"Price": D(price)})

    def clear_exact(self) -> None:
        """A division without items, as a new shop has."""
        for path in ("logistics/SalesItemPrices", "logistics/Items"):
            for row in list(self.division.table(path)):
                self.division.remove(path, row, Author("u1", "Eva de Jong"))

    # --- calls ----------------------------------------------------------------------------------------------

    def writes(self) -> Counter[str]:
        """What was written since the counts were cleared, by kind."""
        found: Counter[str] = Counter()
        for line in (self.to_exact, self.to_till):
            for call, number in line.calls.items():
                method, path = call.split(" ", 1)
                if method != "GET":
                    kind = path.rsplit("/", 1)[-1].removesuffix(".json") if line is self.to_exact else path
                    found[f"{method} {_kind(kind)}"] += number
        return found

    def calls(self) -> int:
        return self.to_exact.total + self.to_till.total

    def count_from_here(self) -> None:
        self.to_exact.calls.clear()
        self.to_till.calls.clear()


def _kind(path: str) -> str:
    name = path.split("(")[0].removesuffix(".json")
    parts = [
        part
        for part in name.split("/")
        if part and not part.isdigit() and not UUID.fullmatch(part) and part not in ("V3", "Account", "API")
    ]
    return parts[-1] if parts else "products"  # of X-Series: its path is cut before its id


def product_rules(
    direction: Direction = Direction.TO_EXACT, fields: Iterable[str] = SOME_FIELDS, **more: Any
) -> Rules:
    products = ProductRules(direction=direction.value, fields=tuple(fields), **more)
    return Rules(division=str(BLOEM), start_date=date(2026, 3, 1), vat=VAT, products=products)


async def a_scene(database: Database, rules: Rules | None = None, *, elsewhere: str = "") -> Scene:
    """An empty till with two shops, and Bloem & Blad without items; `elsewhere` is an account of others."""
    clock = Clock(NOON)
    exact = plant(ExactWorld(clock, seed=1))
    exact.limits.minute, exact.limits.day = 10**6, 10**7
    retail = RetailWorld(clock)
    retail.limits.settings.choose({"bucket": 10.0**7, "burst": 10**6})
    retail.switches.choose({"access_token_seconds": 10**8})
    account = retail.add_account("Winkel", shops=("Centrum", "Station"), registers=(1, 1))
    scene = Scene(
        database,
        clock,
        exact,
        retail,
        account,
        Line(httpx.ASGITransport(exact_app(exact))),
        Line(httpx.ASGITransport(retail_app(retail))),
        BothVaults(exact, retail, account),
    )
    scene.clear_exact()
    values: dict[str, Any] = {
        "id": CONNECTION,
        "merchant_id": "m1",
        "partner_id": "direct",
        "source": "lightspeed-retail",
        "country": "nl",
        "state": "active",
        "exact_grant_id": "g1",
        "lightspeed_grant_id": "g2",
        "lightspeed_account": elsewhere or str(account.account_id),
        "division": str(BLOEM),
        "rules": registry.rules_text(rules or product_rules()),
        "rules_version": 1,
        "created_at": NOON,
    }
    async with database.transaction() as transaction:
        await transaction.execute(insert(registry.connections).values(**values))
    return scene


def faults(*given: tuple[str, str, str, int]) -> Fault:
    """(method, part of the path, fault, at which of them), each once."""
    seen: Counter[tuple[str, str]] = Counter()

    def happens(request: httpx.Request) -> str | None:
        for method, path, fault, number in given:
            if request.method == method and path in request.url.path:
                seen[method, path] += 1
                if seen[method, path] == number:
                    return fault
        return None

    return happens
