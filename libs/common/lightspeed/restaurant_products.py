"""The menu of one login of Lightspeed Restaurant, only read: a write would replace the whole article at every
location that shares it (11).

No list tells what changed, so each reading is of everything: some hundred articles, two or three pages each.
What didn't change is known by its content, and there is a pause between readings.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from libs.common.budget import Lane
from libs.common.domain.product import Direction, Product
from libs.common.domain.product_facts import TillArticles
from libs.common.lightspeed.errors import Unavailable
from libs.common.lightspeed.product_source import ProductPart, TillFacts
from libs.common.lightspeed.restaurant import RestaurantClient, Row
from libs.common.lightspeed.restaurant_item import facts_of, is_article, item_key, joined, product_of
from libs.common.lightspeed.restaurant_reference import Location
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.source import Access

ARTICLES = TillArticles(directions=(Direction.TO_EXACT,), have_stock=False, bear_vat=False, sold_by_code=True)
REST = timedelta(minutes=5)


def restaurant_products(
    access: Access, grant_id: str, account: str, closed: Collection[str]
) -> RestaurantProducts:
    client = RestaurantClient(access, grant_id, account, with_customers=False)
    return RestaurantProducts(client, access, closed)


class RestaurantProducts:
    articles = ARTICLES

    def __init__(self, client: RestaurantClient, access: Access, closed: Collection[str]) -> None:
        self._client = client
        self._now = access.now
        self._closed = frozenset(closed)

    async def read_facts(self) -> TillFacts:
        return facts_of([await self._named(each) for each in await self._locations(Lane.PRODUCTS)])

    async def _locations(self, lane: Lane) -> list[Location]:
        """Those that are booked: a login may see another company's too (4)."""
        found = await self._client.locations(lane)
        return [location for location in found if location.id not in self._closed]

    async def _named(self, location: Location) -> Location:
        lane = Lane.PRODUCTS
        return replace(
            location,
            tax_rates=dict(await self._client.tax_rates(location.id, lane)),
            accounting_groups=dict(await self._client.accounting_groups(location.id, lane)),
        )

    async def read(self, mark: str, lane: Lane) -> ProductPart:
        """All locations at once: only together do they tell what an article is, and what is gone."""
        began = self._now()
        products: list[Product] = []
        unreadable: dict[str, str] = {}
        for location in await self._locations(lane):
            for row in await self._items(location.id, lane):
                try:
                    if is_article(row):
                        products.append(product_of(row))
                except Unreadable as error:
                    if key := item_key(row):
                        unreadable[key] = str(error)
        whole = [each for each in joined(products) if each.key not in unreadable]
        return ProductPart(whole, "", True, f"{began:%Y-%m-%dT%H:%M:%S}", True, unreadable, rest=REST)

    async def _items(self, location: str, lane: Lane) -> list[Row]:
        """Each page begins with the last row of the one before, so that a list that moved is noticed.

        A page may hold less than was asked for: the list ends where nothing comes behind that row. Who knows
        no offset answers the same again.
        """
        rows = await self._client.items(location, 0, lane)
        new = rows
        while new:
            page = await self._client.items(location, len(rows) - 1, lane)
            if page == rows:
                break
            if not page or item_key(page[0]) != item_key(rows[-1]):
                raise Unavailable("the list of articles moved while it was read")
            new = page[1:]
            rows = [*rows, *new]
        return rows
