"""A vendor whose lists say each row in other words: what is allowed but odd."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

Row = dict[str, Any]


@dataclass
class Retold(httpx.AsyncBaseTransport):
    """The lists whose path ends so."""

    inner: httpx.AsyncBaseTransport
    retell: Callable[[Row], None]
    path: str

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        if request.method != "GET" or not request.url.path.endswith(self.path):
            return answer
        body = json.loads(await answer.aread())
        for row in _rows_in(body):
            self.retell(row)
        return httpx.Response(answer.status_code, content=json.dumps(body), request=request)


def _rows_in(body: dict[str, Any]) -> list[Row]:
    """Exact's, X-Series', or the one list of R-Series, which may be a row alone or lacking."""
    if "d" in body:
        return list(body["d"]["results"])
    found = [
        value for name, value in body.items() if name != "@attributes" and isinstance(value, list | dict)
    ]
    rows = body["data"] if "data" in body else next(iter(found), [])
    return rows if isinstance(rows, list) else [rows]
