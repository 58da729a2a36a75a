"""Pure: values in Exact's dialect of OData v2, as filters write them and JSON brings them (4.2, 4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

ACCOUNT_CODE_LENGTH = 18
LARGEST_OR = 40
"""How many terms of an `or` chain one call bears (4.3)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JSON_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")

Value = str | int | bool | Decimal | date | datetime | UUID


def literal(value: Value) -> str:
    """The value as a filter writes it; an apostrophe in a text is doubled, a moment goes in UTC."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return format(value, "f")
        case UUID():
            return guid(str(value))
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a moment in a filter needs its time zone")
            return f"datetime'{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}'"
        case date():
            return f"datetime'{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"


def guid(text: str) -> str:
    """`guid'..'` of a key that Exact gave; raises ValueError where it is none."""
    return f"guid'{UUID(text)}'"


def account_code(code: str) -> str:
    """As Exact stores and compares it: right-aligned in 18 (5.12)."""
    return code.strip().rjust(ACCOUNT_CODE_LENGTH)


def equals(field: str, value: Value) -> str:
    return f"{field} eq {literal(value)}"


def any_of(field: str, values: Iterable[Value]) -> str:
    """`(a eq 1 or a eq 2)`; at most forty, since the address grows with each."""
    terms = [equals(field, value) for value in values]
    if not 0 < len(terms) <= LARGEST_OR:
        raise ValueError(f"between 1 and {LARGEST_OR} values in one filter, not {len(terms)}")
    return f"({' or '.join(terms)})"


def all_of(*terms: str) -> str:
    return " and ".join(term for term in terms if term)


def key(value: str) -> str:
    """A row's key as its address has it: whole numbers bare, else a GUID."""
    return value if value.isdecimal() else guid(value)


def moment_of(text: str) -> datetime:
    """`/Date(ms)/`, also before 1970; raises ValueError on anything else."""
    found = _JSON_DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date of Exact: {text!r}")
    return _EPOCH + timedelta(milliseconds=int(found[1]))


def date_of(text: str) -> date:
    """A date stands as midnight UTC: read in UTC, never in the shop's own zone (4.2)."""
    return moment_of(text).date()


def integer_of(value: str | int) -> int:
    """An Int64 comes as a string, by OData's rules; some endpoints send a number."""
    return int(value)
