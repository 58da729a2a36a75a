"""Rate limits (chapter 6): a window of five minutes per retailer and application, one per retailer over all
its applications, and the token endpoint's own (3.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


@dataclass
class Settings:
    """Requests of a window: so many for each register, and some more."""

    per_register: int = 300
    base: int = 50
    window_seconds: int = 300
    token_calls: int = 10
    token_window_seconds: int = 60

    def choose(self, wanted: Mapping[str, object]) -> None:
        for name, value in wanted.items():
            if name not in self.__dataclass_fields__:
                raise ValueError(f"there is no limit {name}")
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"{name} is a whole number of 0 or more, not {value}")
            if "seconds" in name and value == 0:
                raise ValueError(f"{name} is 1 or more")
            setattr(self, name, value)


@dataclass
class Window:
    ends: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    used: int = 0


@dataclass(frozen=True)
class Verdict:
    headers: Mapping[str, str]
    ends: datetime
    is_refused: bool


@dataclass
class Limits:
    now: Callable[[], datetime]
    settings: Settings = field(default_factory=Settings)
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def take(self, domain_prefix: str, client_id: str, registers: int) -> Verdict:
        """A refused request isn't counted."""
        limit = self.settings.per_register * registers + self.settings.base
        seconds = self.settings.window_seconds
        own, whole = (
            self._window((domain_prefix, client_id), seconds),
            self._window((domain_prefix, ""), seconds),
        )
        fuller = max(own, whole, key=lambda window: window.used)
        is_refused = fuller.used >= limit
        if not is_refused:
            own.used += 1
            whole.used += 1
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(limit - fuller.used, 0)),
        }
        return Verdict(headers, fuller.ends, is_refused)

    def take_token(self, client_id: str) -> Verdict:
        limit = self.settings.token_calls
        window = self._window(("token", client_id), self.settings.token_window_seconds)
        is_refused = window.used >= limit
        window.used += not is_refused
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - window.used),
            "X-RateLimit-Reset": str(int(window.ends.timestamp())),
        }
        return Verdict(headers, window.ends, is_refused)

    def _window(self, key: tuple[str, str], seconds: int) -> Window:
        window = self.windows.setdefault(key, Window())
        if window.ends <= self.now():
            window.ends, window.used = self.now() + timedelta(seconds=seconds), 0
        return window


def retry_after(ends: datetime, reading: str) -> dict[str, str]:
    """An HTTP date, not a number of seconds."""
    if reading == "missing":
        return {}
    late = timedelta(seconds=10 if reading == "late" else 0)
    moment = (ends + late + timedelta(seconds=1)).replace(microsecond=0)
    return {"Retry-After": format_datetime(moment.astimezone(UTC), usegmt=True)}
