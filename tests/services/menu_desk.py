"""The menu of a restaurant of K-Series as a place where people keep articles, of which it says no stock."""

from __future__ import annotations

from decimal import Decimal

from services.sandbox.restaurant.business import Item
from tests.services.desks import OTHERS, PLANTS, RATES, Article
from tests.services.restaurant_products_world import RestaurantScene

GROUPS = {RATES[0]: "Alcohol", RATES[1]: "Keuken"}
"""An article has the VAT of its accounting group, which is its category too."""
NAMED = {PLANTS: "Alcohol", OTHERS: "Keuken"}


class MenuDesk:
    def __init__(self, scene: RestaurantScene) -> None:
        self.scene = scene

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(str(each.bl_id) for each in self.scene.business.locations)

    def make(self, code: str, price: Decimal, rate: Decimal) -> None:
        self.scene.on_the_menu(code, str(price), GROUPS[rate])

    def make_category(self, name: str) -> str:
        return self.scene.group(NAMED[name])

    def articles(self) -> list[str]:
        return [str(key) for key in self.scene.business.items]

    def _item(self, key: str) -> Item:
        return self.scene.business.items[int(key)]

    def rename(self, key: str, name: str) -> None:
        self._item(key).name = name

    def recode(self, key: str, code: str) -> None:
        self._item(key).sku = code

    def bar(self, key: str, barcode: str) -> None:
        self._item(key).barcodes = (barcode,) if barcode else ()

    def price(self, key: str, price: Decimal) -> None:
        self._item(key).price = price

    def cost(self, key: str, cost: Decimal) -> None:
        self._item(key).cost = cost

    def tax(self, key: str, rate: Decimal) -> None:
        self._item(key).group = self.scene.business.group_of(GROUPS[rate])

    def sort(self, key: str, category: str) -> None:
        self._item(key).group = self.scene.business.group_of(NAMED[category])

    def archive(self, key: str) -> None:
        self._item(key).active = False

    def restore(self, key: str) -> None:
        self._item(key).active = True

    def move(self, key: str, place: int, quantity: Decimal) -> None:
        raise AssertionError("a menu has no stock")

    def article(self, key: str) -> Article:
        item = self._item(key)
        (rate,) = (rate for rate, name in GROUPS.items() if name == item.group.name)
        (category,) = (category for category, name in NAMED.items() if name == item.group.name)
        return Article(
            item.sku,
            item.name,
            item.barcodes,
            item.price,
            item.cost or Decimal(0),
            rate,
            category,
            item.active,
            is_stocked=False,
            stock=(),
        )
