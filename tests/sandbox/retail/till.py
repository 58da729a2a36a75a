"""A connected client, a fixed clock and short tickets: where the tests of this vendor start."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from services.sandbox.clock import Clock
from services.sandbox.retail.app import retail_app
from services.sandbox.retail.control import RetailControl
from services.sandbox.retail.world import RetailWorld

NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
CLIENT = {"client_id": "kassakoppeling", "client_secret": "sandbox-secret"}
ASKED = {"response_type": "code", "client_id": "kassakoppeling", "scope": "employee:all", "state": "s1"}


def a_world() -> RetailWorld:
    world = RetailWorld(Clock(NOON))
    world.limits.settings.choose({"bucket": 1_000_000, "burst": 1_000_000})
    return world


def a_client(world: RetailWorld) -> httpx.AsyncClient:
    app = Starlette(routes=RetailControl(world).routes())
    app.mount("/", retail_app(world))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://till.test")


async def a_code(client: httpx.AsyncClient, account: int = 4712, **more: str) -> str:
    answer = await client.post(
        "/auth/oauth/authorize", data=ASKED | more | {"account": str(account), "decision": "allow"}
    )
    return httpx.URL(answer.headers["location"]).params["code"]


async def tokens(client: httpx.AsyncClient, account: int = 4712, **more: str) -> dict[str, Any]:
    form = CLIENT | {"grant_type": "authorization_code", "code": await a_code(client, account, **more)}
    return (await client.post("/auth/oauth/token", data=form)).json()


async def refreshed(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(
        "/auth/oauth/token", data=CLIENT | {"grant_type": "refresh_token", "refresh_token": token}
    )


@dataclass
class Till:
    """`get` reads the data API of account 4712, `sell` sells at its till."""

    world: RetailWorld
    client: httpx.AsyncClient
    headers: dict[str, str]
    account: int = 4712

    async def answer(self, path: str, method: str = "GET", **parameters: Any) -> httpx.Response:
        body = parameters.pop("body", None)
        url = path if path.startswith("http") else f"/API/V3/Account/{self.account}/{path}.json"
        return await self.client.request(
            method, url, params=parameters or None, json=body, headers=self.headers
        )

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.answer(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sell(self, *lines: dict[str, Any], **ticket: Any) -> str:
        body = {"lines": list(lines), "payments": [{"type": "PIN"}]} | ticket
        answer = await self.control("sales", [body])
        return str(answer[0]["saleID"])

    async def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = await self.client.request(method, f"/sandbox/tills/retail/{self.account}/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sale(self, key: str, *relations: str) -> dict[str, Any]:
        names = ",".join(f'"{name}"' for name in relations or ("SaleLines", "SalePayments"))
        return (await self.get(f"Sale/{key}", load_relations=f"[{names}]"))["Sale"]


def a_line(price: str = "12.10", quantity: str = "1", rate: str = "21", **more: Any) -> dict[str, Any]:
    return {"description": "Mok", "unit_price": price, "quantity": quantity, "vat_rate": rate} | more
