"""What tests of the simulator start with: a linked user, calls with his token, and the seeded ids."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from services.sandbox.clock import Clock
from services.sandbox.exact.app import control_app, exact_app
from services.sandbox.exact.seed import BLOEM, plant
from services.sandbox.exact.world import World

START = datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC)
REDIRECT = "http://127.0.0.1:8080/oauth/exact/callback"
SECRETS = {"client_id": "kassakoppeling", "client_secret": "sandbox-secret"}


class Office:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.world = plant(World(clock))
        self.world.limits.minute = 100_000
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(exact_app(self.world)), base_url="http://exact.test"
        )
        self.control = httpx.AsyncClient(
            transport=httpx.ASGITransport(control_app(self.world)), base_url="http://control.test"
        )
        self.division = BLOEM
        self.access_token = ""
        self.refresh_token = ""

    async def code(self, user: str = "eva.dejong") -> str:
        form = {
            "client_id": "kassakoppeling",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "state": "s",
        }
        answer = await self.http.post("/api/oauth2/auth", data=form | {"user": user, "decision": "allow"})
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def redeem(self, code: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        return await self.http.post("/api/oauth2/token", data=form | SECRETS)

    async def refresh(self, token: str = "") -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token or self.refresh_token}
        return await self.http.post("/api/oauth2/token", data=form | SECRETS)

    async def link(self, user: str = "eva.dejong") -> "Office":
        tokens = (await self.redeem(await self.code(user))).json()
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.access_token}",
            "Accept": "application/json",
            "Prefer": "return=representation",
        }

    def url(self, path: str) -> str:
        return path if path.startswith("http") else f"/api/v1/{self.division}/{path}"

    async def get(self, path: str, **options: str) -> httpx.Response:
        params = {f"${name}": value for name, value in options.items()} or None
        return await self.http.get(self.url(path), params=params, headers=self.headers)

    async def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.http.post(self.url(path), json=body, headers=self.headers | (headers or {}))

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.http.put(self.url(path), json=body, headers=self.headers)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(self.url(path), headers=self.headers)

    async def rows(self, path: str, **options: str) -> list[dict[str, Any]]:
        answer = await self.get(path, **options)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["d"]["results"]
        return rows

    async def made(self, path: str, body: Any) -> dict[str, Any]:
        answer = await self.post(path, body)
        assert answer.status_code == 201, answer.text
        row: dict[str, Any] = answer.json()["d"]
        return row

    async def books(self) -> dict[str, Any]:
        books: dict[str, Any] = (await self.control.get(f"/divisions/{self.division}/books")).json()
        return books

    async def switch(self, **values: Any) -> None:
        answer = await self.control.put("/switches", json=values)
        assert answer.status_code == 200, answer.text

    def ledger(self, code: str) -> str:
        return self._id("financial/GLAccounts", code)

    def account(self, code: str) -> str:
        return self._id("crm/Accounts", code.rjust(18))

    def item(self, code: str) -> str:
        return self._id("logistics/Items", code)

    def _id(self, path: str, code: str) -> str:
        row = self.world.divisions[self.division].table(path).first("Code", code)
        assert row is not None
        found: str = row["ID"]
        return found

    def a_line(self, **changed: Any) -> dict[str, Any]:
        return {"GLAccount": self.ledger("8000"), "AmountFC": "100.00", "VATCode": "2"} | changed

    def an_entry(self, **changed: Any) -> dict[str, Any]:
        entry = {
            "Journal": "70",
            "Customer": self.account("1"),
            "EntryDate": "2026-11-20",
            "YourRef": "BON-1",
        }
        return (
            entry | ({} if "SalesEntryLines" in changed else {"SalesEntryLines": [self.a_line()]}) | changed
        )

    def an_invoice(self, **changed: Any) -> dict[str, Any]:
        line = {"Item": self.item("KADOPAPIER"), "Quantity": 1, "NetPrice": "12.10", "VATCode": "4"}
        invoice = {"Journal": "70", "OrderedBy": self.account("1"), "OrderDate": "2026-11-20"}
        return invoice | {"YourRef": "BON-2", "SalesInvoiceLines": [line]} | changed


def text_of(answer: httpx.Response) -> str:
    """The text of a refusal, after checking its shape."""
    error = answer.json()["error"]
    assert error["code"] == ""
    assert error["message"]["lang"] == ""
    text: str = error["message"]["value"]
    return text
