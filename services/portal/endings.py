"""Ends connections and merchants: nothing is booked any more, tokens nobody else uses are revoked, and
what is personal is erased. What a merchant must keep by law stands in Exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import ConnectionEnded
from libs.common.database.registry import Connection, ConnectionState, connections, merchants
from libs.common.messaging import outbox
from libs.common.vault import Vault
from services.portal import tenants
from services.portal.products_store import products, progresses
from services.portal.store import OF_A_CONNECTION, prefixes_in_use

log = structlog.get_logger()
ERASED = ""


async def end_connection(
    transaction: AsyncConnection, *, partner_id: str, connection_id: str, at: datetime
) -> list[str]:
    """The grants that no connection uses any more."""
    connection = await tenants.owned_connection(transaction, partner_id, connection_id, for_change=True)
    await _end(transaction, connection, at)
    await tenants.note(
        transaction,
        at,
        "connection ended",
        actor=f"partner {partner_id}",
        partner_id=partner_id,
        connection_id=connection_id,
    )
    return await _unused_grants(transaction, [connection])


async def end_merchant(
    transaction: AsyncConnection, *, partner_id: str, merchant_id: str, at: datetime
) -> list[str]:
    await tenants.owned_merchant(transaction, partner_id, merchant_id)
    theirs = await tenants.connections_of(
        transaction, partner_id, tenants.Page(None, 10_000), merchant_id=merchant_id
    )
    for connection in theirs:
        await _end(transaction, connection, at)
    await transaction.execute(
        update(merchants)
        .where(merchants.c.id == merchant_id, merchants.c.partner_id == partner_id)
        .values(ended_at=at, name=ERASED, email=ERASED)
    )
    await tenants.note(
        transaction,
        at,
        "merchant ended",
        actor=f"partner {partner_id}",
        partner_id=partner_id,
        merchant_id=merchant_id,
    )
    return await _unused_grants(transaction, theirs)


async def _end(transaction: AsyncConnection, connection: Connection, at: datetime) -> None:
    await tenants.change_connection(
        transaction,
        connection.id,
        ended_at=at,
        state=ConnectionState.PAUSED.value,
        lightspeed_grant_id=None,
        exact_grant_id=None,
    )
    await outbox.add(transaction, ConnectionEnded(), connection_id=connection.id, at=at)
    never_booked = () if connection.activated_at else (prefixes_in_use,)
    for table in (*OF_A_CONNECTION, *never_booked, products, progresses):
        await transaction.execute(delete(table).where(table.c.connection_id == connection.id))


async def _unused_grants(transaction: AsyncConnection, ended: Sequence[Connection]) -> list[str]:
    held = {grant for one in ended for grant in (one.lightspeed_grant_id, one.exact_grant_id) if grant}
    unused = []
    for grant_id in sorted(held):
        uses_it = (connections.c.exact_grant_id == grant_id) | (connections.c.lightspeed_grant_id == grant_id)
        query = select(connections.c.id).where(uses_it, connections.c.ended_at.is_(None)).limit(1)
        if (await transaction.execute(query)).first() is None:
            unused.append(grant_id)
    return unused


async def revoke(vault: Vault, grant_ids: Sequence[str]) -> None:
    """A vendor that doesn't answer keeps nothing from ending: our own tokens are gone either way."""
    for grant_id in grant_ids:
        await vault.revoke(grant_id)
        log.info("grant revoked", grant=grant_id)
