"""Lightspeed's leaking bucket, shared by all: a level that drips away, and calls a second (2.1 to 2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from libs.common.budget.headers import decimal_of, level_of
from libs.common.budget.lanes import BUCKET_SHARE, Lane, Postponed
from libs.common.budget.tables import accounts
from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import insert_new
from libs.common.observability.metrics import POSTPONED
from libs.common.service import Now

SIZE, DRIP = Decimal(90), Decimal(1)
"""Of an account with one register (2.1), until headers say others."""
A_SECOND = 20
LOST_SECONDS = 180
"""A call that was reserved so long ago will bring no answer any more."""
LONGEST_PAUSE = timedelta(minutes=15)
ZERO = Decimal(0)
STEP = Decimal("0.0001")


@dataclass(slots=True)
class Account:
    level: Decimal
    level_at: datetime
    size: Decimal
    drip: Decimal
    pending: Decimal
    pending_calls: int
    second: int
    second_used: int
    second_limit: int
    blocked_until: datetime | None

    @classmethod
    def new(cls, now: datetime) -> Account:
        return cls(ZERO, now, SIZE, DRIP, ZERO, 0, 0, 0, A_SECOND, None)

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def drip_until(self, now: datetime) -> None:
        gone = (now - self.level_at).total_seconds()
        if gone > LOST_SECONDS:
            self.pending, self.pending_calls = ZERO, 0
        if gone > 0:
            self.level = max(ZERO, self.level - self.drip * Decimal(str(gone))).quantize(STEP)
        self.level_at = now

    def take(self, cost: Decimal, lane: Lane, now: datetime) -> Postponed | None:
        """Counts the call; or says when the bucket has room for it."""
        self.drip_until(now)
        if self.blocked_until is not None and now < self.blocked_until:
            return Postponed(self.blocked_until, "Lightspeed asks for a pause")
        over = self.level + cost - self.size * Decimal(str(BUCKET_SHARE[lane]))
        if over > 0 and self.level > 0:
            seconds = min(over, self.level) / self.drip
            return Postponed(now + timedelta(seconds=float(seconds) + 0.05), "Lightspeed's bucket is full")
        second = int(now.timestamp())
        if second != self.second:
            self.second, self.second_used = second, 0
        if self.second_used >= self.second_limit:
            next_second = now.replace(microsecond=0) + timedelta(seconds=1)
            return Postponed(next_second, "enough calls in this second")
        self.second_used += 1
        self.level += cost
        self.pending += cost
        self.pending_calls += 1
        return None

    def learn(self, status: int, headers: Mapping[str, str], now: datetime) -> None:
        """The level after the call, as Lightspeed counts it; what is still under way comes on top."""
        self.drip_until(now)
        self._one_answered(headers)
        self.drip = decimal_of(headers, "X-LS-API-Drip-Rate") or self.drip
        if (burst := level_of(headers, "X-LS-API-Burst-Level")) is not None:
            self.second_limit = max(1, int(burst[1]) - 1)  # the windows of both sides don't begin together
        if (told := level_of(headers, "X-LS-API-Bucket-Level")) is not None:
            level, self.size = told
            self.level = level + self.pending
        if status == 429:
            self.blocked_until = max(self.blocked_until or now, now + self._pause(headers))

    def _one_answered(self, headers: Mapping[str, str]) -> None:
        if self.pending_calls == 0:
            return
        average = self.pending / self.pending_calls
        cost = decimal_of(headers, "X-LS-API-Request-Cost") or average
        self.pending_calls -= 1
        self.pending = max(ZERO, self.pending - cost) if self.pending_calls else ZERO

    def _pause(self, headers: Mapping[str, str]) -> timedelta:
        """`Retry-After`, else until the level is below the size again; a burst ends with its second."""
        said = decimal_of(headers, "Retry-After")
        if said is None:
            over = max(ZERO, self.level - self.size) / self.drip
            said = over + 1
        return min(LONGEST_PAUSE, timedelta(seconds=max(1.0, float(said))))


@dataclass(frozen=True, slots=True)
class LightspeedBudget:
    database: Database
    now: Now

    async def reserve(self, account_key: str, cost: Decimal, lane: Lane) -> None:
        async def step(transaction: Transaction) -> Postponed | None:
            account = await _read(transaction, account_key, self.now())
            now = self.now()  # after the row is ours: waiting for it took time
            postponed = account.take(cost, lane, now)
            await _write(transaction, account_key, account)
            return postponed

        if (postponed := await self.database.run(step)) is not None:
            POSTPONED.labels(system="lightspeed", lane=lane.value).inc()
            raise postponed

    async def learn(self, account_key: str, status: int, headers: Mapping[str, str]) -> datetime | None:
        async def step(transaction: Transaction) -> datetime | None:
            account = await _read(transaction, account_key, self.now())
            now = self.now()
            account.learn(status, headers, now)
            await _write(transaction, account_key, account)
            return account.blocked_until if status == 429 else None

        return await self.database.run(step)


async def _read(transaction: Transaction, key: str, now: datetime) -> Account:
    query = select(accounts).where(accounts.c.account_key == key).with_for_update()
    found = (await transaction.execute(query)).one_or_none()
    if found is None:
        await transaction.execute(insert_new(accounts, [{"account_key": key, **Account.new(now).values()}]))
        found = (await transaction.execute(query)).one()
    return Account(**{name: found._mapping[name] for name in Account.__slots__})


async def _write(transaction: Transaction, key: str, account: Account) -> None:
    await transaction.execute(
        update(accounts).where(accounts.c.account_key == key).values(**account.values())
    )
