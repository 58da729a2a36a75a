"""Reads back what was booked, many documents a call, and compares it with what was meant.

An answer to a POST is what Exact says; the ledger is what it did. For entries, journals and printed
invoices the sum of each ledger and of the VAT is compared, for orders and open invoices the header. What
isn't found is looked for once more before it is a problem. What is one already is one no more as soon as
it stands as it should (mended.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Row

from libs.common.database.engine import Transaction
from libs.common.domain.document import SalesInvoice
from libs.common.domain.problem import Problem
from libs.common.messaging import outbox
from services.exporter import answers, mended, read_back, reading, store, trouble
from services.exporter.compare import Booked
from services.exporter.facts import facts_of
from services.exporter.ledger_check import Seen
from services.exporter.lines import changed_since, difference_problem
from services.exporter.store import JobState, jobs
from services.exporter.turn import Job, Turn

ENOUGH = 200
AT_ONCE = 1000
QUIET = timedelta(minutes=5)
TRIES = 2


async def due(transaction: Transaction, division_key: str, now: datetime) -> list[Row[Any]]:
    """Enough documents at once, or few that have waited long; an empty list means: not yet."""
    ripe = [jobs.c.division_key == division_key, jobs.c.verify_at <= now]
    counted = select(func.count(), func.min(jobs.c.verify_at)).where(*ripe)
    count, oldest = (await transaction.execute(counted)).one()
    if not count or (count < ENOUGH and oldest > now - QUIET):
        return []
    query = select(jobs).where(*ripe).order_by(jobs.c.id).limit(AT_ONCE)
    return list(await transaction.execute(query))


async def verify_jobs(turn: Turn, booked: Sequence[Job]) -> None:
    if not booked:
        return
    facts = await facts_of(
        turn.house.database,
        booked[0].exact,
        turn.division_key,
        turn.house.now(),
        with_cost_centers=False,
    )
    told = {job.id: job.number for job in booked}
    seen = await mended.find_again([job for job in booked if job.problem is not None or _lacks_number(job)])
    seen |= await read_back.look([job for job in booked if job.id not in seen], facts, turn.without_bulk)
    counted = dict(turn.lines.different)

    async def step(transaction: Transaction) -> None:
        turn.lines.different = dict(counted)  # a transaction that is run again begins anew
        await turn.hold(transaction)
        await _keep(turn, transaction, booked, seen, told)

    await turn.house.database.run(step)


def _lacks_number(job: Job) -> bool:
    """The answer to its POST held the key alone (reference 4.1); an invoice is found by its key."""
    return not job.number and not isinstance(job.document, SalesInvoice)


async def verify_when_calls_are_left(turn: Turn, booked: Sequence[Job]) -> None:
    """Else it waits by itself: sales don't wait for it."""
    try:
        await verify_jobs(turn, booked)
    except trouble.LIMITS as limit:
        now = turn.house.now()
        until = trouble.back_at(limit, now, 1)
        if not trouble.outlasts_the_minute(until, now):
            raise
        mine = jobs.c.id.in_([job.id for job in booked])
        await turn.house.database.run(
            lambda transaction: transaction.execute(update(jobs).where(mine).values(verify_at=until))
        )


async def _keep(
    turn: Turn,
    transaction: Transaction,
    booked: Sequence[Job],
    seen: Mapping[int, Seen],
    told: Mapping[int, str],
) -> None:
    """`told` are the numbers that were known before."""
    now = turn.house.now()
    right = [job for job in booked if seen.get(job.id, read_back.NOT_FOUND).differences == ()]
    good = [job.id for job in right if job.problem is None]
    for start in range(0, len(good), 500):
        chosen = jobs.c.id.in_(good[start : start + 500])
        await transaction.execute(update(jobs).where(chosen).values(verify_at=None, verified_at=now))
    for job in booked:
        what = seen.get(job.id, read_back.NOT_FOUND)
        if job.problem is not None:
            await _keep_again(transaction, job, job.problem, what, now)
        elif what.differences is None and job.verify_tries + 1 < TRIES:
            later = {"verify_tries": job.verify_tries + 1, "verify_at": now + QUIET}
            await store.change(transaction, job.id, JobState.BOOKED, **later)
        elif what.differences != ():
            await _tell_different(turn, transaction, job, what, now)
        else:
            if job.verified_at is None:
                await turn.lines.begin_anew(transaction, job.connection.id, job.message.document.kind, now)
            if what.number and what.number != told[job.id]:
                await _tell_number(transaction, job, what.number, now)


async def _tell_different(turn: Turn, transaction: Transaction, job: Job, what: Seen, now: datetime) -> None:
    differences = what.differences if what.differences is not None else (("reference", job.reference, ""),)
    booked = Booked(job.exact_id or "", what.number or job.number, job.amount, differences)
    was_right = job.verified_at is not None
    problem = (
        changed_since(job.reference, booked.number, what.differences)
        if was_right
        else difference_problem(job.reference, booked)
    )
    values = {"verify_at": None, "verified_at": now, "problem": reading.problem_text(problem)}
    await store.change(transaction, job.id, JobState.BOOKED, **values)
    rejected = answers.document_rejected(job.message, problem, is_booked=True, looked_at=now)
    await outbox.add(transaction, rejected, connection_id=job.connection.id, at=now)
    if not was_right:
        await turn.lines.count_different(transaction, job.connection.id, job.message.document.kind, now)


async def _keep_again(transaction: Transaction, job: Job, old: Problem, what: Seen, now: datetime) -> None:
    """Of a document that stood wrong: told where it is right by now, or wrong in another way."""
    looked = {"verify_at": None, "verified_at": now}
    if what.differences == ():
        stands = {"exact_id": job.exact_id, "number": what.number or job.number, "amount": job.amount}
        await store.change(transaction, job.id, JobState.BOOKED, **looked, **stands, problem=None)
        await _tell_booked(transaction, job, what.number or job.number, now, looked_at=now)
        return
    problem = mended.problem_now(job, old, what)
    values = looked | {"problem": reading.problem_text(problem)}
    await store.change(transaction, job.id, JobState.BOOKED, **values)
    if problem != old:
        rejected = answers.document_rejected(job.message, problem, is_booked=True, looked_at=now)
        await outbox.add(transaction, rejected, connection_id=job.connection.id, at=now)


async def _tell_number(transaction: Transaction, job: Job, number: str, now: datetime) -> None:
    """A printed invoice has its number only now, and what was answered with its key alone."""
    await store.change(transaction, job.id, JobState.BOOKED, number=number)
    await _tell_booked(transaction, job, number, now)


async def _tell_booked(
    transaction: Transaction, job: Job, number: str, now: datetime, *, looked_at: datetime | None = None
) -> None:
    told = answers.document_booked(
        job.message,
        exact_id=job.exact_id or "",
        number=number,
        amount=job.amount,
        booked_at=job.booked_at or now,
        posted_on=job.posted_on,
        looked_at=looked_at,
    )
    await outbox.add(transaction, told, connection_id=job.connection.id, at=now)
