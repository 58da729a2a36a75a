"""A connection that needs a person, and its way back: one new consent repairs all that wait for the grant.

What stopped for another reason than a consent waits until a person switches it on again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import ConnectionAttention, RulesChanged
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.database import registry
from libs.common.database.registry import Connection, ConnectionState
from libs.common.messaging import outbox
from libs.common.vault import grant
from services.portal import tenants


async def show_attention(transaction: AsyncConnection, envelope: Envelope) -> None:
    """Stops an active connection with its reason, unless the grant was consented again since."""
    message = message_in(envelope, ConnectionAttention)
    connection = await registry.connection(transaction, envelope.connection_id)
    if connection is None or connection.state not in (ConnectionState.ACTIVE, ConnectionState.ATTENTION):
        return
    if message.grant_id and await _consented_since(transaction, message.grant_id, envelope.at):
        return
    if message.grant_id and _waits_for_a_person(connection):
        return
    await tenants.change_connection(
        transaction,
        connection.id,
        state=ConnectionState.ATTENTION.value,
        reason=message.reason,
        attention_grant_id=message.grant_id or None,
    )


def _waits_for_a_person(connection: Connection) -> bool:
    return connection.state is ConnectionState.ATTENTION and connection.attention_grant_id is None


async def _consented_since(transaction: AsyncConnection, grant_id: str, at: datetime) -> bool:
    kept = await grant(transaction, grant_id)
    return kept is not None and kept.state == "live" and kept.consented_at >= at


async def repair(
    transaction: AsyncConnection, partner_id: str, grant_id: str, at: datetime
) -> list[Connection]:
    """Switches on again what waited for this grant; returns the connections that it repaired."""
    waiting = [
        connection
        for connection in await tenants.connections_with_grant(transaction, partner_id, grant_id)
        if _waits_for_consent(connection, grant_id)
    ]
    for connection in waiting:
        await tenants.change_connection(
            transaction,
            connection.id,
            state=ConnectionState.ACTIVE.value,
            reason=None,
            attention_grant_id=None,
        )
        message = RulesChanged(connection.rules_version)
        await outbox.add(transaction, message, connection_id=connection.id, at=at)
    return waiting


def _waits_for_consent(connection: Connection, grant_id: str) -> bool:
    """For this grant's, or for one's that another login has replaced."""
    wanted = connection.attention_grant_id
    if connection.state is not ConnectionState.ATTENTION or wanted is None:
        return False
    return wanted == grant_id or wanted not in (connection.lightspeed_grant_id, connection.exact_grant_id)
