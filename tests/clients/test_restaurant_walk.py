"""Where a walk over several locations goes on, and which business days are whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from libs.common.contracts.sales import OutletDays
from libs.common.lightspeed.restaurant_reference import Location, RestaurantReference, reference_of
from libs.common.lightspeed.restaurant_walk import (
    Place,
    after_page,
    begun_again,
    clamped,
    first_place,
    mark_of,
    place_in,
)
from libs.common.lightspeed.restaurant_whole_days import (
    WholeDays,
    after_day,
    days_from,
    days_text,
    fresh_day,
    lacking_days,
    told_days,
    with_all,
)

SINCE, UNTIL = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)
NOW = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
REFERENCE = reference_of([Location(id_, id_, "Europe/Amsterdam") for id_ in ("1", "2")])
NOWHERE = RestaurantReference()


def a_place() -> Place:
    place = first_place(REFERENCE, SINCE, UNTIL)
    assert place is not None
    return place


def test_locations_are_read_one_after_another():
    first = a_place()

    second_page = after_page(first, "t1", REFERENCE)
    assert second_page is not None
    assert (second_page.location, second_page.token, second_page.begins) == ("1", "t1", SINCE)
    second = after_page(second_page, "", REFERENCE)
    assert second is not None
    assert (second.location, second.token, second.seen) == ("2", "", ())
    assert after_page(second, "", REFERENCE) is None


def test_a_token_that_comes_again_leads_in_a_circle():
    place: Place | None = a_place()
    for token in ("a", "b"):
        assert place is not None
        place = after_page(place, token, REFERENCE)

    assert place is not None
    with pytest.raises(ValueError, match="read before"):
        after_page(place, "a", REFERENCE)


def test_empty_pages_with_ever_new_tokens_come_to_an_end():
    """Some in a row are nothing strange; a page with sales among them begins the count anew."""

    place: Place | None = a_place()
    for token in range(300):
        assert place is not None
        place = after_page(place, f"token {token}", REFERENCE, has_rows=token == 150)
    assert place is not None
    assert place.empty_pages == 149
    place = after_page(place, "the last", REFERENCE, has_rows=False)
    assert place is not None
    with pytest.raises(ValueError, match="no end"):
        after_page(place, "one more", REFERENCE, has_rows=False)


def test_more_than_a_year_is_read_in_ranges():
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    place = first_place(REFERENCE, begin, UNTIL)
    begins = []
    while place is not None and place.location == "1":
        begins.append(place.begins)
        assert place.ends - place.begins <= timedelta(days=364)
        place = after_page(place, "", REFERENCE)

    assert begins == [begin, begin + timedelta(days=364), begin + timedelta(days=728)]
    assert place is not None
    assert place.begins == begin


def test_a_mark_is_where_it_was_unless_its_location_is_gone():
    place = after_page(a_place(), "t1", REFERENCE)
    assert place is not None
    mark = mark_of(place)

    assert place_in(mark, REFERENCE) == place
    assert place_in(mark, NOWHERE) is None
    assert place_in("", REFERENCE) is None
    assert place_in('{"after": 7}', REFERENCE) is None
    assert len(mark) <= 4000


def test_a_mark_of_many_pages_stays_short():
    place: Place | None = a_place()
    for page in range(1000):
        assert place is not None
        place = after_page(place, f"token {page}", REFERENCE)

    assert place is not None
    assert len(mark_of(place)) <= 4000


def test_a_login_without_locations_has_nowhere_to_begin():
    assert first_place(NOWHERE, SINCE, UNTIL) is None


def test_a_token_that_is_no_longer_good_begins_the_range_again():
    place = after_page(a_place(), "t1", REFERENCE)
    assert place is not None

    assert begun_again(place) == a_place()


@pytest.mark.parametrize(
    ("message", "begins"),
    [
        (
            "'from' is before the business location existed. The earliest usable date is "
            "2026-11-04T09:12:00.000Z",
            datetime(2026, 11, 4, 9, 12, tzinfo=UTC),
        ),
        ("earliest: 2026-11-04T10:12:00+01:00.", datetime(2026, 11, 4, 9, 12, tzinfo=UTC)),
        (
            "this location has been open since 2026-11-04T09:12:00Z, not 2026-11-03T00:00:00Z",
            datetime(2026, 11, 4, 9, 12, tzinfo=UTC),
        ),
        (
            "'from' 2026-11-03T00:00:00Z is before it existed: 2026-11-04T09:12:00Z",
            datetime(2026, 11, 4, 9, 12, tzinfo=UTC),
        ),
        ("earliest: 2026-11-04T09:12:00.000001Z", datetime(2026, 11, 4, 9, 12, 0, 1000, tzinfo=UTC)),
        ("earliest usable date: 2026-11-04", datetime(2026, 11, 4, tzinfo=UTC)),
        ("earliest usable date: 2027-01-01", UNTIL),
        ("earliest usable date: 2026-11-03", datetime(2026, 11, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_range_from_before_a_location_existed_begins_when_it_did(message: str, begins: datetime):
    place = clamped(a_place(), message)

    assert place is not None
    assert place.begins == begins
    assert place.is_empty == (begins == UNTIL)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "the 'from' date must be before the 'to' date",
        "the 'from' date must be before the 'to' date 2026-11-05T00:00:00.000Z",
        "earliest: 2020-13-45",
        "the 'from' date 2026-11-03T00:00:00Z must be before the 'to' date 2026-11-05T00:00:00Z",
        "no sales of 2026-11-04 for this location",
        "from 2026-11-03T00:00:00.000Z was before the location existed",
    ],
)
def test_a_refusal_that_names_no_date_stays_one(message: str):
    assert clamped(a_place(), message) is None


def test_a_date_refused_again_and_again_ends():
    place: Place | None = a_place()
    steps = 0
    while place is not None:
        place = clamped(place, "earliest usable date: 2026-11-03")
        steps += 1
        assert steps < 30


# Business days


def a_week() -> WholeDays:
    return with_all(WholeDays(), REFERENCE, NOW)


def test_at_first_the_days_of_a_week_are_asked_for_the_oldest_first():
    days = a_week()

    assert fresh_day(days, REFERENCE, NOW) == ("1", date(2026, 10, 29))
    assert told_days(WholeDays(), REFERENCE) == (OutletDays("1"), OutletDays("2"))


def test_a_day_is_asked_for_once_it_has_ended_by_the_tills_clock():
    days = WholeDays()
    before, after = datetime(2026, 11, 5, 4, 29, tzinfo=UTC), datetime(2026, 11, 5, 4, 30, tzinfo=UTC)
    days = with_all(days, REFERENCE, NOW)
    for location in ("1", "2"):
        for back in range(7, 1, -1):
            days = after_day(days, location, date(2026, 11, 5) - timedelta(days=back), is_whole=True)

    assert fresh_day(days, REFERENCE, before) is None
    assert fresh_day(days, REFERENCE, after) == ("1", date(2026, 11, 4))


def test_a_day_that_lacks_something_is_told_until_it_is_whole():
    days = after_day(a_week(), "1", date(2026, 10, 29), is_whole=False)
    days = after_day(days, "1", date(2026, 10, 30), is_whole=True)

    until = datetime(2026, 10, 31, 4, 30, tzinfo=UTC)  # 05:30 in winter time
    assert told_days(days, REFERENCE)[0] == OutletDays("1", until, (date(2026, 10, 29),))
    assert lacking_days(days) == (("1", date(2026, 10, 29)),)
    whole = after_day(days, "1", date(2026, 10, 29), is_whole=True)
    assert told_days(whole, REFERENCE)[0] == OutletDays("1", until)


def test_what_is_known_is_kept_as_text_and_only_of_locations_that_there_are():
    days = after_day(a_week(), "2", date(2026, 10, 29), is_whole=False)

    assert days_from(days_text(days)) == days
    assert days_from("?") == WholeDays()
    only_first = reference_of([REFERENCE.locations["1"]])
    assert list(with_all(days, only_first, NOW).asked) == ["1"]
