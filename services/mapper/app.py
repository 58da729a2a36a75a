"""Wires the mapper: sales in, documents out. It touches its own tables and the bus, never a vendor."""

from __future__ import annotations

from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database import registry
from libs.common.database.registry import Connection
from libs.common.observability.loops import forever
from libs.common.service import House, Service
from services.mapper import day_store, decide, progress_store, store, till_store
from services.mapper.close_days import close_days
from services.mapper.close_tills import close_till
from services.mapper.consumers import Consumers

SALES_A_TURN = 200
SECONDS_BETWEEN_TURNS = 1.0


def build(house: House) -> Service:
    return Service(
        name="mapper",
        consumers=Consumers(house.now).handlers(),
        tasks=(
            partial(
                forever, "mapper.waiting-sales", partial(decide_waiting, house), every=SECONDS_BETWEEN_TURNS
            ),
            partial(forever, "mapper.close-days", partial(settle_days, house), every=SECONDS_BETWEEN_TURNS),
        ),
    )


async def _booked_connections(house: House) -> list[Connection]:
    async with house.database.reading() as transaction:
        live = await registry.live_connections(transaction)
    return [connection for connection in live if connection.is_booked]


async def decide_waiting(house: House) -> None:
    """Decides about sales that waited: for the switch, for mended rules, for a retry."""
    for connection in await _booked_connections(house):
        while await _has_waiting(house, connection.id):
            if not await house.database.run(partial(_decide_some, connection, house)):
                break


async def _has_waiting(house: House, connection_id: str) -> bool:
    """Asked beside the writers: what has nothing to decide stands in nobody's way."""
    async with house.database.reading() as transaction:
        return await store.has_waiting(transaction, connection_id) or bool(
            await till_store.waiting(transaction, connection_id, 1)
        )


async def _decide_some(connection: Connection, house: House, transaction: AsyncConnection) -> bool:
    """Up to a turn's worth of what waits; False where the connection is no longer switched on."""
    await progress_store.take_turn(transaction, connection.id)
    current = await registry.connection(transaction, connection.id)
    if current is None or not current.is_booked:
        return False
    waiting = await store.waiting_sales(transaction, connection.id, SALES_A_TURN)
    for kept in waiting:
        await decide.decide(transaction, current, kept, at=house.now())
    for closed in await till_store.waiting(transaction, connection.id, SALES_A_TURN):
        await close_till(transaction, current, closed, at=house.now())
    return True


async def settle_days(house: House) -> None:
    for connection in await _booked_connections(house):
        async with house.database.reading() as transaction:
            has_open_days = bool(await day_store.open_days(transaction, connection.id))
        if has_open_days:
            await house.database.run(partial(_close_days_of, connection, house))


async def _close_days_of(connection: Connection, house: House, transaction: AsyncConnection) -> None:
    await close_days(transaction, connection, at=house.now())
