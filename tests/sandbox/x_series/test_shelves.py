"""What lies on the shelves, as people see it, and goods that come in."""

from typing import Any

from tests.sandbox.x_series.store import Store

TILL = "/sandbox/tills/x/cadeauhuis"


async def articles(store: Store, till: str = TILL) -> dict[str, Any]:
    found = (await store.client.get(f"{till}/articles")).json()
    return {each["code"]: each for each in found}


async def test_goods_make_their_articles_and_lie_at_every_outlet(store: Store) -> None:
    bell = {"item": "BEL", "description": "Bel", "quantity": "7", "unit_price": "9.95", "vat_rate": "9"}
    assert (await store.client.post(f"{TILL}/goods", json={"articles": [bell]})).json() == {"received": 1}
    shown = await articles(store)
    assert list(shown) == ["BEL"]  # the store's own discount and gift card are no articles
    stock = shown["BEL"].pop("stock")
    assert sorted(stock.values()) == ["7", "7"]
    assert shown["BEL"] | {"id": ""} == {
        "id": "",
        "code": "BEL",
        "name": "Bel",
        "barcodes": [],
        "price": "9.95",
        "vat_rate": "9",
        "cost": "0",
        "is_active": True,
        "is_stocked": True,
    }


async def test_everything_that_is_kept_in_stock_comes_in_and_loose_goods_where_asked_for(
    store: Store,
) -> None:
    bell = {"item": "BEL", "description": "Bel", "quantity": "7", "unit_price": "9.95"}
    await store.client.post(f"{TILL}/goods", json={"articles": [bell]})
    one = await store.client.post(f"{TILL}/goods", json={"quantity": 10, "loose": False})
    two = await store.client.post(f"{TILL}/goods", json={"quantity": 10})
    assert (one.json(), two.json()) == ({"received": 1}, {"received": 2})
    shown = await articles(store)
    assert {code: sorted(each["stock"].values()) for code, each in shown.items()} == {
        "BEL": ["27", "27"],
        "LOS-MUESLI": ["10", "10"],
    }
