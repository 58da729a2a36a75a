"""One turn of one connection, in its order: what is kept in step, both sides read, decided, written, told."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from libs.common.database.engine import Transaction
from libs.common.domain.product import Direction, ProductField
from services.products import kept, linked, pace, planning, reading, stocking, telling, under_way, writing
from services.products import lease as leases
from services.products.pace import Pace
from services.products.telling import is_read
from services.products.terms import (
    FRESH,
    KeptFacts,
    facts_of,
    facts_text,
    fields_of,
    identity_of,
    meaning_of,
    moves_prices,
    terms_of,
    wish_of,
)
from services.products.turn import LATER, REFUSALS, Turn

log = structlog.get_logger()

OFF_FOR = timedelta(hours=6)
"""Rules that change wake a connection that keeps nothing in step."""


SEEN_FOR = timedelta(minutes=1)
"""What is made meanwhile at the till, while something of the same code is made of Exact's, is there twice."""


async def work(turn: Turn) -> datetime:
    """When to come again. Raises what only time or a person mends; what was done before stays done."""
    await turn.step(partial(under_way.forget_old, connection=turn.connection, now=turn.now()))
    if turn.direction is Direction.OFF:
        return turn.now() + OFF_FOR
    await _begin(turn)
    await _learn_facts(turn)
    try:
        whole = await _read(turn)
        if not is_read(turn):
            return turn.now()
        planned = await _decide(turn)
        stocked, written = await _keep_and_write(turn)
        if turn.state.attention is not None:
            await turn.keep({"attention": None})
    finally:
        await telling.tell(turn)
    return turn.now() if not whole or planned or stocked or written else await _next(turn)


async def _keep_and_write(turn: Turn) -> tuple[bool, int]:
    """Stock first: it is few calls, and articles that are still to be made may take them for weeks.

    What stands in the way of stock alone holds up no article, nor does a first reading of how much there is
    of many.
    """
    try:
        with turn.half_of_what_is_left():
            stocked = False if turn.is_over else await stocking.keep_stock(turn)
    except (*LATER, *REFUSALS):
        await _write(turn)
        raise
    if turn.state.requested_at is not None and not (stocked or turn.is_over):
        await turn.keep({"requested_at": leases.answered(turn.state)})  # to write may take many turns
    return stocked, await _write(turn)


async def _begin(turn: Turn) -> None:
    """Another account or division: nothing that is known holds. Another direction: who is linked stays so.

    Either way it is a first synchronisation, also where a person said yes to the same before.
    """
    identity = identity_of(turn.connection)
    known = turn.state.terms
    if known == identity:
        return

    async def begin(transaction: Transaction) -> None:
        before = json.loads(known) if known else [None, None, None]
        now = json.loads(identity)
        if before[:2] != now[:2]:
            await leases.forget(transaction, turn.connection.id, whole=False)
        elif Direction.OFF not in (before[2], now[2]):
            await linked.turn_round(transaction, turn.connection.id)
            await kept.mark_all(transaction, turn.connection.id)

    values: dict[str, Any] = {"terms": identity, "meaning": "", "approved": "", "facts_at": None}
    if not known or json.loads(known)[:2] != json.loads(identity)[:2]:
        values |= {"till_mark": "", "books_mark": "", "facts": ""}
        await turn.step(begin, {**values, "till_read_at": None})
    else:
        await turn.step(begin, values)


async def _learn_facts(turn: Turn) -> None:
    """Read again after some hours; where they mean something else, all is decided about again."""
    facts, read_at = facts_of(turn.state.facts), turn.state.facts_at
    asked_at = turn.state.requested_at
    is_asked = read_at is not None and asked_at is not None and asked_at >= read_at
    is_old = read_at is None or turn.now() - read_at >= FRESH
    if facts is None or is_old or is_asked:
        rules, before = turn.connection.rules, facts
        asked = {"with_stock": rules.products.stock, "with_prices": ProductField.PRICE in fields_of(rules)}
        facts = KeptFacts(await turn.till.read_facts(), await turn.books.read_facts(**asked))
        is_to_be_shown = before is not None and moves_prices(before, facts, turn.connection.rules)
        values = {"facts": facts_text(facts), "facts_at": turn.now()}
        await turn.keep(values | ({"approved": ""} if is_to_be_shown else {}))
    turn.facts = facts
    turn.terms = terms_of(turn.connection.rules, facts, turn.till.articles)
    meaning = meaning_of(turn.terms)
    if meaning != turn.state.meaning:
        again = partial(kept.mark_all, connection_id=turn.connection.id)
        await turn.step(again, {"meaning": meaning})


async def _read(turn: Turn) -> bool:
    """Whether all that was due was read to its end."""
    now = turn.now()
    await reading.turn_the_day(turn)
    if turn.state.till_due_at <= now and not await reading.read_till(turn):
        return False
    return not (turn.state.books_due_at <= now and not await reading.read_books(turn))


async def _decide(turn: Turn) -> bool:
    """Whether some of it is left for the next turn.

    A till takes a code twice, and what somebody made there may reach Exact with a sale before the till is
    read again: so before anything is made at it, it is read as it was within this minute, and after it was
    decided.
    """
    await turn.step(partial(_put_back, turn))
    if await _plan(turn):
        return True
    if not await _is_till_to_be_seen(turn):
        return False
    return not await reading.read_till(turn) or await _plan(turn)


async def _put_back(turn: Turn, transaction: Transaction) -> None:
    connection = turn.connection
    keys = await linked.refused_long_ago(transaction, connection.id, turn.now())
    lead = kept.leading(Direction(connection.rules.products.direction))
    await planning.decide_again(transaction, connection.id, lead, keys)


async def _is_till_to_be_seen(turn: Turn) -> bool:
    is_led_by_exact = turn.direction is Direction.TO_LIGHTSPEED
    if not is_led_by_exact or turn.state.approved != wish_of(turn.connection):
        return False
    seen_at = turn.state.till_read_at
    is_fresh = seen_at is not None and turn.now() - seen_at < SEEN_FOR
    async with turn.database.reading() as transaction:
        return await linked.has_to_create(transaction, turn.connection.id, seen_at if is_fresh else None)


async def _plan(turn: Turn) -> bool:
    """Whether some of it is left for the next turn."""
    assert turn.terms is not None
    terms, some = turn.terms, 0
    while not turn.is_over:
        decide = partial(planning.plan_marked, connection_id=turn.connection.id, terms=terms, now=turn.now())
        part = await turn.step(decide)
        if not part:
            if some:
                await turn.step(partial(_think_again, turn))
            return False
        some += part
    return True


async def _think_again(turn: Turn, transaction: Transaction) -> None:
    """What stood in the way of an article may have been another that changed just now."""
    assert turn.terms is not None
    connection = turn.connection.id
    waiting = await linked.waiting_masters(transaction, connection)
    for part in kept.chunks(waiting):
        await planning.plan(transaction, connection, part, turn.terms, turn.now())


async def _write(turn: Turn) -> int:
    """Nothing before a person has said yes to what it would do."""
    if turn.state.approved != wish_of(turn.connection):
        return 0
    before = turn.now()
    written = await writing.write_due(turn)
    if written:
        await pace.note(turn, Pace.ARTICLES, written, before)
    return written


async def _next(turn: Turn) -> datetime:
    async with turn.database.reading() as transaction:
        due = await linked.next_due(transaction, turn.connection.id)
    times = [reading.next_reading(turn)]
    if due is not None and turn.state.approved == wish_of(turn.connection):
        times.append(max(due, turn.rest_waits_until or due))
    if (stock_due := await stocking.next_due(turn)) is not None:
        times.append(stock_due)
    return max(turn.now(), min(times))
