"""The VAT rate of a sale line by the rules of the reference's 5.2; amounts are never worked out from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from libs.common.domain.sale import ZERO
from libs.common.lightspeed.retail_reference import RetailReference, TaxRates
from libs.common.lightspeed.retail_values import Row, Unreadable, flag, number

CENT = Decimal("0.01")
HALF_PER_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class LineTax:
    """A line's tax class in its category, and the net amount that its taxes are on."""

    category: str
    tax_class: str
    net: Decimal
    tax1: Decimal
    tax2: Decimal


def vat_rate_of(row: Row, tax: LineTax, reference: RetailReference) -> Decimal:
    """In per cent, both taxes together. `tax` false is no tax at all; a tax that is there has its rate."""
    untaxed = not flag(row, "tax") and not (tax.tax1 or tax.tax2)
    if untaxed:
        return ZERO
    first = _rate(row, "tax1Rate", tax.tax1, tax, [rates.tax1 for rates in _candidates(tax, reference)])
    second = _rate(row, "tax2Rate", tax.tax2, tax, [rates.tax2 for rates in _candidates(tax, reference)])
    return per_cent(first + second)


def _rate(row: Row, field: str, amount: Decimal, tax: LineTax, candidates: list[Decimal]) -> Decimal:
    rate = number(row, field, ZERO)
    if rate < ZERO or rate >= 1:
        raise Unreadable(field, "not a fraction", row.get(field))
    if rate or not amount:
        return rate
    return _explaining(field, amount, tax.net, [rate for rate in candidates if rate])


def _explaining(field: str, amount: Decimal, net: Decimal, candidates: list[Decimal]) -> Decimal:
    """Lines of layaways and special orders show rate 0 though they have tax (4.2): what explains it?"""
    for rate in candidates:
        if abs(net * rate - amount) <= CENT:
            return rate
    if net and candidates:
        ratio = amount / net
        nearest = min(candidates, key=lambda rate: abs(rate - ratio))
        if abs(nearest - ratio) <= HALF_PER_CENT:
            return nearest
    raise Unreadable(field, "no known rate explains the tax", amount)


def _candidates(tax: LineTax, reference: RetailReference) -> Iterator[TaxRates]:
    """That of the class in the category, of the category, then all others."""
    category = reference.tax_categories.get(tax.category)
    if category is not None:
        yield from _if_known(category.by_class.get(tax.tax_class))
        yield category.rates
    yield from reference.known_rates()


def _if_known(rates: TaxRates | None) -> Iterable[TaxRates]:
    return () if rates is None else (rates,)


@lru_cache(maxsize=256)
def per_cent(fraction: Decimal) -> Decimal:
    """21 of 0.21, without trailing zeros or an exponent."""
    rate = (fraction * 100).normalize()
    exponent = rate.as_tuple().exponent
    return rate.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else rate
