"""Sales that the exporter books itself, beside stock in step: what was sold leaves each side once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from libs.common.contracts.documents import DocumentBooked
from libs.common.contracts.envelope import message_in
from libs.common.database.engine import Database
from libs.common.domain.document import SalesInvoice, SalesOrder
from libs.common.domain.product import Direction
from libs.common.messaging.outbox import outbox_messages
from services.sandbox.exact import deliveries, orders
from tests.services.exporter_world import Setting
from tests.services.products_world import D, Scene
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
