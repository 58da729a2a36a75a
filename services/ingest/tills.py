"""Closings of registers, by their ids: each is told once, with what went in and out since its opening.

Movements have a feed of their own and are read when a register was closed; those of a register that is open
wait for its closing. Closing and movements stand in the message, and the cursors of both move in the
transaction that puts it into the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from libs.common.budget import Lane
from libs.common.contracts.sales import TillClosed
from libs.common.domain.sale import ZERO
from libs.common.domain.till_close import TillMovement
from libs.common.lightspeed.errors import BadRequest, NoRight, NotFound, Unavailable
from libs.common.lightspeed.retail import Page
from libs.common.lightspeed.retail_query import above, at_least
from libs.common.lightspeed.retail_till import (
    COUNT_RELATIONS,
    COUNTS,
    MOVEMENTS,
    Closing,
    closing_of,
    movement_of,
    till_close_of,
)
from libs.common.lightspeed.retail_values import Unreadable
from services.ingest.errand_store import Errand, TillFeed, WaitingMovement
from services.ingest.keep import LAG, keep_part
from services.ingest.plan import start_of_reading
from services.ingest.reading import Reading
from services.ingest.store import Cursor

log = structlog.get_logger()

EVERY = timedelta(minutes=5)
AGAIN_AFTER = timedelta(days=1)
COUNT_KEY, MOVEMENT_KEY = "registerCountID", "registerWithdrawID"


async def read_closings(lease: Cursor, reading: Reading, errand: Errand) -> tuple[Cursor, Errand | None]:
    feed: TillFeed = errand.state
    now = reading.now()
    try:
        page = await _counts(reading, feed)
    except (NoRight, NotFound) as error:
        log.info("closings can't be read", why=str(error))
        return await _keep(lease, reading, errand, feed, [], now + AGAIN_AFTER)
    try:
        closings = _settled([closing_of(row) for row in page.rows], now)
        left, told = await _close(reading, feed, closings) if closings else (feed, [])
    except Unreadable as error:
        raise Unavailable(str(error)) from error
    goes_on = page.next is not None and len(closings) == len(page.rows)
    return await _keep(lease, reading, errand, left, told, now if goes_on else now + EVERY)


async def _counts(reading: Reading, feed: TillFeed) -> Page:
    """From the start date on; should lists not be filtered on createTime, then from the first."""
    if feed.last_count:
        return await _count_page(reading, {COUNT_KEY: above(feed.last_count)})
    start = start_of_reading(reading.rules, reading.now())
    try:
        return await _count_page(reading, {"createTime": at_least(start)})
    except NotFound:
        raise
    except BadRequest:
        return await _count_page(reading, {})


async def _count_page(reading: Reading, asked: dict[str, str]) -> Page:
    address = reading.account.address(COUNTS, {"sort": COUNT_KEY, **asked}, COUNT_RELATIONS)
    return await reading.account.page(address, COUNT_RELATIONS, entity=COUNTS, lane=Lane.BACKLOG)


def _settled(closings: Sequence[Closing], now: datetime) -> list[Closing]:
    """Up to the first that is so fresh that others with lower ids may still be under way."""
    found = []
    for closing in closings:
        if closing.closed_at > now - LAG:
            break
        found.append(closing)
    return found


async def _close(
    reading: Reading, feed: TillFeed, closings: Sequence[Closing]
) -> tuple[TillFeed, list[TillClosed]]:
    types = {kind for closing in closings for kind in closing.payment_types}
    reference = await reading.reference.for_registers({each.register for each in closings}, types)
    feed = await _with_movements(reading, feed, min(each.opened_at for each in closings))
    start = start_of_reading(reading.rules, reading.now())
    told = []
    for closing in closings:
        mine, feed = taken(feed, closing)
        if closing.closed_at >= start:
            told.append(TillClosed(till_close_of(closing, mine, reference)))
    return feed, told


async def _with_movements(reading: Reading, feed: TillFeed, since: datetime) -> TillFeed:
    asked = (
        {"createTime": at_least(since)}
        if feed.last_movement is None
        else {MOVEMENT_KEY: above(feed.last_movement)}
    )
    rows = await reading.account.rows(MOVEMENTS, {"sort": MOVEMENT_KEY, **asked}, lane=Lane.BACKLOG)
    waiting, last = list(feed.waiting), feed.last_movement or 0
    for row in rows:
        register, movement = movement_of(row)
        if movement.moved_at > reading.now() - LAG:
            break  # others with lower ids may still be under way
        waiting.append(WaitingMovement(register, movement))
        last = int(movement.id)
    return replace(feed, waiting=tuple(waiting), last_movement=last)


def taken(feed: TillFeed, closing: Closing) -> tuple[tuple[TillMovement, ...], TillFeed]:
    """The movements that belong to the closing, and the feed without them. Pure.

    What goes in at the very moment of closing is the float of the next opening. What moved before the first
    closing that is known was opened belongs to one of before our time; later on nothing is left out.
    """
    is_first = closing.register not in feed.closed
    mine, waiting = [], []
    for each in feed.waiting:
        if each.register != closing.register or _is_after(each.movement, closing):
            waiting.append(each)
        elif not is_first or each.movement.moved_at >= closing.opened_at:
            mine.append(each.movement)
    closed = {**feed.closed, closing.register: closing.closed_at}
    return tuple(mine), replace(feed, last_count=closing.id, waiting=tuple(waiting), closed=closed)


def _is_after(movement: TillMovement, closing: Closing) -> bool:
    is_float = movement.moved_at == closing.closed_at and movement.amount > ZERO
    return movement.moved_at > closing.closed_at or is_float


async def _keep(
    lease: Cursor,
    reading: Reading,
    errand: Errand,
    feed: TillFeed,
    told: Sequence[TillClosed],
    due_at: datetime,
) -> tuple[Cursor, Errand]:
    left = errand.done(feed, due_at)
    step = partial(
        keep_part,
        lease=lease,
        reads=[],
        errand=errand,
        left=left,
        day_end=reading.rules.day_end,
        now=reading.now(),
        messages=told,
    )
    return await reading.database.run(step), left
