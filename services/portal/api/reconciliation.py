"""Sold against booked, a row a business day, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from fastapi import Query

from libs.common.domain.reconcile import DayRow, PaymentSums, Sums, VatSums
from libs.common.domain.rules import rate_key
from services.portal import overviews, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import wrong_field
from services.portal.shapes import Answer, Day, Listing, Money

router = partner_router("reconciliation")
MOST_DAYS = 366


class SumsAnswer(Answer):
    """sold = booked + waiting + difference."""

    sold: Money
    booked: Money
    waiting: Money
    difference: Money


class VatRow(SumsAnswer):
    """VAT included. The code is empty for what waits without one; `rate` null where none is known of it.

    `amount_incl_vat` and `vat_amount` are of what is booked; the latter null where Exact computes it.
    """

    vat_code: str
    rate: str | None
    amount_incl_vat: Money
    vat_amount: Money | None


class PaymentRow(SumsAnswer):
    """`amount` is what was paid by it on all that counts, on account too."""

    payment_type: str
    name: str
    amount: Money


class DayAnswer(SumsAnswer):
    day: date
    ignored: Money
    by_vat: list[VatRow]
    by_payment: list[PaymentRow]


@router.get("/connections/{connection_id}/reconciliation")
async def reconciliation(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    at: Moment,
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Annotated[Day | None, Query(alias="to")] = None,
) -> Listing[DayAnswer]:
    """The last 31 days, or the days asked for, a year at most."""
    until = until or at.date() + timedelta(days=1)
    since = since or until - timedelta(days=31)
    if not timedelta() <= until - since <= timedelta(days=MOST_DAYS):
        raise wrong_field("to", f"Between the first day and {MOST_DAYS} days later.")
    async with portal.database.reading() as transaction:
        connection = await tenants.owned_connection(transaction, partner_id, connection_id)
        found = await overviews.reconcile_days(transaction, connection, since, until)
    rates = connection.books.vat_rates
    return Listing(items=[day_answer(row, found.payment_names, rates) for row in found.days], next=None)


def day_answer(row: DayRow, names: Mapping[str, str], rates: Mapping[str, Decimal]) -> DayAnswer:
    return DayAnswer(
        **_sums(row.sums),
        day=row.day,
        ignored=row.ignored,
        by_vat=[_vat_row(part, rates) for part in row.by_vat],
        by_payment=[_payment_row(part, names) for part in row.by_payment],
    )


def _vat_row(part: VatSums, rates: Mapping[str, Decimal]) -> VatRow:
    rate = rates.get(part.vat_code)
    return VatRow(
        **_sums(part.sums),
        vat_code=part.vat_code,
        rate=None if rate is None else rate_key(rate),
        amount_incl_vat=part.sums.booked,
        vat_amount=part.vat_amount,
    )


def _payment_row(part: PaymentSums, names: Mapping[str, str]) -> PaymentRow:
    return PaymentRow(
        **_sums(part.sums),
        payment_type=part.payment_type,
        name=names.get(part.payment_type, ""),
        amount=part.sums.sold,
    )


def _sums(sums: Sums) -> dict[str, Decimal]:
    return {
        "sold": sums.sold,
        "booked": sums.booked,
        "waiting": sums.waiting,
        "difference": sums.difference,
    }
