"""A demo that is told to stop: one sentence, the status that shells expect, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

SENTENCE = "everything that the demo had started is stopped and removed"


async def started(folder: Path) -> Process:
    """In a process group of its own, as a shell starts it; its files go where the test can see them."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        "demo",
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )


async def until_said(demo: Process, words: str) -> None:
    assert demo.stderr is not None
    async with asyncio.timeout(30):
        while words not in (line := (await demo.stderr.readline()).decode()):
            assert line, f"it ended before it said {words!r}"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("words", ["starting the sandbox", "starting Kassakoppeling"])
async def test_it_ends_with_one_sentence_and_leaves_nothing(
    tmp_path: Path, words: str, number: signal.Signals, status: int
) -> None:
    demo = await started(tmp_path)
    await until_said(demo, words)
    await asyncio.sleep(2)
    if number is signal.SIGINT:
        os.killpg(demo.pid, number)  # a terminal tells all of them
    else:
        demo.send_signal(number)
    async with asyncio.timeout(20):
        printed, said = await demo.communicate()

    assert demo.returncode == status
    assert printed == b""
    assert said.decode().splitlines()[-2:] == ["stopping", f"stopped by {number.name}; {SENTENCE}"]
    assert_nothing_left(demo, tmp_path)


async def test_a_second_ctrl_c_does_not_keep_it_from_stopping_what_it_started(tmp_path: Path) -> None:
    demo = await started(tmp_path)
    await until_said(demo, "starting Kassakoppeling")
    await asyncio.sleep(2)
    for _ in range(3):
        os.killpg(demo.pid, signal.SIGINT)
        await asyncio.sleep(0.1)
    async with asyncio.timeout(20):
        _, said = await demo.communicate()

    assert demo.returncode == 130
    assert "Traceback" not in said.decode()
    assert_nothing_left(demo, tmp_path)


def assert_nothing_left(demo: Process, folder: Path) -> None:
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)
    assert list(folder.iterdir()) == []
