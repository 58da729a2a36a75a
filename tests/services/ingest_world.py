"""A till of the sandbox in this process, and an ingest that reads it: one clock for both, no waiting."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import httpx
from sqlalchemy import insert, select, update

from libs.common.budget import Budget
from libs.common.contracts.envelope import Envelope, Message, envelope_of, message_in
from libs.common.contracts.sales import SaleProblem, SaleRecorded, SalesRead
from libs.common.database.engine import Database
from libs.common.database.registry import ConnectionState, connections, merchants, rules_text
from libs.common.domain.rules import Rules
from libs.common.http import http_client
from libs.common.lightspeed.retail_oauth import SYSTEM, RetailTokens
from libs.common.lightspeed.retail_source import SOURCE
from libs.common.lightspeed.sources import Tills
from libs.common.messaging.outbox import outbox_messages
from libs.common.settings import Settings
from libs.common.vault import Keyring, TokenSet, Vault
from services.ingest import errand_store, store
from services.ingest.consumers import handlers
from services.ingest.poll import Poller
from services.ingest.schedule import Schedule
from services.sandbox.calls import Calls, Counted
from services.sandbox.clock import Clock
from services.sandbox.faults import Faults, FaultyVendor
from services.sandbox.retail.account import Account
from services.sandbox.retail.app import retail_app
from services.sandbox.retail.rows import Row
from services.sandbox.retail.vendor import retail_vendor
from services.sandbox.retail.world import RetailWorld
from services.sandbox.tills import Ticket, TicketLine, TicketPayment

START = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
ADDRESS = "http://lightspeed.test"
CONNECTION = "connection-1"
KEY = secrets.token_bytes(32)
LAG, OVERLAP = timedelta(minutes=2), SOURCE.overlap
SETTINGS = Settings(_env_file=None, lightspeed_retail_auth_url=ADDRESS, lightspeed_retail_api_url=ADDRESS)


class InProcess(httpx.AsyncBaseTransport):
    """The sandbox as a server that can drop the line: what it raises is a broken connection here.

    Its answers bear the date by its own clock, where it is given one.
    """

    def __init__(self, app: Any, clock: Clock | None = None) -> None:
        self._inner = httpx.ASGITransport(app=app)
        self._clock = clock
        self.requests: list[httpx.URL] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request.url)
        try:
            answer = await self._inner.handle_async_request(request)
        except ConnectionError as error:
            raise httpx.ReadError(str(error)) from error
        if self._clock is not None:
            answer.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        return answer


@dataclass
class World:
    database: Database
    clock: Clock
    retail: RetailWorld
    faults: Faults
    calls: Calls
    transport: InProcess
    http: httpx.AsyncClient
    vault: Vault
    account_id: int
    settings: Settings = SETTINGS
    owners: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def account(self) -> Account:
        return self.retail.accounts[self.account_id]

    def schedule(self, database: Any = None) -> Schedule:
        """A replica of its own."""
        database = database or self.database
        now = self.clock.now
        tills = Tills(self.settings, self.http, self.vault, Budget(database, now), now)
        poller = Poller(database, tills, now)
        owner = f"replica-{next(self.owners)}"
        return Schedule(database, poller, now, poll_seconds=60, owner=owner, jitter=lambda: 0.5)

    def sell(
        self, count: int = 1, *, at: datetime | None = None, amount: str = "12.10", **more: Any
    ) -> list[Row]:
        return [self.retail.sell(self.account, a_ticket(amount, at, **more)) for _ in range(count)]

    async def read(self, schedule: Schedule | None = None, *, rounds: int = 60) -> None:
        """Polls until all is read, moving the clock over every wait."""
        schedule = schedule or self.schedule()
        await self.ask()
        asked_at = self.clock.now()
        for _ in range(rounds):
            await schedule.poll_due()
            cursor = await self.cursor()
            if cursor.walk_since is None and not cursor.failures and not await self.is_waiting(asked_at):
                return
            self.clock.advance(61)
        raise AssertionError(f"not read after {rounds} rounds: {cursor}")

    async def ask(self) -> None:
        """As sync.requested does; a connection without a cursor is due anyway."""
        async with self.database.transaction() as transaction:
            await store.make_due(transaction, CONNECTION, self.clock.now())

    async def is_waiting(self, asked_at: datetime) -> bool:
        """Whether no poll went through since: one that Lightspeed told to wait is no failure, and no end."""
        async with self.database.reading() as transaction:
            row = (await transaction.execute(select(store.cursors.c.due_at, store.cursors.c.watermark))).one()
            wanted = await store.wanted(transaction, CONNECTION, 10)
            backlog = await errand_store.backlog_of(transaction, CONNECTION)
        return row.watermark is None or row.watermark < asked_at - LAG or bool(wanted or backlog)

    async def errand(self, kind: str) -> errand_store.Errand | None:
        async with self.database.reading() as transaction:
            return (await errand_store.errands_of(transaction, CONNECTION)).get(kind)

    def asked_for(self, entity: str) -> int:
        """How many lists of it Lightspeed was asked for."""
        return sum(url.path.endswith(f"/{entity}.json") for url in self.transport.requests)

    async def cursor(self) -> store.Cursor:
        async with self.database.reading() as transaction:
            row = (await transaction.execute(select(store.cursors))).one()
        return store.Cursor(**{name: row._mapping[name] for name in store.Cursor.__slots__})

    async def told(self, contract: type[Any]) -> list[Any]:
        return [message_in(each, contract) for each in await self.envelopes() if each.type == contract.type]

    async def recorded(self) -> list[SaleRecorded]:
        return await self.told(SaleRecorded)

    async def problems(self) -> list[SaleProblem]:
        return await self.told(SaleProblem)

    async def reads(self) -> list[SalesRead]:
        return await self.told(SalesRead)

    async def tells_without_gaps(self) -> bool:
        """Whether sales, and how far was read, were told in one count."""
        counted = (SaleRecorded.type, SalesRead.type)
        told = [json.loads(each.body)["position"] for each in await self.envelopes() if each.type in counted]
        return told == list(range(1, len(told) + 1))

    async def envelopes(self) -> list[Envelope]:
        async with self.database.reading() as transaction:
            rows = await transaction.execute(select(outbox_messages).order_by(outbox_messages.c.position))
            return [
                Envelope(row.message_id, row.type, row.version, row.connection_id, row.at, row.body)
                for row in rows
            ]

    async def take(self, message: Message) -> None:
        """One message to ingest's consumers, as the bus would bring it."""
        envelope = envelope_of(message, CONNECTION, self.clock.now())
        async with self.database.transaction() as transaction:
            await handlers(self.clock.now)[message.type](transaction, envelope)

    async def choose(self, rules: Rules) -> None:
        async with self.database.transaction() as transaction:
            statement = update(connections).where(connections.c.id == CONNECTION)
            await transaction.execute(statement.values(rules=rules_text(rules)))


def a_ticket(amount: str = "12.10", at: datetime | None = None, **more: Any) -> Ticket:
    line = TicketLine(unit_price=Decimal(amount), description="Fietsbel", tax_class="1")
    ticket = Ticket(at=at, lines=(line,), payments=(TicketPayment(type="PIN"),))
    return replace(ticket, **more)


DEFAULT_RULES = Rules(start_date=date(2026, 3, 1))


@asynccontextmanager
async def a_world(
    database: Database, rules: Rules = DEFAULT_RULES, *, calm: bool = True, sees_voids: bool = False
) -> AsyncIterator[World]:
    """One connection to one empty till; `calm` lifts Lightspeed's limits."""
    clock = Clock(START)
    retail = RetailWorld(clock)
    if calm:
        retail.limits.settings.choose({"bucket": 100_000.0, "burst": 100_000})
    hooks = retail_vendor(retail).hooks
    faults, calls = Faults({"retail": frozenset(hooks.before_work)}), Calls()
    app = Counted(FaultyVendor(retail_app(retail), "retail", faults, hooks), calls, hooks)
    transport = InProcess(app, clock)
    http = http_client(transport=transport)
    tokens = RetailTokens(http, "kassakoppeling", "sandbox-secret", ADDRESS)
    vault = Vault(database, Keyring([KEY]), {SYSTEM: tokens}, clock.now)
    account = retail.add_account("Winkel", shops=("Winkel",), registers=(1,))
    first = await tokens.exchange(_code(retail, account, sees_voids), "", ADDRESS)
    await _connect(database, vault, account, first, rules, clock.now())
    try:
        yield World(database, clock, retail, faults, calls, transport, http, vault, account.account_id)
    finally:
        await http.aclose()


def _code(retail: RetailWorld, account: Account, sees_voids: bool) -> str:
    scopes = "employee:register_read employee:inventory_read employee:customers_read employee:admin_purchases"
    scopes += " employee:admin_void_sale" if sees_voids else ""
    return retail.grants.issue_code({"client_id": "kassakoppeling", "scope": scopes}, account.account_id)


async def _connect(
    database: Database, vault: Vault, account: Account, tokens: TokenSet, rules: Rules, now: datetime
) -> None:
    async with database.transaction() as transaction:
        grant = await vault.keep_consent(
            transaction,
            partner_id="direct",
            merchant_id="merchant-1",
            system=SYSTEM,
            site=ADDRESS,
            subject=str(account.account_id),
            subject_name=account.name,
            tokens=tokens,
        )
        await transaction.execute(
            insert(merchants).values(
                id="merchant-1",
                partner_id="direct",
                name="Winkel",
                email="winkel@example.nl",
                language="nl",
                time_zone="Europe/Amsterdam",
                created_at=now,
                trial_ends_at=now,
            )
        )
        await transaction.execute(
            insert(connections).values(
                id=CONNECTION,
                merchant_id="merchant-1",
                partner_id="direct",
                source="lightspeed-retail",
                country="nl",
                state=ConnectionState.ACTIVE.value,
                lightspeed_grant_id=grant,
                lightspeed_account=str(account.account_id),
                rules=rules_text(rules),
                rules_version=1,
                created_at=now,
            )
        )
