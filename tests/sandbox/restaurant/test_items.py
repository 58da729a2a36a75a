"""Articles: numbers instead of decimal strings, limits, and refusals that name the field (11)."""

from typing import Any

import pytest

from tests.sandbox.restaurant.till import HERE, UTRECHT, ZEIST, Till

ITEMS = "/items/v1/items"


async def group(till: Till) -> int:
    return till.world.businesses[4801].group_of("Alcohol").group_id


async def a_body(till: Till, **more: Any) -> dict[str, Any]:
    body = {"name": "Witbier 30cl", "sku": "WIT30", "accountingGroupId": await group(till)}
    return HERE | body | {"defaultPrice": 4.75, "costPrice": 1.1, "barcodes": ["8710000000017"]} | more


async def test_an_article_is_made_read_and_replaced(till: Till) -> None:
    made = await till.answer(ITEMS, "POST", await a_body(till))
    assert made.status_code == 201
    item = made.json()
    assert (item["sku"], item["prices"], item["costPrice"]) == (
        "WIT30", [{"name": "Default", "amount": 4.75}], 1.1,
    )  # fmt: skip
    assert (item["barcode"], item["sharingType"], item["active"]) == ("8710000000017", "LOCAL", True)
    assert item["accountingGroup"] == {"id": await group(till), "name": "Alcohol"}
    path = f"{ITEMS}/{item['id']}"
    assert await till.get(path, businessLocationId=UTRECHT) == item
    body = await a_body(till, defaultPrice=5, active=False)
    del body["costPrice"]
    replaced = (await till.answer(path, "PUT", body)).json()
    assert (replaced["prices"][0]["amount"], replaced["active"]) == (5.0, False)
    assert "costPrice" not in replaced
    assert (await till.answer(path, businessLocationId=ZEIST)).status_code == 404


async def test_lists_are_cut_and_filtered(till: Till) -> None:
    everything = await till.get(ITEMS, businessLocationId=UTRECHT)
    assert len(everything) == 27
    assert everything[2:5] == await till.get(ITEMS, businessLocationId=UTRECHT, offset=2, amount=3)
    (beer,) = await till.get(ITEMS, businessLocationId=UTRECHT, sku="BIER25")
    ids = f"{beer['id']},{everything[0]['id']}"
    assert len(await till.get(ITEMS, businessLocationId=UTRECHT, itemIds=ids, amount=1)) == 2
    assert [item["sku"] for item in await till.get(ITEMS, businessLocationId=UTRECHT, name="wijn")] == [
        "FLESWIT", "MENU3",
    ]  # fmt: skip
    await till.switch(items_list="object")
    assert list(await till.get(ITEMS, businessLocationId=UTRECHT)) == ["items"]


@pytest.mark.parametrize(
    ("given", "field"), [({"amount": 1001}, "amount"), ({"itemIds": ",".join(["1"] * 201)}, "itemIds")]
)
async def test_lists_have_limits(till: Till, given: dict[str, Any], field: str) -> None:
    refused = await till.answer(ITEMS, businessLocationId=UTRECHT, **given)
    assert (refused.status_code, refused.json()["status"]) == (400, "400")
    assert refused.json()["apiSubExceptions"][0]["field"] == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 181}, "name"),
        ({"sku": "x" * 33}, "sku"),
        ({"docketName": "x" * 65}, "docketName"),
        ({"defaultPrice": "4.75"}, "defaultPrice"),
        ({"defaultPrice": None}, "defaultPrice"),
        ({"accountingGroupId": 1}, "accountingGroupId"),
        ({"priceMode": "FREE"}, "priceMode"),
        ({"sku": "BIER25"}, "sku"),
        ({"businessLocationId": None}, "businessLocationId"),
    ],
)
async def test_an_article_that_cannot_be_made_is_a_404(till: Till, change: Any, field: str) -> None:
    refused = await till.answer(ITEMS, "POST", await a_body(till) | change)
    assert (refused.status_code, refused.json()["status"]) == (404, "404")
    assert refused.json()["apiSubExceptions"][0]["field"] == field
    await till.switch(create_refused="400")
    assert (await till.answer(ITEMS, "POST", await a_body(till) | change)).status_code == 400


async def test_a_full_update_needs_its_sku(till: Till) -> None:
    (beer,) = await till.get(ITEMS, businessLocationId=UTRECHT, sku="BIER25")
    body = await a_body(till)
    del body["sku"]
    refused = await till.answer(f"{ITEMS}/{beer['id']}", "PUT", body)
    assert (refused.status_code, refused.json()["apiSubExceptions"][0]["field"]) == (400, "sku")


async def test_active_may_mean_archived(till: Till) -> None:
    await till.switch(items_active="archived")
    made = (await till.answer(ITEMS, "POST", await a_body(till, active=True))).json()
    assert made["active"] is True
    assert till.world.businesses[4801].items[made["id"]].active is False
