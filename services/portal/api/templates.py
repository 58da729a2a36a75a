"""Templates: rules that a partner gives to new connections, under a name of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import rules_text
from libs.common.database.statements import upsert
from libs.common.domain.check_rules import own_errors
from libs.common.domain.rules import Rules
from services.portal.api.rules import BODY
from services.portal.callers import PartnerId, partner_router
from services.portal.choosing import rules_in
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import FieldError, invalid, not_found
from services.portal.store import templates

router = partner_router("templates")
Name = Annotated[str, Path(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]


@router.get("/templates/{name}", response_model=Rules)
async def get_template(name: Name, partner_id: PartnerId, portal: PortalHere) -> Response:
    query = select(templates.c.rules).where(templates.c.partner_id == partner_id, templates.c.name == name)
    async with portal.database.reading() as transaction:
        text = (await transaction.execute(query)).scalar_one_or_none()
    if text is None:
        raise not_found("template")
    return Response(text, media_type="application/json")


@router.put("/templates/{name}", response_model=Rules, openapi_extra=BODY)
async def put_template(
    name: Name, request: Request, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> Response:
    """Whether its choices exist shows when a connection takes them."""
    rules = rules_in(await request.body())
    if wrong := [FieldError(error.field, error.message_en) for error in own_errors(rules)]:
        raise invalid(wrong)
    text = rules_text(rules)
    row = {"partner_id": partner_id, "name": name, "rules": text, "changed_at": at}

    async def keep(transaction: AsyncConnection) -> None:
        await transaction.execute(
            upsert(templates, [row], key=["partner_id", "name"], update=["rules", "changed_at"])
        )

    await portal.database.run(keep)
    return Response(text, media_type="application/json")
