"""Which division is served when: one process at a time each, fairly over its connections, sales first.

A division is served under a lease with a number that rises with each owner. A turn is bounded, so that
divisions take turns too; what a turn can't do now has a time in its row at which it is due again.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, func, or_, select

from libs.common.database import registry
from libs.common.database.engine import Transaction
from libs.common.database.registry import Connection, ConnectionState
from libs.common.observability.loops import forever, meanwhile
from libs.common.service import House
from services.exporter import lease, lines, nightly, prepare, settle, sitting_out, store, trouble, verify
from services.exporter.consumers import SIGNAL
from services.exporter.lease import leases
from services.exporter.relations import items_of
from services.exporter.send import Stop, send_jobs
from services.exporter.store import OPEN, jobs
from services.exporter.turn import Job, Turn, job_of

if TYPE_CHECKING:
    from libs.common.exact.client import ExactClient

log = structlog.get_logger()

WORKERS = 4
IDLE_SECONDS = 1.0
LOOK_AHEAD = 500
ARTICLES_AT_ONCE = 400
TURN_SECONDS = 20.0
IN_DOUBT_AT_ONCE = 200
LEASE = timedelta(seconds=30)
"""How long a division stands still when its process dies: a living one renews its lease all the time."""
RENEW_SECONDS = 10.0
AROUND_A_CALL = timedelta(seconds=75)
"""What a call may take beside its read time-out: a token, the connection, bytes that trickle."""
AFTER_DEFECT = timedelta(seconds=30)
OVERLOOKED_EVERY = 30.0


class Exporter:
    """Serves divisions, several at once; any number of processes may run one."""

    def __init__(self, house: House, exact: ExactClient) -> None:
        self._house = house
        self._exact = exact
        self._owner = uuid.uuid4().hex
        self._busy: set[str] = set()
        self._without_bulk: dict[str, set[str]] = {}
        self._served: dict[str, list[str]] = {}
        self._looked_for_overlooked = 0.0
        self._settle = timedelta(seconds=house.settings.settle_seconds)
        self._call = timedelta(seconds=house.settings.exact_read_seconds) + AROUND_A_CALL

    async def run(self) -> None:
        """Endless: woken by each job that arrives in this process, and by a poll for the others."""
        await self._take_over()
        async with asyncio.TaskGroup() as group:
            for worker in range(WORKERS):
                wake = self._house.database.signals.listen(SIGNAL)
                name = f"exporter worker {worker}"
                group.create_task(forever(name, self.serve_all, every=IDLE_SECONDS, wake=wake))

    async def _take_over(self) -> None:
        """The embedded database has one process: what another held is free, but its number counts on."""
        if self._house.database.dialect == "sqlite":
            await self._house.database.run(lease.end_all)

    async def serve_all(self) -> None:
        """Turns until nothing is due."""
        while await self.serve_next():
            pass

    async def serve_next(self) -> bool:
        """One turn of one division; False where none is due."""
        await self._wake_overlooked()
        for division_key in await self._due():
            if division_key in self._busy:
                continue
            self._busy.add(division_key)
            try:
                if await self._serve(division_key):
                    return True
            finally:
                self._busy.discard(division_key)
        return False

    async def _due(self) -> list[str]:
        async with self._house.database.reading() as transaction:
            return await due_divisions(transaction, self._house.now())

    async def _wake_overlooked(self) -> None:
        if time.monotonic() - self._looked_for_overlooked < OVERLOOKED_EVERY:
            return
        self._looked_for_overlooked = time.monotonic()
        await self._house.database.run(self._wake)

    async def _wake(self, transaction: Transaction) -> None:
        await store.wake_overlooked(transaction, self._house.now())
        await nightly.mark_due(transaction, self._house.now())

    async def _serve(self, division_key: str) -> bool:
        now = self._house.now()
        until = now + LEASE
        number = await self._house.database.run(
            lambda transaction: lease.take(transaction, division_key, self._owner, now, until)
        )
        if number is None:
            return False
        stop = Stop(now + AFTER_DEFECT, "defect")
        renew = partial(self._renew, division_key, number)
        try:
            async with meanwhile("exporter lease", renew, every=RENEW_SECONDS):
                stop = await self._take_turn(division_key, number) or Stop(now, "")
        except (lease.Fenced, store.NotThere) as lost:
            log.warning("the division is another's by now", division=division_key, why=str(lost))
            stop = Stop(now, "")
            return False
        except asyncio.CancelledError:  # told to stop: another goes on at once
            stop = Stop(now, "")
            raise
        finally:
            await self._release(division_key, number, stop)
        return True

    async def _renew(self, division_key: str, number: int) -> None:
        now = self._house.now()
        with suppress(lease.Fenced):  # the turn finds out by itself, before it keeps anything
            await self._house.database.run(
                lambda transaction: lease.hold(
                    transaction, division_key, self._owner, number, now, now + LEASE
                )
            )

    async def _release(self, division_key: str, number: int, stop: Stop) -> None:
        aside = stop.until if stop.until > self._house.now() else None
        release = partial(
            lease.release,
            division_key=division_key,
            owner=self._owner,
            number=number,
            aside_until=aside,
            reason=stop.reason,
        )
        await self._house.database.run(release)

    async def _take_turn(self, division_key: str, number: int) -> Stop | None:
        async with self._house.database.reading() as transaction:
            served = await connections_of(transaction, division_key)
            stopped = await lines.read_lines(transaction, list(served))
        turn = Turn(
            self._house,
            division_key,
            self._owner,
            number,
            lease_length=LEASE,
            settle=self._settle,
            in_flight=self._call + self._settle,
            lines=stopped,
            without_bulk=self._without_bulk.setdefault(division_key, set()),
            served=self._served.setdefault(division_key, []),
        )
        able, none_can = await sitting_out.with_tokens(turn, self._exact, served)
        if none_can is not None:
            return none_can
        try:
            await self._settle_doubts(turn, able)
            stop = await self._send(turn, able)
            if stop is None:
                await self._verify(turn, able)
        except trouble.LATER as later:
            return Stop(trouble.back_at(later, self._house.now(), 1), type(later).__name__)
        except trouble.BLOCKED as blocked:
            await prepare.tell_blocked(turn, list(served.values()), blocked)
            return Stop(self._house.now() + trouble.BLOCKED_PAUSE, str(blocked))
        return stop

    async def _settle_doubts(self, turn: Turn, served: dict[str, Connection]) -> None:
        async with self._house.database.reading() as transaction:
            rows = await store.in_doubt(transaction, turn.division_key, self._house.now(), IN_DOUBT_AT_ONCE)
        doubts = [self._job(row, served[row.connection_id]) for row in rows if row.connection_id in served]
        await settle.settle_jobs(turn, doubts)

    async def _send(self, turn: Turn, served: dict[str, Connection]) -> Stop | None:
        """Batches until the turn's time is over; each looks ahead over all that waits."""
        ends = time.monotonic() + TURN_SECONDS
        while time.monotonic() < ends:
            batch = await self._next_batch(turn, served)
            if not batch:
                return None
            stop = await self._send_batch(turn, batch)
            if stop is not None or len(batch) < LOOK_AHEAD:
                return stop
        return None

    async def _send_batch(self, turn: Turn, batch: Sequence[Job]) -> Stop | None:
        is_backlog = batch[0].message.is_backlog
        stop: Stop | None = None
        try:
            for part in parts_of(batch):
                stop = await send_jobs(turn, await prepare.prepare_jobs(turn, part))
                if stop is not None:
                    break
        except trouble.LATER as later:
            until = trouble.back_at(later, self._house.now(), 1)
            is_limit = isinstance(later, trouble.LIMITS)
            stop = Stop(until, type(later).__name__, is_limit=is_limit)
        if stop is None or not self._is_of_some(stop, is_backlog=is_backlog):
            return stop
        put_off = partial(
            store.put_off_waiting,
            division_key=turn.division_key,
            until=stop.until,
            kind=stop.kind,
            only_backlog=is_backlog,
        )
        await self._house.database.run(put_off)
        return None

    def _is_of_some(self, stop: Stop, *, is_backlog: bool) -> bool:
        """The backlog leaves the minute to sales; of the day or an endpoint others may have calls left."""
        is_long = trouble.outlasts_the_minute(stop.until, self._house.now())
        return stop.is_limit and (is_long or (is_backlog and stop.reason == "Postponed"))

    async def _next_batch(self, turn: Turn, served: dict[str, Connection]) -> list[Job]:
        now = self._house.now()
        rows: list[list[Any]] = []
        async with self._house.database.reading() as transaction:
            for connection_id in turn.in_line(served):
                rows.append(
                    await store.due_of_connection(
                        transaction, connection_id, turn.division_key, now, LOOK_AHEAD
                    )
                )
        sales = [[row for row in each if not row.is_backlog] for each in rows]
        chosen = in_turns(sales) or in_turns(rows)
        batch = [self._job(row, served[row.connection_id]) for row in chosen[:LOOK_AHEAD]]
        return [job for job in batch if not turn.is_stopped(job)]

    async def _verify(self, turn: Turn, served: dict[str, Connection]) -> None:
        async with self._house.database.reading() as transaction:
            rows = await verify.due(transaction, turn.division_key, self._house.now())
        booked = [self._job(row, served[row.connection_id]) for row in rows if row.connection_id in served]
        await verify.verify_when_calls_are_left(turn, booked)

    def _job(self, row: Any, connection: Connection) -> Job:
        site, division = row.division_key.rsplit("/", 1)
        exact = self._exact.division(connection.exact_grant_id or "", site, division)
        return job_of(row, connection, exact)


def parts_of(batch: Sequence[Job]) -> list[list[Job]]:
    """So many jobs at once that few articles have to be there before the first of them is sent."""
    parts: list[list[Job]] = [[]]
    articles = 0
    for job in batch:
        wanted = len(items_of(job.document))
        if parts[-1] and articles + wanted > ARTICLES_AT_ONCE:
            parts.append([])
            articles = 0
        parts[-1].append(job)
        articles += wanted
    return parts


def in_turns(of_each: Sequence[Sequence[Any]]) -> list[Any]:
    """One of each in turn, until all are through."""
    longest = max((len(each) for each in of_each), default=0)
    return [each[place] for place in range(longest) for each in of_each if place < len(each)]


async def due_divisions(transaction: Transaction, now: datetime, limit: int = 50) -> list[str]:
    """Divisions with something to do that nobody serves, the one that waits longest first."""
    in_registry = registry.connections
    served = and_(
        in_registry.c.id == jobs.c.connection_id,
        in_registry.c.state == ConnectionState.ACTIVE.value,
        in_registry.c.ended_at.is_(None),
        in_registry.c.exact_grant_id.is_not(None),
    )
    stopped = store.stopped_lines
    line = and_(stopped.c.connection_id == jobs.c.connection_id, stopped.c.kind == jobs.c.kind)
    to_send = and_(
        jobs.c.state == "waiting",
        jobs.c.due_at <= now,
        stopped.c.stopped_at.is_(None),
    )
    in_doubt = and_(jobs.c.state == OPEN[1].value, jobs.c.due_at <= now)
    to_verify = and_(jobs.c.verify_at.is_not(None), jobs.c.verify_at <= now - verify.QUIET)
    query = (
        select(jobs.c.division_key)
        .join(in_registry, served)
        .outerjoin(leases, leases.c.division_key == jobs.c.division_key)
        .outerjoin(stopped, line)
        .where(or_(to_send, in_doubt, to_verify), lease.is_free(now))
        .group_by(jobs.c.division_key)
        .order_by(func.min(jobs.c.due_at))
        .limit(limit)
    )
    return list((await transaction.execute(query)).scalars())


async def connections_of(transaction: Transaction, division_key: str) -> dict[str, Connection]:
    """The connections that are switched on and have work in this division."""
    at_work = or_(jobs.c.state.in_([state.value for state in OPEN]), jobs.c.verify_at.is_not(None))
    mine = select(jobs.c.connection_id).where(jobs.c.division_key == division_key, at_work).distinct()
    query = select(registry.connections).where(
        registry.connections.c.id.in_(mine),
        registry.connections.c.state == ConnectionState.ACTIVE.value,
        registry.connections.c.ended_at.is_(None),
        registry.connections.c.exact_grant_id.is_not(None),
    )
    return {row.id: registry.connection_of(row) for row in await transaction.execute(query)}
