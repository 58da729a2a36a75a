"""A day that its till doesn't call whole: told once it is late, booked as it is if a person says so.

What it still lacks lies on a device that was offline. Most are on again at the next service, also after a
weekly closing day, and nobody expects sales of before the last 48 hours any more (reference 10): so a day is
a problem two days after its end, not before. It stays one until the till calls it whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.domain.problem import Problem, ProblemCode
from services.mapper import store
from services.mapper.day_store import OpenDay
from services.mapper.outlet_store import Outlet
from services.mapper.store import KeptDocument
from services.mapper.unmade_days import unmade_of_sale

PATIENCE = timedelta(hours=48)
AS_IT_IS = "as-it-is"
"""The family of a day's document that a person wanted without waiting any longer."""


def is_late(closed_at: datetime, at: datetime) -> bool:
    return at >= closed_at + PATIENCE


def is_wanted_as_it_is(earlier: Sequence[KeptDocument]) -> bool:
    return any(one.family == AS_IT_IS for one in earlier)


def not_whole(opened: OpenDay, outlet: Outlet) -> Problem:
    facts = (("outlet", outlet.name), ("day", f"{opened.day:%d-%m-%Y}"))
    return Problem(ProblemCode.DAY_NOT_WHOLE, facts)


async def take_as_it_is(transaction: AsyncConnection, connection_id: str, sale_id: str) -> None:
    """The days that the sale waits in and that were told as problems are waited for no longer."""
    for kept in await unmade_of_sale(transaction, connection_id, sale_id):
        await store.keep_document(transaction, connection_id, replace(kept, family=AS_IT_IS))
