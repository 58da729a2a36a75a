"""SQLite's connections: what may wait goes to a thread, what only computes is done where it is.

Beginning to write waits for other processes, committing for the disk, and reading may be long; each is a
thread's. The statements of a writer are short by rule and take microseconds, where the way to a thread and
back, four times a statement, takes a hundred times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

CHUNK = 64


class SqliteConnection(aiosqlite.Connection):
    """A connection that knows when it is the writer."""

    is_writing = False
    """Set after BEGIN IMMEDIATE; ends with the transaction."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if self.is_writing:
            return fn(*args, **kwargs)
        result: T = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return result

    async def commit(self) -> None:
        self.is_writing = False
        await super().commit()

    async def rollback(self) -> None:
        self.is_writing = False
        await super().rollback()


def connect(file: str, **options: Any) -> SqliteConnection:
    """Two threads use the connection, never at once."""
    options["check_same_thread"] = False
    connection = SqliteConnection(partial(sqlite3.connect, file, **options), iter_chunk_size=CHUNK)
    connection._thread.daemon = True
    return connection
