"""Sales that the exporter books itself, beside stock in step: what was sold leaves each side once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from libs.common.contracts.documents import DocumentBooked
from libs.common.contracts.envelope import message_in
from libs.common.database.engine import Database
from libs.common.domain.document import ItemWanted, SalesInvoice, SalesOrder
from libs.common.domain.product import Direction
from libs.common.messaging.outbox import outbox_messages
from services.sandbox.exact import deliveries, orders
from tests.services.exporter_world import Setting
from tests.services.products_world import D, Scene, a_scene
from tests.services.stock_world import (
    CENTRUM,
    a_stocked_scene,
    at_till,
    counted,
    exporter_beside,
    in_exact,
    move_at_till,
    move_in_exact,
    read_until_now,
    record_sale,
    warehouses,
)


async def test_an_invoice_moves_no_stock_and_the_count_does_once(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    setting = await exporter_beside(scene)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    await scene.first_synchronisation()

    move_at_till(scene, "FB", "-2")
    line = setting.item_line("24.20", "FB", quantity=Decimal(2), unit_price_incl_vat=D("12.10"))
    await book(scene, setting, replace(setting.invoice("501", "24.20"), lines=(line,)))
    assert in_exact(scene, "FB") == D(7)
    await scene.pass_minutes(3)

    assert in_exact(scene, "FB") == D(5)
    assert [difference for _, difference, _ in counted(scene)] == [D(7), D(-2)]


async def test_an_order_and_its_delivery_move_stock_once_and_nothing_at_the_till(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database, Direction.TO_LIGHTSPEED)
    setting = await exporter_beside(scene)
    scene.new_in_exact("FB", IsStockItem=True)
    move_in_exact(scene, "FB", "12")
    await scene.first_synchronisation()
    await minutes(scene, 4)
    assert at_till(scene, "FB") == D(12)
    scene.count_from_here()

    move_at_till(scene, "FB", "-2")
    await record_sale(scene, str(scene.till_item("FB").key), 1, sale="sale-502")
    await minutes(scene, 2)
    line = setting.item_line("24.20", "FB", quantity=Decimal(2), unit_price_incl_vat=D("12.10"))
    order = replace(setting.order("502", "24.20"), lines=(line,), warehouse=warehouses(scene)[0])
    await book(scene, setting, order)
    await minutes(scene, 12)
    assert (at_till(scene, "FB"), in_exact(scene, "FB")) == (D(10), D(12))

    deliver_all(scene)
    await minutes(scene, 12)
    assert (at_till(scene, "FB"), in_exact(scene, "FB")) == (D(10), D(10))
    assert [call for call in scene.to_till.calls if not call.startswith("GET")] == []


async def test_a_sale_is_booked_on_the_item_that_its_article_is_whatever_their_codes(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database, Direction.TO_LIGHTSPEED, fields=("description", "vat"))
    setting = await exporter_beside(scene)
    item = scene.new_in_exact("FB", IsStockItem=True)
    article = scene.new_at_till("ANDERS")
    await scene.work()
    await scene.decide("FB", "link", article)
    await tell(scene, setting)

    await sell(setting, "501", "ANDERS", article)

    assert sold_items(scene) == [item]
    assert not scene.has_item("ANDERS")


async def test_a_code_that_went_to_another_article_takes_no_sales_to_the_first_one_s_item(
    sqlite_database: Database,
) -> None:
    """But those of before the item had its new code."""
    scene = await a_scene(sqlite_database)
    setting = await exporter_beside(scene)
    first = scene.new_at_till("A")
    await scene.first_synchronisation()
    item = scene.item("A")["ID"]
    await sell(setting, "501", "A", first)

    scene.at_till("PUT", f"Item/{first}", customSku="B")
    second = scene.new_at_till("A")
    await sell(setting, "502", "A", second)
    await scene.pass_minutes(2)
    await tell(scene, setting)
    await sell(setting, "503", "A", second)
    await sell(setting, "504", "B", first)

    other = scene.item("A")["ID"]
    assert other != item
    assert sold_items(scene) == [item, item, other, item]


async def test_a_code_that_went_to_another_article_is_looked_for_anew(sqlite_database: Database) -> None:
    """Whoever keeps the articles, the first one's item has its new code by then."""
    scene = await a_scene(sqlite_database)
    setting = await exporter_beside(scene)
    first = scene.new_in_exact("A")
    await sell(setting, "501", "A", "1")
    scene.change_in_exact("A", Code="B")
    second = scene.new_in_exact("A")

    await sell(setting, "502", "A", "2")

    assert sold_items(scene) == [first, second]


async def tell(scene: Scene, setting: Setting) -> None:
    """The export hears what was told of articles."""
    for message in await scene.told():
        await setting.deliver(message)


async def sell(setting: Setting, reference: str, code: str, article: str) -> None:
    wanted = ItemWanted(code=code, description="Bel", till_item=article)
    await setting.ready(setting.order(reference, lines=(setting.item_line(item=wanted),)), outlet=CENTRUM)
    await setting.until_quiet()


def sold_items(scene: Scene) -> list[str]:
    return [str(line["Item"]) for line in scene.division.table(orders.LINES)]


async def book(scene: Scene, setting: Setting, document: SalesInvoice | SalesOrder) -> None:
    """And the service hears of it."""
    await setting.ready(document, outlet=CENTRUM)
    await setting.until_quiet()
    async with scene.database.reading() as transaction:
        rows = (await transaction.execute(select(outbox_messages))).all()
    booked = [message_in(row, DocumentBooked) for row in rows if row.type == DocumentBooked.type]
    await scene.take(booked[-1])


async def minutes(scene: Scene, number: int) -> None:
    for _ in range(number):
        scene.clock.advance(60)
        await read_until_now(scene, 1)
        await scene.schedule().work_on_due()


def deliver_all(scene: Scene) -> None:
    for line in list(scene.division.table(orders.LINES)):
        wanted = {"SalesOrderLineID": line["ID"], "QuantityDelivered": line["Quantity"]}
        body = {"DeliveryDate": scene.division.today(), "GoodsDeliveryLines": [wanted]}
        deliveries.deliver(scene.bookkeeper, body)
