"""Reads the stock of both sides: what moved since, a page a transaction with its mark."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial

from libs.common.budget.lanes import Lane
from libs.common.exact import items
from libs.common.exact.items import StockPosition
from services.products import quantities, reading
from services.products.kept import Side, leading
from services.products.quantities import Quantity
from services.products.troubles import EXACT, LIGHTSPEED
from services.products.turn import Turn

UNTIMED = datetime(2000, 1, 1, tzinfo=UTC)
"""Exact says how much there is, not since when."""


@dataclass(frozen=True, slots=True)
class StockMark:
    """Where reading stands; `meaning` is what it was read for.

    `lacks` is the trouble that a person must mend, and `waits_until` when it is looked for again.
    """

    till: str = ""
    books: int = 0
    meaning: str = ""
    till_due: str = ""
    books_due: str = ""
    lacks: str = ""
    waits_until: str = ""

    @classmethod
    def read(cls, kept_mark: str) -> StockMark:
        return cls(**json.loads(kept_mark)) if kept_mark else cls()

    def kept(self) -> str:
        return json.dumps(asdict(self))

    def due_at(self, side: Side) -> datetime:
        due = self.till_due if side is Side.TILL else self.books_due
        return datetime.fromisoformat(due) if due else UNTIMED

    @property
    def waits_until_at(self) -> datetime:
        return datetime.fromisoformat(self.waits_until) if self.waits_until else UNTIMED


class StockOfNoItem(Exception):
    """What it is of can't be read: any article may have it, and would be counted as if it hadn't."""

    def __init__(self, system: str) -> None:
        super().__init__(system)
        self.system = system


async def read_till(turn: Turn, places: Mapping[str, str]) -> bool:
    while not turn.is_over:
        mark = StockMark.read(turn.state.stock_mark)
        part = await turn.stock_till.read_stock(mark.till, Lane.PRODUCTS)
        read = [
            Quantity(
                row.product_key,
                row.outlet,
                row.quantity,
                row.at or UNTIMED,
                is_news=row.is_news,
                unreadable=row.unreadable,
            )
            for row in part.rows
        ]
        _require_names(read, places, LIGHTSPEED)
        every = reading.LEADS_EVERY if leading(turn.direction) is Side.TILL else reading.FOLLOWS_EVERY
        due = (turn.now() + every).isoformat() if part.is_last else mark.till_due
        work = partial(quantities.keep, connection_id=turn.connection.id, side=Side.TILL, read=read)
        values = {"stock_mark": replace(mark, till=part.mark, till_due=due).kept()}
        await turn.step(partial(work, places=set(places)), values)
        if part.is_last:
            return True
    return False


async def read_books(turn: Turn, places: Mapping[str, str]) -> bool:
    mark = StockMark.read(turn.state.stock_mark)
    warehouses = set(places.values())
    async for page in turn.books.pages("stock", mark.books):
        read = [_of_position(items.position_of(row)) for row in page]
        _require_names(read, warehouses, EXACT)
        mark = replace(mark, books=items.last_version(page, mark.books))
        work = partial(quantities.keep, connection_id=turn.connection.id, side=Side.BOOKS, read=read)
        await turn.step(partial(work, places=warehouses), {"stock_mark": mark.kept()})
        if turn.is_over:
            return False
    every = await reading.every(turn) if leading(turn.direction) is Side.BOOKS else reading.FOLLOWS_EVERY
    done = replace(mark, books_due=(turn.now() + every).isoformat())
    await turn.keep({"stock_mark": done.kept()})
    return True


def _of_position(position: StockPosition) -> Quantity:
    return Quantity(
        position.item,
        position.warehouse,
        position.in_stock,
        UNTIMED,
        position.planned_out,
        unreadable=position.unreadable,
    )


def _require_names(read: Iterable[Quantity], places: Collection[str], system: str) -> None:
    """Of what is elsewhere it doesn't matter what it is."""
    if any((not each.key and each.place in places) or not each.place for each in read):
        raise StockOfNoItem(system)
