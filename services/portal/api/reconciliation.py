"""Sold against booked, a row a business day, to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query

from libs.common.domain.reconcile import DayRow
from services.portal import overviews, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import wrong_field
from services.portal.shapes import Answer, Listing, Money

router = partner_router("reconciliation")
MOST_DAYS = 366


class VatRow(Answer):
    vat_code: str
    amount_incl_vat: Money
    vat_amount: Money | None


class PaymentRow(Answer):
    payment_type: str
    name: str
    amount: Money


class DayAnswer(Answer):
    day: date
    sold: Money
    booked: Money
    waiting: Money
    ignored: Money
    difference: Money
    by_vat: list[VatRow]
    by_payment: list[PaymentRow]


@router.get("/connections/{connection_id}/reconciliation")
async def reconciliation(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    at: Moment,
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
) -> Listing[DayAnswer]:
    """The last 31 days, or the days asked for, a year at most."""
    until = until or at.date() + timedelta(days=1)
    since = since or until - timedelta(days=31)
    if not timedelta() <= until - since <= timedelta(days=MOST_DAYS):
        raise wrong_field("to", f"Between the first day and {MOST_DAYS} days later.")
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        found = await overviews.reconcile_days(transaction, connection, since, until)
    return Listing(items=[day_answer(row, found.payment_names) for row in found.days], next=None)


def day_answer(row: DayRow, names: dict[str, str]) -> DayAnswer:
    return DayAnswer(
        day=row.day,
        sold=row.sold,
        booked=row.booked,
        waiting=row.waiting,
        ignored=row.ignored,
        difference=row.difference,
        by_vat=[
            VatRow(vat_code=part.vat_code, amount_incl_vat=part.amount_incl_vat, vat_amount=part.vat_amount)
            for part in row.by_vat
        ],
        by_payment=[
            PaymentRow(
                payment_type=part.payment_type, name=names.get(part.payment_type, ""), amount=part.amount
            )
            for part in row.by_payment
        ],
    )
