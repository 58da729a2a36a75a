"""Sales: lists, one with all that is known of it, and the two things a person can ask for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

from fastapi import Depends, Query
from pydantic import StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.contracts.commands import IgnoreRequested, RetryRequested
from libs.common.contracts.documents import Purpose
from libs.common.database.registry import Connection
from libs.common.domain.document import Booking, Document
from libs.common.domain.map_sale import map_sale
from libs.common.domain.sale import Sale
from libs.common.messaging import outbox
from services.portal import sale_queries, tenants
from services.portal.callers import PartnerId, partner_router
from services.portal.context import Moment, PortalHere
from services.portal.problems_http import Refusal, not_found, wrong_field
from services.portal.sale_facts import DocumentFacts, SaleFacts, SaleState
from services.portal.sale_queries import SaleRow, Wanted
from services.portal.sale_shapes import (
    Explained,
    SaleAnswer,
    SaleDetail,
    document_answer,
    explanation_of,
    explanation_of_day,
    line_answer,
    moment_answer,
    payment_answer,
    sale_fields,
)
from services.portal.sale_warnings import warnings_of
from services.portal.shapes import Accepted, Ask, Cursor, Day, Limit, Listing
from services.portal.tenants import Page

router = partner_router("sales")
DAY_TOTAL = Purpose.DAY_TOTAL.value


class Reason(Ask):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


def _wanted(
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Annotated[Day | None, Query(alias="to")] = None,
    state: SaleState | None = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
) -> Wanted:
    if since is not None and until is not None and until < since:
        raise wrong_field("to", "The first day or later.")
    return Wanted(since, until, state, search)


@router.get("/connections/{connection_id}/sales")
async def list_sales(
    connection_id: str,
    partner_id: PartnerId,
    portal: PortalHere,
    wanted: Annotated[Wanted, Depends(_wanted)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[SaleAnswer]:
    """By business day, both included; the newest first, but before them those without a completion.

    These are open at the till, or can't be read; such a one has no business day either.
    """
    scope = f"sales {connection_id}"
    page = Page(portal.cursors.place(scope, cursor), limit)
    async with portal.database.reading() as transaction:
        connection, language = await _owned(transaction, partner_id, connection_id)
        found = await sale_queries.list_sales(transaction, connection, wanted, page)
    items = [SaleAnswer(**sale_fields(row, language)) for row in found[:limit]]
    more = (
        portal.cursors.after(scope, sale_queries.place_of(found[limit - 1])) if len(found) > limit else None
    )
    return Listing(items=items, next=more)


async def _owned(transaction: AsyncConnection, partner_id: str, connection_id: str) -> tuple[Connection, str]:
    connection = await tenants.owned_connection(transaction, partner_id, connection_id)
    merchant = await tenants.owned_merchant(transaction, partner_id, connection.merchant_id)
    return connection, merchant.language


@router.get("/connections/{connection_id}/sales/{sale_id}")
async def get_sale(connection_id: str, sale_id: str, partner_id: PartnerId, portal: PortalHere) -> SaleDetail:
    async with portal.database.reading() as transaction:
        connection, language = await _owned(transaction, partner_id, connection_id)
        row = await sale_queries.sale_of(transaction, connection, sale_id)
        if row is None:
            raise not_found("sale")
        return await _detail(transaction, connection, row, language)


async def _detail(
    transaction: AsyncConnection, connection: Connection, row: SaleRow, language: str
) -> SaleDetail:
    sale = await sale_queries.content_of(transaction, connection, row.id)
    of_its_day = await sale_queries.day_documents_of(transaction, connection, row.id)
    document_ids = [*row.facts.documents, *of_its_day]
    contents = await sale_queries.documents_by_id(transaction, connection, document_ids)
    moments = await sale_queries.timeline_of(transaction, connection, row.id)
    fields = sale_fields(row, language, of_its_day)
    turnover_id = None if fields["document"] is None else fields["document"].id
    if turnover_id is not None:
        facts = row.facts.documents[turnover_id]
        fields["document"] = document_answer(turnover_id, facts, contents.get(turnover_id))
    return SaleDetail(
        **fields,
        ticket_number="" if sale is None else sale.ticket_number,
        register_name="" if sale is None else sale.register,
        lines=[] if sale is None else [line_answer(line) for line in sale.lines],
        payments=[] if sale is None else [payment_answer(payment) for payment in sale.payments],
        warnings=[] if sale is None else warnings_of(sale, language),
        explanation=_explanation(sale, connection, row.facts, contents, of_its_day),
        timeline=[moment_answer(moment, language) for moment in moments],
    )


def _explanation(
    sale: Sale | None,
    connection: Connection,
    facts: SaleFacts,
    contents: Mapping[str, Document],
    of_its_day: Collection[str],
) -> list[Explained]:
    """Of its own documents each line; of its day's what it brings there, as the mapper decides it."""
    own = {id_: each for id_, each in contents.items() if _is_own(facts.documents.get(id_))}
    of_day = {id_: each for id_, each in contents.items() if id_ in of_its_day}
    booking = None if sale is None else map_sale(sale, connection.rules, books=connection.books)
    if not isinstance(booking, Booking):
        return explanation_of(own)
    document_id, document = next(iter(of_day.items()), (None, None))
    return explanation_of(own) + explanation_of_day(booking.day_lines, document_id, document)


def _is_own(document: DocumentFacts | None) -> bool:
    return document is not None and document.purpose != DAY_TOTAL and not document.is_gone


@router.post("/connections/{connection_id}/sales/{sale_id}/retry", status_code=202)
async def retry_sale(
    connection_id: str, sale_id: str, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> Accepted:
    """Decides about it again, under today's rules; asked twice, it is decided twice and booked once."""

    async def ask(transaction: AsyncConnection) -> None:
        await _require_problem(transaction, partner_id, connection_id, sale_id)
        await outbox.add(transaction, RetryRequested(sale_id), connection_id=connection_id, at=at)

    await portal.database.run(ask)
    return Accepted()


@router.post("/connections/{connection_id}/sales/{sale_id}/ignore", status_code=202)
async def ignore_sale(
    connection_id: str, sale_id: str, body: Reason, partner_id: PartnerId, portal: PortalHere, at: Moment
) -> Accepted:
    """A person booked it by hand, or says why it isn't to be booked."""

    async def ask(transaction: AsyncConnection) -> None:
        await _require_problem(transaction, partner_id, connection_id, sale_id, is_by_hand=True)
        message = IgnoreRequested(sale_id, body.reason)
        await outbox.add(transaction, message, connection_id=connection_id, at=at)
        await tenants.note(
            transaction,
            at,
            "sale ignored",
            actor=f"partner {partner_id}",
            partner_id=partner_id,
            connection_id=connection_id,
            sale=sale_id,
        )

    await portal.database.run(ask)
    return Accepted()


async def _require_problem(
    transaction: AsyncConnection,
    partner_id: str,
    connection_id: str,
    sale_id: str,
    *,
    is_by_hand: bool = False,
) -> None:
    """Only a problem is a person's to solve; what is on its way or booked is left alone.

    A booked sale whose day's settlement is a problem may be retried too; what was refused of it waits for
    that, and only what stands otherwise may be left so.
    """
    connection, _ = await _owned(transaction, partner_id, connection_id)
    row = await sale_queries.sale_of(transaction, connection, sale_id)
    if row is None:
        raise not_found("sale")
    if row.state is SaleState.PROBLEM:
        return
    of_its_day = await sale_queries.day_documents_of(transaction, connection, sale_id)
    problems = [each for each in of_its_day.values() if each.state is SaleState.PROBLEM]
    if not problems:
        raise Refusal(409, f"The sale is no problem: its state is {row.state.value}.")
    if is_by_hand and not any(each.is_wrong for each in problems):
        raise Refusal(409, "The sale is booked; its day's settlement was refused: mend that, and retry.")
