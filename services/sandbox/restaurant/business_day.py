"""When a business day begins and ends, and when its data is whole (chapter 10)."""

from datetime import UTC, date, datetime, timedelta

from services.sandbox.restaurant.business import Location
from services.sandbox.switches import Switches


def start_of(location: Location, day: date) -> datetime:
    """In UTC, made from wall time: days of 23 and 25 hours come by themselves."""
    return datetime.combine(day, location.day_start, location.zone).astimezone(UTC)


def next_start_of(location: Location, day: date) -> datetime:
    return start_of(location, day + timedelta(days=1))


def business_day(location: Location, at: datetime) -> date:
    local = at.astimezone(location.zone)
    return local.date() if local.time() >= location.day_start else local.date() - timedelta(days=1)


def is_complete(location: Location, day: date, now: datetime, switches: Switches) -> bool:
    """Nobody knows what sets it (5.2): a till can be told, else the switch decides."""
    told = location.incomplete_days.get(day.isoformat())
    if told is not None:
        return not told
    rule = switches["data_complete"]
    if rule == "always":
        return True
    end = next_start_of(location, day)
    if now < end + timedelta(minutes=switches.number("data_complete_minutes")):
        return False
    handed_in = (record for record, _ in location.closed_between(start_of(location, day), end))
    return rule == "day over" or all(record.is_seen(now) or record.closed_at == end for record in handed_in)
