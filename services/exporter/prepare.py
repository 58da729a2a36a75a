"""Makes jobs ready to post: the division's facts, the debtors and items they need, and their bodies.

What can't be made ready is a problem at once, before any POST, or waits for a creation in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from libs.common.budget.lanes import Lane
from libs.common.contracts.commands import ConnectionAttention
from libs.common.database.engine import Transaction
from libs.common.database.registry import Connection
from libs.common.domain.document import Document, SalesEntry, SalesOrder
from libs.common.domain.problem import Problem
from libs.common.exact.entities import DivisionFacts, Journaled, body_of
from libs.common.messaging import outbox
from libs.common.vault import GrantLost
from services.exporter import guard, mending, open_days, store
from services.exporter.facts import facts_of
from services.exporter.office import Office
from services.exporter.relations import Relations, relate
from services.exporter.turn import Job, Turn


async def prepare_jobs(turn: Turn, batch: Sequence[Job]) -> list[Job]:
    """Those of the batch that can be posted now, in its order."""
    ready: set[int] = set()
    problems: list[tuple[Job, Problem]] = []
    waiting: list[tuple[Job, datetime]] = []
    for _, group in groupby(sorted(batch, key=_connection), key=_connection):
        mine = list(group)
        facts = await _facts(turn, mine)
        await _choose_days(turn, mine)
        relations = await relate(_office(turn, mine[0], facts), [job.document for job in mine])
        for job in mine:
            answer = _fit(job, facts, relations)
            if isinstance(answer, Problem):
                problems.append((job, answer))
            elif isinstance(answer, datetime):
                waiting.append((job, answer))
            else:
                ready.add(job.id)
    if problems or waiting:
        await _keep_unready(turn, problems, waiting)
    return [job for job in batch if job.id in ready]


async def _choose_days(turn: Turn, jobs: Sequence[Job]) -> None:
    """What is known to be closed goes under the first open day at once, without being refused first."""
    known = await open_days.known_days(turn.house.database, turn.division_key, turn.house.now())
    for job in jobs:
        document = job.message.document
        if isinstance(document, SalesOrder) or not mending.moves_days(job) or job.posted_on is not None:
            continue
        day = known.day_for(document.journal, document.day)
        job.posted_on = day if day != document.day else None


def _connection(job: Job) -> str:
    return job.connection.id


def _office(turn: Turn, job: Job, facts: DivisionFacts) -> Office:
    return Office(
        database=turn.house.database,
        exact=job.exact,
        connection=job.connection,
        division_key=turn.division_key,
        facts=facts,
        now=turn.house.now,
        settle=turn.settle,
        in_flight=turn.in_flight,
        hold=turn.hold,
        lane=Lane.BACKLOG if job.message.is_backlog else Lane.SALES,
    )


async def _facts(turn: Turn, jobs: Sequence[Job]) -> DivisionFacts:
    documents = [job.document for job in jobs]
    return await facts_of(
        turn.house.database,
        jobs[0].exact,
        turn.division_key,
        turn.house.now(),
        with_cost_centers=any(_has_cost_center(document) for document in documents),
        needed=frozenset(code for document in documents for code in _vat_codes(document)),
    )


def _vat_codes(document: Document) -> list[str]:
    return [line.vat_code.strip() for line in document.lines if line.vat_code]


def _has_cost_center(document: Document) -> bool:
    if not isinstance(document, SalesEntry | Journaled):
        return False
    return any(line.cost_center for line in document.lines)


def _fit(job: Job, facts: DivisionFacts, relations: Relations) -> Problem | datetime | None:
    related = relations.of(job.document)
    if isinstance(related, Problem | datetime):
        return related
    body = body_of(job.document, facts, related, own_number=guard.own_number(job))
    if isinstance(body, Problem):
        return body
    job.related, job.body = related, body
    return None


async def _keep_unready(
    turn: Turn, problems: Sequence[tuple[Job, Problem]], waiting: Sequence[tuple[Job, datetime]]
) -> None:
    async def step(transaction: Transaction) -> None:
        await turn.hold(transaction)
        for job, problem in problems:
            await turn.keep_rejected(transaction, job, problem)
        for job, until in waiting:
            await store.put_off(transaction, [job.id], until)

    await turn.house.database.run(step)


async def tell_blocked(turn: Turn, connections: Sequence[Connection], blocked: Exception) -> None:
    """A consent that is gone is everyone's of that grant in this division; of a right nobody says whose."""
    reason = str(getattr(blocked, "reason", blocked))
    now = turn.house.now()

    async def step(transaction: Transaction) -> None:
        for connection in connections:
            if isinstance(blocked, GrantLost) and connection.exact_grant_id != blocked.grant_id:
                continue
            attention = ConnectionAttention(reason=reason, grant_id=connection.exact_grant_id or "")
            await outbox.add(transaction, attention, connection_id=connection.id, at=now)

    await turn.house.database.run(step)
