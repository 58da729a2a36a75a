"""The demo's processes: the sandbox and the product, started, killed, started again and stopped.

Each is the same command a person would give; what it prints goes to a file in the demo's folder.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

STARTING_SECONDS = 60.0
STOPPING_SECONDS = 20.0
KEPT = "KOPPELING_DEMO_KEEP"
"""A folder in which the demo keeps what its processes said and stored."""


class DemoFailed(Exception):
    """The demo can't go on; the message says why, for a person."""


class DemoStopped(Exception):
    """The demo was told to stop, and what it had started is stopped and removed."""

    def __init__(self, told: signal.Signals) -> None:
        super().__init__(
            f"stopped by {told.name}; everything that the demo had started is stopped and removed"
        )
        self.exit_status = 128 + told


@contextmanager
def demo_folder() -> Iterator[Path]:
    """Gone at the end, unless the environment names a place to keep it."""
    if kept := os.environ.get(KEPT):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(tempfile.mkdtemp(prefix="koppeling-demo-", dir=kept))
        return
    with tempfile.TemporaryDirectory(prefix="koppeling-demo-") as name:
        yield Path(name)


@dataclass
class Command:
    """One `koppeling ...` process and the address at which it says that it is ready."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    ready_url: str
    folder: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.cli",
                *self.arguments,
                env={**os.environ, **self.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await self._until_ready()

    async def _until_ready(self) -> None:
        async with httpx.AsyncClient() as http:
            for _ in range(int(STARTING_SECONDS / 0.1)):
                if self.process is None or self.process.returncode is not None:
                    raise DemoFailed(f"{self.name} stopped at its start:\n{self.last_lines()}")
                try:
                    if (await http.get(self.ready_url, timeout=2)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)
        raise DemoFailed(f"{self.name} wasn't ready after {STARTING_SECONDS:.0f} s:\n{self.last_lines()}")

    async def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), STOPPING_SECONDS)
        except TimeoutError:
            await self.kill()

    def last_lines(self, count: int = 15) -> str:
        log = self.folder / f"{self.name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:]) if log.exists() else ""


@dataclass
class Ports:
    """Free ports below those that the system hands out for outgoing connections; two demos at the same
    time look in different places.
    """

    given: set[int] = field(default_factory=set)

    def free(self) -> int:
        for port in random.sample(range(18100, 30000), k=100):
            if port not in self.given and _is_free(port):
                self.given.add(port)
                return port
        raise DemoFailed("no free port between 18100 and 30000")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
