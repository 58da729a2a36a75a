"""Calls a minute for each consent: no limit is published (chapter 13), so this one is only a brake."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import cycle
from math import ceil

from services.sandbox.switches import Switches

FORMS = ("seconds", "date")


@dataclass
class Settings:
    """0 calls a minute: no limit."""

    per_minute: int = 600

    def choose(self, wanted: Mapping[str, object]) -> None:
        for name, value in wanted.items():
            if name != "per_minute":
                raise ValueError(f"there is no limit {name}; there is per_minute")
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"per_minute is a whole number of 0 or more, not {value}")
            self.per_minute = value


@dataclass
class Limits:
    now: Callable[[], datetime]
    switches: Switches
    settings: Settings = field(default_factory=Settings)
    calls: dict[int, list[datetime]] = field(default_factory=dict)
    in_turn: "cycle[str]" = field(default_factory=lambda: cycle(FORMS))

    def wait_before(self, consent: int) -> float:
        """Seconds to wait, 0 where the call may go on; then it is counted."""
        if not self.settings.per_minute:
            return 0
        now, minute = self.now(), timedelta(minutes=1)
        recent = [at for at in self.calls.get(consent, []) if now - at < minute]
        if len(recent) >= self.settings.per_minute:
            self.calls[consent] = recent
            return ((recent[0] + minute) - now).total_seconds()
        self.calls[consent] = [*recent, now]
        return 0

    def retry_after(self, seconds: float) -> dict[str, str]:
        form = self.switches["retry_after"]
        if form == "in turn":
            form = next(self.in_turn)
        if form == "absent":
            return {}
        if form == "date":
            at = self.now() + timedelta(seconds=ceil(seconds))
            return {"Retry-After": format_datetime(at, usegmt=True)}
        return {"Retry-After": str(ceil(seconds))}
