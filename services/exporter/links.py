"""Which account or item of Exact a customer or article of the till is: remembered for good.

A link is written down as in doubt before its account or item is made, so that a lost answer is settled
by a search and never by making a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, delete, select, update

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert

CHUNK = 400
NONE = ""
"""The `exact_id` of what was looked for, isn't there, and may not be made."""
NONE_HOLDS = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Link:
    till_key: str
    search_key: str
    exact_id: str | None
    searches: int
    due_at: datetime | None

    @property
    def is_in_doubt(self) -> bool:
        return self.exact_id is None


@dataclass(frozen=True, slots=True)
class Place:
    """Whose links: one connection's, in one division."""

    connection_id: str
    division_key: str


async def known(
    transaction: Transaction, table: Table, place: Place, till_keys: Sequence[str], now: datetime
) -> dict[str, Link]:
    """The links that still say something: an old "there is none" is asked again."""
    found: dict[str, Link] = {}
    for start in range(0, len(till_keys), CHUNK):
        wanted = table.c.till_key.in_(till_keys[start : start + CHUNK])
        for row in await transaction.execute(select(table).where(_of(table, place), wanted)):
            if row.exact_id == NONE and row.due_at <= now:
                continue
            found[row.till_key] = Link(row.till_key, row.search_key, row.exact_id, row.searches, row.due_at)
    return found


async def owners(
    transaction: Transaction, table: Table, place: Place, exact_ids: Sequence[str]
) -> dict[str, set[str]]:
    """The till keys that each of them is linked to, if any."""
    found: dict[str, set[str]] = {}
    for start in range(0, len(exact_ids), CHUNK):
        chosen = table.c.exact_id.in_(exact_ids[start : start + CHUNK])
        for row in await transaction.execute(select(table).where(_of(table, place), chosen)):
            found.setdefault(row.exact_id, set()).add(row.till_key)
    return found


async def keep(
    transaction: Transaction,
    table: Table,
    place: Place,
    links: Iterable[tuple[str, str, str | None]],
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """(till key, search key, id of Exact, or None while its creation is in doubt)."""
    rows: list[dict[str, Any]] = [
        {
            "connection_id": place.connection_id,
            "division_key": place.division_key,
            "till_key": till_key,
            "search_key": search_key,
            "exact_id": exact_id,
            "searches": 0,
            "due_at": due_at,
            "at": now,
        }
        for till_key, search_key, exact_id in links
    ]
    key = ["connection_id", "division_key", "till_key"]
    changed = ["search_key", "exact_id", "searches", "due_at", "at"]
    for start in range(0, len(rows), CHUNK):
        await transaction.execute(upsert(table, rows[start : start + CHUNK], key=key, update=changed))


async def contents(
    transaction: Transaction, table: Table, place: Place, exact_ids: Mapping[str, str]
) -> dict[str, str | None]:
    """What was told of each last, of those that are still linked so."""
    told: dict[str, str | None] = {}
    keys = list(exact_ids)
    for start in range(0, len(keys), CHUNK):
        chosen = table.c.till_key.in_(keys[start : start + CHUNK])
        for row in await transaction.execute(select(table).where(_of(table, place), chosen)):
            if row.exact_id == exact_ids[row.till_key]:
                told[row.till_key] = row.content
    return told


async def remember(transaction: Transaction, table: Table, place: Place, told: Mapping[str, str]) -> None:
    for till_key, content in told.items():
        mine = and_(_of(table, place), table.c.till_key == till_key)
        await transaction.execute(update(table).where(mine).values(content=content))


async def drop(transaction: Transaction, table: Table, place: Place, till_keys: Sequence[str]) -> None:
    for start in range(0, len(till_keys), CHUNK):
        chosen = table.c.till_key.in_(till_keys[start : start + CHUNK])
        await transaction.execute(delete(table).where(_of(table, place), chosen))


async def count_search(
    transaction: Transaction, table: Table, place: Place, till_keys: Sequence[str], due_at: datetime
) -> None:
    chosen = and_(_of(table, place), table.c.till_key.in_(till_keys))
    values = {"searches": table.c.searches + 1, "due_at": due_at}
    await transaction.execute(update(table).where(chosen).values(**values))


def _of(table: Table, place: Place) -> Any:
    return and_(table.c.connection_id == place.connection_id, table.c.division_key == place.division_key)
