"""Which connection is polled next, and what a poll that failed means for the one after.

A connection is claimed under a lease with a fence, so any number of replicas share the work and none reads
the same till at the same time. Waits are kept in the table: nothing is lost with the process.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from libs.common.budget import Postponed
from libs.common.contracts.commands import ConnectionAttention
from libs.common.database import registry
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.database.signals import announce
from libs.common.lightspeed.errors import (
    LightspeedError,
    NoRight,
    NotAccepted,
    RelationsMissing,
    WrongAccount,
)
from libs.common.lightspeed.sources import SOURCES
from libs.common.messaging import outbox
from libs.common.observability.logs import bound
from libs.common.observability.loops import meanwhile
from libs.common.service import Now
from libs.common.vault import GrantBusy, GrantLost
from services.ingest import store
from services.ingest.poll import Poller
from services.ingest.store import Cursor, LeaseLost

log = structlog.get_logger()

FIRST_WAIT = 5.0
LONGEST_WAIT = 900.0
SIGNAL = "ingest"
"""Wakes the schedules of this process."""
PERSON_NEEDED_AFTER = 3
"""Refusals in a row that only a person can mend, before one is asked."""

NO_FAILURES: dict[str, Any] = {"failures": 0, "lacking": 0, "last_error": None, "attention": None}


class Schedule:
    def __init__(
        self,
        database: Database,
        poller: Poller,
        now: Now,
        *,
        poll_seconds: int,
        owner: str,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._poller = poller
        self._now = now
        self._every = timedelta(seconds=poll_seconds)
        self._owner = owner
        self._jitter = jitter
        self._is_embedded = database.dialect == "sqlite"

    async def poll_due(self) -> int:
        """Polls what is due by now, one after the other, and says how many; other workers do the same."""
        await self._prepare()
        polled, began = 0, self._now()
        while await self._poll_next(began):
            polled += 1
        return polled

    async def _prepare(self) -> None:
        if self._is_embedded:
            self._is_embedded = False
            await self._database.run(store.free_leases)
        async with self._database.reading() as transaction:
            new = await store.without_cursor(transaction, SOURCES)
        if new:
            await self._database.run(partial(store.enrol, connection_ids=new, now=self._now()))

    async def _poll_next(self, due_by: datetime) -> bool:
        lease = await self._claim(due_by)
        if lease is None:
            return False
        with bound(connection=lease.connection_id):
            await self._poll(lease)
        return True

    async def _claim(self, due_by: datetime) -> Cursor | None:
        """Asked beside the writers first: an idle schedule stands in nobody's way."""
        now = self._now()
        async with self._database.reading() as transaction:
            if not await store.has_due(transaction, now, due_by):
                return None
        return await self._database.run(partial(store.claim_due, owner=self._owner, now=now, due_by=due_by))

    async def _poll(self, lease: Cursor) -> None:
        connection = await self._connection(lease.connection_id)
        if connection is None or not connection.is_read or connection.lightspeed_account is None:
            await self._release(lease, self._now() + timedelta(seconds=LONGEST_WAIT))
            return
        try:
            async with meanwhile("ingest lease", partial(self._renew, lease), every=store.RENEW_SECONDS):
                again_at = await self._poller.poll(lease, connection, self._every)
        except (Postponed, GrantBusy) as wait:
            await self._release(lease, wait.until)
        except LeaseLost:
            log.warning("poll overtaken")
        except (LightspeedError, GrantLost) as error:
            await self._failed(lease, connection, error)
        except asyncio.CancelledError:
            await self._release(lease, self._now())
            raise
        except Exception as error:
            await self._failed(lease, connection, error)
            raise
        else:
            await self._release(lease, again_at, was_polled=True, **NO_FAILURES)

    async def _renew(self, lease: Cursor) -> None:
        with suppress(LeaseLost):  # the poll finds out by itself, before it keeps anything
            await self._database.run(partial(store.change_held, lease=lease, now=self._now()))

    async def _connection(self, connection_id: str) -> Connection | None:
        async with self._database.reading() as transaction:
            return await registry.connection(transaction, connection_id)

    async def _release(self, lease: Cursor, due_at: datetime, **values: Any) -> None:
        async def step(transaction: Transaction) -> None:
            await store.release(transaction, lease, due_at=due_at, **values)
            if due_at <= self._now():
                announce(transaction, SIGNAL)

        await self._database.run(step)

    async def _failed(self, lease: Cursor, connection: Connection, error: Exception) -> None:
        """Kept, and tried again later and later.

        A person is asked once, until it goes well or is switched on again.
        """
        failures = lease.failures + 1
        due_at = self._now() + timedelta(seconds=self._back_off(failures))
        attention = None if lease.attention else _attention(error, failures)
        values: dict[str, Any] = {
            "failures": failures,
            "lacking": lease.lacking + isinstance(error, RelationsMissing),
            "last_error": _sentence(error),
        }
        log.warning("poll failed", failures=failures, error=_sentence(error))

        async def step(transaction: Transaction) -> None:
            held = await store.change_held(transaction, lease, self._now())
            asked = attention or held.attention
            await store.release(transaction, lease, due_at=due_at, attention=asked, **values)
            if attention:
                told = ConnectionAttention(attention, grant_id=connection.lightspeed_grant_id or "")
                await outbox.add(transaction, told, connection_id=connection.id, at=self._now())

        try:
            await self._database.run(step)
        except LeaseLost:
            log.warning("poll overtaken")

    def _back_off(self, failures: int) -> float:
        wait = min(FIRST_WAIT * 2.0 ** min(failures - 1, 10), LONGEST_WAIT)
        return wait * (0.75 + 0.5 * self._jitter())


def _attention(error: Exception, failures: int) -> str | None:
    """Why a person must act, if one must."""
    if isinstance(error, GrantLost):
        return f"lightspeed-consent-lost: {error.reason}"
    if isinstance(error, (NoRight, NotAccepted, WrongAccount)) and failures >= PERSON_NEEDED_AFTER:
        return f"lightspeed-{_sentence(error)}"
    return None


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
