"""X-Series behind the sandbox's front: known by its path, counted, with faults, its settings on the page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from services.sandbox.app import Sandbox, build, vendor_of
from services.sandbox.clock import Clock
from tests.sandbox.x_series.store import NOON, a_line, tokens


@dataclass
class Front:
    client: httpx.AsyncClient
    sandbox: Sandbox
    headers: dict[str, str] = field(default_factory=dict)
    refresh_token: str = ""

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(f"/api/{path}", params=query, headers=self.headers)

    async def sell(self) -> None:
        ticket = {"lines": [a_line()], "payments": [{"type": "PIN"}]}
        answer = await self.client.post("/sandbox/tills/x/cadeauhuis/sales", json=[ticket])
        assert answer.status_code == 200, answer.text

    async def fault(self, kind: str) -> None:
        answer = await self.client.put("/sandbox/faults", json={"x": {kind: 1.0}, "slow_seconds": 0.01})
        assert answer.status_code == 200, answer.text

    async def happened(self) -> dict[str, int]:
        counted: dict[str, int] = (await self.client.get("/sandbox/faults")).json()["happened"]["x"]
        return counted


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    sandbox = build(clock=Clock(NOON))
    transport = httpx.ASGITransport(sandbox.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        granted = await tokens(client)
        headers = {"Authorization": f"Bearer {granted['access_token']}"}
        yield Front(client, sandbox, headers, granted["refresh_token"])


@pytest.mark.parametrize(
    ("path", "vendor"),
    [
        ("/connect", "x"),
        ("/api/1.0/token", "x"),
        ("/api/2.0/sales", "x"),
        ("/api/2.1/products/1", "x"),
        ("/api/2026-07/sales", "x"),
        ("/api/2024-10/sales", "x"),
        ("/api/register_sales", "x"),
        ("/api/webhooks", "x"),
        ("/api/v1/1/crm/Accounts", "exact"),
        ("/api/oauth2/token", "exact"),
        ("/API/V3/Account/4712/Sale.json", "retail"),
    ],
)
def test_a_vendor_is_known_by_its_path(front: Front, path: str, vendor: str) -> None:
    found = vendor_of(path, front.sandbox.vendors)
    assert found is not None
    assert found.name == vendor


async def test_calls_are_counted_but_the_browsers(front: Front) -> None:
    await front.client.post("/sandbox/calls/reset", json={})
    await front.client.get("/connect")
    await front.get("2.0/sales")
    await front.get("2026-07/taxes")
    await front.client.post("/api/1.0/token", data={})
    calls = (await front.client.get("/sandbox/calls")).json()
    assert calls["x"] == {"total": 3, "api": 2, "token": 1, "refused": 0}
    assert calls["lightspeed"]["total"] == 3


async def test_the_page_tells_the_settings_and_how_stores_share_the_address(front: Front) -> None:
    page = (await front.client.get("/")).text
    assert "KOPPELING_LIGHTSPEED_X_API_URL=http://sandbox.test" in page
    assert "KOPPELING_LIGHTSPEED_X_CLIENT_ID=kassakoppeling" in page
    assert "{domain_prefix}" in page
    tills = (await front.client.get("/sandbox/tills")).json()
    assert "/sandbox/tills/x/fietshuis" in {till["path"] for till in tills}


async def test_a_refusal_by_fault_carries_a_date(front: Front) -> None:
    await front.fault("refused_429")
    refused = await front.get("2.0/sales")
    assert refused.status_code == 429
    assert parsedate_to_datetime(refused.headers["Retry-After"]) > NOON
    assert refused.json()["error"] == "Too Many Requests"


async def test_an_error_page_is_html(front: Front) -> None:
    await front.fault("html_500")
    answer = await front.get("2.0/sales")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")


async def test_json_is_cut_in_the_middle(front: Front) -> None:
    await front.sell()
    await front.fault("cut_json")
    with pytest.raises(ValueError):
        (await front.get("2.0/sales")).json()


async def test_a_token_is_revoked_under_the_clients_hands(front: Front) -> None:
    await front.fault("token_revoked")
    assert (await front.get("2.0/sales")).status_code == 401
    form = {"client_id": "kassakoppeling", "client_secret": "sandbox-secret"} | {
        "grant_type": "refresh_token",
        "refresh_token": front.refresh_token,
    }
    assert (await front.client.post("/api/1.0/token", data=form)).status_code == 400


async def test_rows_move_to_the_end_between_two_pages(front: Front) -> None:
    for _ in range(3):
        await front.sell()
    first = (await front.get("2.0/sales", page_size=2)).json()
    await front.fault("rows_move")
    rest = (await front.get("2.0/sales", page_size=2, after=first["version"]["max"])).json()
    assert rest["data"][-1]["id"] == first["data"][0]["id"]
    assert await front.happened() == {"rows_move": 1}


async def test_a_late_sale_comes_between_two_pages_with_yesterdays_date(front: Front) -> None:
    await front.sell()
    first = (await front.get("2026-07/sales")).json()
    await front.fault("late_sale")
    (late,) = (await front.get("2026-07/sales", after=first["version"]["max"])).json()["data"]
    assert (late["date"], late["created_at"]) == ("2026-03-15T11:00:00Z", "2026-03-16T11:00:00Z")
    assert late["totals"]["price_incl_tax"] == 12.1


async def test_a_lost_answer_of_a_refresh_leaves_no_token_that_lives(front: Front) -> None:
    """What rotation at once costs: the merchant must connect again (chapter 17)."""
    await front.fault("token_answer_lost")
    form = {"client_id": "kassakoppeling", "client_secret": "sandbox-secret"} | {
        "grant_type": "refresh_token",
        "refresh_token": front.refresh_token,
    }
    with pytest.raises(ConnectionError):
        await _without_answer(front, form)
    await front.client.put("/sandbox/faults", json={"x": {}})
    assert (await front.client.post("/api/1.0/token", data=form)).status_code == 400
    assert (await front.get("2.0/sales")).status_code == 401


async def _without_answer(front: Front, form: dict[str, str]) -> None:
    transport = httpx.ASGITransport(front.sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        await client.post("/api/1.0/token", data=form)
