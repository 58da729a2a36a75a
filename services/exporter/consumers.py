"""Messages become jobs: a document is kept once, replaced while it certainly isn't booked, never after.

Of two messages about a document the higher version holds, in whatever order they come; a document that
may stand in the books already is only compared.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Row

from libs.common.contracts.commands import ConnectionEnded, RulesChanged
from libs.common.contracts.documents import DocumentReady, DocumentRejected, DocumentWithdrawn
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.database import registry
from libs.common.database.engine import Transaction
from libs.common.database.signals import announce
from libs.common.domain.document import SalesInvoice
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.messaging import outbox
from libs.common.service import Handler, House
from services.exporter import answers, reading, store
from services.exporter.store import JobState, PrintStep, jobs

SIGNAL = "exporter"


def handlers(house: House) -> dict[str, Handler]:
    return {
        DocumentReady.type: partial(keep_job, house),
        DocumentWithdrawn.type: partial(withdraw, house),
        RulesChanged.type: partial(try_again, house),
        ConnectionEnded.type: erase,
    }


async def keep_job(house: House, transaction: Transaction, envelope: Envelope) -> None:
    message = message_in(envelope, DocumentReady)
    job, taken_by = await store.by_document_or_reference(
        transaction,
        message.document_id,
        envelope.connection_id,
        message.document.kind.value,
        message.document.reference,
    )
    if job is not None and message.document_version <= job.version:
        return
    if job is not None and _may_stand(job, message):
        await _compare(house, transaction, envelope, message, job)
        return
    country = await registry_country(transaction, envelope.connection_id)
    if country is None:  # the connection has ended, and its work with it
        return
    values = _job_values(message, envelope.connection_id)
    values["division_key"] = f"{house.settings.exact_site(country)}/{message.division}"
    if taken_by is not None:
        await _refuse_reference(house, transaction, envelope, message, job, values)
        return
    values["due_at"] = await _first_due(transaction, message, house.now())
    await _keep(transaction, job, values)
    announce(transaction, SIGNAL)


async def erase(transaction: Transaction, envelope: Envelope) -> None:
    """Nothing more is sent, and the people in what was sent are forgotten."""
    await store.erase_people(transaction, envelope.connection_id)


async def registry_country(transaction: Transaction, connection_id: str) -> str | None:
    table = registry.connections
    query = select(table.c.country).where(table.c.id == connection_id, table.c.ended_at.is_(None))
    return (await transaction.execute(query)).scalar_one_or_none()


def _may_stand(job: Row[Any], message: DocumentReady) -> bool:
    """In the books, perhaps in the books, or as an open invoice that isn't what is wanted now."""
    if job.state in (JobState.SENDING, JobState.BOOKED):
        return True
    return job.exact_id is not None and job.content != reading.content_hash(message)


def _job_values(message: DocumentReady, connection_id: str) -> dict[str, Any]:
    document = message.document
    prints = isinstance(document, SalesInvoice) and document.is_printed
    return {
        "document_id": message.document_id,
        "version": message.document_version,
        "connection_id": connection_id,
        "reference": document.reference,
        "kind": document.kind.value,
        "message": reading.message_text(message),
        "content": reading.content_hash(message),
        "business_day": message.business_day,
        "state": JobState.WAITING.value,
        "is_backlog": message.is_backlog,
        "after": message.after,
        "attempts": 0,
        "searches": 0,
        "problem": None,
        "withdrawn": None,
        "print_step": (PrintStep.DUE if prints else PrintStep.NONE).value,
    }


async def _first_due(transaction: Transaction, message: DocumentReady, now: datetime) -> datetime | None:
    """None where the document must wait for another one to stand."""
    if message.after is None or await store.is_booked(transaction, message.after):
        return now
    return None


async def _keep(transaction: Transaction, job: Row[Any] | None, values: dict[str, Any]) -> None:
    if job is None:
        await store.add(transaction, values)
    elif job.state == JobState.WAITING:
        await store.change(transaction, job.id, JobState.WAITING, **_without_state(values))
    else:
        await store.move(transaction, job.id, JobState(values["state"]), **_without_state(values))


def _without_state(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "state"}


async def _refuse_reference(
    house: House,
    transaction: Transaction,
    envelope: Envelope,
    message: DocumentReady,
    job: Row[Any] | None,
    values: dict[str, Any],
) -> None:
    """A search by this reference would find another document, so this one is never sent."""
    problem = answers.about_reference(
        ProblemCode.REFERENCE_REFUSED, message.document.reference, ("answer", "2x")
    )
    rejected = values | {"state": JobState.REJECTED.value, "problem": reading.problem_text(problem)}
    if job is None:
        await store.add(transaction, rejected)
    elif job.state == JobState.REJECTED:
        await store.change(transaction, job.id, JobState.REJECTED, **_without_state(rejected))
    elif job.state == JobState.WAITING:
        await store.move(transaction, job.id, JobState.REJECTED, **_without_state(rejected))
    answer = answers.document_rejected(message, problem)
    await outbox.add(transaction, answer, connection_id=envelope.connection_id, at=house.now())


async def _compare(
    house: House, transaction: Transaction, envelope: Envelope, message: DocumentReady, job: Row[Any]
) -> None:
    """The same document decided about again is only told again; another one is a problem."""
    if reading.content_hash(message) != job.content:
        problem = answers.about_reference(ProblemCode.EDITED_AFTER_BOOKING, job.reference)
        rejected = answers.document_rejected(message, problem, is_booked=True)
        await outbox.add(transaction, rejected, connection_id=job.connection_id, at=house.now())
        return
    state = JobState(job.state)
    values = {"version": message.document_version, "message": reading.message_text(message)}
    await store.change(transaction, job.id, state, **values)
    if state is JobState.BOOKED and job.problem is not None:
        problem = reading.problem_of(job.problem)
        again = answers.document_rejected(message, problem, is_booked=True)
        await outbox.add(transaction, again, connection_id=job.connection_id, at=house.now())
    elif state is JobState.BOOKED:
        booked = answers.document_booked(
            message,
            exact_id=job.exact_id,
            number=job.number or "",
            amount=job.amount,
            booked_at=job.booked_at,
        )
        await outbox.add(transaction, booked, connection_id=job.connection_id, at=house.now())


async def withdraw(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """A document in doubt is withdrawn when its doubt is settled; one in the books is a problem."""
    message = message_in(envelope, DocumentWithdrawn)
    job = await store.by_document(transaction, message.document_id)
    if job is None:
        await _keep_tombstone(transaction, envelope, message, house.now())
        return
    if message.document_version < job.version:
        return
    version = {"version": message.document_version}
    state = JobState(job.state)
    if job.exact_id is not None and state is JobState.REJECTED:  # an open invoice stands
        state = JobState.BOOKED
    match state:
        case JobState.WAITING | JobState.REJECTED if job.exact_id is None:
            await store.move(transaction, job.id, JobState.WITHDRAWN, **version, due_at=None)
        case JobState.SENDING | JobState.WAITING:
            told = reading.problem_text(message.problem_if_booked)
            await store.change(transaction, job.id, state, withdrawn=told, **version)
        case JobState.BOOKED:
            await _tell_booked(house, transaction, job, message)


async def _keep_tombstone(
    transaction: Transaction, envelope: Envelope, message: DocumentWithdrawn, now: datetime
) -> None:
    """Withdrawn before it came: the document that is still under way must find its higher version here."""
    values: dict[str, Any] = dict.fromkeys(("division_key", "reference", "kind", "message", "content"), "")
    values |= {
        "document_id": message.document_id,
        "version": message.document_version,
        "connection_id": envelope.connection_id,
        "business_day": now.date(),
        "state": JobState.WITHDRAWN.value,
        "is_backlog": False,
    }
    await store.add(transaction, values)


async def _tell_booked(
    house: House, transaction: Transaction, job: Row[Any], message: DocumentWithdrawn
) -> None:
    kept = reading.message_of(job.message)
    problem: Problem = message.problem_if_booked
    rejected = DocumentRejected(
        document_id=message.document_id,
        document_version=message.document_version,
        kind=kept.document.kind,
        purpose=kept.purpose,
        reference=job.reference,
        problem=problem,
        sales=message.sales,
        is_booked=True,
    )
    await outbox.add(transaction, rejected, connection_id=job.connection_id, at=house.now())


async def try_again(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """What was put off is due now, and lines that a person looked after go on."""
    now = house.now()
    waiting = and_(
        jobs.c.connection_id == envelope.connection_id,
        jobs.c.state == JobState.WAITING.value,
        jobs.c.due_at > now,
    )
    await transaction.execute(update(jobs).where(waiting).values(due_at=now))
    mine = store.stopped_lines.c.connection_id == envelope.connection_id
    await transaction.execute(update(store.stopped_lines).where(mine).values(different=0, stopped_at=None))
    announce(transaction, SIGNAL)
