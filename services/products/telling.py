"""Tells the portal of links that changed, many in one message, and how far the keeping in step is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from libs.common.budget.exact import room_in_day
from libs.common.budget.lanes import Lane
from libs.common.contracts.products import ProductProgress, ProductsTold, ProductTold
from libs.common.database.engine import Transaction
from libs.common.domain.product import Direction, Product, ProductField
from libs.common.domain.product_trouble import Trouble, TroubleCode
from libs.common.messaging import outbox
from services.products import kept, linked, pace
from services.products import lease as leases
from services.products.books import BooksMark
from services.products.kept import Side, following, leading
from services.products.linked import LinkRow, LinkState
from services.products.pace import Pace
from services.products.stock_progress import stock_progress
from services.products.stock_reading import StockMark
from services.products.terms import fields_of, wish_of
from services.products.troubles import kept_trouble
from services.products.turn import Turn

AT_ONCE = 200
CALLS_OF_NEW = 2
"""An item of Exact and its price."""


async def tell(turn: Turn) -> None:
    """Until all is told; each message says how far we are, and one alone does where only that is news."""
    async with turn.database.reading() as transaction:
        progress = await _progress(turn, transaction)
    while await turn.database.run(partial(_tell_part, turn, progress)):
        pass


async def _tell_part(turn: Turn, progress: ProductProgress, transaction: Transaction) -> bool:
    connection = turn.connection.id
    rows = await linked.untold(transaction, connection, AT_ONCE)
    said = json.dumps(asdict(progress), default=str)
    if not rows and said == turn.state.told:
        return False
    products = await _told(turn, transaction, rows)
    number = turn.state.number + 1
    message = ProductsTold(products=tuple(products), progress=progress, number=number)
    await outbox.add(transaction, message, connection_id=connection, at=turn.now())
    await linked.told(transaction, [row.id for row in rows])
    turn.state = await leases.hold(transaction, turn.state, turn.now(), {"told": said, "number": number})
    return len(rows) == AT_ONCE


async def _told(turn: Turn, transaction: Transaction, rows: Iterable[LinkRow]) -> list[ProductTold]:
    direction = turn.direction
    by_code = turn.till.articles.sold_by_code
    rows = list(rows)
    masters = await kept.known(
        transaction, turn.connection.id, leading(direction), [row.master_key for row in rows]
    )
    slaves = await kept.known(
        transaction,
        turn.connection.id,
        following(direction),
        [row.slave_key for row in rows if row.slave_key],
    )
    found = [(row, masters.get(row.master_key), slaves.get(row.slave_key or "")) for row in rows]
    return [_one(row, direction, master, slave, sold_by_code=by_code) for row, master, slave in found]


def _one(
    row: LinkRow, direction: Direction, master: Product | None, slave: Product | None, *, sold_by_code: bool
) -> ProductTold:
    shown = master or slave
    is_from_till = direction is Direction.TO_EXACT
    at_till = master if is_from_till else slave
    till_id = row.master_key if is_from_till else row.slave_key
    till_code = at_till.code if at_till else ""
    return ProductTold(
        id=str(row.id),
        code=shown.code if shown else "",
        name=shown.description if shown else "",
        till_id=till_id,
        exact_id=row.slave_key if is_from_till else row.master_key,
        state=row.state.value,
        wanted={name.value: value for name, value in row.wanted.items()},
        conflicts=(*row.conflicts, *row.stock_conflicts),
        choice=row.choice,
        till_code=till_code,
        sold_as=(till_code or None) if sold_by_code else till_id,
    )


async def _progress(turn: Turn, transaction: Transaction) -> ProductProgress:
    connection = turn.connection
    counts = await linked.counts(transaction, connection.id)
    is_approved = turn.state.approved == wish_of(connection)
    return ProductProgress(
        direction=connection.rules.products.direction,
        wish=wish_of(connection),
        is_read=is_read(turn),
        is_approved=is_approved,
        to_create=counts[LinkState.TO_CREATE],
        to_change=counts[LinkState.TO_CHANGE],
        done=counts[LinkState.IN_STEP],
        conflicts=await linked.with_conflicts(transaction, connection.id),
        left=counts[LinkState.LEFT],
        in_till=await kept.count(transaction, connection.id, Side.TILL),
        in_exact=await kept.count(transaction, connection.id, Side.BOOKS),
        ends_at=await _ends_at(turn, transaction, counts) if is_approved else None,
        lacks=kept_trouble(turn.state.attention) or _lacks(turn),
        stock=await stock_progress(turn, transaction),
    )


def _lacks(turn: Turn) -> Trouble | None:
    """What stays behind though it was chosen."""
    if turn.connection.rules.products.stock and (stock := StockMark.read(turn.state.stock_mark).lacks):
        return kept_trouble(stock)
    if not turn.facts.books.has_prices:
        return Trouble(TroubleCode.PRICES_NOT_SHOWN)
    if not turn.facts.books.may_price:
        return Trouble(TroubleCode.PRICES_NOT_WRITTEN)
    if ProductField.PRICE not in fields_of(turn.connection.rules):
        return None
    strange = ", ".join(BooksMark.read(turn.state.books_mark).strange_prices)
    return Trouble(TroubleCode.PRICES_OF_NO_ITEM, (("prices", strange),)) if strange else None


def is_read(turn: Turn) -> bool:
    """Both sides once, to their ends."""
    mark = BooksMark.read(turn.state.books_mark)
    return mark.is_read and turn.state.till_read_at is not None


async def _ends_at(turn: Turn, transaction: Transaction, counts: dict[LinkState, int]) -> datetime | None:
    """At the pace of late; where a day's calls to Exact don't last, by so many a day."""
    to_create, to_change = counts[LinkState.TO_CREATE], counts[LinkState.TO_CHANGE]
    calls = to_create * CALLS_OF_NEW + to_change
    if turn.direction is Direction.TO_EXACT:
        left, a_day = await room_in_day(transaction, turn.books.division_key, Lane.CATALOGUE, turn.now())
        if calls > left:
            return _by_days(turn.now(), (calls - left) / a_day) if a_day else None
    return pace.ends_at(turn, Pace.ARTICLES, to_create + to_change)


def _by_days(now: datetime, days: float) -> datetime:
    """Counted from midnight, when there are calls again; to the minute, as a pace is told."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight + timedelta(days=days)).replace(second=0, microsecond=0) + timedelta(minutes=1)
