"""Ends trials: of merchants that signed up alone, booking stops when theirs is over; reading goes on.

Nothing is lost: what is sold meanwhile waits as it does in a pause. Other partners' merchants are billed
by their partner, whose own affair a trial is.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import RulesChanged
from libs.common.database.registry import (
    Connection,
    ConnectionState,
    connection_of,
    connections,
    merchants,
)
from libs.common.messaging import outbox
from services.portal import tenants
from services.portal.context import Portal

DIRECT = "direct"
"""The partner of merchants that signed up alone, by its id."""


async def end_trials(portal: Portal) -> None:
    at = portal.now()

    async def end(transaction: AsyncConnection) -> None:
        over, going_on = await _connections(transaction, at)
        for connection in over:
            await _switch(transaction, connection, ConnectionState.TRIAL_ENDED, at)
        for connection in going_on:
            await _switch(transaction, connection, _state_after(connection), at)

    await portal.database.run(end)


async def _connections(
    transaction: AsyncConnection, at: datetime
) -> tuple[list[Connection], list[Connection]]:
    """Those whose trial is over and doesn't show it yet, and those whose trial goes on again."""
    query = (
        select(connections, merchants.c.trial_ends_at)
        .join(merchants, merchants.c.id == connections.c.merchant_id)
        .where(
            merchants.c.partner_id == DIRECT, merchants.c.ended_at.is_(None), connections.c.ended_at.is_(None)
        )
        .order_by(connections.c.id)
        .with_for_update(of=connections)
    )
    over: list[Connection] = []
    going_on: list[Connection] = []
    for row in await transaction.execute(query):
        connection = connection_of(row)
        is_over, is_shown = row.trial_ends_at <= at, connection.state is ConnectionState.TRIAL_ENDED
        if is_over and not is_shown:
            over.append(connection)
        elif is_shown and not is_over:
            going_on.append(connection)
    return over, going_on


def _state_after(connection: Connection) -> ConnectionState:
    """Switching on again is a person's to do."""
    if connection.activated_at is not None:
        return ConnectionState.PAUSED
    is_connected = connection.lightspeed_grant_id is not None and connection.exact_grant_id is not None
    return ConnectionState.CHOOSING if is_connected else ConnectionState.AUTHORIZING


async def _switch(
    transaction: AsyncConnection, connection: Connection, state: ConnectionState, at: datetime
) -> None:
    await tenants.change_connection(transaction, connection.id, state=state.value, reason=None)
    message = RulesChanged(connection.rules_version)
    await outbox.add(transaction, message, connection_id=connection.id, at=at)
    await tenants.note(
        transaction,
        at,
        f"connection {state.value}",
        actor="portal",
        partner_id=connection.partner_id,
        connection_id=connection.id,
    )
