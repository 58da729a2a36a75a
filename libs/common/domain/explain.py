"""Explains a booking: for every line of its documents the rules and the sale lines that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from libs.common.domain.document import Booking, Document, DocumentKind, EntryLine, ItemLine, JournalLine
from libs.common.domain.map_sale import map_sale
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """`line` counts from 1 inside its document; `booked_on` is a ledger, an article or "debtor"."""

    document: DocumentKind
    line: int
    booked_on: str
    vat_code: str | None
    amount_incl_vat: Decimal
    because: str
    sale_lines: tuple[str, ...]


def explain(sale: Sale, rules: Rules) -> tuple[ExplainedLine, ...]:
    """Maps the sale as it would be booked; empty where there is nothing to book, or a problem."""
    booking = map_sale(sale, rules)
    return explain_booking(booking) if isinstance(booking, Booking) else ()


def explain_booking(booking: Booking) -> tuple[ExplainedLine, ...]:
    return tuple(line for document in booking.documents for line in _explained(document))


def _explained(document: Document) -> Iterator[ExplainedLine]:
    lines: tuple[EntryLine | ItemLine | JournalLine, ...] = document.lines
    for number, line in enumerate(lines, start=1):
        yield ExplainedLine(
            document=document.kind,
            line=number,
            booked_on=_booked_on(line),
            vat_code=line.vat_code,
            amount_incl_vat=line.amount_incl_vat,
            because=line.because,
            sale_lines=line.sale_lines,
        )


def _booked_on(line: EntryLine | ItemLine | JournalLine) -> str:
    if isinstance(line, ItemLine):
        return line.item.code or line.item.id or line.item.till_item
    return line.ledger or "debtor"
