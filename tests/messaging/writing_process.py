"""Writes to an embedded database from a process of its own, for tests that kill it: url, what, how often."""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select, update

from libs.common.database.engine import Database, Transaction

own = MetaData()
halves = Table("test_half", own, Column("number", Integer), Column("half", String(10)))
counts = Table("test_count", own, Column("id", Integer, primary_key=True), Column("count", Integer))


async def write_first_half(transaction: Transaction, number: int) -> None:
    await transaction.execute(insert(halves).values(number=number, half="first"))


async def write_second_half(transaction: Transaction, number: int) -> None:
    await transaction.execute(insert(halves).values(number=number, half="second"))


async def count_one(transaction: Transaction) -> None:
    """What is lost where two write at the same time: read, think, write."""
    count = (await transaction.execute(select(counts.c.count))).scalar_one()
    await asyncio.sleep(0)
    await transaction.execute(update(counts).values(count=count + 1))


async def stop_in_the_middle(database: Database) -> None:
    async with database.transaction() as transaction:
        await write_first_half(transaction, 1)
        print("in the middle", flush=True)
        await asyncio.sleep(3600)


async def write_pairs(database: Database, times: int) -> None:
    """Says each number once its transaction is committed."""
    async with database.reading() as transaction:
        last = (await transaction.execute(select(func.coalesce(func.max(halves.c.number), 0)))).scalar_one()
    for number in range(last + 1, last + 1 + times):
        async with database.transaction() as transaction:
            await write_first_half(transaction, number)
            await write_second_half(transaction, number)
        print(number, flush=True)


async def count_up(database: Database, times: int) -> None:
    """Without a second try: who waits for his turn must not fail."""
    for _ in range(times):
        async with database.transaction() as transaction:
            await count_one(transaction)


async def main(url: str, what: str, times: int) -> None:
    database = Database.open(url)
    match what:
        case "stop-in-the-middle":
            await stop_in_the_middle(database)
        case "write-pairs":
            await write_pairs(database, times)
        case "count-up":
            await count_up(database, times)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
