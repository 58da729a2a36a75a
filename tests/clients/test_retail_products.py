"""Articles of the simulated Retail till: read whole and by what changed, written, counted."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from libs.common.budget import Lane
from libs.common.domain.product import ProductField
from libs.common.lightspeed import retail_products
from libs.common.lightspeed.errors import BadRequest, OutcomeUnknown, Unavailable
from libs.common.lightspeed.product_source import ProductPart
from libs.common.lightspeed.retail import RetailAccount, RetailClient
from libs.common.lightspeed.retail_item import product_of
from libs.common.lightspeed.retail_products import RetailProducts
from libs.common.lightspeed.retail_query import write_cost_of
from services.sandbox.retail.merging import merge
from services.sandbox.retail.world import RetailWorld
from tests.clients.test_retail_client import NOW, Ledger, a_client, always
from tests.sandbox.retail.till import a_client as a_sandbox_client
from tests.sandbox.retail.till import a_world, tokens

D = Decimal
SHOP = 4711
VALUES = {
    ProductField.CODE: "EX-1001",
    ProductField.DESCRIPTION: "Fietsbel chroom",
    ProductField.BARCODE: "8712345678906",
    ProductField.PRICE: "9.95",
    ProductField.COST: "4.1",
    ProductField.VAT: "3",
    ProductField.STOCKED: "true",
}


class OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> Any:
        return SimpleNamespace(value=self._token, generation=1)


@pytest.fixture
def world() -> RetailWorld:
    world = a_world()
    world.switches.choose({"access_token_seconds": 1_000_000})
    return world


async def a_till(world: RetailWorld, account: int = SHOP, **more: str) -> tuple[RetailProducts, Ledger]:
    http, ledger = a_sandbox_client(world), Ledger()
    granted = await tokens(http, account, **more)
    vault = OneToken(granted["access_token"])
    api = "http://till.test"
    client = RetailClient(http, vault, ledger, world.clock.now, api, api)  # type: ignore[arg-type]
    return RetailProducts(client.account("grant-1", str(account)), world.clock.now), ledger


async def read_all(till: RetailProducts, mark: str = "") -> tuple[list[ProductPart], str]:
    parts = [await till.read(mark, Lane.PRODUCTS)]
    while not parts[-1].is_last:
        parts.append(await till.read(parts[-1].mark, Lane.PRODUCTS))
    return parts, parts[-1].mark


def keys_of(parts: list[ProductPart]) -> list[str]:
    return [product.key for part in parts for product in part.products]


async def test_a_first_reading_names_everything_in_the_largest_pages(world: RetailWorld) -> None:
    till, ledger = await a_till(world)

    parts, _ = await read_all(till)

    items = len(world.accounts[SHOP]["Item"])
    assert items > 100
    assert (len(set(keys_of(parts))), len({part.whole for part in parts})) == (items, 1)
    assert len(ledger.reserved) == -(-items // 100)


async def test_after_it_only_what_changed_is_read_in_one_call(world: RetailWorld) -> None:
    till, ledger = await a_till(world)
    world.clock.advance(3600)
    _, mark = await read_all(till)
    world.clock.advance(3600)
    changed = await till.change("7", {ProductField.PRICE: "3.25"})
    ledger.reserved.clear()

    parts, mark = await read_all(till, mark)

    assert keys_of(parts) == ["7"]
    assert (parts[0].products[0].price, changed.price, parts[0].whole) == (D("3.25"), D("3.25"), "")
    assert len(ledger.reserved) == 1
    world.clock.advance(25 * 3600)
    assert (await till.read(mark, Lane.PRODUCTS)).whole


async def test_what_was_merged_since_the_last_whole_reading_is_told_with_what_is_left(
    world: RetailWorld,
) -> None:
    till, _ = await a_till(world)
    account = world.accounts[SHOP]
    items = account["Item"]
    merge(account, items.rows[5], items.rows[6])
    world.clock.advance(3600)
    parts, mark = await read_all(till)
    assert not any(part.merged for part in parts)

    world.clock.advance(3600)
    merge(account, items.rows[7], items.rows[8])
    world.clock.advance(25 * 3600)
    parts, mark = await read_all(till, mark)

    assert [part.merged for part in parts if part.merged] == [{"7": "8"}]
    world.clock.advance(25 * 3600)
    parts, _ = await read_all(till, mark)
    assert not any(part.merged for part in parts)


async def test_a_login_that_may_not_read_the_log_reads_the_articles_all_the_same(world: RetailWorld) -> None:
    till, _ = await a_till(world, scope="employee:inventory employee:product_cost")
    _, mark = await read_all(till)
    account = world.accounts[SHOP]
    merge(account, account["Item"].rows[7], account["Item"].rows[8])
    world.switches.choose({"inventory_log": "employee:all"})
    world.clock.advance(25 * 3600)

    parts, _ = await read_all(till, mark)

    assert parts[-1].is_last
    assert not any(part.merged for part in parts)


async def test_all_is_walked_through_each_day_and_what_changes_does_not_wait_for_it(
    world: RetailWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten pages at once take a hundred readings of a hundred thousand articles; here it is one page."""
    monkeypatch.setattr(retail_products, "WALKED_AT_ONCE", 1)
    till, ledger = await a_till(world)
    world.clock.advance(3600)
    _, mark = await read_all(till)
    items = len(world.accounts[SHOP]["Item"])
    pages = -(-items // 100)
    assert pages > 2
    world.clock.advance(25 * 3600)

    walked: list[ProductPart] = []
    for number in range(pages):
        world.clock.advance(600)
        await till.change("7", {ProductField.PRICE: f"3.{number + 10}"})
        (walk, change), mark = await read_all(till, mark)
        walked.append(walk)
        assert (keys_of([change]), change.whole) == (["7"], "")

    assert (len(set(keys_of(walked))), len({part.whole for part in walked})) == (items, 1)
    assert [part.ends_whole for part in walked] == [False] * (pages - 1) + [True]
    ledger.reserved.clear()
    world.clock.advance(600)
    parts, mark = await read_all(till, mark)
    assert [part.whole for part in parts] == [""]
    assert len(ledger.reserved) == 1


async def test_where_the_budget_has_no_room_for_the_walk_what_changed_is_read(world: RetailWorld) -> None:
    till, ledger = await a_till(world)
    world.clock.advance(3600)
    _, mark = await read_all(till)
    world.clock.advance(25 * 3600)
    await till.change("7", {ProductField.PRICE: "3.25"})
    ledger.full.add(Lane.CATALOGUE)

    parts, mark = await read_all(till, mark)

    assert [keys_of(parts), [part.whole for part in parts]] == [["7"], [""]]
    ledger.full.clear()
    assert (await till.read(mark, Lane.PRODUCTS)).whole


async def test_a_new_article_is_made_and_found_by_its_code(world: RetailWorld) -> None:
    till, _ = await a_till(world)

    made = await till.create(VALUES)
    found = await till.of_code("ex-1001", Lane.SETTLE) or await till.of_code("EX-1001", Lane.SETTLE)

    assert found == [made]
    assert (made.code, made.barcodes, made.price, made.cost, made.vat) == (
        "EX-1001",
        ("8712345678906",),
        D("9.95"),
        D("4.1"),
        "3",
    )


async def test_a_barcode_that_another_has_is_refused_with_the_till_s_own_words(world: RetailWorld) -> None:
    till, _ = await a_till(world)
    await till.create(VALUES)

    with pytest.raises(BadRequest, match="already exists"):
        await till.create(VALUES)


async def test_a_category_is_made_once(world: RetailWorld) -> None:
    till, _ = await a_till(world)

    first, again = await till.make_category("Helmen"), await till.make_category("helmen")

    assert first == again
    assert (await till.read_facts()).categories[first] == "Helmen"


async def test_facts_hold_the_rates_of_every_class_and_the_outlets(world: RetailWorld) -> None:
    till, _ = await a_till(world)

    facts = await till.read_facts()

    assert facts.taxes.includes_vat
    assert {key: facts.taxes.rate_of(key) for key in ("1", "2", "3", "4")} == {
        "1": D(21),
        "2": D(21),
        "3": D(9),
        "4": D(0),
    }
    assert list(facts.outlets.values()) == ["Oudegracht", "Lombok"]


async def test_stock_is_counted_at_its_outlet_and_a_count_is_not_made_twice(world: RetailWorld) -> None:
    till, _ = await a_till(world)
    await till.count("KK-1", "2", {"7": D(12), "8": D(0)})
    await till.count("KK-1", "2", {"7": D(99)})

    stock = {}
    part = await till.read_stock("", Lane.PRODUCTS)
    stock |= {(row.product_key, row.outlet): row.quantity for row in part.rows}
    while not part.is_last:
        part = await till.read_stock(part.mark, Lane.PRODUCTS)
        stock |= {(row.product_key, row.outlet): row.quantity for row in part.rows}

    assert (stock["7", "2"], stock["8", "2"]) == (D(12), D(0))
    assert all(outlet in ("1", "2") for _, outlet in stock)
    assert len(world.accounts[SHOP]["InventoryCount"]) == 1


@pytest.mark.parametrize(("closed", "status"), [("Employee", 403), ("Session", 404)])
async def test_who_counts_is_known_where_a_login_may_not_read_its_employees(
    world: RetailWorld, closed: str, status: int
) -> None:
    """A count's article must name one (4.13), and what opens the list of them is nowhere said (1.6)."""
    till, _ = await a_till(world)
    inner = till._account._call._client.http._transport
    till._account._call._client.http._transport = Closed(inner, closed, status)

    await till.count("KK-1", "1", {"7": D(3)})

    (counted,) = world.accounts[SHOP]["InventoryCountItem"]
    assert counted.id("employeeID") == 1


class Closed(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, entity: str, status: int) -> None:
        self._inner, self._entity, self._status = inner, entity, status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(f"/{self._entity}.json"):
            return httpx.Response(self._status, json={"httpCode": str(self._status), "message": "no"})
        return await self._inner.handle_async_request(request)


async def test_a_count_that_was_cut_short_is_gone_on_with(world: RetailWorld) -> None:
    till, _ = await a_till(world)
    account: RetailAccount = till._account
    count = await account.create("InventoryCount", {"name": "KK-2", "shopID": "1"}, lane=Lane.PRODUCTS)
    done = {"inventoryCountID": count["inventoryCountID"], "itemID": "7", "qty": "3", "employeeID": "1"}
    await account.create("InventoryCountItem", done, lane=Lane.PRODUCTS)

    await till.count("KK-2", "1", {"7": D(3), "8": D(4)})

    assert len(world.accounts[SHOP]["InventoryCountItem"]) == 2
    rows = {
        (row.id("itemID"), row.id("shopID")): row.number("qoh") for row in world.accounts[SHOP]["ItemShop"]
    }
    assert (rows[7, 1], rows[8, 1]) == (D(3), D(4))


async def test_a_count_is_found_again_where_its_list_knows_neither_filter_nor_order(
    world: RetailWorld,
) -> None:
    """Neither is documented of counts and what they hold (4.13)."""
    till, _ = await a_till(world)
    await till.count("KK-1", "1", {"7": D(3)})
    account: RetailAccount = till._account
    await account.create("InventoryCount", {"name": "KK-2", "shopID": "1"}, lane=Lane.PRODUCTS)
    inner = till._account._call._client.http._transport
    till._account._call._client.http._transport = Unsorted(inner)

    await till.count("KK-2", "1", {"7": D(5)})

    counts = [str(row.fields["name"]) for row in world.accounts[SHOP]["InventoryCount"]]
    assert counts == ["KK-1", "KK-2"]
    (row,) = [
        each for each in world.accounts[SHOP]["ItemShop"] if (each.id("itemID"), each.id("shopID")) == (7, 1)
    ]
    assert row.number("qoh") == D(5)


class Unsorted(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and "InventoryCount" in request.url.path:
            if "sort" in request.url.params:
                return httpx.Response(400, json={"httpCode": "400", "message": "no such sort"})
            for name in ("name", "inventoryCountID"):
                request.url = request.url.copy_remove_param(name)
        return await self._inner.handle_async_request(request)


def answers(*given: httpx.Response | Exception) -> Any:
    left: Iterator[httpx.Response | Exception] = iter(given)

    def answer(request: httpx.Request) -> httpx.Response:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return answer


@pytest.mark.parametrize("told", [("itemID",), ("itemID", "Prices", "customSku"), ()])
async def test_an_answer_that_holds_less_than_the_record_empties_nothing(told: tuple[str, ...]) -> None:
    record = {
        "itemID": "7",
        "customSku": "EX-1001",
        "description": "Bel",
        "ean": "8712345678906",
        "upc": "",
        "taxClassID": "3",
        "categoryID": "5",
        "archived": "false",
        "itemType": "non_inventory",
        "itemMatrixID": "0",
        "Prices": {"ItemPrice": [{"amount": "9.95", "useTypeID": "1", "useType": "Default"}]},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        row = record if request.method == "GET" else {name: record[name] for name in told or record}
        return httpx.Response(200, json={"Item": row})

    till = RetailProducts(a_client(answer).account("grant-1", "4711"), lambda: NOW)
    changed = await till.change("7", {ProductField.DESCRIPTION: "Bel"})

    assert changed == product_of(record)


@pytest.mark.parametrize(
    "answer",
    [
        always(502, b"<html>"),
        always(200, b"<html>"),
        answers(httpx.ReadTimeout("late")),
        answers(httpx.RemoteProtocolError("cut")),
    ],
)
async def test_a_write_without_a_definite_answer_may_have_been_done(answer: Any) -> None:
    account = a_client(answer).account("grant-1", "4711")

    with pytest.raises(OutcomeUnknown):
        await account.create("Item", {"description": "x"}, lane=Lane.PRODUCTS)


async def test_a_write_that_never_left_was_not_done_and_none_is_tried_twice() -> None:
    account = a_client(answers(httpx.ConnectError("no"))).account("grant-1", "4711")

    with pytest.raises(Unavailable):
        await account.create("Item", {"description": "x"}, lane=Lane.PRODUCTS)


async def test_a_refused_token_had_no_effect_so_a_write_goes_again() -> None:
    made = httpx.Response(200, json={"@attributes": {"count": "1"}, "Item": {"itemID": "5"}})
    account = a_client(answers(httpx.Response(401), made)).account("grant-1", "4711")

    assert await account.create("Item", {"description": "x"}, lane=Lane.PRODUCTS) == {"itemID": "5"}


def test_a_write_costs_half_a_drip_for_each_entity_inside() -> None:
    price = {"Prices": {"ItemPrice": {"amount": "10.95", "useTypeID": "1"}}}
    lines = {"SaleLines": {"SaleLine": [{"itemID": "1"}, {"itemID": "2"}]}}

    assert write_cost_of("Item", {"description": "x"}) == D(1)
    assert write_cost_of("Item", price) == D("1.5")  # the reference's own example
    assert write_cost_of("Other", lines) == D(2)
    assert write_cost_of("Category", {"name": "x"}) == D(10)
