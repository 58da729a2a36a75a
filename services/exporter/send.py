"""Sends jobs one after another: say `sending`, post, keep what came of it. The heart of "exactly once".

The mark is committed before its POST and under the lease; the POST goes outside any transaction; what it
answered is kept together with the mark of the next job. Whatever leaves the outcome unknown leaves the
job `sending`, and only a search (settle.py) takes it from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Transaction
from libs.common.domain.document import CashEntry, DocumentKind, SalesInvoice
from libs.common.domain.problem import Problem
from libs.common.exact import entities
from libs.common.exact.errors import BadRequest, NoRight, OutcomeUnknown, RefusalCategory, Refused
from libs.common.vault import GrantLost
from services.exporter import cash, credit_notes, guard, mending, store, trouble
from services.exporter.compare import Booked, booked_by, meant_amount
from services.exporter.credit_sign import is_credit_note
from services.exporter.outcome import Again, Blocked, Later, Outcome, Unknown
from services.exporter.store import JobState, PrintStep
from services.exporter.turn import Job, Turn

log = structlog.get_logger()

NOT_DELIVERED = tuple(f"{what}CreationError" for what in ("Document", "Email", "PostboxMessage", "Peppol"))
"""Where a printing says why the customer didn't get his invoice (5.9)."""

UNKNOWN_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a turn ends before its jobs do, and when the division may be served again."""

    until: datetime
    reason: str
    kind: DocumentKind | None = None
    """Of the document whose POST met it, where one did."""
    is_limit: bool = False
    """Calls have to wait: the budget's own, or Exact's."""


async def send_jobs(turn: Turn, jobs: Sequence[Job]) -> Stop | None:
    """All jobs are waiting, related and have their bodies."""
    unknown = 0
    queue = [job for job in jobs if not turn.is_stopped(job)]
    if not queue:
        return None
    await _mark_first(turn, queue[0])
    for job, following in zip(queue, [*queue[1:], None], strict=True):
        outcome = await _carry_out(turn, job)
        if not isinstance(outcome, Later):
            turn.note_served(job)
        unknown = unknown + 1 if isinstance(outcome, Unknown) else 0
        stop = _stop(turn, job, outcome, unknown)
        goes_on = stop is None and not _changes_the_rest(job, outcome)
        is_marked = await _keep(turn, job, outcome, following if goes_on else None)
        if stop is not None:
            return stop
        if not is_marked:
            return None
    return None


def _changes_the_rest(job: Job, outcome: Outcome) -> bool:
    """A closed period is the next documents' too, and so is a sign: they are prepared anew."""
    if is_credit_note(job.document):
        return isinstance(outcome, Again) or (isinstance(outcome, Booked) and bool(outcome.differences))
    return isinstance(outcome, Again) and outcome.posted_on is not None


async def _mark_first(turn: Turn, job: Job) -> None:
    async def step(transaction: Transaction) -> None:
        await turn.hold(transaction)
        await turn.mark(transaction, job)

    await turn.house.database.run(step)
    turn.marked(job)


async def _carry_out(turn: Turn, job: Job) -> Outcome:
    """The POST of the document, where it has none yet, and its printing as a step of its own."""
    if job.exact_id is None:
        outcome = await _post(turn, job)
        if not isinstance(outcome, Booked) or job.print_step is PrintStep.NONE:
            return outcome
        if outcome.differences:
            return outcome
        await keep_unprinted(turn, job, outcome)
        return await print_invoice(turn, job)
    return await print_invoice(turn, job, says_its_day=job.posted_on is None)


async def _post(turn: Turn, job: Job) -> Outcome:
    if turn.is_stale(job):
        return Unknown()
    try:
        return await _posted(turn, job)
    except (OutcomeUnknown, KeyError):
        return Unknown()
    except trouble.CERTAINLY_NOT as certain:
        return certainly_not(turn, job, certain)


async def _posted(turn: Turn, job: Job) -> Outcome:
    document, lane = job.document, lane_of(job)
    try:
        if isinstance(document, CashEntry):
            row = await cash.post_cash_entry(turn, job, document, lane)
        else:
            row = await job.exact.post(entities.PATHS[type(document)], job.body, lane=lane)
    except Refused as refused:
        return await mending.after_refusal(turn, job, refused)
    if is_credit_note(document):
        return await credit_notes.taken(turn, job, document, row)
    booked = booked_by(document, row, job.related, own_number=guard.own_number(job))
    return await cash.read_first(turn, job, document, booked) if isinstance(document, CashEntry) else booked


def lane_of(job: Job) -> Lane:
    return Lane.BACKLOG if job.message.is_backlog else Lane.SALES


def certainly_not(turn: Turn, job: Job, certain: Exception) -> Problem | Later | Blocked:
    match certain:
        case BadRequest():
            log.error("exact refuses our call", reference=job.reference, answer=str(certain))
            return trouble.defect(certain, job.reference)
        case NoRight():
            return Blocked(certain.reason, trouble.no_right(certain))
        case GrantLost():
            return Blocked(certain.reason, None)
    until = trouble.back_at(certain, turn.house.now(), job.attempts)
    return Later(until, type(certain).__name__, is_limit=isinstance(certain, trouble.LIMITS))


async def keep_unprinted(turn: Turn, job: Job, booked: Booked) -> None:
    """The invoice stands, open; from here on its printing may have happened."""
    job.exact_id, job.number, job.amount = booked.exact_id, booked.number, booked.amount
    job.print_step = PrintStep.SENDING

    async def step(transaction: Transaction) -> None:
        await turn.hold(transaction)
        await store.change(
            transaction,
            job.id,
            JobState.SENDING,
            exact_id=booked.exact_id,
            amount=booked.amount,
            print_step=PrintStep.SENDING.value,
            searches=0,
            due_at=turn.house.now() + turn.in_flight,
        )

    await turn.house.database.run(step)
    turn.marked(job)


async def print_invoice(turn: Turn, job: Job, *, says_its_day: bool = True) -> Outcome:
    try:
        if not says_its_day:
            await _say_its_day(job)
        return await _printed(turn, job)
    except OutcomeUnknown:
        return Unknown()
    except trouble.CERTAINLY_NOT as certain:
        return certainly_not(turn, job, certain)


async def _say_its_day(job: Job) -> None:
    """An invoice that stood open before its period turned out to be closed doesn't say its own day yet."""
    path = entities.PATHS[type(job.document)]
    described = {"Description": job.document.description}
    try:
        await job.exact.put(path, job.exact_id or "", described, lane=lane_of(job))
    except Refused as refused:
        log.warning("an invoice keeps its description", reference=job.reference, answer=refused.message)


async def _printed(turn: Turn, job: Job) -> Outcome:
    """Printing twice is refused by Exact, so what says so has been printed."""
    invoice = job.document
    if turn.is_stale(job) or not isinstance(invoice, SalesInvoice) or job.exact_id is None:
        return Unknown()
    if is_credit_note(invoice) and (unfit := await credit_notes.before_printing(turn, job, invoice)):
        return unfit
    body = entities.print_body(job.exact_id, invoice.day, invoice.send)
    try:
        row = await job.exact.post(entities.PRINTED_INVOICES, body, lane=lane_of(job))
        _log_delivery(job, row)
    except Refused as refused:
        if refused.category is not RefusalCategory.ALREADY_PROCESSED:
            return await mending.after_refusal(turn, job, refused)
    booked = Booked(job.exact_id, job.number, meant_amount(invoice), is_printed=True)
    if is_credit_note(invoice):
        return await credit_notes.after_printing(turn, job, invoice, booked)
    return booked


def _log_delivery(job: Job, row: dict[str, object]) -> None:
    """The invoice is booked whether or not its mail went out."""
    for name in NOT_DELIVERED:
        if row.get(name):
            log.warning("printed, but not delivered", reference=job.reference, what=name, answer=row[name])


async def _keep(turn: Turn, job: Job, outcome: Outcome, following: Job | None) -> bool:
    """What came of a job and the mark of the next one: one commit. False where the next isn't marked."""
    attempts = following.attempts if following is not None else 0
    counted = dict(turn.lines.different)

    async def step(transaction: Transaction) -> bool:
        turn.lines.different = dict(counted)  # a transaction that is run again begins anew
        await turn.hold(transaction)
        await keep_outcome(turn, transaction, job, outcome)
        if following is None or turn.is_stopped(following):
            return False
        following.attempts = attempts
        await turn.mark(transaction, following)
        return True

    is_marked = await turn.house.database.run(step)
    if is_marked and following is not None:
        turn.marked(following)
    return is_marked


async def keep_outcome(turn: Turn, transaction: Transaction, job: Job, outcome: Outcome) -> None:
    match outcome:
        case Booked():
            await turn.keep_booked(transaction, job, outcome)
        case Problem():
            await turn.keep_rejected(transaction, job, outcome)
        case Unknown():
            until = turn.house.now() + turn.settle
            await store.change(
                transaction, job.id, JobState.SENDING, due_at=until, number_tries=job.number_tries
            )
            await turn.tell_delayed(transaction, job, until, "no answer to a POST: it is looked for first")
        case Again():
            values = {"posted_on": outcome.posted_on or job.posted_on, "number_tries": job.number_tries}
            await turn.put_off(transaction, job, outcome.until, **values)
        case Later():
            await turn.put_off(transaction, job, outcome.until)
            await turn.tell_delayed(transaction, job, outcome.until, outcome.reason)
        case Blocked():
            await turn.attention(transaction, job, outcome.reason)
            if outcome.problem is None:
                await turn.put_off(transaction, job, turn.house.now())
            else:
                await turn.keep_rejected(transaction, job, outcome.problem)


def _stop(turn: Turn, job: Job, outcome: Outcome, unknown: int) -> Stop | None:
    now = turn.house.now()
    match outcome:
        case Later():
            kind = job.message.document.kind
            return Stop(outcome.until, outcome.reason, kind, is_limit=outcome.is_limit)
        case Blocked():
            return Stop(now + trouble.BLOCKED_PAUSE, outcome.reason)
        case Unknown() if unknown >= UNKNOWN_IN_A_ROW:
            return Stop(now + turn.settle, "no answers")
    return None
