"""The articles of an Exact division: read by row version in the largest pages, written one by one.

A row version names where reading stands better than a page does: what is cut short goes on at the last one.
After a move of the division all versions begin anew, and everything is read again (5.25).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from libs.common.budget.lanes import Lane
from libs.common.domain.product import Product, ProductField, ProductKind, Values
from libs.common.domain.product_facts import ItemGroup, ItemVatCode
from libs.common.exact import items, odata
from libs.common.exact.errors import BadRequest, NoModule, NoRight, OutcomeUnknown
from libs.common.exact.items import Item, ItemPrice
from libs.common.exact.reference import VatCode
from libs.common.service import Now

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

Row = dict[str, Any]
EURO = "EUR"
NEVER = datetime.min.replace(tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FEEDS = ("prices", "items", "deleted")
"""Prices first, so that an item is complete when it is seen."""


@dataclass(frozen=True, slots=True)
class BooksMark:
    """The row versions up to which each feed was read.

    While a `whole` reading is under way it has a name; `moved_at` is the division's last move.
    """

    prices: int = 0
    items: int = 0
    deleted: int = -1
    whole: str = ""
    is_read: bool = False
    moved_at: str = ""
    deleted_due: str = ""
    has_prices: bool = True
    """Prices were read with the rest: they are left out where none travel."""
    strange_prices: Sequence[str] = ()
    """Those of which it can't be read whose they are."""

    @property
    def deleted_due_at(self) -> datetime:
        """Deletions are seldom, and asked for seldom."""
        return datetime.fromisoformat(self.deleted_due) if self.deleted_due else NEVER

    @classmethod
    def read(cls, kept: str) -> BooksMark:
        return cls(**json.loads(kept)) if kept else cls()

    def kept(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class BooksFacts:
    vat_codes: dict[str, ItemVatCode]
    groups: dict[str, ItemGroup]
    default_group: str
    units: tuple[str, ...]
    moved_at: str
    locations: dict[str, str] = field(default_factory=dict)
    """The storage location of each warehouse that has them: a count must name one (5.17)."""
    has_prices: bool = True
    """Whether there are sales prices at all, and the login may see them."""
    currency: str = EURO
    """Of the books: prices in others are agreements with somebody."""
    may_price: bool = True
    """No sales price that was to be written was forbidden since this was read."""
    sent_codes: dict[str, str] = field(default_factory=dict)
    """VAT codes as Exact wrote them, padding included, by what is compared."""

    def as_sent(self, values: Values) -> Values:
        code = values.get(ProductField.VAT)
        return values if code is None else {**values, ProductField.VAT: self.sent_codes.get(code, code)}

    @property
    def prices_travel(self) -> bool:
        return self.has_prices and self.may_price


@dataclass(frozen=True, slots=True)
class CountLine:
    item: str
    difference: Decimal
    location: str | None = None


@dataclass(frozen=True, slots=True)
class StockCount:
    id: str
    is_processed: bool | None
    """None where the answer doesn't say: it may hold the key alone (4.1)."""


class Books:
    def __init__(self, exact: ExactDivision, now: Now) -> None:
        self._exact = exact
        self._now = now

    @property
    def division_key(self) -> str:
        return self._exact.key

    def today(self) -> date:
        """Exact's days are the shop's, not UTC's (4.2)."""
        return self._now().astimezone(AMSTERDAM).date()

    async def read_facts(self, *, with_stock: bool, with_prices: bool) -> BooksFacts:
        codes = await self._exact.rows(VatCode.path, select=VatCode.select, lane=Lane.PRODUCTS)
        groups = await self._exact.rows(items.GROUPS, select=items.GROUP_FIELDS, lane=Lane.PRODUCTS)
        units = await self._exact.rows_if_bought(items.UNITS, select=["Code", "Active"], lane=Lane.PRODUCTS)
        read = [items.group_of(row) for row in groups]
        vat_codes = [VatCode.of(row) for row in codes]
        moved_at, currency = await self._division()
        return BooksFacts(
            vat_codes={code.code: items.item_vat_code(code) for code in vat_codes},
            sent_codes={code.code: code.sent_code for code in vat_codes},
            groups={group.id: group for group, _ in read},
            default_group=next((group.id for group, is_default in read if is_default), ""),
            units=tuple(str(row["Code"]).strip() for row in units if row.get("Active", True)),
            moved_at=moved_at,
            locations=await self._locations() if with_stock else {},
            has_prices=await self._has_prices() if with_prices else True,
            currency=currency,
        )

    async def _has_prices(self) -> bool:
        """Their feed is of a licence and a scope of its own (5.15)."""
        path, fields = FEED_OF["prices"]
        try:
            await self._exact.rows(path, select=fields, filter="Timestamp gt 0L", limit=1, lane=Lane.PRODUCTS)
        except (NoModule, NoRight):
            return False
        return True

    async def _locations(self) -> dict[str, str]:
        rows = await self._exact.rows_if_bought(
            items.WAREHOUSES,
            select=["ID", "UseStorageLocations", "DefaultStorageLocation"],
            lane=Lane.PRODUCTS,
        )
        used = [row for row in rows if row.get("UseStorageLocations") and row.get("DefaultStorageLocation")]
        return {str(row["ID"]): str(row["DefaultStorageLocation"]) for row in used}

    async def _division(self) -> tuple[str, str]:
        """When it moved, and its currency; where a site doesn't say, nothing is concluded."""
        number = self._exact.number
        try:
            rows = await self._exact.rows(
                "system/Divisions",
                select=["Code", "Currency", "DivisionMoveDate"],
                filter=f"Code eq {number}",
                lane=Lane.PRODUCTS,
            )
        except (BadRequest, NoRight):
            rows = []
        row: Row = next(iter(rows), {})
        return str(row.get("DivisionMoveDate") or ""), str(row.get("Currency") or "").strip() or EURO

    async def pages(self, feed: str, after: int) -> AsyncIterator[list[Row]]:
        path, fields = FEED_OF[feed]
        select = list(dict.fromkeys((*fields, "Timestamp")))
        pages = self._exact.pages(path, select=select, filter=f"Timestamp gt {after}L", lane=Lane.PRODUCTS)
        async for page in pages:
            yield page

    async def deletions_begin(self) -> int:
        """Deletions of before the first reading are no news, and there may be very many (5.25)."""
        moment = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        path = f"read/sync/Sync/SyncTimestamp?modified=datetime'{moment}'&endPoint='Items'"
        try:
            rows = await self._exact.rows(path, select=["TimeStampAsBigInt"], lane=Lane.PRODUCTS)
            return max((int(row["TimeStampAsBigInt"] or 0) for row in rows), default=0)
        except (BadRequest, NoRight, KeyError, ValueError):
            return 0

    async def of_code(self, code: str, lane: Lane) -> list[Item]:
        rows = await self._exact.rows(
            items.ITEMS, select=list(items.ITEM_FIELDS), filter=odata.equals("Code", code), lane=lane
        )
        return list(_readable(rows))

    async def prices_of(self, item: str, currency: str) -> list[ItemPrice]:
        rows = await self._exact.rows(
            items.PRICES,
            select=list(items.PRICE_FIELDS),
            filter=f"Item eq {odata.guid(item)}",
            lane=Lane.SETTLE,
        )
        return [items.price_of({**row, "Item": item}, currency) for row in rows]

    async def create(self, values: Values, lane: Lane, facts: BooksFacts) -> Product:
        """Without its price, which is a row of its own."""
        body = items.new_item_body(facts.as_sent(values), self.today())
        row = await self._exact.post(items.ITEMS, body, lane=lane)
        try:
            made = items.item_of(_filled(row, body))
        except items.UNREADABLE as error:
            raise OutcomeUnknown(f"the answer to a new item: {error}") from error
        return replace(made.on(self.today()), price=Decimal(0))

    async def change(self, held: Product, values: Values, lane: Lane, facts: BooksFacts) -> Product:
        """All but the price; the article as it is then."""
        plain: Values = {name: value for name, value in values.items() if name is not ProductField.PRICE}
        if plain:
            body = items.item_body(facts.as_sent(plain), self.today())
            await self._exact.put(items.ITEMS, held.key, body, lane=lane)
        return with_values(held, plain)

    async def set_price(
        self, item: str, price: str, standing: ItemPrice | None, lane: Lane, currency: str
    ) -> ItemPrice:
        """Changes the price that holds today, or makes the first, which is in the books' currency."""
        if standing is not None:
            await self._exact.put(items.PRICES, standing.id, {"Price": price}, lane=lane)
            return replace(standing, price=Decimal(price))
        body = items.price_body(item, price)
        row = await self._exact.post(items.PRICES, body, lane=lane)
        try:
            made = items.price_of(_filled(row, body), currency)
        except items.UNREADABLE as error:
            raise OutcomeUnknown(f"the answer to a new price: {error}") from error
        if made.unreadable is not None:
            raise OutcomeUnknown(f"the answer to a new price: {made.unreadable}")
        return made

    async def post_count(
        self, reference: str, warehouse: str, lines: Sequence[CountLine], *, is_processed: bool
    ) -> StockCount:
        """With its lines in one call. Without a status, or the right to one, Exact leaves a draft (5.17)."""
        body = items.count_body(reference, warehouse, self.today())
        body["StockCountLines"] = [
            items.count_line_body(each.item, each.difference, each.location) for each in lines
        ]
        if is_processed:
            body["Status"] = items.PROCESSED
        return _count(await self._exact.post(items.COUNTS, body, lane=Lane.PRODUCTS))

    async def find_count(self, reference: str, day: date) -> StockCount | None:
        """By its day and then its name, which no index of Exact's holds (7)."""
        rows = await self._exact.rows(
            items.COUNTS,
            select=["StockCountID", "Status", "Description"],
            filter=odata.equals("StockCountDate", day),
            lane=Lane.SETTLE,
        )
        return next((_count(row) for row in rows if row.get("Description") == reference), None)

    async def count_of(self, count: str) -> StockCount | None:
        """By its id, whatever else of it a person changed; None where it was thrown away."""
        rows = await self._exact.rows(
            items.COUNTS,
            select=["StockCountID", "Status"],
            filter=f"StockCountID eq {odata.guid(count)}",
            lane=Lane.SETTLE,
        )
        return next(map(_count, rows), None)

    async def process_count(self, count: str) -> bool:
        """Whether it is processed; why not is for a person to see in Exact."""
        answer = await self._exact.post(items.PROCESS, {"StockCountID": count}, lane=Lane.PRODUCTS)
        return bool(answer.get("SuccessMessage")) and not answer.get("ErrorMessage")


def _filled(row: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer leaves open, as it was sent; but days, which answers write in another way."""
    told = {name: value for name, value in row.items() if value is not None}
    return {name: value for name, value in sent.items() if name != "EndDate"} | told


def _readable(rows: Iterable[Row]) -> Iterator[Item]:
    for row in rows:
        with suppress(*items.UNREADABLE):
            yield items.item_of(row)


def _count(row: Mapping[str, Any]) -> StockCount:
    status = row.get("Status")
    try:
        return StockCount(
            str(row["StockCountID"]), None if status is None else int(status) == items.PROCESSED
        )
    except (KeyError, ValueError) as error:
        raise OutcomeUnknown(f"the answer to a stock count: {error}") from error


FEED_OF: Mapping[str, tuple[str, Sequence[str]]] = {
    "prices": (items.PRICE_FEED, items.PRICE_FIELDS),
    "items": (items.ITEM_FEED, items.ITEM_FIELDS),
    "deleted": (items.DELETED_FEED, items.DELETED_FIELDS),
    "stock": (items.STOCK_FEED, items.STOCK_FIELDS),
}


def with_values(held: Product, values: Values) -> Product:
    """The article as it reads after the values were written to it."""
    texts: dict[str, Any] = {TEXTS[name]: value for name, value in values.items() if name in TEXTS}
    changed = replace(held, **texts)
    if ProductField.COST in values:
        changed = replace(changed, cost=Decimal(values[ProductField.COST]))
    if ProductField.BARCODE in values:
        changed = replace(changed, barcodes=tuple(filter(None, (values[ProductField.BARCODE],))))
    if ProductField.ACTIVE in values:
        changed = replace(changed, is_active=values[ProductField.ACTIVE] == "true")
    if values.get(ProductField.STOCKED) == "true":
        changed = replace(changed, kind=ProductKind.GOODS)
    return changed


TEXTS = {
    ProductField.CODE: "code",
    ProductField.DESCRIPTION: "description",
    ProductField.VAT: "vat",
    ProductField.GROUP: "group",
    ProductField.UNIT: "unit",
}
