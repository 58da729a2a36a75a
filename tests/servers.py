"""The servers that tests run against: what answers on this machine, or what the environment names.

Every session makes a database and a prefix at the broker of its own, with random names, and removes them:
nothing that was there before is touched. `deploy/testinfra.sh` starts private servers where none answer.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import aio_pika
import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import URL, make_url

DEFAULT_DATABASE = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
DEFAULT_BROKER = "amqp://guest:guest@127.0.0.1:5672/"
HOW = "`deploy/testinfra.sh up` starts private ones, `make test` does so by itself"


def database_url() -> str:
    return os.environ.get("KOPPELING_TEST_DATABASE_URL") or DEFAULT_DATABASE


def broker_url() -> str:
    return os.environ.get("KOPPELING_TEST_BROKER_URL") or DEFAULT_BROKER


def need_postgresql() -> None:
    """Skips the test, loudly, where no PostgreSQL answers."""
    if (reason := postgresql_is_absent()) is not None:
        pytest.skip(f"!!! NOT TESTED ON POSTGRESQL: {reason}; {HOW}")


def need_rabbitmq() -> None:
    if (reason := rabbitmq_is_absent()) is not None:
        pytest.skip(f"!!! NOT TESTED ON RABBITMQ: {reason}; {HOW}")


async def create_database() -> str:
    """The address of a new empty database, which needn't outlive a power cut."""
    name = f"koppeling_test_{os.getpid()}_{secrets.token_hex(4)}"
    await _administer(f'CREATE DATABASE "{name}"')
    await _administer(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    return make_url(database_url()).set(database=name).render_as_string(hide_password=False)


async def drop_database(url: str) -> None:
    await _administer(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def new_prefix() -> str:
    """For the exchanges and queues of one test."""
    return f"test-{os.getpid()}-{secrets.token_hex(4)}"


async def remove_from_broker(prefix: str, services: tuple[str, ...]) -> None:
    """Everything that a bus with this prefix declared."""
    connection = await aio_pika.connect(broker_url())
    async with connection:
        channel = await connection.channel()
        for queue in [f"{prefix}.{each}{kind}.1" for each in services for kind in ("", ".dead")]:
            await channel.queue_delete(queue)
        await channel.queue_delete(f"{prefix}.unrouted.1")
        for exchange in ("events", "dead", "unrouted"):
            await channel.exchange_delete(f"{prefix}.{exchange}")


async def _administer(statement: str) -> None:
    connection = await asyncpg.connect(_plain(make_url(database_url())), timeout=10)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@cache
def postgresql_is_absent() -> str | None:
    return _outside_the_loop(_ask_postgresql)


@cache
def rabbitmq_is_absent() -> str | None:
    return _outside_the_loop(_ask_rabbitmq)


def _outside_the_loop(ask: Callable[[], Awaitable[None]]) -> str | None:
    """Fixtures may ask from within a running loop, so the question has a thread of its own."""

    def answer() -> str | None:
        try:
            asyncio.run(asyncio.wait_for(ask(), 10))
        except Exception as error:  # noqa: BLE001 (whatever it is: the server isn't there for us)
            return f"{type(error).__name__}: {error}"
        return None

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(answer).result()


async def _ask_postgresql() -> None:
    connection = await asyncpg.connect(_plain(make_url(database_url())), timeout=5)
    await connection.close()


async def _ask_rabbitmq() -> None:
    connection = await aio_pika.connect(broker_url(), timeout=5)
    await connection.close()


if __name__ == "__main__":
    asked = {"database": postgresql_is_absent, "broker": rabbitmq_is_absent}
    sys.exit(asked[sys.argv[1]]())
