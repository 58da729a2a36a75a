"""The demo's partner: talks to the portal's REST API as any partner's program would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import date, timedelta
from typing import Any

import httpx

from services.demo.processes import DemoFailed

ANSWERING_SECONDS = 60.0
TRIES = 40
A_DAY, A_YEAR = timedelta(days=1), timedelta(days=360)


class NotNow(DemoFailed):
    """Things stand otherwise by now: a consent went, or what was shown is shown anew."""


class Partner:
    """One API key; every call is tried again while the portal restarts."""

    def __init__(self, base_url: str, key: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=ANSWERING_SECONDS,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: str | int) -> Any:
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self._call("POST", path, json=body)

    async def put(self, path: str, body: Any) -> Any:
        return await self._call("PUT", path, json=body)

    async def items(self, path: str, **query: str | int) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor: str | None = None
        while True:
            asked = query | {"limit": 200} | ({"cursor": cursor} if cursor else {})
            page = await self.get(path, **asked)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def reconciliation(self, connection: str, days: Collection[date]) -> list[dict[str, Any]]:
        """The rows of all days from the first of these to the last, a year at most each time."""
        rows: list[dict[str, Any]] = []
        since = min(days, default=date.max) - A_DAY
        while days and since <= max(days) + A_DAY:
            until = since + A_YEAR
            path = f"/v1/connections/{connection}/reconciliation"
            rows += (await self.get(path, **{"from": since.isoformat(), "to": until.isoformat()}))["items"]
            since = until + A_DAY
        return rows

    async def _call(self, method: str, path: str, **request: Any) -> Any:
        for _ in range(TRIES):
            try:
                answer = await self._http.request(method, path, **request)
            except httpx.TransportError:
                await asyncio.sleep(0.5)
                continue
            if answer.status_code in (502, 503):
                await asyncio.sleep(0.5)
                continue
            if answer.is_error:
                failure = NotNow if answer.status_code in (409, 422) else DemoFailed
                raise failure(f"{method} {path} answered {answer.status_code}: {answer.text[:2000]}")
            return answer.json() if answer.content else None
        raise DemoFailed(f"{method} {path} wasn't answered")
