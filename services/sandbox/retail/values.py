"""What a row can hold, and the text in which the vendor shows it: every scalar is a string."""

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias

Nested: TypeAlias = "dict[str, Nested] | list[Nested] | str"
Value: TypeAlias = "int | str | bool | Decimal | datetime | dict[str, Nested] | None"

ZERO = Decimal(0)
CENT = Decimal("0.01")
SEVEN_PLACES = Decimal("0.0000001")


class Kind(StrEnum):
    ID = "i"
    TEXT = "s"
    NUMBER = "d"
    FLAG = "b"
    TIME = "t"
    NESTED = "x"


def cents(amount: Decimal) -> Decimal:
    """Half up, away from zero, so that a return mirrors its sale."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def seven_places(amount: Decimal) -> Decimal:
    return amount.quantize(SEVEN_PLACES, ROUND_HALF_UP)


def number_text(number: Decimal) -> str:
    """Trailing zeros stripped; minus zero is shown, as the vendor does (3.5)."""
    if not number:
        return "-0" if number.is_signed() else "0"
    return format(number.normalize(), "f")


def time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def value_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return time_text(value)
    return str(value)


def json_text(value: Value) -> str:
    """JSON as the vendor writes it: ASCII, slashes escaped."""
    if isinstance(value, dict):
        return json.dumps(value, separators=(",", ":")).replace("/", "\\/")
    if isinstance(value, str):
        return json.dumps(value).replace("/", "\\/")
    return f'"{value_text(value)}"'


def read_value(text: str, kind: Kind) -> Value:
    """The typed value of a text; ValueError when it is not one of its kind."""
    if kind is Kind.ID:
        return int(text or "0")
    if kind is Kind.NUMBER:
        return _read_number(text)
    if kind is Kind.FLAG:
        return _read_flag(text)
    if kind is Kind.TIME:
        return read_time(text)
    return text


def read_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0)


def _read_number(text: str) -> Decimal:
    try:
        number = Decimal(text or "0")
    except InvalidOperation:
        raise ValueError(f"'{text}' is not a number") from None
    if not number.is_finite():
        raise ValueError(f"'{text}' is not a number")
    return number


def _read_flag(text: str) -> bool:
    if text.lower() in {"true", "1"}:
        return True
    if text.lower() in {"false", "0", ""}:
        return False
    raise ValueError(f"'{text}' is not true or false")
