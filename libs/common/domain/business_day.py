"""The business day of a moment, and when a business day is over, in the time zone of the outlet.

One moment of the clock, `day_end`, ends a day and begins the next: with "05:00" a sale at 04:59 belongs
to the day before. "till" means the till's own day (`ends_at`); tills that know none end theirs at midnight.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale

MINUTE = timedelta(minutes=1)


def business_day(moment: datetime, time_zone: str, day_end: str = "00:00") -> date:
    """The moment must be aware. The hour that autumn repeats never goes back to the day before."""
    zone, begins = ZoneInfo(time_zone), clock_time(day_end)
    local = moment.astimezone(zone)
    if local.time() >= begins or moment >= _at(local.date(), begins, zone):
        return local.date()
    return local.date() - timedelta(days=1)


def day_at_till(moment: datetime, sale: Sale, rules: Rules) -> date:
    """The business day of a moment at the till of the sale."""
    return business_day(moment, sale.time_zone, ends_at(rules, sale.day_end))


def ends_at(rules: Rules, till_day_end: str) -> str:
    """The clock time that ends a day: the rules', or the till's own where they leave it to the till."""
    return till_day_end or "00:00" if rules.day_end == "till" else rules.day_end


def day_closes_at(day: date, time_zone: str, day_end: str = "00:00") -> datetime:
    """The first moment, in UTC, that no longer belongs to the day."""
    zone, ends = ZoneInfo(time_zone), clock_time(day_end)
    closes = min(_at(day + timedelta(days=1), ends, zone, fold) for fold in (0, 1))
    while business_day(closes, time_zone, day_end) <= day:  # a clock time that spring skips
        closes += MINUTE
    return closes


def day_has_closed(
    day: date, now: datetime, time_zone: str, day_end: str = "00:00", *, wait_minutes: int = 0
) -> bool:
    return now >= day_closes_at(day, time_zone, day_end) + timedelta(minutes=wait_minutes)


def day_is_posted_at(day: date, time_zone: str, day_end: str, post_at: str) -> datetime:
    """When the documents of a day are made: the first `post_at` of the clock after the day closed."""
    closes, zone, clock = day_closes_at(day, time_zone, day_end), ZoneInfo(time_zone), clock_time(post_at)
    posted = _at(closes.astimezone(zone).date(), clock, zone)
    return (
        posted if posted >= closes else _at(closes.astimezone(zone).date() + timedelta(days=1), clock, zone)
    )


def clock_time(day_end: str) -> time:
    """`ValueError` for what is neither HH:MM nor "till"."""
    if day_end == "till":
        return time()
    return datetime.strptime(day_end, "%H:%M").replace(tzinfo=UTC).time()


def _at(day: date, clock: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)
