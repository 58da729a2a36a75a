"""The consent of a Lightspeed Restaurant login, and the token calls for the vault (reference 3, V2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from libs.common.lightspeed.restaurant_reference import locations_in
from libs.common.lightspeed.retail_values import Unreadable
from libs.common.lightspeed.token_call import answer_of, token_set
from libs.common.settings import VendorApp
from libs.common.vault import (
    ConsentRefused,
    RefreshRefused,
    TokenEndpoint,
    TokenSet,
)
from libs.common.vault.consent import NoIdentity, Subject, ask
from libs.common.vault.policy import Policy

SCOPES = ("financial-api", "items", "offline_access")
"""Financial data, items; without `offline_access` a consent would end after half an hour."""
POLICY = Policy(
    # Access tokens live 25 minutes or what they say; each refresh token works once (rules 1 and 2). After a
    # lost answer the old one is tried once more, and then a person is asked (rule 3). No number of calls a
    # day is known.
    refresh_before_seconds=60,
    refresh_before_share=0.05,
    repeat_seconds=30,
    repeats=1,
    may_refresh_on_rejection=True,
    is_stored_if_late=True,
    calls_a_day=1_000,
    idle_days=1,  # how long a refresh token lives is variable: a daily refresh keeps it alive (rule 4)
)
TERMINAL = ("invalid_grant",)
"""Rule 5. Not `unauthorized_client`: that is our own secret, wrong for all alike."""
SHORTEST_LIFE = 300
"""In seconds. What is said holds; where nothing is, less than has ever been seen."""


class RestaurantConsent:
    """While somebody consents."""

    wants_verifier = False

    def __init__(self, app: VendorApp, http: httpx.AsyncClient) -> None:
        self._app = app
        self._http = http
        self.endpoint: TokenEndpoint = RestaurantTokens(app, http)

    def authorize_url(self, *, country: str, redirect_uri: str, state: str, challenge: str) -> str:
        parameters = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
        }
        return f"{self._app.auth_url}/auth?{urlencode(parameters, quote_via=quote)}"

    def site(self, country: str, brought: Mapping[str, str]) -> str:
        return self._app.auth_url

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        """The business; of a login that sees several the first of them, which stays so when more are opened.

        All their locations are outlets, and the rules say which of them are booked.
        """
        try:
            body = await ask(self._http, f"{self._app.api_url}/f/data/businesses?page=0&size=1000", tokens)
            found = locations_in(body if isinstance(body, dict) else {})
        except Unreadable as error:
            raise NoIdentity("Lightspeed's businesses can't be read") from error
        locations = sorted(found, key=lambda location: int(location.business or 0))
        if not locations or not locations[0].business:
            raise NoIdentity("Lightspeed doesn't say which business this is")
        names = dict.fromkeys(location.business_name for location in locations)
        return Subject(locations[0].business, ", ".join(names)[:200])


class RestaurantTokens:
    """The token endpoint of the realm `k-series` as the vault wants one."""

    policy = POLICY

    def __init__(self, app: VendorApp, http: httpx.AsyncClient) -> None:
        self._http = http
        self._app = app
        self._client = httpx.BasicAuth(app.client_id, app.client_secret.get_secret_value())

    async def exchange(
        self, code: str, redirect_uri: str, site: str, *, code_verifier: str | None = None
    ) -> TokenSet:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        try:
            return token_set(await self._call(f"{site}/token", form), life_unsaid=SHORTEST_LIFE)
        except RefreshRefused as error:
            raise ConsentRefused(error.reason) from None

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        """The old token dies by it (3)."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return token_set(await self._call(f"{site}/token", form), life_unsaid=SHORTEST_LIFE)

    async def revoke(self, refresh_token: str, site: str) -> None:
        """Seen in one public connector alone (rule 6): what comes of it is the vault's to shrug at."""
        await self._call(f"{self._app.api_url}/oauth/revoke", {"token": refresh_token})

    async def _call(self, address: str, form: Mapping[str, str]) -> dict[str, Any]:
        request = self._http.build_request("POST", address, data=dict(form))
        request = next(self._client.auth_flow(request))
        return await answer_of(self._http, request, TERMINAL)
