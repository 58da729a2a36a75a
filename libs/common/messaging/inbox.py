"""Each message has its effect once in each service, however often it is delivered.

Its id is recorded in the transaction that holds the effect and what the effect sends on. A batch is one
transaction; where one message of it raises, nothing of the batch stays and each is tried alone, so that
the poison is found and the others go through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Column, Index, String, Table, Text, delete, select

from libs.common.contracts.envelope import Envelope
from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import insert_new, upsert
from libs.common.database.trouble import is_transient
from libs.common.database.types import UtcDateTime, metadata
from libs.common.messaging.bus import Outcome
from libs.common.observability.logs import message_bound
from libs.common.observability.metrics import BATCH_SECONDS, MESSAGES_HANDLED
from libs.common.service import Handler, Now

log = structlog.get_logger()

KEPT = timedelta(days=30)
"""How long an id is remembered: longer than any queue or dead letter may hold a message back."""
PRUNE_AT_ONCE = 5000

inbox_messages = Table(
    "inbox_message",
    metadata,
    Column("service", String(20), primary_key=True),
    Column("message_id", String(40), primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_inbox_message_received_at", "received_at"),
)

inbox_defects = Table(
    "inbox_defect",
    metadata,
    Column("service", String(20), primary_key=True),
    Column("message_id", String(40), primary_key=True),
    Column("type", String(64), nullable=False),
    Column("connection_id", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_inbox_defect_at", "at"),
)


async def handle_batch(
    database: Database, service: str, envelopes: Sequence[Envelope], handlers: Mapping[str, Handler]
) -> list[Outcome]:
    """What became of each message, in their order. Never raises but for cancellation."""
    if not envelopes:
        return []
    with BATCH_SECONDS.labels(service).time():
        outcomes = await _handle_together(database, service, envelopes, handlers)
    for outcome in outcomes:
        MESSAGES_HANDLED.labels(service, outcome.value).inc()
    return outcomes


async def _handle_together(
    database: Database, service: str, envelopes: Sequence[Envelope], handlers: Mapping[str, Handler]
) -> list[Outcome]:
    if len(envelopes) == 1:
        return [await _handle_alone(database, service, envelopes[0], handlers)]
    try:
        await database.run(lambda transaction: _handle_new(transaction, service, envelopes, handlers))
    except Exception as error:  # noqa: BLE001 (the consumer's edge: each is tried alone and logged there)
        if is_transient(error):
            return _put_off(service, envelopes, error)
        return [await _handle_alone(database, service, each, handlers) for each in envelopes]
    return [Outcome.HANDLED] * len(envelopes)


async def _handle_alone(
    database: Database, service: str, envelope: Envelope, handlers: Mapping[str, Handler]
) -> Outcome:
    try:
        await database.run(lambda transaction: _handle_new(transaction, service, [envelope], handlers))
    except Exception as error:  # the consumer's edge
        if is_transient(error):
            return _put_off(service, [envelope], error)[0]
        with message_bound(service, envelope):
            log.exception("message ended in a defect")
        await _keep_defect(database, service, envelope, error)
        return Outcome.DEFECT
    return Outcome.HANDLED


async def _handle_new(
    transaction: Transaction, service: str, envelopes: Sequence[Envelope], handlers: Mapping[str, Handler]
) -> None:
    new = await _record(transaction, service, envelopes)
    for envelope in envelopes:
        if envelope.id not in new:
            continue
        new.remove(envelope.id)
        with message_bound(service, envelope):
            handler = handlers.get(envelope.type)
            if handler is None:  # a binding of an earlier release still stands at the broker
                log.warning("message of a type that this service no longer takes")
                continue
            await handler(transaction, envelope)
        await asyncio.sleep(0)  # a batch is long, and others of this process have work too


async def _record(transaction: Transaction, service: str, envelopes: Sequence[Envelope]) -> set[str]:
    """The ids that are new to this service. In one order everywhere, so that no two wait crosswise."""
    at = datetime.now(UTC)
    ids = sorted({each.id for each in envelopes})
    rows = [{"service": service, "message_id": each, "received_at": at} for each in ids]
    statement = insert_new(inbox_messages, rows, returning=[inbox_messages.c.message_id])
    return set((await transaction.execute(statement)).scalars())


def _put_off(service: str, envelopes: Sequence[Envelope], error: Exception) -> list[Outcome]:
    log.warning(
        "database not usable, messages wait", service=service, count=len(envelopes), error=repr(error)
    )
    return [Outcome.LATER] * len(envelopes)


async def _keep_defect(database: Database, service: str, envelope: Envelope, error: Exception) -> None:
    """Why, for the people who look into the dead letters."""
    row = {
        "service": service,
        "message_id": envelope.id,
        "type": envelope.type,
        "connection_id": envelope.connection_id,
        "reason": f"{type(error).__name__}: {error}"[:2000],
        "at": datetime.now(UTC),
    }

    async def keep(transaction: Transaction) -> None:
        statement = upsert(inbox_defects, [row], key=["service", "message_id"], update=["reason", "at"])
        await transaction.execute(statement)

    try:
        await database.run(keep)
    except Exception:
        log.exception("reason of a defect not kept", message=envelope.id)


async def defect_reasons(transaction: Transaction, message_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """By (service, message id)."""
    query = select(inbox_defects).where(inbox_defects.c.message_id.in_(message_ids))
    return {(row.service, row.message_id): row.reason for row in await transaction.execute(query)}


async def prune(database: Database, now: Now = lambda: datetime.now(UTC)) -> int:
    """Forgets what is older than `KEPT`, a bounded number at a time."""

    async def step(transaction: Transaction) -> int:
        old = inbox_messages.c.received_at < now() - KEPT
        key = (inbox_messages.c.service, inbox_messages.c.message_id)
        picked = (await transaction.execute(select(*key).where(old).limit(PRUNE_AT_ONCE))).all()
        for service in {row.service for row in picked}:
            ids = [row.message_id for row in picked if row.service == service]
            chosen = (inbox_messages.c.service == service) & inbox_messages.c.message_id.in_(ids)
            await transaction.execute(delete(inbox_messages).where(chosen))
        await transaction.execute(delete(inbox_defects).where(inbox_defects.c.at < now() - KEPT))
        return len(picked)

    total = 0
    while removed := await database.run(step):
        total += removed
    return total
