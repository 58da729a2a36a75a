"""The nightly sweep: the sales of the last two weeks are read again by their completion.

It finds what reading by change could not see: edits that moved no stamp, back-dated sales and late ones
where lists are filtered on timeStamp, voids where the login may not read them. It concludes nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from libs.common.budget import Lane
from libs.common.lightspeed.errors import BadRequest
from libs.common.lightspeed.retail_reference import RetailReference
from libs.common.lightspeed.retail_values import Row, moment
from services.ingest.errand_store import Errand, SweepWalk
from services.ingest.keep import keep_part
from services.ingest.plan import start_of_reading
from services.ingest.reading import COMPLETED, STAMPED, FilterIgnored, Reading, require_window
from services.ingest.revisions import ReadSale
from services.ingest.store import Cursor

log = structlog.get_logger()

BACK = timedelta(days=14)
PAGES = 10
FROM, FOR_MINUTES = time(2, 30), 150
"""The quiet hours, by the outlet's clock; connections are spread over them."""
AT_LEAST = timedelta(hours=6)
"""Between two sweeps, and before the first: just then all was read."""


def sweep_due_at(reference: RetailReference, connection_id: str, after: datetime) -> datetime:
    """The next quiet hour of the first outlet that is open."""
    open_ones = [shop for shop in reference.shops.values() if not shop.is_archived]
    zone = ZoneInfo(open_ones[0].time_zone) if open_ones else ZoneInfo("UTC")
    spread = timedelta(minutes=zlib.crc32(connection_id.encode()) % FOR_MINUTES)
    day = (after + AT_LEAST).astimezone(zone).date()
    at = datetime.combine(day, FROM, zone).astimezone(UTC) + spread
    if at < after + AT_LEAST:
        at = datetime.combine(day + timedelta(days=1), FROM, zone).astimezone(UTC) + spread
    return at


async def read_sweep(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    left = errand
    for _ in range(PAGES):
        lease, left = await _read_page(lease, reading, left)
        if left.state.since is None:
            break
    return lease, left


async def _read_page(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand]:
    walk = _begun(errand.state, reading)
    since = walk.since or reading.now()
    address = walk.url or reading.address(walk.field, since, walk.until)
    try:
        page = await reading.page(address, Lane.BACKLOG)
        if walk.url is None:
            require_window(page.rows, since, _completed_at)
    except (BadRequest, FilterIgnored) as error:
        if walk.url is None and walk.field == STAMPED:
            raise
        log.info("sweep begins anew", why=str(error))
        field = walk.field if walk.url else STAMPED
        return await _keep(lease, reading, errand, replace(walk, url=None, field=field), [])
    read = await reading.sales_on(page, address, failures=errand.failures)
    after = replace(walk, url=page.next) if page.next else SweepWalk(field=walk.field)
    kept = await _keep(lease, reading, errand, after, read.reads)
    read.remember(reading.seen, lease.connection_id)
    return kept


async def _keep(
    lease: Cursor, reading: Reading, errand: Errand, after: SweepWalk, reads: list[ReadSale]
) -> tuple[Cursor, Errand]:
    now = reading.now()
    due_at = now
    if after.since is None:
        due_at = sweep_due_at(await reading.reference.for_sales([]), lease.connection_id, now)
    left = errand.done(after, due_at)
    step = partial(
        keep_part,
        lease=lease,
        reads=reads,
        errand=errand,
        left=left,
        day_end=reading.rules.day_end,
        now=now,
    )
    return await reading.database.run(step), left


def _begun(walk: SweepWalk, reading: Reading) -> SweepWalk:
    """What nobody wants is not swept."""
    if walk.since is not None:
        return walk
    now = reading.now()
    since = max(now - BACK, start_of_reading(reading.rules, now))
    return replace(walk, since=since, until=now)


def _completed_at(row: Row) -> datetime | None:
    return moment(row, COMPLETED, STAMPED)
