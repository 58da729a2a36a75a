"""Finds what others booked of the till's takings, in a stretch of days: at night, and before the switch.

One call for a thousand lines on the ledgers of turnover and money, and one for forty entries of others that
bring turnover, to see them whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection
from libs.common.domain.reconcile import Standing
from libs.common.domain.rules import Rules
from libs.common.domain.sale import ZERO
from libs.common.exact.client import ExactDivision
from services.portal.book_entries import (
    AT_ONCE,
    BookEntry,
    Ledgers,
    Ours,
    read_entries,
    read_whole,
    whose,
)
from services.portal.context import Portal
from services.portal.doubles import (
    Double,
    Receipt,
    doubles_of_others,
    doubles_of_ours,
    may_be_takings,
    numbers_in,
)
from services.portal.sale_facts import SaleState
from services.portal.store import sale_parts, sales

MOST_LOOKED_INTO = 400
"""Entries of others a look; a shop that sends more invoices in a month has the newest compared."""


async def find_doubles(
    portal: Portal,
    connection: Connection,
    division: ExactDivision,
    rules: Rules,
    since: date,
    entries: Sequence[BookEntry] | None = None,
    *,
    own_are_ours: bool = True,
) -> list[Double]:
    """`entries` are those of these ledgers since that day, where they were read already.

    A connection that never booked has nothing of its own there: what bears its prefix is of one before it.
    """
    ledgers = Ledgers.of(rules)
    if not ledgers.revenue:
        return []
    if entries is None:
        entries = await read_entries(division, ledgers.revenue | ledgers.money, since)
    recent = [entry for entry in entries if entry.day >= since]
    async with portal.database.reading() as transaction:
        ours = await whose(transaction, division.key, recent, None if own_are_ours else connection.id)
    candidates = [entry for entry in recent if not ours.has(entry) and may_be_takings(entry, ledgers)]
    candidates = sorted(candidates, key=lambda entry: entry.day)[-MOST_LOOKED_INTO:]
    whole = await read_whole(division, [entry.id for entry in candidates])
    async with portal.database.reading() as transaction:
        return await _doubles(transaction, connection, ledgers, ours, recent, whole, since)


async def _doubles(
    transaction: AsyncConnection,
    connection: Connection,
    ledgers: Ledgers,
    ours: Ours,
    recent: Sequence[BookEntry],
    others: Sequence[BookEntry],
    since: date,
) -> list[Double]:
    numbers = {number for entry in others for number in numbers_in(entry)}
    receipts = await _receipts(transaction, connection.id, sorted(numbers))
    days = await _days(transaction, connection.id, since)
    return [*doubles_of_others(others, ledgers, receipts, days), *doubles_of_ours(recent, ours)]


async def _receipts(
    transaction: AsyncConnection, connection_id: str, numbers: Sequence[str]
) -> dict[str, Receipt]:
    """By number and by ticket number, of sales that aren't left out."""
    found: dict[str, Receipt] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        query = select(
            sales.c.number, sales.c.ticket_number, sales.c.business_day, sales.c.total_cents
        ).where(
            sales.c.connection_id == connection_id,
            sales.c.state != SaleState.IGNORED.value,
            sales.c.business_day.is_not(None),
            sales.c.total_cents.is_not(None),
            or_(sales.c.number.in_(some), sales.c.ticket_number.in_(some)),
        )
        for row in await transaction.execute(query):
            receipt = Receipt(row.number, row.business_day, Decimal(row.total_cents).scaleb(-2))
            found |= {name: receipt for name in (row.number, row.ticket_number) if name}
    return found


async def _days(
    transaction: AsyncConnection, connection_id: str, since: date
) -> dict[tuple[date, str], Decimal]:
    """What each day sold, by outlet, and under "" what all of them did."""
    query = (
        select(sale_parts.c.day, sales.c.outlet, func.sum(sale_parts.c.cents).label("cents"))
        .join(
            sales,
            (sales.c.connection_id == sale_parts.c.connection_id) & (sales.c.sale_id == sale_parts.c.sale_id),
        )
        .where(
            sale_parts.c.connection_id == connection_id,
            sale_parts.c.day >= since,
            sale_parts.c.kind != Standing.IGNORED.value,
        )
        .group_by(sale_parts.c.day, sales.c.outlet)
    )
    days: dict[tuple[date, str], Decimal] = {}
    for row in await transaction.execute(query):
        amount = Decimal(int(row.cents)).scaleb(-2)
        days[row.day, row.outlet] = amount
        days[row.day, ""] = days.get((row.day, ""), ZERO) + amount
    return {place: amount for place, amount in days.items() if amount}
