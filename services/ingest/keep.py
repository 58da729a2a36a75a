"""Keeps one page of sales: raw rows, messages and cursor, all in the caller's transaction or none of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import Backlog, OutletDays, SaleProblem, SaleRecorded, SalesRead
from libs.common.database.engine import Transaction
from libs.common.domain.business_day import day_at_till
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from libs.common.lightspeed.source import Parser, Part, Walk
from libs.common.messaging import outbox
from services.ingest import errand_store, store
from services.ingest.content import packed
from services.ingest.errand_store import BACKLOG, BacklogWalk, Errand
from services.ingest.plan import Plan
from services.ingest.reading import Reading
from services.ingest.revisions import ReadSale, Verdict, verdict_on
from services.ingest.store import Cursor

Days = tuple[OutletDays, ...]


async def keep_page(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    *,
    reading: Reading,
    walk: Walk,
    part: Part,
) -> Cursor:
    """A part of today's walk and the cursor behind it; the last one moves the watermark, and says so."""
    now = reading.now()
    held = await store.change_held(transaction, lease, now)
    values = {"position": await _keep(transaction, held, reads, reading), "mark": part.mark}
    if part.days is not None:
        values["days"] = days_text(part.days)
    if not part.is_last:
        values |= {"walk_since": walk.since, "walk_started_at": walk.until}
        return await store.change_held(transaction, held, now, values)
    read_until = walk.until - reading.lag
    values |= _walked(held, read_until, has_customers=part.has_customers)
    held = await store.change_held(transaction, held, now, values)
    return await tell_read(transaction, held, now)


def _walked(held: Cursor, read_until: datetime, *, has_customers: bool) -> dict[str, Any]:
    """What was changed before `read_until` is surely among the parts once the walk is done."""
    return {
        "walk_since": None,
        "walk_started_at": None,
        "watermark": max(read_until, held.watermark or read_until),
        "has_customers": held.has_customers and has_customers,
    }


NO_WALK = {"walk_since": None, "walk_started_at": None}


async def begin_walk(transaction: Transaction, lease: Cursor, planned: Plan, now: datetime) -> Cursor:
    """What the walk leaves behind becomes backlog, and is told, before its first page is asked for."""
    values = {"read_since": planned.read_since, "has_customers": planned.has_customers}
    if not planned.is_changed and all(getattr(lease, name) == value for name, value in values.items()):
        return lease
    held = await store.change_held(transaction, lease, now, {**values, **NO_WALK})
    if planned.is_changed and planned.backlog is not None:
        await errand_store.put(transaction, held.connection_id, Errand(BACKLOG, planned.backlog, now))
    return await tell_read(transaction, held, now)


async def tell_read(transaction: Transaction, held: Cursor, now: datetime) -> Cursor:
    """How far was read, once that is anything: while a backlog stands, no further than to its beginning."""
    watermark = held.watermark
    if watermark is None:
        return held
    held = await store.change_held(transaction, held, now, {"position": held.position + 1})
    behind = await errand_store.backlog_of(transaction, held.connection_id)
    until = watermark if behind is None else min(behind.since, watermark)
    backlog = None if behind is None else _backlog(behind, watermark, now)
    read = SalesRead(until, held.position, held.read_since, backlog, days_of(held.days))
    await _tell(transaction, held, [read], now)
    return held


def _backlog(walk: BacklogWalk, watermark: datetime, now: datetime) -> Backlog:
    return Backlog(
        since=walk.since,
        until=walk.until,
        read_to=walk.read_to,
        sales=walk.sales,
        today_until=watermark,
        ends_at=walk.ends_at(now),
    )


async def keep_part(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    *,
    reading: Reading,
    errand: Errand,
    left: Errand | None,
    messages: Sequence[Message] = (),
    days: Days | None = None,
) -> Cursor:
    """What an errand brought, and where it stands after it; None where it is over."""
    now = reading.now()
    held = await store.change_held(transaction, lease, now)
    values: dict[str, Any] = {"position": await _keep(transaction, held, reads, reading)}
    is_news = days is not None and days_text(days) != held.days
    if days is not None:
        values["days"] = days_text(days)
    held = await store.change_held(transaction, held, now, values)
    await _tell(transaction, held, messages, now)
    if left is not None:
        await errand_store.put(transaction, held.connection_id, left)
    else:
        await errand_store.end(transaction, held.connection_id, errand.kind)
    return await tell_read(transaction, held, now) if is_news else held


async def end_backlog(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    *,
    reading: Reading,
    errand: Errand,
    has_customers: bool,
    days: Days | None = None,
) -> Cursor:
    """Its last page: all is read from here on, and that is told."""
    held = await keep_part(transaction, lease, reads, reading=reading, errand=errand, left=None, days=days)
    values = {"has_customers": held.has_customers and has_customers}
    held = await store.change_held(transaction, held, reading.now(), values)
    return await tell_read(transaction, held, reading.now())


async def keep_wanted(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    asked: Sequence[str],
    *,
    reading: Reading,
) -> Cursor:
    """Single sales that were fetched again; the cursor stays, the wish is fulfilled."""
    held = await store.change_held(transaction, lease, reading.now())
    position = await _keep(transaction, held, reads, reading)
    await store.no_longer_wanted(transaction, lease.connection_id, asked)
    return await store.change_held(transaction, held, reading.now(), {"position": position})


async def _keep(transaction: Transaction, held: Cursor, reads: Sequence[ReadSale], reading: Reading) -> int:
    """Keeps what is new, tells what matters, and says how many messages that makes."""
    now = reading.now()
    by_id = {read.sale_id: read for read in reads}
    kept = await store.kept_sales(transaction, held.connection_id, list(by_id)) if by_id else {}
    tells_open = reading.rules.open_payments
    found = [
        verdict_on(read, kept.get(read.sale_id), books_open_payments=tells_open) for read in by_id.values()
    ]
    verdicts = [verdict for verdict in found if verdict is not None]
    had_customer = {sale_id for sale_id, sale in kept.items() if sale.has_customer}
    rows = [_row(verdict, held.connection_id, now, had_customer) for verdict in verdicts]
    await store.keep_sales(transaction, rows)
    messages, position = _messages(verdicts, held.position, reading)
    await _tell(transaction, held, messages, now)
    return position


async def _tell(transaction: Transaction, held: Cursor, messages: Sequence[Message], now: datetime) -> None:
    await outbox.add_all(transaction, messages, connection_id=held.connection_id, at=now)


def _row(verdict: Verdict, connection_id: str, now: datetime, had_customer: set[str]) -> dict[str, Any]:
    read = verdict.read
    return {
        "connection_id": connection_id,
        "sale_id": read.sale_id,
        "revision": verdict.revision,
        "decision": verdict.decision,
        "content_hash": read.content_hash,
        "state": read.state,
        "has_customer": read.has_customer or read.sale_id in had_customer,
        "payload": packed(read.payload),
        "changed_at": read.changed_at,
        "first_seen_at": now,
        "read_at": now,
    }


def _messages(verdicts: Sequence[Verdict], position: int, reading: Reading) -> tuple[list[Message], int]:
    messages: list[Message] = []
    for verdict in verdicts:
        if not verdict.is_told:
            continue
        if isinstance(verdict.read.parsed, Problem):
            messages.append(_problem(verdict, verdict.read.parsed, reading.source.parser))
            continue
        position += 1
        messages.append(_recorded(verdict, verdict.read.parsed, position, reading))
    return messages, position


def _recorded(verdict: Verdict, sale: Sale, position: int, reading: Reading) -> SaleRecorded:
    return SaleRecorded(
        sale=sale,
        revision=verdict.revision,
        content_hash=verdict.read.content_hash,
        position=position,
        is_backlog=_is_backlog(sale, reading.rules, reading.now()),
    )


def _is_backlog(sale: Sale, rules: Rules, now: datetime) -> bool:
    if sale.completed_at is None:
        return False
    return day_at_till(sale.completed_at, sale, rules) < day_at_till(now, sale, rules)


def _problem(verdict: Verdict, problem: Problem, parser: Parser) -> SaleProblem:
    """With as much as the payload gives away of the sale it is about."""
    glimpse = parser.glimpse(verdict.read.payload)
    return SaleProblem(
        sale_id=verdict.read.sale_id,
        revision=verdict.revision,
        decision=verdict.decision,
        problem=problem,
        by="ingest",
        number=glimpse.number,
        outlet=glimpse.outlet,
        completed_at=glimpse.completed_at,
        total_incl_vat=glimpse.total_incl_vat,
    )


@cache
def _days_adapter() -> TypeAdapter[Days]:
    return TypeAdapter(Days)


def days_text(days: Days) -> str:
    return _days_adapter().dump_json(days).decode()


def days_of(text: str | None) -> Days:
    return _days_adapter().validate_json(text) if text else ()
