"""What is kept in step is checked before it is: fields, warehouses, and that no stock moves twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.check_product_rules import product_errors, till_errors
from libs.common.domain.check_vat_rules import vat_errors
from libs.common.domain.options import Options, VatCodeOption
from libs.common.domain.product import Direction
from libs.common.domain.product_facts import TillArticles
from libs.common.domain.rule_error import RuleError
from libs.common.domain.rules import Mode, OutletRules, ProductRules, Rules
from tests.builders import some_rules


def product_rules(rules: Rules, **chosen: Any) -> Rules:
    return replace(rules, products=ProductRules(**({"direction": "to-exact", "fields": ("code",)} | chosen)))


def errors(rules: Rules) -> list[RuleError]:
    return list(product_errors(rules, Options()))


def test_products_switched_off_need_nothing() -> None:
    assert errors(replace(some_rules(), products=ProductRules())) == []


def test_products_need_a_known_field_or_stock() -> None:
    [wrong] = errors(product_rules(some_rules(), fields=("code", "colour")))
    [lacking] = errors(product_rules(some_rules(), fields=()))

    assert (wrong.field, wrong.is_missing) == ("products.fields", False)
    assert (lacking.field, lacking.is_missing) == ("products.fields", True)


@pytest.mark.parametrize(
    ("direction", "mode", "is_refused"),
    [
        ("to-exact", Mode.TRANSACTIONS, False),
        ("to-exact", Mode.DAILY_TOTALS, False),
        ("to-exact", Mode.INVOICES, False),
        ("to-exact", Mode.ORDERS, True),
        ("to-lightspeed", Mode.ORDERS, False),
        ("to-lightspeed", Mode.TRANSACTIONS, True),
        ("to-lightspeed", Mode.INVOICES, True),
        ("to-lightspeed", Mode.DAILY_TOTALS, True),
    ],
)
def test_stock_is_never_moved_twice_nor_led_by_books_that_sales_do_not_reach(
    direction: str, mode: Mode, is_refused: bool
) -> None:
    rules = product_rules(replace(some_rules(), mode=mode), direction=direction, stock=True)

    assert [error.field for error in errors(rules)] == ["products.stock"] * is_refused


def test_for_stock_each_outlet_that_is_on_has_a_warehouse_of_its_own() -> None:
    shared, off = OutletRules(warehouse="w1"), OutletRules(enabled=False)
    rules = replace(product_rules(some_rules(), stock=True), outlets={"1": shared, "2": shared, "3": off})
    options = Options(outlets=("1", "2", "3", "4"), warehouses=("w1",))

    found = [(error.field, error.is_missing) for error in product_errors(rules, options)]

    assert found == [
        ("outlets.1.warehouse", False),
        ("outlets.2.warehouse", False),
        ("outlets.4.warehouse", True),
    ]


def test_an_item_group_must_be_one_of_exact_s() -> None:
    rules = product_rules(some_rules(), item_groups={"7": "G1", "8": "G2"})

    wrong = [error.field for error in product_errors(rules, Options(item_groups=("G1",)))]

    assert wrong == ["products.item_groups.8"]


def test_a_till_whose_articles_stay_its_own_is_refused_a_direction_in_plain_words() -> None:
    wanted = Rules(products=ProductRules(direction="to-lightspeed"))

    (error,) = till_errors(wanted, "Lightspeed L", None)

    assert error.field == "products.direction"
    assert "Lightspeed L" in error.message_nl
    assert list(till_errors(wanted, "Lightspeed Retail", TillArticles())) == []
    assert list(till_errors(Rules(), "Lightspeed L", None)) == []


def test_a_field_that_the_till_s_articles_lack_is_refused_by_name() -> None:
    rules = product_rules(some_rules(), fields=("code", "unit"))

    [wrong] = till_errors(rules, "Lightspeed Retail", TillArticles())

    assert (wrong.field, wrong.is_missing) == ("products.fields", False)
    assert wrong.message_en == "Articles of Lightspeed Retail don't have the unit; leave unit out."


def test_a_till_that_only_leads_and_knows_no_stock_says_why() -> None:
    articles = TillArticles(directions=(Direction.TO_EXACT,), have_stock=False)
    wrong = Rules(products=ProductRules(direction="to-lightspeed", stock=True))

    direction, stock = till_errors(wrong, "Lightspeed Restaurant", articles)

    assert (direction.field, stock.field) == ("products.direction", "products.stock")
    assert "replace the whole article" in direction.message_en
    right = Rules(products=ProductRules(direction="to-exact", fields=("code",)))
    assert list(till_errors(right, "Lightspeed Restaurant", articles)) == []


@pytest.mark.parametrize(("code", "is_right"), [("2", True), ("3", False), ("9", False), ("99", False)])
def test_the_vat_code_of_a_category_must_be_one_that_sales_can_bear(code: str, is_right: bool) -> None:
    rules = product_rules(some_rules(), vat_codes={"310": code})
    options = Options(
        vat_codes=(
            VatCodeOption("2", "E", Decimal(21)),
            VatCodeOption("3", "I", Decimal(9)),
            VatCodeOption("9", "E", Decimal(21), is_for_purchases=True),
        )
    )

    wrong = [each.field for each in vat_errors(rules, options) if each.field.startswith("products")]

    assert wrong == [] if is_right else wrong == ["products.vat_codes.310"]
