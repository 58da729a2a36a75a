"""The products service of the bench: the service itself, on a database of its own, with vendors elsewhere."""

from __future__ import annotations

import resource
import time
from dataclasses import replace
from typing import Any

import httpx
from sqlalchemy import delete, func, select

from libs.common.contracts.products import ProductProgress
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.statements import insert_new
from libs.common.database.types import metadata
from libs.common.messaging.outbox import outbox_messages
from libs.common.vault import AccessToken
from migrations.tables import all_tables
from services.products import linked
from services.products.lease import make_due
from services.products.linked import LinkState
from services.products.store import states
from services.products.terms import wish_of
from services.sandbox.clock import Clock
from tests.services.exporter_world import NOON, SETTLE
from tests.services.products_world import CONNECTION, Scene

TIME = "x-seconds-since-noon"
WAITING = (LinkState.TO_CREATE, LinkState.TO_CHANGE)


class Rerouted(httpx.AsyncBaseTransport):
    """Sends what is meant for a vendor to its stand-in, and what time it is: a write takes a second."""

    def __init__(self, port: int, clock: Clock) -> None:
        self._port, self._clock, self._inner = port, clock, httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            self._clock.advance(1)
        request.headers[TIME] = str((self._clock.now() - NOON).total_seconds())
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)


class Tokens:
    def __init__(self, exact: str, till: str) -> None:
        self._of = {"g1": exact, "g2": till}

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> Any:
        return AccessToken(self._of[grant_id], 1)


class Keeping:
    """Answers what the bench asks of the product; time goes by with writes, and where something waits."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._schedule = scene.schedule()

    @staticmethod
    async def on(scene: Scene, folder: str, groups: dict[str, str]) -> Keeping:
        """On the database of the folder, going on with what is in it."""
        async with scene.database.reading() as transaction:
            rows = (await transaction.execute(select(registry.connections))).mappings().all()
        await scene.database.close()
        scene.database = await database_in(folder)
        async with scene.database.transaction() as transaction:
            await transaction.execute(insert_new(registry.connections, [dict(row) for row in rows]))
            due_at = (await transaction.execute(select(func.max(states.c.due_at)))).scalar()
        if due_at is not None:
            scene.clock.advance((due_at - scene.clock.now()).total_seconds())
        await scene.choose(lambda rules: replace(rules, products=replace(rules.products, item_groups=groups)))
        return Keeping(scene)

    async def memory(self) -> int:
        """The most that this process ever held, in MB."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    async def passed(self) -> float:
        return (self._scene.clock.now() - NOON).total_seconds()

    async def progress(self) -> ProductProgress:
        found = await self._scene.progress()
        assert found is not None
        return found

    async def read(self) -> float:
        """Both sides, and what would be done; the seconds that it took."""
        return await self._work()

    async def write(self) -> float:
        async with self._scene.database.transaction() as transaction:
            connection = await registry.connection(transaction, CONNECTION)
            assert connection is not None
            approved = {"approved": wish_of(connection)}
            await make_due(transaction, CONNECTION, self._scene.clock.now(), **approved)
        return await self._work()

    async def settle(self) -> float:
        """Until what was written has come back in a reading of each side."""
        self._scene.clock.advance(600)
        return await self._work()

    async def pass_minute(self) -> float:
        self._scene.clock.advance(60)
        return await self._work()

    async def _work(self) -> float:
        """Turns until nothing waits; but for the last of it, what was told is let go, as the relay would."""
        began = time.monotonic()
        while True:
            await self._schedule.work_on_due()
            async with self._scene.database.transaction() as transaction:
                last = select(func.max(outbox_messages.c.position)).scalar_subquery()
                await transaction.execute(delete(outbox_messages).where(outbox_messages.c.position < last))
                counts = await linked.counts(transaction, CONNECTION)
                state = (await transaction.execute(select(states))).one()
            waits = state.approved and any(counts.get(each) for each in WAITING)
            if not waits and counts and not state.failures and state.due_at > self._scene.clock.now():
                return round(time.monotonic() - began, 1)
            self._scene.clock.advance(SETTLE + 1)


async def database_in(folder: str) -> Database:
    database = Database.open(f"sqlite+aiosqlite:///{folder}/articles.db")
    tables = all_tables(on_failure=_ignored).sorted_tables
    async with database.transaction() as transaction:
        await transaction.run_sync(metadata.create_all, tables=tables)
    return database


def _ignored(*told: Any) -> None:
    return None
