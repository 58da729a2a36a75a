"""Calls to Exact: one division's rows, pages and writes; nothing here knows what a sale is.

Each call is reserved from the budget, carries a token that is good by the clock, and ends in rows or in
one of the errors that `errors.py` draws.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from libs.common.budget.budget import Budget, Lane
from libs.common.exact import odata
from libs.common.exact.answers import ForeignPage, NotUnderstood, Row, body_of, next_address, page_of, row_of
from libs.common.exact.calls import Call, Caller
from libs.common.exact.errors import BadRequest, NoModule, NoRight, OutcomeUnknown, Unavailable
from libs.common.service import Now
from libs.common.vault.vault import Vault

MOST_PAGES = 2_000
NOT_FOUND = 404
LARGEST_WRITE = 10 * 1024 * 1024
ME = ("UserID", "FullName", "CurrentDivision", "LanguageCode")


@dataclass(frozen=True, slots=True)
class Me:
    """Who consented. `current_division` follows the web pages: a suggestion, never a default (1.7)."""

    user_id: str
    name: str
    current_division: int
    language: str


class ExactClient:
    """One a process; `http` from `libs.common.http.http_client`."""

    def __init__(
        self, http: httpx.AsyncClient, vault: Vault, budget: Budget, now: Now, *, read_seconds: float
    ) -> None:
        self._caller = Caller(http, vault, budget, now, read_seconds)

    def division(self, grant_id: str, site: str, division: str) -> ExactDivision:
        """A cheap value bound to one division; `site` is the scheme and host of the country's Exact."""
        if not division.isdecimal():
            raise ValueError(f"a division is a whole number, not {division!r}")
        return ExactDivision(self._caller, grant_id, site.rstrip("/"), division)

    async def prove_token(self, grant_id: str) -> None:
        """Raises what a call on this grant would raise before it is sent; asks Exact only to renew."""
        await self._caller.vault.access_token(grant_id)

    async def me(self, grant_id: str, site: str) -> Me:
        """The login of the grant; it comes as a collection of one (1.9)."""
        base = site.rstrip("/")
        address = f"{base}/api/v1/current/Me?$select={','.join(ME)}"
        call = Call("GET", address, f"{base}/current/{grant_id}", "current/me", Lane.SET_UP)
        body = await self._caller.answer(grant_id, call)
        try:
            row = page_of(body).rows[0]
            return Me(
                user_id=str(row["UserID"]),
                name=str(row.get("FullName") or ""),
                current_division=odata.integer_of(row["CurrentDivision"]),
                language=str(row.get("LanguageCode") or ""),
            )
        except (NotUnderstood, IndexError, KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"current/Me: {error}") from error


@dataclass(frozen=True, slots=True, repr=False)
class ExactDivision:
    """All calls of one grant to one division."""

    _caller: Caller
    grant_id: str
    site: str
    number: str

    def __repr__(self) -> str:
        return f"ExactDivision({self.key})"

    @property
    def key(self) -> str:
        """As the budget knows it."""
        return f"{self.site}/{self.number}"

    @property
    def _base(self) -> str:
        return f"{self.site}/api/v1/{self.number}"

    async def rows(
        self,
        path: str,
        *,
        select: Sequence[str],
        filter: str | None = None,
        orderby: str | None = None,
        lane: Lane = Lane.SALES,
        limit: int | None = None,
    ) -> list[Row]:
        """All rows, over all pages; at most `limit`, the first of them."""
        found: list[Row] = []
        pages = self.pages(path, select=select, filter=filter, orderby=orderby, lane=lane, limit=limit)
        async for page in pages:
            found += page
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    async def rows_if_bought(self, path: str, **asked: Any) -> list[Row]:
        """As `rows`; none where the company hasn't bought the module, or the login may not see it (4.6)."""
        try:
            return await self.rows(path, **asked)
        except (NoModule, NoRight):
            return []

    async def pages(
        self,
        path: str,
        *,
        select: Sequence[str],
        filter: str | None = None,
        orderby: str | None = None,
        lane: Lane = Lane.SALES,
        limit: int | None = None,
    ) -> AsyncIterator[list[Row]]:
        """Page by page, `__next` followed as it stands. Many endpoints demand a `select` (4.3)."""
        query = {"$select": ",".join(select), "$filter": filter, "$orderby": orderby, "$top": limit}
        address: str | None = self._address(path, query)
        seen: set[str] = set()
        while address is not None:
            if address in seen or len(seen) >= MOST_PAGES:
                raise Unavailable(f"{path}: the pages don't end")
            seen.add(address)
            body = await self._of_list(self._call("GET", address, path, lane))
            try:
                page = page_of(body)
                address = None if page.next is None else next_address(page.next, self._base)
            except (NotUnderstood, ForeignPage) as error:
                raise Unavailable(f"{path}: {error}") from error
            yield page.rows

    async def post(self, path: str, body: Mapping[str, Any], *, lane: Lane = Lane.SALES) -> Row:
        """The row that Exact made, its `d`. Anything less than a definite answer is `OutcomeUnknown`."""
        answer = await self._of_list(self._written("POST", path, body, lane))
        try:
            return row_of(answer)
        except NotUnderstood as error:
            raise OutcomeUnknown(f"{path}: {error}") from error

    async def put(self, path: str, key: str, body: Mapping[str, Any], *, lane: Lane = Lane.SALES) -> None:
        """Changes only what `body` names (4.4); doing it twice does no harm."""
        await self._caller.answer(
            self.grant_id, self._written("PUT", f"{path}({odata.key(key)})", body, lane)
        )

    async def delete(self, path: str, key: str, *, lane: Lane = Lane.SALES) -> None:
        """Only of what isn't booked yet."""
        address = self._address(f"{path}({odata.key(key)})", {})
        await self._caller.answer(self.grant_id, self._call("DELETE", address, path, lane))

    async def _of_list(self, call: Call) -> bytes:
        try:
            return await self._caller.answer(self.grant_id, call)
        except BadRequest as error:
            if error.status == NOT_FOUND:
                raise NoModule(call.endpoint) from error
            raise

    def _written(self, method: str, path: str, body: Mapping[str, Any], lane: Lane) -> Call:
        content = body_of(body)
        if len(content) > LARGEST_WRITE:
            raise BadRequest(413, f"{path}: {len(content)} bytes, and Exact takes 10 MB (3.1)")
        return self._call(method, self._address(path, {}), path, lane, content)

    def _call(self, method: str, address: str, path: str, lane: Lane, content: bytes | None = None) -> Call:
        return Call(method, address, self.key, endpoint_of(path), lane, content)

    def _address(self, path: str, query: Mapping[str, object]) -> str:
        options = "&".join(
            f"{name}={quote(str(value), safe=_SAFE)}" for name, value in query.items() if value is not None
        )
        joint = "&" if "?" in path else "?"  # functions have parameters of their own (4.3)
        return f"{self._base}/{path}" + (f"{joint}{options}" if options else "")


_SAFE = "$',()/:"


def endpoint_of(path: str) -> str:
    """What Exact counts errors by: the path without keys, since case doesn't matter to it (1.3)."""
    name, _, rest = path.partition("?")[0].partition("(")
    _, _, collection = rest.partition(")")
    return (name + collection).lower()
