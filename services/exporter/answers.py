"""What the exporter tells the other services about a document."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from libs.common.contracts.documents import DocumentBooked, DocumentDelayed, DocumentReady, DocumentRejected
from libs.common.domain.document import Document
from libs.common.domain.problem import Problem, ProblemCode


def document_booked(
    message: DocumentReady,
    *,
    exact_id: str,
    number: str,
    amount: Decimal,
    booked_at: datetime,
    posted_on: date | None,
    stands: Document | None = None,
    looked_at: datetime | None = None,
) -> DocumentBooked:
    """`stands` answers a version that came too late: what it didn't replace."""
    return DocumentBooked(
        document_id=message.document_id,
        document_version=message.document_version,
        kind=message.document.kind,
        purpose=message.purpose,
        reference=message.document.reference,
        exact_id=exact_id,
        number=number,
        amount=amount,
        business_day=message.business_day,
        outlet=message.outlet,
        booked_at=booked_at,
        sales=message.sales,
        document=stands,
        posted_on=posted_on,
        looked_at=looked_at,
    )


def document_rejected(
    message: DocumentReady,
    problem: Problem,
    *,
    is_booked: bool = False,
    looked_at: datetime | None = None,
    attempts: int = 0,
) -> DocumentRejected:
    return DocumentRejected(
        document_id=message.document_id,
        document_version=message.document_version,
        kind=message.document.kind,
        purpose=message.purpose,
        reference=message.document.reference,
        problem=problem,
        sales=message.sales,
        is_booked=is_booked,
        looked_at=looked_at,
        attempts=attempts,
    )


def document_delayed(message: DocumentReady, attempts: int, due_at: datetime, why: str) -> DocumentDelayed:
    return DocumentDelayed(
        document_id=message.document_id,
        document_version=message.document_version,
        purpose=message.purpose,
        attempts=attempts,
        due_at=due_at,
        why=why,
        sales=message.sales,
    )


def about_reference(code: ProblemCode, reference: str, *facts: tuple[str, str]) -> Problem:
    return Problem(
        code, (("reference", reference), *facts), per_sale=("reference", *(name for name, _ in facts))
    )
