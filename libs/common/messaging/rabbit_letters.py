"""Looks into the dead letters at the broker and gives them to their service again; counts what waits.

A look takes messages and gives them back by closing its channel; a replay puts the message into the
service's queue, confirmed, before it leaves the dead letters, so that a crash doubles it at worst.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from libs.common.contracts.envelope import Envelope, envelope_from_json
from libs.common.messaging.bus import UNROUTED, BusUnavailable, DeadLetter
from libs.common.messaging.rabbit_topology import Topology
from libs.common.messaging.rabbit_trouble import BROKER_TROUBLE

LOOKED_THROUGH = 10_000
"""How many dead letters of a service a replay searches."""

Connect = Callable[[], AbstractAsyncContextManager[AbstractConnection]]


class Letters:
    def __init__(self, topology: Topology, services: Sequence[str], connect: Connect) -> None:
        self._topology = topology
        self._services = services
        self._connect = connect

    async def all(self, limit: int) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        try:
            async with self._connect() as connection:
                for service in (*self._services, UNROUTED):
                    async for message in self._look(connection, service, limit - len(found)):
                        found.append(_dead_letter(service, message))
        except BROKER_TROUBLE as error:
            raise BusUnavailable(str(error)) from error
        return found

    async def replay(self, dead_letter_id: str) -> bool:
        service, _, message_id = dead_letter_id.partition(":")
        try:
            async with self._connect() as connection:
                async for message in self._look(connection, service, LOOKED_THROUGH):
                    if message.message_id == message_id:
                        await self._give_again(connection, service, message)
                        return True
        except BROKER_TROUBLE as error:
            raise BusUnavailable(str(error)) from error
        return False

    async def depths(self) -> dict[str, int]:
        names = {UNROUTED: self._topology.unrouted_queue}
        for service in self._services:
            names[service] = self._topology.queue(service)
            names[f"{service}.dead"] = self._topology.dead_queue(service)
        try:
            async with self._connect() as connection:
                counted = {name: await _count(connection, queue) for name, queue in names.items()}
        except BROKER_TROUBLE as error:
            raise BusUnavailable(str(error)) from error
        return {name: count for name, count in counted.items() if count is not None}

    async def _look(
        self, connection: AbstractConnection, service: str, limit: int
    ) -> AsyncIterator[AbstractIncomingMessage]:
        name = self._topology.unrouted_queue if service == UNROUTED else self._topology.dead_queue(service)
        channel = await connection.channel(publisher_confirms=False)
        try:
            queue = await channel.declare_queue(name, passive=True)
            for _ in range(limit):
                message = await queue.get(no_ack=False, fail=False)
                if message is None:
                    return
                yield message
        except ChannelNotFoundEntity:  # a service that never ran has no dead letters
            return
        finally:
            await channel.close()

    async def _give_again(
        self, connection: AbstractConnection, service: str, message: AbstractIncomingMessage
    ) -> None:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        copy = Message(
            message.body,
            content_type=message.content_type,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=message.message_id,
            type=message.type,
            timestamp=message.timestamp,
        )
        if service == UNROUTED:
            exchange = await self._topology.declare(channel)
            await exchange.publish(copy, routing_key=message.routing_key or "")
        else:
            await channel.default_exchange.publish(copy, routing_key=self._topology.queue(service))
        await message.ack()
        await channel.close()


async def _count(connection: AbstractConnection, queue: str) -> int | None:
    """None where there is no such queue; the broker answers that by closing the channel."""
    channel = await connection.channel(publisher_confirms=False)
    try:
        declared = await channel.declare_queue(queue, passive=True)
    except ChannelNotFoundEntity:
        return None
    await channel.close()
    return declared.declaration_result.message_count


def _dead_letter(service: str, message: AbstractIncomingMessage) -> DeadLetter:
    death = _death(message)
    reason = str(death.get("reason", "no service subscribes to its type"))
    at = death.get("time") or message.timestamp
    message_id = message.message_id or ""
    return DeadLetter(
        f"{service}:{message_id}",
        service,
        _envelope(message, message_id),
        reason,
        at if isinstance(at, datetime) else None,
    )


def _death(message: AbstractIncomingMessage) -> dict[str, object]:
    deaths = message.headers.get("x-death")
    return dict(deaths[0]) if isinstance(deaths, list) and deaths and isinstance(deaths[0], dict) else {}


def _envelope(message: AbstractIncomingMessage, message_id: str) -> Envelope:
    """What can't be read is shown all the same: people must see that it is there."""
    try:
        return envelope_from_json(message.body)
    except (ValueError, KeyError, TypeError):
        at = message.timestamp or datetime.fromtimestamp(0).astimezone()
        return Envelope(message_id, message.type or "unreadable", 0, "", at, "{}")
