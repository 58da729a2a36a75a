"""All services in this process against the sandbox's vendors, turned by hand: one clock, no waiting.

Nothing runs by itself. Messages lie in queues until they are delivered, some twice and in any order, each
in one transaction with its inbox row as the runner does it; loops run one step when they are cranked.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import delete, func, or_, select, update

import services.exporter.app
import services.exporter.schedule
import services.ingest.app
import services.mapper.app
import services.portal.app
from libs.common.contracts.commands import RulesChanged
from libs.common.contracts.envelope import Envelope, Message
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.rules import Rules
from libs.common.http import http_client
from libs.common.messaging import inbox, outbox
from libs.common.messaging.bus import Outcome
from libs.common.messaging.outbox import outbox_messages
from libs.common.service import House, Service
from libs.common.settings import Settings
from services.exporter import store as exporter_store
from services.ingest import errand_store
from services.ingest import store as ingest_store
from services.mapper import store as mapper_store
from services.portal.keys import create_partner
from services.sandbox.app import Sandbox
from services.sandbox.app import build as build_sandbox
from services.sandbox.clock import Clock
from services.sandbox.exact.seed import BLOEM
from tests import exact_reference

SITE = "http://vendors.test"
PUBLIC = "http://127.0.0.1:8080"
START = datetime(2026, 3, 16, 6, 0, tzinfo=UTC)
ACCOUNT = 4711
SETTLE = 60
LAG = timedelta(minutes=2)
"""How far ingest's watermark stays behind."""
APPS = (services.ingest.app, services.mapper.app, services.exporter.app, services.portal.app)
LOOPS = (services.ingest.app, services.mapper.app, services.exporter.schedule, services.portal.app)
SELDOM = ("portal.keep-consents",)
"""Loops that are turned once a day."""
PROMPT_ROUNDS = 30

Step = Callable[[], Awaitable[object]]


class Line(httpx.AsyncBaseTransport):
    """The way to the sandbox: an answer it drops is a broken connection or a time-out here."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = httpx.ASGITransport(app=sandbox.app)
        self._lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exact_reference.check(request)
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionError as error:
            self._lost += 1
            kind = httpx.ReadTimeout if self._lost % 2 else httpx.ReadError
            raise kind(str(error), request=request) from error


@dataclass
class Queues:
    """What each service still has to take."""

    services: dict[str, Service]
    dice: random.Random
    waiting: dict[str, list[Envelope]] = field(default_factory=dict)

    def put(self, envelope: Envelope) -> None:
        for name, service in self.services.items():
            if envelope.type in service.consumers:
                self.waiting.setdefault(name, []).append(envelope)

    @property
    def count(self) -> int:
        return sum(len(of_service) for of_service in self.waiting.values())

    async def deliver(self, database: Database, *, all_of_them: bool) -> None:
        for name in sorted(self.waiting):
            chosen = self._take(name, all_of_them=all_of_them)
            while chosen:
                size = self.dice.randint(1, 20)
                batch, chosen = chosen[:size], chosen[size:]
                await self._hand_over(database, name, batch)

    def _take(self, name: str, *, all_of_them: bool) -> list[Envelope]:
        """Mostly in order; sometimes shuffled, and some of them a second time later."""
        here = self.waiting[name]
        chosen = [each for each in here if all_of_them or self.dice.random() < 0.6]
        if self.dice.random() < 0.3:
            self.dice.shuffle(chosen)
        self.waiting[name] = [each for each in here if each not in chosen]
        if not all_of_them:
            self.waiting[name] += [each for each in chosen if self.dice.random() < 0.1]
        return chosen

    async def _hand_over(self, database: Database, name: str, batch: list[Envelope]) -> None:
        service = self.services[name]
        outcomes = await inbox.handle_batch(database, name, batch, service.consumers)
        for envelope, outcome in zip(batch, outcomes, strict=True):
            if outcome is Outcome.LATER:
                self.waiting[name].append(envelope)
            elif outcome is Outcome.DEFECT:
                async with database.reading() as transaction:
                    reasons = await inbox.defect_reasons(transaction, [envelope.id])
                raise AssertionError(f"{name} could not take {envelope.type}: {reasons} {envelope.body}")


@dataclass
class Whole:
    """The house with all in it; `partner` is a partner's way in."""

    database: Database
    sandbox: Sandbox
    clock: Clock
    services: dict[str, Service]
    loops: dict[str, Step]
    queues: Queues
    partner: httpx.AsyncClient
    dice: random.Random
    connection: str = ""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def account(self) -> Any:
        return self.sandbox.retail.accounts[ACCOUNT]

    @property
    def division(self) -> Any:
        return self.sandbox.exact.divisions[BLOEM]

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def advance_to(self, moment: datetime) -> None:
        self.advance(max(0.0, (moment - self.now).total_seconds()))

    async def close(self) -> None:
        for service in self.services.values():
            if service.close is not None:
                await service.close()

    # Choices

    async def connect(self, rules: Rules) -> None:
        merchant = await self._made("/v1/merchants", {"name": "Fietsen & Zo", "email": "jan@fietsenzo.nl"})
        connection = {"source": "lightspeed-retail", "country": "nl"}
        self.connection = await self._made(f"/v1/merchants/{merchant}/connections", connection)
        for system in ("lightspeed", "exact"):
            await self._consent(system)
        await self.choose(rules, state="active", activated_at=self.now)

    async def _made(self, path: str, body: dict[str, Any]) -> str:
        answer = await self.partner.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def _consent(self, system: str) -> None:
        """As a browser would: to the vendor's page, its button, and back."""
        asked = await self.partner.post(
            f"/v1/connections/{self.connection}/authorizations", json={"system": system}
        )
        address = asked.json()["authorize_url"]
        options = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        form = options | {"decision": "allow", "account": str(ACCOUNT), "user": "eva.dejong"}
        vendors = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.sandbox.app), base_url=SITE)
        answered = await vendors.post(address.split("?")[0], data=form)
        assert answered.status_code == 302, answered.text
        landed = await self.partner.get(answered.headers["location"], headers={"Authorization": ""})
        assert landed.status_code == 200, landed.text

    async def rules(self) -> Rules:
        async with self.database.reading() as transaction:
            connection = await registry.connection(transaction, self.connection)
        assert connection is not None
        return connection.rules

    async def choose(self, rules: Rules, **more: Any) -> None:
        """As the portal keeps and tells it, but for its checks against both vendors."""

        async def keep(transaction: Any) -> None:
            connections = registry.connections
            values = {"rules": registry.rules_text(rules), "division": rules.division, **more}
            values["rules_version"] = connections.c.rules_version + 1
            mine = connections.c.id == self.connection
            await transaction.execute(update(connections).where(mine).values(**values))
            await outbox.add(transaction, RulesChanged(0), connection_id=self.connection, at=self.now)

        await self.database.run(keep)

    async def tell(self, message: Message) -> None:
        async def add(transaction: Any) -> None:
            await outbox.add(transaction, message, connection_id=self.connection, at=self.now)

        await self.database.run(add)

    # Turning

    async def collect(self) -> int:
        """What was committed to the outbox goes to the queues."""
        async with self.database.transaction() as transaction:
            query = select(outbox_messages).order_by(outbox_messages.c.position)
            rows = (await transaction.execute(query)).all()
            await transaction.execute(delete(outbox_messages))
        for row in rows:
            self.queues.put(
                Envelope(
                    row.message_id, row.type, row.version, row.connection_id, row.at, row.body, row.trace
                )
            )
        return len(rows)

    async def turn(self, *, all_of_them: bool = False) -> None:
        """One round: messages that are there, then a step of each loop; a calm round leaves out nothing."""
        await self.collect()
        await self.queues.deliver(self.database, all_of_them=all_of_them)
        for name, step in self.loops.items():
            if name in SELDOM or not (all_of_them or self.dice.random() < 0.7):
                continue
            await step()

    async def keep_consents(self) -> None:
        for name in SELDOM:
            await self.loops[name]()

    async def until_quiet(self, rounds: int = 400) -> None:
        """Until all that happened is read, decided and booked, and nothing is under way."""
        self.advance(1)
        since = self.now
        answer = await self.partner.post(f"/v1/connections/{self.connection}/sync")
        assert answer.status_code == 202, answer.text
        why, sold = "", len(self.account["Sale"])
        for number in range(rounds):
            await self.turn(all_of_them=True)
            if sold < len(self.account["Sale"]):  # a fault sold something while it was read
                self.advance(1)
                since, sold = self.now, len(self.account["Sale"])
            if await self.collect() or self.queues.count:
                continue
            why = await self._unfinished(since)
            if not why:
                return
            self.advance(31 if number < PROMPT_ROUNDS else 301)
        raise AssertionError(f"not quiet after {rounds} rounds: {why}")

    async def _unfinished(self, since: datetime) -> str:
        """What is still to be done, in words; empty where nothing is."""
        async with self.database.reading() as transaction:
            cursors, jobs, sales = ingest_store.cursors, exporter_store.jobs, mapper_store.sales
            cursor = (await transaction.execute(select(cursors))).one_or_none()
            wanted = await ingest_store.wanted(transaction, self.connection, 10)
            errands = errand_store.errands
            to_read = or_(errands.c.kind == errand_store.BACKLOG, errands.c.due_at <= self.now)
            behind = (await transaction.execute(select(errands.c.kind).where(to_read))).scalars().all()
            open_jobs = select(func.count()).where(
                or_(jobs.c.state == "sending", (jobs.c.state == "waiting") & jobs.c.due_at.is_not(None))
            )
            on_their_way = (await transaction.execute(open_jobs)).scalar_one()
            undecided = select(func.count()).where(sales.c.state == mapper_store.SaleDecision.WAITING.value)
            waiting = (await transaction.execute(undecided)).scalar_one()
        if cursor is None or cursor.watermark is None or cursor.watermark < since - LAG:
            return f"not read up to {since}: {cursor}"
        if cursor.walk_since is not None or cursor.failures or wanted or behind:
            return f"still reading: {cursor} {wanted} {behind}"
        if on_their_way or waiting:
            return f"{on_their_way} documents on their way, {waiting} sales undecided"
        return ""


async def make_whole(database: Database, monkeypatch: pytest.MonkeyPatch, seed: int) -> Whole:
    random.seed(seed)  # the back-offs of the product
    clock = Clock(START)
    sandbox = build_sandbox(seed=seed, clock=clock)
    settings = _settings()
    house = House(settings, database, clock.now)
    loops: dict[str, Step] = {}
    _turn_by_hand(monkeypatch, loops)
    for app in (services.ingest.app, services.exporter.app):
        monkeypatch.setattr(app, "http_client", lambda **more: http_client(transport=Line(sandbox), **more))
    built = _built(house, sandbox)
    for service in built.values():
        for task in service.tasks:
            await task()
    queues = Queues(built, random.Random(f"{seed} queues"))
    key = await create_partner(database, "Een", clock.now())
    partner = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=built["portal"].web),
        base_url=PUBLIC,
        headers={"Authorization": f"Bearer {key}"},
    )
    return Whole(database, sandbox, clock, built, loops, queues, partner, random.Random(f"{seed} turns"))


def _settings() -> Settings:
    fields: dict[str, Any] = {
        "public_url": PUBLIC,
        "secret_keys": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "exact_url": SITE,
        "exact_client_id": "kassakoppeling",
        "exact_client_secret": "sandbox-secret",
        "lightspeed_retail_auth_url": SITE,
        "lightspeed_retail_api_url": SITE,
        "lightspeed_retail_client_id": "kassakoppeling",
        "lightspeed_retail_client_secret": "sandbox-secret",
        "poll_seconds": 60,
        "settle_seconds": SETTLE,
        "exact_read_seconds": 5,
    }
    return Settings(_env_file=None, **fields)


def _turn_by_hand(monkeypatch: pytest.MonkeyPatch, loops: dict[str, Step]) -> None:
    """Each loop of the product becomes a crank."""

    async def crank(name: str, step: Step, **more: Any) -> None:
        if step not in loops.values():  # several workers turn one crank
            loops[name] = step

    for module in LOOPS:
        monkeypatch.setattr(module, "forever", crank)


def _built(house: House, sandbox: Sandbox) -> dict[str, Service]:
    http = http_client(transport=Line(sandbox))
    built = [app.build(house) for app in APPS[:3]]
    return {service.name: service for service in [*built, services.portal.app.build(house, http=http)]}


def with_parts(rules: Rules, **parts: Any) -> Rules:
    """Rules with fields of their parts changed: `with_parts(rules, corrections={"style": ...})`."""
    changes = {
        name: replace(getattr(rules, name), **value)
        if isinstance(value, dict) and not isinstance(getattr(rules, name), dict)
        else value
        for name, value in parts.items()
    }
    return replace(rules, **changes)
