"""The sale as 0.9 shows it (8.6): numbers and text mixed, times without a zone. Webhooks carry this shape."""

from typing import Any

from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.sale import Line, Payment, Sale
from services.sandbox.x_series.values import ZERO, money, number, plain, spaced

Shown = dict[str, Any]


def sale(merchant: Merchant, row: Sale) -> Shown:
    paid = sum((payment.amount for payment in row.live_payments()), ZERO)
    customer = merchant.customers[row.customer_id].fields
    name = f"{customer.get('first_name') or ''} {customer.get('last_name') or ''}".strip()
    return {
        "id": row.id,
        "source": row.source,
        "source_id": row.source_id or None,
        "register_id": row.register_id,
        "market_id": "1",
        "customer_id": row.customer_id,
        "customer_name": name,
        "user_id": row.user_id,
        "user_name": merchant.users[row.user_id].username,
        "sale_date": spaced(row.sold_at),
        "created_at": spaced(row.created_at),
        "updated_at": spaced(row.updated_at),
        "total_price": money(row.header.price),
        "total_cost": money(sum((line.cost * line.quantity for line in row.lines), ZERO)),
        "total_tax": money(row.header.tax),
        "tax_name": _tax_name(merchant, row),
        "note": row.note,
        "status": row.status,
        "state": row.state.value,
        "register_sale_attributes": list(row.attributes),
        "short_code": row.short_code,
        "invoice_number": row.number,
        "invoice_sequence": row.sequence,
        "accounts_transaction_id": row.accounts_transaction_id,
        "return_for": row.return_for or "",
        "deleted_at": spaced(row.deleted_at) if row.deleted_at else "",
        "register_sale_products": [_line(merchant, row, line, place) for place, line in enumerate(row.lines)],
        "totals": {
            "total_tax": number(row.header.tax),
            "total_price": number(row.header.price),
            "total_payment": number(paid),
            "total_to_pay": number(row.header.gross - paid),
        },
        "register_sale_payments": [_payment(merchant, payment) for payment in row.live_payments()],
        "taxes": [
            {"id": tax.id, "name": tax.name, "rate": number(tax.rate), "tax": number(amount)}
            for rate, amount in row.header.taxes
            for tax in merchant.taxes
            if tax.rate_id == rate
        ],
    }


def _tax_name(merchant: Merchant, row: Sale) -> str:
    return merchant.taxes[row.lines[0].tax_id].name if row.lines else ""


def _line(merchant: Merchant, row: Sale, line: Line, place: int) -> Shown:
    """`sequence` is text here and a number there, `price_set` 0 or 1."""
    product, tax = merchant.products[line.product_id], merchant.taxes[line.tax_id]
    return {
        "id": line.id,
        "product_id": line.product_id,
        "register_id": row.register_id,
        "sequence": str(place) if place % 2 else place,
        "handle": product.handle,
        "sku": product.sku,
        "name": product.name,
        "quantity": number(line.quantity),
        "price": number(line.price),
        "cost": number(line.cost),
        "price_set": int(line.price_set),
        "discount": plain(line.discount),
        "loyalty_value": number(line.loyalty),
        "tax": plain(line.tax),
        "tax_id": line.tax_id,
        "tax_name": tax.name,
        "tax_rate": number(tax.rate),
        "tax_total": number(line.tax_total),
        "price_total": number(line.price_total),
        "display_retail_price_tax_inclusive": "1",
        "status": line.status,
        "attributes": [{"name": "line_note", "value": line.note}] if line.note else [],
    }


def _payment(merchant: Merchant, payment: Payment) -> Shown:
    kind = merchant.payment_types[payment.type_id]
    return {
        "id": payment.id,
        "payment_type_id": str(kind.type_id),
        "register_id": payment.register_id,
        "retailer_payment_type_id": kind.id,
        "name": kind.name,
        "label": kind.name,
        "payment_date": spaced(payment.at),
        "amount": money(payment.amount),
        "currency": "EUR",
    }
