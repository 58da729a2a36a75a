"""The realm's addresses: the consent page, the token call, and the end of a consent."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from services.sandbox.consent import back_to, consent_page
from services.sandbox.restaurant.oauth import OAuthError
from services.sandbox.restaurant.world import RestaurantWorld

DECIDED = frozenset({"account", "decision"})


class Consent:
    def __init__(self, world: RestaurantWorld) -> None:
        self._world = world

    async def authorize(self, request: Request) -> Response:
        asked, decided = dict(request.query_params), await _form(request)
        asked |= {name: value for name, value in decided.items() if name not in DECIDED}
        state = {"state": asked["state"]} if asked.get("state") else {}
        try:
            client = self._world.grants.client_asking(asked)
        except OAuthError as refused:
            return HTMLResponse(f"<h1>We are sorry...</h1><p>{escape(str(refused))}</p>", refused.status)
        try:
            self._world.grants.check_wish(asked)
        except OAuthError as refused:
            return back_to(client.redirect_uri, refused.body | state)
        if request.method == "GET":
            return HTMLResponse(
                consent_page("Lightspeed Restaurant", request.url.path, asked, self._logins())
            )
        return self._decide(client.redirect_uri, asked, decided, state)

    def _decide(
        self, redirect_uri: str, asked: dict[str, str], decided: dict[str, str], state: dict[str, str]
    ) -> Response:
        if decided.get("decision") != "allow":
            refused = {"error": "access_denied", "error_description": "User denied consent"}
            return back_to(redirect_uri, refused | state)
        login = decided.get("account", "")
        if login not in self._logins():
            return HTMLResponse(f"<p>There is no account {escape(login)}</p>", 400)
        businesses = tuple(int(number) for number in login.split(","))
        code = self._world.grants.issue_code(asked, businesses)
        return back_to(redirect_uri, state | {"session_state": code[:16], "code": code})

    def _logins(self) -> dict[str, str]:
        """Who can log in: each business by itself, and somebody who sees them all."""
        alone = {
            str(number): f"{number} {business.name}" for number, business in self._world.businesses.items()
        }
        return alone | {",".join(alone): "all of them"}

    async def token(self, request: Request) -> Response:
        try:
            form = await _form(request)
            tokens = self._world.grants.exchange(form, request.headers.get("authorization", ""))
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)
        return JSONResponse(tokens, headers={"Cache-Control": "no-store"})

    async def revoke(self, request: Request) -> Response:
        if not self._world.switches.is_on("revoke"):
            return JSONResponse({"error": "HTTP 404 Not Found"}, 404)
        try:
            self._world.grants.revoke(await _form(request), request.headers.get("authorization", ""))
        except OAuthError as refused:
            return JSONResponse(refused.body, refused.status)
        return Response(status_code=200)


async def _form(request: Request) -> dict[str, str]:
    """Form bodies alone are read: parameters in the URL are what V1 clients send."""
    if request.method != "POST":
        return {}
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
