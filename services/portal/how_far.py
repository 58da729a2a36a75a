"""How far ingest has read each till: what days are whole, and when a backlog will be through."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.sales import SalesRead
from libs.common.database import registry
from libs.common.database.statements import upsert
from services.portal.store import readings

SUBJECT = "sales-read"


@cache
def _adapter() -> TypeAdapter[SalesRead]:
    return TypeAdapter(SalesRead)


async def show_read(transaction: AsyncConnection, envelope: Envelope) -> None:
    """The newest holds, in whatever order they come."""
    message = message_in(envelope, SalesRead)
    if await registry.connection(transaction, envelope.connection_id) is None:
        return
    row = {
        "connection_id": envelope.connection_id,
        "subject": SUBJECT,
        "rows": _adapter().dump_json(message).decode(),
        "read_at": envelope.at,
    }
    is_newer = readings.c.read_at <= envelope.at
    keeping = upsert(
        readings, [row], key=["connection_id", "subject"], update=["rows", "read_at"], where=is_newer
    )
    await transaction.execute(keeping)


async def sales_read(transaction: AsyncConnection, connection_id: str) -> SalesRead | None:
    query = select(readings.c.rows).where(
        readings.c.connection_id == connection_id, readings.c.subject == SUBJECT
    )
    text = (await transaction.execute(query)).scalar_one_or_none()
    return None if text is None else _adapter().validate_json(text)


def has_read(read: SalesRead | None, begins: datetime, ends: datetime) -> bool:
    """Whether this stretch of the till was read from its begin to its end."""
    if read is None or (read.read_since is not None and begins < read.read_since):
        return False
    backlog = read.backlog
    if backlog is not None and begins >= backlog.until:
        return ends <= backlog.today_until
    return ends <= read.read_until
