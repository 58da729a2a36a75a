"""The client of Lightspeed Retail against small servers that answer what the reference says they may."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from libs.common.budget import Lane, Postponed
from libs.common.http import http_client
from libs.common.lightspeed.errors import (
    BadRequest,
    NoRight,
    NotAccepted,
    NotFound,
    Unavailable,
    WrongAccount,
)
from libs.common.lightspeed.retail import RetailAccount, RetailClient
from libs.common.lightspeed.retail_query import at_least, between, cost_of, one_of, query_text
from libs.common.lightspeed.retail_reference import TaxRates, read_reference
from tests.clients.retail_payloads import PAYMENT_TYPES, TAX_CATEGORY

NOW = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)
API = "https://api.lightspeed.test"
BASE = f"{API}/API/V3/Account/4711"
Answer = Callable[[httpx.Request], httpx.Response]


class Grant:
    """A vault of one grant: each token that is rejected makes the next."""

    def __init__(self) -> None:
        self.generation = 1

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> Any:
        if rejected_generation == self.generation:
            self.generation += 1
        return SimpleNamespace(value=f"token-{self.generation}", generation=self.generation)


class Ledger:
    """A budget that refuses lanes that are full, and remembers what it was told."""

    def __init__(self) -> None:
        self.reserved: list[tuple[str, Decimal, Lane]] = []
        self.learnt: list[tuple[str, int, str | None]] = []
        self.full: set[Lane] = set()

    async def reserve_lightspeed(self, account_key: str, cost: Decimal, lane: Lane) -> None:
        if lane in self.full:
            raise Postponed(NOW, "there is no room")
        self.reserved.append((account_key, cost, lane))

    async def learn_lightspeed(self, account_key: str, status: int, headers: Any) -> None:
        self.learnt.append((account_key, status, headers.get("X-LS-API-Bucket-Level")))


def a_client(answer: Answer) -> RetailClient:
    http = http_client(transport=httpx.MockTransport(answer))
    return RetailClient(http, Grant(), Ledger(), lambda: NOW, API, API)  # type: ignore[arg-type]


def an_account(answer: Answer) -> RetailAccount:
    return a_client(answer).account("grant-1", "4711")


def always(status: int, body: Any = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _request: httpx.Response(status, content=content, headers=headers)


def a_list(rows: Any = None, following: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"@attributes": {"next": following, "previous": ""}}
    return body if rows is None else {**body, "Sale": rows}


def test_operators_and_offsets_are_percent_encoded():
    moment = datetime(2026, 3, 14, 11, 0, 0, 999, timezone(timedelta(hours=1)))
    written = query_text(
        {"updatetime": at_least(moment), "sort": "updatetime"}, ["SaleLines", "SaleLines.Item"]
    )
    assert written == (
        "updatetime=%3E%3D%2C2026-03-14T10%3A00%3A00%2B00%3A00&sort=updatetime"
        "&load_relations=%5B%22SaleLines%22%2C%22SaleLines.Item%22%5D"
    )
    assert between(moment, moment) == "><,2026-03-14T10:00:00+00:00,2026-03-14T10:00:00+00:00"
    assert query_text({"saleID": one_of(["1", "2"])}, []) == "saleID=IN%2C%5B1%2C2%5D"


@pytest.mark.parametrize(
    ("relations", "is_list", "cost"),
    [
        (
            ["SaleLines", "SalePayments", "SalePayments.PaymentType"],
            True,
            "2.0",
        ),  # the reference's own examples
        (["ItemShops", "Category", "TaxClass"], True, "1.8"),
        (["SaleLines", "Customer"], False, "1.3"),
        (["SaleLines", "SaleLines.Item"], False, "1.4"),
        ([], True, "1"),
    ],
)
def test_the_cost_follows_from_the_relations(relations, is_list, cost):
    assert cost_of(relations, is_list=is_list) == Decimal(cost)


@pytest.mark.parametrize(
    ("rows", "ids"),
    [(None, []), ("", []), ({"saleID": "1"}, ["1"]), ([{"saleID": "1"}, {"saleID": "2"}], ["1", "2"])],
)
async def test_a_list_of_one_many_or_none(rows, ids):
    account = an_account(always(200, a_list(rows)))
    assert [row["saleID"] for row in await account.rows("Sale")] == ids


async def test_next_is_followed_as_it_stands_until_it_is_empty():
    following = f"{BASE}/Sale.json?sort=saleID&limit=100&after=WzEwNV0%3D&x=a%20b"
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=a_list({"saleID": "1"}, following if len(asked) == 1 else ""))

    assert len(await an_account(answer).rows("Sale", {"sort": "saleID"}, ["SaleLines"])) == 2
    assert asked == [
        f"{BASE}/Sale.json?limit=100&sort=saleID&load_relations=%5B%22SaleLines%22%5D",
        following,
    ]


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.test/Sale.json?after=x",
        f"{API}/API/V3/Account/4712/Sale.json?after=x",
        f"{API}/API/V3/Account/4711/../4712/Sale.json?after=x",
        f"{API}/API/V3/Account/4711/Sale.json/%2e%2e/Customer.json?after=x",
        f"{API}/API/V3/Account/4711/Customer.json?after=x",
        "https://[bad/API",
    ],
)
async def test_a_next_outside_the_list_is_never_followed(following):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json=a_list({"saleID": "1"}, following))

    with pytest.raises(Unavailable):
        await an_account(answer).rows("Sale")
    assert asked == ["api.lightspeed.test"]


@pytest.mark.parametrize(
    "host",
    [
        "https://evil.test",
        "http://localhost:9000",
        "https://api.lightspeed.test:444",
        "https://me@evil.test",
        "",
    ],
)
async def test_next_is_asked_at_our_own_host_whatever_it_is_called(host):
    rest = "/API/V3/Account/4711/Sale.json?limit=100&after=WzEwNV0%3D&x=a%20b"
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=a_list({"saleID": "1"}, host + rest if len(asked) == 1 else ""))

    assert len(await an_account(answer).rows("Sale")) == 2
    assert asked[1] == API + rest


async def test_a_next_that_is_the_same_page_at_another_host_is_no_end():
    rest = "/API/V3/Account/4711/Sale.json?limit=100"
    answers = always(200, a_list({"saleID": "1"}, "https://other.test" + rest))
    with pytest.raises(Unavailable, match="same page"):
        await an_account(answers).rows("Sale")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Please log in</html>",
        b'{"@attributes":{"next":"","previous":""},"Sale":[{"saleID":"1"},{"sal',
        b"[]",
        b"null",
        b'{"Sale":[]}',
        b'{"@attributes":{"next":null}}',
        b'{"@attributes":{"next":""},"Sale":"x"}',
        b'{"@attributes":{"next":""},"Sale":[1]}',
        b'{"@attributes":{"next":""},"Sale":{"total":NaN}}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b"\xff\xfe",
    ],
)
async def test_what_is_no_whole_list_is_no_answer(body):
    with pytest.raises(Unavailable):
        await an_account(always(200, body, **{"content-type": "application/json"})).rows("Sale")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequest),
        (403, NoRight),
        (404, NotFound),
        (405, BadRequest),
        (422, BadRequest),
        (500, Unavailable),
        (502, Unavailable),
        (503, Unavailable),
        (302, Unavailable),
        (204, Unavailable),
    ],
)
async def test_each_status_has_its_error(status, error):
    body = {"httpCode": str(status), "message": "No.", "errorClass": "Exception"}
    with pytest.raises(error):
        await an_account(always(status, body, **{"content-type": "text/html"})).rows("Sale")


async def test_a_refusal_keeps_lightspeeds_words():
    body = {"httpCode": "400", "message": "Sorting Sale by 'x' is not supported."}
    with pytest.raises(BadRequest, match="Sorting Sale by 'x'") as caught:
        await an_account(always(400, body)).rows("Sale")
    assert caught.value.status == 400


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError])
async def test_no_answer_is_unavailable(error):
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("x")

    with pytest.raises(Unavailable):
        await an_account(answer).rows("Sale")


async def test_a_read_is_tried_again_at_once_before_it_is_given_up():
    """A walk of ten reads would else hardly ever end where every tenth fails."""
    answers = [httpx.Response(500, content=b"<html>"), httpx.Response(200, content=b'{"cut'), None]
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        found = answers.pop(0) if answers else None
        return found or httpx.Response(200, json=a_list({"saleID": "1"}))

    client = a_client(answer)
    assert len(await client.account("grant-1", "4711").rows("Sale")) == 1
    ledger: Any = client.budget
    assert len(asked) == len(ledger.reserved) == len(ledger.learnt) == 3
    with pytest.raises(Unavailable):
        await an_account(always(503)).rows("Sale")


async def test_a_refusal_is_not_tried_again():
    client = a_client(always(400, {"message": "No."}))
    with pytest.raises(BadRequest):
        await client.account("grant-1", "4711").rows("Sale")
    ledger: Any = client.budget
    assert len(ledger.reserved) == 1


async def test_a_401_renews_the_token_once_and_asks_again():
    tokens = []

    def answer(request: httpx.Request) -> httpx.Response:
        tokens.append(request.headers["Authorization"])
        return httpx.Response(200, json=a_list()) if len(tokens) == 2 else httpx.Response(401, json={})

    assert await an_account(answer).rows("Sale") == []
    assert tokens == ["Bearer token-1", "Bearer token-2"]


async def test_a_fresh_token_that_is_refused_is_not_renewed_for_ever():
    client = a_client(always(401, {"error": "access_denied"}))
    with pytest.raises(NotAccepted):
        await client.account("grant-1", "4711").rows("Sale")
    assert client.vault.generation == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("3", 3), ("1.5", 1.5), ("0", 1), ("", 5), ("Sat, 14 Mar 2026 10:00:30 GMT", 5), ("99999", 600)],
)
async def test_a_429_says_until_when_to_wait(said, seconds):
    headers = {"Retry-After": said} if said else {}
    with pytest.raises(Postponed) as caught:
        await an_account(always(429, b"", **headers)).rows("Sale")
    assert caught.value.until == NOW + timedelta(seconds=seconds)


async def test_every_call_is_reserved_before_and_learnt_from_after():
    client = a_client(always(200, a_list(), **{"X-LS-API-Bucket-Level": "6.29/90"}))
    await client.account("grant-1", "4711").rows("Sale", {}, ["SaleLines"])
    ledger: Any = client.budget
    assert ledger.reserved == [("4711", Decimal("1.4"), Lane.SALES)]
    assert ledger.learnt == [("4711", 200, "6.29/90")]


async def test_an_answer_of_another_account_is_not_taken():
    with pytest.raises(WrongAccount):
        await an_account(always(200, a_list(), **{"X-LS-Acct-Id": "4712"})).rows("Sale")


async def test_an_answer_too_large_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr("libs.common.lightspeed.retail.LARGEST_ANSWER", 1000)
    with pytest.raises(Unavailable):
        await an_account(always(200, b" " * 2000)).rows("Sale")


async def test_one_record_and_the_account_itself():
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Account/4711.json"):
            return httpx.Response(200, json={"@attributes": {}, "defaultCurrency": {"code": "EUR"}})
        return httpx.Response(200, json={"@attributes": {"count": "1"}, "Sale": {"saleID": "7"}})

    account = an_account(answer)
    assert (await account.one("Sale", "7", ["SaleLines"]))["saleID"] == "7"
    assert (await account.itself())["defaultCurrency"] == {"code": "EUR"}


@pytest.mark.parametrize(
    "accounts", [{"accountID": "4711", "name": "Demo BV"}, [{"accountID": "4711", "name": "Demo BV"}]]
)
async def test_a_grant_says_whose_account_it_is(accounts):
    identity = await a_client(always(200, {"@attributes": {"count": "1"}, "Account": accounts})).whose(
        "grant-1"
    )
    assert (identity.account_id, identity.name) == ("4711", "Demo BV")


async def test_the_reference_is_read_in_six_calls():
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rsplit("/", 1)[1])
        rows = {
            "Shop.json": {"Shop": {"shopID": "1", "name": "Winkel", "timeZone": "Europe/Amsterdam"}},
            "PaymentType.json": {"PaymentType": PAYMENT_TYPES},
            "TaxCategory.json": {"TaxCategory": TAX_CATEGORY},
            "4711.json": {"defaultCurrency": {"code": "EUR"}},
        }.get(asked[-1], {})
        return httpx.Response(200, json={"@attributes": {"next": "", "previous": ""}, **rows})

    reference = await read_reference(an_account(answer))

    assert len(asked) == 6
    assert reference.shops["1"].time_zone == "Europe/Amsterdam"
    assert reference.payment_types["2"].is_archived
    assert reference.tax_categories["1"].by_class["3"] == TaxRates(Decimal("0.09"))
    assert reference.currency == "EUR"
