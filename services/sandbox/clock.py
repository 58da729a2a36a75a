"""The sandbox's own clock, so that tests and demos can move time instead of waiting for it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Runs with the machine's clock plus what was advanced; with a start given, it stands still."""

    def __init__(self, start: datetime | None = None) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError("a clock starts at an aware moment")
        self._start = start.astimezone(UTC) if start else None
        self._advanced = timedelta()

    def now(self) -> datetime:
        return (self._start or datetime.now(UTC)) + self._advanced

    def advance(self, seconds: float) -> None:
        self._advanced += timedelta(seconds=seconds)
