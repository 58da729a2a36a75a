"""Sales go before articles and stock: one division, one account, with as few calls as the vendors give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from libs.common.budget import Budget, Lane
from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from libs.common.http import http_client
from libs.common.lightspeed.retail import RetailClient
from services.exporter.schedule import Exporter
from services.products.schedule import Schedule
from tests.services.exporter_world import NOON, Setting
from tests.services.products_world import TILL, D, Scene
from tests.services.stock_world import a_stocked_scene, exporter_beside, in_exact, move_at_till

TICK = 5


@dataclass
class Both:
    """The exporter and the service of articles, on one division of Exact with 60 calls a minute."""

    scene: Scene
    setting: Setting
    exporter: Exporter
    schedule: Schedule

    @property
    def booked(self) -> int:
        return self.scene.to_exact.calls["POST salesentry/SalesEntries"]

    @property
    def made(self) -> int:
        return self.scene.to_exact.calls["POST logistics/Items"]

    async def sell(self, number: int) -> None:
        before = self.setting.sent
        self.setting.sent += number
        entries = [self.setting.entry(str(10_000 + each)) for each in range(before, self.setting.sent)]
        await self.setting.ready(*entries)

    async def tick(self) -> None:
        """Articles are first to ask, each time."""
        self.scene.clock.advance(TICK)
        await self.schedule.work_on_due()
        await self.exporter.serve_all()

    async def pass_time(self, seconds: int) -> None:
        for _ in range(0, seconds, TICK):
            await self.tick()

    async def pass_midnight(self) -> None:
        now = self.scene.clock.now()
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        self.scene.clock.advance((midnight - now).total_seconds() - TICK)
        await self.pass_time(300)


async def both(database: Database, articles: int, *, minute: int = 60, day: int = 5_000) -> Both:
    """Articles that are read and approved, and not made yet."""
    scene = await a_stocked_scene(database)
    scene.budget = Budget(database, scene.clock.now)
    setting = await exporter_beside(scene)
    for number in range(articles):
        scene.new_at_till(f"A-{number}")
    await scene.work()
    await scene.say_yes()
    scene.exact.limits.minute, scene.exact.limits.day = minute, day
    scene.clock.advance(120)
    scene.count_from_here()
    return Both(scene, setting, Exporter(setting.house, scene.open_exact()), scene.schedule())


async def test_sales_that_wait_get_the_calls_first_and_articles_the_rest(sqlite_database: Database) -> None:
    """100 articles and 150 sales, a call each: sixty a minute."""
    here = await both(sqlite_database, 100)
    await here.sell(150)
    await here.tick()
    first = here.made
    assert 40 < first <= 60  # nobody had asked for a sale yet

    while here.booked < 150:
        await here.tick()
        assert here.made == first
    assert here.scene.clock.now() - NOON <= timedelta(minutes=2 + 4)  # 150 of 60 a minute, after the first

    await here.pass_time(130)
    assert here.made == 100
    assert 429 not in here.scene.to_exact.answers


async def test_of_a_day_s_calls_articles_leave_some_to_sales_and_go_on_the_day_after(
    sqlite_database: Database,
) -> None:
    """Of 100 calls articles have 70, those that wait 60, and sales 20 more, which then are left to them."""
    here = await both(sqlite_database, 100, day=100)
    await here.pass_time(300)
    made = here.made
    assert 40 < made <= 70
    await here.sell(60)
    await here.pass_time(300)
    assert here.made == made
    assert 15 <= here.booked <= 20

    await here.pass_midnight()
    assert here.booked == 60  # those of yesterday first, though articles ask before them
    for _ in range(2):
        await here.pass_midnight()
    assert here.made == 100


async def test_stock_of_what_is_in_step_waits_for_no_article_that_is_still_to_be_made(
    sqlite_database: Database,
) -> None:
    here = await both(sqlite_database, 1)
    move_at_till(here.scene, "A-0", "7")
    await here.pass_time(120)
    assert in_exact(here.scene, "A-0") == D(7)
    for number in range(300):
        here.scene.new_at_till(f"B-{number}")
    await here.pass_time(60)

    move_at_till(here.scene, "A-0", "-2")
    await here.pass_time(130)

    assert in_exact(here.scene, "A-0") == D(5)
    assert here.made < 250


async def test_while_articles_are_made_at_the_till_its_sales_can_always_be_read(
    sqlite_database: Database,
) -> None:
    """A new article costs ten drips of ninety, one of which leaks away each second."""
    scene = await a_stocked_scene(sqlite_database, Direction.TO_LIGHTSPEED)
    scene.budget = Budget(sqlite_database, scene.clock.now)
    for number in range(30):
        scene.new_in_exact(f"A-{number}")
    await scene.work()
    await scene.say_yes()
    scene.retail.limits.settings.choose({"bucket": 90.0, "burst": 20})
    vault: Any = scene.vault
    http = http_client(transport=scene.to_till)
    client = RetailClient(http, vault, scene.budget, scene.clock.now, TILL, TILL)
    account, schedule = client.account("g2", str(scene.account.account_id)), scene.schedule()

    for _ in range(80):
        scene.clock.advance(TICK - 1)
        await schedule.work_on_due()
        scene.clock.advance(1)
        await account.rows("Sale", lane=Lane.SALES)  # raises Postponed where there is no room

    assert len(scene.account["Item"]) == 30
    assert 429 not in scene.to_till.answers
