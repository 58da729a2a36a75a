"""Reads sums from the projections: problems by cause, and sold against booked by business day."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.registry import Connection
from libs.common.domain.payments import PaymentPart
from libs.common.domain.problem import Problem
from libs.common.domain.reconcile import DayRow, SoldPart, Standing, VatPart, reconcile
from services.portal.projections import problem_adapter
from services.portal.sale_facts import SaleState
from services.portal.store import causes, day_document_sales, day_documents, sale_parts, sales
from services.portal.turnover import from_cents

SALES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Cause:
    problem: Problem
    count: int
    sales: tuple[str, ...]
    """The newest of them, by id."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    days: list[DayRow]
    payment_names: dict[str, str]


async def problems_of(transaction: AsyncConnection, connection: Connection) -> list[Cause]:
    """One a cause, the most frequent first.

    Those of a day's documents name the day's sales, unless some sales are stopped by the same: then these.
    """
    of_sales = await _causes_of_sales(transaction, connection)
    of_days = await _causes_of_days(transaction, connection)
    problems = await _problems_by_digest(transaction, connection, {*of_sales, *of_days})
    found = [
        Cause(problems[digest], count, sale_ids)
        for digest, (count, sale_ids) in {**of_days, **of_sales}.items()
    ]
    return sorted(found, key=lambda cause: (-cause.count, cause.problem.cause))


async def _causes_of_sales(
    transaction: AsyncConnection, connection: Connection
) -> dict[str, tuple[int, tuple[str, ...]]]:
    newest = func.row_number().over(
        partition_by=sales.c.cause, order_by=(sales.c.completed_at.desc(), sales.c.sale_id.desc())
    )
    count = func.count().over(partition_by=sales.c.cause)
    ranked = (
        select(sales.c.cause, sales.c.sale_id, newest.label("place"), count.label("count"))
        .where(
            sales.c.connection_id == connection.id,
            sales.c.state == SaleState.PROBLEM.value,
            sales.c.cause.is_not(None),
        )
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= SALES_SHOWN).order_by(ranked.c.cause, ranked.c.place)
    return _grouped(await transaction.execute(query))


async def _causes_of_days(
    transaction: AsyncConnection, connection: Connection
) -> dict[str, tuple[int, tuple[str, ...]]]:
    newest = func.row_number().over(
        partition_by=day_documents.c.cause, order_by=day_document_sales.c.sale_id.desc()
    )
    count = func.count(day_document_sales.c.sale_id).over(partition_by=day_documents.c.cause)
    ranked = (
        select(
            day_documents.c.cause, day_document_sales.c.sale_id, newest.label("place"), count.label("count")
        )
        .outerjoin(
            day_document_sales,
            (day_document_sales.c.connection_id == day_documents.c.connection_id)
            & (day_document_sales.c.document_id == day_documents.c.document_id),
        )
        .where(
            day_documents.c.connection_id == connection.id,
            day_documents.c.state == SaleState.PROBLEM.value,
            day_documents.c.cause.is_not(None),
        )
        .subquery()
    )
    query = select(ranked).where(ranked.c.place <= SALES_SHOWN).order_by(ranked.c.cause, ranked.c.place)
    return _grouped(await transaction.execute(query))


def _grouped(rows: Any) -> dict[str, tuple[int, tuple[str, ...]]]:
    grouped: dict[str, tuple[int, tuple[str, ...]]] = {}
    for row in rows:
        _, so_far = grouped.get(row.cause, (0, ()))
        grouped[row.cause] = (row.count, so_far if row.sale_id is None else (*so_far, row.sale_id))
    return grouped


async def _problems_by_digest(
    transaction: AsyncConnection, connection: Connection, digests: set[str]
) -> dict[str, Problem]:
    if not digests:
        return {}
    query = select(causes.c.cause_digest, causes.c.problem).where(
        causes.c.connection_id == connection.id, causes.c.cause_digest.in_(sorted(digests))
    )
    rows = await transaction.execute(query)
    return {row.cause_digest: problem_adapter().validate_json(row.problem) for row in rows}


async def reconcile_days(
    transaction: AsyncConnection, connection: Connection, since: date, until: date
) -> Reconciliation:
    """Both days included; the names of payment types as the till gives them."""
    query = select(sale_parts).where(
        sale_parts.c.connection_id == connection.id, sale_parts.c.day >= since, sale_parts.c.day <= until
    )
    rows = (await transaction.execute(query)).all()
    return await asyncio.to_thread(_reconciled, rows)


def _reconciled(rows: Sequence[Any]) -> Reconciliation:
    """A year's take seconds: not on the loop."""
    names: dict[str, str] = {}
    sold = []
    for row in rows:
        paid = json.loads(row.paid)
        names |= {type_id: name for type_id, (name, _) in paid.items() if name}
        sold.append(_sold_part(row, paid))
    return Reconciliation(reconcile(sold), names)


def _sold_part(row: Any, paid: Mapping[str, tuple[str, int]]) -> SoldPart:
    return SoldPart(
        day=row.day,
        standing=Standing(row.kind),
        amount_incl_vat=from_cents(row.cents),
        vat=tuple(
            VatPart(code, from_cents(gross), None if vat is None else from_cents(vat))
            for code, (gross, vat) in json.loads(row.vat).items()
        ),
        payments=tuple(PaymentPart(type_id, from_cents(cents)) for type_id, (_, cents) in paid.items()),
    )
