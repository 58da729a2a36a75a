"""What the last look found of balances: kept to be shown, and as the next look's start."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.statements import upsert
from services.portal.balances import Balance
from services.portal.stands import Counted, counted_of, counted_text
from services.portal.store import readings

SUBJECT = "balances"


@cache
def _adapter() -> TypeAdapter[tuple[Balance, ...]]:
    return TypeAdapter(tuple[Balance, ...])


@dataclass(frozen=True, slots=True)
class KeptBalances:
    looked_at: datetime
    balances: tuple[Balance, ...]


async def keep_balances(
    transaction: AsyncConnection,
    connection_id: str,
    counted: Counted,
    balances: Sequence[Balance],
    at: datetime,
) -> None:
    rows = {"counted": counted_text(counted), "balances": _adapter().dump_json(tuple(balances)).decode()}
    row = {"connection_id": connection_id, "subject": SUBJECT, "rows": json.dumps(rows), "read_at": at}
    await transaction.execute(
        upsert(readings, [row], key=["connection_id", "subject"], update=["rows", "read_at"])
    )


async def counted_before(transaction: AsyncConnection, connection_id: str) -> Counted | None:
    kept = await _kept(transaction, connection_id)
    return None if kept is None else counted_of(json.loads(kept[0])["counted"])


async def balances_of(transaction: AsyncConnection, connection_id: str) -> KeptBalances | None:
    kept = await _kept(transaction, connection_id)
    if kept is None:
        return None
    return KeptBalances(kept[1], _adapter().validate_json(json.loads(kept[0])["balances"]))


async def _kept(transaction: AsyncConnection, connection_id: str) -> tuple[str, datetime] | None:
    query = select(readings.c.rows, readings.c.read_at).where(
        readings.c.connection_id == connection_id, readings.c.subject == SUBJECT
    )
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else (row.rows, row.read_at)
