"""One stretch of work on one division, under one lease: what its steps share, and how each is kept.

Every step that leads to a POST, and every one that keeps what came of it, renews the lease first, so
that whoever lost the division writes nothing more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Row

from libs.common.contracts.commands import ConnectionAttention
from libs.common.contracts.documents import DocumentReady
from libs.common.database.engine import Transaction
from libs.common.database.registry import Connection
from libs.common.domain.document import Document
from libs.common.domain.problem import Problem
from libs.common.domain.sale import ZERO
from libs.common.exact.entities import Body, Related
from libs.common.messaging import outbox
from libs.common.observability.metrics import DOCUMENTS_BOOKED, DOCUMENTS_REJECTED
from libs.common.service import House
from services.exporter import answers, lease, lines, reading, store, versions
from services.exporter.compare import Booked
from services.exporter.posting_day import under_day
from services.exporter.store import JobState, PrintStep

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision


@dataclass(slots=True)
class Job:
    """A job in hand: its row's key facts, its message, and the way to Exact on its connection's consent."""

    id: int
    connection: Connection
    message: DocumentReady
    exact: ExactDivision
    attempts: int
    print_step: PrintStep
    exact_id: str | None
    number: str
    searches: int
    amount: Decimal
    booked_at: datetime | None
    verify_tries: int
    verified_at: datetime | None
    """When it was last read back and found right."""
    number_tries: int
    posted_on: date | None
    """The first open day, where the period of the document's own day is closed."""
    problem: Problem | None = None
    """Of one that stands in Exact otherwise than it should."""
    related: Related | None = None
    body: Body = field(default_factory=dict)
    ready_at: float = 0.0
    """On the monotonic clock: when its row said `sending`."""

    @property
    def reference(self) -> str:
        return self.message.document.reference

    @property
    def document(self) -> Document:
        """As it stands in Exact, or will."""
        return under_day(self.message.document, self.posted_on)


def job_of(row: Row[Any], connection: Connection, exact: ExactDivision) -> Job:
    return Job(
        id=row.id,
        connection=connection,
        message=reading.message_of(row.message),
        exact=exact,
        attempts=row.attempts,
        print_step=PrintStep(row.print_step),
        exact_id=row.exact_id,
        number=row.number or "",
        searches=row.searches,
        amount=row.amount if row.amount is not None else ZERO,
        booked_at=row.booked_at,
        verify_tries=row.verify_tries,
        verified_at=row.verified_at,
        number_tries=row.number_tries,
        posted_on=row.posted_on,
        problem=None if row.problem is None else reading.problem_of(row.problem),
    )


@dataclass(slots=True)
class Turn:
    house: House
    division_key: str
    owner: str
    number: int
    lease_length: timedelta
    settle: timedelta
    in_flight: timedelta
    """For so long a POST may still arrive in Exact, even if whoever sent it is dead."""
    lines: lines.Lines
    without_bulk: set[str] = field(default_factory=set)
    """Bulk resources that this division's site has not."""
    served: list[str] = field(default_factory=list)
    """Connections in the order in which they were served, of this turn and those before it."""

    def is_stopped(self, job: Job) -> bool:
        return self.lines.is_stopped(job.connection.id, job.message.document.kind)

    async def hold(self, transaction: Transaction) -> None:
        now = self.house.now()
        until = now + self.lease_length
        await lease.hold(transaction, self.division_key, self.owner, self.number, now, until)

    async def mark(self, transaction: Transaction, job: Job) -> None:
        """From here on the document may be in Exact."""
        now = self.house.now()
        values: dict[str, Any] = {"attempts": job.attempts + 1, "searches": 0, "fence": self.number}
        values |= {"posted_on": job.posted_on, "number_tries": job.number_tries}
        if job.attempts == 0:
            values["first_sent_at"] = now
        due = now + self.in_flight
        await store.move(transaction, job.id, JobState.SENDING, due_at=due, **values)
        job.attempts += 1

    def marked(self, job: Job) -> None:
        job.ready_at = time.monotonic()

    def note_served(self, job: Job) -> None:
        if job.connection.id in self.served:
            self.served.remove(job.connection.id)
        self.served.append(job.connection.id)

    def in_line(self, connections: Iterable[str]) -> list[str]:
        """Who was served longest ago goes first: a turn may have one call alone."""
        places = {connection: place for place, connection in enumerate(self.served)}
        return sorted(connections, key=lambda connection: places.get(connection, -1))

    def is_stale(self, job: Job) -> bool:
        """This process stood still since the mark: the lease may be another's, so nothing is posted."""
        return time.monotonic() - job.ready_at > self.lease_length.total_seconds() / 2

    async def keep_booked(self, transaction: Transaction, job: Job, booked: Booked) -> None:
        now = self.house.now()
        step = PrintStep.PRINTED if booked.is_printed else job.print_step
        problem = lines.difference_problem(job.reference, booked) if booked.differences else None
        row = await store.finish(
            transaction,
            job.id,
            JobState.BOOKED,
            exact_id=booked.exact_id,
            number=booked.number,
            amount=booked.amount,
            booked_at=now,
            verify_at=None if booked.differences else now + self.settle,
            print_step=step.value,
            problem=None if problem is None else reading.problem_text(problem),
        )
        message = newest(job, row)
        await self._tell(transaction, job, message, booked, problem)
        if row.newer_version is not None:
            await versions.tell_what_stands(transaction, row, row.newer_version, now)
        await store.wake_followers(transaction, message.document_id, now)
        if booked.differences:
            await self.lines.count_different(transaction, job.connection.id, message.document.kind, now)

    async def _tell(
        self,
        transaction: Transaction,
        job: Job,
        message: DocumentReady,
        booked: Booked,
        problem: Problem | None,
    ) -> None:
        if problem is not None:
            await self._add(transaction, job, answers.document_rejected(message, problem, is_booked=True))
            DOCUMENTS_REJECTED.labels(message.document.kind.value, problem.code.value).inc()
            return
        told = answers.document_booked(
            message,
            exact_id=booked.exact_id,
            number=booked.number,
            amount=booked.amount,
            booked_at=self.house.now(),
            posted_on=job.posted_on,
        )
        await self._add(transaction, job, told)
        DOCUMENTS_BOOKED.labels(message.document.kind.value).inc()

    async def keep_rejected(
        self, transaction: Transaction, job: Job, problem: Problem, *, is_booked: bool = False
    ) -> None:
        """Never tried again by itself; a person mends the cause and the mapper makes a higher version."""
        if not is_booked and await self._gives_way(transaction, job):
            return
        state = JobState.BOOKED if is_booked else JobState.REJECTED
        row = await store.finish(transaction, job.id, state, problem=reading.problem_text(problem))
        if row.newer_version is not None:
            await versions.tell_what_stands(transaction, row, row.newer_version, self.house.now())
        rejected = answers.document_rejected(
            newest(job, row), problem, is_booked=is_booked, attempts=job.attempts
        )
        await self._add(transaction, job, rejected)
        DOCUMENTS_REJECTED.labels(job.message.document.kind.value, problem.code.value).inc()

    async def _gives_way(self, transaction: Transaction, job: Job) -> bool:
        """A newer version is there already, so nobody needs to hear why this one was refused."""
        row = await store.by_id(transaction, job.id)
        if row.newer_version is None or row.exact_id is not None:
            return False
        await versions.take_place(transaction, row, self.house.now())
        return True

    async def put_off(self, transaction: Transaction, job: Job, until: datetime, **values: Any) -> None:
        """Certainly not in Exact: it waits again, or gives way to what came meanwhile."""
        await versions.put_back(transaction, job.id, until, self.house.now(), **values)

    async def tell_delayed(self, transaction: Transaction, job: Job, until: datetime, why: str) -> None:
        """For operators, who would see nothing of it else."""
        await self._add(transaction, job, answers.document_delayed(job.message, job.attempts, until, why))

    async def attention(self, transaction: Transaction, job: Job, reason: str) -> None:
        grant = job.connection.exact_grant_id or ""
        await self._add(transaction, job, ConnectionAttention(reason=reason, grant_id=grant))

    async def _add(self, transaction: Transaction, job: Job, message: Any) -> None:
        await outbox.add(transaction, message, connection_id=job.connection.id, at=self.house.now())


def newest(job: Job, row: Row[Any]) -> DocumentReady:
    """The job's message, or the later one that said the same while this one was under way."""
    if row.version == job.message.document_version or not row.message:
        return job.message
    return reading.message_of(row.message)
