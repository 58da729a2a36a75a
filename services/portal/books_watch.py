"""Looks into the books each night for what our own documents can't show: what others booked of the till's
takings, and whether gift cards, customers' accounts and clearing accounts stand as the till says.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from libs.common.budget import Postponed
from libs.common.database import registry
from libs.common.database.engine import Transaction
from libs.common.database.registry import Connection, ConnectionState
from libs.common.exact.errors import ExactError
from libs.common.lightspeed.errors import LightspeedError
from libs.common.vault import GrantBusy, GrantLost
from services.portal import notices
from services.portal.books_look import Look, look
from services.portal.context import Portal
from services.portal.kept_balances import keep_balances
from services.portal.notices import Watch

log = structlog.get_logger()

NIGHT = range(3, 7)
ZONE = ZoneInfo("Europe/Amsterdam")
EVERY = timedelta(hours=20)


async def watch_books(portal: Portal) -> None:
    """Every active connection once a night; one that can't be looked at now is an hour later."""
    if portal.now().astimezone(ZONE).hour not in NIGHT:
        return
    async with portal.database.reading() as transaction:
        live = await registry.live_connections(transaction)
    for connection in live:
        if connection.state is not ConnectionState.ACTIVE:
            continue
        turn = partial(
            notices.take_turn, connection_id=connection.id, watch=Watch.BOOKS, at=portal.now(), every=EVERY
        )
        if await portal.database.run(turn):
            await _watch(portal, connection)


async def _watch(portal: Portal, connection: Connection) -> None:
    try:
        found = await look(portal, connection)
    except (ExactError, LightspeedError, GrantBusy, GrantLost, Postponed) as error:
        log.info("books not watched", connection=connection.id, why=type(error).__name__)
        await notices.look_again_soon(portal.database, connection.id, Watch.BOOKS, portal.now(), EVERY)
        return

    async def keep(transaction: Transaction, found: Look = found) -> None:
        await notices.keep_notices(transaction, connection.id, Watch.BOOKS, found.notices)
        await keep_balances(transaction, connection.id, found.counted, found.balances, portal.now())

    await portal.database.run(keep)
