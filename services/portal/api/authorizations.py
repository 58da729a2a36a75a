"""Sends a browser to Lightspeed or Exact to consent; it comes back to `/oauth/.../callback`."""

from __future__ import annotations

from typing import Literal

from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.shapes import Answer, Ask

router = partner_router("authorizations")


class NewAuthorization(Ask):
    system: Literal["lightspeed", "exact"]


class AuthorizationAnswer(Answer):
    authorize_url: str


@router.post("/connections/{connection_id}/authorizations")
async def authorize(
    connection_id: str, body: NewAuthorization, partner_id: PartnerId, portal: PortalHere
) -> AuthorizationAnswer:
    url = await portal.consents.start(partner_id, connection_id, body.system)
    return AuthorizationAnswer(authorize_url=url)
