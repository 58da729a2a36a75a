"""Calls per minute and day, and the error budget, per app and division."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
COUNTED_ERRORS = (400, 401, 403, 404)
"""Answers that use up the error budget."""


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def end_of_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def end_of_day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@dataclass
class Window:
    """Calls counted until `ends`; then it starts anew."""

    ends: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    used: int = 0


@dataclass
class Budget:
    minute: Window = field(default_factory=Window)
    day: Window = field(default_factory=Window)


@dataclass
class Errors:
    """Error answers of one app, user, division and endpoint, and the block they led to."""

    at: list[datetime] = field(default_factory=list)
    blocked_until: datetime | None = None
    blocked_hours: int = 0


@dataclass
class Limits:
    minute: int = 60
    day: int = 5000
    errors_per_hour: int = 10
    token_calls_per_day: int = 200
    budgets: dict[tuple[str, int], Budget] = field(default_factory=dict)
    errors: dict[tuple[str, str, int, str], Errors] = field(default_factory=dict)
    token_days: dict[tuple[str, str], Window] = field(default_factory=dict)

    def numbers(self) -> dict[str, int]:
        return {
            name: getattr(self, name) for name in ("minute", "day", "errors_per_hour", "token_calls_per_day")
        }

    def budget(self, client_id: str, division: int, now: datetime, rolling: bool) -> Budget:
        budget = self.budgets.setdefault((client_id, division), Budget())
        if now >= budget.minute.ends:
            budget.minute = Window(now + timedelta(minutes=1) if rolling else end_of_minute(now))
        if now >= budget.day.ends:
            budget.day = Window(end_of_day(now))
        return budget

    def take_token_call(self, client_id: str, user: str, now: datetime) -> bool:
        """Counts a call on the token endpoint; False when the day's number is used up."""
        window = self.token_days.get((client_id, user))
        if window is None or now >= window.ends:
            window = self.token_days[(client_id, user)] = Window(end_of_day(now))
        window.used += 1
        return window.used <= self.token_calls_per_day

    def is_blocked(self, key: tuple[str, str, int, str], now: datetime) -> bool:
        errors = self.errors.get(key)
        if errors is None or errors.blocked_until is None:
            return False
        return now < errors.blocked_until

    def count_error(self, key: tuple[str, str, int, str], now: datetime) -> None:
        """Ten errors in an hour block for one hour; going on after a block blocks twice as long."""
        errors = self.errors.setdefault(key, Errors())
        if errors.blocked_until is not None and now >= errors.blocked_until + HOUR:
            errors.blocked_hours, errors.blocked_until = 0, None
        errors.at = [moment for moment in errors.at if now - moment < HOUR]
        errors.at.append(now)
        if len(errors.at) >= self.errors_per_hour:
            errors.blocked_hours = max(1, errors.blocked_hours * 2)
            errors.blocked_until = now + errors.blocked_hours * HOUR
            errors.at.clear()


def minute_headers(limits: Limits, budget: Budget) -> dict[str, str]:
    return {
        "X-RateLimit-Minutely-Limit": str(limits.minute),
        "X-RateLimit-Minutely-Remaining": str(max(0, limits.minute - budget.minute.used)),
        "X-RateLimit-Minutely-Reset": str(milliseconds(budget.minute.ends)),
    }


def day_headers(limits: Limits, budget: Budget) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limits.day),
        "X-RateLimit-Remaining": str(max(0, limits.day - budget.day.used)),
        "X-RateLimit-Reset": str(milliseconds(budget.day.ends)),
    }
