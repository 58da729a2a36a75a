"""The bus of the embedded default: tables of its own database, woken in process, with RabbitMQ's promises.

A message is stored once, with a delivery for each subscribed service. Taking a delivery is a lease: who
crashes with it lets it come again when the lease ends. Where the outbox stands in the same database,
publishing is one transaction with taking the rows out of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from libs.common.contracts.envelope import Envelope
from libs.common.database.engine import Database, Transaction
from libs.common.database.trouble import is_transient
from libs.common.messaging import in_process_store as store
from libs.common.messaging.bus import (
    BATCH,
    DEFECT_ATTEMPTS,
    DEFECT_PAUSE,
    GATHER_SECONDS,
    BusUnavailable,
    DeadLetter,
    DeadLetterLimit,
    Deliver,
    Outcome,
)
from libs.common.messaging.in_process_store import Delivery
from libs.common.observability.loops import heed_cancellation
from libs.common.observability.metrics import DEAD_LETTERS

log = structlog.get_logger()

POLL_SECONDS = 0.5
LATER_SECONDS = 2.0
STOP_SECONDS = 25.0
SWEEP_EVERY = 200
"""Batches between two removals of messages that every service has had."""


@dataclass
class _Consumer:
    service: str
    deliver: Deliver
    wake: asyncio.Event
    limit: DeadLetterLimit
    batches: int = 0


class TableBus:
    """A bus over the tables of one database."""

    def __init__(self, database: Database, *, lease_seconds: float = 60, dead_letter_limit: int = 50) -> None:
        self.database = database
        self._lease = timedelta(seconds=lease_seconds)
        self._dead_letter_limit = dead_letter_limit
        self._consuming: Counter[str] = Counter()

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        try:
            await self.database.run(lambda transaction: self.publish_within(transaction, envelopes))
        except Exception as error:
            if is_transient(error):
                raise BusUnavailable(str(error)) from error
            raise

    async def publish_within(self, transaction: Transaction, envelopes: Sequence[Envelope]) -> None:
        """For who has a transaction on this very database."""
        await store.keep(transaction, envelopes, datetime.now(UTC))

    async def subscribe(self, service: str, types: Sequence[str]) -> None:
        await self.database.run(lambda transaction: store.subscribe(transaction, service, types))

    async def consume(self, service: str, types: Sequence[str], deliver: Deliver) -> None:
        await self.subscribe(service, types)
        wake = self.database.signals.listen(store.signal_of(service))
        consumer = _Consumer(service, deliver, wake, DeadLetterLimit(self._dead_letter_limit))
        self._consuming[service] += 1
        try:
            while True:
                await self._consume_once(consumer)
                heed_cancellation()
        finally:
            self._consuming[service] -= 1

    async def _consume_once(self, consumer: _Consumer) -> None:
        """A task of its own, so that being stopped lets the batch in hand finish."""
        batch = asyncio.create_task(self._deliver_batch(consumer))
        try:
            found = await asyncio.shield(batch)
        except asyncio.CancelledError:
            await asyncio.wait({batch}, timeout=STOP_SECONDS)
            raise
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("table bus not usable for now", service=consumer.service, error=repr(error))
            await asyncio.sleep(LATER_SECONDS)
            return
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await consumer.wake.wait()
            await asyncio.sleep(GATHER_SECONDS)

    async def _deliver_batch(self, consumer: _Consumer) -> bool:
        consumer.wake.clear()
        deliveries = await self._take(consumer.service)
        if not deliveries:
            return False
        outcomes = await consumer.deliver([each.envelope for each in deliveries])
        await self._settle(consumer, list(zip(deliveries, outcomes, strict=True)))
        consumer.batches += 1
        if consumer.batches % SWEEP_EVERY == 0:
            await self.database.run(store.sweep)
        return True

    async def _take(self, service: str) -> list[Delivery]:
        async with self.database.reading() as transaction:  # an idle consumer stands in no writer's way
            if not await store.has_due(transaction, service, datetime.now(UTC)):
                return []

        async def step(transaction: Transaction) -> list[Delivery]:
            now = datetime.now(UTC)
            return await store.take(transaction, service, now=now, until=now + self._lease, limit=BATCH)

        return await self.database.run(step)

    async def _settle(self, consumer: _Consumer, settled: Sequence[tuple[Delivery, Outcome]]) -> None:
        """A consumer that stopped itself has settled the others, and leaves the rest to their lease."""
        done = [each for each, outcome in settled if outcome is Outcome.HANDLED]
        later = [each for each, outcome in settled if outcome is Outcome.LATER]
        defects = [each for each, outcome in settled if outcome is Outcome.DEFECT]
        dead = [each for each in defects if each.attempts >= DEFECT_ATTEMPTS]
        now = datetime.now(UTC)

        async def step(transaction: Transaction) -> None:
            await store.remove(transaction, done)
            await store.put_off(transaction, later, now + timedelta(seconds=LATER_SECONDS), is_counted=False)
            for each in defects:
                pause = timedelta(seconds=DEFECT_PAUSE * each.attempts)
                await store.put_off(transaction, [each], now + pause, is_counted=True)

        await self.database.run(step)
        for each in dead:
            await self._lay_aside(consumer, each)

    async def _lay_aside(self, consumer: _Consumer, delivery: Delivery) -> None:
        consumer.limit.count(consumer.service)
        reason = f"a defect in each of {delivery.attempts} deliveries"
        at = datetime.now(UTC)
        await self.database.run(
            lambda transaction: store.lay_aside(transaction, consumer.service, delivery, reason, at)
        )
        DEAD_LETTERS.labels(consumer.service).inc()
        log.error("message became a dead letter", service=consumer.service, message=delivery.envelope.id)

    def is_consuming(self, service: str) -> bool:
        return self._consuming[service] > 0

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        async with self.database.reading() as transaction:
            return await store.dead_letters(transaction, limit)

    async def replay(self, dead_letter_id: str) -> bool:
        return await self.database.run(
            lambda transaction: store.replay(transaction, dead_letter_id, datetime.now(UTC))
        )

    async def depths(self) -> dict[str, int]:
        async with self.database.reading() as transaction:
            return await store.depths(transaction)

    async def close(self) -> None:
        """The database belongs to whoever opened it."""
