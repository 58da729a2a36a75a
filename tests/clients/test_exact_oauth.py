"""Exact's token endpoint: what each of its answers means (reference 2.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.exact.oauth import ExactTokens, authorize_url, refusal_of
from libs.common.http import http_client
from libs.common.vault import (
    ConsentRefused,
    Keyring,
    RefreshRefused,
    RefreshUncertain,
    TokenUnavailable,
    TooEarly,
    grant,
)
from libs.common.vault.endpoint import TokenError
from services.sandbox.exact.world import LOCAL_REDIRECT
from tests.clients.exact_world import KEY, SITE, ExactWorld

EXPIRED = "The refresh token expired at 10/11/2022 9:18:20 PM and it is now 10/28/2022 4:15:50 PM."
CHAIN = "Token is not allowed, because of invalid or empty chainId"
EARLY = "Rate limit exceeded: access_token not expired"


@pytest.mark.parametrize(
    ("status", "error", "description", "reason", "expected"),
    [
        (400, "access_denied", EARLY, "", TooEarly),
        (400, "access_denied", "", f"TooEarlyToRefreshTokens: {EARLY}", TooEarly),
        (401, "access_denied", "Access Token not expired", "", TooEarly),
        (401, "unauthorized_client", "Old refresh token used.", "", RefreshRefused),
        (400, "invalid_request", EXPIRED, "", RefreshRefused),
        (
            400,
            "invalid_grant",
            "Token is not allowed, because of invalid or empty chainId",
            "",
            RefreshRefused,
        ),
        (400, "invalid_request", "", "", TokenUnavailable),
        (400, "access_denied", "Rate limit exceeded: too many token requests today", "", TokenUnavailable),
        (429, "", "", "", TokenUnavailable),
        (503, "", "", "", TokenUnavailable),
        (500, "", "", "", TokenUnavailable),
        (404, "", "", "", TokenUnavailable),
    ],
)
def test_refusals(status: int, error: str, description: str, reason: str, expected: type[TokenError]) -> None:
    found = refusal_of(status, {"error": error, "error_description": description}, reason)
    assert type(found) is expected


def test_a_refresh_token_in_a_refusal_goes_along_unseen() -> None:
    found = refusal_of(
        400, {"error": "access_denied", "error_description": EARLY, "refresh_token": "new!"}, ""
    )
    assert isinstance(found, TooEarly)
    assert found.refresh_token == "new!"
    assert "new!" not in repr(found) + str(found)


def test_the_consent_page_is_asked_for_another_login() -> None:
    address = urlsplit(authorize_url(SITE, "id", "https://us/oauth?x=1", "st&te"))
    assert (address.netloc, address.path) == ("start.exactonline.nl", "/api/oauth2/auth")
    assert parse_qs(address.query) == {
        "client_id": ["id"],
        "redirect_uri": ["https://us/oauth?x=1"],
        "response_type": ["code"],
        "state": ["st&te"],
        "force_login": ["1"],
    }


@pytest.fixture
async def exact(sqlite_database: Database) -> AsyncIterator[ExactWorld]:
    world = ExactWorld(sqlite_database)
    yield world
    await world.http.aclose()


async def test_a_code_works_once_and_is_escaped(exact: ExactWorld) -> None:
    tokens = await exact.consent()
    assert tokens.expires_in == 600
    form = parse_qs(exact.wire.passed[-1].content.decode())
    assert "!/+=" in form["code"][0]
    with pytest.raises(ConsentRefused):
        await exact.endpoint.exchange(form["code"][0], LOCAL_REDIRECT, SITE)


async def test_a_code_whose_answer_is_lost_is_used_up(exact: ExactWorld) -> None:
    exact.wire.lose_answer_of = "/token"
    with pytest.raises(ConsentRefused):
        await exact.consent()


def tokens(**other: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "a", "refresh_token": "r", "expires_in": "600", **other})


def endpoint(answer: httpx.Response | Exception) -> ExactTokens:
    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ExactTokens(http_client(transport=httpx.MockTransport(handle)), "id", "secret")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.ConnectError("x"), TokenUnavailable),
        (httpx.PoolTimeout("x"), TokenUnavailable),
        (httpx.ReadTimeout("x"), RefreshUncertain),
        (httpx.RemoteProtocolError("x"), RefreshUncertain),
        (httpx.WriteError("x"), RefreshUncertain),
        (httpx.Response(200, content=b"<html>"), RefreshUncertain),
        (httpx.Response(200, content=b'{"access_token":"a"'), RefreshUncertain),
        (
            tokens(refresh_token=""),
            RefreshUncertain,
        ),
        (
            tokens(expires_in="x"),
            RefreshUncertain,
        ),
        (httpx.Response(200, content=b" " * 300_000), RefreshUncertain),
        (httpx.Response(503, content=b"<html>"), TokenUnavailable),
    ],
)
async def test_answers_that_are_none(answer: httpx.Response | Exception, expected: type[TokenError]) -> None:
    with pytest.raises(expected) as raised:
        await endpoint(answer).refresh("r-canary", SITE)
    assert "r-canary" not in repr(raised.value) + repr(raised.value.__cause__)


@pytest.mark.parametrize("life", ["600", 600])
async def test_the_life_may_be_text_or_number(life: object) -> None:
    answer = tokens(expires_in=life)
    assert (await endpoint(answer).refresh("r", SITE)).expires_in == 600


async def test_a_gift_is_kept_and_used(exact: ExactWorld) -> None:
    """A refusal brought a new refresh token: from then on that one is the present one (2.5)."""
    grant_id = await exact.connect()
    exact.clock.advance(601)
    body = {"error": "access_denied", "error_description": EARLY, "refresh_token": "given-canary"}
    exact.wire.answer = httpx.Response(400, json=body)
    await exact.vault.access_token(grant_id)
    async with exact.database.reading() as transaction:
        found = await grant(transaction, grant_id)
    assert found is not None
    kept = Keyring([KEY]).decrypt(found.refresh_token, f"vault_grant {grant_id} refresh_token")
    assert (kept, found.generation, found.state) == ("given-canary", 1, "live")
