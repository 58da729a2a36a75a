"""Handlers with an effect that can be counted, and the house they run in."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import Column, MetaData, String, Table, insert, select

from libs.common.contracts.commands import RetryRequested
from libs.common.contracts.envelope import Envelope, envelope_of, message_in
from libs.common.database.engine import Database, Transaction
from libs.common.database.types import Key
from libs.common.messaging import outbox
from libs.common.messaging.bus import Bus
from libs.common.messaging.runner import run_services, state_of
from libs.common.observability.health import ServiceState
from libs.common.service import Handler, House, Service
from libs.common.settings import Settings

TYPE = RetryRequested.type
own_metadata = MetaData()
effects = Table(
    "test_effect",
    own_metadata,
    Column("position", Key, primary_key=True, autoincrement=True),
    Column("service", String(20), nullable=False),
    Column("sale", String(40), nullable=False),
)


def now() -> datetime:
    return datetime.now(UTC)


async def keep_effect(transaction: Transaction, service: str, envelope: Envelope) -> str:
    sale = message_in(envelope, RetryRequested).sale_id
    await transaction.execute(insert(effects), [{"service": service, "sale": sale}])
    return sale


class Effects:
    """What was done, and a handler that does it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def handler(self, service: str = "left", before_commit: Callable[[str], None] | None = None) -> Handler:
        """`before_commit` is asked with the sale once its effect is written, and may raise."""

        async def handle(transaction: Transaction, envelope: Envelope) -> None:
            sale = await keep_effect(transaction, service, envelope)
            if before_commit is not None:
                before_commit(sale)

        return handle

    async def sales(self, service: str = "left") -> list[str]:
        async with self._database.reading() as transaction:
            query = select(effects.c.sale).where(effects.c.service == service).order_by(effects.c.position)
            return list((await transaction.execute(query)).scalars())

    async def stand_once(self, sales: Sequence[str], service: str = "left") -> bool:
        return Counter(await self.sales(service)) == Counter(sales)

    async def come(self, count: int, service: str = "left", seconds: float = 20) -> None:
        async def enough() -> bool:
            return len(await self.sales(service)) >= count

        await until(enough, seconds)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 (what is asked stands in a database)
            await asyncio.sleep(0.02)


def some_sales(count: int) -> list[str]:
    return [f"sale-{number}" for number in range(count)]


def envelopes_of(sales: Sequence[str]) -> list[Envelope]:
    return [envelope_of(RetryRequested(sale), "connection-1", now()) for sale in sales]


async def send(database: Database, sales: Sequence[str]) -> None:
    """Through the outbox, as a service does."""
    messages = [RetryRequested(sale) for sale in sales]
    await database.run(
        lambda transaction: outbox.add_all(transaction, messages, connection_id="connection-1", at=now())
    )


def a_service(name: str, handler: Handler) -> Service:
    return Service(name, {TYPE: handler})


@asynccontextmanager
async def running(database: Database, bus: Bus, *services: Service) -> AsyncIterator[ServiceState]:
    """The services at work, consuming, with their relay."""
    house = House(Settings(), database, now)
    state = state_of(services, house, bus)
    task = asyncio.create_task(run_services(services, house, bus, state=state))

    async def consuming() -> bool:
        return all(bus.is_consuming(service.name) for service in services)

    try:
        await until(consuming)
        yield state
    finally:
        task.cancel()
        await asyncio.wait({task})
