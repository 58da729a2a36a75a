"""What can come of sending one job, beside `Booked` and a `Problem`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from libs.common.domain.problem import Problem
from services.exporter.compare import Booked


@dataclass(frozen=True, slots=True)
class Unknown:
    """The POST may have been carried out."""


@dataclass(frozen=True, slots=True)
class Again:
    """Certainly not carried out; this job alone is sent once more, as the refusal taught."""

    until: datetime
    posted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Certainly not carried out; the whole division waits until then, or what a long wait is about."""

    until: datetime
    reason: str
    is_limit: bool = False
    """Calls have to wait: the budget's own, or Exact's."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Certainly not carried out, and nothing goes on this consent until a person acts."""

    reason: str
    problem: Problem | None
    """The job's own, where it was refused; without one it waits."""


Outcome = Booked | Problem | Unknown | Again | Later | Blocked
