"""One sale in each of its shapes (chapters 8, 9), against the published schemas."""

import json
from typing import Any

import pytest

from tests.sandbox.x_series.store import BUYER, Store, a_line
from tests.shared import SHARED, needs

OPENAPI = SHARED / "reference" / "openapi"

TWICE = ("price", "tax", "cost", "discount")


async def test_the_nested_shape_holds_the_same_amounts_under_other_names(store: Store) -> None:
    key = await store.sell(a_line("24.95", note="ingepakt"), a_line("12.50", "2", "9"), customer=BUYER)
    flat, nested = await store.flat(key), await store.nested(key)

    assert nested["totals"] == {
        "price": 43.56,
        "price_incl_tax": 49.95,
        "tax": 6.39,
        "loyalty": 0,
        "surcharge": 0,
    }
    assert (flat["total_price"], flat["total_tax"]) == (43.56, 6.39)
    assert "status" not in nested
    assert (flat["status"], nested["state"], nested["attributes"]) == ("CLOSED", "closed", [])
    assert nested["date"].endswith("Z")
    assert nested["date"].removesuffix("Z") == flat["sale_date"].removesuffix("+00:00")
    assert nested["source"]["register_id"] == flat["register_id"]
    assert nested["source"]["author"]["id"] == flat["user_id"]
    assert nested["_metadata"]["version"] == flat["version"]
    for old, new in zip(flat["line_items"], nested["line_items"], strict=True):
        assert new["product"]["id"] == old["product_id"]
        assert (new["pricing"]["price"], new["pricing"]["total"]) == (old["price"], old["price_total"])
        assert (new["tax"]["id"], new["tax"]["amount"], new["tax"]["total"]) == (
            old["tax_id"],
            old["tax"],
            old["tax_total"],
        )
        assert new["_metadata"]["tax_components"] == old["tax_components"]
    assert nested["payments"][0]["type"]["config_id"] == flat["payments"][0]["retailer_payment_type_id"]


async def test_2_0_holds_values_twice_and_leaves_out_what_is_empty(store: Store) -> None:
    sale = await store.flat(await store.sell(a_line("12.10", "2")))

    (line,) = sale["line_items"]
    for name in TWICE:
        assert line[f"unit_{name}"] == line[name]
        assert line[f"total_{name}"] == line[f"{name}_total"]
    assert not {"deleted_at", "note", "return_for"} & set(sale)


async def test_nested_taxes_hold_the_rate_or_the_tax_by_switch(store: Store) -> None:
    key, tax = await store.sell(a_line()), store.tax("BTW hoog")
    assert (await store.nested(key))["taxes"] == [{"id": tax.rate_id, "tax": 2.1}]
    store.choose(nested_tax_id="tax")
    assert (await store.nested(key))["taxes"] == [{"id": tax.id, "tax": 2.1}]


async def test_0_9_mixes_numbers_and_text(store: Store) -> None:
    await store.sell(a_line("24.95"), a_line("12.50", "2", "9"))
    page = await store.get("register_sales")

    assert page["pagination"] == {"results": 1, "page": 1, "page_size": 200, "pages": 1}
    (sale,) = page["register_sales"]
    assert (sale["total_price"], sale["totals"]["total_price"]) == ("43.56", 43.56)
    assert [line["sequence"] for line in sale["register_sale_products"]] == [0, "1"]
    assert [line["tax_rate"] for line in sale["register_sale_products"]] == [0.21, 0.09]
    assert sale["taxes"][0] == {"id": store.tax("BTW hoog").id, "name": "BTW hoog", "rate": 0.21, "tax": 4.33}
    assert sale["sale_date"] == "2026-03-16 11:00:00"


@needs(OPENAPI, "the members of X-Series against the published schemas")
@pytest.mark.parametrize(
    ("document", "version", "name"),
    [
        ("lightspeed-x-series-2026-07.trimmed.json", "2026-07", "Sale"),
        ("lightspeed-x-series-legacy.trimmed.json", "2.0", "Sale"),
        ("lightspeed-x-series-2026-07.trimmed.json", "2026-07", "Product"),
        ("lightspeed-x-series-legacy.trimmed.json", "2.0", "Product"),
        ("lightspeed-x-series-legacy.trimmed.json", "2.0", "Register"),
        ("lightspeed-x-series-legacy.trimmed.json", "2.0", "Customer"),
        ("lightspeed-x-series-legacy.trimmed.json", "2.0", "Outlet"),
        ("lightspeed-x-series-legacy.trimmed.json", "2.0", "Tax"),
        ("lightspeed-x-series-2026-07.trimmed.json", "2026-07", "PaymentType"),
        ("lightspeed-x-series-2026-07.trimmed.json", "2026-07", "Retailer"),
    ],
)
async def test_every_member_is_one_that_the_vendor_publishes(
    store: Store, document: str, version: str, name: str
) -> None:
    await store.till("made-up", {"count": 40, "profile": "everything", "events": True})
    schemas = json.loads((OPENAPI / document).read_text(encoding="utf-8"))["components"]["schemas"]
    path = {"Sale": "sales", "Product": "products", "Register": "registers", "Customer": "customers"} | {
        "Outlet": "outlets",
        "Tax": "taxes",
        "PaymentType": "payment_types",
        "Retailer": "retailer",
    }
    body = (await store.get(f"{version}/{path[name]}"))["data"]

    rows = body if isinstance(body, list) else [body]
    assert rows
    unknown = {member for row in rows for member in _unknown(row, schemas[name], schemas)}
    assert unknown <= ALSO_SEEN


ALSO_SEEN = {"is_active", "id"}
"""On products of 2.0 and their codes: in the reference (13.1) and an example, not in the schema."""


def _unknown(value: Any, schema: Any, schemas: Any) -> set[str]:
    """The members of an answer that the schema doesn't have, in lists and objects below it too."""
    if "$ref" in schema:
        return _unknown(value, schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if isinstance(value, list):
        return {name for row in value for name in _unknown(row, schema.get("items", {}), schemas)}
    if not isinstance(value, dict) or "properties" not in schema:
        return set()
    known = schema["properties"]
    own = {name for name in value if name not in known}
    return own | {
        deeper
        for name, part in value.items()
        if name in known
        for deeper in _unknown(part, known[name], schemas)
    }
