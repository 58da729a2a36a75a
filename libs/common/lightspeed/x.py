"""The client of Lightspeed X-Series' API: pages of lists, search, single records; knows nothing of sales.

Every call is reserved from the store's window first and teaches it the headers. An answer that isn't surely
whole raises; the end of a list is an empty page, and nothing else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import stamina

from libs.common.budget import Lane, Postponed
from libs.common.budget.window import pause_until
from libs.common.http import BodyTooLarge, fetch
from libs.common.lightspeed.answers import error_of, json_in, object_in
from libs.common.lightspeed.errors import (
    NotFound,
    OutcomeUnknown,
    Unavailable,
)
from libs.common.lightspeed.source import Access, Row
from libs.common.lightspeed.x_host import api_base
from libs.common.lightspeed.x_sale import SOURCE
from libs.common.lightspeed.x_values import text

VERSION = "2026-07"
"""The one place that says it: the newest date-based version, each of which holds the whole API (2)."""
OLDER_VERSION = "2.0"
"""Asked for what the newest doesn't have: some were only ever seen there (12, 13, 19)."""
OF_NEWEST = ("sales/", "products/")
"""Records that the newest surely has, so that its 404 is of the record."""
NOT_FOUND = 404
PAGE = 200
"""Of sales; the vendor gives what it likes (5.1)."""
LONG_PAGE = 1000
"""Of lists that are short of members."""
USER_AGENT = "Kassakoppeling/1.0 (bookkeeping of till sales)"
LARGEST_ANSWER = 64 * 1024 * 1024
DEADLINE_SECONDS = 100.0
ATTEMPTS = 3
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LONGEST_VERSION = 18
MOST_PAGES = 1000
"""Of a reference list: more is a cursor that goes in circles."""


class NeverSent(Unavailable):
    """The call didn't leave this machine."""


@dataclass(frozen=True, slots=True)
class Page:
    """`version` is the highest in it; the page after begins there. Without rows it is the end."""

    rows: list[Row]
    version: int | None


class XAccount:
    """One store, by one grant."""

    def __init__(self, access: Access, grant_id: str, domain_prefix: str, version: str = VERSION) -> None:
        self.domain_prefix = domain_prefix
        self._access = access
        self._grant_id = grant_id
        self._key = f"{SOURCE}:{domain_prefix}"
        self._api = f"{api_base(access.app.api_url, domain_prefix)}/api"
        self._version = version

    async def page(
        self, path: str, after: int, lane: Lane, *, size: int = PAGE, deleted: bool = False
    ) -> Page:
        page = await self._page(path, after, lane, size, deleted=deleted)
        if page.rows and (page.version is None or page.version <= after):
            raise _goes_in_circles(path, after)
        return page

    async def _page(self, path: str, after: int, lane: Lane, size: int, *, deleted: bool) -> Page:
        asked = {"after": str(after), "page_size": str(size)} | ({"deleted": "true"} if deleted else {})
        body = await self.get(path, lane, asked)
        rows = _rows_in(body)
        return Page(rows, _highest(body, rows))

    async def newer(self, path: str, after: int, lane: Lane) -> Page:
        """Of a list that a POST reads and that comes as a bare array (13.4).

        How it takes a cursor is not known: whatever comes again isn't newer, so that it ends.
        """
        body = await self._send("POST", path, lane, body={"after": after, "page_size": LONG_PAGE})
        rows = _rows_in({"data": json_in(body)})
        versions = [version_of(row) for row in rows]
        new = [row for row, version in zip(rows, versions, strict=True) if version is None or version > after]
        highest = max(filter(None, versions), default=0)
        return Page(new, highest if highest > after else None)

    async def pages(self, path: str, lane: Lane, *, deleted: bool = False) -> AsyncIterator[list[Row]]:
        """Short lists may come whole whatever page is asked for, and without versions (5.1)."""
        after, before = 0, list[Row]()
        for _ in range(MOST_PAGES):
            page = await self._page(path, after, lane, LONG_PAGE, deleted=deleted)
            if not page.rows or page.rows == before:
                return
            is_whole = page.version is None and not before and len(page.rows) < LONG_PAGE
            if not is_whole and (page.version is None or page.version <= after):
                raise _goes_in_circles(path, after)
            yield page.rows
            if page.version is None:
                return
            after, before = page.version, page.rows
        raise Unavailable(f"{path} has no end")

    async def rows(self, path: str, lane: Lane, *, deleted: bool = False) -> list[Row]:
        return [row async for rows in self.pages(path, lane, deleted=deleted) for row in rows]

    async def rows_before(self, path: str, lane: Lane) -> list[Row]:
        """A list that goes from the newest to the oldest, by the id of the last one seen (5.3).

        An older version repeats that one on the next page; any other that comes again is no list's end.
        """
        rows: dict[str, Row] = {}
        last = ""
        for _ in range(MOST_PAGES):
            asked = {"page_size": str(LONG_PAGE)} | ({"before": last} if last else {})
            page = {text(row, "id"): row for row in _rows_in(await self.get(path, lane, asked))}
            page.pop(last, None)
            if not page:
                return list(rows.values())
            if "" in page or not rows.keys().isdisjoint(page):
                raise Unavailable(f"the page before {last} of {path} doesn't go on")
            rows |= page
            last = next(reversed(page))
        raise Unavailable(f"{path} has no end")

    async def whole(self, path: str, lane: Lane) -> list[Row]:
        """A list that comes in one answer."""
        return _rows_in(await self.get(path, lane))

    async def search(self, asked: Mapping[str, str], lane: Lane) -> list[Row]:
        """A page by offset; an index that may lag behind the lists (5.4)."""
        return _rows_in(await self.get("search", lane, asked))

    async def one(self, path: str, lane: Lane) -> Row:
        body = await self.get(path, lane)
        found = body.get("data")
        if "data" in body and (found is None or found == []):
            raise NotFound(404, "the answer holds nothing")
        if not isinstance(found, dict):
            raise Unavailable(f"the answer of {path} holds no record")
        return found

    async def get(self, path: str, lane: Lane, asked: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Raises `Unavailable` only when several tries in a row had no usable answer."""
        async for attempt in stamina.retry_context(on=Unavailable, attempts=ATTEMPTS, wait_initial=0.5):
            with attempt:
                return object_in(await self._send("GET", path, lane, asked=asked))
        raise AssertionError("the last attempt ends with an answer or an error")

    async def post(self, path: str, body: Mapping[str, Any], lane: Lane) -> bytes:
        return await self._send("POST", path, lane, body=body)

    async def write(self, method: str, path: str, body: Mapping[str, Any], lane: Lane) -> dict[str, Any]:
        """Sent once: `OutcomeUnknown` says that it may be done, `Unavailable` that it surely isn't.

        An update may be answered with nothing (7).
        """
        try:
            answer = await self._send(method, path, lane, body=body)
            return object_in(answer) if answer.strip() else {}
        except NeverSent:
            raise
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error

    async def delete(self, path: str, lane: Lane) -> None:
        await self._send("DELETE", path, lane)

    async def _send(
        self,
        method: str,
        path: str,
        lane: Lane,
        *,
        asked: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        """What the newest version may lack is asked of the older; a 404 had no effect."""
        wanted = _Asked(method, f"{self._api}/{self._version}/{path}", asked, body)
        answer = await self._with_token(wanted, lane)
        is_of_older = self._version != OLDER_VERSION and not path.startswith(OF_NEWEST)
        if answer.status_code == NOT_FOUND and is_of_older:
            older = replace(wanted, address=f"{self._api}/{OLDER_VERSION}/{path}")
            answer = await self._with_token(older, lane)
        if not answer.is_success:
            raise error_of(answer.status_code, message_in(answer.content))
        return answer.content

    async def _with_token(self, request: _Asked, lane: Lane) -> httpx.Response:
        """A refresh kills the access token of before (3.2): a 401 goes once more with a new one."""
        vault = self._access.vault
        token = await vault.access_token(self._grant_id)
        answer = await self._once(request, token.value, lane)
        if answer.status_code == 401:
            token = await vault.access_token(self._grant_id, rejected_generation=token.generation)
            answer = await self._once(request, token.value, lane)
        return answer

    async def _once(self, asked: _Asked, token: str, lane: Lane) -> httpx.Response:
        await self._access.budget.reserve_in_window(self._key, lane)
        try:
            request = asked.request(self._access.http, token)
            answer = await fetch(
                self._access.http, request, largest=LARGEST_ANSWER, deadline_seconds=DEADLINE_SECONDS
            )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, BodyTooLarge) as error:
            trouble = NeverSent if isinstance(error, NEVER_SENT) else Unavailable
            raise trouble(f"no answer of Lightspeed: {type(error).__name__}") from error
        blocked = await self._access.budget.learn_window(self._key, answer.status_code, answer.headers)
        if answer.status_code == 429:
            until = pause_until(answer.headers, self._access.now())
            raise Postponed(max(until, blocked or until), "Lightspeed asks to wait")
        return answer


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    address: str
    query: Mapping[str, str] | None
    body: Mapping[str, Any] | None

    def request(self, http: httpx.AsyncClient, token: str) -> httpx.Request:
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "User-Agent": USER_AGENT,
        }
        return http.build_request(
            self.method, self.address, params=self.query, json=self.body, headers=headers
        )


def message_in(body: bytes) -> str:
    """Four shapes of error bodies, and pages of HTML that say nothing (7)."""
    try:
        said = object_in(body)
    except Unavailable:
        return ""
    parts = [text(said, name) for name in ("error", "message", "details")]
    errors = said.get("errors")
    if isinstance(errors, Mapping):
        parts += [str(one) for listed in errors.values() if isinstance(listed, list) for one in listed]
    return ": ".join(part for part in parts if part)[:500]


def _goes_in_circles(path: str, after: int) -> Unavailable:
    return Unavailable(f"the page after {after} of {path} doesn't go on")


def _rows_in(body: Mapping[str, Any]) -> list[Row]:
    rows = body.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unavailable("the answer is no list: it lacks data")
    return rows


def _highest(body: Mapping[str, Any], rows: list[Row]) -> int | None:
    """Some lists don't say it at the top (5.1); at the end it is absent or null."""
    if not rows:
        return None
    told = body.get("version")
    highest = _version_in(told.get("max")) if isinstance(told, Mapping) else None
    if highest is not None:
        return highest
    return max(filter(None, map(version_of, rows)), default=None)


def version_of(row: Mapping[str, Any]) -> int | None:
    metadata = row.get("_metadata")
    return _version_in(metadata.get("version") if isinstance(metadata, Mapping) else row.get("version"))


def _version_in(value: object) -> int | None:
    """A number, or text of one: the store's own is text (4, 12.1)."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= LONGEST_VERSION:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
