"""The portal's web app: the API, the consents' landing page, the operators' calls; errors as problem+json."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal import admin, docs_page, hooks, idempotency, landing, problems_http
from services.portal.api import (
    authorizations,
    balances,
    budget,
    connections,
    defaults,
    grants,
    merchants,
    options,
    preview,
    problems,
    products,
    progress,
    rebook,
    reconciliation,
    rules,
    sales,
    templates,
)
from services.portal.context import Portal
from services.portal.problems_http import FieldError, ProblemAnswer, Refusal
from services.portal.shapes import NO_NUL, NUL

LARGEST_BODY = 1024 * 1024
ABOUT = (
    "Till sales of Lightspeed in the books of Exact Online, once and to the cent. "
    "Errors are application/problem+json; money is a string with two decimals; times are UTC."
)
ROUTERS = (
    merchants,
    connections,
    grants,
    authorizations,
    options,
    rules,
    defaults,
    sales,
    problems,
    reconciliation,
    balances,
    preview,
    products,
    rebook,
    budget,
    progress,
    templates,
)


def web_app(portal: Portal) -> ASGIApp:
    return Door(_app(), portal)


@cache
def _app() -> FastAPI:
    """The same for every portal of a process: drawing the routes takes a while."""
    app = FastAPI(
        title="Kassakoppeling",
        version="1",
        description=ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for module in ROUTERS:
        app.include_router(module.router)
    app.include_router(landing.router)
    app.include_router(hooks.router)
    app.include_router(admin.router)
    problems_http.install(app)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Drawn up when it is first asked for, off the loop: it takes half a second."""

    @cache
    def description() -> dict[str, Any]:
        drawn = app.openapi()
        schemas = drawn.setdefault("components", {}).setdefault("schemas", {})
        answer = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= answer.pop("$defs", {}) | {"ProblemAnswer": answer}
        for operations in drawn["paths"].values():
            if (post := operations.get("post")) is not None:
                post.setdefault("parameters", []).append(idempotency.PARAMETER)
        return drawn

    @cache
    def page() -> str:
        return docs_page.docs_html(description())

    @app.get("/v1/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(description))

    @app.get("/v1/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(await asyncio.to_thread(page), headers=docs_page.HEADERS)


class Door:
    """Tells each request which portal it came to; refuses a body beyond what any needs, announced or not."""

    def __init__(self, app: ASGIApp, portal: Portal) -> None:
        self.app, self.portal = app, portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced(scope) > LARGEST_BODY:
            await problems_http.problem_response(_too_large())(scope, receive, send)
            return
        if (refusal := _unheld(scope)) is not None:
            await problems_http.problem_response(refusal)(scope, receive, send)
            return
        scope.setdefault("state", {})["portal"] = self.portal
        await self.app(scope, _counted(receive), send)


def _unheld(scope: Scope) -> Refusal | None:
    """An address with a letter that no text of the database can hold."""
    if NUL in scope["path"]:
        return problems_http.not_found()
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    wrong = [name for name, value in query if NUL in name + value]
    return problems_http.invalid([FieldError(name, NO_NUL) for name in wrong]) if wrong else None


def _announced(scope: Scope) -> int:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    length = dict(headers).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _counted(receive: Receive) -> Receive:
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise HTTPException(413, _too_large().detail)
        return message

    return receive_some


def _too_large() -> Refusal:
    return Refusal(413, f"A body may hold {LARGEST_BODY // 1024} kB at most.")
