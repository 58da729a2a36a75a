"""What a refusal is mended by without a person: another day, balance or number; else it is a problem."""

from __future__ import annotations

from datetime import date

import structlog

from libs.common.budget.lanes import Lane
from libs.common.domain.document import CashEntry, SalesEntry, SalesOrder
from libs.common.domain.problem import Problem
from libs.common.exact.errors import BadRequest, RefusalCategory, Refused
from services.exporter import cash, guard, open_days, search, trouble
from services.exporter.outcome import Again, Unknown
from services.exporter.turn import Job, Turn

log = structlog.get_logger()


async def after_refusal(turn: Turn, job: Job, refused: Refused) -> Problem | Again | Unknown:
    """Exact certainly did nothing with this POST; where its number is taken, with an earlier one perhaps."""
    if guard.is_taken(job, refused):
        return await _after_number(turn, job, refused)
    if refused.category is RefusalCategory.PERIOD_CLOSED and moves_days(job):
        day = await _open_day(turn, job)
        if day is not None:
            return Again(turn.house.now(), posted_on=day)
    if isinstance(job.document, CashEntry) and cash.is_about_balance(refused) and job.attempts < cash.TRIES:
        return Again(turn.house.now() + turn.settle)
    return _problem(job, refused)


def moves_days(job: Job) -> bool:
    return job.connection.rules.corrections.closed_period == "first-open-day"


def _problem(job: Job, refused: Refused) -> Problem:
    document = job.message.document
    holds_money = isinstance(document, SalesEntry) and document.open_amount != document.total_incl_vat
    return trouble.refusal(
        refused, day=document.day.isoformat(), reference=job.reference, holds_money=holds_money
    )


async def _after_number(turn: Turn, job: Job, refused: Refused) -> Problem | Again | Unknown:
    """Our own document, unless another is seen to have the number; the usual searches find ours."""
    holders = await search.holders_of(job.exact, job.document, guard.own_number(job) or 0)
    log.warning("number taken", reference=job.reference, by=len(holders))
    if job.attempts >= guard.MOST_ATTEMPTS:
        return _problem(job, refused)
    if not holders or job.reference in holders:
        return Unknown()
    job.number_tries += 1
    return Again(turn.house.now())


async def _open_day(turn: Turn, job: Job) -> date | None:
    """The first open day after the one that was refused; read anew where what is known doesn't say."""
    document, own_day, now = job.document, job.message.document.day, turn.house.now()
    if isinstance(document, SalesOrder):
        return None
    known = await open_days.known_days(turn.house.database, turn.division_key, now)
    day = known.day_for(document.journal, own_day)
    if day is None or day <= document.day:
        lane = Lane.BACKLOG if job.message.is_backlog else Lane.SALES
        database, exact = turn.house.database, job.exact
        try:
            known = await open_days.read_days(
                database, exact, turn.division_key, document.journal, own_day, now, lane
            )
        except BadRequest:  # a list that this division doesn't have
            return None
        day = known.day_for(document.journal, own_day)
    return day if day is not None and day > document.day else None
