"""One poll of one connection: today's sales first, page by page, then a part of each errand that is due.

Each page is one transaction with the cursor behind it, so a poll that is killed goes on where it was. The
window overlaps what was read before, and content decides what is new: nothing is missed or told twice
because a page moved. What may be concluded from what was read stands in `plan`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from libs.common.budget import Lane, Postponed
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.lightspeed.errors import BadRequest, LightspeedError, NotAccepted, WrongAccount
from libs.common.lightspeed.retail import Page, RetailClient
from libs.common.lightspeed.retail_query import PAGE
from libs.common.service import Now
from services.ingest import errand_store, store
from services.ingest.backlog import read_backlog
from services.ingest.errand_store import Errand, Kind, SweepWalk, TillFeed, VoidFeed
from services.ingest.keep import LAG, Walk, begin_walk, keep_page, keep_wanted
from services.ingest.plan import plan
from services.ingest.reading import (
    STAMPED,
    UPDATED,
    FilterIgnored,
    Reading,
    reading_of,
    require_window,
)
from services.ingest.seen import Seen
from services.ingest.store import Cursor
from services.ingest.sweep import read_sweep, sweep_due_at
from services.ingest.tills import read_closings
from services.ingest.voids import read_voids

log = structlog.get_logger()

DO = {
    Kind.VOIDS: read_voids,
    Kind.TILLS: read_closings,
    Kind.BACKLOG: read_backlog,
    Kind.SWEEP: read_sweep,
}
"""Each does a bounded part, and says where the errand stands after it; None where it is over."""


class Poller:
    def __init__(self, database: Database, retail: RetailClient, now: Now) -> None:
        self._database = database
        self._retail = retail
        self._now = now
        self._seen = Seen()

    async def poll(self, lease: Cursor, connection: Connection, every: timedelta) -> datetime:
        """When to come again. Raises what reading today's sales raised; what was kept before stays kept."""
        known = await self._errands(lease)
        reading = reading_of(
            self._database,
            self._retail,
            connection,
            self._seen,
            self._now,
            asks_voids=Kind.VOIDS not in known or known[Kind.VOIDS].state.has_right,
        )
        lease = await self._fetch_wanted(lease, reading)
        if self._is_due(lease, every):
            lease = await self._read_today(lease, reading)
        known = await self._enrol(lease, reading)
        after = []
        for errand in known.values():
            lease, left = await self._run(lease, reading, errand)
            after += [left.due_at] if left else []
        return min([self._now() + every, *after])

    def _is_due(self, lease: Cursor, every: timedelta) -> bool:
        """Between two polls the connection may have been claimed for an errand alone."""
        if lease.watermark is None or lease.walk_url is not None or lease.requested_at is not None:
            return True
        return lease.failures > 0 or self._now() >= lease.watermark + LAG + every

    async def _read_today(self, lease: Cursor, reading: Reading) -> Cursor:
        if lease.walk_url is not None and (resumed := _walk_of(lease)) is not None:
            try:
                return await self._walk(lease, reading, resumed, lease.walk_url)
            except BadRequest:  # the cursor in the address is no longer good: begin anew
                pass
        return await self._walk_from_the_start(lease, reading)

    async def _walk_from_the_start(self, lease: Cursor, reading: Reading) -> Cursor:
        """Filtering on updatetime is unconfirmed: where it can't be, timeStamp serves (reference 7)."""
        now = self._now()
        async with self._database.reading() as transaction:
            backlog = await errand_store.backlog_of(transaction, lease.connection_id)
        planned = plan(lease, backlog, reading.rules, now)
        lease = await self._database.run(partial(begin_walk, lease=lease, planned=planned, now=now))
        walk = Walk(planned.since, now, "Customer" in reading.relations)
        address = reading.address(lease.filter_field, walk.since)
        try:
            return await self._walk(lease, reading, walk, address, is_first=lease.filter_field == UPDATED)
        except (FilterIgnored, BadRequest):
            if lease.filter_field == STAMPED:
                raise
            lease = await self._change(lease, filter_field=STAMPED, walk_url=None)
            return await self._walk(lease, reading, walk, reading.address(STAMPED, walk.since))

    async def _walk(
        self, lease: Cursor, reading: Reading, walk: Walk, address: str, *, is_first: bool = False
    ) -> Cursor:
        following: str | None = address
        while following is not None:
            page = await reading.page(following, Lane.SALES)
            if is_first:
                require_window(page.rows, walk.since)
                is_first = False
            lease = await self._keep(lease, reading, walk, page, following)
            following = page.next
        return lease

    async def _keep(self, lease: Cursor, reading: Reading, walk: Walk, page: Page, address: str) -> Cursor:
        read = await reading.sales_on(page, address, failures=lease.failures)
        step = partial(
            keep_page,
            lease=lease,
            reads=read.reads,
            walk=walk,
            following=page.next,
            day_end=reading.rules.day_end,
            now=self._now(),
        )
        kept = await self._database.run(step)
        read.remember(self._seen, lease.connection_id)
        return kept

    async def _fetch_wanted(self, lease: Cursor, reading: Reading) -> Cursor:
        """Sales that a person wants read again, or that a new reference may make readable."""
        async with self._database.reading() as transaction:
            asked = await store.wanted(transaction, lease.connection_id, PAGE)
        if not asked:
            return lease
        ids = [sale_id for sale_id in asked if sale_id.isdigit()]
        rows = await reading.sales_numbered(ids, failures=lease.failures)
        step = partial(
            keep_wanted,
            lease=lease,
            reads=await reading.sales_of(rows, is_wanted=True),
            asked=asked,
            day_end=reading.rules.day_end,
            now=self._now(),
        )
        return await self._database.run(step)

    async def _enrol(self, lease: Cursor, reading: Reading) -> dict[Kind, Errand]:
        """The connection's errands: voids and sweep always, closings where its rules want them."""
        known, now, new = await self._errands(lease), self._now(), []
        if Kind.VOIDS not in known:
            new.append(Errand(Kind.VOIDS, VoidFeed(), now))
        if Kind.SWEEP not in known:
            reference = await reading.reference.for_sales([])
            new.append(Errand(Kind.SWEEP, SweepWalk(), sweep_due_at(reference, lease.connection_id, now)))
        if reading.rules.till_movements and Kind.TILLS not in known:
            new.append(Errand(Kind.TILLS, TillFeed(), now))
        if not reading.rules.till_movements:
            known.pop(Kind.TILLS, None)

        async def step(transaction: Transaction) -> None:
            await store.change_held(transaction, lease, now)
            for errand in new:
                await errand_store.put(transaction, lease.connection_id, errand)

        if new:
            await self._database.run(step)
        return errand_store.in_order([*known.values(), *new])

    async def _run(self, lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
        """A part of it, if it is due; what goes wrong in it is its own, but for what would end every call."""
        if errand.due_at > self._now():
            return lease, errand
        try:
            return await DO[errand.kind](lease, reading, errand)
        except Postponed as wait:
            left = replace(errand, due_at=wait.until)
        except (NotAccepted, WrongAccount):
            raise
        except (LightspeedError, FilterIgnored) as error:
            log.warning("errand failed", errand=errand.kind, failures=errand.failures + 1, error=str(error))
            left = errand.failed(error, self._now())
        return await self._wait(lease, left)

    async def _wait(self, lease: Cursor, left: Errand) -> tuple[Cursor, Errand | None]:
        """Only when it is due changes: a part that was kept before stays kept."""

        async def step(transaction: Transaction) -> tuple[Cursor, Errand | None]:
            held = await store.change_held(transaction, lease, self._now())
            known = (await errand_store.errands_of(transaction, lease.connection_id)).get(left.kind)
            if known is None:
                return held, None
            waits = replace(left, state=known.state)
            await errand_store.put(transaction, lease.connection_id, waits)
            return held, waits

        return await self._database.run(step)

    async def _errands(self, lease: Cursor) -> dict[Kind, Errand]:
        async with self._database.reading() as transaction:
            return await errand_store.errands_of(transaction, lease.connection_id)

    async def _change(self, lease: Cursor, **values: Any) -> Cursor:
        async def step(transaction: Transaction) -> Cursor:
            return await store.change_held(transaction, lease, self._now(), values)

        return await self._database.run(step)


def _walk_of(cursor: Cursor) -> Walk | None:
    if cursor.walk_since is None or cursor.walk_started_at is None:
        return None
    return Walk(cursor.walk_since, cursor.walk_started_at, "Customer" in (cursor.walk_url or ""))
