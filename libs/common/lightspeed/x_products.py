"""Articles and stock of one X-Series store: reads them by version, writes single ones (reference 5.1, 13).

A whole reading goes from version 0; after it what changed comes by the cursor, a little of it again, since a
version may show later than a higher one. The taxes of articles are a list of their own with its own versions:
this process remembers them, and whoever has forgotten reads the list again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from sys import intern
from weakref import WeakKeyDictionary

from libs.common.budget import Budget, Lane
from libs.common.domain.product import Product, ProductField, Values, code_key
from libs.common.domain.product_facts import TillArticles
from libs.common.lightspeed import x_item, x_levels
from libs.common.lightspeed.errors import NotFound, OutcomeUnknown
from libs.common.lightspeed.product_source import ProductPart, StockPart, TillFacts
from libs.common.lightspeed.retail_values import Row, Unreadable
from libs.common.lightspeed.source import Access
from libs.common.lightspeed.x import LONG_PAGE, XAccount, version_of
from libs.common.lightspeed.x_item import TYPE_OF_LENGTH, Store, is_system, product_key, product_of, store_of
from libs.common.lightspeed.x_reference import is_deleted, reference_of
from libs.common.lightspeed.x_values import identity, text

ARTICLES = TillArticles(only_new=frozenset({ProductField.COST}), barcode_lengths=tuple(TYPE_OF_LENGTH))
"""An update has no member for the cost but that of a supplier (13.3)."""
PRODUCTS, OUTLET_TAXES, CATEGORIES = "products", "outlet_taxes", "product_types"
AGAIN = timedelta(minutes=5)
WHOLE_EVERY = timedelta(days=1)
ONE_BY_ONE = 20
"""Articles whose tax alone changed, asked for by id; of more everything is read again, a thousand a call."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`after` is how far the reading under way is; the next one begins at `resume`, or anew each day.

    `noted` is how far readings were at `noted_at`; `taxes` how far the list of taxes was taken in.
    """

    after: int = 0
    resume: int = 0
    noted: int = 0
    noted_at: str = ""
    taxes: int = 0
    whole: str = ""
    whole_at: str = ""
    is_under_way: bool = False

    @classmethod
    def read(cls, kept: str) -> Mark:
        return cls(**json.loads(kept)) if kept else cls()

    def kept(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(slots=True)
class Memory:
    """Of one store: how its rows are read, and the taxes of its articles, some hundred bytes each."""

    store: Store | None = None
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    """Tax by outlet, by article."""
    taxes_until: int = 0


_memories: WeakKeyDictionary[Budget, dict[str, Memory]] = WeakKeyDictionary()


def x_products(access: Access, grant_id: str, domain_prefix: str, closed: Collection[str]) -> XProducts:
    """Articles are the store's: they are the same at outlets that are closed to us."""
    return XProducts(access, grant_id, domain_prefix)


class XProducts:
    articles = ARTICLES
    counts_by_name = False

    def __init__(self, access: Access, grant_id: str, domain_prefix: str) -> None:
        self._account = XAccount(access, grant_id, domain_prefix)
        self._levels = XAccount(access, grant_id, domain_prefix, x_levels.VERSION)
        self._now = access.now
        self._memory = _memories.setdefault(access.budget, {}).setdefault(domain_prefix, Memory())

    async def read_facts(self) -> TillFacts:
        self._memory.store = None
        store = await self._store()
        return x_item.facts_of(store, await self._account.rows(CATEGORIES, Lane.PRODUCTS))

    async def _store(self) -> Store:
        if self._memory.store is None:
            retailer = await self._account.one("retailer", Lane.PRODUCTS)
            outlets = await self._account.rows("outlets", Lane.PRODUCTS)
            taxes = await self._account.rows("taxes", Lane.PRODUCTS)
            reference = reference_of(outlets=outlets, taxes=taxes, retailer=retailer)
            self._memory.store = store_of(reference, retailer, outlets, taxes)
        return self._memory.store

    async def read(self, mark: str, lane: Lane) -> ProductPart:
        known, rows = Mark.read(mark), list[Row]()
        store = await self._store()
        if not known.is_under_way or not self._memory.taxes_until:
            known, rows = await self._begun(known, lane)
        page = await self._account.page(PRODUCTS, known.after, lane, size=LONG_PAGE, deleted=not known.whole)
        products, unreadable = self._products_of([*rows, *page.rows], store)
        gone = [product_key(row) for row in page.rows if is_deleted(row)]
        is_last = page.version is None
        left = self._ended(known) if page.version is None else replace(known, after=page.version)
        ends_whole = is_last and bool(known.whole)
        return ProductPart(products, left.kept(), is_last, known.whole, ends_whole, unreadable, gone)

    async def _begun(self, mark: Mark, lane: Lane) -> tuple[Mark, list[Row]]:
        """With the rows of articles of which only the tax changed."""
        changed, taxes = await self._read_taxes(mark.taxes, lane)
        now, mark = self._now(), replace(mark, taxes=taxes)
        if mark.is_under_way and len(changed) <= ONE_BY_ONE:
            return mark, await self._rows_of(changed, lane)
        is_due = not mark.whole_at or now - datetime.fromisoformat(mark.whole_at) >= WHOLE_EVERY
        if is_due or len(changed) > ONE_BY_ONE:
            name, at = f"{now:%Y-%m-%dT%H:%M:%S}", now.isoformat()
            return replace(mark, is_under_way=True, after=0, whole=name, whole_at=at), []
        return replace(mark, is_under_way=True, whole="", after=mark.resume), await self._rows_of(
            changed, lane
        )

    def _ended(self, mark: Mark) -> Mark:
        """What was read in the last minutes is read once more."""
        now, noted_at = self._now(), mark.noted_at
        ended = replace(mark, whole="", is_under_way=False)
        if noted_at and now - datetime.fromisoformat(noted_at) < AGAIN:
            return ended
        return replace(ended, resume=mark.noted, noted=mark.after, noted_at=now.isoformat())

    async def _read_taxes(self, taken: int, lane: Lane) -> tuple[set[str], int]:
        """The articles whose taxes changed since the list was taken in, and how far it goes."""
        memory, changed = self._memory, set[str]()
        known, after = memory.taxes_until, min(memory.taxes_until, taken)
        while True:
            page = await self._account.page(OUTLET_TAXES, after, lane, size=LONG_PAGE, deleted=True)
            for row in page.rows:
                version = version_of(row) or 0
                is_new = self._remember_tax(row) or version <= known
                if taken and version > taken and is_new:
                    changed.add(identity(row, "product_id"))
            if page.version is None:
                memory.taxes_until = max(known, after)
                return changed, memory.taxes_until
            after = page.version

    def _remember_tax(self, row: Row) -> bool:
        """Whether it was otherwise before: what we wrote ourselves is no change."""
        product, outlet = identity(row, "product_id"), intern(identity(row, "outlet_id"))
        tax = "" if is_deleted(row) else intern(identity(row, "tax_id"))
        own = self._memory.own.setdefault(product, {})
        before = own.get(outlet, "")
        own[outlet] = tax
        return before != tax

    async def _rows_of(self, keys: Iterable[str], lane: Lane) -> list[Row]:
        rows: list[Row] = []
        for key in sorted(keys):
            try:
                rows.append(await self._account.one(f"{PRODUCTS}/{key}", lane))
            except NotFound:
                continue  # it is gone, and the list says so
        return rows

    def _products_of(self, rows: list[Row], store: Store) -> tuple[list[Product], dict[str, str]]:
        products, unreadable = [], {}
        for row in rows:
            if is_deleted(row) or is_system(row, store):
                continue
            try:
                products.append(product_of(row, store, self._own(product_key(row))))
            except Unreadable as error:
                if key := product_key(row):
                    unreadable[key] = str(error)
        return products, unreadable

    def _own(self, key: str) -> Mapping[str, str]:
        return self._memory.own.get(key, {})

    async def of_code(self, code: str, lane: Lane) -> list[Product]:
        """By the list, which doesn't lag as search does (5.4); deleted ones aren't in it."""
        store = await self._store()
        if not self._memory.taxes_until:
            await self._read_taxes(0, lane)
        body = await self._account.get(PRODUCTS, lane, {"sku": code})
        rows = body.get("data")
        products, _ = self._products_of(rows if isinstance(rows, list) else [], store)
        return [product for product in products if code_key(product.code) == code_key(code)]

    async def create(self, values: Values, lane: Lane = Lane.PRODUCTS) -> Product:
        store = await self._store()
        body = x_item.new_product_body(values, store)
        answer = await self._account.write("POST", PRODUCTS, body, lane)
        ids = answer.get("data")
        if not isinstance(ids, list) or not ids or not isinstance(ids[0], str):
            raise OutcomeUnknown("the answer to a new product holds no id")
        made = x_item.made(ids[0], values, store)
        self._keep_tax(made.key, values, store)
        if values.get(ProductField.STOCKED) == "false":
            untracked = {"common": {"track_inventory": False}}
            await self._account.write("PUT", f"{PRODUCTS}/{made.key}", untracked, lane)
        return made

    async def change(self, key: str, values: Values, lane: Lane = Lane.PRODUCTS) -> Product:
        store, path = await self._store(), f"{PRODUCTS}/{key}"
        held = await self._account.one(path, lane) if x_item.touches_codes(values) else None
        body = x_item.update_body(values, store, held)
        answer = await self._account.write("PUT", path, body, lane)
        self._keep_tax(key, values, store)
        row = answer.get("data")
        if not isinstance(row, dict) or product_key(row) != key:
            row = await self._account.one(path, lane)
        try:
            return product_of(row, store, self._own(key))
        except Unreadable as error:
            raise OutcomeUnknown(f"the answer to a change: {error}") from error

    def _keep_tax(self, key: str, values: Values, store: Store) -> None:
        if tax := values.get(ProductField.VAT):
            self._memory.own[key] = dict.fromkeys(store.taxes, intern(tax))

    async def make_category(self, name: str) -> str:
        rows = await self._account.rows(CATEGORIES, Lane.PRODUCTS)
        same = [row for row in rows if text(row, "name").casefold() == name.casefold()]
        if same:
            return identity(same[0], "id")
        wanted = {"categories": [{"payload_id": "1", "name": name}]}
        answer = await self._account.write("POST", "product_categories/bulk", wanted, Lane.PRODUCTS)
        made = answer.get("data")
        if not isinstance(made, list) or not made or not isinstance(made[0], dict):
            raise OutcomeUnknown("the answer to a new category holds none")
        return identity(made[0], "id")

    async def read_stock(self, mark: str, lane: Lane) -> StockPart:
        return await x_levels.read_levels(self._levels, self._account, mark, self._now, lane)

    async def count(self, reference: str, outlet: str, counted: Mapping[str, Decimal]) -> None:
        """Sets levels, of which nothing remembers by whom or what for."""
        for key, quantity in counted.items():
            level = {"outlet_id": outlet, "current_amount": x_item.amount(str(quantity))}
            body = {"details": {"inventory": [level]}}
            await self._account.write("PUT", f"{PRODUCTS}/{key}", body, Lane.PRODUCTS)
