"""The business day of a moment, in the outlet's time zone, also when the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from libs.common.domain.business_day import business_day, day_closes_at, day_has_closed

AMSTERDAM = "Europe/Amsterdam"


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_the_day_is_that_of_the_shop_not_of_utc() -> None:
    assert business_day(_utc(2026, 3, 31, 22, 30), AMSTERDAM) == date(2026, 4, 1)


def test_in_winter_the_same_hour_is_still_the_day_before() -> None:
    assert business_day(_utc(2026, 1, 31, 22, 30), AMSTERDAM) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("moment", "day"),
    [(_utc(2026, 7, 2, 2, 59), date(2026, 7, 1)), (_utc(2026, 7, 2, 3, 0), date(2026, 7, 2))],
)
def test_a_sale_before_the_end_of_the_day_belongs_to_the_day_before(moment: datetime, day: date) -> None:
    assert business_day(moment, AMSTERDAM, "05:00") == day


def test_the_tills_own_day_ends_at_midnight_where_the_till_knows_none() -> None:
    assert business_day(_utc(2026, 7, 1, 22, 0), AMSTERDAM, "till") == date(2026, 7, 2)


def test_a_day_closes_at_midnight_in_the_shop() -> None:
    assert day_closes_at(date(2026, 7, 1), AMSTERDAM) == _utc(2026, 7, 1, 22, 0)
    assert day_closes_at(date(2026, 1, 1), AMSTERDAM) == _utc(2026, 1, 1, 23, 0)


def test_the_day_on_which_summer_begins_has_23_hours() -> None:
    assert day_closes_at(date(2026, 3, 28), AMSTERDAM) == _utc(2026, 3, 28, 23, 0)
    assert day_closes_at(date(2026, 3, 29), AMSTERDAM) == _utc(2026, 3, 29, 22, 0)


def test_the_day_on_which_summer_ends_has_25_hours() -> None:
    assert day_closes_at(date(2026, 10, 24), AMSTERDAM) == _utc(2026, 10, 24, 22, 0)
    assert day_closes_at(date(2026, 10, 25), AMSTERDAM) == _utc(2026, 10, 25, 23, 0)


def test_a_day_that_ends_in_the_hour_that_spring_skips_ends_when_the_clock_jumps() -> None:
    # 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC, so there is no 02:30
    assert day_closes_at(date(2026, 3, 28), AMSTERDAM, "02:30") == _utc(2026, 3, 29, 1, 0)
    assert business_day(_utc(2026, 3, 29, 0, 59), AMSTERDAM, "02:30") == date(2026, 3, 28)
    assert business_day(_utc(2026, 3, 29, 1, 0), AMSTERDAM, "02:30") == date(2026, 3, 29)


def test_the_hour_that_autumn_repeats_does_not_go_back_to_the_day_before() -> None:
    # 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC; 02:30 is at 00:30 and again at 01:30 UTC
    assert day_closes_at(date(2026, 10, 24), AMSTERDAM, "02:30") == _utc(2026, 10, 25, 0, 30)
    assert business_day(_utc(2026, 10, 25, 0, 29), AMSTERDAM, "02:30") == date(2026, 10, 24)
    assert business_day(_utc(2026, 10, 25, 0, 45), AMSTERDAM, "02:30") == date(2026, 10, 25)
    assert business_day(_utc(2026, 10, 25, 1, 15), AMSTERDAM, "02:30") == date(2026, 10, 25)


def test_a_day_has_closed_when_the_wait_for_late_sales_is_over() -> None:
    day = date(2026, 7, 1)

    assert not day_has_closed(day, _utc(2026, 7, 1, 23, 29), AMSTERDAM, wait_minutes=90)
    assert day_has_closed(day, _utc(2026, 7, 1, 23, 30), AMSTERDAM, wait_minutes=90)


def test_an_end_of_day_that_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="noon"):
        business_day(_utc(2026, 7, 1), AMSTERDAM, "noon")
