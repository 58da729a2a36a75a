"""The sale as the date-based versions show it (chapter 9): nested, without `status`, nulls where empty."""

from typing import Any

from services.sandbox.x_series.flat import SURCHARGE_RULE, charge, components, shown_parts, stamp
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import ON_ACCOUNT, Extra, Line, Payment, Sale, State
from services.sandbox.x_series.values import ZERO, number, zulu

Shown = dict[str, Any]


def sale(merchant: Merchant, row: Sale) -> Shown:
    return {
        "id": row.id,
        "state": row.state.value,
        "attributes": list(row.attributes),
        "date": zulu(row.sold_at),
        "created_at": zulu(row.created_at),
        "updated_at": zulu(moment) if (moment := stamp(merchant, row)) else None,
        "deleted_at": zulu(row.deleted_at) if row.deleted_at else None,
        "invoice_number": row.number,
        "receipt_number": row.number,
        "short_code": row.short_code,
        "note": row.note or None,
        "customer_id": row.customer_id,
        "source": {
            "id": row.source_id,
            "type": row.source,
            "author": {"id": row.user_id},
            "outlet_id": row.outlet_id,
            "register_id": row.register_id,
        },
        "return": {
            "is_return": bool(row.return_for) or any(line.is_return for line in row.lines),
            "original_sale_id": row.return_for,
            "return_sale_ids": list(row.return_ids),
        },
        "totals": _totals(row),
        "taxes": [
            {"id": _tax_id(merchant, rate), "tax": number(amount)} for rate, amount in row.header.taxes
        ],
        "line_items": [_line(merchant, row, line, place) for place, line in enumerate(row.lines)],
        "payments": [_payment(merchant, payment) for payment in row.payments],
        "adjustments": [_adjustment(extra) for extra in row.adjustments],
        "ecom_custom_charges": [charge(extra) for extra in row.charges],
        "external_applications": [],
        "_metadata": {
            "version": row.version,
            "complete_open_sequence_id": row.open_sequence_id if row.goods_left else "",
            "has_unsynced_on_account_payments": _has_later_payments(row),
            "xero_reference": "",
        },
    }


def _has_later_payments(row: Sale) -> bool:
    is_pending = row.state is State.PENDING and ON_ACCOUNT in row.attributes
    return is_pending and any(payment.at > row.sold_at for payment in row.live_payments())


def _totals(row: Sale) -> Shown:
    surcharge = sum((extra.gross for extra in row.adjustments if extra.kind == "SURCHARGE"), ZERO)
    return {
        "price": number(row.header.price),
        "price_incl_tax": number(row.header.gross),
        "tax": number(row.header.tax),
        "loyalty": number(row.loyalty),
        "surcharge": number(surcharge),
    }


def _tax_id(merchant: Merchant, rate_id: str) -> str:
    """A rate's id or a tax's: not stated (chapter 9)."""
    if merchant.switches["nested_tax_id"] == "rate":
        return rate_id
    return next(tax.id for tax in merchant.taxes if tax.rate_id == rate_id)


def _line(merchant: Merchant, row: Sale, line: Line, place: int) -> Shown:
    is_before = merchant.switches["price_and_discount"] == "before"
    shown: Shown = {
        "id": line.id,
        "status": line.status,
        "quantity": number(line.quantity),
        "note": line.note or None,
        "product": {"id": line.product_id},
        "source": {"register_id": row.register_id},
        "pricing": {
            "price": number(line.price + (line.discount if is_before else ZERO)),
            "total": number(line.price_total + (line.discount_total if is_before else ZERO)),
            "cost": number(line.cost),
            "cost_total": number(line.cost * line.quantity),
            "discount": number(line.discount),
            "discount_total": number(line.discount_total),
            "loyalty_amount": number(line.loyalty),
            "loyalty_amount_total": number(line.loyalty * line.quantity),
        },
        "tax": {"id": line.tax_id, "amount": number(line.tax), "total": number(line.tax_total)},
        "return": {"is_return": line.is_return, "reason": ""},
        "promotions": _promotions(line),
        "surcharges": [],
        "_metadata": {
            "sequence": place,
            "is_price_override": line.price_set,
            "tax_components": components(merchant, line),
        },
    }
    if line.gift_card:
        shown["gift_card_number"] = line.gift_card
    return shown


def _promotions(line: Line) -> list[Shown]:
    if not line.promotion:
        return []
    amount = number(line.discount_total)
    return [
        {
            "id": line.promotion.lower(),
            "name": line.promotion,
            "amount": amount,
            "promo_code": "",
            "promo_code_id": "",
        }
    ]


def _payment(merchant: Merchant, payment: Payment) -> Shown:
    kind = merchant.payment_types[payment.type_id]
    shown: Shown = {
        "id": payment.id,
        "amount": number(payment.amount),
        "date": zulu(payment.at),
        "deleted_at": zulu(payment.deleted_at) if payment.deleted_at else None,
        "type": {"config_id": kind.id, "id": str(kind.type_id), "name": kind.name},
        "source": {"id": "", "outlet_id": payment.outlet_id, "register_id": payment.register_id},
        "external_attributes": [],
        "external_applications": [],
        "_metadata": {"register_open_sequence_id": payment.open_sequence_id},
    }
    if payment.reference:
        shown["external_attributes"] = [
            {"card_last_four_digits": "", "source": kind.name, "transaction_id": payment.reference}
        ]
    if payment.surcharge:
        shown["surcharge"] = {"rule": SURCHARGE_RULE, "amount": number(payment.surcharge)}
    return shown


def _adjustment(extra: Extra) -> Shown:
    return {
        "name": extra.name,
        "adjustment_type": extra.kind,
        "total": number(extra.net),
        "tax_components": shown_parts(extra.parts),
    }
