"""Documents that aren't in the books as they should be: on their way, refused, or standing otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.documents import Purpose
from libs.common.database.registry import Connection
from libs.common.domain.problem import describe
from services.portal.sale_facts import DocumentFacts, SaleState, document_facts_of
from services.portal.sale_queries import SaleRow
from services.portal.store import day_documents


class JobState(StrEnum):
    WAITING = "waiting"
    REJECTED = "rejected"
    """Certainly not in the books; tried again when its cause is mended."""
    DIFFERS = "differs"
    """In the books, but not as it was sent."""


@dataclass(frozen=True, slots=True)
class Job:
    document_id: str
    state: JobState
    purpose: str
    reference: str
    attempts: int
    last_error: str | None
    due_at: datetime | None
    sale: SaleRow | None
    """None for a document of a day."""


def jobs_of_sales(rows: Iterable[SaleRow]) -> list[Job]:
    """Documents of their own; those of days are told of themselves."""
    return [
        _job(id_, document, row)
        for row in rows
        for id_, document in sorted(row.facts.documents.items())
        if document.purpose != Purpose.DAY_TOTAL.value
        and not document.is_gone
        and document.state is not SaleState.BOOKED
    ]


async def jobs_of_days(transaction: AsyncConnection, connection: Connection) -> list[Job]:
    query = (
        select(day_documents.c.document_id, day_documents.c.facts)
        .where(
            day_documents.c.connection_id == connection.id,
            day_documents.c.state.in_([SaleState.MAPPED.value, SaleState.PROBLEM.value]),
        )
        .order_by(day_documents.c.document_id)
    )
    found = [(row.document_id, document_facts_of(row.facts)) for row in await transaction.execute(query)]
    return [_job(id_, document, None) for id_, document in found if not document.is_gone]


def _job(document_id: str, document: DocumentFacts, sale: SaleRow | None) -> Job:
    state = _state_of(document)
    late_version, due_at, why = document.late
    is_late = state is JobState.WAITING and late_version >= document.ready and bool(due_at)
    version, attempts = document.tried
    return Job(
        document_id=document_id,
        state=state,
        purpose=document.purpose,
        reference=document.reference,
        attempts=attempts if version >= document.ready else 0,
        last_error=why if is_late else _problem_of(document, state),
        due_at=datetime.fromisoformat(due_at) if is_late else None,
        sale=sale,
    )


def _state_of(document: DocumentFacts) -> JobState:
    if document.is_wrong:
        return JobState.DIFFERS
    return JobState.REJECTED if document.is_rejected else JobState.WAITING


def _problem_of(document: DocumentFacts, state: JobState) -> str | None:
    if state is JobState.WAITING or document.problem is None:
        return None
    return describe(document.problem, "en")[0]
