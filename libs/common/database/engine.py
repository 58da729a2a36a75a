"""One way into both databases: a transaction that commits at its end, is retried whole, or is undone whole.

PostgreSQL in production, SQLite in the embedded default. SQLite has one writer: every transaction that may
write begins IMMEDIATE behind one lock a file in this process, so that nobody starves and nothing fails
half-way; reading goes beside it. Work inside a transaction is short and never waits for a network.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from libs.common.database import sqlite
from libs.common.database.signals import Signals, announced
from libs.common.database.trouble import should_run_again

T = TypeVar("T")
Transaction = AsyncConnection
Dialect = Literal["sqlite", "postgresql"]

ATTEMPTS = 5
"""How often a whole transaction is tried where the database made it give way to another."""

in_transaction: ContextVar[bool] = ContextVar("in_transaction", default=False)
"""Set while a transaction is open in this task: whoever would call a network then must refuse."""

_POSTGRESQL_SETTINGS = {
    "application_name": "kassakoppeling",
    "timezone": "UTC",
    "idle_in_transaction_session_timeout": "60000",
    "lock_timeout": "30000",
    "jit": "off",
}
_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit survives a power cut: these are books
    "busy_timeout=10000",  # other processes on the file; within this one the lock stands in line
    "foreign_keys=ON",
)

_write_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


class NestedTransaction(Exception):
    """A defect: a unit of work opened a second transaction instead of passing on the one that it has."""


class Database:
    """The pool of one database. Made once at the edge, passed down, closed at the end."""

    def __init__(self, engine: AsyncEngine, dialect: Dialect, file: str | None) -> None:
        self.dialect: Dialect = dialect
        self.engine = engine
        self.signals = Signals()
        self._file = file
        self._reader = engine.execution_options(readonly=True, postgresql_readonly=True)

    @classmethod
    def open(cls, url: str, *, pool_size: int = 10) -> Database:
        """Raises ValueError for an address that is neither; connects only when first used."""
        address = make_url(url)
        match address.get_backend_name():
            case "sqlite":
                return cls._open_sqlite(address, pool_size)
            case "postgresql":
                return cls._open_postgresql(address, pool_size)
            case other:
                raise ValueError(f"a database must be PostgreSQL or SQLite, not {other}")

    @classmethod
    def _open_sqlite(cls, url: URL, pool_size: int) -> Database:
        if not url.database or url.database == ":memory:":
            raise ValueError("SQLite needs a file: in memory every connection would have its own database")
        file = Path(url.database).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            connect_args={"async_creator_fn": sqlite.connect},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return cls(engine, "sqlite", str(file))

    @classmethod
    def _open_postgresql(cls, url: URL, pool_size: int) -> Database:
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            pool_pre_ping=True,
            pool_recycle=1800,
            connect_args={"server_settings": _POSTGRESQL_SETTINGS, "timeout": 10},
        )
        return cls(engine, "postgresql", None)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that may write: commits at its end, rolls back on an error."""
        signals: set[str] = set()
        async with self._one_writer(), _marked(), self.engine.begin() as transaction:
            announced(transaction).clear()
            yield transaction
            signals |= announced(transaction)
        self.signals.fire(signals)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads, beside whoever writes."""
        async with _marked(), self._reader.connect() as transaction:
            yield transaction

    async def run(self, step: Callable[[Transaction], Awaitable[T]]) -> T:
        """The step in a transaction, whole again where the database asks for it: so it acts nowhere else."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self.transaction() as transaction:
                    return await step(transaction)
            except Exception as error:
                if attempt == ATTEMPTS or not should_run_again(error):
                    raise
            await asyncio.sleep(random.uniform(0.005, 0.02) * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        await self.engine.dispose()

    def _one_writer(self) -> AbstractAsyncContextManager[Any]:
        if in_transaction.get():
            raise NestedTransaction("a transaction is open already: pass it on")
        if self._file is None:
            return nullcontext()
        locks = _write_locks.setdefault(asyncio.get_running_loop(), {})
        return locks.setdefault(self._file, asyncio.Lock())


@asynccontextmanager
async def _marked() -> AsyncIterator[None]:
    if in_transaction.get():
        raise NestedTransaction("a transaction is open already: pass it on")
    token = in_transaction.set(True)
    try:
        yield
    finally:
        in_transaction.reset(token)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: _begin_sqlite does
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A deferred transaction that reads and then writes fails at once, whatever the busy time-out."""
    is_reading = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
    driver: Any = connection.connection.driver_connection
    driver.is_writing = not is_reading
