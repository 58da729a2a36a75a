"""Many articles: few calls each, in either direction, and hardly any when nothing happens."""

from __future__ import annotations

import os

import pytest

from libs.common.database.engine import Database
from libs.common.domain.product import Direction
from tests.services.products_world import D, Scene, a_scene, product_rules

MANY = int(os.environ.get("KOPPELING_MANY_PRODUCTS", "250"))
"""20,000 is the figure that must hold; some hundreds show the same calls an article."""


@pytest.fixture
async def scene(sqlite_database: Database) -> Scene:
    return await a_scene(sqlite_database)


async def test_a_first_synchronisation_costs_two_calls_an_article_and_a_quiet_one_a_few(scene: Scene) -> None:
    for number in range(MANY):
        scene.new_at_till(f"A-{number:05}", str(D(number % 900 + 100) / 100))

    await scene.work(rounds=400)
    reading = scene.calls()
    await scene.say_yes()
    await scene.work(rounds=400)

    assert reading <= 30 + MANY // 50
    assert scene.calls() <= 30 + MANY * 2.1
    items = scene.division.table("logistics/Items")
    assert len(items) == MANY
    for number in range(0, MANY, max(1, MANY // 100)):
        gross = D(number % 900 + 100) / 100
        assert scene.item(f"A-{number:05}")["StandardSalesPrice"] == round(gross / D("1.21"), 4)
    scene.clock.advance(600)
    await scene.schedule().work_on_due()
    scene.count_from_here()
    scene.clock.advance(60)
    await scene.schedule().work_on_due()
    assert scene.calls() <= 3


async def test_an_empty_till_is_filled_with_one_call_an_article(sqlite_database: Database) -> None:
    scene = await a_scene(sqlite_database, product_rules(Direction.TO_LIGHTSPEED))
    for number in range(MANY):
        scene.new_in_exact(f"A-{number:05}", "8.2231")

    await scene.work(rounds=400)
    await scene.say_yes()
    await scene.work(rounds=400)

    assert scene.calls() <= 30 + MANY * 1.1
    assert len(scene.account["Item"]) == MANY
    assert {str(scene.till_price(row)) for row in scene.account["Item"]} == {"9.95"}
