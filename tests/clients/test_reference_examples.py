"""The examples of the vendors' references, read from the pages themselves: each is the sale it describes.

X-Series' are in `test_x_sale.py`, and sales out of the vendors' own schemas in the fuzz tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from libs.common.domain.sale import Sale, SaleState, TenderKind
from libs.common.lightspeed import restaurant_parser, retail_parser, x_parser
from tests.builders import D
from tests.clients.restaurant_payloads import UTRECHT, a_reference, the_sample
from tests.clients.retail_payloads import dutch_reference
from tests.clients.x_payloads import PAGE as X_PAGE
from tests.clients.x_payloads import SPECS, sales_by_schema, samples
from tests.clients.x_payloads import dutch_reference as x_reference
from tests.shared import RESTAURANT_API, SHARED, needs

RETAIL_PAGE = SHARED / "reference" / "lightspeed-retail-r-series.md"
RESTAURANT_PAGE = SHARED / "reference" / "lightspeed-restaurant-k-series.md"
READ_AT = {"businessLocationId": int(UTRECHT)}
"""What the vendor says in the address alone."""
NOT_IN_AN_EXCERPT = {"timeClosed": "2026-11-03T20:00:00.000Z", "accountReference": "a-gift-card"}


def fenced(page: Path) -> list[Any]:
    """The page's blocks of JSON, but those that leave something out with dots."""
    blocks = re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL)
    return [json.loads(block, parse_float=Decimal) for block in blocks if "…" not in block]


def indented(page: Path) -> Iterator[Any]:
    """Blocks that are set in by four spaces and are JSON as a whole."""
    for block in re.findall(r"(?:^ {4,}\S.*\n)+", page.read_text(), re.MULTILINE):
        if '"salesLines"' in block:
            yield json.loads(block, parse_float=Decimal)


@needs(RETAIL_PAGE, "the examples of Retail's reference")
def test_retails_sample_is_the_sale_that_it_describes() -> None:
    """2 at 12.10 with 21 %, one at 5.45 with 9 %, paid by PIN."""
    (row,) = [block["Sale"] for block in fenced(RETAIL_PAGE) if "SaleLines" in block.get("Sale", ())]
    sale = retail_parser.parse_sale(row, dutch_reference())
    assert isinstance(sale, Sale)
    assert (sale.id, sale.state, sale.total_incl_vat) == ("5012", SaleState.COMPLETED, D("29.65"))
    assert sale.vat_amount == D("4.65")
    assert [(line.vat_rate, line.vat_amount) for line in sale.lines] == [
        (D(21), D("4.20")),
        (D(9), D("0.45")),
    ]
    assert [(one.type_id, one.amount) for one in sale.payments] == [("6", D("29.65"))]


@needs(RESTAURANT_PAGE, "the examples of Restaurant's reference")
def test_restaurants_samples_are_the_sales_that_they_describe() -> None:
    """10.00 of beer and 15.00 of food with a tip of 2.50; a gift card of 50.00 sold, without a line."""
    page, excerpt = indented(RESTAURANT_PAGE)
    (row,) = page["sales"]
    assert {**READ_AT, **row} == the_sample()  # what the other tests vary
    bill = restaurant_parser.parse_sale({**READ_AT, **row}, a_reference())
    assert isinstance(bill, Sale)
    assert (bill.number, bill.total_incl_vat) == ("A81234.41", D("25.00"))
    assert [(line.vat_rate, line.vat_amount) for line in bill.lines] == [
        (D(21), D("1.735537")),
        (D(9), D("1.238532")),
    ]
    assert [(one.amount, one.tip) for one in bill.payments] == [(D("27.50"), D("2.50"))]

    card = restaurant_parser.parse_sale({**READ_AT, **NOT_IN_AN_EXCERPT, **excerpt}, a_reference())
    assert isinstance(card, Sale)
    assert card.total_incl_vat == D(0)
    assert [(one.kind, one.amount, one.credit_account) for one in card.payments] == [
        (TenderKind.OTHER, D("50.00"), ""),
        (TenderKind.GIFT_CARD, D("-50.00"), "GC-000123"),
    ]


@needs(X_PAGE, "the examples of X-Series' reference")
def test_every_sample_of_x_series_is_a_sale() -> None:
    assert X_PAGE.read_text().count('"line_items": [') == len(samples()) == 2
    for row in samples():
        assert isinstance(x_parser.parse_sale(row, x_reference()), Sale)


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.name)
def test_a_sale_of_x_series_schemas_is_read_up_to_its_made_up_ids(spec: Path) -> None:
    if not spec.exists():
        pytest.skip(f"!!! NOT TESTED: X-Series against the vendor's schema: {spec} is missing")
    row = sales_by_schema()[SPECS.index(spec)]
    assert x_parser.sale_id(row)
    assert x_parser.changed_at(row) is not None
    x_parser.parse_sale(row, x_reference())  # a sale or a problem


@needs(RESTAURANT_API, "Restaurant's sample against the vendor's schema")
def test_restaurants_sample_holds_what_the_vendors_schema_knows() -> None:
    schemas = json.loads(RESTAURANT_API.read_text())["components"]["schemas"]
    row = the_sample()
    assert set(row) - set(READ_AT) <= set(schemas["Sale"]["properties"])
    for member in ("salesLines", "payments"):
        known = set(
            schemas[schemas["Sale"]["properties"][member]["items"]["$ref"].split("/")[-1]]["properties"]
        )
        assert all(set(part) <= known for part in row[member])
