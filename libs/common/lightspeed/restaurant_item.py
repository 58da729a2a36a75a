"""Articles of Lightspeed Restaurant: a row becomes a `Product` (reference 11). Pure.

An article has no VAT but an accounting group, to which the merchant gives a VAT code: it is its category and
its tax class. What locations share comes once from each of them, and may cost something else at each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from libs.common.domain.product import Product, ProductField, ProductKind
from libs.common.domain.product_facts import TillTaxes
from libs.common.domain.sale import ZERO
from libs.common.lightspeed.product_source import TillFacts
from libs.common.lightspeed.restaurant_reference import Location
from libs.common.lightspeed.restaurant_values import Caseless, caseless, listed, number_of, within, word
from libs.common.lightspeed.retail_values import Unreadable, flag, number, text, text_of

FIXED = ("AMOUNT", "")
"""Other `priceMode`s are percentages, and prices that are typed at the till."""
DEFAULT = "default"
CHOICE, SET_MENU = "GROUP", "SEQUENCE"
LONGEST_CODE, MOST_BARCODES = 60, 50


def item_key(row: Mapping[str, Any]) -> str:
    """Empty where it can't be read."""
    try:
        return number_of(caseless(row), "id")
    except Unreadable:
        return ""


def is_article(row: Mapping[str, Any]) -> bool:
    """A group is a list that a guest chooses from: what he chooses is sold."""
    return text(caseless(row), "itemType").upper() != CHOICE


def product_of(read: Mapping[str, Any]) -> Product:
    """As one location has it. Raises `Unreadable` with the field."""
    row = caseless(read)
    key = number_of(row, "id")
    if not key:
        raise Unreadable("id", "missing")
    group = number_of(within(row, "accountingGroup"), "id")
    return Product(
        key=key,
        code=text(row, "sku", LONGEST_CODE),
        description=text(row, "name"),
        barcodes=_barcodes(row),
        price=_price(row),
        cost=number(row, "costPrice") if row.get("costPrice") is not None else None,
        vat=group,
        group=group,
        is_active=row.get("active") is None or flag(row, "active"),
        kind=_kind(row),
    )


def _barcodes(row: Caseless) -> tuple[str, ...]:
    several = row.get("barcodes")
    told = [row.get("barcode"), *(several[:MOST_BARCODES] if isinstance(several, list) else [])]
    return tuple(dict.fromkeys(filter(None, (text_of(each)[:LONGEST_CODE] for each in told))))


def _price(row: Caseless) -> Decimal | None:
    """The default one of the named prices, or the only one; None where it is open at the till, or unknown."""
    if word(row, "priceMode") not in FIXED:
        return None
    prices = listed(row, "prices")
    named = [each for each in prices if text(each, "name").casefold() == DEFAULT]
    of_all = named or prices
    return number(of_all[0], "amount", ZERO) if len(of_all) == 1 else None


def _kind(row: Caseless) -> ProductKind:
    """A set menu is sold as one, out of what its courses have in stock."""
    if word(row, "itemType") == SET_MENU:
        return ProductKind.BUNDLE
    return ProductKind.SERVICE if flag(row, "disabled") else ProductKind.GOODS


def joined(products: Iterable[Product]) -> Iterator[Product]:
    """Each article once, as the first location has it; it is for sale where any sells it."""
    by_key: dict[str, list[Product]] = {}
    for product in products:
        by_key.setdefault(product.key, []).append(product)
    for same in by_key.values():
        differs = tuple(name for name, of in OWN.items() if len(set(map(of, same))) > 1)
        yield replace(same[0], is_active=any(each.is_active for each in same), differs=differs)


OWN: Mapping[ProductField, Callable[[Product], object]] = {
    ProductField.PRICE: attrgetter("price"),
    ProductField.COST: attrgetter("cost"),
    ProductField.VAT: attrgetter("vat"),
    ProductField.GROUP: attrgetter("group"),
}
"""What a location may have of its own."""


def facts_of(locations: Iterable[Location]) -> TillFacts:
    """Prices include VAT unless every rate that is one says otherwise (5.3)."""
    known = list(locations)
    rates = [rate for each in known for rate in each.tax_rates.values() if rate.percentage]
    return TillFacts(
        taxes=TillTaxes(includes_vat=not rates or any(rate.is_included for rate in rates)),
        categories={group.id: group.name for each in known for group in each.accounting_groups.values()},
        outlets={each.id: each.name for each in known},
    )
