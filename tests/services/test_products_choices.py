"""What a person says of an article while a turn is under way holds, whatever was decided before it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from libs.common.contracts.products import ProductDecided
from libs.common.database.engine import Database
from services.products import linked
from tests.services.products_world import Scene, a_scene


@dataclass
class Meanwhile(httpx.AsyncBaseTransport):
    """Something that happens once, while the first write of this kind is on its way."""

    inner: httpx.AsyncBaseTransport
    method: str
    happens: Callable[[], Awaitable[None]]
    is_over: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == self.method and not self.is_over:
            self.is_over = True
            await self.happens()
        return await self.inner.handle_async_request(request)


def while_exact_is_told(scene: Scene, method: str, happens: Callable[[], Awaitable[None]]) -> None:
    way: Any = Meanwhile(scene.to_exact.inner, method, happens)
    scene.to_exact.inner = way


@pytest.fixture
async def scene(sqlite_database: Database) -> Scene:
    return await a_scene(sqlite_database)


async def test_what_is_left_alone_while_it_is_written_stays_left_alone(scene: Scene) -> None:
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()
    article = (await scene.products())["A-1"].id
    while_exact_is_told(scene, "PUT", lambda: scene.take(ProductDecided(article, "leave")))

    scene.at_till("PUT", f"Item/{key}", description="Bel")
    await scene.work()

    told = (await scene.products())["A-1"]
    assert (told.choice, told.state) == ("leave", "left")


async def test_an_article_that_is_linked_while_a_new_item_of_it_is_made_stays_linked(scene: Scene) -> None:
    """What was made stands in Exact, and is no article's."""
    key = scene.new_at_till("A-1")
    other = scene.new_in_exact("B-1")
    await scene.work()
    article = (await scene.products())["A-1"].id
    while_exact_is_told(scene, "POST", lambda: scene.take(ProductDecided(article, "link", other)))

    await scene.say_yes()
    await scene.work()

    assert await scene.links() == {key: other}


async def test_what_is_left_alone_before_its_turn_comes_is_not_made(scene: Scene) -> None:
    for code in ("A-1", "A-2", "A-3"):
        scene.new_at_till(code)
    await scene.work()
    articles = [each.id for each in (await scene.products()).values()]

    async def leave_all() -> None:
        for article in articles:
            await scene.take(ProductDecided(article, "leave"))

    while_exact_is_told(scene, "POST", leave_all)
    await scene.say_yes()
    await scene.work()

    assert sum(map(scene.has_item, ("A-1", "A-2", "A-3"))) == 1


async def test_what_is_said_amid_a_decision_is_decided_about_after_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await a_scene(database)
    key = scene.new_at_till("A-1")
    await scene.first_synchronisation()
    article = (await scene.products())["A-1"].id
    keep, said = linked.keep, []

    async def keep_after_that(*args: Any) -> None:
        if not said:
            by_another = scene.take(ProductDecided(article, "leave"))
            said.append(asyncio.create_task(by_another, context=contextvars.Context()))
            await asyncio.sleep(0.3)
        await keep(*args)

    monkeypatch.setattr(linked, "keep", keep_after_that)
    scene.at_till("PUT", f"Item/{key}", description="Bel")
    await scene.work()
    await asyncio.gather(*said)
    await scene.work()

    assert (await scene.products())["A-1"].choice == "leave"
