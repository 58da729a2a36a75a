"""What stands in the way of an article's stock, outlet by outlet, as its link tells it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import and_, select

from libs.common.database.engine import Transaction
from libs.common.domain.product import LEAVE
from libs.common.domain.product_conflict import Conflict
from services.products.linked import LinkRow, change, conflicts_text, link_of
from services.products.store import links


async def tell(transaction: Transaction, link: LinkRow, outlet: str, conflicts: Sequence[Conflict]) -> None:
    """What stands in the way of its stock at one outlet; what was told of others stays.

    What a person leaves alone waits for nobody.
    """
    if link.choice == LEAVE:
        return
    here = ("outlet", outlet)
    others = [each for each in link.stock_conflicts if here not in each.facts]
    told = (*others, *(each if here in each.facts else _at(each, here) for each in conflicts))
    if told != link.stock_conflicts:
        await change(transaction, link.id, stock_conflicts=conflicts_text(told))


async def tell_of(transaction: Transaction, connection_id: str, outlets: Collection[str]) -> None:
    """What stands in the way at other outlets is told no more."""
    has_some = and_(links.c.connection_id == connection_id, links.c.stock_conflicts != "")
    for row in (await transaction.execute(select(links).where(has_some))).all():
        link = link_of(row)
        told = [each for each in link.stock_conflicts if dict(each.facts).get("outlet") in outlets]
        if len(told) < len(link.stock_conflicts):
            await change(transaction, link.id, stock_conflicts=conflicts_text(told))


def _at(conflict: Conflict, here: tuple[str, str]) -> Conflict:
    return replace(conflict, facts=(*conflict.facts, here))
