"""What belongs together of a restaurant's accounts: one opened again, its void, and what it was before.

A reopened account stands beside a void of what it was; some say that the void is implied (8). Whether a void
writes its amounts with their sign is open (17.1), and what an account says of itself once it is cancelled too
(9.1). Any of them could book money twice, so the account before is looked for and laid beside such a row, for
the parser to decide by; what it can't decide without it, a person does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from libs.common.lightspeed.restaurant_parser import (
    account_number,
    closing_time,
    is_cancelled,
    opened_at,
    paid_back_by,
    paid_otherwise_by,
    reopens,
    sale_id,
    voided_by,
)
from libs.common.lightspeed.restaurant_sale import BOOKED_BEFORE, LOCATION, NOT_VOIDED, PREVIOUS
from libs.common.lightspeed.source import Desk, Row

HOUR = timedelta(hours=1)
OPEN_AGAIN = timedelta(hours=24)
"""For so long an account that was opened again stays open at the most."""
LONGEST_OPEN = timedelta(days=7)
"""How far back the void is looked for of one that says to be open for longer: it waits for a person then."""
BACK = timedelta(hours=48)
"""How far back the account before is looked for."""

RowsBetween = Callable[[str, datetime, datetime], AsyncIterator[Row]]
"""`(location, since, until)`: the accounts closed in that time."""


async def with_chains(rows: Sequence[Row], rows_between: RowsBetween, desk: Desk) -> list[Row]:
    """The rows, each beside what decides its meaning; and a reopened account whose void came only now."""
    known = await _with_what_was_sold(rows, desk)
    chain = _Chains(known, rows_between, desk)
    found = [await chain.beside_previous(row) for row in known]
    for row in known:
        closed = closing_time(row)
        if voided_by(row) and closed is not None and desk.now() - closed > HOUR:
            found.extend(await chain.reopened_before(row, closed))
    return found


async def _with_what_was_sold(rows: Sequence[Row], desk: Desk) -> list[Row]:
    """What was told as sold and says now that it is cancelled, is marked as such, however often it says so.

    Its void is told as a record of its own (9.1): taking both back would take it back twice.
    """
    cancelled = [sale_id(row) for row in rows if is_cancelled(row)]
    sold = await desk.sold([one for one in cancelled if one]) if cancelled else set()
    return [{**row, BOOKED_BEFORE: True} if sale_id(row) in sold else dict(row) for row in rows]


class _Chains:
    def __init__(self, rows: Sequence[Row], rows_between: RowsBetween, desk: Desk) -> None:
        self._by_number = {account_number(row): row for row in rows}
        self._voided = {previous for row in rows if (previous := voided_by(row))}
        self._reopened = {previous for row in rows if (previous := reopens(row))}
        self._rows_between = rows_between
        self._desk = desk

    async def beside_previous(self, row: Row) -> Row:
        closed, reopened = closing_time(row), reopens(row)
        previous = reopened or voided_by(row) or paid_back_by(row)
        if closed is None or not previous:
            return row
        if reopened and await self._is_voided(row, reopened, closed):
            return row
        before = await self._numbered(previous, row, closed)
        if reopened and (before is None or await self._is_paid_otherwise(before, closed)):
            return {**row, NOT_VOIDED: True}
        return row if before is None else {**row, PREVIOUS: before}

    async def reopened_before(self, void: Row, closed: datetime) -> list[Row]:
        """An account was opened again and read as if its void were implied, before that was handed in."""
        number = voided_by(void)
        if number in self._reopened:
            return []
        others = self._rows_between(str(void[LOCATION]), closed - HOUR, closed + OPEN_AGAIN)
        return [other async for other in others if reopens(other) == number]

    async def _is_voided(self, row: Row, previous: str, closed: datetime) -> bool:
        """By a record of the time in which it was open again."""
        if previous in self._voided:
            return True
        since = max(min(opened_at(row) or closed, closed) - HOUR, closed - LONGEST_OPEN)
        others = self._rows_between(str(row[LOCATION]), since, closed + HOUR)
        return any([voided_by(other) == previous async for other in others])

    async def _is_paid_otherwise(self, before: Row, reopened_until: datetime) -> bool:
        """An implied void takes back the last payments, which an update has then (8)."""
        since, number = closing_time(before) or reopened_until, account_number(before)
        others = self._rows_between(str(before[LOCATION]), since, reopened_until + HOUR)
        return any([paid_otherwise_by(other) == number async for other in others])

    async def _numbered(self, number: str, row: Row, closed: datetime) -> Row | None:
        if number in self._by_number:
            return self._by_number[number]
        async for other in self._rows_between(str(row[LOCATION]), closed - BACK, closed + HOUR):
            if account_number(other) == number:
                (found,) = await _with_what_was_sold([other], self._desk)
                return found
        return None
