"""Merchants and connections: written here alone, and only for the partner that owns them.

`Owned...` look-ups are the one gate: what isn't the partner's own doesn't exist for it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import (
    Connection,
    ConnectionState,
    connection_of,
    connections,
    merchants,
    rules_text,
)
from libs.common.domain.rules import Rules
from services.portal.problems_http import not_found
from services.portal.store import audit

TRIAL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Merchant:
    id: str
    partner_id: str
    name: str
    email: str
    language: str
    time_zone: str
    created_at: datetime
    trial_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Where a list goes on, and how many rows are wanted."""

    after: list[Any] | None
    limit: int


async def keep_merchant(
    transaction: AsyncConnection, partner_id: str, fields: Mapping[str, str], at: datetime
) -> Merchant:
    merchant = Merchant(
        id=uuid.uuid4().hex,
        partner_id=partner_id,
        created_at=at,
        trial_ends_at=at + TRIAL,
        **fields,
    )
    row = {name: getattr(merchant, name) for name in Merchant.__slots__}
    await transaction.execute(insert(merchants).values(row))
    return merchant


async def change_merchant(
    transaction: AsyncConnection, partner_id: str, merchant_id: str, fields: Mapping[str, str]
) -> Merchant:
    await owned_merchant(transaction, partner_id, merchant_id)
    if fields:
        await transaction.execute(update(merchants).where(merchants.c.id == merchant_id).values(**fields))
    return await owned_merchant(transaction, partner_id, merchant_id)


async def owned_merchant(transaction: AsyncConnection, partner_id: str, merchant_id: str) -> Merchant:
    """Raises a 404 for what isn't this partner's."""
    query = _live_merchants(partner_id).where(merchants.c.id == merchant_id)
    row = (await transaction.execute(query)).one_or_none()
    if row is None:
        raise not_found("merchant")
    return Merchant(**row._mapping)


async def merchants_of(transaction: AsyncConnection, partner_id: str, page: Page) -> list[Merchant]:
    """One more than the limit, where there are."""
    query = _live_merchants(partner_id).order_by(merchants.c.created_at, merchants.c.id)
    if page.after:
        place = (datetime.fromisoformat(page.after[0]), page.after[1])
        query = query.where(tuple_(merchants.c.created_at, merchants.c.id) > tuple_(*_bound(place)))
    return [Merchant(**row._mapping) for row in await transaction.execute(query.limit(page.limit + 1))]


def _live_merchants(partner_id: str) -> Any:
    columns = [merchants.c[name] for name in Merchant.__slots__]
    return select(*columns).where(merchants.c.partner_id == partner_id, merchants.c.ended_at.is_(None))


def _bound(place: tuple[datetime, str]) -> tuple[Any, Any]:
    return literal(place[0], merchants.c.created_at.type), literal(place[1], merchants.c.id.type)


async def keep_connection(
    transaction: AsyncConnection,
    merchant: Merchant,
    *,
    source: str,
    country: str,
    exact_grant_id: str | None,
    rules: Rules,
    at: datetime,
) -> Connection:
    connection_id = uuid.uuid4().hex
    await transaction.execute(
        insert(connections).values(
            id=connection_id,
            merchant_id=merchant.id,
            partner_id=merchant.partner_id,
            source=source,
            country=country,
            state=ConnectionState.AUTHORIZING.value,
            exact_grant_id=exact_grant_id,
            rules=rules_text(rules),
            rules_version=0,
            created_at=at,
        )
    )
    return await owned_connection(transaction, merchant.partner_id, connection_id)


async def owned_connection(
    transaction: AsyncConnection, partner_id: str, connection_id: str, *, for_change: bool = False
) -> Connection:
    """Raises a 404 for what isn't this partner's. `for_change` keeps others from changing it meanwhile."""
    query = _live_connections(partner_id).where(connections.c.id == connection_id)
    if for_change:
        query = query.with_for_update()
    row = (await transaction.execute(query)).one_or_none()
    if row is None:
        raise not_found("connection")
    return connection_of(row)


async def connections_of(
    transaction: AsyncConnection, partner_id: str, page: Page, *, merchant_id: str | None = None
) -> list[Connection]:
    """One more than the limit, where there are."""
    query = _live_connections(partner_id).order_by(connections.c.created_at, connections.c.id)
    if merchant_id is not None:
        query = query.where(connections.c.merchant_id == merchant_id)
    if page.after:
        place = (datetime.fromisoformat(page.after[0]), page.after[1])
        query = query.where(tuple_(connections.c.created_at, connections.c.id) > tuple_(*_bound(place)))
    return [connection_of(row) for row in await transaction.execute(query.limit(page.limit + 1))]


async def connections_with_grant(
    transaction: AsyncConnection, partner_id: str, grant_id: str
) -> list[Connection]:
    uses_it = (connections.c.exact_grant_id == grant_id) | (connections.c.lightspeed_grant_id == grant_id)
    rows = await transaction.execute(_live_connections(partner_id).where(uses_it))
    return [connection_of(row) for row in rows]


async def users_of_grants(
    transaction: AsyncConnection, partner_id: str, grant_ids: Sequence[str]
) -> dict[str, list[str]]:
    """By grant, the ids of the connections that use it, the oldest first."""
    used = (connections.c.exact_grant_id, connections.c.lightspeed_grant_id)
    is_wanted = or_(*(column.in_(grant_ids) for column in used))
    query = (
        _live_connections(partner_id).where(is_wanted).order_by(connections.c.created_at, connections.c.id)
    )
    users: dict[str, list[str]] = {grant_id: [] for grant_id in grant_ids}
    for row in await transaction.execute(query.with_only_columns(connections.c.id, *used)):
        for grant_id in users.keys() & {row.exact_grant_id, row.lightspeed_grant_id}:
            users[grant_id].append(row.id)
    return users


def _live_connections(partner_id: str) -> Any:
    return select(connections).where(connections.c.partner_id == partner_id, connections.c.ended_at.is_(None))


async def change_connection(transaction: AsyncConnection, connection_id: str, **fields: Any) -> None:
    await transaction.execute(update(connections).where(connections.c.id == connection_id).values(**fields))


async def note(
    transaction: AsyncConnection,
    at: datetime,
    action: str,
    *,
    actor: str,
    partner_id: str | None = None,
    connection_id: str | None = None,
    merchant_id: str | None = None,
    **details: Any,
) -> None:
    """Who changed what, for the audit; details never hold names or secrets."""
    await transaction.execute(
        insert(audit).values(
            at=at,
            partner_id=partner_id,
            connection_id=connection_id,
            merchant_id=merchant_id,
            actor=actor,
            action=action,
            details=json.dumps(details),
        )
    )
