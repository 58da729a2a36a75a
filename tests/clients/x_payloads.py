"""Payloads of X-Series: the reference's own samples, in both shapes, and parts to vary."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from libs.common.lightspeed.x_reference import XReference, reference_of
from tests.shared import SHARED

PAGE = SHARED / "reference" / "lightspeed-retail-x-series.md"
SPECS = (
    SHARED / "reference" / "openapi" / "lightspeed-x-series-2026-07.trimmed.json",
    SHARED / "reference" / "openapi" / "lightspeed-x-series-legacy.trimmed.json",
)

OUTLET, REGISTER = "0b7c2f10-5a11-11f0-8d2e-000000000001", "0b7c2f10-5a11-11f0-8d2e-000000000011"
TAX_21, TAX_9 = "0b7c2f10-5a11-11f0-8d2e-000000000301", "0b7c2f10-5a11-11f0-8d2e-000000000302"
RATE_21, RATE_9 = "0b7c2f10-5a11-11f0-8d2e-000000000311", "0b7c2f10-5a11-11f0-8d2e-000000000312"
NO_TAX, NO_RATE = "no-tax", "no-rate"
GIFT_CARD, PIN = "0b7c2f10-5a11-11f0-8d2e-000000000501", "0b7c2f10-5a11-11f0-8d2e-000000000502"
CASH = "cash"
DISCOUNT = "vend-discount-product"
RATES = {TAX_21: (RATE_21, "0.21"), TAX_9: (RATE_9, "0.09"), NO_TAX: (NO_RATE, "0")}
SOLD = "2026-03-14T14:05:09+00:00"

CUSTOMER = {
    "id": "0b7c2f10-5a11-11f0-8d2e-000000000031",
    "customer_code": "JANSEN-1",
    "first_name": "Jan",
    "last_name": "Jansen",
    "company_name": None,
    "email": "jan@example.nl",
    "physical_address_1": "Dorpsstraat 1",
    "physical_postcode": "1234 AB",
    "physical_city": "Ons Dorp",
    "physical_country_id": "NL",
}


def samples() -> list[dict[str, Any]]:
    """The sales in the reference's JSON, with numbers as the client reads them."""
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    bodies = [json.loads(block, parse_float=Decimal) for block in blocks if '"line_items"' in block]
    found: list[dict[str, Any]] = []
    for body in bodies:
        held = body["data"]
        found += held if isinstance(held, list) else [held]
    return found


def dutch_reference(**more: Any) -> XReference:
    """`more` as `reference_of` takes it."""
    return reference_of(
        **{
            "outlets": [
                {"id": OUTLET, "name": "Amsterdam", "time_zone": "Europe/Amsterdam", "currency": "EUR"}
            ],
            "registers": [{"id": REGISTER, "name": "Kassa 1", "outlet_id": OUTLET}],
            "payment_types": [
                {"id": CASH, "name": "Contant", "type_id": 1},
                {"id": PIN, "name": "PIN", "type_id": 4},
                {"id": GIFT_CARD, "name": "Cadeaukaart", "type_id": "118"},
            ],
            "taxes": [
                {"id": tax, "name": f"Btw {rate}", "rates": [{"id": rate_id, "rate": rate}]}
                for tax, (rate_id, rate) in RATES.items()
            ],
            "retailer": {
                "currency": {"code": "EUR"},
                "timezone": "Europe/Amsterdam",
                "discount_product_id": DISCOUNT,
                "no_tax_group_id": NO_TAX,
            },
            **more,
        }
    )


def a_line(
    net: str, vat: str, tax: str = TAX_21, *, quantity: int = 1, product: str = "p1", **more: Any
) -> dict[str, Any]:
    """A flat one; `net` and `vat` of the whole line."""
    return {
        "id": f"line-{product}-{tax[-3:]}",
        "product_id": product,
        "quantity": quantity,
        "price": str(abs(Decimal(net)) / abs(quantity)),
        "price_total": net,
        "tax_total": vat,
        "discount": 0,
        "discount_total": 0,
        "tax_id": tax,
        "tax_components": [{"rate_id": RATES[tax][0], "total_tax": vat.lstrip("-")}],
        "status": "CONFIRMED",
        **more,
    }


def a_payment(amount: str, type_id: str = PIN, *, at: str = SOLD, **more: Any) -> dict[str, Any]:
    kinds = {CASH: ("1", "Contant"), PIN: ("4", "PIN"), GIFT_CARD: ("118", "Cadeaukaart")}
    kind, name = kinds.get(type_id, ("9", "Onbekend"))
    return {
        "id": f"payment-{type_id}-{amount}-{at}",
        "register_id": REGISTER,
        "outlet_id": OUTLET,
        "retailer_payment_type_id": type_id,
        "payment_type_id": kind,
        "name": name,
        "amount": amount,
        "payment_date": at,
        **more,
    }


def a_sale(
    lines: Sequence[dict[str, Any]] | None = None,
    payments: Sequence[dict[str, Any]] | None = None,
    *,
    net: str | None = None,
    taxes: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A flat sale of 121.00 at 21 %, paid by card, unless told otherwise; the header as its lines add up."""
    lines = [a_line("100.00", "21.00")] if lines is None else list(lines)
    by_tax: dict[str, Decimal] = {}
    for line in lines:
        by_tax[line["tax_id"]] = by_tax.get(line["tax_id"], Decimal(0)) + Decimal(line["tax_total"])
    told = {tax: str(_cents(vat)) for tax, vat in by_tax.items()} if taxes is None else taxes
    vat = sum(map(Decimal, told.values()), Decimal(0))
    price = (
        _cents(sum((Decimal(line["price_total"]) for line in lines), Decimal(0)))
        if net is None
        else Decimal(net)
    )
    if payments is None:
        payments = [a_payment(str(price + vat))]
    return {
        "id": "sale-1",
        "outlet_id": OUTLET,
        "register_id": REGISTER,
        "customer_id": "",
        "invoice_number": "AMS-1",
        "status": "CLOSED",
        "state": "closed",
        "attributes": [],
        "total_price": str(price),
        "total_tax": str(vat),
        "sale_date": SOLD,
        "created_at": SOLD,
        "updated_at": SOLD,
        "line_items": lines,
        "payments": list(payments),
        "adjustments": [],
        "taxes": [{"id": RATES[tax][0], "amount": amount} for tax, amount in told.items()],
        "version": 1,
        **more,
    }


def as_nested(flat: dict[str, Any]) -> dict[str, Any]:
    """The same sale as 2026-07 says it (9)."""
    return {
        **{
            name: flat[name]
            for name in ("id", "state", "attributes", "created_at", "updated_at", "customer_id")
        },
        "deleted_at": None,
        "date": flat["sale_date"],
        "invoice_number": flat["invoice_number"],
        "source": {
            "id": "",
            "type": "USER",
            "outlet_id": flat["outlet_id"],
            "register_id": flat["register_id"],
        },
        "return": {"is_return": False, "original_sale_id": "", "return_sale_ids": []},
        "totals": {
            "price": flat["total_price"],
            "tax": flat["total_tax"],
            "price_incl_tax": str(Decimal(flat["total_price"]) + Decimal(flat["total_tax"])),
        },
        "taxes": [{"id": tax["id"], "tax": tax["amount"]} for tax in flat["taxes"]],
        "line_items": [_nested_line(line) for line in flat["line_items"]],
        "payments": [_nested_payment(payment) for payment in flat["payments"]],
        "adjustments": [{**one, "total": one["value"]} for one in flat["adjustments"]],
        "_metadata": {"version": flat["version"], "xero_reference": ""},
        **({"customer": flat["customer"]} if "customer" in flat else {}),
    }


def _nested_line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": line["id"],
        "status": line["status"],
        "quantity": line["quantity"],
        "product": {"id": line["product_id"]},
        "pricing": {
            "price": line["price"],
            "total": line["price_total"],
            "discount": line["discount"],
            "discount_total": line["discount_total"],
        },
        "tax": {"id": line["tax_id"], "total": line["tax_total"]},
        "_metadata": {"tax_components": copy.deepcopy(line["tax_components"])},
    }


def _nested_payment(payment: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": payment["id"],
        "amount": payment["amount"],
        "date": payment["payment_date"],
        "deleted_at": None,
        "type": {
            "config_id": payment["retailer_payment_type_id"],
            "id": payment["payment_type_id"],
            "name": payment["name"],
        },
        "source": {"outlet_id": payment["outlet_id"], "register_id": payment["register_id"]},
        **({"surcharge": payment["surcharge"]} if "surcharge" in payment else {}),
    }


def as_old(flat: dict[str, Any]) -> dict[str, Any]:
    """The same as 0.9 says it (8.6): other list names, taxes with their own rate, moments without a zone."""
    moment = flat["sale_date"].replace("T", " ").removesuffix("+00:00")
    held = ("line_items", "payments", "taxes", "state", "attributes", "outlet_id")
    return {
        **{name: value for name, value in flat.items() if name not in held},
        "sale_date": moment,
        "register_sale_attributes": flat["attributes"],
        "register_sale_products": [
            {
                **{name: value for name, value in line.items() if name not in ("tax_id", "tax_components")},
                "tax_rate": RATES[line["tax_id"]][1],
                "tax_id": "",
                "price_set": "1",
            }
            for line in flat["line_items"]
        ],
        "register_sale_payments": flat["payments"],
        "taxes": [
            {
                "id": "",
                "rate": next(rate for id_, rate in RATES.values() if id_ == tax["id"]),
                "tax": tax["amount"],
            }
            for tax in flat["taxes"]
        ],
    }


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


# Out of the vendor's own schemas


def sales_by_schema() -> list[dict[str, Any]]:
    """A sale of each shape in which every member that the vendor's schemas know is there."""
    return [_instance(json.loads(path.read_text()), "Sale") for path in SPECS]


def _instance(spec: dict[str, Any], name: str) -> Any:
    return _of_schema(spec, spec["components"]["schemas"][name], name)


def _of_schema(spec: dict[str, Any], schema: dict[str, Any], name: str) -> Any:
    if "$ref" in schema:
        return _instance(spec, schema["$ref"].rsplit("/", 1)[-1])
    types = schema.get("type", "object" if "properties" in schema else None)
    kind = types[0] if isinstance(types, list) else types
    if kind == "object":
        inner = schema.get("properties", {})
        return {key: _of_schema(spec, value, key) for key, value in inner.items()}
    if kind == "array":
        return [_of_schema(spec, schema.get("items", {}), name)]
    if "enum" in schema:
        return (
            "closed"
            if "closed" in schema["enum"]
            else "CLOSED"
            if "CLOSED" in schema["enum"]
            else schema["enum"][0]
        )
    if kind == "boolean":
        return False
    if kind in ("number", "integer"):
        return 1
    return SOLD if name.endswith(("_at", "date")) else f"{name}-1"
