"""Delivers webhooks (chapter 14): five seconds for an answer, up to 20 tries over 48 hours, none after a
3xx or 4xx; and silence for a day when nearly all of a long backlog fails."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from services.sandbox.outgoing import tls
from services.sandbox.switches import Switches
from services.sandbox.x_series.hooks import Delivery, deliveries_of
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.table import Stored

MOST_TRIES = 20
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=4)
AT_ONCE = 4
BACKLOG, HOUR, SILENCE = 1000, timedelta(hours=1), timedelta(hours=24)
FAILING = 0.95
LOOK_AGAIN_SECONDS = 0.5


@dataclass
class Deliveries:
    """`hear` queues; `wake` delivers what is due, in a task of its own, while anything waits."""

    now: Callable[[], datetime]
    switches: Switches
    secret_of: Callable[[str], str]
    waiting: deque[Delivery] = field(default_factory=deque)
    silent_until: datetime | None = None
    delivered: int = 0
    given_up: int = 0
    in_flight: int = 0
    recent: deque[tuple[datetime, bool]] = field(default_factory=lambda: deque(maxlen=5000))
    _task: "asyncio.Task[None] | None" = None

    def hear(self, merchant: Merchant, kind: str, row: Stored) -> None:
        made = deliveries_of(merchant, kind, row, self.secret_of) if len(merchant.webhooks) else []
        for delivery in made:
            if self.switches.is_on("webhook_black_hole") or self._is_silent():
                continue
            self.waiting.append(delivery)
            if merchant.dice.random() < self.switches.number("webhook_duplicate_rate"):
                self.waiting.append(delivery)
            if len(self.waiting) > 1 and merchant.dice.random() < self.switches.number(
                "webhook_shuffle_rate"
            ):
                self.waiting[-1], self.waiting[-2] = self.waiting[-2], self.waiting[-1]

    def wake(self) -> None:
        if self.waiting and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def settle(self) -> None:
        """Until nothing is due any more; what waits for another try stays."""
        while any(delivery.due <= self.now() for delivery in self.waiting):
            await self._deliver_due()

    async def _work(self) -> None:
        while self.waiting:
            await self._deliver_due()
            if self.waiting:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _deliver_due(self) -> None:
        now = self.now()
        due = [delivery for delivery in self.waiting if delivery.due <= now]
        self.waiting = deque(delivery for delivery in self.waiting if delivery.due > now)
        self.in_flight += len(due)
        seconds = self.switches.number("webhook_timeout_seconds")
        async with httpx.AsyncClient(timeout=seconds, follow_redirects=False, verify=tls()) as http:
            for start in range(0, len(due), AT_ONCE):
                await asyncio.gather(*(self._deliver(http, one) for one in due[start : start + AT_ONCE]))
        self._fall_silent()

    async def _deliver(self, http: httpx.AsyncClient, delivery: Delivery) -> None:
        try:
            answer = await http.post(delivery.hook.url, content=delivery.body, headers=delivery.headers)
            status = answer.status_code
        except httpx.HTTPError:
            status = 0
        self.in_flight -= 1
        self.recent.append((self.now(), 200 <= status < 300))
        if 200 <= status < 300:
            self.delivered += 1
        elif 300 <= status < 500 or delivery.tries + 1 >= MOST_TRIES:
            self.given_up += 1
        else:
            delivery.due = self.now() + min(FIRST_WAIT * 2**delivery.tries, LONGEST_WAIT)
            delivery.tries += 1
            self.waiting.append(delivery)

    def _fall_silent(self) -> None:
        within = [succeeded for at, succeeded in self.recent if self.now() - at <= HOUR]
        failed = within.count(False)
        if len(self.waiting) > BACKLOG and failed > FAILING * len(within):
            self.given_up += len(self.waiting)
            self.waiting.clear()
            self.silent_until = self.now() + SILENCE

    def _is_silent(self) -> bool:
        return self.silent_until is not None and self.now() < self.silent_until
