"""Answers that are allowed but odd: flags in other forms, what no text holds, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from libs.common.domain.product_conflict import describe_conflict
from libs.common.domain.product_trouble import TroubleCode
from services.sandbox.exact.division import Author
from tests.services.products_world import Scene, a_scene, product_rules
from tests.services.retold import Retold, Row
from tests.services.stock_world import (
    CENTRUM,
    a_stocked_scene,
    at_till,
    counted,
    in_exact,
    move_at_till,
    move_in_exact,
    read_until_now,
)


def with_what_no_text_holds(row: Row) -> None:
    row["Description"] = f"\ud800{row['Description']}\x00"


def without_a_word_on_sales(row: Row) -> None:
    row["IsSalesItem"] = None


def with_some_in_the_first_shop(row: Row) -> None:
    if row["shopID"] == CENTRUM:
        row["qoh"] = "some"


def with_flags_as_bytes(row: Row) -> None:
    row |= {name: int(value) for name, value in row.items() if isinstance(value, bool)}


def with_versions_as_numbers(row: Row) -> None:
    row["Timestamp"] = int(row["Timestamp"])


RETELLINGS = (
    with_what_no_text_holds,
    without_a_word_on_sales,
    with_flags_as_bytes,
    with_versions_as_numbers,
)


@pytest.mark.parametrize("retell", RETELLINGS, ids=lambda each: each.__name__)
async def test_articles_reach_the_till_in_whatever_form_exact_tells_them(
    sqlite_database: Database, retell: Callable[[Row], None]
) -> None:
    scene = await a_scene(sqlite_database, product_rules(Direction.TO_LIGHTSPEED))
    retold(scene, retell)
    scene.new_in_exact("A-1", price="10")

    await scene.first_synchronisation()

    assert scene.till_item("A-1").fields["description"] == "Artikel A-1"


async def test_an_item_that_cannot_be_read_is_named_and_holds_up_nothing(sqlite_database: Database) -> None:
    """Nor is it taken for gone: it stands there, and its article waits for it."""
    scene = await a_scene(sqlite_database)
    for code in ("A-1", "A-2"):
        scene.new_at_till(code)
    await scene.first_synchronisation()

    retold(scene, lambda row: row.update(EndDate="soon") if row["Code"].strip() == "A-1" else None)
    scene.change_in_exact("A-1", Notes="bijgewerkt")
    scene.new_at_till("A-3")
    await scene.work()

    assert await scene.conflicts() == {"A-1": ["unreadable"]}
    assert scene.has_item("A-3")


async def test_an_item_without_an_id_holds_up_nothing(sqlite_database: Database) -> None:
    """Its code is taken in Exact, by which it is found where its article would be made again."""
    scene = await a_scene(sqlite_database)
    scene.new_at_till("A-1")
    scene.new_at_till("A-2")
    scene.new_in_exact("A-1")
    retold(scene, lambda row: row.pop("ID") if row["Code"].strip() == "A-1" else None)
    await scene.first_synchronisation()
    assert scene.has_item("A-2")
    codes = [str(row["Code"]).strip() for row in scene.division.table("logistics/Items")]
    assert codes.count("A-1") == 1


@pytest.mark.parametrize("strange", [{"EntityType": None}, {"EntityType": "item"}])
async def test_what_was_deleted_is_told_though_it_cannot_be_read_what_it_was(
    sqlite_database: Database, strange: Row
) -> None:
    """What names nothing at all holds up nothing behind it."""
    scene = await a_scene(sqlite_database)
    for code in ("A-1", "A-2"):
        scene.new_at_till(code)
    await scene.first_synchronisation()
    first, second = scene.item("A-1"), scene.item("A-2")
    nameless: Row = {"EntityKey": None}
    of = {first["ID"]: nameless, second["ID"]: strange}
    retold(scene, lambda row: row.update(of.get(row["EntityKey"], {})), "/Deleted")

    for row in (first, second):
        scene.division.remove("logistics/Items", row, Author("u1", "Eva de Jong"))
    scene.new_at_till("A-3")
    await scene.pass_minutes(12)

    assert await scene.conflicts() == {"A-2": ["gone"]}
    assert scene.has_item("A-3")


@pytest.mark.parametrize("field", ["Price", "StartDate", "Quantity"])
async def test_a_price_that_cannot_be_read_is_named_with_its_article_and_gets_no_second(
    sqlite_database: Database, field: str
) -> None:
    scene = await a_scene(sqlite_database)
    key = scene.new_at_till("A-1", "12.10")
    scene.new_at_till("A-2", "12.10")
    scene.new_in_exact("A-1", price="9")
    strange = scene.item("A-1")["ID"]
    inner = scene.to_exact.inner
    retold(scene, lambda row: row.update({field: "soon"}) if row["Item"] == strange else None, PRICES)

    await scene.first_synchronisation()
    scene.price_at_till(key, "24.20")
    await scene.work()

    assert [each[-1] for each in (await scene.conflicts()).values()] == ["unreadable"]
    assert prices_of(scene, "A-1") == [9.0]
    assert prices_of(scene, "A-2") == [10.0]

    scene.to_exact.inner = inner
    scene.price_in_exact("A-1", "8")
    await scene.pass_minutes(25)

    assert await scene.conflicts() == {}
    assert prices_of(scene, "A-1") == [20.0]


async def test_stock_that_moved_while_a_price_could_not_be_read_is_counted_then(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database, fields=("code", "description", "vat", "price"))
    scene.new_at_till("A-1", "12.10")
    await scene.first_synchronisation()
    inner = scene.to_exact.inner
    retold(scene, lambda row: row.update(Price="soon"), PRICES)
    scene.price_in_exact("A-1", "9")
    await scene.pass_minutes(12)
    move_at_till(scene, "A-1", "5")
    await scene.pass_minutes(12)
    assert in_exact(scene, "A-1") == 0

    scene.to_exact.inner = inner
    scene.price_in_exact("A-1", "8")
    await scene.pass_minutes(12)

    assert in_exact(scene, "A-1") == 5


async def test_stock_of_exact_that_cannot_be_read_is_named_and_counted_once_it_can(
    sqlite_database: Database,
) -> None:
    """Nor is it taken for nothing, which would count all of it a second time."""
    scene = await a_stocked_scene(sqlite_database)
    for code in ("A-1", "A-2"):
        scene.new_at_till(code)
    await scene.first_synchronisation()
    inner = scene.to_exact.inner
    strange = scene.item("A-1")["ID"]
    retold(scene, lambda row: row.update(CurrentStock="soon") if row["ItemId"] == strange else None, STOCK)

    move_in_exact(scene, "A-1", "3")
    for code, quantity in (("A-1", "7"), ("A-2", "5")):
        move_at_till(scene, code, quantity)
    scene.new_at_till("A-3")
    await scene.pass_minutes(12)

    assert await scene.conflicts() == {"A-1": ["stock-unreadable"]}
    told = describe_conflict((await scene.products())["A-1"].conflicts[0], "en")[0]
    assert told.startswith("The stock of A-1 Artikel A-1 can't be read in Exact Online: CurrentStock")
    assert counted(scene) == [("A-2", 5, 21)]
    assert scene.has_item("A-3")

    scene.to_exact.inner = inner
    move_in_exact(scene, "A-1", "1")
    await scene.pass_minutes(12)

    assert (await scene.conflicts(), in_exact(scene, "A-1")) == ({}, 7)
    assert counted(scene) == [("A-2", 5, 21), ("A-1", 3, 21)]


async def test_stock_of_no_item_stops_all_counting_and_no_article(sqlite_database: Database) -> None:
    """It may be of any article, which would seem to have none of it, and be counted again and again."""
    scene = await a_stocked_scene(sqlite_database)
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()
    inner = scene.to_exact.inner
    retold(scene, lambda row: row.update(ItemId=None), STOCK)

    move_in_exact(scene, "A-1", "3")
    move_at_till(scene, "A-1", "7")
    scene.at_till("PUT", f"Item/{key}", description="Bel")
    await scene.pass_minutes(15)
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code is TroubleCode.STOCK_OF_NO_ITEM
    assert (counted(scene), scene.item("A-1")["Description"]) == ([], "Bel")

    scene.to_exact.inner = inner
    await scene.pass_minutes(15)
    progress = await scene.progress()

    assert progress is not None
    assert (progress.lacks, in_exact(scene, "A-1")) == (None, 7)


@pytest.mark.parametrize("direction", [Direction.TO_EXACT, Direction.TO_LIGHTSPEED])
async def test_stock_at_the_till_that_cannot_be_read_is_named_and_not_taken_for_nothing(
    sqlite_database: Database, direction: Direction
) -> None:
    scene = await a_stocked_scene(sqlite_database, direction)
    if direction is Direction.TO_EXACT:
        scene.new_at_till("A-1")
    else:
        scene.new_in_exact("A-1", IsStockItem=True)
    await scene.first_synchronisation()
    move_in_exact(scene, "A-1", "3")
    to_till = scene.to_till
    inner = to_till.inner
    strange: Any = Retold(inner, with_some_in_the_first_shop, "ItemShop.json")
    to_till.inner = strange
    move_at_till(scene, "A-1", "3")
    await pass_minutes(scene, 12)

    assert await scene.conflicts() == {"A-1": ["stock-unreadable"]}
    assert (in_exact(scene, "A-1"), at_till(scene, "A-1")) == (3, 3)

    to_till.inner = inner
    move_at_till(scene, "A-1", "1")
    await pass_minutes(scene, 12)

    both = 4 if direction is Direction.TO_EXACT else 3
    assert await scene.conflicts() == {}
    assert (in_exact(scene, "A-1"), at_till(scene, "A-1")) == (both, both)


async def test_a_count_at_the_till_is_not_made_of_what_can_no_longer_be_read(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database, Direction.TO_LIGHTSPEED)
    scene.new_in_exact("A-1", IsStockItem=True)
    await scene.first_synchronisation()
    move_at_till(scene, "A-1", "5")
    move_in_exact(scene, "A-1", "3")
    scene.to_till.fault = lambda request: "limit" if "InventoryCount" in request.url.path else None
    await pass_minutes(scene, 2)

    strange: Any = Retold(scene.to_till.inner, with_some_in_the_first_shop, "ItemShop.json")
    scene.to_till.inner, scene.to_till.fault = strange, lambda request: None
    move_at_till(scene, "A-1", "-1")
    await pass_minutes(scene, 2)

    assert (await scene.conflicts(), at_till(scene, "A-1")) == ({"A-1": ["stock-unreadable"]}, 4)


async def pass_minutes(scene: Scene, minutes: int) -> None:
    """In which the sales are read too."""
    for _ in range(minutes):
        await read_until_now(scene)
        await scene.pass_minutes(1)


async def test_a_price_of_no_item_is_told_and_its_item_gets_no_second(sqlite_database: Database) -> None:
    """Its item is known to whoever asks Exact for the prices of that one."""
    scene = await a_scene(sqlite_database)
    for code in ("A-1", "A-2"):
        scene.new_at_till(code, "12.10")
    scene.new_in_exact("A-1", price="9")
    strange = scene.item("A-1")["ID"]
    retold(scene, lambda row: row.update(Item=None) if row["Item"] == strange else None, PRICES)

    await scene.first_synchronisation()
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code is TroubleCode.PRICES_OF_NO_ITEM
    assert (prices_of(scene, "A-1"), prices_of(scene, "A-2")) == ([10.0], [10.0])


PRICES, STOCK = "/SalesItemPrices", "/StockPositions"


def prices_of(scene: Scene, code: str) -> list[float]:
    rows = scene.division.table("logistics/SalesItemPrices").find("Item", scene.item(code)["ID"])
    return [float(row["Price"]) for row in rows]


async def test_where_the_books_are_in_pounds_an_item_has_one_price_in_them(sqlite_database: Database) -> None:
    """Prices in other currencies are agreements (exact-online.md 5.15)."""
    scene = await a_scene(sqlite_database)
    inner: Any = InPounds(scene.to_exact.inner)
    scene.to_exact.inner = inner
    key = scene.new_at_till("A-1", "12.10")
    await scene.first_synchronisation()
    for price in ("24.20", "36.30"):
        await scene.pass_minutes(11)
        scene.price_at_till(key, price)
    await scene.pass_minutes(11)

    prices = scene.division.table("logistics/SalesItemPrices").find("Item", scene.item("A-1")["ID"])
    assert [float(row["Price"]) for row in prices] == [30.0]
    assert await scene.conflicts() == {}


@dataclass
class InPounds(httpx.AsyncBaseTransport):
    """What is in euros in the simulator."""

    inner: httpx.AsyncBaseTransport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        body = (await answer.aread()).replace(b'"Currency": "EUR"', b'"Currency":"GBP"')
        body = body.replace(b'"Currency":"EUR"', b'"Currency":"GBP"')
        return httpx.Response(answer.status_code, content=body, request=request)


def retold(scene: Scene, retell: Callable[[Row], None], path: str = "Logistics/Items") -> None:
    inner: Any = Retold(scene.to_exact.inner, retell, path)
    scene.to_exact.inner = inner
