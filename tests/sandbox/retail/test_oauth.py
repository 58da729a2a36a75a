"""Consent, codes, tokens and their rotation (chapter 1)."""

import base64
import hashlib
import json

import httpx
import pytest

from services.sandbox.retail.world import RetailWorld
from tests.sandbox.retail.till import ASKED, CLIENT, a_client, a_code, a_world, refreshed, tokens


@pytest.fixture
def world() -> RetailWorld:
    return a_world()


@pytest.fixture
def client(world: RetailWorld) -> httpx.AsyncClient:
    return a_client(world)


async def use(client: httpx.AsyncClient, access_token: str) -> httpx.Response:
    return await client.get("/API/V3/Account.json", headers={"Authorization": f"Bearer {access_token}"})


async def test_the_consent_page_echoes_the_query_and_lists_the_accounts(client: httpx.AsyncClient) -> None:
    page = (await client.get("/auth/oauth/authorize", params=ASKED)).text
    assert '<input type="hidden" name="state" value="s1">' in page
    assert '<option value="4711">' in page
    assert 'name="decision" value="allow"' in page


async def test_a_consent_comes_back_with_code_and_state(client: httpx.AsyncClient) -> None:
    body = ASKED | {"account": "4711", "decision": "allow"}
    answer = await client.post("/auth/oauth/authorize", data=body)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(
        "http://127.0.0.1:8080/oauth/lightspeed-retail/callback?code="
    )
    assert answer.headers["location"].endswith("&state=s1")
    denied = await client.post("/auth/oauth/authorize", data=body | {"decision": "deny"})
    assert "error=access_denied&state=s1" in denied.headers["location"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "employee:nothing"}, "invalid_scope"),
        ({"redirect_uri": "https://elsewhere.example"}, "invalid_client"),
    ],
)
async def test_a_wrong_authorization_is_refused(
    client: httpx.AsyncClient, change: dict[str, str], error: str
) -> None:
    answer = await client.get("/auth/oauth/authorize", params=ASKED | change)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


@pytest.mark.parametrize("body", ["json", "data", "files"])
async def test_three_kinds_of_body_give_tokens(client: httpx.AsyncClient, body: str) -> None:
    form = CLIENT | {"grant_type": "authorization_code", "code": await a_code(client)}
    sent = {name: (None, value) for name, value in form.items()} if body == "files" else form
    answer = (await client.post("/auth/oauth/token", **{body: sent})).json()  # type: ignore[arg-type]
    assert set(answer) == {"token_type", "expires_in", "access_token", "refresh_token"}
    assert answer["expires_in"] == 3600


async def test_the_access_token_names_account_and_scopes(client: httpx.AsyncClient) -> None:
    granted = await tokens(client, scope="employee:register_read employee:inventory")
    head, claims = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in granted["access_token"].split(".")[:2]
    )
    assert (head["alg"], claims["acct"]) == ("RS256", "4712")
    assert claims["scope"] == "employee:register_read employee:inventory"


async def test_a_code_works_once_and_for_a_minute(world: RetailWorld, client: httpx.AsyncClient) -> None:
    form = CLIENT | {"grant_type": "authorization_code", "code": await a_code(client)}
    assert (await client.post("/auth/oauth/token", json=form)).status_code == 200
    again = await client.post("/auth/oauth/token", json=form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = form | {"code": await a_code(client)}
    world.clock.advance(60)
    assert (await client.post("/auth/oauth/token", json=late)).status_code == 400


async def test_a_challenge_needs_its_verifier(client: httpx.AsyncClient) -> None:
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    form = CLIENT | {"grant_type": "authorization_code", "code": await a_code(client, **asked)}
    assert (
        await client.post("/auth/oauth/token", json=form | {"code_verifier": "w" * 50})
    ).status_code == 400
    form["code"] = await a_code(client, **asked)
    assert (
        await client.post("/auth/oauth/token", json=form | {"code_verifier": verifier})
    ).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"code": ""}, 400, "invalid_request"),
        ({"scope": "employee:all"}, 400, "invalid_scope"),
    ],
)
async def test_a_wrong_token_call(
    client: httpx.AsyncClient, change: dict[str, str], status: int, error: str
) -> None:
    form = CLIENT | {"grant_type": "authorization_code", "code": "x"} | change
    answer = await client.post("/auth/oauth/token", json=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert (await client.get("/auth/oauth/token")).status_code == 405


async def test_the_old_refresh_token_lives_until_the_new_access_token_is_used(
    client: httpx.AsyncClient,
) -> None:
    first = await tokens(client)
    lost = (await refreshed(client, first["refresh_token"])).json()
    second = (await refreshed(client, first["refresh_token"])).json()
    assert (await use(client, lost["access_token"])).status_code == 401
    assert (await refreshed(client, lost["refresh_token"])).status_code == 400
    assert (await use(client, second["access_token"])).status_code == 200
    dead = await refreshed(client, first["refresh_token"])
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
    assert (await refreshed(client, second["refresh_token"])).status_code == 200


async def test_a_refresh_revokes_the_access_token_before_at_once(client: httpx.AsyncClient) -> None:
    first = await tokens(client)
    await refreshed(client, first["refresh_token"])
    answer = await use(client, first["access_token"])
    assert (answer.status_code, answer.json()["hint"]) == (401, "Access token has been revoked")


async def test_an_access_token_expires(world: RetailWorld, client: httpx.AsyncClient) -> None:
    granted = await tokens(client)
    world.clock.advance(3600)
    answer = await use(client, granted["access_token"])
    assert (answer.status_code, answer.json()["hint"]) == (401, "Access token could not be verified")


async def test_five_refreshes_a_minute(world: RetailWorld, client: httpx.AsyncClient) -> None:
    token = (await tokens(client))["refresh_token"]
    assert [(await refreshed(client, token)).status_code for _ in range(6)] == [200] * 5 + [429]
    world.clock.advance(60)
    assert (await refreshed(client, token)).status_code == 200


async def test_an_unused_refresh_token_dies_after_thirty_days(
    world: RetailWorld, client: httpx.AsyncClient
) -> None:
    token = (await tokens(client))["refresh_token"]
    world.clock.advance(30 * 86400 + 1)
    assert (await refreshed(client, token)).status_code == 400


async def test_revoke_kills_both_tokens(client: httpx.AsyncClient) -> None:
    granted = await tokens(client)
    await client.post("/auth/oauth/revoke", json=CLIENT | {"refresh_token": granted["refresh_token"]})
    assert (await use(client, granted["access_token"])).status_code == 401
    assert (await refreshed(client, granted["refresh_token"])).status_code == 400


async def test_scopes_decide_what_can_be_read(client: httpx.AsyncClient) -> None:
    granted = await tokens(client, account=4711, scope="employee:inventory_read")
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    item = (await client.get("/API/V3/Account/4711/Item/1.json", headers=headers)).json()["Item"]
    assert "defaultCost" not in item
    assert (await client.get("/API/V3/Account/4711/Customer.json", headers=headers)).status_code == 403
    assert (await client.get("/API/V3/Account/4712/Item.json", headers=headers)).status_code == 403
