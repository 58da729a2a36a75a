"""What belongs together of a restaurant's accounts: one opened again, its void, and what it was before.

A reopened account stands beside a void of what it was; some say that the void is implied (8). And whether a
void writes its amounts with their sign is open (17.1). Either could book money twice, so the account before
is looked for and laid beside such a row, for the parser to decide by; where it isn't found, a person decides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from libs.common.lightspeed.restaurant_parser import (
    account_number,
    adds_turnover,
    changed_at,
    opened_at,
    reopens,
    voided_by,
)
from libs.common.lightspeed.restaurant_sale import LOCATION, NOT_VOIDED, PREVIOUS
from libs.common.lightspeed.source import Row

HOUR = timedelta(hours=1)
OPEN_AGAIN = timedelta(hours=24)
"""For so long an account that was opened again stays open at the most."""
BACK = timedelta(hours=48)
"""How far back the account before is looked for."""

RowsBetween = Callable[[str, datetime, datetime], AsyncIterator[Row]]
"""`(location, since, until)`: the accounts closed in that time."""


async def with_chains(rows: Sequence[Row], rows_between: RowsBetween, now: datetime) -> list[Row]:
    """The rows, each beside what decides its meaning; and a reopened account whose void came only now."""
    chain = _Chains(rows, rows_between)
    found = [await chain.beside_previous(row) for row in rows]
    for row in rows:
        closed = changed_at(row)
        if voided_by(row) and closed is not None and now - closed > HOUR:
            found.extend(await chain.reopened_before(row, closed))
    return found


class _Chains:
    def __init__(self, rows: Sequence[Row], rows_between: RowsBetween) -> None:
        self._by_number = {account_number(row): row for row in rows}
        self._voided = {previous for row in rows if (previous := voided_by(row))}
        self._reopened = {previous for row in rows if (previous := reopens(row))}
        self._rows_between = rows_between

    async def beside_previous(self, row: Row) -> Row:
        closed, previous = changed_at(row), reopens(row)
        if closed is None:
            return row
        if previous:
            if await self._is_voided(row, previous, closed):
                return row
            before = await self._numbered(previous, row, closed)
            return {**row, NOT_VOIDED: True} if before is None else {**row, PREVIOUS: before}
        if not adds_turnover(row):
            return row
        before = await self._numbered(voided_by(row), row, closed)
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
        since = min(opened_at(row) or closed, closed) - HOUR
        others = self._rows_between(str(row[LOCATION]), since, closed + HOUR)
        return any([voided_by(other) == previous async for other in others])

    async def _numbered(self, number: str, row: Row, closed: datetime) -> Row | None:
        if number in self._by_number:
            return self._by_number[number]
        async for other in self._rows_between(str(row[LOCATION]), closed - BACK, closed + HOUR):
            if account_number(other) == number:
                return other
        return None
