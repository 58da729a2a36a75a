"""Leases and clocks, seen from outside: who lost the turn makes nothing, who stops hands it over at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import httpx
import pytest

from libs.common.budget import Budget
from libs.common.database.engine import Database
from libs.common.domain.document import Debtor
from libs.common.lightspeed.sources import Tills
from services.exporter import schedule
from services.ingest.poll import Poller
from services.ingest.schedule import Schedule
from tests.services.exporter_world import Setting, a_setting, customer
from tests.services.ingest_world import SETTINGS, World, a_world


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


class Held:
    """The first answer of a kind waits on its way back from Exact until it is let go."""

    def __init__(self, setting: Setting, method: str, path: str) -> None:
        self._answer = setting.line.handle_async_request
        self._kind = (method, path)
        self._is_first = True
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        setting.line.handle_async_request = self._hold  # type: ignore[method-assign]

    async def _hold(self, request: httpx.Request) -> httpx.Response:
        method, path = self._kind
        answer = await self._answer(request)
        if self._is_first and request.method == method and path in request.url.path:
            self._is_first = False
            self.reached.set()
            await self.go_on.wait()
        return answer


async def test_who_lost_its_lease_makes_no_debtor_a_second_time(setting: Setting) -> None:
    """It stands still after it searched for a customer; another takes over and makes the debtor."""
    await setting.ready(setting.entry("A1", debtor=Debtor(customer=customer(1))))
    search = Held(setting, "GET", "crm/Accounts")
    still = asyncio.create_task(setting.exporter().serve_next())
    await search.reached.wait()
    setting.clock.advance(schedule.LEASE.total_seconds() + 1)
    await setting.exporter().serve_next()
    assert await setting.states() == {"A1": "booked"}
    search.go_on.set()
    await still

    made = [row["Name"] for row in setting.division.table("crm/Accounts") if row["Name"] == "Klant 1"]
    assert made == ["Klant 1"]


async def test_who_is_stopped_hands_its_division_over_at_once(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"), setting.entry("A2"))
    post = Held(setting, "POST", "SalesEntries")
    stopped = asyncio.create_task(setting.exporter().serve_next())
    await post.reached.wait()
    stopped.cancel()
    with suppress(asyncio.CancelledError):
        await stopped

    await setting.exporter().serve_next()

    assert (await setting.states())["A2"] == "booked"


@pytest.mark.parametrize("ahead", [timedelta(minutes=10)])
async def test_a_clock_that_runs_ahead_of_the_tills_misses_no_sale(
    database: Database, ahead: timedelta
) -> None:
    async with a_world(database) as world:
        replica = a_replica(world, ahead)
        world.sell()
        await replica.poll_due()
        world.clock.advance(61)
        world.sell()
        for _ in range(5):
            world.clock.advance(61)
            await replica.poll_due()

        assert len(await world.recorded()) == 2


def a_replica(world: World, ahead: timedelta) -> Schedule:
    """One whose clock runs ahead of Lightspeed's."""

    def now() -> datetime:
        return world.clock.now() + ahead

    tills = Tills(SETTINGS, world.http, world.vault, Budget(world.database, now), now)
    poller = Poller(world.database, tills, now)
    return Schedule(world.database, poller, now, poll_seconds=60, owner="ahead", jitter=lambda: 0.5)
