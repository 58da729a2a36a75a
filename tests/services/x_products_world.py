"""A store of the simulated X-Series beside the division, with the service between them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy import update

from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.http import http_client
from libs.common.lightspeed.source import Access
from libs.common.lightspeed.x_oauth import SCOPES
from libs.common.lightspeed.x_products import XProducts
from libs.common.lightspeed.x_source import NAME
from libs.common.vault import AccessToken
from services.sandbox.x_series import catalogue, product_writes
from services.sandbox.x_series.app import x_app
from services.sandbox.x_series.calls import Call
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.oauth import Access as Granted
from services.sandbox.x_series.records import Product
from services.sandbox.x_series.seed import Shop
from services.sandbox.x_series.world import XWorld
from tests.services.exporter_world import Line
from tests.services.products_world import CONNECTION, D, NoBudget, Scene, a_scene
from tests.services.x_world import APP, CLIENT, PREFIX, REDIRECT, SECRET


class Vaults:
    def __init__(self, exact: Any, token: str) -> None:
        self._exact, self._token = exact, token

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> AccessToken:
        if grant_id == "g2":
            return AccessToken(self._token, 1)
        found: AccessToken = await self._exact.access_token(grant_id, rejected_generation=rejected_generation)
        return found


@dataclass(kw_only=True)
class XScene(Scene):
    x: XWorld

    @property
    def store(self) -> Merchant:
        return self.x.merchants[PREFIX]

    def open_till(self, connection: Connection) -> XProducts:
        vault: Any = self.vault
        http = http_client(transport=self.to_till)
        return XProducts(Access(http, vault, self.budget, self.clock.now, APP), "g2", PREFIX)

    def forget(self) -> None:
        """As another process would: it remembers nothing."""
        self.budget = NoBudget()

    def call(self, method: str, body: Any) -> Call:
        return Call(
            merchant=self.store,
            access=Granted("", PREFIX, "", SCOPES, None),
            version="2026-07",
            method=method,
            path=(),
            body=body,
        )

    def new_in_store(self, code: str, price: str = "9.95", **more: Any) -> str:
        codes = [{"type": "CUSTOM", "code": code}]
        body = {"name": f"Artikel {code}", "product_codes": codes, "price_including_tax": price} | more
        answer: Any = product_writes.create(self.call("POST", body))
        return str(answer.body["data"][0])

    def change_in_store(self, code: str, *, common: Any = None, **details: Any) -> None:
        body = {"common": common or {}, "details": details}
        product_writes.update(self.call("PUT", body), self.in_store(code).id)

    def in_store(self, code: str) -> Product:
        return self.store.products[self.store.skus[code]]

    def outlet(self, place: int = 0) -> str:
        return list(self.store.outlets)[place].id

    def move_in_store(self, code: str, quantity: str, place: int = 0) -> None:
        """Sold (negative), taken back or received."""
        catalogue.move_stock(self.store, self.in_store(code).id, self.outlet(place), D(quantity))

    def level(self, code: str, place: int = 0) -> Decimal:
        return catalogue.stock_of(self.store, self.in_store(code).id, self.outlet(place)).level

    def tax(self, percent: int) -> str:
        return catalogue.tax_of_rate(self.store, D(percent)).id

    def tax_in_store(self, code: str) -> str:
        product = self.in_store(code)
        (tax,) = {catalogue.tax_of_product(self.store, product, outlet) for outlet in self.store.outlets}
        return tax


async def an_x_scene(database: Database, rules: Rules, *, tax_exclusive: bool = False) -> XScene:
    """An empty store with two outlets, and Bloem & Blad without items."""
    scene = await a_scene(database, rules)
    x = XWorld(scene.clock)
    x.limits.settings.choose({"per_register": 10**6, "token_calls": 1_000})
    x.switches.choose({"access_token_seconds": 10**8})
    merchant = x.add_store(PREFIX, "Testwinkel", [Shop("Centrum", ("C-",)), Shop("Station", ("S-",))])
    merchant.tax_exclusive = tax_exclusive
    line = Line(httpx.ASGITransport(x_app(x)))
    asked = {"client_id": CLIENT, "scope": " ".join(SCOPES), "redirect_uri": REDIRECT}
    form = {
        "grant_type": "authorization_code",
        "code": x.grants.issue_code(asked, PREFIX),
        "client_id": CLIENT,
        "client_secret": SECRET,
        "redirect_uri": REDIRECT,
    }
    granted = x.grants.exchange(form, PREFIX)
    fields = {name: getattr(scene, name) for name in ("database", "clock", "exact", "retail", "account")}
    vault: Any = Vaults(scene.vault, str(granted["access_token"]))
    made = XScene(**fields, to_exact=scene.to_exact, to_till=line, vault=vault, x=x)
    values = {"source": NAME, "lightspeed_account": PREFIX}
    async with database.transaction() as transaction:
        mine = registry.connections.c.id == CONNECTION
        await transaction.execute(update(registry.connections).where(mine).values(**values))
    return made
