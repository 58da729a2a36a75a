"""Pauses and resumes connections. Pausing stops booking, not reading: nothing is missed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import RulesChanged
from libs.common.database.registry import Connection, ConnectionState
from libs.common.messaging import outbox
from services.portal import tenants
from services.portal.problems_http import Refusal

PAUSABLE = (ConnectionState.ACTIVE, ConnectionState.ATTENTION)


async def pause(
    transaction: AsyncConnection, *, partner_id: str, connection_id: str, at: datetime, actor: str
) -> Connection:
    """Does nothing where it is paused; a 409 where it was never switched on."""
    connection = await tenants.owned_connection(transaction, partner_id, connection_id, for_change=True)
    if connection.state is ConnectionState.PAUSED:
        return connection
    if connection.state not in PAUSABLE:
        raise Refusal(409, f"It isn't switched on: its state is {connection.state.value}.")
    return await _switch(transaction, connection, ConnectionState.PAUSED, at, actor)


async def resume(
    transaction: AsyncConnection, *, partner_id: str, connection_id: str, at: datetime, actor: str
) -> Connection:
    """Only what was paused; its rules were complete then and are checked again at every change."""
    connection = await tenants.owned_connection(transaction, partner_id, connection_id, for_change=True)
    if connection.state is ConnectionState.ACTIVE:
        return connection
    if connection.state is not ConnectionState.PAUSED:
        raise Refusal(409, f"It isn't paused: its state is {connection.state.value}.")
    return await _switch(transaction, connection, ConnectionState.ACTIVE, at, actor)


async def _switch(
    transaction: AsyncConnection, connection: Connection, state: ConnectionState, at: datetime, actor: str
) -> Connection:
    await tenants.change_connection(transaction, connection.id, state=state.value, reason=None)
    message = RulesChanged(connection.rules_version)
    await outbox.add(transaction, message, connection_id=connection.id, at=at)
    await tenants.note(
        transaction,
        at,
        f"connection {state.value}",
        actor=actor,
        partner_id=connection.partner_id,
        connection_id=connection.id,
    )
    return await tenants.owned_connection(transaction, connection.partner_id, connection.id)
