"""The state that binds a browser's way to a vendor and back: 256 random bits, kept as a digest, good once,
for ten minutes, for one connection and one system. The PKCE verifier is derived from it and never kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.portal.keys import digest_of
from services.portal.store import authorizations

GOOD_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(days=1)


class StateTrouble(StrEnum):
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


async def new_state(
    transaction: AsyncConnection, *, connection_id: str, partner_id: str, system: str, at: datetime
) -> str:
    state = secrets.token_urlsafe(32)
    await transaction.execute(delete(authorizations).where(authorizations.c.expires_at < at - KEPT_FOR))
    await transaction.execute(
        insert(authorizations).values(
            state_digest=digest_of(state),
            connection_id=connection_id,
            partner_id=partner_id,
            system=system,
            expires_at=at + GOOD_FOR,
        )
    )
    return state


async def use_state(
    transaction: AsyncConnection, state: str, *, system: str, at: datetime
) -> tuple[str, str] | StateTrouble:
    """The partner and the connection that it was made for; from here on it is used."""
    row = (
        await transaction.execute(
            select(authorizations).where(
                authorizations.c.state_digest == digest_of(state), authorizations.c.system == system
            )
        )
    ).one_or_none()
    if row is None:
        return StateTrouble.UNKNOWN
    claimed = await transaction.execute(
        update(authorizations)
        .where(authorizations.c.state_digest == row.state_digest, authorizations.c.used_at.is_(None))
        .values(used_at=at)
    )
    if claimed.rowcount != 1:
        return StateTrouble.USED
    if row.expires_at <= at:
        return StateTrouble.EXPIRED
    return row.partner_id, row.connection_id


def verifier_of(state: str, key: bytes) -> str:
    """43 characters, which only we can make of the state."""
    return base64.urlsafe_b64encode(hmac.digest(key, state.encode(), hashlib.sha256)).decode().rstrip("=")


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
