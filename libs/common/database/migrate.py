"""Brings a database to the newest tables; safe to repeat, and while others do the same.

The history lies in the package `migrations`, so this works from an installed wheel with no file beside it.
A new revision, from the difference between the history and the tables in the code:

    python -m libs.common.database.migrate "what changes"
"""

from __future__ import annotations

import asyncio
import fcntl
import importlib.resources
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from libs.common.database.engine import Database
from libs.common.database.roles import grant_roles

_LOCK = 0x4B4F5050  # any number that nobody else takes an advisory lock on
_WAIT_FOR_TABLES = "15s"
"""A change of a table that waits behind a long reader makes all who come after it wait too: give up first."""


async def migrate(database_url: str) -> None:
    """Upgrades to the newest revision, all of it or nothing; grants each login what is its own."""
    async with _sole_migrator(database_url) as connection:
        await connection.run_sync(_with_config(lambda config: command.upgrade(config, "head")))
        if connection.dialect.name == "postgresql":
            await grant_roles(connection)
        await connection.commit()


async def is_up_to_date(database: Database) -> bool:
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    async with database.reading() as transaction:
        return heads == await transaction.run_sync(_current_heads)


def new_revision(message: str) -> None:
    """Writes a revision with what the tables in the code have and the history hasn't."""
    with TemporaryDirectory() as folder:
        asyncio.run(_new_revision(f"sqlite+aiosqlite:///{folder}/history.db", message))


async def _new_revision(database_url: str, message: str) -> None:
    await migrate(database_url)
    async with _sole_migrator(database_url) as connection:
        write = partial(command.revision, message=message, autogenerate=True)
        await connection.run_sync(_with_config(lambda config: write(_neatly(config))))


def _with_config(act: Callable[[Config], Any]) -> Callable[[Connection], None]:
    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        act(config)

    return run


def _config() -> Config:
    """What alembic.ini would say."""
    folder = Path(str(importlib.resources.files("migrations")))
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s_%%(rev)s")
    config.set_main_option("path_separator", "os")
    return config


def _neatly(config: Config) -> Config:
    """A new revision is laid out as all our code is, where the formatter is installed."""
    if (formatter := shutil.which("ruff", path=str(Path(sys.executable).parent))) is not None:
        for name, value in {
            "hooks": "ruff",
            "ruff.type": "exec",
            "ruff.executable": formatter,
            "ruff.options": "format -q REVISION_SCRIPT_FILENAME",
        }.items():
            config.set_section_option("post_write_hooks", name, value)
    return config


def _current_heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


@asynccontextmanager
async def _sole_migrator(database_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection whose holder is the only one, over all processes, to change this database's tables."""
    url = make_url(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_async_engine(url, poolclass=NullPool)
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _let_us_begin)
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    lock = _locked_file(Path(url.database or "")) if is_sqlite else None
    try:
        if lock is not None:
            async with lock, engine.connect() as connection:
                yield connection
        else:
            async with engine.connect() as connection, _advisory_lock(connection):
                yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def _advisory_lock(connection: AsyncConnection) -> AsyncIterator[None]:
    """Held by the session, so that it outlasts the transactions within; lost with the connection."""
    await connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _LOCK})
    await connection.execute(text(f"SET lock_timeout = '{_WAIT_FOR_TABLES}'"))
    await connection.commit()
    try:
        yield
    finally:
        await connection.rollback()
        await connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": _LOCK})
        await connection.commit()


@asynccontextmanager
async def _locked_file(database: Path) -> AsyncIterator[None]:
    await asyncio.to_thread(database.parent.mkdir, parents=True, exist_ok=True)
    file = await asyncio.to_thread(open, f"{database}.migrate.lock", "w")
    try:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
    finally:
        file.close()


def _let_us_begin(connection: Any, _record: Any) -> None:
    """Foreign keys stay off: a table that is changed is made anew under its old name."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f'usage: {sys.executable} -m libs.common.database.migrate "what changes"')
    new_revision(sys.argv[1])
