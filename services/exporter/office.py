"""Where debtors and items are looked for: a division, through one connection's consent and rules."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.exact.entities import DivisionFacts
from libs.common.service import Now
from services.exporter.links import Place

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision


@dataclass(frozen=True, slots=True)
class Office:
    database: Database
    exact: ExactDivision
    connection: Connection
    division_key: str
    facts: DivisionFacts
    now: Now
    settle: timedelta
    in_flight: timedelta
    hold: Callable[[Transaction], Awaitable[None]]
    """Raises where the division is another's by now: whoever lost it makes nothing any more."""
    lane: Lane = Lane.SALES

    @property
    def place(self) -> Place:
        return Place(self.connection.id, self.division_key)
