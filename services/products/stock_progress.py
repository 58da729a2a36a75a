"""How far the stock of a connection is: each article agrees, is to be counted, or waits for a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, func, not_, or_, select
from sqlalchemy.sql import ColumnElement

from libs.common.contracts.products import StockProgress
from libs.common.database.engine import Transaction
from services.products import counts, pace
from services.products.counts import CountState
from services.products.kept import Side, chunks, following, leading
from services.products.pace import Pace
from services.products.quantities import is_in_step
from services.products.store import items, links, quantities
from services.products.terms import wish_of
from services.products.turn import Turn


async def stock_progress(turn: Turn, transaction: Transaction) -> StockProgress | None:
    """None where stock isn't kept in step, and before the yes to it."""
    if not turn.connection.rules.products.stock or turn.state.approved != wish_of(turn.connection):
        return None
    articles = _kept_in_stock(turn)
    everything = await _count(transaction, articles)
    waiting = await _count(transaction, articles, articles.c.stock_conflicts != "")
    to_do = await _to_do(turn, transaction, articles)
    return StockProgress(
        done=everything - waiting - to_do,
        to_do=to_do,
        conflicts=waiting,
        ends_at=pace.ends_at(turn, Pace.STOCK, to_do),
    )


def _kept_in_stock(turn: Turn) -> Any:
    """Linked articles of which both sides keep stock."""
    direction = turn.direction
    lead, follow = items.alias("lead"), items.alias("follow")
    joined = links.join(lead, _is(lead, leading(direction), links.c.master_key)).join(
        follow, _is(follow, following(direction), links.c.slave_key)
    )
    columns = (links.c.master_key, links.c.slave_key, links.c.stock_conflicts)
    mine = links.c.connection_id == turn.connection.id
    return select(*columns).select_from(joined).where(mine, is_in_step()).subquery("kept_in_stock")


def _is(table: Any, side: Side, key: Any) -> ColumnElement[bool]:
    return and_(
        table.c.connection_id == links.c.connection_id,
        table.c.side == side.value,
        table.c.key == key,
        table.c.is_stocked.is_(True),
        table.c.is_gone.is_(False),
    )


async def _to_do(turn: Turn, transaction: Transaction, articles: Any) -> int:
    """What moved since it was compared, and what stands in a count that is on its way."""
    direction = turn.direction
    has_moved = or_(
        _has_moved(turn, leading(direction), articles.c.master_key),
        _has_moved(turn, following(direction), articles.c.slave_key),
    )
    waits_for_nobody = articles.c.stock_conflicts == ""
    found = await _count(transaction, articles, waits_for_nobody, has_moved)
    under_way = [
        line.slave_key
        for count in await counts.open_counts(transaction, turn.connection.id)
        for line in count.lines
        if count.state is not CountState.DRAFT
    ]
    for part in chunks(under_way):
        is_counted = articles.c.slave_key.in_(part)
        found += await _count(transaction, articles, waits_for_nobody, not_(has_moved), is_counted)
    return found


def _has_moved(turn: Turn, side: Side, key: Any) -> ColumnElement[bool]:
    return exists().where(
        quantities.c.connection_id == turn.connection.id,
        quantities.c.side == side.value,
        quantities.c.is_marked.is_(True),
        quantities.c.key == key,
    )


async def _count(transaction: Transaction, articles: Any, *which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(articles).where(*which)
    return int((await transaction.execute(query)).scalar_one())
