"""Every call of the data API: who asks, within what limit and scope, of which version, and the answer."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.sandbox.tills import TicketError
from services.sandbox.x_series.calls import OLDEST, Answer, Call, version_of
from services.sandbox.x_series.endpoints import endpoint_of
from services.sandbox.x_series.errors import ApiError, bad, forbidden
from services.sandbox.x_series.limits import Verdict, retry_after
from services.sandbox.x_series.oauth import Access, OAuthError
from services.sandbox.x_series.world import XWorld

JSON_TYPES = ("application/json", "application/*", "*/*", "json")
OLD_PATHS = ("register_sales", "webhooks")


def data_api(world: XWorld) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        headers: dict[str, str] = {}
        try:
            answer = await _answer(world, request, headers)
        except OAuthError as error:
            return JSONResponse({"error": "Unauthorized", "message": str(error)}, 401)
        except ApiError as error:
            return JSONResponse(error.body(), error.status, {**headers, **error.headers})
        except (TicketError, ValueError) as error:
            return JSONResponse(bad(str(error)).body(), 400, headers)
        finally:
            world.deliveries.wake()
        if answer.status == 204:
            return Response(status_code=204, headers=headers)
        return JSONResponse(answer.body, answer.status, headers)

    return serve


async def _answer(world: XWorld, request: Request, headers: dict[str, str]) -> Answer:
    access = world.grants.access_of(request.headers.get("authorization", ""))
    merchant = world.merchant_called(request.headers.get("host", ""), access)
    registers = sum(register.deleted_at is None for register in merchant.registers)
    verdict = world.limits.take(merchant.domain_prefix, access.client_id, registers)
    headers.update(verdict.headers)
    if verdict.is_refused:
        return _too_many(world, verdict, headers)
    _check_accept(request)
    version, path = _version_and_path(request.path_params["path"])
    endpoint, ids = endpoint_of(version, request.method, path)
    _check_scopes(access, endpoint.scopes)
    call = Call(
        merchant=merchant,
        access=access,
        version=version,
        method=request.method,
        path=path,
        query=parse_qsl(request.url.query, keep_blank_values=True),
        body=await _body(request, version),
    )
    return endpoint.answer(call, *ids)


def _too_many(world: XWorld, verdict: Verdict, headers: dict[str, str]) -> Answer:
    """`Retry-After` is a date (chapter 6); older answers told it in the body too."""
    told = retry_after(verdict.ends, str(world.switches["retry_after"]))
    headers.update(told)
    body: dict[str, Any] = {"error": "Too Many Requests", "message": "Rate limiting enforced"}
    if world.switches["body_429"] == "older":
        body |= {"retry-after": told.get("Retry-After", ""), "limits": [verdict.headers["X-RateLimit-Limit"]]}
    return Answer(body, 429)


def _check_accept(request: Request) -> None:
    accepted = request.headers.get("accept", "*/*")
    if not any(kind in accepted for kind in JSON_TYPES):
        raise ApiError(406, f"{accepted} can't be served")


def _check_scopes(access: Access, scopes: tuple[str, ...]) -> None:
    if not access.allows(scopes):
        missing = [scope for scope in scopes if scope not in access.scopes]
        raise forbidden(f"{', '.join(missing)} was not granted")


def _version_and_path(path: str) -> tuple[str, list[str]]:
    """0.9 has no version in its path (chapter 2)."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        raise ApiError(404, "Not Found")
    if parts[0] in OLD_PATHS:
        return OLDEST, parts
    return version_of(parts[0]), parts[1:]


async def _body(request: Request, version: str) -> Any:
    """JSON; webhooks of 0.9 come as one form field that holds it (chapter 14)."""
    raw = await request.body()
    if not raw:
        return None
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if is_form and version == OLDEST:
        raw = parse_qs(raw.decode()).get("data", [""])[0].encode()
    try:
        return json.loads(raw)
    except ValueError:
        raise bad("The body is not JSON") from None
