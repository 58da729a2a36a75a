"""The menu of a restaurant becomes items of Exact, and only that way.

What is kept is the same for every till, and tested on both engines with Retail's.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.database.engine import Database
from libs.common.domain.product_trouble import TroubleCode
from libs.common.domain.rules import OutletRules, Rules
from tests.services.products_world import D, faults, product_rules
from tests.services.restaurant_products_world import RestaurantScene, a_restaurant_scene


@pytest.fixture
async def scene(sqlite_database: Database) -> RestaurantScene:
    return await a_restaurant_scene(sqlite_database, product_rules())


async def test_dishes_become_items_after_a_yes_with_the_vat_of_their_accounting_group(
    scene: RestaurantScene,
) -> None:
    scene.on_the_menu("BIER25", "3.60", name="Pils 25cl", cost=D("1.01"), barcodes=("8710000000017",))
    scene.on_the_menu("TOSTI", "6.95", "Keuken")
    scene.on_the_menu("MENU3", "42.50", "Keuken", kind="SEQUENCE")
    scene.on_the_menu("SAUZEN", "0", "Keuken", kind="GROUP")

    await scene.work()
    progress = await scene.progress()
    assert progress is not None
    assert (progress.is_approved, progress.to_create, progress.in_till) == (False, 3, 3)
    assert scene.writes() == {}
    await scene.say_yes()
    await scene.work()

    beer, toast = scene.item("BIER25"), scene.item("TOSTI")
    assert (beer["Description"], beer["Barcode"], beer["CostPriceStandard"]) == (
        "Pils 25cl",
        "8710000000017",
        D("1.01"),
    )
    assert [str(each["SalesVatCode"]).strip() for each in (beer, toast)] == ["2", "1"]
    # 3.60 / 1.21 = 2.97520...; 6.95 / 1.09 = 6.37614...
    assert [each["StandardSalesPrice"] for each in (beer, toast)] == [D("2.9752"), D("6.3761")]
    assert scene.has_item("MENU3")
    assert not scene.has_item("SAUZEN")


async def test_only_what_changed_travels_after_a_pause_and_does_not_echo(scene: RestaurantScene) -> None:
    beer = scene.on_the_menu("BIER25", "3.60")
    scene.on_the_menu("TOSTI", "6.95", "Keuken")
    await scene.first_synchronisation()
    scene.clock.advance(600)
    await scene.work()
    scene.count_from_here()

    beer.price, beer.name = D("4.84"), "Pils"
    await scene.pass_minutes(6)

    assert (scene.item("BIER25")["StandardSalesPrice"], scene.item("BIER25")["Description"]) == (D(4), "Pils")
    assert scene.writes() == {"PUT Items": 1, "PUT SalesItemPrices": 1}
    # twelve minutes are three readings at the most: the locations, and the menu of each of two
    await scene.pass_minutes(6)
    assert scene.writes() == {"PUT Items": 1, "PUT SalesItemPrices": 1}
    assert scene.to_till.total <= 3 * 5


async def test_a_new_sku_renames_what_left_the_menu_ends_and_what_is_gone_is_told(
    scene: RestaurantScene,
) -> None:
    beer = scene.on_the_menu("BIER25")
    toast = scene.on_the_menu("TOSTI")
    apron = scene.on_the_menu("SCHORT")
    await scene.first_synchronisation()

    beer.sku, toast.active = "PILS25", False
    del scene.business.items[apron.item_id]
    await scene.pass_minutes(6)

    assert scene.has_item("PILS25")
    assert not scene.has_item("BIER25")
    assert scene.item("TOSTI")["EndDate"] is not None
    assert scene.item("SCHORT").get("EndDate") is None
    assert await scene.conflicts() == {"SCHORT": ["master-gone"]}

    toast.active = True
    await scene.pass_minutes(6)
    assert scene.item("TOSTI")["EndDate"] is None


async def test_what_no_longer_is_on_the_menu_is_never_made(scene: RestaurantScene) -> None:
    scene.on_the_menu("OUD", active=False)

    await scene.first_synchronisation()

    assert not scene.has_item("OUD")
    assert await scene.conflicts() == {}


async def test_items_that_a_sale_made_are_found_by_their_code(scene: RestaurantScene) -> None:
    made = scene.new_in_exact("BIER25", None, Description="Van een bon")
    scene.on_the_menu("bier25", "12.10")

    await scene.first_synchronisation()

    assert scene.item("bier25")["ID"] == made
    assert scene.item("bier25")["StandardSalesPrice"] == D(10)


async def test_bad_articles_wait_with_a_reason_and_the_rest_goes_on(scene: RestaurantScene) -> None:
    scene.on_the_menu("GOED")
    scene.on_the_menu("ZELFDE", location=scene.business.locations[0].bl_id)
    scene.on_the_menu("zelfde", location=scene.business.locations[1].bl_id)
    scene.on_the_menu("L" * 31)
    scene.on_the_menu("GRATIS", "0")
    scene.on_the_menu("OPEN", "0", price_mode="POSITIVE_OPEN_PRICE")
    scene.on_the_menu("", name="Naamloos")
    scene.on_the_menu("SCHORT", group="Overig")

    await scene.first_synchronisation()

    assert await scene.conflicts() == {
        "ZELFDE": ["code-double"],
        "zelfde": ["code-double"],
        "L" * 31: ["code-too-long"],
        "GRATIS": ["price-zero"],
        "": ["code-missing"],
        "SCHORT": ["category-without-vat"],
    }
    assert all(map(scene.has_item, ("GOED", "GRATIS", "OPEN")))


async def test_a_vat_code_that_is_chosen_ends_the_wait_by_itself(scene: RestaurantScene) -> None:
    scene.on_the_menu("SCHORT", "12.10", "Overig")
    await scene.first_synchronisation()
    assert not scene.has_item("SCHORT")

    def choose(rules: Rules) -> Rules:
        codes = rules.products.vat_codes | {scene.group("Overig"): "4"}
        return replace(rules, products=replace(rules.products, vat_codes=codes))

    await scene.choose(choose)
    await scene.work()

    assert await scene.conflicts() == {}
    # code 4 is 21 % including VAT: the price itself
    assert scene.item("SCHORT")["StandardSalesPrice"] == D("12.1")


async def test_a_price_that_locations_do_not_share_waits_and_the_rest_goes_on(
    scene: RestaurantScene,
) -> None:
    beer = scene.on_the_menu("BIER25", "3.60")
    beer.own_prices[scene.business.locations[1].bl_id] = D("3.90")

    await scene.first_synchronisation()

    assert await scene.conflicts() == {"BIER25": ["outlets-differ"]}
    assert scene.item("BIER25")["StandardSalesPrice"] == 0
    beer.own_prices.clear()
    await scene.pass_minutes(6)
    assert await scene.conflicts() == {}
    assert scene.item("BIER25")["StandardSalesPrice"] == D("2.9752")


async def test_the_menu_of_a_location_that_is_switched_off_is_another_company_s(
    scene: RestaurantScene,
) -> None:
    here, there = scene.business.locations
    scene.on_the_menu("HIER", location=here.bl_id)
    scene.on_the_menu("DAAR", location=there.bl_id)
    off = {str(there.bl_id): OutletRules(enabled=False)}
    await scene.choose(lambda rules: replace(rules, outlets=off))

    await scene.first_synchronisation()

    assert scene.has_item("HIER")
    assert not scene.has_item("DAAR")


async def test_half_a_menu_is_no_menu(scene: RestaurantScene) -> None:
    scene.on_the_menu("BIER25")
    scene.on_the_menu("TOSTI", location=scene.business.locations[1].bl_id)
    await scene.first_synchronisation()
    scene.clock.advance(600)

    scene.to_till.fault = faults(*(("GET", "/items/v1/items", "cut", n) for n in (3, 4, 5)))
    await scene.work()

    assert await scene.conflicts() == {}
    assert scene.has_item("TOSTI")


async def test_a_consent_without_the_right_to_articles_is_told_and_asked_again(
    scene: RestaurantScene,
) -> None:
    scene.on_the_menu("BIER25")
    for access in scene.world.grants.accesses.values():
        access.grant.scopes = ("financial-api", "offline_access")

    await scene.pass_minutes(1)

    progress = await scene.progress()
    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code is TroubleCode.NO_RIGHT_AT_TILL
    assert not scene.has_item("BIER25")
