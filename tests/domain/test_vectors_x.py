"""The vectors of domain.md from X-Series, read by its parser, in both shapes and every mode."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.sale import Sale
from libs.common.lightspeed.x_reference import reference_of
from libs.common.lightspeed.x_sale import parse_sale
from tests.clients.x_payloads import as_nested
from tests.domain.books import book, documents_of_day
from tests.domain.vectors import DAILY, FILE, Vector, rules_of, vectors
from tests.domain.words import as_expected, expected_documents, of_days

if not FILE.exists():
    pytest.skip(f"!!! NOT TESTED: the vectors are missing: {FILE}", allow_module_level=True)

MOMENT = "2026-03-14T14:05:09+00:00"
TAXES = {"rate21": ("tax21", "0.21"), "rate9": ("tax9", "0.09")}
PAYMENT_TYPES = {"Cadeaukaart": ("5", 118), "PIN": ("6", 4), "Contant": ("1", 1)}
"""By name: the id that the default mapping knows it by, and the global kind."""
REFERENCE = reference_of(
    outlets=[{"id": "1", "name": "1", "time_zone": "Europe/Amsterdam"}],
    payment_types=[{"id": id_, "name": name, "type_id": kind} for name, (id_, kind) in PAYMENT_TYPES.items()],
    taxes=[
        {"id": tax, "name": tax, "rates": [{"id": rate_id, "rate": rate}]}
        for rate_id, (tax, rate) in TAXES.items()
    ],
)
OF_X = list(vectors(source="retail-x"))
in_every_mode = pytest.mark.parametrize("vector", OF_X, ids=lambda one: f"{one.id}-{one.mode}")
in_both_shapes = pytest.mark.parametrize("is_nested", [False, True], ids=["flat", "nested"])


def _line(line: dict[str, Any], position: int) -> dict[str, Any]:
    """Its tax follows from what it says: 4.33017 on 20.61983 is 21 %."""
    fraction = float(line["tax_total"]) / float(line["price_total"])
    tax = min(TAXES.values(), key=lambda one: abs(float(one[1]) - fraction))[0]
    more = {"discount": 0, "discount_total": 0, "status": "CONFIRMED", "tax_components": []}
    article = {"sku": line["product_id"], "name": line["product_id"]}
    return {"id": f"line-{position}", "tax_id": tax, "product": article, **more, **line}


def _payment(payment: dict[str, Any], position: int) -> dict[str, Any]:
    type_id, kind = PAYMENT_TYPES[payment["name"]]
    return {
        "id": f"payment-{position}",
        "outlet_id": "1",
        "register_id": "1",
        "retailer_payment_type_id": type_id,
        "payment_type_id": str(kind),
        "payment_date": MOMENT,
        **payment,
    }


def _payload(vector: Vector) -> dict[str, Any]:
    """With the ids, moments and places that the vectors leave out."""
    told = vector.payload
    return {
        **told,
        "outlet_id": "1",
        "register_id": "1",
        "customer_id": "",
        "state": "closed",
        "attributes": [],
        "sale_date": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "adjustments": [],
        "version": 1,
        "line_items": [_line(line, position) for position, line in enumerate(told["line_items"])],
        "payments": [_payment(payment, position) for position, payment in enumerate(told["payments"])],
    }


def _sale(vector: Vector, *, is_nested: bool) -> Sale:
    payload = _payload(vector)
    if is_nested:
        articles = [line["product"] for line in payload["line_items"]]
        payload = as_nested(payload)
        for line, article in zip(payload["line_items"], articles, strict=True):
            line["product"] |= article
    sale = parse_sale(payload, REFERENCE)
    assert isinstance(sale, Sale), sale
    return sale


@in_both_shapes
@in_every_mode
def test_a_vector_of_x_series_is_booked_as_the_domain_says(vector: Vector, *, is_nested: bool) -> None:
    sale, rules = _sale(vector, is_nested=is_nested), rules_of(vector)

    if vector.mode in DAILY:
        documents = documents_of_day([book(sale, rules)], rules, sale_day(sale, rules))
        assert of_days(as_expected(documents)) == of_days(expected_documents(vector))
        return
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    assert as_expected(booking.documents) == expected_documents(vector)


def test_every_mode_that_v13_names_is_held() -> None:
    assert sorted(vector.mode for vector in OF_X if vector.id == "V13") == [
        "daily_cash_entry",
        "daily_general_journal",
        "invoices",
        "orders",
        "transactions",
        "transactions_settled_in_entry",
    ]
