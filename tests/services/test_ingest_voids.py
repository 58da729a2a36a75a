"""Voids and edits that no stamp gives away: by the ids of voids, and by the nightly sweep."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from libs.common.contracts.commands import ConnectionAttention
from libs.common.database.engine import Database
from libs.common.domain.problem import Problem
from libs.common.domain.sale import SaleState
from libs.common.lightspeed.retail_parser import time_zone
from libs.common.lightspeed.retail_reading import Mark
from libs.common.lightspeed.retail_reference import RetailReference, Shop
from libs.common.lightspeed.retail_sale import parse_sale, with_void
from services.ingest.errand_store import SWEEP
from services.ingest.sweep import AT_LEAST, sweep_due_at
from services.sandbox.retail import events
from tests.clients.retail_payloads import a_sale_row, dutch_reference
from tests.services.ingest_world import START, World, a_world


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with a_world(database, sees_voids=True) as made:
        yield made


@pytest.fixture
async def without_right(database: Database) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


async def states(world: World) -> list[SaleState]:
    return [each.sale.state for each in await world.recorded()]


COMPLETED_THEN_VOIDED = [SaleState.COMPLETED, SaleState.VOIDED]


async def test_a_void_that_moved_no_stamp_is_found_by_its_id_and_has_its_own_day(world):
    (sold,) = world.sell()
    await world.read()
    for _ in range(2):
        world.clock.advance(20 * 86_400)
        await world.read()
    stamp = sold.moment("updatetime")
    events.void(world.account, sold, world.retail.switches)
    voided_at = world.clock.now()
    world.account.change(sold, updatetime=stamp)
    world.clock.advance(301)

    await world.read()
    await world.read()

    assert await states(world) == COMPLETED_THEN_VOIDED
    assert (await world.recorded())[-1].sale.changed_at == voided_at


async def test_a_void_that_is_read_by_change_first_has_the_day_of_its_void_too(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(60)
    voided_at = world.clock.now()
    events.void(world.account, sold, world.retail.switches)
    world.clock.advance(86_400)
    world.account.change(sold, updatetime=world.clock.now(), referenceNumber="touched")

    await world.schedule().poll_due()
    await world.read()

    assert await states(world) == COMPLETED_THEN_VOIDED
    assert (await world.recorded())[-1].sale.changed_at == voided_at


async def test_a_sale_that_lags_behind_its_void_is_waited_for(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(400)
    stamp = sold.moment("updatetime")
    events.void(world.account, sold, world.retail.switches)
    world.account.change(sold, voided=False, completed=True, updatetime=stamp)
    await world.read()
    assert await states(world) == [SaleState.COMPLETED]

    world.account.change(sold, voided=True, completed=False)
    world.clock.advance(61)
    await world.read()

    assert await states(world) == COMPLETED_THEN_VOIDED


async def test_looking_for_voids_costs_a_call_in_five_minutes(world):
    await world.read()
    before = world.asked_for("SaleVoid")
    for _ in range(30):
        world.clock.advance(61)
        await world.schedule().poll_due()
    assert world.asked_for("SaleVoid") - before in (5, 6)


async def test_without_the_right_to_see_voids_nobody_is_bothered_and_it_is_tried_once_a_day(without_right):
    world = without_right
    await world.read()
    assert world.asked_for("SaleVoid") == 1
    for _ in range(60):
        world.clock.advance(301)
        await world.schedule().poll_due()
    assert world.asked_for("SaleVoid") == 1
    assert await world.told(ConnectionAttention) == []
    assert (await world.cursor()).failures == 0

    world.clock.advance(86_400)
    await world.schedule().poll_due()
    assert world.asked_for("SaleVoid") == 2


async def test_the_sweep_finds_the_void_that_moved_no_stamp_where_voids_may_not_be_read(without_right):
    world = without_right
    (sold,) = world.sell()
    await world.read()
    stamp = sold.moment("updatetime")
    events.void(world.account, sold, world.retail.switches)
    world.account.change(sold, updatetime=stamp)
    world.clock.advance(86_400)
    await world.read()
    assert await states(world) == COMPLETED_THEN_VOIDED


@pytest.mark.parametrize("switch", ["supported", "400"])
async def test_the_sweep_finds_edits_without_a_stamp_and_sales_handed_in_late(world, switch):
    """Where lists are filtered on timeStamp, a back-dated sale has one that was read past already."""
    world.retail.choose({"updatetime_filter": switch})
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(7_200)
    await world.read()
    stamp = sold.moment("updatetime")
    events.edit(world.account, sold, {"payments": [{"type": "Contant"}]}, world.retail.switches)
    world.account.change(sold, updatetime=stamp)
    (late,) = world.sell(at=START - timedelta(hours=3))
    world.account.change(late, updatetime=START - timedelta(hours=3))
    await world.read()
    assert len(await world.recorded()) == 1

    world.clock.advance(86_400)
    await world.read()

    recorded = await world.recorded()
    assert [(each.sale.id, each.revision) for each in recorded[1:]] == [
        (str(late.key), 1),
        (str(sold.key), 2),
    ]
    assert recorded[-1].sale.payments[0].type_name == "Contant"


def whole_lists(world: World) -> int:
    """Of sales with their parts; numbers alone are asked for besides."""
    return sum(
        "/Sale.json" in url.path and "load_relations" in url.params for url in world.transport.requests
    )


async def test_a_sweep_happens_once_a_night_and_concludes_nothing(world):
    world.sell(3)
    await world.read()
    before, sweeps = whole_lists(world), 0
    for _ in range(48):
        world.clock.advance(3_600)
        count = whole_lists(world)
        await world.schedule().poll_due()
        sweeps += whole_lists(world) - count - 1
    assert sweeps == 2
    assert whole_lists(world) - before == 50
    assert len(await world.recorded()) == 3


async def test_a_sweep_of_many_pages_goes_on_between_the_polls(world, monkeypatch):
    monkeypatch.setattr("libs.common.lightspeed.retail.PAGE", 2)
    monkeypatch.setattr("services.ingest.sweep.PAGES", 1)
    for hour in range(9):
        world.sell(at=START - timedelta(hours=hour + 1))
    await world.read()
    world.clock.advance(86_400)
    schedule = world.schedule()
    await schedule._prepare()
    for _ in range(3):
        assert await schedule._poll_next(world.clock.now())
    half = await world.errand(SWEEP)
    assert half is not None
    assert half.state.mark
    await schedule.poll_due()
    after = await world.errand(SWEEP)
    assert after is not None
    assert (after.state.since, after.due_at > world.clock.now()) == (None, True)


@pytest.mark.parametrize("what", ["400", "ignored"])
async def test_where_lists_can_not_be_filtered_on_completion_the_sweep_takes_the_time_stamp(world, what):
    world.sell()
    old = world.sell(at=START - timedelta(days=200))[0]
    world.account.change(old, updatetime=START - timedelta(days=200))
    await world.read()
    original = world.transport.handle_async_request

    async def without(request):
        query = request.url.query.decode()
        if "completeTime=" in query:
            if what == "400":
                query = query.replace("completeTime=", "completionTime=")
            else:
                query = "&".join(part for part in query.split("&") if not part.startswith("completeTime="))
            request.url = request.url.copy_with(query=query.encode())
        return await original(request)

    world.transport.handle_async_request = without
    world.clock.advance(86_400)
    await world.read()
    errand = await world.errand(SWEEP)
    assert errand is not None
    assert (errand.failures, Mark.of(errand.state.mark).field, errand.state.since) == (0, "timeStamp", None)


def test_a_sweep_is_due_in_the_small_hours_of_the_outlet():
    for zone in ("Europe/Amsterdam", "America/New_York", "Asia/Tokyo"):
        reference = RetailReference(shops={"1": Shop("1", "Winkel", zone)})
        for hour in range(0, 8760, 5):
            after = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
            due = sweep_due_at(time_zone(reference), f"connection-{hour}", after)
            local = due.astimezone(ZoneInfo(zone))
            assert AT_LEAST <= due - after <= timedelta(hours=32)
            assert 2 <= local.hour <= 6


def test_a_voided_sale_was_changed_when_it_was_voided():
    row = a_sale_row(voided="true", completed="false")
    void = {"saleVoidID": "7", "createTime": "2026-03-15T09:10:00+00:00", "reason": "x", "employeeID": "3"}
    parsed = parse_sale(with_void(row, void), dutch_reference())
    assert not isinstance(parsed, Problem)
    assert (parsed.state, parsed.changed_at) == (SaleState.VOIDED, datetime(2026, 3, 15, 9, 10, tzinfo=UTC))
    assert with_void(row, void)["SaleVoid"].keys() == {"saleVoidID", "createTime"}
    assert with_void(row, None) is row
