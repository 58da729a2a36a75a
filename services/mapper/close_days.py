"""Makes the document of a business day once the day is over and all of it was read.

A day's document holds the shares that wait in it: of sales of that day, and of sales that were changed on it
after their own day had its document. Shares that come to a day later are a supplement of their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentReady, Purpose, SaleShare, TurnoverPart
from libs.common.database.registry import Connection
from libs.common.domain.business_day import day_closes_at, day_has_closed, day_is_posted_at, ends_at
from libs.common.domain.day_total import day_documents, day_settlement, turnover_by_code
from libs.common.domain.document import Document, JournalLine
from libs.common.domain.problem import Problem
from libs.common.domain.reconcile import payments_in, payments_on
from libs.common.domain.rules import Rules
from libs.common.messaging import outbox
from services.mapper import day_store, outlet_store, progress_store, store
from services.mapper.day_store import OpenDay
from services.mapper.lacking_days import AS_IT_IS, is_late, is_wanted_as_it_is, not_whole
from services.mapper.outlet_store import Outlet
from services.mapper.progress_store import ReadSoFar
from services.mapper.store import DocumentState, KeptDocument
from services.mapper.unmade_days import tell_unmade, unmade
from services.mapper.withdrawn_days import withdraw

A_DAY = timedelta(days=1)
Shares = Mapping[str, Sequence[JournalLine]]
"""The lines of each sale, by its id."""


async def close_days(transaction: AsyncConnection, connection: Connection, *, at: datetime) -> int:
    """Makes the documents of every day that has closed; gives how many."""
    await progress_store.take_turn(transaction, connection.id)
    so_far = await progress_store.read_so_far(transaction, connection.id)
    if not so_far.has_all or await store.has_waiting(transaction, connection.id):
        return 0
    made = 0
    for opened in await day_store.open_days(transaction, connection.id):
        outlet = await outlet_store.outlet_of(
            transaction, connection.id, opened.place.outlet, opened.place.part
        )
        if _is_over(opened.day, so_far, outlet, connection.rules, at):
            made += await _close_whole(transaction, connection, opened, outlet, so_far, at=at)
    return made


async def _close_whole(
    transaction: AsyncConnection,
    connection: Connection,
    opened: OpenDay,
    outlet: Outlet,
    so_far: ReadSoFar,
    *,
    at: datetime,
) -> int:
    """A day that its till doesn't call whole waits, and after a while is told as a problem."""
    rules, day = connection.rules, opened.day
    till_days = {day} if rules.day_end == "till" else {day - A_DAY, day}
    closed_at = day_closes_at(day, outlet.time_zone, ends_at(rules, outlet.day_end))
    if so_far.is_whole(outlet.id, till_days, closed_at):
        return await _close(transaction, connection, opened, outlet, at=at)
    if not so_far.lacks(outlet.id, till_days) or not is_late(closed_at, at):
        return 0
    problem = not_whole(opened, outlet)
    return await _close(transaction, connection, opened, outlet, at=at, unless_taken=problem)


def _is_over(day: date, so_far: ReadSoFar, outlet: Outlet, rules: Rules, at: datetime) -> bool:
    """Over by the clock, read to its end, and late enough in the morning for its document."""
    ends = ends_at(rules, outlet.day_end)
    if at < day_is_posted_at(day, outlet.time_zone, ends, rules.post_at):
        return False
    begins = day_closes_at(day - A_DAY, outlet.time_zone, ends)
    read_until = so_far.read_until
    if so_far.today_since is not None and begins >= so_far.today_since:
        read_until = so_far.today_until
    if read_until is None or (so_far.read_since is not None and begins < so_far.read_since):
        return False
    wait = rules.day_close_wait_minutes
    return day_has_closed(day, read_until, outlet.time_zone, ends, wait_minutes=wait)


async def _close(
    transaction: AsyncConnection,
    connection: Connection,
    opened: OpenDay,
    outlet: Outlet,
    *,
    at: datetime,
    unless_taken: Problem | None = None,
) -> int:
    """`unless_taken` stands in the way of the document, unless a person took the day as it is."""
    if not await day_store.shares_of_day(transaction, connection.id, opened):
        return 0
    earlier = await store.day_documents(transaction, connection.id, outlet.id, outlet.part, opened.day)
    refused = [one for one in earlier if one.purpose is opened.place.purpose and _is_refused(one)]
    if refused:
        await day_store.reopen(transaction, connection.id, [one.day_share or "" for one in refused])
    shares = await day_store.shares_of_day(transaction, connection.id, opened)
    count = len({one.reference for one in earlier if one.purpose is opened.place.purpose})
    reference = refused[0].reference if refused else _reference(connection.rules, opened, outlet, count)
    is_taken = is_wanted_as_it_is(earlier)
    stands_in_the_way = None if is_taken else unless_taken
    currency = await _currency_of(transaction, connection, shares)
    documents = stands_in_the_way or _documents(reference, opened, outlet, shares, connection, currency)
    if isinstance(documents, Problem):
        kept = refused[0] if refused else unmade(opened, outlet, reference)
        await tell_unmade(transaction, connection, kept, shares, documents, at=at)
        return 0
    holder = _holder_of_payments(documents)
    day_share = uuid.uuid4().hex
    await day_store.settle(transaction, connection.id, opened, day_share)
    after: str | None = None
    made: set[str] = set()
    for document in documents:
        purpose = Purpose.DAY_SETTLEMENT if after else opened.place.purpose
        old = next((one for one in earlier if _is_refused(one) and _is_same(one, document, purpose)), None)
        kept = _kept(document, purpose, opened, outlet, day_share, old)
        if is_taken:
            kept = replace(kept, family=AS_IT_IS)
        await store.keep_document(transaction, connection.id, kept)
        brought = _brought(kept, shares, connection.rules, has_payments=document is holder)
        ready = await _ready(transaction, connection, kept, document, shares, brought, after, at=at)
        await outbox.add(transaction, ready, connection_id=connection.id, at=at)
        after = kept.id
        made.add(kept.id)
    for one in refused:
        if one.id not in made and one.state is DocumentState.REJECTED:
            await withdraw(transaction, connection.id, one, at=at)
    return len(documents)


def _is_refused(document: KeptDocument) -> bool:
    """Certainly not in the books: its reference is free for the same document in a new version."""
    return document.state in (DocumentState.REJECTED, DocumentState.WITHDRAWN)


def _is_same(kept: KeptDocument, document: Document, purpose: Purpose) -> bool:
    """One that couldn't be made has no content."""
    is_alike = kept.purpose is purpose if kept.content is None else kept.content.kind is document.kind
    return is_alike and kept.reference == document.reference


def _reference(rules: Rules, opened: OpenDay, outlet: Outlet, earlier: int) -> str:
    letter = "D" if opened.place.purpose is Purpose.DAY_TOTAL else "S"
    supplement = f"-{earlier + 1}" if earlier else ""
    return f"{rules.reference_prefix}{letter}{outlet.number}-{opened.day:%Y%m%d}{supplement}"


async def _currency_of(transaction: AsyncConnection, connection: Connection, shares: Shares) -> str:
    """That of the books, in which every sale is; where it isn't known, the till's."""
    if connection.books.currency or not shares:
        return connection.books.currency
    kept = await store.kept_sale(transaction, connection.id, next(iter(shares)))
    return "" if kept is None else kept.sale.currency


def _documents(
    reference: str, opened: OpenDay, outlet: Outlet, shares: Shares, connection: Connection, currency: str
) -> tuple[Document, ...] | Problem:
    lines = [line for of_sale in shares.values() for line in of_sale]
    about = (reference, opened.day, outlet.name, lines, connection.rules)
    if opened.place.purpose is Purpose.DAY_TOTAL:
        return day_documents(*about, outlet=outlet.id, books=connection.books, currency=currency)
    return day_settlement(*about, outlet=outlet.id, currency=currency)


def _kept(
    document: Document,
    purpose: Purpose,
    opened: OpenDay,
    outlet: Outlet,
    day_share: str,
    old: KeptDocument | None,
) -> KeptDocument:
    new = KeptDocument(
        id=uuid.uuid4().hex,
        sale_id=None,
        reference=document.reference,
        purpose=purpose,
        version=1,
        state=DocumentState.READY,
        content=document,
        outlet=outlet.id,
        part=outlet.part,
        day=opened.day,
        day_share=day_share,
    )
    return new if old is None else replace(new, id=old.id, version=old.version + 1)


async def _ready(
    transaction: AsyncConnection,
    connection: Connection,
    kept: KeptDocument,
    document: Document,
    shares: Shares,
    brought: tuple[SaleShare, ...],
    after: str | None,
    *,
    at: datetime,
) -> DocumentReady:
    content: Any = document
    return DocumentReady(
        document_id=kept.id,
        document_version=kept.version,
        document=content,
        purpose=kept.purpose,
        sales=tuple(await store.sales_by_id(transaction, connection.id, sorted(shares))),
        business_day=document.day,
        outlet=kept.outlet,
        division=connection.division or "",
        after=after,
        is_backlog=document.day < (at - A_DAY).date(),
        shares=brought,
    )


def _holder_of_payments(documents: Sequence[Document]) -> Document | None:
    """The one that settles the day; cash stands on no line of its own in a cash entry."""
    with_money = (document for document in documents if payments_in(document))
    return next(with_money, next(iter(documents), None))


def _brought(
    kept: KeptDocument, shares: Shares, rules: Rules, *, has_payments: bool
) -> tuple[SaleShare, ...]:
    """By each sale."""
    is_total = kept.purpose is Purpose.DAY_TOTAL
    return tuple(
        SaleShare(
            sale_id,
            _turnover(lines, rules) if is_total else (),
            payments_on(lines) if has_payments else (),
        )
        for sale_id, lines in sorted(shares.items())
    )


def _turnover(lines: Sequence[JournalLine], rules: Rules) -> tuple[TurnoverPart, ...]:
    sums = turnover_by_code(lines, rules)
    return tuple(TurnoverPart(code, gross, vat) for code, (gross, vat) in sorted(sums.items()))
