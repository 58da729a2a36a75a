"""Posts a cash entry between two balances: as the journal's last entry closed, and what its lines make of it.

Which way round a cash line's sign is meant isn't certain (reference 5.5). With both balances given, lines
under the wrong reading don't lead from one to the other, so Exact refuses them and books nothing; they are
then sent turned, and what was taken is remembered for the division. An entry that leaves the cash as it was
fits both readings: the first of a division that does is read back at once, if nothing else taught it yet.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from libs.common.budget.lanes import Lane
from libs.common.domain.document import CashEntry
from libs.common.domain.sale import ZERO
from libs.common.exact.entities import PATHS, turned, with_balances
from libs.common.exact.errors import OutcomeUnknown, RefusalCategory, Refused
from services.exporter import facts, read_back, trouble
from services.exporter.compare import Booked
from services.exporter.matching import equals
from services.exporter.turn import Job, Turn

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

TRIES = 3
"""A balance that didn't fit may be another's entry of the same moment, so it is read anew so often."""


async def post_cash_entry(turn: Turn, job: Job, entry: CashEntry, lane: Lane) -> dict[str, Any]:
    known = await _sign(turn)
    is_turned = bool(known)
    readings = (turned(job.body), job.body) if is_turned else (job.body, turned(job.body))
    try:
        row = await _post(job, readings[0], entry, lane)
        if known is None and entry.balance_change:
            await _remember(turn, is_turned)
        return row
    except Refused as refused:
        if not is_about_balance(refused) or not entry.balance_change:
            raise
    if turn.is_stale(job):
        raise OutcomeUnknown("the lease may be another's")
    row = await _post(job, readings[1], entry, lane)
    await _remember(turn, not is_turned)
    return row


def is_about_balance(refused: Refused) -> bool:
    return refused.category is RefusalCategory.NOT_BALANCED


async def _post(job: Job, body: dict[str, Any], entry: CashEntry, lane: Lane) -> dict[str, Any]:
    opening = await _last_closing(job.exact, entry.journal, lane)
    balanced = with_balances(body, opening, entry.balance_change)
    return await job.exact.post(PATHS[CashEntry], balanced, lane=lane)


async def _last_closing(exact: ExactDivision, journal: str, lane: Lane) -> Decimal:
    """Of the entry that was made last, whatever its date; a journal without any begins with nothing."""
    rows = await exact.rows(
        PATHS[CashEntry],
        select=["ClosingBalanceFC"],
        filter=equals("JournalCode", journal.strip()),
        orderby="Created desc,EntryNumber desc",
        limit=1,
        lane=lane,
    )
    return Decimal(str(rows[0]["ClosingBalanceFC"] or 0)) if rows else ZERO


async def read_first(turn: Turn, job: Job, entry: CashEntry, booked: Booked) -> Booked:
    """One that fits both readings, as it stands, before another is sent under the wrong one."""
    if entry.balance_change or not booked.number or await _sign(turn) is not None:
        return booked
    job.number = booked.number
    now, database = turn.house.now(), turn.house.database
    try:
        known = await facts.facts_of(database, job.exact, turn.division_key, now, with_cost_centers=False)
        differences = (await read_back.look([job], known, turn.without_bulk))[job.id].differences
    except trouble.CERTAINLY_NOT:  # it is read back later, as all are
        return booked
    if differences is None or read_back.BULK_LINES in turn.without_bulk:  # nothing was compared
        return booked
    is_turned = bool(differences) and all(Decimal(told) == -Decimal(meant) for _, meant, told in differences)
    if is_turned or not differences:
        await _remember(turn, is_turned)
    return replace(booked, differences=(*booked.differences, *differences))


async def _sign(turn: Turn) -> bool | None:
    """Whether lines are sent turned, as far as is known by now: the entry before may have taught it."""
    async with turn.house.database.reading() as transaction:
        return (await facts.learned(transaction, turn.division_key)).get(facts.CASH_TURNED)


async def _remember(turn: Turn, is_turned: bool) -> None:
    async with turn.house.database.transaction() as transaction:
        await facts.learn(transaction, turn.division_key, {facts.CASH_TURNED: is_turned})
