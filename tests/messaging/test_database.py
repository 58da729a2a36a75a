"""Both databases mean the same: types, claims, retries, turns, and no second transaction."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from libs.common.database.engine import Database, NestedTransaction, Transaction, in_transaction
from libs.common.database.signals import announce
from libs.common.database.statements import claim, insert_new, upsert, upsert_all
from libs.common.database.trouble import is_transient, should_run_again
from libs.common.database.types import ExactDecimal, Key, UtcDateTime

own = MetaData()
things = Table(
    "test_thing",
    own,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("name", String(40), unique=True),
    Column("count", Integer, nullable=False, default=0),
    Column("amount", ExactDecimal),
    Column("at", UtcDateTime),
    Column("owner", String(40)),
)


@pytest.fixture(name="database")
async def with_things(database: Database) -> Database:
    async with database.transaction() as transaction:
        await transaction.run_sync(own.create_all)
        await transaction.execute(delete(things))
    return database


async def _all(database: Database, *columns: Column) -> list[tuple]:  # type: ignore[type-arg]
    async with database.reading() as transaction:
        return [tuple(row) for row in await transaction.execute(select(*columns).order_by(things.c.id))]


async def test_decimals_come_back_digit_for_digit(database: Database) -> None:
    amounts = [Decimal(text) for text in ("12345678901234567890.123456789", "0.10", "-0.00", "1E+3")]
    rows = [{"name": str(number), "amount": amount} for number, amount in enumerate(amounts)]
    await database.run(lambda transaction: transaction.execute(insert(things), rows))

    assert [str(amount) for (amount,) in await _all(database, things.c.amount)] == [
        "12345678901234567890.123456789",
        "0.10",
        "-0.00",
        "1000",
    ]


async def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    in_amsterdam = datetime(2026, 7, 1, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=2)))
    await database.run(lambda transaction: transaction.execute(insert(things), [{"at": in_amsterdam}]))

    ((at,),) = await _all(database, things.c.at)

    assert at.isoformat() == "2026-07-01T01:04:05.678901+00:00"


async def test_a_naive_time_is_refused(database: Database) -> None:
    naive = datetime(2026, 7, 1)  # noqa: DTZ001
    with pytest.raises((StatementError, ValueError), match="naive"):
        await database.run(lambda transaction: transaction.execute(insert(things), [{"at": naive}]))


async def test_moments_are_compared_as_moments(database: Database) -> None:
    early = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    late = datetime(2026, 7, 1, 8, tzinfo=UTC)
    await database.run(
        lambda transaction: transaction.execute(
            insert(things), [{"name": "early", "at": early}, {"name": "late", "at": late}]
        )
    )
    async with database.reading() as transaction:
        query = select(things.c.name).where(things.c.at < late)
        assert list((await transaction.execute(query)).scalars()) == ["early"]


async def test_insert_new_leaves_what_stands_and_returns_what_is_new(database: Database) -> None:
    async def step(transaction: Transaction) -> list[str]:
        await transaction.execute(insert_new(things, [{"name": "a", "count": 1}]))
        rows = [{"name": "a", "count": 2}, {"name": "b", "count": 2}]
        new = await transaction.execute(insert_new(things, rows, returning=[things.c.name]))
        return list(new.scalars())

    assert await database.run(step) == ["b"]
    assert await _all(database, things.c.name, things.c.count) == [("a", 1), ("b", 2)]


async def test_upsert_changes_the_named_columns_where_it_may(database: Database) -> None:
    async def step(transaction: Transaction, count: int) -> None:
        row = {"name": "a", "count": count, "owner": f"owner {count}"}
        newer = things.c.count < count
        await transaction.execute(upsert(things, [row], key=["name"], update=["count"], where=newer))

    for count in (2, 5, 3):
        await database.run(partial(step, count=count))

    assert await _all(database, things.c.count, things.c.owner) == [(5, "owner 2")]


async def test_any_number_of_rows_is_upserted_at_once(database: Database) -> None:
    """More values than one statement may hold."""

    async def step(transaction: Transaction, count: int, many: int) -> None:
        rows = [{"name": str(number), "count": count, "owner": f"owner {count}"} for number in range(many)]
        await upsert_all(transaction, things, rows, key=["name"], update=["count"])

    await database.run(partial(step, count=1, many=0))
    await database.run(partial(step, count=2, many=15_000))
    await database.run(partial(step, count=3, many=1))

    found = await _all(database, things.c.name, things.c.count, things.c.owner)
    assert len(found) == 15_000
    assert (found[0], found[-1]) == (("0", 3, "owner 2"), ("14999", 2, "owner 2"))


async def test_eight_claimers_never_get_the_same_row(database: Database) -> None:
    rows = [{"name": f"thing {number}"} for number in range(300)]
    await database.run(lambda transaction: transaction.execute(insert(things), rows))

    async def claimer(owner: str) -> list[int]:
        mine: list[int] = []
        while True:
            got = await database.run(
                lambda transaction: claim(
                    transaction, things, things.c.owner.is_(None), things.c.id, 7, {"owner": owner}
                )
            )
            if not got:
                return mine
            assert [row.id for row in got] == sorted(row.id for row in got)
            mine += [row.id for row in got]
            await asyncio.sleep(random.uniform(0, 0.003))

    claimed = await asyncio.gather(*(claimer(f"claimer {number}") for number in range(8)))

    ids = [one for each in claimed for one in each]
    assert len(ids) == len(set(ids)) == 300


async def test_run_is_whole_again_when_the_database_chose_it_to_give_way(
    postgresql_database: Database,
) -> None:
    database = postgresql_database
    async with database.transaction() as transaction:
        await transaction.run_sync(own.create_all)
        await transaction.execute(delete(things))
        await transaction.execute(insert(things), [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    tries = 0

    async def crosswise(transaction: Transaction, first: int, second: int) -> None:
        nonlocal tries
        tries += 1
        for one in (first, second):
            await transaction.execute(
                update(things).where(things.c.id == one).values(count=things.c.count + 1)
            )
            await asyncio.sleep(0.1)

    await asyncio.gather(
        database.run(lambda transaction: crosswise(transaction, 1, 2)),
        database.run(lambda transaction: crosswise(transaction, 2, 1)),
    )

    assert tries == 3
    assert await _all(database, things.c.count) == [(2,), (2,)]


async def test_a_defect_is_not_run_again(database: Database) -> None:
    tries = 0

    async def step(transaction: Transaction) -> None:
        nonlocal tries
        tries += 1
        await transaction.execute(insert(things), [{"name": "a"}])
        await transaction.execute(insert(things), [{"name": "a"}])

    with pytest.raises(DBAPIError) as caught:
        await database.run(step)

    assert tries == 1
    assert not should_run_again(caught.value)
    assert not is_transient(caught.value)
    assert await _all(database, things.c.id) == []


async def test_writers_take_turns(database: Database) -> None:
    waits: list[float] = []

    async def insert_one(transaction: Transaction, row: dict[str, str]) -> None:
        await transaction.execute(insert(things), [row])

    async def writer(number: int) -> None:
        for turn in range(15):
            begun = time.monotonic()
            row = {"name": f"{number}/{turn}"}
            await database.run(partial(insert_one, row=row))
            waits.append(time.monotonic() - begun)

    await asyncio.gather(*(writer(number) for number in range(8)))

    assert len(waits) == 120
    assert max(waits) < 1.0


async def test_reading_goes_on_beside_a_writer(database: Database) -> None:
    async with asyncio.timeout(2):
        written, go_on = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            async with database.transaction() as transaction:
                await transaction.execute(insert(things), [{"name": "a"}])
                written.set()
                await go_on.wait()

        task = asyncio.create_task(write())
        await written.wait()
        assert await _all(database, things.c.name) == []
        go_on.set()
        await task
    assert await _all(database, things.c.name) == [("a",)]


async def test_a_second_transaction_in_the_same_work_is_a_defect(database: Database) -> None:
    async with database.transaction():
        assert in_transaction.get()
        with pytest.raises(NestedTransaction):
            async with database.reading():
                pass
        with pytest.raises(NestedTransaction):
            await database.run(lambda transaction: transaction.execute(select(1)))
    assert not in_transaction.get()


async def test_listeners_hear_of_what_is_committed_and_of_nothing_else(database: Database) -> None:
    heard = database.signals.listen("news")

    async def fail(transaction: Transaction) -> None:
        announce(transaction, "news")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(fail)
    assert not heard.is_set()

    async with database.transaction() as transaction:
        announce(transaction, "news")
        assert not heard.is_set()
    assert heard.is_set()


async def test_work_that_is_cancelled_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    async def work(number: int) -> None:
        async with database.transaction() as transaction:
            await transaction.execute(insert(things), [{"name": f"half {number}"}])
            await asyncio.sleep(5)

    for number in range(12):
        task = asyncio.create_task(work(number))
        await asyncio.sleep(random.uniform(0, 0.03))
        task.cancel()
        await asyncio.wait({task})

    await database.run(lambda transaction: transaction.execute(insert(things), [{"name": "whole"}]))
    async with database.reading() as transaction:
        assert (await transaction.execute(select(func.count()).select_from(things))).scalar_one() == 1
