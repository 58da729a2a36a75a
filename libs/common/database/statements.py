"""Statements that mean the same on both databases: insert what is new, upsert, claim.

A statement holds all its rows, so keep to a few thousand values at a time (both databases stop at about
32,000); `upsert_all` takes as many as there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, select, tuple_, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

Rows = Sequence[Mapping[str, Any]]


def insert_new(
    table: Table, rows: Rows, returning: Sequence[ColumnElement[Any]] = ()
) -> Insert | ReturningInsert[Any]:
    """INSERT .. ON CONFLICT DO NOTHING: rows that stand already stay as they are.

    PostgreSQL's construct is compiled by SQLite's dialect alike. `returning` gives the columns of the new
    rows only.
    """
    statement = insert(table).values(_values(rows)).on_conflict_do_nothing()
    return statement.returning(*returning) if returning else statement


def upsert(
    table: Table,
    rows: Rows,
    *,
    key: Sequence[str],
    update: Sequence[str],
    where: ColumnElement[bool] | None = None,
) -> Insert:
    """INSERT .. ON CONFLICT (key) DO UPDATE of the named columns; `where` says which rows may change."""
    return _upserting(table, tuple(key), tuple(update), where).values(_values(rows))


async def upsert_all(
    transaction: AsyncConnection, table: Table, rows: Rows, *, key: Sequence[str], update: Sequence[str]
) -> None:
    """One statement, carried out for each row: to compile one that holds them all takes far longer."""
    if rows:
        await transaction.execute(_upserting(table, tuple(key), tuple(update), None), list(rows))


@lru_cache(maxsize=128)
def _upserting(
    table: Table, key: tuple[str, ...], update: tuple[str, ...], where: ColumnElement[bool] | None
) -> Insert:
    """Without its rows; making it anew each time takes longer than SQLite takes to carry it out."""
    statement = insert(table)
    new = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=new, where=where)


def _values(rows: Rows) -> Any:
    """A single row without its list: SQLAlchemy compiles a list anew each time, a row once."""
    return rows[0] if len(rows) == 1 else list(rows)


async def claim(
    transaction: AsyncConnection,
    table: Table,
    where: ColumnElement[bool] | Iterable[ColumnElement[bool]],
    order_by: ColumnElement[Any] | Sequence[ColumnElement[Any]],
    limit: int,
    values: Mapping[str, Any],
) -> list[Row[Any]]:
    """Gives up to `limit` rows the `values` and returns them, in order: no two claimers get the same row.

    PostgreSQL skips rows that another claimer holds; SQLite has one writer. Give the `where` a condition
    that the `values` end, or the next claimer takes the same rows again.
    """
    key = tuple(table.primary_key.columns)
    picked = await _pick(transaction, table, where, order_by, limit)
    if not picked:
        return []
    chosen = tuple_(*key).in_(picked) if len(key) > 1 else key[0].in_([only for (only,) in picked])
    statement = update(table).where(chosen).values(**values).returning(*table.columns)
    changed = await transaction.execute(statement)
    rows = {tuple(row._mapping[column] for column in key): row for row in changed}
    return [rows[each] for each in picked]


async def _pick(
    transaction: AsyncConnection,
    table: Table,
    where: ColumnElement[bool] | Iterable[ColumnElement[bool]],
    order_by: ColumnElement[Any] | Sequence[ColumnElement[Any]],
    limit: int,
) -> list[tuple[Any, ...]]:
    condition = where if isinstance(where, ColumnElement) else and_(*where)
    order = order_by if isinstance(order_by, Sequence) else [order_by]
    query = (
        select(*table.primary_key.columns)
        .where(condition)
        .order_by(*order)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [tuple(row) for row in await transaction.execute(query)]
