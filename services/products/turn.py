"""One turn of one connection: what its parts share, and what ends it before its time."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from libs.common.budget.lanes import Postponed
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.domain.product import Direction
from libs.common.domain.product_facts import ProductTerms
from libs.common.exact import errors as exact
from libs.common.lightspeed import errors as lightspeed
from libs.common.lightspeed.product_source import ProductTill, ProductWriter, StockTill
from libs.common.service import Now
from libs.common.vault import GrantBusy, GrantLost
from services.products import lease as leases
from services.products.books import Books
from services.products.lease import State
from services.products.terms import KeptFacts, facts_text

T = TypeVar("T")

TURN_SECONDS = 20.0
LATER = (
    *(exact.NotSent, exact.Unavailable, exact.LimitReached),
    *(lightspeed.Unavailable, Postponed, GrantBusy),
)
"""Nothing was done, and nobody but time mends it."""
BLOCKED = (
    *(GrantLost, exact.NoRight, exact.NoModule),
    *(lightspeed.NoRight, lightspeed.NotAccepted, lightspeed.WrongAccount),
)
"""Nothing was done, and a person must act."""
BLOCKED_FOR = timedelta(minutes=5)
UNKNOWN = (exact.OutcomeUnknown, lightspeed.OutcomeUnknown)
REFUSALS = (exact.Refused, exact.BadRequest, lightspeed.BadRequest)
"""After `BLOCKED`, of which one is a refusal too."""


@contextmanager
def searching() -> Iterator[None]:
    """A search that is refused finds nothing out: what was sent may have been done all the same."""
    try:
        yield
    except BLOCKED:
        raise
    except REFUSALS as refused:
        raise exact.OutcomeUnknown(f"a search was refused: {refused}") from refused


@dataclass(slots=True)
class Turn:
    """`state` is the lease with where everything stands; `step` renews it with each transaction."""

    database: Database
    now: Now
    state: State
    connection: Connection
    till: ProductTill
    books: Books
    settle: timedelta
    facts: KeptFacts = field(default_factory=KeptFacts)
    terms: ProductTerms | None = None
    paces: dict[str, float] = field(default_factory=dict)
    """Of what was done in this turn: how many a second, of late."""
    rest_waits_until: datetime | None = None
    """Until then the budget has no room for what nobody waits for."""
    refused_categories: dict[str, str] = field(default_factory=dict)
    """What the till answered to new ones, by name: they are asked for once a turn."""
    ends: float = field(default_factory=lambda: time.monotonic() + TURN_SECONDS)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.ends

    @contextmanager
    def half_of_what_is_left(self) -> Iterator[None]:
        """Over sooner, for what may take as long as there is."""
        ends = self.ends
        self.ends -= max(0.0, ends - time.monotonic()) / 2
        try:
            yield
        finally:
            self.ends = ends

    @property
    def direction(self) -> Direction:
        return Direction(self.connection.rules.products.direction)

    @property
    def writer(self) -> ProductWriter:
        """No rules lead a till that takes nothing (`check_product_rules`)."""
        assert isinstance(self.till, ProductWriter)
        return self.till

    @property
    def stock_till(self) -> StockTill:
        assert isinstance(self.till, StockTill)
        return self.till

    async def step(
        self, work: Callable[[Transaction], Awaitable[T]], values: dict[str, Any] | None = None
    ) -> T:
        """One transaction under the lease, with what it changes of the state; raises `LeaseLost`."""

        async def held(transaction: Transaction) -> tuple[T, State]:
            state = await leases.hold(transaction, self.state, self.now(), values)
            return await work(transaction), state

        done, self.state = await self.database.run(held)
        return done

    async def learn(self, facts: KeptFacts) -> None:
        """What a side said of itself since it was asked: the terms follow it from the next turn on."""
        self.facts = facts
        await self.keep({"facts": facts_text(facts)})

    async def keep(self, values: dict[str, Any]) -> None:
        """A step that changes the state alone."""
        self.state = await self.database.run(
            partial(leases.hold, lease=self.state, now=self.now(), values=values)
        )


def until_of(trouble: Exception, now: datetime, failures: int) -> datetime:
    """As the vendor or the budget says, else later each time."""
    until = getattr(trouble, "until", None)
    if isinstance(until, datetime):
        return max(until, now)
    return now + min(timedelta(minutes=15), timedelta(seconds=5) * (1 << min(failures, 10)))
