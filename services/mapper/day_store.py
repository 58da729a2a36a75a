"""The mapper's table of business days: what each sale brings to a day, and which document holds it.

A share is open until its day closes; then it is in a document for good, and whatever happens to its sale
after that is a further share, of the day on which it happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Index,
    String,
    Table,
    Text,
    and_,
    exists,
    false,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import Purpose
from libs.common.database.statements import insert_new
from libs.common.database.types import metadata
from libs.common.domain.day_total import added_up
from libs.common.domain.document import JournalLine
from services.mapper.store import DocumentState, SaleDecision, documents, sales

day_shares = Table(
    "mapper_day_share",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("purpose", String(20), primary_key=True),
    Column("business_day", Date, primary_key=True),
    Column("outlet", String(64), primary_key=True),
    Column("part", String(64), primary_key=True),
    Column("day_share", String(40), primary_key=True),
    Column("lines", Text, nullable=False),
    Index("ix_mapper_day_share_day", "connection_id", "day_share", "business_day"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sale's share goes: to one kind of document, of one outlet or part of it."""

    purpose: Purpose
    outlet: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A business day that shares wait in for their document."""

    day: date
    place: Place


OPEN = ""
"""In place of the id of shares that are in no document yet."""


@cache
def _lines_adapter() -> TypeAdapter[tuple[JournalLine, ...]]:
    return TypeAdapter(tuple[JournalLine, ...])


def _text_of(lines: Sequence[JournalLine]) -> str:
    return _lines_adapter().dump_json(tuple(lines)).decode()


Shares = dict[OpenDay, list[JournalLine]]


async def shares_of_sale(
    transaction: AsyncConnection, connection_id: str, sale_id: str
) -> tuple[Shares, Shares]:
    """What days' documents hold of the sale already, and what waits for their documents."""
    query = select(day_shares).where(
        day_shares.c.connection_id == connection_id, day_shares.c.sale_id == sale_id
    )
    settled: Shares = {}
    waiting: Shares = {}
    for row in await transaction.execute(query):
        lines = _lines_adapter().validate_json(row.lines)
        shares = waiting if row.day_share == OPEN else settled
        shares.setdefault(OpenDay(row.business_day, _place(row)), []).extend(lines)
    return settled, waiting


def _place(row: Any) -> Place:
    return Place(Purpose(row.purpose), row.outlet, row.part)


async def replace_open(
    transaction: AsyncConnection,
    connection_id: str,
    sale_id: str,
    shares: Mapping[OpenDay, Sequence[JournalLine]],
    *,
    is_first: bool,
) -> None:
    """What the sale still brings to days is this and nothing else."""
    if not is_first:
        old = and_(
            day_shares.c.connection_id == connection_id,
            day_shares.c.sale_id == sale_id,
            day_shares.c.day_share == OPEN,
        )
        await transaction.execute(day_shares.delete().where(old))
    rows = [
        {
            "connection_id": connection_id,
            "sale_id": sale_id,
            "purpose": opened.place.purpose.value,
            "business_day": opened.day,
            "outlet": opened.place.outlet,
            "part": opened.place.part,
            "day_share": OPEN,
            "lines": _text_of(lines),
        }
        for opened, lines in shares.items()
        if lines
    ]
    if rows:
        await transaction.execute(insert_new(day_shares, rows))


async def open_days(transaction: AsyncConnection, connection_id: str) -> list[OpenDay]:
    columns = [day_shares.c[name] for name in ("business_day", "purpose", "outlet", "part")]
    query = (
        select(*columns)
        .where(day_shares.c.connection_id == connection_id, day_shares.c.day_share == OPEN)
        .distinct()
        .order_by(*columns)
    )
    return [OpenDay(row.business_day, _place(row)) for row in await transaction.execute(query)]


async def shares_of_day(
    transaction: AsyncConnection, connection_id: str, opened: OpenDay
) -> dict[str, tuple[JournalLine, ...]]:
    """The open shares of a day by sale id, in order of sales."""
    query = select(day_shares).where(_is_open(connection_id, opened)).order_by(day_shares.c.sale_id)
    return {
        row.sale_id: _lines_adapter().validate_json(row.lines) for row in await transaction.execute(query)
    }


async def settle(transaction: AsyncConnection, connection_id: str, opened: OpenDay, day_share: str) -> None:
    """The open shares of a day are in this document from now on."""
    where = _is_open(connection_id, opened)
    await transaction.execute(update(day_shares).where(where).values(day_share=day_share))


def _is_open(connection_id: str, opened: OpenDay) -> ColumnElement[bool]:
    """Money of a sale that is a problem waits with it, and holds up no other's (domain.md 1.10)."""
    is_held = _is_problem() if opened.place.purpose is Purpose.DAY_SETTLEMENT else false()
    return and_(
        ~is_held,
        day_shares.c.connection_id == connection_id,
        day_shares.c.day_share == OPEN,
        day_shares.c.business_day == opened.day,
        day_shares.c.purpose == opened.place.purpose.value,
        day_shares.c.outlet == opened.place.outlet,
        day_shares.c.part == opened.place.part,
    )


def _is_problem() -> ColumnElement[bool]:
    """Whether the sale of a share is one."""
    return exists().where(
        sales.c.connection_id == day_shares.c.connection_id,
        sales.c.sale_id == day_shares.c.sale_id,
        sales.c.state == SaleDecision.PROBLEM.value,
    )


async def held_up(transaction: AsyncConnection, connection_id: str, refused: Sequence[str]) -> list[str]:
    """Those of the refused settlements of days that hold money of a sale that is a problem itself."""
    query = select(day_shares.c.day_share).where(
        day_shares.c.connection_id == connection_id,
        day_shares.c.day_share.in_(refused),
        day_shares.c.purpose == Purpose.DAY_SETTLEMENT.value,
        _is_problem(),
    )
    return list((await transaction.execute(query.distinct())).scalars())


async def refused_shares(
    transaction: AsyncConnection,
    connection_id: str,
    sale_id: str | None = None,
    purpose: Purpose | None = None,
) -> list[str]:
    """The day shares whose documents Exact refused, all of them: nothing of these is in the books."""
    stands = documents.alias()
    query = (
        select(documents.c.day_share)
        .where(
            documents.c.connection_id == connection_id,
            documents.c.day_share.is_not(None),
            documents.c.state == DocumentState.REJECTED.value,
            ~exists().where(
                stands.c.day_share == documents.c.day_share,
                stands.c.state.in_([DocumentState.READY.value, DocumentState.BOOKED.value]),
            ),
        )
        .distinct()
    )
    if sale_id is not None:
        mine = select(day_shares.c.day_share).where(
            day_shares.c.connection_id == connection_id, day_shares.c.sale_id == sale_id
        )
        if purpose is not None:
            mine = mine.where(day_shares.c.purpose == purpose.value)
        query = query.where(documents.c.day_share.in_(mine))
    return list((await transaction.execute(query)).scalars())


async def reopen(transaction: AsyncConnection, connection_id: str, refused: Sequence[str]) -> None:
    """The shares of refused documents wait again, together with what came to their day since."""
    where = and_(day_shares.c.connection_id == connection_id, day_shares.c.day_share.in_([*refused, OPEN]))
    keys = ("sale_id", "purpose", "business_day", "outlet", "part")
    found: dict[tuple[Any, ...], list[JournalLine]] = {}
    again: set[tuple[Any, ...]] = set()
    for row in await transaction.execute(select(day_shares).where(where)):
        key = tuple(getattr(row, name) for name in keys)
        found.setdefault(key, []).extend(_lines_adapter().validate_json(row.lines))
        if row.day_share != OPEN:
            again.add(key)
    for key in sorted(again):
        of_key = dict(zip(keys, key, strict=True))
        mine = and_(where, *(day_shares.c[name] == value for name, value in of_key.items()))
        await transaction.execute(day_shares.delete().where(mine))
        together = {
            "connection_id": connection_id,
            **of_key,
            "day_share": OPEN,
            "lines": _text_of(added_up(found[key])),
        }
        await transaction.execute(insert_new(day_shares, [together]))


async def give_up(transaction: AsyncConnection, connection_id: str, refused: Sequence[str]) -> list[str]:
    """Takes sales out of refused documents, so that they are decided anew; gives their ids."""
    where = and_(day_shares.c.connection_id == connection_id, day_shares.c.day_share.in_(refused))
    found = await transaction.execute(select(day_shares.c.sale_id).where(where).distinct())
    sale_ids = list(found.scalars())
    await transaction.execute(day_shares.delete().where(where))
    return sale_ids


async def take_out(
    transaction: AsyncConnection, connection_id: str, sale_id: str, refused: Sequence[str]
) -> list[str]:
    """Takes one sale out of refused documents; gives those shares that hold no other."""
    where = and_(day_shares.c.connection_id == connection_id, day_shares.c.day_share.in_(refused))
    await transaction.execute(day_shares.delete().where(where, day_shares.c.sale_id == sale_id))
    left = set((await transaction.execute(select(day_shares.c.day_share).where(where))).scalars())
    return [day_share for day_share in refused if day_share not in left]


async def erase_shares(transaction: AsyncConnection, connection_id: str) -> None:
    """The lines of days name debtors; they are needed no more."""
    await transaction.execute(day_shares.delete().where(day_shares.c.connection_id == connection_id))
