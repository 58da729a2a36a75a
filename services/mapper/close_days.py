"""Settles the money of a business day once the day is over and all of it was read.

A day's settlement is what its sales should have settled less what standing settlements hold already:
for a late sale, a changed one or a withdrawn one that difference is a supplement of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import DocumentReady, Purpose
from libs.common.database.registry import Connection
from libs.common.domain.business_day import day_has_closed
from libs.common.domain.document import JournalEntry, JournalLine
from libs.common.domain.settlement import close_settlement
from libs.common.messaging import outbox
from services.mapper import day_store, store
from services.mapper.day_store import Outlet
from services.mapper.store import DocumentState, KeptDocument

A_DAY_AGO = timedelta(days=1)


async def close_days(transaction: AsyncConnection, connection: Connection, *, at: datetime) -> int:
    """Settles every day of the connection that has closed; gives how many documents that made."""
    await day_store.take_turn(transaction, connection.id)
    so_far = await day_store.read_so_far(transaction, connection.id)
    if not so_far.has_all or so_far.read_until is None or await store.has_waiting(transaction, connection.id):
        return 0
    made = 0
    for day, outlet_id in await day_store.unsettled_days(transaction, connection.id):
        outlet = await day_store.outlet_of(transaction, connection.id, outlet_id)
        if _is_over(day, so_far.read_until, outlet, connection):
            made += await _settle(transaction, connection, day, outlet, at=at)
    return made


def _is_over(day: date, read_until: datetime, outlet: Outlet, connection: Connection) -> bool:
    rules = connection.rules
    return day_has_closed(
        day, read_until, outlet.time_zone, rules.day_end, wait_minutes=rules.day_close_wait_minutes
    )


async def _settle(
    transaction: AsyncConnection, connection: Connection, day: date, outlet: Outlet, *, at: datetime
) -> int:
    await day_store.unsettle_rejected(transaction, connection.id, day, outlet.id)
    wanted = await day_store.money_of_day(transaction, connection.id, outlet.id, day)
    settled = await day_store.money_settled(transaction, connection.id, list(wanted))
    shares = {
        sale_id: [*lines, *(_taken_back(line) for line in settled.get(sale_id, ()))]
        for sale_id, lines in wanted.items()
    }
    await day_store.mark_settled(transaction, connection.id, list(wanted))
    document = await _day_document(transaction, connection, outlet, day)
    money = [line for lines in shares.values() for line in lines]
    entry = close_settlement(document.reference, day, outlet.name, money, connection.rules, outlet=outlet.id)
    if entry is None:
        return 0
    await store.keep_document(transaction, connection.id, document, outlet.id, day)
    await day_store.keep_settled(transaction, connection.id, document.id, shares)
    ready = await _ready(transaction, connection, document, entry, outlet, sorted(shares), at=at)
    await outbox.add(transaction, ready, connection_id=connection.id, at=at)
    return 1


def _taken_back(line: JournalLine) -> JournalLine:
    return replace(line, amount=-line.amount, vat_amount=-line.vat_amount)


async def _day_document(
    transaction: AsyncConnection, connection: Connection, outlet: Outlet, day: date
) -> KeptDocument:
    """The day's first settlement, one that Exact refused in a new version, or the next supplement."""
    earlier = await store.day_documents(transaction, connection.id, outlet.id, day)
    for document in earlier:
        if document.state is DocumentState.REJECTED:
            return replace(document, version=document.version + 1, state=DocumentState.READY)
    reference = f"{connection.rules.reference_prefix}S{outlet.number}-{day:%Y%m%d}"
    if earlier:
        reference += f"-{len(earlier) + 1}"
    return KeptDocument(uuid.uuid4().hex, None, reference, Purpose.DAY_SETTLEMENT, 1, DocumentState.READY)


async def _ready(
    transaction: AsyncConnection,
    connection: Connection,
    document: KeptDocument,
    entry: JournalEntry,
    outlet: Outlet,
    sale_ids: Sequence[str],
    *,
    at: datetime,
) -> DocumentReady:
    return DocumentReady(
        document_id=document.id,
        document_version=document.version,
        document=entry,
        purpose=Purpose.DAY_SETTLEMENT,
        sales=tuple(await store.sales_by_id(transaction, connection.id, sale_ids)),
        business_day=entry.day,
        outlet=outlet.id,
        division=connection.division or "",
        is_backlog=entry.day < (at - A_DAY_AGO).date(),
    )
