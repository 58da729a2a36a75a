"""Pure: what rate limit headers say; what is missing or strange is unknown, never zero (reference 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Family:
    """One family of Exact's headers: the minute's or the day's."""

    limit: int | None
    remaining: int | None
    reset: datetime | None

    @property
    def is_present(self) -> bool:
        return self.limit is not None or self.remaining is not None or self.reset is not None

    @property
    def used(self) -> int | None:
        if self.limit is None or self.remaining is None:
            return None
        return self.limit - self.remaining


def minute_family(headers: Mapping[str, str]) -> Family:
    return _family(headers, "x-ratelimit-minutely-")


def day_family(headers: Mapping[str, str]) -> Family:
    return _family(headers, "x-ratelimit-")


def _family(headers: Mapping[str, str], prefix: str) -> Family:
    limit = _whole(headers, prefix + "limit")
    return Family(
        limit=limit if limit else None,
        remaining=_whole(headers, prefix + "remaining"),
        reset=_moment(_whole(headers, prefix + "reset")),
    )


def _whole(headers: Mapping[str, str], name: str) -> int | None:
    text = text_of(headers, name).strip()
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _moment(milliseconds: int | None) -> datetime | None:
    """Epoch milliseconds; a gateway in between was seen to send seconds."""
    if not milliseconds:
        return None
    seconds = milliseconds / 1000 if milliseconds > 10**11 else milliseconds
    return datetime.fromtimestamp(seconds, UTC)


def decimal_of(headers: Mapping[str, str], name: str) -> Decimal | None:
    try:
        value = Decimal(text_of(headers, name).strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None


def level_of(headers: Mapping[str, str], name: str) -> tuple[Decimal, Decimal] | None:
    """`6.29/90`: a level and the size it is measured against."""
    level, _, size = text_of(headers, name).partition("/")
    both = {"level": level, "size": size}
    found_level, found_size = decimal_of(both, "level"), decimal_of(both, "size")
    if found_level is None or not found_size:
        return None
    return found_level, found_size


def text_of(headers: Mapping[str, str], name: str) -> str:
    if name in headers:
        return headers[name]
    return next((value for each, value in headers.items() if each.lower() == name.lower()), "")
