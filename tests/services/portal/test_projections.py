"""What the portal shows of messages, in whatever order and however often they come."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.contracts.documents import (
    DocumentBooked,
    DocumentReady,
    DocumentRejected,
    DocumentWithdrawn,
    Purpose,
    SaleVersion,
)
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleProblem, SaleRecorded
from libs.common.domain.document import NothingCode
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Rules
from libs.common.domain.sale import SaleState as TillState
from services.portal.learning import (
    learn_document,
    learn_ignored,
    learn_mapped,
    learn_problem,
    learn_recorded,
)
from services.portal.sale_facts import SaleFacts, SaleState, facts_of, facts_text
from tests.builders import D, a_sale
from tests.services.portal.messages import (
    AT,
    MONDAY,
    REFUSED,
    SATURDAY,
    a_day,
    an_entry,
    booked,
    handed_on,
    ready,
    recorded,
    rejected,
)
from tests.services.portal.world import World, assert_problem

DAY = SATURDAY
LOOKED = AT + timedelta(days=1)
DIFFERENT = Problem(ProblemCode.BOOKED_DIFFERENTLY, (("reference", "K-1"),), per_sale=("reference",))


def learned(messages: list[Message], sale_id: str) -> SaleFacts:
    """By way of what is kept between messages."""
    text = "{}"
    for message in messages:
        facts = facts_of(text)
        match message:
            case SaleRecorded():
                learn_recorded(facts, message, Rules())
            case SaleProblem():
                learn_problem(facts, message, DAY)
            case SaleIgnored():
                learn_ignored(facts, message)
            case SaleMapped():
                learn_mapped(facts, message)
            case DocumentReady() | DocumentWithdrawn() | DocumentBooked() | DocumentRejected():
                learn_document(facts.document(message.document_id), message, Rules(), sale_id)
        text = facts_text(facts)
    return facts_of(text)


def histories() -> dict[str, tuple[list[Message], SaleState]]:
    sale = a_sale()
    first, again = ready(sale), ready(sale, decision=2, version=2)
    edited = ready(sale, revision=2, decision=2, version=2)
    unmapped = Problem(ProblemCode.VAT_RATE_UNMAPPED, (("rate", "9"),))
    problem = SaleProblem(sale.id, 1, 1, unmapped, "mapper")
    withdrawn = DocumentWithdrawn(first.document_id, 2, (SaleVersion(sale.id, 2, 2),))
    ignored = SaleIgnored(sale.id, 2, 2, NothingCode.VOIDED)
    reversal = handed_on(sale.id, an_entry("5012-V", MONDAY, "-12.10", "-2.10"), "reversal", 2, 3)
    seen, seen_again = recorded(sale), recorded(sale, 2)
    wrong = replace(rejected(first, DIFFERENT, is_booked=True), looked_at=LOOKED)
    right = replace(booked(first), looked_at=LOOKED + timedelta(days=1))
    wrong_again = replace(wrong, looked_at=LOOKED + timedelta(days=2))
    waits = SaleMapped(sale.id, 1, 1, DAY)
    day = a_day("D1-20260314", DAY, {sale.id: ("12.10", "2.10")}, version=2)
    unmade = replace(rejected(day), document_version=1)
    return {
        "seen": ([seen], SaleState.RECORDED),
        "mapped": ([seen, first], SaleState.MAPPED),
        "booked": ([seen, first, booked(first)], SaleState.BOOKED),
        "refused": ([seen, first, rejected(first)], SaleState.PROBLEM),
        "refused, retried": ([seen, first, rejected(first), again], SaleState.MAPPED),
        "refused, retried, booked": (
            [seen, first, rejected(first), again, booked(again)],
            SaleState.BOOKED,
        ),
        "refused, sent again as it is": ([seen, first, rejected(first), booked(first)], SaleState.BOOKED),
        "unmapped": ([seen, problem], SaleState.PROBLEM),
        "unmapped, mended, booked": ([seen, problem, again, booked(again)], SaleState.BOOKED),
        "booked by hand": (
            [seen, problem, SaleIgnored(sale.id, 1, 2, NothingCode.BY_HAND, "by hand")],
            SaleState.IGNORED,
        ),
        "edited before booking": ([seen, first, seen_again, edited, booked(edited)], SaleState.BOOKED),
        "edited, not decided yet": ([seen, first, booked(first), seen_again], SaleState.RECORDED),
        "edited too late": (
            [seen, first, seen_again, edited, booked(first), booked(first, came_too_late=True)],
            SaleState.BOOKED,
        ),
        "booked otherwise": ([seen, first, rejected(first, DIFFERENT, is_booked=True)], SaleState.PROBLEM),
        "edited in Exact": ([seen, first, booked(first), wrong], SaleState.PROBLEM),
        "edited in Exact, put back": ([seen, first, booked(first), wrong, right], SaleState.BOOKED),
        "edited in Exact, put back, edited again": (
            [seen, first, booked(first), wrong, right, wrong_again],
            SaleState.PROBLEM,
        ),
        "booked otherwise, mended in Exact": (
            [seen, first, rejected(first, DIFFERENT, is_booked=True), right],
            SaleState.BOOKED,
        ),
        "its day couldn't be made": ([seen, waits, unmade], SaleState.PROBLEM),
        "its day couldn't be made, then it was": ([seen, waits, unmade, day, booked(day)], SaleState.BOOKED),
        "its day was refused, then it was booked by itself": (
            [
                seen,
                waits,
                day,
                rejected(day),
                DocumentWithdrawn(day.document_id, 3, ()),
                again,
                booked(again),
            ],
            SaleState.BOOKED,
        ),
        "voided before booking": ([seen, first, seen_again, ignored, withdrawn], SaleState.IGNORED),
        "voided too late": (
            [seen, first, seen_again, ignored, withdrawn, booked(first, came_too_late=True)],
            SaleState.MAPPED,
        ),
        "voided too late, reversed": (
            [
                *(seen, first, seen_again, ignored, withdrawn),
                *(booked(first, came_too_late=True), reversal, booked(reversal)),
            ],
            SaleState.BOOKED,
        ),
        "waits in its day": ([seen, waits], SaleState.MAPPED),
    }


def test_every_history_ends_where_it_should() -> None:
    for name, (messages, state) in histories().items():
        assert learned(messages, a_sale().id).state is state, name


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(histories())))
@settings(max_examples=150, deadline=None)
def test_no_order_and_no_repetition_changes_what_is_shown(chance: random.Random, name: str) -> None:
    messages, state = histories()[name]
    shuffled = [*messages, chance.choice(messages)]
    chance.shuffle(shuffled)
    in_order, out_of_order = learned(messages, a_sale().id), learned(shuffled, a_sale().id)
    assert out_of_order == in_order
    assert out_of_order.state is state


async def test_a_booked_sale_shows_its_document_and_how_it_came_about(world: World) -> None:
    connection = await world.connection()
    sale = a_sale()
    document = ready(sale)
    await world.tell(connection, booked(document))
    await world.tell(connection, document, recorded(sale))

    listed = (await world.partner.get(f"/v1/connections/{connection}/sales")).json()["items"]
    assert [(each["number"], each["state"], each["total"]) for each in listed] == [
        (sale.number, "booked", "12.10")
    ]
    detail = (await world.partner.get(f"/v1/connections/{connection}/sales/{sale.id}")).json()
    assert detail["document"]["number"] == "26700001"
    assert detail["document"]["exact_id"] == "guid"
    assert sum(D(line["amount_incl_vat"]) for line in detail["document"]["lines"]) == 0
    shown = [(line["description"], line["amount_incl_vat"], line["vat_amount"]) for line in detail["lines"]]
    assert shown == [("Fietsbel", "12.10", "2.10")]
    assert {moment["event"] for moment in detail["timeline"]} == {"recorded", "mapped", "booked"}
    assert "vat[21]" in detail["explanation"][0]["because"]


async def test_the_day_adds_up(world: World) -> None:
    connection = await world.connection()
    sales = [a_sale(id=str(number), number=str(number)) for number in range(1, 5)]
    first, second = ready(sales[0]), ready(sales[1])
    await world.tell(connection, *(recorded(sale) for sale in sales), first, second, booked(first))
    await world.tell(connection, rejected(second))
    await world.tell(connection, SaleIgnored("3", 1, 1, NothingCode.BY_HAND, "by hand"))

    address = f"/v1/connections/{connection}/reconciliation?from=2026-03-14&to=2026-03-14"
    (day,) = (await world.partner.get(address)).json()["items"]
    assert (day["sold"], day["booked"], day["waiting"], day["ignored"], day["difference"]) == (
        "36.30",
        "12.10",
        "24.20",
        "12.10",
        "0.00",
    )
    undecided, decided = day["by_vat"]
    assert undecided == {
        "vat_code": "",
        "rate": None,
        "amount_incl_vat": "0.00",
        "vat_amount": "0.00",
        "sold": "12.10",
        "booked": "0.00",
        "waiting": "12.10",
        "difference": "0.00",
    }
    assert decided == {
        "vat_code": "VH",
        "rate": None,
        "amount_incl_vat": "12.10",
        "vat_amount": "2.10",
        "sold": "24.20",
        "booked": "12.10",
        "waiting": "12.10",
        "difference": "0.00",
    }
    assert day["by_payment"] == [
        {
            "payment_type": "6",
            "name": "PIN",
            "amount": "36.30",
            "sold": "36.30",
            "booked": "12.10",
            "waiting": "24.20",
            "difference": "0.00",
        }
    ]


async def test_problems_are_told_by_cause_in_the_merchants_language(world: World) -> None:
    english = await world.merchant(language="en")
    connection = await world.connection(english)
    unmapped = Problem(ProblemCode.VAT_RATE_UNMAPPED, (("rate", "9"), ("tax_class", "")), ("tax_class",))
    for number in ("1", "2"):
        sale = a_sale(id=number, number=number)
        await world.tell(connection, recorded(sale), SaleProblem(number, 1, 1, unmapped, "mapper"))

    (problem,) = (await world.partner.get(f"/v1/connections/{connection}/problems")).json()["items"]
    assert problem["code"] == "vat-rate-unmapped"
    assert problem["message"] == "No VAT code is chosen for 9 %."
    assert (problem["count"], sorted(problem["sales"])) == (2, ["1", "2"])


async def test_a_booked_sale_whose_settlement_was_refused_can_be_retried_and_not_ignored(
    one_world: World,
) -> None:
    """Only where the settlement stands otherwise than it was sent may a person leave it so."""
    connection = await one_world.connection()
    sale = a_sale()
    entry = ready(sale)
    settlement = replace(a_day("S1-20260314", DAY, {sale.id: ("0", "0")}), purpose=Purpose.DAY_SETTLEMENT)
    await one_world.tell(connection, recorded(sale), entry, booked(entry), settlement, rejected(settlement))
    address = f"/v1/connections/{connection}/sales/{sale.id}"

    answer = await one_world.partner.post(f"{address}/ignore", json={"reason": "by hand"})
    assert "settlement" in assert_problem(answer, 409)["detail"]
    assert (await one_world.partner.post(f"{address}/retry")).status_code == 202

    await one_world.tell(connection, rejected(settlement, DIFFERENT, is_booked=True))
    answer = await one_world.partner.post(f"{address}/ignore", json={"reason": "as it should be"})
    assert answer.status_code == 202


async def test_only_a_problem_can_be_retried_or_ignored(one_world: World) -> None:
    connection = await one_world.connection()
    sale = a_sale()
    address = f"/v1/connections/{connection}/sales/{sale.id}"
    await one_world.tell(connection, recorded(sale))
    assert_problem(await one_world.partner.post(f"{address}/retry"), 409)
    await one_world.tell(connection, SaleProblem(sale.id, 1, 1, REFUSED, "mapper"))
    assert (await one_world.partner.post(f"{address}/retry")).status_code == 202
    for nothing in ({}, {"reason": "  "}):
        assert_problem(await one_world.partner.post(f"{address}/ignore", json=nothing), 422)
    answer = await one_world.partner.post(f"{address}/ignore", json={"reason": "by hand"})
    assert answer.status_code == 202


async def test_sales_come_in_pages_and_can_be_found(one_world: World) -> None:
    connection = await one_world.connection()
    sales = [a_sale(id=str(n), number=str(n), ticket_number=f"22000{n:04}") for n in range(1, 8)]
    await one_world.tell(connection, *(recorded(sale) for sale in sales))

    address = f"/v1/connections/{connection}/sales"
    seen: list[str] = []
    cursor: Any = ""
    while cursor is not None:
        page = (await one_world.partner.get(f"{address}?limit=3" + (cursor and f"&cursor={cursor}"))).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert seen == ["7", "6", "5", "4", "3", "2", "1"]
    found = (await one_world.partner.get(f"{address}?search=220000005")).json()["items"]
    assert [each["id"] for each in found] == ["5"]
    assert_problem(await one_world.partner.get(f"{address}?cursor=bogus"), 422)
    assert (await one_world.partner.get(f"{address}?from=2026-03-15")).json()["items"] == []


async def test_sales_without_a_completion_come_first_and_count(world: World) -> None:
    """One that can't be read and two open tickets; a document that came ahead of its sale isn't one yet."""
    connection = await world.connection()
    dated = [a_sale(id=f"1{n}", completed_at=AT + timedelta(minutes=n)) for n in range(3)]
    tickets = [a_sale(id=f"2{n}", state=TillState.OPEN, completed_at=None) for n in range(2)]
    unreadable = SaleProblem("30", 1, 1, Problem(ProblemCode.SALE_UNREADABLE), "ingest")
    await world.tell(connection, *(recorded(sale) for sale in [*dated, *tickets]), unreadable)
    await world.tell(connection, ready(a_sale(id="40")))

    address = f"/v1/connections/{connection}"
    for size in (1, 2, 3, 4, 50):
        seen: list[str] = []
        cursor: Any = ""
        while cursor is not None:
            asked = f"{address}/sales?limit={size}" + (cursor and f"&cursor={cursor}")
            page = (await world.partner.get(asked)).json()
            seen += [each["id"] for each in page["items"]]
            cursor = page["next"]
        assert seen == ["30", "21", "20", "12", "11", "10"]
    (problem,) = (await world.partner.get(f"{address}/sales?state=problem")).json()["items"]
    assert (problem["id"], problem["number"], problem["completed_at"]) == ("30", "30", None)
    (found,) = (await world.partner.get(f"{address}/sales?search=21")).json()["items"]
    assert found["id"] == "21"
    counted = (await world.partner.get(f"{address}/progress")).json()["sales"]
    assert counted == {"recorded": 5, "problem": 1}


async def test_a_sale_that_is_completed_between_two_pages_is_not_missed(one_world: World) -> None:
    connection = await one_world.connection()
    first, second = (a_sale(id=f"2{n}", state=TillState.OPEN, completed_at=None) for n in range(2))
    await one_world.tell(connection, recorded(first), recorded(second), recorded(a_sale(id="10")))
    address = f"/v1/connections/{connection}/sales?limit=1"
    page = (await one_world.partner.get(address)).json()
    assert [each["id"] for each in page["items"]] == ["21"]
    done = replace(first, state=TillState.COMPLETED, completed_at=AT)
    await one_world.tell(connection, recorded(done, revision=2))
    seen: list[str] = []
    while page["next"] is not None:
        page = (await one_world.partner.get(f"{address}&cursor={page['next']}")).json()
        seen += [each["id"] for each in page["items"]]
    assert sorted(seen) == ["10", "20"]


async def test_a_preview_books_nothing(one_world: World) -> None:
    connection = await one_world.active()
    sale = a_sale()
    await one_world.tell(connection, recorded(sale))
    body = {"from": "2026-03-14", "to": "2026-03-14"}
    answer = (await one_world.partner.post(f"/v1/connections/{connection}/preview", json=body)).json()
    assert [each["number"] for each in answer["sales"]] == [sale.number]
