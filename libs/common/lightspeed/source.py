"""What a product line of Lightspeed is to the rest of the house: one `Source`, registered in `sources.py`.

A source has a consent, a client that reads one account in parts, a pure parser, and says what is read when.
Ingest keeps, compares and tells what it brings; where a source left off is a mark that it alone understands.
A new product line is one such module and a simulator.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

import httpx

from libs.common.budget import Budget
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import OutletDays
from libs.common.domain.problem import Problem
from libs.common.domain.product_facts import TillArticles
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale, TenderKind
from libs.common.domain.till_control import Place, TillBalances, TillTotal
from libs.common.lightspeed.product_source import ProductTill
from libs.common.service import Now
from libs.common.settings import VendorApp
from libs.common.vault import Vault
from libs.common.vault.consent import Consent

Row = dict[str, Any]
"""A sale as the source gave it; kept as it came, but for what `Till.complete` laid beside it."""


# --- pure: what a row is ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Glimpse:
    """As much as an unreadable sale gives away, so that a person can find it."""

    number: str = ""
    outlet: str = ""
    completed_at: datetime | None = None
    total_incl_vat: Decimal | None = None


class Parser(Protocol):
    """A module with these functions; none raises, whatever the row holds.

    A `reference` is what sales only name by id, the source's own frozen dataclass.
    """

    def parse_sale(self, row: object, reference: Any, /) -> Sale | Problem: ...

    def sale_id(self, row: Mapping[str, Any], /) -> str:
        """Empty where it can't be read; the same as `Sale.id` where it can."""
        ...

    def changed_at(self, row: Mapping[str, Any], /) -> datetime | None:
        """The record's own stamp: of two answers about a sale, the one with the lower stamp is the older."""
        ...

    def customer_id(self, row: Mapping[str, Any], /) -> str:
        """Part of what makes a sale another sale."""
        ...

    def is_ticket(self, row: Mapping[str, Any], /) -> bool:
        """Open, parked or cancelled: without money yet, so that nobody minds if it can't be read."""
        ...

    def glimpse(self, row: Mapping[str, Any], /) -> Glimpse: ...

    def names_unknown(self, row: Mapping[str, Any], reference: Any, /) -> bool:
        """Whether the sale names something that came after the reference was read."""
        ...

    def without_people(self, row: Row, /) -> Row: ...

    def reference_text(self, reference: Any, /) -> str: ...

    def reference_from_text(self, kept: str, /) -> Any:
        """Raises pydantic's `ValidationError` where it was kept by another release."""
        ...

    def no_reference(self) -> Any:
        """An empty one."""
        ...

    def time_zone(self, reference: Any, /) -> str:
        """Of the first outlet that is open; UTC where none is known."""
        ...


# --- the client: reading one account ------------------------------------------------------------------------


class Way(StrEnum):
    """What a walk reads.

    TODAY what changed in its stretch of time, in any order; BACKLOG the same, oldest first, behind today's;
    SWEEP what was completed in it, read again, whether it changed or not.
    """

    TODAY = "today"
    BACKLOG = "backlog"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through a stretch of time, in parts, each kept before the next is asked for.

    `mark` is what the part before left, however long ago; empty at first. Where `is_fresh`, the walk before
    this one left it: a source with a cursor of its own goes on there, if all from `since` on was read before
    it; others begin at `since`. A BACKLOG's `since` moves on with `Part.read_to`.
    """

    way: Way
    since: datetime
    until: datetime
    mark: str = ""
    is_fresh: bool = True
    lacking: int = 0
    """How often before the answer lacked relations: a source may want to take it after some."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one step of a walk brought, in about one call.

    `mark` is where to go on, and after a last part what the next walk of this way gets. `read_to` is up to
    when a BACKLOG has read by this part. `has_customers` is false where customers were left out. `days` is
    what is known of every outlet by now, None where nothing was learnt.
    """

    rows: Sequence[Row]
    mark: str = ""
    is_last: bool = True
    read_to: datetime | None = None
    has_customers: bool = True
    days: tuple[OutletDays, ...] | None = None


class Desk(Protocol):
    """What a source may ask of ingest while it reads."""

    @property
    def rules(self) -> Rules: ...

    @property
    def starts_at(self) -> datetime:
        """Nothing older is wanted."""
        ...

    @property
    def now(self) -> Now:
        """The vendor's clock, where ours is known to run ahead of it."""
        ...

    @property
    def hook_address(self) -> str:
        """Where the vendor's webhooks of this connection reach us; empty where no vendor could."""
        ...

    async def reference(self, lacks: Callable[[Any], bool] | None = None) -> Any:
        """The account's; read again, though not in a hurry, where it lacks something."""
        ...

    async def states(self, sale_ids: Sequence[str]) -> dict[str, str]:
        """The last state of each sale that was ever kept, a `SaleState` or "unreadable"."""
        ...

    async def sold(self, sale_ids: Sequence[str]) -> set[str]:
        """Those that were told as completed and, as far as is known, not taken back since."""
        ...

    async def mark_of(self, chore: str) -> str:
        """Where a chore of the connection stands; empty before its first time."""
        ...

    async def is_behind(self) -> bool:
        """Whether sales from before today's are still being read."""
        ...


class Till(Protocol):
    """One account of one grant; made anew for each poll. Raises what `errors.py` draws."""

    async def read_reference(self) -> Any: ...

    async def read_choices(self) -> TillChoices:
        """What can be chosen in the rules, archived ones left out; in the budget's lane SET_UP."""
        ...

    async def read(self, walk: Walk, desk: Desk) -> Part:
        """Raises `BadRequest` where the vendor refuses the mark: the walk begins anew then, without it."""
        ...

    async def complete(self, rows: Sequence[Row], desk: Desk) -> list[Row]:
        """Lays beside rows that are about to be parsed what belongs to them and stands elsewhere."""
        ...

    async def read_again(self, wanted: Mapping[str, Row], desk: Desk, lacking: int) -> list[Row]:
        """Single sales as they are now, at most a page of them; by id, with the row that was kept, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """What a chore brought, where it stands (`mark`) and when it wants to be done again.

    `rows` are sales, completed and parsed by ingest; `messages` stand in the same transaction as the mark.
    """

    mark: str
    due_at: datetime
    rows: Sequence[Row] = ()
    messages: Sequence[Message] = ()
    days: tuple[OutletDays, ...] | None = None


@dataclass(frozen=True, slots=True)
class Chore:
    """What a source does for a connection beside walks; a bounded part each time, under the same lease.

    What fails in it waits by itself and delays no sale.
    """

    name: str
    """At most 16 characters, unique in the source; not "backlog" or "sweep"."""
    do: Callable[[Any, str, Desk, int], Any]
    """`async (till, mark, desk, lacking) -> Done`; the mark is empty the first time."""
    is_wanted: Callable[[Rules], bool] = field(default=lambda rules: True)


# --- what can be chosen -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TillChoice:
    """`id` is what the rules hold; `type` and `code` the till's own words; `tender` of a payment type.

    `in_books` is the ledger or VAT code that the merchant noted at the till itself.
    """

    id: str
    name: str
    code: str = ""
    type: str = ""
    percentage: Decimal | None = None
    tender: TenderKind = TenderKind.OTHER
    in_books: str = ""


@dataclass(frozen=True, slots=True)
class TillChoices:
    """`tax_rates` are keys of `Rules.vat`: "21", "class:ID"; `categories` of `Rules.revenue.by_category`.

    `day_end` is "till" where the till has business days of its own: it is a restaurant's.
    """

    outlets: tuple[TillChoice, ...] = ()
    payment_types: tuple[TillChoice, ...] = ()
    tax_rates: tuple[TillChoice, ...] = ()
    categories: tuple[TillChoice, ...] = ()
    day_end: str = "00:00"
    currency: str = ""
    """The account's as a whole; empty where it doesn't say, or its outlets differ."""


# --- the source ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Access:
    """What a source's client works with; `app` is its addresses and our registration."""

    http: httpx.AsyncClient
    vault: Vault
    budget: Budget
    now: Now
    app: VendorApp


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of the vendor's: a hint to poll, never the truth."""

    is_genuine: Callable[[VendorApp, str, Mapping[str, str], bytes], bool]
    """`(app, account, headers with lower-case names, body)`: pure, in constant time."""


@dataclass(frozen=True, slots=True)
class Control:
    """What an account says of itself as a whole, beside its sales: a second source to hold them against.

    Both are asked a till of the same source, in the budget's lane SETTLE, and raise what `errors.py` draws;
    None where the vendor has no such thing.
    """

    totals: Callable[[Any, date, date], Awaitable[Mapping[Place, TillTotal]]] | None = None
    """`(till, first day, last day)`, by the day of the outlet's own clock."""
    balances: Callable[[Any], Awaitable[TillBalances]] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One product line."""

    name: str
    """As in the API, `/oauth/{name}/callback`, the grants' system and `Sale.source`: "lightspeed-retail"."""
    title: str
    """For people: "Lightspeed Retail"."""
    parser: Parser
    consent: Callable[[VendorApp, httpx.AsyncClient], Consent]
    till: Callable[[Access, str, str, bool], Till]
    """`(access, grant id, account, whether customers are wanted)`."""
    chores: tuple[Chore, ...] = ()
    sweeps: timedelta = timedelta(days=14)
    """How far back the nightly sweep reads."""
    overlap: timedelta = timedelta(minutes=5)
    """How much of what was read before a TODAY's stretch begins with."""
    hook: Hook | None = None
    control: Control = Control()
    products: Callable[[Access, str, str, Collection[str]], ProductTill] | None = None
    """`(access, grant id, account, outlets that are switched off)`."""
    articles: TillArticles | None = None
    """What `products` can do; None where articles are kept in step with nothing."""
