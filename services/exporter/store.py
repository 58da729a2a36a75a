"""The exporter's tables but its leases, and the statements on jobs.

A job is one document on its way into the books. While it is in doubt, `newer_version` is a version that
came meanwhile, with its message in `newer`, or without one where the document was withdrawn; `answered` is
the highest version that came too late and was told so. Its state changes only along `STEPS`, and every UPDATE
says from which state, so that whoever comes second changes nothing and can tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row

from libs.common.database.engine import Transaction
from libs.common.database.types import ExactDecimal, Key, UtcDateTime, metadata
from libs.common.domain.document import DocumentKind


class JobState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    """A POST was, or may have been, under way: nothing is posted again before a search has settled it."""
    BOOKED = "booked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STEPS: Mapping[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.SENDING, JobState.REJECTED, JobState.WITHDRAWN}),
    JobState.SENDING: frozenset({JobState.BOOKED, JobState.REJECTED, JobState.WAITING, JobState.WITHDRAWN}),
    JobState.BOOKED: frozenset(),
    JobState.REJECTED: frozenset({JobState.WAITING, JobState.WITHDRAWN}),
    JobState.WITHDRAWN: frozenset({JobState.WAITING}),
}
LIVE = (JobState.WAITING, JobState.SENDING, JobState.BOOKED)
OPEN = (JobState.WAITING, JobState.SENDING)


class PrintStep(StrEnum):
    """Where the printing of an invoice stands; printing is what books it."""

    NONE = "none"
    DUE = "due"
    SENDING = "sending"
    PRINTED = "printed"


jobs = Table(
    "exporter_job",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("document_id", String(64), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("connection_id", String(40), nullable=False),
    Column("division_key", String(160), nullable=False),
    Column("reference", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("business_day", Date, nullable=False),
    Column("state", String(12), nullable=False),
    Column("is_backlog", Boolean, nullable=False),
    Column("after", String(64)),
    Column("due_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("searches", Integer, nullable=False, default=0),
    Column("first_sent_at", UtcDateTime),
    Column("fence", Integer),
    Column("print_step", String(8), nullable=False, default=PrintStep.NONE.value),
    Column("newer_version", Integer),
    Column("newer", Text),
    Column("answered", Integer),
    Column("posted_on", Date),
    Column("number_tries", Integer, nullable=False, default=0, server_default="0"),
    Column("problem", Text),
    Column("exact_id", String(40)),
    Column("number", String(40)),
    Column("amount", ExactDecimal),
    Column("booked_at", UtcDateTime),
    Column("verify_at", UtcDateTime),
    Column("verify_tries", Integer, nullable=False, default=0),
    Column("verified_at", UtcDateTime),
    Index("ix_exporter_job_due", "division_key", "state", "due_at"),
    Index("ix_exporter_job_connection", "connection_id", "state", "is_backlog", "id"),
    Index("ix_exporter_job_after", "after"),
    Index("ix_exporter_job_verify", "division_key", "verify_at"),
    Index(
        "uq_exporter_job_reference",
        "connection_id",
        "kind",
        "reference",
        unique=True,
        sqlite_where=Column("state", String(12)).in_(("waiting", "sending", "booked")),
        postgresql_where=Column("state", String(12)).in_(("waiting", "sending", "booked")),
    ),
)

stopped_lines = Table(
    "exporter_stopped_line",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("different", Integer, nullable=False),
    Column("stopped_at", UtcDateTime),
)

division_facts = Table(
    "exporter_division_facts",
    metadata,
    Column("division_key", String(160), primary_key=True),
    Column("facts", Text, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
)


nightly_checks = Table(
    "exporter_nightly_check",
    metadata,
    Column("division_key", String(160), primary_key=True),
    Column("checked_on", Date, nullable=False),
)


def _link_table(name: str, *more: Column[Any]) -> Table:
    """What the till calls one thing and Exact another; `exact_id` is None while a create is in doubt."""
    return Table(
        name,
        metadata,
        Column("connection_id", String(40), primary_key=True),
        Column("division_key", String(160), primary_key=True),
        Column("till_key", String(160), primary_key=True),
        Column("search_key", String(60), nullable=False),
        Column("exact_id", String(40)),
        Column("searches", Integer, nullable=False, default=0),
        Column("due_at", UtcDateTime),
        Column("at", UtcDateTime, nullable=False),
        *more,
    )


debtor_links = _link_table("exporter_debtor_link", Column("content", String(64)))
"""`content` says what of the customer Exact was told last, as a hash."""
item_links = _link_table("exporter_item_link")


class NotThere(Exception):
    """A step found its job in another state than it must come from: somebody else moved it."""


def allowed_from(target: JobState) -> list[str]:
    return [state.value for state, targets in STEPS.items() if target in targets]


async def move(transaction: Transaction, job_id: int, to: JobState, **values: Any) -> None:
    """Raises NotThere unless the job is in a state that leads there."""
    here = and_(jobs.c.id == job_id, jobs.c.state.in_(allowed_from(to)))
    changed = await transaction.execute(update(jobs).where(here).values(state=to.value, **values))
    if changed.rowcount != 1:
        raise NotThere(f"job {job_id} can't become {to.value}")


async def change(transaction: Transaction, job_id: int, state: JobState, **values: Any) -> None:
    """Changes a job that stays in its state."""
    here = and_(jobs.c.id == job_id, jobs.c.state == state.value)
    changed = await transaction.execute(update(jobs).where(here).values(**values))
    if changed.rowcount != 1:
        raise NotThere(f"job {job_id} is no longer {state.value}")


async def finish(transaction: Transaction, job_id: int, to: JobState, **values: Any) -> Row[Any]:
    """The last step; answers what the row says by now, which a newer message may have changed."""
    here = and_(jobs.c.id == job_id, jobs.c.state.in_(allowed_from(to)))
    statement = update(jobs).where(here).values(state=to.value, due_at=None, **values).returning(jobs)
    row: Row[Any] | None = (await transaction.execute(statement)).one_or_none()
    if row is None:
        raise NotThere(f"job {job_id} can't become {to.value}")
    return row


async def add(transaction: Transaction, values: Mapping[str, Any]) -> None:
    await transaction.execute(insert(jobs).values(**values))


async def by_id(transaction: Transaction, job_id: int) -> Row[Any]:
    query = select(jobs).where(jobs.c.id == job_id).with_for_update()
    return (await transaction.execute(query)).one()


async def by_document(transaction: Transaction, document_id: str) -> Row[Any] | None:
    query = select(jobs).where(jobs.c.document_id == document_id).with_for_update()
    return (await transaction.execute(query)).one_or_none()


async def by_document_or_reference(
    transaction: Transaction, document_id: str, connection_id: str, kind: str, reference: str
) -> tuple[Row[Any] | None, Row[Any] | None]:
    """The document's own job, and the live one of another document that has its reference."""
    same_reference = and_(
        jobs.c.connection_id == connection_id,
        jobs.c.kind == kind,
        jobs.c.reference == reference,
        jobs.c.state.in_([state.value for state in LIVE]),
    )
    query = select(jobs).where(or_(jobs.c.document_id == document_id, same_reference)).with_for_update()
    own = other = None
    for row in await transaction.execute(query):
        if row.document_id == document_id:
            own = row
        else:
            other = row
    return own, other


async def is_booked(transaction: Transaction, document_id: str) -> bool:
    query = select(jobs.c.state).where(jobs.c.document_id == document_id)
    return (await transaction.execute(query)).scalar_one_or_none() == JobState.BOOKED.value


async def wake_followers(transaction: Transaction, document_id: str, now: datetime) -> None:
    """Jobs that waited for this document to stand."""
    waiting = and_(jobs.c.after == document_id, jobs.c.state == JobState.WAITING.value)
    await transaction.execute(update(jobs).where(waiting).values(due_at=now))


async def wake_overlooked(transaction: Transaction, now: datetime) -> None:
    """Followers that arrived in the very moment that their document was booked."""
    booked = select(jobs.c.document_id).where(jobs.c.state == JobState.BOOKED.value).scalar_subquery()
    waiting = and_(jobs.c.state == JobState.WAITING.value, jobs.c.due_at.is_(None))
    await transaction.execute(update(jobs).where(waiting, jobs.c.after.in_(booked)).values(due_at=now))


async def due_of_connection(
    transaction: Transaction, connection_id: str, division_key: str, now: datetime, limit: int
) -> list[Row[Any]]:
    """What may be sent now, sales before backlog."""
    query = (
        select(jobs)
        .where(
            jobs.c.connection_id == connection_id,
            jobs.c.division_key == division_key,
            jobs.c.state == JobState.WAITING.value,
            jobs.c.due_at <= now,
        )
        .order_by(jobs.c.is_backlog, jobs.c.id)
        .limit(limit)
    )
    return list(await transaction.execute(query))


async def standing_wrong(transaction: Transaction, connection_id: str) -> list[Row[Any]]:
    """What is in Exact otherwise than it was sent, or more than once."""
    query = select(jobs).where(
        jobs.c.connection_id == connection_id,
        jobs.c.state == JobState.BOOKED.value,
        jobs.c.problem.is_not(None),
        jobs.c.message != "",
    )
    return list(await transaction.execute(query.with_for_update()))


async def put_off(transaction: Transaction, job_ids: Sequence[int], until: datetime) -> None:
    waiting = and_(jobs.c.id.in_(job_ids), jobs.c.state == JobState.WAITING.value)
    await transaction.execute(update(jobs).where(waiting).values(due_at=until))


async def put_off_waiting(
    transaction: Transaction,
    division_key: str,
    until: datetime,
    *,
    kind: DocumentKind | None,
    only_backlog: bool,
) -> None:
    """Of one kind of documents, or of all; what may be in Exact already is none of them."""
    waiting = [
        jobs.c.division_key == division_key,
        jobs.c.state == JobState.WAITING.value,
        jobs.c.due_at < until,
        *([jobs.c.kind == kind.value] if kind is not None else []),
        *([jobs.c.is_backlog] if only_backlog else []),
    ]
    await transaction.execute(update(jobs).where(*waiting).values(due_at=until))


async def in_doubt(transaction: Transaction, division_key: str, now: datetime, limit: int) -> list[Row[Any]]:
    query = (
        select(jobs)
        .where(
            jobs.c.division_key == division_key,
            jobs.c.state == JobState.SENDING.value,
            jobs.c.due_at <= now,
        )
        .order_by(jobs.c.id)
        .limit(limit)
    )
    return list(await transaction.execute(query))


async def erase_people(transaction: Transaction, connection_id: str) -> None:
    """Waiting jobs are withdrawn; all lose their content, those under way too, and links their keys.

    References, states and what Exact calls them stay.
    """
    theirs = jobs.c.connection_id == connection_id
    waiting = and_(theirs, jobs.c.state == JobState.WAITING.value)
    await transaction.execute(update(jobs).where(waiting).values(state=JobState.WITHDRAWN.value))
    emptied = {"message": "", "newer": None, "problem": None, "due_at": None, "verify_at": None}
    await transaction.execute(update(jobs).where(theirs).values(**emptied))
    for table in (debtor_links, item_links):
        await transaction.execute(table.delete().where(table.c.connection_id == connection_id))
