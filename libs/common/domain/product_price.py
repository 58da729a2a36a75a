"""Prices in the other side's reading: what the customer pays stays the same to the cent (domain.md 11.3).

Without VAT a price is kept with four decimals, from which the price with VAT comes back; two aren't enough.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from libs.common.domain.money import to_cents
from libs.common.domain.product_facts import ItemVatCode, TillTaxes

NET_STEP = Decimal("0.0001")
HUNDRED = Decimal(100)


def price_for_exact(price: Decimal, till_rate: Decimal, taxes: TillTaxes, code: ItemVatCode) -> Decimal:
    """The till's price as an item with this VAT code holds it."""
    if taxes.includes_vat and code.includes_vat:
        return to_cents(price)
    if not taxes.includes_vat and not code.includes_vat:
        return price.quantize(NET_STEP, ROUND_HALF_UP)
    gross = price if taxes.includes_vat else price * (HUNDRED + till_rate) / HUNDRED
    if code.includes_vat:
        return to_cents(gross)
    return (gross * HUNDRED / (HUNDRED + code.rate_on_price)).quantize(NET_STEP, ROUND_HALF_UP)


def price_for_till(price: Decimal, code: ItemVatCode, till_rate: Decimal, taxes: TillTaxes) -> Decimal:
    """The price of an item with this VAT code as the till holds it."""
    if not taxes.includes_vat and not code.includes_vat:
        return price.quantize(NET_STEP, ROUND_HALF_UP)
    gross = price if code.includes_vat else price * (HUNDRED + code.rate_on_price) / HUNDRED
    if taxes.includes_vat:
        return to_cents(gross)
    return (gross * HUNDRED / (HUNDRED + till_rate)).quantize(NET_STEP, ROUND_HALF_UP)
