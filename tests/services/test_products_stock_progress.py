"""How far stock is, in numbers of its own: done, to do, waiting for a person, and when it will be through."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from libs.common.contracts.products import StockProgress
from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from services.products import stocking, store
from tests.services.products_world import Scene
from tests.services.stock_world import (
    a_stocked_scene,
    move_at_till,
    move_in_exact,
    read_until_now,
    record_sale,
)


async def stock_of(scene: Scene) -> StockProgress:
    progress = await scene.progress()
    assert progress is not None
    assert progress.stock is not None
    return progress.stock


def numbers(stock: StockProgress) -> tuple[int, int, int]:
    return (stock.done, stock.to_do, stock.conflicts)


async def test_before_the_yes_stock_has_no_numbers_and_after_it_each_article_counts_once(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database)
    for code, quantity in (("A", "7"), ("B", "3"), ("C", "0")):
        scene.new_at_till(code)
        move_at_till(scene, code, quantity)
    scene.new_at_till("UREN", itemType="non_inventory")
    await scene.work()
    progress = await scene.progress()
    assert progress is not None
    assert progress.stock is None

    await scene.say_yes()
    now = scene.clock.now()
    await scene.work()

    told = [each.progress.stock for each in await scene.told()]
    linked, counted, *_, agreed = [each for each in told if each is not None]
    assert (numbers(linked), linked.ends_at) == ((0, 3, 0), None)
    # C agrees; A and B were counted, and are compared once more, two in a second
    assert (numbers(counted), counted.ends_at) == ((1, 2, 0), now + timedelta(minutes=1))
    assert (numbers(agreed), agreed.ends_at) == ((3, 0, 0), None)


async def test_what_a_person_must_process_or_count_waits_and_is_not_to_do(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, stock_counts="draft")
    for code, quantity in (("A", "7"), ("B", "-2"), ("C", "0")):
        scene.new_at_till(code)
        move_at_till(scene, code, quantity)

    await scene.first_synchronisation()
    await scene.pass_minutes(2)

    # A stands in a draft, B is negative at the till, C agrees
    assert numbers(await stock_of(scene)) == (1, 0, 2)


async def test_what_waits_for_a_sale_to_be_booked_is_to_do(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, Direction.TO_LIGHTSPEED)
    for code in ("A", "B"):
        scene.new_in_exact(code, IsStockItem=True)
        move_in_exact(scene, code, "12")
    await scene.first_synchronisation()
    for _ in range(4):
        scene.clock.advance(60)
        await read_until_now(scene)
        await scene.work()
    assert numbers(await stock_of(scene)) == (2, 0, 0)

    move_at_till(scene, "A", "-1")
    await record_sale(scene, str(scene.till_item("A").key), 1)
    scene.clock.advance(660)
    await read_until_now(scene, 1)
    await scene.work()

    assert numbers(await stock_of(scene)) == (1, 1, 0)


async def test_without_stock_there_are_no_numbers_of_it(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, stock=False)
    scene.new_at_till("A")

    await scene.first_synchronisation()

    progress = await scene.progress()
    assert progress is not None
    assert progress.stock is None


async def test_no_more_is_planned_than_is_soon_counted(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many articles differ, and while nothing can be written."""
    monkeypatch.setattr(stocking, "PAGE", 2)
    scene = await a_stocked_scene(sqlite_database)
    for number in range(7):
        scene.new_at_till(f"A-{number}")
        move_at_till(scene, f"A-{number}", "5")
    await scene.work()
    await scene.say_yes()
    scene.to_exact.fault = lambda request: "limit" if "StockCounts" in request.url.path else None
    await scene.pass_minutes(3)
    assert numbers(await stock_of(scene)) == (0, 7, 0)
    async with scene.database.reading() as transaction:
        planned = (await transaction.execute(select(store.counts.c.lines))).scalars().all()
    assert sum(len(json.loads(lines)) for lines in planned) == 2

    scene.to_exact.fault = lambda request: None
    scene.clock.advance(3600)
    await scene.work()
    assert numbers(await stock_of(scene)) == (7, 0, 0)
