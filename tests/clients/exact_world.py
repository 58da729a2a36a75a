"""A client of Exact over the sandbox in this process: what the tests of the client and the vault share."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx

from libs.common.budget import Budget
from libs.common.database.engine import Database
from libs.common.exact.client import ExactClient, ExactDivision
from libs.common.exact.oauth import ExactTokens, authorize_url
from libs.common.http import http_client
from libs.common.vault import Keyring, TokenSet, Vault
from services.sandbox.clock import Clock
from services.sandbox.exact.app import exact_app
from services.sandbox.exact.seed import plant
from services.sandbox.exact.world import LOCAL_REDIRECT, World

SITE = "https://start.exactonline.nl"
START = datetime(2025, 3, 3, 9, 0, 0, tzinfo=UTC)
KEY = bytes(range(32))
CLIENT_ID, SECRET = "kassakoppeling", "sandbox-secret"


class Wire(httpx.AsyncBaseTransport):
    """The wire to the sandbox: counts what passes, and loses answers or requests where a test says so."""

    def __init__(self, world: World) -> None:
        self._app = httpx.ASGITransport(exact_app(world))
        self.passed: list[httpx.Request] = []
        self.lose_answer_of: str | None = None
        self.refuse_connection = False
        self.answer: httpx.Response | None = None
        self.break_with: Exception | None = None
        self.times = 1
        """How many calls `answer` and `break_with` hold for."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.refuse_connection:
            raise httpx.ConnectError("refused", request=request)
        self.passed.append(request)
        if self.answer is not None:
            answer, self.times = self.answer, self.times - 1
            if not self.times:
                self.answer, self.times = None, 1
            return answer
        if self.break_with is not None:
            error, self.times = self.break_with, self.times - 1
            if not self.times:
                self.break_with, self.times = None, 1
            raise error
        response = await self._app.handle_async_request(request)
        if self.lose_answer_of and self.lose_answer_of in request.url.path:
            self.lose_answer_of = None
            await response.aread()
            raise httpx.ReadTimeout("no answer", request=request)
        return response

    def count(self, part: str) -> int:
        return sum(part in request.url.path for request in self.passed)


@dataclass
class ExactWorld:
    """The sandbox, and one process of ours that talks to it."""

    database: Database
    clock: Clock = field(default_factory=lambda: Clock(START))

    def __post_init__(self) -> None:
        self.world = plant(World(self.clock, seed=1))
        self.wire = Wire(self.world)
        self.http = http_client(transport=self.wire)
        self.endpoint = ExactTokens(self.http, CLIENT_ID, SECRET)
        self.vault = self.new_vault()
        self.budget = Budget(self.database, self.clock.now)
        self.client = ExactClient(self.http, self.vault, self.budget, self.clock.now, read_seconds=5)
        self.user = next(iter(self.world.users.values()))
        self.number = str(self.user.current_division)

    def new_vault(self, *keys: bytes) -> Vault:
        """As another process has it: nothing shared but the database."""
        return Vault(self.database, Keyring(keys or (KEY,)), {"exact": self.endpoint}, self.clock.now)

    async def consent(self, user: str | None = None) -> TokenSet:
        """A person goes through the consent page; the code is exchanged."""
        address = authorize_url(SITE, CLIENT_ID, LOCAL_REDIRECT, f"s{random.random()}")
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        form = {**query, "user": user or self.user.name, "decision": "allow"}
        answer = await self.http.post(f"{SITE}/api/oauth2/auth", data=form)
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        return await self.endpoint.exchange(code, LOCAL_REDIRECT, SITE)

    async def connect(self, *, partner_id: str = "direct", user: str | None = None) -> str:
        tokens = await self.consent(user)
        async with self.database.transaction() as transaction:
            return await self.vault.keep_consent(
                transaction,
                partner_id=partner_id,
                merchant_id="m1",
                system="exact",
                site=SITE,
                subject=user or self.user.id,
                subject_name=self.user.full_name,
                tokens=tokens,
            )

    def division(self, grant_id: str) -> ExactDivision:
        return self.client.division(grant_id, SITE, self.number)
