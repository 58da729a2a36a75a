"""One poll of one connection: today's sales first, page by page, then a part of each errand that is due.

Each page is one transaction with the cursor behind it, so a poll that is killed goes on where it was. The
window overlaps what was read before, and content decides what is new: nothing is missed or told twice
because a page moved. What may be concluded from what was read stands in `plan`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from libs.common.budget import Postponed
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.lightspeed.errors import BadRequest, LightspeedError, NotAccepted, WrongAccount
from libs.common.lightspeed.source import Walk, Way
from libs.common.lightspeed.sources import Tills
from libs.common.service import Now
from libs.common.vendor_clock import VendorClock
from services.ingest import errand_store, store
from services.ingest.backlog import read_backlog
from services.ingest.chores import do_chore
from services.ingest.errand_store import BACKLOG, SWEEP, Errand, SweepWalk
from services.ingest.keep import begin_walk, keep_page, keep_wanted
from services.ingest.plan import plan
from services.ingest.reading import Reading, reading_of
from services.ingest.seen import Seen
from services.ingest.store import Cursor
from services.ingest.sweep import next_sweep, read_sweep

log = structlog.get_logger()

WANTED_AT_ONCE = 100


class Poller:
    def __init__(self, database: Database, tills: Tills, now: Now) -> None:
        self._database = database
        self._tills = tills
        self._now = now
        self._seen = Seen()
        self._clocks: dict[str, VendorClock] = {}

    async def poll(self, lease: Cursor, connection: Connection, every: timedelta) -> datetime:
        """When to come again. Raises what reading today's sales raised; what was kept before stays kept."""
        clock = self._clocks.setdefault(connection.source, VendorClock(self._now))
        reading = reading_of(self._database, self._tills, connection, self._seen, clock)
        with clock.listening():
            return await self._poll(lease, reading, every)

    async def _poll(self, lease: Cursor, reading: Reading, every: timedelta) -> datetime:
        if self._is_due(lease, reading, every):
            lease = await self._read_today(lease, reading)
        lease = await self._fetch_wanted(lease, reading)  # one that can't be had holds up none of today's
        known = await self._enrol(lease, reading)
        after = []
        for errand in known.values():
            lease, left = await self._run(lease, reading, errand)
            after += [left.due_at] if left else []
        return min([self._now() + every, *after])

    def _is_due(self, lease: Cursor, reading: Reading, every: timedelta) -> bool:
        """Between two polls the connection may have been claimed for an errand alone."""
        if lease.watermark is None or lease.walk_since is not None or lease.requested_at is not None:
            return True
        return lease.failures > 0 or reading.clock.now() >= lease.watermark + reading.lag + every

    async def _read_today(self, lease: Cursor, reading: Reading) -> Cursor:
        if (resumed := _walk_of(lease)) is not None:
            try:
                return await self._walk(lease, reading, resumed)
            except BadRequest:  # the mark is no longer good: begin anew
                pass
        return await self._walk_from_the_start(lease, reading)

    async def _walk_from_the_start(self, lease: Cursor, reading: Reading) -> Cursor:
        began, now = self._now(), reading.clock.now()
        async with self._database.reading() as transaction:
            backlog = await errand_store.backlog_of(transaction, lease.connection_id)
        planned = plan(lease, backlog, reading.rules, now, reading.source.overlap)
        lease = await self._database.run(partial(begin_walk, lease=lease, planned=planned, now=began))
        walk = Walk(Way.TODAY, planned.since, now, lease.mark, lacking=lease.lacking)
        return await self._walk(lease, reading, walk, began)

    async def _walk(
        self, lease: Cursor, reading: Reading, walk: Walk, began: datetime | None = None
    ) -> Cursor:
        """A walk ends no later than when it `began` by the vendor's clock, as its first answer tells."""
        is_last = False
        while not is_last:
            read = await reading.read(walk)
            if began is not None:
                walk, began = replace(walk, until=min(walk.until, began - reading.clock.ahead)), None
            step = partial(keep_page, reads=read.reads, reading=reading, walk=walk, part=read.part)
            lease = await self._database.run(partial(step, lease=lease))
            reading.remember(read)
            walk = replace(walk, mark=read.part.mark, is_fresh=False)
            is_last = read.part.is_last
        return lease

    async def _fetch_wanted(self, lease: Cursor, reading: Reading) -> Cursor:
        """Sales that a person wants read again, or that a new reference may make readable."""
        async with self._database.reading() as transaction:
            asked = await store.wanted(transaction, lease.connection_id, WANTED_AT_ONCE)
        if not asked:
            return lease
        reads = await reading.read_again(asked, lacking=lease.lacking)
        step = partial(keep_wanted, lease=lease, reads=reads, asked=asked, reading=reading)
        return await self._database.run(step)

    async def _enrol(self, lease: Cursor, reading: Reading) -> dict[str, Errand]:
        """The connection's errands: the sweep always, the source's chores where its rules want them."""
        known, now, new = await self._errands(lease), self._now(), []
        chores = [chore.name for chore in reading.source.chores if chore.is_wanted(reading.rules)]
        new += [Errand(name, "", now) for name in chores if name not in known]
        if SWEEP not in known:
            new.append(Errand(SWEEP, SweepWalk(), await next_sweep(reading)))

        async def step(transaction: Transaction) -> None:
            await store.change_held(transaction, lease, now)
            for errand in new:
                await errand_store.put(transaction, lease.connection_id, errand)

        if new:
            await self._database.run(step)
        return errand_store.in_order([*known.values(), *new], chores)

    async def _run(self, lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
        """A part of it, if it is due; what goes wrong in it is its own, but for what would end every call."""
        if errand.due_at > self._now():
            return lease, errand
        try:
            return await _do(lease, reading, errand)
        except Postponed as wait:
            left = replace(errand, due_at=wait.until)
        except (NotAccepted, WrongAccount):
            raise
        except LightspeedError as error:
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

    async def _errands(self, lease: Cursor) -> dict[str, Errand]:
        async with self._database.reading() as transaction:
            return await errand_store.errands_of(transaction, lease.connection_id)


async def _do(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    """A bounded part, and where the errand stands after it; None where it is over."""
    if errand.kind == BACKLOG:
        return await read_backlog(lease, reading, errand)
    if errand.kind == SWEEP:
        return await read_sweep(lease, reading, errand)
    chore = next(each for each in reading.source.chores if each.name == errand.kind)
    return await do_chore(chore, lease, reading, errand)


def _walk_of(cursor: Cursor) -> Walk | None:
    if cursor.walk_since is None or cursor.walk_started_at is None:
        return None
    return Walk(
        Way.TODAY,
        cursor.walk_since,
        cursor.walk_started_at,
        cursor.mark,
        is_fresh=False,
        lacking=cursor.lacking,
    )
