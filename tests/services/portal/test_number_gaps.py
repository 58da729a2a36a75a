"""Numbers that the till has no sale for are told by day and outlet, as ranges, until they aren't missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from libs.common.contracts.envelope import envelope_of
from libs.common.contracts.sales import NumberGap, NumbersMissing, SaleRecorded
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from services.portal.number_gaps import gap_notices, ranges, show_missing
from tests.builders import a_sale
from tests.services.portal.world import World

SATURDAY = datetime(2026, 3, 14, 13, tzinfo=UTC)
SUNDAY = SATURDAY + timedelta(days=1)


def numbered(number: int, at: datetime = SATURDAY, outlet: str = "Winkel") -> Sale:
    known = str(number)
    return a_sale(id=known, number=known, completed_at=at, outlet=outlet, outlet_name=outlet)


def told(*gaps: tuple[int, int], before: dict[int, Sale]) -> list[tuple[str, str, str, str]]:
    found = gap_notices([NumberGap(*gap) for gap in gaps], before, Rules())
    return [
        (each.facts["day"], each.facts["outlet"], each.facts["numbers"], each.facts["count"])
        for each in found
    ]


def test_numbers_of_one_day_and_outlet_are_one_notice() -> None:
    before = {
        12: numbered(12),
        16: numbered(16),
        20: numbered(20, SUNDAY),
        22: numbered(22, SUNDAY, "Station"),
    }

    assert told((13, 13), (17, 19), (21, 21), (23, 24), before=before) == [
        ("2026-03-14", "Winkel", "13, 17-19", "4"),
        ("2026-03-15", "Winkel", "21", "1"),
        ("2026-03-15", "Station", "23-24", "2"),
    ]


def test_the_sale_before_may_lie_behind_tickets_that_were_never_paid() -> None:
    assert told((18, 18), before={12: numbered(12)}) == [("2026-03-14", "Winkel", "18", "1")]
    assert told((40, 40), before={12: numbered(12)}) == [("?", "?", "40", "1")]


def test_a_day_is_the_shops() -> None:
    """Half past midnight in Amsterdam."""
    late = datetime(2026, 3, 14, 23, 30, tzinfo=UTC)

    assert told((13, 13), before={12: numbered(12, late)})[0][0] == "2026-03-15"


def test_no_more_than_ten_ranges_are_written_out() -> None:
    gaps = [NumberGap(10 * each, 10 * each) for each in range(1, 13)]

    assert ranges(gaps) == "10, 20, 30, 40, 50, 60, 70, 80, 90, 100, ..."
    assert ranges(gaps[:10]) == "10, 20, 30, 40, 50, 60, 70, 80, 90, 100"


async def problems(world: World, connection: str) -> list[dict[str, Any]]:
    answer = await world.partner.get(f"/v1/connections/{connection}/problems")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_they_are_a_problem_until_they_are_no_longer_missing(one_world: World) -> None:
    world = one_world
    connection = await world.active()
    await world.tell(connection, SaleRecorded(numbered(5012), 1, "hash", 1))
    await world.tell(connection, NumbersMissing((NumberGap(5013, 5014), NumberGap(5020, 5020))))

    (problem,) = await problems(world, connection)

    assert problem["code"] == "numbers-missing"
    assert "5013-5014, 5020 (3 in totaal)" in problem["message"]
    assert "2026-03-14 in Winkel" in problem["message"]
    assert problem["sales"] == []

    world.sandbox.clock.advance(86_400)
    await world.tell(connection, NumbersMissing(()))
    assert await problems(world, connection) == []


async def test_what_was_told_earlier_and_comes_later_is_not_heard(one_world: World) -> None:
    world = one_world
    connection = await world.active()
    earlier = envelope_of(NumbersMissing((NumberGap(7, 7),)), connection, world.sandbox.clock.now())
    world.sandbox.clock.advance(60)
    await world.tell(connection, NumbersMissing(()))

    async with world.database.transaction() as transaction:
        await show_missing(transaction, earlier)

    assert await problems(world, connection) == []
