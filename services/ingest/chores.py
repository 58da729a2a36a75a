"""A source's own errands: what it brings goes the way of every sale, and its mark moves with it."""

from __future__ import annotations

from functools import partial

from libs.common.lightspeed.source import Chore, Done
from services.ingest.errand_store import Errand
from services.ingest.keep import keep_part
from services.ingest.reading import Reading
from services.ingest.store import Cursor


async def do_chore(
    chore: Chore, lease: Cursor, reading: Reading, errand: Errand
) -> tuple[Cursor, Errand | None]:
    done: Done = await chore.do(reading.till, errand.state, reading.desk, errand.lacking)
    left = errand.done(done.mark, done.due_at + reading.clock.ahead)
    step = partial(
        keep_part,
        lease=lease,
        reading=reading,
        reads=await reading.sales_of(done.rows) if done.rows else [],
        errand=errand,
        left=left,
        messages=done.messages,
        days=done.days,
    )
    return await reading.database.run(step), left
