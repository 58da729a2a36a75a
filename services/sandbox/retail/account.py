"""One merchant's account: its tables, and what the till needs to know about them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.sandbox.retail.rows import Row, Table
from services.sandbox.retail.schema import ENTITIES
from services.sandbox.retail.tax import Rates
from services.sandbox.retail.values import Value, number_text


@dataclass
class Account:
    """`buyers` and `cards` remember which row a till's reference or a gift card's code is.

    `counted` are the last rows that the last count of each register took in, by entity.
    """

    account_id: int
    name: str
    now: Callable[[], datetime]
    cash_rounding: bool = False
    tables: dict[str, Table] = field(
        default_factory=lambda: {name: Table(kind) for name, kind in ENTITIES.items()}
    )
    buyers: dict[str, int] = field(default_factory=dict)
    cards: dict[str, int] = field(default_factory=dict)
    rates: dict[tuple[int, int], Rates] = field(default_factory=dict)
    counted: dict[int, dict[str, int]] = field(default_factory=dict)
    next_system_sku: int = 1

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def add(self, entity: str, /, **fields: Value) -> Row:
        return self.tables[entity].add(fields)

    def change(self, row: Row, /, **fields: Value) -> None:
        self.tables[row.entity.name].change(row, fields)

    def stamp(self) -> datetime:
        """Now, in the whole seconds that the vendor keeps."""
        return self.now().replace(microsecond=0)

    def rates_of(self, tax_category: int, tax_class: int) -> Rates:
        """The rates of a class inside a category; the category's own where it has none."""
        known = self.rates.get((tax_category, tax_class))
        if known is None:
            known = self.rates[tax_category, tax_class] = self._find_rates(tax_category, tax_class)
        return known

    def _find_rates(self, tax_category: int, tax_class: int) -> Rates:
        category = self["TaxCategory"].get(tax_category)
        if category is None:
            return Rates()
        inclusive = category.flag("isTaxInclusive")
        for row in self["TaxCategoryClass"].find("taxCategoryID", tax_category):
            if row.id("taxClassID") == tax_class:
                return Rates(row.number("tax1Rate"), row.number("tax2Rate"), inclusive)
        return Rates(category.number("tax1Rate"), category.number("tax2Rate"), inclusive)

    def system_sku(self) -> str:
        sku = f"21{self.next_system_sku:010d}"
        self.next_system_sku += 1
        return sku

    def forget_texts(self) -> None:
        for table in self.tables.values():
            for row in table:
                row.forget_text()


def prices(amount: Decimal, msrp: Decimal = Decimal(0)) -> Value:
    return {
        "ItemPrice": [
            {"amount": number_text(amount), "useTypeID": "1", "useType": "Default"},
            {"amount": number_text(msrp), "useTypeID": "2", "useType": "MSRP"},
            {"amount": "0", "useTypeID": "3", "useType": "Online"},
        ]
    }
