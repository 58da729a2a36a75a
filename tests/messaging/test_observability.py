"""Logs hide what is secret, loops neither end nor stay silent, health says why not."""

from __future__ import annotations

import asyncio
import json
import logging

import httpx
import pytest
import structlog

from libs.common.observability.health import ServiceState, health_app
from libs.common.observability.heartbeat import Heartbeat
from libs.common.observability.logs import HIDDEN, bound, scrub, set_up_logs
from libs.common.observability.loops import forever, supervised


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("access_token", "abc"),
        ("authorization", "Bearer abcdefghijkl"),
        ("email", "jan@example.nl"),
        ("client_secret", "s3cret"),
        ("headers", {"Authorization": "Bearer abcdefghijkl"}),
        ("note", "mail to jan.jansen+kassa@example.co.uk please"),
        ("url", "https://user:pass@example.com/"),
        ("body", "grant_type=refresh_token&refresh_token=abc.def-ghi"),
        ("error", "got 401 for Bearer abcdefgh12345"),
        ("answer", '{"access_token": "abc.def", "expires_in": 600}'),
    ],
)
def test_secrets_and_addresses_never_reach_a_log(field: str, value: object) -> None:
    shown = json.dumps(scrub(None, "info", {"event": "call", field: value}))

    assert HIDDEN in shown
    for secret in ("abc", "jan", "s3cret", "user:pass"):
        assert secret not in shown


def test_ids_are_left_readable() -> None:
    event = {"event": "document booked", "document": "d1", "reference": "KK100045", "count": 3, "lane": None}
    assert scrub(None, "info", dict(event)) == event


def test_logs_are_json_with_what_is_bound_and_the_standard_library_goes_along(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        set_up_logs()
        with bound(service="mapper", connection="c1"):
            structlog.get_logger().info("sale mapped", sale="s1")
            logging.getLogger("some.library").warning("slow answer to %s", "jan@example.nl")
    finally:
        structlog.configure(**before)
        root.handlers, root.level = handlers, level
    own, foreign = (json.loads(line) for line in capsys.readouterr().err.splitlines())

    assert (own["event"], own["service"], own["connection"], own["sale"]) == (
        "sale mapped",
        "mapper",
        "c1",
        "s1",
    )
    assert foreign["event"] == f"slow answer to {HIDDEN}"
    assert foreign["logger"] == "some.library"


async def test_a_loop_goes_on_after_a_defect_and_ends_when_cancelled() -> None:
    steps = 0
    third = asyncio.Event()

    async def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise ZeroDivisionError
        if steps == 3:
            third.set()

    task = asyncio.create_task(forever("test loop", step, every=0.01))
    async with asyncio.timeout(5):
        await third.wait()
    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()


async def test_a_loop_is_woken_before_its_time() -> None:
    wake, stepped = asyncio.Event(), asyncio.Queue[int]()

    async def step() -> None:
        stepped.put_nowait(1)

    task = asyncio.create_task(forever("test loop", step, every=3600, wake=wake))
    async with asyncio.timeout(2):
        await stepped.get()
        wake.set()
        await stepped.get()
    task.cancel()
    await asyncio.wait({task})


async def test_a_swallowed_cancellation_still_ends_the_loop() -> None:
    begun = asyncio.Event()

    async def swallows() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return

    task = asyncio.create_task(forever("test loop", swallows, every=3600))
    await begun.wait()
    task.cancel()
    async with asyncio.timeout(2):
        await asyncio.wait({task})
    assert task.cancelled()


async def test_a_future_that_a_library_cancelled_does_not_end_the_loop() -> None:
    runs = 0

    async def task() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lost.cancel()
            await lost

    async with asyncio.timeout(5):
        await supervised("test task", task)
    assert runs == 2


def test_a_loop_that_hangs_is_named() -> None:
    seconds = 0.0
    heartbeat = Heartbeat(lambda: seconds)
    heartbeat.expect("relay", 10)
    heartbeat.expect("poll", 100)
    heartbeat.beat("relay")
    seconds = 11

    assert heartbeat.silent() == ["relay"]
    heartbeat.beat("relay")
    assert heartbeat.silent() == []


async def test_health_says_why_it_is_not_ready() -> None:
    async def unreachable() -> str | None:
        raise ConnectionRefusedError

    async def fine() -> str | None:
        return None

    state = ServiceState("mapper", {"database": unreachable, "bus": fine}, heartbeat=Heartbeat())
    transport = httpx.ASGITransport(app=health_app(state))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        live, ready, metrics = [
            await client.get(path) for path in ("/health/live", "/health/ready", "/metrics")
        ]

    assert live.status_code == 200
    assert ready.status_code == 503
    assert ready.json()["reasons"] == {"database": "ConnectionRefusedError"}
    assert "kassakoppeling_outbox_depth" in metrics.text
