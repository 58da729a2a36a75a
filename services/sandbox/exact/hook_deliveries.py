"""Delivers webhooks, one event a POST, a moment after it happened; lost, doubled and shuffled by switch."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from services.sandbox.exact import hooks
from services.sandbox.exact.division import Division
from services.sandbox.exact.switches import Switches
from services.sandbox.exact.table import Row
from services.sandbox.outgoing import tls

SECONDS = 5
HUNDRED = 100
NOBODY = 0
"""In place of a status, where no answer came."""


@dataclass
class HookDeliveries:
    """`hear` queues; `wake` delivers in a task of its own. How Exact tries again isn't known: it doesn't."""

    base_url: str
    switches: Switches
    secret_of: Callable[[str], str]
    seed: int = 1
    transport: httpx.AsyncBaseTransport | None = None
    waiting: deque[tuple[str, bytes]] = field(default_factory=deque)
    delivered: int = 0
    failed: int = 0
    _task: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self._dice = random.Random(f"{self.seed} hooks")

    def hear(self, division: Division, path: str, action: str, row: Row) -> None:
        topic = hooks.TOPIC_OF.get(path)
        if topic is None or hooks.PATH not in division.tables:
            return
        key = str(row[division.table(path).key])
        for subscription in division.table(hooks.PATH):
            if subscription["Topic"] == topic:
                client_id = subscription["_client_id"]
                content = hooks.event(self.base_url, division.number, path, action, key, client_id)
                self._queue(subscription["CallbackURL"], hooks.signed(content, self.secret_of(client_id)))

    def _queue(self, url: str, body: bytes) -> None:
        if self._happens("webhook_lost_percent"):
            return
        self.waiting += [(url, body)] * (2 if self._happens("webhook_doubled_percent") else 1)
        if len(self.waiting) > 1 and self._happens("webhook_shuffled_percent"):
            self.waiting[-1], self.waiting[-2] = self.waiting[-2], self.waiting[-1]

    def _happens(self, switch: str) -> bool:
        percent = self.switches[switch]
        return bool(percent and self._dice.random() * HUNDRED < percent)

    def wake(self) -> None:
        if self.waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self.settle())

    async def settle(self) -> None:
        while self.waiting:
            url, body = self.waiting.popleft()
            status = await self._post(url, body)
            if is_good(status):
                self.delivered += 1
            else:
                self.failed += 1

    async def prove(self, url: str) -> int:
        """The empty, unsigned POST by which a new address is tried; its status."""
        return await self._post(url, b"")

    async def _post(self, url: str, body: bytes) -> int:
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            async with httpx.AsyncClient(timeout=SECONDS, transport=self.transport, verify=tls()) as http:
                return (await http.post(url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return NOBODY


def is_good(status: int) -> bool:
    return 200 <= status < 300
