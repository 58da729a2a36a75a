"""What a product line of Lightspeed is to whoever keeps products in step: a `ProductTill` an account.

It reads its articles in parts behind a mark that it alone understands. One that may follow Exact also writes
single ones by the fields of the domain, and one that knows its stock lets it be counted. The vendor's own
forms stay behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol, runtime_checkable

from libs.common.budget import Lane
from libs.common.domain.product import Product, Values
from libs.common.domain.product_facts import TillArticles, TillTaxes


@dataclass(frozen=True, slots=True)
class TillFacts:
    """What articles only name by id; read about once an hour, and kept as JSON in between."""

    taxes: TillTaxes = field(default_factory=TillTaxes)
    categories: dict[str, str] = field(default_factory=dict)
    """Names by id."""
    outlets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProductPart:
    """What a call or a few brought. `mark` is where to go on; after the last part, where the next begins.

    A reading of everything has a name, `whole`, over all its parts, and other parts may come between them:
    what it didn't bring by the part that ends it is gone.
    `unreadable` are ids with what can't be read of them, `gone` those that the till says were deleted,
    `merged` those it merged into another, with the other's, or "" where that isn't said.
    `rest` is how long to wait at least before the next reading.
    """

    products: Sequence[Product]
    mark: str
    is_last: bool
    whole: str = ""
    ends_whole: bool = False
    unreadable: Mapping[str, str] = field(default_factory=dict)
    gone: Sequence[str] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    rest: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class OnHand:
    """So many of an article are at an outlet; it moved at `at` by the till's clock, or before.

    Where it is no news it was met before, and moved since only if it is another quantity. An article or an
    outlet that isn't to be read is empty.
    """

    product_key: str
    outlet: str
    quantity: Decimal
    at: datetime | None
    is_news: bool = True
    unreadable: str | None = None
    """What can't be read of it; how many there are, and since when, isn't known then."""


@dataclass(frozen=True, slots=True)
class StockPart:
    rows: Sequence[OnHand]
    mark: str
    is_last: bool


class ProductTill(Protocol):
    """One account of one grant. Raises what `errors.py` draws."""

    @property
    def articles(self) -> TillArticles: ...

    async def read_facts(self) -> TillFacts: ...

    async def read(self, mark: str, lane: Lane) -> ProductPart:
        """An empty mark begins a whole reading, any other goes on, with what changed since."""
        ...


@runtime_checkable
class ProductWriter(Protocol):
    """A till whose articles can follow Exact's. `OutcomeUnknown`: it may be done."""

    async def of_code(self, code: str, lane: Lane) -> list[Product]:
        """Those with exactly this code, archived ones too: how a lost answer is looked for."""
        ...

    async def create(self, values: Values, lane: Lane = Lane.PRODUCTS) -> Product: ...

    async def change(self, key: str, values: Values, lane: Lane = Lane.PRODUCTS) -> Product: ...

    async def make_category(self, name: str) -> str:
        """The id of a category with this name: one that is there, else a new one."""
        ...


@runtime_checkable
class StockTill(Protocol):
    """A till that says how much of an article is where, and takes counts."""

    @property
    def counts_by_name(self) -> bool:
        """Whether a count that was begun can be found by its name and gone on with.

        Where not, levels are set: an answer that was lost leaves nothing to be found.
        """
        ...

    async def read_stock(self, mark: str, lane: Lane) -> StockPart: ...

    async def count(self, reference: str, outlet: str, counted: Mapping[str, Decimal]) -> None:
        """Sets the stock of these articles at the outlet; one of this name that was begun is gone on with."""
        ...
