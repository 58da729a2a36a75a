"""What the other services tell about sales and documents, each message stating only what matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from libs.common.contracts.documents import (
    AnyDocument,
    DocumentBooked,
    DocumentReady,
    DocumentRejected,
    Purpose,
    SaleShare,
    SaleVersion,
    TurnoverPart,
)
from libs.common.contracts.sales import SaleRecorded
from libs.common.domain.document import (
    Booking,
    Debtor,
    EntryLine,
    JournalEntry,
    JournalLine,
    SalesEntry,
)
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import Sale
from tests.builders import Amount, D, some_rules

SATURDAY, MONDAY, TUESDAY = date(2026, 3, 14), date(2026, 3, 16), date(2026, 3, 17)
ON_MONDAY = datetime(2026, 3, 16, 10, tzinfo=UTC)
AT = datetime(2026, 3, 15, 8, tzinfo=UTC)
REFUSED = Problem(ProblemCode.PERIOD_CLOSED, (("day", "2026-03-14"),))


def recorded(sale: Sale, revision: int = 1) -> SaleRecorded:
    return SaleRecorded(sale, revision, f"hash-{revision}", revision)


def ready(
    sale: Sale, *, revision: int = 1, decision: int = 1, version: int = 1, count: int = 1
) -> DocumentReady:
    """The first document of a sale, as it is mapped."""
    booking = map_sale(sale, some_rules())
    assert isinstance(booking, Booking)
    return handed_on(
        sale.id, booking.documents[0], f"document-{sale.id}", revision, decision, version=version, count=count
    )


def handed_on(
    sale_id: str,
    document: AnyDocument,
    document_id: str,
    revision: int,
    decision: int,
    *,
    version: int = 1,
    count: int = 1,
) -> DocumentReady:
    return DocumentReady(
        document_id=document_id,
        document_version=version,
        document=document,
        purpose=Purpose.TURNOVER,
        sales=(SaleVersion(sale_id, revision, decision),),
        business_day=document.day,
        outlet="1",
        division="1",
        count=count,
    )


def an_entry(reference: str, day: date, gross: Amount, vat: Amount) -> SalesEntry:
    """Turnover under VH, settled inside the entry; without any turnover, money that changes form."""
    turnover = EntryLine("8000", "VH", D(gross) - D(vat), D(vat), sale_lines=("501201",))
    money = EntryLine("2000", "NONE", -D(gross), D(0))
    return SalesEntry(
        reference=reference,
        journal="70",
        debtor=Debtor("cash"),
        day=day,
        description=reference,
        total_incl_vat=D(gross),
        open_amount=D(0),
        lines=(turnover, money) if D(gross) else (),
    )


def a_day(
    reference: str,
    day: date,
    shares: Mapping[str, tuple[Amount, Amount]],
    *,
    decisions: Mapping[str, tuple[int, int]] | None = None,
    version: int = 1,
) -> DocumentReady:
    """A day's total of these sales: of each the gross and its VAT, all under VH and paid by card."""
    gross = sum((D(amount) for amount, _ in shares.values()), D(0))
    vat = sum((D(amount) for _, amount in shares.values()), D(0))
    lines = (
        JournalLine(gross, "2000", sales=tuple(shares)),
        JournalLine(vat - gross, "8000", vat_code="VH", vat_amount=-vat, sale_lines=("501201",)),
    )
    return DocumentReady(
        document_id=f"day-{reference}",
        document_version=version,
        document=JournalEntry(reference, "90", "70", day, reference, lines),
        purpose=Purpose.DAY_TOTAL,
        sales=tuple(SaleVersion(sale_id, *(decisions or {}).get(sale_id, (1, 1))) for sale_id in shares),
        business_day=day,
        outlet="1",
        division="1",
        shares=tuple(
            SaleShare(sale_id, (TurnoverPart("VH", D(amount), D(tax)),) if D(amount) else ())
            for sale_id, (amount, tax) in shares.items()
        ),
    )


def booked(of: DocumentReady, number: str = "26700001", *, came_too_late: bool = False) -> DocumentBooked:
    """`came_too_late`: a newer version did, and is answered with what stands."""
    return DocumentBooked(
        document_id=of.document_id,
        document_version=of.document_version,
        kind=of.document.kind,
        purpose=of.purpose,
        reference=of.document.reference,
        exact_id="guid",
        number=number,
        amount=D("0.00"),
        business_day=of.business_day,
        outlet=of.outlet,
        booked_at=AT,
        sales=of.sales,
        document=of.document if came_too_late else None,
    )


def rejected(of: DocumentReady, problem: Problem = REFUSED, *, is_booked: bool = False) -> DocumentRejected:
    return DocumentRejected(
        document_id=of.document_id,
        document_version=of.document_version,
        kind=of.document.kind,
        purpose=of.purpose,
        reference=of.document.reference,
        problem=problem,
        sales=of.sales,
        is_booked=is_booked,
    )
