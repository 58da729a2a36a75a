"""Voids of any age, by their ids: what is read by change or by day finds only those that move a stamp.

The right to read voids may be missing. Then nobody is bothered: the nightly sweep finds those of two weeks,
and the right is tried again the next day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from libs.common.domain.sale import SaleState
from libs.common.lightspeed.errors import NoRight, NotFound
from libs.common.lightspeed.retail import Page
from libs.common.lightspeed.retail_query import above
from libs.common.lightspeed.retail_sale import state_of, with_void
from libs.common.lightspeed.retail_values import NONE, Unreadable, identity, moment
from services.ingest import store
from services.ingest.errand_store import Errand, VoidFeed
from services.ingest.keep import keep_part
from services.ingest.plan import start_of_reading
from services.ingest.reading import VOIDS, Reading
from services.ingest.revisions import ReadSale
from services.ingest.store import Cursor

log = structlog.get_logger()

KEY = "saleVoidID"
EVERY = timedelta(minutes=5)
AGAIN_AFTER = timedelta(days=1)
SOON = timedelta(minutes=1)
UNDER_WAY = timedelta(hours=1)
"""How long a void is believed to be ahead of its sale, which doesn't say yet that it was voided."""


async def read_voids(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    feed: VoidFeed = errand.state
    try:
        page = await _page(reading, feed)
    except (NoRight, NotFound) as error:
        log.info("voids can't be read", why=str(error))
        unread = VoidFeed(feed.last_id, has_right=False)
        return await _keep(lease, reading, errand, unread, [], reading.now() + AGAIN_AFTER)
    if feed.last_id is None:
        return await _keep(
            lease, reading, errand, VoidFeed(_highest(page.rows, 0)), [], reading.now() + EVERY
        )
    voids = {_id_of(void, "saleID"): void for void in page.rows if _id_of(void, "saleID") != NONE}
    rows = await reading.sales_numbered(list(voids), failures=errand.failures)
    ahead = _ahead(rows, voids, reading.now())
    mine = await _wanted(reading, [row for row in rows if _id_of(row, "saleID") not in ahead])
    reads = await reading.sales_of([with_void(row, voids[_id_of(row, "saleID")]) for row in mine])
    if ahead:
        before = min(int(_id_of(voids[sale_id], KEY)) for sale_id in ahead) - 1
        return await _keep(lease, reading, errand, VoidFeed(before), reads, reading.now() + SOON)
    due_at = reading.now() + (timedelta() if page.next else EVERY)
    return await _keep(lease, reading, errand, VoidFeed(_highest(page.rows, feed.last_id)), reads, due_at)


async def _page(reading: Reading, feed: VoidFeed) -> Page:
    """The first time only where the ids stand: what was voided before was never told otherwise."""
    asked = (
        {"sort": f"-{KEY}", "limit": "1"} if feed.last_id is None else {"sort": KEY, KEY: above(feed.last_id)}
    )
    return await reading.account.page(reading.account.address(VOIDS, asked), entity=VOIDS)


def _ahead(
    rows: Sequence[Mapping[str, Any]], voids: Mapping[str, Mapping[str, Any]], now: datetime
) -> set[str]:
    """Sales whose own record lags behind their void."""
    found = set()
    for row in rows:
        sale_id = _id_of(row, "saleID")
        voided_at = _moment_of(voids.get(sale_id, {}))
        if not _is_voided(row) and voided_at is not None and now - voided_at < UNDER_WAY:
            found.add(sale_id)
    return found


async def _wanted(reading: Reading, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that were read before, and those of the time that is read at all."""
    ids = [_id_of(row, "saleID") for row in rows]
    async with reading.database.reading() as transaction:
        kept = await store.kept_sales(transaction, reading.connection_id, ids) if ids else {}
    start = start_of_reading(reading.rules, reading.now())
    return [
        row
        for row, sale_id in zip(rows, ids, strict=True)
        if sale_id in kept or (_moment_of(row, "completeTime", "timeStamp") or start) >= start
    ]


async def _keep(
    lease: Cursor, reading: Reading, errand: Errand, feed: VoidFeed, reads: list[ReadSale], due_at: datetime
) -> tuple[Cursor, Errand]:
    left = errand.done(feed, due_at)
    step = partial(
        keep_part,
        lease=lease,
        reads=reads,
        errand=errand,
        left=left,
        day_end=reading.rules.day_end,
        now=reading.now(),
    )
    return await reading.database.run(step), left


def _highest(rows: Sequence[Mapping[str, Any]], at_least: int) -> int:
    return max([at_least, *(int(_id_of(row, KEY)) for row in rows)])


def _is_voided(row: Mapping[str, Any]) -> bool:
    try:
        return state_of(row) is SaleState.VOIDED
    except Unreadable:
        return True  # to be kept as the problem that it is


def _id_of(row: Mapping[str, Any], field: str) -> str:
    try:
        return identity(row, field)
    except Unreadable:
        return NONE


def _moment_of(row: Mapping[str, Any], *fields: str) -> datetime | None:
    try:
        return moment(row, *(fields or ("createTime",)))
    except Unreadable:
        return None
