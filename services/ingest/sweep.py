"""The nightly sweep: the sales of the last days are read again by their completion.

It finds what reading by change could not see: edits that moved no stamp, back-dated sales and late ones,
voids that can't be read otherwise. It concludes nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from libs.common.contracts.sales import OutletDays
from libs.common.lightspeed.errors import BadRequest
from libs.common.lightspeed.source import Walk, Way
from services.ingest.errand_store import Errand, SweepWalk
from services.ingest.keep import keep_part
from services.ingest.reading import Reading
from services.ingest.revisions import ReadSale
from services.ingest.store import Cursor

log = structlog.get_logger()

PAGES = 10
FROM, FOR_MINUTES = time(2, 30), 150
"""The quiet hours, by the outlet's clock; connections are spread over them."""
AT_LEAST = timedelta(hours=6)
"""Between two sweeps, and before the first: just then all was read."""


def sweep_due_at(time_zone: str, connection_id: str, after: datetime) -> datetime:
    """The next quiet hour."""
    zone = ZoneInfo(time_zone)
    spread = timedelta(minutes=zlib.crc32(connection_id.encode()) % FOR_MINUTES)
    day = (after + AT_LEAST).astimezone(zone).date()
    at = datetime.combine(day, FROM, zone).astimezone(UTC) + spread
    if at < after + AT_LEAST:
        at = datetime.combine(day + timedelta(days=1), FROM, zone).astimezone(UTC) + spread
    return at


async def next_sweep(reading: Reading) -> datetime:
    time_zone = reading.source.parser.time_zone(await reading.reference())
    return sweep_due_at(time_zone, reading.connection_id, reading.now())


async def read_sweep(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    left = errand
    for _ in range(PAGES):
        lease, left = await _read_part(lease, reading, left)
        if left.state.since is None:
            break
    return lease, left


async def _read_part(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand]:
    state = _begun(errand.state, reading)
    walk = Walk(
        Way.SWEEP,
        since=state.since or reading.now(),
        until=state.until or reading.now(),
        mark=state.mark,
        is_fresh=errand.state.since is None,
        lacking=errand.lacking,
    )
    try:
        read = await reading.read(walk)
    except BadRequest as error:
        if walk.is_fresh or not walk.mark:
            raise
        log.info("sweep begins anew", why=str(error))
        return await _keep(lease, reading, errand, replace(state, mark=""), [])
    part = read.part
    after = SweepWalk(mark=part.mark) if part.is_last else replace(state, mark=part.mark)
    kept = await _keep(lease, reading, errand, after, read.reads, part.days)
    reading.remember(read)
    return kept


async def _keep(
    lease: Cursor,
    reading: Reading,
    errand: Errand,
    after: SweepWalk,
    reads: list[ReadSale],
    days: tuple[OutletDays, ...] | None = None,
) -> tuple[Cursor, Errand]:
    due_at = await next_sweep(reading) if after.since is None else reading.now()
    left = errand.done(after, due_at)
    step = partial(keep_part, lease=lease, reading=reading, reads=reads, errand=errand, left=left, days=days)
    return await reading.database.run(step), left


def _begun(state: SweepWalk, reading: Reading) -> SweepWalk:
    """What nobody wants is not swept."""
    if state.since is not None:
        return state
    now = reading.now()
    since = max(now - reading.source.sweeps, reading.starts_at)
    return replace(state, since=since, until=now)
