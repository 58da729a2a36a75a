"""Articles of Lightspeed Retail, recorded and written by hand, as the domain sees them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.product import ProductField, ProductKind
from libs.common.lightspeed.retail_item import (
    item_body,
    merged_in,
    new_item_body,
    on_hand_of,
    product_of,
    taxes_of,
)
from libs.common.lightspeed.retail_values import Unreadable, members, records
from tests.clients.retail_payloads import TAX_CATEGORY
from tests.shared import RETAIL_SAMPLES, needs

D = Decimal
RECORDED = needs(RETAIL_SAMPLES, "recorded items")


def recorded(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((RETAIL_SAMPLES / name).read_text(), parse_float=Decimal)
    return read


def an_item(**more: Any) -> dict[str, Any]:
    levels = [
        {"amount": "0", "useTypeID": "2", "useType": "MSRP"},
        {"amount": "24.2", "useTypeID": "1", "useType": "Default"},
    ]
    row = {
        "itemID": "431",
        "systemSku": "210000000435",
        "customSku": "EX-1001",
        "description": "Fietsbel chroom",
        "defaultCost": "4.1",
        "archived": "false",
        "itemType": "default",
        "ean": "8712345678906",
        "upc": "",
        "taxClassID": "3",
        "categoryID": "7",
        "Prices": {"ItemPrice": levels},
    }
    return row | more


def test_an_item_is_read_with_its_default_price() -> None:
    product = product_of(an_item())

    assert (product.key, product.code, product.description) == ("431", "EX-1001", "Fietsbel chroom")
    assert (product.price, product.cost, product.vat, product.group) == (D("24.2"), D("4.1"), "3", "7")
    assert (product.barcodes, product.is_active, product.kind) == (
        ("8712345678906",),
        True,
        ProductKind.GOODS,
    )


def test_without_a_code_of_the_shop_the_system_s_own_serves() -> None:
    assert product_of(an_item(customSku="")).code == "210000000435"


def test_nothing_is_no_category_and_a_hidden_cost_is_not_nothing() -> None:
    row = an_item(categoryID="0")
    del row["defaultCost"]

    product = product_of(row)

    assert (product.group, product.cost) == ("", None)


@pytest.mark.parametrize(
    ("item_type", "kind"),
    [
        ("box", ProductKind.BUNDLE),
        ("assembly", ProductKind.BUNDLE),
        ("non_inventory", ProductKind.SERVICE),
        ("serialized", ProductKind.GOODS),
    ],
)
def test_boxes_are_bundles_and_what_has_no_stock_is_a_service(item_type: str, kind: ProductKind) -> None:
    assert product_of(an_item(itemType=item_type)).kind is kind


def test_a_variant_names_the_attributes_that_its_text_lacks() -> None:
    attributes = {"attribute1": "Rood", "attribute2": "XL", "attribute3": ""}

    assert product_of(an_item(description="T-shirt rood", ItemAttributes=attributes)).description == (
        "T-shirt rood XL"
    )


def test_an_unreadable_price_names_its_field() -> None:
    levels = {"ItemPrice": {"amount": "ten", "useTypeID": "1"}}

    with pytest.raises(Unreadable, match="amount"):
        product_of(an_item(Prices=levels))


def test_only_what_changed_is_written_and_the_price_goes_to_its_level() -> None:
    assert item_body({ProductField.PRICE: "10.95"}) == {
        "Prices": {"ItemPrice": {"amount": "10.95", "useTypeID": "1", "useType": "Default"}}
    }
    assert item_body({ProductField.DESCRIPTION: "Bel", ProductField.GROUP: ""}) == {
        "description": "Bel",
        "categoryID": "0",
    }


def test_a_barcode_of_13_digits_is_an_ean_and_one_of_12_an_upc() -> None:
    assert item_body({ProductField.BARCODE: "8712345678906"}) == {"ean": "8712345678906"}
    assert item_body({ProductField.BARCODE: "012345678905"}) == {"upc": "012345678905"}
    assert item_body({ProductField.BARCODE: ""}) == {"ean": "", "upc": ""}


def test_an_item_is_brought_back_and_never_archived() -> None:
    assert item_body({ProductField.ACTIVE: "true"}) == {"archived": "false"}
    assert item_body({ProductField.ACTIVE: "false"}) == {}


def test_a_new_item_says_whether_it_is_kept_in_stock() -> None:
    values = {ProductField.CODE: "A", ProductField.DESCRIPTION: "B", ProductField.BARCODE: ""}

    assert new_item_body(values | {ProductField.STOCKED: "true"}) == {
        "customSku": "A",
        "description": "B",
        "itemType": "default",
    }
    assert new_item_body(values | {ProductField.STOCKED: "false"})["itemType"] == "non_inventory"


def test_stock_is_read_by_shop_and_the_sum_of_shops_is_left_out() -> None:
    row = {
        "itemShopID": "5",
        "qoh": "-3",
        "timeStamp": "2026-03-14T10:00:00+00:00",
        "itemID": "2",
        "shopID": "1",
    }

    found = on_hand_of(row)

    assert found is not None
    assert (found.product_key, found.outlet, found.quantity) == ("2", "1", D(-3))
    assert on_hand_of(row | {"shopID": "0"}) is None


def logged(reason: str, item: str, at: str = "2026-03-14T10:00:00+00:00") -> dict[str, str]:
    return {"inventoryLogID": "1", "reason": reason, "itemID": item, "createTime": at}


def test_the_log_says_what_a_merge_deleted_and_in_one_second_what_is_left() -> None:
    later, last = "2026-03-14T10:00:01+00:00", "2026-03-14T10:00:02+00:00"
    log = [
        logged("DeletedByMerge", "1"),
        logged("ModifiedByMerge", "2"),
        logged("DeletedByMerge", "1"),
        logged("ModifiedByMerge", "2"),
        logged("DeletedByMerge", "3", later),
        logged("DeletedByMerge", "4", last),
        logged("ModifiedByMerge", "5", last),
        logged("ModifiedByMerge", "6", last),
        logged("ManualQuantityAdjustment", "7"),
        logged("DeletedByMerge", "0"),
        logged("DeletedByMerge", "?"),
    ]

    assert merged_in(log) == {"1": "2", "3": "", "4": ""}


def test_rates_of_classes_are_in_per_cent() -> None:
    taxes = taxes_of(TAX_CATEGORY)

    assert taxes.includes_vat
    assert taxes.rate_of("unknown") == D(21)


@RECORDED
def test_a_recorded_page_of_items_is_read_whole() -> None:
    rows = records(recorded("items-page.json")["body"]["Item"], "Item")

    products = [product_of(row) for row in rows]

    assert len(products) == 34
    first, box = products[0], products[1]
    assert (first.key, first.code, first.description) == ("393", "210000000398", "ELBOW .500")
    assert (box.code, box.price, box.kind) == ("305017", D("1.95"), ProductKind.BUNDLE)
    assert all(product.code and product.description for product in products)


@RECORDED
def test_a_recorded_item_with_its_shops_is_read_with_its_stock() -> None:
    row = recorded("item-with-shops.json")["body"]["Inventory"]["Item"]

    product = product_of(row)
    stock = [on_hand_of(one) for one in members(row, "ItemShops", "ItemShop")]

    assert (product.key, product.is_active, product.code) == ("2", False, "210000000002")
    assert [(each.outlet, each.quantity) for each in stock if each is not None] == [("1", D(0))]
