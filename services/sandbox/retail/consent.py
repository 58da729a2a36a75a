"""The authorization server: the consent page, the token, revoke and introspect calls, the keys."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from services.sandbox.consent import back_to, consent_page
from services.sandbox.retail.oauth import Client, OAuthError
from services.sandbox.retail.world import RetailWorld

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Consent:
    """The endpoints under /auth/oauth, bound to one world."""

    def __init__(self, world: RetailWorld) -> None:
        self._world = world

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        decided = await read_form(request) if request.method == "POST" else {}
        asked |= {name: value for name, value in decided.items() if name not in {"account", "decision"}}
        try:
            client = self._world.grants.check_authorization(asked)
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)
        if request.method == "POST":
            return self._decide(client, asked, decided)
        return HTMLResponse(self._page(request.url.path, asked))

    def _decide(self, client: Client, asked: dict[str, str], decided: dict[str, str]) -> Response:
        state = {"state": asked["state"]} if asked.get("state") else {}
        account = decided.get("account", "")
        if decided.get("decision") != "allow":
            return back_to(client.redirect_uri, {"error": "access_denied"} | state)
        if not account.isdigit() or int(account) not in self._world.accounts:
            return JSONResponse({"error": "invalid_request", "hint": f"there is no account {account}"}, 400)
        return back_to(
            client.redirect_uri, {"code": self._world.grants.issue_code(asked, int(account))} | state
        )

    def _page(self, path: str, asked: dict[str, str]) -> str:
        accounts = {
            str(number): f"{number} {account.name}" for number, account in self._world.accounts.items()
        }
        return consent_page("Lightspeed Retail", path, asked, accounts)

    async def token(self, request: Request) -> Response:
        if request.method != "POST":
            return JSONResponse({"error": "invalid_request", "error_description": "Use POST"}, 405)
        try:
            return JSONResponse(self._world.grants.exchange(await read_form(request)))
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)

    async def revoke(self, request: Request) -> Response:
        try:
            self._world.grants.revoke(await read_form(request))
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)
        return JSONResponse({})

    async def introspect(self, request: Request) -> Response:
        try:
            access = self._world.grants.access_of(request.headers.get("authorization", ""))
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)
        return JSONResponse({"active": True} | self._world.grants.claims_of(access))

    async def keys(self, request: Request) -> Response:
        return JSONResponse(self._world.grants.key_set())


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, multipart or JSON body."""
    kind = request.headers.get("content-type", "")
    if kind.startswith(FORM_TYPES):
        return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return {name: str(value) for name, value in body.items()} if isinstance(body, dict) else {}
