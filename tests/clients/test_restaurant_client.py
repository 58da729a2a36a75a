"""The client of Lightspeed Restaurant against small servers that answer what the reference says they may."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.common.budget import Lane, Postponed
from libs.common.http import http_client
from libs.common.lightspeed.errors import BadRequest, NoRight, NotAccepted, NotFound, Unavailable
from libs.common.lightspeed.restaurant import RestaurantClient, message_in, wait_of
from libs.common.lightspeed.source import Access
from libs.common.settings import VendorApp
from tests.clients.restaurant_payloads import GROUPS, METHODS, UTRECHT, the_sample
from tests.clients.test_retail_client import Grant, Ledger

NOW = datetime(2026, 11, 4, 10, 0, tzinfo=UTC)
API = "https://api.lsk.test"
SINCE, UNTIL = datetime(2026, 11, 3, 4, 30, tzinfo=UTC), datetime(2026, 11, 4, 4, 30, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


def a_client(answer: Answer, *, with_customers: bool = True) -> RestaurantClient:
    app = VendorApp("LIGHTSPEED_RESTAURANT", f"{API}/auth", API, "devp-v2-x", SecretStr("secret"))
    http = http_client(transport=httpx.MockTransport(answer))
    access = Access(http, Grant(), Ledger(), lambda: NOW, app)  # type: ignore[arg-type]
    return RestaurantClient(access, "grant-1", "4711", with_customers=with_customers)


def always(status: int, body: Any = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _request: httpx.Response(status, content=content, headers=headers)


def in_turn(*answers: Answer) -> Answer:
    left = list(answers)
    return lambda request: left.pop(0)(request)


async def sales(client: RestaurantClient, token: str = "") -> Any:
    return await client.sales(UTRECHT, SINCE, UNTIL, token, Lane.SALES)


async def test_a_page_is_asked_for_whole_and_answers_rows_and_the_next_token():
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"sales": [the_sample()], "nextPageToken": "MjAyNg=="})

    page = await sales(a_client(answer), token="MjAy/+==")

    assert (len(page.rows), page.token) == (1, "MjAyNg==")
    assert asked[0].path == f"/f/v2/business-location/{UTRECHT}/sales"
    assert dict(asked[0].params) == {
        "from": "2026-11-03T04:30:00.000Z",
        "to": "2026-11-04T04:30:00.000Z",
        "include": "payments,revenue_center,account_profile,consumer",
        "pageSize": "100",
        "nextPageToken": "MjAy/+==",
    }


async def test_people_are_asked_for_only_where_they_are_wanted():
    def answer(request: httpx.Request) -> httpx.Response:
        assert "consumer" not in request.url.params["include"]
        return httpx.Response(200, json={"sales": []})

    assert (await sales(a_client(answer, with_customers=False))).rows == []


@pytest.mark.parametrize("last", [{}, {"nextPageToken": ""}, {"nextPageToken": None}])
async def test_the_last_page_has_no_token_or_an_empty_one(last: dict[str, Any]):
    assert (await sales(a_client(always(200, {"sales": [], **last})))).token == ""


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Just a moment</html>",
        b'{"sales": [{"accountFis',
        b"",
        b"[]",
        {"sales": None},
        {"sales": ["A81234.41"]},
        {"error": "later"},
        {"sales": [], "nextPageToken": 7},
        {"sales": [], "nextPageToken": "same"},
        b'{"sales": [{"nbCovers": NaN}]}',
    ],
)
async def test_what_is_not_surely_whole_is_no_answer(body: Any):
    with pytest.raises(Unavailable):
        await sales(a_client(always(200, body)), token="same")


async def test_amounts_keep_their_decimals_and_ids_their_length():
    body = b'{"sales": [{"businessLocationId": 220000000000000123, "nbCovers": 2.50}]}'

    page = await sales(a_client(always(200, body)))

    assert page.rows == [{"businessLocationId": 220000000000000123, "nbCovers": Decimal("2.50")}]


async def test_a_day_says_when_it_ends_and_whether_it_is_whole():
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == f"/f/v2/business-location/{UTRECHT}/sales-daily"
        assert request.url.params["date"] == "2026-11-03"
        body = {"sales": [the_sample()], "nextStartOfDayAsIso8601": "2026-11-04T05:30:00+01:00"}
        return httpx.Response(200, json={**body, "dataComplete": True})

    day = await a_client(answer).day(UTRECHT, date(2026, 11, 3), Lane.BACKLOG)

    assert (len(day.rows), day.ends_at, day.is_complete) == (1, UNTIL, True)


@pytest.mark.parametrize("told", [{}, {"dataComplete": None}, {"dataComplete": "true"}])
async def test_a_day_that_does_not_say_that_it_is_whole_is_not(told: dict[str, Any]):
    day = await a_client(always(200, {"sales": [], **told})).day(UTRECHT, date(2026, 11, 3), Lane.BACKLOG)

    assert (day.is_complete, day.ends_at) == (False, None)


@pytest.mark.parametrize("spelling", ["blID", "blId"])
async def test_locations_are_of_all_businesses_in_either_spelling(spelling: str):
    location = {"blName": "De Keuken Utrecht", spelling: 220000000000123, "country": "NL"}
    business = {
        "businessName": "De Keuken BV",
        "businessId": 4711,
        "currencyCode": "EUR",
        "businessLocations": [
            {**location, "timezone": "Europe/Amsterdam"},
            {**location, "timezone": "?", "country": "?"},
        ],
    }

    body = {"_embedded": {"businessList": [business]}, "_links": {"self": {"href": "https://elsewhere"}}}
    (found,) = await a_client(always(200, body)).locations(Lane.SET_UP)

    assert (found.id, found.name, found.business) == (UTRECHT, "De Keuken Utrecht", "4711")
    assert (found.time_zone, found.currency, found.country) == ("Europe/Amsterdam", "EUR", "NL")


@pytest.mark.parametrize("zone", [{}, {"timezone": None}, {"timezone": "W. Europe Standard Time"}])
async def test_a_location_without_a_zone_is_read_by_its_countrys(zone: dict[str, Any]):
    location = {"blName": "Gent", "blID": 220000000000124, "country": "BE", **zone}
    business = {"businessId": 4711, "currencyCode": "EUR", "businessLocations": [location]}

    (found,) = await a_client(always(200, {"_embedded": {"businessList": [business]}})).locations(Lane.SET_UP)

    assert (found.name, found.time_zone) == ("Gent", "Europe/Brussels")


def paged(*pages: dict[str, Any]) -> Answer:
    """Each page holds one business with one location, and what tells of the next; an empty one at the end."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        if page >= len(pages):
            return httpx.Response(200, json={})
        location = {"blName": f"Zaak {page}", "blID": 1000 + page, "country": "NL"}
        business = {"businessId": 1 + page, "currencyCode": "EUR", "businessLocations": [location]}
        return httpx.Response(200, json={"_embedded": {"businessList": [business]}, **pages[page]})

    return answer


NEXT = {"_links": {"next": {"href": "https://elsewhere/f/data/businesses?page=1&size=1"}}}


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([NEXT, NEXT, {}], ["1000", "1001", "1002"]),
        ([NEXT, NEXT], ["1000", "1001"]),
        ([{"page": {"totalPages": 2, "number": 0}}, {"page": {"totalPages": 2}}], ["1000", "1001"]),
        ([{}, {}], ["1000"]),
    ],
    ids=["links", "links-to-nothing", "totals", "nothing-said"],
)
async def test_locations_are_read_page_by_page_to_the_end(pages: list[dict[str, Any]], found: list[str]):
    """A page that is smaller than asked for would leave locations unread, and nobody would hear of it."""
    locations = await a_client(paged(*pages)).locations(Lane.SET_UP)

    assert [location.id for location in locations] == found


async def test_locations_that_come_again_are_no_end():
    def first_again(_request: httpx.Request) -> httpx.Response:
        return paged(NEXT)(httpx.Request("GET", f"{API}/?page=0"))

    with pytest.raises(Unavailable, match="same page"):
        await a_client(first_again).locations(Lane.SET_UP)


async def test_lists_without_hits_have_no_embedded_member():
    assert await a_client(always(200, {"_links": {}})).tax_rates(UTRECHT, Lane.SET_UP) == {}
    assert await a_client(always(200, {})).locations(Lane.SET_UP) == []


async def test_rates_methods_and_groups_are_read_by_what_the_rules_know_them_by():
    rates = [{"code": "NL21", "description": "Hoog", "rate": 1.21}, {"code": "NL?", "rate": "much"}]
    client = a_client(
        in_turn(
            always(200, {"_embedded": {"taxRateList": rates}}),
            always(200, {"_embedded": {"paymentMethodList": METHODS}}),
            always(200, {"_embedded": {"accountingGroupList": GROUPS}}),
        )
    )

    tax_rates = await client.tax_rates(UTRECHT, Lane.SET_UP)
    methods = await client.payment_methods(UTRECHT, Lane.SET_UP)
    groups = await client.accounting_groups(UTRECHT, Lane.SET_UP)

    assert {code: rate.percentage for code, rate in tax_rates.items()} == {"NL21": Decimal(21)}
    assert methods["310000000000031"].code == "PIN"
    assert groups["310000000000022"].name == "Keuken"


async def test_every_call_is_reserved_and_teaches_the_budget():
    client = a_client(always(200, {"sales": []}, **{"X-Anything": "1"}))

    await sales(client)

    ledger: Any = client._access.budget
    assert ledger.reserved == [("lightspeed-restaurant:4711", Decimal("0.2"), Lane.SALES)]
    assert ledger.learnt == [("lightspeed-restaurant:4711", 200, None)]


async def test_an_old_token_is_renewed_once():
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(401 if len(seen) == 1 else 200, json={"sales": []})

    await sales(a_client(answer))

    assert seen == ["Bearer token-1", "Bearer token-2"]
    with pytest.raises(NotAccepted):
        await sales(a_client(always(401, {"errors": [{"code": "unauthorized", "title": "Unauthorized"}]})))


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, BadRequest), (403, NoRight), (404, NotFound), (422, BadRequest), (302, Unavailable)],
)
async def test_a_refusal_is_what_its_status_says(status: int, error: type[Exception]):
    with pytest.raises(error):
        await sales(a_client(always(status, {"error": "no"}, Location="https://elsewhere.test")))


async def test_a_read_is_tried_again_at_once():
    failing = always(500, {"status": 500, "error": "Internal Server Error", "requestId": "4f"})

    assert (await sales(a_client(in_turn(failing, always(503), always(200, {"sales": []}))))).rows == []
    with pytest.raises(Unavailable, match="request 4f"):
        await sales(a_client(failing))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "from after to"}, "from after to"),
        ({"errors": [{"code": "unauthorized", "title": "Unauthorized"}]}, "Unauthorized"),
        (
            {"message": "Business Location Not found for 9", "status": 404},
            "Business Location Not found for 9",
        ),
        ({"error": "invalid_grant", "error_description": "Token is not active"}, "invalid_grant"),
        ({"error_description": "Token is not active"}, "Token is not active"),
        ({"error": "Internal Server Error", "requestId": "4f"}, "Internal Server Error (request 4f)"),
        ({"errors": "none"}, ""),
        ({}, ""),
    ],
)
def test_what_is_wrong_is_lifted_from_wherever_it_stands(body: dict[str, Any], message: str):
    assert message_in(json.dumps(body).encode()) == message


@pytest.mark.parametrize("body", [b"", b"<html>", b"null"])
def test_a_body_without_json_says_nothing(body: bytes):
    assert message_in(body) == ""


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("0", 1),
        ("100000", 600),
        ("Wed, 04 Nov 2026 10:00:30 GMT", 30),
        ("Wed, 04 Nov 2026 09:00:00 GMT", 1),
    ],
)
def test_how_long_to_wait_is_told_in_seconds_or_as_a_date(said: str, seconds: float):
    assert wait_of({"Retry-After": said}, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "said", [{}, {"Retry-After": "soon"}, {"Retry-After": ""}, {"Retry-After": "\u00b2"}]
)
def test_without_it_the_wait_is_some_seconds_and_not_always_the_same(said: dict[str, str]):
    waits = {wait_of(said, NOW).total_seconds() for _ in range(20)}

    assert all(5 <= wait <= 10 for wait in waits)
    assert len(waits) > 1


async def test_too_many_calls_postpone_all():
    with pytest.raises(Postponed) as postponed:
        await sales(a_client(always(429, b"", **{"Retry-After": "30"})))

    assert postponed.value.until == NOW + timedelta(seconds=30)


async def test_no_answer_at_all_is_unavailable():
    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too late")

    with pytest.raises(Unavailable):
        await sales(a_client(answer))
