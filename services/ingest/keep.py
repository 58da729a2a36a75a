"""Keeps one page of sales: raw rows, messages and cursor, all in the caller's transaction or none of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import Backlog, SaleProblem, SaleRecorded, SalesRead
from libs.common.database.engine import Transaction
from libs.common.domain.business_day import business_day
from libs.common.domain.problem import Problem
from libs.common.domain.sale import Sale
from libs.common.lightspeed.retail_values import Unreadable, moment, number, text
from libs.common.messaging import outbox
from services.ingest import errand_store, store
from services.ingest.content import packed
from services.ingest.errand_store import BacklogWalk, Errand, Kind
from services.ingest.plan import Plan
from services.ingest.revisions import ReadSale, Verdict, verdict_on
from services.ingest.store import Cursor

LAG = timedelta(minutes=2)
"""How long a sale may be under way to the lists: the watermark stays so far behind (reference 7)."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through all pages from `since` on; it outlives the process that began it."""

    since: datetime
    started_at: datetime
    has_customers: bool

    @property
    def read_until(self) -> datetime:
        """What was changed before this is surely among the pages once the walk is done."""
        return self.started_at - LAG


async def keep_page(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    *,
    walk: Walk,
    following: str | None,
    day_end: str,
    now: datetime,
) -> Cursor:
    """A page of today's walk and the cursor behind it; the last one moves the watermark, and says so."""
    held = await store.change_held(transaction, lease, now)
    position = await _keep(transaction, held, reads, day_end, now)
    if following is not None:
        moved = {"walk_url": following, "walk_since": walk.since, "walk_started_at": walk.started_at}
        return await store.change_held(transaction, held, now, {**moved, "position": position})
    held = await store.change_held(transaction, held, now, {**_walked(held, walk), "position": position})
    await tell_read(transaction, held, now)
    return held


def _walked(held: Cursor, walk: Walk) -> dict[str, Any]:
    return {
        "walk_url": None,
        "walk_since": None,
        "walk_started_at": None,
        "watermark": max(walk.read_until, held.watermark or walk.read_until),
        "has_customers": held.has_customers and walk.has_customers,
    }


async def begin_walk(transaction: Transaction, lease: Cursor, planned: Plan, now: datetime) -> Cursor:
    """What the walk leaves behind becomes backlog, and is told, before its first page is asked for."""
    values = {"read_since": planned.read_since, "has_customers": planned.has_customers}
    if not planned.is_changed and all(getattr(lease, name) == value for name, value in values.items()):
        return lease
    held = await store.change_held(transaction, lease, now, {**values, "walk_url": None})
    if planned.is_changed and planned.backlog is not None:
        await errand_store.put(transaction, held.connection_id, Errand(Kind.BACKLOG, planned.backlog, now))
    await tell_read(transaction, held, now)
    return held


async def tell_read(transaction: Transaction, held: Cursor, now: datetime) -> None:
    """How far was read, once that is anything: while a backlog stands, no further than to its beginning."""
    if held.watermark is None:
        return
    behind = await errand_store.backlog_of(transaction, held.connection_id)
    until = held.watermark if behind is None else min(behind.since, held.watermark)
    backlog = None if behind is None else _backlog(behind, held.watermark, now)
    await _tell(transaction, held, [SalesRead(until, held.position, held.read_since, backlog)], now)


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
    errand: Errand,
    left: Errand | None,
    day_end: str,
    now: datetime,
    messages: Sequence[Message] = (),
) -> Cursor:
    """What an errand brought, and where it stands after it; None where it is over."""
    held = await store.change_held(transaction, lease, now)
    position = await _keep(transaction, held, reads, day_end, now)
    held = await store.change_held(transaction, held, now, {"position": position})
    await _tell(transaction, held, messages, now)
    if left is not None:
        await errand_store.put(transaction, held.connection_id, left)
        return held
    await errand_store.end(transaction, held.connection_id, errand.kind)
    return held


async def end_backlog(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    *,
    errand: Errand,
    has_customers: bool,
    day_end: str,
    now: datetime,
) -> Cursor:
    """Its last page: all is read from here on, and that is told."""
    held = await keep_part(transaction, lease, reads, errand=errand, left=None, day_end=day_end, now=now)
    values = {"has_customers": held.has_customers and has_customers}
    held = await store.change_held(transaction, held, now, values)
    await tell_read(transaction, held, now)
    return held


async def keep_wanted(
    transaction: Transaction,
    lease: Cursor,
    reads: Sequence[ReadSale],
    asked: Sequence[str],
    *,
    day_end: str,
    now: datetime,
) -> Cursor:
    """Single sales that were fetched again; the cursor stays, the wish is fulfilled."""
    held = await store.change_held(transaction, lease, now)
    position = await _keep(transaction, held, reads, day_end, now)
    await store.no_longer_wanted(transaction, lease.connection_id, asked)
    return await store.change_held(transaction, held, now, {"position": position})


async def _keep(
    transaction: Transaction, held: Cursor, reads: Sequence[ReadSale], day_end: str, now: datetime
) -> int:
    """Keeps what is new, tells what matters, and says the position of the last `SaleRecorded`."""
    by_id = {read.sale_id: read for read in reads}
    kept = await store.kept_sales(transaction, held.connection_id, list(by_id)) if by_id else {}
    found = [verdict_on(read, kept.get(read.sale_id)) for read in by_id.values()]
    verdicts = [verdict for verdict in found if verdict is not None]
    had_customer = {sale_id for sale_id, sale in kept.items() if sale.has_customer}
    rows = [_row(verdict, held.connection_id, now, had_customer) for verdict in verdicts]
    await store.keep_sales(transaction, rows)
    messages, position = _messages(verdicts, held.position, day_end, now)
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


def _messages(
    verdicts: Sequence[Verdict], position: int, day_end: str, now: datetime
) -> tuple[list[Message], int]:
    messages: list[Message] = []
    for verdict in verdicts:
        if not verdict.is_told:
            continue
        if isinstance(verdict.read.parsed, Problem):
            messages.append(_problem(verdict, verdict.read.parsed))
            continue
        position += 1
        messages.append(_recorded(verdict, verdict.read.parsed, position, day_end, now))
    return messages, position


def _recorded(verdict: Verdict, sale: Sale, position: int, day_end: str, now: datetime) -> SaleRecorded:
    return SaleRecorded(
        sale=sale,
        revision=verdict.revision,
        content_hash=verdict.read.content_hash,
        position=position,
        is_backlog=_is_backlog(sale, day_end, now),
    )


def _is_backlog(sale: Sale, day_end: str, now: datetime) -> bool:
    if sale.completed_at is None:
        return False
    today: date = business_day(now, sale.time_zone, day_end)
    return business_day(sale.completed_at, sale.time_zone, day_end) < today


def _problem(verdict: Verdict, problem: Problem) -> SaleProblem:
    """With as much as the payload gives away of the sale it is about."""
    payload = verdict.read.payload
    told = SaleProblem(
        sale_id=verdict.read.sale_id,
        revision=verdict.revision,
        decision=verdict.decision,
        problem=problem,
        by="ingest",
        number=text(payload, "saleID", 40),
        outlet=text(payload, "shopID", 40),
    )
    return _with_total(_with_moment(told, payload), payload)


def _with_moment(told: SaleProblem, payload: Mapping[str, Any]) -> SaleProblem:
    with suppress(Unreadable):
        return replace(told, completed_at=moment(payload, "completeTime", "timeStamp"))
    return told


def _with_total(told: SaleProblem, payload: Mapping[str, Any]) -> SaleProblem:
    with suppress(Unreadable):
        return replace(told, total_incl_vat=number(payload, "total"))
    return told
