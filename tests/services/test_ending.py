"""A connection that ends is forgotten by every service: no trace of customers, money facts as they were."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from libs.common.contracts.commands import ConnectionEnded
from libs.common.contracts.documents import DocumentReady, Purpose, SaleVersion
from libs.common.contracts.envelope import Message, envelope_of
from libs.common.contracts.sales import SaleRecorded
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.types import metadata
from libs.common.domain.document import Booking, Document
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.service import Handler, House
from libs.common.settings import Settings
from services.exporter import consumers as exporter
from services.exporter import versions
from services.exporter.reading import problem_text
from services.exporter.store import JobState, jobs
from services.ingest import consumers as ingest
from services.ingest.content import packed, unpacked
from services.ingest.store import raw_sales
from services.mapper.consumers import Consumers
from tests.builders import a_customer, a_sale, some_invoice_rules

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
CANARY = "Kanarie Jansen"
SERVICES = ("ingest_", "mapper_", "exporter_")


async def hand_over(database: Database, handlers: dict[str, Handler], message: Message) -> None:
    await database.run(partial(handlers[message.type], envelope=envelope_of(message, "c1", NOW)))


async def everything(database: Database) -> str:
    """All that the services keep, as text; compressed answers unpacked."""
    kept: list[Any] = []
    async with database.reading() as transaction:
        for table in metadata.sorted_tables:
            if table.name.startswith(SERVICES):
                for row in await transaction.execute(select(table)):
                    kept += [zlib.decompress(value) if isinstance(value, bytes) else value for value in row]
    return repr(kept)


async def book_for_the_canary(
    database: Database, services: Sequence[dict[str, Handler]], state: JobState
) -> Document:
    """A sale to a customer, all the way to a document whose job is in that state."""
    rules = some_invoice_rules()
    sale = a_sale(customer=a_customer(name=CANARY, email="kanarie@example.nl"))
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking)
    connection = {
        "id": "c1",
        "merchant_id": "m1",
        "partner_id": "p1",
        "source": "lightspeed-retail",
        "country": "nl",
        "state": "active",
        "division": "123",
        "rules": registry.rules_text(rules),
        "rules_version": 1,
        "created_at": NOW,
    }
    raw = {
        "connection_id": "c1",
        "sale_id": "5012",
        "revision": 1,
        "decision": 0,
        "content_hash": "hash",
        "state": "completed",
        "has_customer": True,
        "payload": packed({"saleID": "5012", "total": "12.1", "Customer": {"firstName": CANARY}}),
        "first_seen_at": NOW,
        "read_at": NOW,
    }
    async with database.transaction() as transaction:
        await transaction.execute(insert(registry.connections), connection)
        await transaction.execute(insert(raw_sales), raw)
    await hand_over(database, services[0], SaleRecorded(sale, 1, "hash", 1))
    ready = DocumentReady(
        document_id="d1",
        document_version=1,
        document=booking.documents[0],
        purpose=Purpose.TURNOVER,
        sales=(SaleVersion(sale.id, 1, 1),),
        business_day=date(2026, 3, 14),
        outlet="1",
        division="123",
    )
    await hand_over(database, services[1], ready)
    refused = problem_text(Problem(ProblemCode.DEBTOR_REFUSED, (("customer", CANARY),)))
    async with database.transaction() as transaction:
        await transaction.execute(update(jobs).values(state=state.value, problem=refused, exact_id="e1"))
    assert CANARY in await everything(database)
    return ready.document


def all_services(database: Database) -> list[dict[str, Handler]]:
    house = House(Settings(_env_file=None), database, lambda: NOW)
    return [Consumers(house.now).handlers(), exporter.handlers(house), ingest.handlers(house.now)]


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.SENDING, JobState.REJECTED, JobState.BOOKED])
async def test_a_connection_that_ends_leaves_no_trace_of_its_customers(
    database: Database, state: JobState
) -> None:
    services = all_services(database)
    document = await book_for_the_canary(database, services, state)

    for handlers in services:
        await hand_over(database, handlers, ConnectionEnded())

    assert CANARY not in await everything(database)
    async with database.reading() as transaction:
        payload = (await transaction.execute(select(raw_sales.c.payload))).scalar_one()
        job = (await transaction.execute(select(jobs))).one()
    assert unpacked(payload) == {"saleID": "5012", "total": "12.1"}
    left = JobState.WITHDRAWN if state is JobState.WAITING else state
    assert (job.reference, job.state, job.exact_id) == (document.reference, left, "e1")


async def test_a_document_under_way_at_the_end_is_not_sent_again(database: Database) -> None:
    services = all_services(database)
    await book_for_the_canary(database, services, JobState.SENDING)
    for handlers in services:
        await hand_over(database, handlers, ConnectionEnded())

    async with database.transaction() as transaction:
        (job,) = await transaction.execute(select(jobs))
        await versions.put_back(transaction, job.id, NOW, NOW)
        (job,) = await transaction.execute(select(jobs))
    assert (job.state, job.message, job.due_at) == (JobState.WITHDRAWN, "", None)
