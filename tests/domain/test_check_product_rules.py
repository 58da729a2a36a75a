"""What is kept in step is checked before it is: fields, warehouses, and that no stock moves twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from libs.common.domain.check_product_rules import direction_errors, product_errors
from libs.common.domain.options import Options
from libs.common.domain.product import Direction
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


def test_a_till_whose_articles_stay_its_own_is_refused_a_direction_in_plain_words() -> None:
    wanted = Rules(products=ProductRules(direction="to-lightspeed"))

    (error,) = direction_errors(wanted, "Lightspeed Restaurant", ())

    assert error.field == "products.direction"
    assert "Lightspeed Restaurant" in error.message_nl
    assert list(direction_errors(wanted, "Lightspeed Retail", (Direction.TO_LIGHTSPEED,))) == []
    assert list(direction_errors(Rules(), "Lightspeed Restaurant", ())) == []
