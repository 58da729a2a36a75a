"""The mapper's table of register closings, each with what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.statements import insert_new, upsert
from libs.common.database.types import metadata
from libs.common.domain.till_close import TillClose
from services.mapper.store import SaleDecision

till_closes = Table(
    "mapper_till_close",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("close_id", String(64), primary_key=True),
    Column("decision", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("business_day", Date),
    Column("till_close", Text, nullable=False),
    Index("ix_mapper_till_close_state", "connection_id", "state"),
)


@dataclass(frozen=True, slots=True)
class KeptClose:
    connection_id: str
    close_id: str
    decision: int
    state: SaleDecision
    business_day: date | None
    till_close: TillClose


@cache
def _adapter() -> TypeAdapter[TillClose]:
    return TypeAdapter(TillClose)


async def add(transaction: AsyncConnection, connection_id: str, close: TillClose) -> None:
    """A closing is told once; told again, it stays as it is."""
    row = _row(KeptClose(connection_id, close.id, 0, SaleDecision.WAITING, None, close))
    await transaction.execute(insert_new(till_closes, [row]))


async def keep(transaction: AsyncConnection, kept: KeptClose) -> None:
    changing = ["decision", "state", "business_day"]
    row = _row(kept)
    await transaction.execute(upsert(till_closes, [row], key=["connection_id", "close_id"], update=changing))


def _row(kept: KeptClose) -> dict[str, Any]:
    return {
        "connection_id": kept.connection_id,
        "close_id": kept.close_id,
        "decision": kept.decision,
        "state": kept.state.value,
        "business_day": kept.business_day,
        "till_close": _adapter().dump_json(kept.till_close).decode(),
    }


async def waiting(transaction: AsyncConnection, connection_id: str, limit: int) -> list[KeptClose]:
    query = (
        select(till_closes)
        .where(
            till_closes.c.connection_id == connection_id,
            till_closes.c.state == SaleDecision.WAITING.value,
        )
        .order_by(till_closes.c.close_id)
        .limit(limit)
    )
    return [
        KeptClose(
            row.connection_id,
            row.close_id,
            row.decision,
            SaleDecision(row.state),
            row.business_day,
            _adapter().validate_json(row.till_close),
        )
        for row in await transaction.execute(query)
    ]


async def wait_again(transaction: AsyncConnection, connection_id: str, close_id: str | None = None) -> None:
    """Problems are to be decided again: all of the connection's, or this one."""
    where = and_(
        till_closes.c.connection_id == connection_id, till_closes.c.state == SaleDecision.PROBLEM.value
    )
    if close_id is not None:
        where = and_(where, till_closes.c.close_id == close_id)
    await transaction.execute(update(till_closes).where(where).values(state=SaleDecision.WAITING.value))


async def set_problem(transaction: AsyncConnection, connection_id: str, close_id: str) -> None:
    where = and_(till_closes.c.connection_id == connection_id, till_closes.c.close_id == close_id)
    await transaction.execute(update(till_closes).where(where).values(state=SaleDecision.PROBLEM.value))


async def put_away(transaction: AsyncConnection, connection_id: str, close_id: str) -> int | None:
    """A person booked it by hand. The number of that decision; None where the closing is no problem.

    One that isn't here couldn't be read: that was the first decision about it.
    """
    where = and_(till_closes.c.connection_id == connection_id, till_closes.c.close_id == close_id)
    row = (await transaction.execute(select(till_closes).where(where))).first()
    if row is None:
        return 2
    if row.state != SaleDecision.PROBLEM.value:
        return None
    decision: int = row.decision + 1
    values = {"state": SaleDecision.BY_HAND.value, "decision": decision}
    await transaction.execute(update(till_closes).where(where).values(values))
    return decision
