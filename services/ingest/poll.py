"""One poll of one connection: the sales changed since the watermark, page by page, handed over as they come.

Each page is one transaction with the cursor behind it, so a poll that is killed goes on where it was. The
window overlaps what was read before, and content decides what is new: nothing is missed or told twice
because a page moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

from libs.common.budget import Lane
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.domain.rules import Rules
from libs.common.lightspeed.errors import BadRequest, RelationsMissing
from libs.common.lightspeed.retail import Page, RetailAccount, RetailClient
from libs.common.lightspeed.retail_query import PAGE, at_least, one_of
from libs.common.lightspeed.retail_sale import changed_at
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.service import Now
from services.ingest import store
from services.ingest.keep import Walk, keep_page, keep_wanted
from services.ingest.reference import ReferenceOfPoll
from services.ingest.revisions import ReadSale, read_sale
from services.ingest.seen import Seen
from services.ingest.store import Cursor
from services.ingest.wholeness import lacks_relations

ENTITY = "Sale"
OVERLAP = timedelta(minutes=5)
SUGGESTIONS = timedelta(days=30)
"""What is read of a till whose rules aren't chosen yet."""
SWEEP, SWEEP_EVERY = timedelta(days=14), timedelta(days=1)
"""How far back is read again, and how often, where edits and voids don't move what lists are filtered on."""
BACKLOG = timedelta(days=1)
"""A walk from further back than this may not stand in the way of today's calls."""
PATIENCE = 3
"""Failures after which a page is taken though relations lack: its sales become problems, the others go on."""
RELATIONS = ("SaleLines", "SaleLines.Item", "SaleLines.Note", "SalePayments")
OF_CUSTOMERS = ("Customer", "Customer.Contact")
UPDATED, STAMPED = "updatetime", "timeStamp"


def reads_customers(rules: Rules) -> bool:
    """Where all sales go to the default debtor, customers are none of our business."""
    return rules.debtor.own_when != "never"


def start_of_reading(rules: Rules, now: datetime) -> datetime:
    """Nothing older than the start date is needed; whatever the zone, its day hasn't begun a day before."""
    if rules.start_date is None:
        return now - SUGGESTIONS
    begins = datetime.combine(rules.start_date, time(), UTC) - timedelta(days=1)
    return min(begins, now)


def window(cursor: Cursor, rules: Rules, now: datetime) -> datetime:
    """From when on to read: back to the start once, after that only what may have changed."""
    start = start_of_reading(rules, now)
    if cursor.watermark is None or cursor.read_since is None:
        return start
    if start < cursor.read_since or (reads_customers(rules) and not cursor.has_customers):
        return min(start, cursor.read_since)
    if cursor.filter_field == STAMPED and (cursor.swept_at is None or now - cursor.swept_at >= SWEEP_EVERY):
        return max(start, cursor.watermark - SWEEP)
    return cursor.watermark - OVERLAP


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one poll works with."""

    account: RetailAccount
    reference: ReferenceOfPoll
    rules: Rules
    relations: tuple[str, ...]


class Poller:
    def __init__(self, database: Database, retail: RetailClient, now: Now) -> None:
        self._database = database
        self._retail = retail
        self._now = now
        self._seen = Seen()

    async def poll(self, lease: Cursor, connection: Connection) -> None:
        """Raises what a call raised; what was kept before stays kept."""
        reading = self._reading(connection)
        lease = await self._fetch_wanted(lease, reading)
        if lease.walk_url is not None and (resumed := _walk_of(lease)) is not None:
            try:
                await self._walk(lease, reading, resumed, lease.walk_url)
                return
            except BadRequest:  # the cursor in the address is no longer good: begin anew
                pass
        await self._walk_from_the_start(lease, reading)

    def _reading(self, connection: Connection) -> _Reading:
        account = self._retail.account(
            connection.lightspeed_grant_id or "", connection.lightspeed_account or ""
        )
        relations = (*RELATIONS, *OF_CUSTOMERS) if reads_customers(connection.rules) else RELATIONS
        reference = ReferenceOfPoll(self._database, account, connection.id, self._now)
        return _Reading(account, reference, connection.rules, relations)

    async def _walk_from_the_start(self, lease: Cursor, reading: _Reading) -> None:
        """Filtering on updatetime is unconfirmed: where it can't be, timeStamp serves (reference 7)."""
        now = self._now()
        walk = Walk(window(lease, reading.rules, now), now, reads_customers(reading.rules))
        address = _address(reading, lease.filter_field, walk.since)
        try:
            await self._walk(lease, reading, walk, address, is_first=lease.filter_field == UPDATED)
        except (FilterIgnored, BadRequest):
            if lease.filter_field == STAMPED:
                raise
            lease = await self._change(lease, filter_field=STAMPED, walk_url=None)
            await self._walk(lease, reading, walk, _address(reading, STAMPED, walk.since))

    async def _walk(
        self, lease: Cursor, reading: _Reading, walk: Walk, address: str, *, is_first: bool = False
    ) -> None:
        following: str | None = address
        lane = Lane.BACKLOG if walk.started_at - walk.since > BACKLOG else Lane.SALES
        while following is not None:
            page = await reading.account.page(following, reading.relations, entity=ENTITY, lane=lane)
            if is_first:
                _require_window(page, walk.since)
                is_first = False
            with_customers = "Customer" in following
            self._require_relations(lease, page.rows, with_customers=with_customers)
            lease = await self._keep(lease, reading, walk, page)
            following = page.next

    async def _keep(self, lease: Cursor, reading: _Reading, walk: Walk, page: Page) -> Cursor:
        rows = self._seen.unseen(lease.connection_id, page.rows)
        reads = await self._read(reading, rows)
        step = partial(
            keep_page,
            lease=lease,
            reads=reads,
            walk=walk,
            following=page.next,
            day_end=reading.rules.day_end,
            now=self._now(),
        )
        kept = await self._database.run(step)
        self._seen.remember(lease.connection_id, [read.payload for read in reads if read.is_sale])
        return kept

    async def _fetch_wanted(self, lease: Cursor, reading: _Reading) -> Cursor:
        """Sales that a person wants read again, or that a new reference may make readable."""
        async with self._database.reading() as transaction:
            asked = await store.wanted(transaction, lease.connection_id, PAGE)
        if not asked:
            return lease
        ids = [sale_id for sale_id in asked if sale_id.isdigit()]
        rows = await self._rows_of(reading, ids) if ids else []
        self._require_relations(lease, rows, with_customers=reads_customers(reading.rules))
        step = partial(
            keep_wanted,
            lease=lease,
            reads=await self._read(reading, rows, is_wanted=True),
            asked=asked,
            day_end=reading.rules.day_end,
            now=self._now(),
        )
        return await self._database.run(step)

    async def _rows_of(self, reading: _Reading, ids: Sequence[str]) -> list[dict[str, Any]]:
        parameters = {"saleID": one_of(ids), "archived": "true"}
        return await reading.account.rows(ENTITY, parameters, reading.relations)

    async def _read(
        self, reading: _Reading, rows: Sequence[dict[str, Any]], *, is_wanted: bool = False
    ) -> list[ReadSale]:
        reference = await reading.reference.for_sales(rows)
        return [read_sale(row, reference, is_wanted=is_wanted) for row in rows]

    async def _change(self, lease: Cursor, **values: Any) -> Cursor:
        async def step(transaction: Transaction) -> Cursor:
            return await store.change_held(transaction, lease, self._now(), values)

        return await self._database.run(step)

    @staticmethod
    def _require_relations(lease: Cursor, rows: Sequence[Mapping[str, Any]], *, with_customers: bool) -> None:
        if lease.failures < PATIENCE and lacks_relations(rows, with_customers=with_customers):
            raise RelationsMissing("the page lacks lines, payments, articles or customers that it must have")


class FilterIgnored(Exception):
    """The list begins before the window: the filter did nothing."""


def _address(reading: _Reading, field: str, since: datetime) -> str:
    parameters = {"sort": field, field: at_least(since), "archived": "true"}
    return reading.account.address(ENTITY, parameters, reading.relations)


def _walk_of(cursor: Cursor) -> Walk | None:
    if cursor.walk_since is None or cursor.walk_started_at is None:
        return None
    return Walk(cursor.walk_since, cursor.walk_started_at, "Customer" in (cursor.walk_url or ""))


def _require_window(page: Page, since: datetime) -> None:
    """An unknown filter may be ignored in silence; then every poll would read all there ever was."""
    try:
        first = changed_at(page.rows[0]) if page.rows else since
    except Unreadable:
        return
    if first < since - OVERLAP:
        raise FilterIgnored
