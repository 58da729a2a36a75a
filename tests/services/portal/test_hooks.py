"""Webhooks of tills: only the vendor wakes a poll, and only that of the connection it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select

from libs.common.contracts.commands import SyncRequested
from libs.common.lightspeed import sources
from libs.common.lightspeed.source import Hook
from libs.common.messaging.outbox import outbox_messages
from libs.common.settings import VendorApp
from tests.services.portal.world import World, assert_problem

SOURCE = "lightspeed-retail"


def is_genuine(app: VendorApp, account: str, headers: Mapping[str, str], body: bytes) -> bool:
    secret = app.client_secret.get_secret_value()
    return headers.get("x-signature") == f"{secret}:{account}" and body == b"payload=%7B%7D"


@pytest.fixture
def with_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual source with hooks, as others have them."""
    hooked = replace(sources.SOURCES[SOURCE], hook=Hook(is_genuine))
    monkeypatch.setattr("services.portal.hooks.SOURCES", {SOURCE: hooked})


async def asked(world: World) -> list[str]:
    async with world.database.reading() as transaction:
        query = select(outbox_messages.c.connection_id).where(outbox_messages.c.type == SyncRequested.type)
        return list((await transaction.execute(query)).scalars())


@pytest.mark.usefixtures("with_hook")
async def test_a_signed_hook_wakes_the_poll_of_its_connection(world: World) -> None:
    connection = await world.connected()
    signed = {"X-Signature": "sandbox-secret:4711"}
    before = len(await asked(world))

    answer = await world.web.post(f"/hooks/{SOURCE}/{connection}", content=b"payload=%7B%7D", headers=signed)

    assert answer.status_code == 200, answer.text
    assert (await asked(world))[before:] == [connection]


@pytest.mark.usefixtures("with_hook")
async def test_a_hook_that_isn_t_signed_wakes_nobody(world: World) -> None:
    connection = await world.connected()
    before = await asked(world)

    for body, headers in (
        (b"payload=%7B%7D", {}),
        (b"payload=%7B%7D", {"X-Signature": "guessed:4711"}),
        (b"payload=other", {"X-Signature": "sandbox-secret:4711"}),
    ):
        answer = await world.web.post(f"/hooks/{SOURCE}/{connection}", content=body, headers=headers)
        assert_problem(answer, 401)

    assert await asked(world) == before


@pytest.mark.usefixtures("with_hook")
async def test_a_hook_for_a_connection_of_another_source_or_of_nobody_is_unknown(world: World) -> None:
    connection = await world.connected()
    for path in (f"/hooks/lightspeed-else/{connection}", f"/hooks/{SOURCE}/nobody"):
        assert_problem(await world.web.post(path, content=b"payload=%7B%7D"), 404)


async def test_a_source_without_hooks_takes_none(world: World) -> None:
    connection = await world.connected()
    assert_problem(await world.web.post(f"/hooks/{SOURCE}/{connection}", content=b""), 404)
