"""Messages wait in the transaction that made them; the relay hands them to the bus once that is committed.

A row goes only when the bus confirmed the message, so a crash in between publishes it again and the
receiver's inbox does nothing the second time. Several relays may run: each claims rows under a lease, oldest
first, whatever gaps the sequence has, so that a row committed late is never passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.exc import SQLAlchemyError

from libs.common.contracts.envelope import Envelope, Message, envelope_of
from libs.common.database.engine import Database, Transaction
from libs.common.database.signals import announce
from libs.common.database.statements import claim
from libs.common.database.types import Key, UtcDateTime, metadata
from libs.common.messaging.bus import GATHER_SECONDS, Bus, BusUnavailable
from libs.common.messaging.in_process import TableBus
from libs.common.observability.logs import current_trace
from libs.common.observability.loops import forever
from libs.common.observability.metrics import MESSAGES_PUBLISHED
from libs.common.service import Now

log = structlog.get_logger()

SIGNAL = "outbox"
BATCH = 200
POLL_SECONDS = 0.5
LEASE = timedelta(seconds=30)
"""As long as a publish may take; a relay that died leaves its rows to the others after this."""
STOP_SECONDS = 25.0

outbox_messages = Table(
    "outbox_message",
    metadata,
    Column("position", Key, primary_key=True, autoincrement=True),
    Column("message_id", String(40), nullable=False),
    Column("type", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("connection_id", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),
    Column("trace", String(64), nullable=False),
    Column("claimed_until", UtcDateTime),
    Index("ix_outbox_message_claimed_until", "claimed_until", "position"),
    sqlite_autoincrement=True,
)
_FIELDS = ("type", "version", "connection_id", "at", "body", "trace")


async def add(transaction: Transaction, message: Message, *, connection_id: str, at: datetime) -> None:
    await add_all(transaction, [message], connection_id=connection_id, at=at)


async def add_all(
    transaction: Transaction, messages: Sequence[Message], *, connection_id: str, at: datetime
) -> None:
    trace = current_trace()
    await add_envelopes(transaction, [envelope_of(each, connection_id, at, trace) for each in messages])


async def add_envelopes(transaction: Transaction, envelopes: Sequence[Envelope]) -> None:
    """For messages of several connections at once."""
    if not envelopes:
        return
    rows = [{"message_id": each.id} | {name: getattr(each, name) for name in _FIELDS} for each in envelopes]
    await transaction.execute(insert(outbox_messages), rows)
    announce(transaction, SIGNAL)


async def depth(transaction: Transaction) -> tuple[int, datetime | None]:
    """How many messages wait, and since when the oldest does."""
    query = select(func.count(), func.min(outbox_messages.c.at)).select_from(outbox_messages)
    count, oldest = (await transaction.execute(query)).one()
    return count, oldest


class Relay:
    """Takes the outbox to the bus."""

    def __init__(self, database: Database, bus: Bus, now: Now) -> None:
        self._database = database
        self._bus = bus
        self._now = now

    async def run(self) -> None:
        """Endless: woken by each commit of this process that added messages, and by a poll for the others."""
        wake = self._database.signals.listen(SIGNAL)
        await forever("outbox relay", self._drain_if_possible, every=POLL_SECONDS, wake=wake)

    async def _drain_if_possible(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        try:
            await self.drain()
        except BusUnavailable as reason:
            log.warning("bus not usable, the outbox keeps its messages", reason=str(reason))
            await asyncio.sleep(POLL_SECONDS)  # adds wake us up, and the bus needs its time

    async def drain(self) -> int:
        """Publishes all that waits and says how many; raises `BusUnavailable` and keeps the rest."""
        total = 0
        while moved := await self._move_batch():
            total += moved
        return total

    async def _move_batch(self) -> int:
        if not await self._has_any():
            return 0
        bus = self._bus
        if isinstance(bus, TableBus) and bus.database is self._database:
            moved = await self._database.run(lambda transaction: _move_within(transaction, bus))
        else:
            moved = await _finished(self._move_over())
        MESSAGES_PUBLISHED.inc(moved)
        return moved

    async def _has_any(self) -> bool:
        """Asked beside the writers: an idle relay never stands in their way."""
        async with self._database.reading() as transaction:
            query = select(outbox_messages.c.position).where(_is_free(self._now())).limit(1)
            return (await transaction.execute(query)).first() is not None

    async def _move_over(self) -> int:
        claimed = await self._database.run(self._claim)
        positions = list(claimed)
        try:
            await self._bus.publish(list(claimed.values()))
        except BusUnavailable:
            with suppress(SQLAlchemyError, OSError):  # else the lease ends by itself
                await self._database.run(lambda transaction: _release(transaction, positions))
            raise
        await self._database.run(lambda transaction: _remove(transaction, positions))
        return len(positions)

    async def _claim(self, transaction: Transaction) -> dict[int, Envelope]:
        now = self._now()
        until = {"claimed_until": now + LEASE}
        rows = await claim(
            transaction, outbox_messages, _is_free(now), outbox_messages.c.position, BATCH, until
        )
        return {row.position: _envelope(row) for row in rows}


async def _finished(moving: Coroutine[Any, Any, int]) -> int:
    """A relay that is stopped ends its batch, so that no lease outlives it and nothing goes twice."""
    batch = asyncio.create_task(moving)
    try:
        return await asyncio.shield(batch)
    except asyncio.CancelledError:
        await asyncio.wait({batch}, timeout=STOP_SECONDS)
        raise


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(outbox_messages.c.claimed_until.is_(None), outbox_messages.c.claimed_until < now)


def _envelope(row: Row[Any]) -> Envelope:
    return Envelope(id=row.message_id, **{name: row._mapping[name] for name in _FIELDS})


async def _move_within(transaction: Transaction, bus: TableBus) -> int:
    """Both tables stand in one database: no lease, no confirm, one transaction."""
    query = (
        select(outbox_messages)
        .order_by(outbox_messages.c.position)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = (await transaction.execute(query)).all()
    await bus.publish_within(transaction, [_envelope(row) for row in rows])
    await _remove(transaction, [row.position for row in rows])
    return len(rows)


async def _remove(transaction: Transaction, positions: Sequence[int]) -> None:
    await transaction.execute(delete(outbox_messages).where(outbox_messages.c.position.in_(positions)))


async def _release(transaction: Transaction, positions: Sequence[int]) -> None:
    chosen = outbox_messages.c.position.in_(positions)
    await transaction.execute(update(outbox_messages).where(chosen).values(claimed_until=None))
