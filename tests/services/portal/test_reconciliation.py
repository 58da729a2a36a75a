"""Sold against booked, by hand: 14 March is a Saturday, what changes changes on Monday the 16th."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from libs.common.contracts.documents import (
    DocumentReady,
    DocumentWithdrawn,
    Purpose,
    SaleVersion,
    WantedSums,
)
from libs.common.contracts.envelope import Message
from libs.common.contracts.sales import SaleIgnored, SaleMapped, SaleProblem
from libs.common.domain.document import EntryLine, NothingCode, SalesEntry
from libs.common.domain.payments import PaymentPart
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import Sale, SaleState
from tests.builders import CARD, CREDIT_CARD, D, a_line, a_payment, a_sale
from tests.services.portal.messages import (
    AT,
    MONDAY,
    ON_MONDAY,
    SATURDAY,
    TUESDAY,
    a_day,
    an_entry,
    booked,
    handed_on,
    ready,
    recorded,
    rejected,
    wanted,
)
from tests.services.portal.world import World

NO = "0.00"
UNDECIDED = ""
BY_HAND = SaleIgnored("5012", 2, 3, NothingCode.BY_HAND, "by hand")
LEFT_SO = SaleIgnored("5012", 1, 2, NothingCode.BY_HAND, "as the accountant wants it")
DEBTOR = Problem(ProblemCode.DEBTOR_REFUSED, (("customer", "Jansen"), ("answer", "Btw-nummer")))
UNMAPPED = Problem(ProblemCode.VAT_RATE_UNMAPPED, (("rate", "9"),))


def sold(amount: str = "12.10", vat: str = "2.10") -> dict[str, Any]:
    """A row of a day with nothing but this, booked: under VH, paid by card."""
    return _row(
        sold=amount, booked=amount, by_vat={"VH": (amount, NO, vat)}, by_payment={"PIN": (amount, NO)}
    )


def waits(amount: str = "12.10", code: str = "VH") -> dict[str, Any]:
    """The same, waiting; under no code while none is chosen for what the till says now."""
    return _row(
        sold=amount, waiting=amount, by_vat={code: (NO, amount, NO)}, by_payment={"PIN": (NO, amount)}
    )


def _row(**fields: Any) -> dict[str, Any]:
    zero = dict.fromkeys(("sold", "booked", "waiting", "ignored", "difference"), "0.00")
    return {**zero, "by_vat": {}, "by_payment": {}, **fields}


def looked_at(told: Any, hour: int) -> Any:
    return replace(told, looked_at=AT + timedelta(hours=hour))


def edited(amount: str = "24.20") -> Sale:
    return a_sale([a_line(amount)], changed_at=ON_MONDAY)


def voided() -> Sale:
    return a_sale(state=SaleState.VOIDED, changed_at=ON_MONDAY)


def histories() -> dict[str, tuple[list[Message], dict[date, dict[str, Any]], str]]:
    """What is told of sale 5012, the days that come of it, and where it stands then."""
    sale = a_sale()
    first = ready(sale)
    seen = recorded(sale)
    stands: list[Message] = [seen, first, booked(first)]
    twice, nothing = wanted("24.20", "4.20"), WantedSums()
    more = handed_on(sale.id, an_entry("5012-C", MONDAY, "12.10", "2.10"), "more", 2, 2, comes_to=twice)
    reversal = handed_on(
        sale.id, an_entry("5012-V", MONDAY, "-12.10", "-2.10"), "reversal", 2, 2, comes_to=nothing
    )
    by_credit_card = a_sale(payments=[a_payment("12.10", CREDIT_CARD)], changed_at=ON_MONDAY)
    otherwise = wanted("12.10", "2.10", CREDIT_CARD)
    other_money = handed_on(sale.id, from_card_to_credit_card(), "money", 2, 2, comes_to=otherwise)
    taken_back = sold("-12.10", "-2.10")
    too_late = ready(edited(), revision=2, decision=2, version=2)
    stale = DocumentWithdrawn(first.document_id, 2, (SaleVersion(sale.id, 2, 2),))
    reversal_late = handed_on(
        sale.id, an_entry("5012-V", MONDAY, "-12.10", "-2.10"), "reversal", 2, 3, comes_to=nothing
    )
    more_late = handed_on(sale.id, an_entry("5012-C", MONDAY, "12.10", "2.10"), "more", 2, 3, comes_to=twice)
    settled_a_day = ready(sale, settlement="per-day")
    settlement = a_settlement("12.10")
    apart = _row(
        sold="12.10", booked="12.10", by_vat={"VH": ("12.10", NO, "2.10")}, by_payment={"PIN": (NO, "12.10")}
    )
    repeated = [
        handed_on(sale.id, an_entry("5012-C", SATURDAY, "-12.10", "-2.10"), "back", 1, 2, count=2),
        handed_on(sale.id, an_entry("5012-C2", SATURDAY, "12.10", "2.10"), "again", 1, 2, count=2),
    ]
    problem = SaleProblem(sale.id, 2, 2, UNMAPPED, "mapper")
    again = ready(sale, decision=2, version=2)
    with_settlement = [
        ready(sale, count=2),
        replace(
            handed_on(sale.id, an_entry("5012-S", SATURDAY, "0", "0"), "money", 1, 1, count=2),
            purpose=Purpose.SETTLEMENT,
        ),
    ]
    return {
        "seen": ([seen], {SATURDAY: waits(code=UNDECIDED)}, "recorded"),
        "on its way": ([seen, first], {SATURDAY: waits()}, "mapped"),
        "refused": ([seen, first, rejected(first)], {SATURDAY: waits()}, "problem"),
        "booked": (stands, {SATURDAY: sold()}, "booked"),
        "posted, refused at printing": (
            [seen, first, rejected(first, is_booked=True)],
            {SATURDAY: waits()},
            "problem",
        ),
        "refused at printing, tried again": (
            [seen, first, rejected(first, is_booked=True), again],
            {SATURDAY: waits()},
            "mapped",
        ),
        "refused at printing, printed the second time": (
            [seen, first, rejected(first, is_booked=True), again, booked(again)],
            {SATURDAY: sold()},
            "booked",
        ),
        "refused, booked the second time": (
            [seen, first, rejected(first), again, booked(again)],
            {SATURDAY: sold()},
            "booked",
        ),
        "its settlement refused": (
            [seen, *with_settlement, booked(with_settlement[0]), rejected(with_settlement[1])],
            {SATURDAY: sold()},
            "problem",
        ),
        "found otherwise in Exact": (
            [*stands, looked_at(rejected(first, is_booked=True), 1)],
            {SATURDAY: waits()},
            "problem",
        ),
        "found otherwise in Exact, then mended there": (
            [*stands, looked_at(rejected(first, is_booked=True), 1), looked_at(booked(first), 2)],
            {SATURDAY: sold()},
            "booked",
        ),
        "found otherwise in Exact, left so by a person": (
            [
                *(*stands, looked_at(rejected(first, is_booked=True), 1), LEFT_SO),
                replace(looked_at(booked(first), 2), is_left_so=True),
            ],
            {SATURDAY: _row(ignored="12.10")},
            "ignored",
        ),
        "edited, not decided yet": (
            [*stands, recorded(edited(), 2)],
            {SATURDAY: sold(), MONDAY: waits(code=UNDECIDED)},
            "recorded",
        ),
        "edited, on its way": (
            [*stands, recorded(edited(), 2), more],
            {SATURDAY: sold(), MONDAY: waits()},
            "mapped",
        ),
        "edited, refused": (
            [*stands, recorded(edited(), 2), more, rejected(more)],
            {SATURDAY: sold(), MONDAY: waits()},
            "problem",
        ),
        "edited, booked": (
            [*stands, recorded(edited(), 2), more, booked(more)],
            {SATURDAY: sold(), MONDAY: sold()},
            "booked",
        ),
        "edited, a problem": (
            [*stands, recorded(edited(), 2), problem],
            {SATURDAY: sold(), MONDAY: waits(code=UNDECIDED)},
            "problem",
        ),
        "edited, left to a person": (
            [*stands, recorded(edited(), 2), problem, BY_HAND],
            {SATURDAY: sold(), MONDAY: _row(ignored="12.10")},
            "ignored",
        ),
        "voided, not decided yet": (
            [*stands, recorded(voided(), 2)],
            {
                SATURDAY: sold(),
                MONDAY: waits("-12.10", UNDECIDED),
            },
            "recorded",
        ),
        "voided, reversed": (
            [*stands, recorded(voided(), 2), reversal, booked(reversal)],
            {SATURDAY: sold(), MONDAY: taken_back},
            "booked",
        ),
        "paid otherwise": (
            [*stands, recorded(by_credit_card, 2), other_money, booked(other_money)],
            {
                SATURDAY: sold(),
                MONDAY: _row(by_payment={"PIN": ("-12.10", NO), "Creditcard": ("12.10", NO)}),
            },
            "booked",
        ),
        "booked again on its own day": (
            [*stands, *repeated, *(booked(each) for each in repeated)],
            {SATURDAY: sold()},
            "booked",
        ),
        "opened again": (
            [*stands, recorded(a_sale(state=SaleState.OPEN, changed_at=ON_MONDAY), 2)],
            {SATURDAY: sold()},
            "booked",
        ),
        "opened again on its way": (
            [seen, first, recorded(a_sale([], [], state=SaleState.OPEN, changed_at=ON_MONDAY), 2)],
            {SATURDAY: waits()},
            "mapped",
        ),
        "opened again before it was decided": (
            [seen, recorded(a_sale(state=SaleState.OPEN, changed_at=ON_MONDAY), 2)],
            {},
            "recorded",
        ),
        "edited too late": (
            [seen, first, recorded(edited(), 2), too_late, booked(first), booked(first, came_too_late=True)],
            {SATURDAY: sold(), MONDAY: waits()},
            "mapped",
        ),
        "edited too late, booked": (
            [
                *(seen, first, recorded(edited(), 2), too_late, booked(first)),
                *(booked(first, came_too_late=True), more_late, booked(more_late)),
            ],
            {SATURDAY: sold(), MONDAY: sold()},
            "booked",
        ),
        "voided too late": (
            [
                *(seen, first, recorded(voided(), 2), SaleIgnored(sale.id, 2, 2, NothingCode.VOIDED), stale),
                *(booked(first, came_too_late=True), reversal_late, booked(reversal_late)),
            ],
            {SATURDAY: sold(), MONDAY: taken_back},
            "booked",
        ),
        "voided before it was booked": (
            [seen, first, recorded(voided(), 2), SaleIgnored(sale.id, 2, 2, NothingCode.VOIDED), stale],
            {},
            "ignored",
        ),
        "booked by hand": (
            [
                seen,
                SaleProblem(sale.id, 1, 1, UNMAPPED, "mapper"),
                SaleIgnored(sale.id, 1, 2, NothingCode.BY_HAND),
            ],
            {SATURDAY: _row(ignored="12.10")},
            "ignored",
        ),
        "its money waits for its day": (
            [seen, settled_a_day, booked(settled_a_day)],
            {SATURDAY: apart},
            "booked",
        ),
        "its money's day refused": (
            [seen, settled_a_day, booked(settled_a_day), settlement, rejected(settlement)],
            {SATURDAY: apart},
            "booked",
        ),
        "its money booked with its day": (
            [seen, settled_a_day, booked(settled_a_day), settlement, booked(settlement)],
            {SATURDAY: sold()},
            "booked",
        ),
        "its money's day found otherwise in Exact": (
            [
                *(seen, settled_a_day, booked(settled_a_day), settlement, booked(settlement)),
                looked_at(rejected(settlement, is_booked=True), 1),
            ],
            {SATURDAY: apart},
            "booked",
        ),
        **days(),
    }


def from_card_to_credit_card() -> SalesEntry:
    """Of 12.10 that stands."""
    entry = an_entry("5012-C", MONDAY, "0", "0")
    lines = (
        EntryLine("2002", "NONE", D("-12.10"), D(0), payments=(PaymentPart(CREDIT_CARD, D("12.10")),)),
        EntryLine("2000", "NONE", D("12.10"), D(0), payments=(PaymentPart(CARD, D("-12.10")),)),
    )
    return replace(entry, lines=lines)


def a_settlement(amount: str) -> DocumentReady:
    """The day's, of sale 5012 alone."""
    day = a_day("S1-20260314", SATURDAY, {"5012": ("0", "0")}, paid={"5012": amount})
    return replace(day, purpose=Purpose.DAY_SETTLEMENT)


def days() -> dict[str, tuple[list[Message], dict[date, dict[str, Any]], str]]:
    """The same in daily totals: sale 5012 of 12.10 shares the Saturday with 5013 of 36.30."""
    other = a_sale([a_line("36.30")], id="5013")
    shares = {"5012": ("12.10", "2.10"), "5013": ("36.30", "6.30")}
    saturday = a_day("D1-20260314", SATURDAY, shares)
    seen: list[Message] = [recorded(a_sale()), recorded(other)]
    mapped: list[Message] = [SaleMapped(id_, 1, 1, SATURDAY, wanted(*each)) for id_, each in shares.items()]
    stands = sold("48.40", "8.40")
    told: list[Message] = [*seen, *mapped, saturday, booked(saturday)]
    twice = wanted("24.20", "4.20")
    again: list[Message] = [recorded(edited(), 2), SaleMapped("5012", 2, 2, SATURDAY, twice)]
    monday = a_day("D1-20260316", MONDAY, {"5012": ("12.10", "2.10")}, decisions={"5012": (2, 2)})
    second = a_day(
        "D1-20260314", SATURDAY, {"5013": ("36.30", "6.30")}, decisions={"5013": (1, 2)}, version=2
    )
    ahead = replace(
        handed_on("5012", an_entry("5012-P1", SATURDAY, "0", "0"), "ahead", 1, 1),
        purpose=Purpose.SETTLEMENT,
        wanted=wanted("12.10", "2.10"),
    )
    nothing = WantedSums()
    card = WantedSums(payments=(PaymentPart(CARD, D("50.00")),))
    back = a_day("D1-20260316", MONDAY, {"5012": ("-12.10", "-2.10")}, decisions={"5012": (2, 2)})
    return {
        "in its day": ([*seen, *mapped], {SATURDAY: waits("48.40")}, "mapped"),
        "its day on its way": ([*seen, *mapped, saturday], {SATURDAY: waits("48.40")}, "mapped"),
        "its day refused": (
            [*seen, *mapped, saturday, rejected(saturday)],
            {SATURDAY: waits("48.40")},
            "problem",
        ),
        "its day booked": (told, {SATURDAY: stands}, "booked"),
        "edited after its day": ([*told, *again], {SATURDAY: stands, MONDAY: waits()}, "mapped"),
        "edited after its day, booked": (
            [*told, *again, monday, booked(monday)],
            {SATURDAY: stands, MONDAY: sold()},
            "booked",
        ),
        "voided after its day, booked": (
            [*told, recorded(voided(), 2), SaleMapped("5012", 2, 2, SATURDAY, nothing), back, booked(back)],
            {SATURDAY: stands, MONDAY: sold("-12.10", "-2.10")},
            "booked",
        ),
        "its day refused, then without it": (
            [
                *(*seen, *mapped, saturday, rejected(saturday)),
                *(recorded(voided(), 2), SaleIgnored("5012", 2, 2, NothingCode.VOIDED)),
                *(SaleMapped("5013", 1, 2, SATURDAY, wanted("36.30", "6.30")), second, booked(second)),
            ],
            {SATURDAY: sold("36.30", "6.30")},
            "ignored",
        ),
        "paid ahead, in its day": (
            [seen[0], ahead, booked(ahead)],
            {SATURDAY: waits()},
            "mapped",
        ),
        "a gift card alone": (
            [
                recorded(a_sale([], [a_payment("50.00")], total="0")),
                SaleMapped("5012", 1, 1, SATURDAY, card),
                *_told(a_day("D1-20260314", SATURDAY, {"5012": ("0", "0")}, paid={"5012": "50.00"})),
            ],
            {SATURDAY: _row(by_payment={"PIN": ("50.00", NO)})},
            "booked",
        ),
    }


def _told(document: Any) -> list[Message]:
    return [document, booked(document)]


@pytest.mark.parametrize("name", sorted(histories()))
async def test_each_day_is_what_is_booked_and_what_waits_whatever_the_order(world: World, name: str) -> None:
    messages, expected, state = histories()[name]
    connection = await world.connection()
    shuffled = list(messages)
    random.Random(name).shuffle(shuffled)
    for message in shuffled:
        await world.tell(connection, message)

    assert await rows_of(world, connection) == expected
    assert (await world.partner.get(f"/v1/connections/{connection}/sales/5012")).json()["state"] == state


async def rows_of(world: World, connection: str) -> dict[date, dict[str, Any]]:
    """Of each code what is booked, what waits and the VAT; of each type what is booked and what waits."""
    address = f"/v1/connections/{connection}/reconciliation?from={SATURDAY}&to={TUESDAY}"
    items = (await world.partner.get(address)).json()["items"]
    for part in (part for item in items for part in (*item["by_vat"], *item["by_payment"])):
        assert (part["difference"], D(part["sold"])) == (NO, D(part["booked"]) + D(part["waiting"]))
    names = ("sold", "booked", "waiting", "ignored", "difference")
    return {
        date.fromisoformat(item["day"]): {
            **{name: item[name] for name in names},
            "by_vat": {
                part["vat_code"]: (part["booked"], part["waiting"], part["vat_amount"])
                for part in item["by_vat"]
            },
            "by_payment": {part["name"]: (part["booked"], part["waiting"]) for part in item["by_payment"]},
        }
        for item in items
    }


async def test_a_sale_in_a_days_total_shows_that_document(world: World) -> None:
    connection = await world.connection()
    messages, _, _ = histories()["its day booked"]
    await world.tell(connection, *messages)

    listed = (await world.partner.get(f"/v1/connections/{connection}/sales")).json()["items"]
    assert {each["id"]: (each["state"], each["document"]["reference"]) for each in listed} == {
        "5012": ("booked", "D1-20260314"),
        "5013": ("booked", "D1-20260314"),
    }


async def test_what_refuses_a_sale_and_its_days_settlement_is_one_problem_of_the_sale(world: World) -> None:
    connection = await world.connection()
    sale, other = a_sale(), a_sale(id="5013", number="5013")
    settlement = replace(
        a_day("S1-20260314", SATURDAY, {"5012": ("0", "0"), "5013": ("0", "0")}),
        purpose=Purpose.DAY_SETTLEMENT,
    )
    first, second = ready(sale), ready(other)
    await world.tell(connection, recorded(sale), recorded(other), first, second)
    await world.tell(
        connection, rejected(first, DEBTOR), booked(second), settlement, rejected(settlement, DEBTOR)
    )

    (problem,) = (await world.partner.get(f"/v1/connections/{connection}/problems")).json()["items"]
    assert (problem["code"], problem["count"], problem["sales"]) == ("debtor-refused", 1, ["5012"])


async def test_a_refused_day_is_one_problem_of_its_sales(world: World) -> None:
    connection = await world.connection()
    messages, _, _ = histories()["its day refused"]
    await world.tell(connection, *messages)

    (problem,) = (await world.partner.get(f"/v1/connections/{connection}/problems")).json()["items"]
    assert (problem["code"], problem["count"], sorted(problem["sales"])) == (
        "period-closed",
        2,
        ["5012", "5013"],
    )
