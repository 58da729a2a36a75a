"""A vendor's clock beside ours, as the `Date` of its answers tells it (RFC 9110, 6.6.1).

What a vendor had not changed yet when it answered can't be concluded from our clock, which may run ahead of
its. Whoever concludes listens, and `fetch` tells every answer; a vendor without the header goes by our clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from libs.common.service import Now

NO_TIME = timedelta()


@dataclass(slots=True)
class VendorClock:
    """`ahead` is how far ours ran ahead at the last answer, the answer's own way and a second included.

    Never less than nothing: where ours runs behind, what it concludes is only late.
    """

    ours: Now
    ahead: timedelta = NO_TIME

    def now(self) -> datetime:
        return self.ours() - self.ahead

    def hear(self, headers: Mapping[str, str]) -> None:
        told = _moment(headers.get("Date", ""))
        if told is not None:
            self.ahead = max(self.ours() - told, NO_TIME)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hears every answer that this task fetches meanwhile."""
        token = _listener.set(self)
        try:
            yield
        finally:
            _listener.reset(token)


_listener: ContextVar[VendorClock | None] = ContextVar("vendor_clock", default=None)


def tell_clock(headers: Mapping[str, str]) -> None:
    """To whoever listens."""
    listener = _listener.get()
    if listener is not None:
        listener.hear(headers)


def _moment(text: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    return told.replace(tzinfo=told.tzinfo or UTC)
