"""What a division lacks, or its login may not see, holds up nothing else and is told (exact-online 4.6)."""

from __future__ import annotations

import pytest

from libs.common.contracts.products import ProductsRequested
from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from libs.common.domain.product_trouble import Trouble, TroubleCode
from libs.common.lightspeed import errors as lightspeed
from libs.common.lightspeed.retail_products import RetailProducts
from libs.common.vault import GrantLost
from tests.services.exporter_world import Fault
from tests.services.products_world import D, Scene, a_scene, product_rules
from tests.services.stock_world import a_stocked_scene, in_exact, move_at_till


@pytest.fixture
async def scene(sqlite_database: Database) -> Scene:
    return await a_scene(sqlite_database)


def lacks(path: str, answer: str) -> Fault:
    return lambda request: answer if path in request.url.path.lower() else None


def may_not_write(path: str) -> Fault:
    seen = lacks(path, "no-right")
    return lambda request: None if request.method == "GET" else seen(request)


@pytest.mark.parametrize("answer", ["no-right", "not-found"])
async def test_without_sales_prices_articles_go_without_and_get_them_once_there_are(
    scene: Scene, answer: str
) -> None:
    scene.new_at_till("A-1", "12.10")
    scene.new_at_till("A-2", "9.95")
    scene.new_in_exact("A-2", price="8.2231")
    scene.to_exact.fault = lacks("salesitemprices", answer)

    await scene.first_synchronisation()
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks == Trouble(TroubleCode.PRICES_NOT_SHOWN)
    assert (progress.done, progress.conflicts, scene.has_item("A-1")) == (2, 0, True)

    scene.to_exact.fault = lambda request: None
    scene.count_from_here()
    await scene.work()
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is None
    prices = scene.division.table("logistics/SalesItemPrices")
    by_item = {code: [row["Price"] for row in prices.find("Item", scene.item(code)["ID"])] for code in CODES}
    assert {code: list(map(float, found)) for code, found in by_item.items()} == {
        "A-1": [10.0],
        "A-2": [8.2231],
    }


@pytest.mark.parametrize("answer", ["no-right", "not-found"])
@pytest.mark.parametrize("direction", [Direction.TO_EXACT, Direction.TO_LIGHTSPEED])
async def test_prices_that_are_withdrawn_hold_up_no_article_and_go_on_once_they_are_back(
    sqlite_database: Database, direction: Direction, answer: str
) -> None:
    scene = await a_scene(sqlite_database, product_rules(direction))
    is_led_by_till = direction is Direction.TO_EXACT
    key = scene.new_at_till("A-1", "12.10") if is_led_by_till else scene.new_in_exact("A-1", "10")
    await scene.first_synchronisation()
    scene.to_exact.fault = lacks("salesitemprices", answer)

    if is_led_by_till:
        scene.at_till("PUT", f"Item/{key}", description="Bel")
        scene.price_at_till(key, "24.20")
        scene.new_at_till("A-2", "12.10")
    else:
        scene.change_in_exact("A-1", Description="Bel")
        scene.price_in_exact("A-1", "20")
        scene.new_in_exact("A-2", "10")
    await scene.pass_minutes(12)
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code in NO_PRICES
    assert (progress.done, progress.conflicts) == (2, 0)
    assert (scene.item("A-1")["Description"], scene.till_item("A-1").fields["description"]) == ("Bel", "Bel")
    assert scene.item("A-2")["Description"] == scene.till_item("A-2").fields["description"]

    scene.to_exact.fault = lambda request: None
    await scene.work()
    progress = await scene.progress()

    assert progress is not None
    assert (progress.lacks, progress.done) == (None, 2)
    assert sorted(row["Price"] for row in scene.division.table("logistics/SalesItemPrices")) == [10, 20]
    assert [scene.till_price(scene.till_item(code)) for code in CODES] == [D("24.20"), D("12.10")]


async def test_prices_that_may_be_read_and_not_written_hold_up_no_article(scene: Scene) -> None:
    keys = [scene.new_at_till(code, "12.10") for code in ("A-1", "A-2", "A-3")]
    scene.new_at_till("A-4", "12.10")
    scene.new_in_exact("A-4", price="9")
    scene.to_exact.fault = may_not_write("salesitemprices")

    await scene.first_synchronisation()
    scene.at_till("PUT", f"Item/{keys[0]}", description="Bel")
    await scene.pass_minutes(2)
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code is TroubleCode.PRICES_NOT_WRITTEN
    assert (progress.done, progress.conflicts) == (4, 0)
    assert scene.item("A-1")["Description"] == "Bel"
    tried = scene.writes()
    assert tried["POST SalesItemPrices"] + tried["PUT SalesItemPrices"] == 1

    scene.to_exact.fault = lambda request: None
    await scene.work()
    progress = await scene.progress()

    assert progress is not None
    assert (progress.lacks, progress.done) == (None, 4)
    assert [row["Price"] for row in scene.division.table("logistics/SalesItemPrices")] == [10] * 4


CODES = ("A-1", "A-2")
NO_PRICES = (TroubleCode.PRICES_NOT_SHOWN, TroubleCode.PRICES_NOT_WRITTEN)
"""Whichever is met first."""
CODE_OF = {"no-right": TroubleCode.NO_RIGHT_IN_EXACT, "not-found": TroubleCode.NO_MODULE_IN_EXACT}


@pytest.mark.parametrize("answer", ["no-right", "not-found"])
@pytest.mark.parametrize("path", ["synctimestamp", "system/divisions", "logistics/units"])
async def test_what_articles_can_do_without_is_done_without(scene: Scene, path: str, answer: str) -> None:
    scene.to_exact.fault = lacks(path, answer)
    scene.new_at_till("A-1")

    await scene.first_synchronisation()

    assert scene.has_item("A-1")


@pytest.mark.parametrize("answer", ["no-right", "not-found"])
@pytest.mark.parametrize("path", ["inventory/stockcounts", "inventory/stockpositions"])
async def test_stock_that_cannot_be_counted_is_told_once_and_articles_go_on(
    sqlite_database: Database, path: str, answer: str
) -> None:
    """A count that is refused is halved to find its article; one that there is no place for is not."""
    scene = await a_stocked_scene(sqlite_database)
    for code in ("A-1", "A-2", "A-3", "A-4"):
        scene.new_at_till(code)
        move_at_till(scene, code, "7")
    scene.to_exact.fault = lacks(path, answer)

    await scene.take(ProductsRequested())
    await scene.schedule().work_on_due()
    await scene.say_yes()
    await scene.schedule().work_on_due()
    await scene.pass_minutes(2)
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code is CODE_OF[answer]
    assert path in dict(progress.lacks.facts)["asked"].lower()
    assert (progress.done, progress.conflicts) == (4, 0)
    assert scene.to_exact.calls["POST inventory/StockCounts"] <= 1


async def test_articles_follow_within_a_minute_while_stock_waits_for_a_person(
    sqlite_database: Database,
) -> None:
    scene = await a_stocked_scene(sqlite_database)
    key = scene.new_at_till("A-1")
    move_at_till(scene, "A-1", "7")
    scene.to_exact.fault = lacks("inventory/stockcounts", "no-right")
    await scene.take(ProductsRequested())
    await scene.schedule().work_on_due()
    await scene.say_yes()
    await scene.schedule().work_on_due()
    await scene.pass_minutes(1)
    scene.count_from_here()

    names = []
    for number in range(4):
        scene.at_till("PUT", f"Item/{key}", description=f"Bel {number}")
        await scene.pass_minutes(1)
        names.append(scene.item("A-1")["Description"])
    progress = await scene.progress()

    assert names == ["Bel 0", "Bel 1", "Bel 2", "Bel 3"]
    assert progress is not None
    assert progress.lacks is not None
    assert scene.to_exact.calls["POST inventory/StockCounts"] <= 1

    scene.to_exact.fault = lambda request: None
    await scene.pass_minutes(6)
    progress = await scene.progress()

    assert progress is not None
    assert (progress.lacks, in_exact(scene, "A-1")) == (None, 7)


@pytest.mark.parametrize("answer", ["no-right", "not-found"])
async def test_a_division_without_items_is_told_and_no_article_is_called_refused(
    scene: Scene, answer: str
) -> None:
    scene.to_exact.fault = lacks("logistics/items", answer)
    scene.new_at_till("A-1")

    await scene.take(ProductsRequested())
    await scene.schedule().work_on_due()
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert progress.lacks.code is CODE_OF[answer]
    assert await scene.conflicts() == {}


BLOCKED: list[tuple[Exception, TroubleCode, str]] = [
    (GrantLost("g1", "revoked"), TroubleCode.CONSENT_LOST, "Exact Online"),
    (GrantLost("g2", "revoked"), TroubleCode.CONSENT_LOST, "Lightspeed"),
    (lightspeed.NotAccepted("Lightspeed refuses a fresh token"), TroubleCode.CONSENT_LOST, "Lightspeed"),
    (lightspeed.WrongAccount("the answer is of account 9, not 8"), TroubleCode.WRONG_ACCOUNT, ""),
    (lightspeed.NoRight("employee:inventory"), TroubleCode.NO_RIGHT_AT_TILL, "employee:inventory"),
]


@pytest.mark.parametrize(("blocked", "code", "fact"), BLOCKED, ids=str)
async def test_whatever_blocks_is_told_by_its_code(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, blocked: Exception, code: TroubleCode, fact: str
) -> None:
    async def fails(*args: object) -> None:
        raise blocked

    monkeypatch.setattr(RetailProducts, "read_facts", fails)
    await scene.take(ProductsRequested())
    await scene.schedule().work_on_due()
    progress = await scene.progress()

    assert progress is not None
    assert progress.lacks is not None
    assert (progress.lacks.code, "".join(dict(progress.lacks.facts).values())) == (code, fact)
