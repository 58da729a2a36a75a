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

from libs.common.http import BodyTooLarge, fetch
from libs.common.vault import (
    ConsentRefused,
    RefreshRefused,
    RefreshUncertain,
    TokenError,
    TokenSet,
    TokenUnavailable,
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
LARGEST_ANSWER = 256 * 1024
DEADLINE_SECONDS = 60.0


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
            return _token_set(await self._call("token", form))
        except RefreshRefused as error:
            raise ConsentRefused(error.reason) from None

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        """May be repeated after a lost answer: the old token lives until the new one is first used (1.4)."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return _token_set(await self._call("token", form))

    async def revoke(self, refresh_token: str, site: str) -> None:
        await self._call("revoke", {"refresh_token": refresh_token})

    async def _call(self, path: str, form: Mapping[str, str]) -> httpx.Response:
        request = self._http.build_request("POST", f"{self._url}/{path}", data={**self._client, **form})
        try:
            answer = await fetch(
                self._http, request, largest=LARGEST_ANSWER, deadline_seconds=DEADLINE_SECONDS
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TokenUnavailable(f"Lightspeed's {path} endpoint can't be reached") from error
        except (httpx.HTTPError, TimeoutError, BodyTooLarge) as error:
            raise RefreshUncertain(f"no answer of Lightspeed's {path} endpoint") from error
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> TokenError:
    """Only the vendor's own words end a grant; anything else is an endpoint in trouble."""
    reason = str(_body_of(answer).get("error", ""))
    if answer.status_code in (400, 401) and reason in TERMINAL:
        return RefreshRefused(reason)
    if answer.status_code >= 500:
        return RefreshUncertain(f"Lightspeed's token endpoint answered {answer.status_code}")
    return TokenUnavailable(f"Lightspeed's token endpoint answered {answer.status_code} {reason}".strip())


def _token_set(answer: httpx.Response) -> TokenSet:
    body = _body_of(answer)
    access, refresh = body.get("access_token"), body.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        raise RefreshUncertain("Lightspeed's token endpoint answered without tokens")
    return TokenSet(access, refresh, _seconds(body.get("expires_in")))


def _seconds(value: object) -> int:
    """Usually 3600, 1800 in one sample; a number, or text of one."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1800


def _body_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
