"""The authorization server: the consent page, the token, revoke and introspect calls, the keys."""

import json
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from services.sandbox.retail.oauth import Client, OAuthError
from services.sandbox.retail.world import RetailWorld

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Lightspeed Retail (sandbox)</title>
<style>
body{{font:16px/1.5 system-ui,sans-serif;background:#f4f4f2;margin:0;display:grid;place-items:center;
height:100vh}}
form{{background:#fff;padding:2rem 2.5rem;border-radius:12px;box-shadow:0 2px 12px #0002;max-width:26rem}}
select,button{{font:inherit;padding:.5rem .9rem;margin:.4rem .4rem .4rem 0;border-radius:8px;
border:1px solid #bbb}}
button[value=allow]{{background:#e81c2e;border-color:#e81c2e;color:#fff}}</style>
<form method="post" action="{action}"><h1>Lightspeed Retail</h1>
<p><b>{client}</b> asks for access to your account:</p><ul>{scopes}</ul>{hidden}
<p><label>Account <select name="account">{accounts}</select></label></p>
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form></html>"""


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
        return HTMLResponse(self._page(request.url.path, client, asked))

    def _decide(self, client: Client, asked: dict[str, str], decided: dict[str, str]) -> Response:
        state = {"state": asked["state"]} if asked.get("state") else {}
        account = decided.get("account", "")
        if decided.get("decision") != "allow":
            return _back(client, {"error": "access_denied"} | state)
        if not account.isdigit() or int(account) not in self._world.accounts:
            return JSONResponse({"error": "invalid_request", "hint": f"there is no account {account}"}, 400)
        return _back(client, {"code": self._world.grants.issue_code(asked, int(account))} | state)

    def _page(self, path: str, client: Client, asked: dict[str, str]) -> str:
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in asked.items()
        )
        accounts = "".join(
            f'<option value="{number}">{number} {escape(account.name)}</option>'
            for number, account in self._world.accounts.items()
        )
        scopes = "".join(f"<li>{escape(scope)}</li>" for scope in asked.get("scope", "").split())
        return PAGE.format(
            action=escape(path),
            client=escape(client.client_id),
            scopes=scopes,
            hidden=hidden,
            accounts=accounts,
        )

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


def _back(client: Client, answer: dict[str, str]) -> Response:
    joint = "&" if "?" in client.redirect_uri else "?"
    return RedirectResponse(f"{client.redirect_uri}{joint}{urlencode(answer)}", 302)
