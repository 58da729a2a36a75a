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
    WantedSums,
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
from libs.common.domain.payments import PaymentPart
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import Sale
from tests.builders import CARD, Amount, D, some_rules

SATURDAY, MONDAY, TUESDAY = date(2026, 3, 14), date(2026, 3, 16), date(2026, 3, 17)
ON_MONDAY = datetime(2026, 3, 16, 10, tzinfo=UTC)
AT = datetime(2026, 3, 15, 8, tzinfo=UTC)
REFUSED = Problem(ProblemCode.PERIOD_CLOSED, (("day", "2026-03-14"),))


def recorded(sale: Sale, revision: int = 1) -> SaleRecorded:
    return SaleRecorded(sale, revision, f"hash-{revision}", revision)


def wanted(gross: Amount, vat: Amount, payment_type: str = CARD) -> WantedSums:
    """A sale under VH, paid in one way."""
    turnover = (TurnoverPart("VH", D(gross), D(vat)),) if D(gross) else ()
    return WantedSums(turnover, _paid(gross, payment_type))


def _paid(amount: Amount, payment_type: str = CARD) -> tuple[PaymentPart, ...]:
    return (PaymentPart(payment_type, D(amount)),) if D(amount) else ()


def ready(
    sale: Sale,
    *,
    revision: int = 1,
    decision: int = 1,
    version: int = 1,
    count: int = 1,
    **rules: object,
) -> DocumentReady:
    """The first document of a sale, as it is mapped: all of it under VH, paid by card."""
    booking = map_sale(sale, some_rules(**rules))
    assert isinstance(booking, Booking)
    total = sale.total_incl_vat
    return handed_on(
        sale.id,
        booking.documents[0],
        f"document-{sale.id}",
        revision,
        decision,
        version=version,
        count=count,
        comes_to=wanted(total, (total * 21 / 121).quantize(D("0.01"))),
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
    comes_to: WantedSums | None = None,
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
        wanted=comes_to,
    )


def an_entry(reference: str, day: date, gross: Amount, vat: Amount) -> SalesEntry:
    """Turnover under VH, settled by card inside the entry; without any turnover it has no lines."""
    turnover = EntryLine("8000", "VH", D(gross) - D(vat), D(vat), sale_lines=("501201",))
    money = EntryLine("2000", "NONE", -D(gross), D(0), payments=_paid(gross))
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
    paid: Mapping[str, Amount] | None = None,
) -> DocumentReady:
    """A day's total of these sales: of each the gross and its VAT, all under VH and paid by card.

    `paid` where that is something else than the gross.
    """
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
            SaleShare(
                sale_id,
                (TurnoverPart("VH", D(amount), D(tax)),) if D(amount) else (),
                _paid(amount if paid is None else paid[sale_id]),
            )
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
