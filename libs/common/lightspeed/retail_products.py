"""Articles and stock of one Lightspeed Retail account: reads them in parts, writes single ones.

A first reading goes by id over everything; after it what changed comes by time stamp, which stock doesn't
move and archiving may not (6.1, 7): so all is walked through again each day, a few pages at a time, that
nothing which changes waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from libs.common.budget import Lane, Postponed
from libs.common.domain.product import Product, Values, code_key, number_text
from libs.common.domain.product_facts import TillArticles, TillTaxes
from libs.common.lightspeed.errors import BadRequest, NoRight, OutcomeUnknown
from libs.common.lightspeed.product_source import ProductPart, StockPart, TillFacts
from libs.common.lightspeed.retail import RetailAccount, RetailClient
from libs.common.lightspeed.retail_item import (
    item_body,
    item_key,
    merged_in,
    new_item_body,
    on_hand_of,
    product_of,
    taxes_of,
)
from libs.common.lightspeed.retail_query import at_least
from libs.common.lightspeed.retail_values import NONE, Row, Unreadable, flag, identity, text
from libs.common.lightspeed.source import Access
from libs.common.service import Now

ARTICLES = TillArticles(barcode_lengths=(11, 12, 13, 14))
"""What it takes as EAN or UPC (6.1)."""
ITEM, STOCK, CATEGORY = "Item", "ItemShop", "Category"
COUNT, COUNTED, RECONCILED = "InventoryCount", "InventoryCountItem", "InventoryCountReconcile"
RELATIONS = ("ItemAttributes",)
WHOLE = frozenset(
    {"itemID", "customSku", "description", "ean", "upc", "Prices", "taxClassID", "categoryID"}
    | {"archived", "itemType", "itemMatrixID"}
)
"""What the record of an article always names, and is compared (4.6)."""
EVERYTHING = {"archived": "true"}
LAG = timedelta(minutes=2)
"""Others with an older stamp may still be under way to the lists (7)."""
OVERLAP = timedelta(minutes=3)
WHOLE_EVERY = timedelta(days=1)
LOG, MERGES = "InventoryLog", "~,%ByMerge"
MOST_LOGGED = 10
"""Pages of the log."""
WALKED_AT_ONCE = 10
"""Pages of the daily walk before each look at what changed."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`read_to`: all that changed before was read; `whole_at`: when the last whole reading began.

    `next` is the page to go on with, `began` when the reading under way began; `walk` and `walk_began` are
    those of the daily walk, `walked` its pages in this reading.
    """

    read_to: datetime | None = None
    whole_at: datetime | None = None
    next: str = ""
    began: datetime | None = None
    walk: str = ""
    walk_began: datetime | None = None
    walked: int = 0

    @classmethod
    def read(cls, kept: str) -> Mark:
        fields: dict[str, Any] = json.loads(kept or "{}")
        moments = {
            name: datetime.fromisoformat(fields[name]) if fields.get(name) else None
            for name in ("read_to", "whole_at", "began", "walk_began")
        }
        return cls(**{**fields, **moments})

    def kept(self) -> str:
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, default=datetime.isoformat)


@dataclass(frozen=True, slots=True)
class Step:
    """A page, and where to go on."""

    rows: list[dict[str, Any]]
    left: Mark
    is_last: bool
    whole: str
    ends_whole: bool


def relations_of(entity: str) -> tuple[str, ...]:
    return RELATIONS if entity == ITEM else ()


def asked_of(entity: str) -> dict[str, str]:
    return EVERYTHING if entity == ITEM else {}


def _name(began: datetime) -> str:
    return f"{began:%Y-%m-%dT%H:%M:%S}"


def retail_products(
    access: Access, grant_id: str, account_id: str, closed: Collection[str]
) -> RetailProducts:
    """Articles are the account's: they are the same at outlets that are closed to us."""
    app = access.app
    client = RetailClient(access.http, access.vault, access.budget, access.now, app.auth_url, app.api_url)
    return RetailProducts(client.account(grant_id, account_id), access.now)


class RetailProducts:
    articles = ARTICLES
    counts_by_name = True

    def __init__(self, account: RetailAccount, now: Now) -> None:
        self._account = account
        self._now = now
        self._employee = ""

    async def read_facts(self) -> TillFacts:
        shops = await self._account.rows("Shop", lane=Lane.PRODUCTS)
        taxes = await self._account.rows("TaxCategory", relations=["TaxCategoryClasses"], lane=Lane.PRODUCTS)
        classes = await self._account.rows("TaxClass", lane=Lane.PRODUCTS)
        categories = await self._account.rows(CATEGORY, {"sort": "categoryID"}, lane=Lane.PRODUCTS)
        return facts_of(shops, taxes, classes, categories)

    async def read(self, mark: str, lane: Lane) -> ProductPart:
        known = Mark.read(mark)
        step = await self._step(known, ITEM, "itemID", lane)
        products, unreadable = _products_of(step.rows)
        merged = await self._merged(known.whole_at, lane) if step.ends_whole and known.whole_at else {}
        return ProductPart(
            products,
            step.left.kept(),
            step.is_last,
            step.whole,
            step.ends_whole,
            unreadable,
            merged=merged,
        )

    async def _step(self, mark: Mark, entity: str, key: str, lane: Lane) -> Step:
        """One page. A walk that Lightspeed refuses to go on with begins again."""
        try:
            return await self._walk(mark, entity, key) or await self._go_on(mark, entity, key, lane)
        except BadRequest:
            if not (mark.next or mark.walk):
                raise
            return await self._step(Mark(mark.read_to, mark.whole_at), entity, key, lane)

    async def _merged(self, since: datetime, lane: Lane) -> dict[str, str]:
        """By the inventory's log; a login that may not read it says nothing of them (1.6)."""
        asked = {"sort": "-inventoryLogID", "reason": MERGES, "createTime": at_least(since - OVERLAP)}
        address: str | None = self._account.address(LOG, asked)
        rows: list[Row] = []
        try:
            for _ in range(MOST_LOGGED):
                if address is None:
                    break
                page = await self._account.page(address, entity=LOG, lane=lane)
                rows += page.rows
                address = page.next
        except (NoRight, BadRequest):
            return {}
        return merged_in(rows)

    async def _walk(self, mark: Mark, entity: str, key: str) -> Step | None:
        """Of the daily walk, where it is due and the budget has room for what nobody waits for."""
        now = self._now()
        is_due = bool(mark.walk) or mark.whole_at is None or now - mark.whole_at >= WHOLE_EVERY
        if mark.read_to is None or mark.next or not is_due or mark.walked >= WALKED_AT_ONCE:
            return None
        began = (mark.walk_began if mark.walk else None) or now
        address = mark.walk or self._everything(entity, key)
        try:
            page = await self._account.page(address, relations_of(entity), entity=entity, lane=Lane.CATALOGUE)
        except Postponed:
            return None
        left = replace(mark, walk=page.next or "", walk_began=began, walked=mark.walked + 1)
        if page.next is None:
            left = replace(left, whole_at=began, walk_began=None)
        return Step(page.rows, left, False, _name(began), page.next is None)

    async def _go_on(self, mark: Mark, entity: str, key: str, lane: Lane) -> Step:
        """With what changed, or with the first reading."""
        began = (mark.began if mark.next else None) or self._now()
        address = mark.next or self._changed(mark, entity) or self._everything(entity, key)
        page = await self._account.page(address, relations_of(entity), entity=entity, lane=lane)
        is_whole, is_last = f"sort={key}" in address, page.next is None
        left = replace(mark, next=page.next or "", began=began)
        if is_last:
            read_to, whole_at = began - LAG, began if is_whole else mark.whole_at
            left = replace(left, read_to=read_to, whole_at=whole_at, began=None, walked=0)
        return Step(page.rows, left, is_last, _name(began) if is_whole else "", is_whole and is_last)

    def _everything(self, entity: str, key: str) -> str:
        return self._account.address(entity, {"sort": key, **asked_of(entity)}, relations_of(entity))

    def _changed(self, mark: Mark, entity: str) -> str:
        if mark.read_to is None:
            return ""
        since = {"sort": "timeStamp", "timeStamp": at_least(mark.read_to - OVERLAP)}
        return self._account.address(entity, since | asked_of(entity), relations_of(entity))

    async def of_code(self, code: str, lane: Lane) -> list[Product]:
        """By customSku, which the search compares in its own way: ours decides."""
        rows = await self._account.rows(ITEM, {"customSku": code, **EVERYTHING}, RELATIONS, lane=lane)
        products, _ = _products_of(rows)
        return [product for product in products if code_key(product.code) == code_key(code)]

    async def create(self, values: Values, lane: Lane = Lane.PRODUCTS) -> Product:
        body = new_item_body(values)
        return _written(body | await self._account.create(ITEM, body, lane=lane))

    async def change(self, key: str, values: Values, lane: Lane = Lane.PRODUCTS) -> Product:
        """An answer may hold less than the record: what wasn't sent either is read."""
        body = item_body(values)
        row = body | await self._account.change(ITEM, key, body, lane=lane)
        if not row.keys() >= WHOLE:
            row |= await self._account.one(ITEM, key, RELATIONS, lane=lane)
        return _written(row)

    async def make_category(self, name: str) -> str:
        rows = await self._account.rows(CATEGORY, {"name": name}, lane=Lane.PRODUCTS)
        same = [row for row in rows if text(row, "name").casefold() == name.casefold()]
        row: Row = same[0] if same else await self._new_category(name)
        return identity(row, "categoryID")

    async def _new_category(self, name: str) -> dict[str, Any]:
        return await self._account.create(CATEGORY, {"name": name, "parentID": NONE}, lane=Lane.PRODUCTS)

    async def read_stock(self, mark: str, lane: Lane) -> StockPart:
        step = await self._step(Mark.read(mark), STOCK, "itemShopID", lane)
        rows = [found for found in map(on_hand_of, step.rows) if found is not None]
        return StockPart(rows, step.left.kept(), step.is_last)

    async def count(self, reference: str, outlet: str, counted: Mapping[str, Decimal]) -> None:
        """Counts are applied for good by reconciling (6.3); one that was begun before is gone on with.

        But one that holds all its articles may be reconciled already, which no list says (4.13): it is left
        as it is, so that nothing is applied twice, and what differs still is counted anew.
        """
        begun = await self._begun_count(reference)
        count = begun or await self._new_count(reference, outlet)
        key = identity(count, "inventoryCountID")
        done = await self._counted(key) if begun else set()
        left = {item: quantity for item, quantity in counted.items() if item not in done}
        if flag(count, "archived") or not left:
            return
        for item, quantity in left.items():
            body = {"inventoryCountID": key, "itemID": item, "qty": number_text(quantity)}
            body["employeeID"] = await self._who_counts()
            await self._account.create(COUNTED, body, lane=Lane.PRODUCTS)
        await self._account.create(RECONCILED, {"inventoryCountID": key}, lane=Lane.PRODUCTS)

    async def _begun_count(self, reference: str) -> dict[str, Any] | None:
        """No list says by what counts are sorted (4.13)."""
        found = await self._account.rows(COUNT, {"name": reference, **EVERYTHING}, lane=Lane.SETTLE)
        return next((row for row in found if text(row, "name") == reference), None)

    async def _new_count(self, reference: str, outlet: str) -> dict[str, Any]:
        return await self._account.create(COUNT, {"name": reference, "shopID": outlet}, lane=Lane.PRODUCTS)

    async def _counted(self, count: str) -> set[str]:
        rows = await self._account.rows(COUNTED, {"inventoryCountID": count}, lane=Lane.PRODUCTS)
        return {identity(row, "itemID") for row in rows if identity(row, "inventoryCountID") == count}

    async def _who_counts(self) -> str:
        """Who consented; the list of employees may be closed to the login (1.6)."""
        if not self._employee:
            self._employee = await self._who_consented() or first_of(
                await self._account.rows("Employee", lane=Lane.PRODUCTS), "employeeID"
            )
        return self._employee

    async def _who_consented(self) -> str:
        try:
            employee = identity(await self._account.session(Lane.PRODUCTS), "employeeID")
        except (NoRight, BadRequest, Unreadable):
            return ""
        return "" if employee == NONE else employee


def facts_of(
    shops: list[dict[str, Any]],
    taxes: list[dict[str, Any]],
    classes: list[dict[str, Any]],
    categories: list[dict[str, Any]],
) -> TillFacts:
    """The tax category is that of the first shop: prices are of the account, not of a shop."""
    usual = first_of(shops, "taxCategoryID")
    category = next((row for row in taxes if identity(row, "taxCategoryID") == usual), None)
    read = taxes_of(category) if category is not None else TillTaxes()
    rates = dict(read.rates)
    for row in classes:
        rates.setdefault(identity(row, "taxClassID"), rates.get("", Decimal(0)))
    return TillFacts(
        taxes=TillTaxes(rates, read.category, read.includes_vat),
        categories={identity(row, "categoryID"): text(row, "name") for row in categories},
        outlets={identity(row, "shopID"): text(row, "name") for row in shops},
    )


def first_of(rows: list[dict[str, Any]], field: str) -> str:
    return next((identity(row, field) for row in rows if identity(row, field) != NONE), NONE)


def _products_of(rows: list[dict[str, Any]]) -> tuple[list[Product], dict[str, str]]:
    products, unreadable = [], {}
    for row in rows:
        try:
            products.append(product_of(row))
        except Unreadable as error:
            if key := item_key(row):
                unreadable[key] = str(error)
    return products, unreadable


def _written(row: Row) -> Product:
    try:
        return product_of(row)
    except Unreadable as error:
        raise OutcomeUnknown(f"the answer to a write: {error}") from error
