"""Connections whose consent gives no token for a moment sit out: the others of the division are served.

The vault is asked again after a short pause, which costs no call: the holder of a refresh may be done, or
a person may have consented anew, long before the vault's own time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, update

from libs.common.database.engine import Transaction
from libs.common.database.registry import Connection
from libs.common.vault import GrantBusy
from services.exporter import trouble
from services.exporter.send import Stop
from services.exporter.store import OPEN, jobs
from services.exporter.turn import Turn

if TYPE_CHECKING:
    from libs.common.exact.client import ExactClient


async def with_tokens(
    turn: Turn, exact: ExactClient, served: Mapping[str, Connection]
) -> tuple[dict[str, Connection], Stop | None]:
    """Those that can call now; a stop where none can."""
    grants = sorted({connection.exact_grant_id or "" for connection in served.values()})
    answers = await asyncio.gather(*(exact.prove_token(each) for each in grants), return_exceptions=True)
    busy = {
        grant: answer for grant, answer in zip(grants, answers, strict=True) if isinstance(answer, GrantBusy)
    }
    able = {id_: each for id_, each in served.items() if each.exact_grant_id not in busy}
    if not busy:
        return able, None
    now = turn.house.now()
    until = min(trouble.back_at(answer, now, 1) for answer in busy.values())
    if not able:
        return able, Stop(until, GrantBusy.__name__)
    out = served.keys() - able.keys()
    await turn.house.database.run(lambda transaction: _sit_out(transaction, turn.division_key, out, until))
    return able, None


async def _sit_out(
    transaction: Transaction, division_key: str, connections: Collection[str], until: datetime
) -> None:
    theirs = and_(jobs.c.division_key == division_key, jobs.c.connection_id.in_(connections))
    is_open = jobs.c.state.in_([state.value for state in OPEN])
    await transaction.execute(update(jobs).where(theirs, is_open, jobs.c.due_at < until).values(due_at=until))
    await transaction.execute(update(jobs).where(theirs, jobs.c.verify_at < until).values(verify_at=until))
