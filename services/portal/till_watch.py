"""Holds every day against the till's own reports, each night: an independent source for what was sold.

Days are looked at on three nights, once a week those of a month, and those that differed until they don't.
Four calls to the till a night.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.budget import Postponed
from libs.common.contracts.sales import SalesRead
from libs.common.database import registry
from libs.common.database.registry import Connection, ConnectionState
from libs.common.domain.sale import ZERO, Sale
from libs.common.domain.till_control import (
    ControlDifference,
    Place,
    control_differences,
    totals_of,
)
from libs.common.lightspeed.errors import LightspeedError, NoRight
from libs.common.lightspeed.sources import SOURCES
from libs.common.vault import GrantBusy, GrantLost
from services.portal import how_far, notices, sale_queries
from services.portal.context import Portal
from services.portal.notice_codes import NoticeCode
from services.portal.notices import Notice, Watch
from services.portal.store import contents, sales

log = structlog.get_logger()

A_DAY = timedelta(days=1)
NIGHT = range(3, 7)
"""Hours of the clock at which the tills rest."""
ZONE = ZoneInfo("Europe/Amsterdam")
EVERY = timedelta(hours=20)
NIGHTS, MONTH = 3, 31
MONDAY = 0


async def watch_tills(portal: Portal) -> None:
    """Every active connection once a night; one that can't be asked now is asked an hour later."""
    if portal.now().astimezone(ZONE).hour not in NIGHT:
        return
    async with portal.database.reading() as transaction:
        live = await registry.live_connections(transaction)
    for connection in live:
        if (
            connection.state is not ConnectionState.ACTIVE
            or SOURCES[connection.source].control.totals is None
        ):
            continue
        turn = partial(
            notices.take_turn,
            connection_id=connection.id,
            watch=Watch.TILL,
            at=portal.now(),
            every=EVERY,
        )
        if await portal.database.run(turn):
            await _watch(portal, connection)


async def _watch(portal: Portal, connection: Connection) -> None:
    try:
        found = await look(portal, connection)
    except NoRight:
        found = [Notice(NoticeCode.TILL_REPORTS_UNREADABLE, "", {})]
    except (LightspeedError, GrantBusy, GrantLost, Postponed) as error:
        log.info("till not watched", connection=connection.id, why=type(error).__name__)
        await notices.look_again_soon(portal.database, connection.id, Watch.TILL, portal.now(), EVERY)
        return
    await portal.database.run(
        lambda transaction: notices.keep_notices(transaction, connection.id, Watch.TILL, found)
    )


async def look(portal: Portal, connection: Connection) -> list[Notice]:
    """What differs by now."""
    today = portal.now().astimezone(ZONE).date()
    async with portal.database.reading() as transaction:
        earlier = await notices.found_by(transaction, connection.id, Watch.TILL)
        read = await how_far.sales_read(transaction, connection.id)
    days = _days(connection, today, read, earlier)
    read_totals = SOURCES[connection.source].control.totals
    if not days or read_totals is None:
        return []
    till = await read_totals(portal.till_of(connection), min(days), max(days))
    async with portal.database.reading() as transaction:
        known = await _sales_around(transaction, connection.id, min(days), max(days))
        unreadable = await _unreadable(transaction, connection.id, min(days), max(days))
    names = _names(known)
    found = control_differences(till, totals_of(known), unreadable, days)
    return [_notice(difference, names) for difference in found]


def _days(
    connection: Connection, today: date, read: SalesRead | None, earlier: Iterable[Notice]
) -> list[date]:
    """Whole days that were read from their begin to their end."""
    back = MONTH if today.weekday() == MONDAY else NIGHTS
    wanted = {today - A_DAY * number for number in range(1, back + 1)}
    wanted |= {date.fromisoformat(notice.facts["day"]) for notice in earlier if "day" in notice.facts}
    starts = connection.rules.start_date or today
    return sorted(day for day in wanted if day >= starts and _was_read(day, read))


def _was_read(day: date, read: SalesRead | None) -> bool:
    begins, ends = (datetime.combine(each, time(), ZONE) for each in (day, day + A_DAY))
    return how_far.has_read(read, begins, ends)


async def _sales_around(
    transaction: AsyncConnection, connection_id: str, since: date, until: date
) -> list[Sale]:
    query = (
        select(contents.c.sale)
        .join(
            sales,
            (sales.c.connection_id == contents.c.connection_id) & (sales.c.sale_id == contents.c.sale_id),
        )
        .where(
            sales.c.connection_id == connection_id,
            sales.c.completed_at >= datetime.combine(since - A_DAY, time(), ZONE),
            sales.c.completed_at < datetime.combine(until + 2 * A_DAY, time(), ZONE),
        )
    )
    texts = (await transaction.execute(query)).scalars().all()
    return await asyncio.to_thread(sale_queries.sales_in, texts)


async def _unreadable(
    transaction: AsyncConnection, connection_id: str, since: date, until: date
) -> dict[Place, Decimal]:
    """Sales that are problems because they can't be read: what is known of them is their total."""
    query = (
        select(sales.c.outlet, sales.c.completed_at, sales.c.total_cents)
        .outerjoin(
            contents,
            (sales.c.connection_id == contents.c.connection_id) & (sales.c.sale_id == contents.c.sale_id),
        )
        .where(
            sales.c.connection_id == connection_id,
            contents.c.sale_id.is_(None),
            sales.c.completed_at >= datetime.combine(since, time(), ZONE),
            sales.c.completed_at < datetime.combine(until + A_DAY, time(), ZONE),
        )
    )
    found: dict[Place, Decimal] = {}
    for row in await transaction.execute(query):
        place = (row.outlet, row.completed_at.astimezone(ZONE).date())
        found[place] = found.get(place, ZERO) + Decimal(row.total_cents or 0).scaleb(-2)
    return found


def _names(known: Sequence[Sale]) -> dict[str, str]:
    """Of outlets and payment types, as sales name them."""
    outlets = {f"outlet {sale.outlet}": sale.outlet_name for sale in known}
    types = {payment.type_id: payment.type_name for sale in known for payment in sale.payments}
    return outlets | types


def _notice(difference: ControlDifference, names: Mapping[str, str]) -> Notice:
    outlet = names.get(f"outlet {difference.outlet}") or difference.outlet
    facts = {
        "day": difference.day.isoformat(),
        "outlet": outlet,
        "till": _money(difference.till),
        "read": _money(difference.read),
        "difference": _money(difference.till - difference.read),
    }
    subject = f"{difference.outlet} {difference.day}"
    if difference.payment_type is None:
        return Notice(NoticeCode.TILL_TURNOVER_DIFFERS, subject, facts)
    name = names.get(difference.payment_type) or difference.payment_type
    return Notice(
        NoticeCode.TILL_PAYMENTS_DIFFER, f"{subject} {difference.payment_type}", facts | {"name": name}
    )


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"
