"""Calls used and left at Exact, what waits, and when it will be through."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection
from libs.common.domain.rules import Mode, Rules, Settlement
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
    """Sales on their way: not those that wait for their day to close."""
    through_at: AwareDatetime | None


@router.get("/connections/{connection_id}/budget")
async def get_budget(
    connection_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> BudgetAnswer:
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        backlog, to_make = await _on_their_way(transaction, connection)
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
    return BudgetAnswer(exact=calls, backlog=backlog, through_at=at + _time_for(to_make, calls))


async def _on_their_way(transaction: AsyncConnection, connection: Connection) -> tuple[int, int]:
    """The sales, and the calls that their documents take at least: a day's total is one of many sales."""
    if connection.rules.mode is Mode.DAILY_TOTALS:
        return await sale_queries.on_their_way(transaction, connection)
    states = await sale_queries.count_by_state(transaction, connection)
    backlog = states.get(SaleState.MAPPED.value, 0)
    return backlog, backlog * _calls_of_a_sale(connection.rules)


def _calls_of_a_sale(rules: Rules) -> int:
    """Its document, the printing of an invoice, and a settlement of its own."""
    prints = rules.mode is Mode.INVOICES and rules.invoices.print
    return 1 + prints + (rules.settles is Settlement.PER_RECEIPT)


def _time_for(to_make: int, calls: CallsAnswer) -> timedelta:
    """Within today's calls by the minute, beyond them by the day."""
    today = min(to_make, calls.day_left)
    days, rest = divmod(max(to_make - today, 0), max(calls.day_limit, 1))
    minutes = (today or rest) / max(calls.minute_limit, 1)
    return timedelta(days=days + (1 if to_make > today else 0), minutes=minutes)
