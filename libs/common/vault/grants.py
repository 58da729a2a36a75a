"""The table of grants: one consent of one login, its encrypted tokens, and who refreshes them now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.types import UtcDateTime, metadata

State = Literal["live", "lost"]

grants = Table(
    "vault_grant",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("partner_id", String(40), nullable=False),
    Column("merchant_id", String(40), nullable=False),
    Column("system", String(40), nullable=False),
    Column("site", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_name", Text, nullable=False),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_in", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("consented_at", UtcDateTime, nullable=False),
    Column("lease_owner", String(40)),
    Column("lease_until", UtcDateTime),
    Column("fencing", Integer, nullable=False),
    Column("attempted_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcDateTime),
    Column("rejections", Integer, nullable=False),
    Column("token_day", String(10)),
    Column("token_calls", Integer, nullable=False),
    UniqueConstraint("system", "site", "subject", "partner_id", name="uq_vault_grant_login"),
    Index("ix_vault_grant_partner", "partner_id", "merchant_id"),
    Index("ix_vault_grant_idle", "state", "issued_at"),
)


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """A consent as it stands; the tokens are still encrypted, and in no repr."""

    id: str
    partner_id: str
    merchant_id: str
    """Who gave it first; an office's login serves several merchants."""
    system: str
    site: str
    subject: str
    subject_name: str
    access_token: str
    refresh_token: str
    issued_at: datetime
    expires_in: int
    expires_at: datetime
    generation: int
    """Rises with every new pair of tokens, so that an old answer never overwrites a newer consent."""
    state: State
    reason: str | None
    consented_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    fencing: int
    """Rises with every lease: who comes back late finds another number."""
    attempted_at: datetime | None
    """A refresh was begun then, and nobody knows its answer."""
    attempts: int
    not_before: datetime | None
    """No refresh before this: the vendor said so, or is out of order."""
    rejections: int
    """How often the vendor refused this generation's access token before its time."""
    token_day: str | None
    token_calls: int

    def __repr__(self) -> str:
        return f"Grant({self.id}, {self.system}, generation={self.generation}, {self.state})"

    def is_leased(self, now: datetime) -> bool:
        return self.lease_owner is not None and self.lease_until is not None and now < self.lease_until

    def calls_on(self, now: datetime) -> int:
        return self.token_calls if self.token_day == day_of(now) else 0


def day_of(now: datetime) -> str:
    return now.date().isoformat()


async def grant(transaction: AsyncConnection, grant_id: str) -> Grant | None:
    row = (await transaction.execute(select(grants).where(grants.c.id == grant_id))).one_or_none()
    return None if row is None else _grant_of(row)


async def live_grants(transaction: AsyncConnection, grant_ids: Collection[str]) -> set[str]:
    """Which of them can still be used."""
    query = select(grants.c.id).where(grants.c.id.in_(grant_ids), grants.c.state == "live")
    return {row.id for row in await transaction.execute(query)}


async def grants_of_partner(
    transaction: AsyncConnection, partner_id: str, *, system: str | None = None
) -> list[Grant]:
    query = select(grants).where(grants.c.partner_id == partner_id).order_by(grants.c.consented_at)
    if system is not None:
        query = query.where(grants.c.system == system)
    return [_grant_of(row) for row in await transaction.execute(query)]


async def idle_grants(
    transaction: AsyncConnection, system: str, issued_before: datetime, limit: int
) -> list[Grant]:
    """A system's live grants whose tokens nobody renewed since; the oldest first."""
    query = (
        select(grants)
        .where(grants.c.state == "live", grants.c.system == system, grants.c.issued_at < issued_before)
        .order_by(grants.c.issued_at)
        .limit(limit)
    )
    return [_grant_of(row) for row in await transaction.execute(query)]


async def grant_of_login(
    transaction: AsyncConnection, system: str, site: str, subject: str, partner_id: str
) -> Grant | None:
    """Locked, so that two consents of one login that come in together follow one another."""
    query = (
        select(grants)
        .where(
            grants.c.system == system,
            grants.c.site == site,
            grants.c.subject == subject,
            grants.c.partner_id == partner_id,
        )
        .with_for_update()
    )
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _grant_of(row)


async def change(
    transaction: AsyncConnection, seen: Grant, values: Mapping[str, Any], *, fenced: bool
) -> bool:
    """Changes the row if it still is of the generation seen (and, if `fenced`, of the same lease)."""
    statement = update(grants).where(
        grants.c.id == seen.id, grants.c.generation == seen.generation, grants.c.state == "live"
    )
    if fenced:
        statement = statement.where(grants.c.fencing == seen.fencing)
    changed = await transaction.execute(statement.values(**values).returning(grants.c.id))
    return changed.first() is not None


def _grant_of(row: Row[Any]) -> Grant:
    return Grant(**row._mapping)
