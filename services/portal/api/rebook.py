"""Books days again: what stands of them is credited, and booked anew under today's rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import RebookRequested
from libs.common.database.registry import ConnectionState
from libs.common.messaging import outbox
from services.portal import tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import Refusal, wrong_field
from services.portal.shapes import Accepted, Ask, Day

router = partner_router("rebook")
MOST_DAYS = 366


class Days(Ask):
    """Business days, both included."""

    since: Annotated[Day, Field(alias="from", strict=False)]
    until: Annotated[Day, Field(alias="to", strict=False)]


@router.post("/connections/{connection_id}/rebook", status_code=202)
async def rebook(
    connection_id: str, body: Days, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> Accepted:
    """Of a connection that is switched on, and of days that have begun; a year at most."""
    _require_days(body, tomorrow=at.date() + timedelta(days=1))

    async def ask(transaction: AsyncConnection) -> None:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id, for_change=True)
        if connection.state is not ConnectionState.ACTIVE:
            raise Refusal(422, f"It isn't switched on: its state is {connection.state.value}.")
        message = RebookRequested(body.since, body.until)
        await outbox.add(transaction, message, connection_id=connection.id, at=at)
        await tenants.note(
            transaction,
            at,
            "days rebooked",
            actor=f"partner {partner_id}",
            partner_id=partner_id,
            connection_id=connection.id,
            first_day=body.since.isoformat(),
            last_day=body.until.isoformat(),
        )

    await portal.database.run(ask)
    return Accepted()


def _require_days(days: Days, *, tomorrow: date) -> None:
    """By the clock of UTC; the farthest shop is a day ahead."""
    if days.since > tomorrow:
        raise wrong_field("from", "A day that has begun.")
    if not timedelta() <= days.until - days.since <= timedelta(days=MOST_DAYS):
        raise wrong_field("to", f"Between the first day and {MOST_DAYS} days later.")
