"""One authorised call of the API: whose it is, where it goes, what it asks."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.sandbox.restaurant.business import Business, Location
from services.sandbox.restaurant.errors import ApiError, no_location, server_error, titled
from services.sandbox.restaurant.oauth import Access
from services.sandbox.restaurant.world import RestaurantWorld

Endpoint = Callable[["Call"], Any]


@dataclass(frozen=True)
class Call:
    """`given` are the parameters, `many` with repetitions, `named` those in the path; `told` is scripted."""

    world: RestaurantWorld
    access: Access
    path: str
    address: str
    given: dict[str, str]
    many: list[tuple[str, str]]
    named: dict[str, Any]
    body: Any
    told: str = ""

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def all_of(self, name: str) -> list[str]:
        """A parameter that may be repeated, or hold a comma list."""
        return [part for key, value in self.many if key == name for part in value.split(",") if part]

    def businesses(self) -> Iterable[Business]:
        return [self.world.businesses[number] for number in self.access.grant.businesses]

    def location(self, bl_id: str) -> tuple[Business, Location]:
        """One that the token doesn't reach is refused, one that nobody has isn't found."""
        for business in self.businesses():
            for location in business.locations:
                if str(location.bl_id) == bl_id:
                    return business, location
        everywhere = (place for business in self.world.businesses.values() for place in business.locations)
        exists = any(str(place.bl_id) == bl_id for place in everywhere)
        if exists and self.world.switches["foreign_location"] == "403":
            raise self.forbidden()
        raise no_location(bl_id, self.path, self.now)

    def forbidden(self) -> ApiError:
        if self.world.switches["body_403"] == "empty":
            return ApiError(403, None)
        return titled(403, "forbidden", "The token is not valid for this resource.")


def endpoint(
    world: RestaurantWorld, scope: str, answer: Endpoint
) -> Callable[[Request], Awaitable[Response]]:
    """Who calls, whether he may, whether it is too much; then the answer itself."""

    async def serve(request: Request) -> Response:
        try:
            call = _admitted(await _read_call(world, request), scope)
            answered = answer(call)
        except ApiError as refused:
            return _refusal(refused)
        return answered if isinstance(answered, Response) else JSONResponse(answered)

    return serve


async def _read_call(world: RestaurantWorld, request: Request) -> Call:
    access = world.grants.access_of(request.headers.get("authorization", ""))
    if access is None:
        raise titled(401, "unauthorized", "Full authentication is required to access this resource")
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        raise ApiError(400, {"error": "The body is not JSON."}) from None
    return Call(
        world,
        access,
        request.url.path,
        str(request.base_url).rstrip("/"),
        dict(request.query_params),
        request.query_params.multi_items(),
        dict(request.path_params),
        body,
    )


def _admitted(call: Call, scope: str) -> Call:
    if scope not in call.access.grant.scopes:
        raise call.forbidden()
    wait = call.world.limits.wait_before(id(call.access.grant))
    told = call.world.script.popleft() if call.world.script and scope == "financial-api" else ""
    if wait or told == "429":
        raise too_many(call.world, wait or 1)
    if told == "500":
        raise server_error(call.path, call.now)
    if told == "503":
        raise ApiError(503, None, call.world.limits.retry_after(1))
    return replace(call, told=told)


def too_many(world: RestaurantWorld, seconds: float) -> ApiError:
    headers = world.limits.retry_after(seconds)
    shape = world.switches["body_429"]
    body: object = {"errors": [{"code": "too_many_requests", "title": "Too many requests"}]}
    return ApiError(429, {"text": "Too many requests", "empty": None}.get(str(shape), body), headers)


def _refusal(refused: ApiError) -> Response:
    if refused.body is None or isinstance(refused.body, str):
        return Response(refused.body or "", refused.status, refused.headers, "text/plain")
    return JSONResponse(refused.body, refused.status, refused.headers)
