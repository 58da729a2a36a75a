"""A POST with an Idempotency-Key has one effect: who repeats it gets the first answer again, for 24 hours.

The key is claimed before the work begins, so two at once are one too. A refused request frees its key.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fastapi import Request, Response
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.engine import Database
from libs.common.database.statements import insert_new
from libs.common.service import Now
from services.portal.problems_http import Refusal, wrong_field
from services.portal.store import answers

KEPT_FOR = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=2)
WAIT_FOR_THE_FIRST_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 0.05
LONGEST_KEY = 200
PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key again within 24 hours gets the first answer, and has no second effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}
"""As the API's description names it."""

Handle = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Claim:
    partner_id: str
    key: str
    fingerprint: str


async def once(request: Request, handle: Handle, database: Database, now: Now) -> Response:
    key = request.headers.get("idempotency-key")
    if key is None:
        return await handle(request)
    if not 0 < len(key) <= LONGEST_KEY:
        raise wrong_field("Idempotency-Key", f"Between 1 and {LONGEST_KEY} characters.")
    claim = _Claim(request.state.partner_id, key, await _fingerprint(request))
    earlier = await _claim_or_wait(database, claim, now)
    return earlier or await _answer_and_keep(request, handle, database, claim)


async def _claim_or_wait(database: Database, claim: _Claim, now: Now) -> Response | None:
    """The first one's answer, or None where this request is the first."""
    for _ in range(int(WAIT_FOR_THE_FIRST_SECONDS / LOOK_AGAIN_SECONDS)):
        row = await database.run(partial(_claim, claim, now()))
        if row is None:
            return None
        if row.fingerprint != claim.fingerprint:
            raise Refusal(422, "This Idempotency-Key was used for another request.")
        if row.status is not None:
            return Response(row.body, row.status, {"Idempotent-Replayed": "true"}, "application/json")
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    raise Refusal(409, "The first request with this Idempotency-Key is still at work.")


async def _claim(claim: _Claim, at: datetime, transaction: AsyncConnection) -> Row[tuple[object, ...]] | None:
    """None where the key is ours now, else the row of who has it."""
    outdated = (answers.c.created_at < at - KEPT_FOR) | (
        answers.c.status.is_(None) & (answers.c.created_at < at - ABANDONED_AFTER)
    )
    await transaction.execute(delete(answers).where(outdated, answers.c.partner_id == claim.partner_id))
    row = {
        "partner_id": claim.partner_id,
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "created_at": at,
    }
    claimed = await transaction.execute(insert_new(answers, [row], returning=[answers.c.key]))
    if claimed.one_or_none() is not None:
        return None
    return (await transaction.execute(select(answers).where(_is(claim)))).one_or_none()


async def _answer_and_keep(request: Request, handle: Handle, database: Database, claim: _Claim) -> Response:
    try:
        response = await handle(request)
    except BaseException:
        await asyncio.shield(database.run(partial(_free, claim)))
        raise
    await database.run(partial(_keep, claim, response))
    return response


async def _free(claim: _Claim, transaction: AsyncConnection) -> None:
    await transaction.execute(delete(answers).where(_is(claim)))


async def _keep(claim: _Claim, response: Response, transaction: AsyncConnection) -> None:
    body = bytes(response.body).decode()
    await transaction.execute(
        update(answers).where(_is(claim)).values(status=response.status_code, body=body)
    )


def _is(claim: _Claim) -> ColumnElement[bool]:
    return (answers.c.partner_id == claim.partner_id) & (answers.c.key == claim.key)


async def _fingerprint(request: Request) -> str:
    about = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(about + await request.body()).hexdigest()
