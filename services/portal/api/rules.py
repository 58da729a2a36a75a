"""A connection's rules: what a merchant chose."""

from __future__ import annotations

from fastapi import Request, Response

from libs.common.database.registry import rules_text
from libs.common.domain.rules import Rules
from services.portal import tenants
from services.portal.api.connections import language_of
from services.portal.callers import PartnerId, partner_router
from services.portal.choosing import Chooser, rules_in
from services.portal.context import PortalHere

router = partner_router("rules")
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rules"}}},
    }
}


@router.get("/connections/{connection_id}/rules", response_model=Rules)
async def get_rules(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> Response:
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
    return Response(rules_text(connection.rules), media_type="application/json")


@router.put("/connections/{connection_id}/rules", response_model=Rules, openapi_extra=BODY)
async def put_rules(
    connection_id: str, request: Request, partner_id: PartnerId, portal: PortalHere
) -> Response:
    """Answers with the rules as they are kept: with the defaults, and what was made in Exact for them."""
    language = await language_of(portal, partner_id, connection_id)
    rules = rules_in(await request.body())
    kept = await Chooser(portal, partner_id, connection_id, language).put(rules)
    return Response(rules_text(kept.rules), media_type="application/json")
