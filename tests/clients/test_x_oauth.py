"""Consent and tokens of X-Series, against the sandbox (lightspeed-retail-x-series.md 3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from libs.common.http import http_client
from libs.common.lightspeed.x_oauth import POLICY, SCOPES, XConsent
from libs.common.vault import ConsentRefused, RefreshRefused, RefreshUncertain, TokenUnavailable
from libs.common.vault.consent import NoIdentity, Subject
from services.sandbox.clock import Clock
from services.sandbox.x_series.app import x_app
from services.sandbox.x_series.world import XWorld
from tests.services.ingest_world import InProcess
from tests.services.x_world import APP, CLIENT, REDIRECT, START

STORE = "fietshuis"
SITE = f"http://{STORE}.x.test"


@pytest.fixture
def world() -> XWorld:
    return XWorld(Clock(START))


@pytest.fixture
async def consent(world: XWorld) -> AsyncIterator[XConsent]:
    async with http_client(transport=InProcess(x_app(world))) as http:
        yield XConsent(APP, http)


def _code(world: XWorld) -> str:
    asked = {"client_id": CLIENT, "scope": " ".join(SCOPES), "redirect_uri": REDIRECT}
    return world.grants.issue_code(asked, STORE)


def test_the_browser_is_sent_to_connect_with_scopes(consent: XConsent) -> None:
    address = urlsplit(
        consent.authorize_url(country="nl", redirect_uri=REDIRECT, state="a-state-of-ours", challenge="")
    )

    assert f"{address.scheme}://{address.netloc}{address.path}" == "http://secure.x.test/connect"
    assert parse_qs(address.query) == {
        "response_type": ["code"],
        "client_id": [CLIENT],
        "redirect_uri": [REDIRECT],
        "state": ["a-state-of-ours"],
        "scope": [" ".join(SCOPES)],
    }


def test_the_store_is_the_one_that_the_callback_names(consent: XConsent) -> None:
    assert consent.site("nl", {"domain_prefix": "Fietshuis"}) == SITE


@pytest.mark.parametrize(
    "brought",
    ["", "evil.test/", "a@b", "fiets huis", "fietshuis.evil.test", "-fiets", "a" * 64, "fiets\nhuis", "é"],
)
def test_what_is_no_label_of_a_host_never_becomes_an_address(consent: XConsent, brought: str) -> None:
    with pytest.raises(NoIdentity):
        consent.site("nl", {"domain_prefix": brought})


async def test_a_code_becomes_tokens_and_says_whose_they_are(world: XWorld, consent: XConsent) -> None:
    tokens = await consent.endpoint.exchange(_code(world), REDIRECT, SITE)

    assert tokens.expires_in == 86_400
    assert await consent.who(tokens, SITE) == Subject(STORE, world.merchants[STORE].name)


async def test_tokens_of_another_store_are_refused(world: XWorld, consent: XConsent) -> None:
    tokens = await consent.endpoint.exchange(_code(world), REDIRECT, SITE)

    with pytest.raises(NoIdentity):
        await consent.who(tokens, "http://cadeauhuis.x.test")


async def test_a_code_works_once(world: XWorld, consent: XConsent) -> None:
    code = _code(world)
    await consent.endpoint.exchange(code, REDIRECT, SITE)

    with pytest.raises(ConsentRefused):
        await consent.endpoint.exchange(code, REDIRECT, SITE)


async def test_a_refresh_kills_the_tokens_of_before(world: XWorld, consent: XConsent) -> None:
    first = await consent.endpoint.exchange(_code(world), REDIRECT, SITE)
    second = await consent.endpoint.refresh(first.refresh_token, SITE)

    assert (await consent.who(second, SITE)).id == STORE
    with pytest.raises(NoIdentity):
        await consent.who(first, SITE)
    with pytest.raises(RefreshRefused):
        await consent.endpoint.refresh(first.refresh_token, SITE)
    assert POLICY.is_stored_if_late


async def test_the_end_of_a_consent_takes_our_webhooks_along(world: XWorld, consent: XConsent) -> None:
    tokens = await consent.endpoint.exchange(_code(world), REDIRECT, SITE)
    async with http_client(transport=InProcess(x_app(world))) as http:
        for url in ("https://us.example.nl/hooks/lightspeed-x/c1", "https://others.example.nl/hooks"):
            answer = await http.post(
                f"{SITE}/api/2026-07/webhooks",
                json={"type": "sale.update", "url": url, "active": True},
                headers={"Authorization": f"Bearer {tokens.access_token}"},
            )
            assert answer.status_code == 201, answer.text

    await consent.endpoint.revoke(tokens.refresh_token, SITE)

    assert [hook.url for hook in world.merchants[STORE].webhooks if not hook.deleted_at] == [
        "https://others.example.nl/hooks"
    ]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, b'{"error": "invalid_grant"}', RefreshRefused),
        (400, b'{"error": "invalid_client"}', TokenUnavailable),
        (429, b'{"error": "Too Many Requests"}', TokenUnavailable),
        (502, b"<html>bad gateway</html>", RefreshUncertain),
        (200, b"<html>hello</html>", RefreshUncertain),
        (200, b'{"access_token": "a"}', RefreshUncertain),
    ],
)
async def test_only_the_vendors_own_no_ends_a_grant(status: int, body: bytes, error: type[Exception]) -> None:
    answer = httpx.MockTransport(lambda request: httpx.Response(status, content=body))
    async with http_client(transport=answer) as http:
        with pytest.raises(error):
            await XConsent(APP, http).endpoint.refresh("RT", SITE)
