"""The till's arithmetic (8.2, 12.5): lines without tax in five decimals, a header in cents per rate."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.sandbox.x_series.sale import Extra, Header, Line, Parts
from services.sandbox.x_series.values import ONE, ZERO, cents, five


@dataclass(frozen=True)
class LineAmounts:
    price: Decimal
    tax: Decimal
    price_total: Decimal
    tax_total: Decimal
    discount: Decimal
    discount_total: Decimal


def line_amounts(
    unit_gross: Decimal, quantity: Decimal, rate: Decimal, off: Decimal = ZERO, *, by_unit: bool = False
) -> LineAmounts:
    """`unit_gross` is the shelf price, `off` the money off the whole line with the line's sign.

    `by_unit` multiplies the rounded unit amounts, so that many cheap pieces drift from the shelf price.
    """
    gross = unit_gross * quantity - off
    unit = gross / quantity
    price = five(unit / (ONE + rate))
    tax = five(unit) - price
    if by_unit:
        price_total, tax_total = price * quantity, tax * quantity
    else:
        price_total = five(gross / (ONE + rate))
        tax_total = five(gross) - price_total
    off_net = off / (ONE + rate)
    return LineAmounts(price, tax, price_total, tax_total, five(off_net / quantity), five(off_net))


def header_of(lines: Iterable[Line], extras: Iterable[Extra] = ()) -> Header:
    """Tax in cents per rate; the price makes up the rest, so that both meet the shelf prices (12.5)."""
    gross = ZERO
    by_rate: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        gross += line.gross
        _add(by_rate, line.parts)
    for extra in extras:
        gross += extra.gross
        _add(by_rate, extra.parts)
    taxes = tuple((rate, cents(tax)) for rate, tax in by_rate.items())
    total_tax = sum((tax for _, tax in taxes), ZERO)
    return Header(price=cents(gross) - total_tax, tax=total_tax, taxes=taxes)


def _add(by_rate: defaultdict[str, Decimal], parts: Parts) -> None:
    for rate, tax in parts:
        by_rate[rate] += tax


def show_parts(lines: Sequence[Line], header: Header) -> None:
    """Each line's tax components in cents; the last one of a rate absorbs the difference (8.2)."""
    left = dict(header.taxes)
    last = {rate: place for place, line in enumerate(lines) for rate, _ in line.parts}
    for place, line in enumerate(lines):
        shown = []
        for rate, tax in line.parts:
            amount = left[rate] if last[rate] == place else cents(tax)
            left[rate] -= amount
            shown.append((rate, amount))
        line.shown_parts = tuple(shown)


def share_of_discount(lines: Sequence[Line], off: Decimal) -> list[tuple[str, Decimal, Decimal]]:
    """A discount on the whole sale by rate id: its part with tax, and the tax in it, unrounded."""
    gross = sum((line.gross for line in lines), ZERO)
    by_rate: dict[str, list[Decimal]] = {}
    for line in lines:
        rate = line.parts[0][0]
        group = by_rate.setdefault(rate, [ZERO, ZERO])
        group[0] += line.gross
        group[1] += line.tax_total
    part = off / gross if gross else ZERO
    return [(rate, five(whole * part), five(tax * part)) for rate, (whole, tax) in by_rate.items()]
