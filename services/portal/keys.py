"""Partners and their API keys. A key is shown once; only its SHA-256 is kept, its prefix finds it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.engine import Database
from services.portal.store import api_keys, partners

KEY_MARK = "kk_"
PREFIX_LENGTH = 11


async def create_partner(database: Database, name: str, now: datetime) -> str:
    """Makes a partner and returns its API key, which nothing can show again."""
    partner_id, key = uuid.uuid4().hex, KEY_MARK + secrets.token_urlsafe(32)

    async def keep(transaction: AsyncConnection) -> None:
        await transaction.execute(insert(partners).values(id=partner_id, name=name, created_at=now))
        await transaction.execute(
            insert(api_keys).values(
                prefix=key[:PREFIX_LENGTH], partner_id=partner_id, digest=digest_of(key), created_at=now
            )
        )

    await database.run(keep)
    return key


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
