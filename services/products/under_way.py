"""Which articles were sold and may not stand in Exact yet: from messages, so that no count brings them back.

A sale is under way from when it was read until it is booked, or is known to book nothing; its revisions
decide, whatever order the messages come in.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from libs.common.contracts.documents import DocumentBooked
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleRecorded, SalesRead
from libs.common.database import registry
from libs.common.database.engine import Transaction
from libs.common.database.registry import Connection
from libs.common.database.statements import insert_new
from libs.common.domain.document import DocumentKind
from libs.common.domain.rules import Mode
from libs.common.domain.sale import Sale
from libs.common.service import Handler, House
from services.products.store import readings, sales

KEPT_FOR = timedelta(days=30)
"""How long a sale that is settled is remembered: a message about it can't be older."""
NO_ITEM = "0"


def handlers(house: House) -> dict[str, Handler]:
    return {
        SaleRecorded.type: partial(record, house),
        SalesRead.type: note_read,
        DocumentBooked.type: partial(settle_booked, house),
        SaleIgnored.type: partial(settle_decided, house, SaleIgnored),
        SaleMapped.type: partial(settle_decided, house, SaleMapped),
    }


async def _is_asked_for(transaction: Transaction, connection_id: str) -> bool:
    connection = await registry.connection(transaction, connection_id)
    return connection is not None and (_moves_stock(connection) or not connection.is_booked)


def _moves_stock(connection: Connection) -> bool:
    """Orders alone do in Exact, which may be chosen to give the till its stock any time."""
    return connection.rules.mode is Mode.ORDERS


async def record(house: House, transaction: Transaction, envelope: Envelope) -> None:
    message, connection = message_in(envelope, SaleRecorded), envelope.connection_id
    await _count(transaction, connection)
    if not await _is_asked_for(transaction, connection):
        return
    sale = message.sale
    row = await _row_of(transaction, connection, sale.id, house.now())
    if row.recorded < message.revision:
        articles = sorted({line.item for line in sale.lines if line.item != NO_ITEM})
        changes = {"recorded": message.revision, "articles": json.dumps(articles), "sold_on": _day_of(sale)}
        await _change(transaction, connection, sale.id, house.now(), **changes)


def _day_of(sale: Sale) -> date | None:
    moment = sale.completed_at
    return None if moment is None else moment.astimezone(ZoneInfo(sale.time_zone)).date()


async def _count(transaction: Transaction, connection_id: str) -> None:
    """Of what ingest tells, each message once."""
    await transaction.execute(insert_new(readings, [{"connection_id": connection_id, "seen": 0}]))
    mine = update(readings).where(readings.c.connection_id == connection_id)
    await transaction.execute(mine.values(seen=readings.c.seen + 1))


async def note_read(transaction: Transaction, envelope: Envelope) -> None:
    """Holds where all that was told before it has come here; else the next one says so."""
    message = message_in(envelope, SalesRead)
    await _count(transaction, envelope.connection_id)
    mine = readings.c.connection_id == envelope.connection_id
    statement = update(readings).where(mine, readings.c.seen >= message.position)
    await transaction.execute(statement.values(sold_until=message.read_until))


async def sold_until(transaction: Transaction, connection_id: str) -> datetime | None:
    """Every sale of before was seen."""
    query = select(readings.c.sold_until).where(readings.c.connection_id == connection_id)
    found: datetime | None = (await transaction.execute(query)).scalar_one_or_none()
    return found


async def settle_booked(house: House, transaction: Transaction, envelope: Envelope) -> None:
    message = message_in(envelope, DocumentBooked)
    if message.kind is not DocumentKind.SALES_ORDER:
        return
    if await _is_asked_for(transaction, envelope.connection_id):
        for sale in message.sales:
            await _settle(transaction, envelope.connection_id, sale.sale_id, sale.revision, house.now())


async def settle_decided(
    house: House, kind: type[SaleIgnored] | type[SaleMapped], transaction: Transaction, envelope: Envelope
) -> None:
    message = message_in(envelope, kind)
    if await _is_asked_for(transaction, envelope.connection_id):
        await _settle(transaction, envelope.connection_id, message.sale_id, message.revision, house.now())


async def _settle(
    transaction: Transaction, connection_id: str, sale_id: str, revision: int, now: datetime
) -> None:
    row = await _row_of(transaction, connection_id, sale_id, now)
    if row.settled < revision:
        await _change(transaction, connection_id, sale_id, now, settled=revision)


async def _row_of(transaction: Transaction, connection_id: str, sale_id: str, now: datetime) -> Any:
    """The sale's row, locked; a new one where there is none yet."""
    key = {"connection_id": connection_id, "sale_id": sale_id}
    new = {**key, "recorded": 0, "settled": 0, "articles": "[]", "changed_at": now}
    await transaction.execute(insert_new(sales, [new]))
    mine = (sales.c.connection_id == connection_id, sales.c.sale_id == sale_id)
    return (await transaction.execute(select(sales).where(*mine).with_for_update())).one()


async def _change(
    transaction: Transaction, connection_id: str, sale_id: str, now: datetime, **values: Any
) -> None:
    mine = (sales.c.connection_id == connection_id, sales.c.sale_id == sale_id)
    await transaction.execute(update(sales).where(*mine).values(changed_at=now, **values))


async def articles_under_way(
    transaction: Transaction, connection_id: str, start: date | None
) -> frozenset[str]:
    """Their ids at the till; nothing older than the start date is ever booked."""
    query = select(sales.c.articles, sales.c.sold_on).where(
        sales.c.connection_id == connection_id, sales.c.recorded > sales.c.settled
    )
    rows = await transaction.execute(query)
    counted = [row.articles for row in rows if start is None or row.sold_on is None or row.sold_on >= start]
    return frozenset(article for articles in counted for article in json.loads(articles))


async def forget_old(transaction: Transaction, connection: Connection, now: datetime) -> None:
    """Of a connection that is switched on; all, where they move nothing in Exact."""
    statement = delete(sales).where(sales.c.connection_id == connection.id)
    if _moves_stock(connection):
        is_over = sales.c.recorded <= sales.c.settled
        statement = statement.where(is_over, sales.c.changed_at < now - KEPT_FOR)
    await transaction.execute(statement)
