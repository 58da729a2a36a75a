"""The outbox: only what is committed goes, all of it goes, and a relay may die anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

import pytest

from libs.common.contracts.commands import RetryRequested
from libs.common.contracts.envelope import Envelope
from libs.common.database.engine import Database, Transaction
from libs.common.messaging import inbox, outbox
from libs.common.messaging.bus import Bus, BusUnavailable, Outcome
from libs.common.messaging.outbox import Relay
from libs.common.service import Service
from tests.conftest import MakeBus
from tests.messaging.effects import (
    TYPE,
    Effects,
    a_service,
    envelopes_of,
    now,
    running,
    send,
    some_sales,
    until,
)


@dataclass(frozen=True, slots=True)
class Next:
    type: ClassVar[str] = "test.next"
    version: ClassVar[int] = 1


class Killed(BaseException):
    """The process ends here."""


class Interrupted:
    """A bus to a relay that dies, or hears no confirm, right after the messages are out."""

    def __init__(self, bus: Bus, end: BaseException) -> None:
        self._bus = bus
        self._end = end

    async def publish(self, envelopes: Sequence[Envelope]) -> None:
        await self._bus.publish(envelopes)
        raise self._end


async def test_nothing_goes_that_was_rolled_back(database: Database, bus: Bus) -> None:
    async def fail(transaction: Transaction) -> None:
        await outbox.add(transaction, RetryRequested("sale-1"), connection_id="connection-1", at=now())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(fail)

    assert await Relay(database, bus, now).drain() == 0


@pytest.mark.parametrize("end", [Killed(), BusUnavailable("no confirm")])
async def test_a_relay_that_ends_between_publish_and_mark_doubles_messages_but_not_effects(
    database: Database, bus: Bus, effects: Effects, end: BaseException
) -> None:
    await bus.subscribe("left", [TYPE])
    await send(database, some_sales(30))
    with pytest.raises(type(end)):
        await Relay(database, Interrupted(bus, end), now).drain()  # type: ignore[arg-type]

    lease_is_over = lambda: now() + timedelta(seconds=61)  # noqa: E731
    assert await Relay(database, bus, lease_is_over).drain() == 30
    assert (await bus.depths())["left"] == 60

    async with running(database, bus, a_service("left", effects.handler())):
        await until(lambda: _is_empty(bus))
        await effects.come(30)  # taken from the queue isn't yet carried out
    assert await effects.stand_once(some_sales(30))


async def test_a_relay_that_is_stopped_ends_its_batch(database: Database, bus: Bus, effects: Effects) -> None:
    await bus.subscribe("left", [TYPE])
    await send(database, some_sales(40))
    begun = asyncio.Event()

    class Slow:
        async def publish(self, envelopes: Sequence[Envelope]) -> None:
            begun.set()
            await asyncio.sleep(0.2)
            await bus.publish(envelopes)

    task = asyncio.create_task(Relay(database, Slow(), now).run())  # type: ignore[arg-type]
    await begun.wait()
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert (await bus.depths())["left"] == 40
    async with database.reading() as transaction:
        assert (await outbox.depth(transaction))[0] == 0


async def test_a_lease_keeps_other_relays_away(database: Database, bus: Bus) -> None:
    await send(database, some_sales(5))
    with pytest.raises(Killed):
        await Relay(database, Interrupted(bus, Killed()), now).drain()  # type: ignore[arg-type]

    assert await Relay(database, bus, now).drain() == 0


async def test_several_relays_share_the_outbox(
    database: Database, make_bus: MakeBus, effects: Effects
) -> None:
    one, two = await make_bus(), await make_bus()
    await one.subscribe("left", [TYPE])
    await asyncio.gather(
        *(send(database, some_sales(900)[start : start + 90]) for start in range(0, 900, 90))
    )

    moved = await asyncio.gather(Relay(database, one, now).drain(), Relay(database, two, now).drain())

    assert sum(moved) == 900
    assert (await one.depths())["left"] == 900


async def test_a_row_committed_late_under_a_low_number_is_not_passed_over(
    postgresql_database: Database,
) -> None:
    """Numbers are given before commits happen, so the order of numbers is not the order of commits."""
    database = postgresql_database
    seen: list[str] = []

    class Kept:
        async def publish(self, envelopes: Sequence[Envelope]) -> None:
            seen.extend(each.body for each in envelopes)

    relay = Relay(database, Kept(), now)  # type: ignore[arg-type]
    written, go_on = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        async with database.transaction() as transaction:
            message = RetryRequested("low number")
            await outbox.add(transaction, message, connection_id="connection-1", at=now())
            written.set()
            await go_on.wait()

    task = asyncio.create_task(late())
    await written.wait()
    await send(database, ["high number"])
    assert await relay.drain() == 1
    go_on.set()
    await task
    assert await relay.drain() == 1
    assert len(seen) == 2


async def test_what_a_handler_sends_goes_on_once_and_with_the_same_trace(
    database: Database, bus: Bus, effects: Effects
) -> None:
    (first,) = envelopes_of(["sale-1"])
    first = replace(first, trace="00-abc-def-01")
    traces: list[str] = []

    async def pass_on(transaction: Transaction, envelope: Envelope) -> None:
        await outbox.add_all(transaction, [Next()], connection_id=envelope.connection_id, at=now())

    async def take(_transaction: Transaction, envelope: Envelope) -> None:
        traces.append(envelope.trace)

    left, right = Service("left", {TYPE: pass_on}), Service("right", {Next.type: take})
    async with running(database, bus, left, right):
        await bus.publish([first, first])
        await until(lambda: _returns(bool(traces)))
        await until(lambda: _is_empty(bus))

    assert traces == ["00-abc-def-01"]


async def test_the_inbox_forgets_after_thirty_days(database: Database, effects: Effects) -> None:
    handlers = {TYPE: effects.handler()}
    envelopes = envelopes_of(some_sales(3))
    assert await inbox.handle_batch(database, "left", envelopes, handlers) == [Outcome.HANDLED] * 3

    assert await inbox.prune(database, lambda: now() + timedelta(days=29)) == 0
    assert await inbox.prune(database, lambda: now() + timedelta(days=31)) == 3


async def test_a_message_twice_in_one_batch_has_its_effect_once(database: Database, effects: Effects) -> None:
    (envelope,) = envelopes_of(["sale-1"])
    handlers = {TYPE: effects.handler()}
    assert await inbox.handle_batch(database, "left", [envelope, envelope], handlers) == [Outcome.HANDLED] * 2
    assert await effects.sales() == ["sale-1"]


async def test_the_reason_of_a_defect_is_kept(database: Database) -> None:
    (envelope,) = envelopes_of(["sale-1"])

    async def broken(_transaction: Transaction, _envelope: Envelope) -> None:
        raise LookupError("no such journal")

    outcomes = await inbox.handle_batch(database, "left", [envelope], {TYPE: broken})

    assert outcomes == [Outcome.DEFECT]
    async with database.reading() as transaction:
        reasons = await inbox.defect_reasons(transaction, [envelope.id])
    assert reasons == {("left", envelope.id): "LookupError: no such journal"}


async def _is_empty(bus: Bus) -> bool:
    await asyncio.sleep(0.05)
    return not any((await bus.depths()).values())


async def _returns(value: bool) -> bool:
    return value
