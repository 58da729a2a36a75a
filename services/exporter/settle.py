"""Settles jobs whose POST may have been carried out: by a search on the reference, never by a guess.

Found once, it is compared and taken as ours; found more often, a person must look; not found, it is
looked for again after a while, since what was just booked may not show yet, and only then sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import structlog

from libs.common.database.engine import Transaction
from libs.common.domain.problem import ProblemCode
from libs.common.observability.metrics import SETTLED
from services.exporter import answers, credit_notes, search, store, trouble
from services.exporter.compare import Booked
from services.exporter.credit_sign import judged
from services.exporter.store import JobState, PrintStep
from services.exporter.turn import Job, Turn

log = structlog.get_logger()

SEARCHES = 2
"""How many searches, each `settle_seconds` after the last, must find nothing before a second POST."""


async def settle_jobs(turn: Turn, jobs: Sequence[Job]) -> None:
    """Jobs that are due in `sending`."""

    def line_of(job: Job) -> tuple[str, str]:
        return (job.connection.id, job.message.document.kind.value)

    for _, group in groupby(sorted(jobs, key=line_of), key=line_of):
        line = list(group)
        try:
            await _settle_line(turn, line)
        except trouble.LIMITS as limit:
            await _settle_later(turn, line, limit)


async def _settle_later(turn: Turn, jobs: Sequence[Job], limit: Exception) -> None:
    """These alone, where it isn't the minute's calls that lack: they stay in doubt, and are not sent."""
    now = turn.house.now()
    until = trouble.back_at(limit, now, 1)
    if not trouble.outlasts_the_minute(until, now):
        raise limit

    async def step(transaction: Transaction) -> None:
        await turn.hold(transaction)
        for job in jobs:
            await store.change(transaction, job.id, JobState.SENDING, due_at=until)

    await turn.house.database.run(step)


async def _settle_line(turn: Turn, jobs: list[Job]) -> None:
    hits = await search.find_booked(jobs[0].exact, [job.document for job in jobs])
    counted = dict(turn.lines.different)

    async def step(transaction: Transaction) -> None:
        turn.lines.different = dict(counted)
        await turn.hold(transaction)
        for job in jobs:
            await _decide(turn, transaction, job, hits[job.reference])

    await turn.house.database.run(step)


async def _decide(turn: Turn, transaction: Transaction, job: Job, found: list[Booked]) -> None:
    SETTLED.labels("none" if not found else "one" if len(found) == 1 else "more").inc()
    log.info("outcome settled", reference=job.reference, found=len(found))
    if len(found) > 1:
        numbers = ", ".join(each.number or each.exact_id for each in found)
        problem = answers.about_reference(ProblemCode.BOOKED_TWICE, job.reference, ("number", numbers))
        first = {"exact_id": found[0].exact_id, "number": found[0].number, "amount": found[0].amount}
        await store.change(transaction, job.id, JobState.SENDING, **first)
        await turn.keep_rejected(transaction, job, problem, is_booked=True)
    elif found:
        await _adopt(turn, transaction, job, found[0])
    else:
        await _look_again(turn, transaction, job)


async def _adopt(turn: Turn, transaction: Transaction, job: Job, booked: Booked) -> None:
    """An open invoice that is to be printed waits for its printing alone."""
    booked = judged(job.document, booked, await credit_notes.sign_of(transaction, turn.division_key))
    wants_print = job.print_step is not PrintStep.NONE
    if not wants_print or booked.is_printed or booked.differences:
        await turn.keep_booked(transaction, job, booked)
        return
    values = {"exact_id": booked.exact_id, "amount": booked.amount}
    await store.change(transaction, job.id, JobState.SENDING, **values)
    await turn.put_off(transaction, job, turn.house.now())


async def _look_again(turn: Turn, transaction: Transaction, job: Job) -> None:
    now = turn.house.now()
    if job.exact_id is not None or job.searches + 1 >= SEARCHES:
        await turn.put_off(transaction, job, now)
        return
    values = {"searches": job.searches + 1, "due_at": now + turn.settle}
    await store.change(transaction, job.id, JobState.SENDING, **values)
