"""How far a connection is: its sales and its documents of whole days, counted by state."""

from __future__ import annotations

from sqlalchemy import func, select

from services.portal import sale_queries, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.shapes import Answer
from services.portal.store import day_documents

router = partner_router("progress")


class ProgressAnswer(Answer):
    sales: dict[str, int]
    """By state: recorded, mapped, booked, problem, ignored."""
    day_documents: dict[str, int]
    """Documents that settle a whole day, by state: mapped is on its way."""


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
    return ProgressAnswer(sales=dict(sales), day_documents=days)
