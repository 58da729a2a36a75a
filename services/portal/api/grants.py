"""Grants: one a login; one new consent repairs every connection that uses it."""

from __future__ import annotations

from fastapi import Response
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import ConnectionState
from libs.common.vault import Grant, grant, grants_of_partner
from services.portal import tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import not_found
from services.portal.shapes import Answer, Cursor, Limit, Listing

router = partner_router("grants")
CONSENT_GONE = "The consent was withdrawn: authorize again."


class GrantAnswer(Answer):
    id: str
    system: str
    site: str
    who: str
    state: str
    reason: str | None
    consented_at: AwareDatetime
    expires_at: AwareDatetime
    connections: list[str]


@router.get("/grants")
async def list_grants(
    partner_id: PartnerId, portal: PortalHere, limit: Limit = 50, cursor: Cursor = None
) -> Listing[GrantAnswer]:
    scope = f"grants {partner_id}"
    place = portal.cursors.place(scope, cursor)
    async with portal.database.reading() as transaction:
        found = await grants_of_partner(transaction, partner_id)
        later = [each for each in found if place is None or _place(each) > place]
        users = await tenants.users_of_grants(transaction, partner_id, [each.id for each in later[:limit]])
    items = [_shown(each, users[each.id]) for each in later[:limit]]
    more = portal.cursors.after(scope, _place(later[limit - 1])) if len(later) > limit else None
    return Listing(items=items, next=more)


def _place(each: Grant) -> list[str]:
    return [each.consented_at.isoformat(), each.id]


def _shown(each: Grant, users: list[str]) -> GrantAnswer:
    return GrantAnswer(
        id=each.id,
        system=each.system,
        site=each.site,
        who=each.subject_name or each.subject,
        state=each.state,
        reason=each.reason,
        consented_at=each.consented_at,
        expires_at=each.expires_at,
        connections=users,
    )


@router.get("/grants/{grant_id}")
async def get_grant(grant_id: str, partner_id: PartnerId, portal: PortalHere) -> GrantAnswer:
    async with portal.database.reading() as transaction:
        found = await _owned(transaction, partner_id, grant_id)
        users = await tenants.users_of_grants(transaction, partner_id, [grant_id])
    return _shown(found, users[grant_id])


async def _owned(transaction: AsyncConnection, partner_id: str, grant_id: str) -> Grant:
    found = await grant(transaction, grant_id)
    if found is None or found.partner_id != partner_id:
        raise not_found("grant")
    return found


@router.delete("/grants/{grant_id}", status_code=204)
async def delete_grant(grant_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment) -> Response:
    """Withdraws the consent; active connections that use it then want attention."""

    async def detach(transaction: AsyncConnection) -> None:
        await _owned(transaction, partner_id, grant_id)
        for connection in await tenants.connections_with_grant(transaction, partner_id, grant_id):
            if connection.state is ConnectionState.ACTIVE:
                await tenants.change_connection(
                    transaction,
                    connection.id,
                    state=ConnectionState.ATTENTION.value,
                    reason=CONSENT_GONE,
                    attention_grant_id=grant_id,
                )
        await tenants.note(
            transaction,
            at,
            "grant revoked",
            actor=f"partner {partner_id}",
            partner_id=partner_id,
            grant=grant_id,
        )

    await portal.database.run(detach)
    await portal.vault.revoke(grant_id)
    return Response(status_code=204)
