"""Categories that are named for alcohol and sold at a low rate (domain.md 3.3): told. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from libs.common.domain.map_sale import sale_day
from libs.common.domain.rules import Rules, rate_key
from libs.common.domain.sale import ZERO, Sale, SaleLine, SaleState
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice

LOW_RATES = (Decimal(6), Decimal(9), Decimal(12))
"""The Dutch one and the Belgian ones; alcohol is at 21 % in both countries."""
NAMES = re.compile(
    r"\b(?:(?:wit|rode|huis|port|schuim|dessert)?wijn(?:en|tje|tjes)?|(?:tap|fles|wit|bok|speciaal)?bier(?:en|tje|tjes)?"
    r"|wines?|beers?|alcohol|alcoholisch\w*|alcoholic|sterke\s?drank(?:en)?|gedistilleerd|likeur(?:en)?|jenevers?"
    r"|liquors?|liqueurs?|spirits|whiske?y|gin|rum|[vw]odka|cognac|champagne|prosecco|cava|cocktails?)\b"
)
WITHOUT = re.compile(
    r"\balcohol[\s-]?(?:vrije?|arme?|free)\b|\b(?:zonder|non?|non-|geen)[\s-]?alcohol\w*|\b0[.,]0\b"
    r"|\b(?:ginger|root)\s?beers?\b|\bmocktails?\b|\b(?:boek(?:en)?|books?|azijn|vinegar|gums?)\b"
)
"""What has no alcohol in it though its name speaks of it."""


def is_named_for_alcohol(name: str) -> bool:
    lower = name.lower()
    return NAMES.search(lower) is not None and WITHOUT.search(lower) is None


def sold_low(sales: Iterable[Sale]) -> set[str]:
    """The categories whose names matter."""
    return {line.category for sale in sales for line in _low_lines(sale)}


def alcohol_at_low_rate(sales: Iterable[Sale], names: Mapping[str, str], rules: Rules) -> Iterator[Notice]:
    """By the last day on which each was sold: what is mended at the till is over with the next sale."""
    wanted = {id_: name for id_, name in names.items() if is_named_for_alcohol(name)}
    last: dict[str, date] = {}
    counted: Counter[tuple[str, date, str]] = Counter()
    for sale in sales:
        if sale.state is not SaleState.COMPLETED:
            continue
        day = sale_day(sale, rules)
        for category in {line.category for line in sale.lines if _is_sold(line) and line.category in wanted}:
            last[category] = max(day, last.get(category, day))
        counted.update({(line.category, day, rate_key(line.vat_rate)) for line in _low_lines(sale)})
    for (category, day, rate), count in sorted(counted.items()):
        if last.get(category) == day:
            facts = {"category": wanted[category], "rate": rate, "day": day.isoformat(), "sales": str(count)}
            yield Notice(NoticeCode.ALCOHOL_AT_LOW_RATE, f"{category} {rate}", facts)


def _low_lines(sale: Sale) -> list[SaleLine]:
    if sale.state is not SaleState.COMPLETED:
        return []
    return [line for line in sale.lines if line.category and line.vat_rate in LOW_RATES and _is_sold(line)]


def _is_sold(line: SaleLine) -> bool:
    """A return keeps the rate of its sale."""
    return line.amount_incl_vat > ZERO
