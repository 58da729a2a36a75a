"""Articles that exchanged their barcodes wait for each other at a till where each is one article's.

Whoever is refused what another holds that waits itself makes that one give its own up: then all can go on.
"""

from __future__ import annotations

from functools import partial

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Transaction
from libs.common.domain.product import Product, ProductField, gtin
from services.products import kept, linked, planning
from services.products.kept import Side
from services.products.linked import LinkRow
from services.products.turn import REFUSALS, UNKNOWN, Turn


async def give_way(turn: Turn, refused: LinkRow, lane: Lane) -> None:
    """`refused` is of an article at the till; one that has two barcodes keeps them, for both would go."""
    barcode = gtin(refused.wanted.get(ProductField.BARCODE, ""))
    holder = await _waiting_holder(turn, refused, barcode) if barcode else None
    if holder is None:
        return
    try:
        changed = await turn.writer.change(holder.key, {ProductField.BARCODE: ""}, lane)
    except (*UNKNOWN, *REFUSALS):
        return  # what became of it, the next reading says
    await turn.step(partial(_keep, turn, changed, barcode))


async def _waiting_holder(turn: Turn, refused: LinkRow, barcode: str) -> Product | None:
    connection = turn.connection.id
    async with turn.database.reading() as transaction:
        holders = await kept.alike(transaction, connection, Side.TILL, (), {barcode})
        rows = await linked.of_slaves(transaction, connection, holders)
    waiting = {row.slave_key for row in rows.values() if row.was_refused and _asks_for_another(row, barcode)}
    found = [each for each in holders.values() if each.key in waiting and len(each.barcodes) == 1]
    return next((each for each in found if each.key != refused.slave_key), None)


def _asks_for_another(row: LinkRow, barcode: str) -> bool:
    return gtin(row.wanted.get(ProductField.BARCODE, "")) not in ("", barcode)


async def _keep(turn: Turn, changed: Product, barcode: str, transaction: Transaction) -> None:
    await kept.keep_written(transaction, turn.connection.id, Side.TILL, changed, None)
    await planning.let_go(transaction, turn.connection.id, Side.BOOKS, {barcode})
