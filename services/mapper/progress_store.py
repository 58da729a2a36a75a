"""The mapper's table of how far each connection has been read, so that a day closes only when all is here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Column, Integer, String, Table, Text, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.sales import OutletDays, SalesRead
from libs.common.database.statements import insert_new
from libs.common.database.types import UtcDateTime, metadata

progress = Table(
    "mapper_progress",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("seen", Integer, nullable=False),
    Column("read_position", Integer, nullable=False),
    Column("read_until", UtcDateTime),
    Column("read_since", UtcDateTime),
    Column("today_since", UtcDateTime),
    Column("today_until", UtcDateTime),
    Column("days", Text),
)


@dataclass(frozen=True, slots=True)
class ReadSoFar:
    """How much of a connection's sales has been read at the till, and how much of that has come here.

    Nothing of before `read_since` was asked for. While a backlog is read, what was completed since
    `today_since` has been read ahead of it, up to `today_until`. `days` is what outlets know of
    their own days.
    """

    seen: int
    read_position: int
    read_until: datetime | None
    read_since: datetime | None = None
    today_since: datetime | None = None
    today_until: datetime | None = None
    days: tuple[OutletDays, ...] = ()

    def is_whole(self, outlet: str, till_days: Collection[date], closes_at: datetime) -> bool:
        """By the till's own word, where it gives one; `till_days` are those that the day has a part of."""
        known = next((one for one in self.days if one.outlet == outlet), None)
        if known is None:
            return True
        is_past = known.whole_until is not None and closes_at <= known.whole_until
        return is_past and not set(till_days) & set(known.lacking)

    def lacks(self, outlet: str, till_days: Collection[date]) -> bool:
        """Whether the till was asked for the days and didn't call them whole."""
        return any(one.outlet == outlet and set(till_days) & set(one.lacking) for one in self.days)

    @property
    def has_all(self) -> bool:
        return self.read_until is not None and self.seen >= self.read_position


@cache
def _days_adapter() -> TypeAdapter[tuple[OutletDays, ...]]:
    return TypeAdapter(tuple[OutletDays, ...])


async def take_turn(transaction: AsyncConnection, connection_id: str, *, seen: int = 0) -> None:
    """Holds the connection to the end of the transaction, so that replicas decide one after another.

    `seen` counts the messages of ingest that have come here, each once.
    """
    where = progress.c.connection_id == connection_id
    counted = update(progress).where(where).values(seen=progress.c.seen + seen)
    if (await transaction.execute(counted)).rowcount:
        return
    row = {"connection_id": connection_id, "seen": 0, "read_position": 0}
    await transaction.execute(insert_new(progress, [row]))
    await transaction.execute(counted)


async def note_read(transaction: AsyncConnection, connection_id: str, read: SalesRead) -> None:
    """The latest that was told counts, in whatever order it comes."""
    where = and_(progress.c.connection_id == connection_id, progress.c.read_position < read.position)
    values = {
        "read_until": read.read_until,
        "read_position": read.position,
        "read_since": read.read_since,
        "today_since": None if read.backlog is None else read.backlog.until,
        "today_until": None if read.backlog is None else read.backlog.today_until,
        "days": _days_adapter().dump_json(read.days).decode() if read.days else None,
    }
    await transaction.execute(update(progress).where(where).values(values))


async def read_so_far(transaction: AsyncConnection, connection_id: str) -> ReadSoFar:
    query = select(progress).where(progress.c.connection_id == connection_id)
    row = (await transaction.execute(query)).one_or_none()
    if row is None:
        return ReadSoFar(0, 0, None)
    read = {name: getattr(row, name) for name in ReadSoFar.__slots__}
    return ReadSoFar(**read | {"days": _days_adapter().validate_json(row.days) if row.days else ()})
