"""Which item a sale is booked on: its article's own, however codes change hands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from libs.common.contracts.products import ProductProgress, ProductsTold, ProductTold
from libs.common.database.engine import Database
from libs.common.domain.document import ItemWanted
from libs.common.domain.product import Direction
from services.exporter import article_store
from services.exporter.links import Place
from services.sandbox.exact import orders
from tests.services.exporter_world import NOON, Setting
from tests.services.products_world import Scene, a_scene, product_rules
from tests.services.restaurant_products_world import a_restaurant_scene
from tests.services.stock_world import CENTRUM, a_stocked_scene, exporter_beside

PROGRESS = ProductProgress("to-exact", "w", True, True, 0, 0, 0, 0, 0, 0, 0)


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
    """They wait until it is told which item the other is, though Exact finds the first one's by the code."""
    scene = await a_scene(sqlite_database)
    setting = await exporter_beside(scene)
    first = scene.new_at_till("A")
    await scene.first_synchronisation()
    await tell(scene, setting)
    item = scene.item("A")["ID"]
    await sell(setting, "501", "A", first)

    scene.at_till("PUT", f"Item/{first}", customSku="B")
    second = scene.new_at_till("A")
    await sell(setting, "502", "A", second, rounds=2)
    assert sold_items(scene) == [item]
    await scene.pass_minutes(2)
    await tell(scene, setting)
    await sell(setting, "503", "A", second)
    await sell(setting, "504", "B", first)
    await sell(setting, "505", "A", first)  # sold before it was called B, and told late

    other = scene.item("A")["ID"]
    assert other != item
    assert sorted(sold_items(scene)) == sorted([item, other, other, item, item])


async def test_a_code_whose_article_stays_unknown_is_a_problem_that_names_both(
    sqlite_database: Database,
) -> None:
    """Exact leads: its item is the first article's, whatever another at the till is called now."""
    scene = await a_scene(sqlite_database, product_rules(Direction.TO_LIGHTSPEED))
    setting = await exporter_beside(scene)
    scene.new_in_exact("A")
    await scene.first_synchronisation()
    first = str(scene.till_item("A").key)
    scene.at_till("PUT", f"Item/{first}", customSku="B")
    second = scene.new_at_till("A")
    await scene.pass_minutes(11)
    await tell(scene, setting)

    await sell(setting, "501", "A", second, rounds=4)
    assert (sold_items(scene), await setting.told("document.rejected")) == ([], [])
    scene.clock.advance(1800)
    await setting.until_quiet()

    (rejected,) = await setting.told("document.rejected")
    assert rejected["problem"]["code"] == "item-of-another"
    assert ["other", "B"] in rejected["problem"]["facts"]
    assert sold_items(scene) == []


async def test_sales_of_a_code_that_is_double_at_the_till_go_by_the_code(sqlite_database: Database) -> None:
    scene = await a_scene(sqlite_database)
    setting = await exporter_beside(scene)
    first = scene.new_at_till("A")
    await scene.first_synchronisation()
    second = scene.new_at_till("A")
    await scene.pass_minutes(2)
    assert await scene.conflicts() == {"A": ["code-double"]}
    await tell(scene, setting)

    await sell(setting, "501", "A", first)
    await sell(setting, "502", "A", second)

    assert sold_items(scene) == [scene.item("A")["ID"]] * 2


@pytest.mark.parametrize("numbers", [(1, 2), (2, 1)])
async def test_the_later_of_two_words_about_an_article_holds(
    sqlite_database: Database, numbers: tuple[int, int]
) -> None:
    scene = await a_scene(sqlite_database)
    setting = await exporter_beside(scene)
    items = [scene.new_in_exact("A"), scene.new_in_exact("B")]
    for number in numbers:
        link = ProductTold("1", "A", "Bel", "77", items[number - 1], "in-step", till_code="X", sold_as="77")
        await setting.deliver(ProductsTold((link,), PROGRESS, number=number))

    await sell(setting, "501", "X", "77")

    assert sold_items(scene) == [items[1]]


async def test_of_two_dishes_with_one_code_the_sales_are_of_the_one_that_is_linked(
    postgresql_database: Database,
) -> None:
    scene = await a_scene(postgresql_database)
    setting = await exporter_beside(scene)
    item = scene.new_in_exact("A")
    linked = ProductTold("1", "X", "Pils", "77", item, "in-step", till_code="X", sold_as="X")
    double = ProductTold("2", "X", "Bier", "78", None, "conflict", till_code="X", sold_as="X")
    await setting.deliver(ProductsTold((linked, double), PROGRESS, number=1))

    await sell(setting, "501", "X", "X")

    assert sold_items(scene) == [item]


async def test_what_an_article_is_called_at_the_till_is_told_though_codes_do_not_travel(
    sqlite_database: Database,
) -> None:
    scene = await a_scene(sqlite_database, product_rules(fields=("description", "vat")))
    key = scene.new_at_till("A")
    await scene.first_synchronisation()

    scene.at_till("PUT", f"Item/{key}", customSku="B")
    await scene.pass_minutes(2)

    (last,) = [each.products for each in await scene.told() if each.products][-1]
    assert (last.till_code, last.exact_id) == ("B", scene.item("A")["ID"])


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


async def test_a_dish_that_sales_name_by_its_code_alone_is_booked_on_the_item_that_it_is(
    sqlite_database: Database,
) -> None:
    """As Restaurant's sales do, which know no other name of an article."""
    scene = await a_restaurant_scene(sqlite_database, product_rules(fields=("description", "vat")))
    setting = await exporter_beside(scene)
    item = scene.new_in_exact("BIER")
    dish = scene.on_the_menu("PILS")
    await scene.work()
    await scene.decide("PILS", "link", item)
    await tell(scene, setting)
    await sell(setting, "501", "PILS", "PILS", rounds=2)

    dish.sku = "TAP"
    scene.on_the_menu("PILS")
    await scene.say_yes()
    await scene.pass_minutes(10)
    await tell(scene, setting)
    await sell(setting, "502", "TAP", "TAP", rounds=2)
    await sell(setting, "503", "PILS", "PILS", rounds=2)

    assert sold_items(scene) == [item, item, scene.item("PILS")["ID"]]


async def test_an_article_waits_once_under_whatever_codes(database: Database) -> None:
    place, now = Place("c1", "d"), NOON
    async with database.transaction() as transaction:
        await article_store.wait(transaction, place, ["7", "7"], now)
        await article_store.wait(transaction, place, ["7"], now + timedelta(hours=1))
        known = await article_store.of_articles(transaction, place, ["7"])

    assert known["7"].waits_since == now


async def tell(scene: Scene, setting: Setting) -> None:
    """The export hears what was told of articles."""
    for message in await scene.told():
        await setting.deliver(message)


async def sell(setting: Setting, reference: str, code: str, article: str, *, rounds: int = 12) -> None:
    wanted = ItemWanted(code=code, description="Bel", till_item=article)
    await setting.ready(setting.order(reference, lines=(setting.item_line(item=wanted),)), outlet=CENTRUM)
    await setting.until_quiet(rounds=rounds)


def sold_items(scene: Scene) -> list[str]:
    return [str(line["Item"]) for line in scene.division.table(orders.LINES)]
