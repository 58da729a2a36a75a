"""The articles of the bench: what each of them is, and how either side holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.sandbox.retail.rows import Row
from services.sandbox.x_series import catalogue
from services.sandbox.x_series.records import Product
from tests.services.products_world import D, Scene
from tests.services.x_products_world import XScene

OTHER = "Overig"
"""The item group, and the category, of every other article; the rest is in the default group or in none."""
CODE_OF_RATE = {21: "2", 9: "1", 0: "5"}
CLASS_OF_RATE = {21: 1, 9: 3, 0: 4}
RATES = (21, 21, 21, 21, 21, 21, 21, 9, 9, 0)
COLOURS = ("rood", "groen", "blauw", "geel", "zwart", "crème", "paars")
CENT = D("0.01")


@dataclass(frozen=True, slots=True)
class Article:
    """The same on either side; the price is what the customer pays."""

    code: str
    name: str
    barcode: str
    price: Decimal
    cost: Decimal
    rate: int
    is_other: bool
    is_active: bool = True


def article(number: int) -> Article:
    price = D(number % 9000 + 100) / 100
    return Article(
        code=f"A-{number:06}",
        name=f"Artikel {number} {COLOURS[number % len(COLOURS)]}",
        barcode=_ean(number) if number % 3 else "",
        price=price,
        cost=(price * D("0.45")).quantize(CENT),
        rate=RATES[number % 10],
        is_other=number % 2 == 1,
    )


def changed(held: Article) -> Article:
    return replace(held, name=f"{held.name} nieuw", price=held.price + 1)


def _ean(number: int) -> str:
    digits = f"871{number:09}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighed % 10)


def _net(held: Article) -> Decimal:
    """As Exact holds it under a code without VAT in its prices."""
    return round(held.price * 100 / (100 + held.rate), 4)


class Books:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        groups = scene.division.table("logistics/ItemGroups")
        self.other = next(str(row["ID"]) for row in groups if row["Description"] == OTHER)

    def put(self, held: Article) -> None:
        more: dict[str, Any] = {"Description": held.name, "SalesVatCode": CODE_OF_RATE[held.rate]}
        more |= {"Barcode": held.barcode or None, "CostPriceStandard": held.cost}
        if held.is_other:
            more["ItemGroup"] = self.other
        self._scene.new_in_exact(held.code, str(_net(held)), **more)

    def change(self, held: Article) -> None:
        self._scene.change_in_exact(held.code, Description=held.name)
        self._scene.price_in_exact(held.code, str(_net(held)))

    def held(self) -> Iterable[Article]:
        for row in self._scene.division.table("logistics/Items"):
            yield self._article(row)

    def _article(self, row: dict[str, Any]) -> Article:
        codes = {code: rate for rate, code in CODE_OF_RATE.items()}
        rate = codes[str(row["SalesVatCode"]).strip()]
        return Article(
            code=row["Code"],
            name=row["Description"],
            barcode=row.get("Barcode") or "",
            price=(row["StandardSalesPrice"] * (100 + rate) / 100).quantize(CENT),
            cost=row["CostPriceStandard"],
            rate=rate,
            is_other=row["ItemGroup"] == self.other,
            is_active=row["IsSalesItem"] and row.get("EndDate") is None,
        )

    def count(self) -> int:
        return len(self._scene.division.table("logistics/Items"))


class RetailShelf:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.other = ""

    def make_category(self) -> str:
        self.other = str(self._scene.at_till("POST", "Category", name=OTHER).key)
        return self.other

    def put(self, held: Article) -> None:
        more = {"description": held.name, "taxClassID": str(CLASS_OF_RATE[held.rate])}
        more |= {"defaultCost": str(held.cost), "ean": held.barcode}
        more["categoryID"] = self.other if held.is_other and self.other else "0"
        self._scene.new_at_till(held.code, str(held.price), **more)

    def change(self, held: Article) -> None:
        key = str(self._scene.till_item(held.code).key)
        self._scene.at_till("PUT", f"Item/{key}", description=held.name)
        self._scene.price_at_till(key, str(held.price))

    def held(self) -> Iterable[Article]:
        return map(self._article, self._scene.account["Item"])

    def _article(self, row: Row) -> Article:
        category = self._scene.account["Category"].get(row.id("categoryID"))
        classes = {tax_class: rate for rate, tax_class in CLASS_OF_RATE.items()}
        return Article(
            code=row.text("customSku"),
            name=row.text("description"),
            barcode=row.text("ean"),
            price=self._scene.till_price(row),
            cost=row.number("defaultCost"),
            rate=classes[row.id("taxClassID")],
            is_other=category is not None and category.text("name") == OTHER,
            is_active=not row.flag("archived"),
        )

    def count(self) -> int:
        return len(self._scene.account["Item"])


class StoreShelf:
    """Of X-Series."""

    def __init__(self, scene: XScene) -> None:
        self._scene = scene
        self.other = ""

    def make_category(self) -> str:
        store = self._scene.store
        self.other = catalogue.category_of(store.categories, store, OTHER).id
        return self.other

    def put(self, held: Article) -> None:
        codes = [{"type": "CUSTOM", "code": held.code}]
        if held.barcode:
            codes.append({"type": "EAN", "code": held.barcode})
        more: dict[str, Any] = {"name": held.name, "supply_price": str(held.cost), "product_codes": codes}
        if held.rate != RATES[0]:
            more["all_outlets_tax"] = {"tax_id": self._scene.tax(held.rate)}
        if held.is_other and self.other:
            more["product_category_id"] = self.other
        self._scene.new_in_store(held.code, str(held.price), **more)

    def change(self, held: Article) -> None:
        self._scene.change_in_store(
            held.code, common={"name": held.name}, price_including_tax=str(held.price)
        )

    def held(self) -> Iterable[Article]:
        return (self._article(row) for row in self._scene.store.products if not row.is_system)

    def _article(self, row: Product) -> Article:
        store = self._scene.store
        (tax,) = {catalogue.tax_of_product(store, row, outlet) for outlet in store.outlets}
        category = store.categories.get(row.category_id)
        return Article(
            code=row.sku,
            name=row.name,
            barcode=next((code["code"] for code in row.codes if code["type"] != "CUSTOM"), ""),
            price=row.price_incl.quantize(CENT),
            cost=row.cost,
            rate=int(store.rate(tax) * 100),
            is_other=category is not None and category.name == OTHER,
            is_active=row.active,
        )

    def count(self) -> int:
        return sum(1 for row in self._scene.store.products if not row.is_system)


Shelf = Books | RetailShelf | StoreShelf


def differences(expected: Iterable[Article], *shelves: Shelf) -> int:
    """Articles that a side lacks or has too many, or of which it holds a field otherwise."""
    wanted = {each.code: each for each in expected}
    wrong = 0
    for shelf in shelves:
        found = list(shelf.held())
        codes = {each.code for each in found}
        wrong += len(found) - len(codes) + len(wanted.keys() - codes)
        wrong += sum(wanted.get(each.code) != each for each in found)
    return wrong
