"""Sales, products, customers and taxes written over the API (chapters 7, 9, 12, 13)."""

from typing import Any

import pytest

from tests.sandbox.x_series.store import BUYER, Store, a_line

SALE_ID = "0b7c2f10-5a11-41f0-8d2e-6f0a4c1d9e02"


def a_sale(store: Store, **more: Any) -> dict[str, Any]:
    """Two pieces of 12.10 at 21 %, paid by PIN."""
    product = next(row.id for row in store.merchant.products if row.sku == "MOK-21")
    line = {
        "product": {"id": product},
        "quantity": 2,
        "pricing": {"price": 10},
        "tax": {"id": store.tax("BTW hoog").id, "amount": 2.1},
    }
    return {
        "id": SALE_ID,
        "state": "closed",
        "source": {"author_id": next(iter(store.merchant.users)).id},
        "line_items": [line],
        "payments": [{"amount": 24.2, "type": {"config_id": store.payment_type("PIN")}}],
    } | more


async def test_a_sale_is_written_nested_and_its_id_keeps_it_single(store: Store) -> None:
    await store.sell(a_line())
    first = (await store.send("POST", "2026-07/sales", a_sale(store)))["data"]
    again = (await store.send("POST", "2026-07/sales", a_sale(store)))["data"]

    assert first == again
    assert (first["id"], first["state"], first["totals"]["price_incl_tax"]) == (SALE_ID, "closed", 24.2)
    assert (await store.till("totals", method="GET"))["sales"] == 2


async def test_a_parked_sale_is_finished_and_a_closed_one_only_voided(store: Store) -> None:
    await store.sell(a_line())
    await store.send("POST", "2026-07/sales", a_sale(store, state="parked", payments=[]))
    source = a_sale(store)["source"]
    done = await store.send("PUT", f"2026-07/sales/{SALE_ID}", a_sale(store))
    assert done["data"]["state"] == "closed"
    await store.send("PUT", f"2026-07/sales/{SALE_ID}", {"source": source, "state": "pending"}, status=422)
    answer = await store.answer(f"2026-01/sales/{SALE_ID}", "PUT", {"source": source, "state": "voided"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await store.flat(SALE_ID))["status"] == "VOIDED"


async def test_a_sale_that_is_not_paid_is_refused(store: Store) -> None:
    await store.sell(a_line())
    await store.send("POST", "2026-07/sales", a_sale(store, payments=[]), status=422)
    assert (await store.answer(f"2.0/sales/{SALE_ID}")).status_code == 404


@pytest.mark.parametrize("missing", ["source", "state"])
async def test_a_sale_without_what_it_needs_is_a_400(store: Store, missing: str) -> None:
    await store.sell(a_line())
    body = {name: value for name, value in a_sale(store).items() if name != missing}
    await store.send("POST", "2026-07/sales", body, status=400)


async def test_0_9_creates_and_voids(store: Store) -> None:
    await store.sell(a_line())
    register = next(iter(store.merchant.registers))
    body: dict[str, Any] = {
        "register_id": register.id,
        "user_id": next(iter(store.merchant.users)).id,
        "status": "CLOSED",
        "register_sale_products": [
            {
                "product_id": store.merchant.skus["MOK-21"],
                "quantity": "1",
                "price": "10.00000",
                "tax": 2.1,
                "tax_id": store.tax("BTW hoog").id,
            }
        ],
        "register_sale_payments": [
            {"retailer_payment_type_id": store.payment_type("PIN"), "amount": "12.10"}
        ],
    }
    made = (await store.send("POST", "register_sales", body))["register_sale"]
    assert (made["status"], made["total_price"], made["totals"]["total_to_pay"]) == ("CLOSED", "10.00", 0)
    voided = await store.send("POST", "register_sales", body | {"id": made["id"], "status": "VOIDED"})
    assert voided["register_sale"]["status"] == "VOIDED"
    wrong = await store.send("POST", "register_sales", body | {"status": "DONE"}, status=400)
    assert wrong == {"status": "error", "error": "Bad Request", "details": "status DONE is not known"}


async def test_referenced_and_unreferenced_returns_do_not_mix_since_2026_07(store: Store) -> None:
    key = await store.sell(a_line())
    await store.sell(a_line(item="ANDERS"))
    back = (await store.send("POST", f"2026-07/sales/{key}/actions/return"))["data"]
    line = a_sale(store)["line_items"][0] | {"quantity": -1}
    other = line | {"product": {"id": store.merchant.skus["ANDERS"]}}
    body = a_sale(store, state="parked", line_items=[line, other], payments=[])
    await store.send("PUT", f"2026-07/sales/{back['id']}", body, status=422)
    await store.send("PUT", f"2026-04/sales/{back['id']}", body)


async def test_creating_a_product_answers_ids_alone(store: Store) -> None:
    outlet = next(iter(store.merchant.outlets))
    body = {
        "name": "Fietsbel messing",
        "product_codes": [{"type": "CUSTOM", "code": "BEL-001"}, {"type": "EAN", "code": "8712345678906"}],
        "price_including_tax": 12.95,
        "supply_price": 5.1,
        "all_outlets_tax": {"tax_id": store.tax("BTW laag").id},
        "inventory": [
            {"outlet_id": outlet.id, "current_amount": 10, "reorder_point": 3, "reorder_amount": 12}
        ],
    }
    (key,) = (await store.send("POST", "2026-07/products", body))["data"]
    product = (await store.get(f"2026-07/products/{key}"))["data"]

    # 12.95 / 1.09
    assert (product["sku"], product["price_excluding_tax"], product["price_including_tax"]) == (
        "BEL-001",
        11.88073,
        12.95,
    )
    taxes = (await store.get("2.0/outlet_taxes", outlet_id=outlet.id))["data"]
    assert [row["tax_id"] for row in taxes if row["product_id"] == key] == [store.tax("BTW laag").id]
    (level,) = [row for row in (await store.get(f"2026-07/inventory/{key}")) if row["outlet_id"] == outlet.id]
    assert (level["current_inventory_level"], level["reorder_point"]) == (10, 3)


async def test_variants_are_one_family(store: Store) -> None:
    variants = [{"sku": f"SHIRT-{size}", "price_including_tax": 24.95} for size in "SML"]
    ids = (await store.send("POST", "2.0/products", {"name": "Shirt", "variants": variants}))["data"]
    rows = [(await store.get(f"2026-07/products/{key}"))["data"] for key in ids]
    assert [row["variant_parent_id"] for row in rows] == [None, ids[0], ids[0]]
    assert {row["family_id"] for row in rows} == {ids[0]}
    await store.send("PUT", f"2.1/products/{ids[1]}", {"common": {"name": "Trui"}, "details": {}})
    assert {row["name"] for row in (await store.get("2.0/products", name="Trui"))["data"]} == {"Trui"}
    assert len((await store.get("2.0/products", name="Trui", page_size="1"))["data"]) == 3


async def test_an_update_has_common_and_details_and_its_lists_replace(store: Store) -> None:
    (key,) = (await store.send("POST", "2.0/products", {"name": "Bel", "sku": "BEL"}))["data"]
    details = {
        "price_excluding_tax": 10,
        "product_codes": [{"type": "EAN", "code": "87"}],
        "is_active": False,
    }
    body = {"common": {"name": "Toeter"}, "details": details}
    shown = (await store.send("PUT", f"2026-07/products/{key}", body))["data"]

    assert (shown["name"], shown["sku"], shown["active"]) == ("Toeter", "87", False)
    assert [code["code"] for code in shown["product_codes"]] == ["87"]
    assert (shown["price_excluding_tax"], shown["price_including_tax"]) == (10, 12.1)
    store.choose(lists_replace=False)
    body = {"details": {"product_codes": [{"type": "EAN", "code": "88"}]}}
    shown = (await store.send("PUT", f"2026-07/products/{key}", body))["data"]
    assert [code["code"] for code in shown["product_codes"]] == ["88", "87"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sku": "X"}, 400),
        ({"name": "Bel", "price_including_tax": 1, "price_excluding_tax": 1}, 422),
        ({"name": "Bel", "sku": "BEL"}, 422),
        ({"name": "Bel", "all_outlets_tax": {"tax_id": "none"}}, 422),
        ({"name": "Bel", "product_codes": [{"type": "QR", "code": "1"}]}, 422),
        ({"name": "Bel", "brand_id": "none"}, 422),
        ({"name": "Bel", "supply_price": "much"}, 400),
    ],
)
async def test_a_product_that_cannot_be_is_refused_and_not_made(
    store: Store, body: dict[str, Any], status: int
) -> None:
    await store.send("POST", "2.0/products", {"name": "Bel", "sku": "BEL"})
    before = len(store.merchant.products)
    await store.send("POST", "2026-07/products", body, status=status)
    assert len(store.merchant.products) == before


async def test_a_level_that_is_set_overwrites_what_was_sold_meanwhile(store: Store) -> None:
    key = await store.sell(a_line())
    product, outlet = store.merchant.skus["MOK-21"], (await store.flat(key))["outlet_id"]
    where = [{"outlet_id": outlet, "current_amount": 10}]
    await store.send("PUT", f"2.1/products/{product}", {"details": {"inventory": where}})
    await store.sell(a_line(quantity="3"))
    rows = (await store.get(f"2.0/products/{product}/inventory"))["data"]
    assert [row["inventory_level"] for row in rows if row["outlet_id"] == outlet] == [7]


async def test_inventory_is_read_by_a_post_that_changes_nothing(store: Store) -> None:
    await store.sell(a_line())
    product = store.merchant.skus["MOK-21"]
    first = await store.send("POST", "2026-07/inventory", {"product_ids": [product]})
    again = await store.send("POST", "2026-07/inventory", {"product_ids": [product]})
    assert first == again
    assert isinstance(first, list)
    assert {row["product_id"] for row in first} == {product}
    assert (await store.answer("2.0/inventory", "POST", {})).status_code == 405


async def test_customers_are_made_changed_and_deleted(store: Store) -> None:
    await store.send("POST", "2.0/customers", {"first_name": "Noor"}, status=400)
    body = {"first_name": None, "last_name": "Bakker", "note": "kaart 4111 1111 1111 1111"}
    made = (await store.send("POST", "2.0/customers", body, status=201))["data"]
    assert (made["last_name"], made["note"], "first_name" in made) == ("Bakker", "kaart [REDACTED]", False)
    changed = await store.send("PUT", f"2026-07/customers/{made['id']}", {"company_name": "Bakker BV"})
    assert (changed["data"]["company_name"], changed["data"]["first_name"]) == ("Bakker BV", None)
    assert (await store.answer(f"2.0/customers/{made['id']}", "DELETE")).status_code == 204
    assert made["id"] not in {row["id"] for row in (await store.get("2.0/customers"))["data"]}


async def test_a_buyer_of_a_ticket_becomes_a_customer_with_the_vat_number_in_a_field(store: Store) -> None:
    sale = await store.flat(await store.sell(a_line(), customer=BUYER))
    customer = (await store.get(f"2.0/customers/{sale['customer_id']}"))["data"]
    assert (customer["customer_code"], customer["company_name"]) == ("klant-1", "Bakker BV")
    assert customer["custom_field_1"] == "NL1"
    walk_in = await store.flat(await store.sell(a_line()))
    assert (await store.get(f"2.0/customers/{walk_in['customer_id']}"))["data"]["customer_code"] == "WALKIN"


async def test_a_tax_has_a_name_of_its_own(store: Store) -> None:
    made = (await store.send("POST", "2026-07/taxes", {"name": "Accijns", "rate": 0.12}, status=201))["data"]
    (rate,) = made["rates"]
    assert rate["rate"] == 0.12
    assert rate["id"] != made["id"]
    await store.send("POST", "2026-07/taxes", {"name": "Accijns", "rate": 0.12}, status=409)


async def test_a_body_that_is_not_json_is_a_400(store: Store) -> None:
    answer = await store.client.post("/api/2.0/products", content=b"{", headers=store.headers)
    assert (answer.status_code, answer.json()["message"]) == (400, "The body is not JSON")
