"""A division of the simulator, the exporter before it, and faults on the way between them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import insert, select, update

from libs.common.contracts.documents import DocumentReady, DocumentWithdrawn, Purpose, SaleVersion
from libs.common.contracts.envelope import Envelope, envelope_of
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.document import (
    CashEntry,
    Debtor,
    Document,
    EntryLine,
    ItemLine,
    ItemWanted,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.rules import DebtorRules, ItemRules, Journals, Rules
from libs.common.domain.sale import Customer
from libs.common.exact.client import ExactClient
from libs.common.http import http_client
from libs.common.messaging.outbox import outbox_messages
from libs.common.service import House
from libs.common.settings import Settings
from libs.common.vault import AccessToken
from services.exporter import store
from services.exporter.consumers import handlers
from services.exporter.schedule import Exporter
from services.sandbox.clock import Clock
from services.sandbox.exact import oauth
from services.sandbox.exact.app import exact_app
from services.sandbox.exact.books import books_of
from services.sandbox.exact.seed import BLOEM, plant
from services.sandbox.exact.world import LOCAL_REDIRECT, World
from tests import exact_reference

D = Decimal
SITE = "http://exact.test"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
DAY = date(2026, 3, 14)
USER = "eva.dejong"
SETTLE = 60

Fault = Callable[[httpx.Request], str | None]
"""What happens to a request: None, or the name of a fault."""


class Killed(BaseException):
    """The process is gone: nothing of it runs on."""


STATUS_OF = {"bad": 400, "no-right": 403, "not-found": 404, "limit": 429}


@dataclass
class Line(httpx.AsyncBaseTransport):
    """The way to the simulator, with a count of what went over it."""

    inner: httpx.ASGITransport
    fault: Fault = lambda request: None
    calls: Counter[str] = field(default_factory=Counter)
    bodies: list[str] = field(default_factory=list)
    """What was sent, in the order of sending."""
    answers: Counter[int] = field(default_factory=Counter)
    """How often each status came, of what the simulator itself answered."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exact_reference.check(request)
        fault = self.fault(request)
        self.bodies.append(request.content.decode())
        self.calls[f"{request.method} {request.url.path.split('/', 4)[-1]}"] += 1
        if fault == "no-connection":
            raise httpx.ConnectError("refused", request=request)
        if fault == "html-before":
            return html(request)
        if fault in STATUS_OF:
            return httpx.Response(STATUS_OF[fault], request=request)
        if fault == "refused":
            return httpx.Response(422, json={"error": "no such thing"}, request=request)
        response = await self.inner.handle_async_request(request)
        self.answers[response.status_code] += 1
        match fault:
            case "lost" | "slow":
                await response.aread()
                raise httpx.ReadTimeout("lost", request=request)
            case "html-after":
                await response.aread()
                return html(request)
            case "cut":
                body = await response.aread()
                return httpx.Response(response.status_code, content=body[: len(body) // 2], request=request)
            case "killed":
                await response.aread()
                raise Killed
        return response

    @property
    def total(self) -> int:
        return sum(self.calls.values())


def html(request: httpx.Request) -> httpx.Response:
    return httpx.Response(500, html="<html><body>Server Error</body></html>", request=request)


class OpenVault:
    """Tokens straight from the simulator, so that these tests are about exporting alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.generation = 1
        code = oauth.grant(world, world.apps["kassakoppeling"], USER, LOCAL_REDIRECT)
        self._answer = self._exchange({"grant_type": "authorization_code", "code": code})

    def _exchange(self, form: dict[str, str]) -> dict[str, str]:
        form |= {
            "client_id": "kassakoppeling",
            "client_secret": "sandbox-secret",
            "redirect_uri": LOCAL_REDIRECT,
        }
        self._issued = self._world.clock.now()
        answer = oauth.answer_token(self._world, form)
        assert answer.status == 200, answer
        return answer.body

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> AccessToken:
        if (self._world.clock.now() - self._issued).total_seconds() >= 575:
            renewal = self._answer["refresh_token"]
            self._answer = self._exchange({"grant_type": "refresh_token", "refresh_token": renewal})
            self.generation += 1
        return AccessToken(self._answer["access_token"], self.generation)


class NoBudget:
    """Lets every call through."""

    async def reserve_exact(self, *args: Any, **more: Any) -> None:
        return None

    async def learn_exact(self, *args: Any, **more: Any) -> None:
        return None


@dataclass
class Setting:
    """One connection to Bloem & Blad, and all there is around it."""

    database: Database
    clock: Clock
    world: World
    line: Line
    house: House
    vault: OpenVault
    sent: int = 0

    def exporter(self) -> Exporter:
        http = http_client(read_seconds=5, transport=self.line)
        vault: Any = self.vault
        budget: Any = NoBudget()
        return Exporter(self.house, ExactClient(http, vault, budget, self.clock.now, read_seconds=5))

    @property
    def division(self) -> Any:
        return self.world.divisions[BLOEM]

    @property
    def books(self) -> dict[str, Any]:
        return books_of(self.division)

    def ledger(self, code: str) -> str:
        return str(self.division.by_code("financial/GLAccounts", code)["ID"])

    def account(self, name: str) -> str:
        rows = [row for row in self.division.table("crm/Accounts") if row["Name"] == name]
        return str(rows[0]["ID"])

    def customer_account(self) -> str:
        rows = [row for row in self.division.table("crm/Accounts") if row["Status"] == "C"]
        return str(rows[0]["ID"])

    def entry(self, reference: str, total: str = "12.10", vat: str = "2.10", **more: Any) -> SalesEntry:
        net = D(total) - D(vat)
        entry = SalesEntry(
            reference=reference,
            journal="70",
            debtor=Debtor(account=self.customer_account()),
            day=DAY,
            description=f"Winkel / {reference}",
            total_incl_vat=D(total),
            open_amount=D("0.00"),
            lines=(
                EntryLine(self.ledger("8000"), "2", net, D(vat), "Omzet", sale_lines=("1",)),
                EntryLine(self.ledger("2000"), "0", -D(total), D("0.00"), "PIN"),
            ),
        )
        return replace(entry, **more)

    def item_line(self, total: str = "12.10", code: str = "ART77", **more: Any) -> ItemLine:
        line = ItemLine(
            item=ItemWanted(code=code, description="Fietsbel", till_item=code),
            quantity=D(1),
            unit_price_incl_vat=D(total),
            amount_incl_vat=D(total),
            vat_code="4",
        )
        return replace(line, **more)

    def invoice(self, reference: str, total: str = "12.10", **more: Any) -> SalesInvoice:
        invoice = SalesInvoice(
            reference=reference,
            journal="70",
            debtor=Debtor(account=self.customer_account()),
            day=DAY,
            description=f"Winkel / {reference}",
            total_incl_vat=D(total),
            lines=(self.item_line(total),),
        )
        return replace(invoice, **more)

    def order(self, reference: str, total: str = "12.10", **more: Any) -> SalesOrder:
        order = SalesOrder(
            reference=reference,
            debtor=Debtor(account=self.customer_account()),
            day=DAY,
            description=f"Winkel / {reference}",
            total_incl_vat=D(total),
            lines=(self.item_line(total),),
        )
        return replace(order, **more)

    def journal(self, reference: str, total: str = "12.10") -> JournalEntry:
        return JournalEntry(
            reference=reference,
            journal="90",
            receivables_journal="70",
            day=DAY,
            description=f"{reference} Winkel",
            lines=(
                JournalLine(D(total), self.ledger("2000"), description=f"{reference} PIN"),
                JournalLine(-D(total), debtor=Debtor(account=self.customer_account()), description=reference),
            ),
        )

    def day_lines(self, gross: str = "121.00", vat: str = "21.00", card: str = "100.00") -> list[JournalLine]:
        """A day's turnover and what came in by card; the rest of it is cash."""
        return [
            JournalLine(-(D(gross) - D(vat)), self.ledger("8000"), vat_code="2", vat_amount=-D(vat)),
            JournalLine(D(card), self.ledger("2000"), description="PIN"),
        ]

    def cash(self, reference: str, gross: str = "121.00", **more: Any) -> CashEntry:
        lines = tuple(more.pop("lines", None) or self.day_lines(gross))
        return CashEntry(
            reference=reference,
            journal="10",
            receivables_journal="70",
            day=more.pop("day", DAY),
            description="Dagomzet",
            lines=lines,
            balance_change=-sum((line.amount_incl_vat for line in lines), D(0)),
            **more,
        )

    def day_total(self, reference: str, gross: str = "121.00", **more: Any) -> JournalEntry:
        lines = [*self.day_lines(gross), JournalLine(D(gross) - D("100.00"), self.ledger("2001"))]
        entry = self.journal(reference)
        return replace(entry, description="Dagomzet", lines=tuple(lines), **more)

    async def ready(self, *documents: Document, version: int = 1, **more: Any) -> None:
        for document in documents:
            await self.deliver(ready_message(document, version, **more))

    async def deliver(self, message: Any) -> None:
        envelope: Envelope = envelope_of(message, "c1", self.clock.now())
        handler = handlers(self.house)[message.type]
        await self.database.run(lambda transaction: handler(transaction, envelope))

    async def withdraw(self, document: Document, version: int) -> None:
        sales = (SaleVersion("s", 1, version),)
        await self.deliver(DocumentWithdrawn(document_id(document), version, sales=sales))

    async def told(self, kind: str | None = None) -> list[dict[str, Any]]:
        async with self.database.reading() as transaction:
            rows = await transaction.execute(select(outbox_messages).order_by(outbox_messages.c.position))
            return [
                json.loads(row.body) | {"type": row.type} for row in rows if kind is None or row.type == kind
            ]

    async def states(self) -> dict[str, str]:
        async with self.database.reading() as transaction:
            rows = await transaction.execute(select(store.jobs.c.reference, store.jobs.c.state))
            return {row.reference: row.state for row in rows}

    async def until_quiet(self, exporter: Exporter | None = None, *, rounds: int = 12) -> None:
        """Serves, and lets time go by where jobs wait for it."""
        exporter = exporter or self.exporter()
        for _ in range(rounds):
            await exporter.serve_all()
            if not await self._is_waiting():
                return
            self.clock.advance(SETTLE + 1)

    async def _is_waiting(self) -> bool:
        async with self.database.reading() as transaction:
            query = select(store.jobs.c.id).where(store.jobs.c.state.in_(["waiting", "sending"])).limit(1)
            return (await transaction.execute(query)).first() is not None

    async def change_rules(self, change: Callable[[Rules], Rules]) -> None:
        async with self.database.transaction() as transaction:
            row = await registry.connection(transaction, "c1")
            assert row is not None
            text = registry.rules_text(change(row.rules))
            await transaction.execute(update(registry.connections).values(rules=text))


def document_id(document: Document) -> str:
    return f"doc-{document.kind.value}-{document.reference}"


def ready_message(document: Document, version: int = 1, **more: Any) -> DocumentReady:
    message = DocumentReady(
        document_id=document_id(document),
        document_version=version,
        document=document,
        purpose=Purpose.TURNOVER,
        sales=(SaleVersion(f"sale-{document.reference}", 1, version),),
        business_day=document.day,
        outlet="1",
        division=str(BLOEM),
    )
    return replace(message, **more)


def some_rules_of(account: str) -> Rules:
    return Rules(
        division=str(BLOEM),
        journals=Journals(sales="70", general="90"),
        debtor=DebtorRules(default_account=account),
        items=ItemRules(create=True),
    )


async def a_setting(database: Database) -> Setting:
    clock = Clock(NOON)
    world = plant(World(clock, seed=1))
    world.limits.minute = 100_000
    world.limits.day = 1_000_000
    line = Line(httpx.ASGITransport(exact_app(world)))
    settings = Settings(
        exact_url=SITE, settle_seconds=SETTLE, exact_read_seconds=5, exact_client_id="kassakoppeling"
    )
    house = House(settings, database, clock.now)
    setting = Setting(database, clock, world, line, house, OpenVault(world))
    await add_connection(database, some_rules_of(setting.customer_account()))
    return setting


async def add_connection(database: Database, rules: Rules, **more: Any) -> None:
    values: dict[str, Any] = {
        "id": "c1",
        "merchant_id": "m1",
        "partner_id": "direct",
        "source": "lightspeed-retail",
        "country": "nl",
        "state": "active",
        "exact_grant_id": "g1",
        "lightspeed_grant_id": "g2",
        "division": str(BLOEM),
        "rules": registry.rules_text(rules),
        "rules_version": 1,
        "created_at": NOON,
    }
    async with database.transaction() as transaction:
        await transaction.execute(insert(registry.connections).values(**(values | more)))


def nth(number: int, fault: str, method: str = "POST", path: str = "") -> Fault:
    """The fault at the n-th request of that kind, once."""
    count = 0

    def happens(request: httpx.Request) -> str | None:
        nonlocal count
        if request.method != method or path not in request.url.path:
            return None
        count += 1
        return fault if count == number else None

    return happens


def customer(number: int, **more: Any) -> Customer:
    return Customer(id=str(number), name=f"Klant {number}", email=f"klant{number}@voorbeeld.nl", **more)
