"""What only a broker can do to us: cut lines, cancelled consumers, bytes that are no message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest
from yarl import URL

from libs.common.database.engine import Database
from libs.common.messaging import outbox
from libs.common.messaging.bus import BusUnavailable
from libs.common.messaging.rabbit import RabbitBus
from tests import servers
from tests.conftest import SERVICES
from tests.messaging.effects import TYPE, Effects, a_service, envelopes_of, running, send, some_sales, until
from tests.messaging.proxy import Line, line_to


@pytest.fixture
async def prefix() -> AsyncIterator[str]:
    servers.need_rabbitmq()
    prefix = servers.new_prefix()
    yield prefix
    await servers.remove_from_broker(prefix, SERVICES)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    url = URL(servers.broker_url())
    async with line_to(url.host or "", url.port or 5672) as line:
        yield line


@pytest.fixture
async def shaky(prefix: str, line: Line) -> AsyncIterator[RabbitBus]:
    """A bus whose connections run over the line."""
    url = URL(servers.broker_url()).with_host("127.0.0.1").with_port(line.port)
    bus = RabbitBus(str(url), prefix, services=SERVICES)
    yield bus
    await bus.close()


async def test_cut_lines_lose_nothing_and_double_nothing(
    database: Database, shaky: RabbitBus, line: Line, effects: Effects
) -> None:
    sales = some_sales(1500)

    async with running(database, shaky, a_service("left", effects.handler())):
        for part in range(5):
            await send(database, sales[part * 300 : part * 300 + 300])
            await effects.come(part * 300 + 20)
            line.cut()
            await asyncio.sleep(0.05)
            line.mend()
        await effects.come(1500, seconds=60)
        assert shaky.is_consuming("left")

    assert await effects.stand_once(sales)


async def test_a_cut_line_does_not_cancel_the_work_in_hand(
    database: Database, shaky: RabbitBus, line: Line, effects: Effects
) -> None:
    runs: list[str] = []
    write = effects.handler()

    async def slow(transaction, envelope) -> None:  # type: ignore[no-untyped-def]
        runs.append("begun")
        await write(transaction, envelope)
        if len(runs) == 1:
            line.cut()
            await asyncio.sleep(0.3)
        runs.append("done")

    async with running(database, shaky, a_service("left", slow)):
        await send(database, ["sale-1"])
        await effects.come(1)
        line.mend()
        await until(lambda: _queue_is_empty(shaky, "left"))

    assert runs == ["begun", "done"]
    assert await effects.sales() == ["sale-1"]


async def test_the_outbox_keeps_what_cannot_be_published(
    database: Database, shaky: RabbitBus, line: Line, effects: Effects
) -> None:
    async with running(database, shaky, a_service("left", effects.handler())):
        line.cut()
        await send(database, some_sales(10))
        await asyncio.sleep(0.3)
        async with database.reading() as transaction:
            assert (await outbox.depth(transaction))[0] == 10
        assert not shaky.is_consuming("left")

        line.mend()
        await effects.come(10)

    assert await effects.stand_once(some_sales(10))


async def test_publishing_without_a_broker_says_so(shaky: RabbitBus, line: Line) -> None:
    line.cut()
    with pytest.raises(BusUnavailable):
        await shaky.publish(envelopes_of(["sale-1"]))


async def test_a_queue_that_was_deleted_under_its_consumer_is_declared_anew(
    database: Database, shaky: RabbitBus, prefix: str, effects: Effects
) -> None:
    async with running(database, shaky, a_service("left", effects.handler())):
        connection = await aio_pika.connect(servers.broker_url())
        async with connection, connection.channel() as channel:
            await channel.queue_delete(f"{prefix}.left.1")
        await until(lambda: _queue_is_empty(shaky, "left"))
        await until(lambda: _consumes(shaky, "left"))
        await send(database, ["sale-1"])
        await effects.come(1)


async def test_bytes_that_are_no_message_become_a_dead_letter(
    database: Database, shaky: RabbitBus, prefix: str, effects: Effects
) -> None:
    async with running(database, shaky, a_service("left", effects.handler())):
        connection = await aio_pika.connect(servers.broker_url())
        async with connection, connection.channel() as channel:
            exchange = await channel.get_exchange(f"{prefix}.events")
            await exchange.publish(aio_pika.Message(b"\xff{", message_id="odd"), routing_key=TYPE)
        await send(database, ["sale-1"])
        await effects.come(1)
        await until(lambda: _is_dead(shaky, "left:odd"))


async def _queue_is_empty(bus: RabbitBus, service: str) -> bool:
    await asyncio.sleep(0.05)
    try:
        return (await bus.depths()).get(service) == 0
    except BusUnavailable:
        return False


async def _consumes(bus: RabbitBus, service: str) -> bool:
    return bus.is_consuming(service)


async def _is_dead(bus: RabbitBus, dead_letter_id: str) -> bool:
    return [letter.id for letter in await bus.dead_letters()] == [dead_letter_id]
