"""Real processes on PostgreSQL: a token expires for all of them at once, and one alone refreshes it."""

from __future__ import annotations

import asyncio
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn

from libs.common.database.engine import Database
from libs.common.exact.oauth import ExactTokens
from libs.common.http import http_client
from libs.common.vault import Keyring, Vault, grant
from services.sandbox.clock import Clock
from services.sandbox.exact import oauth as sandbox_oauth
from services.sandbox.exact.app import exact_app
from services.sandbox.exact.seed import plant
from services.sandbox.exact.world import LOCAL_REDIRECT, World
from tests.clients.exact_world import CLIENT_ID, KEY, SECRET

WORKERS = 8
ROOT = Path(__file__).parents[2]


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """The test run's own signals stay its own."""
        yield


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(exact_app(world), log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()


async def connected(database: Database, world: World, site: str) -> str:
    http, user = http_client(), next(iter(world.users.values()))
    endpoint = ExactTokens(http, CLIENT_ID, SECRET)
    code = sandbox_oauth.grant(world, world.apps[CLIENT_ID], user.name, LOCAL_REDIRECT)
    tokens = await endpoint.exchange(code, LOCAL_REDIRECT, site)
    vault = Vault(database, Keyring([KEY]), {"exact": endpoint}, world.clock.now)
    async with database.transaction() as transaction:
        grant_id = await vault.keep_consent(
            transaction,
            partner_id="direct",
            merchant_id="m1",
            system="exact",
            site=site,
            subject=user.id,
            subject_name=user.full_name,
            tokens=tokens,
        )
    await http.aclose()
    return grant_id


async def test_eight_processes_one_refresh_and_sixty_calls(postgresql_database: Database) -> None:
    clock = Clock()
    world = plant(World(clock, seed=1))
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    async with served(world) as site:
        grant_id = await connected(postgresql_database, world, site)
        clock.advance(575)
        arguments = ["-m", "tests.clients.exact_worker", url, grant_id, "575", str(WORKERS)]
        parent = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT, stdout=PIPE)
        output, _ = await parent.communicate()
    said = [line.split() for line in output.decode().splitlines() if line.startswith("2 ")]
    assert len(said) == WORKERS, output
    assert {(generation, digest) for generation, digest, _ in said} == {("2", said[0][1])}
    assert world.calls.token == 2  # the consent's, and one refresh
    assert sum(int(reserved) for *_, reserved in said) == 60
    async with postgresql_database.reading() as transaction:
        found = await grant(transaction, grant_id)
    assert found is not None
    assert (found.state, found.generation, found.fencing, found.lease_owner) == ("live", 2, 2, None)
