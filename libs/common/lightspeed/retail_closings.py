"""Closings of registers, by their ids: each is told once, with what went in and out since its opening.

Movements have a feed of their own and are read when a register was closed; those of a register that is open
wait for its closing. Closing and movements stand in the message, and the cursors of both move in the
transaction that puts it into the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

import structlog
from pydantic import TypeAdapter

from libs.common.budget import Lane
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import OF_TILL, SaleProblem, TillClosed
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import ZERO
from libs.common.domain.till_close import TillMovement
from libs.common.lightspeed.errors import BadRequest, NoRight, NotFound, Unavailable
from libs.common.lightspeed.retail import Page
from libs.common.lightspeed.retail_query import above, at_least
from libs.common.lightspeed.retail_reading import RetailTill
from libs.common.lightspeed.retail_reference import RetailReference
from libs.common.lightspeed.retail_till import (
    COUNT_RELATIONS,
    COUNTS,
    MOVEMENTS,
    Closing,
    Unread,
    closing_in,
    movement_of,
    till_close_of,
)
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.source import Desk, Done

log = structlog.get_logger()

CHORE = "tills"

EVERY = timedelta(minutes=5)
AGAIN_AFTER = timedelta(days=1)
LAG = timedelta(minutes=2)
"""How long closings and movements with lower ids may still be under way."""
COUNT_KEY, MOVEMENT_KEY = "registerCountID", "registerWithdrawID"


@dataclass(frozen=True, slots=True)
class WaitingMovement:
    """A movement of a register that wasn't closed since."""

    register: str
    movement: TillMovement


@dataclass(frozen=True, slots=True)
class TillFeed:
    """Closings and movements up to these ids were seen; what waits belongs to a closing to come.

    `closed` is when each register was last closed.
    """

    last_count: int = 0
    last_movement: int | None = None
    waiting: tuple[WaitingMovement, ...] = ()
    closed: dict[str, datetime] = field(default_factory=dict)


@cache
def _adapter() -> TypeAdapter[TillFeed]:
    return TypeAdapter(TillFeed)


def _done(feed: TillFeed, due_at: datetime, told: Sequence[Message] = ()) -> Done:
    return Done(_adapter().dump_json(feed).decode(), due_at, messages=told)


async def read_closings(till: RetailTill, mark: str, desk: Desk, lacking: int) -> Done:
    feed = _adapter().validate_json(mark) if mark else TillFeed()
    now = desk.now()
    try:
        page = await _counts(till, feed, desk)
    except (NoRight, NotFound) as error:
        log.info("closings can't be read", why=str(error))
        return _done(feed, now + AGAIN_AFTER)
    try:
        closings = _settled([closing_in(row) for row in page.rows], now)
        left, told = await _close(till, feed, closings, desk) if closings else (feed, [])
    except Unreadable as error:
        raise Unavailable(str(error)) from error
    goes_on = page.next is not None and len(closings) == len(page.rows)
    return _done(left, now if goes_on else now + EVERY, told)


async def _counts(till: RetailTill, feed: TillFeed, desk: Desk) -> Page:
    """From the start date on; should lists not be filtered on createTime, then from the first."""
    if feed.last_count:
        return await _count_page(till, {COUNT_KEY: above(feed.last_count)})
    try:
        return await _count_page(till, {"createTime": at_least(desk.starts_at)})
    except NotFound:
        raise
    except BadRequest:
        return await _count_page(till, {})


async def _count_page(till: RetailTill, asked: dict[str, str]) -> Page:
    address = till.account.address(COUNTS, {"sort": COUNT_KEY, **asked}, COUNT_RELATIONS)
    return await till.account.page(address, COUNT_RELATIONS, entity=COUNTS, lane=Lane.BACKLOG)


def _settled(closings: Sequence[Closing | Unread], now: datetime) -> list[Closing | Unread]:
    """Up to the first that is so fresh that others with lower ids may still be under way."""
    found = []
    for closing in closings:
        if closing.closed_at is not None and closing.closed_at > now - LAG:
            break
        found.append(closing)
    return found


async def _close(
    till: RetailTill, feed: TillFeed, closings: Sequence[Closing | Unread], desk: Desk
) -> tuple[TillFeed, list[Message]]:
    """One that can't be read is a problem by itself, and its movements wait for the next."""
    read = [each for each in closings if isinstance(each, Closing)]
    registers = {each.register for each in read}
    types = {kind for closing in read for kind in closing.payment_types}

    def lacks(known: RetailReference) -> bool:
        return not (registers <= known.registers.keys() and types <= known.payment_types.keys())

    reference = await desk.reference(lacks)
    if read:
        feed = await _with_movements(till, feed, min(each.opened_at for each in read), desk.now())
    told: list[Message] = []
    for closing in closings:
        message, feed = _told(closing, feed, reference)
        if closing.closed_at is None or closing.closed_at >= desk.starts_at:
            told.append(message)
    return feed, told


def _told(closing: Closing | Unread, feed: TillFeed, reference: RetailReference) -> tuple[Message, TillFeed]:
    """What is told of a closing, and the feed after it. Pure."""
    if isinstance(closing, Closing):
        mine, left = taken(feed, closing)
        try:
            return TillClosed(till_close_of(closing, mine, reference)), left
        except Unreadable as error:
            closing = Unread(closing.id, closing.closed_at, error)
    return _problem(closing), replace(feed, last_count=closing.id)


def _problem(closing: Unread) -> SaleProblem:
    facts = (("number", str(closing.id)), ("what", f"{closing.why.field} ({closing.why.reason})"))
    return SaleProblem(
        sale_id=f"{OF_TILL}{closing.id}",
        revision=1,
        decision=1,
        problem=Problem(ProblemCode.TILL_CLOSE_UNREADABLE, facts, per_sale=("number",)),
        by="ingest",
        number=str(closing.id),
        completed_at=closing.closed_at,
    )


async def _with_movements(till: RetailTill, feed: TillFeed, since: datetime, now: datetime) -> TillFeed:
    asked = (
        {"createTime": at_least(since)}
        if feed.last_movement is None
        else {MOVEMENT_KEY: above(feed.last_movement)}
    )
    rows = await till.account.rows(MOVEMENTS, {"sort": MOVEMENT_KEY, **asked}, lane=Lane.BACKLOG)
    waiting, last = list(feed.waiting), feed.last_movement or 0
    for row in rows:
        register, movement = movement_of(row)
        if movement.moved_at > now - LAG:
            break  # others with lower ids may still be under way
        waiting.append(WaitingMovement(register, movement))
        last = int(movement.id)
    return replace(feed, waiting=tuple(waiting), last_movement=last)


def taken(feed: TillFeed, closing: Closing) -> tuple[tuple[TillMovement, ...], TillFeed]:
    """The movements that belong to the closing, and the feed without them. Pure.

    What goes in at the very moment of closing is the float of the next opening. What moved before the first
    closing that is known was opened belongs to one of before our time; later on nothing is left out.
    """
    is_first = closing.register not in feed.closed
    mine, waiting = [], []
    for each in feed.waiting:
        if each.register != closing.register or _is_after(each.movement, closing):
            waiting.append(each)
        elif not is_first or each.movement.moved_at >= closing.opened_at:
            mine.append(each.movement)
    closed = {**feed.closed, closing.register: closing.closed_at}
    return tuple(mine), replace(feed, last_count=closing.id, waiting=tuple(waiting), closed=closed)


def _is_after(movement: TillMovement, closing: Closing) -> bool:
    is_float = movement.moved_at == closing.closed_at and movement.amount > ZERO
    return movement.moved_at > closing.closed_at or is_float
