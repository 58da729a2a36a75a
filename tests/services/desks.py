"""Three places where people keep articles: a till of R-Series, a store of X-Series, and the books of Exact.

Each does what somebody there does, and says what an article is there now, so that two can be held against
each other without asking the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from services.sandbox.exact import stock
from services.sandbox.retail import catalogue as retail_catalogue
from services.sandbox.x_series import catalogue as x_catalogue
from tests.services.products_world import D, Scene
from tests.services.stock_world import CENTRUM, STATION, warehouses
from tests.services.x_products_world import XScene

RATES = (D(21), D(9))
CLASSES, CODES = dict(zip(RATES, (1, 3), strict=True)), dict(zip(RATES, ("2", "1"), strict=True))
CENT, STEP = D("0.01"), D("0.0001")


@dataclass(frozen=True)
class Article:
    """`price` bears VAT, to the cent; `stock` is that of each place."""

    code: str
    name: str
    price: Decimal
    rate: Decimal
    is_active: bool
    stock: tuple[Decimal, ...]


class Desk(Protocol):
    def make(self, code: str, price: Decimal, rate: Decimal) -> None: ...
    def articles(self) -> list[str]: ...
    def rename(self, key: str, name: str) -> None: ...
    def recode(self, key: str, code: str) -> None: ...
    def price(self, key: str, price: Decimal) -> None: ...
    def archive(self, key: str) -> None: ...
    def restore(self, key: str) -> None: ...
    def move(self, key: str, place: int, quantity: Decimal) -> None: ...
    def article(self, key: str) -> Article: ...


class RetailDesk:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        self.scene.new_at_till(code, str(price), taxClassID=CLASSES[rate])

    def articles(self) -> list[str]:
        return [str(row.key) for row in self.scene.account["Item"]]

    def _put(self, key: str, **body: Any) -> None:
        self.scene.at_till("PUT", f"Item/{key}", **body)

    def rename(self, key: str, name: str) -> None:
        self._put(key, description=name)

    def recode(self, key: str, code: str) -> None:
        self._put(key, customSku=code)

    def price(self, key: str, price: Decimal) -> None:
        self.scene.price_at_till(key, str(price))

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
        return Article(
            row.text("customSku"),
            row.text("description"),
            self.scene.till_price(row),
            rate,
            not row.flag("archived"),
            tuple(shelves.get(int(shop), D(0)) for shop in (CENTRUM, STATION)),
        )


class StoreDesk:
    def __init__(self, scene: XScene) -> None:
        self.scene = scene

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        tax = {"tax_id": self.scene.tax(int(rate))}
        self.scene.new_in_store(code, str(price), all_outlets_tax=tax)

    def articles(self) -> list[str]:
        return [product.id for product in self.scene.store.products if not product.is_system]

    def _put(self, key: str, **body: Any) -> None:
        self.scene.change_in_store(self.scene.store.products[key].sku, **body)

    def rename(self, key: str, name: str) -> None:
        self._put(key, common={"name": name})

    def recode(self, key: str, code: str) -> None:
        self._put(key, product_codes=[{"type": "CUSTOM", "code": code}])

    def price(self, key: str, price: Decimal) -> None:
        self._put(key, price_including_tax=str(price))

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
        levels = tuple(D(0) if place is None else store.stock[place].level for place in places)
        price = product.price_incl.quantize(CENT)
        return Article(product.sku, product.name, price, store.rate(tax) * 100, product.active, levels)


class BooksDesk:
    """Keeps prices without VAT, four decimals, as its codes of type E say (domain.md 11.3)."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        net = (price / (1 + rate / 100)).quantize(STEP)
        self.scene.new_in_exact(code, str(net), SalesVatCode=CODES[rate], IsStockItem=True)

    def articles(self) -> list[str]:
        return [row["ID"] for row in self.scene.division.table("logistics/Items")]

    def _row(self, key: str) -> dict[str, Any]:
        return self.scene.division.table("logistics/Items").rows[key]

    def _put(self, key: str, **body: Any) -> None:
        self.scene.change_in_exact(self._row(key)["Code"], **body)

    def rename(self, key: str, name: str) -> None:
        self._put(key, Description=name)

    def recode(self, key: str, code: str) -> None:
        self._put(key, Code=code)

    def price(self, key: str, price: Decimal) -> None:
        """Of an item whose first price isn't there yet nobody changes it."""
        rate = self.article(key).rate
        net = (price / (1 + rate / 100)).quantize(STEP)
        if self.scene.division.table("logistics/SalesItemPrices").find("Item", key):
            self.scene.price_in_exact(self._row(key)["Code"], str(net))

    def archive(self, key: str) -> None:
        self._put(key, EndDate=self.scene.division.today())

    def restore(self, key: str) -> None:
        self._put(key, EndDate=None)

    def move(self, key: str, place: int, quantity: Decimal) -> None:
        warehouse = self.scene.division.table("inventory/Warehouses").rows[warehouses(self.scene)[place]]
        stock.move(self.scene.bookkeeper, self._row(key), warehouse, quantity)

    def article(self, key: str) -> Article:
        """Its stock is what orders leave of it: what is ordered was sold."""
        row = self._row(key)
        (rate,) = (rate for rate, code in CODES.items() if code == str(row["SalesVatCode"]).strip())
        positions = {
            each["Warehouse"]: each["CurrentStock"] - each["PlannedStockOut"]
            for each in self.scene.division.table("inventory/ItemWarehouses").find("Item", key)
        }
        gross = (D(str(row["StandardSalesPrice"] or 0)) * (1 + rate / 100)).quantize(CENT)
        is_over = row.get("EndDate") is not None
        held = tuple(positions.get(place, D(0)) for place in warehouses(self.scene))
        return Article(row["Code"], row["Description"], gross, rate, not is_over, held)
