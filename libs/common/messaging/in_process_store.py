"""The tables of the embedded bus, and the queries on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Row

from libs.common.contracts.envelope import Envelope, envelope_from_json
from libs.common.database.engine import Transaction
from libs.common.database.signals import announce
from libs.common.database.statements import claim, insert_new
from libs.common.database.types import Key, UtcDateTime, metadata
from libs.common.messaging.bus import UNROUTED, DeadLetter

subscriptions = Table(
    "bus_subscription",
    metadata,
    Column("service", String(20), primary_key=True),
    Column("type", String(64), primary_key=True),
)

messages = Table(
    "bus_message",
    metadata,
    Column("position", Key, primary_key=True, autoincrement=True),
    Column("message_id", String(40), nullable=False),
    Column("type", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("connection_id", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),
    Column("trace", String(64), nullable=False),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "bus_delivery",
    metadata,
    Column("service", String(20), primary_key=True),
    Column("position", Key, primary_key=True, autoincrement=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_bus_delivery_due_at", "service", "due_at", "position"),
    Index("ix_bus_delivery_position", "position"),
)

dead_letter_rows = Table(
    "bus_dead_letter",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("service", String(20), nullable=False),
    Column("envelope", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

_FIELDS = ("type", "version", "connection_id", "at", "body", "trace")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in a consumer's hands, for the `attempts`th time."""

    position: int
    service: str
    attempts: int
    envelope: Envelope


def signal_of(service: str) -> str:
    return f"bus {service}"


async def subscribe(transaction: Transaction, service: str, types: Sequence[str]) -> None:
    """From now on exactly these types."""
    gone = (subscriptions.c.service == service) & subscriptions.c.type.not_in(types)
    await transaction.execute(delete(subscriptions).where(gone))
    if types:
        rows = [{"service": service, "type": each} for each in sorted(types)]
        await transaction.execute(insert_new(subscriptions, rows))


async def keep(transaction: Transaction, envelopes: Sequence[Envelope], now: datetime) -> None:
    """Stores each message once, and a delivery for each service that subscribed to its type."""
    by_type = await _services_by_type(transaction, {each.type for each in envelopes})
    wanted = [each for each in envelopes if each.type in by_type]
    await _keep_unrouted(transaction, [each for each in envelopes if each.type not in by_type], now)
    await _deliver_to(transaction, [(each, by_type[each.type]) for each in wanted], now)


async def _deliver_to(
    transaction: Transaction, addressed: Sequence[tuple[Envelope, Sequence[str]]], now: datetime
) -> None:
    if not addressed:
        return
    rows = [
        {"message_id": each.id} | {name: getattr(each, name) for name in _FIELDS} for each, _ in addressed
    ]
    statement = insert(messages).returning(messages.c.position, sort_by_parameter_order=True)
    positions = (await transaction.execute(statement, rows)).scalars().all()
    due = [
        {"service": service, "position": position, "due_at": now, "attempts": 0}
        for position, (_, services) in zip(positions, addressed, strict=True)
        for service in services
    ]
    await transaction.execute(insert(deliveries), due)
    for service in {row["service"] for row in due}:
        announce(transaction, signal_of(str(service)))


async def _services_by_type(transaction: Transaction, types: set[str]) -> dict[str, list[str]]:
    query = select(subscriptions).where(subscriptions.c.type.in_(types))
    by_type: dict[str, list[str]] = {}
    for row in await transaction.execute(query):
        by_type.setdefault(row.type, []).append(row.service)
    return by_type


async def _keep_unrouted(transaction: Transaction, envelopes: Sequence[Envelope], now: datetime) -> None:
    for each in envelopes:
        await _keep_dead(transaction, UNROUTED, each, "no service subscribes to its type", now)


async def has_due(transaction: Transaction, service: str, now: datetime) -> bool:
    query = (
        select(deliveries.c.position)
        .where(deliveries.c.service == service, deliveries.c.due_at <= now)
        .limit(1)
    )
    return (await transaction.execute(query)).first() is not None


async def take(
    transaction: Transaction, service: str, *, now: datetime, until: datetime, limit: int
) -> list[Delivery]:
    rows = await claim(
        transaction,
        deliveries,
        [deliveries.c.service == service, deliveries.c.due_at <= now],
        deliveries.c.position,
        limit,
        {"due_at": until, "attempts": deliveries.c.attempts + 1},
    )
    query = select(messages).where(messages.c.position.in_([row.position for row in rows]))
    envelopes = {row.position: _envelope(row) for row in await transaction.execute(query)}
    return [Delivery(row.position, service, row.attempts, envelopes[row.position]) for row in rows]


def _envelope(row: Row[Any]) -> Envelope:
    return Envelope(id=row.message_id, **{name: row._mapping[name] for name in _FIELDS})


async def remove(transaction: Transaction, settled: Sequence[Delivery]) -> None:
    if not settled:
        return
    chosen = (deliveries.c.service == settled[0].service) & deliveries.c.position.in_(
        [each.position for each in settled]
    )
    await transaction.execute(delete(deliveries).where(chosen))


async def put_off(
    transaction: Transaction, taken: Sequence[Delivery], until: datetime, *, is_counted: bool
) -> None:
    if not taken:
        return
    statement = (
        update(deliveries)
        .where(deliveries.c.service == bindparam("of"), deliveries.c.position == bindparam("at_position"))
        .values(due_at=until, attempts=bindparam("count"))
    )
    rows = [
        {"of": each.service, "at_position": each.position, "count": each.attempts - (not is_counted)}
        for each in taken
    ]
    await transaction.execute(statement, rows)


async def lay_aside(
    transaction: Transaction, service: str, delivery: Delivery, reason: str, now: datetime
) -> None:
    await _keep_dead(transaction, service, delivery.envelope, reason, now)
    await remove(transaction, [delivery])


async def _keep_dead(
    transaction: Transaction, service: str, envelope: Envelope, reason: str, now: datetime
) -> None:
    row = {
        "id": f"{service}:{envelope.id}",
        "service": service,
        "envelope": envelope.to_json(),
        "reason": reason,
        "at": now,
    }
    await transaction.execute(insert_new(dead_letter_rows, [row]))


async def dead_letters(transaction: Transaction, limit: int) -> list[DeadLetter]:
    query = select(dead_letter_rows).order_by(dead_letter_rows.c.at.desc()).limit(limit)
    return [
        DeadLetter(row.id, row.service, envelope_from_json(row.envelope), row.reason, row.at)
        for row in await transaction.execute(query)
    ]


async def replay(transaction: Transaction, dead_letter_id: str, now: datetime) -> bool:
    chosen = dead_letter_rows.c.id == dead_letter_id
    statement = delete(dead_letter_rows).where(chosen).returning(*dead_letter_rows.columns)
    row = (await transaction.execute(statement)).one_or_none()
    if row is None:
        return False
    envelope = envelope_from_json(row.envelope)
    if row.service == UNROUTED:
        await keep(transaction, [envelope], now)
    else:
        await _deliver_to(transaction, [(envelope, [row.service])], now)
    return True


async def depths(transaction: Transaction) -> dict[str, int]:
    found = dict.fromkeys((await transaction.execute(select(subscriptions.c.service))).scalars(), 0)
    waiting = select(deliveries.c.service, func.count()).group_by(deliveries.c.service)
    for service, count in await transaction.execute(waiting):
        found[service] = count
    dead = select(dead_letter_rows.c.service, func.count()).group_by(dead_letter_rows.c.service)
    for service, count in await transaction.execute(dead):
        found[service if service == UNROUTED else f"{service}.dead"] = count
    return found


async def sweep(transaction: Transaction) -> None:
    """Removes the messages that every service has had. A new message and its deliveries are seen together."""
    waits = exists().where(deliveries.c.position == messages.c.position)
    await transaction.execute(delete(messages).where(~waits))
