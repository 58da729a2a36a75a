"""Both sides' articles as they were last seen, with marks on what changed since it was decided about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import and_, func, or_, select, update

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert_all
from libs.common.domain.product import Direction, Product, ProductKind
from services.products.store import items

CHUNK = 400
COMPARED = ("body", "ends_on", "unreadable", "is_gone", "is_stocked")
"""What makes a row another than it was."""
NAMES = ("code_key", "gtin", "other_gtin")
"""What an article is found by."""


class Side(StrEnum):
    TILL = "till"
    BOOKS = "books"


def leading(direction: Direction) -> Side:
    return Side.TILL if direction is Direction.TO_EXACT else Side.BOOKS


def following(direction: Direction) -> Side:
    return Side.BOOKS if direction is Direction.TO_EXACT else Side.TILL


@dataclass(frozen=True, slots=True)
class Seen:
    """An article as a side showed it; `ends_on` is a day on which it will be over by itself."""

    product: Product
    ends_on: date | None = None
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What was read anew.

    `stocked` was known and has stock that couldn't be compared before: it was a service, gone, or not to be
    read. `given_up` are the codes and barcodes that articles had until now.
    """

    stocked: list[str]
    given_up: set[str]


@cache
def _adapter() -> TypeAdapter[Product]:
    return TypeAdapter(Product)


def body_of(product: Product) -> str:
    return _adapter().dump_json(product).decode()


def product_of(body: str) -> Product:
    return _adapter().validate_json(body)


def chunks(keys: Iterable[str]) -> Iterable[list[str]]:
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]


async def keep(
    transaction: Transaction, connection_id: str, side: Side, seen: Sequence[Seen], seen_in: str = ""
) -> News:
    """Marks what is new or changed; our own writes, kept as made, are no change.

    What isn't seen in a whole reading doesn't touch in which one it was seen last.
    """
    known = await _known(transaction, connection_id, side, [each.product.key for each in seen])
    changed = []
    same: list[str] = []
    for each in seen:
        row = _row(connection_id, side, each, seen_in)
        if each.product.key in known and _alike(known[each.product.key], row):
            same.append(each.product.key)
        else:
            changed.append(row)
    await _upsert(transaction, changed, keeps_seen=not seen_in)
    if seen_in:
        await _see_again(transaction, connection_id, side, same, seen_in)
    both = [(known[row["key"]], row) for row in changed if row["key"] in known]
    return News(
        stocked=[new["key"] for old, new in both if _has_stock(new) and not _has_stock(old)],
        given_up={name for old, new in both for name in _names(old) - _names(new)},
    )


def _alike(old: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    return all(old[name] == row[name] for name in COMPARED)


def _has_stock(row: Mapping[str, Any]) -> bool:
    return bool(row["is_stocked"] and not row["is_gone"])


def _names(row: Mapping[str, Any]) -> set[str]:
    return {row[name] for name in NAMES if row[name]}


async def keep_written(
    transaction: Transaction,
    connection_id: str,
    side: Side,
    product: Product,
    ends_on: date | None,
    *,
    is_marked: bool = False,
) -> None:
    """As we wrote it: when it comes back in the next reading it is no change."""
    row = _row(connection_id, side, Seen(product, ends_on), "") | {"is_marked": is_marked}
    await _upsert(transaction, [row], keeps_seen=True)


def _row(connection_id: str, side: Side, seen: Seen, seen_in: str) -> dict[str, Any]:
    gtins = [*sorted(seen.product.gtins), "", ""]
    return {
        "connection_id": connection_id,
        "side": side.value,
        "key": seen.product.key,
        "code_key": seen.product.code_key,
        "gtin": gtins[0],
        "other_gtin": gtins[1],
        "body": body_of(seen.product),
        "unreadable": seen.unreadable,
        "is_gone": False,
        "is_stocked": seen.unreadable is None and seen.product.kind is ProductKind.GOODS,
        "ends_on": seen.ends_on,
        "seen_in": seen_in,
        "is_marked": True,
    }


async def _upsert(
    transaction: Transaction, rows: Sequence[Mapping[str, Any]], *, keeps_seen: bool = False
) -> None:
    names = ["code_key", "gtin", "other_gtin", "body", "unreadable", "is_gone", "is_stocked", "ends_on"]
    names.append("is_marked")
    changing = names if keeps_seen else [*names, "seen_in"]
    await upsert_all(transaction, items, rows, key=["connection_id", "side", "key"], update=changing)


async def _known(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]
) -> dict[str, Mapping[str, Any]]:
    """What is compared of each, and what it is found by."""
    found: dict[str, Mapping[str, Any]] = {}
    for part in chunks(keys):
        columns = [items.c[name] for name in (*COMPARED, *NAMES)]
        query = select(items.c.key, *columns).where(of_side(connection_id, side), items.c.key.in_(part))
        for row in await transaction.execute(query):
            found[row.key] = row._asdict()
    return found


async def _see_again(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str], seen_in: str
) -> None:
    for part in chunks(keys):
        mine = and_(of_side(connection_id, side), items.c.key.in_(part))
        await transaction.execute(update(items).where(mine).values(seen_in=seen_in))


def of_side(connection_id: str, side: Side) -> Any:
    return and_(items.c.connection_id == connection_id, items.c.side == side.value)


async def keep_changed(
    transaction: Transaction, connection_id: str, side: Side, seen: Sequence[Seen]
) -> None:
    """As `keep`, without touching in which reading they were seen."""
    known = await _known(transaction, connection_id, side, [each.product.key for each in seen])
    rows = [_row(connection_id, side, each, "") for each in seen]
    changed = [row for row in rows if row["key"] not in known or not _alike(known[row["key"]], row)]
    await _upsert(transaction, changed, keeps_seen=True)


async def miss(transaction: Transaction, connection_id: str, side: Side, seen_in: str) -> set[str]:
    """What a whole reading didn't name is gone; the answer is its codes and barcodes."""
    return await _lose(transaction, and_(of_side(connection_id, side), items.c.seen_in != seen_in))


async def lose(transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]) -> set[str]:
    """What the other side itself says was deleted; the answer is its codes and barcodes."""
    given_up: set[str] = set()
    for part in chunks(keys):
        given_up |= await _lose(transaction, and_(of_side(connection_id, side), items.c.key.in_(part)))
    return given_up


async def _lose(transaction: Transaction, where: Any) -> set[str]:
    gone = update(items).where(where, items.c.is_gone.is_(False)).values(is_gone=True, is_marked=True)
    rows = await transaction.execute(gone.returning(*(items.c[name] for name in NAMES)))
    return {name for row in rows for name in _names(row._asdict())}


async def merge(transaction: Transaction, connection_id: str, merged: Mapping[str, str]) -> None:
    """What the till says it merged: the key that is left by the one that goes, or "" where it isn't said."""
    for key, heir in merged.items():
        mine = and_(of_side(connection_id, Side.TILL), items.c.key == key)
        is_news = or_(items.c.merged_into.is_(None), items.c.merged_into != heir)
        values = {"merged_into": heir, "is_marked": True}
        await transaction.execute(update(items).where(mine, is_news).values(**values))


async def merged(transaction: Transaction, connection_id: str, keys: Iterable[str]) -> dict[str, str]:
    """Of those that are gone, and of what they were merged into if that is gone too."""
    found: dict[str, str] = {}
    asked = set(keys)
    while asked:
        more: dict[str, str] = {}
        for part in chunks(asked):
            mine = and_(of_side(connection_id, Side.TILL), items.c.key.in_(part), items.c.is_gone.is_(True))
            query = select(items.c.key, items.c.merged_into).where(mine, items.c.merged_into.is_not(None))
            more |= {row.key: row.merged_into for row in await transaction.execute(query)}
        found |= more
        asked = {heir for heir in more.values() if heir} - set(found)
    return found


async def marked(transaction: Transaction, connection_id: str, limit: int) -> list[tuple[Side, str]]:
    query = select(items.c.side, items.c.key).where(
        items.c.connection_id == connection_id, items.c.is_marked.is_(True)
    )
    rows = await transaction.execute(query.order_by(items.c.side, items.c.key).limit(limit))
    return [(Side(row.side), row.key) for row in rows]


async def unmark(transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]) -> None:
    for part in chunks(keys):
        mine = and_(of_side(connection_id, side), items.c.key.in_(part))
        await transaction.execute(update(items).where(mine).values(is_marked=False))


async def mark(transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]) -> None:
    for part in chunks(keys):
        mine = and_(of_side(connection_id, side), items.c.key.in_(part))
        await transaction.execute(update(items).where(mine).values(is_marked=True))


async def mark_all(transaction: Transaction, connection_id: str) -> None:
    mine = items.c.connection_id == connection_id
    await transaction.execute(update(items).where(mine).values(is_marked=True))


async def count(transaction: Transaction, connection_id: str, side: Side) -> int:
    query = (
        select(func.count())
        .select_from(items)
        .where(of_side(connection_id, side), items.c.is_gone.is_(False))
    )
    return int((await transaction.execute(query)).scalar_one())


async def with_keys(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]
) -> dict[str, Product]:
    """Those that are still there and can be read."""
    found: dict[str, Product] = {}
    for part in chunks(keys):
        found |= await _products(transaction, and_(of_side(connection_id, side), items.c.key.in_(part)))
    return found


async def known(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]
) -> dict[str, Product]:
    """As they were last read, those that are gone too."""
    found: dict[str, Product] = {}
    for part in chunks(keys):
        mine = and_(of_side(connection_id, side), items.c.key.in_(part), items.c.unreadable.is_(None))
        query = select(items.c.key, items.c.body).where(mine)
        found |= {row.key: product_of(row.body) for row in await transaction.execute(query)}
    return found


async def unreadable(
    transaction: Transaction, connection_id: str, side: Side, keys: Iterable[str]
) -> dict[str, str]:
    """What can't be read of those that are still there."""
    found: dict[str, str] = {}
    strange = and_(items.c.unreadable.is_not(None), items.c.is_gone.is_(False))
    for part in chunks(keys):
        mine = and_(of_side(connection_id, side), items.c.key.in_(part), strange)
        rows = await transaction.execute(select(items.c.key, items.c.unreadable).where(mine))
        found |= {row.key: row.unreadable for row in rows}
    return found


async def alike(
    transaction: Transaction, connection_id: str, side: Side, codes: Collection[str], gtins: Collection[str]
) -> dict[str, Product]:
    """All of a side that have one of these codes or barcodes."""
    found: dict[str, Product] = {}
    for part in chunks(filter(None, codes)):
        found |= await _products(transaction, and_(of_side(connection_id, side), items.c.code_key.in_(part)))
    for part in chunks(filter(None, gtins)):
        same = or_(items.c.gtin.in_(part), items.c.other_gtin.in_(part))
        found |= await _products(transaction, and_(of_side(connection_id, side), same))
    return found


async def _products(transaction: Transaction, where: Any) -> dict[str, Product]:
    there = and_(where, items.c.is_gone.is_(False), items.c.unreadable.is_(None))
    rows = await transaction.execute(select(items.c.key, items.c.body).where(there))
    return {row.key: product_of(row.body) for row in rows}
