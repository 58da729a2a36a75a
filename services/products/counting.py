"""Writes counts, and never one twice.

A count says that it was sent before it is. Where no definite answer came it is looked for by its name, twice
with time in between, before it is made again; a draft is followed by the id that Exact gave it. At the till a
count that was begun is gone on with; where it sets levels instead, what was in doubt is read and compared
anew. What is refused is counted in halves, until the article that is in the way stands alone and says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from libs.common.database.engine import Transaction
from libs.common.domain.product import Direction
from libs.common.domain.product_conflict import Conflict, ConflictCode
from libs.common.domain.product_values import name_of
from libs.common.domain.stock import NONE, places_of
from libs.common.exact import errors as exact
from services.products import counts, kept, linked, pace, quantities, stock_conflicts
from services.products.books import CountLine, StockCount
from services.products.counts import Count, CountState
from services.products.kept import following, leading
from services.products.linked import DOUBT_SEARCHES
from services.products.pace import Pace
from services.products.troubles import answer_of
from services.products.turn import BLOCKED, LATER, REFUSALS, UNKNOWN, Turn, searching

log = structlog.get_logger()

LOOK_EVERY = timedelta(minutes=10)
"""At a draft: whether somebody has processed it."""
MOST_IN_EXACT, MOST_AT_TILL = 200, 50
"""How many articles one count holds: Exact takes them in one call, a till one by one."""
FRESH = timedelta(seconds=5)
"""What is at the till is read again before it is counted: what was sold meanwhile stays sold."""


async def write_due(turn: Turn, found: Sequence[Count], read_till: Callable[[], Awaitable[bool]]) -> int:
    """How many were dealt with; raises what only time or a person mends."""
    done, counted, began = 0, 0, turn.now()
    read_at = began
    for count in found:
        if turn.is_over:
            break
        if count.due_at > turn.now():
            continue
        if turn.direction is Direction.TO_LIGHTSPEED and turn.now() - read_at > FRESH:
            if not await read_till():
                break
            read_at = turn.now()
        await _write(turn, count)
        done += 1
        counted += len(count.lines) if count.state is not CountState.DRAFT else 0
    if counted:
        await pace.note(turn, Pace.STOCK, counted, began)
    return done


def most_lines(turn: Turn) -> int:
    if turn.direction is Direction.TO_EXACT:
        return MOST_IN_EXACT
    return MOST_AT_TILL if turn.stock_till.counts_by_name else 1


async def _write(turn: Turn, count: Count) -> None:
    to_exact = turn.direction is Direction.TO_EXACT
    try:
        await (_to_exact(turn, count) if to_exact else _to_till(turn, count))
    except BLOCKED:
        raise
    except UNKNOWN as unknown:
        log.info("the outcome of a count is unknown", count=count.id, why=type(unknown).__name__)
        await turn.step(partial(counts.change, count=count, due_at=turn.now() + turn.settle))
    except REFUSALS as refused:
        if count.state is CountState.SENT and not to_exact:  # it may be applied already
            await turn.step(partial(_done, turn, count))
        else:
            await turn.step(partial(_refused, turn, count, refused))


async def _to_till(turn: Turn, count: Count) -> None:
    """What is there as last read, which was a moment ago, and what it differs by: a sale since stays sold.

    Where how much of one is there can't be read any more, all of them are compared anew.
    """
    if count.state is CountState.SENT and not turn.stock_till.counts_by_name:
        await turn.step(partial(_done, turn, count))
        return
    async with turn.database.reading() as transaction:
        keys = [line.slave_key for line in count.lines]
        held = await quantities.of_keys(transaction, turn.connection.id, kept.Side.TILL, keys)
    here = {key: each for (key, outlet), each in held.items() if outlet == count.outlet}
    if any(each.unreadable is not None for each in here.values()):
        await turn.step(partial(_done, turn, count))
        return
    counted = {
        line.slave_key: max(NONE, _quantity(here.get(line.slave_key)) + line.quantity) for line in count.lines
    }
    await _mark_sent(turn, count)
    try:
        await turn.stock_till.count(count.name, count.outlet, counted)
    except (*LATER, *BLOCKED):
        await _not_sent(turn, count)
        raise
    await turn.step(partial(_done, turn, count))


def _quantity(held: quantities.Quantity | None) -> Decimal:
    return NONE if held is None else held.quantity


async def _mark_sent(turn: Turn, count: Count) -> None:
    sent: dict[str, Any] = {
        "state": CountState.SENT.value,
        "sent_on": count.sent_on or turn.books.today(),
        "searches": 0,
    }
    await turn.step(partial(counts.change, count=count, **sent))


async def _not_sent(turn: Turn, count: Count) -> None:
    """There is nothing to look for."""
    await turn.step(partial(counts.change, count=count, state=CountState.PLANNED.value))


async def _to_exact(turn: Turn, count: Count) -> None:
    if count.state is CountState.DRAFT:
        await _look_at_draft(turn, count)
    elif count.state is CountState.SENT:
        await _settle(turn, count)
    else:
        await _send(turn, count)


async def _send(turn: Turn, count: Count) -> None:
    await _mark_sent(turn, replace(count, sent_on=turn.books.today()))
    try:
        made = await _post(turn, count)
    except (*LATER, *BLOCKED):
        await _not_sent(turn, count)
        raise
    await _finish(turn, count, made)


async def _settle(turn: Turn, count: Count) -> None:
    made = await _find(turn, count)
    if made is not None:
        await _finish(turn, count, made)
    elif count.searches + 1 < DOUBT_SEARCHES:
        again: dict[str, Any] = {"searches": count.searches + 1, "due_at": turn.now() + turn.settle}
        await turn.step(partial(counts.change, count=count, **again))
    elif count.is_of(places_of(turn.connection.rules)):
        await _send(turn, count)
    else:  # its outlet is off, or has another warehouse by now
        await turn.step(partial(_done, turn, count))


async def _find(turn: Turn, count: Count) -> StockCount | None:
    assert count.sent_on is not None
    with searching():
        return await turn.books.find_count(count.name, count.sent_on)


async def _made(turn: Turn, exact_id: str) -> StockCount | None:
    with searching():
        return await turn.books.count_of(exact_id)


async def _post(turn: Turn, count: Count) -> StockCount:
    location = turn.facts.books.locations.get(count.warehouse)
    lines = [CountLine(line.slave_key, line.quantity, location) for line in count.lines]
    processed = turn.connection.rules.products.stock_counts == "processed"
    return await turn.books.post_count(count.name, count.warehouse, lines, is_processed=processed)


async def _finish(turn: Turn, count: Count, made: StockCount) -> None:
    """Without the right to process it, or by choice, it is left as a draft for a person (5.17)."""
    wants = turn.connection.rules.products.stock_counts == "processed"
    if made.is_processed is None:
        made = await _made(turn, made.id) or made
    if made.is_processed or (wants and await _process(turn, made)):
        await turn.step(partial(_done, turn, count))
    else:
        await turn.step(partial(_left_as_draft, turn, count, made.id))


async def _process(turn: Turn, made: StockCount) -> bool:
    try:
        return await turn.books.process_count(made.id)
    except (exact.NoRight, *REFUSALS):
        return False


async def _look_at_draft(turn: Turn, count: Count) -> None:
    """Processed, or thrown away: either way what differs then is counted anew."""
    known = count.exact_id
    made = await (_find(turn, count) if known is None else _made(turn, known))
    if made is None or made.is_processed:
        await turn.step(partial(_done, turn, count))
    else:
        await turn.step(partial(_left_as_draft, turn, count, made.id))


async def _left_as_draft(turn: Turn, count: Count, exact_id: str, transaction: Transaction) -> None:
    values = {
        "state": CountState.DRAFT.value,
        "exact_id": exact_id,
        "due_at": turn.now() + LOOK_EVERY,
    }
    await counts.change(transaction, count, **values)
    waits = Conflict(ConflictCode.STOCK_COUNT_WAITS, None, (("reference", count.name),))
    await tell_conflict(turn, transaction, count, waits)


async def tell_conflict(
    turn: Turn, transaction: Transaction, count: Count, conflict: Conflict | None
) -> None:
    """Of all articles in it; what was told of negative stock stays until it is compared again."""
    keys = [line.slave_key for line in count.lines]
    for link in (await linked.of_slaves(transaction, turn.connection.id, keys)).values():
        kind = ConflictCode.STOCK_NEGATIVE
        here = ("outlet", count.outlet)
        told = [each for each in link.stock_conflicts if each.code is kind and here in each.facts]
        told += [] if conflict is None else [conflict]
        await stock_conflicts.tell(transaction, link, count.outlet, told)


async def _done(turn: Turn, count: Count, transaction: Transaction) -> None:
    """Both sides are compared again, as they are read then."""
    await counts.end(transaction, count)
    await tell_conflict(turn, transaction, count, None)
    await _compare_again(turn, transaction, count)


async def _compare_again(turn: Turn, transaction: Transaction, count: Count) -> None:
    direction, connection = turn.direction, turn.connection.id
    masters, slaves = [each.master_key for each in count.lines], [each.slave_key for each in count.lines]
    await quantities.mark(transaction, connection, leading(direction), masters)
    await quantities.mark(transaction, connection, following(direction), slaves)


async def _refused(turn: Turn, count: Count, refused: Exception, transaction: Transaction) -> None:
    await counts.end(transaction, count)
    middle = len(count.lines) // 2
    if middle:
        for half in (count.lines[:middle], count.lines[middle:]):
            at = (count.outlet, count.warehouse)
            await counts.plan(transaction, turn.connection.id, *at, half, turn.now())
        return
    key = count.lines[0].master_key
    known = await kept.with_keys(transaction, turn.connection.id, leading(turn.direction), [key])
    shown = name_of(known[key]) if key in known else key
    conflict = Conflict(ConflictCode.REFUSED, None, (("name", shown), ("answer", answer_of(refused))))
    await tell_conflict(turn, transaction, count, conflict)
