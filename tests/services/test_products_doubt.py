"""Lost answers, dead processes and limits: nothing is made twice, and everything gets there."""

from __future__ import annotations

from contextlib import suppress

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from services.sandbox.exact import sales_prices
from services.sandbox.exact.division import Author
from tests.services.exporter_world import Killed
from tests.services.products_world import D, Scene, a_scene, faults, product_rules

FAULTS = ["lost", "slow", "html-after", "cut", "killed", "no-connection", "html-before", "limit"]


@pytest.fixture
async def scene(sqlite_database: Database) -> Scene:
    return await a_scene(sqlite_database)


@pytest.fixture
async def turned(sqlite_database: Database) -> Scene:
    return await a_scene(sqlite_database, product_rules(Direction.TO_LIGHTSPEED))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", ["logistics/Items", "logistics/SalesItemPrices"])
async def test_an_item_and_its_price_are_made_once_whatever_happens(
    scene: Scene, fault: str, path: str
) -> None:
    for number in range(3):
        scene.new_at_till(f"A-{number}")
    await scene.work()
    scene.to_exact.fault = faults(("POST", path, fault, 2))

    await scene.say_yes()
    await scene.work()

    assert len(scene.division.table("logistics/Items")) == 3
    assert len(scene.division.table("logistics/SalesItemPrices")) == 3
    assert {scene.item(f"A-{number}")["StandardSalesPrice"] for number in range(3)} == {D("8.2231")}
    assert await scene.conflicts() == {}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_change_gets_there_whatever_happens(scene: Scene, fault: str) -> None:
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()
    scene.to_exact.fault = faults(("PUT", "Items", fault, 1), ("PUT", "SalesItemPrices", fault, 1))
    scene.at_till("PUT", f"Item/{key}", description="Nieuw")
    scene.price_at_till(key, "12.10")

    await scene.work()

    assert (scene.item("A-1")["Description"], scene.item("A-1")["StandardSalesPrice"]) == ("Nieuw", D(10))
    assert len(scene.division.table("logistics/SalesItemPrices")) == 1
    assert await scene.conflicts() == {}


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_article_is_made_once_at_the_till_whatever_happens(turned: Scene, fault: str) -> None:
    for number in range(3):
        turned.new_in_exact(f"A-{number}")
    await turned.work()
    turned.to_till.fault = faults(("POST", "Item.json", fault, 2))

    await turned.say_yes()
    await turned.work()

    assert len(turned.account["Item"]) == 3
    assert await turned.conflicts() == {}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("line", ["to_exact", "to_till"])
async def test_a_reading_that_fails_goes_on_where_it_was(scene: Scene, fault: str, line: str) -> None:
    for number in range(250):
        scene.new_at_till(f"A-{number:03}")
    way = getattr(scene, line)
    way.fault = faults(*(("GET", "", fault, number) for number in (3, 6, 7)))

    await scene.work()

    progress = await scene.progress()
    assert progress is not None
    assert (progress.in_till, progress.to_create, progress.conflicts) == (250, 250, 0)


async def test_a_lost_article_that_stands_twice_is_shown_and_not_chosen_from(turned: Scene) -> None:
    """Somebody made the same article by hand while the answer was lost."""
    turned.new_in_exact("A-1")
    await turned.work()
    turned.to_till.fault = faults(("POST", "Item.json", "lost", 1))
    await turned.say_yes()
    await turned.schedule().work_on_due()
    turned.new_at_till("A-1")

    await turned.work()

    assert await turned.conflicts() == {"A-1": ["several-matches"]}
    assert len(turned.account["Item"]) == 2


async def test_a_search_that_is_refused_makes_no_second_article(turned: Scene) -> None:
    turned.new_in_exact("A-1")
    await turned.work()
    await turned.say_yes()
    turned.to_till.fault = faults(("POST", "Item", "lost", 1))
    await turned.schedule().work_on_due()
    turned.to_till.fault = lambda request: "bad" if "customSku" in str(request.url) else None
    await turned.pass_minutes(5)
    assert await turned.conflicts() == {}

    turned.to_till.fault = lambda request: None
    await turned.pass_minutes(5)

    assert turned.writes()["POST Item"] == 1
    assert (await turned.products())["A-1"].state == "in-step"


async def test_what_may_have_been_made_of_an_item_that_is_deleted_meanwhile_is_looked_for_and_told(
    turned: Scene,
) -> None:
    turned.new_in_exact("A-1")
    await turned.work()
    await turned.say_yes()
    turned.to_till.fault = faults(("POST", "Item", "lost", 1))
    await turned.schedule().work_on_due()
    turned.division.remove("logistics/Items", turned.item("A-1"), Author("u1", "Eva de Jong"))
    turned.to_till.fault = lambda request: "limit" if "customSku" in str(request.url) else None
    await turned.pass_minutes(12)

    turned.to_till.fault = lambda request: None
    await turned.pass_minutes(15)
    progress = await turned.progress()

    assert progress is not None
    assert (progress.to_create, await turned.conflicts()) == (0, {"A-1": ["master-gone"]})
    assert turned.writes()["POST Item"] == 1


async def test_an_item_that_somebody_makes_at_that_moment_gets_its_price_and_no_second(scene: Scene) -> None:
    scene.new_at_till("A-1", "12.10")
    await scene.work()

    def meanwhile(request: httpx.Request) -> None:
        if request.method == "POST" and "logistics/Items" in request.url.path:
            scene.new_in_exact("A-1", "8.2231")

    scene.to_exact.fault = meanwhile
    await scene.say_yes()
    await scene.work()

    (price,) = scene.division.table("logistics/SalesItemPrices")
    assert (price["Price"], scene.item("A-1")["StandardSalesPrice"]) == (D(10), D(10))
    assert await scene.conflicts() == {}


async def test_an_item_whose_article_was_renamed_while_it_was_in_doubt_gets_the_new_code(
    scene: Scene,
) -> None:
    key = scene.new_at_till("A")
    await scene.work()
    await scene.say_yes()
    scene.to_exact.fault = faults(("POST", "logistics/Items", "killed", 1))
    with suppress(Killed):
        await scene.schedule().work_on_due()
    assert scene.has_item("A")
    made = scene.item("A")["ID"]

    scene.at_till("PUT", f"Item/{key}", customSku="B")
    await scene.work()

    assert [row["Code"] for row in scene.division.table("logistics/Items")] == ["B"]
    assert await scene.links() == {key: made}
    assert await scene.conflicts() == {}


async def test_a_code_that_went_to_another_article_while_in_doubt_takes_its_item_along(scene: Scene) -> None:
    first = scene.new_at_till("A")
    await scene.work()
    await scene.say_yes()
    scene.to_exact.fault = faults(("POST", "logistics/Items", "killed", 1))
    with suppress(Killed):
        await scene.schedule().work_on_due()
    made = scene.item("A")["ID"]

    scene.at_till("PUT", f"Item/{first}", customSku="B")
    second = scene.new_at_till("A")
    await scene.work()

    assert await scene.links() == {first: scene.item("B")["ID"], second: made}
    assert len(scene.division.table("logistics/Items")) == 2


@pytest.mark.parametrize("fault", ["lost", "killed"])
async def test_one_more_article_of_a_code_that_was_asked_for_is_made_once(turned: Scene, fault: str) -> None:
    turned.new_in_exact("A-1")
    turned.new_at_till("A-1")
    turned.new_at_till("A-1")
    await turned.first_synchronisation()
    assert await turned.conflicts() == {"A-1": ["several-matches"]}
    turned.to_till.fault = faults(("POST", "Item.json", fault, 1))

    await turned.decide("A-1", "create")

    assert await turned.conflicts() == {"A-1": ["several-matches"]}
    assert len(turned.account["Item"]) == 3


async def test_a_price_that_somebody_deleted_since_it_was_read_is_made_anew(scene: Scene) -> None:
    key = scene.new_at_till("A", "12.10")
    await scene.first_synchronisation()
    prices = scene.division.table(sales_prices.PATH)
    sales_prices.delete(scene.bookkeeper, prices.find("Item", scene.item("A")["ID"])[0])

    scene.price_at_till(key, "24.20")
    await scene.work()

    assert [D(str(row["Price"])) for row in prices.find("Item", scene.item("A")["ID"])] == [D(20)]
    assert await scene.conflicts() == {}
