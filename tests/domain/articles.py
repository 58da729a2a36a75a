"""Articles of both sides for tests, and what a written plan leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from libs.common.domain.product import (
    CHOOSABLE,
    Direction,
    Product,
    ProductField,
    ProductKind,
    ProductLink,
    Values,
)
from libs.common.domain.product_facts import ItemGroup, ItemVatCode, ProductFacts, ProductTerms, TillTaxes
from libs.common.domain.product_matching import Sides
from libs.common.domain.products import Plan, plan_changes
from tests.builders import D

HIGH, LOW, EXEMPT = "1", "3", "4"
"""Tax classes of the till: 21 % (which has no rate of its own), 9 % and 0 %."""
HIGH_E, HIGH_I, LOW_E, LOW_I, NO_VAT, ZERO_RATE = "2", "4", "1", "3", "0", "5"
GROUP, SPECIAL_GROUP, BARE_GROUP = "g-standard", "g-bikes", "g-bare"

VAT_CODES = {
    code: ItemVatCode(code, kind, D(percentage))
    for code, kind, percentage in (
        (NO_VAT, "N", "0"),
        (LOW_E, "E", "9"),
        (HIGH_E, "E", "21"),
        (LOW_I, "I", "9"),
        (HIGH_I, "I", "21"),
        (ZERO_RATE, "B", "0"),
    )
}


def some_facts(**changes: Any) -> ProductFacts:
    """A Dutch shop whose prices include VAT, with VAT codes that exclude it."""
    facts = ProductFacts(
        vat_codes=VAT_CODES,
        vat_rules={"21": HIGH_E, "9": LOW_E, "0": ZERO_RATE, "none": NO_VAT},
        taxes=TillTaxes({"": D(21), HIGH: D(21), LOW: D(9), EXEMPT: D(0)}, "1", includes_vat=True),
        item_groups={
            GROUP: ItemGroup(GROUP, "Standaard"),
            SPECIAL_GROUP: ItemGroup(SPECIAL_GROUP, "Fietsen"),
            BARE_GROUP: ItemGroup(BARE_GROUP, "Zonder", has_ledgers=False),
        },
        default_group=GROUP,
        categories={"7": "Fietsen", "8": "Helmen", "9": "Zonder"},
        group_of_category={"7": SPECIAL_GROUP, "9": BARE_GROUP},
        units=frozenset({"pc", "hour"}),
    )
    return replace(facts, **changes)


def to_exact(*fields: ProductField, **facts: Any) -> ProductTerms:
    return ProductTerms(Direction.TO_EXACT, frozenset(fields or CHOOSABLE), some_facts(**facts))


def to_lightspeed(*fields: ProductField, **facts: Any) -> ProductTerms:
    return ProductTerms(
        Direction.TO_LIGHTSPEED,
        frozenset(fields or CHOOSABLE),
        some_facts(**facts),
        barcode_lengths=(11, 12, 13, 14),
    )


def at_the_till(key: str = "431", code: str = "EX-1001", **more: Any) -> Product:
    fields: dict[str, Any] = {"description": "Fietsbel chroom", "price": D("9.95"), "vat": HIGH} | more
    return Product(key, code, **fields)


def in_exact(key: str = "guid-1", code: str = "EX-1001", **more: Any) -> Product:
    fields: dict[str, Any] = {"description": "Fietsbel chroom", "price": D("8.2231"), "vat": HIGH_E}
    return Product(key, code, **(fields | {"group": GROUP, "unit": "pc"} | more))


def plan_one(
    master: Product,
    *slaves: Product,
    terms: ProductTerms,
    link: ProductLink | None = None,
    others: tuple[Product, ...] = (),
    links: tuple[ProductLink, ...] = (),
) -> Plan:
    all_links = [*links, link] if link is not None else list(links)
    sides = Sides.of([master, *others], slaves, all_links)
    return plan_changes([master.key], sides, terms)[0]


def written(slave: Product | None, values: Values, key: str = "new") -> Product:
    """The article of the other side after the values were written to it."""
    held = slave or Product(key, "", "", kind=ProductKind.SERVICE)
    numbers = {name: D(values[each]) for each, name in _NUMBERS.items() if each in values}
    texts = {name: values[each] for each, name in _TEXTS.items() if each in values}
    held = replace(held, **numbers, **texts)
    if ProductField.BARCODE in values:
        held = replace(held, barcodes=tuple(filter(None, [values[ProductField.BARCODE]])))
    if ProductField.ACTIVE in values:
        held = replace(held, is_active=values[ProductField.ACTIVE] == "true")
    if values.get(ProductField.STOCKED) == "true":
        held = replace(held, kind=ProductKind.GOODS)
    return held


_NUMBERS = {ProductField.PRICE: "price", ProductField.COST: "cost"}
_TEXTS = {
    ProductField.CODE: "code",
    ProductField.DESCRIPTION: "description",
    ProductField.VAT: "vat",
    ProductField.GROUP: "group",
    ProductField.UNIT: "unit",
}
