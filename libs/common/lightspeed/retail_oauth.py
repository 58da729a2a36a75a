"""The consent of a Lightspeed Retail login, and the token calls for the vault (reference 1.2 to 1.5)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from libs.common.lightspeed.token_call import answer_of, token_set
from libs.common.vault import (
    ConsentRefused,
    RefreshRefused,
    TokenSet,
)
from libs.common.vault.policy import Policy

SYSTEM = "lightspeed-retail"
RETAIL = Policy(
    # The old token may be repeated, five times a minute (1.4); calls a day: no number is known.
    refresh_before_seconds=60,
    refresh_before_share=0.05,
    repeat_seconds=15,
    repeats=None,
    may_refresh_on_rejection=True,
    is_stored_if_late=False,
    calls_a_day=2_000,
)
SCOPES = (
    "employee:register_read",
    "employee:inventory_read",
    "employee:customers_read",
    "employee:admin_purchases",
    "employee:admin_void_sale",
    "employee:reports",
    "employee:inventory",
    "employee:product_edit",
    "employee:product_cost",
    "employee:categories",
    "employee:inventory_counts",
    "employee:inventory_counts_reconcile",
)
"""What reading sales needs: sales, items, customers, payment types and taxes, voids, control totals; and what
keeping articles and stock in step needs (1.6)."""

TERMINAL = ("invalid_grant", "invalid_scope")
"""Not `invalid_client`: that is our own secret, wrong for all alike, and no consent would mend it."""
SHORTEST_LIFE = 1800
"""In seconds, where none is said: usually 3600, this in one sample."""


def code_verifier() -> str:
    return secrets.token_urlsafe(64)


def code_challenge(verifier: str) -> str:
    """S256 of PKCE."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorize_url(
    auth_url: str,
    client_id: str,
    *,
    state: str,
    challenge: str,
    redirect_uri: str = "",
    scopes: tuple[str, ...] = SCOPES,
) -> str:
    """Where the browser goes; `challenge` is the `code_challenge` of a verifier kept for the exchange."""
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if redirect_uri:
        parameters["redirect_uri"] = redirect_uri
    return f"{auth_url}/auth/oauth/authorize?{urlencode(parameters, quote_via=quote)}"


def account_in(access_token: str) -> str | None:
    """The account id in the token's own claims (1.3); None where it holds none.

    The token came straight from the token endpoint, so its signature tells nothing more.
    """
    try:
        part = access_token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        account = str(claims["acct"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    return account if account.isascii() and account.isdigit() else None


class RetailTokens:
    """Lightspeed Retail's token endpoint as the vault wants one."""

    policy = RETAIL

    def __init__(self, http: httpx.AsyncClient, client_id: str, client_secret: str, auth_url: str) -> None:
        self._http = http
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._url = f"{auth_url}/auth/oauth"

    async def exchange(
        self, code: str, redirect_uri: str, site: str, *, code_verifier: str | None = None
    ) -> TokenSet:
        """The code lives 60 seconds and works once; the token call knows no redirect_uri (1.2)."""
        form = {"grant_type": "authorization_code", "code": code}
        if code_verifier:
            form["code_verifier"] = code_verifier
        try:
            return token_set(await self._call("token", form), life_unsaid=SHORTEST_LIFE)
        except RefreshRefused as error:
            raise ConsentRefused(error.reason) from None

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        """May be repeated after a lost answer: the old token lives until the new one is first used (1.4)."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return token_set(await self._call("token", form), life_unsaid=SHORTEST_LIFE)

    async def revoke(self, refresh_token: str, site: str) -> None:
        await self._call("revoke", {"refresh_token": refresh_token})

    async def _call(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        request = self._http.build_request("POST", f"{self._url}/{path}", data={**self._client, **form})
        return await answer_of(self._http, request, TERMINAL)
