"""Drafts of counts wait in Exact for a person: whatever becomes of one there, nothing is counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from libs.common.database.engine import Database
from libs.common.domain.rules import OutletRules
from services.products import store
from services.sandbox.exact import stock_counts as drafts
from tests.services.products_world import D, Scene, faults
from tests.services.stock_world import (
    CENTRUM,
    STATION,
    a_stocked_scene,
    counted,
    in_exact,
    move_at_till,
    stock_counts,
    warehouses,
)


async def with_draft(database: Database, quantity: str = "7") -> Scene:
    """One article whose stock waits in a draft."""
    scene = await a_stocked_scene(database, stock_counts="draft")
    scene.new_at_till("FB")
    move_at_till(scene, "FB", quantity)
    await scene.first_synchronisation()
    assert counted(scene) == [("FB", D(quantity), drafts.DRAFT)]
    return scene


def process(scene: Scene) -> None:
    for count in stock_counts(scene):
        if count["Status"] == drafts.DRAFT:
            drafts.DRAFTS.settle(scene.bookkeeper, count)


async def hours_go_by(scene: Scene, hours: int = 2) -> None:
    scene.clock.advance(hours * 3600)
    await scene.work()
    scene.clock.advance(900)
    await scene.work()


async def test_a_draft_waits_for_a_person_and_holds_what_was_sold_since(database: Database) -> None:
    scene = await a_stocked_scene(database, stock_counts="draft")
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    await scene.first_synchronisation()
    assert (counted(scene), in_exact(scene, "FB")) == ([("FB", D(7), 12)], D(0))
    assert await scene.conflicts() == {"FB": ["stock-count-waits"]}

    move_at_till(scene, "FB", "-2")
    scene.clock.advance(2 * 3600)
    await scene.work()
    assert len(stock_counts(scene)) == 1  # it stands in one already

    process(scene)
    scene.clock.advance(900)
    await scene.work()
    scene.clock.advance(900)
    process(scene)
    await scene.work()
    assert in_exact(scene, "FB") == D(5)  # 7 counted, 2 sold since
    assert await scene.conflicts() == {}


async def test_a_draft_still_stands_when_another_outlet_is_switched_on(sqlite_database: Database) -> None:
    scene = await a_stocked_scene(sqlite_database, stock_counts="draft")
    first, second = warehouses(scene)
    await scene.choose(lambda rules: replace(rules, outlets={CENTRUM: OutletRules(warehouse=first)}))
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "5")
    await scene.first_synchronisation()

    both = {CENTRUM: OutletRules(warehouse=first), STATION: OutletRules(warehouse=second)}
    await scene.choose(lambda rules: replace(rules, outlets=both))
    scene.clock.advance(2 * 3600)
    await scene.work()
    assert counted(scene) == [("FB", D(5), 12)]

    process(scene)
    scene.clock.advance(2 * 3600)
    await scene.work()
    process(scene)
    assert in_exact(scene, "FB") == D(5)


async def test_a_draft_whose_date_a_person_changes_still_waits(sqlite_database: Database) -> None:
    scene = await with_draft(sqlite_database)
    (draft,) = stock_counts(scene)
    last_year = scene.clock.now().date() - timedelta(days=300)
    drafts.DRAFTS.update(scene.bookkeeper, draft, {"StockCountDate": last_year, "Description": "Jaartelling"})

    await hours_go_by(scene)
    assert (len(stock_counts(scene)), await scene.conflicts()) == (1, {"FB": ["stock-count-waits"]})

    process(scene)
    await hours_go_by(scene)
    assert (in_exact(scene, "FB"), len(stock_counts(scene))) == (D(7), 1)
    assert await scene.conflicts() == {}


async def test_a_draft_with_other_quantities_is_counted_on_once_it_is_processed(
    sqlite_database: Database,
) -> None:
    """The till has its stock: what a person makes of it in Exact is counted back, but not before."""
    scene = await with_draft(sqlite_database)
    (line,) = scene.division.table(drafts.LINES)
    scene.division.change(drafts.LINES, line, {"QuantityDifference": D(4)}, scene.bookkeeper.author)
    await hours_go_by(scene)
    assert len(stock_counts(scene)) == 1

    process(scene)
    await hours_go_by(scene)

    assert counted(scene) == [("FB", D(4), drafts.PROCESSED), ("FB", D(3), drafts.DRAFT)]
    process(scene)
    await hours_go_by(scene)
    assert (in_exact(scene, "FB"), await scene.conflicts()) == (D(7), {})


async def test_a_draft_that_a_person_throws_away_is_made_anew(sqlite_database: Database) -> None:
    scene = await with_draft(sqlite_database)
    (draft,) = stock_counts(scene)
    drafts.DRAFTS.delete(scene.bookkeeper, draft)
    move_at_till(scene, "FB", "-2")

    await hours_go_by(scene)

    assert counted(scene) == [("FB", D(5), drafts.DRAFT)]


@pytest.mark.parametrize("is_lost", [False, True])
async def test_a_draft_of_an_outlet_that_is_switched_off_and_on_still_waits(
    sqlite_database: Database, is_lost: bool
) -> None:
    """Also one that was sent and of which no answer came."""
    scene = await a_stocked_scene(sqlite_database, stock_counts="draft")
    first, second = warehouses(scene)
    scene.new_at_till("FB")
    move_at_till(scene, "FB", "7")
    if is_lost:
        scene.to_exact.fault = faults(("POST", "StockCounts", "lost", 1))
    await scene.work()
    await scene.say_yes()
    await scene.schedule().work_on_due()

    off = {CENTRUM: OutletRules(warehouse=first, enabled=False), STATION: OutletRules(warehouse=second)}
    await scene.choose(lambda rules: replace(rules, outlets=off))
    await hours_go_by(scene)
    on = {CENTRUM: OutletRules(warehouse=first), STATION: OutletRules(warehouse=second)}
    await scene.choose(lambda rules: replace(rules, outlets=on))
    await hours_go_by(scene)

    assert counted(scene) == [("FB", D(7), drafts.DRAFT)]
    assert await scene.conflicts() == {"FB": ["stock-count-waits"]}
    process(scene)
    await hours_go_by(scene)
    assert (in_exact(scene, "FB"), len(stock_counts(scene))) == (D(7), 1)
    assert await scene.conflicts() == {}


async def test_a_draft_waits_for_whichever_outlet_its_warehouse_is_of(sqlite_database: Database) -> None:
    scene = await with_draft(sqlite_database)
    first, second = warehouses(scene)
    moved = {CENTRUM: OutletRules(warehouse=second), STATION: OutletRules(warehouse=first)}
    await scene.choose(lambda rules: replace(rules, outlets=moved))
    await hours_go_by(scene)
    # seven are in the other warehouse now; of the first nothing is counted while its draft waits
    assert counted(scene) == [("FB", D(7), drafts.DRAFT), ("FB", D(7), drafts.DRAFT)]

    process(scene)
    await hours_go_by(scene)
    process(scene)
    assert (in_exact(scene, "FB"), in_exact(scene, "FB", 1)) == (D(0), D(7))


async def test_an_item_stands_in_one_draft_whatever_article_it_is_of(sqlite_database: Database) -> None:
    scene = await with_draft(sqlite_database)
    item = scene.item("FB")["ID"]
    scene.new_at_till("ANDER")
    move_at_till(scene, "ANDER", "3")
    await scene.work()

    await scene.decide("ANDER", "link", item)
    await hours_go_by(scene)

    of_item = [line for line in scene.division.table(drafts.LINES) if line["Item"] == item]
    assert len(of_item) == 1
    process(scene)
    await hours_go_by(scene)
    process(scene)
    await hours_go_by(scene)
    assert scene.division.table("logistics/Items").rows[item]["Stock"] == D(3)


async def test_a_draft_known_by_its_name_alone_is_looked_for_by_it(sqlite_database: Database) -> None:
    """One of an older release."""
    scene = await with_draft(sqlite_database)
    async with scene.database.transaction() as transaction:
        await transaction.execute(store.counts.update().values(exact_id=None))
    await hours_go_by(scene)
    assert len(stock_counts(scene)) == 1

    async with scene.database.reading() as transaction:
        kept = (await transaction.execute(select(store.counts.c.exact_id))).scalar_one()
    assert kept == stock_counts(scene)[0]["StockCountID"]
