"""VAT of X-Series: a line's rate by its tax, and the header's VAT of each rate (reference 8.2, 12.4). Pure.

A line names a tax, the header and tax components name rates; in 2026-07 the header may name either. Looked up
in both, and never guessed from amounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.sale import ZERO
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_reference import XReference, per_cent
from libs.common.lightspeed.x_values import identity, listed, member, number

COMPONENTS = ("tax_components", "_metadata.tax_components")
VatOfRates = tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class LineTax:
    """`tax` is the id of the tax, empty where the line names none; the rate is in per cent."""

    tax: str
    rate: Decimal


def tax_of_line(row: Row, reference: XReference, vat: Decimal) -> LineTax:
    tax_id = identity(row, "tax_id", "tax.id")
    tax = reference.tax_of(tax_id) if tax_id else None
    if tax is not None:
        return LineTax(tax.id, tax.rate)
    if member(row, "tax_rate") is not None:  # 0.9 gives it with the line (8.6)
        return LineTax(tax_id, per_cent(number(row, "tax_rate")))
    if tax_id:
        raise Unreadable("tax_id", "unknown", tax_id)
    named = rates_in(row, reference)
    if named:
        return LineTax("", sum(named.keys(), ZERO))
    if vat:
        raise Unreadable("tax_id", "missing")
    return LineTax("", ZERO)


def rates_in(row: Row, reference: XReference) -> dict[Decimal, Decimal]:
    """The tax components by rate; of a return they come with the sign of a sale (8.2)."""
    found: dict[Decimal, Decimal] = {}
    for component in listed(row, *COMPONENTS):
        rate = _rate(component, reference, "rate_id")
        found[rate] = found.get(rate, ZERO) + number(component, "total_tax", default=ZERO)
    return found


def vat_by_rate(row: Row, reference: XReference) -> VatOfRates:
    """None told where a tax has several rates, since lines are known by their whole tax."""
    found: dict[Decimal, Decimal] = {}
    for tax in listed(row, "taxes"):
        amount = number(tax, "amount", "tax", default=ZERO)
        if not amount and not _is_known(tax, reference):
            continue
        rate = _rate(tax, reference, "id")
        found[rate] = found.get(rate, ZERO) + amount
    return () if _is_group_used(row, reference) else tuple(found.items())


def added(vat: VatOfRates, more: Iterable[tuple[Decimal, Decimal]]) -> VatOfRates:
    """With the VAT of what stands beside the header's total."""
    if not vat:
        return ()
    found = dict(vat)
    for rate, amount in more:
        found[rate] = found.get(rate, ZERO) + amount
    return tuple(found.items())


def _rate(row: Row, reference: XReference, field: str) -> Decimal:
    """A rate's own id, else that of a tax; 0.9, and 2.0 at times, say the rate itself."""
    id_ = identity(row, field)
    tax = reference.tax_of(id_) if id_ else None
    if tax is not None:
        return tax.rates.get(id_, tax.rate)
    if member(row, "rate") is not None:
        return per_cent(number(row, "rate"))
    raise Unreadable(f"taxes.{field}", "unknown" if id_ else "missing", id_)


def _is_known(row: Row, reference: XReference) -> bool:
    return reference.tax_of(identity(row, "id")) is not None or member(row, "rate") is not None


def _is_group_used(row: Row, reference: XReference) -> bool:
    ids = {identity(line, "tax_id", "tax.id") for line in listed(row, "line_items", "register_sale_products")}
    ids |= {identity(tax, "id") for tax in listed(row, "taxes")}
    taxes = [reference.tax_of(id_) for id_ in ids if id_]
    return any(tax is not None and len(tax.rates) > 1 for tax in taxes)
