"""Values on the wire: how they are read from a body and written in an answer, by EDM type."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GUID = re.compile(r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$")
VERBOSE_DATE = re.compile(r"^/Date\((-?\d+)([+-]\d{4})?\)/$")
INTEGER_RANGES = {"Byte": (0, 255), "Int16": (-(2**15), 2**15 - 1), "Int32": (-(2**31), 2**31 - 1)}


class BadGuid(ValueError):
    """A text that should have been a GUID."""


@lru_cache(maxsize=65536)
def verbose_date(moment: datetime) -> str:
    return f"/Date({(moment - EPOCH) // timedelta(milliseconds=1)})/"


def number(amount: Decimal | int | float) -> int | float:
    whole = int(amount)
    return whole if whole == amount else float(amount)


def write_plain(value: Any) -> Any:
    return value


def write_date(value: Any) -> Any:
    return None if value is None else verbose_date(value)


def write_double(value: Any) -> Any:
    return None if value is None else number(value)


def write_int64(value: Any) -> Any:
    return None if value is None else str(value)


def write_byte(value: Any) -> Any:
    return None if value is None else int(value)


WRITERS: dict[str, Callable[[Any], Any]] = {
    "DateTime": write_date,
    "Double": write_double,
    "Int64": write_int64,
    "Byte": write_byte,
}


def writer(edm_type: str) -> Callable[[Any], Any]:
    return WRITERS.get(edm_type, write_plain)


def read_guid(value: Any) -> str:
    if not isinstance(value, str) or not GUID.match(value.strip("{} ")):
        raise BadGuid(value)
    digits = value.strip("{} ").replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def read_date(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError(value)
    if verbose := VERBOSE_DATE.match(value):
        return EPOCH + timedelta(milliseconds=int(verbose[1]))
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_double(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(value)
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 15:
        raise ValueError(value)
    return amount


def read_integer(value: Any, edm_type: str) -> int:
    if isinstance(value, bool):
        if edm_type != "Byte":
            raise ValueError(value)
        return int(value)
    if isinstance(value, float) and value != int(value):
        raise ValueError(value)
    whole = int(value)
    low, high = INTEGER_RANGES.get(edm_type, (-(2**63), 2**63 - 1))
    if not low <= whole <= high:
        raise ValueError(value)
    return whole


def read_boolean(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value in (0, 1):
        return bool(value)
    raise ValueError(value)


def read_text(value: Any) -> str:
    if isinstance(value, (dict, list, bool)):
        raise ValueError(value)
    return str(value)


def read_value(value: Any, edm_type: str) -> Any:
    """The value of a property in a body; ValueError when it does not suit the type."""
    if value is None:
        return None
    if edm_type == "Guid":
        return read_guid(value)
    if edm_type == "DateTime":
        return read_date(value)
    if edm_type == "Double":
        return read_double(value)
    if edm_type == "Boolean":
        return read_boolean(value)
    if edm_type in ("Int16", "Int32", "Int64", "Byte"):
        return read_integer(value, edm_type)
    return read_text(value)
