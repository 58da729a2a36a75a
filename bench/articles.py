"""Many articles into Exact and into an empty till: calls, memory, what differs after it, and after a kill.

`python -m bench.articles [RUN ...]`, of KOPPELING_BENCH_ARTICLES of them (2,000 unless told) and a quarter of
that; without a name every run but the preview:

    to-exact, to-lightspeed          a first synchronisation, a quiet minute, and ten changes
    x-to-exact, x-to-lightspeed      the same at a store of X-Series
    killed                           a process that is killed at a third, and another that goes on
    preview                          both sides read and compared, nothing written
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from multiprocessing.connection import Connection as Pipe
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.apart import Apart, questions
from bench.keeping import TIME, Keeping, Rerouted, Tokens, database_in
from bench.shelves import Article, Books, RetailShelf, Shelf, StoreShelf, article, changed, differences
from libs.common.domain.product import Direction
from tests.services.exporter_world import NOON
from tests.services.products_world import Scene, a_scene, product_rules
from tests.services.x_products_world import XScene, an_x_scene

MANY = int(os.environ.get("KOPPELING_BENCH_ARTICLES", "2000"))
FEW = 10
DAY = 86_400
KILLED_AFTER = 3
RUNS = ("to-exact", "to-lightspeed", "x-to-exact", "x-to-lightspeed", "killed", "preview")


# --- the vendors --------------------------------------------------------------------------------------------


class Counted:
    """A vendor that counts who calls, and whose clock is the callers'."""

    def __init__(self, app: ASGIApp, tell_time: Callable[[float], None]) -> None:
        self._app, self._tell_time, self.total = app, tell_time, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.total += 1
            told = [value for name, value in scope["headers"] if name == TIME.encode()]
            self._tell_time(float(told[0]))
        await self._app(scope, receive, send)


class Vendors:
    def __init__(self, scene: Scene, direction: Direction, many: int) -> None:
        self._scene, self._many = scene, many
        self.books = Books(scene)
        self.till = StoreShelf(scene) if isinstance(scene, XScene) else RetailShelf(scene)
        leads_till = direction is Direction.TO_EXACT
        self._leads: Shelf = self.till if leads_till else self.books
        self._follows: Shelf = self.books if leads_till else self.till
        self._changed: set[int] = set()
        apps = _inner(scene.to_exact), _inner(scene.to_till)
        self.apps = tuple(Counted(app, self._it_is) for app in apps)

    def _it_is(self, seconds: float) -> None:
        """Since noon; it never goes back."""
        behind = seconds - (self._scene.clock.now() - NOON).total_seconds()
        self._scene.clock.advance(max(0.0, behind))

    def fill(self, *, is_both: bool) -> dict[str, str]:
        """A day ago. What goes by which group; on both sides the one that follows lacks every tenth."""
        self._scene.clock.advance(-DAY)
        is_mapped = is_both or self._leads is self.till
        groups = {self.till.make_category(): self.books.other} if is_mapped else {}
        for number in range(self._many):
            self._leads.put(article(number))
            if is_both and number % FEW:
                self._follows.put(article(number))
        self._scene.clock.advance(DAY)
        return groups

    def change(self, seconds: float) -> int:
        """A few articles, when so much time has passed."""
        self._it_is(seconds)
        self._changed = set(range(0, self._many, max(1, self._many // FEW)))
        for number in self._changed:
            self._leads.change(changed(article(number)))
        return len(self._changed)

    def calls(self) -> int:
        return sum(app.total for app in self.apps)

    def made(self) -> int:
        return self._follows.count()

    def differences(self) -> int:
        return differences(self._wanted(), self.books, self.till)

    def _wanted(self) -> Iterable[Article]:
        for number in range(self._many):
            held = article(number)
            yield changed(held) if number in self._changed else held

    async def tokens(self) -> tuple[str, str]:
        exact, till = [await self._scene.vault.access_token(grant) for grant in ("g1", "g2")]
        return exact.value, till.value


def _inner(line: Any) -> ASGIApp:
    app: ASGIApp = line.inner.app
    return app


def vendors(run: str, many: int, sockets: tuple[socket.socket, ...], pipe: Pipe) -> None:
    _quietly()
    asyncio.run(_serve(run, many, sockets, pipe))


async def _serve(run: str, many: int, sockets: tuple[socket.socket, ...], pipe: Pipe) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scene = await scene_of(run, folder)
    scene.exact.switches.change({"access_token_seconds": 10**8})
    here = Vendors(scene, direction_of(run), many)
    groups = here.fill(is_both=run == "preview")
    servers = [uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)) for app in here.apps]
    serving = [asyncio.create_task(server.serve([at])) for server, at in zip(servers, sockets, strict=True)]
    answers: dict[str, Any] = {
        name: getattr(here, name) for name in ("change", "calls", "made", "differences")
    }
    told = (*await here.tokens(), str(scene.account.account_id), groups)
    asked = questions(pipe)
    while (question := await asyncio.to_thread(next, asked, None)) is not None:
        name, *given = question
        pipe.send(told if name == "tokens" else answers[name](*given))
    await asyncio.gather(*serving)


def direction_of(run: str) -> Direction:
    return Direction.TO_LIGHTSPEED if run.endswith("to-lightspeed") else Direction.TO_EXACT


async def scene_of(run: str, folder: str, *, account: str = "") -> Scene:
    database, rules = await database_in(folder), product_rules(direction_of(run))
    if run.startswith("x-"):
        return await an_x_scene(database, rules)
    return await a_scene(database, rules, elsewhere=account)


# --- the product --------------------------------------------------------------------------------------------


def product(run: str, folder: str, ports: tuple[int, int], told: Any, pipe: Pipe) -> None:
    _quietly()
    asyncio.run(_keep(run, folder, ports, told, pipe))


async def _keep(run: str, folder: str, ports: tuple[int, int], told: Any, pipe: Pipe) -> None:
    exact, till, account, groups = told
    with tempfile.TemporaryDirectory() as elsewhere:
        scene: Any = await scene_of(run, elsewhere, account=account)
    scene.to_exact, scene.to_till, scene.vault = (
        Rerouted(ports[0], scene.clock),
        Rerouted(ports[1], scene.clock),
        Tokens(exact, till),
    )
    keeping = await Keeping.on(scene, folder, groups)
    for question in questions(pipe):
        name, *given = question
        pipe.send(await getattr(keeping, name)(*given))


# --- the runs -----------------------------------------------------------------------------------------------


class Run:
    """Vendors with their articles, and processes of the product between them."""

    def __init__(self, name: str, many: int, stack: ExitStack) -> None:
        self._name, self._stack = name, stack
        self._folder = stack.enter_context(tempfile.TemporaryDirectory())
        sockets = (_listening(), _listening())
        self._ports = (sockets[0].getsockname()[1], sockets[1].getsockname()[1])
        self.vendors = stack.enter_context(Apart(vendors, name, many, sockets))
        self._told = self.vendors.ask("tokens")

    def product(self) -> Apart:
        return self._stack.enter_context(Apart(product, self._name, self._folder, self._ports, self._told))


def synchronise(name: str, many: int) -> dict[str, Any]:
    with ExitStack() as stack:
        run = Run(name, many, stack)
        keeping, calls = run.product(), [0]

        def since() -> int:
            calls.append(run.vendors.ask("calls"))
            return int(calls[-1] - calls[-2])

        at_start = keeping.ask("memory")
        read, reading = keeping.ask("read"), since()
        written, writing = keeping.ask("write"), since()
        memory, differ = keeping.ask("memory"), run.vendors.ask("differences")
        keeping.ask("settle")
        since()
        keeping.ask("pass_minute")
        quiet = since()
        few = run.vendors.ask("change", keeping.ask("passed"))
        took, delta = keeping.ask("pass_minute"), since()
        return {
            "articles": many,
            "calls an article": round((reading + writing) / many, 3),
            "of which reading, in all": reading,
            "calls of a quiet minute": quiet,
            f"calls of {few} changes": delta,
            "seconds": {"reading": read, "writing": written, "changes": took},
            "memory (MB)": memory,
            "of which at the start": at_start,
            "differences": differ,
            "differences after the changes": run.vendors.ask("differences"),
        }


def killed(many: int) -> dict[str, Any]:
    with ExitStack() as stack:
        run = Run("killed", many, stack)
        first = run.product()
        first.ask("read")
        first.tell("write")
        while run.vendors.ask("made") < many // KILLED_AFTER:
            time.sleep(0.05)
        first.kill()
        made, before = run.vendors.ask("made"), run.vendors.ask("calls")
        run.product().ask("write")
        calls = run.vendors.ask("calls")
        return {
            "articles": many,
            "made when it was killed": made,
            "calls for each that was left": round((calls - before) / (many - made), 3),
            "calls an article, both together": round(calls / many, 3),
            "differences": run.vendors.ask("differences"),
        }


def preview(many: int) -> dict[str, Any]:
    with ExitStack() as stack:
        run = Run("preview", many, stack)
        keeping = run.product()
        at_start = keeping.ask("memory")
        seconds = keeping.ask("read")
        progress = keeping.ask("progress")
        return {
            "articles": many,
            "calls": run.vendors.ask("calls"),
            "seconds": seconds,
            "memory (MB)": keeping.ask("memory"),
            "of which at the start": at_start,
            "to create": progress.to_create,
            "to change": progress.to_change,
            "in step": progress.done,
            "conflicts": progress.conflicts,
        }


def _listening() -> socket.socket:
    """Named as TCP's, so that its answers aren't held back for want of an acknowledgement."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    return listening


def _quietly() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main(wanted: list[str]) -> None:
    for name in wanted or RUNS[:-1]:
        if name == "killed":
            found = killed(MANY)
        else:
            measure = preview if name == "preview" else lambda many, run=name: synchronise(run, many)
            small = measure(MANY // 4)
            print(json.dumps({"run": name, **small}), file=sys.stderr, flush=True)
            found = measure(MANY)
            growth = round(found["memory (MB)"] / small["memory (MB)"], 3)
            found["memory at four times"] = growth
        print(json.dumps({"run": name, **found}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
