"""The till's tax arithmetic (chapter 5): unrounded lines, a header that rounds their sums once."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.retail.values import ZERO, cents, seven_places


@dataclass(frozen=True)
class Rates:
    """Fractions; `inclusive` says that prices hold the tax already."""

    tax1: Decimal = ZERO
    tax2: Decimal = ZERO
    inclusive: bool = False


@dataclass(frozen=True)
class LineAmounts:
    subtotal: Decimal
    line_discount: Decimal
    receipt_discount: Decimal
    tax1: Decimal
    tax2: Decimal
    total: Decimal
    shown: Decimal
    taxed: bool


@dataclass(frozen=True)
class HeaderAmounts:
    subtotal: Decimal
    discount: Decimal
    taxable: Decimal
    non_taxable: Decimal
    tax1: Decimal
    tax2: Decimal
    total: Decimal
    shown: Decimal


def line_amounts(
    quantity: Decimal,
    unit_price: Decimal,
    rates: Rates,
    line_discount: Decimal = ZERO,
    receipt_percent: Decimal = ZERO,
) -> LineAmounts:
    """`line_discount` in the mode and with the sign of the line; `receipt_percent` as a fraction."""
    before = quantity * unit_price
    after_line = before - line_discount
    receipt_discount = after_line * receipt_percent if receipt_percent else ZERO
    base = after_line - receipt_discount
    if not rates.inclusive:
        tax1, tax2 = base * rates.tax1, base * rates.tax2
        taxed = bool(rates.tax1 or rates.tax2)
        return LineAmounts(
            before, line_discount, receipt_discount, tax1, tax2, base + tax1 + tax2, after_line, taxed
        )
    return _inclusive(base, line_discount, receipt_discount, after_line, rates)


def _inclusive(
    gross: Decimal, line_discount: Decimal, receipt_discount: Decimal, shown: Decimal, rates: Rates
) -> LineAmounts:
    if not (rates.tax1 or rates.tax2):
        subtotal = gross + line_discount + receipt_discount
        return LineAmounts(subtotal, line_discount, receipt_discount, ZERO, ZERO, gross, shown, False)
    divisor = 1 + rates.tax1 + rates.tax2
    tax1 = seven_places(gross * rates.tax1 / divisor)
    tax2 = seven_places(gross * rates.tax2 / divisor) if rates.tax2 else ZERO
    line_net = seven_places(line_discount / divisor) if line_discount else ZERO
    receipt_net = seven_places(receipt_discount / divisor) if receipt_discount else ZERO
    subtotal = gross - tax1 - tax2 + line_net + receipt_net
    return LineAmounts(subtotal, line_net, receipt_net, tax1, tax2, gross, shown, True)


def header_amounts(lines: Iterable[LineAmounts], *, inclusive: bool, round_subtotal: bool) -> HeaderAmounts:
    """Each tax is the half-up sum of the line taxes; an inclusive total the half-up sum of the lines."""
    tax1 = tax2 = total = subtotal = discount = taxable = shown = ZERO
    for line in lines:
        tax1 += line.tax1
        tax2 += line.tax2
        total += line.total
        subtotal += line.subtotal
        discount += line.line_discount + line.receipt_discount
        taxable += line.subtotal if line.taxed else ZERO
        shown += line.shown + ZERO
    before_tax = subtotal
    tax1, tax2 = cents(tax1), cents(tax2)
    if not inclusive:
        total = cents(subtotal - discount + tax1 + tax2)
        return HeaderAmounts(subtotal, discount, taxable, subtotal - taxable, tax1, tax2, total, subtotal)
    total = cents(total)
    if round_subtotal:
        subtotal = total - tax1 - tax2 + discount
    non_taxable = before_tax - taxable
    return HeaderAmounts(
        subtotal, discount, subtotal - non_taxable, non_taxable, tax1, tax2, total, cents(shown)
    )
