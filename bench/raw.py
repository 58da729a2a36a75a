"""What the broker and the database do by themselves: the same durable steps as a sale, and nothing else.

A sale takes three messages and five transactions' worth of rows; here they are bare, in the batches that
the product uses.
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid

import aio_pika
import asyncpg

BODY = os.urandom(2048).hex()
MESSAGES = 3000
IN_FLIGHT = 200
ROWS = 3000
BATCH = 10
WRITERS = 4


async def messages_a_second(url: str) -> float:
    """Published with confirms into a quorum queue, consumed and acknowledged, at the same time."""
    connection = await aio_pika.connect(url)
    name = f"koppeling.bench.{uuid.uuid4().hex[:8]}"
    async with connection:
        publishing, consuming = await connection.channel(), await connection.channel()
        await consuming.set_qos(prefetch_count=IN_FLIGHT)
        queue = await consuming.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
        began = time.perf_counter()
        try:
            await asyncio.gather(_publish(publishing, name), _consume(queue))
        finally:
            await queue.delete(if_unused=False, if_empty=False)
    return MESSAGES / (time.perf_counter() - began)


async def _publish(channel: aio_pika.abc.AbstractChannel, queue: str) -> None:
    message = aio_pika.Message(BODY.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    for start in range(0, MESSAGES, IN_FLIGHT):
        count = min(IN_FLIGHT, MESSAGES - start)
        await asyncio.gather(*(channel.default_exchange.publish(message, queue) for _ in range(count)))


async def _consume(queue: aio_pika.abc.AbstractQueue) -> None:
    seen = 0
    async with queue.iterator() as messages:
        async for message in messages:
            await message.ack()
            seen += 1
            if seen == MESSAGES:
                return


async def steps_a_second(url: str) -> float:
    """One step is an inbox row, a row of 4 kB and an outbox row, committed ten steps at a time."""
    pool = await asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=WRITERS, max_size=WRITERS)
    table = f"bench_{uuid.uuid4().hex[:8]}"
    async with pool.acquire() as connection:
        await connection.execute(
            f"CREATE TABLE {table} (id text PRIMARY KEY, kind text NOT NULL, body text NOT NULL)"
        )
    began = time.perf_counter()
    try:
        await asyncio.gather(*(_write(pool, table, ROWS // WRITERS) for _ in range(WRITERS)))
        return ROWS / (time.perf_counter() - began)
    finally:
        async with pool.acquire() as connection:
            await connection.execute(f"DROP TABLE {table}")
        await pool.close()


async def _write(pool: asyncpg.Pool, table: str, steps: int) -> None:
    for _ in range(steps // BATCH):
        rows = [
            (uuid.uuid4().hex, kind, BODY if kind == "state" else "")
            for kind in ("inbox", "state", "outbox") * BATCH
        ]
        async with pool.acquire() as connection, connection.transaction():
            await connection.executemany(f"INSERT INTO {table} VALUES ($1, $2, $3)", rows)


async def sales_a_second(database_url: str, broker_url: str) -> float:
    """How many sales a second the bare steps would allow: three messages and five steps for each."""
    messages = await messages_a_second(broker_url)
    steps = await steps_a_second(database_url)
    return 1 / (3 / messages + 5 / steps)
