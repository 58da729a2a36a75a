"""Merchants: the businesses whose books these are."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from fastapi import Response
from pydantic import AfterValidator, AwareDatetime, Field

from services.portal import endings, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.shapes import Answer, Ask, Cursor, Limit, Listing
from services.portal.tenants import Merchant, Page

router = partner_router("merchants")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError('expected the name of a time zone, as "Europe/Amsterdam"')
    return ZoneInfo(name).key


def _plain(text: str) -> str:
    if not text.strip() or any(ord(letter) < 32 for letter in text):
        raise ValueError("expected text on one line")
    return text.strip()


Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain)]
Email = Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Language = Literal["nl", "en"]
TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]


class NewMerchant(Ask):
    name: Name
    email: Email
    language: Language = "nl"
    time_zone: TimeZone = "Europe/Amsterdam"


class MerchantChange(Ask):
    name: Name | None = None
    email: Email | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None


class MerchantAnswer(Answer):
    id: str
    name: str
    email: str
    language: str
    time_zone: str
    created_at: AwareDatetime
    trial_ends_at: AwareDatetime


@router.post("/merchants", status_code=201)
async def create_merchant(
    body: NewMerchant, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> MerchantAnswer:
    fields = body.model_dump()
    merchant = await portal.database.run(
        partial(tenants.keep_merchant, partner_id=partner_id, fields=fields, at=at)
    )
    return MerchantAnswer.model_validate(merchant)


@router.get("/merchants")
async def list_merchants(
    partner_id: PartnerId, portal: PortalHere, limit: Limit = 50, cursor: Cursor = None
) -> Listing[MerchantAnswer]:
    scope = f"merchants {partner_id}"
    page = Page(portal.cursors.place(scope, cursor), limit)
    async with portal.database.reading() as transaction:
        found = await tenants.merchants_of(transaction, partner_id, page)
    items = [MerchantAnswer.model_validate(merchant) for merchant in found[:limit]]
    more = len(found) > limit
    return Listing(items=items, next=portal.cursors.after(scope, _place(found[limit - 1])) if more else None)


def _place(merchant: Merchant) -> list[str]:
    return [merchant.created_at.isoformat(), merchant.id]


@router.get("/merchants/{merchant_id}")
async def get_merchant(merchant_id: str, partner_id: PartnerId, portal: PortalHere) -> MerchantAnswer:
    async with portal.database.reading() as transaction:
        merchant = await tenants.owned_merchant(transaction, partner_id, merchant_id)
    return MerchantAnswer.model_validate(merchant)


@router.patch("/merchants/{merchant_id}")
async def change_merchant(
    merchant_id: str, body: MerchantChange, partner_id: PartnerId, portal: PortalHere
) -> MerchantAnswer:
    fields = body.model_dump(exclude_none=True)
    merchant = await portal.database.run(
        partial(tenants.change_merchant, partner_id=partner_id, merchant_id=merchant_id, fields=fields)
    )
    return MerchantAnswer.model_validate(merchant)


@router.delete("/merchants/{merchant_id}", status_code=204)
async def delete_merchant(
    merchant_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> Response:
    """Ends its connections, revokes the tokens nobody else uses, erases the personal details."""
    unused = await portal.database.run(
        partial(endings.end_merchant, partner_id=partner_id, merchant_id=merchant_id, at=at)
    )
    await endings.revoke(portal.vault, unused)
    return Response(status_code=204)
