"""What lies on the shelves, as people see it, and goods that come in."""

from typing import Any

from services.sandbox.retail.world import SHOP
from tests.sandbox.retail.till import Till


async def articles(till: Till, account: int = 4712) -> dict[str, Any]:
    found = (await till.client.get(f"/sandbox/tills/retail/{account}/articles")).json()
    return {each["code"]: each for each in found}


async def receive(till: Till, body: dict[str, Any], account: int = 4712) -> dict[str, Any]:
    answer = await till.client.post(f"/sandbox/tills/retail/{account}/goods", json=body)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def test_goods_make_their_articles_and_lie_at_every_shop(till: Till) -> None:
    bell = {"item": "BEL", "description": "Bel", "quantity": "7", "unit_price": "9.95", "vat_rate": "9"}
    assert await receive(till, {"articles": [bell]}) == {"received": 1}
    assert await receive(till, {"articles": [bell | {"quantity": "1.5"}]}) == {"received": 1}
    shown = await articles(till)
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
        "stock": {"1": "8.5", "2": "8.5"},
    }


async def test_everything_that_is_kept_in_stock_comes_in_and_loose_goods_where_asked_for(till: Till) -> None:
    before = await articles(till, SHOP)
    stocked = [code for code, each in before.items() if each["is_stocked"]]
    assert len(stocked) < len(before)  # services are there too

    assert await receive(till, {"quantity": 10, "loose": False}, SHOP) == {"received": len(stocked)}
    assert await receive(till, {"quantity": 10}, SHOP) == {"received": len(stocked) + 1}

    after = await articles(till, SHOP)
    moved = {
        code: {int(float(each["stock"][shop]) - float(before[code]["stock"][shop])) for shop in ("1", "2")}
        for code, each in after.items()
        if code in stocked
    }
    assert {frozenset(each) for each in moved.values()} == {frozenset({20})}
    assert after["LOS-KOFFIE"]["stock"] == {"1": "10", "2": "10"}
    assert all(not each["stock"] for each in after.values() if not each["is_stocked"])


async def test_goods_without_a_code_are_refused(till: Till) -> None:
    answer = await till.client.post("/sandbox/tills/retail/4712/goods", json={"articles": [{"quantity": 1}]})
    assert answer.status_code == 422
