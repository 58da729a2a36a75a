"""ingest where things break: an unreliable Lightspeed, kills in every place, replicas that race."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from libs.common.database.engine import Database, Transaction
from services.ingest import store
from tests.services.ingest_world import CONNECTION, LAG, START, World, a_world

T = TypeVar("T")


class Killed(BaseException):
    """The process dies here: nothing that follows runs, not even what handles errors."""


class Dying:
    """A database that dies at one of its transactions: before it, in its midst, or after its commit."""

    def __init__(self, database: Database, at: int, where: str) -> None:
        self._database = database
        self._left = at
        self._where = where
        self.is_dead = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        self._require_life()
        return self._database.reading()

    async def run(self, step: Callable[[Transaction], Awaitable[T]]) -> T:
        self._require_life()
        self._left -= 1
        if self._left or self.is_dead:
            return await self._database.run(step)
        self.is_dead = True
        if self._where == "before":
            raise Killed
        done = await self._database.run(self._midst(step) if self._where == "midst" else step)
        raise Killed(done)

    def _midst(self, step: Callable[[Transaction], Awaitable[T]]) -> Callable[[Transaction], Awaitable[T]]:
        async def dying(transaction: Transaction) -> T:
            await step(transaction)
            raise Killed

        return dying

    def _require_life(self) -> None:
        if self.is_dead:
            raise Killed


class Deaths:
    """At the first transaction, at the second, ..., until a poll has fewer and lives, twice."""

    def __init__(self, database: Database, where: str) -> None:
        self._database = database
        self._where = where
        self.counted = 0

    def __iter__(self) -> Iterator[Dying]:
        lived = 0
        while lived < 2:
            yield (dying := Dying(self._database, self.counted + lived + 1, self._where))
            if dying.is_dead:
                self.counted += 1
            else:
                lived += 1


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


async def no_sale_is_behind_the_watermark(world: World) -> bool:
    """I9: whatever changed before the watermark is kept."""
    async with world.database.reading() as transaction:
        watermark = (await transaction.execute(select(store.cursors.c.watermark))).scalar()
    if watermark is None:
        return True
    due = [sale for sale in world.account["Sale"] if (sale.moment("updatetime") or START) < watermark]
    async with world.database.reading() as transaction:
        kept = await store.kept_sales(transaction, CONNECTION, [str(sale.key) for sale in due])
    return len(kept) == len(due)


@pytest.mark.parametrize("where", ["before", "midst", "after"])
async def test_a_poll_that_is_killed_at_any_transaction_goes_on_and_every_sale_is_told_once(world, where):
    for minute in range(230):
        world.sell(at=START - timedelta(minutes=230 - minute))
    deaths = Deaths(world.database, where)
    for dying in deaths:
        with suppress(Killed):
            await world.schedule(dying).poll_due()
        world.sell(1)
        world.clock.advance(200)  # the lease of the dead one runs out
        assert await no_sale_is_behind_the_watermark(world)
    await world.read()

    recorded = await world.recorded()
    assert deaths.counted >= 4
    assert Counter(each.sale.id for each in recorded) == {str(sale.key): 1 for sale in world.account["Sale"]}
    assert await world.tells_without_gaps()


async def test_a_walk_that_was_cut_goes_on_at_the_next_page_and_keeps_its_first_moment(world):
    for minute in range(350):
        world.sell(at=START - timedelta(minutes=350 - minute))
    original, pages = world.transport.handle_async_request, 0

    async def dying(request: Any) -> Any:
        nonlocal pages
        pages += "/Sale.json" in request.url.path
        if pages == 3:
            raise Killed
        return await original(request)

    world.transport.handle_async_request = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await world.schedule().poll_due()
    world.transport.handle_async_request = original  # type: ignore[method-assign]
    half = await world.cursor()
    assert half.walk_since is not None
    assert half.watermark is None
    lists = world.asked_for("Sale")

    world.clock.advance(600)
    await world.schedule().poll_due()

    assert half.walk_started_at is not None
    assert (await world.cursor()).watermark == half.walk_started_at - LAG
    assert world.asked_for("Sale") - lists == 3  # its last two pages, and the backlog's only one
    assert len(await world.recorded()) == 350


FAULTS = {
    "html_500": 0.15,
    "unavailable_503": 0.1,
    "cut_json": 0.15,
    "answer_lost": 0.1,
    "refused_429": 0.1,
    "rows_move": 0.5,
}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_lightspeed_answers_every_sale_is_told_once_and_in_order(world, seed):
    world.faults.choose({"retail": FAULTS, "seed": seed})
    schedule = world.schedule()
    for round_ in range(6):
        for _ in range(60):
            world.sell(at=world.clock.now() - timedelta(seconds=round_))
        await world.read(schedule, rounds=200)
        assert await no_sale_is_behind_the_watermark(world)
        world.clock.advance(61)
    recorded = await world.recorded()
    assert Counter(each.sale.id for each in recorded) == {str(sale.key): 1 for sale in world.account["Sale"]}
    assert await world.tells_without_gaps()
    assert await world.problems() == []


async def test_a_token_that_is_revoked_in_mid_walk_is_renewed_and_the_walk_goes_on(world):
    for minute in range(250):
        world.sell(at=START - timedelta(minutes=250 - minute))
    await world.read()
    world.clock.advance(3_000)
    for access in world.retail.grants.accesses.values():
        access.revoked = True
    world.sell(3)
    await world.read()
    assert len(await world.recorded()) == 253


async def test_a_backlog_is_read_within_lightspeeds_limits_and_never_refused(database):
    async with a_world(database, calm=False) as world:
        world.retail.limits.settings.choose({"bucket": 15.0})
        for minute in range(850):
            world.sell(at=START - timedelta(minutes=850 - minute))
        await world.read()
        assert len(await world.recorded()) == 850
        assert world.calls.refused == 0


async def test_failures_back_off_and_are_forgotten_when_it_goes_well(world):
    world.faults.choose({"retail": {"html_500": 1.0}})
    schedule, waits = world.schedule(), []
    for _ in range(4):
        before = world.clock.now()
        while await schedule.poll_due() == 0:
            world.clock.advance(1)
        waits.append((world.clock.now() - before).total_seconds())
    assert waits == [0, 5, 10, 20]
    assert (await world.cursor()).failures == 4
    world.faults.choose({"retail": {}})
    await world.read(schedule)
    assert (await world.cursor()).failures == 0


async def test_replicas_never_read_the_same_till_at_once(world):
    for minute in range(250):
        world.sell(at=START - timedelta(minutes=250 - minute))
    replicas = [world.schedule() for _ in range(4)]
    for replica in replicas:
        replica._is_embedded = False
    await world.schedule()._prepare()
    polled = await asyncio.gather(*(replica.poll_due() for replica in replicas))
    assert sum(polled) == 1
    recorded = await world.recorded()
    assert len(recorded) == 250
    assert await world.tells_without_gaps()


async def test_a_replica_that_was_overtaken_keeps_nothing_more(world):
    """Its lease ran out while Lightspeed was slow; another one has read the page already."""
    world.sell(150, at=START)
    slow = world.schedule()
    fast = world.schedule()
    fast._is_embedded = slow._is_embedded = False
    reached, go_on = asyncio.Event(), asyncio.Event()
    original, count = world.transport.handle_async_request, 0

    async def held(request: Any) -> Any:
        nonlocal count
        if "/Sale.json" in request.url.path:
            count += 1
            if count == 1:
                reached.set()
                await go_on.wait()
        return await original(request)

    world.transport.handle_async_request = held  # type: ignore[method-assign]
    task = asyncio.create_task(slow.poll_due())
    await reached.wait()
    world.clock.advance(121)
    assert await fast.poll_due() == 1
    go_on.set()
    await task
    recorded = await world.recorded()
    assert len(recorded) == 150
    assert await world.tells_without_gaps()


async def test_cancelling_leaves_the_connection_free_for_the_next(world):
    world.sell(10)
    schedule = world.schedule()
    await schedule._prepare()
    forever = asyncio.Event()

    async def never(request: Any) -> Any:
        await forever.wait()

    original = world.transport.handle_async_request
    world.transport.handle_async_request = never  # type: ignore[method-assign]
    task = asyncio.create_task(schedule.poll_due())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    world.transport.handle_async_request = original  # type: ignore[method-assign]
    assert await world.schedule().poll_due() == 1
    assert len(await world.recorded()) == 10


async def test_the_clock_of_a_request_during_a_poll_is_not_lost(world):
    """sync.requested while a poll is under way: another one follows at once."""
    original = world.transport.handle_async_request

    async def meanwhile(request: Any) -> Any:
        if "/Sale.json" in request.url.path:
            world.transport.handle_async_request = original  # type: ignore[method-assign]
            await world.ask()
        return await original(request)

    world.transport.handle_async_request = meanwhile  # type: ignore[method-assign]
    assert await world.schedule().poll_due() == 2
