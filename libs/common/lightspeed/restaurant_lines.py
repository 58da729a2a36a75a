"""The lines of a sale: dishes, modifiers, menus and service charge, with the till's own amounts. Pure.

Discounts are taken off the amounts already (14); an apportioned service charge is inside them, an untaxed
one comes on top and becomes a line of its own (9.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from libs.common.domain.money import CENT, cents_adding_up_to, sum_of, to_cents
from libs.common.domain.sale import ZERO, LineKind, SaleLine
from libs.common.domain.vat import vat_within
from libs.common.lightspeed.restaurant_reference import Location, percentage_of
from libs.common.lightspeed.restaurant_values import Caseless, key_of, listed, number_of, within, word
from libs.common.lightspeed.retail_values import Unreadable, number, text

NO_ITEM = "0"
ONE = Decimal(1)
UNTAXED = "UNTAXED"
CHARGES = (UNTAXED, "APPORTIONED", "NO_SERVICE_CHARGE", "")
SERVICE_CHARGE, SURCHARGE = "Servicekosten", "Kaarttoeslag"


@dataclass(frozen=True, slots=True)
class Lines:
    """`voided` carry a reason; whether they still count, only the payments can tell (9.1)."""

    sold: tuple[SaleLine, ...]
    voided: tuple[SaleLine, ...]
    currencies: frozenset[str]

    @property
    def has_untaxed_charge(self) -> bool:
        return any(line.kind is LineKind.SERVICE_CHARGE and line.amount_incl_vat for line in self.sold)


def lines_of(sale: Caseless, location: Location, *, is_reversal: bool) -> Lines:
    """`is_reversal` of a sale that takes another back."""
    sold: list[SaleLine] = []
    voided: list[SaleLine] = []
    rows = listed(sale, "salesLines")
    for position, row in enumerate(rows, start=1):
        lines = _lines(row, position, sale, location)
        if is_reversal:
            lines = [_taken_back(line) for line in lines]
        (voided if text(row, "voidReason") else sold).extend(lines)
    currencies = frozenset(text(row, "currency", 3).upper() for row in rows) - {""}
    return Lines(tuple(sold), tuple(voided), currencies)


def turned_lines(lines: Lines) -> Lines:
    """With the other sign, and pieces that come back."""
    sold, voided = (tuple(map(turned_line, some)) for some in (lines.sold, lines.voided))
    return replace(lines, sold=sold, voided=voided)


def turned_line(line: SaleLine) -> SaleLine:
    is_torn = line.amount_incl_vat * line.quantity < ZERO
    return replace(
        line,
        quantity=line.quantity if is_torn else -line.quantity,
        amount_incl_vat=-line.amount_incl_vat,
        vat_amount=-line.vat_amount,
        discount_incl_vat=-line.discount_incl_vat,
    )


def total_of(lines: Sequence[SaleLine]) -> Decimal:
    """Unrounded: there is no total on the sale (7.1)."""
    return sum_of(line.amount_incl_vat for line in lines)


def surcharge_lines(amount: Decimal, lines: Sequence[SaleLine]) -> tuple[SaleLine, ...]:
    """What the customer paid for paying by card: turnover with the VAT of the sale (domain.md 6).

    No line of the till has it, so its VAT is worked out; over several rates it is shared as the lines are.
    """
    if amount != to_cents(amount):
        raise Unreadable("payments.surcharge", "nobody pays parts of a cent", amount)
    groups: dict[tuple[Decimal, str, str], Decimal] = {}
    for line in lines:
        key = (line.vat_rate, line.tax_class, line.tax_category)
        groups[key] = groups.get(key, ZERO) + line.amount_incl_vat
    whole = sum_of(groups.values())
    if not whole:
        raise Unreadable("payments.surcharge", "there is no turnover that it belongs to", amount)
    parts = [amount * group / whole for group in groups.values()]
    shares = cents_adding_up_to(amount, parts)
    return tuple(
        SaleLine(
            id=f"surcharge:{number}",
            description=SURCHARGE,
            quantity=ONE if share > ZERO else -ONE,
            amount_incl_vat=share,
            vat_amount=vat_within(share, rate),
            vat_rate=rate,
            item=NO_ITEM,
            tax_class=tax_class,
            tax_category=category,
        )
        for number, ((rate, tax_class, category), share) in enumerate(
            zip(groups, shares, strict=True), start=1
        )
        if share
    )


def _lines(row: Caseless, position: int, sale: Caseless, location: Location) -> list[SaleLine]:
    """The line, and its untaxed service charge beside it."""
    gross = number(row, "totalNetAmountWithTax")
    net = number(row, "totalNetAmountWithoutTax", gross - _told_tax(row, gross))
    kind = word(row, "serviceChargeType")
    if kind not in CHARGES:
        raise Unreadable("salesLines.serviceChargeType", "unknown", kind)
    charge = number(row, "serviceCharge", ZERO) if kind == UNTAXED else ZERO
    if charge and _holds_charge(row, gross, net, charge):
        gross -= charge
    _require_tax(row, gross - net)
    line = _line(row, position, sale, location, gross, gross - net)
    return [line, _service_charge(line, charge)] if charge else [line]


def _line(
    row: Caseless, position: int, sale: Caseless, location: Location, gross: Decimal, vat: Decimal
) -> SaleLine:
    group = within(row, "accountingGroup")
    sku = text(row, "sku", 60)
    return SaleLine(
        id=key_of(row, "id") or f"line:{position}",
        description=text(row, "nameOverride", 200) or text(row, "name", 200),
        quantity=number(row, "quantity", ONE),
        amount_incl_vat=gross,
        vat_amount=vat,
        vat_rate=_vat_rate(row, vat, location),
        item=sku or NO_ITEM,
        item_code=sku,
        category=number_of(group, "accountingGroupId"),
        tax_class=_tax_code(row),
        tax_category=text(row, "accountProfileCode", 60) or text(sale, "accountProfileCode", 60),
        parent_line=key_of(row, "parentLineId"),
        discount_incl_vat=_discount(row, gross),
        revenue_center=number_of(row, "revenueCenterId"),
        revenue_center_name=text(row, "revenueCenter", 200),
    )


def _service_charge(line: SaleLine, charge: Decimal) -> SaleLine:
    """In the accounting group of what it was charged on."""
    return replace(
        line,
        id=f"{line.id}:service-charge",
        description=SERVICE_CHARGE,
        quantity=ONE if charge > ZERO else -ONE,
        amount_incl_vat=charge,
        vat_amount=ZERO,
        vat_rate=ZERO,
        item=NO_ITEM,
        item_code="",
        tax_class="",
        tax_category="",
        kind=LineKind.SERVICE_CHARGE,
        parent_line=line.id,
        discount_incl_vat=ZERO,
    )


def _taken_back(line: SaleLine) -> SaleLine:
    """Signs of quantities are unconfirmed (17.1): what lowers turnover comes back, in pieces too."""
    is_torn = line.amount_incl_vat < ZERO < line.quantity
    return replace(line, quantity=-line.quantity) if is_torn else line


def _told_tax(row: Caseless, gross: Decimal) -> Decimal:
    """Of the tax lines, which have more decimals than the line's own (7.2)."""
    taxes = [number(tax, "taxAmount") for tax in listed(row, "taxLines")]
    if taxes:
        return sum_of(taxes)
    told = row.get("taxAmount")
    if told in (None, "") and gross and row.get("totalNetAmountWithoutTax") in (None, ""):
        raise Unreadable("salesLines.totalNetAmountWithoutTax", "missing")
    return number(row, "taxAmount", ZERO)


def _holds_charge(row: Caseless, gross: Decimal, net: Decimal, charge: Decimal) -> bool:
    """Whether an untaxed charge stands inside the line's total after all, as in the vendor's sample (7.2)."""
    beyond = gross - net - _told_tax(row, gross)
    return abs(beyond) > CENT and abs(beyond - charge) <= CENT


def _require_tax(row: Caseless, vat: Decimal) -> None:
    """What the line says of its VAT must be the difference of its totals, which have more decimals."""
    if row.get("taxAmount") in (None, "") and not row.get("taxLines"):
        return
    if abs(_told_tax(row, ZERO) - vat) > CENT:
        raise Unreadable("salesLines.taxAmount", "the totals with and without tax differ by another amount")


def _vat_rate(row: Caseless, vat: Decimal, location: Location) -> Decimal:
    """Of the tax lines, together where taxes stack; else the line's own, else the location's (7.2)."""
    rates = [percentage_of(number(tax, "taxRate")) for tax in listed(row, "taxLines") if tax.get("taxRate")]
    if rates:
        return sum_of(rates)
    if row.get("taxRatePercentage") not in (None, ""):
        return percentage_of(number(row, "taxRatePercentage"))
    known = location.tax_rates.get(_tax_code(row))
    if known is not None:
        return known.percentage
    if vat:
        raise Unreadable("salesLines.taxLines.taxRate", "missing")
    return ZERO


def _tax_code(row: Caseless) -> str:
    """Its own; of stacked taxes all, since together they are one rate."""
    own = text(row, "taxCode", 60)
    return own or "+".join(
        code for code in (text(tax, "taxCode", 60) for tax in listed(row, "taxLines")) if code
    )


def _discount(row: Caseless, gross: Decimal) -> Decimal:
    """Of line and account together, information only (14); with the sign of what it is taken from."""
    discount = abs(number(row, "totalDiscountAmount", ZERO))
    if not discount:
        parts = (number(row, "discountAmount", ZERO), number(row, "accountDiscountAmount", ZERO))
        discount = abs(sum_of(parts))
    is_negative = gross < ZERO or (not gross and number(row, "quantity", ONE) < ZERO)
    return -discount if is_negative else discount
