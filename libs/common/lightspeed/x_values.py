"""Reads X-Series' members in whichever shape they come: flat (0.9, 2.0) or nested (2026-07) (reference 8, 9).

A path names a member, "pricing.total" one inside another; of several the first that is filled counts. Absent,
null and empty text are one (4). What money or identity hangs on raises `Unreadable` with its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from libs.common.lightspeed import retail_values
from libs.common.lightspeed.retail_values import LONGEST_NUMBER, YEARS, Row, Unreadable, text_of

LONGEST_ID = 100
YES, NO = (True, 1, "1", "true"), (False, 0, "0", "false")


def member(row: Row, *paths: str) -> Any:
    """The first that is filled; None where none is."""
    return _found(row, paths)[1]


def number(row: Row, *paths: str, default: Decimal | None = None) -> Decimal:
    """A JSON number or text of one (4), never negative zero; without a default it must be there."""
    path, value = _found(row, paths)
    return retail_values.number({path: value}, path, default)


def identity(row: Row, *paths: str) -> str:
    """A UUID, or whatever else the till calls an id; empty for none."""
    path, value = _found(row, paths)
    if value is None:
        return ""
    text = text_of(value)
    if not text or len(text) > LONGEST_ID or not text.isprintable() or " " in text:
        raise Unreadable(path, "not an id", value)
    return text


def flag(row: Row, *paths: str) -> bool:
    """0.9 says 1 and 0 (8.6)."""
    path, value = _found(row, paths)
    if value is None or any(value is no or (type(value) is not bool and value == no) for no in NO):
        return False
    if any(value is yes or (type(value) is not bool and value == yes) for yes in YES):
        return True
    raise Unreadable(path, "neither true nor false", value)


def moment(row: Row, *paths: str) -> datetime | None:
    """ISO 8601; 0.9's moments bear no zone and are UTC (4)."""
    path, value = _found(row, paths)
    if value is None:
        return None
    try:
        is_short = isinstance(value, str) and len(value) <= LONGEST_NUMBER
        read = datetime.fromisoformat(value) if is_short else None
    except ValueError:
        read = None
    if read is None or read.year not in YEARS:
        raise Unreadable(path, "not a moment", value)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def text(row: Row, *paths: str, limit: int = 4000) -> str:
    """What describes; empty where it is missing or no text at all."""
    return text_of(member(row, *paths))[:limit]


def listed(row: Row, *paths: str) -> list[Row]:
    path, value = _found(row, paths)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(path, "not a list", "")
    if not all(isinstance(one, Mapping) for one in value):
        raise Unreadable(path, "not all objects", "")
    return value


def nested(row: Row, path: str) -> Row:
    found = member(row, path)
    return found if isinstance(found, Mapping) else {}


def _found(row: Row, paths: tuple[str, ...]) -> tuple[str, Any]:
    for path in paths:
        value = _at(row, path)
        if value is not None and value != "":
            return path, value
    return paths[0], None


def _at(row: Row, path: str) -> Any:
    found: Any = row
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
