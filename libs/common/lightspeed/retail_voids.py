"""Voids of any age, by their ids: what is read by change or by day finds only those that move a stamp.

The right to read voids may be missing. Then nobody is bothered: the nightly sweep finds those of two weeks,
and the right is tried again the next day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from libs.common.domain.sale import SaleState
from libs.common.lightspeed.errors import NoRight, NotFound
from libs.common.lightspeed.retail import Page
from libs.common.lightspeed.retail_parser import sale_id
from libs.common.lightspeed.retail_query import above
from libs.common.lightspeed.retail_reading import RetailTill
from libs.common.lightspeed.retail_sale import state_of, with_void
from libs.common.lightspeed.retail_values import Unreadable, identity, moment
from libs.common.lightspeed.retail_void_feed import VOIDS, VoidFeed
from libs.common.lightspeed.source import Desk, Done, Row

log = structlog.get_logger()

KEY = "saleVoidID"
EVERY = timedelta(minutes=5)
AGAIN_AFTER = timedelta(days=1)
SOON = timedelta(minutes=1)
UNDER_WAY = timedelta(hours=1)
"""How long a void is believed to be ahead of its sale, which doesn't say yet that it was voided."""


def _done(feed: VoidFeed, due_at: datetime, rows: Sequence[Row] = ()) -> Done:
    return Done(feed.to_text(), due_at, rows)


async def read_voids(till: RetailTill, mark: str, desk: Desk, lacking: int) -> Done:
    feed, now = VoidFeed.of(mark), desk.now()
    try:
        page = await _page(till, feed)
    except (NoRight, NotFound) as error:
        log.info("voids can't be read", why=str(error))
        return _done(VoidFeed(feed.last_id, has_right=False), now + AGAIN_AFTER)
    if feed.last_id is None:
        return _done(VoidFeed(_highest(page.rows, 0)), now + EVERY)
    voids = {sale_id(void): void for void in page.rows if sale_id(void)}
    rows = await till.sales_numbered(list(voids), lacking)
    ahead = _ahead(rows, voids, desk.now())
    mine = await _wanted(desk, [row for row in rows if sale_id(row) not in ahead])
    found = [with_void(row, voids[sale_id(row)]) for row in mine]
    if ahead:
        before = min(_number_of(voids[one]) for one in ahead) - 1
        return _done(VoidFeed(before), desk.now() + SOON, found)
    due_at = desk.now() + (timedelta() if page.next else EVERY)
    return _done(VoidFeed(_highest(page.rows, feed.last_id)), due_at, found)


async def _page(till: RetailTill, feed: VoidFeed) -> Page:
    """The first time only where the ids stand: what was voided before was never told otherwise."""
    asked = (
        {"sort": f"-{KEY}", "limit": "1"} if feed.last_id is None else {"sort": KEY, KEY: above(feed.last_id)}
    )
    return await till.account.page(till.account.address(VOIDS, asked), entity=VOIDS)


def _ahead(
    rows: Sequence[Mapping[str, Any]], voids: Mapping[str, Mapping[str, Any]], now: datetime
) -> set[str]:
    """Sales whose own record lags behind their void."""
    found = set()
    for row in rows:
        voided_at = _moment_of(voids.get(sale_id(row), {}))
        if not _is_voided(row) and voided_at is not None and now - voided_at < UNDER_WAY:
            found.add(sale_id(row))
    return found


async def _wanted(desk: Desk, rows: Sequence[Row]) -> list[Row]:
    """Those that were read before, and those of the time that is read at all."""
    kept = await desk.states([sale_id(row) for row in rows]) if rows else {}
    start = desk.starts_at
    return [
        row
        for row in rows
        if sale_id(row) in kept or (_moment_of(row, "completeTime", "timeStamp") or start) >= start
    ]


def _highest(rows: Sequence[Mapping[str, Any]], at_least: int) -> int:
    return max([at_least, *(_number_of(row) for row in rows)])


def _is_voided(row: Mapping[str, Any]) -> bool:
    try:
        return state_of(row) is SaleState.VOIDED
    except Unreadable:
        return True  # to be kept as the problem that it is


def _number_of(void: Mapping[str, Any]) -> int:
    try:
        return int(identity(void, KEY))
    except Unreadable:
        return 0


def _moment_of(row: Mapping[str, Any], *fields: str) -> datetime | None:
    try:
        return moment(row, *(fields or ("createTime",)))
    except Unreadable:
        return None
