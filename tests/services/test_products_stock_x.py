"""Stock of an X-Series store in step with Exact's: by counts one way, by levels that are set the other."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from tests.services.exporter_world import SETTLE
from tests.services.products_world import D, faults
from tests.services.retold import Retold, Row
from tests.services.stock_world import (
    a_stocked_store,
    book_sale,
    counted,
    free_in_exact,
    in_exact,
    move_in_exact,
    order_in_exact,
    read_until_now,
    record_sale,
)
from tests.services.x_products_world import XScene


def with_some_of_what_it_has_most_of(row: Row) -> None:
    name = next(name for name in ("inventory_level", "current_inventory_level") if name in row)
    row[name] = "some" if float(row[name]) > 6 else row[name]


@pytest.fixture
async def scene(sqlite_database: Database) -> XScene:
    return await a_stocked_store(sqlite_database)


@pytest.fixture
async def led(sqlite_database: Database) -> XScene:
    """Two articles that Exact has twelve and five of, in step at both."""
    led = await a_stocked_store(sqlite_database, Direction.TO_LIGHTSPEED)
    for code, stock in (("FB", "12"), ("ZB", "5")):
        led.new_in_exact(code, IsStockItem=True)
        move_in_exact(led, code, stock)
    await led.first_synchronisation()
    await settle(led)
    assert (led.level("FB"), led.level("ZB")) == (D(12), D(5))
    led.count_from_here()
    return led


async def settle(scene: XScene, minutes: int = 3) -> None:
    """Minutes in which ingest reads, and the service works."""
    for _ in range(minutes):
        scene.clock.advance(60)
        await read_until_now(scene)
        await scene.work()


async def test_levels_of_each_outlet_are_counted_in_its_own_warehouse(scene: XScene) -> None:
    scene.new_in_store("FB")
    scene.new_in_store("UUR", track_inventory=False)
    scene.move_in_store("FB", "7")
    scene.move_in_store("FB", "3", 1)

    await scene.first_synchronisation()

    assert (in_exact(scene, "FB"), in_exact(scene, "FB", 1)) == (D(7), D(3))
    assert sorted(counted(scene)) == [("FB", D(3), 21), ("FB", D(7), 21)]
    assert not scene.item("UUR").get("IsStockItem")
    scene.count_from_here()
    await scene.pass_minutes(12)
    assert scene.writes() == {}


async def test_a_level_that_cannot_be_read_is_told_and_not_taken_for_nothing(scene: XScene) -> None:
    for code, quantity in (("FB", "7"), ("ZB", "5")):
        scene.new_in_store(code)
        scene.move_in_store(code, quantity)
    inner = scene.to_till.inner
    strange: Any = Retold(inner, with_some_of_what_it_has_most_of, "/inventory")
    scene.to_till.inner = strange
    await scene.first_synchronisation()
    move_in_exact(scene, "FB", "3")
    await scene.pass_minutes(12)

    assert await scene.conflicts() == {"FB": ["stock-unreadable"]}
    assert (in_exact(scene, "FB"), in_exact(scene, "ZB")) == (D(3), D(5))

    scene.to_till.inner = inner
    scene.move_in_store("FB", "1")
    await scene.pass_minutes(12)

    assert (await scene.conflicts(), in_exact(scene, "FB")) == ({}, D(8))


async def test_levels_are_read_where_the_store_has_only_the_newest_version(scene: XScene) -> None:
    """When 2.0 ends is nowhere said (2); later ones read levels by a POST and answer a bare array (13.4)."""
    scene.to_till.fault = lambda request: "not-found" if "/2.0/" in request.url.path else None
    scene.new_in_store("FB")
    scene.move_in_store("FB", "7")
    scene.move_in_store("FB", "3", 1)

    await scene.first_synchronisation()
    scene.move_in_store("FB", "6")
    await scene.pass_minutes(12)

    assert (in_exact(scene, "FB"), in_exact(scene, "FB", 1)) == (D(7) + D(6), D(3))
    scene.count_from_here()
    await scene.pass_minutes(12)
    assert set(scene.writes()) == {"POST inventory"}  # which reads


async def test_what_is_sold_and_taken_back_later_is_the_difference_alone(scene: XScene) -> None:
    scene.new_in_store("FB")
    scene.move_in_store("FB", "7")
    await scene.first_synchronisation()

    scene.move_in_store("FB", "-2")
    await scene.pass_minutes()
    scene.move_in_store("FB", "-6")
    await scene.pass_minutes()
    assert await scene.conflicts() == {"FB": ["stock-negative"]}
    scene.move_in_store("FB", "4")
    await scene.pass_minutes()

    assert [difference for _, difference, _ in counted(scene)] == [D(7), D(-2), D(-5), D(3)]
    assert (in_exact(scene, "FB"), await scene.conflicts()) == (D(3), {})


async def test_a_quiet_minute_asks_the_store_once_for_levels(scene: XScene) -> None:
    for number in range(30):
        scene.new_in_store(f"A-{number}")
        scene.move_in_store(f"A-{number}", "5")
    await scene.first_synchronisation()
    await scene.pass_minutes(12)
    scene.count_from_here()

    await scene.pass_minutes()

    assert scene.to_till.calls["GET inventory"] == 1, scene.to_till.calls


async def test_a_level_that_shows_after_a_higher_version_is_counted(scene: XScene) -> None:
    scene.new_in_store("EARLY")
    scene.new_in_store("LATE")
    await scene.first_synchronisation()

    scene.move_in_store("LATE", "4")
    late = scene.store.stock[scene.store.stock_places[scene.in_store("LATE").id, scene.outlet()]]
    scene.move_in_store("EARLY", "7")
    place = (late.version, late.id)
    scene.store.stock._log.remove(place)  # its transaction isn't through yet
    await scene.pass_minutes()
    assert [code for code, *_ in counted(scene)] == ["EARLY"]

    scene.store.stock._log.append(place)
    scene.store.stock._log.sort()
    await scene.pass_minutes(11)

    assert in_exact(scene, "LATE") == D(4)
    scene.count_from_here()
    await scene.pass_minutes(15)
    assert scene.writes() == {}


# --- from Exact to the store ------------------------------------------------------------------------------


async def test_what_exact_has_is_set_once_and_a_second_run_writes_nothing(led: XScene) -> None:
    move_in_exact(led, "FB", "10")
    await settle(led)

    assert (led.level("FB"), led.level("ZB")) == (D(22), D(5))
    assert led.writes() == {"PUT products": 1}
    led.count_from_here()
    await settle(led, 12)
    assert led.writes() == {}


async def test_an_order_that_is_not_delivered_is_gone_in_the_store_already(led: XScene) -> None:
    led.move_in_store("FB", "-2")
    await sold(led, "FB", 1)
    order_in_exact(led, "FB", "2")
    await book_sale(led)
    await settle(led)

    assert (led.level("FB"), free_in_exact(led, "FB"), in_exact(led, "FB")) == (D(10), D(10), D(12))
    assert led.writes() == {}


async def sold(scene: XScene, code: str, position: int) -> None:
    await record_sale(scene, scene.in_store(code).id, position)


async def test_a_sale_that_was_not_read_yet_or_is_on_its_way_is_not_brought_back(led: XScene) -> None:
    led.clock.advance(60)
    led.move_in_store("FB", "-2")
    move_in_exact(led, "FB", "5")
    await led.work()
    assert led.level("FB") == D(10)

    await sold(led, "FB", 1)
    await settle(led)
    assert led.level("FB") == D(10)

    order_in_exact(led, "FB", "2")
    await book_sale(led)
    await settle(led)
    assert (led.level("FB"), free_in_exact(led, "FB")) == (D(15), D(15))  # 12 - 2 + 5


@pytest.mark.parametrize("fault", ["lost", "killed", "html-before", "limit"])
async def test_a_level_whose_answer_was_lost_is_not_raised_twice(led: XScene, fault: str) -> None:
    move_in_exact(led, "FB", "10")
    levels: list[Any] = []
    happens = faults(("PUT", "/products", fault, 1))

    def watched(request: Any) -> str | None:
        levels.append(led.level("FB"))
        return happens(request)

    led.to_till.fault = watched
    await settle(led, 6)

    assert led.level("FB") == D(22)
    assert set(levels) <= {D(12), D(22)}, levels
    reached = fault in ("lost", "killed")
    assert led.writes()["PUT products"] == (1 if reached else 2)


@pytest.mark.parametrize("fault", ["lost", "killed", "limit"])
async def test_where_the_way_is_cut_between_two_levels_each_is_set_once(led: XScene, fault: str) -> None:
    move_in_exact(led, "FB", "10")
    move_in_exact(led, "ZB", "3")
    led.to_till.fault = faults(("PUT", "/products", fault, 2))

    await settle(led, 6)

    assert (led.level("FB"), led.level("ZB")) == (D(22), D(8))
    assert led.writes()["PUT products"] == (3 if fault == "limit" else 2)


async def test_an_article_that_the_store_refuses_stands_alone_and_the_rest_is_set(led: XScene) -> None:
    move_in_exact(led, "FB", "10")
    move_in_exact(led, "ZB", "3")
    led.to_till.fault = faults(("PUT", led.in_store("FB").id, "refused", 1))

    await settle(led)

    assert led.level("ZB") == D(8)
    assert await led.conflicts() == {"FB": ["refused"]}
    assert led.writes()["PUT products"] == 2


async def test_a_sale_between_reading_and_setting_stays_sold(led: XScene) -> None:
    """Of many that are set, the last is set long after all were read."""
    keys = {}
    for number in range(12):
        keys[led.new_in_exact(f"A-{number}", IsStockItem=True)] = f"A-{number}"
        move_in_exact(led, f"A-{number}", "5")
    last = keys[max(keys)]
    seen: list[int] = []

    def slow(request: Any) -> str | None:
        if request.method == "PUT" and b"inventory" in request.content:
            seen.append(1)
            led.clock.advance(2)  # the store takes its time
            if len(seen) == 1:
                led.move_in_store(last, "-1")
        return None

    led.to_till.fault = slow
    await settle(led, 1)
    led.to_till.fault = lambda request: None
    assert (len(seen), led.level(last)) == (12, D(4))

    await record_sale(led, led.in_store(last).id, 1)
    order_in_exact(led, last, "1")
    await book_sale(led)
    led.clock.advance(SETTLE)
    await settle(led)
    assert (led.level(last), free_in_exact(led, last)) == (D(4), D(4))
