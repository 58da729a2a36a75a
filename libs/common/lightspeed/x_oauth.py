"""The consent of an X-Series store, and the token calls for the vault (reference 3)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from libs.common.lightspeed.token_call import answer_of, token_set
from libs.common.lightspeed.x import USER_AGENT, VERSION
from libs.common.lightspeed.x_hook import PATH
from libs.common.lightspeed.x_host import api_base, is_label
from libs.common.settings import VendorApp
from libs.common.vault import (
    ConsentRefused,
    RefreshRefused,
    TokenEndpoint,
    TokenSet,
)
from libs.common.vault.consent import NoIdentity, Subject
from libs.common.vault.policy import Policy

SCOPES = (
    "sales:read",
    "payment_types:read",
    "products:read",
    "products:write",
    "inventory:read",
    "inventory:write",
    "taxes:read",
    "outlets:read",
    "registers:read",
    "retailer:read",
    "customers:read",
    "gift_cards:read",
    "store_credits:read",
    "webhooks",
)
"""What reading sales and balances and keeping products in step need; mandatory since June 2026 (3.4)."""
POLICY = Policy(
    # Each refresh kills the tokens of before (3.2): after a lost answer the old one is tried again, ever more
    # seldom, until there is an answer, which says whether it is spent. Token calls have a small limit of
    # their own, of ten in an example.
    refresh_before_seconds=60,
    refresh_before_share=0.05,
    repeat_seconds=30,
    repeats=None,
    waits_longer=True,
    may_refresh_on_rejection=True,
    is_stored_if_late=True,
    calls_a_day=1_000,
)
TERMINAL = ("invalid_grant", "invalid_scope")
"""Not `invalid_client`: that is our own secret, wrong for all alike, and no consent would mend it."""
SHORTEST_LIFE = 300
"""In seconds, where none is said: a day in the vendor's text, a week in an older example (3.2)."""


class XConsent:
    """While somebody consents. The account is the store's domain prefix."""

    wants_verifier = False

    def __init__(self, app: VendorApp, http: httpx.AsyncClient) -> None:
        self._app = app
        self._http = http
        self.endpoint: TokenEndpoint = XTokens(app, http)

    def authorize_url(self, *, country: str, redirect_uri: str, state: str, challenge: str) -> str:
        parameters = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": " ".join(SCOPES),
        }
        return f"{self._app.auth_url}/connect?{urlencode(parameters, quote_via=quote)}"

    def site(self, country: str, brought: Mapping[str, str]) -> str:
        """The store's own host, by what the browser brought back (3.1)."""
        domain_prefix = brought.get("domain_prefix", "").strip().lower()
        if not is_label(domain_prefix):
            raise NoIdentity("Lightspeed doesn't say which store this is")
        return api_base(self._app.api_url, domain_prefix)

    async def who(self, tokens: TokenSet, site: str) -> Subject:
        """By the store itself: its token must open it."""
        headers = {
            "Authorization": f"Bearer {tokens.access_token}",
            "Accept": "application/json",
            "User-Agent": USER_AGENT,
        }
        try:
            answer = await self._http.get(f"{site}/api/{VERSION}/retailer", headers=headers)
            answer.raise_for_status()
            store = answer.json()["data"]
            domain_prefix, name = str(store["domain_prefix"]).lower(), str(store.get("name") or "")
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoIdentity("Lightspeed doesn't say which store this is") from error
        if not is_label(domain_prefix) or api_base(self._app.api_url, domain_prefix) != site:
            raise NoIdentity("Lightspeed's token is of another store")
        return Subject(domain_prefix, name)


class XTokens:
    """X-Series' token endpoint as the vault wants one; `site` is the store's host."""

    policy = POLICY

    def __init__(self, app: VendorApp, http: httpx.AsyncClient) -> None:
        self._http = http
        self._client = {
            "client_id": app.client_id,
            "client_secret": app.client_secret.get_secret_value(),
        }

    async def exchange(
        self, code: str, redirect_uri: str, site: str, *, code_verifier: str | None = None
    ) -> TokenSet:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        try:
            return token_set(await self._call(form, site), life_unsaid=SHORTEST_LIFE)
        except RefreshRefused as error:
            raise ConsentRefused(error.reason) from None

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        return token_set(await self._call(_refreshing(refresh_token), site), life_unsaid=SHORTEST_LIFE)

    async def revoke(self, refresh_token: str, site: str) -> None:
        """The vendor has no call for it: our webhooks are dropped, and the tokens are spent by a refresh."""
        tokens = token_set(await self._call(_refreshing(refresh_token), site), life_unsaid=SHORTEST_LIFE)
        headers = {"Authorization": f"Bearer {tokens.access_token}", "User-Agent": USER_AGENT}
        hooks = f"{site}/api/{VERSION}/webhooks"
        with suppress(httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            listed = (await self._http.get(hooks, headers=headers)).json()["data"]
            for hook in listed:
                if PATH in str(hook.get("url")):
                    await self._http.delete(f"{hooks}/{quote(str(hook['id']), safe='')}", headers=headers)

    async def _call(self, form: Mapping[str, str], site: str) -> dict[str, Any]:
        request = self._http.build_request(
            "POST",
            f"{site}/api/1.0/token",
            data={**self._client, **form},
            headers={"Accept": "application/json", "User-Agent": USER_AGENT},
        )
        return await answer_of(self._http, request, TERMINAL)


def _refreshing(refresh_token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": refresh_token}
