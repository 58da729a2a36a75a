"""Webhooks of the tills' vendors: a hint that something changed, never the truth.

Who can prove to be the vendor wakes the connection's next poll, which reads what there is; nothing that
stands in the hook is taken.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import SyncRequested
from libs.common.database import registry
from libs.common.lightspeed.sources import SOURCES
from libs.common.messaging import outbox
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import Refusal

router = APIRouter()


@router.post("/hooks/{source}/{connection_id}", include_in_schema=False)
async def take_hint(
    source: str, connection_id: str, request: Request, portal: PortalHere, at: Moment
) -> Response:
    """Answered at once, as vendors give a few seconds."""
    async with portal.database.reading() as transaction:
        connection = await registry.connection(transaction, connection_id)
    hook = SOURCES[source].hook if source in SOURCES else None
    if hook is None or connection is None or connection.source != source:
        raise Refusal(404, "There is no such hook.")
    account, app = connection.lightspeed_account or "", portal.settings.app_of(source)
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not hook.is_genuine(app, account, headers, await request.body()):
        raise Refusal(401, "The signature isn't right.")

    async def wake(transaction: AsyncConnection) -> None:
        await outbox.add(transaction, SyncRequested(), connection_id=connection_id, at=at)

    await portal.database.run(wake)
    return Response(status_code=200)
