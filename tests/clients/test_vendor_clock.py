"""The vendor's clock, as its answers tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from libs.common.vendor_clock import VendorClock, tell_clock

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "then"),
    [
        ("Sat, 14 Mar 2026 11:50:00 GMT", NOON - timedelta(minutes=10)),
        ("Sat, 14 Mar 2026 11:50:00", NOON - timedelta(minutes=10)),
        ("Sat, 14 Mar 2026 12:20:00 GMT", NOON),
        ("half past noon", NOON),
        ("", NOON),
    ],
)
def test_it_is_never_later_than_what_an_answer_says_nor_than_ours(date: str, then: datetime) -> None:
    clock = VendorClock(lambda: NOON)

    with clock.listening():
        tell_clock({"Date": date})

    assert clock.now() == then


def test_what_others_fetch_tells_it_nothing() -> None:
    clock = VendorClock(lambda: NOON)

    with clock.listening():
        pass
    tell_clock({"Date": "Sat, 14 Mar 2026 11:50:00 GMT"})

    assert clock.now() == NOON
