"""Articles of an X-Series store and items of Exact, kept in step either way."""

from __future__ import annotations

import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from tests.services.products_world import D, faults, product_rules
from tests.services.x_products_world import XScene, an_x_scene


@pytest.fixture
async def scene(database: Database) -> XScene:
    return await an_x_scene(database, product_rules())


@pytest.fixture
async def led(database: Database) -> XScene:
    """Exact leads."""
    return await an_x_scene(database, product_rules(Direction.TO_LIGHTSPEED))


async def test_articles_become_items_with_price_vat_barcode_and_cost(scene: XScene) -> None:
    codes = [{"type": "CUSTOM", "code": "A-1"}, {"type": "EAN", "code": "8712345678906"}]
    scene.new_in_store("A-1", "9.95", product_codes=codes, supply_price="4.1")
    scene.new_in_store("A-2", "10.90", all_outlets_tax={"tax_id": scene.tax(9)})

    await scene.work()
    assert scene.writes() == {}
    await scene.say_yes()
    await scene.work()

    first, second = scene.item("A-1"), scene.item("A-2")
    assert (first["Description"], first["Barcode"]) == ("Artikel A-1", "8712345678906")
    assert (first["StandardSalesPrice"], first["CostPriceStandard"]) == (D("8.2231"), D("4.1"))
    assert (str(first["SalesVatCode"]).strip(), str(second["SalesVatCode"]).strip()) == ("2", "1")
    assert second["StandardSalesPrice"] == D(10)
    assert not scene.has_item("vend-discount")
    assert not scene.has_item("vend-gift-card")


async def test_in_a_store_that_sells_without_vat_the_price_is_the_price(database: Database) -> None:
    scene = await an_x_scene(database, product_rules(), tax_exclusive=True)
    scene.new_in_store("A-1", "0", price_including_tax="12.10")

    await scene.first_synchronisation()

    assert scene.item("A-1")["StandardSalesPrice"] == D(10)


async def test_variants_are_single_items_with_a_name_that_can_be_read(scene: XScene) -> None:
    variants = [
        {"sku": "S-M", "variant_definitions": [{"attribute_id": "1", "value": "M"}]},
        {"sku": "S-L", "variant_definitions": [{"attribute_id": "1", "value": "L"}]},
    ]
    scene.new_in_store("", "20", name="Shirt rood", product_codes=[], variants=variants)

    await scene.first_synchronisation()

    assert [scene.item(code)["Description"] for code in ("S-M", "S-L")] == ["Shirt rood M", "Shirt rood L"]


async def test_a_tax_that_alone_changed_is_noticed_by_whoever_reads_next(scene: XScene) -> None:
    scene.new_in_store("A-1", "10.90")
    await scene.first_synchronisation()
    scene.clock.advance(600)
    await scene.work()
    scene.forget()

    scene.change_in_store("A-1", all_outlets_tax={"tax_id": scene.tax(9)})
    await scene.pass_minutes(2)

    assert str(scene.item("A-1")["SalesVatCode"]).strip() == "1"
    assert scene.item("A-1")["StandardSalesPrice"] == D(10)


async def test_outlets_that_tax_an_article_differently_are_a_conflict(scene: XScene) -> None:
    first = next(iter(scene.store.outlets))
    scene.new_in_store("A-1", outlet_taxes=[{"outlet_id": first.id, "tax_id": scene.tax(9)}])
    scene.new_in_store("A-2")

    await scene.first_synchronisation()

    assert await scene.conflicts() == {"A-1": ["outlets-differ"]}
    assert scene.has_item("A-2")


async def test_renames_prices_and_what_is_no_longer_sold_follow_and_do_not_echo(scene: XScene) -> None:
    scene.new_in_store("A-1")
    scene.new_in_store("A-2")
    await scene.first_synchronisation()
    scene.clock.advance(600)
    await scene.work()
    scene.count_from_here()

    codes = [{"type": "CUSTOM", "code": "B-1"}]
    scene.change_in_store("A-1", common={"name": "Bel"}, product_codes=codes, price_including_tax="12.10")
    scene.change_in_store("A-2", is_active=False)
    await scene.pass_minutes(2)

    assert (scene.item("B-1")["Description"], scene.item("B-1")["StandardSalesPrice"]) == ("Bel", D(10))
    assert scene.item("A-2")["EndDate"] is not None
    assert scene.writes() == {"PUT Items": 2, "PUT SalesItemPrices": 1}
    await scene.pass_minutes(12)
    assert scene.writes() == {"PUT Items": 2, "PUT SalesItemPrices": 1}


async def test_what_was_deleted_in_the_store_is_told_and_its_item_left(scene: XScene) -> None:
    scene.new_in_store("A-1")
    await scene.first_synchronisation()
    scene.count_from_here()

    key = scene.in_store("A-1").id
    scene.store.products[key].deleted_at = scene.clock.now()
    scene.store.put(scene.store.products, scene.store.products[key])
    await scene.pass_minutes(2)

    assert await scene.conflicts() == {"A-1": ["master-gone"]}
    assert scene.writes() == {}


async def test_a_quiet_minute_costs_a_few_calls(scene: XScene) -> None:
    for number in range(30):
        scene.new_in_store(f"A-{number}")
    await scene.first_synchronisation()
    scene.clock.advance(600)
    await scene.schedule().work_on_due()
    scene.count_from_here()

    scene.clock.advance(60)
    await scene.schedule().work_on_due()

    assert scene.calls() <= 6, (scene.to_till.calls, scene.to_exact.calls)


@pytest.mark.parametrize("lists_replace", [True, False])
async def test_items_are_made_in_the_store_in_one_call_each_and_follow(
    led: XScene, lists_replace: bool
) -> None:
    led.x.switches.choose({"lists_replace": lists_replace})
    led.new_in_exact("A-1", "8.2231", Barcode="8712345678906", CostPriceStandard=D("4.10"))
    led.new_in_exact("A-2", "10", SalesVatCode="1")

    await led.first_synchronisation()

    first = led.in_store("A-1")
    assert (first.name, first.price_incl, first.cost) == ("Artikel A-1", D("9.95"), D("4.1"))
    assert [(code["type"], code["code"]) for code in first.codes] == [
        ("CUSTOM", "A-1"),
        ("EAN", "8712345678906"),
    ]
    assert (led.in_store("A-2").price_incl, led.tax_in_store("A-2")) == (D("10.9"), led.tax(9))
    assert led.writes() == {"POST products": 2}
    led.count_from_here()
    await led.pass_minutes(12)
    assert led.writes() == {}

    led.change_in_exact("A-1", Code="B-1", Description="Bel", Barcode="8712345678913")
    led.price_in_exact("B-1", "10")
    await led.pass_minutes(2)

    changed = led.in_store("B-1")
    assert (changed.name, changed.price_incl, changed.cost) == ("Bel", D("12.1"), D("4.1"))
    assert [code["code"] for code in changed.codes][:2] == ["B-1", "8712345678913"]
    await led.pass_minutes(12)
    assert sum(led.writes().values()) == 1
    assert await led.conflicts() == {}


async def test_a_store_that_sells_without_vat_gets_prices_without(database: Database) -> None:
    led = await an_x_scene(database, product_rules(Direction.TO_LIGHTSPEED), tax_exclusive=True)
    led.new_in_exact("A-1", "8.2231", SalesVatCode="1")

    await led.first_synchronisation()

    assert (led.in_store("A-1").price, led.tax_in_store("A-1")) == (D("8.2231"), led.tax(9))
    led.count_from_here()
    await led.pass_minutes(12)
    assert led.writes() == {}


async def test_the_name_of_a_variant_is_its_family_s_and_stays(led: XScene) -> None:
    variants = [
        {"sku": code, "variant_definitions": [{"attribute_id": "1", "value": code}]} for code in ("M", "L")
    ]
    led.new_in_store("", "20", name="Shirt", product_codes=[], variants=variants)
    led.new_in_exact("M", "10", Description="Hemd maat M")

    await led.first_synchronisation()

    assert {led.in_store(code).name for code in ("M", "L")} == {"Shirt"}
    assert (led.in_store("M").price_incl, led.in_store("L").price_incl) == (D("12.1"), D(20))


@pytest.mark.parametrize("answer", ["no-right", "refused"])
async def test_where_the_till_takes_no_new_category_articles_go_without_and_say_so(
    led: XScene, answer: str
) -> None:
    group = next(g for g in led.division.table("logistics/ItemGroups") if not g["IsDefault"])
    for number in range(3):
        led.new_in_exact(f"A-{number}", ItemGroup=group["ID"])
    led.to_till.fault = lambda request: (
        answer if request.method == "POST" and "product_categories" in request.url.path else None
    )

    await led.first_synchronisation()
    led.change_in_exact("A-1", Description="Bel")
    await led.pass_minutes(2)

    codes = ("A-0", "A-1", "A-2")
    assert all(not led.in_store(code).category_id for code in codes)
    assert led.in_store("A-1").name == "Bel"
    assert await led.conflicts() == {key: ["refused"] for key in codes}
    progress = await led.progress()
    assert progress is not None
    assert progress.lacks is None

    led.to_till.fault = lambda request: None
    led.clock.advance(25 * 3600)
    await led.work()

    (category,) = led.store.categories
    assert led.in_store("A-1").category_id == category.id
    assert await led.conflicts() == {}


async def test_a_group_becomes_a_category_that_is_made_once(led: XScene) -> None:
    group = next(g for g in led.division.table("logistics/ItemGroups") if not g["IsDefault"])
    for number in range(3):
        led.new_in_exact(f"A-{number}", ItemGroup=group["ID"])

    await led.first_synchronisation()

    (category,) = led.store.categories
    assert category.name == group["Description"]
    assert {led.in_store(f"A-{number}").category_id for number in range(3)} == {category.id}
    assert led.writes()["POST products"] == 3


@pytest.mark.parametrize("fault", ["lost", "html-after", "cut", "killed"])
async def test_a_lost_answer_makes_no_second_article(led: XScene, fault: str) -> None:
    led.to_till.fault = faults(("POST", "/products", fault, 1))
    led.new_in_exact("A-1")
    led.new_in_exact("A-2")

    await led.first_synchronisation()

    own = [product for product in led.store.products if not product.is_system]
    assert sorted(product.sku for product in own) == ["A-1", "A-2"]
    assert await led.conflicts() == {}
