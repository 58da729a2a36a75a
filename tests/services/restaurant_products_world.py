"""A restaurant of the simulated K-Series beside the division, with the service between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import update

from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.http import http_client
from libs.common.lightspeed.product_source import ProductTill
from libs.common.lightspeed.restaurant_oauth import SCOPES
from libs.common.lightspeed.restaurant_products import restaurant_products
from libs.common.lightspeed.restaurant_source import NAME
from libs.common.lightspeed.source import Access
from libs.common.settings import VendorApp
from services.sandbox.restaurant.app import restaurant_app
from services.sandbox.restaurant.business import Business, Item
from services.sandbox.restaurant.world import RestaurantWorld
from tests.services.exporter_world import Line
from tests.services.products_world import CONNECTION, D, NoBudget, Scene, a_scene
from tests.services.restaurant_world import CALLBACK, CLIENT, SECRET
from tests.services.x_products_world import Vaults

APP = VendorApp("LIGHTSPEED_RESTAURANT", "http://till.test", "http://till.test", CLIENT, SecretStr(SECRET))
VAT_CODES = {"Keuken": "1", "Frisdrank en koffie": "1", "Alcohol": "2"}


@dataclass(kw_only=True)
class RestaurantScene(Scene):
    world: RestaurantWorld
    business: Business

    def open_till(self, connection: Connection) -> ProductTill:
        vault: Any = self.vault
        budget: Any = NoBudget()
        access = Access(http_client(transport=self.to_till), vault, budget, self.clock.now, APP)
        account = connection.lightspeed_account or ""
        return restaurant_products(access, "g2", account, connection.rules.closed_outlets)

    def on_the_menu(self, code: str, price: str = "9.95", group: str = "Alcohol", **more: Any) -> Item:
        """What the Back Office lists for every location, or for one (`location`)."""
        named = more.pop("name", f"Artikel {code}")
        business = self.business
        item = Item(business.next_id(), named, code, business.group_of(group), D(price), **more)
        return business.add_item(item)

    def group(self, name: str) -> str:
        return str(self.business.group_of(name).group_id)


async def a_restaurant_scene(
    database: Database, rules: Rules, *, locations: tuple[str, ...] = ("Utrecht", "Zeist")
) -> RestaurantScene:
    """An empty menu, and Bloem & Blad without items; what is of "Overig" has no VAT code."""
    scene = await a_scene(database, rules)
    world = RestaurantWorld(scene.clock)
    world.limits.settings.choose({"per_minute": 0})
    world.switches.choose({"access_token_seconds": 10**8})
    business = world.add_business("De Keuken", shops=locations)
    asked = {"client_id": CLIENT, "redirect_uri": CALLBACK, "scope": " ".join(SCOPES)}
    form = {
        "grant_type": "authorization_code",
        "code": world.grants.issue_code(asked, (business.business_id,)),
        "redirect_uri": CALLBACK,
    }
    authorization = httpx.BasicAuth(CLIENT, SECRET)._auth_header
    granted = world.grants.exchange(form, authorization)
    fields = {name: getattr(scene, name) for name in ("database", "clock", "exact", "retail", "account")}
    vault: Any = Vaults(scene.vault, str(granted["access_token"]))
    line = Line(httpx.ASGITransport(restaurant_app(world)))
    made = RestaurantScene(
        **fields, to_exact=scene.to_exact, to_till=line, vault=vault, world=world, business=business
    )
    codes = {made.group(name): code for name, code in VAT_CODES.items()}
    rules = replace(rules, products=replace(rules.products, vat_codes=codes))
    values = {
        "source": NAME,
        "lightspeed_account": str(business.business_id),
        "rules": registry.rules_text(rules),
    }
    async with database.transaction() as transaction:
        mine = registry.connections.c.id == CONNECTION
        await transaction.execute(update(registry.connections).where(mine).values(**values))
    return made
