"""Too many calls, answers told beforehand, and faults on the way (13, 16)."""

import json
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from starlette.types import Scope

from services.sandbox.calls import Calls, Counted
from services.sandbox.clock import Clock
from services.sandbox.faults import Faults, FaultyVendor
from services.sandbox.restaurant.app import REALM
from services.sandbox.restaurant.orders import Order
from services.sandbox.restaurant.vendor import restaurant_vendor
from services.sandbox.restaurant.world import RestaurantWorld
from tests.sandbox.restaurant.till import NOON, UTRECHT, Till, beer, refreshed, tokens

BUSINESSES = "/f/data/businesses"
SALES = f"/f/v2/business-location/{UTRECHT}/sales"


async def limited(till: Till, per_minute: int) -> None:
    answer = await till.client.put("/sandbox/restaurant/limits", json={"per_minute": per_minute})
    assert answer.status_code == 200


async def test_a_call_too_many_waits_until_the_first_is_a_minute_old(till: Till) -> None:
    await limited(till, 2)
    assert (await till.answer(BUSINESSES)).status_code == 200
    till.world.clock.advance(20)
    assert (await till.answer(BUSINESSES)).status_code == 200
    refused = await till.answer(BUSINESSES)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "40")
    till.world.clock.advance(40)
    assert (await till.answer(BUSINESSES)).status_code == 200


async def test_retry_after_in_each_form(till: Till) -> None:
    await limited(till, 1)
    await till.answer(BUSINESSES)
    await till.switch(retry_after="date", body_429="empty")
    refused = await till.answer(BUSINESSES)
    assert (parsedate_to_datetime(refused.headers["retry-after"]) - NOON).total_seconds() == 60
    assert refused.content == b""
    await till.switch(retry_after="absent", body_429="text")
    refused = await till.answer(BUSINESSES)
    assert ("retry-after" in refused.headers, refused.text) == (False, "Too many requests")
    await till.switch(retry_after="in turn")
    forms = [(await till.answer(BUSINESSES)).headers["retry-after"] for _ in range(2)]
    assert (forms[0], forms[1][-3:]) == ("60", "GMT")


async def script(till: Till, *answers: str) -> httpx.Response:
    return await till.client.put("/sandbox/restaurant/script", json={"answers": list(answers)})


async def test_answers_told_beforehand(till: Till) -> None:
    await till.sell(beer())
    await script(till, "500", "503", "429", "empty_page")
    given = {"from_": "2026-03-01T00:00:00Z"}
    broken = await till.answer(SALES, **given)
    assert (broken.status_code, broken.json()["path"]) == (500, SALES)
    assert set(broken.json()) == {"timestamp", "path", "status", "error", "requestId"}
    assert (await till.answer(SALES, **given)).status_code == 503
    assert (await till.answer(SALES, **given)).status_code == 429
    empty = await till.get(SALES, **given)
    assert empty["sales"] == []
    following = await till.get(SALES, nextPageToken=empty["nextPageToken"], **given)
    assert (len(following["sales"]), "nextPageToken" in following) == (1, False)
    assert (await script(till, "418")).status_code == 422


@pytest.mark.parametrize("wanted", [{"per_minute": -1}, {"per_minute": True}, {"per_hour": 1}])
async def test_wrong_limits_are_refused(till: Till, wanted: dict[str, Any]) -> None:
    assert (await till.client.put("/sandbox/restaurant/limits", json=wanted)).status_code == 422


class Behind:
    """The vendor behind its faults, as the sandbox's front puts it."""

    def __init__(self) -> None:
        self.world = RestaurantWorld(Clock(NOON))
        vendor = restaurant_vendor(self.world)
        self.faults = Faults({"restaurant": frozenset(vendor.hooks.before_work)})
        self.calls = Calls()
        faulty = FaultyVendor(vendor.app, "restaurant", self.faults, vendor.hooks)
        transport = httpx.ASGITransport(Counted(faulty, self.calls, vendor.hooks))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://till.test")
        self.is_token = vendor.hooks.is_token_call
        self.headers: dict[str, str] = {}

    async def connect(self) -> None:
        granted = await tokens(self.client)
        self.headers = {"Authorization": f"Bearer {granted['access_token']}"}

    async def sales(self, **given: Any) -> Any:
        given = {"from": "2026-03-01T00:00:00Z", "pageSize": 1} | given
        return (await self.client.get(SALES, params=given, headers=self.headers)).json()


async def test_sales_come_late_and_rows_change_between_two_pages() -> None:
    behind = Behind()
    await behind.connect()
    business = behind.world.businesses[4801]
    for _ in range(3):
        behind.world.sell(business, Order())
    behind.faults.choose({"restaurant": {"late_sale": 1}})
    first = await behind.sales()
    assert len(business.by_number) == 3
    await behind.sales(nextPageToken=first["nextPageToken"])
    assert len(business.by_number) == 4
    record = business.locations[0].records[0]
    before = record.receipt_id
    behind.faults.choose({"restaurant": {"rows_move": 1}})
    await behind.sales(nextPageToken=first["nextPageToken"])
    assert record.receipt_id != before
    assert behind.faults.happened["restaurant"] == {"late_sale": 1, "rows_move": 1}


async def test_a_consent_is_revoked_and_a_429_comes_with_the_forms_of_the_vendor() -> None:
    behind = Behind()
    await behind.connect()
    behind.faults.choose({"restaurant": {"refused_429": 1}})
    refused = await behind.client.get(SALES, headers=behind.headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json()["errors"][0]["code"] == "too_many_requests"
    behind.faults.choose({"restaurant": {"token_revoked": 1}})
    assert (await behind.client.get(SALES, headers=behind.headers)).status_code == 401


async def test_a_lost_token_answer_loses_the_consent() -> None:
    """Each refresh kills the token before it (3): whoever didn't hear the new one has none."""
    behind = Behind()
    granted = await tokens(behind.client)
    behind.faults.choose({"restaurant": {"token_answer_lost": 1}})
    with pytest.raises(ConnectionError):
        await refreshed(behind.client, granted["refresh_token"])
    behind.faults.choose({"restaurant": {}})
    again = await refreshed(behind.client, granted["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_half_a_page() -> None:
    behind = Behind()
    await behind.connect()
    behind.faults.choose({"restaurant": {"cut_json": 1}})
    with pytest.raises(json.JSONDecodeError):
        await behind.sales()


async def test_token_calls_are_counted_apart_and_pages_for_people_not_at_all() -> None:
    behind = Behind()
    await behind.connect()
    await behind.sales()
    assert (behind.calls.total, behind.calls.token, behind.calls.api) == (2, 1, 1)
    scope: Scope = {"path": f"{REALM}/token"}
    assert behind.is_token(scope)
