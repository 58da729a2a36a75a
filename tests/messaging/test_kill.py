"""A process killed in the middle of its work, again and again: every effect stands exactly once."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from libs.common.database.engine import Database
from libs.common.messaging import outbox
from tests import servers
from tests.conftest import SERVICES
from tests.messaging.effects import Effects, send, some_sales, until

COUNT = 400


async def test_killed_over_rabbitmq_and_postgresql(postgresql_database: Database, effects: Effects) -> None:
    servers.need_rabbitmq()
    prefix = servers.new_prefix()
    try:
        await _kill_until_done(postgresql_database, effects, "rabbit", prefix)
    finally:
        await servers.remove_from_broker(prefix, SERVICES)


async def test_killed_over_the_embedded_bus(sqlite_database: Database, effects: Effects) -> None:
    await _kill_until_done(sqlite_database, effects, "table", "")


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """Each test with the engine that its way of running has."""
    name = "postgresql" if "postgresql" in request.node.name else "sqlite"
    found: Database = request.getfixturevalue(f"{name}_database")
    return found


async def _kill_until_done(database: Database, effects: Effects, kind: str, prefix: str) -> None:
    sales = some_sales(COUNT)
    await send(database, sales)
    kills = 0
    while kills < 3 and (done := len(await effects.sales())) < COUNT:
        async with _consumer(database, kind, prefix):
            await effects.come(min(COUNT, done + 40), seconds=30)
            await asyncio.sleep(random.uniform(0, 0.15))
        kills += 1
    async with _consumer(database, kind, prefix):
        await effects.come(COUNT, seconds=60)
        await until(lambda: _outbox_is_empty(database))

    assert kills == 3
    assert await effects.stand_once(sales)


@asynccontextmanager
async def _consumer(database: Database, kind: str, prefix: str) -> AsyncIterator[None]:
    """Runs, and at the end is killed as a power cut would."""
    url = database.engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.messaging.consumer_process", url, kind, prefix
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _outbox_is_empty(database: Database) -> bool:
    async with database.reading() as transaction:
        return (await outbox.depth(transaction))[0] == 0
