"""Connections: one till's account to one division; made, looked at, switched on and off, ended."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import Response
from pydantic import AfterValidator, AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import SyncRequested
from libs.common.database.registry import Connection, ConnectionState
from libs.common.domain.rules import Rules
from libs.common.lightspeed.sources import SOURCES
from libs.common.messaging import outbox
from libs.common.vault import grant as grant_of
from services.portal import endings, switching, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.choosing import Chooser
from services.portal.consented import Consents, consents_of
from services.portal.context import Moment, Portal, PortalHere
from services.portal.problems_http import Refusal, wrong_field
from services.portal.shapes import Accepted, Answer, Ask, Cursor, Limit, Listing
from services.portal.tenants import Page
from services.portal.vendors import EXACT

router = partner_router("connections")


def _known_source(source: str) -> str:
    if source not in SOURCES:
        raise ValueError(f"expected {' or '.join(SOURCES)}")
    return source


class Grants(Ask):
    exact: Annotated[str, Field(max_length=40)] | None = None


class NewConnection(Ask):
    source: Annotated[str, AfterValidator(_known_source), Field(json_schema_extra={"enum": list(SOURCES)})]
    country: Literal["nl", "be"] = "nl"
    grants: Grants | None = None


class LightspeedSide(Answer):
    authorized: bool
    remedy: str | None = None
    """What to do where it isn't authorized, or not any more."""
    account: str | None = None


class ExactSide(Answer):
    authorized: bool
    remedy: str | None = None
    division: str | None = None
    division_name: str | None = None


class ConnectionAnswer(Answer):
    id: str
    merchant_id: str
    source: str
    country: str
    state: ConnectionState
    reason: str | None
    remedy: str | None
    """What to do where it wants attention."""
    lightspeed: LightspeedSide
    exact: ExactSide
    rules_version: int
    created_at: AwareDatetime
    activated_at: AwareDatetime | None


async def shown(portal: Portal, connection: Connection) -> ConnectionAnswer:
    async with portal.database.reading() as transaction:
        consents = await consents_of(transaction, [connection])
    return _shown(connection, consents[connection.id])


def _shown(connection: Connection, consents: Consents) -> ConnectionAnswer:
    return ConnectionAnswer(
        id=connection.id,
        merchant_id=connection.merchant_id,
        source=connection.source,
        country=connection.country,
        state=connection.state,
        reason=connection.reason,
        remedy=consents.remedy,
        lightspeed=LightspeedSide(
            authorized=consents.lightspeed.is_live,
            remedy=consents.lightspeed.remedy,
            account=connection.lightspeed_account,
        ),
        exact=ExactSide(
            authorized=consents.exact.is_live,
            remedy=consents.exact.remedy,
            division=connection.division,
            division_name=connection.division_name,
        ),
        rules_version=connection.rules_version,
        created_at=connection.created_at,
        activated_at=connection.activated_at,
    )


@router.post("/merchants/{merchant_id}/connections", status_code=201)
async def create_connection(
    merchant_id: str, body: NewConnection, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> ConnectionAnswer:
    site = portal.settings.exact_site(body.country)

    async def create(transaction: AsyncConnection) -> Connection:
        merchant = await tenants.owned_merchant(transaction, partner_id, merchant_id)
        grant_id = None if body.grants is None else body.grants.exact
        if grant_id is not None:
            await _require_grant(transaction, partner_id, grant_id, site)
        return await tenants.keep_connection(
            transaction,
            merchant,
            source=body.source,
            country=body.country,
            exact_grant_id=grant_id,
            rules=Rules(),
            at=at,
        )

    return await shown(portal, await portal.database.run(create))


async def _require_grant(transaction: AsyncConnection, partner_id: str, grant_id: str, site: str) -> None:
    found = await grant_of(transaction, grant_id)
    if found is None or found.partner_id != partner_id or found.system != EXACT or found.site != site:
        raise wrong_field("grants.exact", "There is no such grant of Exact Online for this country.")


@router.get("/connections")
async def list_connections(
    partner_id: PartnerId,
    portal: PortalHere,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[ConnectionAnswer]:
    scope = f"connections {partner_id}"
    page = Page(portal.cursors.place(scope, cursor), limit)
    async with portal.database.reading() as transaction:
        found = await tenants.connections_of(transaction, partner_id, page)
        consents = await consents_of(transaction, found)
    more = None
    if len(found) > limit:
        last = found[limit - 1]
        more = portal.cursors.after(scope, [last.created_at.isoformat(), last.id])
    return Listing(items=[_shown(each, consents[each.id]) for each in found[:limit]], next=more)


@router.get("/connections/{connection_id}")
async def get_connection(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> ConnectionAnswer:
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
    return await shown(portal, connection)


@router.delete("/connections/{connection_id}", status_code=204)
async def delete_connection(
    connection_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> Response:
    """Ends it; what it booked stays in Exact, what it knew of people is erased."""
    end = partial(endings.end_connection, partner_id=partner_id, connection_id=connection_id, at=at)
    await endings.revoke(portal.vault, await portal.database.run(end))
    return Response(status_code=204)


@router.post("/connections/{connection_id}/activate", status_code=202)
async def activate(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> ConnectionAnswer:
    language = await language_of(portal, partner_id, connection_id)
    return await shown(portal, await Chooser(portal, partner_id, connection_id, language).activate())


@router.post("/connections/{connection_id}/pause", status_code=202)
async def pause(
    connection_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> ConnectionAnswer:
    pausing = partial(
        switching.pause,
        partner_id=partner_id,
        connection_id=connection_id,
        at=at,
        actor=f"partner {partner_id}",
    )
    return await shown(portal, await portal.database.run(pausing))


@router.post("/connections/{connection_id}/sync", status_code=202)
async def sync(connection_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment) -> Accepted:
    """Reads the till now, instead of at the next turn."""

    async def ask(transaction: AsyncConnection) -> None:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        if connection.lightspeed_grant_id is None:
            raise Refusal(409, "Authorize first: lightspeed.")
        await outbox.add(transaction, SyncRequested(), connection_id=connection.id, at=at)

    await portal.database.run(ask)
    return Accepted()


async def language_of(portal: Portal, partner_id: str, connection_id: str) -> str:
    """The merchant's; raises a 404 for what isn't the partner's."""
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
    return merchant.language
