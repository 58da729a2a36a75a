"""Messages about documents: ready to be booked, withdrawn, booked, rejected.

A document's id never changes; `version` counts what the mapper made of it. The exporter takes a
higher version for one that certainly isn't in the books, and never touches one that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from libs.common.domain.document import (
    CashEntry,
    DocumentKind,
    JournalEntry,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.payments import Payments
from libs.common.domain.problem import Problem

AnyDocument = Annotated[
    SalesEntry | SalesInvoice | SalesOrder | JournalEntry | CashEntry, Field(discriminator="kind")
]


class Purpose(StrEnum):
    """What a document does: it holds a sale's turnover or a day's, settles their money, or books a till."""

    TURNOVER = "turnover"
    SETTLEMENT = "settlement"
    DAY_SETTLEMENT = "day-settlement"
    DAY_TOTAL = "day-total"
    TILL_CLOSE = "till-close"


@dataclass(frozen=True, slots=True)
class SaleVersion:
    """Which decision about which sale a document comes from."""

    sale_id: str
    revision: int
    decision: int


@dataclass(frozen=True, slots=True)
class TurnoverPart:
    """Turnover under one VAT code; `vat_amount` is None where Exact computes it."""

    vat_code: str
    amount_incl_vat: Decimal
    vat_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class SaleShare:
    """What a day's document holds of one sale: turnover and money, negative where it takes back."""

    sale_id: str
    turnover: tuple[TurnoverPart, ...] = ()
    payments: Payments = ()


@dataclass(frozen=True, slots=True)
class WantedSums:
    """What all documents of a sale should hold together, by the rules that decided about it.

    `payments` stand on money lines, each with its ledger; of `open_payments` no line tells: what stays on the
    customer's account, a voucher, or what is left to the bank's feed.
    """

    turnover: tuple[TurnoverPart, ...] = ()
    payments: Payments = ()
    open_payments: Payments = ()


@dataclass(frozen=True, slots=True)
class DocumentReady:
    """To be booked. `after` is a document that must stand first; `count` how many this sale's booking has.

    `shares` says of a day's document what each of its sales brings, and `wanted` what the sale comes to, so
    that sold and booked can be compared.
    """

    type: ClassVar[str] = "document.ready"
    version: ClassVar[int] = 1
    document_id: str
    document_version: int
    document: AnyDocument
    purpose: Purpose
    sales: tuple[SaleVersion, ...]
    business_day: date
    outlet: str
    division: str
    count: int = 1
    after: str | None = None
    is_backlog: bool = False
    shares: tuple[SaleShare, ...] = ()
    wanted: WantedSums | None = None


@dataclass(frozen=True, slots=True)
class DocumentWithdrawn:
    """The mapper no longer wants this document: drop it where it isn't booked, else tell what stands."""

    type: ClassVar[str] = "document.withdrawn"
    version: ClassVar[int] = 1
    document_id: str
    document_version: int
    sales: tuple[SaleVersion, ...]


@dataclass(frozen=True, slots=True)
class DocumentBooked:
    """The document stands in Exact; `amount` is the gross that Exact answered, VAT included.

    `document_version` is the version that stands. Where a newer one or a withdrawal came too late, that is
    answered with this message again, and `document` is what stands. `posted_on` is the day under which it
    was posted, where the period of its own day is closed. `looked_at` tells it once more, for Exact was read
    then and it stood as it should, which it hadn't before; or, `is_left_so`, otherwise as a person wants it.
    """

    type: ClassVar[str] = "document.booked"
    version: ClassVar[int] = 1
    document_id: str
    document_version: int
    kind: DocumentKind
    purpose: Purpose
    reference: str
    exact_id: str
    number: str
    amount: Decimal
    business_day: date
    outlet: str
    booked_at: datetime
    sales: tuple[SaleVersion, ...]
    document: AnyDocument | None = None
    posted_on: date | None = None
    looked_at: datetime | None = None
    is_left_so: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRejected:
    """The document is certainly not booked, or not as it was meant (`is_booked`); a person must act.

    `looked_at` is when Exact was read, where that was after the booking: the later of two looks holds.
    """

    type: ClassVar[str] = "document.rejected"
    version: ClassVar[int] = 1
    document_id: str
    document_version: int
    kind: DocumentKind
    purpose: Purpose
    reference: str
    problem: Problem
    sales: tuple[SaleVersion, ...]
    is_booked: bool = False
    looked_at: datetime | None = None
    attempts: int = 0
    """How often it was sent, where it was refused then."""


@dataclass(frozen=True, slots=True)
class DocumentDelayed:
    """Sending the document didn't succeed this time; it is tried, or looked for, again at `due_at`."""

    type: ClassVar[str] = "document.delayed"
    version: ClassVar[int] = 1
    document_id: str
    document_version: int
    purpose: Purpose
    attempts: int
    due_at: datetime
    why: str
    sales: tuple[SaleVersion, ...]
