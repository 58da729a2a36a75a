"""The sales of the vectors from X-Series, as its parser reads them in either shape."""

from __future__ import annotations

from typing import Any

from libs.common.domain.sale import Sale
from libs.common.lightspeed.x_reference import reference_of
from libs.common.lightspeed.x_sale import parse_sale
from tests.clients.x_payloads import as_nested

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


def _payload(told: dict[str, Any]) -> dict[str, Any]:
    """With the ids, moments and places that the vectors leave out."""
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


def sale_of(told: dict[str, Any], *, is_nested: bool = False) -> Sale:
    payload = _payload(told)
    if is_nested:
        articles = [line["product"] for line in payload["line_items"]]
        payload = as_nested(payload)
        for line, article in zip(payload["line_items"], articles, strict=True):
            line["product"] |= article
    sale = parse_sale(payload, REFERENCE)
    assert isinstance(sale, Sale), sale
    return sale
