"""What is read again beside walks: whole business days until the till calls them complete, and late sales."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from libs.common.budget import Lane
from libs.common.lightspeed.errors import BadRequest
from libs.common.lightspeed.restaurant_reference import RestaurantReference
from libs.common.lightspeed.restaurant_till import RestaurantTill
from libs.common.lightspeed.restaurant_walk import first_place, is_before_beginning, place_in
from libs.common.lightspeed.restaurant_whole_days import (
    WholeDays,
    after_day,
    days_from,
    days_text,
    fresh_day,
    lacking_days,
    told_days,
    with_all,
)
from libs.common.lightspeed.source import Desk, Done, Row

AGAIN = timedelta(minutes=10)
LATE = timedelta(hours=48)
EVERY = timedelta(hours=1)


async def read_days(till: Any, mark: str, desk: Desk, lacking: int) -> Done:
    """One day of one location a time, the oldest first; those that lack something again after a while."""
    reference: RestaurantReference = await desk.reference()
    days = with_all(days_from(mark), reference, desk.now())
    fresh = fresh_day(days, reference, desk.now())
    if fresh is None and not days.again:
        days = replace(days, again=lacking_days(days))
    due = fresh or next(iter(days.again), None)
    rows: list[Row] = []
    if due is not None:
        rows, is_whole = await _read(till, *due)
        days = after_day(days, *due, is_whole=is_whole)
    return _done(days, reference, desk, rows)


async def read_late(till: Any, mark: str, desk: Desk, lacking: int) -> Done:
    """The last two days again: a device that was offline hands in what it closed long ago (10)."""
    reference: RestaurantReference = await desk.reference()
    now = desk.now()
    place = place_in(mark, reference) or first_place(reference, max(now - LATE, desk.starts_at), now)
    if place is None or place.is_empty:
        return Done("", now + EVERY)
    part = await till.read_place(place, reference, Lane.BACKLOG)
    return Done(part.mark, now + EVERY if part.is_last else now, rows=part.rows)


async def _read(till: RestaurantTill, location: str, day: date) -> tuple[list[Row], bool]:
    try:
        read = await till.read_day(location, day)
    except BadRequest as error:
        if not is_before_beginning(error.message):
            raise
        return [], True
    return read.rows, read.is_complete


def _done(days: WholeDays, reference: RestaurantReference, desk: Desk, rows: list[Row]) -> Done:
    now = desk.now()
    has_more = bool(days.again) or fresh_day(days, reference, now) is not None
    return Done(
        mark=days_text(days),
        due_at=now if has_more else now + AGAIN,
        rows=rows,
        days=told_days(days, reference),
    )
