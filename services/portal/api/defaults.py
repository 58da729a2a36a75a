"""Makes, when asked, what rules need and an administration lacks: a debtor for the till, two items."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from libs.common.exact.client import ExactDivision
from services.portal import defaults, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Portal, PortalHere
from services.portal.problems_http import wrong_field
from services.portal.shapes import Answer

router = partner_router("defaults")
T = TypeVar("T")


class ItemsMade(Answer):
    fallback_item: str
    rounding_item: str


class DebtorMade(Answer):
    default_account: str


@router.post("/connections/{connection_id}/items/defaults", status_code=201)
async def make_items(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> ItemsMade:
    """Found where they are; asked twice, they are made once."""

    async def make(division: ExactDivision) -> ItemsMade:
        fallback = await defaults.find_or_make_item(division, *defaults.FALLBACK)
        rounding = await defaults.find_or_make_item(division, *defaults.ROUNDING)
        return ItemsMade(fallback_item=fallback, rounding_item=rounding)

    return await _in_division(portal, partner_id, connection_id, make)


@router.post("/connections/{connection_id}/debtors/default", status_code=201)
async def make_debtor(connection_id: str, partner_id: PartnerId, portal: PortalHere) -> DebtorMade:
    """Found where it is; asked twice, it is made once."""

    async def make(division: ExactDivision) -> DebtorMade:
        return DebtorMade(default_account=await defaults.find_or_make_debtor(division))

    return await _in_division(portal, partner_id, connection_id, make)


async def _in_division(
    portal: Portal, partner_id: str, connection_id: str, make: Callable[[ExactDivision], Awaitable[T]]
) -> T:
    """The chosen division, or the one that would be suggested."""
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
    choices = await portal.options.choices(connection)
    if choices.division is None:
        raise wrong_field("division", "This login has no division.")
    site = portal.settings.exact_site(connection.country)
    division = portal.exact.division(connection.exact_grant_id or "", site, choices.division)
    made = await portal.options.asked(partial(make, division))
    await portal.options.forget(connection.id)
    return made
