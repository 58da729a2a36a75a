"""Reads one account of Lightspeed Retail in parts: what changed, what was completed, and single sales.

A walk is a list of pages, each with the address of the next as Lightspeed gave it. Filtering on updatetime is
unconfirmed (reference 7): where it can't be, timeStamp serves, and the mark remembers it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from libs.common.budget import Lane
from libs.common.domain.sale import SaleState
from libs.common.lightspeed.errors import BadRequest, FilterIgnored, NoRight, NotFound, RelationsMissing
from libs.common.lightspeed.retail import Page, RetailAccount, RetailClient
from libs.common.lightspeed.retail_choices import read_choices
from libs.common.lightspeed.retail_parser import changed_at, sale_id
from libs.common.lightspeed.retail_query import PAGE, at_least, between, one_of
from libs.common.lightspeed.retail_reference import RetailReference, read_reference
from libs.common.lightspeed.retail_sale import with_void
from libs.common.lightspeed.retail_values import Unreadable, moment
from libs.common.lightspeed.retail_void_feed import VOIDS, may_read_voids
from libs.common.lightspeed.retail_wholeness import lacks_relations, marked_where_left_out
from libs.common.lightspeed.source import Access, Desk, Part, Row, TillChoices, Walk, Way

log = structlog.get_logger()

ENTITY = "Sale"
PATIENCE = 3
"""Answers without relations after which one is taken: sales that lack them are problems, the others go on."""
RELATIONS = ("SaleLines", "SaleLines.Item", "SaleLines.Note", "SalePayments")
OF_CUSTOMERS = ("Customer", "Customer.Contact")
UPDATED, STAMPED, COMPLETED = "updatetime", "timeStamp", "completeTime"
MARGIN = timedelta(minutes=5)
"""How far before its stretch of time a list may begin, and still be one that was filtered."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The address to go on at, and the field that lists can be filtered on, where it isn't the usual one."""

    url: str = ""
    field: str = ""

    @classmethod
    def of(cls, text: str) -> Mark:
        return cls(**json.loads(text)) if text else cls()

    def to_text(self) -> str:
        if not self.url and not self.field:
            return ""
        return json.dumps({"url": self.url, "field": self.field})


@dataclass(frozen=True, slots=True)
class RetailTill:
    account: RetailAccount
    relations: tuple[str, ...]

    @property
    def has_customers(self) -> bool:
        return OF_CUSTOMERS[0] in self.relations

    async def read_reference(self) -> RetailReference:
        return await read_reference(self.account)

    async def read_choices(self) -> TillChoices:
        return await read_choices(self.account)

    async def read(self, walk: Walk, desk: Desk) -> Part:
        """Raises `BadRequest` where the address in the mark is no longer good."""
        mark = Mark.of(walk.mark)
        if mark.url and not walk.is_fresh:
            return self._part(await self._page(walk, mark.url), walk, mark.url, mark.field)
        usual = COMPLETED if walk.way is Way.SWEEP else UPDATED
        if mark.field:
            return await self._first_part(walk, mark.field, usual)
        try:
            return await self._first_part(walk, usual, usual)
        except (BadRequest, FilterIgnored) as error:
            log.info("lists are filtered on another field", field=STAMPED, why=str(error))
            return await self._first_part(walk, STAMPED, usual)

    async def _first_part(self, walk: Walk, field: str, usual: str) -> Part:
        until = None if walk.way is Way.TODAY else walk.until
        address = self._address(field, walk.since, until)
        page = await self._page(walk, address)
        _require_window(page.rows, walk, field)
        return self._part(page, walk, address, "" if field == usual else field)

    def _address(self, field: str, since: datetime, until: datetime | None) -> str:
        asked = at_least(since) if until is None else between(since, until)
        return self.account.address(ENTITY, {"sort": field, field: asked, "archived": "true"}, self.relations)

    async def _page(self, walk: Walk, address: str) -> Page:
        lane = Lane.SALES if walk.way is Way.TODAY else Lane.BACKLOG
        return await self.account.page(address, self.relations, entity=ENTITY, lane=lane)

    def _part(self, page: Page, walk: Walk, address: str, field: str) -> Part:
        has_customers = OF_CUSTOMERS[0] in address
        rows = _with_relations(page.rows, with_customers=has_customers, lacking=walk.lacking)
        read_to = _read_to(page, field) if walk.way is Way.BACKLOG else None
        is_past = read_to is not None and read_to > walk.until
        following = None if is_past else page.next  # should the list not end there by itself
        return Part(
            rows=rows,
            mark=Mark(following or "", field).to_text(),
            is_last=following is None,
            read_to=read_to,
            has_customers=has_customers,
        )

    async def read_again(self, wanted: Mapping[str, Row], desk: Desk, lacking: int) -> list[Row]:
        return await self.sales_numbered([each for each in wanted if each.isdigit()], lacking)

    async def sales_numbered(self, ids: Sequence[str], lacking: int) -> list[Row]:
        """At most a page of them."""
        if not ids:
            return []
        parameters = {"saleID": one_of(ids), "archived": "true"}
        rows = await self.account.rows(ENTITY, parameters, self.relations)
        return _with_relations(rows, with_customers=self.has_customers, lacking=lacking)

    async def complete(self, rows: Sequence[Row], desk: Desk) -> list[Row]:
        """A sale that is voided now and wasn't before gets its void, which says when that happened."""
        ids = [sale_id(row) for row in rows if row.get("voided") in ("true", True) and not row.get(VOIDS)]
        ids = [each for each in ids if each]
        if not ids or not await may_read_voids(desk):
            return list(rows)
        states = await desk.states(ids)
        news = [one for one in ids if one in states and states[one] != SaleState.VOIDED]
        voids = await self._voids_of(news[:PAGE]) if news else {}
        return [with_void(row, voids.get(sale_id(row))) for row in rows]

    async def _voids_of(self, sale_ids: Sequence[str]) -> dict[str, Row]:
        try:
            found = await self.account.rows(VOIDS, {"saleID": one_of(sale_ids), "sort": "saleVoidID"})
        except (NoRight, NotFound) as error:
            log.info("voids can't be read", why=str(error))
            return {}
        return {sale_id(void): void for void in found}


def retail_till(access: Access, grant_id: str, account_id: str, with_customers: bool) -> RetailTill:
    app = access.app
    client = RetailClient(access.http, access.vault, access.budget, access.now, app.auth_url, app.api_url)
    relations = (*RELATIONS, *OF_CUSTOMERS) if with_customers else RELATIONS
    return RetailTill(client.account(grant_id, account_id), relations)


def _with_relations(rows: Sequence[Row], *, with_customers: bool, lacking: int) -> list[Row]:
    if not lacks_relations(rows, with_customers=with_customers):
        return list(rows)
    if lacking < PATIENCE:
        raise RelationsMissing("the page lacks lines, payments, articles or customers that it must have")
    return marked_where_left_out(rows, with_customers=with_customers)


def _require_window(rows: Sequence[Row], walk: Walk, field: str) -> None:
    """An unknown filter may be ignored in silence; then every poll would read all there ever was."""
    if walk.way is Way.TODAY and field == STAMPED:
        return
    first = _moment_of(rows[0], walk) if rows else None
    if first is not None and first < walk.since - MARGIN:
        raise FilterIgnored


def _moment_of(row: Row, walk: Walk) -> datetime | None:
    if walk.way is not Way.SWEEP:
        return changed_at(row)
    try:
        return moment(row, COMPLETED, STAMPED)
    except Unreadable:
        return None


def _read_to(page: Page, field: str) -> datetime | None:
    """By what the list is sorted on: an edit moves updatetime and leaves the sale where its timeStamp is."""
    if not page.rows:
        return None
    if field != STAMPED:
        return changed_at(page.rows[-1])
    try:
        return moment(page.rows[-1], STAMPED)
    except Unreadable:
        return None
