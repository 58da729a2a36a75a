"""Merchants and connections with their rules: written by the portal alone, read by every service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache

from pydantic import TypeAdapter
from sqlalchemy import Column, Index, Integer, String, Table, Text, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.types import UtcDateTime, metadata
from libs.common.domain.books import Books
from libs.common.domain.rules import Rules


class ConnectionState(StrEnum):
    AUTHORIZING = "authorizing"
    CHOOSING = "choosing"
    ACTIVE = "active"
    PAUSED = "paused"
    ATTENTION = "attention"
    TRIAL_ENDED = "trial-ended"


merchants = Table(
    "registry_merchant",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("partner_id", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("trial_ends_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("ix_registry_merchant_partner", "partner_id", "created_at"),
)

connections = Table(
    "registry_connection",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("merchant_id", String(40), nullable=False),
    Column("partner_id", String(40), nullable=False),
    Column("source", String(40), nullable=False),
    Column("country", String(2), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text),
    Column("attention_grant_id", String(40)),
    Column("lightspeed_grant_id", String(40)),
    Column("exact_grant_id", String(40)),
    Column("lightspeed_account", String(64)),
    Column("division", String(20)),
    Column("division_name", Text),
    Column("division_currency", String(10)),
    Column("division_vat_rates", Text),
    Column("rules", Text, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("activated_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index("ix_registry_connection_merchant", "merchant_id", "created_at"),
    Index("ix_registry_connection_state", "state"),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """One link of a Lightspeed account to an Exact division, as the services see it."""

    id: str
    merchant_id: str
    partner_id: str
    source: str
    country: str
    state: ConnectionState
    reason: str | None
    attention_grant_id: str | None
    """Whose new consent ends its attention; None where only a person does, by switching it on."""
    lightspeed_grant_id: str | None
    exact_grant_id: str | None
    lightspeed_account: str | None
    division: str | None
    division_name: str | None
    division_currency: str | None
    division_vat_rates: str | None
    rules: Rules
    rules_version: int
    created_at: datetime
    activated_at: datetime | None

    @property
    def books(self) -> Books:
        return Books(self.division_currency or "", _vat_rates_of(self.division_vat_rates or "{}"))

    @property
    def is_read(self) -> bool:
        """Sales are read as soon as a till is connected, long before any is booked, and beyond a trial."""
        return self.lightspeed_grant_id is not None

    @property
    def is_booked(self) -> bool:
        return self.state is ConnectionState.ACTIVE


async def connection(transaction: AsyncConnection, connection_id: str) -> Connection | None:
    """The connection, or None where it never was or has ended."""
    query = select(connections).where(connections.c.id == connection_id, connections.c.ended_at.is_(None))
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else connection_of(row)


async def source_of(transaction: AsyncConnection, connection_id: str) -> str | None:
    """Of a connection that has ended too."""
    query = select(connections.c.source).where(connections.c.id == connection_id)
    return (await transaction.execute(query)).scalar_one_or_none()


async def live_connections(transaction: AsyncConnection) -> list[Connection]:
    query = select(connections).where(connections.c.ended_at.is_(None)).order_by(connections.c.created_at)
    return [connection_of(row) for row in await transaction.execute(query)]


def connection_of(row: Row[tuple[object, ...]]) -> Connection:
    fields = row._mapping
    names = [name for name in Connection.__slots__ if name not in ("rules", "state")]
    return Connection(
        **{name: fields[name] for name in names},
        state=ConnectionState(fields["state"]),
        rules=rules_of(fields["rules"]),
    )


@cache
def _rules_adapter() -> TypeAdapter[Rules]:
    return TypeAdapter(Rules)


@lru_cache(maxsize=1024)
def rules_of(text: str) -> Rules:
    """Rules are frozen, and the same text comes with every message of a connection."""
    return _rules_adapter().validate_json(text)


@lru_cache(maxsize=1024)
def _vat_rates_of(text: str) -> Mapping[str, Decimal]:
    return {code: Decimal(rate) for code, rate in json.loads(text).items()}


def vat_rates_text(rates: Mapping[str, Decimal]) -> str:
    return json.dumps({code: str(rate) for code, rate in rates.items()})


def rules_text(rules: Rules) -> str:
    return _rules_adapter().dump_json(rules).decode()
