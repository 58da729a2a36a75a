"""The client of X-Series: pages by version, errors in all their shapes, a window that is kept (4 to 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from libs.common.budget import Budget, Lane, Postponed
from libs.common.database.engine import Database
from libs.common.http import http_client
from libs.common.lightspeed.errors import BadRequest, NoRight, NotAccepted, NotFound, Unavailable
from libs.common.lightspeed.source import Access, Walk, Way
from libs.common.lightspeed.x import LONG_PAGE, USER_AGENT, VERSION, XAccount, message_in
from libs.common.lightspeed.x_beside import Memory, lay_beside
from libs.common.lightspeed.x_reading import XTill
from services.sandbox.clock import Clock
from tests.services.x_world import APP

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]
NO_DESK: Any = None
"""Of these readings none asks what is kept."""


class Token:
    value, generation = "AT", 1


class OneToken:
    """A vault whose token is what it is, and that says how often it was refused."""

    def __init__(self) -> None:
        self.rejected = 0

    async def access_token(self, grant_id: str, *, rejected_generation: int | None = None) -> Token:
        self.rejected += rejected_generation is not None
        return Token()


def account(database: Database, answer: Answer, vault: OneToken | None = None) -> XAccount:
    return XAccount(access(database, answer, vault), "grant", "fietshuis")


def access(database: Database, answer: Answer, vault: OneToken | None = None) -> Access:
    now = Clock(NOW).now
    http = http_client(transport=httpx.MockTransport(answer))
    return Access(http, vault or OneToken(), Budget(database, now), now, APP)  # type: ignore[arg-type]


def saying(status: int, **more: Any) -> Answer:
    return lambda request: httpx.Response(status, **more)


async def test_a_call_says_who_we_are_and_which_version_it_wants(database: Database) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"data": []})

    await account(database, answer).page("sales", 7, Lane.SALES)

    (request,) = asked
    assert str(request.url) == f"http://fietshuis.x.test/api/{VERSION}/sales?after=7&page_size=200"
    assert request.headers["User-Agent"] == USER_AGENT
    assert request.headers["Authorization"] == "Bearer AT"


@pytest.mark.parametrize("end", [{"data": []}, {"data": [], "version": {"min": None, "max": None}}])
async def test_a_list_ends_with_an_empty_page_and_not_before(database: Database, end: dict[str, Any]) -> None:
    pages = {
        "0": {"data": [{"id": "a", "version": 5}], "version": {"min": 5, "max": 5}},
        "5": {"data": [{"id": "b", "version": 9}]},  # some lists say it in their rows alone
        "9": end,
    }
    store = account(database, lambda request: httpx.Response(200, json=pages[request.url.params["after"]]))

    assert [row["id"] for row in await store.rows("taxes", Lane.SALES)] == ["a", "b"]


async def test_a_page_that_does_not_go_on_is_no_page(database: Database) -> None:
    store = account(database, saying(200, json={"data": [{"id": "a", "version": 5}]}))

    with pytest.raises(Unavailable):
        await store.page("sales", 5, Lane.SALES)


async def test_versions_may_be_text_as_any_number(database: Database) -> None:
    """Numbers are accepted as JSON numbers or text (the reference's head); the store's own is text (12.1)."""
    rows = [{"id": "a", "_metadata": {"version": "98700000012"}}, {"id": "b", "version": 98_700_000_013}]
    told = {"data": rows, "version": {"min": "98700000012", "max": "98700000013"}}

    for body in (told, {"data": rows}):
        page = await account(database, saying(200, json=body)).page("sales", 0, Lane.SALES)
        assert page.version == 98_700_000_013


@pytest.mark.parametrize("row", [{"id": "a"}, {"id": "a", "version": 5}])
async def test_a_short_list_may_come_whole_whatever_page_is_asked_for(
    database: Database, row: dict[str, Any]
) -> None:
    store = account(database, saying(200, json={"data": [row]}))

    assert await store.rows("taxes", Lane.SALES) == [row]


async def test_a_full_page_without_versions_may_be_cut_and_is_no_list(database: Database) -> None:
    store = account(database, saying(200, json={"data": [{"id": str(n)} for n in range(LONG_PAGE)]}))

    with pytest.raises(Unavailable):
        await store.rows("taxes", Lane.SALES)


async def test_what_the_newest_version_lacks_is_asked_of_the_older(database: Database) -> None:
    """Outlets, customers and categories were only ever seen in 2.0 (12.2, 12.7, 13.5)."""
    seen = {"outlets": [{"id": "o"}], "customers/c": {"id": "c"}, "product_categories/bulk": [{"id": "g"}]}
    seen |= {"sales/s": {"id": "s"}}
    of_older = {f"/api/2.0/{path}": httpx.Response(200, json={"data": row}) for path, row in seen.items()}

    def answer(request: httpx.Request) -> httpx.Response:
        return of_older.get(request.url.path, httpx.Response(404))

    store = account(database, answer)

    assert await store.rows("outlets", Lane.SALES) == [{"id": "o"}]
    assert await store.one("customers/c", Lane.SALES) == {"id": "c"}
    made = await store.write("POST", "product_categories/bulk", {"categories": []}, Lane.PRODUCTS)
    assert made == {"data": [{"id": "g"}]}
    for path in ("sales/s", "products/p", "customers/d"):  # a record that isn't there
        with pytest.raises(NotFound):
            await store.one(path, Lane.SALES)


@pytest.mark.parametrize(("last", "is_last"), [("2026-03-14", False), ("2026-03-02", True)])
async def test_one_stamp_that_runs_ahead_ends_no_backlog(
    database: Database, last: str, is_last: bool
) -> None:
    """Versions rise, and stamps needn't (5.1): all of a page must be past the backlog's end."""
    changed = {"a": "2026-02-01" if not is_last else "2026-03-02", "b": last}
    rows = [
        {"id": id_, "version": version, "updated_at": f"{day}T09:00:00Z"}
        for version, (id_, day) in enumerate(changed.items(), start=1)
    ]
    till = XTill(access(database, saying(200, json={"data": rows})), "grant", "fietshuis", False)
    mark = '{"after": 0, "since": "2026-01-01T00:00:00Z", "until": "2026-03-01T00:00:00Z"}'
    begins, ends = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)

    part = await till.read(Walk(Way.BACKLOG, begins, ends, mark, is_fresh=False), NO_DESK)

    assert part.is_last == is_last


@pytest.mark.parametrize(("takes_offset", "sales"), [(True, ["s0", "s1", "s2"]), (False, ["s0", "s1"])])
async def test_a_sweep_ends_though_the_store_takes_no_offset(
    database: Database, takes_offset: bool, sales: list[str]
) -> None:
    """Search is by `offset` (5.3); a page that comes again would come for ever."""
    rows = [{"id": f"s{number}", "totals": {}} for number in range(3)]

    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"]) if takes_offset else 0
        return httpx.Response(200, json={"data": rows[offset : offset + 2]})

    till = XTill(access(database, answer), "grant", "fietshuis", False)
    found, mark, is_last, calls = [], "", False, 0
    while not is_last and calls < 10:
        walk = Walk(Way.SWEEP, NOW - timedelta(days=14), NOW, mark, is_fresh=not calls)
        part = await till.read(walk, NO_DESK)
        found += [row["id"] for row in part.rows]
        mark, is_last, calls = part.mark, part.is_last, calls + 1

    assert (is_last, found) == (True, sales)


@pytest.mark.parametrize("nothing", [None, []])
async def test_a_record_that_is_told_as_nothing_is_not_there(database: Database, nothing: Any) -> None:
    with pytest.raises(NotFound):
        await account(database, saying(200, json={"data": nothing})).one("customers/c", Lane.SALES)


@pytest.mark.parametrize("status", [400, 404, 410, 422])
async def test_a_customer_or_article_that_is_refused_stands_in_no_sales_way(
    database: Database, status: int
) -> None:
    store = account(database, saying(status))
    row = {"id": "s", "state": "closed", "customer_id": "c", "line_items": [{"product": {"id": "p"}}]}

    assert await lay_beside([row], store, Memory(), with_customers=True) == [row]


async def test_a_sale_that_a_person_wants_again_and_the_store_refuses_holds_up_nothing(
    database: Database,
) -> None:
    """What failed with it would fail at each poll."""
    till = XTill(access(database, saying(400, json={"error": "Bad Request"})), "grant", "fietshuis", False)

    assert await till.read_again({"s": {}}, NO_DESK, 0) == []


async def test_a_write_that_is_answered_with_nothing_was_done(database: Database) -> None:
    assert await account(database, saying(204)).write("PUT", "products/p1", {}, Lane.PRODUCTS) == {}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (saying(200, content=b"<html>"), Unavailable),
        (saying(200, content=b'{"data": [{"id": "a"'), Unavailable),
        (saying(200, content=b'{"data": [{"id": NaN}]}'), Unavailable),
        (saying(200, json=[]), Unavailable),
        (saying(200, json={"data": "none"}), Unavailable),
        (saying(302, headers={"Location": "http://evil.test"}), Unavailable),
        (saying(503), Unavailable),
        (saying(403, json={"error": "Forbidden"}), NoRight),
        (saying(404, content=b"<html>"), NotFound),
        (saying(422, json={"error": "no"}), BadRequest),
    ],
)
async def test_what_is_no_answer_is_told_from_a_refusal(
    database: Database, answer: Answer, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await account(database, answer).page("sales", 0, Lane.SALES)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "Not Found", "message": "No sale with that id"}', "Not Found: No sale with that id"),
        (b'{"error": "User is the primary user"}', "User is the primary user"),
        (b'{"status": "error", "error": "Could not save", "details": "sku"}', "Could not save: sku"),
        (b'{"errors": {"global": ["Something is wrong"]}, "reference": "a1"}', "Something is wrong"),
        (b"<html>502</html>", ""),
    ],
)
def test_an_error_body_of_any_shape_is_read(body: bytes, message: str) -> None:
    assert message_in(body) == message


async def test_a_401_goes_once_more_with_a_refreshed_token(database: Database) -> None:
    vault = OneToken()

    with pytest.raises(NotAccepted):
        await account(database, saying(401), vault).page("sales", 0, Lane.SALES)

    assert vault.rejected == 1


async def test_a_429_postpones_until_the_date_it_names(database: Database) -> None:
    told = {"Retry-After": "Sat, 14 Mar 2026 09:03:00 GMT"}

    with pytest.raises(Postponed) as waits:
        await account(database, saying(429, headers=told)).page("sales", 0, Lane.SALES)

    assert waits.value.until == NOW + timedelta(minutes=3)


@pytest.mark.parametrize("domain_prefix", ["evil.test/", "a@evil.test#", ""])
async def test_a_store_that_is_no_label_is_never_called(database: Database, domain_prefix: str) -> None:
    now = Clock(NOW).now
    async with http_client(transport=httpx.MockTransport(saying(200))) as http:
        access = Access(http, OneToken(), Budget(database, now), now, APP)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="DNS label"):
            XAccount(access, "grant", domain_prefix)
