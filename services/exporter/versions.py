"""Versions of a document that come while it is on its way, or when it stands already.

The mapper mends what stands with documents of its own, so a version or a withdrawal that came too late is
answered with what stands, and changes nothing. While nobody knows whether a document was booked, the newest
is kept beside it, and takes its place where it wasn't.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row

from libs.common.contracts.documents import DocumentReady
from libs.common.database.engine import Transaction
from libs.common.domain.document import SalesInvoice
from libs.common.domain.problem import ProblemCode
from libs.common.messaging import outbox
from services.exporter import answers, reading, store
from services.exporter.compare import meant_gross
from services.exporter.store import JobState, PrintStep

NOTHING_NEWER: dict[str, Any] = {"newer_version": None, "newer": None}


def stands(job: Row[Any]) -> bool:
    """In the books, or in Exact as an invoice that isn't printed yet."""
    return bool(job.state == JobState.BOOKED or job.exact_id is not None)


def is_old(job: Row[Any], version: int) -> bool:
    """A higher one has been kept beside the job, or was answered."""
    return bool(version < (job.newer_version or 0) or version < (job.answered or 0))


def job_values(message: DocumentReady, connection_id: str, site: str) -> dict[str, Any]:
    document = message.document
    prints = isinstance(document, SalesInvoice) and document.is_printed
    return {
        "document_id": message.document_id,
        "version": message.document_version,
        "connection_id": connection_id,
        "division_key": f"{site}/{message.division}",
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
        "number_tries": 0,
        "problem": None,
        "posted_on": None,
        "print_step": (PrintStep.DUE if prints else PrintStep.NONE).value,
        **NOTHING_NEWER,
    }


async def first_due(transaction: Transaction, message: DocumentReady, now: datetime) -> datetime | None:
    """None where the document must wait for another one to stand."""
    if message.after is None or await store.is_booked(transaction, message.after):
        return now
    return None


async def keep_beside(
    transaction: Transaction, job: Row[Any], version: int, message: DocumentReady | None
) -> None:
    """What is to be done where the job turns out not to be booked; None: nothing, it is withdrawn."""
    text = None if message is None else reading.message_text(message)
    await store.change(transaction, job.id, JobState(job.state), newer_version=version, newer=text)


async def tell_what_stands(transaction: Transaction, job: Row[Any], version: int, now: datetime) -> None:
    """The answer to a version that came too late; the same one again gets the same answer."""
    if not job.message:  # the connection has ended
        return
    message = reading.message_of(job.message)
    told = answers.document_booked(
        message,
        exact_id=job.exact_id or "",
        number=job.number or "",
        amount=job.amount if job.amount is not None else meant_gross(message.document),
        booked_at=job.booked_at or job.first_sent_at or now,
        posted_on=job.posted_on,
        stands=message.document,
    )
    answered = {"answered": max(version, job.answered or 0), **NOTHING_NEWER}
    await store.change(transaction, job.id, JobState(job.state), **answered)
    await outbox.add(transaction, told, connection_id=job.connection_id, at=now)


async def put_back(
    transaction: Transaction, job_id: int, due_at: datetime, now: datetime, **values: Any
) -> None:
    """A job that is certainly not in Exact waits again, unless a newer version takes its place."""
    job = await store.by_id(transaction, job_id)
    if job.state != JobState.SENDING:
        raise store.NotThere(f"job {job_id} can't wait again")
    if job.newer_version is not None and job.exact_id is None:
        await take_place(transaction, job, now)
        return
    if not job.message:  # the connection has ended while it was under way
        await store.move(transaction, job_id, JobState.WITHDRAWN, due_at=None)
        return
    waiting = {"due_at": due_at, "searches": 0, **values}
    await store.move(transaction, job_id, JobState.WAITING, **waiting)


async def take_place(transaction: Transaction, job: Row[Any], now: datetime) -> None:
    """The doubt is settled: the job isn't booked, so the newer version is what is wanted of it."""
    if job.newer is None:
        gone = {"version": job.newer_version, "due_at": None, **NOTHING_NEWER}
        await store.move(transaction, job.id, JobState.WITHDRAWN, **gone)
        return
    message = reading.message_of(job.newer)
    site, _ = job.division_key.rsplit("/", 1)
    values = job_values(message, job.connection_id, site)
    _, taken_by = await store.by_document_or_reference(
        transaction, job.document_id, job.connection_id, values["kind"], values["reference"]
    )
    if taken_by is not None:
        await refuse_reference(transaction, message, job, values, now)
        return
    values["due_at"] = await first_due(transaction, message, now)
    await store.move(transaction, job.id, JobState.WAITING, **without_state(values))


async def refuse_reference(
    transaction: Transaction,
    message: DocumentReady,
    job: Row[Any] | None,
    values: dict[str, Any],
    now: datetime,
) -> None:
    """A search by this reference would find another document, so this one is never sent."""
    problem = answers.about_reference(
        ProblemCode.REFERENCE_REFUSED, message.document.reference, ("answer", "2x")
    )
    rejected = values | {"state": JobState.REJECTED.value, "problem": reading.problem_text(problem)}
    if job is None:
        await store.add(transaction, rejected)
    elif job.state == JobState.REJECTED:
        await store.change(transaction, job.id, JobState.REJECTED, **without_state(rejected))
    elif job.state in (JobState.WAITING, JobState.SENDING):
        await store.move(transaction, job.id, JobState.REJECTED, **without_state(rejected))
    answer = answers.document_rejected(message, problem)
    await outbox.add(transaction, answer, connection_id=values["connection_id"], at=now)


def without_state(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "state"}
