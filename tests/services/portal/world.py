"""The portal in this process against the sandbox's vendors: one clock for all, a browser and two partners."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from libs.common.contracts.envelope import Envelope, Message, envelope_of
from libs.common.database.engine import Database
from libs.common.http import http_client
from libs.common.messaging import inbox
from libs.common.service import House, Service
from libs.common.settings import Settings
from services.portal.app import build
from services.portal.keys import create_partner
from services.sandbox.app import Sandbox
from services.sandbox.app import build as build_sandbox
from services.sandbox.page import settings_for

PUBLIC = "http://127.0.0.1:8080"
VENDORS = "http://vendors.test"
ADMIN = "an-operator"


def settings(**more: Any) -> Settings:
    fields: dict[str, Any] = {
        "public_url": PUBLIC,
        "secret_keys": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "admin_token": ADMIN,
        "exact_url": VENDORS,
        "exact_client_id": "kassakoppeling",
        "exact_client_secret": "sandbox-secret",
        "lightspeed_retail_auth_url": VENDORS,
        "lightspeed_retail_api_url": VENDORS,
        "lightspeed_retail_client_id": "kassakoppeling",
        "lightspeed_retail_client_secret": "sandbox-secret",
    }
    return Settings(_env_file=None, **(fields | more))


@dataclass
class World:
    sandbox: Sandbox
    database: Database
    service: Service
    web: httpx.AsyncClient
    """A browser, and the client of whoever has no key."""
    partner: httpx.AsyncClient
    stranger: httpx.AsyncClient
    """Another partner."""
    operator: httpx.AsyncClient
    vendors: httpx.AsyncClient

    async def merchant(self, **fields: Any) -> str:
        body = {"name": "Fietsen & Zo", "email": "jan@fietsenzo.nl", "language": "nl"} | fields
        return str((await self.partner.post("/v1/merchants", json=body)).json()["id"])

    async def connection(self, merchant: str | None = None, **fields: Any) -> str:
        merchant = merchant or await self.merchant()
        body = {"source": "lightspeed-retail", "country": "nl"} | fields
        answer = await self.partner.post(f"/v1/merchants/{merchant}/connections", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def authorize_url(self, connection: str, system: str) -> str:
        answer = await self.partner.post(
            f"/v1/connections/{connection}/authorizations", json={"system": system}
        )
        return str(answer.json()["authorize_url"])

    async def way_back(self, authorize_url: str, *, decision: str = "allow", **who: str) -> str:
        """Where the vendor sends the browser after its consent page."""
        options = {name: values[0] for name, values in parse_qs(urlsplit(authorize_url).query).items()}
        form = options | {"decision": decision, "account": "4711", "user": "eva.dejong"} | who
        answer = await self.vendors.post(authorize_url.split("?")[0], data=form)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def consent(self, connection: str, system: str, **who: str) -> httpx.Response:
        location = await self.way_back(await self.authorize_url(connection, system), **who)
        return await self.web.get(location)

    async def connected(
        self, merchant: str | None = None, *, source: str = "lightspeed-retail", **who: str
    ) -> str:
        """A connection with both consents."""
        connection = await self.connection(merchant, source=source)
        for system in ("lightspeed", "exact"):
            answer = await self.consent(connection, system, **who)
            assert answer.status_code == 200, answer.text
        return connection

    async def active(self, merchant: str | None = None, **who: str) -> str:
        connection = await self.connected(merchant, **who)
        options = (await self.partner.get(f"/v1/connections/{connection}/options?mode=transactions")).json()
        kept = await self.partner.put(f"/v1/connections/{connection}/rules", json=options["suggested_rules"])
        assert kept.status_code == 200, kept.text
        answer = await self.partner.post(f"/v1/connections/{connection}/activate")
        assert answer.status_code == 202, answer.text
        return connection

    async def state(self, connection: str) -> str:
        return str((await self.partner.get(f"/v1/connections/{connection}")).json()["state"])

    def envelope(self, connection: str, message: Message) -> Envelope:
        return envelope_of(message, connection, self.sandbox.clock.now())

    async def tell(self, connection: str, *messages: Message) -> None:
        envelopes = [self.envelope(connection, message) for message in messages]
        outcomes = await inbox.handle_batch(self.database, "portal", envelopes, self.service.consumers)
        assert all(outcome.value == "handled" for outcome in outcomes), outcomes


async def make_world(database: Database) -> World:
    sandbox = build_sandbox()
    told = settings_for(VENDORS, sandbox.vendors)
    known = {name.removeprefix("KOPPELING_").lower(): value for name, value in told.items()}
    house = House(settings(**known), database, sandbox.clock.now)
    http = http_client(transport=httpx.ASGITransport(app=sandbox.app))
    service = build(house, http=http)
    keys = [await create_partner(database, name, sandbox.clock.now()) for name in ("Een", "Twee")]
    clients = [_client(service.web, key) for key in ("", *keys, ADMIN)]
    vendors = httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox.app), base_url=VENDORS)
    web, partner, stranger, operator = clients
    return World(sandbox, database, service, web, partner, stranger, operator, vendors)


def _client(app: Any, key: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=PUBLIC, headers=headers)


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The shape of every error."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    return body
