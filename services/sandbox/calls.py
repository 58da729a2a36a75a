"""Counts what a vendor is asked, before any fault, so that no call is missed."""

from dataclasses import asdict, dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.sandbox.faults import Hooks


@dataclass
class Calls:
    """What a vendor was asked: pages for a person's browser are not counted."""

    total: int = 0
    api: int = 0
    token: int = 0
    refused: int = 0

    def __add__(self, other: "Calls") -> "Calls":
        return Calls(**{name: count + getattr(other, name) for name, count in asdict(self).items()})

    def forget(self) -> None:
        self.total = self.api = self.token = self.refused = 0


class Counted:
    def __init__(self, app: ASGIApp, calls: Calls, hooks: Hooks) -> None:
        self._app = app
        self._calls = calls
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._hooks.is_browser_page(scope):
            await self._app(scope, receive, send)
            return
        self._calls.total += 1
        if self._hooks.is_token_call(scope):
            self._calls.token += 1
        else:
            self._calls.api += 1

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 429:
                self._calls.refused += 1
            await send(message)

        await self._app(scope, receive, watch)
