"""Sales and documents as the API shows them: by allow-list, without what is personal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from libs.common.domain.document import (
    Document,
    DocumentKind,
    EntryLine,
    ItemLine,
    JournalLine,
)
from libs.common.domain.money import CENT
from libs.common.domain.rules import rate_key
from libs.common.domain.sale import Payment, SaleLine
from services.portal.sale_facts import DocumentFacts, SaleState
from services.portal.sale_queries import Moment, SaleRow
from services.portal.shapes import Answer, Money, money
from services.portal.tellings import ProblemTold, problem_in, told


class DocumentLine(Answer):
    ledger: str | None = None
    item: str | None = None
    vat_code: str | None = None
    amount_incl_vat: Money
    vat_amount: Money | None = None
    description: str
    cost_center: str | None = None
    because: str
    sale_lines: list[str]


class DocumentAnswer(Answer):
    id: str
    kind: str
    purpose: str
    reference: str
    state: str
    number: str | None
    exact_id: str | None
    lines: list[DocumentLine] | None = None


class SaleAnswer(Answer):
    id: str
    number: str
    outlet: str
    completed_at: AwareDatetime | None
    business_day: date | None
    total: Money | None
    state: SaleState
    document: DocumentAnswer | None
    documents: list[DocumentAnswer]
    problem: ProblemTold | None
    why: str | None
    reason: str | None


class LineAnswer(Answer):
    id: str
    description: str
    quantity: str
    amount_incl_vat: str
    vat_amount: str
    vat_rate: str
    item: str
    item_code: str


class PaymentAnswer(Answer):
    id: str
    payment_type: str
    name: str
    amount: Money


class Explained(Answer):
    """Without a document, what waits for its day's; `line` counts from 1."""

    document: str | None
    line: int | None
    booked_on: str
    vat_code: str | None
    amount_incl_vat: Money
    because: str
    sale_lines: list[str]


class MomentAnswer(Answer):
    at: AwareDatetime
    event: str
    document: str | None = None
    kind: str | None = None
    reference: str | None = None
    number: str | None = None
    exact_id: str | None = None
    problem: ProblemTold | None = None
    why: str | None = None
    reason: str | None = None
    revision: int | None = None


class SaleDetail(SaleAnswer):
    ticket_number: str
    register_name: Annotated[str, Field(serialization_alias="register")]
    lines: list[LineAnswer]
    payments: list[PaymentAnswer]
    warnings: list[ProblemTold]
    explanation: list[Explained]
    timeline: list[MomentAnswer]


def sale_fields(
    row: SaleRow, language: str, day_documents: Mapping[str, DocumentFacts] | None = None
) -> dict[str, Any]:
    """The fields of `SaleAnswer`."""
    facts = row.facts
    ours = {
        **facts.documents,
        **{id_: day for id_, day in (day_documents or {}).items() if id_ not in facts.documents},
    }
    shown = {id_: document_answer(id_, document) for id_, document in ours.items() if not document.is_gone}
    turnover = facts.turnover_document
    is_ignored = row.state is SaleState.IGNORED
    return {
        "id": row.id,
        "number": row.number,
        "outlet": row.outlet,
        "completed_at": row.completed_at,
        "business_day": row.business_day,
        "total": money(row.total_cents),
        "state": row.state,
        "document": next((shown[id_] for id_, each in ours.items() if each is turnover), None),
        "documents": list(shown.values()),
        "problem": told(facts.current_problem, language),
        "why": facts.why if is_ignored else None,
        "reason": (facts.reason or None) if is_ignored else None,
    }


def document_answer(
    document_id: str, facts: DocumentFacts, content: Document | None = None
) -> DocumentAnswer:
    return DocumentAnswer(
        id=document_id,
        kind=facts.kind,
        purpose=facts.purpose,
        reference=facts.reference,
        state=facts.state.value,
        number=facts.number or None,
        exact_id=facts.exact_id or None,
        lines=None if content is None else document_lines(content),
    )


def document_lines(document: Document) -> list[DocumentLine]:
    return [_document_line(line) for line in document.lines]


def _document_line(line: EntryLine | ItemLine | JournalLine) -> DocumentLine:
    return DocumentLine(
        ledger=None if isinstance(line, ItemLine) else line.ledger,
        item=(line.item.id or line.item.code) if isinstance(line, ItemLine) else None,
        vat_code=line.vat_code,
        amount_incl_vat=line.amount_incl_vat,
        vat_amount=None if isinstance(line, ItemLine) else line.vat_amount,
        description=line.description,
        cost_center=line.cost_center,
        because=line.because,
        sale_lines=list(line.sale_lines),
    )


def explanation_of(documents: Mapping[str, Document]) -> list[Explained]:
    """Which rule led to which line of a sale's own documents, booked or on their way."""
    return [
        _explained(line, document_id, number)
        for document_id, document in documents.items()
        for number, line in enumerate(document_lines(document), start=1)
    ]


def explanation_of_day(
    lines: Iterable[JournalLine], document_id: str | None, document: Document | None
) -> list[Explained]:
    """What a sale brings to its day's document, by today's rules; `line` is the one that holds it there."""
    of_day = [] if document is None else document_lines(document)
    return [_explained(_document_line(line), document_id, _line_with(line, of_day)) for line in lines]


def _line_with(line: JournalLine, of_day: Sequence[DocumentLine]) -> int | None:
    for number, other in enumerate(of_day, start=1):
        is_same = (other.ledger, other.vat_code or None) == (line.ledger, line.vat_code)
        if is_same and set(line.sale_lines) <= set(other.sale_lines):
            return number
    return None


def _explained(line: DocumentLine, document_id: str | None, number: int | None) -> Explained:
    return Explained(
        document=document_id,
        line=number,
        booked_on=line.ledger or line.item or "debtor",
        vat_code=line.vat_code,
        amount_incl_vat=line.amount_incl_vat,
        because=line.because,
        sale_lines=line.sale_lines,
    )


def line_answer(line: SaleLine) -> LineAnswer:
    return LineAnswer(
        id=line.id,
        description=line.description,
        quantity=_plain(line.quantity),
        amount_incl_vat=_unrounded(line.amount_incl_vat),
        vat_amount=_unrounded(line.vat_amount),
        vat_rate=rate_key(line.vat_rate),
        item=line.item,
        item_code=line.item_code,
    )


def _plain(quantity: Decimal) -> str:
    return format(quantity, "f")


def _unrounded(amount: Decimal) -> str:
    """A till's amounts keep their decimals, where they have more than two."""
    in_cents = amount.quantize(CENT)
    return format(in_cents if in_cents == amount else amount, "f")


def payment_answer(payment: Payment) -> PaymentAnswer:
    return PaymentAnswer(
        id=payment.id, payment_type=payment.type_id, name=payment.type_name, amount=payment.amount
    )


def moment_answer(moment: Moment, language: str) -> MomentAnswer:
    facts = moment.facts
    return MomentAnswer(
        at=moment.at,
        event=moment.event,
        document=facts.get("document_id"),
        kind=facts.get("kind"),
        reference=facts.get("reference"),
        number=facts.get("number"),
        exact_id=facts.get("exact_id"),
        problem=told(problem_in(facts.get("problem")), language),
        why=facts.get("why"),
        reason=facts.get("reason") or None,
        revision=facts.get("revision"),
    )


class PreviewDocument(Answer):
    kind: DocumentKind
    reference: str
    day: date
    description: str
    sales: list[str]
    lines: list[DocumentLine]


class PreviewSale(Answer):
    """`documents` are its own; what it brings to its day's stands there."""

    id: str
    number: str
    total: Money
    documents: list[PreviewDocument]
    problem: ProblemTold | None
    why: str | None


class PreviewDay(Answer):
    day: date
    outlet: str
    sales: list[str]
    documents: list[PreviewDocument]
    problem: ProblemTold | None


def preview_documents(documents: tuple[Document, ...], sales: Sequence[str]) -> list[PreviewDocument]:
    return [
        PreviewDocument(
            kind=document.kind,
            reference=document.reference,
            day=document.day,
            description=document.description,
            sales=list(sales),
            lines=document_lines(document),
        )
        for document in documents
    ]
