"""Consent and tokens: ages, reuse, chains and their exact refusals."""

import re

import httpx
import pytest

from tests.sandbox.exact.office import REDIRECT, SECRETS, Office

CONSENT = {"client_id": "kassakoppeling", "redirect_uri": REDIRECT, "response_type": "code", "state": "a b&c"}
TOO_EARLY = "Rate limit exceeded: access_token not expired"


async def test_the_consent_page_echoes_every_parameter_and_lists_the_users(office: Office) -> None:
    page = (await office.http.get("/api/oauth2/auth", params=CONSENT | {"force_login": "1"})).text
    assert '<input type="hidden" name="state" value="a b&amp;c">' in page
    assert 'name="force_login" value="1"' in page
    assert '<option value="eva.dejong">' in page
    assert 'name="decision" value="allow"' in page


async def test_allowing_sends_the_browser_back_with_a_code_and_the_state(office: Office) -> None:
    form = CONSENT | {"user": "eva.dejong", "decision": "allow"}
    answer = await office.http.post("/api/oauth2/auth", data=form)
    assert answer.status_code == 302
    url = httpx.URL(answer.headers["location"])
    assert str(url).startswith(REDIRECT + "?")
    assert url.params["state"] == "a b&c"
    assert url.params["code"]


async def test_only_a_forced_login_offers_another_user_than_the_browser_s(office: Office) -> None:
    offered = r'<option value="([^"]+)"'
    page = await office.http.get("/api/oauth2/auth", params=CONSENT)
    everybody = re.findall(offered, page.text)
    assert len(everybody) > 1
    await office.http.post("/api/oauth2/auth", data=CONSENT | {"user": "mark.smit", "decision": "allow"})
    page = await office.http.get("/api/oauth2/auth", params=CONSENT | {"force_login": "0"})
    assert re.findall(offered, page.text) == ["mark.smit"]
    page = await office.http.get("/api/oauth2/auth", params=CONSENT | {"force_login": "1"})
    assert re.findall(offered, page.text) == everybody


async def test_denying_sends_the_browser_back_with_an_error(office: Office) -> None:
    form = CONSENT | {"user": "eva.dejong", "decision": "deny"}
    answer = await office.http.post("/api/oauth2/auth", data=form)
    assert httpx.URL(answer.headers["location"]).params["error"] == "access_denied"


async def test_another_redirect_uri_than_the_registered_one_is_refused(office: Office) -> None:
    answer = await office.http.get("/api/oauth2/auth", params=CONSENT | {"redirect_uri": "http://evil.test/"})
    assert answer.status_code == 400


async def test_a_token_answer_has_its_life_time_as_a_text(office: Office) -> None:
    body = (await office.redeem(await office.code())).json()
    assert body["expires_in"] == "600"
    assert body["token_type"] == "bearer"
    assert len(body["access_token"]) > 500


async def test_a_code_works_once(office: Office) -> None:
    code = await office.code()
    assert (await office.redeem(code)).status_code == 200
    again = await office.redeem(code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


async def test_a_wrong_secret_is_a_malformed_call(office: Office) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"} | SECRETS | {"client_secret": "wrong"}
    answer = await office.http.post("/api/oauth2/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


async def test_an_access_token_lives_exactly_600_seconds(office: Office) -> None:
    await office.link()
    office.clock.advance(599)
    assert (await office.get("financial/Journals")).status_code == 200
    office.clock.advance(1)
    late = await office.get("financial/Journals")
    assert (late.status_code, late.content) == (401, b"")


async def test_a_refresh_before_570_seconds_is_refused_and_the_tokens_stay_good(office: Office) -> None:
    await office.link()
    office.clock.advance(569)
    early = await office.refresh()
    assert early.status_code == 400
    assert early.json() == {"error": "access_denied", "error_description": TOO_EARLY}
    assert early.headers["Reason"] == f"TooEarlyToRefreshTokens: {TOO_EARLY}"
    assert (await office.get("financial/Journals")).status_code == 200
    office.clock.advance(1)
    assert (await office.refresh()).status_code == 200


async def test_ten_refreshes_too_early_in_an_hour_shut_the_token_endpoint_for_an_hour(office: Office) -> None:
    """Of that app and user alone, and the access token stays good."""
    await office.link()
    for _ in range(10):
        assert (await office.refresh()).status_code == 400
    office.clock.advance(599)
    shut = await office.refresh()
    assert (shut.status_code, shut.content) == (429, b"")
    assert (await office.get("financial/Journals")).status_code == 200
    assert (await office.redeem(await office.code("mark.smit"))).status_code == 200
    office.clock.advance(3001)
    assert (await office.refresh()).status_code == 200


async def test_refreshes_too_early_shut_nothing_where_errors_are_not_counted(office: Office) -> None:
    await office.switch(error_budget=False)
    await office.link()
    for _ in range(10):
        assert (await office.refresh()).status_code == 400
    office.clock.advance(570)
    assert (await office.refresh()).status_code == 200


async def test_an_old_refresh_token_is_refused_for_good(office: Office) -> None:
    await office.link()
    office.clock.advance(600)
    assert (await office.refresh()).status_code == 200
    office.clock.advance(600)
    again = await office.refresh()
    assert again.status_code == 401
    assert again.json() == {"error": "unauthorized_client", "error_description": "Old refresh token used."}


async def test_when_lenient_an_old_refresh_token_works_until_its_successor_is_used(office: Office) -> None:
    await office.switch(old_refresh_token="lenient")
    await office.link()
    office.clock.advance(600)
    assert (await office.refresh()).status_code == 200  # this answer is lost
    office.clock.advance(600)
    second = await office.refresh()
    assert second.status_code == 200
    office.clock.advance(600)
    assert (await office.refresh(second.json()["refresh_token"])).status_code == 200
    assert (await office.refresh()).status_code == 401


async def test_a_refresh_token_of_thirty_days_is_refused_with_both_times(office: Office) -> None:
    await office.link()
    office.clock.advance(30 * 86400 + 1)
    late = await office.refresh()
    assert late.status_code == 400
    assert late.json() == {
        "error": "invalid_request",
        "error_description": (
            "The refresh token expired at 12/20/2026 8:00:00 AM and it is now 12/20/2026 8:00:01 AM."
        ),
    }


async def test_a_new_consent_of_the_same_user_ends_the_older_chain(office: Office) -> None:
    await office.link()
    old = office.refresh_token
    await office.link()
    office.clock.advance(600)
    refused = await office.refresh(old)
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_grant"
    assert refused.json()["error_description"] == "Token is not allowed, because of invalid or empty chainId"


async def test_a_revoked_user_gets_401_and_no_new_tokens(office: Office) -> None:
    await office.link()
    await office.control.post("/users/eva.dejong/revoke")
    assert (await office.get("financial/Journals")).status_code == 401
    office.clock.advance(600)
    assert (await office.refresh()).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("status", [429, 400])
async def test_more_token_calls_than_the_day_allows_are_refused(office: Office, status: int) -> None:
    await office.switch(token_day_limit_status=status)
    await office.control.put("/limits", json={"token_calls_per_day": 2})
    await office.link()
    await office.refresh()
    assert (await office.refresh()).status_code == status


async def test_a_shorter_life_ends_sooner_and_is_renewed_in_its_last_30_seconds(office: Office) -> None:
    await office.switch(access_token_seconds=60)
    link = (await office.redeem(await office.code())).json()
    assert link["expires_in"] == "60"
    renewal = {"grant_type": "refresh_token", "refresh_token": link["refresh_token"]} | SECRETS
    office.clock.advance(29)
    early = await office.http.post("/api/oauth2/token", data=renewal)
    assert (early.status_code, early.json()["error_description"]) == (400, TOO_EARLY)
    office.clock.advance(1)
    assert (await office.http.post("/api/oauth2/token", data=renewal)).status_code == 200
