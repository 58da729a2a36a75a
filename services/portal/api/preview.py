"""What would be booked, by the same function that books; nothing is sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from libs.common.domain.document import Booking, Nothing
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from services.portal import sale_queries, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.problems_http import wrong_field
from services.portal.sale_shapes import PreviewSale, preview_documents
from services.portal.shapes import Answer, Ask
from services.portal.tellings import told

router = partner_router("preview")
MOST_SALES = 1000
MOST_DAYS = 31


class Period(Ask):
    since: Annotated[date, Field(alias="from", strict=False)]
    until: Annotated[date, Field(alias="to", strict=False)]


class PreviewAnswer(Answer):
    sales: list[PreviewSale]
    is_complete: bool
    """False where the period holds more sales than are shown."""


@router.post("/connections/{connection_id}/preview")
async def preview(
    connection_id: str, body: Period, partner_id: PartnerId, portal: PortalHere
) -> PreviewAnswer:
    if not timedelta() <= body.until - body.since <= timedelta(days=MOST_DAYS):
        raise wrong_field("to", f"Between the first day and {MOST_DAYS} days later.")
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
        sales = await sale_queries.contents_between(
            transaction, connection, body.since, body.until, MOST_SALES + 1
        )
    return PreviewAnswer(
        sales=[_previewed(sale, connection.rules, merchant.language) for sale in sales[:MOST_SALES]],
        is_complete=len(sales) <= MOST_SALES,
    )


def _previewed(sale: Sale, rules: Rules, language: str) -> PreviewSale:
    outcome = map_sale(sale, rules)
    return PreviewSale(
        id=sale.id,
        number=sale.number,
        total=sale.total_incl_vat,
        documents=preview_documents(outcome.documents) if isinstance(outcome, Booking) else [],
        problem=told(outcome, language) if isinstance(outcome, Problem) else None,
        why=outcome.why.value if isinstance(outcome, Nothing) else None,
    )
