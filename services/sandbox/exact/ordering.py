"""`$orderby`: sorting, and the place in the order that a `$skiptoken` remembers by value.

A row that was added or changed between two pages can't shift the others over the edge of a page.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.sandbox.exact.table import SEQUENCE, Row

Order = tuple[tuple[str, bool], ...]  # property, descending


def sort_key(value: Any) -> tuple[bool, Any]:
    """Empty values come first."""
    return (value is not None, "" if value is None else value)


def in_order(rows: Iterable[Row], order: Order) -> list[Row]:
    done = list(rows)
    for name, descending in reversed(order):
        done.sort(key=lambda row: sort_key(row.get(name)), reverse=descending)
    return done


def mark_of(row: Row, order: Order) -> list[Any]:
    """What a token keeps of the last row of a page."""
    return [row.get(SEQUENCE, 0), *(as_text(row.get(name)) for name, _ in order)]


def as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["date", value.isoformat()]
    return ["number", str(value)] if isinstance(value, Decimal) else value


def from_text(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, text = value
    return datetime.fromisoformat(text) if kind == "date" else Decimal(text)


def rows_after(rows: list[Row], order: Order, mark: tuple[Any, ...]) -> list[Row]:
    sequence, values = mark[0], [from_text(value) for value in mark[1:]]
    return [row for row in rows if is_after(row, order, values, sequence)]


def is_after(row: Row, order: Order, values: list[Any], sequence: int) -> bool:
    for (name, descending), last in zip(order, values, strict=True):
        mine, theirs = sort_key(row.get(name)), sort_key(last)
        if mine != theirs:
            return mine < theirs if descending else mine > theirs
    return bool(row.get(SEQUENCE, 0) > sequence)
