"""Where people keep articles: a till of R-Series and a store of X-Series; the books of Exact are beside.

Each does what somebody there does, and says what an article is there now, so that two can be held against
each other without asking the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from services.sandbox.retail import catalogue as retail_catalogue
from services.sandbox.retail.writes import CODE_LENGTHS
from services.sandbox.x_series import catalogue as x_catalogue
from services.sandbox.x_series import product_writes
from tests.services.products_world import D, Scene
from tests.services.stock_world import CENTRUM, STATION
from tests.services.x_products_world import XScene

RATES = (D(21), D(9))
CLASSES = dict(zip(RATES, (1, 3), strict=True))
OTHERS, PLANTS = "Overig", "Planten"
CATEGORIES = (OTHERS, PLANTS)
CENT = D("0.01")


@dataclass(frozen=True, slots=True)
class Article:
    """`price` bears VAT, to the cent; `category` is empty where it says nothing; `stock` is of each place."""

    code: str
    name: str
    barcodes: tuple[str, ...]
    price: Decimal
    cost: Decimal
    rate: Decimal
    category: str
    is_active: bool
    is_stocked: bool
    stock: tuple[Decimal, ...]


class Desk(Protocol):
    def make(self, code: str, price: Decimal, rate: Decimal) -> None: ...
    def make_category(self, name: str) -> str: ...
    def articles(self) -> list[str]: ...
    def rename(self, key: str, name: str) -> None: ...
    def recode(self, key: str, code: str) -> None: ...
    def bar(self, key: str, barcode: str) -> None: ...
    def price(self, key: str, price: Decimal) -> None: ...
    def cost(self, key: str, cost: Decimal) -> None: ...
    def tax(self, key: str, rate: Decimal) -> None: ...
    def sort(self, key: str, category: str) -> None: ...
    def archive(self, key: str) -> None: ...
    def restore(self, key: str) -> None: ...
    def move(self, key: str, place: int, quantity: Decimal) -> None: ...
    def article(self, key: str) -> Article: ...


class Till(Desk, Protocol):
    @property
    def places(self) -> tuple[str, ...]: ...


class RetailDesk:
    @property
    def places(self) -> tuple[str, ...]:
        return (CENTRUM, STATION)

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        self.scene.new_at_till(code, str(price), taxClassID=CLASSES[rate])

    def make_bundle(self, code: str, price: Decimal) -> None:
        self.scene.new_at_till(code, str(price), taxClassID=CLASSES[RATES[0]], itemType="assembly")

    def make_category(self, name: str) -> str:
        return str(self.scene.at_till("POST", "Category", name=name).key)

    def articles(self) -> list[str]:
        return [str(row.key) for row in self.scene.account["Item"]]

    def _put(self, key: str, **body: Any) -> None:
        self.scene.at_till("PUT", f"Item/{key}", **body)

    def rename(self, key: str, name: str) -> None:
        self._put(key, description=name)

    def recode(self, key: str, code: str) -> None:
        self._put(key, customSku=code)

    def bar(self, key: str, barcode: str) -> None:
        """Which another article has, the till doesn't take (6.1)."""
        assert not barcode or len(barcode) in CODE_LENGTHS
        if not barcode or barcode not in {each for other in self.articles() for each in self._bars(other)}:
            self._put(key, ean=barcode, upc="")

    def _bars(self, key: str) -> tuple[str, ...]:
        row = self.scene.account["Item"].rows[int(key)]
        return tuple(filter(None, (row.text("ean"), row.text("upc"))))

    def price(self, key: str, price: Decimal) -> None:
        self.scene.price_at_till(key, str(price))

    def cost(self, key: str, cost: Decimal) -> None:
        self._put(key, defaultCost=str(cost))

    def tax(self, key: str, rate: Decimal) -> None:
        self._put(key, taxClassID=CLASSES[rate])

    def sort(self, key: str, category: str) -> None:
        for row in self.scene.account["Category"].find("name", category):
            self._put(key, categoryID=row.key)

    def archive(self, key: str) -> None:
        self.scene.at_till("DELETE", f"Item/{key}")

    def restore(self, key: str) -> None:
        self._put(key, archived=False)

    def move(self, key: str, place: int, quantity: Decimal) -> None:
        retail_catalogue.move_stock(self.scene.account, int(key), place + 1, quantity)

    def merge(self, gone: str, left: str) -> None:
        self.scene.merge_at_till(gone, left)

    def article(self, key: str) -> Article:
        row = self.scene.account["Item"].get(int(key))
        assert row is not None
        shelves = {
            shelf.id("shopID"): shelf.number("qoh")
            for shelf in self.scene.account["ItemShop"].find("itemID", row.key)
        }
        (rate,) = (rate for rate, each in CLASSES.items() if each == row.id("taxClassID"))
        category = self.scene.account["Category"].get(row.id("categoryID"))
        return Article(
            row.text("customSku"),
            row.text("description"),
            self._bars(key),
            self.scene.till_price(row),
            row.number("defaultCost"),
            rate,
            "" if category is None else category.text("name"),
            not row.flag("archived"),
            row.text("itemType") == "default",
            tuple(shelves.get(int(shop), D(0)) for shop in (CENTRUM, STATION)),
        )


class StoreDesk:
    def __init__(self, scene: XScene) -> None:
        self.scene = scene

    @property
    def places(self) -> tuple[str, ...]:
        return (self.scene.outlet(0), self.scene.outlet(1))

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        tax = {"tax_id": self.scene.tax(int(rate))}
        self.scene.new_in_store(code, str(price), all_outlets_tax=tax)

    def make_category(self, name: str) -> str:
        answer: Any = product_writes.make_categories(
            self.scene.call("POST", {"categories": [{"payload_id": "1", "name": name}]})
        )
        return str(answer.body["data"][0]["id"])

    def articles(self) -> list[str]:
        return [product.id for product in self.scene.store.products if not product.is_system]

    def _put(self, key: str, **body: Any) -> None:
        self.scene.change_in_store(self.scene.store.products[key].sku, **body)

    def rename(self, key: str, name: str) -> None:
        self._put(key, common={"name": name})

    def recode(self, key: str, code: str) -> None:
        self._codes(key, code, self._bars(key))

    def bar(self, key: str, barcode: str) -> None:
        self._codes(key, self.scene.store.products[key].sku, (barcode,) if barcode else ())

    def _bars(self, key: str) -> tuple[str, ...]:
        codes = self.scene.store.products[key].codes
        return tuple(each["code"] for each in codes if each["type"] != "CUSTOM")

    def _codes(self, key: str, code: str, barcodes: tuple[str, ...]) -> None:
        own = [{"type": "CUSTOM", "code": code}]
        self._put(key, product_codes=own + [{"type": "EAN", "code": each} for each in barcodes])

    def price(self, key: str, price: Decimal) -> None:
        self._put(key, price_including_tax=str(price))

    def cost(self, key: str, cost: Decimal) -> None:
        """Its supplier's, which is no member of an article (13.3)."""
        store, product = self.scene.store, self.scene.store.products[key]
        product.cost = cost
        store.put(store.products, product, "product.update")

    def tax(self, key: str, rate: Decimal) -> None:
        self._put(key, all_outlets_tax={"tax_id": self.scene.tax(int(rate))})

    def sort(self, key: str, category: str) -> None:
        for row in self.scene.store.categories:
            if row.name == category:
                self._put(key, common={"product_category_id": row.id})

    def archive(self, key: str) -> None:
        self._put(key, is_active=False)

    def restore(self, key: str) -> None:
        self._put(key, is_active=True)

    def move(self, key: str, place: int, quantity: Decimal) -> None:
        x_catalogue.move_stock(self.scene.store, key, self.scene.outlet(place), quantity)

    def article(self, key: str) -> Article:
        store, product = self.scene.store, self.scene.store.products[key]
        (tax,) = {x_catalogue.tax_of_product(store, product, outlet) for outlet in store.outlets}
        places = [store.stock_places.get((key, self.scene.outlet(place))) for place in (0, 1)]
        category = store.categories.get(product.category_id)
        return Article(
            product.sku,
            product.name,
            self._bars(key),
            product.price_incl.quantize(CENT),
            product.cost,
            store.rate(tax) * 100,
            "" if category is None else category.name,
            product.active,
            product.tracks_inventory,
            tuple(D(0) if place is None else store.stock[place].level for place in places),
        )
