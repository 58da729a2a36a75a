"""Random histories at both sides, with faults and processes that die: after quiet both sides agree.

Nothing is written beyond what people did and what faults made necessary, and a second run writes nothing.
`KOPPELING_HISTORIES` is how many seeds are tried, `KOPPELING_HISTORY_EVENTS` how long each is.
"""

from __future__ import annotations

import os

import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from tests.services.desks import Article
from tests.services.history_world import History, a_history
from tests.services.products_world import D

SEEDS = int(os.environ.get("KOPPELING_HISTORIES", "1"))
EVENTS = int(os.environ.get("KOPPELING_HISTORY_EVENTS", "25"))
WHOLE = (
    "gone",
    "merged",
    "master-gone",
    "refused",
    "code-taken",
    "code-double",
    "several-matches",
    "unreadable",
)
"""Conflicts of an article as a whole: nothing of it is kept in step."""


@pytest.mark.parametrize("direction", [Direction.TO_EXACT, Direction.TO_LIGHTSPEED])
@pytest.mark.parametrize("till", ["lightspeed-retail", "lightspeed-x"])
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_after_quiet_both_sides_agree_and_nothing_was_written_in_vain(
    database: Database, seed: int, till: str, direction: Direction
) -> None:
    history = await a_history(database, seed, till, direction)
    scene, dice = history.scene, history.dice
    for _ in range(6):
        history.make()
    await scene.first_synchronisation()
    scene.to_exact.fault, scene.to_till.fault = history.at_random(0.06), history.at_random(0.04)
    scene.restless_in_exact(page_rows=5)

    for _ in range(EVENTS):
        await history.happen()
        scene.clock.advance(dice.choice((5, 40, 90)))
        if dice.random() < 0.6:
            await history.serve()
    await history.come_to_rest()

    await require_agreement(history)
    assert scene.writes().total() <= history.allowed, (scene.writes(), history.real, history.troubles)
    scene.count_from_here()
    scene.clock.advance(3600)
    await history.read_sales()
    await scene.work()
    assert scene.writes() == {}


@pytest.mark.parametrize("direction", [Direction.TO_EXACT, Direction.TO_LIGHTSPEED])
async def test_killed_at_each_of_its_transactions_it_counts_nothing_twice(
    sqlite_database: Database, direction: Direction
) -> None:
    history = await a_history(sqlite_database, 0, "lightspeed-retail", direction)
    for _ in range(3):
        history.make()
    await history.scene.first_synchronisation()

    for transaction in range(1, 25):
        history.count(history.leads)
        history.sell()
        await history.book_sales()
        history.scene.clock.advance(60)
        await history.serve(dies_at=transaction)
    assert history.troubles["killed"] > 12
    await history.come_to_rest()

    await require_agreement(history)
    assert history.scene.writes().total() <= history.allowed, (history.scene.writes(), history.real)


async def require_agreement(history: History) -> None:
    told, compared = await history.told(), 0
    for each in told:
        assert each.state in ("in-step", "left", "conflict"), each
        conflicts = {conflict.code.value for conflict in each.conflicts}
        pair = history.pair(each)
        if pair is None or conflicts & set(WHOLE):
            continue
        compared += 1
        fields = {conflict.field.value for conflict in each.conflicts if conflict.field is not None}
        require_alike(*pair, waiting=fields, has_negative="stock-negative" in conflicts)
        assert "stock-count-waits" not in conflicts
    assert compared > 0, told
    linked = [each.exact_id if history.direction is Direction.TO_EXACT else each.till_id for each in told]
    taken = [key for key in linked if key is not None]
    assert len(taken) == len(set(taken))
    assert set(history.follows.articles()) <= {*taken, *history.strangers}  # and nothing was made twice


def require_alike(leads: Article, follows: Article, *, waiting: set[str], has_negative: bool) -> None:
    named = {"code": "code", "name": "description", "price": "price", "rate": "vat", "is_active": "active"}
    for name, field in named.items():
        if field not in waiting:
            assert getattr(leads, name) == getattr(follows, name), (name, leads, follows)
    for first, second in zip(leads.stock, follows.stock, strict=True):
        if has_negative and first < 0:
            assert second in (first, D(0)), (leads, follows)
        else:
            assert first == second, (leads, follows)
