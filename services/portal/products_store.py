"""What is shown of articles kept in step: as products told it last, by message."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.products import ProductProgress, ProductsTold, ProductTold
from libs.common.database import registry
from libs.common.database.statements import upsert, upsert_all
from libs.common.database.types import metadata
from libs.common.domain.product_conflict import Conflict
from services.portal.tenants import Page

CONFLICT = "conflict"

products = Table(
    "portal_product",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("product_id", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("searched", Text, nullable=False),
    Column("till_id", String(64)),
    Column("exact_id", String(64)),
    Column("state", String(16), nullable=False),
    Column("has_conflicts", Boolean, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("conflicts", Text, nullable=False),
    Column("choice", String(16), nullable=False),
    Index("ix_portal_product_code", "connection_id", "code", "product_id"),
    Index("ix_portal_product_state", "connection_id", "state"),
)

progresses = Table(
    "portal_product_progress",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("progress", Text, nullable=False),
)


@cache
def _progress() -> TypeAdapter[ProductProgress]:
    return TypeAdapter(ProductProgress)


@cache
def _conflicts() -> TypeAdapter[tuple[Conflict, ...]]:
    return TypeAdapter(tuple[Conflict, ...])


@dataclass(frozen=True, slots=True)
class WantedProducts:
    state: str | None = None
    search: str | None = None


async def show_told(transaction: AsyncConnection, envelope: Envelope) -> None:
    """Messages may come in any order: of each article the one with the highest number holds.

    With another direction all articles are told anew, and what was told before holds no more.
    """
    message = message_in(envelope, ProductsTold)
    connection = envelope.connection_id
    if await registry.connection(transaction, connection) is None:
        return
    shown = await _shown_progress(transaction, connection, for_change=True)
    is_newer = shown is None or shown.number < message.number
    if shown is not None and shown.progress.direction != message.progress.direction:
        if not is_newer:
            return
        await _forget_before(transaction, connection, message.number)
    known = await _numbers(transaction, connection, [each.id for each in message.products])
    rows = [
        _row(connection, message.number, each)
        for each in message.products
        if known.get(each.id, -1) < message.number
    ]
    key = ["connection_id", "product_id"]
    changing = [column.name for column in products.columns if column.name not in key]
    await upsert_all(transaction, products, rows, key=key, update=changing)
    if is_newer:
        await _show_progress(transaction, connection, message)


async def _forget_before(transaction: AsyncConnection, connection: str, number: int) -> None:
    old = (products.c.connection_id == connection) & (products.c.number < number)
    await transaction.execute(delete(products).where(old))


async def _numbers(transaction: AsyncConnection, connection: str, ids: Sequence[str]) -> dict[str, int]:
    query = select(products.c.product_id, products.c.number).where(
        products.c.connection_id == connection, products.c.product_id.in_(ids)
    )
    return {row.product_id: row.number for row in await transaction.execute(query)}


def _row(connection: str, number: int, told: ProductTold) -> dict[str, Any]:
    return {
        "connection_id": connection,
        "product_id": told.id,
        "number": number,
        "code": told.code,
        "name": told.name,
        "searched": f"{told.code} {told.name}".casefold(),
        "till_id": told.till_id,
        "exact_id": told.exact_id,
        "state": told.state,
        "has_conflicts": bool(told.conflicts),
        "wanted": json.dumps(told.wanted),
        "conflicts": _conflicts().dump_json(told.conflicts).decode(),
        "choice": told.choice,
    }


async def _show_progress(transaction: AsyncConnection, connection: str, message: ProductsTold) -> None:
    row = {
        "connection_id": connection,
        "number": message.number,
        "progress": _progress().dump_json(message.progress).decode(),
    }
    await transaction.execute(upsert(progresses, [row], key=["connection_id"], update=["number", "progress"]))


async def show_yes(transaction: AsyncConnection, connection: str) -> None:
    """At once, to what is shown now; what is told after it says whether the yes was in time."""
    shown = await _shown_progress(transaction, connection, for_change=True)
    if shown is not None:
        said = _progress().dump_json(replace(shown.progress, is_approved=True)).decode()
        mine = progresses.c.connection_id == connection
        await transaction.execute(update(progresses).where(mine).values(progress=said))


@dataclass(frozen=True, slots=True)
class _Shown:
    number: int
    progress: ProductProgress


async def _shown_progress(
    transaction: AsyncConnection, connection: str, *, for_change: bool = False
) -> _Shown | None:
    """`for_change` keeps other replicas from showing another message of it meanwhile."""
    query = select(progresses.c.number, progresses.c.progress).where(progresses.c.connection_id == connection)
    if for_change:
        query = query.with_for_update()
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _Shown(row.number, _progress().validate_json(row.progress))


async def progress_of(
    transaction: AsyncConnection, connection: registry.Connection
) -> ProductProgress | None:
    """None while nothing was told of the direction that its rules choose."""
    shown = await _shown_progress(transaction, connection.id)
    if shown is None or shown.progress.direction != connection.rules.products.direction:
        return None
    return shown.progress


async def list_products(
    transaction: AsyncConnection, connection: str, wanted: WantedProducts, page: Page
) -> list[ProductTold]:
    """By code; one more than the limit where there are."""
    query = select(products).where(products.c.connection_id == connection, *_conditions(wanted))
    if page.after:
        place = tuple_(literal(page.after[0]), literal(page.after[1]))
        query = query.where(tuple_(products.c.code, products.c.product_id) > place)
    query = query.order_by(products.c.code, products.c.product_id).limit(page.limit + 1)
    return [_told(row) for row in await transaction.execute(query)]


def _conditions(wanted: WantedProducts) -> list[Any]:
    conditions: list[Any] = []
    if wanted.state == CONFLICT:
        conditions.append(or_(products.c.has_conflicts.is_(True), products.c.state == CONFLICT))
    elif wanted.state is not None:
        conditions.append(products.c.state == wanted.state)
    if wanted.search:
        text = wanted.search.casefold()
        holds = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(
            or_(
                products.c.searched.like(f"%{holds}%", escape="\\"),
                products.c.till_id == wanted.search,
                products.c.exact_id == wanted.search,
            )
        )
    return conditions


async def product_of(transaction: AsyncConnection, connection: str, product_id: str) -> ProductTold | None:
    query = select(products).where(
        products.c.connection_id == connection, products.c.product_id == product_id
    )
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else _told(row)


def _told(row: Any) -> ProductTold:
    return ProductTold(
        id=row.product_id,
        code=row.code,
        name=row.name,
        till_id=row.till_id,
        exact_id=row.exact_id,
        state=row.state,
        wanted=json.loads(row.wanted),
        conflicts=_conflicts().validate_json(row.conflicts),
        choice=row.choice,
    )
