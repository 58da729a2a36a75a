"""Which connection is worked on next, and what a turn that failed means for the one after.

A connection is claimed under a lease with a fence, so any number of replicas share the work. Waits are kept
in the table: nothing is lost with the process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from libs.common.database import registry
from libs.common.database.engine import Database, Transaction
from libs.common.database.registry import Connection
from libs.common.database.signals import announce
from libs.common.lightspeed.product_source import ProductTill
from libs.common.observability.logs import bound
from libs.common.observability.loops import meanwhile
from libs.common.service import Now
from services.products import lease, telling
from services.products.books import Books
from services.products.lease import LeaseLost, State
from services.products.troubles import trouble_of, trouble_text
from services.products.turn import BLOCKED, BLOCKED_FOR, LATER, Turn, until_of
from services.products.working import work

log = structlog.get_logger()

SIGNAL = "products"
NOT_AT_WORK = timedelta(minutes=15)

Tills = Callable[[Connection], ProductTill | None]
"""None where the connection's source has no articles to keep in step."""


class Schedule:
    def __init__(
        self,
        database: Database,
        sources: Sequence[str],
        tills: Tills,
        books: Callable[[Connection], Books],
        now: Now,
        *,
        settle: timedelta,
        owner: str,
    ) -> None:
        self._database = database
        self._sources = sources
        self._tills = tills
        self._books = books
        self._now = now
        self._settle = settle
        self._owner = owner
        self._is_embedded = database.dialect == "sqlite"

    async def work_on_due(self) -> int:
        """Turns of what is due by now, one after the other, and how many; other workers do the same."""
        await self._prepare()
        turns, began = 0, self._now()
        while await self._work_on_next(began):
            turns += 1
        return turns

    async def _prepare(self) -> None:
        if self._is_embedded:
            self._is_embedded = False
            await self._database.run(lease.free_leases)
        async with self._database.reading() as transaction:
            new = await lease.without_state(transaction, self._sources)
        if new:
            await self._database.run(partial(lease.enrol, connection_ids=new, now=self._now()))

    async def _work_on_next(self, due_by: datetime) -> bool:
        now = self._now()
        async with self._database.reading() as transaction:
            if not await lease.has_due(transaction, now, due_by):
                return False
        claim = partial(lease.claim_due, owner=self._owner, now=now, due_by=due_by)
        state = await self._database.run(claim)
        if state is None:
            return False
        with bound(connection=state.connection_id):
            await self._take_turn(state)
        return True

    async def _take_turn(self, state: State) -> None:
        turn = await self._turn(state)
        if turn is None:
            await self._release(state, self._now() + NOT_AT_WORK)
            return
        try:
            async with meanwhile("products lease", partial(self._renew, turn), every=lease.RENEW_SECONDS):
                again_at = await work(turn)
        except LeaseLost:
            log.warning("a turn was overtaken")
        except LATER as later:
            failures = 0 if hasattr(later, "until") else state.failures + 1
            again_at = until_of(later, self._now(), failures)
            await self._release(turn.state, again_at, failures=failures, last_error=_sentence(later))
        except BLOCKED as blocked:
            await self._blocked(turn, blocked)
        except asyncio.CancelledError:
            await self._release(turn.state, self._now())
            raise
        except Exception as error:
            again_at = until_of(error, self._now(), state.failures + 1)
            await self._release(
                turn.state, again_at, failures=state.failures + 1, last_error=_sentence(error)
            )
            raise
        else:
            await self._release(
                turn.state, again_at, went_well=True, failures=0, last_error=None, attention=None
            )

    async def _turn(self, state: State) -> Turn | None:
        """None where the connection isn't switched on."""
        async with self._database.reading() as transaction:
            connection = await registry.connection(transaction, state.connection_id)
        if connection is None or not connection.is_booked:
            return None
        if connection.lightspeed_account is None or connection.division is None:
            return None
        till = self._tills(connection)
        if till is None:
            return None
        return Turn(
            database=self._database,
            now=self._now,
            state=state,
            connection=connection,
            till=till,
            books=self._books(connection),
            settle=self._settle,
        )

    async def _renew(self, turn: Turn) -> None:
        with suppress(LeaseLost):  # the turn finds out by itself, before it keeps anything
            await self._database.run(partial(lease.hold, lease=turn.state, now=self._now()))

    async def _release(self, state: State, due_at: datetime, **values: Any) -> None:
        async def step(transaction: Transaction) -> None:
            await lease.release(transaction, state, due_at=due_at, **values)
            if due_at <= self._now():
                announce(transaction, SIGNAL)

        await self._database.run(step)

    async def _blocked(self, turn: Turn, blocked: Exception) -> None:
        """Shown with the articles; sales go on, and say themselves what they lack."""
        await turn.keep({"attention": trouble_text(trouble_of(blocked, turn.connection))})
        await telling.tell(turn)
        await self._release(turn.state, self._now() + BLOCKED_FOR, last_error=_sentence(blocked))


def _sentence(error: Exception) -> str:
    """With what was asked for, where the vendor's own words don't say."""
    asked = ", ".join(getattr(error, "__notes__", ()))
    return f"{type(error).__name__}: {error}{asked and f' ({asked})'}"[:500]
