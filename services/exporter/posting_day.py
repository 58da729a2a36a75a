"""Pure: a document under another day than its own, because the period of that day is closed.

Its own day stays readable at the end of what it says of itself, so that people see what happened when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from libs.common.domain.document import CashEntry, Document, JournalEntry, SalesOrder
from libs.common.exact.entities import DESCRIPTION_LENGTH, headed
from libs.common.exact.reference import Period


def under_day(document: Document, day: date | None) -> Document:
    """As it is posted: an order has no period, so it keeps its day."""
    if day is None or day == document.day or isinstance(document, SalesOrder):
        return document
    if isinstance(document, JournalEntry | CashEntry):
        lines = tuple(
            replace(line, description=dated(headed(line.description, document.reference), document.day))
            for line in document.lines
        )
        return replace(document, day=day, lines=lines)
    return replace(document, day=day, description=dated(document.description, document.day))


def dated(text: str, day: date) -> str:
    mark = f" ({day:%d-%m-%Y})"
    return (text.strip()[: DESCRIPTION_LENGTH - len(mark)].rstrip() + mark).strip()


def first_open_day(day: date, periods: Iterable[Period], closed: Collection[tuple[int, int]]) -> date | None:
    """The day itself where its period is open, else the first day of the first open period after it."""
    for period in sorted(periods, key=lambda period: period.starts_on):
        if period.ends_on >= day and (period.year, period.period) not in closed:
            return max(day, period.starts_on)
    return None
