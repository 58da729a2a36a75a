"""Exact's consent and token endpoint (reference 2): codes and refresh tokens in, pairs of tokens out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from libs.common.http import BodyTooLarge, fetch
from libs.common.vault.endpoint import (
    ConsentRefused,
    RefreshRefused,
    RefreshUncertain,
    TokenError,
    TokenSet,
    TokenUnavailable,
    TooEarly,
)
from libs.common.vault.policy import EXACT

PATH = "/api/oauth2/token"
LARGEST_ANSWER = 256 * 1024
READ_SECONDS = 90.0
"""Long: whoever hangs up early loses the answer and, with it, the consent (2.5)."""
DEADLINE_SECONDS = 150.0
LIMITED_SECONDS = 300.0
OWN_FAULT_SECONDS = 900.0
OUT_OF_ORDER_SECONDS = 120.0
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def authorize_url(
    site: str, client_id: str, redirect_uri: str, state: str, *, force_login: bool = True
) -> str:
    """Where the person is sent. `force_login` lets a login other than the browser's be chosen (2.1)."""
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "state": state,
        "force_login": "1" if force_login else "0",
    }
    return f"{site}/api/oauth2/auth?{urlencode(query)}"


class ExactTokens:
    """The `TokenEndpoint` of Exact."""

    policy = EXACT

    def __init__(self, http: httpx.AsyncClient, client_id: str, client_secret: str) -> None:
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret

    async def exchange(
        self, code: str, redirect_uri: str, site: str, *, code_verifier: str | None = None
    ) -> TokenSet:
        """`code` as it came in the query, decoded. Exact knows no code verifier."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        try:
            status, answer, _ = await self._ask(site, form)
            if status == 200:
                return _tokens(answer)
        except RefreshUncertain as lost:  # a code works once, and this one may be used up
            raise ConsentRefused(f"no answer: {lost}") from None
        if status == 429 or status >= 500:
            raise TokenUnavailable(f"{status}", OUT_OF_ORDER_SECONDS)
        raise ConsentRefused(_words(status, answer))

    async def refresh(self, refresh_token: str, site: str) -> TokenSet:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        status, answer, reason = await self._ask(site, form)
        if status == 200:
            return _tokens(answer)
        raise refusal_of(status, answer, reason)

    async def revoke(self, refresh_token: str, site: str) -> None:
        """Exact has no call for it: the person withdraws it in Exact's own settings."""

    async def _ask(self, site: str, form: dict[str, str]) -> tuple[int, dict[str, Any], str]:
        credentials = {"client_id": self._client_id, "client_secret": self._client_secret}
        request = self._http.build_request(
            "POST",
            site + PATH,
            data={**form, **credentials},
            headers={"Accept": "application/json"},
            timeout=httpx.Timeout(connect=10, read=READ_SECONDS, write=30, pool=30),
        )
        try:
            response = await fetch(
                self._http, request, largest=LARGEST_ANSWER, deadline_seconds=DEADLINE_SECONDS
            )
        except NEVER_SENT as error:
            raise TokenUnavailable(type(error).__name__) from None
        except (httpx.HTTPError, TimeoutError, BodyTooLarge) as error:
            raise RefreshUncertain(type(error).__name__) from None
        return response.status_code, _fields(response.content), response.headers.get("Reason", "")


@dataclass(frozen=True, slots=True)
class _Words:
    error: str
    description: str

    @classmethod
    def of(cls, answer: dict[str, Any]) -> _Words:
        return cls(str(answer.get("error", "")).lower(), str(answer.get("error_description", "")))


def refusal_of(status: int, answer: dict[str, Any], reason: str) -> TokenError:
    """Which of the refusals of 2.4 it is; a refresh token in its body goes along (2.5)."""
    words = _Words.of(answer)
    said = f"{words.error} {words.description} {reason}".lower()
    given = answer.get("refresh_token")
    gift = given if isinstance(given, str) and given else None
    if "not expired" in said or "tooearly" in said:
        return TooEarly(_words(status, answer), gift)
    if status == 429 or "rate limit" in said:
        return TokenUnavailable(f"{status}: too many token calls", LIMITED_SECONDS)
    if status >= 500 or not words.error:
        return TokenUnavailable(f"{status}", OUT_OF_ORDER_SECONDS)
    is_definite = words.error in ("unauthorized_client", "invalid_grant") or "expired" in said
    if is_definite:
        return RefreshRefused(_words(status, answer), gift)
    # `invalid_request` without a description: our client id or secret is wrong, not the consent (2.4)
    return TokenUnavailable(
        f"{_words(status, answer)}: check the app's client id and secret", OWN_FAULT_SECONDS
    )


def _tokens(answer: dict[str, Any]) -> TokenSet:
    try:
        access, renewal = answer["access_token"], answer["refresh_token"]
        life = int(answer["expires_in"])  # a string, "600" (2.2)
    except (KeyError, TypeError, ValueError):
        raise RefreshUncertain("200 without a pair of tokens") from None
    if not (isinstance(access, str) and isinstance(renewal, str) and access and renewal and life > 0):
        raise RefreshUncertain("200 without a pair of tokens")
    return TokenSet(access, renewal, life)


def _fields(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _words(status: int, answer: dict[str, Any]) -> str:
    words = _Words.of(answer)
    return " ".join(part for part in (str(status), words.error, words.description[:200]) if part)
