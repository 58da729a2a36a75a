"""Each fault, seen by a client over a real socket; and the front that serves every vendor on one port."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx
import pytest
import uvicorn

from services.sandbox.app import Sandbox, build, vendor_of
from services.sandbox.clock import Clock
from tests.sandbox.retail.till import ASKED, CLIENT


def free_port() -> int:
    """Below the range that the system hands out by itself."""
    for port in range(21800, 32700, 7):
        with closing(socket.socket()) as candidate:
            if candidate.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no port is free")


class Merchant:
    """Talks to the sandbox like the product does."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox) -> None:
        self.client = client
        self.sandbox = sandbox
        self.headers: dict[str, str] = {}
        self.refresh_token = ""

    async def connect(self) -> None:
        consent = ASKED | {"account": "4712", "decision": "allow"}
        back = await self.client.post("/auth/oauth/authorize", data=consent)
        form = CLIENT | {
            "grant_type": "authorization_code",
            "code": httpx.URL(back.headers["location"]).params["code"],
        }
        granted = (await self.client.post("/auth/oauth/token", data=form)).json()
        self.headers = {"Authorization": f"Bearer {granted['access_token']}"}
        self.refresh_token = granted["refresh_token"]

    async def fault(self, kind: str, rate: float = 1.0, vendor: str = "retail") -> None:
        answer = await self.client.put("/sandbox/faults", json={vendor: {kind: rate}, "slow_seconds": 0.2})
        assert answer.status_code == 200, answer.text

    async def api(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        return await self.client.request(method, f"/API/V3/Account/4712/{path}", headers=self.headers, **more)

    async def happened(self, vendor: str = "retail") -> dict[str, int]:
        counted: dict[str, int] = (await self.client.get("/sandbox/faults")).json()["happened"][vendor]
        return counted


@pytest.fixture
async def merchant() -> AsyncIterator[Merchant]:
    sandbox = build(clock=Clock())
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(sandbox.app, port=port, log_level="critical", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # uvicorn tells it in no other way
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
        merchant = Merchant(client, sandbox)
        await merchant.connect()
        yield merchant
    server.should_exit = True
    await running


async def test_an_answer_is_lost_after_the_work_was_done(merchant: Merchant) -> None:
    await merchant.fault("answer_lost")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await merchant.api("Item.json", "POST", json={"description": "Bel"})
    await merchant.fault("answer_lost", 0)
    assert (await merchant.api("Item.json")).json()["Item"]["description"] == "Bel"
    assert await merchant.happened() == {"answer_lost": 1}


async def test_a_500_before_the_work_and_one_after(merchant: Merchant) -> None:
    await merchant.fault("html_500")
    answer = await merchant.api("Item.json", "POST", json={"description": "Bel"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert len(merchant.sandbox.retail.accounts[4712]["Item"]) == 0
    await merchant.fault("html_500_after_work")
    assert (await merchant.api("Item.json", "POST", json={"description": "Bel"})).status_code == 500
    assert len(merchant.sandbox.retail.accounts[4712]["Item"]) == 1


async def test_refusals(merchant: Merchant) -> None:
    await merchant.fault("refused_429")
    refused = await merchant.api("Item.json")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    await merchant.fault("unavailable_503")
    assert (await merchant.api("Item.json")).status_code == 503
    calls = (await merchant.client.get("/sandbox/calls")).json()
    assert calls["lightspeed"] == calls["retail"] == {"total": 3, "api": 2, "token": 1, "refused": 1}


async def test_half_a_body(merchant: Merchant) -> None:
    whole = await merchant.api("Shop.json")
    await merchant.fault("cut_json")
    half = await merchant.api("Shop.json")
    assert half.text == whole.text[: len(whole.content) // 2]
    with pytest.raises(json.JSONDecodeError):
        half.json()


async def test_slow(merchant: Merchant) -> None:
    await merchant.fault("slow")
    with pytest.raises(httpx.ReadTimeout):
        await merchant.api("Shop.json", timeout=0.05)
    assert (await merchant.api("Shop.json")).status_code == 200


async def test_a_consent_is_revoked(merchant: Merchant) -> None:
    await merchant.fault("token_revoked")
    answer = await merchant.api("Shop.json")
    assert (answer.status_code, answer.json()["hint"]) == (401, "Access token has been revoked")
    await merchant.fault("token_revoked", 0)
    form = CLIENT | {"grant_type": "refresh_token", "refresh_token": merchant.refresh_token}
    assert (await merchant.client.post("/auth/oauth/token", data=form)).json()["error"] == "invalid_grant"


async def test_a_lost_token_answer_can_be_repeated(merchant: Merchant) -> None:
    await merchant.fault("token_answer_lost")
    form = CLIENT | {"grant_type": "refresh_token", "refresh_token": merchant.refresh_token}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await merchant.client.post("/auth/oauth/token", data=form)
    await merchant.fault("token_answer_lost", 0)
    assert (await merchant.client.post("/auth/oauth/token", data=form)).status_code == 200


async def test_a_token_answer_is_slow_and_comes(merchant: Merchant) -> None:
    await merchant.fault("token_slow")
    form = CLIENT | {"grant_type": "refresh_token", "refresh_token": merchant.refresh_token}
    with pytest.raises(httpx.ReadTimeout):
        await merchant.client.post("/auth/oauth/token", data=form, timeout=0.05)
    assert (await merchant.client.post("/auth/oauth/token", data=form)).status_code == 200
    assert await merchant.happened() == {"token_slow": 2}


async def test_rows_move_and_late_sales_come_between_two_pages(merchant: Merchant) -> None:
    await merchant.client.post("/sandbox/tills/retail/4712/made-up", json={"count": 5})
    for kind in ("rows_move", "late_sale"):
        await merchant.fault(kind)
        page = (await merchant.api("Sale.json", params={"limit": 2, "sort": "updatetime"})).json()
        await merchant.client.get(page["@attributes"]["next"], headers=merchant.headers)
    assert await merchant.happened() == {"rows_move": 1, "late_sale": 1}
    assert len(merchant.sandbox.retail.accounts[4712]["Sale"]) == 6


async def test_exact_has_its_own_faults_and_the_control_paths_have_none(merchant: Merchant) -> None:
    await merchant.fault("html_500", vendor="exact")
    assert (await merchant.client.get("/api/v1/current/Me")).status_code == 500
    assert (await merchant.client.get("/sandbox/clock")).status_code == 200
    assert (await merchant.api("Shop.json")).status_code == 200


async def test_the_same_seed_throws_the_same_dice(merchant: Merchant) -> None:
    async def thrown() -> list[int]:
        await merchant.client.put("/sandbox/faults", json={"seed": 5, "retail": {"html_500": 0.5}})
        return [(await merchant.api("Shop.json")).status_code for _ in range(12)]

    first = await thrown()
    assert set(first) == {200, 500}
    assert await thrown() == first


@pytest.mark.parametrize(
    "wanted",
    [{"nobody": {}}, {"retail": {"nothing": 1}}, {"retail": {"slow": 2}}, {"exact": {"late_sale": 1}}],
)
async def test_wrong_faults_are_refused(merchant: Merchant, wanted: dict[str, Any]) -> None:
    assert (await merchant.client.put("/sandbox/faults", json=wanted)).status_code == 422


async def test_the_page_sells_at_every_till_by_its_path(merchant: Merchant) -> None:
    tills = (await merchant.client.get("/sandbox/tills")).json()
    assert {"path": "/sandbox/tills/retail/4712", "name": "Lightspeed Retail 4712 Cadeauwinkel"} in tills
    for till in tills:
        sold = (await merchant.client.post(f"{till['path']}/made-up", json={"count": 1})).json()
        listed = (await merchant.client.get(f"{till['path']}/sales")).json()
        assert [sale["number"] for sale in sold] == [sale["number"] for sale in listed]
        assert (await merchant.client.get(f"{till['path']}/totals")).json()["sales"] == 1


async def test_the_page_and_the_clock(merchant: Merchant) -> None:
    page = await merchant.client.get("/")
    assert f"export KOPPELING_EXACT_URL={str(merchant.client.base_url).rstrip('/')}" in page.text
    assert "http" not in page.text.replace(str(merchant.client.base_url).rstrip("/"), "").split("<style>")[1]
    before = datetime.fromisoformat((await merchant.client.get("/sandbox/clock")).json()["now"])
    answer = await merchant.client.post("/sandbox/clock", json={"advance_seconds": 3600})
    assert (datetime.fromisoformat(answer.json()["now"]) - before).total_seconds() >= 3600


async def test_calls_are_counted_for_each_vendor_and_for_lightspeed_as_a_whole(merchant: Merchant) -> None:
    await merchant.client.get("/f/data/businesses")
    await merchant.client.post("/realms/k-series/protocol/openid-connect/token")
    await merchant.api("Shop.json")
    calls = (await merchant.client.get("/sandbox/calls")).json()
    assert calls["restaurant"] == {"total": 2, "api": 1, "token": 1, "refused": 0}
    assert calls["retail"] == {"total": 2, "api": 1, "token": 1, "refused": 0}
    assert calls["lightspeed"] == {"total": 4, "api": 2, "token": 2, "refused": 0}


async def test_calls_can_be_reset(merchant: Merchant) -> None:
    answer = (await merchant.client.post("/sandbox/calls/reset")).json()
    assert answer["lightspeed"] == {"total": 0, "api": 0, "token": 0, "refused": 0}
    assert answer["exact"]["total"] == 0


@pytest.mark.parametrize(
    ("path", "vendor"),
    [
        ("/api/v1/1/crm/Accounts", "exact"),
        ("/API/V1/current/Me", "exact"),
        ("/api/oauth2/token", "exact"),
        ("/API/V3/Account.json", "retail"),
        ("/auth/oauth/token", "retail"),
        ("/realms/k-series/protocol/openid-connect/token", "restaurant"),
        ("/f/v2/business-location/220000004801001/sales", "restaurant"),
        ("/items/v1/items", "restaurant"),
        ("/oauth/revoke", "restaurant"),
        ("/elsewhere", None),
    ],
)
def test_a_vendor_is_known_by_its_path(path: str, vendor: str | None) -> None:
    found = vendor_of(path, build(clock=Clock()).vendors)
    assert (found.name if found else None) == vendor
