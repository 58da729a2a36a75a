"""What must be known of both sides to read one's prices, VAT and groups as the other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from libs.common.domain.product import CHOOSABLE, Direction, ProductField
from libs.common.domain.rules import rate_key

EXCLUDING, INCLUDING = "E", "I"
BEARS_VAT = (EXCLUDING, INCLUDING)


@dataclass(frozen=True, slots=True)
class ItemVatCode:
    """A VAT code of Exact: `type` says whether an item's price includes VAT (exact-online.md 5.3)."""

    code: str
    type: str
    percentage: Decimal
    """In per cent: 21, not 0.21."""
    is_for_sales: bool = True
    """Not blocked, not of purchases alone, no reverse charge."""

    @property
    def includes_vat(self) -> bool:
        return self.type == INCLUDING

    @property
    def rate_on_price(self) -> Decimal:
        """What the price lacks or holds: nothing under codes of base or none."""
        return self.percentage if self.type in BEARS_VAT else Decimal(0)


@dataclass(frozen=True, slots=True)
class ItemGroup:
    id: str
    name: str
    has_ledgers: bool = True


@dataclass(frozen=True, slots=True)
class TillArticles:
    """What the articles of a product line have, and whether they can follow Exact's."""

    fields: frozenset[ProductField] = frozenset(CHOOSABLE) - {ProductField.UNIT}
    only_new: frozenset[ProductField] = frozenset()
    """What a new article alone can be given: of one that is there its API changes nothing of the kind."""
    directions: tuple[Direction, ...] = (Direction.TO_EXACT, Direction.TO_LIGHTSPEED)
    have_stock: bool = True
    barcode_lengths: tuple[int, ...] = ()
    """In digits: what it takes as a barcode of Exact's."""
    bear_vat: bool = True
    """Else an article has the VAT of its category, which is its class: `products.vat_codes` says the code."""
    sold_by_code: bool = False
    """Whether its sales name an article by its code, and by nothing else."""


@dataclass(frozen=True, slots=True)
class TillTaxes:
    """The till's usual tax category: the rate of each class, and whether prices include it."""

    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """By class, in per cent; "" is the rate of classes that have none of their own."""
    category: str = ""
    includes_vat: bool = True

    def rate_of(self, tax_class: str) -> Decimal | None:
        return self.rates.get(tax_class, self.rates.get(""))


@dataclass(frozen=True, slots=True)
class ProductFacts:
    vat_codes: Mapping[str, ItemVatCode] = field(default_factory=dict)
    vat_rules: Mapping[str, str] = field(default_factory=dict)
    """`Rules.vat`: the same table as for posting (11.3)."""
    taxes: TillTaxes = field(default_factory=TillTaxes)
    item_groups: Mapping[str, ItemGroup] = field(default_factory=dict)
    default_group: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)
    """Names by id."""
    group_of_category: Mapping[str, str] = field(default_factory=dict)
    """As the merchant chose."""
    units: frozenset[str] = frozenset()
    vat_of_category: Mapping[str, str] | None = None
    """As the merchant chose where articles bear no tax of their own; None where they do."""

    def vat_code_of_class(self, tax_class: str) -> ItemVatCode | None:
        """The most specific rule wins, as for sales; None where none is, or Exact no longer has it."""
        if self.vat_of_category is not None:
            return self.vat_codes.get(self.vat_of_category.get(tax_class, "").strip())
        rate = self.taxes.rate_of(tax_class)
        keys = [f"category:{self.taxes.category}/class:{tax_class}", f"class:{tax_class}"]
        keys += [] if rate is None else [rate_key(rate)]
        code = next((self.vat_rules[key] for key in keys if key in self.vat_rules), None)
        return None if code is None else self.vat_codes.get(code.strip())

    def till_rate(self, tax_class: str, code: ItemVatCode) -> Decimal | None:
        """What the till's price bears; where articles bear no tax, what the VAT code says."""
        return self.taxes.rate_of(tax_class) if self.vat_of_category is None else code.rate_on_price

    def is_class_of(self, tax_class: str, code: ItemVatCode) -> bool:
        """Whether a class of the till says what the code does: by rule, or by the rate on the price."""
        ruled = self.vat_code_of_class(tax_class)
        return ruled is not None and (ruled.code == code.code or is_same_rate(ruled, code))

    def class_of_vat_code(self, code: ItemVatCode) -> str | None:
        """The class that a rule leads to this code, else the first by number that bears its rate."""
        classes = sorted(filter(None, self.taxes.rates), key=_by_number)
        ruled = [each for each in classes if _is(self.vat_code_of_class(each), code)]
        alike = [each for each in classes if self.is_class_of(each, code)]
        return next(iter([*ruled, *alike]), None)


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """What a connection keeps in step, and how its two sides are read."""

    direction: Direction
    fields: frozenset[ProductField]
    facts: ProductFacts
    only_new: frozenset[ProductField] = frozenset()
    """What the side that follows takes of a new article alone."""
    barcode_lengths: tuple[int, ...] = ()
    """What the till takes as a barcode."""


def is_same_rate(one: ItemVatCode, other: ItemVatCode) -> bool:
    """Codes that differ only in whether the price includes VAT; among those without VAT each is its own."""
    return one.type in BEARS_VAT and other.type in BEARS_VAT and one.percentage == other.percentage


def _is(one: ItemVatCode | None, other: ItemVatCode) -> bool:
    return one is not None and one.code == other.code


def _by_number(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (10**9, key)
