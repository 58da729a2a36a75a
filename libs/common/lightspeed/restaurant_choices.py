"""What can be chosen in the rules: outlets, payment methods, rates and accounting groups of a login. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from libs.common.domain.rules import rate_key
from libs.common.domain.sale import TenderKind
from libs.common.lightspeed.restaurant_payments import CODES
from libs.common.lightspeed.restaurant_reference import Location, TaxRate
from libs.common.lightspeed.source import TillChoice, TillChoices


def choices_of(locations: Sequence[Location]) -> TillChoices:
    """Those of several locations once each: they share what has one id."""
    several = len({location.business for location in locations}) > 1
    methods = {method.id: method for location in locations for method in location.payment_methods.values()}
    groups = {group.id: group for location in locations for group in location.accounting_groups.values()}
    currencies = {location.currency for location in locations}
    rates = [rate for location in locations for rate in location.tax_rates.values()]
    return TillChoices(
        outlets=tuple(TillChoice(each.id, _name(each, several=several)) for each in locations),
        payment_types=tuple(
            TillChoice(
                method.id,
                method.name or method.code,
                method.code,
                tender=CODES.get(method.code.upper(), TenderKind.OTHER),
                in_books=method.accounting_reference,
            )
            for method in methods.values()
        ),
        tax_rates=(*_percentages(rates), *_codes(rates)),
        categories=tuple(
            TillChoice(group.id, group.name, group.code, in_books=group.code) for group in groups.values()
        ),
        day_end="till",
        currency=currencies.pop() if len(currencies) == 1 else "",
    )


def _name(location: Location, *, several: bool) -> str:
    return f"{location.business_name} / {location.name}" if several else location.name


def _percentages(rates: Iterable[TaxRate]) -> list[TillChoice]:
    """Every rate once, the highest first; with the code that the merchant noted, if it is one (5.3)."""
    codes: dict[Decimal, set[str]] = {}
    for rate in rates:
        codes.setdefault(rate.percentage, set()).add(rate.accounting_reference)
    return [
        TillChoice(
            rate_key(rate),
            f"{rate_key(rate)} %",
            type="rate",
            percentage=rate,
            in_books=noted.pop() if len(noted) == 1 else "",
        )
        for rate, noted in sorted(codes.items(), reverse=True)
    ]


def _codes(rates: Iterable[TaxRate]) -> list[TillChoice]:
    return [
        TillChoice(f"class:{rate.code}", rate.name or rate.code, type="class", percentage=rate.percentage)
        for rate in {rate.code: rate for rate in rates}.values()
    ]
