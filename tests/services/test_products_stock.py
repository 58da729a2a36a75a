"""Stock in step: from the till to Exact by counts, from Exact to the till, and nothing counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from libs.common.contracts.products import ProductsRequested
from libs.common.contracts.sales import SalesRead
from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from libs.common.domain.rules import OutletRules, Rules
from services.products import stocking, store, under_way
from tests.services.exporter_world import SETTLE
from tests.services.products_world import CONNECTION, D, Scene, faults
from tests.services.stock_world import (
    CENTRUM,
    STATION,
    a_stocked_scene,
    at_till,
    book_sale,
    counted,
    free_in_exact,
    in_exact,
    move_at_till,
    move_in_exact,
    order_in_exact,
    read_until_now,
    record_sale,
    stock_counts,
    warehouses,
)

TO_TILL = Direction.TO_LIGHTSPEED


async def from_exact(database: Database, code: str = "FB", stock: str = "12", **more: Any) -> Scene:
    """One article that Exact has so many of, in step at both."""
    scene = await a_stocked_scene(database, TO_TILL, **more)
    scene.new_in_exact(code, IsStockItem=True)
    move_in_exact(scene, code, stock)
    await scene.first_synchronisation()
    await settle_till(scene)
    return scene


async def test_no_article_waits_for_stock_that_cannot_be_read_now(sqlite_database: Database) -> None:
    """A first reading of the stock of many articles takes the calls of an hour."""
    scene = await a_stocked_scene(sqlite_database, fields=("code", "description", "vat"))
    key = scene.new_at_till("A")
    await scene.first_synchronisation()
    scene.to_till.fault = lambda request: "limit" if "ItemShop" in request.url.path else None

    scene.at_till("PUT", f"Item/{key}", description="Nieuwe naam")
    await scene.pass_minutes(2)

    assert scene.item("A")["Description"] == "Nieuwe naam"


def key(scene: Scene) -> str:
    return str(scene.till_item("FB").key)


async def settle_till(scene: Scene, minutes: int = 4) -> None:
    """Minutes in which ingest reads, and the service works."""
    for _ in range(minutes):
        scene.clock.advance(60)
        await read_until_now(scene)
        await scene.work()


async def test_what_is_at_each_outlet_is_counted_in_its_own_warehouse(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    move_at_till(scene, "FB", "3", STATION)

    await scene.first_synchronisation()

    assert (in_exact(scene, "FB"), in_exact(scene, "FB", 1)) == (D(7), D(3))
    assert sorted(counted(scene)) == [("FB", D(3), 21), ("FB", D(7), 21)]  # and no row of shop 0, the sum


async def test_answers_that_hold_the_key_alone_are_enough(sqlite_database: Database) -> None:
    """As Exact answered a real account (reference 4.1)."""
    fields = ("code", "description", "price", "vat")
    scene = await a_stocked_scene(sqlite_database, fields=fields)
    scene.exact.switches.change({"knows_prefer": False, "bare_post_answer": "key"})
    scene.new_at_till("FB", "9.95")
    move_at_till(scene, "FB", "7")

    await scene.first_synchronisation()
    await settle_till(scene)

    assert counted(scene) == [("FB", D(7), 21)]
    assert scene.item("FB")["StandardSalesPrice"] == D("8.2231")
    assert {product.state for product in (await scene.products()).values()} == {"in-step"}
    assert (await scene.progress()).stock.conflicts == 0


@pytest.mark.parametrize("fault", ["no-right", "not-found"])
async def test_articles_go_on_where_the_division_has_no_stock_module(
    sqlite_database: Database, fault: str
) -> None:
    """What the company hasn't bought answers 403 or 404 (exact-online.md 4.6)."""
    scene = await a_stocked_scene(sqlite_database)
    scene.to_exact.fault = lambda request: fault if "/inventory/" in request.url.path.lower() else None
    scene.new_at_till("FB")

    await scene.take(ProductsRequested())
    await scene.schedule().work_on_due()
    await scene.say_yes()
    await scene.schedule().work_on_due()

    assert scene.has_item("FB")


async def test_a_sale_and_a_return_later_are_the_difference_alone(database: Database) -> None:
    scene = await a_stocked_scene(database)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    await scene.first_synchronisation()

    move_at_till(scene, "FB", "-2")
    await scene.work()
    move_at_till(scene, "FB", "1")
    scene.clock.advance(600)
    await scene.work()

    assert [difference for _, difference, _ in counted(scene)] == [D(7), D(-2), D(1)]
    assert in_exact(scene, "FB") == D(6)


async def test_a_second_run_writes_nothing(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    for number in range(5):
        scene.new_at_till(f"A-{number}")
        move_at_till(scene, f"A-{number}", str(number))
    await scene.first_synchronisation()
    assert len(stock_counts(scene)) == 1  # four articles with stock, one call
    scene.count_from_here()

    scene.clock.advance(26 * 3600)
    await scene.work()

    assert scene.writes() == {}


async def test_a_quiet_delta_run_asks_a_constant_few(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    for number in range(30):
        scene.new_at_till(f"A-{number}")
        move_at_till(scene, f"A-{number}", "5")
    await scene.first_synchronisation()
    await scene.pass_minutes(2)
    scene.count_from_here()

    await scene.pass_minutes(1)

    assert scene.calls() <= 4


async def test_negative_stock_is_counted_as_nothing_and_told(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "4")
    await scene.first_synchronisation()

    move_at_till(scene, "FB", "-6")
    await scene.work()

    assert in_exact(scene, "FB") == D(0)
    assert await scene.conflicts() == {"FB": ["stock-negative"]}
    move_at_till(scene, "FB", "5")
    scene.clock.advance(60)
    await scene.work()
    assert in_exact(scene, "FB") == D(3)
    assert await scene.conflicts() == {}


async def test_stock_of_what_a_person_leaves_alone_waits_for_nobody(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, stock_counts="draft")
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "-2")
    move_at_till(scene, "FB", "3", STATION)
    await scene.first_synchronisation()
    assert await scene.conflicts() == {"FB": ["stock-negative", "stock-count-waits"]}

    await scene.decide("FB", "leave")
    await scene.pass_minutes(12)  # the draft is looked at again
    assert await scene.conflicts() == {}

    await scene.decide("FB", "follow")
    await scene.pass_minutes(12)
    assert await scene.conflicts() == {"FB": ["stock-negative", "stock-count-waits"]}


@pytest.mark.parametrize("off", ["outlet", "stock"])
async def test_where_stock_is_kept_no_more_nothing_of_it_waits(sqlite_database: Database, off: str) -> None:
    scene = await a_stocked_scene(sqlite_database)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "-2", STATION)
    await scene.first_synchronisation()
    assert await scene.conflicts() == {"FB": ["stock-negative"]}

    def switched(rules: Rules, *, is_on: bool) -> Rules:
        if off == "stock":
            return replace(rules, products=replace(rules.products, stock=is_on))
        station = replace(rules.outlets[STATION], enabled=is_on)
        return replace(rules, outlets={**rules.outlets, STATION: station})

    await scene.choose(partial(switched, is_on=False))
    await scene.work()
    assert await scene.conflicts() == {}

    await scene.choose(partial(switched, is_on=True))
    await scene.work()
    await scene.say_yes()
    await scene.work()
    assert await scene.conflicts() == {"FB": ["stock-negative"]}


async def test_services_and_bundles_are_left_out(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    scene.new_at_till("UUR", itemType="non_inventory")
    scene.new_at_till("DOOS", itemType="box")
    scene.new_at_till("FB")
    for code in ("DOOS", "FB"):
        move_at_till(scene, code, "5")

    await scene.first_synchronisation()

    assert counted(scene) == [("FB", D(5), 21)]


async def test_an_archived_article_has_no_stock_in_exact_either(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    key = scene.new_at_till("FB")
    move_at_till(scene, "FB", "5")
    await scene.first_synchronisation()

    scene.at_till("DELETE", f"Item/{key}")  # which empties its stock for good (6.1)
    await scene.work()

    assert in_exact(scene, "FB") == D(0)


async def test_an_outlet_without_a_warehouse_and_two_that_share_one_are_left_alone(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database)
    first, _ = warehouses(scene)
    shared = {CENTRUM: OutletRules(warehouse=first), STATION: OutletRules(warehouse=first)}
    await scene.choose(lambda rules: replace(rules, outlets=shared))
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "5")
    move_at_till(scene, "FB", "2", STATION)
    await scene.first_synchronisation()
    assert counted(scene) == []

    alone = {CENTRUM: OutletRules(warehouse=first), STATION: OutletRules()}
    await scene.choose(lambda rules: replace(rules, outlets=alone))
    await scene.work()
    assert counted(scene) == [("FB", D(5), 21)]


@pytest.mark.parametrize("fault", ["lost", "html-after", "cut", "killed", "html-before", "no-connection"])
async def test_a_count_whose_answer_was_lost_is_looked_for_and_not_made_again(
    sqlite_database: Database, fault: str
) -> None:
    scene = await a_stocked_scene(sqlite_database)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    scene.to_exact.fault = faults(("POST", "StockCounts", fault, 1))

    await scene.work()
    await scene.say_yes()
    await scene.work()
    scene.clock.advance(SETTLE * 4)
    await scene.work()
    scene.clock.advance(SETTLE * 4)
    await scene.work()

    assert counted(scene) == [("FB", D(7), 21)]
    assert in_exact(scene, "FB") == D(7)


async def test_a_count_that_is_looked_for_in_vain_is_not_called_refused_and_made_again(
    sqlite_database: Database,
) -> None:
    """A search that Exact can't make sense of says nothing about the count."""
    scene = await a_stocked_scene(sqlite_database)
    for code in ("A", "B"):
        scene.new_at_till(code)
    await scene.first_synchronisation()
    for code in ("A", "B"):
        move_at_till(scene, code, "7")
    lost = faults(("POST", "StockCounts", "lost", 1))
    scene.to_exact.fault = lambda request: "bad" if _is_search_for_counts(request) else lost(request)
    await scene.pass_minutes(5)
    scene.to_exact.fault = lambda request: None
    await scene.pass_minutes(5)

    assert (in_exact(scene, "A"), in_exact(scene, "B")) == (7, 7)
    assert len(stock_counts(scene)) == 1


async def test_a_count_at_the_till_that_may_be_applied_is_not_applied_again_when_it_is_refused(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database, TO_TILL)
    for code in ("A", "B"):
        scene.new_in_exact(code, IsStockItem=True)
        move_in_exact(scene, code, "12")
    lost = faults(("POST", "InventoryCountReconcile", "lost", 1), ("GET", "InventoryCount.json", "bad", 2))
    scene.to_till.fault = lost
    await scene.first_synchronisation()
    await settle_till(scene)
    await settle_till(scene)

    assert (at_till(scene, "A"), at_till(scene, "B")) == (12, 12)
    assert await scene.conflicts() == {}
    assert scene.writes()["POST InventoryCountReconcile"] == 1


def _is_search_for_counts(request: httpx.Request) -> bool:
    return request.method == "GET" and request.url.path.endswith("StockCounts")


async def test_a_refused_article_stands_alone_and_the_rest_is_counted(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    for code in ("A", "B", "C"):
        scene.new_at_till(code)
        move_at_till(scene, code, "5")
    await scene.work()
    await scene.say_yes()
    scene.to_exact.fault = faults(("POST", "StockCounts", "lost", 10**6))
    await scene.work()
    gone = scene.item("B")
    move_at_till(scene, "A", "1")
    move_at_till(scene, "B", "1")
    move_at_till(scene, "C", "1")
    scene.division.remove("logistics/Items", gone, scene.bookkeeper.author)  # and nobody has told us yet
    scene.clock.advance(60)
    await scene.work()

    assert (in_exact(scene, "A"), in_exact(scene, "C")) == (D(6), D(6))
    assert "refused" in (await scene.conflicts())["B"] or "gone" in (await scene.conflicts())["B"]


async def test_a_warehouse_with_storage_locations_is_counted_on_its_own(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database)
    place = next(iter(scene.division.table("inventory/Warehouses")))
    location = scene.division.new_id()
    changes = {"UseStorageLocations": 1, "DefaultStorageLocation": location}
    scene.division.change("inventory/Warehouses", place, changes, scene.bookkeeper.author)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")

    await scene.first_synchronisation()

    assert in_exact(scene, "FB") == D(7)


# --- from Exact to the till -------------------------------------------------------------------------------


@pytest.mark.parametrize("applies", ["absolute", "difference"])
async def test_what_exact_has_is_counted_at_the_till(database: Database, applies: str) -> None:
    scene = await from_exact(database)
    scene.retail.switches.choose({"count_applies": applies})
    assert at_till(scene, "FB") == D(12)

    move_in_exact(scene, "FB", "10")  # goods received
    await settle_till(scene)

    assert at_till(scene, "FB") == D(22)
    assert scene.writes()["PUT ItemShop"] == 0


async def test_an_item_that_is_kept_in_stock_from_now_on_is_compared(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, TO_TILL)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "5")
    scene.new_in_exact("FB", IsStockItem=False)
    await scene.first_synchronisation()
    await settle_till(scene)
    assert at_till(scene, "FB") == D(5)

    scene.change_in_exact("FB", IsStockItem=True)
    await settle_till(scene)

    assert at_till(scene, "FB") == D(0)  # Exact has none of it


async def test_an_order_that_is_not_delivered_is_gone_at_the_till_already(sqlite_database: Database) -> None:
    scene = await from_exact(sqlite_database)
    scene.count_from_here()

    move_at_till(scene, "FB", "-2")
    await record_sale(scene, key(scene), 1)
    order_in_exact(scene, "FB", "2")
    await book_sale(scene)
    await settle_till(scene)

    assert (at_till(scene, "FB"), free_in_exact(scene, "FB"), in_exact(scene, "FB")) == (D(10), D(10), D(12))
    assert scene.writes() == {}


async def test_a_sale_on_its_way_to_exact_is_not_brought_back(database: Database) -> None:
    scene = await from_exact(database)
    move_at_till(scene, "FB", "-2")
    await record_sale(scene, key(scene), 1)
    move_in_exact(scene, "FB", "5")
    await settle_till(scene)
    assert at_till(scene, "FB") == D(10)  # the goods received wait for the sale

    order_in_exact(scene, "FB", "2")
    await book_sale(scene)
    await settle_till(scene)
    assert (at_till(scene, "FB"), free_in_exact(scene, "FB")) == (D(15), D(15))  # 12 - 2 + 5


async def test_a_sale_on_its_way_when_stock_is_switched_on_is_not_brought_back(
    sqlite_database: Database,
) -> None:
    """At a connection that books orders already, and that keeps articles in step or not."""
    scene = await a_stocked_scene(sqlite_database, TO_TILL, stock=False)
    scene.new_in_exact("FB", IsStockItem=True)
    move_in_exact(scene, "FB", "12")
    await scene.first_synchronisation()
    move_at_till(scene, "FB", "12")
    move_at_till(scene, "FB", "-2")
    await record_sale(scene, key(scene), 1)  # and it is a problem for now
    await settle_till(scene)

    await scene.choose(lambda rules: replace(rules, products=replace(rules.products, stock=True)))
    await scene.work()
    await scene.say_yes()
    await settle_till(scene)
    assert at_till(scene, "FB") == D(10)

    order_in_exact(scene, "FB", "2")
    await book_sale(scene)
    await settle_till(scene)
    assert (at_till(scene, "FB"), free_in_exact(scene, "FB")) == (D(10), D(10))


async def test_a_sale_that_was_not_read_yet_is_not_brought_back(sqlite_database: Database) -> None:
    scene = await from_exact(sqlite_database)
    scene.clock.advance(60)
    move_at_till(scene, "FB", "-2")
    move_in_exact(scene, "FB", "5")
    await scene.work()
    assert at_till(scene, "FB") == D(10)


async def test_a_message_about_a_booked_sale_that_comes_before_the_sale_settles_it(
    sqlite_database: Database,
) -> None:
    scene = await from_exact(sqlite_database)
    move_at_till(scene, "FB", "-1")
    order_in_exact(scene, "FB", "1")
    await book_sale(scene)
    await record_sale(scene, key(scene), 1)
    move_in_exact(scene, "FB", "4")
    await settle_till(scene)

    assert at_till(scene, "FB") == D(15)


@pytest.mark.parametrize("path", ["InventoryCount.json", "InventoryCountItem", "InventoryCountReconcile"])
@pytest.mark.parametrize("fault", ["lost", "killed", "html-before"])
@pytest.mark.parametrize("reconciled", ["archived", "as before"])
async def test_a_count_at_the_till_goes_on_where_it_was_cut_and_is_never_applied_twice(
    sqlite_database: Database, path: str, fault: str, reconciled: str
) -> None:
    """No reference says how the list shows that a count was reconciled (R-Series 4.13)."""
    scene = await from_exact(sqlite_database)
    scene.retail.switches.choose({"reconciled_count": reconciled})
    move_in_exact(scene, "FB", "10")
    scene.to_till.fault = faults(("POST", path, fault, 1))

    await settle_till(scene, 6)

    assert at_till(scene, "FB") == D(22)
    applied = [row.id("inventoryCountID") for row in scene.account["InventoryCountReconcile"]]
    assert len(applied) == len(set(applied))


async def test_a_sale_during_the_count_stays_sold(sqlite_database: Database) -> None:
    scene = await from_exact(sqlite_database)
    move_in_exact(scene, "FB", "10")

    def sell(request: Any) -> str | None:
        if request.method == "POST" and "InventoryCountItem" in request.url.path and not sold:
            sold.append(1)
            move_at_till(scene, "FB", "-1")
        return None

    sold: list[int] = []
    scene.to_till.fault = sell
    await settle_till(scene)
    await record_sale(scene, key(scene), 1)
    order_in_exact(scene, "FB", "1")
    await book_sale(scene)
    await settle_till(scene)

    assert sold
    assert (at_till(scene, "FB"), free_in_exact(scene, "FB")) == (D(21), D(21))


async def test_articles_that_wait_hold_up_none_behind_them(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stocking, "PAGE", 2)
    scene = await a_stocked_scene(sqlite_database, TO_TILL)
    codes = {scene.new_in_exact(code, IsStockItem=True): code for code in ("A", "B", "C", "D", "E")}
    *first, last = (codes[each] for each in sorted(codes))
    await scene.first_synchronisation()
    for position, code in enumerate(first, 1):
        await record_sale(
            scene, str(scene.till_item(code).key), position, sale=code
        )  # and it stays a problem
    for code in codes.values():
        move_in_exact(scene, code, "3")
    await settle_till(scene, 1)
    await read_until_now(scene, len(first))
    await scene.work()

    assert {code: at_till(scene, code) for code in codes.values()} == {
        **dict.fromkeys(first, D(0)),
        last: D(3),
    }


async def test_an_article_that_a_person_links_to_another_item_is_compared_with_it(
    sqlite_database: Database,
) -> None:
    """Exact says nothing of what it never had of that one."""
    scene = await from_exact(sqlite_database)
    scene.new_in_exact("ANDER", IsStockItem=True)
    await settle_till(scene)
    article = key(scene)
    assert at_till(scene, "FB") == D(12)

    await scene.decide("ANDER", "link", article)
    await settle_till(scene)

    (left,) = [row for row in scene.account["ItemShop"].find("itemID", int(article)) if row.id("shopID") == 1]
    assert left.number("qoh") == D(0)


async def test_an_article_that_is_found_for_another_item_is_compared_with_it(
    sqlite_database: Database,
) -> None:
    scene = await from_exact(sqlite_database)
    article = key(scene)
    await scene.decide("FB", "create")
    scene.at_till("PUT", f"Item/{article}", customSku="B")
    await settle_till(scene)
    scene.clock.advance(700)
    scene.new_in_exact("B", IsStockItem=True)
    await settle_till(scene)
    assert (await scene.products())["B"].till_id == article

    assert at_till(scene, "B") == D(0)
    assert at_till(scene, "FB") == D(12)


async def test_what_exact_never_had_isn_t_at_the_till_either(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, TO_TILL)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "4")
    scene.new_in_exact("FB", IsStockItem=True)
    await scene.first_synchronisation()
    await settle_till(scene)

    assert at_till(scene, "FB") == D(0)


async def test_a_count_that_surely_was_not_sent_goes_without_being_looked_for(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    scene.to_exact.fault = faults(("POST", "StockCounts", "limit", 1))

    await scene.work()
    await scene.say_yes()
    await scene.work()
    scene.clock.advance(SETTLE * 4)
    await scene.work()

    assert counted(scene) == [("FB", D(7), 21)]
    assert scene.to_exact.calls["GET inventory/StockCounts"] == 0
    assert scene.writes()["POST StockCounts"] == 2


async def test_a_reading_holds_once_all_that_was_told_before_it_has_come(
    sqlite_database: Database,
) -> None:
    """Sales and readings are told in one count: the third of these is still on its way."""
    scene = await from_exact(sqlite_database)
    async with scene.database.transaction() as transaction:
        await transaction.execute(delete(store.readings))
    now = scene.clock.now()
    await record_sale(scene, key(scene), 1)
    await scene.take(SalesRead(now, 2))
    assert await sold_until(scene) == now
    await scene.take(SalesRead(now + timedelta(minutes=1), 4))
    assert await sold_until(scene) == now
    await record_sale(scene, key(scene), 3, sale="901")
    await scene.take(SalesRead(now + timedelta(minutes=2), 5))
    assert await sold_until(scene) == now + timedelta(minutes=2)


async def sold_until(scene: Scene) -> datetime | None:
    async with scene.database.reading() as transaction:
        return await under_way.sold_until(transaction, CONNECTION)
