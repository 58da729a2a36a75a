"""Closings of registers: each told once, with what was counted and what went in and out since opening."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from libs.common.contracts.sales import TillClosed
from libs.common.database.engine import Database
from libs.common.domain.problem import ProblemCode
from libs.common.domain.sale import TenderKind
from libs.common.domain.till_close import TillClose
from libs.common.lightspeed import retail_closings
from services.sandbox.retail import catalogue, movements
from tests.services.ingest_world import DEFAULT_RULES, START, World, a_world
from tests.services.test_ingest_faults import FAULTS, Dying, Killed

D = Decimal
WITH_TILLS = replace(DEFAULT_RULES, till_movements=True)


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with a_world(database, WITH_TILLS) as made:
        yield made


def register(world: World):
    return next(iter(world.account["Register"]))


def move(world: World, amount: str, note: str) -> None:
    cash = catalogue.payment_type_by_kind(world.account, "cash")
    movements.withdraw(world.account, register(world), D(amount), cash, world.clock.now(), note)


def close(world: World, counted: str, left: str = "200") -> None:
    movements.close(world.account, register(world), world.clock.now(), {"Contant": D(counted)}, D(left))


async def closes(world: World) -> list[TillClose]:
    return [each.close for each in await world.told(TillClosed)]


async def test_a_closing_is_told_once_with_its_movements_and_counts(world):
    """Vector V43: float 200, cash sales 500, window cleaner 24.20, 300 to the bank, 375.30 counted."""
    await world.read()
    world.clock.advance(600)
    close(world, "0")  # the day begins with the float that this leaves
    opened_at = world.clock.now()
    world.clock.advance(600)
    world.sell(amount="500", payments=world_cash())
    move(world, "-24.20", "glazenwasser")
    move(world, "-300", "afstorting")
    world.clock.advance(600)
    close(world, "375.30", left="75.30")
    closed_at = world.clock.now()
    world.clock.advance(400)

    await world.read()
    await world.read()

    _, told = await closes(world)
    assert (told.opened_at, told.closed_at) == (opened_at, closed_at)
    assert (told.outlet, told.outlet_name, told.register_name) == ("1", "Winkel", "Winkel kassa 1")
    assert told.time_zone == "Europe/Amsterdam"
    assert [(each.amount, each.note) for each in told.movements] == [
        (D("200"), ""),
        (D("-24.2"), "glazenwasser"),
        (D("-300"), "afstorting"),
    ]
    assert told.movements[0].moved_at == opened_at
    (count,) = told.counts
    assert (count.kind, count.name, count.calculated, count.actual) == (
        TenderKind.CASH,
        "Contant",
        D("375.8"),
        D("375.3"),
    )


def world_cash():
    from services.sandbox.tills import TicketPayment

    return (TicketPayment(type="Contant"),)


async def test_without_the_rule_registers_are_not_looked_at(world):
    await world.choose(DEFAULT_RULES)
    close(world, "0")
    world.clock.advance(600)
    await world.read()
    assert (world.asked_for("RegisterCount"), world.asked_for("RegisterWithdraw")) == (0, 0)
    assert await world.told(TillClosed) == []


async def test_a_register_that_is_open_costs_a_call_in_five_minutes(world):
    await world.read()
    move(world, "-5", "koffie")
    before = world.asked_for("RegisterCount")
    for _ in range(30):
        world.clock.advance(61)
        await world.schedule().poll_due()
    assert world.asked_for("RegisterCount") - before in (5, 6)
    assert world.asked_for("RegisterWithdraw") == 0


async def test_a_closing_that_is_minutes_old_waits_so_that_its_movements_are_there(world):
    await world.read()
    world.clock.advance(600)
    close(world, "0")
    world.clock.advance(60)
    await world.read()
    assert await closes(world) == []
    world.clock.advance(301)
    await world.read()
    assert len(await closes(world)) == 1


async def test_closings_of_before_the_start_date_are_not_told_nor_their_movements(world):
    await world.choose(replace(WITH_TILLS, start_date=date(2026, 3, 13)))
    cash = catalogue.payment_type_by_kind(world.account, "cash")
    for days in (5, 4, 3, 2, 1):
        at = START - timedelta(days=days)
        movements.withdraw(world.account, register(world), D(-days), cash, at, f"dag {days}")
        world.account.change(register(world), openTime=at - timedelta(hours=1))
        movements.close(world.account, register(world), at + timedelta(hours=1), {}, D(0))
    await world.read()
    told = await closes(world)
    assert [[each.note for each in one.movements] for one in told] == [["dag 2"], ["dag 1"]]


async def test_what_moved_while_the_register_was_closed_is_in_the_next_closing(world):
    await world.read()
    world.clock.advance(600)
    close(world, "0", left="0")
    world.clock.advance(60)
    move(world, "-10", "voor de opening")
    world.clock.advance(60)
    world.account.change(register(world), openTime=world.clock.now())
    world.clock.advance(600)
    close(world, "0", left="0")
    world.clock.advance(400)
    await world.read()
    assert [[each.note for each in one.movements] for one in await closes(world)] == [[], ["voor de opening"]]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"openTime": "gisteren"}, "openTime"),
        ({"registerID": 77}, "registerID"),
    ],
)
async def test_a_closing_that_cannot_be_read_is_one_problem_and_the_others_go_on(world, broken, what):
    await world.read()
    for note in ("een", "twee", "drie"):
        world.clock.advance(600)
        move(world, "-10", note)
        world.clock.advance(60)
        close(world, "0", left="0")
    second = list(world.account["RegisterCount"])[1]
    world.account.change(second, **broken)
    world.clock.advance(400)

    await world.read()
    world.clock.advance(400)
    await world.read()

    (problem,) = await world.problems()
    assert (problem.sale_id, problem.by) == (f"till:{second.key}", "ingest")
    assert problem.problem.code is ProblemCode.TILL_CLOSE_UNREADABLE
    assert what in dict(problem.problem.facts)["what"]
    assert [[each.note for each in one.movements] for one in await closes(world)] == [
        ["een"],
        ["twee", "drie"],
    ]


@pytest.mark.parametrize("where", ["before", "midst", "after"])
async def test_killed_anywhere_and_with_faults_each_closing_is_told_once_with_all_movements(world, where):
    await world.read()
    for at in range(2, 24):
        world.clock.advance(600)
        move(world, f"-{at}", f"{at}")
        world.clock.advance(10)
        close(world, "0", left="50")
        world.clock.advance(400)
        world.faults.choose({"retail": FAULTS if at % 3 == 0 else {}, "seed": at})
        try:
            await world.schedule(Dying(world.database, at % 9 + 1, where)).poll_due()
        except Killed:
            world.clock.advance(31)
    world.faults.choose({"retail": {}})
    for _ in range(8):
        world.clock.advance(1_800)
        await world.read()
    told = await closes(world)
    assert len({one.id for one in told}) == len(told) == 22
    assert [[each.note for each in one.movements if each.note] for one in told] == [
        [str(at)] for at in range(2, 24)
    ]
    assert [len(one.movements) for one in told] == [1, *[2] * 21]
    errand = await world.errand(retail_closings.CHORE)
    assert errand is not None
    assert len(json.loads(errand.state)["waiting"]) <= 1
