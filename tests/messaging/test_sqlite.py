"""The embedded database's writers, cancelled, killed, two at a time: whole or nothing, and the next goes on.

A writer's statements run on the loop, its begin and its commit in a thread; so a task may be cancelled while
the thread is still at work.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from libs.common.database.engine import Database, Transaction
from tests.messaging.writing_process import (
    count_one,
    count_up,
    counts,
    halves,
    own,
    write_first_half,
    write_second_half,
)

SECONDS_FOR_THE_NEXT = 2.0


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(f"sqlite+aiosqlite:///{tmp_path / 'own.db'}")
    async with database.transaction() as transaction:
        await transaction.run_sync(own.create_all)
        await transaction.execute(insert(counts).values(id=1, count=0))
    yield database
    await database.close()


async def what_stands(database: Database) -> Counter[int]:
    """How many halves of each number."""
    async with database.reading() as transaction:
        return Counter((await transaction.execute(select(halves.c.number))).scalars())


async def goes_on(database: Database) -> bool:
    """The next transaction doesn't wait for anybody, and no connection is lost to the pool."""
    async with asyncio.timeout(SECONDS_FOR_THE_NEXT):
        await database.run(count_one)
    pool: Any = database.engine.pool
    return bool(pool.checkedout() == 0)


@contextmanager
def another_writer(database: Database) -> Iterator[None]:
    """Holds the file as another process would that is in the middle of a transaction."""
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


async def hold_up(transaction: Transaction, gate: threading.Event) -> None:
    """What the transaction asks of its thread from now on waits until the gate opens."""
    raw = await transaction.get_raw_connection()
    connection: Any = raw.driver_connection
    connection._tx.put_nowait((None, gate.wait))


async def pair(database: Database, number: int) -> None:
    async with database.transaction() as transaction:
        await write_first_half(transaction, number)
        await asyncio.sleep(0)
        await write_second_half(transaction, number)


async def test_cancelled_while_it_waits_to_begin(file: Database) -> None:
    with another_writer(file):
        waiting = asyncio.create_task(pair(file, 1))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.sleep(0.1)
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert await what_stands(file) == {}
    assert await goes_on(file)


@pytest.mark.parametrize("cancels", [1, 2, 3])
async def test_cancelled_while_it_commits_it_stands_whole(file: Database, cancels: int) -> None:
    gate = threading.Event()

    async def commit_slowly() -> None:
        async with file.transaction() as transaction:
            await write_first_half(transaction, 1)
            await write_second_half(transaction, 1)
            await hold_up(transaction, gate)

    await cancelled_before(gate, asyncio.create_task(commit_slowly()), cancels)

    assert await goes_on(file)
    assert await what_stands(file) == {1: 2}


@pytest.mark.parametrize("cancels", [1, 2, 3])
async def test_cancelled_while_it_rolls_back_nothing_stands(file: Database, cancels: int) -> None:
    gate = threading.Event()

    async def fail_slowly() -> None:
        async with file.transaction() as transaction:
            await write_first_half(transaction, 1)
            await hold_up(transaction, gate)
            raise ZeroDivisionError

    await cancelled_before(gate, asyncio.create_task(fail_slowly()), cancels)

    assert await goes_on(file)
    assert await what_stands(file) == {}


async def cancelled_before(gate: threading.Event, task: asyncio.Task[None], times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0.05)
        task.cancel()
    await asyncio.sleep(0.05)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_anywhere_it_stands_whole_or_not_at_all(file: Database) -> None:
    chance = random.Random(20261125)
    for number in range(200):
        task = asyncio.create_task(pair(file, number))
        for _ in range(chance.choice([1, 1, 2])):
            await asyncio.sleep(chance.uniform(0, 0.004))
            task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    assert await goes_on(file)
    stands = await what_stands(file)
    assert set(stands.values()) == {2}
    assert 0 < len(stands) < 200


async def test_killed_in_the_middle_nothing_stands_and_nobody_waits(file: Database) -> None:
    async with writing(file, "stop-in-the-middle") as process:
        assert await line_of(process) == "in the middle"

    assert await what_stands(file) == {}
    assert await goes_on(file)


async def test_killed_anywhere_what_it_said_stands_and_all_is_whole(file: Database) -> None:
    chance, said = random.Random(7), set[int]()
    for _ in range(4):
        async with writing(file, "write-pairs", times=100_000) as process:
            said.add(int(await line_of(process)))
            await asyncio.sleep(chance.uniform(0, 0.3))
        assert process.stdout is not None
        said |= {int(line) for line in (await process.stdout.read()).split()}
        assert await goes_on(file)

    stands = await what_stands(file)
    assert set(stands.values()) == {2}
    assert said <= stands.keys()
    assert len(stands) - len(said) <= 4  # committed, and killed before it said so


async def test_two_processes_count_on_one_file_and_lose_nothing(file: Database) -> None:
    async with writing(file, "count-up", times=150) as one, writing(file, "count-up", times=150) as other:
        await count_up(file, 100)
        async with asyncio.timeout(60):
            assert (await one.wait(), await other.wait()) == (0, 0)

    async with file.reading() as transaction:
        assert (await transaction.execute(select(counts.c.count))).scalar_one() == 400


@asynccontextmanager
async def writing(database: Database, what: str, times: int = 1) -> AsyncIterator[Process]:
    """Killed at the end as a power cut would, where it still runs."""
    url = database.engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.messaging.writing_process", url, what, str(times), stdout=PIPE
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def line_of(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode().strip()
