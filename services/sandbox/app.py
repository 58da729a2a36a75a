"""The sandbox's front: every vendor, the control API and the page, in one application on one port.

A vendor is known by its path: Exact under /api/v1 and /api/oauth2 in any case, Lightspeed Retail under
/API/V3 and /auth/oauth. Calls are counted here, before any fault, so that none is missed.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.sandbox.clock import Clock
from services.sandbox.faults import FaultError, Faults, FaultyVendor, Hooks
from services.sandbox.page import page
from services.sandbox.retail.app import retail_app
from services.sandbox.retail.control import RetailControl
from services.sandbox.retail.oauth import end
from services.sandbox.retail.unrest import move_rows, sell_late
from services.sandbox.retail.world import RetailWorld

if TYPE_CHECKING:
    from services.sandbox.exact.world import World

VENDORS = ("exact", "retail")
TOKEN_PATHS = ("/token", "/revoke", "/introspect", "/access_token.php")
BROWSER_PATHS = ("/oauth2/auth", "/oauth/authorize", "/oauth/authorize.php")


@dataclass
class Calls:
    """What a vendor was asked: pages for a person's browser are not counted."""

    total: int = 0
    api: int = 0
    token: int = 0
    refused: int = 0

    def forget(self) -> None:
        self.total = self.api = self.token = self.refused = 0


@dataclass
class Sandbox:
    app: ASGIApp
    clock: Clock
    exact: "World"
    retail: RetailWorld
    faults: Faults
    calls: dict[str, Calls] = field(default_factory=dict)


def build(*, seed: int = 1, clock: Clock | None = None) -> Sandbox:
    from services.sandbox.exact.app import control_app, exact_app
    from services.sandbox.exact.world import World

    clock = clock or Clock()
    exact, retail, faults = World(clock, seed), RetailWorld(clock, seed), Faults(VENDORS, seed)
    calls = {vendor: Calls() for vendor in VENDORS}
    apps: dict[str, ASGIApp] = {
        "exact": Counted(FaultyVendor(exact_app(exact), "exact", faults, exact_hooks(exact)), calls["exact"]),
        "retail": Counted(
            FaultyVendor(retail_app(retail), "retail", faults, retail_hooks(retail)), calls["retail"]
        ),
    }
    sandbox = Sandbox(Front(apps), clock, exact, retail, faults, calls)
    routes = [
        *_own_routes(sandbox),
        *RetailControl(retail).routes(),
        Mount("/sandbox/exact", control_app(exact)),
    ]
    sandbox.app = Starlette(routes=[*routes, Mount("/", Front(apps))])
    return sandbox


def vendor_of(path: str) -> str | None:
    low = path.lower()
    if low.startswith(("/api/v1/", "/api/oauth2/", "/docs/")):
        return "exact"
    if low.startswith(("/api/v3/", "/auth/oauth/", "/oauth/", "/.well-known/jwks")):
        return "retail"
    return None


class Front:
    def __init__(self, apps: dict[str, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        vendor = vendor_of(scope["path"])
        if vendor is None:
            await JSONResponse({"error": f"nothing is served at {scope['path']}"}, 404)(scope, receive, send)
            return
        await self._apps[vendor](scope, receive, send)


class Counted:
    def __init__(self, app: ASGIApp, calls: Calls) -> None:
        self._app = app
        self._calls = calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_browser_page(scope):
            await self._app(scope, receive, send)
            return
        self._calls.total += 1
        if is_token_call(scope):
            self._calls.token += 1
        else:
            self._calls.api += 1

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 429:
                self._calls.refused += 1
            await send(message)

        await self._app(scope, receive, watch)


def is_token_call(scope: Scope) -> bool:
    path: str = scope["path"].lower()
    return "oauth" in path and path.endswith(TOKEN_PATHS)


def is_browser_page(scope: Scope) -> bool:
    path: str = scope["path"].lower()
    return path.endswith(BROWSER_PATHS)


def bearer(scope: Scope) -> str:
    headers = dict(scope["headers"])
    return str(headers.get(b"authorization", b"").decode("latin-1")).partition(" ")[2].strip()


def retail_hooks(world: RetailWorld) -> Hooks:
    def revoke(scope: Scope) -> bool:
        access = world.grants.accesses.get(bearer(scope))
        if access is None or access.grant.revoked:
            return False
        end(access.grant)
        return True

    def between_pages(change: Callable[[RetailWorld, int], bool]) -> Callable[[Scope], bool]:
        def hook(scope: Scope) -> bool:
            access = world.grants.accesses.get(bearer(scope))
            return bool(
                access and b"after=" in scope["query_string"] and change(world, access.grant.account_id)
            )

        return hook

    def headers() -> list[tuple[bytes, bytes]]:
        return [(b"retry-after", b"1"), (b"x-ls-api-ratelimit-type", b"api-leaky-bucket")]

    before_work = {
        "token_revoked": revoke,
        "rows_move": between_pages(move_rows),
        "late_sale": between_pages(sell_late),
    }
    return Hooks(is_token_call, is_browser_page, before_work, headers)


def exact_hooks(world: "World") -> Hooks:
    def revoke(scope: Scope) -> bool:
        token = world.access_tokens.get(bearer(scope))
        return bool(token and world.revoke(token.chain.user))

    def headers() -> list[tuple[bytes, bytes]]:
        reset = str(int(world.clock.now().timestamp() * 1000) + 1000).encode()
        limits = [(b"x-ratelimit-minutely-limit", b"60"), (b"x-ratelimit-minutely-remaining", b"0")]
        return [*limits, (b"x-ratelimit-minutely-reset", reset)]

    return Hooks(is_token_call, is_browser_page, {"token_revoked": revoke}, headers, refuse_body=b"")


def _own_routes(sandbox: Sandbox) -> list[Route]:
    async def front_page(request: Request) -> Response:
        return HTMLResponse(page(str(request.base_url).rstrip("/"), _settings(sandbox)))

    return [
        Route("/", front_page),
        json_route("/sandbox/clock", sandbox, {"GET": _show_clock, "POST": _advance_clock}),
        json_route("/sandbox/faults", sandbox, {"GET": _show_faults, "PUT": _choose_faults}),
        json_route("/sandbox/calls", sandbox, {"GET": _show_calls}),
        json_route("/sandbox/calls/reset", sandbox, {"POST": _reset_calls}),
    ]


def _settings(sandbox: Sandbox) -> dict[str, str]:
    """What the product is told about the vendors, the addresses apart."""
    retail = next(iter(sandbox.retail.grants.clients.values()))
    exact = next(iter(sandbox.exact.apps.values()))
    return {
        "LIGHTSPEED_RETAIL_CLIENT_ID": retail.client_id,
        "LIGHTSPEED_RETAIL_CLIENT_SECRET": retail.secret,
        "EXACT_CLIENT_ID": exact.client_id,
        "EXACT_CLIENT_SECRET": exact.secret,
    }


Answer = Callable[[Sandbox, Any], object]


def json_route(path: str, sandbox: Sandbox, answers: dict[str, Answer]) -> Route:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            return JSONResponse(answers[request.method](sandbox, json.loads(raw) if raw else {}))
        except (FaultError, ValueError, KeyError, TypeError) as refused:
            return JSONResponse({"error": str(refused)}, 422)

    return Route(path, answer, methods=list(answers))


def _show_clock(sandbox: Sandbox, body: Any) -> object:
    return {"now": sandbox.clock.now().isoformat()}


def _advance_clock(sandbox: Sandbox, body: Any) -> object:
    sandbox.clock.advance(float(body["advance_seconds"]))
    return _show_clock(sandbox, body)


def _show_faults(sandbox: Sandbox, body: Any) -> object:
    return sandbox.faults.shown()


def _choose_faults(sandbox: Sandbox, body: Any) -> object:
    sandbox.faults.choose(body)
    return sandbox.faults.shown()


def _show_calls(sandbox: Sandbox, body: Any) -> object:
    exact = asdict(sandbox.exact.calls) | asdict(sandbox.calls["exact"])
    return {"exact": exact, "lightspeed": asdict(sandbox.calls["retail"])}


def _reset_calls(sandbox: Sandbox, body: Any) -> object:
    sandbox.exact.calls = type(sandbox.exact.calls)()
    for calls in sandbox.calls.values():
        calls.forget()
    return _show_calls(sandbox, body)
