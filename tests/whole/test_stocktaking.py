"""The demo's own look at both sides' articles and stock: what differs is counted, and told in a sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.demo.articles import Leg, legs_of
from services.demo.stocktaking import Articles, Taken, take_stock

PLACES = {"1": "w1", "2": "w2"}
AT_TILL: dict[str, Any] = {
    "id": "77",
    "code": "bel-1",
    "name": "Fietsbel koper",
    "barcodes": ["8712345678906"],
    "price": "9.95",
    "vat_rate": "21",
    "cost": "4",
    "is_active": True,
    "is_stocked": True,
    "stock": {"1": "7", "2": "2.5"},
}
IN_EXACT: dict[str, Any] = {
    "id": "i1",
    "code": "BEL-1",
    "name": "Fietsbel koper",
    "barcode": "8712345678906",
    "price": "8.2231",  # 9.95 / 1.21
    "is_vat_included": False,
    "vat_rate": "21",
    "cost": "4",
    "is_active": True,
    "is_stocked": True,
    "stock": {"w1": "7", "w2": "2.5"},
}


def taken(till: dict[str, Any] | None, books: dict[str, Any] | None, *, till_leads: bool = True) -> Taken:
    return take_stock([till] if till else [], [books] if books else [], PLACES, till_leads=till_leads)


@pytest.mark.parametrize("till_leads", [True, False])
def test_two_sides_that_say_the_same_agree(till_leads: bool) -> None:
    both = taken(AT_TILL, IN_EXACT, till_leads=till_leads)
    assert (both, both.agrees) == (Taken(1, Decimal("9.5"), Decimal(0)), True)


def test_a_price_may_hold_its_vat_in_exact() -> None:
    assert taken(AT_TILL, IN_EXACT | {"price": "9.95", "is_vat_included": True}).agrees


def test_a_long_name_may_be_cut_in_exact() -> None:
    name = "Fietsbel van koper met een handgemaakte houten draaiknop en een los veertje"
    assert taken(AT_TILL | {"name": name}, IN_EXACT | {"name": name[:58]}).agrees
    assert not taken(AT_TILL | {"name": name}, IN_EXACT | {"name": name[1:58]}).agrees


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Fietsbel"},
        {"price": "8.21"},  # 9.93
        {"price": None},
        {"vat_rate": "9"},
        {"barcode": ""},
        {"is_active": False},
    ],
)
def test_a_field_that_differs_is_found(wrong: dict[str, Any]) -> None:
    found = taken(AT_TILL, IN_EXACT | wrong)
    assert len(found.findings) >= 1
    assert not found.agrees


def test_the_side_that_leads_says_nothing_of_what_it_lacks() -> None:
    bare = IN_EXACT | {"price": None, "barcode": ""}
    assert taken(AT_TILL, bare, till_leads=False).agrees


def test_what_is_on_the_leading_side_alone_is_missing_on_the_other() -> None:
    assert taken(AT_TILL, None).findings == ("bel-1 Fietsbel koper is missing in Exact",)
    assert taken(None, IN_EXACT, till_leads=False).findings == (
        "BEL-1 Fietsbel koper is missing at the till",
    )
    assert taken(None, IN_EXACT | {"stock": {}}).agrees  # the till leads, and never had it
    assert taken(None, IN_EXACT | {"price": None, "stock": {}}, till_leads=False).agrees  # not for sale


def test_stock_apart_adds_up_over_places_and_articles_whichever_side_has_more() -> None:
    books = IN_EXACT | {"stock": {"w1": "9", "w2": "-1"}}
    alone = AT_TILL | {"code": "ZADEL", "stock": {"1": "-4"}}
    found = take_stock([AT_TILL, alone], [books], PLACES, till_leads=False)
    assert found.stock_difference == Decimal("9.5")  # 2, 3.5 and 4
    assert found.in_stock == Decimal("5.5")
    assert not found.agrees


def test_without_places_no_stock_is_held_against_the_others() -> None:
    books = IN_EXACT | {"stock": {}}
    assert take_stock([AT_TILL], [books], {}, till_leads=True).agrees


def test_an_article_that_stands_twice_is_found() -> None:
    twin = IN_EXACT | {"id": "i2", "code": "bel-1 "}
    assert take_stock([AT_TILL], [IN_EXACT, twin], PLACES, till_leads=True).findings


def test_the_last_line_has_numbers() -> None:
    told = Articles(3, 2, taken(AT_TILL, IN_EXACT | {"stock": {"w1": "7", "w2": "2"}})).told()
    assert told == {
        "articles_to_exact": 3,
        "articles_to_lightspeed": 2,
        "articles": 1,
        "article_differences": 0,
        "stock": 9.5,
        "stock_difference": 0.5,
    }
    none = Articles(0, 0, taken(AT_TILL, IN_EXACT)).told()["stock_difference"]
    assert (none, type(none)) == (0, int)


TO_EXACT, TO_LIGHTSPEED = "to-exact", "to-lightspeed"


@pytest.mark.parametrize(
    ("source", "mode", "expected"),
    [
        (
            "lightspeed-retail",
            "daily-totals",
            [(TO_LIGHTSPEED, "daily-totals", False), (TO_EXACT, "daily-totals", True)],
        ),
        ("lightspeed-x", "orders", [(TO_EXACT, "transactions", True), (TO_LIGHTSPEED, "orders", True)]),
        ("lightspeed-restaurant", "orders", [(TO_EXACT, "orders", False)]),
        ("lightspeed-restaurant", "transactions", [(TO_EXACT, "transactions", False)]),
    ],
)
def test_stock_goes_where_the_mode_lets_it(
    source: str, mode: str, expected: list[tuple[str, str, bool]]
) -> None:
    def shown(leg: Leg) -> tuple[str, str, bool]:
        return leg.direction.value, leg.mode, leg.with_stock

    assert [shown(leg) for leg in legs_of(source, mode)] == expected
