"""Articles of X-Series: a row becomes a `Product`, and fields of the domain a body (reference 13). Pure.

A row doesn't say its tax, which stands in a list of its own per outlet, and its prices come with and without
tax: the store's `tax_exclusive` says which of them the merchant typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from libs.common.domain.money import to_cents
from libs.common.domain.product import Product, ProductField, ProductKind, Values, readable_variant
from libs.common.domain.product_facts import TillTaxes
from libs.common.domain.sale import ZERO
from libs.common.lightspeed.product_source import TillFacts
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.x_reference import XReference
from libs.common.lightspeed.x_values import flag, identity, listed, member, number, text

BARCODE_TYPES = ("EAN", "UPC", "ITF", "JAN", "ISBN")
TYPE_OF_LENGTH = {8: "EAN", 12: "UPC", 13: "EAN", 14: "ITF"}
CUSTOM = "CUSTOM"
SYSTEM = "vend-"
"""What the store needs of its own, its discount and gift card, is sold under such handles (13.1)."""
NET_STEP = Decimal("0.0001")
LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class Store:
    """What rows are read by: the tax of each outlet, the rates, and whether prices are kept without VAT."""

    reference: XReference = field(default_factory=XReference)
    taxes: Mapping[str, str] = field(default_factory=dict)
    """The usual tax by outlet: articles without one of their own bear it."""
    is_exclusive: bool = False


def store_of(reference: XReference, retailer: Row, outlets: Sequence[Row], taxes: Sequence[Row]) -> Store:
    """`default_tax_id` is deprecated (12.2): without it an outlet has the store's default tax."""
    usual = next((identity(row, "id") for row in taxes if flag(row, "is_default")), "")
    places = {identity(row, "id"): identity(row, "default_tax_id") or usual for row in outlets}
    return Store(reference, places, flag(retailer, "tax_exclusive"))


def facts_of(store: Store, categories: Sequence[Row]) -> TillFacts:
    return TillFacts(
        taxes=TillTaxes(
            rates={tax.id: tax.rate for tax in store.reference.taxes.values() if not tax.is_deleted},
            includes_vat=not store.is_exclusive,
        ),
        categories={identity(row, "id"): text(row, "name") for row in categories},
        outlets={key: store.reference.outlets[key].name for key in store.taxes if _is_known(store, key)},
    )


def _is_known(store: Store, outlet: str) -> bool:
    return outlet in store.reference.outlets


def product_key(row: Row) -> str:
    """Empty where it can't be read."""
    try:
        return identity(row, "id")
    except Unreadable:
        return ""


def is_system(row: Row, store: Store) -> bool:
    """The store's own discount and gift card come in the list like any article (13.1)."""
    is_discount = product_key(row) == store.reference.discount_product
    return is_discount or (text(row, "handle").startswith(SYSTEM) and not flag(row, "has_inventory"))


def product_of(row: Row, store: Store, own: Mapping[str, str]) -> Product:
    """`own` are the article's taxes by outlet. Raises `Unreadable` with the field."""
    key = product_key(row)
    if not key:
        raise Unreadable("id", "missing")
    options = [text(option, "value") for option in listed(row, "variant_options")]
    is_variant = bool(options) or flag(row, "has_variants") or bool(identity(row, "variant_parent_id"))
    return Product(
        key=key,
        code=text(row, "sku") or _first_code(row),
        description=readable_variant(text(row, "name", "variant_name", limit=LONGEST_NAME), "", options),
        barcodes=_barcodes(row),
        price=_price(row, store),
        cost=number(row, "supply_price") if member(row, "supply_price") is not None else None,
        vat=tax_of(store, own),
        group=identity(row, "product_type_id", "type.id", "product_category.id"),
        is_active=_is_active(row),
        kind=_kind(row),
        shares_name=is_variant,
        differs=() if taxes_agree(store, own) else (ProductField.VAT,),
    )


def _first_code(row: Row) -> str:
    return next((text(code, "code") for code in listed(row, "product_codes")), "")


def _barcodes(row: Row) -> tuple[str, ...]:
    codes = [(text(code, "type"), text(code, "code")) for code in listed(row, "product_codes")]
    return tuple(dict.fromkeys(code for type_, code in codes if type_ in BARCODE_TYPES and code))


def _price(row: Row, store: Store) -> Decimal | None:
    """Kept with five decimals without tax: the price on the shelf comes back rounded to cents (12.5)."""
    name = "price_excluding_tax" if store.is_exclusive else "price_including_tax"
    if member(row, name) is None:
        return None
    price = number(row, name)
    return price.quantize(NET_STEP, ROUND_HALF_UP) if store.is_exclusive else to_cents(price)


def tax_of(store: Store, own: Mapping[str, str]) -> str:
    """That of all outlets; where outlets differ in rate none can be told, and the taxes are named instead."""
    taxes = _taxes(store, own)
    if taxes_agree(store, own):
        return taxes[0] if taxes else ""
    known = [store.reference.taxes.get(tax) for tax in taxes]
    return " / ".join(tax.name if tax is not None else "?" for tax in known)


def taxes_agree(store: Store, own: Mapping[str, str]) -> bool:
    """Whether it bears one rate at all outlets."""
    taxes = _taxes(store, own)
    known = [store.reference.taxes.get(tax) for tax in taxes]
    return len(taxes) < 2 or (None not in known and len({tax.rate for tax in known if tax is not None}) == 1)


def _taxes(store: Store, own: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(own.get(outlet) or usual for outlet, usual in store.taxes.items()))


def _is_active(row: Row) -> bool:
    """Said twice, and under either name (13.2)."""
    return all(flag(row, name) for name in ("active", "is_active") if member(row, name) is not None)


def _kind(row: Row) -> ProductKind:
    if flag(row, "is_composite"):
        return ProductKind.BUNDLE
    is_counted = member(row, "has_inventory") is None or flag(row, "has_inventory")
    return ProductKind.GOODS if is_counted else ProductKind.SERVICE


def new_product_body(values: Values, store: Store) -> dict[str, Any]:
    codes = codes_of(values.get(ProductField.CODE, ""), values.get(ProductField.BARCODE, ""), ())
    body = {"name": values[ProductField.DESCRIPTION], "product_codes": codes, "is_active": True}
    if ProductField.COST in values:
        body["supply_price"] = amount(values[ProductField.COST])
    if values.get(ProductField.GROUP):
        body["product_category_id"] = values[ProductField.GROUP]
    return body | _details(values, store)


def update_body(values: Values, store: Store, row: Row | None) -> dict[str, Any]:
    """`common` is of the whole family and so only named where it must be; `row` is what is there (13.3)."""
    common: dict[str, Any] = {COMMON[name]: value for name, value in values.items() if name in COMMON}
    details = _details(values, store)
    if ProductField.ACTIVE in values:
        details["is_active"] = values[ProductField.ACTIVE] == "true"
    if row is not None:
        held = [(text(code, "type"), text(code, "code")) for code in listed(row, "product_codes")]
        code = values.get(ProductField.CODE) or text(row, "sku")
        barcode = values.get(ProductField.BARCODE)
        details["product_codes"] = codes_of(code, barcode, held)
    return {name: part for name, part in (("common", common), ("details", details)) if part}


def touches_codes(values: Values) -> bool:
    return ProductField.CODE in values or ProductField.BARCODE in values


COMMON = {ProductField.DESCRIPTION: "name", ProductField.GROUP: "product_category_id"}


def codes_of(code: str, barcode: str | None, held: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """The whole list, which replaces the old one; its first becomes the SKU (13.3).

    A barcode of None stays what it is, an empty one goes; codes that aren't ours to keep in step stay.
    """
    bars = [(type_, each) for type_, each in held if type_ in BARCODE_TYPES]
    kept = bars if barcode is None else bars[1:]
    others = [(type_, each) for type_, each in held[1:] if type_ not in BARCODE_TYPES]
    own = [(TYPE_OF_LENGTH.get(len(barcode), CUSTOM), barcode)] if barcode else []
    sku = next((type_ for type_, each in held[:1] if each == code), CUSTOM)
    found = {each: type_ for type_, each in [*kept, *others] if each}
    first = {code: sku} | {each: type_ for type_, each in own}
    listing = [*first.items(), *((each, type_) for each, type_ in found.items() if each not in first)]
    return [{"type": type_, "code": each} for each, type_ in listing]


def _details(values: Values, store: Store) -> dict[str, Any]:
    """A store has its prices with tax or without, never both (13.2), and its taxes accordingly."""
    details: dict[str, Any] = {}
    if ProductField.PRICE in values:
        name = "price_excluding_tax" if store.is_exclusive else "price_including_tax"
        details[name] = amount(values[ProductField.PRICE])
    tax = values.get(ProductField.VAT)
    if tax and store.is_exclusive:
        details["outlet_taxes"] = [{"outlet_id": outlet, "tax_id": tax} for outlet in store.taxes]
    elif tax:
        details["all_outlets_tax"] = {"tax_id": tax}
    return details


def amount(value: str) -> float:
    """A JSON number is wanted (4): of up to fifteen digits a float is written as it was read."""
    return float(Decimal(value))


def made(key: str, values: Values, store: Store) -> Product:
    """A new article as it stands: its creation answers an id alone (13.2)."""
    step = NET_STEP if store.is_exclusive else Decimal("0.01")
    cost = values.get(ProductField.COST)
    return Product(
        key=key,
        code=values.get(ProductField.CODE, ""),
        description=values.get(ProductField.DESCRIPTION, ""),
        barcodes=tuple(filter(None, (values.get(ProductField.BARCODE),))),
        price=Decimal(values.get(ProductField.PRICE, "0")).quantize(step),
        cost=ZERO if cost is None else Decimal(cost),
        vat=values.get(ProductField.VAT, "") or tax_of(store, {}),
        group=values.get(ProductField.GROUP, ""),
        kind=ProductKind.GOODS if values.get(ProductField.STOCKED) != "false" else ProductKind.SERVICE,
    )
