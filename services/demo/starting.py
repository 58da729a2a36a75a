"""Starts the demo's sandbox and product, each as the commands a person would give, and stops them again."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.demo.processes import Command, DemoFailed, Ports
from services.demo.servers import servers_for_services
from services.names import SERVICES

GENEROUS_EXACT = {"minute": 1_000_000, "day": 10_000_000, "errors_per_hour": 10_000}
EXACT_READ_SECONDS = 5
GENEROUSLY = 1_000
"""By how much the limits of tills are raised."""


@dataclass(frozen=True, slots=True)
class Started:
    """The product as it runs: where it is, the demo's key to it, and its processes by service."""

    sandbox_url: str
    portal_url: str
    api_key: str
    processes: Mapping[str, Command]


@asynccontextmanager
async def start_sandbox(folder: Path, ports: Ports) -> AsyncIterator[str]:
    port = ports.free()
    url = f"http://127.0.0.1:{port}"
    sandbox = Command("sandbox", ["sandbox", "--port", str(port)], {}, f"{url}/sandbox/clock", folder)
    async with _running([sandbox]):
        yield url


@asynccontextmanager
async def start_product(
    folder: Path, ports: Ports, sandbox_url: str, *sources: str, as_services: bool
) -> AsyncIterator[Started]:
    portal_port = ports.free()
    portal_url = f"http://127.0.0.1:{portal_port}"
    told = await _introduce(sandbox_url, portal_url, sources)
    environment = told | _settings(folder, portal_url)
    if not as_services:
        command = Command(
            "up", ["up", "--port", str(portal_port)], environment, f"{portal_url}/health/ready", folder
        )
        async with _running([command]):
            key = await _api_key(environment)
            yield Started(sandbox_url, portal_url, key, {"up": command})
        return
    async with servers_for_services() as servers:
        environment |= servers
        await _command("migrate", environment=environment)
        commands = [_service(name, portal_port, ports, environment, folder) for name in SERVICES]
        async with _running(commands):
            key = await _api_key(environment)
            yield Started(sandbox_url, portal_url, key, {command.name: command for command in commands})


def _service(
    name: str, portal_port: int, ports: Ports, environment: Mapping[str, str], folder: Path
) -> Command:
    port = portal_port if name == "portal" else ports.free()
    ready = f"http://127.0.0.1:{port}/health/ready"
    return Command(name, ["run", name, "--port", str(port)], environment, ready, folder)


@asynccontextmanager
async def _running(commands: Sequence[Command]) -> AsyncIterator[None]:
    try:
        await asyncio.gather(*(command.start() for command in commands))
        yield
    finally:
        await asyncio.gather(*(command.stop() for command in commands))


async def _introduce(sandbox_url: str, portal_url: str, sources: Sequence[str]) -> dict[str, str]:
    """Registers the product with the vendors, and lets them announce limits that cost no real time.

    Gives the settings that say where the vendors are.
    """
    async with httpx.AsyncClient(base_url=f"{sandbox_url}/sandbox", timeout=30) as sandbox:
        settings: dict[str, str] = (await sandbox.get("/settings")).json()
        of_exact = settings["KOPPELING_EXACT_CLIENT_ID"]
        await _put(sandbox, f"/exact/apps/{of_exact}", {"redirect_uri": f"{portal_url}/oauth/exact/callback"})
        await _put(sandbox, "/exact/limits", GENEROUS_EXACT)
        for source in sources:
            await _introduce_to_till(sandbox, portal_url, source, settings)
    return settings


async def _introduce_to_till(
    sandbox: httpx.AsyncClient, portal_url: str, source: str, settings: Mapping[str, str]
) -> None:
    vendor = source.removeprefix("lightspeed-")
    client = settings[f"KOPPELING_{source.replace('-', '_').upper()}_CLIENT_ID"]
    limits = (await sandbox.get(f"/{vendor}/limits")).json()
    redirect = {"redirect_uri": f"{portal_url}/oauth/{source}/callback"}
    await _put(sandbox, f"/{vendor}/clients/{client}", redirect)
    await _put(sandbox, f"/{vendor}/limits", _generous(limits))


async def _put(sandbox: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> None:
    answer = await sandbox.put(path, json=body)
    if answer.is_error:
        raise DemoFailed(f"the sandbox refused {path}: {answer.text}")


def _generous(limits: Mapping[str, Any]) -> dict[str, Any]:
    """Of whatever vendor: windows stay as long as they are."""
    numbers = {name: value for name, value in limits.items() if type(value) in (int, float)}
    return {name: value * GENEROUSLY for name, value in numbers.items() if not name.endswith("_seconds")}


def _settings(folder: Path, portal_url: str) -> dict[str, str]:
    """Short waits, since the demo's sandbox lives in seconds where the vendors live in minutes."""
    return {
        "KOPPELING_DATA_DIR": str(folder / "koppeling"),
        "KOPPELING_DATABASE_URL": "",
        "KOPPELING_BROKER_URL": "",
        "KOPPELING_SECRET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "KOPPELING_PUBLIC_URL": portal_url,
        "KOPPELING_POLL_SECONDS": "5",
        "KOPPELING_TILL_LAG_SECONDS": "1",
        "KOPPELING_SETTLE_SECONDS": "1",
        "KOPPELING_EXACT_READ_SECONDS": str(EXACT_READ_SECONDS),
    }


async def _api_key(environment: Mapping[str, str]) -> str:
    printed = await _command("partner", "create", "Demo", environment=environment)
    return printed.splitlines()[-1]


async def _command(*arguments: str, environment: Mapping[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        printed, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise DemoFailed(f"koppeling {' '.join(arguments)} failed:\n{complaint.decode()[-2000:]}")
    return printed.decode()
