"""The history makes exactly the tables that the code has, on both databases, however often it is run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from libs.common.database import migrate as subject
from libs.common.database.engine import Database
from libs.common.database.migrate import is_up_to_date, migrate
from migrations.tables import all_tables
from tests import servers

HAS_HISTORY = bool(ScriptDirectory.from_config(subject._config()).get_heads())


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/koppeling.db"
        return
    servers.need_postgresql()
    url = await servers.create_database()
    yield url
    await servers.drop_database(url)


@pytest.mark.skipif(not HAS_HISTORY, reason="no revision is written yet")
async def test_several_migrate_at_once_and_again(empty: str) -> None:
    await asyncio.gather(*(migrate(empty) for _ in range(3)))
    await migrate(empty)

    database = Database.open(empty)
    assert await is_up_to_date(database)
    await database.close()


@pytest.mark.skipif(not HAS_HISTORY, reason="no revision is written yet")
async def test_the_history_makes_the_tables_of_the_code(empty: str) -> None:
    await migrate(empty)

    assert await _differences(empty) == []


@pytest.mark.skipif(not HAS_HISTORY, reason="no revision is written yet")
async def test_the_way_back_leaves_nothing(empty: str) -> None:
    await migrate(empty)
    async with subject._sole_migrator(empty) as connection:
        await connection.run_sync(subject._with_config(lambda config: command.downgrade(config, "base")))
        await connection.commit()

    database = Database.open(empty)
    async with database.reading() as transaction:
        tables = await transaction.run_sync(lambda connection: inspect(connection).get_table_names())
    assert [name for name in tables if name != "alembic_version"] == []
    assert not await is_up_to_date(database)
    await database.close()


async def _differences(url: str) -> list[Any]:
    database = Database.open(url)
    async with database.reading() as transaction:
        found = await transaction.run_sync(_compare)
    await database.close()
    return found


def _compare(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, all_tables()))
