"""Counts that are to be written or wait: a row each, with what its articles differ by.

Nothing else is counted of an article while it stands in one, so no difference is written twice.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from libs.common.database.engine import Transaction
from libs.common.domain.product import number_text
from services.products.store import counts


class CountState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    """It may have been made: it is looked for before it is made again."""
    DRAFT = "draft"
    """It stands in Exact and waits for a person."""


@dataclass(frozen=True, slots=True)
class Difference:
    master_key: str
    slave_key: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Count:
    """`name` is never given twice: what bears it on the other side is this count."""

    id: int
    name: str
    outlet: str
    state: CountState
    lines: tuple[Difference, ...]
    made_at: datetime
    sent_on: date | None
    searches: int
    due_at: datetime


async def plan(
    transaction: Transaction, connection_id: str, outlet: str, lines: Sequence[Difference], now: datetime
) -> None:
    values = {
        "connection_id": connection_id,
        "name": f"Kassakoppeling {uuid.uuid4().hex[:12]}",
        "outlet": outlet,
        "state": CountState.PLANNED.value,
        "lines": json.dumps(
            [[each.master_key, each.slave_key, number_text(each.quantity)] for each in lines]
        ),
        "made_at": now,
        "searches": 0,
        "due_at": now,
    }
    await transaction.execute(insert(counts).values(**values))


async def open_counts(transaction: Transaction, connection_id: str) -> list[Count]:
    query = select(counts).where(counts.c.connection_id == connection_id).order_by(counts.c.id)
    return [_count(row) for row in await transaction.execute(query)]


def _count(row: Any) -> Count:
    lines = [Difference(master, slave, Decimal(each)) for master, slave, each in json.loads(row.lines)]
    state = CountState(row.state)
    return Count(
        row.id, row.name, row.outlet, state, tuple(lines), row.made_at, row.sent_on, row.searches, row.due_at
    )


async def change(transaction: Transaction, count: Count, **values: Any) -> None:
    await transaction.execute(update(counts).where(counts.c.id == count.id).values(**values))


async def end(transaction: Transaction, count: Count) -> None:
    await transaction.execute(delete(counts).where(counts.c.id == count.id))


async def forget(transaction: Transaction, connection_id: str, *, but: Collection[str]) -> None:
    """All but those of these outlets."""
    others = counts.c.outlet.not_in(sorted(but))
    await transaction.execute(delete(counts).where(counts.c.connection_id == connection_id, others))


async def next_due(transaction: Transaction, connection_id: str) -> datetime | None:
    query = select(func.min(counts.c.due_at)).where(counts.c.connection_id == connection_id)
    found: datetime | None = (await transaction.execute(query)).scalar_one()
    return found


def waiting_in(found: Iterable[Count]) -> set[tuple[str, str]]:
    """Outlet and article of every line."""
    return {(count.outlet, line.master_key) for count in found for line in count.lines}
