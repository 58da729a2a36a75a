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
    DocumentKind,
    JournalEntry,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.problem import Problem

AnyDocument = Annotated[SalesEntry | SalesInvoice | SalesOrder | JournalEntry, Field(discriminator="kind")]


class Purpose(StrEnum):
    """What a document does for its sales: it holds their turnover, or settles their money."""

    TURNOVER = "turnover"
    SETTLEMENT = "settlement"
    DAY_SETTLEMENT = "day-settlement"


@dataclass(frozen=True, slots=True)
class SaleVersion:
    """Which decision about which sale a document comes from."""

    sale_id: str
    revision: int
    decision: int


@dataclass(frozen=True, slots=True)
class DocumentReady:
    """To be booked. `after` is a document that must stand first; `count` how many this sale's booking has."""

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


@dataclass(frozen=True, slots=True)
class DocumentWithdrawn:
    """The mapper no longer wants this document: drop it where it isn't booked, else it is a problem."""

    type: ClassVar[str] = "document.withdrawn"
    version: ClassVar[int] = 1
    document_id: str
    document_version: int
    problem_if_booked: Problem
    sales: tuple[SaleVersion, ...]


@dataclass(frozen=True, slots=True)
class DocumentBooked:
    """The document stands in Exact; `amount` is the gross that Exact answered, VAT included."""

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


@dataclass(frozen=True, slots=True)
class DocumentRejected:
    """The document is certainly not booked, or not as it was meant (`is_booked`); a person must act."""

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
