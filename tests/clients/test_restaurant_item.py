"""Articles of Lightspeed Restaurant as the domain sees them (reference 11), and how a menu is read whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import httpx
import pytest

from libs.common.budget import Lane
from libs.common.domain.product import ProductField, ProductKind
from libs.common.lightspeed.errors import Unavailable
from libs.common.lightspeed.restaurant_item import is_article, item_key, joined, product_of
from libs.common.lightspeed.restaurant_products import RestaurantProducts
from libs.common.lightspeed.retail_values import Unreadable
from tests.clients.restaurant_payloads import GROUPS, UTRECHT
from tests.clients.test_restaurant_client import a_client

D = Decimal
PILS, KITCHEN = 310000000000201, "310000000000022"


def an_item(**more: Any) -> dict[str, Any]:
    row = {
        "id": PILS,
        "name": "Pils 25cl",
        "docketName": "Pils",
        "sku": "BIER25",
        "active": True,
        "barcode": "8710000000017",
        "barcodes": ["8710000000017", "8710000000024"],
        "accountingGroup": {"id": 310000000000021, "name": "Alcohol"},
        "costPrice": D("1.10"),
        "prices": [{"name": "Default", "amount": D("5.00")}, {"name": "Terras", "amount": D("5.50")}],
        "sharingType": "SHARED",
        "priceMode": "AMOUNT",
        "inventorySource": "PURCHASED",
        "disabled": False,
        "itemType": "ITEM",
    }
    return row | more


def test_an_article_is_read_with_its_default_price_and_the_vat_of_its_accounting_group() -> None:
    product = product_of(an_item())

    assert (product.key, product.code, product.description) == (str(PILS), "BIER25", "Pils 25cl")
    assert product.barcodes == ("8710000000017", "8710000000024")
    assert (product.price, product.cost) == (D(5), D("1.1"))
    assert (product.vat, product.group) == ("310000000000021", "310000000000021")
    assert (product.is_active, product.kind) == (True, ProductKind.GOODS)


@pytest.mark.parametrize(
    ("row", "price"),
    [
        ({"prices": [{"name": "Standaard", "amount": 4}]}, D(4)),
        ({"prices": [{"name": "Terras", "amount": 4}, {"name": "default", "amount": 3}]}, D(3)),
        ({"prices": [{"name": "Terras", "amount": 4}, {"name": "Bar", "amount": 3}]}, None),
        ({"prices": []}, None),
        ({"prices": None}, None),
        ({"prices": [{"name": "Default", "amount": 0}]}, D(0)),
        ({"priceMode": "POSITIVE_OPEN_PRICE"}, None),
        ({"priceMode": "PERCENT"}, None),
        ({"priceMode": None}, D(5)),
    ],
)
def test_a_price_is_the_default_one_or_the_only_one_and_none_where_it_is_open(
    row: dict[str, Any], price: Decimal | None
) -> None:
    assert product_of(an_item(**row)).price == price


def test_what_is_missing_is_not_made_up() -> None:
    product = product_of({"id": PILS})

    assert (product.code, product.price, product.cost, product.group) == ("", None, None, "")
    assert product.is_active


def test_a_set_menu_is_a_bundle_what_has_no_stock_a_service_and_a_list_to_choose_from_no_article() -> None:
    assert product_of(an_item(itemType="SEQUENCE")).kind is ProductKind.BUNDLE
    assert product_of(an_item(disabled=True)).kind is ProductKind.SERVICE
    assert not is_article(an_item(itemType="GROUP"))
    assert all(is_article(an_item(itemType=kind)) for kind in ("ITEM", "SUB_ITEM", "SEQUENCE", None))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"id": None}, "id"),
        ({"prices": [{"name": "Default", "amount": "ten"}]}, "amount"),
        ({"active": "maybe"}, "active"),
        ({"prices": "many"}, "prices"),
    ],
)
def test_what_can_not_be_read_names_its_field(row: dict[str, Any], field: str) -> None:
    with pytest.raises(Unreadable, match=field):
        product_of(an_item(**row))


ODD = (
    None,
    True,
    0,
    -1,
    10**30,
    D("1e400"),
    D("NaN"),
    1.5,
    "",
    "x" * 5000,
    "\ud800",
    [],
    [None],
    [[]],
    {},
    {"id": []},
)


def test_whatever_a_row_holds_it_is_read_or_unreadable() -> None:
    for field in an_item():
        for odd in (*ODD, [{"name": odd, "amount": odd} for odd in ODD]):
            row = an_item(**{field: odd})
            item_key(row)
            with suppress(Unreadable):
                assert not is_article(row) or product_of(row).key


def test_what_locations_share_is_one_article_that_says_where_they_differ() -> None:
    here = product_of(an_item(active=False))
    there = product_of(an_item(prices=[{"name": "Default", "amount": D("5.20")}], name="Pils"))
    other = product_of(an_item(id=7))

    pils, seven = joined([here, other, there])

    assert (pils.key, pils.description, pils.is_active, pils.differs) == (
        str(PILS),
        "Pils 25cl",
        True,
        (ProductField.PRICE,),
    )
    assert (seven.key, seven.differs) == ("7", ())


# --- reading ------------------------------------------------------------------------------------------------

LOCATION = {"blName": "Utrecht", "blID": int(UTRECHT), "country": "NL", "timezone": "Europe/Amsterdam"}
BUSINESS = {"businessName": "De Keuken", "businessId": 4711, "businessLocations": [LOCATION]}
Answer = Callable[[httpx.Request], Any]


def a_till(items: Answer, rates: tuple[dict[str, Any], ...] = ()) -> RestaurantProducts:
    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/f/data/businesses":
            return httpx.Response(200, json={"_embedded": {"businessList": [BUSINESS]}})
        if path.endswith("/tax-rates"):
            return httpx.Response(200, json={"_embedded": {"taxRateList": list(rates)}})
        if path.endswith("/accountingGroups"):
            return httpx.Response(200, json={"_embedded": {"accountingGroupList": GROUPS}})
        assert path == "/items/v1/items"
        return httpx.Response(200, json=items(request))

    client = a_client(answer)
    return RestaurantProducts(client, client._access, ())


def pages_of(rows: list[dict[str, Any]], most: int = 1000) -> Answer:
    def items(request: httpx.Request) -> Any:
        asked = request.url.params
        assert asked["businessLocationId"] == UTRECHT
        return rows[int(asked["offset"]) :][: min(most, int(asked["amount"]))]

    return items


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5, 6, 7])
async def test_a_menu_is_read_whole_though_pages_are_shorter_than_was_asked_for(number: int) -> None:
    """The largest page is 1,000 (11); what a server makes of a request for so many isn't said."""
    rows = [{"id": each, "sku": f"A{each}"} for each in range(1, number + 1)]

    part = await a_till(pages_of(rows, most=3)).read("", Lane.PRODUCTS)

    assert [each.code for each in part.products] == [row["sku"] for row in rows]
    assert part.is_last
    assert part.whole


async def test_a_menu_that_moves_while_it_is_read_is_read_again() -> None:
    rows = [{"id": each} for each in range(1, 6)]

    def items(request: httpx.Request) -> Any:
        page = pages_of(rows, most=3)(request)
        rows[:1] = []
        return page

    with pytest.raises(Unavailable, match="moved"):
        await a_till(items).read("", Lane.PRODUCTS)


@pytest.mark.parametrize(
    "body", [{}, {"items": None}, {"items": ["BIER25"]}, "none", {"a": [], "b": []}, None]
)
async def test_what_is_no_list_is_no_empty_menu(body: Any) -> None:
    with pytest.raises(Unavailable):
        await a_till(lambda _: body).read("", Lane.PRODUCTS)


async def test_an_article_alone_is_a_menu_of_one() -> None:
    """As the vendor's own specification types the answer (11)."""
    row = {"id": 1, "name": "Pils", "sku": "BIER25", "prices": [{"name": "Default", "amount": 5}]}

    part = await a_till(lambda request: row).read("", Lane.PRODUCTS)

    assert [each.code for each in part.products] == [row["sku"]]


async def test_an_object_with_a_list_is_a_menu_too_and_what_is_unreadable_is_named() -> None:
    rows = [{"id": 1, "sku": "A"}, {"id": 2, "active": "maybe"}, {"id": 3, "itemType": "GROUP"}]

    part = await a_till(lambda _: {"items": rows}).read("", Lane.PRODUCTS)

    assert [each.key for each in part.products] == ["1"]
    assert list(part.unreadable) == ["2"]


@pytest.mark.parametrize(
    ("rates", "includes"),
    [
        (
            (
                {"code": "A", "rate": 1.21, "taxIncluded": True},
                {"code": "B", "rate": 1, "taxIncluded": False},
            ),
            True,
        ),
        (({"code": "A", "rate": 1.21, "taxIncluded": False},), False),
        ((), True),
    ],
)
async def test_categories_are_accounting_groups_and_rates_say_whether_prices_include_vat(
    rates: tuple[dict[str, Any], ...], includes: bool
) -> None:
    facts = await a_till(pages_of([]), rates).read_facts()

    assert facts.categories[KITCHEN] == "Keuken"
    assert facts.taxes.includes_vat is includes
    assert facts.outlets == {UTRECHT: "Utrecht"}
