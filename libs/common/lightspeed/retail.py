"""The client of Lightspeed Retail's API V3: reads lists and records and writes single ones.

It knows nothing of sales. Every call is reserved from the budget first and teaches it the headers. An answer
that isn't surely whole raises; an empty list is only what Lightspeed said is one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import stamina

from libs.common.budget import Budget, Lane, Postponed
from libs.common.http import BodyTooLarge, fetch
from libs.common.lightspeed.answers import error_of, object_in
from libs.common.lightspeed.errors import (
    OutcomeUnknown,
    Unavailable,
    WrongAccount,
)
from libs.common.lightspeed.retail_query import PAGE, at_home, cost_of, query_text, write_cost_of
from libs.common.lightspeed.retail_values import Unreadable, nested, records, text
from libs.common.service import Now
from libs.common.vault import Vault

LARGEST_ANSWER = 64 * 1024 * 1024
DEADLINE_SECONDS = 100.0
HIGHEST_WAIT = timedelta(minutes=10)
FIRST_WAIT = Decimal(5)
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
ATTEMPTS = 3
"""How often a read is tried at once: a walk of many calls would else seldom end where some fail."""


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the address of the following page as Lightspeed gave it; None at the end."""

    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True)
class RetailIdentity:
    account_id: str
    name: str


class RetailClient:
    """Made once; `account` binds it to one account of one grant."""

    def __init__(
        self, http: httpx.AsyncClient, vault: Vault, budget: Budget, now: Now, auth_url: str, api_url: str
    ) -> None:
        self.http = http
        self.vault = vault
        self.budget = budget
        self.now = now
        self.auth_url = auth_url
        self.api_url = api_url

    def account(self, grant_id: str, account_id: str) -> RetailAccount:
        return RetailAccount(self, grant_id, account_id)

    async def whose(self, grant_id: str) -> RetailIdentity:
        """The account that a new grant is for; a token belongs to exactly one (1.7)."""
        call = _Call(self, grant_id, f"grant {grant_id}", None)
        body = await call.get(f"{self.api_url}/API/V3/Account.json", Decimal(1), Lane.SET_UP)
        accounts = records(body.get("Account"), "Account")
        account_id = text(accounts[0], "accountID") if accounts else ""
        if not account_id.isdigit():
            raise Unavailable("Lightspeed doesn't say which account this is")
        return RetailIdentity(account_id, text(accounts[0], "name"))


class RetailAccount:
    """One account, by one grant."""

    def __init__(self, client: RetailClient, grant_id: str, account_id: str) -> None:
        self.account_id = account_id
        self._base = f"{client.api_url}/API/V3/Account/{account_id}"
        self._session = f"{client.api_url}/API/V3/Session.json"
        self._call = _Call(client, grant_id, account_id, account_id)

    def address(self, entity: str, parameters: Mapping[str, str], relations: Sequence[str] = ()) -> str:
        """The address of a list's first page, to be given to `page`."""
        query = query_text({"limit": str(PAGE), **parameters}, relations)
        return f"{self._base}/{entity}.json?{query}"

    async def page(
        self,
        address: str,
        relations: Sequence[str] = (),
        *,
        entity: str,
        key: str | None = None,
        lane: Lane = Lane.SALES,
    ) -> Page:
        """One page; the address is of `address` or another page's `next`, followed as it stands (3.1).

        The token stays with the host of the settings, so `next` is asked there whatever host it names.

        `key` is what its rows stand under, where that isn't the entity.
        """
        base = f"{self._base}/{entity}.json"
        asked = at_home(address, base)
        if asked is None:
            raise Unavailable("the address of the next page leads elsewhere")
        body = await self._call.get(asked, cost_of(relations, is_list=True), lane)
        page = _page_in(body, key or entity)
        if page.next is not None and at_home(page.next, base) == asked:
            raise Unavailable("the next page is the same page")
        return page

    async def pages(
        self,
        entity: str,
        params: Mapping[str, str] | None = None,
        relations: Sequence[str] = (),
        *,
        key: str | None = None,
        lane: Lane = Lane.SALES,
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Page after page; a short one is not the last."""
        following: str | None = self.address(entity, params or {}, relations)
        while following is not None:
            page = await self.page(following, relations, entity=entity, key=key, lane=lane)
            yield page.rows
            following = page.next

    async def rows(
        self,
        entity: str,
        params: Mapping[str, str] | None = None,
        relations: Sequence[str] = (),
        *,
        key: str | None = None,
        lane: Lane = Lane.SALES,
    ) -> list[dict[str, Any]]:
        pages = self.pages(entity, params, relations, key=key, lane=lane)
        return [row async for rows in pages for row in rows]

    async def one(
        self, entity: str, key: str, relations: Sequence[str] = (), *, lane: Lane = Lane.SALES
    ) -> dict[str, Any]:
        query = query_text({}, relations)
        address = f"{self._base}/{entity}/{key}.json" + (f"?{query}" if query else "")
        body = await self._call.get(address, cost_of(relations, is_list=False), lane)
        return dict(nested(body, entity))

    async def create(self, entity: str, body: Mapping[str, Any], *, lane: Lane) -> dict[str, Any]:
        """The record that was made, as it stands. Sent once: `OutcomeUnknown` says that it may be there."""
        return await self._written("POST", entity, "", body, lane)

    async def change(self, entity: str, key: str, body: Mapping[str, Any], *, lane: Lane) -> dict[str, Any]:
        """Changes only what the body names (3.4); doing it twice does no harm."""
        return await self._written("PUT", entity, f"/{key}", body, lane)

    async def _written(
        self, method: str, entity: str, path: str, body: Mapping[str, Any], lane: Lane
    ) -> dict[str, Any]:
        address = f"{self._base}/{entity}{path}.json"
        answer = await self._call.write(method, address, body, write_cost_of(entity, body), lane)
        return dict(nested(answer, entity))

    async def session(self, lane: Lane) -> dict[str, Any]:
        """Of the token: who consented, and what he may; not wrapped either (1.7)."""
        return await self._call.get(self._session, Decimal(1), lane)

    async def itself(self, lane: Lane = Lane.SALES) -> dict[str, Any]:
        """The account's own record, which alone is not wrapped in its entity's name (1.7)."""
        return await self._call.get(f"{self._base}.json", Decimal(1), lane)


class _Call:
    """One call with all that surrounds it: budget, token, size, status and shape."""

    def __init__(self, client: RetailClient, grant_id: str, key: str, account_id: str | None) -> None:
        self._client = client
        self._grant_id = grant_id
        self._key = key
        self._account_id = account_id

    async def get(self, address: str, cost: Decimal, lane: Lane) -> dict[str, Any]:
        """Raises `Unavailable` only when several tries in a row had no usable answer."""
        async for attempt in stamina.retry_context(on=Unavailable, attempts=ATTEMPTS, wait_initial=0.5):
            with attempt:
                return await self._once(address, cost, lane)
        raise AssertionError("the last attempt ends with an answer or an error")

    async def _once(self, address: str, cost: Decimal, lane: Lane) -> dict[str, Any]:
        """A 401 in the midst of a walk is an old token: the same call goes once more with a new one (F09)."""
        try:
            request = self._client.http.build_request("GET", address)
        except httpx.InvalidURL as error:
            raise Unavailable("the address of the next page is none") from error
        status, body = await self._with_token(request, cost, lane)
        if status != 200:
            raise error_of(status, _message_in(body))
        return object_in(body)

    async def write(
        self, method: str, address: str, body: Mapping[str, Any], cost: Decimal, lane: Lane
    ) -> dict[str, Any]:
        """Once. What surely had no effect raises as for a read, all else `OutcomeUnknown`."""
        request = self._client.http.build_request(method, address, json=body)
        status, answer = await self._with_token(request, cost, lane)
        if status >= 500 or status < 200 or 300 <= status < 400 or status == 408:
            raise OutcomeUnknown(f"Lightspeed answered {status}")
        if status >= 400:
            raise error_of(status, _message_in(answer))
        try:
            return object_in(answer)
        except Unavailable as error:
            raise OutcomeUnknown(str(error)) from error

    async def _with_token(self, request: httpx.Request, cost: Decimal, lane: Lane) -> tuple[int, bytes]:
        """A refused token had no effect, so that a write too may go again."""
        token = await self._client.vault.access_token(self._grant_id)
        status, body = await self._send(request, token.value, cost, lane)
        if status == 401:
            token = await self._client.vault.access_token(
                self._grant_id, rejected_generation=token.generation
            )
            status, body = await self._send(request, token.value, cost, lane)
        return status, body

    async def _send(self, request: httpx.Request, token: str, cost: Decimal, lane: Lane) -> tuple[int, bytes]:
        await self._client.budget.reserve_lightspeed(self._key, cost, lane)
        request.headers["Authorization"], request.headers["Accept"] = f"Bearer {token}", "application/json"
        try:
            answer = await fetch(
                self._client.http, request, largest=LARGEST_ANSWER, deadline_seconds=DEADLINE_SECONDS
            )
        except (httpx.HTTPError, TimeoutError, BodyTooLarge) as error:
            words = f"no answer of Lightspeed: {type(error).__name__}"
            was_sent = request.method != "GET" and not isinstance(error, NEVER_SENT)
            raise (OutcomeUnknown if was_sent else Unavailable)(words) from error
        blocked = await self._client.budget.learn_lightspeed(self._key, answer.status_code, answer.headers)
        if answer.status_code == 429:
            until = self._client.now() + _wait(answer.headers)
            raise Postponed(max(until, blocked or until), "Lightspeed asks to wait")
        self._require_account(answer.headers)
        return answer.status_code, answer.content

    def _require_account(self, headers: httpx.Headers) -> None:
        answered = headers.get("X-LS-Acct-Id")
        if answered and self._account_id and answered != self._account_id:
            raise WrongAccount(f"the answer is of account {answered[:20]}, not {self._account_id}")


def _wait(headers: httpx.Headers) -> timedelta:
    """`Retry-After` in seconds, read as a decimal; one public client saw a date there (2.4)."""
    said = headers.get("Retry-After", "").strip()
    is_number = said.replace(".", "", 1).isdigit() and len(said) < 10
    return min(timedelta(seconds=max(float(said) if is_number else float(FIRST_WAIT), 1.0)), HIGHEST_WAIT)


def _message_in(body: bytes) -> str:
    """400 and 404 carry JSON under Content-Type text/html: read by body, not by header (3.6)."""
    try:
        return text(object_in(body), "message")[:500]
    except Unavailable:
        return ""


def _page_in(body: dict[str, Any], entity: str) -> Page:
    """A list without hits has no entity key, but always `@attributes` (3.1)."""
    attributes = body.get("@attributes")
    if not isinstance(attributes, dict) or not isinstance(attributes.get("next"), str):
        raise Unavailable("the answer is no list: it lacks @attributes.next")
    try:
        rows = [dict(row) for row in records(body.get(entity), entity)]
    except Unreadable as error:
        raise Unavailable("the answer is no list of rows") from error
    return Page(rows, attributes["next"] or None)
