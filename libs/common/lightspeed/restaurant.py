"""The client of Lightspeed Restaurant's Financial API V2 and of its articles: reads pages, knows no sales.

Every call is reserved from the budget first. No limit is published (13): calls go one after another, a few a
second, and a 429 stops them. An answer that isn't surely whole raises; an empty list is only what Lightspeed
said is one. No address of an answer is followed: the samples' links lead to another host (1).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import stamina

from libs.common.budget import Lane, Postponed
from libs.common.http import BodyTooLarge, fetch
from libs.common.lightspeed.answers import as_object, error_of, json_in, object_in
from libs.common.lightspeed.errors import Unavailable
from libs.common.lightspeed.restaurant_reference import (
    Location,
    accounting_groups_in,
    goes_on_after,
    locations_in,
    payment_methods_in,
    tax_rates_in,
)
from libs.common.lightspeed.restaurant_values import caseless, listed, within
from libs.common.lightspeed.retail_values import Unreadable, moment, text
from libs.common.lightspeed.source import Access

Row = dict[str, Any]

PAGE = 100
"""The largest page of V2 (5)."""
BUSINESSES = 1000
MOST_PAGES = 100
"""Of businesses."""
ITEMS = 1000
"""The largest page of articles (11)."""
LONGEST_RANGE = timedelta(days=365)
INCLUDED = ("payments", "revenue_center", "account_profile")
"""Without `payments` there are neither payments nor tips, and no error (15.1)."""
OF_CUSTOMERS = "consumer"
COST = Decimal("0.2")
"""Of a bucket that drips one a second: five calls a second in the long run, where no limit is known."""
LARGEST_ANSWER = 64 * 1024 * 1024
DEADLINE_SECONDS = 100.0
HIGHEST_WAIT = timedelta(minutes=10)
FIRST_WAIT = 5.0
ATTEMPTS = 3
"""How often a read is tried at once, with waits between that double."""
LONGEST_TOKEN = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """`token` asks for the following page; empty at the end."""

    rows: list[Row]
    token: str


@dataclass(frozen=True, slots=True)
class Day:
    """One business day of one location; `ends_at` is when the next begins."""

    rows: list[Row]
    ends_at: datetime | None
    is_complete: bool


class RestaurantClient:
    """One login's API, by one grant; `account` names it in the budget."""

    def __init__(self, access: Access, grant_id: str, account: str, *, with_customers: bool) -> None:
        self._access = access
        self._grant_id = grant_id
        self._key = f"lightspeed-restaurant:{account}"
        included = (*INCLUDED, OF_CUSTOMERS) if with_customers else INCLUDED
        self._include = ",".join(included)
        self.with_customers = with_customers

    async def locations(self, lane: Lane) -> list[Location]:
        """Of all businesses that the login sees; a thousand of them would be one page (4)."""
        found: dict[str, Location] = {}
        for page in range(MOST_PAGES):
            asked = {"page": str(page), "size": str(BUSINESSES)}
            body = await self._get("/f/data/businesses", asked, lane)
            try:
                told, goes_on = locations_in(body), goes_on_after(page, body, BUSINESSES)
            except Unreadable as error:
                raise Unavailable("the answer is no list of businesses") from error
            if told and all(location.id in found for location in told):
                raise Unavailable("the next page is the same page")
            found.update((location.id, location) for location in told)
            if not goes_on:
                return list(found.values())
        raise Unavailable("the list of businesses has no end")

    async def tax_rates(self, location: str, lane: Lane) -> Mapping[str, Any]:
        return tax_rates_in(await self._list(location, "tax-rates", "taxRateList", lane))

    async def payment_methods(self, location: str, lane: Lane) -> Mapping[str, Any]:
        return payment_methods_in(await self._list(location, "paymentMethods", "paymentMethodList", lane))

    async def accounting_groups(self, location: str, lane: Lane) -> Mapping[str, Any]:
        return accounting_groups_in(
            await self._list(location, "accountingGroups", "accountingGroupList", lane)
        )

    async def sales(self, location: str, since: datetime, until: datetime, token: str, lane: Lane) -> Page:
        """Closed accounts by `timeClosed`; the token goes with the same question as before (5)."""
        asked = {
            "from": _utc(since),
            "to": _utc(until),
            "include": self._include,
            "pageSize": str(PAGE),
        }
        if token:
            asked["nextPageToken"] = token
        body = await self._get(f"/f/v2/business-location/{location}/sales", asked, lane)
        following = body.get("nextPageToken") or ""
        if not isinstance(following, str) or len(following) > LONGEST_TOKEN:
            raise Unavailable("the answer's next page token is none")
        if following and following == token:
            raise Unavailable("the next page is the same page")
        return Page(_sales_in(body), following)

    async def day(self, location: str, day: date, lane: Lane) -> Day:
        """A business day, not one of the calendar (5.2)."""
        asked = {"date": day.isoformat(), "include": self._include}
        body = caseless(await self._get(f"/f/v2/business-location/{location}/sales-daily", asked, lane))
        try:
            ends_at = moment(body, "nextStartOfDayAsIso8601")
        except Unreadable as error:
            raise Unavailable("the answer doesn't say when the day ends") from error
        return Day(_sales_in(body), ends_at, body.get("dataComplete") is True)

    async def items(self, location: str, offset: int, lane: Lane) -> list[Row]:
        """A page of the articles that a location sells, of `ITEMS` at the most (11)."""
        asked = {"businessLocationId": location, "offset": str(offset), "amount": str(ITEMS)}
        return _items_in(await self._read("/items/v1/items", asked, lane))

    async def _list(self, location: str, path: str, name: str, lane: Lane) -> list[Row]:
        """HAL: without hits there may be no `_embedded` (4)."""
        body = await self._get(f"/f/finance/{location}/{path}", {}, lane)
        try:
            return [dict(row) for row in listed(within(caseless(body), "_embedded"), name)]
        except Unreadable as error:
            raise Unavailable("the answer is no list of rows") from error

    async def _get(self, path: str, asked: Mapping[str, str], lane: Lane) -> Row:
        return as_object(await self._read(path, asked, lane))

    async def _read(self, path: str, asked: Mapping[str, str], lane: Lane) -> Any:
        """Raises `Unavailable` only when several tries in a row had no usable answer."""
        query = urlencode(asked, quote_via=quote, safe="")
        address = f"{self._access.app.api_url}{path}" + (f"?{query}" if query else "")
        async for attempt in stamina.retry_context(on=Unavailable, attempts=ATTEMPTS, wait_initial=0.5):
            with attempt:
                return await self._once(address, lane)
        raise AssertionError("the last attempt ends with an answer or an error")

    async def _once(self, address: str, lane: Lane) -> Any:
        """A 401 in the midst of a walk is an old token: the same call goes once more with a new one."""
        vault = self._access.vault
        token = await vault.access_token(self._grant_id)
        status, body = await self._send(address, token.value, lane)
        if status == 401:
            token = await vault.access_token(self._grant_id, rejected_generation=token.generation)
            status, body = await self._send(address, token.value, lane)
        if status != 200:
            raise error_of(status, message_in(body))
        return json_in(body)

    async def _send(self, address: str, token: str, lane: Lane) -> tuple[int, bytes]:
        access = self._access
        await access.budget.reserve_lightspeed(self._key, COST, lane)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        try:
            request = access.http.build_request("GET", address, headers=headers)
            answer = await fetch(
                access.http, request, largest=LARGEST_ANSWER, deadline_seconds=DEADLINE_SECONDS
            )
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, BodyTooLarge) as error:
            raise Unavailable(f"no answer of Lightspeed: {type(error).__name__}") from error
        blocked = await access.budget.learn_lightspeed(self._key, answer.status_code, answer.headers)
        if answer.status_code == 429:
            until = access.now() + wait_of(answer.headers, access.now())
            raise Postponed(max(until, blocked or until), "Lightspeed asks to wait")
        return answer.status_code, answer.content


def wait_of(headers: Mapping[str, str], now: datetime) -> timedelta:
    """`Retry-After` in either form (13); without it some seconds, not the same for all."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.replace(".", "", 1).isdigit() and len(said) < 10:
        wait = timedelta(seconds=float(said))
    else:
        wait = _until(said, now) or timedelta(seconds=FIRST_WAIT * (1 + random.random()))
    return min(max(wait, timedelta(seconds=1)), HIGHEST_WAIT)


def _until(said: str, now: datetime) -> timedelta | None:
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC) - now


def _utc(at: datetime) -> str:
    """To the millisecond, as the vendor writes moments."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sales_in(body: Mapping[str, Any]) -> list[Row]:
    sales = body.get("sales")
    if not isinstance(sales, list) or not all(isinstance(sale, dict) for sale in sales):
        raise Unavailable("the answer is no list of sales")
    return sales


def _items_in(body: object) -> list[Row]:
    """An array, an object with one list, or an article alone (11); else no menu, rather than an empty one."""
    if isinstance(body, dict) and "id" in body:
        return [body]
    lists = [each for each in body.values() if isinstance(each, list)] if isinstance(body, dict) else [body]
    rows = lists[0] if len(lists) == 1 else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unavailable("the answer is no list of articles")
    return rows


def message_in(body: bytes) -> str:
    """Error bodies are not uniform (13): the first of these that is there; a 5xx is known by its request."""
    try:
        read = caseless(object_in(body))
        titles = (text(one, "title") for one in listed(read, "errors"))
        found = next(filter(None, _said(read, titles)), "")
    except (Unavailable, Unreadable):
        return ""
    request = text(read, "requestId", 80)
    return f"{found[:400]} (request {request})" if request else found[:400]


def _said(body: Mapping[str, Any], titles: Iterable[str]) -> Iterable[str]:
    yield text(body, "error")
    yield text(body, "message")
    yield from titles
    yield text(body, "error_description")
