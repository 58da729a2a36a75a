"""What only one connection may have in a division: a prefix, an outlet's booking, a warehouse's stock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import count

from sqlalchemy import Column, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection
from libs.common.database.statements import insert_new
from services.portal.store import outlets_in_use, prefixes_in_use, warehouses_in_use


def collide(prefix: str, other: str) -> bool:
    """Whether the two can make the same reference: "K" and "K2" can, with receipts 21 and 1.

    So can "K-" and "K-A": numbers of Restaurant and X-Series begin with letters ("A77230.31"), and ours of
    days do.
    """
    shorter, longer = sorted((prefix, other), key=len)
    return longer.startswith(shorter)


async def prefixes_of_others(transaction: AsyncConnection, division: str, connection_id: str) -> list[str]:
    query = select(prefixes_in_use.c.prefix).where(
        prefixes_in_use.c.division == division, prefixes_in_use.c.connection_id != connection_id
    )
    return list((await transaction.execute(query)).scalars())


async def prefixes_of(transaction: AsyncConnection, division: str, connection_id: str) -> list[str]:
    """Its own, those that it had before too."""
    query = select(prefixes_in_use.c.prefix).where(
        prefixes_in_use.c.division == division, prefixes_in_use.c.connection_id == connection_id
    )
    return list((await transaction.execute(query)).scalars())


def free_prefix(taken: Collection[str]) -> str:
    """K-, or the first of K2-, K3-, ... that collides with none."""
    numbered = (_numbered(number) for number in count(1))
    return next(prefix for prefix in numbered if not any(collide(prefix, other) for other in taken))


def _numbered(number: int) -> str:
    return "K-" if number == 1 else f"K{number}-"


async def claim_prefix(
    transaction: AsyncConnection, division: str, connection: Connection, prefix: str
) -> bool:
    """False where another connection of the division has it, or had it, or one that collides with it."""
    taken = await prefixes_of_others(transaction, division, connection.id)
    if any(collide(prefix, other) for other in taken):
        return False
    mine = prefixes_in_use.c.connection_id == connection.id
    if connection.activated_at:
        mine &= (prefixes_in_use.c.division == division) & (prefixes_in_use.c.prefix == prefix)
    await transaction.execute(delete(prefixes_in_use).where(mine))
    row = {"division": division, "prefix": prefix, "connection_id": connection.id}
    claimed = insert_new(prefixes_in_use, [row], returning=[prefixes_in_use.c.prefix])
    return (await transaction.execute(claimed)).first() is not None


async def claim_outlets(
    transaction: AsyncConnection, division: str, connection: Connection, outlets: Collection[str]
) -> list[str]:
    """The outlets that another connection books into this division already; none means all are ours."""
    names = {f"{connection.source}/{connection.lightspeed_account}/{outlet}": outlet for outlet in outlets}
    taken = await _claim(transaction, outlets_in_use.c.outlet, division, connection.id, names)
    return [names[name] for name in taken]


async def claim_warehouses(
    transaction: AsyncConnection, division: str, connection: Connection, outlets: Mapping[str, str]
) -> list[str]:
    """Of outlets with their warehouses those whose stock another connection keeps in step already."""
    taken = await _claim(
        transaction, warehouses_in_use.c.warehouse, division, connection.id, set(outlets.values())
    )
    return sorted(outlet for outlet, warehouse in outlets.items() if warehouse in taken)


async def _claim(
    transaction: AsyncConnection,
    column: Column[str],
    division: str,
    connection_id: str,
    names: Collection[str],
) -> list[str]:
    """These and no others, unless another connection has some of them: those are answered."""
    table = column.table
    await transaction.execute(delete(table).where(table.c.connection_id == connection_id))
    query = select(column).where(table.c.division == division, column.in_(sorted(names)))
    taken = sorted((await transaction.execute(query)).scalars())
    if not taken and names:
        rows = [
            {"division": division, column.name: name, "connection_id": connection_id}
            for name in sorted(names)
        ]
        await transaction.execute(insert(table), rows)
    return taken
