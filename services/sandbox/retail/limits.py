"""Rate limits (chapter 2): a leaky bucket per account and client, and a limit on each second's burst."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil


@dataclass
class Settings:
    """The size and drip of a subscription with one register, and what each further register adds."""

    bucket: float = 90.0
    drip: float = 1.0
    burst: int = 20
    bucket_per_register: float = 10.0
    drip_per_register: float = 0.5

    def choose(self, wanted: Mapping[str, object]) -> None:
        for name, value in wanted.items():
            if name not in self.__dataclass_fields__:
                raise ValueError(f"there is no limit {name}")
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ValueError(f"{name} is a number of 0 or more, not {value}")
            if name == "drip" and value == 0:
                raise ValueError("a bucket that never drips never empties: drip is more than 0")
            setattr(self, name, int(value) if name == "burst" else float(value))


@dataclass
class Bucket:
    level: float = 0.0
    leaked_at: datetime | None = None
    second: int = 0
    burst: int = 0


@dataclass(frozen=True)
class Verdict:
    """`refused_by` is the vendor's name of the limiter, None when the request may go on."""

    headers: Mapping[str, str]
    refused_by: str | None = None


@dataclass
class Limits:
    now: Callable[[], datetime]
    settings: Settings = field(default_factory=Settings)
    buckets: dict[tuple[int, str], Bucket] = field(default_factory=dict)

    def take(self, account_id: int, client_id: str, cost: float, registers: int) -> Verdict:
        """The request that overflows the bucket still succeeds; the next ones are refused."""
        now = self.now()
        more = max(registers - 1, 0)
        size = self.settings.bucket + more * self.settings.bucket_per_register
        drip = self.settings.drip + more * self.settings.drip_per_register
        bucket = self.buckets.setdefault((account_id, client_id), Bucket())
        _leak(bucket, now, drip)
        refused_by, wait = self._refusal(bucket, now, size, drip)
        if refused_by is None:
            bucket.level += cost
        headers = {
            "X-LS-API-Bucket-Level": f"{_number(bucket.level)}/{_number(size)}",
            "X-LS-API-Drip-Rate": _number(drip),
            "X-LS-API-Burst-Level": f"{bucket.burst}/{self.settings.burst}",
            "X-LS-API-Request-Cost": _number(cost),
        }
        if refused_by:
            headers |= {"X-LS-API-RateLimit-Type": refused_by, "Retry-After": str(wait)}
        return Verdict(headers, refused_by)

    def _refusal(self, bucket: Bucket, now: datetime, size: float, drip: float) -> tuple[str | None, int]:
        second = int(now.timestamp())
        if bucket.second != second:
            bucket.second, bucket.burst = second, 0
        bucket.burst += 1
        if bucket.burst > self.settings.burst:
            return "api-burst-limiter", 1
        if bucket.level >= size:
            return "api-leaky-bucket", max(ceil(round((bucket.level - size) / drip, 6)), 1)
        return None, 0


def _leak(bucket: Bucket, now: datetime, drip: float) -> None:
    if bucket.leaked_at is not None:
        gone = (now - bucket.leaked_at).total_seconds() * drip
        bucket.level = max(bucket.level - gone, 0.0)
    bucket.leaked_at = now


def _number(value: float) -> str:
    return f"{round(value, 13):.13f}".rstrip("0").rstrip(".")
