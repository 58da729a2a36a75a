"""The authorization server: `/connect`, where a merchant allows an application in, and the token call."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from services.sandbox.consent import back_to, consent_page
from services.sandbox.x_series.limits import retry_after
from services.sandbox.x_series.oauth import Client, OAuthError
from services.sandbox.x_series.world import XWorld

FORM = "application/x-www-form-urlencoded"
DECIDED = frozenset({"account", "decision"})


class Consent:
    def __init__(self, world: XWorld) -> None:
        self._world = world

    async def connect(self, request: Request) -> Response:
        """The browser's page; the merchant picks the store (3.1)."""
        asked = dict(request.query_params)
        decided = await _form(request) if request.method == "POST" else {}
        asked |= {name: value for name, value in decided.items() if name not in DECIDED}
        try:
            client = self._world.grants.check_authorization(asked)
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)
        if request.method == "POST":
            return self._decide(client, asked, decided)
        stores = {prefix: f"{prefix}: {store.name}" for prefix, store in self._world.merchants.items()}
        return HTMLResponse(consent_page("Lightspeed X-Series", request.url.path, asked, stores))

    def _decide(self, client: Client, asked: dict[str, str], decided: dict[str, str]) -> Response:
        state = {"state": asked["state"]}
        if decided.get("decision") != "allow":
            return back_to(client.redirect_uri, {"error": "access_denied"} | state)
        prefix = decided.get("account", "")
        merchant = self._world.merchants.get(prefix)
        if merchant is None:
            return JSONResponse({"error": "invalid_request", "error_description": f"no store {prefix}"}, 400)
        answer = {"code": self._world.grants.issue_code(asked, prefix), "domain_prefix": prefix} | state
        if self._world.switches.is_on("callback_user_id"):
            answer["user_id"] = next(iter(merchant.users)).id
        return back_to(client.redirect_uri, answer)

    async def token(self, request: Request) -> Response:
        """A form and nothing else, with a small limit of its own (3.2)."""
        form = await _form(request)
        verdict = self._world.limits.take_token(form.get("client_id", ""))
        headers = dict(verdict.headers)
        if verdict.is_refused:
            headers |= retry_after(verdict.ends, str(self._world.switches["retry_after"]))
            return JSONResponse(
                {"error": "Too Many Requests", "message": "Rate limiting enforced"}, 429, headers
            )
        if not request.headers.get("content-type", "").startswith(FORM):
            refused = OAuthError(400, "invalid_request", f"the body is {FORM}")
            return JSONResponse(refused.body, refused.status, headers)
        try:
            host_prefix = self._world.prefix_of_host(request.headers.get("host", ""))
            return JSONResponse(self._world.grants.exchange(form, host_prefix), 200, headers)
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status, headers)


async def _form(request: Request) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith(FORM):
        return {}
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
