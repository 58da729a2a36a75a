"""Who may not: without a key, of another partner, without the admin token; and the shape of every refusal."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from libs.common.contracts.sales import SaleMapped, SaleRecorded
from libs.common.database.engine import Database
from libs.common.database.registry import rules_text
from libs.common.domain.rules import Rules
from services.portal import tenants
from services.portal.claims import collide, free_prefix
from tests.builders import a_sale, some_invoice_rules, some_rules
from tests.services.portal.messages import SATURDAY, a_day, ready, recorded
from tests.services.portal.world import World, assert_problem

BODIES: dict[str, Any] = {
    "/v1/merchants/{merchant_id}/connections": {"source": "lightspeed-retail", "country": "nl"},
    "/v1/connections/{connection_id}/authorizations": {"system": "exact"},
    "/v1/connections/{connection_id}/preview": {"from": "2026-03-01", "to": "2026-03-02"},
    "/v1/connections/{connection_id}/rebook": {"from": "2026-03-01", "to": "2026-03-02"},
    "/v1/connections/{connection_id}/products/{product_id}/decide": {"choice": "leave"},
    "/v1/connections/{connection_id}/rules": {},
    "/v1/connections/{connection_id}/sales/{sale_id}/ignore": {"reason": "x"},
    "/v1/merchants/{merchant_id}": {"name": "X"},
}


async def _routes(world: World) -> list[tuple[str, str]]:
    description = (await world.web.get("/v1/openapi.json")).json()
    return [(method, path) for path, methods in description["paths"].items() for method in methods]


async def test_another_partners_things_do_not_exist_on_any_route(world: World) -> None:
    merchant = await world.merchant()
    connection = await world.connected(merchant)
    await world.tell(connection, SaleRecorded(a_sale(id="5012"), 1, "hash", 1))
    grants = (await world.partner.get("/v1/grants")).json()["items"]
    ids = {
        "merchant_id": merchant,
        "connection_id": connection,
        "sale_id": "5012",
        "product_id": "7",
        "name": "house",
    }
    await world.partner.put("/v1/templates/house", json={})

    crawled = 0
    for method, path in await _routes(world):
        if "{" not in path or (method, path) == ("put", "/v1/templates/{name}"):
            continue
        for grant in grants if "grant_id" in path else grants[:1]:
            address = path.format(**ids, grant_id=grant["id"])
            answer = await world.stranger.request(method, address, json=BODIES.get(path))
            assert_problem(answer, 404)
            assert merchant not in answer.text
            crawled += 1
    assert crawled > 25
    for listing in ("merchants", "connections", "grants"):
        assert (await world.stranger.get(f"/v1/{listing}")).json() == {"items": [], "next": None}
    assert (await world.partner.get(f"/v1/connections/{connection}")).status_code == 200


async def test_every_route_wants_a_key(one_world: World) -> None:
    for method, path in await _routes(one_world):
        address = re.sub(r"\{\w+\}", "x", path)
        answer = await one_world.web.request(method, address, json={})
        assert_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["", "kk_", "kk_wrong", "Basic abc", "kk_" + "a" * 43])
async def test_a_wrong_key_opens_nothing(one_world: World, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    assert_problem(await one_world.web.get("/v1/merchants", headers=headers), 401)


async def test_a_key_is_kept_as_a_digest(one_world: World) -> None:
    key = one_world.partner.headers["authorization"].removeprefix("Bearer ")
    assert len(key) >= 46
    async with one_world.database.reading() as transaction:
        rows = (await transaction.execute(text("SELECT * FROM portal_api_key"))).all()
    assert key not in str(rows)


async def test_every_error_has_the_same_shape(one_world: World) -> None:
    partner = one_world.partner
    assert_problem(await partner.get("/v1/nowhere"), 404)
    assert_problem(await partner.put("/v1/merchants", json={}), 405)
    body = assert_problem(await partner.post("/v1/merchants", json={"name": "", "extra": 1}), 422)
    assert {error["field"] for error in body["errors"]} == {"name", "email", "extra"}
    broken = await partner.post("/v1/merchants", content=b"{", headers={"content-type": "application/json"})
    assert_problem(broken, 422)
    assert_problem(await partner.get("/v1/merchants?limit=0"), 422)
    assert_problem(await partner.post("/v1/merchants", content=b"x" * (1024 * 1024 + 1)), 413)

    async def endless() -> Any:
        for _ in range(80):
            yield b'"' + b"x" * 16384

    assert_problem(await partner.post("/v1/merchants", content=endless()), 413)


async def test_one_key_has_one_effect_even_when_two_come_at_once(world: World) -> None:
    body = {"name": "Een", "email": "een@een.nl"}
    headers = {"Idempotency-Key": "a-key"}

    async def post() -> httpx.Response:
        return await world.partner.post("/v1/merchants", json=body, headers=headers)

    answers = await asyncio.gather(*(post() for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await world.partner.get("/v1/merchants")).json()["items"]) == 1

    other = await world.partner.post("/v1/merchants", json=body | {"name": "Twee"}, headers=headers)
    assert_problem(other, 422)
    strange = await world.stranger.post("/v1/merchants", json=body, headers=headers)
    assert strange.json()["id"] != answers[0].json()["id"]
    world.sandbox.clock.advance(25 * 3600)
    assert (await post()).json()["id"] != answers[0].json()["id"]


async def test_a_refused_request_leaves_its_key_free(one_world: World) -> None:
    headers = {"Idempotency-Key": "a-key"}
    assert_problem(await one_world.partner.post("/v1/merchants", json={}, headers=headers), 422)
    body = {"name": "Een", "email": "een@een.nl"}
    again = await one_world.partner.post("/v1/merchants", json=body, headers=headers)
    assert again.status_code == 201


async def test_a_cursor_of_one_list_is_none_of_another(one_world: World) -> None:
    for number in range(3):
        await one_world.merchant(name=f"M{number}")
    page = (await one_world.partner.get("/v1/merchants?limit=2")).json()
    rest = (await one_world.partner.get(f"/v1/merchants?cursor={page['next']}")).json()
    assert [each["name"] for each in page["items"] + rest["items"]] == ["M0", "M1", "M2"]
    assert_problem(await one_world.partner.get(f"/v1/connections?cursor={page['next']}"), 422)
    assert_problem(await one_world.stranger.get(f"/v1/merchants?cursor={page['next']}"), 422)


async def test_the_operators_calls_are_closed_to_others(world: World) -> None:
    connection = await world.active()
    for path in ("overview", "dead-letters", "audit", f"connections/{connection}/jobs"):
        assert_problem(await world.web.get(f"/admin/{path}"), 401)
        assert_problem(await world.partner.get(f"/admin/{path}"), 401)
        assert (await world.operator.get(f"/admin/{path}")).status_code == 200
    overview = (await world.operator.get("/admin/overview")).json()
    assert overview["connections"] == {"active": 1}
    assert overview["budgets"][0]["day_used"] > 0
    assert (await world.operator.post(f"/admin/connections/{connection}/pause")).status_code == 202
    assert await world.state(connection) == "paused"
    assert (await world.operator.post(f"/admin/connections/{connection}/resume")).status_code == 202
    rows = (await world.operator.get("/admin/audit")).json()["items"]
    assert rows[0]["action"] == "connection active"
    assert rows[0]["actor"] == "operator"
    assert_problem(await world.operator.post("/admin/dead-letters/none/replay"), 404)


async def test_the_docs_have_no_outside_assets(one_world: World) -> None:
    page = (await one_world.web.get("/v1/docs")).text
    assert "/v1/connections/{connection_id}/rules" in page
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assert "<script" not in page


async def test_templates_are_a_partners_own(one_world: World) -> None:
    kept = await one_world.partner.put("/v1/templates/winkel", json={"mode": "invoices"})
    assert kept.status_code == 200
    assert (await one_world.partner.get("/v1/templates/winkel")).json()["mode"] == "invoices"
    assert_problem(await one_world.stranger.get("/v1/templates/winkel"), 404)
    assert_problem(await one_world.partner.put("/v1/templates/winkel", json={"mode": "x"}), 422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("start_date", "0001-01-01"),
        ("start_date", "2100-01-01"),
        ("reference_prefix", "k"),
        ("day_end", "25:00"),
        ("post_at", "6:30"),
        ("day_close_wait_minutes", -1),
    ],
)
async def test_a_template_holds_nothing_that_no_connection_could_take(
    one_world: World, field: str, value: object
) -> None:
    answer = await one_world.partner.put("/v1/templates/fout", json={field: value})
    assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == [field]
    assert_problem(await one_world.partner.get("/v1/templates/fout"), 404)


async def test_budget_says_what_is_used(one_world: World) -> None:
    connection = await one_world.active()
    answer = (await one_world.partner.get(f"/v1/connections/{connection}/budget")).json()
    assert answer["exact"]["day_used"] > 0
    assert answer["backlog"] == 0


async def test_a_backlog_of_printed_invoices_takes_two_calls_a_sale(one_world: World) -> None:
    connection = await one_world.active()
    await _choose_by_hand(one_world, connection, some_invoice_rules())
    sales = [a_sale(id=str(5000 + number)) for number in range(30)]
    for sale in sales:
        await one_world.tell(connection, recorded(sale), ready(sale))
    answer = (await one_world.partner.get(f"/v1/connections/{connection}/budget")).json()
    assert answer["backlog"] == 30
    assert _seconds_to(one_world, answer) == 60  # 60 calls, as many as a minute takes


async def test_a_sale_that_waits_for_its_day_is_no_backlog(one_world: World) -> None:
    connection = await one_world.active()
    await _choose_by_hand(one_world, connection, some_rules(mode="daily-totals"))
    for number in range(60):
        await one_world.tell(
            connection, recorded(a_sale(id=f"w{number}")), SaleMapped(f"w{number}", 1, 1, SATURDAY)
        )
    answer = (await one_world.partner.get(f"/v1/connections/{connection}/budget")).json()
    assert (answer["backlog"], _seconds_to(one_world, answer)) == (0, 0)

    day = {f"w{number}": ("12.10", "2.10") for number in range(60)}
    await one_world.tell(connection, a_day("D1-20260314", SATURDAY, day))
    answer = (await one_world.partner.get(f"/v1/connections/{connection}/budget")).json()
    assert answer["backlog"] == 60
    assert _seconds_to(one_world, answer) == 1  # one document of them all


async def _choose_by_hand(world: World, connection: str, rules: Rules) -> None:
    """Without asking Exact: the builders' codes aren't its own."""
    change = partial(tenants.change_connection, connection_id=connection, rules=rules_text(rules))
    await world.database.run(change)


def _seconds_to(world: World, answer: dict[str, Any]) -> int:
    through = datetime.fromisoformat(answer["through_at"])
    return round((through - world.sandbox.clock.now()).total_seconds())


async def test_no_answer_or_table_of_ours_shows_a_token(one_world: World) -> None:
    connection = await one_world.active()
    tokens = [*one_world.sandbox.exact.access_tokens, *one_world.sandbox.exact.refresh_tokens]
    answers = [
        (await one_world.partner.get(path)).text
        for path in ("/v1/grants", f"/v1/connections/{connection}", f"/v1/connections/{connection}/options")
    ]
    assert tokens
    assert not any(token in answer for token in tokens for answer in answers)
    assert json.loads(answers[0])["items"]


def test_prefixes_that_could_make_the_same_reference_collide() -> None:
    assert collide("", "7")
    assert collide("K", "K2")
    assert not collide("K-", "K2-")
    assert not collide("KR-", "KS-")
    assert collide("K", "KS")  # receipt 1-20261127 against the settlement S1-20261127
    assert collide("K-", "K-A")  # a restaurant's receipt A77230.31 against receipt 77230.31
    assert free_prefix([]) == "K-"
    assert free_prefix(["K-", "K2-"]) == "K3-"


async def test_a_body_that_is_no_json_is_named_as_the_body(one_world: World) -> None:
    answer = await one_world.partner.post(
        "/v1/merchants", content=b'{"name": ', headers={"content-type": "application/json"}
    )
    assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == ["body"]


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
async def test_a_day_beyond_every_till_is_refused_by_its_field(one_world: World, day: str) -> None:
    connection = f"/v1/connections/{await one_world.connection()}"
    for call in ("preview", "rebook"):
        answer = await one_world.partner.post(f"{connection}/{call}", json={"from": day, "to": day})
        fields = [error["field"] for error in assert_problem(answer, 422)["errors"]]
        assert fields == ["from", "to"]
    for field in ("from", "to"):
        for listing in ("reconciliation", "sales"):
            answer = await one_world.partner.get(f"{connection}/{listing}?{field}={day}")
            assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == [field]


async def test_days_that_end_before_they_begin_are_refused(one_world: World) -> None:
    connection = f"/v1/connections/{await one_world.connection()}"
    for listing in ("reconciliation", "sales"):
        answer = await one_world.partner.get(f"{connection}/{listing}?from=2026-03-02&to=2026-03-01")
        assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == ["to"]
    assert (
        await one_world.partner.get(f"{connection}/sales?from=2026-03-01&to=2026-03-01")
    ).status_code == 200


async def test_what_no_database_can_hold_is_refused(world: World) -> None:
    """The letter NUL, which PostgreSQL has in no text."""
    merchant = await world.merchant()
    connection = f"/v1/connections/{await world.connection(merchant)}"
    for address in ("/v1/connections/%00", f"{connection}/sales/a%00", "/v1/grants/%00"):
        assert_problem(await world.partner.get(address), 404)
    for listing in ("sales", "products"):
        answer = await world.partner.get(f"{connection}/{listing}?limit=5&search=a%00")
        assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == ["search"]
    for path, field in (("", "email"), (f"/{merchant}/connections", "grants.exact")):
        body: dict[str, Any] = {"name": "Een", "email": "a\0@een.nl"}
        if path:
            body = {"source": "lightspeed-x", "country": "nl", "grants": {"exact": "\0"}}
        answer = await world.partner.post(f"/v1/merchants{path}", json=body)
        assert [error["field"] for error in assert_problem(answer, 422)["errors"]] == [field]


async def test_a_database_that_is_away_is_said_so_and_asks_to_try_again(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def away(self: Database) -> AsyncIterator[Any]:
        raise ConnectionRefusedError("connection refused")
        yield

    monkeypatch.setattr(Database, "reading", away)
    answer = await one_world.web.get("/v1/merchants", headers={"Authorization": "Bearer kk_x"})
    body = assert_problem(answer, 503)
    assert "database" in body["detail"]
    assert answer.headers["retry-after"] == "5"
