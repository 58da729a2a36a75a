"""Counts that are to be written or wait: a row each, with what its articles differ by.

Nothing else is counted of an article there while it stands in one, so no difference is written twice. What
may stand in Exact is followed until it is processed or thrown away, whatever is chosen here meanwhile.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
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
    """`name` is never given twice: what bears it on the other side is this count.

    `exact_id` is what Exact calls it, once that is known: a person may change all else of a draft.
    """

    id: int
    name: str
    outlet: str
    warehouse: str
    exact_id: str | None
    state: CountState
    lines: tuple[Difference, ...]
    made_at: datetime
    sent_on: date | None
    searches: int
    due_at: datetime

    @property
    def may_stand(self) -> bool:
        return self.state is not CountState.PLANNED

    def is_of(self, places: Mapping[str, str]) -> bool:
        """Whether its outlet has its warehouse still."""
        return places.get(self.outlet) == self.warehouse


async def plan(
    transaction: Transaction,
    connection_id: str,
    outlet: str,
    warehouse: str,
    lines: Sequence[Difference],
    now: datetime,
) -> None:
    values = {
        "connection_id": connection_id,
        "name": f"Kassakoppeling {uuid.uuid4().hex[:12]}",
        "outlet": outlet,
        "warehouse": warehouse,
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
        id=row.id,
        name=row.name,
        outlet=row.outlet,
        warehouse=row.warehouse,
        exact_id=row.exact_id,
        state=state,
        lines=tuple(lines),
        made_at=row.made_at,
        sent_on=row.sent_on,
        searches=row.searches,
        due_at=row.due_at,
    )


async def change(transaction: Transaction, count: Count, **values: Any) -> None:
    await transaction.execute(update(counts).where(counts.c.id == count.id).values(**values))


async def end(transaction: Transaction, count: Count) -> None:
    await transaction.execute(delete(counts).where(counts.c.id == count.id))


async def next_due(transaction: Transaction, connection_id: str) -> datetime | None:
    query = select(func.min(counts.c.due_at)).where(counts.c.connection_id == connection_id)
    found: datetime | None = (await transaction.execute(query)).scalar_one()
    return found


def waiting_in(found: Iterable[Count]) -> set[tuple[str, str]]:
    """Warehouse and article that follows, of every line."""
    return {(count.warehouse, line.slave_key) for count in found for line in count.lines}
