"""The sandbox's front: every vendor, the control API and the page, in one application on one port.

A vendor is known by its path; `build` lists the vendors, and each says the rest of itself (`vendors.py`).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.sandbox.calls import Calls, Counted
from services.sandbox.clock import Clock
from services.sandbox.exact.seed import plant
from services.sandbox.exact.vendor import exact_vendor
from services.sandbox.exact.world import World
from services.sandbox.faults import FaultError, Faults, FaultyVendor
from services.sandbox.page import page, settings_for
from services.sandbox.restaurant.vendor import restaurant_vendor
from services.sandbox.restaurant.world import RestaurantWorld
from services.sandbox.retail.vendor import retail_vendor
from services.sandbox.retail.world import RetailWorld
from services.sandbox.vendors import Vendor
from services.sandbox.x_series.vendor import x_vendor
from services.sandbox.x_series.world import XWorld


@dataclass
class Sandbox:
    app: ASGIApp
    clock: Clock
    exact: World
    retail: RetailWorld
    restaurant: RestaurantWorld
    x: XWorld
    vendors: Sequence[Vendor]
    faults: Faults
    calls: Mapping[str, Calls]


def build(*, seed: int = 1, clock: Clock | None = None) -> Sandbox:
    clock = clock or Clock()
    exact, retail = plant(World(clock, seed)), RetailWorld(clock, seed)
    restaurant, x = RestaurantWorld(clock, seed), XWorld(clock, seed)
    vendors = (exact_vendor(exact), retail_vendor(retail), restaurant_vendor(restaurant), x_vendor(x))
    faults = Faults({vendor.name: frozenset(vendor.hooks.before_work) for vendor in vendors}, seed)
    calls = {vendor.name: Calls() for vendor in vendors}
    front = Front(vendors, faults, calls)
    sandbox = Sandbox(front, clock, exact, retail, restaurant, x, vendors, faults, calls)
    controls = [route for vendor in vendors for route in vendor.controls]
    sandbox.app = Starlette(routes=[*_own_routes(sandbox), *controls, Mount("/", front)])
    return sandbox


def vendor_of(path: str, vendors: Sequence[Vendor]) -> Vendor | None:
    """Whose paths the longest fitting one is."""
    low = path.lower()
    fitting = [(len(begin), vendor) for vendor in vendors for begin in vendor.paths if low.startswith(begin)]
    return max(fitting, key=lambda found: found[0])[1] if fitting else None


class Front:
    def __init__(self, vendors: Sequence[Vendor], faults: Faults, calls: Mapping[str, Calls]) -> None:
        self._vendors = vendors
        self._apps = {
            vendor.name: Counted(
                FaultyVendor(vendor.app, vendor.name, faults, vendor.hooks), calls[vendor.name], vendor.hooks
            )
            for vendor in vendors
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        vendor = vendor_of(scope["path"], self._vendors)
        if vendor is None:
            await JSONResponse({"error": f"nothing is served at {scope['path']}"}, 404)(scope, receive, send)
            return
        await self._apps[vendor.name](scope, receive, send)


def _own_routes(sandbox: Sandbox) -> list[Route]:
    async def front_page(request: Request) -> Response:
        return HTMLResponse(page(str(request.base_url).rstrip("/"), sandbox.vendors))

    async def show_settings(request: Request) -> Response:
        return JSONResponse(settings_for(str(request.base_url).rstrip("/"), sandbox.vendors))

    return [
        Route("/", front_page),
        Route("/sandbox/settings", show_settings),
        json_route("/sandbox/clock", sandbox, {"GET": _show_clock, "POST": _advance_clock}),
        json_route("/sandbox/faults", sandbox, {"GET": _show_faults, "PUT": _choose_faults}),
        json_route("/sandbox/calls", sandbox, {"GET": _show_calls}),
        json_route("/sandbox/calls/reset", sandbox, {"POST": _reset_calls}),
        json_route("/sandbox/tills", sandbox, {"GET": _show_tills}),
    ]


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
    """Each vendor's own, and Lightspeed's as a whole; Exact counts its errors too."""
    tills = {name: calls for name, calls in sandbox.calls.items() if name != "exact"}
    exact = asdict(sandbox.exact.calls) | asdict(sandbox.calls["exact"])
    lightspeed = asdict(sum(tills.values(), Calls()))
    return {"exact": exact, "lightspeed": lightspeed} | {name: asdict(calls) for name, calls in tills.items()}


def _reset_calls(sandbox: Sandbox, body: Any) -> object:
    sandbox.exact.calls = type(sandbox.exact.calls)()
    for calls in sandbox.calls.values():
        calls.forget()
    return _show_calls(sandbox, body)


def _show_tills(sandbox: Sandbox, body: Any) -> object:
    """Where the page sells: the till API of each account of each vendor."""
    return [
        {
            "path": f"/sandbox/tills/{vendor.name}/{account}",
            "name": f"{vendor.title} {account} {name}",
        }
        for vendor in sandbox.vendors
        for account, name in vendor.tills().items()
    ]
