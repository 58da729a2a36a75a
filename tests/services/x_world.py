"""A store of the sandbox's X-Series in this process, and an ingest that reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from libs.common.database.engine import Database
from libs.common.database.registry import ConnectionState, connections, merchants, rules_text
from libs.common.domain.rules import Rules
from libs.common.http import http_client
from libs.common.lightspeed.x_oauth import SCOPES, XTokens
from libs.common.lightspeed.x_source import NAME
from libs.common.settings import Settings
from libs.common.vault import Keyring, Vault
from services.sandbox.calls import Calls, Counted
from services.sandbox.clock import Clock
from services.sandbox.faults import Faults, FaultyVendor
from services.sandbox.tills import TicketLine, TicketPayment
from services.sandbox.x_series.app import x_app
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import Sale
from services.sandbox.x_series.seed import Shop
from services.sandbox.x_series.selling import sell
from services.sandbox.x_series.tickets import ShopTicket, as_shop_ticket
from services.sandbox.x_series.vendor import x_vendor
from services.sandbox.x_series.world import XWorld
from tests.services.ingest_world import CONNECTION, KEY, InProcess, World

START = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
HOST = "http://{domain_prefix}.x.test"
PREFIX = "testwinkel"
SITE = f"http://{PREFIX}.x.test"
REDIRECT = "http://127.0.0.1:8080/oauth/lightspeed-x/callback"
CLIENT, SECRET = "kassakoppeling", "sandbox-secret"
SETTINGS = Settings(
    _env_file=None,
    lightspeed_x_auth_url="http://secure.x.test",
    lightspeed_x_api_url=HOST,
    lightspeed_x_client_id=CLIENT,
    lightspeed_x_client_secret=SECRET,
)
APP = SETTINGS.app_of(NAME)
DEFAULT_RULES = Rules(start_date=date(2026, 3, 1))


@dataclass(kw_only=True)
class Store(World):
    """`account_id` isn't used: the store is known by its domain prefix."""

    x: XWorld
    settings: Settings = SETTINGS

    @property
    def store(self) -> Merchant:
        return self.x.merchants[PREFIX]

    def ring(self, amount: str = "12.10", *, paid: str = "PIN", **more: Any) -> Sale:
        return sell(self.store, a_ticket(amount, paid=paid, **more))

    def paths(self, end: str) -> int:
        return sum(url.path.endswith(end) for url in self.transport.requests)


def a_ticket(amount: str = "12.10", *, paid: str = "PIN", **more: Any) -> ShopTicket:
    line = TicketLine(unit_price=Decimal(amount), description="Fietsbel", vat_rate=Decimal(21))
    payments = (TicketPayment(type=paid),) if paid else ()
    ticket = as_shop_ticket(ShopTicket(lines=(line,), payments=payments))
    return type(ticket)(**{**{name: getattr(ticket, name) for name in ticket.__dataclass_fields__}, **more})


@asynccontextmanager
async def a_store(
    database: Database, rules: Rules = DEFAULT_RULES, *, calm: bool = True, scopes: tuple[str, ...] = SCOPES
) -> AsyncIterator[Store]:
    """One connection to one empty store; `calm` lifts Lightspeed's limits."""
    clock = Clock(START)
    x = XWorld(clock)
    merchant = x.add_store(PREFIX, "Testwinkel", [Shop("Winkel", ("W1-", "W2-"), "Europe/Amsterdam")])
    if calm:
        x.limits.settings.choose({"per_register": 100_000, "token_calls": 1_000})
    hooks = x_vendor(x).hooks
    faults, calls = Faults({"x": frozenset(hooks.before_work)}), Calls()
    transport = InProcess(Counted(FaultyVendor(x_app(x), "x", faults, hooks), calls, hooks), clock)
    http = http_client(transport=transport)
    tokens = XTokens(APP, http)
    vault = Vault(database, Keyring([KEY]), {NAME: tokens}, clock.now)
    await _connect(database, vault, tokens, merchant, x, rules, scopes, clock.now())
    try:
        yield Store(database, clock, None, faults, calls, transport, http, vault, 0, x=x)  # type: ignore[arg-type]
    finally:
        await http.aclose()


async def _connect(
    database: Database,
    vault: Vault,
    endpoint: XTokens,
    merchant: Merchant,
    x: XWorld,
    rules: Rules,
    scopes: tuple[str, ...],
    now: datetime,
) -> None:
    asked = {"client_id": CLIENT, "scope": " ".join(scopes), "redirect_uri": REDIRECT}
    code = x.grants.issue_code(asked, merchant.domain_prefix)
    tokens = await endpoint.exchange(code, REDIRECT, SITE)
    async with database.transaction() as transaction:
        grant = await vault.keep_consent(
            transaction,
            partner_id="direct",
            merchant_id="merchant-1",
            system=NAME,
            site=SITE,
            subject=merchant.domain_prefix,
            subject_name=merchant.name,
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
                source=NAME,
                country="nl",
                state=ConnectionState.ACTIVE.value,
                lightspeed_grant_id=grant,
                lightspeed_account=merchant.domain_prefix,
                rules=rules_text(rules),
                rules_version=1,
                created_at=now,
            )
        )
