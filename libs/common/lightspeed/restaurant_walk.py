"""Where a walk over the closed accounts of several locations stands, and what the next call asks. Pure.

Locations are read one after another, each page by page over the walk's stretch, in ranges of at most a year.
The mark says it all, so that whoever goes on after a kill asks for the very next page.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from libs.common.lightspeed.restaurant_reference import RestaurantReference

LONGEST_RANGE = timedelta(days=364)
"""A day under the vendor's limit (5)."""
AROUND = timedelta(seconds=1)
"""A moment may be repeated without its milliseconds."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_TOKENS = 150
"""How many are remembered, and how many in a row may lead to nothing."""
_EARLIEST = re.compile("exist|earliest|opened", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Place:
    """`since` and `until` are the walk's; `begins` is where the range begins that is read now."""

    location: str
    since: datetime
    until: datetime
    begins: datetime
    token: str = ""
    seen: tuple[int, ...] = ()
    """Checksums of the tokens that led here: one that comes again leads in a circle."""
    empty_pages: int = 0
    """In a row, each with a token for the next."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of the range: the location began after it."""
        return self.begins >= self.until

    @property
    def ends(self) -> datetime:
        return min(self.until, self.begins + LONGEST_RANGE)


@cache
def _adapter() -> TypeAdapter[Place]:
    return TypeAdapter(Place)


def mark_of(place: Place) -> str:
    return _adapter().dump_json(place).decode()


def place_in(mark: str, reference: RestaurantReference) -> Place | None:
    """None where it is no place, or at a location that isn't there any more."""
    try:
        place = _adapter().validate_json(mark) if mark else None
    except ValidationError:
        return None
    return place if place is not None and place.location in reference.locations else None


def first_place(reference: RestaurantReference, since: datetime, until: datetime) -> Place | None:
    """None where there is no location at all."""
    first = next(iter(reference.locations), None)
    return None if first is None else Place(first, since, until, since)


def begun_again(place: Place) -> Place:
    """At the range's begin, where its token is no longer good."""
    return replace(place, token="", seen=(), empty_pages=0)


def after_page(
    place: Place, token: str, reference: RestaurantReference, *, has_rows: bool = True
) -> Place | None:
    """Where to go on; None where all was read. Raises ValueError for a token that leads nowhere."""
    if token:
        checksum = zlib.crc32(token.encode())
        if checksum in place.seen:
            raise ValueError("the next page was read before")
        empty_pages = 0 if has_rows else place.empty_pages + 1
        if empty_pages > MOST_TOKENS:
            raise ValueError("one empty page leads to another, and to no end")
        seen = (*place.seen, checksum)[-MOST_TOKENS:]
        return replace(place, token=token, seen=seen, empty_pages=empty_pages)
    if place.ends < place.until:
        return Place(place.location, place.since, place.until, place.ends)
    following = _location_after(place.location, reference)
    return Place(following, place.since, place.until, place.since) if following else None


def is_before_beginning(message: str) -> bool:
    """Whether a refusal is for a time before the location existed (5.1)."""
    return bool(_EARLIEST.search(message))


def clamped(place: Place, message: str) -> Place | None:
    """The range from the earliest usable moment on that a refusal names (5.1); None where it names none.

    In whatever words, a moment within the range is no repetition of ours, and a refusal has no other to name.
    A date alone is refused again until the hour is right in which the location began.
    """
    named = [(text, at) for text in _DATE.findall(message) if (at := _moment(text)) is not None]
    says_so = is_before_beginning(message)
    later = [
        at for text, at in named if at > place.begins and (says_so or ("T" in text and _is_within(at, place)))
    ]
    if says_so and not later and any("T" not in text and place.begins < at + DAY for text, at in named):
        later = [place.begins + HOUR]
    return replace(begun_again(place), begins=min(later[0], place.until)) if later else None


def _is_within(at: datetime, place: Place) -> bool:
    return place.begins + AROUND < at < place.ends - AROUND


def _moment(text: str) -> datetime | None:
    """To the millisecond above, since no part of one can be asked for."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at.replace(tzinfo=at.tzinfo or UTC)
    return at + timedelta(microseconds=-at.microsecond % 1000)


def _location_after(location: str, reference: RestaurantReference) -> str | None:
    ids = list(reference.locations)
    place = ids.index(location) + 1 if location in ids else len(ids)
    return ids[place] if place < len(ids) else None
