"""A connected client, a fixed clock and short tickets: where the tests of this vendor start."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from services.sandbox.clock import Clock
from services.sandbox.x_series.app import x_app
from services.sandbox.x_series.control import XControl
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.oauth import SCOPES
from services.sandbox.x_series.world import XWorld

NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
CLIENT = {"client_id": "kassakoppeling", "client_secret": "sandbox-secret"}
BACK = "http://127.0.0.1:8080/oauth/lightspeed-x/callback"
ASKED = {
    "response_type": "code",
    "client_id": "kassakoppeling",
    "redirect_uri": BACK,
    "scope": " ".join(sorted(SCOPES)),
    "state": "long-enough",
}


def a_world() -> XWorld:
    world = XWorld(Clock(NOON))
    world.switches.choose({"search_lag_seconds": 0})
    return world


def a_client(world: XWorld, base_url: str = "http://till.test") -> httpx.AsyncClient:
    app = Starlette(routes=XControl(world).routes())
    app.mount("/", x_app(world))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)


async def callback(client: httpx.AsyncClient, store: str = "cadeauhuis", **more: str) -> dict[str, str]:
    decided = {"account": store, "decision": "allow"}
    answer = await client.post("/connect", data=ASKED | decided | more)
    assert answer.status_code == 302, answer.text
    return dict(httpx.URL(answer.headers["location"]).params)


async def exchanged(client: httpx.AsyncClient, code: str, **more: str) -> httpx.Response:
    form = CLIENT | {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return await client.post("/api/1.0/token", data=form | more)


async def refreshed(client: httpx.AsyncClient, token: str) -> httpx.Response:
    form = CLIENT | {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post("/api/1.0/token", data=form)


async def tokens(client: httpx.AsyncClient, store: str = "cadeauhuis", **more: str) -> dict[str, Any]:
    granted = await exchanged(client, (await callback(client, store, **more))["code"])
    assert granted.status_code == 200, granted.text
    body: dict[str, Any] = granted.json()
    return body


@dataclass
class Store:
    """`get` reads the data API of the store cadeauhuis, `sell` sells at its till."""

    world: XWorld
    client: httpx.AsyncClient
    headers: dict[str, str]
    prefix: str = "cadeauhuis"

    @property
    def merchant(self) -> Merchant:
        return self.world.merchants[self.prefix]

    async def answer(self, path: str, method: str = "GET", body: Any = None, **query: Any) -> httpx.Response:
        return await self.client.request(
            method, f"/api/{path}", params=query or None, json=body, headers=self.headers
        )

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.answer(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await self.answer(path, method, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def till(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = await self.client.request(method, f"/sandbox/tills/x/{self.prefix}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, path: str, body: Any) -> str:
        """The sentence with which the till says no."""
        answer = await self.client.post(f"/sandbox/tills/x/{self.prefix}/{path}", json=body)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["error"])

    async def sell(self, *lines: dict[str, Any], **ticket: Any) -> str:
        """The id of what was sold, paid by PIN unless said otherwise."""
        body = {"lines": list(lines), "payments": [{"type": "PIN"}]} | ticket
        (sold,) = await self.till("sales", [body])
        return str(sold["id"])

    async def flat(self, key: str) -> Any:
        return (await self.get(f"2.0/sales/{key}"))["data"]

    async def nested(self, key: str) -> Any:
        return (await self.get(f"2026-07/sales/{key}"))["data"]

    def choose(self, **switches: Any) -> None:
        self.world.switches.choose(switches)

    def tax(self, name: str) -> Any:
        return next(tax for tax in self.merchant.taxes if tax.name == name)

    def payment_type(self, name: str) -> str:
        return next(kind.id for kind in self.merchant.payment_types if kind.name == name)


def a_line(price: str = "12.10", quantity: str = "1", rate: str = "21", **more: Any) -> dict[str, Any]:
    return {"item": f"MOK-{rate}", "description": "Mok", "unit_price": price, "quantity": quantity} | {
        "vat_rate": rate
    } | more  # fmt: skip


BUYER = {
    "ref": "klant-1",
    "first_name": "Noor",
    "last_name": "Bakker",
    "company": "Bakker BV",
    "vat_number": "NL1",
}
