"""Leases of divisions: one process serves a division at a time, and who lost it writes nothing more.

The number rises with each owner; it is checked in the transaction that marks a job before its POST.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, String, Table, Text, and_, or_, select, update

from libs.common.database.engine import Transaction
from libs.common.database.statements import insert_new
from libs.common.database.types import UtcDateTime, metadata

leases = Table(
    "exporter_lease",
    metadata,
    Column("division_key", String(160), primary_key=True),
    Column("owner", String(40)),
    Column("until", UtcDateTime, nullable=False),
    Column("number", Integer, nullable=False),
    Column("aside_until", UtcDateTime),
    Column("aside_reason", Text),
)


class Fenced(Exception):
    """The lease is another's by now: stop, and leave everything to the new owner."""


async def hold(
    transaction: Transaction, division_key: str, owner: str, number: int, now: datetime, until: datetime
) -> None:
    """The fence: renews the lease in the transaction that marks a job, or raises Fenced."""
    mine = and_(
        leases.c.division_key == division_key,
        leases.c.owner == owner,
        leases.c.number == number,
        leases.c.until > now,
    )
    renewed = await transaction.execute(update(leases).where(mine).values(until=until))
    if renewed.rowcount != 1:
        raise Fenced(division_key)


async def take(
    transaction: Transaction, division_key: str, owner: str, now: datetime, until: datetime
) -> int | None:
    """The fencing number, one above the last; None where another holds it or the division is set aside."""
    query = select(leases).where(leases.c.division_key == division_key).with_for_update()
    lease = (await transaction.execute(query)).one_or_none()
    if lease is None:
        first = {"division_key": division_key, "owner": owner, "until": until, "number": 1}
        new = insert_new(leases, [first], returning=[leases.c.number])
        return (await transaction.execute(new)).scalar_one_or_none()  # None: another was first
    if lease.owner is not None and lease.until > now:
        return None
    if lease.aside_until is not None and lease.aside_until > now:
        return None
    mine = and_(leases.c.division_key == division_key, leases.c.number == lease.number)
    values = {"owner": owner, "until": until, "number": lease.number + 1, "aside_until": None}
    await transaction.execute(update(leases).where(mine).values(**values, aside_reason=None))
    return int(lease.number) + 1


async def release(
    transaction: Transaction,
    division_key: str,
    owner: str,
    number: int,
    *,
    aside_until: datetime | None = None,
    reason: str = "",
) -> None:
    mine = and_(leases.c.division_key == division_key, leases.c.owner == owner, leases.c.number == number)
    values = {"owner": None, "aside_until": aside_until, "aside_reason": reason or None}
    await transaction.execute(update(leases).where(mine).values(**values))


async def end_all(transaction: Transaction) -> None:
    await transaction.execute(update(leases).values(owner=None, number=leases.c.number + 1))


def is_free(now: datetime) -> Any:
    """For an outer join of leases: nobody holds the division, and it isn't set aside."""
    unheld = or_(leases.c.owner.is_(None), leases.c.until <= now)
    ready = or_(leases.c.aside_until.is_(None), leases.c.aside_until <= now)
    return or_(leases.c.division_key.is_(None), and_(unheld, ready))
