"""What can be written over the data API (3.4 and chapter 6)."""

from tests.sandbox.retail.till import Till


async def a_item(till: Till, **fields: object) -> dict[str, str]:
    answer = await till.answer("Item", "POST", body={"description": "Fietsbel"} | fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["Item"]


async def test_an_item_with_price_and_stock(till: Till) -> None:
    item = await a_item(
        till,
        customSku="EX-1001",
        ean="8712345678906",
        Prices={"ItemPrice": [{"amount": "9.95", "useTypeID": "1"}]},
        ItemShops={"ItemShop": {"shopID": "1", "qoh": "7"}},
    )
    assert (item["taxClassID"], item["systemSku"][:2], item["tax"]) == ("1", "21", "true")
    assert item["Prices"]["ItemPrice"][0]["amount"] == "9.95"  # type: ignore[index]
    assert {row["shopID"]: row["qoh"] for row in item["ItemShops"]["ItemShop"]} == {  # type: ignore[index]
        "1": "7", "2": "0", "0": "7",
    }  # fmt: skip


async def test_a_price_and_a_stock_are_set_and_the_rest_stays(till: Till) -> None:
    item = await a_item(till, customSku="A")
    body = {
        "Prices": {"ItemPrice": {"amount": "10.95", "useTypeID": "1"}},
        "ItemShops": {"ItemShop": {"shopID": 2, "qoh": 4}},
    }
    changed = (await till.answer(f"Item/{item['itemID']}", "PUT", body=body)).json()["Item"]
    assert (changed["description"], changed["customSku"]) == ("Fietsbel", "A")
    assert [level["amount"] for level in changed["Prices"]["ItemPrice"]] == ["10.95", "0", "0"]
    assert {row["qoh"] for row in changed["ItemShops"]["ItemShop"]} == {"0", "4"}


async def test_refusals_of_items(till: Till) -> None:
    item = await a_item(till, ean="8712345678906")
    without = await till.answer(f"Item/{item['itemID']}", "PUT", body={"description": ""})
    assert without.json() == {
        "httpCode": "400",
        "httpMessage": "Bad Request",
        "message": "Item not updated. An Item must have a description.",
        "errorClass": "Exception",
    }
    assert (await till.answer("Item", "POST", body={})).status_code == 400
    twice = await till.answer("Item", "POST", body={"description": "x", "ean": "8712345678906"})
    assert twice.status_code == 422
    assert (await till.answer("Item", "POST", body={"description": "x", "ean": "123"})).status_code == 400


async def test_deleting_archives_an_item_and_empties_its_stock(till: Till) -> None:
    item = await a_item(till, ItemShops={"ItemShop": {"shopID": "1", "qoh": "7"}})
    await till.answer(f"Item/{item['itemID']}", "DELETE")
    assert "Item" not in await till.get("Item")
    found = await till.get("Item", archived="only", load_relations='["ItemShops"]')
    assert {row["qoh"] for row in found["Item"]["ItemShops"]["ItemShop"]} == {"0"}
    await till.answer(f"Item/{item['itemID']}", "PUT", body={"archived": False})
    assert "Item" in await till.get("Item")


async def test_a_customer_with_contact_and_credit_account(till: Till) -> None:
    body = {
        "firstName": "Anna",
        "lastName": "de Wit",
        "Contact": {
            "noEmail": False,
            "Emails": {"ContactEmail": {"address": "anna@example.nl", "useType": "Primary"}},
        },
        "CreditAccount": {"name": "Anna", "creditLimit": 100},
    }
    made = (await till.answer("Customer", "POST", body=body)).json()["Customer"]
    assert (made["Contact"]["noEmail"], made["Contact"]["noPhone"]) == ("false", "true")
    asked = {"load_relations": '["Contact","CreditAccount"]', "Contact.email": "~,%example.nl"}
    found = (await till.get("Customer", **asked))["Customer"]
    assert (found["CreditAccount"]["creditLimit"], found["CreditAccount"]["balance"]) == ("100", "0")


async def test_a_category_tree_is_renumbered(till: Till) -> None:
    parent = (await till.answer("Category", "POST", body={"name": "Fietsen"})).json()["Category"]
    await till.answer("Category", "POST", body={"name": "Helmen", "parentID": parent["categoryID"]})
    rows = (await till.get("Category"))["Category"]
    assert [(row["fullPathName"], row["leftNode"], row["rightNode"], row["nodeDepth"]) for row in rows] == [
        ("Fietsen", "1", "4", "0"),
        ("Fietsen/Helmen", "2", "3", "1"),
    ]
    refused = await till.answer("Category", "POST", body={"name": ""})
    assert refused.json()["message"] == "name cannot be blank."


async def test_a_sale_is_opened_paid_and_completed(till: Till) -> None:
    item = await a_item(till, Prices={"ItemPrice": {"amount": "12.10", "useTypeID": "1"}})
    lines = {"SaleLine": [{"itemID": item["itemID"], "unitQuantity": 2}]}
    opened = (
        await till.answer("Sale", "POST", body={"shopID": 1, "registerID": 1, "SaleLines": lines})
    ).json()["Sale"]
    assert (opened["total"], opened["completed"], opened["balance"]) == ("24.2", "false", "24.2")
    short = {"completed": True, "SalePayments": {"SalePayment": {"paymentTypeID": 6, "amount": "20"}}}
    refused = await till.answer(f"Sale/{opened['saleID']}", "PUT", body=short)
    assert (refused.status_code, refused.json()["errorClass"]) == (400, "OutOfBalanceError")
    assert (refused.json()["saleID"], refused.json()["balance"]) == (opened["saleID"], "4.20")
    rest = {"completed": True, "SalePayments": {"SalePayment": {"paymentTypeID": 1, "amount": "5"}}}
    paid = (await till.answer(f"Sale/{opened['saleID']}", "PUT", body=rest)).json()["Sale"]
    assert (paid["completed"], paid["change"], paid["balance"]) == ("true", "0.8", "0")


async def test_no_tax_category_no_tax(till: Till) -> None:
    lines = {"SaleLine": {"unitPrice": "19.99", "unitQuantity": 1, "note": "SKU-2"}}
    body = {"shopID": 1, "taxCategoryID": 0, "completed": "true", "SaleLines": lines,
            "SalePayments": {"SalePayment": {"paymentTypeID": 1, "amount": "19.99"}}}  # fmt: skip
    sale = (await till.answer("Sale", "POST", body=body)).json()["Sale"]
    assert (sale["total"], sale["calcTax1"], sale["calcNonTaxable"]) == ("19.99", "0", "19.99")


async def test_a_refund_over_the_data_api(till: Till) -> None:
    lines = {"SaleLine": {"unitPrice": "10", "unitQuantity": 3}}
    body = {
        "shopID": 1,
        "completed": True,
        "SaleLines": lines,
        "SalePayments": {"SalePayment": {"paymentTypeID": 6}},
    }
    sale = (await till.answer("Sale", "POST", body=body)).json()["Sale"]
    back = {"SaleLine": {"parentSaleLineID": sale["SaleLines"]["SaleLine"]["saleLineID"], "unitQuantity": -2}}
    answer = await till.answer(f"Sale/{sale['ticketNumber']}/refund", "POST", body={"SaleLines": back})
    assert (answer.json()["Sale"]["total"], answer.headers["X-LS-API-Request-Cost"]) == ("-20", "10")


async def test_what_can_not_be_written(till: Till) -> None:
    assert (await till.answer("SalePayment/1", "PUT", body={"amount": "1"})).status_code == 405
    assert (await till.answer("Item", "POST", body=None)).status_code == 400


async def test_a_count_sets_the_stock_of_its_shop_when_it_is_reconciled(till: Till) -> None:
    item = await a_item(till, ItemShops={"ItemShop": {"shopID": "1", "qoh": "7"}})
    count = await made(till, "InventoryCount", name="KK-1", shopID=1)
    counted = {"inventoryCountID": count["inventoryCountID"], "itemID": item["itemID"], "employeeID": 1}
    await made(till, "InventoryCountItem", **counted, qty="4")
    assert await on_hand(till, item["itemID"]) == {"1": "7", "2": "0", "0": "7"}

    done = await made(till, "InventoryCountReconcile", inventoryCountID=count["inventoryCountID"])

    assert done["qohChange"] == "-3"
    assert await on_hand(till, item["itemID"]) == {"1": "4", "2": "0", "0": "4"}
    again = {"inventoryCountID": count["inventoryCountID"]}
    assert (await till.answer("InventoryCountReconcile", "POST", body=again)).status_code == 400


async def test_a_sale_after_counting_is_lost_by_an_absolute_count_and_kept_by_a_difference(
    till: Till,
) -> None:
    for reading, left in (("absolute", "4"), ("difference", "3")):
        till.world.switches.choose({"count_applies": reading})
        item = await a_item(till, customSku=reading, ItemShops={"ItemShop": {"shopID": "1", "qoh": "7"}})
        count = await made(till, "InventoryCount", name="KK-1", shopID=1)
        counted = {"inventoryCountID": count["inventoryCountID"], "itemID": item["itemID"], "employeeID": 1}
        await made(till, "InventoryCountItem", **counted, qty="4")
        await till.sell({"item": reading, "unit_price": "1.00", "quantity": "1", "vat_rate": "21"})
        await made(till, "InventoryCountReconcile", inventoryCountID=count["inventoryCountID"])
        assert (await on_hand(till, item["itemID"]))["1"] == left


async def test_a_count_needs_its_shop_item_and_employee(till: Till) -> None:
    for entity, body in (
        ("InventoryCount", {"name": "x"}),
        ("InventoryCount", {"shopID": 1}),
        ("InventoryCountItem", {"inventoryCountID": 1, "itemID": 1}),
    ):
        assert (await till.answer(entity, "POST", body=body)).status_code == 400
    missing = await till.answer("InventoryCountReconcile", "POST", body={"inventoryCountID": 99})
    assert missing.status_code == 404


async def test_a_variant_shows_its_attributes(till: Till) -> None:
    matrix = await made(till, "ItemMatrix", description="T-shirt", itemAttributeSetID=1)
    attributes = {"attribute1": "Rood", "attribute2": "XL", "itemAttributeSetID": 1}
    item = await a_item(till, itemMatrixID=matrix["itemMatrixID"], ItemAttributes=attributes)

    shown = (await till.get(f"Item/{item['itemID']}", load_relations='["ItemAttributes"]'))["Item"]

    assert (shown["ItemAttributes"]["attribute1"], shown["ItemAttributes"]["attribute2"]) == ("Rood", "XL")


async def made(till: Till, entity: str, **body: object) -> dict[str, str]:
    answer = await till.answer(entity, "POST", body=body)
    assert answer.status_code == 200, answer.text
    row: dict[str, str] = answer.json()[entity]
    return row


async def on_hand(till: Till, item: str) -> dict[str, str]:
    shown = (await till.get(f"Item/{item}", load_relations='["ItemShops"]'))["Item"]
    return {row["shopID"]: row["qoh"] for row in shown["ItemShops"]["ItemShop"]}
