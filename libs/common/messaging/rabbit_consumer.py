"""One consumer's life on one connection: collect a batch, let it be handled, settle each message.

Messages are acknowledged only after their effect is committed. While the database can't be used they are
held and tried again, not given back: each giving back counts as an attempt at the broker and would make dead
letters of sound messages.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue

from libs.common.contracts.envelope import Envelope, envelope_from_json
from libs.common.messaging.bus import (
    BATCH,
    DEFECT_ATTEMPTS,
    DEFECT_PAUSE,
    DeadLetterLimit,
    Deliver,
    Outcome,
)
from libs.common.messaging.rabbit_topology import Topology
from libs.common.messaging.rabbit_trouble import BROKER_TROUBLE
from libs.common.observability.loops import heed_cancellation
from libs.common.observability.metrics import DEAD_LETTERS

log = structlog.get_logger()

PREFETCH = 2 * BATCH
COLLECT_SECONDS = 0.02
HOLD_SECONDS = 20 * 60.0
"""The broker closes the channel of whoever keeps a message for 30 minutes: give all back before that."""
LONGEST_PAUSE = 10.0
STOP_SECONDS = 25.0


class Consumer:
    """Runs until its connection is lost (returns), it is cancelled, or too many messages are dead letters."""

    def __init__(
        self, topology: Topology, service: str, types: Sequence[str], deliver: Deliver, limit: DeadLetterLimit
    ) -> None:
        self._topology = topology
        self._service = service
        self._types = types
        self._deliver = deliver
        self._limit = limit
        self._arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()  # bounded by the prefetch
        self._lost = asyncio.Event()
        self.has_consumed = False

    async def run(self, connection: AbstractConnection, consuming: Counter[str]) -> None:
        channel = await connection.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await self._topology.declare_service(channel, self._service, self._types)
        await self._watch(channel)
        tag = await queue.consume(self._arrive)
        consuming[self._service] += 1
        self.has_consumed = True
        log.info("consuming", service=self._service)
        try:
            while not self._lost.is_set():
                await self._consume_batch(queue, tag)
                heed_cancellation()
        finally:
            consuming[self._service] -= 1

    async def _watch(self, channel: AbstractChannel) -> None:
        """A queue deleted or moved cancels the consumer without a word to the connection."""
        channel.close_callbacks.add(self._lose)
        underlay: Any = await channel.get_underlay_channel()
        underlay.on_consumer_cancel_callbacks.add(self._lose)

    def _lose(self, *_: Any) -> None:
        self._lost.set()

    async def _arrive(self, message: AbstractIncomingMessage) -> None:
        self._arrived.put_nowait(message)

    async def _consume_batch(self, queue: AbstractQueue, tag: str) -> None:
        """A task of its own: being stopped lets the batch in hand finish and be acknowledged."""
        messages = await self._collect()
        if not messages:
            return
        batch = asyncio.create_task(self._handle(messages))
        try:
            await asyncio.shield(batch)
        except asyncio.CancelledError:
            with suppress(*BROKER_TROUBLE):
                await queue.cancel(tag)
            await asyncio.wait({batch}, timeout=STOP_SECONDS)
            raise

    async def _collect(self) -> list[AbstractIncomingMessage]:
        """Up to a batch, waiting for the first as long as it takes and for the others for a moment."""
        first = await self._first()
        if first is None:
            return []
        messages = [first]
        with suppress(TimeoutError):
            async with asyncio.timeout(COLLECT_SECONDS):
                while len(messages) < BATCH:
                    messages.append(await self._arrived.get())
        return messages

    async def _first(self) -> AbstractIncomingMessage | None:
        if not self._arrived.empty():
            return self._arrived.get_nowait()
        arriving = asyncio.ensure_future(self._arrived.get())
        losing = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({arriving, losing}, return_when=asyncio.FIRST_COMPLETED)
            return arriving.result() if arriving.done() else None
        finally:
            arriving.cancel()
            losing.cancel()

    async def _handle(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        readable, unreadable = _read(messages)
        outcomes = await self._outcomes([envelope for _, envelope in readable])
        settled = [(message, outcome) for (message, _), outcome in zip(readable, outcomes, strict=True)]
        settled += [(message, Outcome.DEFECT) for message in unreadable]
        try:
            await self._settle(settled)
        except BROKER_TROUBLE as error:
            # the effects are committed; the messages come again and their inbox rows stop them
            log.warning(
                "connection lost before the acknowledgement", service=self._service, error=repr(error)
            )
            self._lost.set()

    async def _outcomes(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        outcomes = await self._deliver(envelopes) if envelopes else []
        pause, held = 0.5, 0.0
        while Outcome.LATER in outcomes and held < HOLD_SECONDS and not self._lost.is_set():
            await asyncio.sleep(pause)
            held, pause = held + pause, min(LONGEST_PAUSE, pause * 2)
            waiting = [number for number, outcome in enumerate(outcomes) if outcome is Outcome.LATER]
            again = await self._deliver([envelopes[number] for number in waiting])
            for number, outcome in zip(waiting, again, strict=True):
                outcomes[number] = outcome
        return outcomes

    async def _settle(self, settled: Sequence[tuple[AbstractIncomingMessage, Outcome]]) -> None:
        if all(outcome is Outcome.HANDLED for _, outcome in settled):
            # batches are settled in the order of arrival, so all before the last are settled with it
            await settled[-1][0].ack(multiple=True)
            return
        for message, outcome in settled:
            if outcome is Outcome.HANDLED:
                await message.ack()
        await self._give_back([message for message, outcome in settled if outcome is Outcome.LATER])
        await self._give_up([message for message, outcome in settled if outcome is Outcome.DEFECT])

    async def _give_back(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        for message in messages:
            await message.nack(requeue=True)

    async def _give_up(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        """Defects: again after a pause, or to the dead letters after the last attempt."""
        if messages:
            await asyncio.sleep(DEFECT_PAUSE * max(_attempts(message) for message in messages))
        for message in messages:
            if _attempts(message) < DEFECT_ATTEMPTS:
                await message.nack(requeue=True)
                continue
            self._limit.count(self._service)
            await message.reject(requeue=False)
            DEAD_LETTERS.labels(self._service).inc()
            log.error("message became a dead letter", service=self._service, message=message.message_id)


def _attempts(message: AbstractIncomingMessage) -> int:
    """Deliveries so far, this one included; the broker counts those that were given back."""
    count = message.headers.get("x-delivery-count", 0)
    return 1 + (count if isinstance(count, int) else 0)


def _read(
    messages: Sequence[AbstractIncomingMessage],
) -> tuple[list[tuple[AbstractIncomingMessage, Envelope]], list[AbstractIncomingMessage]]:
    readable, unreadable = [], []
    for message in messages:
        try:
            readable.append((message, envelope_from_json(message.body)))
        except (ValueError, KeyError, TypeError):
            log.exception("message is not an envelope", message=message.message_id)
            unreadable.append(message)
    return readable, unreadable
