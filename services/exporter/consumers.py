"""Messages become jobs: a document is kept once, replaced while it certainly isn't booked, never after.

Of two messages about a document the higher version holds, in whatever order they come; a document that
may stand in the books already is only compared (versions.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.engine import Row

from libs.common.contracts.commands import ConnectionEnded, IgnoreRequested, RulesChanged
from libs.common.contracts.documents import (
    DocumentBooked,
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
)
from libs.common.contracts.envelope import Envelope, message_in
from libs.common.contracts.products import ProductsTold
from libs.common.database import registry
from libs.common.database.engine import Transaction
from libs.common.database.signals import announce
from libs.common.messaging import outbox
from libs.common.service import Handler, House
from services.exporter import answers, article_store, links, matching, reading, store, versions
from services.exporter.article_store import Told
from services.exporter.compare import meant_gross
from services.exporter.store import JobState, jobs
from services.exporter.verify import QUIET

SIGNAL = "exporter"


def handlers(house: House) -> dict[str, Handler]:
    return {
        DocumentReady.type: partial(keep_job, house),
        DocumentWithdrawn.type: partial(withdraw, house),
        IgnoreRequested.type: partial(leave_so, house),
        ProductsTold.type: partial(link_items, house),
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
    if job is not None and _is_known(job, message):
        return
    if job is not None and _is_on_its_way(job, message):
        await _compare(house, transaction, message, job)
        return
    country = await registry_country(transaction, envelope.connection_id)
    if country is None:  # the connection has ended, and its work with it
        return
    values = versions.job_values(message, envelope.connection_id, house.settings.exact_site(country))
    if taken_by is not None:
        await versions.refuse_reference(transaction, message, job, values, house.now())
        return
    values["due_at"] = await versions.first_due(transaction, message, house.now())
    await _keep(transaction, job, values)
    announce(transaction, SIGNAL)


async def leave_so(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """What stands otherwise than it was sent may stay so, a person says: it is compared no more."""
    message = message_in(envelope, IgnoreRequested)
    for job in await store.standing_wrong(transaction, envelope.connection_id):
        ready = reading.message_of(job.message)
        if message.sale_id not in {version.sale_id for version in ready.sales}:
            continue
        looked = {"verified_at": None, "verify_at": None, "problem": None}
        await store.change(transaction, job.id, JobState.BOOKED, **looked)
        told = answers.document_booked(
            ready,
            exact_id=job.exact_id or "",
            number=job.number or "",
            amount=job.amount if job.amount is not None else meant_gross(ready.document),
            booked_at=job.booked_at or house.now(),
            posted_on=job.posted_on,
            looked_at=house.now(),
        )
        left = replace(told, is_left_so=True)
        await outbox.add(transaction, left, connection_id=job.connection_id, at=house.now())


async def link_items(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """Which item an article is, its link says, whatever its code led to: codes change hands."""
    message = message_in(envelope, ProductsTold)
    connection = await registry.connection(transaction, envelope.connection_id)
    if connection is None or connection.division is None:
        return
    site = house.settings.exact_site(connection.country)
    linked_last = sorted(message.products, key=lambda each: each.exact_id is not None)
    told = {
        each.sold_as: Told(
            each.sold_as,
            matching.item_code(each.till_code, each.sold_as),
            each.exact_id,
            message.number,
        )
        for each in linked_last
        if each.sold_as is not None
    }
    place = links.Place(connection.id, f"{site}/{connection.division}")
    await article_store.keep(transaction, place, list(told.values()))


async def erase(transaction: Transaction, envelope: Envelope) -> None:
    """Nothing more is sent, and the people in what was sent are forgotten."""
    await store.erase_people(transaction, envelope.connection_id)
    await article_store.forget(transaction, envelope.connection_id)


async def registry_country(transaction: Transaction, connection_id: str) -> str | None:
    table = registry.connections
    query = select(table.c.country).where(table.c.id == connection_id, table.c.ended_at.is_(None))
    return (await transaction.execute(query)).scalar_one_or_none()


def _is_known(job: Row[Any], message: DocumentReady) -> bool:
    return message.document_version <= job.version or versions.is_old(job, message.document_version)


def _is_on_its_way(job: Row[Any], message: DocumentReady) -> bool:
    """In the books, perhaps in the books, or as an open invoice that isn't what is wanted now."""
    if job.state in (JobState.SENDING, JobState.BOOKED):
        return True
    return job.exact_id is not None and job.content != reading.content_hash(message)


async def _keep(transaction: Transaction, job: Row[Any] | None, values: dict[str, Any]) -> None:
    if job is None:
        await store.add(transaction, values)
    elif job.state == JobState.WAITING:
        await store.change(transaction, job.id, JobState.WAITING, **versions.without_state(values))
    else:
        await store.move(transaction, job.id, JobState(values["state"]), **versions.without_state(values))


async def _compare(house: House, transaction: Transaction, message: DocumentReady, job: Row[Any]) -> None:
    """The same document decided about again is only told again; another one came too late, or may have."""
    version = message.document_version
    if not job.message:  # the connection has ended, and its people are forgotten
        return
    if reading.content_hash(message) == job.content:
        await _take_over(house, transaction, message, job)
    elif versions.stands(job):
        await versions.tell_what_stands(transaction, job, version, house.now())
    else:
        await versions.keep_beside(transaction, job, version, message)


async def _take_over(house: House, transaction: Transaction, message: DocumentReady, job: Row[Any]) -> None:
    state = JobState(job.state)
    values = {"version": message.document_version, "message": reading.message_text(message)}
    await store.change(transaction, job.id, state, **values, **versions.NOTHING_NEWER)
    if state is JobState.SENDING:
        return
    told: DocumentBooked | DocumentRejected
    if job.problem is not None:
        problem = reading.problem_of(job.problem)
        told = answers.document_rejected(message, problem, is_booked=True, looked_at=job.verified_at)
        await store.change(transaction, job.id, state, verify_at=house.now() - QUIET, verify_tries=0)
        announce(transaction, SIGNAL)
    else:
        told = answers.document_booked(
            message,
            exact_id=job.exact_id,
            number=job.number or "",
            amount=job.amount,
            booked_at=job.booked_at,
            posted_on=job.posted_on,
        )
    await outbox.add(transaction, told, connection_id=job.connection_id, at=house.now())


async def withdraw(house: House, transaction: Transaction, envelope: Envelope) -> None:
    """One in doubt is withdrawn when its doubt is settled; of one in Exact is told what stands."""
    message = message_in(envelope, DocumentWithdrawn)
    version = message.document_version
    job = await store.by_document(transaction, message.document_id)
    if job is None:
        await _keep_tombstone(transaction, envelope, message, house.now())
        return
    if version < job.version or versions.is_old(job, version):
        return
    state = JobState(job.state)
    if versions.stands(job):
        await versions.tell_what_stands(transaction, job, version, house.now())
    elif state is JobState.SENDING:
        await versions.keep_beside(transaction, job, version, None)
    elif state is JobState.WITHDRAWN:
        await store.change(transaction, job.id, state, version=version)
    else:
        await store.move(transaction, job.id, JobState.WITHDRAWN, version=version, due_at=None)


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
