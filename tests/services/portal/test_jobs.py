"""What an operator sees of documents that aren't in the books as they should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from libs.common.contracts.documents import DocumentDelayed, DocumentReady, DocumentWithdrawn, Purpose
from libs.common.contracts.sales import SaleMapped
from tests.builders import a_sale
from tests.services.portal.messages import AT, SATURDAY, a_day, booked, ready, recorded, rejected
from tests.services.portal.world import World


async def jobs(world: World, connection: str, query: str = "") -> list[dict[str, Any]]:
    answer = await world.operator.get(f"/admin/connections/{connection}/jobs{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def delayed(of: DocumentReady, attempts: int, minutes: int, why: str = "Unavailable") -> DocumentDelayed:
    return DocumentDelayed(
        document_id=of.document_id,
        document_version=of.document_version,
        purpose=of.purpose,
        attempts=attempts,
        due_at=AT + timedelta(minutes=minutes),
        why=why,
        sales=of.sales,
    )


def seen(job: dict[str, Any]) -> tuple[Any, ...]:
    return job["state"], job["reference"], job["attempts"], job["last_error"], job["due_at"]


async def test_a_job_shows_its_state_its_tries_its_error_and_when_it_is_due(world: World) -> None:
    connection = await world.connection()
    waiting, refused, done, fresh = (ready(a_sale(id=id_)) for id_ in ("1", "2", "3", "4"))
    for each, id_ in ((waiting, "1"), (refused, "2"), (done, "3"), (fresh, "4")):
        await world.tell(connection, recorded(a_sale(id=id_)), each)
    await world.tell(connection, delayed(waiting, 2, 10), delayed(waiting, 1, 1, "LimitReached"))
    await world.tell(connection, delayed(refused, 1, 1), replace(rejected(refused), attempts=2))
    await world.tell(connection, delayed(done, 1, 1), booked(done))

    found = {job["sale_id"]: seen(job) for job in await jobs(world, connection)}
    assert found == {
        "1": ("waiting", "1", 2, "Unavailable", "2026-03-15T08:10:00Z"),
        "2": ("rejected", "2", 2, CLOSED, None),
        "4": ("waiting", "4", 0, None, None),
    }


CLOSED = "The period of 2026-03-14 is closed in Exact Online."


async def test_a_new_version_begins_its_tries_anew(world: World) -> None:
    connection = await world.connection()
    first = ready(a_sale())
    again = ready(a_sale(), decision=2, version=2)
    await world.tell(connection, recorded(a_sale()), first, replace(rejected(first), attempts=3), again)

    (job,) = await jobs(world, connection)
    assert seen(job) == ("waiting", "5012", 0, None, None)
    await world.tell(connection, booked(again))
    assert await jobs(world, connection) == []


async def test_documents_of_days_are_jobs_of_their_own(world: World) -> None:
    connection = await world.connection()
    total = a_day("D1-20260314", SATURDAY, {"5012": ("12.10", "2.10")})
    settlement = replace(a_day("S1-20260314", SATURDAY, {"5012": ("0", "0")}), purpose=Purpose.DAY_SETTLEMENT)
    await world.tell(connection, recorded(a_sale()), SaleMapped("5012", 1, 1, SATURDAY))
    await world.tell(connection, total, rejected(total), settlement, delayed(settlement, 1, 5))

    found = await jobs(world, connection)
    assert [(job["sale_id"], job["purpose"], *seen(job)) for job in found] == [
        (None, "day-total", "rejected", "D1-20260314", 0, CLOSED, None),
        (None, "day-settlement", "waiting", "S1-20260314", 1, "Unavailable", "2026-03-15T08:05:00Z"),
    ]
    await world.tell(connection, DocumentWithdrawn(settlement.document_id, 2, ()))
    assert [job["reference"] for job in await jobs(world, connection)] == ["D1-20260314"]


async def test_a_document_that_stands_otherwise_is_a_job(world: World) -> None:
    connection = await world.connection()
    invoice = ready(a_sale())
    await world.tell(connection, recorded(a_sale()), invoice, rejected(invoice, is_booked=True))

    (job,) = await jobs(world, connection)
    assert (job["state"], job["last_error"]) == ("differs", CLOSED)
