"""The consent and token calls of Lightspeed Retail against the sandbox's authorization server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from libs.common.http import http_client
from libs.common.lightspeed.retail_oauth import (
    SCOPES,
    RetailTokens,
    account_in,
    authorize_url,
    code_challenge,
    code_verifier,
)
from libs.common.vault import ConsentRefused, RefreshRefused, RefreshUncertain, TokenUnavailable
from services.sandbox.clock import Clock
from services.sandbox.retail.app import retail_app
from services.sandbox.retail.world import RetailWorld

ADDRESS = "http://lightspeed.test"


@pytest.fixture
def retail() -> RetailWorld:
    return RetailWorld(Clock(datetime(2026, 3, 14, 10, 0, tzinfo=UTC)))


def tokens_of(retail: RetailWorld, secret: str = "sandbox-secret") -> RetailTokens:
    http = http_client(transport=httpx.ASGITransport(app=retail_app(retail)))
    return RetailTokens(http, "kassakoppeling", secret, ADDRESS)


def a_code(retail: RetailWorld, **more: str) -> str:
    return retail.grants.issue_code({"client_id": "kassakoppeling", "scope": " ".join(SCOPES), **more}, 4711)


def answering(status: int, body: Any = b"") -> RetailTokens:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, content=body))
    return RetailTokens(http_client(transport=transport), "kassakoppeling", "x", ADDRESS)


def test_the_consent_asks_for_reading_alone_with_a_state_and_a_challenge():
    url = authorize_url(
        ADDRESS, "kassakoppeling", state="s 1", challenge="abc", redirect_uri="https://k.test/cb"
    )
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{ADDRESS}/auth/oauth/authorize?")
    assert asked["scope"].split() == list(SCOPES)
    assert (asked["state"], asked["code_challenge"], asked["code_challenge_method"]) == ("s 1", "abc", "S256")
    assert asked["redirect_uri"] == "https://k.test/cb"


async def test_a_code_becomes_tokens_of_its_account(retail):
    verifier = code_verifier()
    code = a_code(retail, code_challenge=code_challenge(verifier), code_challenge_method="S256")
    tokens = await tokens_of(retail).exchange(code, "", ADDRESS, code_verifier=verifier)
    assert tokens.expires_in == 3600
    assert account_in(tokens.access_token) == "4711"
    assert tokens.access_token not in repr(tokens)


async def test_a_code_works_once_and_only_with_its_verifier(retail):
    code = a_code(retail, code_challenge=code_challenge(code_verifier()), code_challenge_method="S256")
    with pytest.raises(ConsentRefused):
        await tokens_of(retail).exchange(code, "", ADDRESS, code_verifier=code_verifier())
    with pytest.raises(ConsentRefused):
        await tokens_of(retail).exchange(code, "", ADDRESS)


async def test_a_refresh_may_be_repeated_after_its_answer_was_lost(retail):
    endpoint = tokens_of(retail)
    first = await endpoint.exchange(a_code(retail), "", ADDRESS)
    await endpoint.refresh(first.refresh_token, ADDRESS)
    second = await endpoint.refresh(first.refresh_token, ADDRESS)
    assert second.refresh_token != first.refresh_token


async def test_a_revoked_consent_refuses_for_good(retail):
    endpoint = tokens_of(retail)
    first = await endpoint.exchange(a_code(retail), "", ADDRESS)
    await endpoint.revoke(first.refresh_token, ADDRESS)
    with pytest.raises(RefreshRefused) as caught:
        await endpoint.refresh(first.refresh_token, ADDRESS)
    assert first.refresh_token not in str(caught.value)


async def test_too_many_refreshes_leave_the_tokens_as_they_are(retail):
    endpoint = tokens_of(retail)
    tokens = await endpoint.exchange(a_code(retail), "", ADDRESS)
    for _ in range(5):
        tokens = await endpoint.refresh(tokens.refresh_token, ADDRESS)
    with pytest.raises(TokenUnavailable):
        await endpoint.refresh(tokens.refresh_token, ADDRESS)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"access_token":"a"}', b'{"access_token":1,"refresh_token":2}']
)
async def test_a_success_without_tokens_is_a_lost_answer(body):
    with pytest.raises(RefreshUncertain):
        await answering(200, body).refresh("r", ADDRESS)


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, RefreshUncertain), (503, TokenUnavailable), (429, TokenUnavailable), (400, TokenUnavailable)],
)
async def test_only_lightspeeds_own_words_end_a_grant(status, error):
    with pytest.raises(error):
        await answering(status, b"<html>trouble</html>").refresh("r", ADDRESS)


@pytest.mark.parametrize("token", ["", "a.b.c", "a", "a.e30.c", "a.eyJhY2N0IjoiLi4vNCJ9.c"])
def test_a_token_without_a_readable_account_says_none(token):
    assert account_in(token) is None


@pytest.mark.parametrize(
    ("said", "seconds"), [(b'"1800"', 1800), (b"3600", 3600), (b"null", 1800), (b'"x"', 1800)]
)
async def test_how_long_a_token_lives_is_read_however_it_is_written(said, seconds):
    body = b'{"access_token":"a","refresh_token":"r","expires_in":' + said + b"}"
    assert (await answering(200, body).refresh("r", ADDRESS)).expires_in == seconds
