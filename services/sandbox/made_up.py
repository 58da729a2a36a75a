"""How many tickets to make up, and when a shop's customers come."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.sandbox.tills import TicketError

PROFILES = ("plain", "everything")
OPEN, CLOSED = time(9, 0), time(18, 0)


@dataclass(frozen=True)
class MadeUp:
    """`days` end today, at the sandbox's now, or so many `days_ago`; one day is today so far."""

    count: int = 1
    days: int = 1
    seed: int = 1
    profile: str = "plain"
    events: bool = False
    days_ago: int = 0

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise TicketError(f"there is no profile {self.profile}; there are {', '.join(PROFILES)}")


def moments(dice: random.Random, wanted: MadeUp, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Within shop hours, never after now."""

    def hours(day: date) -> tuple[datetime, datetime]:
        return datetime.combine(day, OPEN, zone), datetime.combine(day, CLOSED, zone)

    return moments_within(dice, wanted, hours, now.astimezone(zone).date(), now)


def moments_within(
    dice: random.Random,
    wanted: MadeUp,
    hours: Callable[[date], tuple[datetime, datetime]],
    today: date,
    now: datetime,
) -> list[datetime]:
    """Within the hours of each day, never after now."""
    found = []
    for _ in range(wanted.count):
        day = today - timedelta(days=wanted.days_ago + dice.randrange(max(wanted.days, 1)))
        opened, closed = hours(day)
        if closed > now:
            opened, closed = min(opened, now - timedelta(hours=1)), now
        seconds = max(int((closed - opened).total_seconds()), 1)
        found.append(opened + timedelta(seconds=dice.randrange(seconds)))
    return found
