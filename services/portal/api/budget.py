"""Calls used and left at Exact, what waits, and when it will be through."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime

from services.portal import sale_queries, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.choosing import division_key
from services.portal.context import Moment, PortalHere
from services.portal.sale_facts import SaleState
from services.portal.shapes import Answer

router = partner_router("budget")


class CallsAnswer(Answer):
    minute_used: int
    minute_limit: int
    day_used: int
    day_limit: int
    day_left: int


class BudgetAnswer(Answer):
    exact: CallsAnswer | None
    backlog: int
    """Sales on their way."""
    through_at: AwareDatetime | None


@router.get("/connections/{connection_id}/budget")
async def get_budget(
    connection_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> BudgetAnswer:
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        states = await sale_queries.count_by_state(transaction, connection)
        backlog = states.get(SaleState.MAPPED.value, 0)
        if connection.division is None:
            return BudgetAnswer(exact=None, backlog=backlog, through_at=None)
        key = division_key(portal, connection, connection.division)
        usage = await portal.budget.exact_usage(transaction, key)
    calls = CallsAnswer(
        minute_used=usage.minute_used,
        minute_limit=usage.minute_limit,
        day_used=usage.day_used,
        day_limit=usage.day_limit,
        day_left=max(usage.day_limit - usage.day_used, 0),
    )
    return BudgetAnswer(exact=calls, backlog=backlog, through_at=at + _time_for(backlog, calls))


def _time_for(backlog: int, calls: CallsAnswer) -> timedelta:
    """At a call a sale: within today's calls by the minute, beyond them by the day."""
    today = min(backlog, calls.day_left)
    days, rest = divmod(max(backlog - today, 0), max(calls.day_limit, 1))
    minutes = (today or rest) / max(calls.minute_limit, 1)
    return timedelta(days=days + (1 if backlog > today else 0), minutes=minutes)
