"""Names and arguments of everything at the broker, in one place.

    kassakoppeling.events         topic exchange, routing key = message type
      -> kassakoppeling.mapper.1      a service's quorum queue, bound to the types it takes
         -> kassakoppeling.dead         direct exchange
            -> kassakoppeling.mapper.dead.1   its dead letters
      -> kassakoppeling.unrouted      fanout exchange for what nobody is bound for (the alternate exchange)
         -> kassakoppeling.unrouted.1

The broker refuses a name that stands with other arguments: change those of a queue only with a new number
behind its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue

from libs.common.messaging.bus import UNROUTED

DELIVERY_LIMIT = 20
"""Above our own count of attempts: it ends only a message whose consumer dies each time, with no word."""

_THIRTY_DAYS = 30 * 24 * 3600 * 1000
_SAFE: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-overflow": "reject-publish",  # a full queue refuses the publisher instead of dropping its oldest
}
_LOOKED_INTO = {"x-delivery-limit": 1_000_000}  # a look takes and gives back, which counts as a delivery


@dataclass(frozen=True, slots=True)
class Topology:
    """The names under one prefix."""

    prefix: str

    @property
    def events(self) -> str:
        return f"{self.prefix}.events"

    @property
    def dead(self) -> str:
        return f"{self.prefix}.dead"

    @property
    def unrouted(self) -> str:
        return f"{self.prefix}.unrouted"

    @property
    def unrouted_queue(self) -> str:
        return f"{self.prefix}.{UNROUTED}.1"

    def queue(self, service: str) -> str:
        return f"{self.prefix}.{service}.1"

    def dead_queue(self, service: str) -> str:
        return f"{self.prefix}.{service}.dead.1"

    async def declare(self, channel: AbstractChannel) -> AbstractExchange:
        """The exchange to publish to, and where it sends what has no place to go."""
        unrouted = await channel.declare_exchange(self.unrouted, ExchangeType.FANOUT, durable=True)
        arguments: dict[str, Any] = {**_SAFE, **_LOOKED_INTO, "x-message-ttl": _THIRTY_DAYS}
        queue = await channel.declare_queue(self.unrouted_queue, durable=True, arguments=arguments)
        await queue.bind(unrouted)
        return await channel.declare_exchange(
            self.events, ExchangeType.TOPIC, durable=True, arguments={"alternate-exchange": self.unrouted}
        )

    async def declare_service(
        self, channel: AbstractChannel, service: str, types: Sequence[str]
    ) -> AbstractQueue:
        """The dead letters' place first, so that no message can be rejected into nothing."""
        events = await self.declare(channel)
        dead = await channel.declare_exchange(self.dead, ExchangeType.DIRECT, durable=True)
        dead_queue = await channel.declare_queue(
            self.dead_queue(service), durable=True, arguments={**_SAFE, **_LOOKED_INTO}
        )
        await dead_queue.bind(dead, service)
        arguments: dict[str, Any] = {
            **_SAFE,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": self.dead,
            "x-dead-letter-routing-key": service,
            "x-dead-letter-strategy": "at-least-once",  # the default may lose a dead letter on its way
        }
        queue = await channel.declare_queue(self.queue(service), durable=True, arguments=arguments)
        for each in types:
            await queue.bind(events, each)
        return queue
