"""Faults on the way between a client and a vendor, drawn by rate from seeded dice.

`answer_lost` is the one that matters most: the vendor did the work, and the client never hears it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_KINDS = ("token_answer_lost", "token_unavailable_503", "token_slow")
KINDS = (
    "refused_429",
    "unavailable_503",
    "html_500",
    "token_revoked",
    "rows_move",
    "late_sale",
    "answer_lost",
    "html_500_after_work",
    "cut_json",
    "slow",
)
BEFORE_WORK = frozenset({"token_revoked", "rows_move", "late_sale"})
HTML = (b"content-type", b"text/html; charset=utf-8")


class FaultError(ValueError):
    """No such vendor or kind, or a rate that isn't between 0 and 1."""


class ConnectionCut(ConnectionError):
    """Raised into the server, so that it closes the socket in the middle of an answer."""


@dataclass
class Faults:
    """`vendors` by name, each with the faults of `BEFORE_WORK` that it can have."""

    vendors: Mapping[str, frozenset[str]]
    seed: int = 1
    slow_seconds: float = 2.0
    rates: dict[str, dict[str, float]] = field(default_factory=dict)
    happened: dict[str, Counter[str]] = field(default_factory=dict)
    dice: dict[str, random.Random] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.happened = {vendor: Counter() for vendor in self.vendors}
        self._throw_again()

    def _throw_again(self) -> None:
        self.dice = {vendor: random.Random(f"{self.seed} {vendor}") for vendor in self.vendors}

    def choose(self, wanted: Mapping[str, object]) -> None:
        """New rates for the vendors named, and fresh dice where a seed is."""
        checked = {name: self._rates(name, value) for name, value in wanted.items() if name in self.vendors}
        unknown = set(wanted) - set(self.vendors) - {"seed", "slow_seconds", "happened", "kinds", "without"}
        if unknown:
            raise FaultError(
                f"there is no vendor {', '.join(sorted(unknown))}; there are {', '.join(self.vendors)}"
            )
        self.slow_seconds = _number(wanted.get("slow_seconds", self.slow_seconds), "slow_seconds")
        self.rates.update(checked)
        if "seed" in wanted:
            self.seed = int(_number(wanted["seed"], "seed"))
            self._throw_again()

    def draw(self, vendor: str, kinds: tuple[str, ...]) -> str | None:
        rates = self.rates.get(vendor)
        if not rates:
            return None
        dice = self.dice[vendor]
        for kind in kinds:
            rate = rates.get(kind, 0.0)
            if rate and dice.random() < rate:
                return kind
        return None

    def count(self, vendor: str, kind: str) -> None:
        self.happened[vendor][kind] += 1

    def shown(self) -> dict[str, object]:
        rates = {vendor: self.rates.get(vendor, {}) for vendor in self.vendors}
        happened = {vendor: dict(counted) for vendor, counted in self.happened.items()}
        without = {vendor: sorted(BEFORE_WORK - own) for vendor, own in self.vendors.items()}
        return {
            "seed": self.seed,
            "slow_seconds": self.slow_seconds,
            **rates,
            "happened": happened,
            "kinds": [*KINDS, *TOKEN_KINDS],
            "without": without,
        }

    def _rates(self, vendor: str, value: object) -> dict[str, float]:
        if not isinstance(value, Mapping):
            raise FaultError(f"{vendor} is an object of kinds and rates")
        kinds = [kind for kind in (*KINDS, *TOKEN_KINDS) if kind not in BEFORE_WORK - self.vendors[vendor]]
        rates = {}
        for kind, rate in value.items():
            if kind not in kinds:
                raise FaultError(f"{vendor} has no fault {kind}; there are {', '.join(kinds)}")
            rates[kind] = _number(rate, kind)
            if rates[kind] > 1:
                raise FaultError(f"{kind} is a rate between 0 and 1, not {rate}")
        return rates


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise FaultError(f"{name} is a number of 0 or more, not {value}")
    return float(value)


@dataclass
class Hooks:
    """What a vendor lends to the faults; `before_work` by kind, each answers whether it did something."""

    is_token_call: Callable[[Scope], bool]
    is_browser_page: Callable[[Scope], bool]
    before_work: Mapping[str, Callable[[Scope], bool]]
    refuse_headers: Callable[[], list[tuple[bytes, bytes]]] = list
    refuse_body: bytes = (
        b'{"httpCode":"429","httpMessage":"Too Many Requests","message":"Rate limit exceeded."}'
    )


class FaultyVendor:
    """The vendor's application behind an unreliable network."""

    def __init__(self, app: ASGIApp, vendor: str, faults: Faults, hooks: Hooks) -> None:
        self._app = app
        self._vendor = vendor
        self._faults = faults
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = self._draw(scope) if scope["type"] == "http" else None
        if kind is None:
            await self._app(scope, receive, send)
        elif kind in {"refused_429", "html_500", "unavailable_503", "token_unavailable_503"}:
            self._faults.count(self._vendor, kind)
            await self._refuse(kind, send)
        elif kind in BEFORE_WORK:
            if self._hooks.before_work[kind](scope):
                self._faults.count(self._vendor, kind)
            await self._app(scope, receive, send)
        else:
            await self._after_work(kind, scope, receive, send)

    def _draw(self, scope: Scope) -> str | None:
        if self._hooks.is_browser_page(scope):
            return None
        return self._faults.draw(self._vendor, TOKEN_KINDS if self._hooks.is_token_call(scope) else KINDS)

    async def _refuse(self, kind: str, send: Send) -> None:
        if kind == "refused_429":
            headers = [(b"content-type", b"application/json"), *self._hooks.refuse_headers()]
            await _answer(send, 429, headers, self._hooks.refuse_body)
        elif kind == "html_500":
            await _answer(send, 500, [HTML], b"<html><body><h1>500 Internal Server Error</h1></body></html>")
        else:
            await _answer(
                send, 503, [HTML, (b"retry-after", b"1")], b"<html><body>Service Unavailable</body></html>"
            )

    async def _after_work(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await _kept_answer(self._app, scope, receive)
        self._faults.count(self._vendor, kind)
        if kind in {"answer_lost", "token_answer_lost"}:
            await send(start)
            raise ConnectionCut("the sandbox lost this answer on purpose")
        if kind == "html_500_after_work":
            await _answer(send, 500, [HTML], b"<html><body><h1>500 Internal Server Error</h1></body></html>")
            return
        if kind in {"slow", "token_slow"}:
            await asyncio.sleep(self._faults.slow_seconds)
        else:
            body = body[: len(body) // 2]
        headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        await _answer(send, start["status"], headers, body)


async def _kept_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    kept: list[Message] = []

    async def keep(message: Message) -> None:
        kept.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in kept if message["type"] == "http.response.body")
    start = kept[0]
    named = {name.lower() for name, _ in start["headers"]}
    if b"content-length" not in named:
        start["headers"] = [*start["headers"], (b"content-length", str(len(body) or 1).encode())]
    return start, body


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
