"""Moments, ranges and pages as the caller wrote them, and what is wrong with them (5.1)."""

import base64
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.sandbox.restaurant.business import Location
from services.sandbox.restaurant.errors import bad
from services.sandbox.restaurant.values import moment_text
from services.sandbox.switches import Switches

LONGEST = timedelta(days=365)


@dataclass(frozen=True)
class Range:
    begin: datetime
    end: datetime
    with_begin: bool
    with_end: bool

    def holds(self, at: datetime) -> bool:
        after = at >= self.begin if self.with_begin else at > self.begin
        before = at <= self.end if self.with_end else at < self.end
        return after and before


def read_range(begin: str | None, end: str | None, now: datetime, switches: Switches) -> Range:
    """An end that is absent or in the future means now."""
    if not begin:
        raise bad("Required parameter 'from' is not present.")
    first = read_moment(begin, "from")
    asked = read_moment(end, "to") if end else now
    is_open = asked >= now
    last = min(asked, now)
    if first > asked or first > now:
        raise bad("The 'from' date must be before the 'to' date.")
    if last - first > LONGEST:
        raise bad("The range between 'from' and 'to' can not be more than 365 days.")
    with_end = switches["range_end"] == "inclusive" or is_open
    return Range(first, last, switches["range_begin"] == "inclusive", with_end)


def check_existed(location: Location, first: datetime, switches: Switches) -> None:
    """The second financial API alone minds; the first has nothing of before."""
    if first < location.opened_at:
        earliest = moment_text(location.opened_at)
        if switches["earliest_date"] == "date":
            earliest = earliest[:10]
        raise bad(f"'from' is before the business location existed. The earliest usable date is {earliest}")


def read_moment(text: str, name: str) -> datetime:
    """With an offset or Z; a plus that became a space on its way is one still."""
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise bad(f"Could not parse '{name}': '{text}' is not an ISO 8601 date-time.") from None
    if at.tzinfo is None:
        raise bad(f"Could not parse '{name}': '{text}' has no offset.")
    return at.astimezone(UTC)


def read_day(text: str | None) -> date:
    if not text:
        raise bad("Required parameter 'date' is not present.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad(f"Could not parse 'date': '{text}' is not a date (YYYY-MM-DD).") from None


def read_number(given: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    raw = given.get(name, "")
    if not raw:
        return default
    if not raw.lstrip("-").isdigit() or int(raw) < least:
        raise bad(f"Parameter '{name}' is '{raw}', expected a number of {least} or more.")
    return int(raw)


def read_page_size(given: Mapping[str, str], default: int, maximum: int, switches: Switches) -> int:
    size = read_number(given, "pageSize", default, least=1)
    if size > maximum and switches["large_page_size"] == "400":
        raise bad(f"Parameter 'pageSize' is {size}, the maximum is {maximum}.")
    return min(size, maximum)


def token_of(at: datetime, place: int) -> str:
    """Base64 of a timestamp, as in the vendor's samples, with the place among records of one moment."""
    return base64.b64encode(f"{moment_text(at)}/{place}".encode()).decode()


def read_token(token: str) -> tuple[datetime, int]:
    try:
        at, _, place = base64.b64decode(token, validate=True).decode().partition("/")
        return datetime.fromisoformat(at), int(place or 0)
    except (NotBase64, ValueError):
        raise bad(f"Invalid nextPageToken '{token}'.") from None
