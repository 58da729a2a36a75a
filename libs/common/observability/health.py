"""Health over HTTP: alive is "no need to restart it", ready is "working"; the answer says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from libs.common.observability.heartbeat import HEARTBEAT, Heartbeat

CHECK_SECONDS = 3.0

Check = Callable[[], Awaitable[str | None]]
"""None where all is well, else why not."""


@dataclass
class ServiceState:
    """What health knows of the services in this process; whoever runs them adds checks and reasons."""

    name: str
    checks: dict[str, Check] = field(default_factory=dict)
    red: dict[str, str] = field(default_factory=dict)
    """What stopped and waits for people; a restart clears it."""
    heartbeat: Heartbeat = HEARTBEAT

    def hanging(self) -> dict[str, str]:
        return dict.fromkeys(self.heartbeat.silent(), "no heartbeat")

    async def reasons(self) -> dict[str, str]:
        """Why it isn't ready; empty where it is."""
        answers = await asyncio.gather(*(_ask(check) for check in self.checks.values()))
        failed = {name: answer for name, answer in zip(self.checks, answers, strict=True) if answer}
        return failed | self.red | self.hanging()


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the answer)
        return type(error).__name__


def health_app(state: ServiceState) -> Starlette:
    """/health/live, /health/ready and /metrics; mount it beside the service's own app."""

    async def live(_request: Request) -> Response:
        return _answer(state.name, state.hanging())

    async def ready(_request: Request) -> Response:
        return _answer(state.name, await state.reasons())

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]
    )


def _answer(name: str, reasons: dict[str, str]) -> Response:
    content = {"service": name, "status": "red" if reasons else "green", "reasons": reasons}
    return JSONResponse(content, status_code=503 if reasons else 200)
