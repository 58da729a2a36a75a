"""A restaurant's till of the sandbox in this process, and an ingest that reads it: one clock for both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.engine import Database
from libs.common.database.registry import ConnectionState, connections, merchants, rules_text
from libs.common.domain.rules import Rules
from libs.common.http import http_client
from libs.common.lightspeed.restaurant_oauth import SCOPES, RestaurantConsent
from libs.common.lightspeed.restaurant_source import SOURCE
from libs.common.settings import Settings
from libs.common.vault import Keyring, TokenSet, Vault
from services.sandbox.calls import Calls, Counted
from services.sandbox.clock import Clock
from services.sandbox.faults import Faults, FaultyVendor
from services.sandbox.restaurant.app import REALM, restaurant_app
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.orders import Order, OrderLine, OrderPayment
from services.sandbox.restaurant.records import Record
from services.sandbox.restaurant.selling import Shop, shop_of
from services.sandbox.restaurant.vendor import restaurant_vendor
from services.sandbox.restaurant.world import RestaurantWorld
from tests.services.ingest_world import ADDRESS, CONNECTION, DEFAULT_RULES, KEY, START, InProcess, World

CLIENT, SECRET = "devp-v2-demo-kassakoppeling", "sandbox-secret"
CALLBACK = "http://127.0.0.1:8080/oauth/lightspeed-restaurant/callback"
SETTINGS = Settings(
    _env_file=None,
    lightspeed_restaurant_auth_url=f"{ADDRESS}{REALM}",
    lightspeed_restaurant_api_url=ADDRESS,
    lightspeed_restaurant_client_id=CLIENT,
    lightspeed_restaurant_client_secret=SECRET,
)


@dataclass(kw_only=True)
class RestaurantWorldOfIngest(World):
    """`restaurant` and `business` stand in for the till of `World`."""

    restaurant: RestaurantWorld
    business: Business
    settings: Settings = SETTINGS

    @property
    def location(self) -> str:
        return str(self.business.locations[0].bl_id)

    def shop(self, location: str | None = None) -> Shop:
        return shop_of(self.business, location, self.restaurant.switches, self.clock.now())

    def ring_up(self, order: Order | None = None) -> Record:
        return self.restaurant.sell(self.business, order or an_order())

    def asked_of(self, path: str) -> int:
        """How often an address that ends so was asked."""
        return sum(url.path.endswith(path) for url in self.transport.requests)


def an_order(amount: str = "12.10", at: datetime | None = None, **more: Any) -> Order:
    line = OrderLine(unit_price=Decimal(amount), item="BIER25", description="Pils", vat_rate=Decimal(21))
    order = Order(at=at, lines=(line,), payments=(OrderPayment(type="PIN"),))
    return replace(order, **more)


@asynccontextmanager
async def a_restaurant(
    database: Database,
    rules: Rules = DEFAULT_RULES,
    *,
    switches: Mapping[str, object] | None = None,
    locations: tuple[str, ...] = ("Utrecht",),
    day_start: str = "05:30",
) -> AsyncIterator[RestaurantWorldOfIngest]:
    """One connection to one business whose locations have sold nothing yet."""
    clock = Clock(START)
    restaurant = RestaurantWorld(clock)
    restaurant.switches.choose(dict(switches or {}))
    vendor = restaurant_vendor(restaurant)
    faults, calls = Faults({"restaurant": frozenset(vendor.hooks.before_work)}), Calls()
    app = Counted(
        FaultyVendor(restaurant_app(restaurant), "restaurant", faults, vendor.hooks), calls, vendor.hooks
    )
    transport = InProcess(app, clock)
    http = http_client(transport=transport)
    consent = RestaurantConsent(SETTINGS.app_of(SOURCE.name), http)
    vault = Vault(database, Keyring([KEY]), {SOURCE.name: consent.endpoint}, clock.now)
    business = restaurant.add_business("De Keuken", shops=locations, day_start=time.fromisoformat(day_start))
    first = await consent.endpoint.exchange(_code(restaurant, business), CALLBACK, f"{ADDRESS}{REALM}")
    await _connect(database, vault, business, first, rules, clock.now())
    try:
        yield RestaurantWorldOfIngest(
            database,
            clock,
            None,  # type: ignore[arg-type]
            faults,
            calls,
            transport,
            http,
            vault,
            business.business_id,
            restaurant=restaurant,
            business=business,
        )
    finally:
        await http.aclose()


def _code(restaurant: RestaurantWorld, business: Business) -> str:
    query = {"client_id": CLIENT, "redirect_uri": CALLBACK, "scope": " ".join(SCOPES)}
    return restaurant.grants.issue_code(query, (business.business_id,))


async def _connect(
    database: Database, vault: Vault, business: Business, tokens: TokenSet, rules: Rules, now: datetime
) -> None:
    async with database.transaction() as transaction:
        grant = await vault.keep_consent(
            transaction,
            partner_id="direct",
            merchant_id="merchant-1",
            system=SOURCE.name,
            site=f"{ADDRESS}{REALM}",
            subject=str(business.business_id),
            subject_name=business.name,
            tokens=tokens,
        )
        await _register(transaction, business, grant, rules, now)


async def _register(
    transaction: AsyncConnection, business: Business, grant: str, rules: Rules, now: datetime
) -> None:
    await transaction.execute(
        insert(merchants).values(
            id="merchant-1",
            partner_id="direct",
            name="De Keuken",
            email="keuken@example.nl",
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
            source=SOURCE.name,
            country="nl",
            state=ConnectionState.ACTIVE.value,
            lightspeed_grant_id=grant,
            lightspeed_account=str(business.business_id),
            rules=rules_text(rules),
            rules_version=1,
            created_at=now,
        )
    )
