"""One side's article as the other is to hold it, field by field, with what can't be said there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from libs.common.domain.product import (
    CODE_LENGTH,
    Direction,
    Product,
    ProductField,
    ProductKind,
    Values,
    cut_at_word,
    flag_text,
    gtin,
    number_text,
    readable,
)
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_facts import ItemVatCode, ProductTerms
from libs.common.domain.product_price import price_for_exact, price_for_till
from libs.common.domain.rules import rate_key

Answer = str | Conflict | None
"""The value, why there is none, or None where the field says nothing."""
ALWAYS_MADE = frozenset({ProductField.CODE, ProductField.DESCRIPTION, ProductField.VAT, ProductField.STOCKED})
"""What a new article needs whatever is chosen: a price means nothing without its VAT."""
NEW_CATEGORY = "name:"
"""Stands before the name of a category that isn't there yet: it is made before the article is written."""
NEEDED = frozenset({ProductField.CODE, ProductField.VAT})
"""What a new article isn't made without."""


@dataclass(frozen=True, slots=True)
class Wanted:
    values: Values
    conflicts: tuple[Conflict, ...]


def wanted_of(master: Product, slave: Product | None, terms: ProductTerms) -> Wanted:
    """`slave` is what stands there: what says the same in its own words stays."""
    reading = FOR_EXACT if terms.direction is Direction.TO_EXACT else FOR_TILL
    chosen = terms.fields - terms.only_new if slave is not None else terms.fields | ALWAYS_MADE
    answers = {
        name: _outlets_differ(master, name) if name in master.differs else read(master, slave, terms)
        for name, read in reading.items()
        if name in chosen
    }
    values = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
    conflicts = tuple(answer for answer in answers.values() if isinstance(answer, Conflict))
    return Wanted(values, conflicts)


def _outlets_differ(master: Product, name: ProductField) -> Conflict:
    return Conflict(ConflictCode.OUTLETS_DIFFER, name, (("name", name_of(master)),))


def held_by(slave: Product) -> dict[ProductField, str]:
    """The fields as the article itself holds them."""
    values = {
        ProductField.CODE: slave.code.strip(),
        ProductField.DESCRIPTION: readable(slave.description),
        ProductField.BARCODE: slave.barcodes[0] if slave.barcodes else "",
        ProductField.VAT: slave.vat,
        ProductField.GROUP: slave.group,
        ProductField.UNIT: slave.unit,
        ProductField.ACTIVE: flag_text(slave.is_active),
        ProductField.STOCKED: flag_text(slave.kind is ProductKind.GOODS),
    }
    numbers = ((ProductField.PRICE, slave.price), (ProductField.COST, slave.cost))
    return values | {name: number_text(number) for name, number in numbers if number is not None}


def _code_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    code = readable(master.code)
    if not code:
        return Conflict(ConflictCode.CODE_MISSING, ProductField.CODE, (("name", name_of(master)),))
    if len(code) > CODE_LENGTH:
        if slave is not None and slave.code_key == master.code_key:
            return slave.code.strip()
        facts = (("code", code[:60]), ("length", str(CODE_LENGTH)))
        return Conflict(ConflictCode.CODE_TOO_LONG, ProductField.CODE, facts)
    return code


def _code_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    code = readable(master.code)
    if slave is not None and len(slave.code.strip()) > CODE_LENGTH and slave.code_key == master.code_key:
        return slave.code.strip()
    return code or Conflict(ConflictCode.CODE_MISSING, ProductField.CODE, (("name", name_of(master)),))


def _description_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    return cut_at_word(master.description) or cut_at_word(master.code)


def _description_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    if slave is not None and slave.shares_name:
        return None
    return readable(master.description) or readable(master.code)


def _barcode_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    """Exact holds one: whichever of the till's it has stays."""
    held = slave.barcodes[0] if slave is not None and slave.barcodes else ""
    if held and (gtin(held) in master.gtins if gtin(held) else held in master.barcodes):
        return held
    return master.barcodes[0] if master.barcodes else ""


def _barcode_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    barcode = master.barcodes[0].strip() if master.barcodes else ""
    if not barcode:
        return ""
    if not gtin(barcode) or len(barcode) not in terms.barcode_lengths:
        facts = (("barcode", barcode[:40]), ("lengths", ", ".join(map(str, terms.barcode_lengths))))
        return Conflict(ConflictCode.BARCODE_UNFIT, ProductField.BARCODE, facts)
    if slave is not None and gtin(barcode) in slave.gtins:
        return slave.barcodes[0]
    return barcode


def _vat_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    code = _code_in_exact(master, slave, terms)
    if code is not None:
        return code.code
    if terms.facts.vat_of_category is not None:
        category = terms.facts.categories.get(master.group) or master.group or "?"
        return Conflict(ConflictCode.CATEGORY_WITHOUT_VAT, ProductField.VAT, (("category", category),))
    rate = terms.facts.taxes.rate_of(master.vat)
    facts = (("tax_class", master.vat or "?"), ("rate", "?" if rate is None else rate_key(rate)))
    return Conflict(ConflictCode.VAT_CODE_MISSING, ProductField.VAT, facts)


def _code_in_exact(master: Product, slave: Product | None, terms: ProductTerms) -> ItemVatCode | None:
    """What the bookkeeper chose for the item stays while it bears the class's rate; its price follows it."""
    if ProductField.VAT not in terms.fields and slave is not None:
        return terms.facts.vat_codes.get(slave.vat)
    held = terms.facts.vat_codes.get(slave.vat) if slave is not None else None
    if held is not None and held.is_for_sales and terms.facts.is_class_of(master.vat, held):
        return held
    return terms.facts.vat_code_of_class(master.vat)


def _vat_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    code = terms.facts.vat_codes.get(master.vat)
    tax_class = None if code is None else _class_at_till(code, slave, terms)
    if tax_class is not None:
        return tax_class
    rate = "?" if code is None else rate_key(code.percentage)
    facts = (("vat_code", master.vat or "?"), ("rate", rate))
    return Conflict(ConflictCode.TAX_CLASS_MISSING, ProductField.VAT, facts)


def _class_at_till(code: ItemVatCode, slave: Product | None, terms: ProductTerms) -> str | None:
    if slave is not None and (
        ProductField.VAT not in terms.fields or terms.facts.is_class_of(slave.vat, code)
    ):
        return slave.vat
    return terms.facts.class_of_vat_code(code)


def _price_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    code = _code_in_exact(master, slave, terms)
    rate = None if code is None else terms.facts.till_rate(master.vat, code)
    if not master.price or code is None or rate is None:
        return _no_price(master, is_told=code is None and _says_vat(slave, terms))
    return number_text(price_for_exact(master.price, rate, terms.facts.taxes, code))


def _price_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    code = terms.facts.vat_codes.get(master.vat)
    tax_class = None if code is None else _class_at_till(code, slave, terms)
    rate = None if tax_class is None else terms.facts.taxes.rate_of(tax_class)
    if not master.price or code is None or rate is None:
        return _no_price(master, is_told=tax_class is None and _says_vat(slave, terms))
    return number_text(price_for_till(master.price, code, rate, terms.facts.taxes))


def _says_vat(slave: Product | None, terms: ProductTerms) -> bool:
    """Whether the VAT itself is asked for, and tells what it lacks."""
    return slave is None or ProductField.VAT in terms.fields


def _no_price(master: Product, *, is_told: bool) -> Answer:
    """`is_told`: that the VAT is what is missing, by the VAT."""
    if master.price is None or (master.price and is_told):
        return None
    code = ConflictCode.PRICE_WITHOUT_VAT if master.price else ConflictCode.PRICE_ZERO
    return Conflict(code, ProductField.PRICE, (("name", name_of(master)),))


def _cost(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    return None if not master.cost else number_text(master.cost)


def _group_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    """As the merchant mapped; what isn't goes to the default group once and then stays where it is."""
    chosen = terms.facts.group_of_category.get(master.group)
    if chosen is None and slave is not None:
        return None
    group = terms.facts.item_groups.get(chosen or terms.facts.default_group)
    if group is None:
        return None
    if not group.has_ledgers:
        return Conflict(ConflictCode.GROUP_WITHOUT_LEDGERS, ProductField.GROUP, (("group", group.name),))
    return group.id


def _group_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    """A category mapped to the group, else one of its name, else a new one; the default group is no category.

    Where several would do, the article stays in the one it is in, and none is chosen for it.
    """
    group = terms.facts.item_groups.get(master.group)
    if group is None or (slave is not None and slave.shares_name):
        return None
    fit = [key for key, mapped in terms.facts.group_of_category.items() if mapped == master.group]
    if not fit and group.id == terms.facts.default_group:
        return None
    name = readable(group.name)
    fit = fit or [key for key, each in terms.facts.categories.items() if each.casefold() == name.casefold()]
    if slave is not None and slave.group in fit:
        return slave.group
    if len(fit) > 1:
        return None
    return fit[0] if fit else NEW_CATEGORY + name


def _unit_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    if not master.unit or not terms.facts.units:
        return None
    if master.unit not in terms.facts.units:
        return Conflict(ConflictCode.UNIT_UNKNOWN, ProductField.UNIT, (("unit", master.unit),))
    return master.unit


def _nothing(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    return None


def _active_for_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    return flag_text(master.is_active)


def _active_for_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    """Archiving at the till empties its stock for good: it is asked of a person, never done (11.4)."""
    if not master.is_active and slave is not None and slave.is_active:
        return Conflict(ConflictCode.ARCHIVED_IN_EXACT, ProductField.ACTIVE, (("name", name_of(master)),))
    return flag_text(master.is_active)


def _stocked_in_exact(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    """Goods become stock items where stock is kept in step; what else is one stays so."""
    is_kept = master.kind is ProductKind.GOODS and ProductField.STOCKED in terms.fields
    return flag_text(is_kept) if is_kept or slave is None else None


def _stocked_at_till(master: Product, slave: Product | None, terms: ProductTerms) -> Answer:
    """What kind an article of the till is can't be changed: only a new one is made as it should be (6.1)."""
    if slave is not None:
        return None
    return flag_text(ProductField.STOCKED not in terms.fields or master.kind is ProductKind.GOODS)


def name_of(product: Product) -> str:
    return " ".join(filter(None, (product.code.strip(), cut_at_word(product.description)))) or product.key


def missing_for_creation(wanted: Wanted) -> Iterator[Conflict]:
    """What keeps a new article from being made."""
    return (conflict for conflict in wanted.conflicts if conflict.field in NEEDED)


Reading = Mapping[ProductField, Callable[[Product, Product | None, ProductTerms], Answer]]

FOR_EXACT: Reading = {
    ProductField.CODE: _code_for_exact,
    ProductField.DESCRIPTION: _description_for_exact,
    ProductField.BARCODE: _barcode_for_exact,
    ProductField.VAT: _vat_for_exact,
    ProductField.PRICE: _price_for_exact,
    ProductField.COST: _cost,
    ProductField.GROUP: _group_for_exact,
    ProductField.UNIT: _unit_for_exact,
    ProductField.ACTIVE: _active_for_exact,
    ProductField.STOCKED: _stocked_in_exact,
}
FOR_TILL: Reading = {
    ProductField.CODE: _code_for_till,
    ProductField.DESCRIPTION: _description_for_till,
    ProductField.BARCODE: _barcode_for_till,
    ProductField.VAT: _vat_for_till,
    ProductField.PRICE: _price_for_till,
    ProductField.COST: _cost,
    ProductField.GROUP: _group_for_till,
    ProductField.UNIT: _nothing,
    ProductField.ACTIVE: _active_for_till,
    ProductField.STOCKED: _stocked_at_till,
}
