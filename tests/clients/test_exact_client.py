"""The client over the sandbox and over answers that no server should give."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from libs.common.budget import Postponed
from libs.common.database.engine import Database
from libs.common.exact.calls import READ_ATTEMPTS
from libs.common.exact.client import ExactDivision, endpoint_of
from libs.common.exact.errors import (
    BadRequest,
    LimitReached,
    NoRight,
    NotAccepted,
    NotSent,
    OutcomeUnknown,
    RefusalCategory,
    Refused,
    Unavailable,
)
from libs.common.exact.reference import DivisionRow, Journal, LedgerAccount, Period, VatCode
from libs.common.http import CallInTransaction
from libs.common.vault import GrantBusy, GrantLost
from tests.clients.exact_world import SITE, ExactWorld

ACCOUNT = {"Name": "Café 't Hoekje", "Status": "C"}
NAMES = ("ID", "Name", "Code")


@pytest.fixture
async def exact(sqlite_database: Database) -> AsyncIterator[ExactWorld]:
    world = ExactWorld(sqlite_database)
    yield world
    await world.vault.close()
    await world.http.aclose()


@pytest.fixture
async def grant_id(exact: ExactWorld) -> str:
    return await exact.connect()


@pytest.fixture
def division(exact: ExactWorld, grant_id: str) -> ExactDivision:
    return exact.division(grant_id)


def answer(status: int, body: bytes | dict[str, Any] = b"", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(status, headers=headers, content=content)


async def test_me_is_a_collection_of_one(exact: ExactWorld, grant_id: str) -> None:
    me = await exact.client.me(grant_id, SITE)
    assert (me.user_id, str(me.current_division)) == (exact.user.id, exact.number)


async def test_every_call_says_what_exact_wants_to_hear(exact: ExactWorld, division: ExactDivision) -> None:
    await division.post("crm/Accounts", ACCOUNT)
    headers = exact.wire.passed[-1].headers
    assert headers["accept"] == headers["content-type"] == "application/json"
    assert headers["prefer"] == "return=representation"
    assert headers["authorization"].startswith("Bearer ")
    assert "cookie" not in headers


async def test_cookies_are_not_kept(exact: ExactWorld, division: ExactDivision) -> None:
    cookie = {"Set-Cookie": "ASP.NET_SessionId=abc; path=/"}
    exact.wire.answer = answer(200, {"d": {"results": []}}, **cookie)
    await division.rows("crm/Accounts", select=NAMES, filter="Status eq 'C'")
    await division.rows("crm/Accounts", select=NAMES, filter="Status eq 'C'")
    assert "cookie" not in exact.wire.passed[-1].headers


async def test_a_row_is_made_found_and_changed(division: ExactDivision) -> None:
    made = await division.post("crm/Accounts", ACCOUNT)
    found = await division.rows("crm/Accounts", select=NAMES, filter="Name eq 'Café ''t Hoekje'")
    assert [row["ID"] for row in found] == [made["ID"]]
    await division.put("crm/Accounts", made["ID"], {"Name": "Café"})
    found = await division.rows("crm/Accounts", select=NAMES, filter=f"ID eq guid'{made['ID']}'")
    assert found[0]["Name"] == "Café"


@pytest.mark.parametrize("as_array", [False, True])
async def test_pages_are_walked_to_their_end(
    exact: ExactWorld, division: ExactDivision, as_array: bool
) -> None:
    for _ in range(2):
        rows = await division.rows(Period.path, select=Period.select)
        assert len(rows) == 156
        assert len({(Period.of(row).year, Period.of(row).period) for row in rows}) == 156
        exact.world.switches.change({"array_answer": as_array})
        if as_array:
            break
    assert exact.wire.count("FinancialPeriods") == 3 if as_array else 6
    assert len(await division.rows(Period.path, select=Period.select, limit=70)) == 70


async def test_reference_data_of_the_sandbox(division: ExactDivision) -> None:
    journals = {
        each.code: each for each in map(Journal.of, await division.rows(Journal.path, select=Journal.select))
    }
    assert (journals["70"].type, journals["10"].type) == (20, 10)
    codes = [VatCode.of(row) for row in await division.rows(VatCode.path, select=VatCode.select)]
    assert {code.percentage for code in codes} >= {Decimal(21), Decimal(9), Decimal(0)}
    assert all(len(code.sent_code) == 3 and code.code == code.sent_code.strip() for code in codes)
    ledgers = [
        LedgerAccount.of(row) for row in await division.rows(LedgerAccount.path, select=LedgerAccount.select)
    ]
    assert {110, 20} <= {ledger.type for ledger in ledgers}
    rows = await division.rows(DivisionRow.path, select=DivisionRow.select)
    assert division.number in {DivisionRow.of(row).code for row in rows}


async def test_no_amount_passes_through_a_float(exact: ExactWorld, division: ExactDivision) -> None:
    exact.wire.answer = answer(
        200, b'{"d":{"results":[{"AmountDC":0.1,"Timestamp":"9007199254740993","N":2}]}}'
    )
    (row,) = await division.rows("salesentry/SalesEntries", select=["AmountDC"])
    assert row == {"AmountDC": Decimal("0.1"), "Timestamp": "9007199254740993", "N": 2}


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/crm/Accounts?$skiptoken=1",
        "https://start.exactonline.nl/api/v1/999/crm/Accounts",
        "https://start.exactonline.nl/api/v1/{n}/../999/crm/Accounts",
        "https://start.exactonline.nl/api/v1/{n}/%2e%2e/999/crm/Accounts",
        "https://start.exactonline.nl/api/v1/{n}9/crm/Accounts",
        "https://[bad/api/v1/{n}/crm/Accounts",
    ],
)
async def test_a_next_page_elsewhere_is_refused(
    exact: ExactWorld, division: ExactDivision, following: str
) -> None:
    exact.wire.answer = answer(200, {"d": {"results": [], "__next": following.format(n=exact.number)}})
    before = len(exact.wire.passed)
    with pytest.raises(Unavailable, match="next page"):
        await division.rows("crm/Accounts", select=NAMES)
    assert len(exact.wire.passed) == before + 1


@pytest.mark.parametrize(
    "host",
    [
        "https://start.exactonline.example",
        "https://start.exactonline.nl@evil.example",
        "https://START.exactonline.nl:443",
        "http://localhost:9000",
        "",
    ],
)
async def test_a_next_page_is_asked_at_our_own_host_whatever_it_is_called(
    exact: ExactWorld, division: ExactDivision, host: str
) -> None:
    asked: list[str] = []
    rest = f"/api/v1/{exact.number}/crm/Accounts?$select=ID&$skiptoken=guid'a%20b'"

    class Elsewhere(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(str(request.url))
            following = {"__next": host + rest} if len(asked) == 1 else {}
            return answer(200, {"d": {"results": [{"ID": str(len(asked))}]} | following})

    exact.http._transport = Elsewhere()
    assert [row["ID"] for row in await division.rows("crm/Accounts", select=["ID"])] == ["1", "2"]
    assert asked[1] == SITE + rest


async def test_pages_that_never_end_are_left(exact: ExactWorld, division: ExactDivision) -> None:
    again = f"{SITE}/api/v1/{exact.number}/crm/Accounts?$select=ID%2CName%2CCode"

    class Circle(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return answer(200, {"d": {"results": [], "__next": again}})

    exact.http._transport = Circle()
    with pytest.raises(Unavailable, match="don't end"):
        await division.rows("crm/Accounts", select=NAMES)


@pytest.mark.parametrize(
    ("broken", "on_write", "on_read"),
    [
        (httpx.ConnectError("no"), NotSent, NotSent),
        (httpx.ConnectTimeout("no"), NotSent, NotSent),
        (httpx.PoolTimeout("no"), NotSent, NotSent),
        (httpx.ReadTimeout("no"), OutcomeUnknown, Unavailable),
        (httpx.WriteTimeout("no"), OutcomeUnknown, Unavailable),
        (httpx.ReadError("no"), OutcomeUnknown, Unavailable),
        (httpx.WriteError("no"), OutcomeUnknown, Unavailable),
        (httpx.RemoteProtocolError("no"), OutcomeUnknown, Unavailable),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
async def test_calls_without_an_answer(
    exact: ExactWorld,
    division: ExactDivision,
    broken: Exception,
    on_write: type[Exception],
    on_read: type[Exception],
) -> None:
    await division.rows("crm/Accounts", select=NAMES, filter="Status eq 'C'")
    exact.wire.break_with = broken
    with pytest.raises(on_write) as raised:
        await division.post("crm/Accounts", ACCOUNT)
    assert type(raised.value) is on_write
    exact.wire.break_with, exact.wire.times = broken, READ_ATTEMPTS if on_read is Unavailable else 1
    with pytest.raises(on_read):
        await division.rows("crm/Accounts", select=NAMES)


async def test_a_read_is_tried_again_at_once_and_a_write_never(
    exact: ExactWorld, division: ExactDivision
) -> None:
    exact.wire.answer = answer(503, b"<html>busy</html>")
    before = len(exact.wire.passed)
    assert await division.rows("crm/Accounts", select=NAMES, filter="Status eq 'C'")
    assert len(exact.wire.passed) - before == 2
    exact.wire.answer = answer(503, b"<html>busy</html>")
    with pytest.raises(Exception, match="503"):
        await division.post("crm/Accounts", ACCOUNT)
    assert len(exact.wire.passed) - before == 3


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>",
        b"",
        b'{"d":{"ID":"x"',
        b'{"d":[]}',
        b'{"d":{}}',
        b'{"d":null}',
        b"[]",
        b"null",
        b'{"d":{"results":[]}}',
        b"\xff\xfe",
        b'{"d":{"Amount":NaN}}',
        b'{"d":{"Amount":1e99999999999999999999}}',
        b"[" * 100_000,
    ],
    ids=lambda body: str(body[:20]),
)
@pytest.mark.parametrize("status", [200, 201])
async def test_a_write_answered_with_garbage_is_unknown(
    exact: ExactWorld, division: ExactDivision, status: int, body: bytes
) -> None:
    exact.wire.answer = answer(status, body)
    with pytest.raises(OutcomeUnknown):
        await division.post("crm/Accounts", ACCOUNT)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b'{"d":{"results":[{"ID',
        b'{"d":{"results":[1]}}',
        b"{}",
        b'{"d":{"results":[{"Amount":NaN}]}}',
        b'{"d":{"results":[{"Amount":1e99999999999999999999}]}}',
        b"[" * 100_000,
    ],
    ids=["html", "cut", "no rows", "no d", "no number", "beyond numbers", "without end"],
)
async def test_a_read_answered_with_garbage_is_unavailable(
    exact: ExactWorld, division: ExactDivision, body: bytes
) -> None:
    exact.wire.answer = answer(200, body)
    with pytest.raises(Unavailable):
        await division.rows("crm/Accounts", select=NAMES)


async def test_an_answer_without_end_is_cut(
    exact: ExactWorld, division: ExactDivision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("libs.common.exact.calls.LARGEST_ANSWER", 1000)
    exact.wire.answer = answer(200, b" " * 2000)
    with pytest.raises(OutcomeUnknown):
        await division.post("crm/Accounts", ACCOUNT)
    exact.wire.answer, exact.wire.times = answer(200, b" " * 2000), READ_ATTEMPTS
    with pytest.raises(Unavailable):
        await division.rows("crm/Accounts", select=NAMES)


async def test_a_body_that_exact_never_takes_is_not_sent(exact: ExactWorld, division: ExactDivision) -> None:
    before = len(exact.wire.passed)
    with pytest.raises(BadRequest):
        await division.post("crm/Accounts", {"Name": "x" * 11_000_000})
    assert len(exact.wire.passed) == before


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_refusals_of_the_sandbox(exact: ExactWorld, division: ExactDivision, language: str) -> None:
    exact.world.switches.change({"language": language})
    with pytest.raises(Refused) as refused:
        await division.post("salesentry/SalesEntries", {"Journal": "70", "SalesEntryLines": []})
    assert (refused.value.status, refused.value.category) == (500, RefusalCategory.MANDATORY)
    assert ("Verplicht" in refused.value.message) == (language == "nl")


async def test_a_lost_answer_may_have_booked(exact: ExactWorld, division: ExactDivision) -> None:
    exact.wire.lose_answer_of = "Accounts"
    with pytest.raises(OutcomeUnknown):
        await division.post("crm/Accounts", ACCOUNT)
    assert await division.rows("crm/Accounts", select=NAMES, filter="Name eq 'Café ''t Hoekje'")


async def test_403_tells_why(exact: ExactWorld, grant_id: str) -> None:
    exact.wire.answer = answer(403, Reason="NoDivisionAccess")
    with pytest.raises(NoRight) as refused:
        await exact.division(grant_id).rows("crm/Accounts", select=NAMES)
    assert refused.value.reason == "NoDivisionAccess"


async def test_the_sixty_first_call_is_not_made(exact: ExactWorld, division: ExactDivision) -> None:
    for _ in range(60):
        await division.rows(Journal.path, select=Journal.select)
    with pytest.raises(Postponed):
        await division.rows(Journal.path, select=Journal.select)
    assert exact.world.calls.refused == 0


@pytest.mark.parametrize("window", ["calendar", "rolling"])
async def test_a_backlog_meets_no_429_and_uses_fifty_five(
    exact: ExactWorld, grant_id: str, window: str
) -> None:
    exact.world.switches.change({"minute_window": window})
    exact.clock.advance(-(exact.clock.now().second) + 37)
    begin, made = exact.clock.now(), 0
    while (exact.clock.now() - begin).total_seconds() < 360:
        try:
            await exact.division(grant_id).rows(Journal.path, select=Journal.select)
            made += 1
            exact.clock.advance(0.15)
        except Postponed as postponed:
            exact.clock.advance((postponed.until - exact.clock.now()).total_seconds())
    assert exact.world.calls.refused == 0
    assert made >= 55 * 6


async def test_a_429_stops_every_process(exact: ExactWorld, division: ExactDivision) -> None:
    exact.world.switches.change({"minute_eaten_by_others": 60})
    with pytest.raises(LimitReached) as limited:
        await division.rows(Journal.path, select=Journal.select)
    with pytest.raises(Postponed) as postponed:
        await division.rows(Journal.path, select=Journal.select)
    assert limited.value.until == postponed.value.until > exact.clock.now()


async def test_401_in_the_midst_of_a_walk_is_mended_once(exact: ExactWorld, division: ExactDivision) -> None:
    exact.wire.answer = answer(401, b"<html>")
    assert len(await division.rows(Period.path, select=Period.select)) == 156


async def test_401_again_and_again_is_never_a_loop(exact: ExactWorld, division: ExactDivision) -> None:
    exact.world.revoke(exact.user.name)
    before = len(exact.wire.passed)
    for _ in range(4):
        with pytest.raises((NotAccepted, GrantBusy)):
            await division.post("crm/Accounts", ACCOUNT)
    assert len(exact.wire.passed) == before + 2
    exact.clock.advance(571)
    with pytest.raises(GrantLost):
        await division.post("crm/Accounts", ACCOUNT)


async def test_a_token_expires_in_the_midst_of_a_walk(exact: ExactWorld, division: ExactDivision) -> None:
    rows = 0
    async for page in division.pages(Period.path, select=Period.select):
        rows += len(page)
        exact.clock.advance(300)
    assert rows == 156
    assert exact.world.calls.errors == 0


async def test_a_poison_document_never_gets_an_endpoint_blocked(
    exact: ExactWorld, division: ExactDivision
) -> None:
    for _ in range(20):
        with pytest.raises((BadRequest, Postponed)):
            await division.post("salesentry/SalesEntries", {"Nonsense": 1})
        exact.clock.advance(30)
    assert exact.world.calls.errors == 5
    await division.post("crm/Accounts", ACCOUNT)


async def test_no_call_from_inside_a_transaction(exact: ExactWorld, sqlite_database: Database) -> None:
    async with sqlite_database.transaction():
        with pytest.raises(CallInTransaction):
            await exact.http.get(SITE)


def test_endpoints_are_counted_without_keys_and_case() -> None:
    assert endpoint_of("salesentry/SalesEntries") == "salesentry/salesentries"
    key = "guid'5e9f0f4e-5bd9-4f31-8c1c-02120829e05a'"
    assert endpoint_of(f"crm/Accounts({key})") == "crm/accounts"
    assert endpoint_of(f"salesinvoice/SalesInvoices({key})/SalesInvoiceLines") == (
        "salesinvoice/salesinvoices/salesinvoicelines"
    )


def test_a_division_is_a_number(exact: ExactWorld) -> None:
    with pytest.raises(ValueError):
        exact.client.division("g", SITE, "1/../2")
