"""The web application: consent, tokens, the API, and the controls of the simulator."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.sandbox.exact import api, oauth, subscriptions
from services.sandbox.exact.answers import as_json
from services.sandbox.exact.calls import Request as Call
from services.sandbox.exact.consent_page import consent_page, refusal_page
from services.sandbox.exact.control import control_app
from services.sandbox.exact.world import App, World

__all__ = ["control_app", "exact_app"]
SESSION = "ExactLogin"
"""Whom the browser is logged in as: without `force_login` nobody else is offered (2.1)."""
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


def exact_app(world: World) -> Starlette:
    """What stands at start.exactonline.nl."""

    async def authorize(request: Request) -> Response:
        return await consent(world, request)

    async def token(request: Request) -> Response:
        return await tokens(world, request)

    async def call(request: Request) -> Response:
        return await api_call(world, request)

    async def not_there(request: Request) -> Response:
        return Response(status_code=404)

    routes = [
        any_case(Route("/api/oauth2/auth", authorize, methods=["GET", "POST"])),
        any_case(Route("/api/oauth2/token", token, methods=["POST"])),
        any_case(Route("/api/v1/{path:path}", call, methods=METHODS)),
        any_case(Route("/docs/{page}", not_there, methods=METHODS)),
    ]
    return Starlette(routes=routes)


def any_case(route: Route) -> Route:
    """Exact's paths are matched without regard to case."""
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route


def base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


async def api_call(world: World, request: Request) -> Response:
    call = Call(
        method=request.method,
        path=request.path_params["path"],
        options=dict(request.query_params),
        headers=request.headers,
        body=await request.body(),
        base_url=base_url(request),
    )
    answer = await subscriptions.with_proof(world, call, api.answer_call(world, call))
    world.hooks.wake()
    content_type = answer.content_type if answer.body else None
    return Response(answer.body, answer.status, answer.headers, content_type)


async def consent(world: World, request: Request) -> Response:
    if request.method == "GET":
        options: Mapping[str, str] = dict(request.query_params)
    else:
        options = {name: str(value) for name, value in (await request.form()).items()}
    app = world.apps.get(options.get("client_id", ""))
    problem = problem_with(app, options)
    if app is None or problem:
        return HTMLResponse(refusal_page(problem), 400)
    if request.method == "GET":
        kept = None if options.get("force_login") == "1" else request.cookies.get(SESSION)
        logged_in = world.users.get(kept or "")
        users = list(world.users.values()) if logged_in is None else [logged_in]
        return HTMLResponse(consent_page(app, users, options, request.url.path))
    return decide(world, app, options)


def problem_with(app: App | None, options: Mapping[str, str]) -> str:
    if app is None:
        return "invalid_request: unknown client_id"
    if options.get("redirect_uri") != app.redirect_uri:
        return "invalid_request: redirect_uri differs from the registered one"
    return "" if options.get("response_type") == "code" else "unsupported_response_type"


def decide(world: World, app: App, options: Mapping[str, str]) -> Response:
    back = {"state": options["state"]} if "state" in options else {}
    user = world.users.get(options.get("user", ""))
    if options.get("decision") != "allow" or user is None:
        back = {"error": "access_denied"} | back
    else:
        back = {"code": oauth.grant(world, app, user.name, app.redirect_uri)} | back
    joint = "&" if "?" in app.redirect_uri else "?"
    answer = RedirectResponse(app.redirect_uri + joint + urlencode(back), 302)
    if user is not None:
        answer.set_cookie(SESSION, user.name, path="/api/oauth2/auth", httponly=True)
    return answer


async def tokens(world: World, request: Request) -> Response:
    world.calls.total += 1
    world.calls.token += 1
    form = {name: str(value) for name, value in (await request.form()).items()}
    answer = oauth.answer_token(world, form)
    if answer.status == 429:
        world.calls.refused += 1
    elif answer.status >= 400:
        world.calls.errors += 1
    headers = {"Reason": answer.reason} if answer.reason else {}
    content = as_json(answer.body) if answer.body else b""
    return Response(content, answer.status, headers, "application/json; charset=utf-8")
