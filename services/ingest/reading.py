"""What one poll of a connection works with: its till, its rules, and how a page becomes sales."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from libs.common.budget import Lane
from libs.common.database.engine import Database
from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.domain.sale import SaleState
from libs.common.lightspeed.errors import NoRight, NotFound, RelationsMissing
from libs.common.lightspeed.retail import Page, RetailAccount, RetailClient
from libs.common.lightspeed.retail_query import PAGE, at_least, between, one_of
from libs.common.lightspeed.retail_sale import changed_at, with_void
from libs.common.lightspeed.retail_values import Row, Unreadable, identity
from libs.common.service import Now
from services.ingest import store
from services.ingest.plan import OVERLAP, reads_customers
from services.ingest.reference import ReferenceOfPoll
from services.ingest.revisions import ReadSale, read_sale
from services.ingest.seen import Seen
from services.ingest.wholeness import lacks_relations

log = structlog.get_logger()

ENTITY, VOIDS = "Sale", "SaleVoid"
PATIENCE = 3
"""Failures after which a page is taken though relations lack: its sales become problems, the others go on."""
RELATIONS = ("SaleLines", "SaleLines.Item", "SaleLines.Note", "SalePayments")
OF_CUSTOMERS = ("Customer", "Customer.Contact")
UPDATED, STAMPED, COMPLETED = "updatetime", "timeStamp", "completeTime"


class FilterIgnored(Exception):
    """The list begins before the window: the filter did nothing."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page's sales that this process hasn't read and kept lately, and the rows they came in."""

    rows: Sequence[dict[str, Any]]
    reads: list[ReadSale]

    def remember(self, seen: Seen, connection_id: str) -> None:
        """Call once the sales are kept; an unreadable one is looked at again each time."""
        good = {read.sale_id for read in self.reads if read.is_sale}
        seen.remember(connection_id, [row for row in self.rows if str(row.get("saleID")) in good])


@dataclass(frozen=True, slots=True)
class Reading:
    """`asks_voids` where the login may read voids."""

    database: Database
    connection_id: str
    account: RetailAccount
    reference: ReferenceOfPoll
    rules: Rules
    relations: tuple[str, ...]
    seen: Seen
    now: Now
    asks_voids: bool = True

    def address(self, field: str, since: datetime, until: datetime | None = None) -> str:
        asked = at_least(since) if until is None else between(since, until)
        return self.account.address(ENTITY, {"sort": field, field: asked, "archived": "true"}, self.relations)

    async def page(self, address: str, lane: Lane) -> Page:
        return await self.account.page(address, self.relations, entity=ENTITY, lane=lane)

    async def sales_on(self, page: Page, address: str, *, failures: int) -> ReadPage:
        self.require_relations(page.rows, with_customers="Customer" in address, failures=failures)
        rows = self.seen.unseen(self.connection_id, page.rows)
        return ReadPage(rows, await self.sales_of(rows))

    async def sales_numbered(self, ids: Sequence[str], *, failures: int) -> list[dict[str, Any]]:
        """At most a page of them, as rows."""
        if not ids:
            return []
        parameters = {"saleID": one_of(ids), "archived": "true"}
        rows = await self.account.rows(ENTITY, parameters, self.relations)
        self.require_relations(rows, with_customers=reads_customers(self.rules), failures=failures)
        return rows

    async def sales_of(self, rows: Sequence[dict[str, Any]], *, is_wanted: bool = False) -> list[ReadSale]:
        reference = await self.reference.for_sales(rows)
        with_voids = await self._with_voids(rows)
        return [read_sale(row, reference, is_wanted=is_wanted) for row in with_voids]

    async def _with_voids(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """A sale that is voided now and wasn't before gets its void, which says when that happened."""
        ids = [_id_of(row) for row in rows if row.get("voided") == "true" and not row.get(VOIDS)]
        if not ids or not self.asks_voids:
            return list(rows)
        async with self.database.reading() as transaction:
            kept = await store.kept_sales(transaction, self.connection_id, ids)
        news = [one for one in ids if one in kept and kept[one].state != SaleState.VOIDED]
        voids = await self.voids_of(news[:PAGE]) if news else {}
        return [with_void(row, voids.get(_id_of(row))) for row in rows]

    async def voids_of(self, sale_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        try:
            found = await self.account.rows(VOIDS, {"saleID": one_of(sale_ids), "sort": "saleVoidID"})
        except (NoRight, NotFound) as error:
            log.info("voids can't be read", why=str(error))
            return {}
        return {_id_of(void): void for void in found}

    @staticmethod
    def require_relations(rows: Sequence[Mapping[str, Any]], *, with_customers: bool, failures: int) -> None:
        if failures < PATIENCE and lacks_relations(rows, with_customers=with_customers):
            raise RelationsMissing("the page lacks lines, payments, articles or customers that it must have")


def reading_of(
    database: Database,
    retail: RetailClient,
    connection: Connection,
    seen: Seen,
    now: Now,
    *,
    asks_voids: bool,
) -> Reading:
    account = retail.account(connection.lightspeed_grant_id or "", connection.lightspeed_account or "")
    relations = (*RELATIONS, *OF_CUSTOMERS) if reads_customers(connection.rules) else RELATIONS
    reference = ReferenceOfPoll(database, account, connection.id, now)
    return Reading(
        database, connection.id, account, reference, connection.rules, relations, seen, now, asks_voids
    )


def require_window(
    rows: Sequence[Mapping[str, Any]],
    since: datetime,
    moment_of: Callable[[Row], datetime | None] = changed_at,
) -> None:
    """An unknown filter may be ignored in silence; then every poll would read all there ever was."""
    try:
        first = moment_of(rows[0]) if rows else None
    except Unreadable:
        return
    if first is not None and first < since - OVERLAP:
        raise FilterIgnored


def _id_of(row: Mapping[str, Any]) -> str:
    try:
        return identity(row, "saleID")
    except Unreadable:
        return ""
