"""Reads both sides: everything at first, then what changed; each page is one transaction with its mark."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from libs.common.budget.exact import usage
from libs.common.budget.lanes import Lane
from libs.common.database.engine import Transaction
from libs.common.domain.product import Product, ProductField
from libs.common.exact import items
from libs.common.exact.errors import NoModule, NoRight
from libs.common.exact.items import Item
from libs.common.lightspeed.product_source import ProductPart
from services.products import item_prices, kept, planning, quantities
from services.products.books import FEEDS, BooksMark, Row
from services.products.kept import Seen, Side, leading
from services.products.turn import Turn

log = structlog.get_logger()

LEADS_EVERY = timedelta(seconds=55)
SPARINGLY = timedelta(minutes=5)
FOLLOWS_EVERY = timedelta(minutes=10)
"""The side that follows is read to notice what was changed there, which nobody waits for."""
DELETED_EVERY = timedelta(minutes=10)
SPARE_FROM = 0.5
"""Of the day's calls: from there on Exact is read sparingly, since sales need the rest."""
MOST_STRANGE = 20
WHOLE_NAME = "%Y-%m-%dT%H:%M:%S"


async def read_till(turn: Turn) -> bool:
    """Whether the till was read to its end; what is left goes on in the next turn."""
    while not turn.is_over:
        part = await turn.till.read(turn.state.till_mark, Lane.PRODUCTS)
        await turn.step(partial(_keep_part, turn, part), _till_values(turn, part))
        if part.is_last:
            return True
    return False


def _till_values(turn: Turn, part: ProductPart) -> dict[str, Any]:
    values: dict[str, Any] = {"till_mark": part.mark}
    if part.is_last:
        every = LEADS_EVERY if _leads(turn, Side.TILL) else FOLLOWS_EVERY
        values |= {"till_due_at": turn.now() + max(every, part.rest), "till_read_at": turn.now()}
    return values


def _leads(turn: Turn, side: Side) -> bool:
    return leading(turn.direction) is side


async def _keep_part(turn: Turn, part: ProductPart, transaction: Transaction) -> None:
    """A whole reading has a name, by which what it doesn't meet is known to be gone."""
    connection = turn.connection.id
    seen = [Seen(product) for product in part.products]
    seen += [Seen(Product(key, "", ""), unreadable=what) for key, what in part.unreadable.items()]
    news = await kept.keep(transaction, connection, Side.TILL, seen, part.whole)
    await quantities.mark_linked(transaction, connection, news.stocked)
    given_up = news.given_up | await kept.lose(transaction, connection, Side.TILL, part.gone)
    await kept.merge(transaction, connection, part.merged)
    if part.ends_whole:
        given_up |= await kept.miss(transaction, connection, Side.TILL, part.whole)
    await _let_go(turn, Side.TILL, given_up, transaction)


async def _let_go(turn: Turn, side: Side, given_up: set[str], transaction: Transaction) -> None:
    """What was refused because of an article on the side that follows may be taken now."""
    if given_up and not _leads(turn, side):
        lead = leading(turn.direction)
        await planning.let_go(transaction, turn.connection.id, lead, given_up)


async def read_books(turn: Turn) -> bool:
    """Whether all feeds were read to their ends.

    Where prices may not be seen any more articles go on without, until it is learnt anew what the login may.
    """
    mark = await _begun(turn, BooksMark.read(turn.state.books_mark))
    now = turn.now()
    is_rare = not mark.is_read or now >= mark.deleted_due_at
    left_out = {"prices": not _has_prices(turn), "deleted": not is_rare}
    for feed in (each for each in FEEDS if not left_out.get(each)):
        try:
            async for page in turn.books.pages(feed, getattr(mark, feed)):
                mark = await _keep_page(turn, mark, feed, page)
                if turn.is_over:
                    return False
        except (NoModule, NoRight):
            if feed != "prices":
                raise
            await turn.learn(replace(turn.facts, books=replace(turn.facts.books, has_prices=False)))
    await _finish(turn, mark if not is_rare else replace(mark, deleted_due=(now + DELETED_EVERY).isoformat()))
    return True


async def _begun(turn: Turn, mark: BooksMark) -> BooksMark:
    """A first reading, and one after a move of the division, names everything.

    So does one that brings prices for the first time: what has none yet would be given a second.
    """
    moved, has_prices = turn.facts.books.moved_at, _has_prices(turn)
    is_good = mark.moved_at == moved and (mark.has_prices or not has_prices)
    if is_good and (mark.is_read or mark.whole):
        return mark
    deleted = await turn.books.deletions_begin()
    whole = f"books {turn.now().strftime(WHOLE_NAME)}"
    return BooksMark(deleted=deleted, whole=whole, moved_at=moved, has_prices=has_prices)


def _has_prices(turn: Turn) -> bool:
    return turn.terms is not None and ProductField.PRICE in turn.terms.fields


async def _keep_page(turn: Turn, mark: BooksMark, feed: str, page: Sequence[Row]) -> BooksMark:
    values: dict[str, Any] = {feed: items.last_version(page, getattr(mark, feed))}
    following = replace(mark, **values, strange_prices=_strange_prices(mark, feed, page))
    work = partial(KEEP[feed], turn, mark, page)
    await turn.step(work, {"books_mark": following.kept()})
    return following


def _strange_prices(mark: BooksMark, feed: str, page: Sequence[Row]) -> list[str]:
    """One that is told anew, or deleted, is none any more."""
    strange = set(mark.strange_prices)
    if feed == "prices":
        strange -= {items.price_id(row) for row in page}
        strange |= {items.price_id(row) for row in page if not _is_of_an_item(row)}
    elif feed == "deleted":
        strange -= set(items.deleted_in(page, items.PRICE_ENTITY))
    return sorted(strange)[:MOST_STRANGE]


def _is_of_an_item(row: Row) -> bool:
    return bool(row.get("ID") and row.get("Item"))


async def _keep_prices(turn: Turn, mark: BooksMark, page: Sequence[Row], transaction: Transaction) -> None:
    read = [items.price_of(row, turn.facts.books.currency) for row in page if _is_of_an_item(row)]
    changed = await item_prices.keep_prices(transaction, turn.connection.id, read)
    await item_prices.price_again(transaction, turn.connection.id, changed, turn.books.today())


async def _keep_items(turn: Turn, mark: BooksMark, page: Sequence[Row], transaction: Transaction) -> None:
    connection, today = turn.connection.id, turn.books.today()
    read, seen = items_in(page)
    held = await item_prices.prices_of(transaction, connection, [each.product.key for each in read])
    seen += [
        item_prices.seen_with(each.on(today), each.ends_on, held.get(each.product.key, []), today)
        for each in read
    ]
    news = await kept.keep(transaction, connection, Side.BOOKS, seen, mark.whole)
    await quantities.mark_linked(transaction, connection, news.stocked)
    await _let_go(turn, Side.BOOKS, news.given_up, transaction)


def items_in(page: Sequence[Row]) -> tuple[list[Item], list[Seen]]:
    """The items, and what can't be read of others: one row holds up nothing behind it."""
    read: list[Item] = []
    strange: list[Seen] = []
    for row in page:
        try:
            read.append(items.item_of(row))
        except items.UNREADABLE as error:
            what = f"{type(error).__name__}: {error}"[: items.LONGEST_REASON]
            if row.get("ID"):
                strange.append(Seen(Product(str(row["ID"]), "", ""), unreadable=what))
            else:  # its code is taken, by which it is found where its article would be made again
                log.warning("an item of Exact without ID", code=str(row.get("Code")), why=what)
    return read, strange


async def _keep_deleted(turn: Turn, mark: BooksMark, page: Sequence[Row], transaction: Transaction) -> None:
    connection = turn.connection.id
    deleted = items.deleted_in(page, items.ITEM_ENTITY)
    given_up = await kept.lose(transaction, connection, Side.BOOKS, deleted)
    await _let_go(turn, Side.BOOKS, given_up, transaction)
    lost = items.deleted_in(page, items.PRICE_ENTITY)
    changed = await item_prices.lose_prices(transaction, connection, lost)
    await item_prices.price_again(transaction, connection, changed, turn.books.today())


Keep = Callable[[Turn, BooksMark, Sequence[Row], Transaction], Awaitable[None]]
KEEP: dict[str, Keep] = {"prices": _keep_prices, "items": _keep_items, "deleted": _keep_deleted}


async def _finish(turn: Turn, mark: BooksMark) -> None:
    async def work(transaction: Transaction) -> None:
        if mark.whole:
            given_up = await kept.miss(transaction, turn.connection.id, Side.BOOKS, mark.whole)
            await _let_go(turn, Side.BOOKS, given_up, transaction)

    again = await every(turn)
    done = replace(mark, whole="", is_read=True)
    await turn.step(work, {"books_mark": done.kept(), "books_due_at": turn.now() + again})


async def every(turn: Turn) -> timedelta:
    if not _leads(turn, Side.BOOKS):
        return FOLLOWS_EVERY
    async with turn.database.reading() as transaction:
        used = await usage(transaction, turn.books.division_key, turn.now())
    return SPARINGLY if used.day_used > SPARE_FROM * used.day_limit else LEADS_EVERY


async def turn_the_day(turn: Turn) -> None:
    """What begins and ends by itself: prices and items of Exact have dates."""
    today, last = turn.books.today(), turn.state.day
    if last == today:
        return

    async def work(transaction: Transaction) -> None:
        if last is not None:
            await item_prices.turn_day(transaction, turn.connection.id, last, today)

    await turn.step(work, {"day": today})


def next_reading(turn: Turn) -> datetime:
    return min(turn.state.till_due_at, turn.state.books_due_at)
