"""Consent, tokens, scopes and hosts (chapter 3)."""

import httpx
import pytest

from tests.sandbox.x_series.store import (
    ASKED,
    BACK,
    CLIENT,
    Store,
    a_client,
    callback,
    exchanged,
    refreshed,
    tokens,
)


async def read(client: httpx.AsyncClient, token: str, path: str = "2.0/retailer") -> httpx.Response:
    return await client.get(f"/api/{path}", headers={"Authorization": f"Bearer {token}"})


async def test_the_consent_page_lists_the_stores_and_the_callback_names_the_one_chosen(store: Store) -> None:
    page = await store.client.get("/connect", params=ASKED)
    assert page.status_code == 200
    assert 'value="fietshuis"' in page.text

    back = await callback(store.client, "fietshuis")
    assert (back["domain_prefix"], back["state"]) == ("fietshuis", "long-enough")
    assert "user_id" not in back
    store.choose(callback_user_id=True)
    assert "user_id" in await callback(store.client, "fietshuis")


async def test_a_refusal_comes_back_as_an_error(store: Store) -> None:
    answer = await store.client.post("/connect", data=ASKED | {"account": "fietshuis", "decision": "deny"})
    back = httpx.URL(answer.headers["location"]).params
    assert (back["error"], back["state"]) == ("access_denied", "long-enough")


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "short"},
        {"scope": ""},
        {"scope": "sales:read everything"},
        {"redirect_uri": BACK + "/"},
        {"client_id": "somebody"},
        {"response_type": "token"},
    ],
)
async def test_what_is_wrong_in_an_authorization_is_refused(store: Store, changed: dict[str, str]) -> None:
    assert (await store.client.get("/connect", params=ASKED | changed)).status_code == 400


async def test_tokens_carry_their_end_twice_and_what_was_granted(store: Store) -> None:
    granted = await tokens(store.client, "fietshuis", scope="sales:read taxes:read")
    assert (granted["expires_in"], granted["token_type"], granted["domain_prefix"]) == (
        86400,
        "Bearer",
        "fietshuis",
    )
    assert granted["expires"] == int(store.world.clock.now().timestamp()) + 86400
    assert granted["scope"] == "sales:read taxes:read"


async def test_a_code_serves_once_and_a_minute(store: Store) -> None:
    code = (await callback(store.client))["code"]
    assert (await exchanged(store.client, code)).status_code == 200
    assert (await exchanged(store.client, code)).status_code == 400
    late = (await callback(store.client))["code"]
    store.world.clock.advance(61)
    assert (await exchanged(store.client, late)).json()["error"] == "invalid_grant"


async def test_a_code_is_exchanged_with_the_redirect_uri_of_its_authorization(store: Store) -> None:
    code = (await callback(store.client))["code"]
    assert (await exchanged(store.client, code, redirect_uri="http://other.test/")).status_code == 400


async def test_a_refresh_kills_the_old_pair_at_once(store: Store) -> None:
    old = await tokens(store.client)
    new = (await refreshed(store.client, old["refresh_token"])).json()

    assert new["refresh_token"] != old["refresh_token"]
    assert (await read(store.client, old["access_token"])).status_code == 401
    assert (await read(store.client, new["access_token"])).status_code == 200
    assert (await refreshed(store.client, old["refresh_token"])).status_code == 400


async def test_an_access_token_ends(store: Store) -> None:
    store.world.clock.advance(86_401)
    assert (await store.answer("2.0/sales")).status_code == 401


async def test_the_token_call_takes_a_form_and_nothing_else(store: Store) -> None:
    code = (await callback(store.client))["code"]
    body = CLIENT | {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    refused = await store.client.post("/api/1.0/token", json=body)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert (await exchanged(store.client, code)).status_code == 200


async def test_the_token_call_has_a_small_limit_of_its_own(store: Store) -> None:
    answers = [await refreshed(store.client, "unknown") for _ in range(11)]
    first, last = answers[0], answers[-1]
    # one call was made to connect the store
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("10", "8")
    assert int(first.headers["X-RateLimit-Reset"]) > store.world.clock.now().timestamp()
    assert (last.status_code, last.headers["Retry-After"]) == (429, "Mon, 16 Mar 2026 11:01:01 GMT")


async def test_a_call_without_its_scope_is_forbidden(store: Store) -> None:
    token = (await tokens(store.client, scope="retailer:read sales:read"))["access_token"]
    assert (await read(store.client, token, "2.0/sales")).status_code == 200
    assert (await read(store.client, token, "2026-07/taxes")).status_code == 403
    assert (await read(store.client, token, "2.0/search?type=sales")).status_code == 200
    assert (await read(store.client, token, "2.0/search?type=products")).status_code == 403
    # the retailer needs the scope of payment types too
    refused = await read(store.client, token, "2.0/retailer")
    assert (refused.status_code, "payment_types:read" in refused.json()["message"]) == (403, True)


async def test_a_consent_from_before_scopes_lists_none_and_may_do_all(store: Store) -> None:
    store.choose(scope_mandatory=False)
    granted = await tokens(store.client, scope="")
    assert granted["scope"] == ""
    assert (await read(store.client, granted["access_token"], "2.0/sales")).status_code == 200


async def test_the_token_says_which_store_unless_the_host_does(store: Store) -> None:
    token = (await tokens(store.client, "fietshuis"))["access_token"]
    assert (await read(store.client, token)).json()["data"]["domain_prefix"] == "fietshuis"
    async with a_client(store.world, "http://fietshuis.localhost:8090") as own:
        assert (await read(own, token)).status_code == 200
    async with a_client(store.world, "http://cadeauhuis.localhost:8090") as other:
        assert (await read(other, token)).status_code == 401
        code = (await callback(other, "fietshuis"))["code"]
        assert (await exchanged(other, code)).status_code == 400


async def test_a_merchant_withdraws_the_consent(store: Store) -> None:
    granted = await tokens(store.client)
    answer = await store.client.post("/sandbox/x/accounts/cadeauhuis/revoke")
    assert answer.json() == {"revoked": 2}
    assert (await read(store.client, granted["access_token"])).status_code == 401
    assert (await refreshed(store.client, granted["refresh_token"])).status_code == 400


async def test_a_personal_token_has_no_end(store: Store) -> None:
    made = await store.client.post("/sandbox/x/accounts/fietshuis/personal-token", json={})
    store.world.clock.advance(400 * 86_400)
    assert (await read(store.client, made.json()["token"])).status_code == 200


async def test_an_unused_refresh_token_lives_for_ever_or_some_days_by_switch(store: Store) -> None:
    first = await tokens(store.client)
    store.world.clock.advance(400 * 86_400)
    second = (await refreshed(store.client, first["refresh_token"])).json()
    store.choose(refresh_token_days=30)
    store.world.clock.advance(31 * 86_400)
    assert (await refreshed(store.client, second["refresh_token"])).status_code == 400
