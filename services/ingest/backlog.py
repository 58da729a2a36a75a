"""The backlog: what changed long ago, read oldest first in parts, behind today's sales.

A part is a few pages, each a transaction with the place where the next one begins; between two parts today's
sales are read. What a kill interrupts goes on at the next page. Only its last page lets days close.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from libs.common.budget import Lane
from libs.common.lightspeed.errors import BadRequest
from libs.common.lightspeed.retail import Page
from libs.common.lightspeed.retail_sale import changed_at
from libs.common.lightspeed.retail_values import Unreadable
from services.ingest.errand_store import BacklogWalk, Errand
from services.ingest.keep import end_backlog, keep_part
from services.ingest.reading import Reading, require_window
from services.ingest.store import Cursor

PAGES = 10
"""Of one part: about as many as an account's bucket gives at once."""


async def read_backlog(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    left: Errand | None = errand
    for _ in range(PAGES):
        if left is None:
            break
        lease, left = await _read_page(lease, reading, left)
    return lease, left


async def _read_page(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    walk: BacklogWalk = errand.state
    address = walk.url or reading.address(lease.filter_field, walk.read_to, walk.until)
    try:
        page = await reading.page(address, Lane.BACKLOG)
    except BadRequest:
        if walk.url is None:
            raise
        return lease, replace(errand, state=replace(walk, url=None))  # its cursor is no longer good
    if walk.url is None:
        require_window(page.rows, walk.read_to)
    read = await reading.sales_on(page, address, failures=errand.failures)
    now, day_end = reading.now(), reading.rules.day_end
    after = _after(walk, page, address)
    step = (
        partial(end_backlog, errand=errand, has_customers=after.has_customers)
        if after.url is None
        else partial(keep_part, errand=errand, left=errand.done(after, now))
    )
    held = await reading.database.run(partial(step, lease=lease, reads=read.reads, day_end=day_end, now=now))
    read.remember(reading.seen, lease.connection_id)
    return held, None if after.url is None else errand.done(after, now)


def _after(walk: BacklogWalk, page: Page, address: str) -> BacklogWalk:
    """Past its end there is nothing to go on for, should the list not end there by itself."""
    last = _last_change(page)
    is_past = last is not None and last > walk.until
    return replace(
        walk,
        read_to=min(walk.until, max(walk.read_to, last or walk.read_to)),
        sales=walk.sales + len(page.rows),
        url=None if is_past else page.next,
        has_customers=walk.has_customers and "Customer" in address,
    )


def _last_change(page: Page) -> datetime | None:
    try:
        return changed_at(page.rows[-1]) if page.rows else None
    except Unreadable:
        return None
