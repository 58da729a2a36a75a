"""The books of Exact as a place where people keep articles."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.sandbox.exact import stock
from services.sandbox.exact.division import Author
from tests.services.desks import CENT, Article
from tests.services.products_world import D, Scene
from tests.services.stock_world import warehouses

WITHOUT, WITH = {D(21): "2", D(9): "1"}, {D(21): "4", D(9): "3"}
"""The VAT codes of each rate, of types E and I: whether the item's price bears VAT (domain.md 11.3)."""
STEP = D("0.0001")


class BooksDesk:
    """A price is without VAT, with four decimals, under a VAT code of type E, and bears it under type I."""

    def __init__(self, scene: Scene, dice: random.Random) -> None:
        self.scene = scene
        self._dice = dice

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        vat = self._dice.choice((WITHOUT, WITH))[rate]
        self.scene.new_in_exact(code, str(_kept(price, vat)), SalesVatCode=vat, IsStockItem=True)

    def make_category(self, name: str) -> str:
        """A group with the ledgers of the second one, where it isn't there yet."""
        groups = list(self.scene.division.table("logistics/ItemGroups"))
        known = next((each for each in groups if each["Description"] == name), None)
        if known is None:
            own = {each: value for each, value in groups[-1].items() if each.startswith("GL")}
            row = own | {"Code": name[:3], "Description": name, "IsDefault": 0}
            known = self.scene.division.add("logistics/ItemGroups", row, Author("u1", "Eva de Jong"))
        return str(known["ID"])

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

    def bar(self, key: str, barcode: str) -> None:
        self._put(key, Barcode=barcode or None)

    def price(self, key: str, price: Decimal) -> None:
        """Of an item whose first price isn't there yet nobody changes it."""
        if self.scene.division.table("logistics/SalesItemPrices").find("Item", key):
            row = self._row(key)
            self.scene.price_in_exact(row["Code"], str(_kept(price, _vat_of(row))))

    def cost(self, key: str, cost: Decimal) -> None:
        self._put(key, CostPriceStandard=cost)

    def tax(self, key: str, rate: Decimal) -> None:
        """The price stays the number that it is, and may mean another."""
        self._put(key, SalesVatCode=self._dice.choice((WITHOUT, WITH))[rate])

    def sort(self, key: str, category: str) -> None:
        self._put(key, ItemGroup=self.make_category(category))

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
        vat = _vat_of(row)
        (rate,) = (rate for codes in (WITHOUT, WITH) for rate, code in codes.items() if code == vat)
        positions = {
            each["Warehouse"]: each["CurrentStock"] - each["PlannedStockOut"]
            for each in self.scene.division.table("inventory/ItemWarehouses").find("Item", key)
        }
        price = D(str(row["StandardSalesPrice"] or 0))
        gross = price if vat in WITH.values() else price * (1 + rate / 100)
        group = self.scene.division.table("logistics/ItemGroups").rows[row["ItemGroup"]]
        return Article(
            row["Code"],
            row["Description"],
            tuple(filter(None, (row.get("Barcode"),))),
            gross.quantize(CENT, ROUND_HALF_UP),
            D(str(row["CostPriceStandard"] or 0)),
            rate,
            "" if group["IsDefault"] else group["Description"],
            row.get("EndDate") is None,
            bool(row["IsStockItem"]),
            tuple(positions.get(place, D(0)) for place in warehouses(self.scene)),
        )


def _vat_of(row: dict[str, Any]) -> str:
    return str(row["SalesVatCode"]).strip()


def _kept(price: Decimal, vat: str) -> Decimal:
    """As an item of this VAT code holds what the customer pays."""
    for rate, code in WITHOUT.items():
        if code == vat:
            return (price / (1 + rate / 100)).quantize(STEP, ROUND_HALF_UP)
    return price
