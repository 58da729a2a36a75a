"""What would be booked, by the same functions that book; nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import Response
from pydantic import Field

from libs.common.database.registry import Connection
from libs.common.domain.books import Books
from libs.common.domain.document import Booking, Nothing
from libs.common.domain.map_sale import sale_day
from libs.common.domain.problem import Problem
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from services.portal import sale_queries, tenants
from services.portal.api.reconciliation import DayAnswer, day_answer
from services.portal.callers import PartnerId, partner_router
from services.portal.context import PortalHere
from services.portal.previewing import Preview, PreviewedDay, PreviewedSale, preview_of
from services.portal.problems_http import wrong_field
from services.portal.sale_shapes import PreviewDay, PreviewDocument, PreviewSale, preview_documents
from services.portal.shapes import Answer, Ask, Day
from services.portal.tellings import told

router = partner_router("preview")
MOST_SALES = 2000
MOST_DAYS = 31
A_DAY = timedelta(days=1)


class Period(Ask):
    since: Annotated[Day, Field(alias="from", strict=False)]
    until: Annotated[Day, Field(alias="to", strict=False)]


class PreviewAnswer(Answer):
    documents: list[PreviewDocument]
    """All of them: those of days, then those of single sales."""
    days: list[PreviewDay]
    """The documents of whole days, by day and outlet."""
    sales: list[PreviewSale]
    reconciliation: list[DayAnswer]
    """As it would be; problems are waiting."""
    is_complete: bool
    """False where the period holds more sales than are shown: the last days are left out then."""


@router.post("/connections/{connection_id}/preview", response_model=PreviewAnswer)
async def preview(connection_id: str, body: Period, partner_id: PartnerId, portal: PortalHere) -> Response:
    if not timedelta() <= body.until - body.since <= timedelta(days=MOST_DAYS):
        raise wrong_field("to", f"Between the first day and {MOST_DAYS} days later.")
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
        around = await sale_queries.contents_between(
            transaction, connection, body.since - A_DAY, body.until + A_DAY, MOST_SALES + 1
        )
    text = await asyncio.to_thread(_answer, around, body, connection, merchant.language)
    return Response(text, media_type="application/json")


def _answer(around: Sequence[Sale], period: Period, connection: Connection, language: str) -> str:
    """To its last letter: of thousands of sales it takes seconds, and the loop goes on meanwhile."""
    rules, books = connection.rules, connection.books
    whole = _whole_days(around, rules)
    sales = [sale for sale in whole if period.since <= sale_day(sale, rules) <= period.until]
    found = preview_of(sales, rules, books)
    shown = _shown(found, books, language, is_complete=len(around) <= MOST_SALES)
    return shown.model_dump_json(by_alias=True)


def _whole_days(sales: Sequence[Sale], rules: Rules) -> Sequence[Sale]:
    """Of more sales than are shown, the days that are complete: half a day's total would mislead."""
    if len(sales) <= MOST_SALES:
        return sales
    last = sale_day(sales[-1], rules)
    return [sale for sale in sales if sale_day(sale, rules) < last] or sales[:MOST_SALES]


def _shown(found: Preview, books: Books, language: str, *, is_complete: bool) -> PreviewAnswer:
    days = [_previewed_day(day, language) for day in found.days]
    sales = [_previewed(each, language) for each in found.sales]
    names = {payment.type_id: payment.type_name for each in found.sales for payment in each.sale.payments}
    return PreviewAnswer(
        documents=[
            *(document for day in days for document in day.documents),
            *(document for sale in sales for document in sale.documents),
        ],
        days=days,
        sales=sales,
        reconciliation=[day_answer(row, names, books.vat_rates) for row in found.sums],
        is_complete=is_complete,
    )


def _previewed_day(day: PreviewedDay, language: str) -> PreviewDay:
    made = day.documents
    return PreviewDay(
        day=day.day,
        outlet=day.outlet,
        sales=list(day.sales),
        documents=[] if isinstance(made, Problem) else preview_documents(made, day.sales),
        problem=told(made, language) if isinstance(made, Problem) else None,
    )


def _previewed(each: PreviewedSale, language: str) -> PreviewSale:
    sale, outcome = each.sale, each.outcome
    return PreviewSale(
        id=sale.id,
        number=sale.number,
        total=sale.total_incl_vat,
        documents=preview_documents(outcome.documents, [sale.id]) if isinstance(outcome, Booking) else [],
        problem=told(outcome, language) if isinstance(outcome, Problem) else None,
        why=outcome.why.value if isinstance(outcome, Nothing) else None,
    )
