"""Many articles into Exact and into an empty till: calls an article, memory, and what differs after it.

The vendors are a process of their own, so that the memory measured is the product's alone.
`python -m bench.articles` runs KOPPELING_BENCH_ARTICLES of them (2,000 unless told) and a quarter of that.
"""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from typing import Any

import httpx
import structlog
import uvicorn
from sqlalchemy import delete, select

from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.types import metadata
from libs.common.domain.product import Direction
from libs.common.messaging.outbox import outbox_messages
from libs.common.vault import AccessToken
from migrations.tables import all_tables
from services.products import linked
from services.products.lease import make_due
from services.products.linked import LinkState
from services.products.store import states
from services.products.terms import wish_of
from services.sandbox.exact.app import exact_app
from services.sandbox.retail.app import retail_app
from tests.services.exporter_world import SETTLE
from tests.services.products_world import CONNECTION, D, Scene, a_scene, product_rules

MANY = int(os.environ.get("KOPPELING_BENCH_ARTICLES", "2000"))
WAITING = (LinkState.TO_CREATE, LinkState.TO_CHANGE)


async def _database(folder: str) -> Database:
    database = Database.open(f"sqlite+aiosqlite:///{folder}/articles.db")
    tables = all_tables(on_failure=_ignored).sorted_tables
    async with database.transaction() as transaction:
        await transaction.run_sync(metadata.create_all, tables=tables)
    return database


def _ignored(*told: Any) -> None:
    return None


def gross_of(number: int) -> Any:
    return D(number % 9000 + 100) / 100


def net_of(number: int) -> Any:
    return round(gross_of(number) / D("1.21"), 4)


# --- the vendors --------------------------------------------------------------------------------------------


def vendors(direction: Direction, many: int, sockets: tuple[socket.socket, ...], pipe: Pipe) -> None:
    _quietly()
    asyncio.run(_serve(direction, many, sockets, pipe))


async def _serve(direction: Direction, many: int, sockets: Any, pipe: Pipe) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scene = await a_scene(await _database(folder), product_rules(direction))
    for number in range(many):
        if direction is Direction.TO_EXACT:
            scene.new_at_till(f"A-{number:06}", str(gross_of(number)))
        else:
            scene.new_in_exact(f"A-{number:06}", str(net_of(number)))
    apps = (exact_app(scene.exact), retail_app(scene.retail))
    servers = [uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)) for app in apps]
    serving = [asyncio.create_task(server.serve([at])) for server, at in zip(servers, sockets, strict=True)]
    token = (await scene.vault.access_token("g1")).value
    pipe.send((token, (await scene.vault.access_token("g2")).value, str(scene.account.account_id)))
    await asyncio.to_thread(pipe.recv)
    pipe.send(differences(scene, many))
    await asyncio.gather(*serving)


def differences(scene: Scene, many: int) -> int:
    """Articles that are missing on a side, or of which a field isn't what the other side says."""
    items = {row["Code"]: row for row in scene.division.table("logistics/Items")}
    rows = {row.text("customSku"): row for row in scene.account["Item"]}
    codes = [f"A-{number:06}" for number in range(many)]
    wrong = abs(len(items) - many) + abs(len(rows) - many)
    for number, code in enumerate(codes):
        item, row = items.get(code), rows.get(code)
        wrong += item is None or row is None or not _alike(scene, item, row, number)
    return wrong


def _alike(scene: Scene, item: dict[str, Any], row: Any, number: int) -> bool:
    return (
        (item["Description"], item["StandardSalesPrice"]) == (row.text("description"), net_of(number))
        and (str(item["SalesVatCode"]).strip(), row.id("taxClassID")) == ("2", 1)
        and scene.till_price(row) == gross_of(number)
        and item.get("EndDate") is None
        and not row.flag("archived")
    )


# --- the product --------------------------------------------------------------------------------------------


class Rerouted(httpx.AsyncBaseTransport):
    """Sends what is meant for a vendor to its stand-in, and counts."""

    def __init__(self, port: int) -> None:
        self._port, self._inner, self.total = port, httpx.AsyncHTTPTransport(), 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.total += 1
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)


class Tokens:
    def __init__(self, exact: str, till: str) -> None:
        self._of = {"g1": exact, "g2": till}

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> Any:
        return AccessToken(self._of[grant_id], 1)


async def synchronise(direction: Direction, many: int, ports: tuple[int, int], told: Any) -> dict[str, Any]:
    exact, till, account = told
    with tempfile.TemporaryDirectory() as folder:
        scene = await a_scene(await _database(folder), product_rules(direction), elsewhere=account)
        scene.to_exact, scene.to_till = Rerouted(ports[0]), Rerouted(ports[1])  # type: ignore[assignment]
        scene.vault = Tokens(exact, till)  # type: ignore[assignment]
        began = time.monotonic()
        await _work(scene)
        read = scene.calls()
        await _say_yes(scene)
        await _work(scene)
        seconds, calls = time.monotonic() - began, scene.calls()
        scene.clock.advance(600)
        await scene.schedule().work_on_due()
        before = scene.calls()
        scene.clock.advance(60)
        await scene.schedule().work_on_due()
        quiet = scene.calls() - before
        await scene.database.close()
    return {
        "articles": many,
        "calls an article": round(calls / many, 3),
        "of which reading, in all": read,
        "calls of a quiet minute": quiet,
        "articles a second": round(many / seconds, 1),
        "peak memory (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def _work(scene: Scene) -> None:
    """Turns until nothing waits; what was told is let go, as the relay would."""
    schedule = scene.schedule()
    while True:
        await schedule.work_on_due()
        async with scene.database.transaction() as transaction:
            await transaction.execute(delete(outbox_messages))
            counts = await linked.counts(transaction, CONNECTION)
            state = (await transaction.execute(select(states))).one()
        waits = state.approved and any(counts.get(each) for each in WAITING)
        if not waits and counts and not state.failures and state.due_at > scene.clock.now():
            return
        scene.clock.advance(SETTLE + 1)


async def _say_yes(scene: Scene) -> None:
    async with scene.database.transaction() as transaction:
        connection = await registry.connection(transaction, CONNECTION)
        assert connection is not None
        approved = {"approved": wish_of(connection)}
        await make_due(transaction, CONNECTION, scene.clock.now(), **approved)


def _quietly() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _measured(direction: Direction, many: int, ports: Any, told: Any, pipe: Pipe) -> None:
    _quietly()
    pipe.send(asyncio.run(synchronise(direction, many, ports, told)))


def measure(direction: Direction, many: int) -> dict[str, Any]:
    sockets = (_listening(), _listening())
    ports = (sockets[0].getsockname()[1], sockets[1].getsockname()[1])
    with _started(vendors, direction, many, sockets) as to_vendors:
        told = to_vendors.recv()
        with _started(_measured, direction, many, ports, told) as to_product:
            found: dict[str, Any] = to_product.recv()
        to_vendors.send("done")
        return found | {"differences": to_vendors.recv()}


def _listening() -> socket.socket:
    """Named as TCP's, so that its answers aren't held back for want of an acknowledgement."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening


class _started:  # noqa: N801
    """A process that is ended with the block, when it has said what was wanted, and the pipe to it."""

    def __init__(self, work: Callable[..., None], *given: Any) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._ours, theirs = spawning.Pipe()
        self._process = spawning.Process(target=work, args=(*given, theirs), daemon=True)

    def __enter__(self) -> Pipe:
        self._process.start()
        return self._ours

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.join()


def main() -> None:
    for direction in (Direction.TO_EXACT, Direction.TO_LIGHTSPEED):
        small = measure(direction, MANY // 4)
        print(json.dumps({"direction": direction.value, **small}), file=sys.stderr, flush=True)
        large = measure(direction, MANY)
        growth = round(large["peak memory (MB)"] / small["peak memory (MB)"], 3)
        print(json.dumps({"direction": direction.value, **large, "memory at four times": growth}), flush=True)


if __name__ == "__main__":
    main()
