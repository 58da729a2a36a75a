"""What both buses promise, on both databases: lost never, had an effect once, poison set apart."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from libs.common.database.engine import Database
from libs.common.messaging import in_process, rabbit_consumer
from libs.common.messaging.bus import Bus
from tests.conftest import MakeBus
from tests.messaging.effects import (
    TYPE,
    Effects,
    a_service,
    envelopes_of,
    running,
    send,
    some_sales,
    until,
)


class Bug(Exception):
    pass


def fails(*sales: str, times: int = 1000):  # type: ignore[no-untyped-def]
    """A handler's defect at these sales, so many times for each."""
    seen: Counter[str] = Counter()

    def check(sale: str) -> None:
        seen[sale] += 1
        if sale in sales and seen[sale] <= times:
            raise Bug(sale)

    return check


async def test_every_subscribed_service_has_the_effect_of_every_message_once(
    database: Database, bus: Bus, effects: Effects
) -> None:
    sales = some_sales(250)
    left, right = (a_service(name, effects.handler(name)) for name in ("left", "right"))

    async with running(database, bus, left, right):
        await send(database, sales)
        await effects.come(250, "left")
        await effects.come(250, "right")

    assert await effects.stand_once(sales, "left")
    assert await effects.stand_once(sales, "right")


async def test_a_message_published_again_and_again_has_its_effect_once(
    database: Database, bus: Bus, effects: Effects
) -> None:
    envelopes = envelopes_of(some_sales(50))

    async with running(database, bus, a_service("left", effects.handler())):
        for _ in range(3):
            await bus.publish(envelopes)
        await until(lambda: _is_empty(bus, "left"))

    assert await effects.stand_once(some_sales(50))


async def test_a_message_waits_for_a_service_that_does_not_run(
    database: Database, bus: Bus, effects: Effects
) -> None:
    await bus.subscribe("left", [TYPE])
    await bus.publish(envelopes_of(["early"]))

    async with running(database, bus, a_service("left", effects.handler())):
        await effects.come(1)

    assert await effects.sales() == ["early"]


async def test_a_message_comes_again_after_its_handler_failed(
    database: Database, bus: Bus, effects: Effects
) -> None:
    handler = effects.handler(before_commit=fails("sale-3", times=3))

    async with running(database, bus, a_service("left", handler)):
        await send(database, some_sales(6))
        await effects.come(6)

    assert await effects.stand_once(some_sales(6))
    assert (await effects.sales())[-1] == "sale-3"  # the others did not wait for it
    assert await bus.dead_letters() == []


async def test_poison_is_laid_aside_alone_and_can_be_replayed_after_the_repair(
    database: Database, bus: Bus, effects: Effects
) -> None:
    poisoned = effects.handler(before_commit=fails("sale-7", "sale-11"))
    async with running(database, bus, a_service("left", poisoned)):
        await send(database, some_sales(20))
        await until(lambda: _has_dead_letters(bus, 2))
    letters = await bus.dead_letters()

    assert len(await effects.sales()) == 18
    assert [letter.service for letter in letters] == ["left", "left"]
    assert {letter.envelope.connection_id for letter in letters} == {"connection-1"}

    async with running(database, bus, a_service("left", effects.handler())):
        assert [await bus.replay(letter.id) for letter in letters] == [True, True]
        await effects.come(20)

    assert await effects.stand_once(some_sales(20))
    assert await bus.dead_letters() == []
    assert not await bus.replay(letters[0].id)


async def test_trouble_of_the_database_makes_no_dead_letters(
    database: Database, bus: Bus, effects: Effects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbit_consumer, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(in_process, "LATER_SECONDS", 0.1)
    attempts = 0

    def unreachable(_sale: str) -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= 8:
            raise ConnectionResetError

    async with running(database, bus, a_service("left", effects.handler(before_commit=unreachable))):
        await send(database, ["sale-1"])
        await effects.come(1)

    assert attempts == 9
    assert await bus.dead_letters() == []


async def test_too_many_dead_letters_stop_the_line(
    database: Database, make_bus: MakeBus, effects: Effects
) -> None:
    sales = some_sales(12)
    bus = await make_bus(dead_letter_limit=5)
    bad_release = effects.handler(before_commit=fails(*sales))
    async with running(database, bus, a_service("left", bad_release)) as state:
        await send(database, sales)
        await until(lambda: _has_stopped(bus, "left"))
        await asyncio.sleep(0.1)
        reasons = await state.reasons()

    assert "5 messages became dead letters" in reasons["left consumer"]
    assert len(await bus.dead_letters()) == 5

    async with running(database, bus, a_service("left", effects.handler())):
        await effects.come(7)
        for letter in await bus.dead_letters():
            await bus.replay(letter.id)
        await effects.come(12)
    assert await effects.stand_once(sales)


async def test_what_nobody_takes_is_kept_apart_until_somebody_does(
    database: Database, bus: Bus, effects: Effects
) -> None:
    await bus.publish(envelopes_of(["too-early"]))
    (letter,) = await bus.dead_letters()
    assert letter.service == "unrouted"

    async with running(database, bus, a_service("left", effects.handler())):
        assert await bus.replay(letter.id)
        await effects.come(1)

    assert await effects.sales() == ["too-early"]
    assert await bus.dead_letters() == []


async def test_a_consumer_that_is_stopped_finishes_the_batch_in_hand(
    database: Database, bus: Bus, effects: Effects
) -> None:
    begun = asyncio.Event()
    write = effects.handler()

    async def slow(transaction, envelope) -> None:  # type: ignore[no-untyped-def]
        await write(transaction, envelope)
        begun.set()
        await asyncio.sleep(0.4)

    async with running(database, bus, a_service("left", slow)):
        await send(database, ["in-hand"])
        await begun.wait()

    assert await effects.sales() == ["in-hand"]
    assert await _is_empty(bus, "left")


async def test_two_consumers_of_a_service_share_its_messages(
    database: Database, make_bus: MakeBus, effects: Effects
) -> None:
    one, two = await make_bus(), await make_bus()
    service = a_service("left", effects.handler())

    async with running(database, one, service), running(database, two, service):
        await send(database, some_sales(400))
        await effects.come(400)

    assert await effects.stand_once(some_sales(400))


async def test_messages_may_overtake_each_other(database: Database, bus: Bus, effects: Effects) -> None:
    first, second = some_sales(2)

    async with running(
        database, bus, a_service("left", effects.handler(before_commit=fails(first, times=1)))
    ):
        await send(database, [first])
        await send(database, [second])
        await effects.come(2)

    assert await effects.stand_once([first, second])


async def _is_empty(bus: Bus, service: str) -> bool:
    await asyncio.sleep(timedelta(milliseconds=50).total_seconds())
    return (await bus.depths())[service] == 0


async def _has_dead_letters(bus: Bus, count: int) -> bool:
    return len(await bus.dead_letters()) == count


async def _has_stopped(bus: Bus, service: str) -> bool:
    return not bus.is_consuming(service)
