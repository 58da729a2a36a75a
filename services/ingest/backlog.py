"""The backlog: what changed long ago, read oldest first in parts, behind today's sales.

A part is a few pages, each a transaction with the place where the next one begins; between two parts today's
sales are read. What a kill interrupts goes on at the next page. Only its last page lets days close.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from libs.common.lightspeed.errors import BadRequest
from libs.common.lightspeed.source import Part, Walk, Way
from services.ingest.errand_store import BacklogWalk, Errand
from services.ingest.keep import end_backlog, keep_part
from services.ingest.reading import Reading
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
    state: BacklogWalk = errand.state
    walk = Walk(
        Way.BACKLOG,
        since=state.read_to,
        until=state.until,
        mark=state.mark,
        is_fresh=not state.mark,
        lacking=errand.lacking,
    )
    try:
        read = await reading.read(walk)
    except BadRequest:
        if walk.is_fresh:
            raise
        return lease, replace(errand, state=replace(state, mark=""))  # it is no longer good
    now = reading.now()
    after = _after(state, read.part)
    is_over = read.part.is_last
    step = (
        partial(end_backlog, has_customers=after.has_customers)
        if is_over
        else partial(keep_part, left=errand.done(after, now))
    )
    held = await reading.database.run(
        partial(step, lease=lease, reading=reading, reads=read.reads, errand=errand, days=read.part.days)
    )
    reading.remember(read)
    return held, None if is_over else errand.done(after, now)


def _after(state: BacklogWalk, part: Part) -> BacklogWalk:
    read_to = part.read_to or state.read_to
    return replace(
        state,
        read_to=min(state.until, max(state.read_to, read_to)),
        sales=state.sales + len(part.rows),
        mark=part.mark,
        has_customers=state.has_customers and part.has_customers,
    )
