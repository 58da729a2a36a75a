"""The standard prices of Exact's items, which stand in a feed of their own, and what begins and ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, or_, select

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert_all
from libs.common.domain.product import Product
from libs.common.exact.items import ItemPrice, standard_price
from services.products import kept, quantities
from services.products.kept import Seen, Side, chunks, product_of
from services.products.store import items, prices


async def keep_prices(transaction: Transaction, connection_id: str, found: Sequence[ItemPrice]) -> set[str]:
    """Standard prices alone; the items whose prices these are."""
    standard = [each for each in found if each.is_standard]
    rows = [_price_row(connection_id, each) for each in standard]
    changing = ["item", "price", "starts_on", "ends_on", "unreadable"]
    await upsert_all(transaction, prices, rows, key=["connection_id", "price_id"], update=changing)
    others = [each.id for each in found if not each.is_standard]
    return {each.item for each in standard} | await lose_prices(transaction, connection_id, others)


def _price_row(connection_id: str, price: ItemPrice) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "price_id": price.id,
        "item": price.item,
        "price": price.price,
        "starts_on": price.starts_on,
        "ends_on": price.ends_on,
        "unreadable": price.unreadable,
    }


async def lose_prices(transaction: Transaction, connection_id: str, price_ids: Iterable[str]) -> set[str]:
    """The items that had these prices."""
    lost: set[str] = set()
    for part in chunks(price_ids):
        mine = and_(prices.c.connection_id == connection_id, prices.c.price_id.in_(part))
        gone = await transaction.execute(delete(prices).where(mine).returning(prices.c.item))
        lost |= set(gone.scalars())
    return lost


async def prices_of(
    transaction: Transaction, connection_id: str, keys: Iterable[str]
) -> dict[str, list[ItemPrice]]:
    found: dict[str, list[ItemPrice]] = {}
    for part in chunks(keys):
        mine = and_(prices.c.connection_id == connection_id, prices.c.item.in_(part))
        for row in await transaction.execute(select(prices).where(mine)):
            dates = (row.starts_on, row.ends_on)
            price = ItemPrice(row.price_id, row.item, row.price, *dates, True, row.unreadable)
            found.setdefault(row.item, []).append(price)
    return found


async def price_again(transaction: Transaction, connection_id: str, keys: Iterable[str], today: date) -> None:
    """Gives items the price that holds today, and marks those to which that is news.

    An item that can't be read itself stays so: nothing is known of it, not even its code.
    """
    wanted = list(dict.fromkeys(keys))
    held = await prices_of(transaction, connection_id, wanted)
    for part in chunks(wanted):
        query = select(items.c.key, items.c.body, items.c.ends_on).where(
            kept.of_side(connection_id, Side.BOOKS),
            items.c.key.in_(part),
            items.c.is_gone.is_(False),
            or_(items.c.unreadable.is_(None), items.c.code_key != ""),
        )
        seen = [
            seen_with(product_of(row.body), row.ends_on, held.get(row.key, []), today)
            for row in (await transaction.execute(query)).all()
        ]
        news = await kept.keep(transaction, connection_id, Side.BOOKS, seen)
        await quantities.mark_linked(transaction, connection_id, news.stocked)


def seen_with(product: Product, ends_on: date | None, held: Sequence[ItemPrice], today: date) -> Seen:
    """An item whose price can't be read waits as a whole, lest it is given a second one."""
    return Seen(priced(product, held, today), ends_on, unreadable_of(held))


def unreadable_of(held: Iterable[ItemPrice]) -> str | None:
    return next((each.unreadable for each in held if each.unreadable is not None), None)


def priced(product: Product, held: Iterable[ItemPrice], today: date) -> Product:
    price = standard_price(held, today)
    return replace(product, price=Decimal(0) if price is None else price.price)


async def turn_day(transaction: Transaction, connection_id: str, last: date, today: date) -> None:
    """What begins or ends by itself between two days: prices, and items with a last day."""
    began = and_(prices.c.starts_on > last, prices.c.starts_on <= today)
    ended = and_(prices.c.ends_on >= last, prices.c.ends_on < today)
    mine = and_(prices.c.connection_id == connection_id, or_(began, ended))
    changed = list((await transaction.execute(select(prices.c.item).where(mine).distinct())).scalars())
    await price_again(transaction, connection_id, changed, today)
    there = and_(kept.of_side(connection_id, Side.BOOKS), items.c.is_gone.is_(False))
    over = and_(there, items.c.ends_on > last, items.c.ends_on <= today)
    query = select(items.c.body, items.c.ends_on, items.c.unreadable).where(over)
    seen = [
        Seen(replace(product_of(row.body), is_active=False), row.ends_on, row.unreadable)
        for row in (await transaction.execute(query)).all()
    ]
    await kept.keep_changed(transaction, connection_id, Side.BOOKS, seen)
