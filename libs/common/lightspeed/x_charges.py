"""What a sale holds beside its lines: tips, surcharges, fees, discounts and web charges (8.1, 8.4). Pure.

The vendor doesn't say whether they are in the sale's total, nor whether a value holds its VAT. So each is
read in every way that it may be meant, and `x_balance` finds the one in which the sale adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from libs.common.domain.sale import ZERO, LineKind, SaleLine
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_reference import XReference
from libs.common.lightspeed.x_tax import rates_in
from libs.common.lightspeed.x_values import listed, member, nested, number, text

SHIPPING_LIST = ("ecom_custom_charges", "ecom_custom_charges.charges")
PAYMENTS = ("payments", "register_sale_payments")
LINES = ("line_items", "register_sale_products")


class ChargeKind(StrEnum):
    TIP = "tip"
    SURCHARGE = "surcharge"
    FEE = "non-cash-fee"
    DISCOUNT = "discount"
    SHIPPING = "shipping"


TYPES = {
    "TIP": ChargeKind.TIP,
    "SURCHARGE": ChargeKind.SURCHARGE,
    "NON_CASH_FEE": ChargeKind.FEE,
    "DISCOUNT": ChargeKind.DISCOUNT,
    "ECOM_CUSTOM_CHARGE": ChargeKind.SHIPPING,
}


@dataclass(frozen=True, slots=True)
class Charge:
    """`value` as it stands there, without or with the VAT of its components."""

    kind: ChargeKind
    name: str
    value: Decimal
    vat: Decimal
    rates: Mapping[Decimal, Decimal]
    holds_vat: bool | None = None
    """Whether the value holds the VAT; None where nobody says."""
    is_vat_told: bool = True

    def gross(self, *, holds_vat: bool) -> Decimal:
        return self.value if holds_vat else self.value + self.vat


def charges_in(row: Row, reference: XReference) -> list[Charge]:
    """Surcharges show on the sale, its lines and its payments, web charges twice: each is taken once."""
    adjustments = [_adjustment(one, reference) for one in listed(row, "adjustments")]
    shipping = _shipping(row, reference)
    kinds = {charge.kind for charge in adjustments}
    found = [charge for charge in adjustments if charge.kind is not ChargeKind.SHIPPING or not shipping]
    found += shipping
    if ChargeKind.SURCHARGE not in kinds:
        found += _surcharges(row, reference)
    return [charge for charge in found if charge.value or charge.vat]


def charge_lines(charges: Sequence[tuple[Charge, Decimal]]) -> list[SaleLine]:
    """Each with its own gross amount; a rate a line."""
    return [
        line for number, (charge, gross) in enumerate(charges) for line in _lines_of(charge, gross, number)
    ]


def _lines_of(charge: Charge, gross: Decimal, position: int) -> list[SaleLine]:
    rates = {rate: vat for rate, vat in charge.rates.items() if vat} or {ZERO: ZERO}
    total = sum(rates.values(), ZERO)
    sign = -1 if total * gross < 0 else 1
    rest, lines = gross, []
    for index, (rate, vat) in enumerate(rates.items()):
        is_last = index == len(rates) - 1
        amount = rest if is_last or not rate else sign * vat * (100 + rate) / rate
        rest -= amount
        lines.append(_line(charge, f"{charge.kind}:{position}:{index}", amount, sign * vat, rate))
    return lines


def _line(charge: Charge, id_: str, gross: Decimal, vat: Decimal, rate: Decimal) -> SaleLine:
    is_shipping = charge.kind is ChargeKind.SHIPPING
    return SaleLine(
        id=id_,
        description=charge.name,
        quantity=Decimal(1),
        amount_incl_vat=gross,
        vat_amount=vat,
        vat_rate=rate,
        kind=LineKind.SHIPPING if is_shipping else LineKind.ITEM_FEE,
        fee=charge.kind.value,
    )


def _adjustment(row: Row, reference: XReference) -> Charge:
    """Spelt `type` in one example, `total` for `value` in 2026-07."""
    said = text(row, "adjustment_type", "type").upper()
    if said not in TYPES:
        raise Unreadable("adjustments.adjustment_type", "unknown" if said else "missing", said)
    return _charge(TYPES[said], row, reference, number(row, "value", "total", default=ZERO))


def _shipping(row: Row, reference: XReference) -> list[Charge]:
    """A flat list in 2026-07, in an object with sums before."""
    held = member(row, "ecom_custom_charges")
    path = SHIPPING_LIST[1] if isinstance(held, Mapping) else SHIPPING_LIST[0]
    charges = [_web_charge(one, reference) for one in listed(row, path)]
    total = number(nested(row, SHIPPING_LIST[0]), "total_incl", default=ZERO)
    if total and not charges:
        raise Unreadable("ecom_custom_charges.charges", "missing", total)
    return charges


def _web_charge(row: Row, reference: XReference) -> Charge:
    rates = rates_in(row, reference)
    net = number(row, "total", default=ZERO)
    vat = number(row, "total_tax", default=sum(rates.values(), ZERO))
    gross = number(row, "total_incl", default=net + vat)
    name = text(row, "name", limit=200) or "Verzendkosten"
    return Charge(ChargeKind.SHIPPING, name, gross, vat, rates, holds_vat=True)


def _surcharges(row: Row, reference: XReference) -> list[Charge]:
    on_lines = [
        _charge(ChargeKind.SURCHARGE, one, reference, number(one, "value", default=ZERO))
        for line in listed(row, *LINES)
        for one in listed(line, "surcharges")
    ]
    return on_lines or [
        Charge(ChargeKind.SURCHARGE, "Toeslag", amount, ZERO, {}, holds_vat=True, is_vat_told=False)
        for payment in listed(row, *PAYMENTS)
        if (amount := number(nested(payment, "surcharge"), "amount", default=ZERO))
    ]


def _charge(kind: ChargeKind, row: Row, reference: XReference, value: Decimal) -> Charge:
    rates = rates_in(row, reference)
    vat = sum(rates.values(), ZERO)
    vat = vat.copy_sign(value) if vat and value else vat
    return Charge(kind, text(row, "name", limit=200) or kind.value, value, vat, rates)
