"""The operators' calls under `/admin`: behind the admin token, closed where there is none."""

from __future__ import annotations

import hmac
import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database import registry
from libs.common.database.registry import Connection
from libs.common.messaging import outbox
from libs.common.messaging.bus import Bus
from services.portal import sale_queries, switching, tenants
from services.portal.api.connections import ConnectionAnswer, shown
from services.portal.choosing import division_key
from services.portal.context import Moment, Portal, PortalHere
from services.portal.jobs import Job, JobState, jobs_of_days, jobs_of_sales
from services.portal.problems_http import RESPONSES, Refusal, not_found
from services.portal.sale_facts import SaleState
from services.portal.sale_queries import Wanted
from services.portal.shapes import Accepted, Answer, Cursor, Limit, Listing
from services.portal.store import audit
from services.portal.tenants import Page


async def _require_operator(request: Request) -> None:
    """404 where the calls are closed, so that they can't be told from none."""
    token = request.state.portal.settings.admin_token
    if token is None or not token.get_secret_value():
        raise not_found("page")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = token.get_secret_value().encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted):
        raise Refusal(401, "The admin token is needed.", headers={"WWW-Authenticate": "Bearer"})


router = APIRouter(
    prefix="/admin",
    include_in_schema=False,
    dependencies=[Depends(_require_operator)],
    responses=RESPONSES,
)


class Usage(Answer):
    division: str
    day_used: int
    day_limit: int
    minute_used: int
    minute_limit: int


class Overview(Answer):
    queues: dict[str, int]
    outbox: int
    oldest_at: AwareDatetime | None
    dead_letters: int
    connections: dict[str, int]
    budgets: list[Usage]


@router.get("/overview")
async def overview(portal: PortalHere) -> Overview:
    depths = {} if portal.bus is None else await portal.bus.depths()
    async with portal.database.reading() as transaction:
        waiting, oldest_at = await outbox.depth(transaction)
        live = await registry.live_connections(transaction)
        budgets = await _budgets(transaction, portal, live)
    states: dict[str, int] = {}
    for connection in live:
        states[connection.state.value] = states.get(connection.state.value, 0) + 1
    return Overview(
        queues=depths,
        outbox=waiting,
        oldest_at=oldest_at,
        dead_letters=sum(count for name, count in depths.items() if name.endswith(".dead")),
        connections=states,
        budgets=budgets,
    )


async def _budgets(transaction: AsyncConnection, portal: Portal, live: list[Connection]) -> list[Usage]:
    keys = {division_key(portal, each, each.division) for each in live if each.division is not None}
    found = []
    for key in sorted(keys):
        usage = await portal.budget.exact_usage(transaction, key)
        found.append(
            Usage(
                division=key,
                day_used=usage.day_used,
                day_limit=usage.day_limit,
                minute_used=usage.minute_used,
                minute_limit=usage.minute_limit,
            )
        )
    return found


class DeadLetterAnswer(Answer):
    id: str
    service: str
    type: str
    connection_id: str
    reason: str
    at: AwareDatetime | None


@router.get("/dead-letters")
async def dead_letters(
    portal: PortalHere, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Listing[DeadLetterAnswer]:
    """Their bodies stay out: they may hold names."""
    found = [] if portal.bus is None else await portal.bus.dead_letters(limit)
    items = [
        DeadLetterAnswer(
            id=each.id,
            service=each.service,
            type=each.envelope.type,
            connection_id=each.envelope.connection_id,
            reason=each.reason,
            at=each.at,
        )
        for each in found
    ]
    return Listing(items=items, next=None)


@router.post("/dead-letters/{dead_letter_id}/replay", status_code=202)
async def replay(dead_letter_id: str, portal: PortalHere, at: Moment) -> Accepted:
    bus: Bus | None = portal.bus
    if bus is None or not await bus.replay(dead_letter_id):
        raise not_found("dead letter")
    await _note(portal, at, "dead letter replayed", None, letter=dead_letter_id)
    return Accepted()


class JobAnswer(Answer):
    """`sale_id`, `number` and `completed_at` are of its sale; a document of a day has none."""

    document_id: str
    state: JobState
    purpose: str
    reference: str
    attempts: int
    last_error: str | None
    due_at: AwareDatetime | None
    sale_id: str | None
    number: str | None
    completed_at: AwareDatetime | None


@router.get("/connections/{connection_id}/jobs")
async def jobs(
    connection_id: str, portal: PortalHere, limit: Limit = 50, cursor: Cursor = None
) -> Listing[JobAnswer]:
    """Documents that aren't in the books as they should be, by pages of sales; those of days come first."""
    scope = f"jobs {connection_id}"
    page = Page(portal.cursors.place(scope, cursor), limit)
    async with portal.database.reading() as transaction:
        connection = await _any_connection(transaction, connection_id)
        of_days = [] if page.after else await jobs_of_days(transaction, connection)
        wanted = Wanted(states=(SaleState.MAPPED, SaleState.PROBLEM))
        found = await sale_queries.list_sales(transaction, connection, wanted, page)
    items = [_shown_job(job) for job in [*of_days, *jobs_of_sales(found[:limit])]]
    more = (
        portal.cursors.after(scope, sale_queries.place_of(found[limit - 1])) if len(found) > limit else None
    )
    return Listing(items=items, next=more)


def _shown_job(job: Job) -> JobAnswer:
    return JobAnswer(
        document_id=job.document_id,
        state=job.state,
        purpose=job.purpose,
        reference=job.reference,
        attempts=job.attempts,
        last_error=job.last_error,
        due_at=job.due_at,
        sale_id=None if job.sale is None else job.sale.id,
        number=None if job.sale is None else job.sale.number,
        completed_at=None if job.sale is None else job.sale.completed_at,
    )


async def _any_connection(transaction: AsyncConnection, connection_id: str) -> Connection:
    found = await registry.connection(transaction, connection_id)
    if found is None:
        raise not_found("connection")
    return found


@router.post("/connections/{connection_id}/pause", status_code=202)
async def pause(connection_id: str, portal: PortalHere, at: Moment) -> ConnectionAnswer:
    return await _switch(portal, connection_id, at, to=switching.pause)


@router.post("/connections/{connection_id}/resume", status_code=202)
async def resume(connection_id: str, portal: PortalHere, at: Moment) -> ConnectionAnswer:
    return await _switch(portal, connection_id, at, to=switching.resume)


async def _switch(portal: Portal, connection_id: str, at: Moment, *, to: Any) -> ConnectionAnswer:
    async with portal.database.reading() as transaction:
        owner = (await _any_connection(transaction, connection_id)).partner_id
    step = partial(to, partner_id=owner, connection_id=connection_id, at=at, actor="operator")
    return await shown(portal, await portal.database.run(step))


class AuditRow(Answer):
    id: int
    at: AwareDatetime
    actor: str
    action: str
    partner_id: str | None
    merchant_id: str | None
    connection_id: str | None
    details: dict[str, Any]


@router.get("/audit")
async def audit_rows(portal: PortalHere, limit: Limit = 50, cursor: Cursor = None) -> Listing[AuditRow]:
    """The newest first."""
    place = portal.cursors.place("audit", cursor)
    query = select(audit).order_by(audit.c.id.desc()).limit(limit + 1)
    if place is not None:
        query = query.where(audit.c.id < place[0])
    async with portal.database.reading() as transaction:
        rows = (await transaction.execute(query)).all()
    items = [AuditRow(**{**row._mapping, "details": json.loads(row.details)}) for row in rows[:limit]]
    more = portal.cursors.after("audit", [rows[limit - 1].id]) if len(rows) > limit else None
    return Listing(items=items, next=more)


async def _note(portal: Portal, at: Moment, action: str, connection_id: str | None, **details: str) -> None:
    async def keep(transaction: AsyncConnection) -> None:
        await tenants.note(transaction, at, action, actor="operator", connection_id=connection_id, **details)

    await portal.database.run(keep)
