"""The mapper's table of outlets and their parts, with the short numbers that references have of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Integer, String, Table, Text, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.statements import insert_new
from libs.common.database.types import metadata
from libs.common.domain.sale import Sale

outlets = Table(
    "mapper_outlet",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("outlet", String(64), primary_key=True),
    Column("part", String(64), primary_key=True, server_default=""),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("day_end", String(5), nullable=False, server_default=""),
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """An outlet, or a register or revenue centre of one, with our short numbers, as references have them."""

    id: str
    part: str
    number: str
    """"1", or "1.2" for the second part of the first outlet."""
    name: str
    time_zone: str
    day_end: str = ""
    """The till's own, as its last new sale said; empty where it has none."""


async def keep_outlet(transaction: AsyncConnection, connection_id: str, sale: Sale, part: str) -> None:
    center, center_name = sale.revenue_center
    part_name = center_name if part and part == center else ""
    await keep_place(
        transaction, connection_id, sale.outlet, sale.outlet_name, sale.time_zone, part, part_name
    )
    if sale.day_end:
        mine = and_(outlets.c.connection_id == connection_id, outlets.c.outlet == sale.outlet)
        moved = update(outlets).where(mine, outlets.c.day_end != sale.day_end)
        await transaction.execute(moved.values(day_end=sale.day_end))


async def keep_place(
    transaction: AsyncConnection,
    connection_id: str,
    outlet: str,
    name: str,
    time_zone: str,
    part: str,
    part_name: str = "",
) -> None:
    """A new outlet, or part of one, gets the next short number of ours; the connection's turn is taken."""
    is_mine = outlets.c.connection_id == connection_id
    for one in dict.fromkeys(("", part)):
        known = select(outlets.c.number).where(is_mine, outlets.c.outlet == outlet, outlets.c.part == one)
        if (await transaction.execute(known)).first() is not None:
            continue
        among = and_(outlets.c.outlet == outlet, outlets.c.part != "") if one else outlets.c.part == ""
        highest = await transaction.execute(select(func.max(outlets.c.number)).where(is_mine, among))
        row = {
            "connection_id": connection_id,
            "outlet": outlet,
            "part": one,
            "number": (highest.scalar() or 0) + 1,
            "name": part_name or name if one else name,
            "time_zone": time_zone,
        }
        await transaction.execute(insert_new(outlets, [row]))


async def outlet_of(transaction: AsyncConnection, connection_id: str, outlet: str, part: str = "") -> Outlet:
    query = select(outlets).where(
        outlets.c.connection_id == connection_id,
        outlets.c.outlet == outlet,
        outlets.c.part.in_(["", part]),
    )
    rows = {row.part: row for row in await transaction.execute(query)}
    whole = rows[""]
    if not part:
        return Outlet(outlet, part, str(whole.number), whole.name, whole.time_zone, whole.day_end)
    name = whole.name if rows[part].name == whole.name else f"{whole.name} {rows[part].name}"
    number = f"{whole.number}.{rows[part].number}"
    return Outlet(outlet, part, number, name, whole.time_zone, whole.day_end)
