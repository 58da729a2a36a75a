"""Consents that go wrong, and what one new consent repairs."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import event, text

from libs.common.contracts.commands import ConnectionAttention
from libs.common.http import http_client
from libs.common.settings import read_settings
from libs.common.vault import TokenSet
from services.portal.vendors import ExactConsent
from tests.services.portal.world import PUBLIC, World, assert_problem


def _refused(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    return answer.text


async def test_the_address_binds_a_browser_by_a_long_state_and_a_challenge(one_world: World) -> None:
    connection = await one_world.connection()
    url = await one_world.authorize_url(connection, "lightspeed")
    query = parse_qs(urlsplit(url).query)
    assert len(query["state"][0]) >= 43
    assert len(query["code_challenge"][0]) == 43
    assert query["code_challenge_method"] == ["S256"]
    assert (
        query["state"]
        != parse_qs(urlsplit(await one_world.authorize_url(connection, "exact")).query)["state"]
    )
    async with one_world.database.reading() as transaction:
        rows = (await transaction.execute(text("SELECT * FROM portal_authorization"))).all()
    assert query["state"][0] not in str(rows)


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=&code=x", "?state=made-up&code=x", f"?state={'a' * 5000}&code=x"],
)
async def test_a_state_that_is_missing_or_made_up_is_refused(one_world: World, query: str) -> None:
    for system in ("lightspeed-retail", "exact", "elsewhere"):
        _refused(await one_world.web.get(f"/oauth/{system}/callback{query}"))


async def test_a_state_works_once(world: World) -> None:
    connection = await world.connection()
    location = await world.way_back(await world.authorize_url(connection, "lightspeed"))
    assert (await world.web.get(location)).status_code == 200
    assert "al gebruikt" in _refused(await world.web.get(location))


async def test_a_state_lives_ten_minutes(one_world: World) -> None:
    connection = await one_world.connection()
    location = await one_world.way_back(await one_world.authorize_url(connection, "exact"))
    one_world.sandbox.clock.advance(601)
    assert "verlopen" in _refused(await one_world.web.get(location))
    assert await one_world.state(connection) == "authorizing"


async def test_a_state_of_one_system_is_none_at_the_other(one_world: World) -> None:
    connection = await one_world.connection()
    location = await one_world.way_back(await one_world.authorize_url(connection, "exact"))
    _refused(await one_world.web.get(location.replace("/oauth/exact/", "/oauth/lightspeed-retail/")))
    assert (await one_world.web.get(location)).status_code == 200


async def test_a_parameter_given_twice_is_refused(one_world: World) -> None:
    connection = await one_world.connection()
    location = await one_world.way_back(await one_world.authorize_url(connection, "exact"))
    _refused(await one_world.web.get(f"{location}&code=other"))
    _refused(await one_world.web.get(f"{location}&state=other"))


async def test_a_code_that_the_vendor_refuses_connects_nothing(one_world: World) -> None:
    connection = await one_world.connection()
    for system, name in (("lightspeed", "lightspeed-retail"), ("exact", "exact")):
        url = await one_world.authorize_url(connection, system)
        state = parse_qs(urlsplit(url).query)["state"][0]
        _refused(await one_world.web.get(f"/oauth/{name}/callback?state={state}&code=stolen"))
    answer = (await one_world.partner.get(f"/v1/connections/{connection}")).json()
    assert (answer["lightspeed"]["authorized"], answer["exact"]["authorized"]) == (False, False)


@pytest.mark.parametrize("shape", ['{"d": {"results": [%s]}}', '{"d": [%s]}'])
async def test_a_login_is_known_in_both_shapes_of_a_collection(shape: str) -> None:
    me = '{"UserID": "u-1", "FullName": "Eva de Jong"}'
    http = http_client(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=shape % me)))
    who = await ExactConsent(read_settings(), http).who(
        TokenSet("access", "refresh", 600), "https://start.exactonline.nl"
    )
    assert (who.id, who.name) == ("u-1", "Eva de Jong")


async def test_a_denied_consent_is_explained_and_nothing_is_echoed(one_world: World) -> None:
    connection = await one_world.connection()
    location = await one_world.way_back(
        await one_world.authorize_url(connection, "lightspeed"), decision="deny"
    )
    page = _refused(await one_world.web.get(f"{location}&error_description=<script>alert(1)</script>"))
    assert "geen toestemming" in page
    assert "<script" not in page


async def test_another_tills_account_cannot_take_over_a_connection(world: World) -> None:
    connection = await world.connected()
    answer = await world.consent(connection, "lightspeed", account="4712")
    assert "ander account" in _refused(answer)
    kept = (await world.partner.get(f"/v1/connections/{connection}")).json()
    assert kept["lightspeed"]["account"] == "4711"


async def test_another_login_must_see_the_chosen_division(one_world: World) -> None:
    connection = await one_world.active()
    answer = await one_world.consent(connection, "exact", user="lieve.peeters")
    assert "ziet de administratie niet" in _refused(answer)
    assert (await one_world.consent(connection, "exact", user="mark.smit")).status_code == 200


async def test_one_login_is_one_grant_and_one_new_consent_repairs_all(world: World) -> None:
    first, second = await world.active(), await world.connected()
    grants = (await world.partner.get("/v1/grants")).json()["items"]
    (exact,) = [grant for grant in grants if grant["system"] == "exact"]
    assert sorted(exact["connections"]) == sorted([first, second])
    assert exact["who"] == "Eva de Jong"

    world.sandbox.clock.advance(60)
    await world.tell(first, ConnectionAttention("De toestemming is weg.", exact["id"]))
    assert await world.state(first) == "attention"
    world.sandbox.clock.advance(60)
    assert (await world.consent(second, "exact")).status_code == 200
    assert await world.state(first) == "active"


async def test_a_consent_restarts_nothing_that_stopped_for_another_reason(one_world: World) -> None:
    connection = await one_world.active()
    exact = await _grant_of(one_world, "exact")
    await one_world.tell(connection, ConnectionAttention("booked-differently"))
    one_world.sandbox.clock.advance(60)
    await one_world.tell(connection, ConnectionAttention("De toestemming is weg.", exact))
    one_world.sandbox.clock.advance(60)

    assert (await one_world.consent(connection, "exact")).status_code == 200
    shown = (await one_world.partner.get(f"/v1/connections/{connection}")).json()
    assert (shown["state"], shown["reason"]) == ("attention", "booked-differently")

    await one_world.partner.post(f"/v1/connections/{connection}/activate")
    assert await one_world.state(connection) == "active"


async def test_many_grants_are_listed_in_as_few_statements_as_one(one_world: World) -> None:
    """A partner of hundreds of merchants has as many."""
    shop, other = await one_world.connected(), await one_world.connected(account="4712")
    statements: list[str] = []
    engine = one_world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    (one,) = (await one_world.partner.get("/v1/grants?limit=1")).json()["items"]
    for_one = len(statements)
    grants = (await one_world.partner.get("/v1/grants")).json()["items"]

    assert len(statements) == 2 * for_one
    assert sorted(len(each["connections"]) for each in grants) == [1, 1, 2]
    assert {each for grant in grants for each in grant["connections"]} == {shop, other}
    assert one in grants


async def test_what_stopped_a_connection_comes_with_what_to_do(one_world: World) -> None:
    connection = await one_world.active(await one_world.merchant(language="en"))
    path, activate = f"/v1/connections/{connection}", f"POST /v1/connections/{connection}/activate"

    async def remedy() -> str | None:
        found: str | None = (await one_world.partner.get(path)).json()["remedy"]
        return found

    assert await remedy() is None
    till = await _grant_of(one_world, "lightspeed-retail")
    one_world.sandbox.clock.advance(60)
    await one_world.tell(connection, ConnectionAttention("lightspeed-NoRight: 403", till))
    assert await remedy() == (
        "Lightspeed Retail refuses this connection's user or account. Give there the right that is missing, "
        f"then switch the connection on again: {activate}. Or authorize as a user who has it: "
        f'POST {path}/authorizations {{"system": "lightspeed"}}.'
    )

    await one_world.tell(connection, ConnectionAttention("booked-differently"))
    assert await remedy() == (
        f"Mend what stands among the problems: GET {path}/problems. "
        f"Then switch the connection on again: {activate}."
    )

    await one_world.partner.post(f"{path}/activate")
    assert await remedy() is None
    await one_world.partner.delete(f"/v1/grants/{till}")
    shown = (await one_world.partner.get(path)).json()
    assert shown["remedy"] == shown["lightspeed"]["remedy"] is not None


async def test_the_consent_of_one_side_does_not_stand_for_that_of_the_other(one_world: World) -> None:
    connection = await one_world.active()
    await one_world.tell(
        connection, ConnectionAttention("lightspeed-weg", await _grant_of(one_world, "lightspeed-retail"))
    )
    one_world.sandbox.clock.advance(60)
    await one_world.consent(connection, "exact")
    assert await one_world.state(connection) == "attention"
    await one_world.consent(connection, "lightspeed")
    assert await one_world.state(connection) == "active"


async def _grant_of(world: World, system: str) -> str:
    grants = (await world.partner.get("/v1/grants")).json()["items"]
    return next(grant["id"] for grant in grants if grant["system"] == system)


async def test_news_from_before_the_new_consent_stops_nothing(one_world: World) -> None:
    connection = await one_world.active()
    grants = (await one_world.partner.get("/v1/grants")).json()["items"]
    (exact,) = [grant for grant in grants if grant["system"] == "exact"]
    late = one_world.envelope(connection, ConnectionAttention("weg", exact["id"]))
    one_world.sandbox.clock.advance(timedelta(minutes=1).total_seconds())
    await one_world.consent(connection, "exact")
    async with one_world.database.transaction() as transaction:
        await one_world.service.consumers["connection.attention"](transaction, late)
    assert await one_world.state(connection) == "active"


async def test_a_grant_given_to_a_new_connection_is_its_own_partners(one_world: World) -> None:
    connection = await one_world.connected()
    grant = (await one_world.partner.get("/v1/grants")).json()["items"]
    (exact,) = [each["id"] for each in grant if each["system"] == "exact"]
    merchant = await one_world.merchant()
    body = {"source": "lightspeed-retail", "country": "nl", "grants": {"exact": exact}}
    made = await one_world.partner.post(f"/v1/merchants/{merchant}/connections", json=body)
    assert made.json()["exact"]["authorized"] is True

    other = (await one_world.stranger.post("/v1/merchants", json={"name": "B", "email": "b@b.nl"})).json()[
        "id"
    ]
    assert_problem(await one_world.stranger.post(f"/v1/merchants/{other}/connections", json=body), 422)
    assert connection


@pytest.mark.parametrize(
    ("system", "title"), [("exact", "Exact Online"), ("lightspeed", "Lightspeed Retail")]
)
async def test_a_consent_that_is_gone_no_longer_authorizes_and_says_what_to_do(
    one_world: World, system: str, title: str
) -> None:
    merchant = await one_world.merchant(language="en")
    connection = await one_world.connected(merchant)
    at_first = (await one_world.partner.get(f"/v1/connections/{connection}")).json()
    assert (at_first[system]["authorized"], at_first[system]["remedy"]) == (True, None)

    grants = (await one_world.partner.get("/v1/grants")).json()["items"]
    (lost,) = [grant["id"] for grant in grants if grant["system"].startswith(system)]
    assert (await one_world.partner.delete(f"/v1/grants/{lost}")).status_code == 204

    (other,) = {"exact", "lightspeed"} - {system}
    (listed,) = (await one_world.partner.get("/v1/connections")).json()["items"]
    answer = (await one_world.partner.get(f"/v1/connections/{connection}")).json()
    assert listed == answer
    assert (answer[system]["authorized"], answer[other]["authorized"]) == (False, True)
    assert answer[system]["remedy"] == (
        f"The consent for {title} is gone. Ask for a new address and authorize there again: "
        f'POST /v1/connections/{connection}/authorizations {{"system": "{system}"}}.'
    )

    await one_world.consent(connection, system)
    again = (await one_world.partner.get(f"/v1/connections/{connection}")).json()
    assert (again[system]["authorized"], again[system]["remedy"]) == (True, None)


async def test_a_consent_that_was_never_given_is_asked_for(one_world: World) -> None:
    connection = await one_world.connection()
    answer = (await one_world.partner.get(f"/v1/connections/{connection}")).json()
    assert answer["exact"]["remedy"] == (
        "Geef nog toestemming voor Exact Online. Vraag daarvoor een adres: "
        f'POST /v1/connections/{connection}/authorizations {{"system": "exact"}}.'
    )


async def test_an_ended_connection_takes_no_consent(one_world: World) -> None:
    connection = await one_world.connection()
    location = await one_world.way_back(await one_world.authorize_url(connection, "exact"))
    await one_world.partner.delete(f"/v1/connections/{connection}")
    _refused(await one_world.web.get(location))


async def test_ending_a_merchant_revokes_what_nobody_else_uses_and_erases_names(world: World) -> None:
    merchant = await world.merchant(name="Kanarie Vogelwinkel", email="kanarie@vogels.nl")
    first, second = await world.connected(merchant), await world.connected()
    assert (await world.partner.delete(f"/v1/merchants/{merchant}")).status_code == 204
    assert_problem(await world.partner.get(f"/v1/merchants/{merchant}"), 404)
    assert_problem(await world.partner.get(f"/v1/connections/{first}"), 404)
    states = {grant["state"] for grant in (await world.partner.get("/v1/grants")).json()["items"]}
    assert states == {"live"}
    async with world.database.reading() as transaction:
        rows = (await transaction.execute(text("SELECT * FROM registry_merchant"))).all()
    assert "Kanarie" not in str(rows)
    assert "kanarie@" not in str(rows)

    await world.partner.delete(f"/v1/connections/{second}")
    states = {grant["state"] for grant in (await world.partner.get("/v1/grants")).json()["items"]}
    assert states <= {"lost"}
    assert PUBLIC
