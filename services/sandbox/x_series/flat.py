"""The sale as 2.0 shows it (chapter 8): flat, many values twice, members without a value left out."""

from datetime import datetime
from typing import Any

from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import Extra, Line, Parts, Payment, Sale
from services.sandbox.x_series.values import ZERO, iso, number

Shown = dict[str, Any]
OFTEN_ABSENT = frozenset(
    {"updated_at", "deleted_at", "note", "source_id", "return_for", "salesperson_id", "ecom_custom_charges"}
)
SURCHARGE_RULE = "PERCENTAGE"


def sale(merchant: Merchant, row: Sale) -> Shown:
    switches = merchant.switches
    shown: Shown = {
        "id": row.id,
        "outlet_id": row.outlet_id,
        "register_id": row.register_id,
        "user_id": row.user_id,
        "customer_id": row.customer_id,
        "invoice_number": row.number,
        "receipt_number": row.number,
        "invoice_sequence": row.sequence,
        "receipt_sequence": row.sequence,
        "source": row.source,
        "source_id": row.source_id,
        "status": row.status,
        "state": row.state.value,
        "attributes": list(row.attributes),
        "note": row.note,
        "short_code": row.short_code,
        "return_for": row.return_for,
        "total_price": number(row.header.price),
        "total_tax": number(row.header.tax),
        "total_loyalty": number(row.loyalty),
        "created_at": iso(row.created_at),
        "updated_at": iso(moment) if (moment := stamp(merchant, row)) else None,
        "sale_date": iso(row.sold_at),
        "deleted_at": iso(row.deleted_at) if row.deleted_at else None,
        "line_items": [_line(merchant, line, place) for place, line in enumerate(row.lines)],
        "payments": [_payment(merchant, payment) for payment in row.live_payments()],
        "adjustments": [
            _adjustment(extra, str(switches["adjustment_type_key"])) for extra in row.adjustments
        ],
        "taxes": [{"id": rate, "amount": number(amount)} for rate, amount in row.header.taxes],
        "ecom_custom_charges": _charges(row.charges) if row.charges else None,
        "version": row.version,
    }
    return without_absent(shown)


def stamp(merchant: Merchant, row: Sale) -> datetime | None:
    """What `updated_at` says: only the version is promised to move (5.1)."""
    return {"moves": row.updated_at, "stays": row.created_at}.get(str(merchant.switches["updated_at"]))


def without_absent(shown: Shown) -> Shown:
    return {
        name: value for name, value in shown.items() if value not in (None, "") or name not in OFTEN_ABSENT
    }


def _line(merchant: Merchant, line: Line, place: int) -> Shown:
    is_before = merchant.switches["price_and_discount"] == "before"
    price = line.price + (line.discount if is_before else ZERO)
    price_total = line.price_total + (line.discount_total if is_before else ZERO)
    shown: Shown = {
        "id": line.id,
        "product_id": line.product_id,
        "quantity": number(line.quantity),
        "cost": number(line.cost),
        "cost_total": number(line.cost * line.quantity),
        "price": number(price),
        "price_total": number(price_total),
        "tax": number(line.tax),
        "tax_total": number(line.tax_total),
        "discount": number(line.discount),
        "discount_total": number(line.discount_total),
        "loyalty_value": number(line.loyalty),
        "tax_id": line.tax_id,
        "tax_components": components(merchant, line),
        "price_set": line.price_set,
        "sequence": place,
        "note": line.note,
        "status": line.status,
        "is_return": line.is_return,
        "total_loyalty_value": number(line.loyalty * line.quantity),
    }
    for name in ("price", "tax", "cost", "discount"):
        shown[f"unit_{name}"] = shown[name]
        shown[f"total_{name}"] = shown[f"{name}_total"]
    shown["unit_loyalty_value"] = shown["loyalty_value"]
    return without_absent(shown)


def components(merchant: Merchant, line: Line) -> list[Shown]:
    """Of a return they are positive in the vendor's example (8.2)."""
    parts = line.shown_parts or line.parts
    if len(parts) > 1 and merchant.switches["discount_components"] == "one tax":
        whole = sum((amount for _, amount in parts), ZERO)
        parts = ((merchant.taxes[line.tax_id].rate_id, whole),)
    turned = line.is_return and merchant.switches.is_on("return_components_positive")
    return shown_parts(tuple((rate, -amount if turned else amount) for rate, amount in parts))


def shown_parts(parts: Parts) -> list[Shown]:
    return [{"rate_id": rate, "total_tax": number(amount)} for rate, amount in parts]


def _payment(merchant: Merchant, payment: Payment) -> Shown:
    kind = merchant.payment_types[payment.type_id]
    shown: Shown = {
        "id": payment.id,
        "register_id": payment.register_id,
        "outlet_id": payment.outlet_id,
        "retailer_payment_type_id": kind.id,
        "payment_type_id": str(kind.type_id),
        "name": kind.name,
        "amount": number(payment.amount),
        "payment_date": iso(payment.at),
        "external_attributes": [],
    }
    if payment.surcharge:
        shown["surcharge"] = {"rule": SURCHARGE_RULE, "amount": number(payment.surcharge)}
    return shown


def _adjustment(extra: Extra, key: str) -> Shown:
    parts = shown_parts(extra.parts)
    return {"name": extra.name, key: extra.kind, "value": number(extra.net), "tax_components": parts}


def charge(extra: Extra) -> Shown:
    return {
        "name": extra.name,
        "source_id": extra.source_id,
        "total": number(extra.net),
        "total_tax": number(extra.tax),
        "total_incl": number(extra.gross),
        "tax_components": shown_parts(extra.parts),
    }


def _charges(extras: list[Extra]) -> Shown:
    return {
        "total": number(sum((extra.net for extra in extras), ZERO)),
        "total_tax": number(sum((extra.tax for extra in extras), ZERO)),
        "total_incl": number(sum((extra.gross for extra in extras), ZERO)),
        "charges": [charge(extra) for extra in extras],
    }
