"""Every call to a vendor is reserved here first, by every replica of every service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from libs.common.budget.exact import ExactBudget, ExactUsage, usage
from libs.common.budget.lanes import Lane, Postponed
from libs.common.budget.lightspeed import LightspeedBudget
from libs.common.budget.window import WindowBudget
from libs.common.database.engine import Database, Transaction
from libs.common.service import Now

__all__ = ["Budget", "ExactUsage", "Lane", "Postponed"]


class Budget:
    """One a process. A division's key is `{site}/{division}`."""

    def __init__(self, database: Database, now: Now) -> None:
        self._now = now
        self._exact = ExactBudget(database, now)
        self._lightspeed = LightspeedBudget(database, now)
        self._windows = WindowBudget(database, now)

    async def reserve_exact(self, division_key: str, endpoint: str, lane: Lane) -> None:
        """Raises `Postponed`, which says exactly when to come back."""
        await self._exact.reserve(division_key, endpoint, lane)

    async def learn_exact(
        self, division_key: str, endpoint: str, status: int, headers: Mapping[str, str]
    ) -> datetime | None:
        """From every answer: limits, what others used, errors. After a 429: until when to stay away."""
        return await self._exact.learn(division_key, endpoint, status, headers)

    async def reserve_lightspeed(self, account_key: str, cost: Decimal, lane: Lane) -> None:
        """`cost` as estimated from the request (2.2); the answer corrects it."""
        await self._lightspeed.reserve(account_key, cost, lane)

    async def learn_lightspeed(
        self, account_key: str, status: int, headers: Mapping[str, str]
    ) -> datetime | None:
        return await self._lightspeed.learn(account_key, status, headers)

    async def reserve_in_window(self, account_key: str, lane: Lane) -> None:
        """Of an account whose calls are counted in a window, each as one."""
        await self._windows.reserve(account_key, lane)

    async def learn_window(
        self, account_key: str, status: int, headers: Mapping[str, str]
    ) -> datetime | None:
        return await self._windows.learn(account_key, status, headers)

    async def exact_usage(self, transaction: Transaction, division_key: str) -> ExactUsage:
        return await usage(transaction, division_key, self._now())
