"""The PostgreSQL and RabbitMQ of `demo --services`: a database and queues of its own, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import asyncpg

from libs.common.messaging.rabbit_topology import Topology
from services.demo.processes import DemoFailed
from services.names import SERVICES

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "testinfra.sh"


@asynccontextmanager
async def servers_for_services() -> AsyncIterator[dict[str, str]]:
    """The settings that name them: servers given by the settings, else those that the tests would use."""
    async with _given_or_started() as servers:
        name = f"koppeling_demo_{secrets.token_hex(4)}"
        try:
            yield {
                "KOPPELING_DATABASE_URL": await _create_database(servers["DATABASE"], name),
                "KOPPELING_BROKER_URL": servers["BROKER"],
                "KOPPELING_BROKER_PREFIX": name,
            }
        finally:
            await _drop_database(servers["DATABASE"], name)
            await _drop_queues(servers["BROKER"], Topology(name))


@asynccontextmanager
async def _given_or_started() -> AsyncIterator[dict[str, str]]:
    given = {name: os.environ.get(f"KOPPELING_{name}_URL", "") for name in ("DATABASE", "BROKER")}
    if all(given.values()):
        yield given
        return
    try:
        yield await _find_or_start()
    finally:
        await _script("down")


async def _find_or_start() -> dict[str, str]:
    printed = await _script("up")
    found = dict(
        line.removeprefix("export ").split("=", 1)
        for line in printed.splitlines()
        if line.startswith("export ")
    )
    try:
        return {
            "DATABASE": found["KOPPELING_TEST_DATABASE_URL"].strip("'\""),
            "BROKER": found["KOPPELING_TEST_BROKER_URL"].strip("'\""),
        }
    except KeyError:
        raise DemoFailed(
            "no PostgreSQL and RabbitMQ were found or could be started; set KOPPELING_DATABASE_URL and"
            f" KOPPELING_BROKER_URL\n{printed}"
        ) from None


async def _script(verb: str) -> str:
    if not SCRIPT.exists():
        raise DemoFailed("set KOPPELING_DATABASE_URL and KOPPELING_BROKER_URL to run the services apart")
    process = await asyncio.create_subprocess_exec(
        str(SCRIPT), verb, stdout=asyncio.subprocess.PIPE, stderr=None
    )
    try:
        printed, _ = await process.communicate()
    finally:
        await process.wait()  # told to stop meanwhile: what it starts must be there to be stopped
    return printed.decode()


def _asyncpg_url(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def _create_database(url: str, name: str) -> str:
    connection = await asyncpg.connect(_asyncpg_url(url))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return url.rsplit("/", 1)[0] + f"/{name}"


async def _drop_database(url: str, name: str) -> None:
    connection = await asyncpg.connect(_asyncpg_url(url))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def _drop_queues(url: str, topology: Topology) -> None:
    """The broker doesn't mind what was never declared."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for service in SERVICES:
            await channel.queue_delete(topology.queue(service))
            await channel.queue_delete(topology.dead_queue(service))
        await channel.queue_delete(topology.unrouted_queue)
        for exchange in (topology.events, topology.dead, topology.unrouted):
            await channel.exchange_delete(exchange)
