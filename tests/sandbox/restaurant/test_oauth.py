"""The realm k-series: consent, tokens that turn, and Keycloak's refusals (chapter 3)."""

import httpx
import pytest

from services.sandbox.restaurant.app import REALM
from tests.sandbox.restaurant.till import (
    ASKED,
    BACK,
    CLIENT,
    SCOPE,
    UTRECHT,
    ZEIST,
    Till,
    a_code,
    refreshed,
    token_answer,
    tokens,
)

INACTIVE = {"error": "invalid_grant", "error_description": "Token is not active"}


async def test_the_consent_page_has_one_form_that_leads_back_with_code_and_state(till: Till) -> None:
    page = await till.client.get(f"{REALM}/auth", params=ASKED)
    assert page.status_code == 200
    assert '<select name="account">' in page.text
    assert "Brasserie De Keuken BV" in page.text
    form = ASKED | {"account": "4801", "decision": "allow"}
    back = httpx.URL((await till.client.post(f"{REALM}/auth", data=form)).headers["location"])
    assert str(back).startswith(BACK)
    assert back.params["state"] == "s1"
    assert back.params["code"]


async def test_a_no_and_a_wrong_wish_lead_back_with_an_error(till: Till) -> None:
    denied = await till.client.post(f"{REALM}/auth", data=ASKED | {"account": "4801", "decision": "deny"})
    assert httpx.URL(denied.headers["location"]).params["error"] == "access_denied"
    wrong = await till.client.get(f"{REALM}/auth", params=ASKED | {"scope": "everything"})
    assert httpx.URL(wrong.headers["location"]).params["error"] == "invalid_scope"


@pytest.mark.parametrize("wrong", [{"client_id": "nobody"}, {"redirect_uri": "https://elsewhere.test/"}])
async def test_nobody_unknown_is_led_anywhere(till: Till, wrong: dict[str, str]) -> None:
    answer = await till.client.get(f"{REALM}/auth", params=ASKED | wrong)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_the_token_answer(till: Till) -> None:
    granted = await tokens(till.client)
    assert (granted["expires_in"], granted["refresh_expires_in"]) == (1500, 3_456_000)
    assert granted["scope"] == f"{SCOPE} profile email"
    assert (granted["token_type"], granted["not-before-policy"]) == ("Bearer", 0)
    online = await tokens(till.client, scope="financial-api")
    assert online["refresh_expires_in"] == 1800


async def test_a_code_is_used_once_soon_and_with_its_redirect_uri(till: Till) -> None:
    code = await a_code(till.client)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    assert (await token_answer(till.client, form)).status_code == 200
    again = await token_answer(till.client, form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = await a_code(till.client)
    till.world.clock.advance(61)
    assert (await token_answer(till.client, form | {"code": late})).json()["error"] == "invalid_grant"
    elsewhere = form | {"code": await a_code(till.client), "redirect_uri": "https://elsewhere.test/"}
    assert (await token_answer(till.client, elsewhere)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_works_once_and_the_new_one_lives_on(till: Till) -> None:
    granted = await tokens(till.client)
    new = (await refreshed(till.client, granted["refresh_token"])).json()
    reused = await refreshed(till.client, granted["refresh_token"])
    assert (reused.status_code, reused.json()) == (400, INACTIVE)
    assert (await refreshed(till.client, new["refresh_token"])).status_code == 200


async def test_using_one_twice_may_end_the_consent(till: Till) -> None:
    await till.switch(reuse_ends_session=True)
    granted = await tokens(till.client)
    new = (await refreshed(till.client, granted["refresh_token"])).json()
    await refreshed(till.client, granted["refresh_token"])
    assert (await refreshed(till.client, new["refresh_token"])).json() == INACTIVE


async def test_tokens_die_of_age(till: Till) -> None:
    till.world.clock.advance(1499)
    assert (await till.answer("/f/data/businesses")).status_code == 200
    till.world.clock.advance(1)
    refused = await till.answer("/f/data/businesses")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "unauthorized")
    granted = await tokens(till.client)
    till.world.clock.advance(3_456_000)
    assert (await refreshed(till.client, granted["refresh_token"])).json() == INACTIVE


@pytest.mark.parametrize(("where", "by_basic", "by_body"), [("basic", 200, 401), ("body", 401, 200)])
async def test_where_the_secret_is_taken(till: Till, where: str, by_basic: int, by_body: int) -> None:
    await till.switch(client_authentication=where)
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    basic = await token_answer(till.client, form | {"code": await a_code(till.client)})
    secret = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    body = await till.client.post(f"{REALM}/token", data=form | secret | {"code": await a_code(till.client)})
    assert (basic.status_code, body.status_code) == (by_basic, by_body)


async def test_refused_token_calls(till: Till) -> None:
    wrong = await till.client.post(f"{REALM}/token", data={"grant_type": "x"}, auth=(CLIENT[0], "no"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "unauthorized_client")
    form = {"grant_type": "authorization_code", "code": "x"}
    in_url = await till.client.post(f"{REALM}/token", params=form, auth=CLIENT)
    assert in_url.json() == {
        "error": "invalid_request", "error_description": "Missing form parameter: grant_type",
    }  # fmt: skip


async def test_scopes_are_asked_for_each_path(till: Till) -> None:
    await till.connect(scope="items offline_access")
    assert (await till.answer("/f/data/businesses")).status_code == 403
    assert (await till.answer("/items/v1/items", businessLocationId=UTRECHT)).status_code == 200


async def test_a_token_reaches_the_locations_of_its_business_alone(till: Till) -> None:
    for location in (UTRECHT, ZEIST):
        assert (await till.answer(f"/f/finance/{location}/tax-rates")).status_code == 200
    foreign = "/f/finance/220000004802001/tax-rates"
    assert (await till.answer(foreign)).status_code == 403
    await till.switch(foreign_location="404")
    assert (await till.answer(foreign)).status_code == 404
    nowhere = await till.answer("/f/finance/1/tax-rates")
    assert nowhere.status_code == 404
    assert nowhere.json()["message"] == "Business Location Not found for 1"
    await till.connect("4801,4802,4803")
    assert len((await till.get("/f/data/businesses"))["_embedded"]["businessList"]) == 3


async def test_a_consent_can_be_withdrawn_from_both_sides(till: Till) -> None:
    granted = await tokens(till.client)
    revoked = await till.client.post("/oauth/revoke", data={"token": granted["refresh_token"]}, auth=CLIENT)
    assert revoked.status_code == 200
    assert (await refreshed(till.client, granted["refresh_token"])).json() == INACTIVE
    answer = await till.client.post("/sandbox/restaurant/accounts/4801/revoke")
    assert answer.json() == {"revoked": 1}
    assert (await till.answer("/f/data/businesses")).status_code == 401
    await till.switch(revoke=False)
    gone = await till.client.post("/oauth/revoke", data={"token": "x"}, auth=CLIENT)
    assert gone.status_code == 404
