"""Who calls: a partner by its API key. Its POSTs take an Idempotency-Key and then have one effect."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from libs.common.database.engine import Database
from services.portal import idempotency
from services.portal.keys import partner_of_key
from services.portal.problems_http import RESPONSES, Refusal

bearer = HTTPBearer(auto_error=False, description="An API key of a partner: kk_...")
Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class PartnerRoute(APIRoute):
    """A route for partners alone."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()

        async def handle_for_partner(request: Request) -> Response:
            portal = request.state.portal
            request.state.partner_id = await _authenticate(request, portal.database)
            if request.method != "POST":
                return await handle(request)
            return await idempotency.once(request, handle, portal.database, portal.now)

        return handle_for_partner


async def _authenticate(request: Request, database: Database) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        async with database.reading() as transaction:
            partner_id = await partner_of_key(transaction, key.strip())
        if partner_id is not None:
            return partner_id
    raise Refusal(
        401, "An API key is needed: Authorization: Bearer kk_...", headers={"WWW-Authenticate": "Bearer"}
    )


def _partner_id(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> str:
    partner_id: str = request.state.partner_id
    return partner_id


PartnerId = Annotated[str, Depends(_partner_id)]


def partner_router(tag: str) -> APIRouter:
    return APIRouter(prefix="/v1", tags=[tag], route_class=PartnerRoute, responses=RESPONSES)
