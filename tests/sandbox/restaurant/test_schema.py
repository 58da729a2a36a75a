"""Answers hold to the vendor's own schema: no member that it lacks, no other type, money as it writes it."""

import json
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from tests.sandbox.restaurant.till import ALL, HERE, UTRECHT, Till, beer, burger
from tests.shared import RESTAURANT_API, needs

pytestmark = needs(RESTAURANT_API, "the simulated restaurant against the vendor's schema")

V1 = f"/f/finance/{UTRECHT}"
V2 = f"/f/v2/business-location/{UTRECHT}"
RANGE = {"from_": "2026-03-01T00:00:00Z"}
GUEST = {"ref": "g1", "first_name": "Eva", "last_name": "Bos", "company": "Bos BV", "vat_number": "NL1"}


@cache
def schemas() -> Any:
    described = json.loads(RESTAURANT_API.read_text())["components"]["schemas"]
    return {name: closed(schema) for name, schema in described.items()}


def closed(schema: Any) -> Any:
    """Where members are named, there are no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(part) for name, part in schema.items()}
    if isinstance(made.get("properties"), dict):
        made["additionalProperties"] = False
    return made


def check(name: str, answer: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas()}}
    found = [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in jsonschema_rs.validator_for(schema).iter_errors(answer)
    ]
    assert found == []


async def everything(till: Till) -> None:
    """Made-up evenings, and one account that has all there is."""
    wish = {"count": 200, "days": 10, "seed": 8, "profile": "everything", "events": True}
    await till.control("made-up", wish)
    await till.sell(
        burger(line_discount="1", name_override="zonder ui"),
        beer(under=0),
        payments=[{"type": "CC", "surcharge": "0.25", "authorization": "A1", "tip": "2"}],
        receipt_discount_percent="10",
        service_charge="5",
        customer=GUEST,
        profile="HIER",
        table="4",
        platform="1",
    )


@pytest.mark.parametrize(
    ("path", "name", "given"),
    [
        (f"{V2}/sales", "SalesExport", RANGE | {"include": ALL, "pageSize": 100}),
        (f"{V2}/sales-daily", "SalesDailyExport", {"date": "2026-03-15", "include": ALL}),
        (f"{V2}/lightspeed-payments", "LSPayments", RANGE),
        (f"{V1}/financials/2026-03-01T00:00:00Z/2026-03-16T00:00:00Z", "FinancialV1", {"pageSize": 5}),
        (f"{V1}/dailyFinancials", "FinancialV1", {"date": "2026-03-15", "include": ALL}),
        (f"{V1}/aggregatedSales", "Aggregated", {"date": "2026-03-15", "groupBy": "staff,accountingGroup"}),
        (f"{V1}/tax-rates", "TaxRates", {}),
        (f"{V1}/paymentMethods", "PaymentMethods", {}),
        (f"{V1}/accountingGroups", "AccountingGroups", {}),
        ("/f/data/businesses", "Businesses", {}),
    ],
)
async def test_what_is_read(till: Till, path: str, name: str, given: dict[str, Any]) -> None:
    await everything(till)
    answer = await till.get(path, **given)
    check(name, answer)
    assert answer.get("sales", ["something"])


async def test_articles(till: Till) -> None:
    body = HERE | {"name": "Wit", "accountingGroupId": till.world.businesses[4801].groups[0].group_id}
    check("ItemWrite", body | {"defaultPrice": 4.5})
    made = await till.answer("/items/v1/items", "POST", body | {"defaultPrice": 4.5})
    check("Item", made.json())
    for item in await till.get("/items/v1/items", businessLocationId=UTRECHT):
        check("Item", item)


async def test_refusals(till: Till) -> None:
    check("Error400", (await till.answer(f"{V2}/sales")).json())
    check("Error404V1", (await till.answer("/f/finance/1/tax-rates")).json())
    check("ItemsError", (await till.answer("/items/v1/items", "POST", {"name": "x"})).json())
    await till.client.put("/sandbox/restaurant/script", json={"answers": ["500"]})
    check("Error500", (await till.answer(f"{V2}/sales", **RANGE)).json())
    till.headers = {}
    check("Error401V1", (await till.answer(f"{V2}/sales")).json())
