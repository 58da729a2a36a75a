"""Partners and their API keys. A key is shown once; only its SHA-256 is kept, its prefix finds it.

A partner may have several, so that one is replaced without a moment in which none opens.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.engine import Database
from services.portal import tenants
from services.portal.store import api_keys, partners

KEY_MARK = "kk_"
PREFIX_LENGTH = 11


@dataclass(frozen=True, slots=True)
class ApiKey:
    """All that is shown of one: `prefix` are the letters that it begins with."""

    prefix: str
    partner: str
    created_at: datetime
    revoked_at: datetime | None


async def create_partner(database: Database, name: str, now: datetime) -> str:
    """Makes a partner and returns its API key, which nothing can show again."""
    partner_id = uuid.uuid4().hex

    async def keep(transaction: AsyncConnection) -> str:
        await transaction.execute(insert(partners).values(id=partner_id, name=name, created_at=now))
        return await _new_key(transaction, partner_id, now)

    return await database.run(keep)


async def all_keys(transaction: AsyncConnection) -> list[ApiKey]:
    """By partner, the oldest first."""
    query = (
        select(api_keys.c.prefix, partners.c.name, api_keys.c.created_at, api_keys.c.revoked_at)
        .join(partners, partners.c.id == api_keys.c.partner_id)
        .order_by(partners.c.name, partners.c.id, api_keys.c.created_at)
    )
    return [ApiKey(*row) for row in await transaction.execute(query)]


async def add_key(database: Database, prefix: str, now: datetime) -> str | None:
    """Another key of the partner whose key begins so, revoked or not; None where there is none."""

    async def add(transaction: AsyncConnection) -> str | None:
        query = select(api_keys.c.partner_id).where(api_keys.c.prefix == prefix)
        partner_id = (await transaction.execute(query)).scalar_one_or_none()
        if partner_id is None:
            return None
        key = await _new_key(transaction, partner_id, now)
        await _note(transaction, now, "API key made", partner_id, key[:PREFIX_LENGTH])
        return key

    return await database.run(add)


async def revoke_key(database: Database, prefix: str, now: datetime) -> bool:
    """Opens nothing from now on; False where no live key begins so."""

    async def revoke(transaction: AsyncConnection) -> bool:
        is_it = (api_keys.c.prefix == prefix) & api_keys.c.revoked_at.is_(None)
        revoking = update(api_keys).where(is_it).values(revoked_at=now).returning(api_keys.c.partner_id)
        partner_id = (await transaction.execute(revoking)).scalar_one_or_none()
        if partner_id is not None:
            await _note(transaction, now, "API key revoked", partner_id, prefix)
        return partner_id is not None

    return await database.run(revoke)


async def _new_key(transaction: AsyncConnection, partner_id: str, now: datetime) -> str:
    key = KEY_MARK + secrets.token_urlsafe(32)
    row = {
        "prefix": key[:PREFIX_LENGTH],
        "partner_id": partner_id,
        "digest": digest_of(key),
        "created_at": now,
    }
    await transaction.execute(insert(api_keys).values(row))
    return key


async def _note(
    transaction: AsyncConnection, at: datetime, action: str, partner_id: str, prefix: str
) -> None:
    await tenants.note(transaction, at, action, actor="operator", partner_id=partner_id, key=prefix)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def partner_of_key(transaction: AsyncConnection, key: str) -> str | None:
    """The partner's id, or None for a key that never was or was revoked."""
    if not key.startswith(KEY_MARK):
        return None
    query = select(api_keys.c.partner_id, api_keys.c.digest).where(
        api_keys.c.prefix == key[:PREFIX_LENGTH], api_keys.c.revoked_at.is_(None)
    )
    row = (await transaction.execute(query)).one_or_none()
    if row is None or not hmac.compare_digest(row.digest, digest_of(key)):
        return None
    return str(row.partner_id)
