"""How far a connection is: what of the till was read, its sales and its documents of whole days by state."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import func, select

from libs.common.contracts.sales import Backlog, SalesRead
from services.portal import how_far, sale_queries, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.shapes import Answer
from services.portal.store import day_documents

router = partner_router("progress")


class BacklogAnswer(Answer):
    """What is read behind today's sales, oldest first; `ends_at` is null while its speed isn't known."""

    since: AwareDatetime
    until: AwareDatetime
    read_to: AwareDatetime
    sales: int
    ends_at: AwareDatetime | None


class ProgressAnswer(Answer):
    sales: dict[str, int]
    """By state: recorded, mapped, booked, problem, ignored."""
    day_documents: dict[str, int]
    """Documents that settle a whole day, by state: mapped is on its way."""
    read_until: AwareDatetime | None
    """All that the till held before this moment was read, but for a backlog."""
    backlog: BacklogAnswer | None


@router.get("/connections/{connection_id}/progress")
async def get_progress(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> ProgressAnswer:
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        sales = await sale_queries.count_by_state(transaction, connection)
        by_state = (
            select(day_documents.c.state, func.count())
            .where(day_documents.c.connection_id == connection.id)
            .group_by(day_documents.c.state)
        )
        days = {row[0]: row[1] for row in await transaction.execute(by_state)}
        read = await how_far.sales_read(transaction, connection.id)
    return ProgressAnswer(
        sales=dict(sales), day_documents=days, read_until=_read_until(read), backlog=_backlog(read)
    )


def _read_until(read: SalesRead | None) -> datetime | None:
    if read is None:
        return None
    return read.read_until if read.backlog is None else read.backlog.today_until


def _backlog(read: SalesRead | None) -> BacklogAnswer | None:
    backlog: Backlog | None = None if read is None else read.backlog
    if backlog is None:
        return None
    return BacklogAnswer(
        since=backlog.since,
        until=backlog.until,
        read_to=backlog.read_to,
        sales=backlog.sales,
        ends_at=backlog.ends_at,
    )
