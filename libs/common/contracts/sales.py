"""Messages about sales: what ingest read, and what the mapper decided where it made no document.

`version` counts the decisions about one sale (a retry or changed rules make a new one); of two
messages about a sale the higher (revision, version) holds, in whatever order they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal

from libs.common.contracts.documents import WantedSums
from libs.common.domain.document import NothingCode
from libs.common.domain.problem import Problem
from libs.common.domain.sale import Sale
from libs.common.domain.till_close import TillClose


@dataclass(frozen=True, slots=True)
class SaleRecorded:
    """ingest keeps a sale, or a new revision of one whose money changed.

    `position` counts these messages and `SalesRead` over the connection's life, from 1 without gaps, so that
    a reader knows when it has seen all that was read up to a moment, and which of two came first.
    """

    type: ClassVar[str] = "sale.recorded"
    version: ClassVar[int] = 1
    sale: Sale
    revision: int
    content_hash: str
    position: int
    is_backlog: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is read behind today's sales, oldest first: changes from `since` to `until`, so far to `read_to`.

    Meanwhile whatever was completed at or after `until` was read up to `today_until`. `sales` were read of it
    so far; `ends_at` is when it will be through at that speed, None while that can't be told.
    """

    since: datetime
    until: datetime
    read_to: datetime
    sales: int
    today_until: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutletDays:
    """Where a till itself says whether a business day is whole: the days that end by `whole_until` are.

    But those that are `lacking`, however old. None: no day is whole yet.
    """

    outlet: str
    whole_until: datetime | None = None
    lacking: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class SalesRead:
    """ingest has read all that changed before `read_until`, and told it in the messages up to `position`.

    Nothing of before `read_since` was asked for: a day that begins earlier may lack sales. While a `backlog`
    is read, `read_until` is where it began. An outlet that is among `days` knows more of its own days.
    """

    type: ClassVar[str] = "sales.read"
    version: ClassVar[int] = 1
    read_until: datetime
    position: int
    read_since: datetime | None = None
    backlog: Backlog | None = None
    days: tuple[OutletDays, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberGap:
    """Numbers of the till from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class NumbersMissing:
    """The till counted these and has no sale for them, as far as is known: all that there are now."""

    type: ClassVar[str] = "numbers.missing"
    version: ClassVar[int] = 1
    gaps: tuple[NumberGap, ...]


@dataclass(frozen=True, slots=True)
class SaleProblem:
    """A sale can't be booked now. `by` owns the problem and takes a retry; ingest's come without a `Sale`."""

    type: ClassVar[str] = "sale.problem"
    version: ClassVar[int] = 1
    sale_id: str
    revision: int
    decision: int
    problem: Problem
    by: Literal["ingest", "mapper"]
    number: str = ""
    outlet: str = ""
    completed_at: datetime | None = None
    total_incl_vat: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SaleMapped:
    """A sale was decided and has no document of its own now: it waits in its day, or stands as it should.

    `wanted` isn't told where what stands was left as it is.
    """

    type: ClassVar[str] = "sale.mapped"
    version: ClassVar[int] = 1
    sale_id: str
    revision: int
    decision: int
    business_day: date
    wanted: WantedSums | None = None


@dataclass(frozen=True, slots=True)
class SaleIgnored:
    """A sale books nothing, and why; `reason` is a person's, where one said so."""

    type: ClassVar[str] = "sale.ignored"
    version: ClassVar[int] = 1
    sale_id: str
    revision: int
    decision: int
    why: NothingCode
    reason: str = ""


OF_TILL = "till:"
"""Before the id of a closing, where that stands for a sale's."""


@dataclass(frozen=True, slots=True)
class TillClosed:
    """A register was closed; told once for each of its closings."""

    type: ClassVar[str] = "till.closed"
    version: ClassVar[int] = 1
    close: TillClose
