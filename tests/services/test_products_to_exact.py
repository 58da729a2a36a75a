"""Articles of the till appear in Exact: shown first, then written, and after that only what changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from libs.common.database.engine import Database
from services.exporter.matching import item_code
from tests.services.products_world import D, Scene, a_scene, faults, product_rules


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await a_scene(database)


async def test_nothing_is_written_before_somebody_has_said_yes(scene: Scene) -> None:
    scene.new_at_till("A-1")
    scene.new_at_till("A-2")
    scene.new_in_exact("A-2", price=None, Description="Van een bon")
    scene.new_in_exact("ZZ")

    await scene.work()

    progress = await scene.progress()
    assert progress is not None
    assert (progress.is_approved, progress.to_create, progress.to_change, progress.conflicts) == (
        False,
        1,
        1,
        0,
    )
    assert (progress.in_till, progress.in_exact) == (2, 3 - 1)
    assert scene.writes() == {}
    shown = await scene.products()
    assert (shown["A-1"].state, shown["A-2"].state) == ("to-create", "to-change")
    assert shown["A-2"].wanted == {"description": "Artikel A-2", "price": "8.2231"}


async def test_a_division_without_stock_is_not_asked_for_its_warehouses(scene: Scene) -> None:
    scene.new_at_till("A-1")

    await scene.first_synchronisation()

    assert scene.has_item("A-1")
    assert not [call for call in scene.to_exact.calls if "Warehouses" in call]


async def test_after_the_yes_the_articles_are_there_with_their_prices(scene: Scene) -> None:
    scene.new_at_till("A-1", "9.95", ean="8712345678906", defaultCost="4.10")
    scene.new_at_till("A-2", "10.90", taxClassID="3")
    scene.new_in_exact("A-2", price=None)

    await scene.first_synchronisation()

    first, second = scene.item("A-1"), scene.item("A-2")
    assert (first["Description"], first["Barcode"], first["SalesVatCode"].strip()) == (
        "Artikel A-1",
        "8712345678906",
        "2",
    )
    assert (first["StandardSalesPrice"], first["CostPriceStandard"]) == (D("8.2231"), D("4.1"))
    assert (second["SalesVatCode"].strip(), second["StandardSalesPrice"]) == ("1", D("10"))
    assert scene.writes() == {"POST Items": 1, "POST SalesItemPrices": 2, "PUT Items": 1}
    progress = await scene.progress()
    assert progress is not None
    assert (progress.done, progress.to_create + progress.to_change, progress.conflicts) == (2, 0, 0)


async def test_a_vat_code_goes_as_exact_wrote_it(scene: Scene) -> None:
    """Padded to three (4.2, 11.12), of a new item and of one that is changed."""
    scene.new_at_till("A-1")
    scene.new_at_till("A-2", taxClassID="3")
    scene.new_in_exact("A-2", SalesVatCode="2")

    await scene.first_synchronisation()

    bodies = [json.loads(body) for body in scene.to_exact.bodies if "SalesVatCode" in body]
    assert sorted(body["SalesVatCode"] for body in bodies) == ["1  ", "2  "]


async def test_a_second_run_writes_nothing(scene: Scene) -> None:
    for number in range(5):
        scene.new_at_till(f"A-{number}", barcodes="")
    await scene.first_synchronisation()
    scene.count_from_here()

    await scene.work()
    await scene.pass_minutes(12)

    assert scene.writes() == {}


async def test_only_what_changed_travels_within_a_minute(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    scene.new_at_till("A-2")
    await scene.first_synchronisation()
    scene.clock.advance(600)
    await scene.work()
    scene.count_from_here()

    scene.price_at_till(key, "12.10")
    await scene.pass_minutes(1)

    assert scene.item("A-1")["StandardSalesPrice"] == D(10)
    assert scene.writes() == {"PUT SalesItemPrices": 1}


async def test_a_new_name_or_code_renames_the_linked_item(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()

    scene.at_till("PUT", f"Item/{key}", description="Nieuwe naam", customSku="B-1")
    await scene.pass_minutes(2)

    assert not scene.has_item("A-1")
    assert scene.item("B-1")["Description"] == "Nieuwe naam"


async def test_what_is_archived_at_the_till_ends_in_exact_and_comes_back(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()

    scene.at_till("DELETE", f"Item/{key}")
    scene.clock.advance(25 * 3600)
    await scene.pass_minutes(2)
    assert scene.item("A-1")["EndDate"] is not None

    scene.at_till("PUT", f"Item/{key}", archived=False)
    await scene.pass_minutes(2)
    assert scene.item("A-1")["EndDate"] is None


async def test_a_change_in_exact_is_told_and_left_alone_until_somebody_decides(scene: Scene) -> None:
    scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.count_from_here()

    scene.change_in_exact("A-1", Description="Eigen naam")
    await scene.pass_minutes(11)
    assert await scene.conflicts() == {"A-1": ["changed-on-wrong-side"]}
    assert scene.writes() == {}

    await scene.decide("A-1", "overwrite")
    assert scene.item("A-1")["Description"] == "Artikel A-1"
    assert await scene.conflicts() == {}


async def test_an_end_that_is_set_in_exact_outlives_what_we_write_before_its_day(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.change_in_exact("A-1", EndDate=scene.division.today() + timedelta(days=1))
    await scene.work()

    scene.at_till("PUT", f"Item/{key}", description="Nieuwe naam")
    await scene.work()
    await scene.pass_minutes(11)
    assert await scene.conflicts() == {}
    scene.clock.advance(24 * 3600)
    await scene.work()

    assert await scene.conflicts() == {"A-1": ["changed-on-wrong-side"]}


async def test_a_change_that_was_taken_back_is_a_conflict_no_more(scene: Scene) -> None:
    scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.price_in_exact("A-1", "7")
    await scene.pass_minutes(11)
    assert await scene.conflicts() == {"A-1": ["changed-on-wrong-side"]}

    scene.price_in_exact("A-1", "8.2231")
    await scene.pass_minutes(11)

    assert await scene.conflicts() == {}


async def test_an_item_that_was_deleted_just_now_is_gone_as_soon_as_it_is_written_to(scene: Scene) -> None:
    """Deletions are read each ten minutes."""
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.clear_exact()
    scene.at_till("PUT", f"Item/{key}", description="Bel")

    await scene.pass_minutes(2)

    assert await scene.conflicts() == {"A-1": ["gone"]}


async def test_an_item_that_was_deleted_waits_and_a_new_one_is_made_when_asked(scene: Scene) -> None:
    scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.clear_exact()
    await scene.pass_minutes(12)
    assert await scene.conflicts() == {"A-1": ["gone"]}

    await scene.decide("A-1", "create")

    assert scene.has_item("A-1")
    assert await scene.conflicts() == {}


async def test_an_item_entered_again_under_its_code_is_linked_where_a_new_one_was_asked_for(
    scene: Scene,
) -> None:
    scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.clear_exact()
    await scene.pass_minutes(12)
    again = scene.new_in_exact("A-1", None, Description="Weer ingevoerd")
    scene.count_from_here()

    await scene.decide("A-1", "create")

    assert await scene.conflicts() == {}
    assert list((await scene.links()).values()) == [again]
    assert (scene.item("A-1")["Description"], scene.writes()["POST Items"]) == ("Artikel A-1", 1)


async def test_bad_articles_wait_with_a_reason_and_the_rest_goes_on(scene: Scene) -> None:
    scene.new_at_till("GOED")
    scene.new_at_till("DUBBEL")
    scene.new_at_till("dubbel")
    scene.new_at_till("L" * 31)
    scene.new_at_till("GRATIS", "0")
    scene.new_at_till("VREEMD", description="Caf\u00e9 \u201c'n Bel\u201d & zo\x00 \u200b<b>")
    scene.new_at_till("ANDERS", taxClassID="4")
    await scene.choose(lambda rules: replace(rules, vat={"21": "2", "9": "1", "none": "0"}))

    await scene.first_synchronisation()

    assert await scene.conflicts() == {
        "DUBBEL": ["code-double"],
        "dubbel": ["code-double"],
        "L" * 31: ["code-too-long"],
        "GRATIS": ["price-zero"],
        "ANDERS": ["vat-code-missing"],
    }
    assert scene.has_item("GOED")
    assert scene.has_item("GRATIS")
    assert scene.item("VREEMD")["Description"] == "Caf\u00e9 \u201c'n Bel\u201d & zo <b>"


async def test_an_item_that_a_sale_made_under_a_cut_code_is_adopted_by_its_article(scene: Scene) -> None:
    code = "FIETSBEL-CHROOM-MET-LANGE-NAAM-2026"
    scene.new_at_till(code)
    await scene.first_synchronisation()
    assert await scene.conflicts() == {code: ["code-too-long"]}

    made = item_code(code, "431")
    assert len(made) == 30
    scene.new_in_exact(made, None, Description="Van een bon")
    await scene.pass_minutes(11)

    assert await scene.conflicts() == {}
    assert (scene.item(made)["Description"], scene.item(made)["StandardSalesPrice"]) == (
        f"Artikel {code}",
        D("8.2231"),
    )
    assert scene.writes()["POST Items"] == 0


async def test_a_conflict_ends_by_itself_when_its_cause_does(scene: Scene) -> None:
    scene.new_at_till("DUBBEL")
    key = scene.new_at_till("DUBBEL")
    scene.new_at_till("ANDERS", taxClassID="4")
    await scene.choose(lambda rules: replace(rules, vat={"21": "2"}))
    await scene.first_synchronisation()

    scene.at_till("PUT", f"Item/{key}", customSku="ENKEL")
    await scene.choose(lambda rules: replace(rules, vat={"21": "2", "0": "5"}))
    await scene.work()

    assert await scene.conflicts() == {}
    assert all(map(scene.has_item, ("DUBBEL", "ENKEL", "ANDERS")))


async def test_what_the_till_merges_goes_on_as_one_item(scene: Scene) -> None:
    gone = scene.new_at_till("BEL")
    left = scene.new_at_till("bel", "12.10")
    scene.new_at_till("SLOT")
    await scene.work()
    assert (await scene.conflicts()).keys() == {"BEL", "bel"}
    item = scene.new_in_exact("ANDERS", None)
    await scene.work()
    await scene.decide("BEL", "link", item)
    await scene.say_yes()
    await scene.work()
    scene.count_from_here()

    scene.merge_at_till(gone, left)
    scene.clock.advance(25 * 3600)
    await scene.pass_minutes(2)

    assert (await scene.links())[left] == item
    assert scene.item("bel")["ID"] == item
    assert scene.item("bel")["StandardSalesPrice"] == D(10)
    assert await scene.conflicts() == {}
    assert scene.writes()["POST Items"] == 0


async def test_articles_that_both_had_an_item_are_told_when_they_are_merged(scene: Scene) -> None:
    gone, left = scene.new_at_till("BEL"), scene.new_at_till("SLOT")
    await scene.first_synchronisation()
    scene.count_from_here()

    scene.merge_at_till(gone, left)
    scene.clock.advance(25 * 3600)
    await scene.pass_minutes(2)

    assert await scene.conflicts() == {"BEL": ["merged"]}
    assert all(map(scene.has_item, ("BEL", "SLOT")))
    assert scene.writes() == {}


async def test_other_fields_are_shown_again_before_they_are_written(scene: Scene) -> None:
    await scene.choose(lambda _: product_rules(fields=["code", "description"]))
    scene.new_at_till("A-1")
    await scene.first_synchronisation()
    assert scene.item("A-1")["StandardSalesPrice"] == 0
    scene.count_from_here()

    await scene.choose(lambda _: product_rules(fields=["code", "description", "price"]))
    await scene.work()
    assert scene.writes() == {}
    await scene.say_yes()
    await scene.work()

    assert scene.item("A-1")["StandardSalesPrice"] == D("8.2231")


async def test_switched_off_nothing_is_read(scene: Scene) -> None:
    await scene.choose(lambda rules: replace(rules, products=replace(rules.products, direction="off")))
    scene.new_at_till("A-1")

    await scene.schedule().work_on_due()

    assert scene.calls() == 0


async def test_a_person_links_what_codes_do_not(scene: Scene) -> None:
    scene.new_at_till("A-1")
    other = scene.new_in_exact("ANDERS", price=None)
    await scene.work()

    await scene.decide("A-1", "link", other)
    await scene.say_yes()
    await scene.work()

    assert scene.item("A-1")["ID"] == other
    assert not scene.has_item("ANDERS")


async def test_a_code_that_went_to_another_article_moves_in_exact_too(scene: Scene) -> None:
    first = scene.new_at_till("A")
    await scene.first_synchronisation()
    item = scene.item("A")["ID"]

    scene.at_till("PUT", f"Item/{first}", customSku="B")
    scene.new_at_till("A")
    await scene.work()

    assert await scene.conflicts() == {}
    assert scene.item("B")["ID"] == item != scene.item("A")["ID"]


async def test_what_loses_its_item_to_another_by_hand_is_decided_about_again(scene: Scene) -> None:
    first, second = scene.new_at_till("A-1"), scene.new_at_till("L" * 31)
    await scene.first_synchronisation()
    item = scene.item("A-1")["ID"]

    await scene.decide("L" * 31, "link", item)

    assert await scene.links() == {first: None, second: item}
    assert (await scene.products())["A-1"].state == "conflict"
    assert (await scene.conflicts())["A-1"] == ["code-taken"]


async def test_what_a_person_leaves_alone_is_left_alone(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    await scene.work()
    await scene.decide("A-1", "leave")
    await scene.say_yes()
    await scene.work()
    assert not scene.has_item("A-1")

    scene.price_at_till(key, "5")
    await scene.pass_minutes(3)
    assert not scene.has_item("A-1")

    await scene.decide("A-1", "follow")
    assert scene.has_item("A-1")


async def test_what_is_linked_and_left_alone_is_listed_as_left_and_not_as_done(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()

    await scene.decide("A-1", "leave")
    scene.at_till("PUT", f"Item/{key}", description="Anders aan de kassa")
    await scene.pass_minutes(2)

    progress = await scene.progress()
    assert progress is not None
    assert (progress.done, progress.left) == (0, 1)
    assert (await scene.products())["A-1"].state == "left"
    await scene.decide("A-1", "follow")
    assert scene.item("A-1")["Description"] == "Anders aan de kassa"
    assert (await scene.products())["A-1"].state == "in-step"


async def test_what_was_changed_in_exact_is_still_told_after_it_was_left_alone_for_a_while(
    scene: Scene,
) -> None:
    """Nothing was said of writing over it."""
    scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.change_in_exact("A-1", Description="Door de boekhouder")
    await scene.pass_minutes(12)
    assert await scene.conflicts() == {"A-1": ["changed-on-wrong-side"]}

    await scene.decide("A-1", "leave")
    assert await scene.conflicts() == {}
    await scene.decide("A-1", "follow")

    assert scene.item("A-1")["Description"] == "Door de boekhouder"
    assert await scene.conflicts() == {"A-1": ["changed-on-wrong-side"]}


async def test_a_barcode_whose_item_a_person_deletes_in_exact_is_taken_when_that_is_read(
    scene: Scene,
) -> None:
    key = scene.new_at_till("A")
    scene.new_in_exact("B", Barcode="8712345678906")
    await scene.first_synchronisation()
    scene.to_exact.fault = faults(("PUT", "Items", "refused", 1))
    scene.at_till("PUT", f"Item/{key}", ean="8712345678906")
    await scene.pass_minutes(2)
    assert await scene.conflicts() == {"A": ["refused"]}

    scene.division.remove("logistics/Items", scene.item("B"), scene.bookkeeper.author)
    await scene.pass_minutes(12)

    assert (await scene.conflicts(), scene.item("A")["Barcode"]) == ({}, "8712345678906")
