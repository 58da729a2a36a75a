"""One authorised request as the endpoints see it, and what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.sandbox.x_series.errors import ApiError, bad
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.oauth import Access

OLDEST, FLAT, UPDATES = "0.9", "2.0", "2.1"
SUPPORTED = ("2026-01", "2026-04", "2026-07")


@dataclass(frozen=True, kw_only=True)
class Call:
    """`version` is the one that answers, which of a dated version past its end is a newer one (chapter 2)."""

    merchant: Merchant
    access: Access
    version: str
    method: str
    path: Sequence[str]
    query: Sequence[tuple[str, str]] = ()
    body: Any = None

    @property
    def is_dated(self) -> bool:
        return "-" in self.version

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.query if key == name]

    def whole(self, name: str) -> int | None:
        """A parameter that is a whole number; 400 when it is something else."""
        value = self.first(name)
        if value is None or value == "":
            return None
        if not value.lstrip("-").isdigit():
            raise bad(f"{name} is not a number")
        return int(value)

    def flag(self, name: str) -> bool:
        return (self.first(name) or "").lower() in {"1", "true"}

    def fields(self) -> Mapping[str, Any]:
        if not isinstance(self.body, dict):
            raise bad("The body is not a JSON object")
        return self.body


@dataclass(frozen=True)
class Answer:
    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def version_of(segment: str) -> str:
    """A dated version past its end is answered by the oldest supported one; a coming one is not there."""
    if segment in {FLAT, UPDATES, *SUPPORTED}:
        return segment
    year, _, month = segment.partition("-")
    if len(year) == 4 and year.isdigit() and month.isdigit() and segment < SUPPORTED[0]:
        return SUPPORTED[0]
    raise ApiError(404, "Not Found")
