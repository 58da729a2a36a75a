"""How much of an article is where, on both sides as last read; what moved since it was compared is marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.sql import ColumnElement

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert_all
from libs.common.domain.product import LEAVE
from services.products.kept import Side, chunks
from services.products.linked import LinkState
from services.products.store import links, quantities

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`place` is the outlet or the warehouse; `planned` is known of Exact alone.

    What is no news moved only where it differs from what is kept. Of what can't be read, nothing else holds.
    """

    key: str
    place: str
    quantity: Decimal
    moved_at: datetime
    planned: Decimal = NONE
    is_news: bool = True
    unreadable: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A linked article at an outlet, to be compared."""

    outlet: str
    master_key: str
    slave_key: str


async def keep(
    transaction: Transaction,
    connection_id: str,
    side: Side,
    read: Sequence[Quantity],
    places: Collection[str],
) -> None:
    """What moved is marked, where its place is kept in step; the last of two about one article holds."""
    latest = {(each.key, each.place): each for each in read if each.place in places}
    known = await of_keys(transaction, connection_id, side, [key for key, _ in latest])
    rows = [_row(connection_id, side, each) for at, each in latest.items() if _has_moved(known.get(at), each)]
    changing = ["quantity", "planned", "moved_at", "unreadable", "is_marked"]
    key = ["connection_id", "side", "key", "place"]
    await upsert_all(transaction, quantities, rows, key=key, update=changing)


def _has_moved(known: Quantity | None, read: Quantity) -> bool:
    if known is None:
        return True
    before, now = ((each.quantity, each.planned, each.unreadable) for each in (known, read))
    if before != now:
        return True
    return read.is_news and known.moved_at < read.moved_at


def _row(connection_id: str, side: Side, each: Quantity) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "side": side.value,
        "key": each.key,
        "place": each.place,
        "quantity": each.quantity,
        "planned": each.planned,
        "moved_at": each.moved_at,
        "unreadable": each.unreadable,
        "is_marked": True,
    }


async def of_keys(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]
) -> dict[tuple[str, str], Quantity]:
    found = {}
    for part in chunks(keys):
        query = select(quantities).where(_of_side(connection_id, side), quantities.c.key.in_(part))
        for row in await transaction.execute(query):
            each = Quantity(
                row.key, row.place, row.quantity, row.moved_at, row.planned, unreadable=row.unreadable
            )
            found[row.key, row.place] = each
    return found


def _of_side(connection_id: str, side: Side) -> ColumnElement[bool]:
    return and_(quantities.c.connection_id == connection_id, quantities.c.side == side.value)


@dataclass(frozen=True, slots=True)
class Marked:
    """What moved on one side since it was compared: a linked article at a place."""

    key: str
    place: str
    master_key: str
    slave_key: str


async def marked(
    transaction: Transaction,
    connection_id: str,
    side: Side,
    *,
    leads: bool,
    after: tuple[str, str],
    most: int,
) -> list[Marked]:
    """Of articles in step, in the order of key and place; the page after that of the last one."""
    column = links.c.master_key if leads else links.c.slave_key
    key, place = after
    is_later = or_(quantities.c.key > key, and_(quantities.c.key == key, quantities.c.place > place))
    query = (
        select(quantities.c.key, quantities.c.place, links.c.master_key, links.c.slave_key)
        .select_from(quantities.join(links, _links(column)))
        .where(_of_side(connection_id, side), quantities.c.is_marked.is_(True), is_in_step(), is_later)
        .order_by(quantities.c.key, quantities.c.place)
        .limit(most)
    )
    return [Marked(*row) for row in await transaction.execute(query)]


def _links(column: Any) -> ColumnElement[bool]:
    return and_(links.c.connection_id == quantities.c.connection_id, column == quantities.c.key)


def is_in_step() -> ColumnElement[bool]:
    """What is still to be made or changed may not be kept in stock yet."""
    states = [LinkState.IN_STEP.value, LinkState.CONFLICT.value]
    return and_(links.c.slave_key.is_not(None), links.c.state.in_(states), links.c.choice != LEAVE)


async def mark(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str], *, is_marked: bool = True
) -> None:
    for part in chunks(keys):
        mine = and_(_of_side(connection_id, side), quantities.c.key.in_(part))
        await transaction.execute(update(quantities).where(mine).values(is_marked=is_marked))


async def mark_linked(transaction: Transaction, connection_id: str, keys: Iterable[str]) -> None:
    """Of these articles and of those that they are linked to, on both sides."""
    for part in chunks(keys):
        mine = or_(links.c.master_key.in_(part), links.c.slave_key.in_(part))
        query = select(links.c.master_key, links.c.slave_key).where(
            links.c.connection_id == connection_id, links.c.slave_key.is_not(None), mine
        )
        both = [key for pair in await transaction.execute(query) for key in pair]
        for side in Side:
            await mark(transaction, connection_id, side, both)


async def unmark_at(
    transaction: Transaction, connection_id: str, side: Side, place: str, keys: Iterable[str]
) -> None:
    for part in chunks(keys):
        mine = and_(_of_side(connection_id, side), quantities.c.place == place, quantities.c.key.in_(part))
        await transaction.execute(update(quantities).where(mine).values(is_marked=False))


async def forget(transaction: Transaction, connection_id: str) -> None:
    await transaction.execute(quantities.delete().where(quantities.c.connection_id == connection_id))
