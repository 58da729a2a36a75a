"""Reads Lightspeed Retail's scalars: every one is a string, if it is there at all (reference 3.5).

What money or identity hangs on raises `Unreadable` with its field; what only describes is read as far as
it goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from libs.common.domain.sale import ZERO

Row = Mapping[str, Any]

NONE = "0"
"""The id that means "no record"."""

LARGEST = Decimal(10) ** 10
LARGEST_ID = 10**18
FINEST = Decimal("1E-12")
LONGEST_NUMBER = 40
LONGEST_TEXT = 4000
YEARS = range(1990, 2200)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_ID = re.compile(r"\d{1,18}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class Unreadable(ValueError):
    """A field that can't be what the till must say; `value` is shown to the person who looks into it."""

    def __init__(self, field: str, reason: str, value: object = "") -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.value = text_of(value)[:60]


def number(row: Row, field: str, default: Decimal | None = None) -> Decimal:
    """Never negative zero; without a default the field must be there."""
    value = row.get(field)
    if value is None or value == "":
        if default is None:
            raise Unreadable(field, "missing")
        return default
    read = _decimal(value) if type(value) is str else _decimal_of_native(value)
    if read is None:
        raise Unreadable(field, "not a number", value)
    if abs(read) >= LARGEST:
        raise Unreadable(field, "too large", value)
    return read


@lru_cache(maxsize=20_000)
def _decimal(text: str) -> Decimal | None:
    """ "-0" and "1.0E-8" occur (3.5)."""
    text = text.strip()
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    read = Decimal(text)
    if abs(read) >= LARGEST:
        return LARGEST
    exponent = read.as_tuple().exponent
    return (read.quantize(FINEST) if isinstance(exponent, int) and exponent < -12 else read) + ZERO


def _decimal_of_native(value: object) -> Decimal | None:
    """Where a number of JSON's own comes instead of text."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    elif isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    return LARGEST if value.copy_abs() >= LARGEST else _decimal(str(value))


def flag(row: Row, field: str) -> bool:
    value = row.get(field)
    if value is True or value == "true":
        return True
    if value is None or value is False or value in ("false", ""):
        return False
    raise Unreadable(field, "neither true nor false", value)


def identity(row: Row, field: str) -> str:
    """A foreign key: "0" where it is missing, for "none"."""
    value = row.get(field)
    if type(value) is str:
        if value == "":
            return NONE
        if _ID.fullmatch(value):
            return str(int(value))
    elif value is None:
        return NONE
    elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID:
        return str(value)
    raise Unreadable(field, "not an id", value)


def moment(row: Row, *fields: str) -> datetime | None:
    """The first of the fields that is filled; None where none is."""
    for field in fields:
        value = row.get(field)
        if value is None or value == "":
            continue
        return _moment(field, value)
    return None


def _moment(field: str, value: object) -> datetime:
    try:
        read = (
            datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= LONGEST_NUMBER else None
        )
    except ValueError:
        read = None
    if read is None or read.tzinfo is None or read.year not in YEARS:
        raise Unreadable(field, "not a moment", value)
    return read.astimezone(UTC)


def text(row: Row, field: str, limit: int = LONGEST_TEXT) -> str:
    """What describes: printable, cut to the limit, empty where it is missing or no text at all."""
    return text_of(row.get(field))[:limit]


def text_of(value: object) -> str:
    if isinstance(value, str):
        if value.isprintable():
            return value.strip()
        return _UNPRINTABLE.sub(" ", value).strip()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_ID:
        return str(value)
    return str(value) if isinstance(value, Decimal) else ""


def nested(row: Row, field: str) -> Row:
    """A relation to one record; empty where it isn't there ("" when it was loaded without finding any)."""
    value = row.get(field)
    return value if isinstance(value, Mapping) else {}


def members(row: Row, collection: str, member: str) -> list[Row]:
    """A collection of one is an object, of several an array, of none "" or missing (3.5)."""
    value = row.get(collection)
    if isinstance(value, Mapping):
        value = value.get(member)
    found = records(value, collection)
    return [_unwrapped(one, member) for one in found]


def records(value: object, name: str) -> list[Row]:
    """One record, several or none, as lists of entities are given."""
    if value is None or value == "":
        return []
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list):
        raise Unreadable(name, "not a collection", value)
    if not all(isinstance(one, Mapping) for one in value):
        raise Unreadable(name, "not all records", "")
    return value


def _unwrapped(row: Row, member: str) -> Row:
    """An array may hold objects with the member's name around each (3.4)."""
    inner = row.get(member)
    return inner if len(row) == 1 and isinstance(inner, Mapping) else row
