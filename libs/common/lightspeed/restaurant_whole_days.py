"""Which business days of which location the till has called whole, and which to ask for next. Pure.

A day that has ended is asked for until the till says that its data is complete (5.2). Days before the first
that was asked for count as whole: whoever starts today can't wait for what a device lost months ago; such a
sale is a supplement when it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache

from pydantic import TypeAdapter, ValidationError

from libs.common.contracts.sales import OutletDays
from libs.common.domain.business_day import business_day, day_closes_at
from libs.common.lightspeed.restaurant_reference import Location, RestaurantReference

A_DAY = timedelta(days=1)
DAYS_BACK = 7
"""Business days before today that are asked for at first."""
MOST_LACKING = 60
"""Days that one location may lack; older ones are let go, and what comes of them is a supplement."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one location: the days before `next` were asked for; of these the `lacking` weren't whole."""

    next: date
    lacking: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class WholeDays:
    """By location; `again` are days that lacked something, in this round still to be asked for."""

    asked: dict[str, Asked] = field(default_factory=dict)
    again: tuple[tuple[str, date], ...] = ()


@cache
def _adapter() -> TypeAdapter[WholeDays]:
    return TypeAdapter(WholeDays)


def days_text(days: WholeDays) -> str:
    return _adapter().dump_json(days).decode()


def days_from(mark: str) -> WholeDays:
    try:
        return _adapter().validate_json(mark) if mark else WholeDays()
    except ValidationError:
        return WholeDays()


def with_all(days: WholeDays, reference: RestaurantReference, now: datetime) -> WholeDays:
    """With each location that there is, and no other."""
    asked = {
        location.id: days.asked.get(location.id) or Asked(_today(location, now) - DAYS_BACK * A_DAY)
        for location in reference.locations.values()
    }
    again = tuple((location, day) for location, day in days.again if location in asked)
    return WholeDays(asked, again)


def fresh_day(days: WholeDays, reference: RestaurantReference, now: datetime) -> tuple[str, date] | None:
    """The oldest day that has ended and wasn't asked for."""
    ended = [
        (asked.next, location)
        for location, asked in days.asked.items()
        if asked.next < _today(reference.locations[location], now)
    ]
    return min(ended)[::-1] if ended else None


def lacking_days(days: WholeDays) -> tuple[tuple[str, date], ...]:
    return tuple((location, day) for location, asked in days.asked.items() for day in asked.lacking)


def after_day(days: WholeDays, location: str, day: date, *, is_whole: bool) -> WholeDays:
    before = days.asked[location]
    lacking = tuple(one for one in before.lacking if one != day)
    if not is_whole:
        lacking = tuple(sorted((*lacking, day)))[-MOST_LACKING:]
    asked = {**days.asked, location: Asked(max(before.next, day + A_DAY), lacking)}
    return replace(days, asked=asked, again=tuple(one for one in days.again if one != (location, day)))


def told_days(days: WholeDays, reference: RestaurantReference) -> tuple[OutletDays, ...]:
    """Of every location: whole up to the begin of the first day that wasn't asked for; at first, none."""
    return tuple(_told(location, days.asked.get(location.id)) for location in reference.locations.values())


def _told(location: Location, asked: Asked | None) -> OutletDays:
    if asked is None:
        return OutletDays(location.id)
    until = day_closes_at(asked.next - A_DAY, location.time_zone, location.day_end)
    return OutletDays(location.id, until, asked.lacking)


def _today(location: Location, now: datetime) -> date:
    return business_day(now, location.time_zone, location.day_end)
