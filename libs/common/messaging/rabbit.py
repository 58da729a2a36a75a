"""The bus over RabbitMQ: quorum queues, publisher confirms, dead letters, and our own reconnecting.

A connection that is lost is made anew by our own loops, which declare everything again each time. Handlers
run outside the client library's callbacks: it would cancel them with the connection, in the middle of a
transaction. Publishing and consuming have connections of their own, since a broker short of memory or disk
blocks those that publish.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aio_pika
import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractConnection, AbstractExchange

from libs.common.contracts.envelope import Envelope
from libs.common.messaging.bus import BusUnavailable, DeadLetter, DeadLetterLimit, Deliver
from libs.common.messaging.rabbit_consumer import Consumer
from libs.common.messaging.rabbit_letters import Letters
from libs.common.messaging.rabbit_topology import Topology
from libs.common.messaging.rabbit_trouble import BROKER_TROUBLE
from libs.common.observability.loops import heed_cancellation
from libs.common.observability.metrics import BUS_RECONNECTS

log = structlog.get_logger()

SERVICES = ("ingest", "mapper", "exporter", "products", "portal")
WINDOW = 200
"""Publishes that wait for their confirm at once."""
CONNECT_SECONDS = 10
CONFIRM_SECONDS = 30
LONGEST_PAUSE = 15.0


class RabbitBus:
    """A bus over one broker; `url` may name a virtual host, `prefix` parts buses within one."""

    def __init__(
        self,
        url: str,
        prefix: str = "kassakoppeling",
        *,
        services: Sequence[str] = SERVICES,
        dead_letter_limit: int = 50,
    ) -> None:
        self._url = url
        self._topology = Topology(prefix)
        self._dead_letter_limit = dead_letter_limit
        self._consuming: Counter[str] = Counter()
        self._connection: AbstractConnection | None = None
        self._exchange: AbstractExchange | None = None
        self._publishing = asyncio.Lock()
        self._letters = Letters(self._topology, services, self._for_a_moment)

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        async with self._publishing:
            try:
                exchange = self._exchange or await self._open()
                for start in range(0, len(envelopes), WINDOW):
                    await _publish_window(exchange, envelopes[start : start + WINDOW])
            except (*BROKER_TROUBLE, asyncio.CancelledError) as error:
                await self._drop()
                heed_cancellation()  # else the client library cancelled what waited for the lost line
                raise BusUnavailable(f"{type(error).__name__}: {error}") from error

    async def _open(self) -> AbstractExchange:
        self._connection = await self._connect("publisher")
        # without on_return_raises a message that no queue took would count as confirmed
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        self._exchange = await self._topology.declare(channel)
        return self._exchange

    async def _drop(self) -> None:
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None:
            await _close(connection)

    async def subscribe(self, service: str, types: Sequence[str]) -> None:
        try:
            async with self._for_a_moment() as connection, connection.channel() as channel:
                await self._topology.declare_service(channel, service, types)
        except BROKER_TROUBLE as error:
            raise BusUnavailable(f"{type(error).__name__}: {error}") from error

    async def consume(self, service: str, types: Sequence[str], deliver: Deliver) -> None:
        limit = DeadLetterLimit(self._dead_letter_limit)
        pause = 0.1
        while True:
            consumer = Consumer(self._topology, service, types, deliver, limit)
            try:
                async with self._for_a_moment(f"{service} consumer") as connection:
                    await consumer.run(connection, self._consuming)
            except (*BROKER_TROUBLE, asyncio.CancelledError) as error:
                heed_cancellation()
                log.warning("consumer lost its broker", service=service, error=repr(error))
            heed_cancellation()
            if consumer.has_consumed:
                pause = 0.1
            BUS_RECONNECTS.labels(service).inc()
            await asyncio.sleep(random.uniform(0.5, 1.0) * pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def is_consuming(self, service: str) -> bool:
        return self._consuming[service] > 0

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        return await self._letters.all(limit)

    async def replay(self, dead_letter_id: str) -> bool:
        return await self._letters.replay(dead_letter_id)

    async def depths(self) -> dict[str, int]:
        return await self._letters.depths()

    async def close(self) -> None:
        """Consumers end by being cancelled; this closes what publishes."""
        async with self._publishing:
            await self._drop()

    async def _connect(self, purpose: str) -> AbstractConnection:
        return await aio_pika.connect(
            self._url,
            timeout=CONNECT_SECONDS,
            client_properties={"connection_name": f"kassakoppeling {purpose}"},
        )

    @asynccontextmanager
    async def _for_a_moment(self, purpose: str = "admin") -> AsyncIterator[AbstractConnection]:
        connection = await self._connect(purpose)
        try:
            yield connection
        finally:
            await _close(connection)


async def _publish_window(exchange: AbstractExchange, envelopes: Sequence[Envelope]) -> None:
    """All at once, then all confirms: one at a time would be a tenth as fast."""
    sending = [
        exchange.publish(message_of(each), routing_key=each.type, timeout=CONFIRM_SECONDS)
        for each in envelopes
    ]
    answers = await asyncio.gather(*sending, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer


def message_of(envelope: Envelope) -> Message:
    return Message(
        envelope.to_json().encode(),
        content_type="application/json",
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=envelope.id,
        type=f"{envelope.type}.v{envelope.version}",
        timestamp=envelope.at,
        headers={"traceparent": envelope.trace} if envelope.trace else {},
    )


async def _close(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(5):
            await connection.close()
    except BROKER_TROUBLE:
        log.debug("connection was gone already")
