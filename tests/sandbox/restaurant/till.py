"""A connected client, a fixed clock and short orders: where the tests of this vendor start."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from services.sandbox.restaurant.app import REALM, restaurant_app
from services.sandbox.restaurant.control import RestaurantControl
from services.sandbox.restaurant.world import RestaurantWorld

NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
CLIENT = ("devp-v2-demo-kassakoppeling", "sandbox-secret")
BACK = "http://127.0.0.1:8080/oauth/lightspeed-restaurant/callback"
SCOPE = "financial-api items offline_access"
ASKED = {
    "response_type": "code", "client_id": CLIENT[0], "redirect_uri": BACK, "scope": SCOPE, "state": "s1",
}  # fmt: skip
UTRECHT, ZEIST = "220000004801001", "220000004801002"
ALL = "payments,consumer,revenue_center,staff,account_profile,table,payment_authorization"
HERE = {"businessLocationId": int(UTRECHT)}


def a_client(world: RestaurantWorld) -> httpx.AsyncClient:
    app = Starlette(routes=RestaurantControl(world).routes())
    app.mount("/", restaurant_app(world))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://till.test")


async def a_code(client: httpx.AsyncClient, account: str = "4801", **more: str) -> str:
    form = ASKED | more | {"account": account, "decision": "allow"}
    answer = await client.post(f"{REALM}/auth", data=form)
    return httpx.URL(answer.headers["location"]).params["code"]


async def token_answer(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    return await client.post(f"{REALM}/token", data=form, auth=CLIENT)


async def tokens(client: httpx.AsyncClient, account: str = "4801", **more: str) -> Any:
    code = await a_code(client, account, **more)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return (await token_answer(client, form)).json()


async def refreshed(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await token_answer(client, {"grant_type": "refresh_token", "refresh_token": token})


@dataclass
class Till:
    """`get` reads the API, `sell` rings up at business 4801 and answers the account's number."""

    world: RestaurantWorld
    client: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def connect(self, account: str = "4801", **more: str) -> None:
        granted = await tokens(self.client, account, **more)
        self.headers = {"Authorization": f"Bearer {granted['access_token']}"}

    async def wait(self, seconds: float) -> None:
        """Longer than an access token lives, mostly."""
        self.world.clock.advance(seconds)
        await self.connect()

    async def answer(self, path: str, method: str = "GET", body: Any = None, **given: Any) -> httpx.Response:
        given = {name.rstrip("_"): value for name, value in given.items()}
        return await self.client.request(method, path, params=given or None, json=body, headers=self.headers)

    async def get(self, path: str, **given: Any) -> Any:
        answer = await self.answer(path, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sales(self, location: str = UTRECHT, **given: Any) -> Any:
        """A page of the second financial API, of a whole year where no begin is given."""
        given = {"from_": "2025-04-01T00:00:00Z", "include": ALL} | given
        return await self.get(f"/f/v2/business-location/{location}/sales", **given)

    async def sale(self, number: str, location: str = UTRECHT, **given: Any) -> Any:
        found = (await self.sales(location, pageSize=100, **given))["sales"]
        return next(sale for sale in found if sale["accountFiscId"] == number)

    async def control(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = await self.client.request(method, f"/sandbox/tills/restaurant/4801/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sell(self, *lines: dict[str, Any], **order: Any) -> str:
        body = {"lines": list(lines), "payments": [{"type": "PIN"}]} | order
        return str((await self.control("sales", body))[0]["number"])

    async def switch(self, **wanted: Any) -> None:
        answer = await self.client.put("/sandbox/restaurant/switches", json=wanted)
        assert answer.status_code == 200, answer.text


def beer(price: str = "5.00", quantity: str = "2", **more: Any) -> dict[str, Any]:
    return {"item": "BIER25", "unit_price": price, "quantity": quantity} | more


def burger(price: str = "15.00", quantity: str = "1", **more: Any) -> dict[str, Any]:
    return {"item": "BURGER", "unit_price": price, "quantity": quantity} | more
