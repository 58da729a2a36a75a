"""What stands in the way, grouped by cause: one thing to mend each."""

from __future__ import annotations

from services.portal import notices, overviews, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.shapes import Answer, Cursor, Limit, Listing
from services.portal.tellings import told

router = partner_router("problems")


class ProblemGroup(Answer):
    code: str
    message: str
    remedy: str
    count: int
    sales: list[str]


@router.get("/connections/{connection_id}/problems")
async def list_problems(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[ProblemGroup]:
    """`sales` holds the newest of each; all of them are found under the sales.

    A problem without sales is one of the connection itself, told before it does harm.
    """
    scope = f"problems {connection_id}"
    place = portal.cursors.place(scope, cursor)
    begin = 0 if place is None else int(place[0])
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
        causes = await overviews.problems_of(transaction, connection)
        noticed = await notices.notices_of(transaction, connection.id)
    found = [
        *(_shown(cause, merchant.language) for cause in causes),
        *(_shown_notice(notice, merchant.language) for notice in noticed),
    ]
    items = found[begin : begin + limit]
    has_more = len(found) > begin + limit
    return Listing(items=items, next=portal.cursors.after(scope, [begin + limit]) if has_more else None)


def _shown(cause: overviews.Cause, language: str) -> ProblemGroup:
    words = told(cause.problem, language)
    assert words is not None
    return ProblemGroup(
        code=words.code,
        message=words.message,
        remedy=words.remedy,
        count=cause.count,
        sales=list(cause.sales),
    )


def _shown_notice(notice: notices.Notice, language: str) -> ProblemGroup:
    words = notices.told(notice, language)
    return ProblemGroup(code=words.code, message=words.message, remedy=words.remedy, count=0, sales=[])
