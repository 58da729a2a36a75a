"""Numbers that the account gave to no sale that was read (domain.md 10.1).

A ticket has its number from the moment it is opened, whatever becomes of it, and one sequence numbers the
whole account (reference 4.1): what lies between two numbers was somebody's. So each day those of the day
before are held against what is kept, and what lacks is asked for by number: a sale that no list showed is
read after all, and the others are told until they turn up, or a quarter is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from pydantic import TypeAdapter

from libs.common.budget import Lane
from libs.common.contracts.sales import NumberGap, NumbersMissing
from libs.common.lightspeed.retail import Page
from libs.common.lightspeed.retail_parser import sale_id
from libs.common.lightspeed.retail_query import PAGE, at_least
from libs.common.lightspeed.retail_reading import RetailTill
from libs.common.lightspeed.retail_values import Unreadable, moment
from libs.common.lightspeed.source import Desk, Done, Row

CHORE = "numbers"
SALES, KEY, COMPLETED = "Sale", "saleID", "completeTime"
EVERY = timedelta(days=1)
WAITS = timedelta(hours=1)
AT_ONCE = 1000
"""So many numbers are held against what is kept in one step."""
A_QUARTER = timedelta(days=100)
MOST = 1000


@dataclass(frozen=True, slots=True)
class NumberFeed:
    """All numbers up to `checked` were looked at; those up to `until` are due, and `top` was the highest.

    `missing` are those that neither we nor the till have, with the day on which that was seen.
    """

    checked: int | None = None
    until: int = 0
    top: int = 0
    missing: dict[int, date] = field(default_factory=dict)


@cache
def _adapter() -> TypeAdapter[NumberFeed]:
    return TypeAdapter(NumberFeed)


async def read_numbers(till: RetailTill, mark: str, desk: Desk, lacking: int) -> Done:
    """A day's first step asks for its highest number and again for what lacked; the others look further."""
    if not mark:
        return _done(NumberFeed(), NumberFeed(), desk.now() + EVERY)
    feed = _adapter().validate_json(mark)
    if feed.checked is not None and feed.checked < feed.until:
        return await _look_further(till, feed, desk, lacking)
    if await desk.is_behind():
        return _done(feed, feed, desk.now() + WAITS)
    return await _begin_day(till, feed, desk, lacking)


async def _begin_day(till: RetailTill, feed: NumberFeed, desk: Desk, lacking: int) -> Done:
    top = _highest((await _page(till, {"sort": f"-{KEY}", "limit": "1"})).rows)
    checked = await _first(till, desk, top) if feed.checked is None else feed.checked
    since = desk.now().date() - A_QUARTER
    asked = [number for number, day in sorted(feed.missing.items()) if day > since]
    rows, lacks = await _ask(till, desk, asked, lacking)
    missing = {number: feed.missing[number] for number in lacks}
    after = NumberFeed(checked, until=max(feed.top, checked), top=top, missing=missing)
    return _done(feed, after, _due_at(after, desk), rows)


async def _look_further(till: RetailTill, feed: NumberFeed, desk: Desk, lacking: int) -> Done:
    begin = (feed.checked or 0) + 1
    numbers = range(begin, min(feed.until, begin + AT_ONCE - 1) + 1)
    unknown = await _unknown(desk, numbers)
    checked = numbers[-1] if len(unknown) <= PAGE else unknown[PAGE - 1]
    rows, lacks = await _ask(till, desk, unknown[:PAGE], lacking)
    today = desk.now().date()
    missing = feed.missing | dict.fromkeys(lacks, today)
    after = replace(feed, checked=checked, missing=dict(sorted(missing.items())[-MOST:]))
    return _done(feed, after, _due_at(after, desk), rows)


async def _first(till: RetailTill, desk: Desk, top: int) -> int:
    """Above all numbers that may have been given before anything is wanted.

    One of the first sales since then may have been opened long before; hardly all of a page of them.
    """
    since = desk.starts_at
    page = await _page(till, {"sort": COMPLETED, COMPLETED: at_least(since)})
    if any(_completed_before(row, since) for row in page.rows):
        return top  # the list isn't filtered, and says nothing
    return _highest(page.rows) or top


async def _ask(
    till: RetailTill, desk: Desk, numbers: Sequence[int], lacking: int
) -> tuple[list[Row], list[int]]:
    """What the till has of the numbers that aren't kept, a page at most, and the numbers that lack still."""
    unknown = await _unknown(desk, numbers)
    rows = await till.sales_numbered([str(number) for number in unknown[:PAGE]], lacking)
    found = {sale_id(row) for row in rows}
    return rows, [number for number in unknown if str(number) not in found]


async def _unknown(desk: Desk, numbers: Sequence[int]) -> list[int]:
    kept = await desk.states([str(number) for number in numbers]) if numbers else {}
    return [number for number in numbers if str(number) not in kept]


async def _page(till: RetailTill, asked: dict[str, str]) -> Page:
    address = till.account.address(SALES, {"archived": "true", **asked})
    return await till.account.page(address, entity=SALES, lane=Lane.BACKLOG)


def _done(before: NumberFeed, after: NumberFeed, due_at: datetime, rows: Sequence[Row] = ()) -> Done:
    is_news = before.missing.keys() != after.missing.keys()
    told = [NumbersMissing(tuple(gaps_of(after.missing)))] if is_news else []
    return Done(_adapter().dump_json(after).decode(), due_at, rows, told)


def _due_at(feed: NumberFeed, desk: Desk) -> datetime:
    return desk.now() + (timedelta() if (feed.checked or 0) < feed.until else EVERY)


def gaps_of(numbers: Iterable[int]) -> list[NumberGap]:
    """Numbers that follow each other, as one. Pure."""
    gaps: list[NumberGap] = []
    for number in sorted(numbers):
        if gaps and gaps[-1].last == number - 1:
            gaps[-1] = replace(gaps[-1], last=number)
        else:
            gaps.append(NumberGap(number, number))
    return gaps


def _highest(rows: Iterable[Row]) -> int:
    return max((int(sale_id(row)) for row in rows if sale_id(row).isdigit()), default=0)


def _completed_before(row: Row, since: datetime) -> bool:
    try:
        completed_at = moment(row, COMPLETED)
    except Unreadable:
        return True
    return completed_at is None or completed_at < since - timedelta(minutes=5)
