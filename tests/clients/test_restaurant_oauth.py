"""The consent and token calls of Lightspeed Restaurant, answered as its reference describes (3)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from libs.common.http import http_client
from libs.common.lightspeed.restaurant_oauth import RestaurantConsent, RestaurantTokens
from libs.common.settings import VendorApp
from libs.common.vault import ConsentRefused, RefreshRefused, RefreshUncertain, TokenSet, TokenUnavailable
from libs.common.vault.consent import NoIdentity

AUTH, API = "https://auth.lsk.test/realms/k-series/protocol/openid-connect", "https://api.lsk.test"
APP = VendorApp("LIGHTSPEED_RESTAURANT", AUTH, API, "devp-v2-x", SecretStr("s3cret"))
CALLBACK = "https://k.test/oauth/lightspeed-restaurant/callback"
ISSUED = {
    "access_token": "eyJ...",
    "expires_in": 1500,
    "refresh_expires_in": 3456000,
    "refresh_token": "eyR...",
    "token_type": "Bearer",
    "not-before-policy": 0,
    "session_state": "7f0c",
    "scope": "financial-api items offline_access profile email",
}
TOKENS = TokenSet("eyJ...", "eyR...", 1500)
Answer = Callable[[httpx.Request], httpx.Response]


def tokens_of(answer: Answer) -> RestaurantTokens:
    return RestaurantTokens(APP, http_client(transport=httpx.MockTransport(answer)))


def consent_of(answer: Answer) -> RestaurantConsent:
    return RestaurantConsent(APP, http_client(transport=httpx.MockTransport(answer)))


def always(status: int, body: Any = b"") -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _request: httpx.Response(status, content=content)


def failing(error: Exception) -> Answer:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def a_business(id_: int, *locations: int) -> dict[str, Any]:
    return {
        "businessName": f"Zaak {id_}",
        "businessId": id_,
        "currencyCode": "EUR",
        "businessLocations": [
            {"blName": f"Zaal {one}", "blID": one, "country": "NL", "timezone": "Europe/Amsterdam"}
            for one in locations
        ],
    }


def test_the_consent_asks_for_financial_data_items_and_to_stay():
    url = consent_of(always(200)).authorize_url(
        country="nl", redirect_uri=CALLBACK, state="s 1", challenge="unused"
    )

    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{AUTH}/auth?")
    assert asked == {
        "response_type": "code",
        "client_id": "devp-v2-x",
        "redirect_uri": CALLBACK,
        "scope": "financial-api items offline_access",
        "state": "s 1",
    }


async def test_a_code_is_exchanged_with_basic_authentication_and_a_form():
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ISSUED)

    tokens = await tokens_of(answer).exchange("c0de", CALLBACK, AUTH)

    assert (tokens.access_token, tokens.refresh_token, tokens.expires_in) == ("eyJ...", "eyR...", 1500)
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", f"{AUTH}/token")
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"devp-v2-x:s3cret").decode()
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": [CALLBACK],
    }


async def test_a_refresh_brings_a_new_refresh_token():
    def answer(request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        assert form == {"grant_type": ["refresh_token"], "refresh_token": ["old"]}
        return httpx.Response(200, json={**ISSUED, "refresh_token": "new", "expires_in": "900"})

    tokens = await tokens_of(answer).refresh("old", AUTH)

    assert (tokens.refresh_token, tokens.expires_in) == ("new", 900)


async def test_a_refused_grant_is_final():
    refused = always(400, {"error": "invalid_grant", "error_description": "Token is not active"})

    with pytest.raises(RefreshRefused):
        await tokens_of(refused).refresh("old", AUTH)
    with pytest.raises(ConsentRefused):
        await tokens_of(refused).exchange("c0de", CALLBACK, AUTH)


@pytest.mark.parametrize(
    "answer",
    [
        always(401, {"error": "unauthorized_client"}),  # our own secret: no consent would mend it
        always(400, {"error": "invalid_request"}),
        always(429, b"slow down"),
        always(503, b"<html>"),
        failing(httpx.ConnectError("refused")),
    ],
)
async def test_what_did_nothing_keeps_the_old_token(answer: Answer):
    with pytest.raises(TokenUnavailable):
        await tokens_of(answer).refresh("old", AUTH)


@pytest.mark.parametrize(
    "answer",
    [
        always(500),
        always(200, b"<html>"),
        always(200, {"access_token": "eyJ..."}),
        failing(httpx.ReadTimeout("too late")),
    ],
)
async def test_a_lost_answer_may_have_spent_the_token(answer: Answer):
    with pytest.raises(RefreshUncertain):
        await tokens_of(answer).refresh("old", AUTH)


def test_a_lost_answer_is_tried_once_more_and_late_tokens_are_kept():
    """Then a person is asked (reference, rule 3 of its tokens)."""
    policy = tokens_of(always(200)).policy

    assert (policy.repeats, policy.is_stored_if_late) == (1, True)


async def test_the_business_is_who_consented_the_first_of_several():
    body = {"_embedded": {"businessList": [a_business(4712, 9), a_business(4711, 7, 8)]}}

    subject = await consent_of(always(200, body)).who(TOKENS, AUTH)

    assert (subject.id, subject.name) == ("4711", "Zaak 4711, Zaak 4712")


@pytest.mark.parametrize(
    "answer",
    [
        always(403),
        always(200, b"<html>"),
        always(200, {}),
        always(200, {"_embedded": {"businessList": [a_business(4711)]}}),
        always(200, {"_embedded": {"businessList": "none"}}),
        failing(httpx.ReadTimeout("too late")),
    ],
)
async def test_without_a_business_nobody_consented(answer: Answer):
    with pytest.raises(NoIdentity):
        await consent_of(answer).who(TOKENS, AUTH)


async def test_a_consent_is_withdrawn_where_there_is_a_call_for_it():
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.url} {request.content.decode()}")
        return httpx.Response(204)

    await tokens_of(answer).revoke("old", AUTH)

    assert seen == [f"{API}/oauth/revoke token=old"]
