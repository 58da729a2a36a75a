"""What people do to stock at the simulators' till and in their books, and what messages say of sales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from libs.common.contracts.documents import DocumentBooked, Purpose, SaleVersion
from libs.common.contracts.sales import SaleRecorded, SalesRead
from libs.common.database.engine import Database
from libs.common.domain.document import DocumentKind
from libs.common.domain.product import Direction
from libs.common.domain.rules import Mode, OutletRules, Rules
from libs.common.service import House
from libs.common.settings import Settings
from services.sandbox.exact import orders, stock
from services.sandbox.exact.stock_counts import LINES, PATH
from services.sandbox.retail import catalogue
from tests.builders import a_line, a_sale
from tests.services.exporter_world import SETTLE, SITE, Setting, some_rules_of
from tests.services.products_world import D, Scene, a_scene, product_rules
from tests.services.x_products_world import XScene, an_x_scene

CENTRUM, STATION = "1", "2"
STOCKED: dict[str, Any] = {"stock": True, "stock_counts": "processed"}


FIELDS = ("code", "description", "vat")


async def a_stocked_scene(
    database: Database,
    direction: Direction = Direction.TO_EXACT,
    *,
    fields: Sequence[str] = FIELDS,
    **more: Any,
) -> Scene:
    """Two shops with a warehouse each; where Exact leads, sales are orders."""
    scene = await a_scene(database, product_rules(direction, fields, **STOCKED | more))
    await with_warehouses(scene, direction, (CENTRUM, STATION))
    return scene


async def a_stocked_store(
    database: Database,
    direction: Direction = Direction.TO_EXACT,
    *,
    fields: Sequence[str] = FIELDS,
    **more: Any,
) -> XScene:
    """The same of X-Series."""
    scene = await an_x_scene(database, product_rules(direction, fields, **STOCKED | more))
    await with_warehouses(scene, direction, (scene.outlet(0), scene.outlet(1)))
    return scene


async def with_warehouses(scene: Scene, direction: Direction, outlets: Sequence[str]) -> None:
    def chosen(rules: Rules) -> Rules:
        mode = Mode.ORDERS if direction is Direction.TO_LIGHTSPEED else Mode.TRANSACTIONS
        places = zip(outlets, warehouses(scene), strict=True)
        return replace(
            rules, mode=mode, outlets={each: OutletRules(warehouse=place) for each, place in places}
        )

    await scene.choose(chosen)
    if direction is Direction.TO_LIGHTSPEED:
        await read_until_now(scene)


async def exporter_beside(scene: Scene) -> Setting:
    """What books sales in the division of the scene."""
    settings = Settings(
        exact_url=SITE, settle_seconds=SETTLE, exact_read_seconds=5, exact_client_id="kassakoppeling"
    )
    vault: Any = scene.vault
    house = House(settings, scene.database, scene.clock.now)
    setting = Setting(scene.database, scene.clock, scene.exact, scene.to_exact, house, vault)
    exports = some_rules_of(setting.customer_account())
    await scene.choose(lambda rules: replace(rules, journals=exports.journals, debtor=exports.debtor))
    return setting


def warehouses(scene: Scene) -> list[str]:
    return [row["ID"] for row in scene.division.table("inventory/Warehouses")]


def move_at_till(scene: Scene, code: str, quantity: str, shop: str = CENTRUM) -> None:
    """Sold (negative), taken back or received."""
    catalogue.move_stock(scene.account, scene.till_item(code).key, int(shop), D(quantity))


def at_till(scene: Scene, code: str, shop: str = CENTRUM) -> Decimal:
    rows = scene.account["ItemShop"].find("itemID", scene.till_item(code).key)
    return next(row.number("qoh") for row in rows if row.id("shopID") == int(shop))


def move_in_exact(scene: Scene, code: str, quantity: str, warehouse: int = 0) -> None:
    place = scene.division.table("inventory/Warehouses").rows[warehouses(scene)[warehouse]]
    stock.move(scene.bookkeeper, scene.item(code), place, D(quantity))


def in_exact(scene: Scene, code: str, warehouse: int = 0) -> Decimal:
    return _position(scene, code, warehouse, "CurrentStock")


def free_in_exact(scene: Scene, code: str, warehouse: int = 0) -> Decimal:
    """What orders that aren't delivered leave of it."""
    return in_exact(scene, code, warehouse) - _position(scene, code, warehouse, "PlannedStockOut")


def _position(scene: Scene, code: str, warehouse: int, name: str) -> Decimal:
    rows = scene.division.table("inventory/ItemWarehouses").find("Item", scene.item(code)["ID"])
    wanted = warehouses(scene)[warehouse]
    return next((row[name] for row in rows if row["Warehouse"] == wanted), D(0))


def order_in_exact(scene: Scene, code: str, quantity: str, warehouse: int = 0) -> None:
    account = next(iter(scene.division.table("crm/Accounts")))
    line = {"Item": scene.item(code)["ID"], "Quantity": D(quantity), "NetPrice": D(1)}
    body = {
        "OrderedBy": account["ID"],
        "WarehouseID": warehouses(scene)[warehouse],
        "SalesOrderLines": [line],
    }
    orders.create(scene.bookkeeper, body)


def counted(scene: Scene) -> list[tuple[str, Decimal, int]]:
    """Item, difference and status of every line of every count in Exact."""
    lines = scene.division.table(LINES)
    return [(line["ItemCode"], line["QuantityDifference"], line["Status"]) for line in lines]


def stock_counts(scene: Scene) -> list[dict[str, Any]]:
    return list(scene.division.table(PATH))


async def record_sale(scene: Scene, article: str, position: int, sale: str = "900") -> None:
    """ingest has read a sale of one of it; `article` is its id at the till."""
    line = a_line(item=article)
    sold = a_sale([line], id=sale, completed_at=scene.clock.now())
    await scene.take(SaleRecorded(sold, revision=1, content_hash="h", position=position))


async def book_sale(scene: Scene, sale: str = "900") -> None:
    now = scene.clock.now()
    booked = DocumentBooked(
        document_id=f"d{sale}",
        document_version=1,
        kind=DocumentKind.SALES_ORDER,
        purpose=Purpose.TURNOVER,
        reference="1",
        exact_id="e",
        number="1",
        amount=D(1),
        business_day=now.date(),
        outlet=CENTRUM,
        booked_at=now,
        sales=(SaleVersion(sale, 1, 1),),
    )
    await scene.take(booked)


async def read_until_now(scene: Scene, position: int = 0) -> None:
    await scene.take(SalesRead(scene.clock.now() + timedelta(seconds=1), position))
