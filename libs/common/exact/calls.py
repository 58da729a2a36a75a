"""One call to Exact with all that surrounds it: token, budget, headers, time-outs, and what its end means."""

from __future__ import annotations

import time
from dataclasses import dataclass

import httpx
import stamina
import structlog

from libs.common.budget.budget import Budget, Lane
from libs.common.exact.errors import (
    BadRequest,
    ExactError,
    LimitReached,
    NotAccepted,
    NotSent,
    OutcomeUnknown,
    Unavailable,
    classify,
)
from libs.common.http import BodyTooLarge, fetch, time_outs
from libs.common.observability.metrics import CALL_SECONDS, CALLS
from libs.common.service import Now
from libs.common.vault.vault import AccessToken, Vault

log = structlog.get_logger()

LARGEST_ANSWER = 32 * 1024 * 1024
LONGEST_READ = 60.0
"""Of a GET; a write may take as long as the setting allows, since its answer is worth waiting for."""
AROUND_SECONDS = 45.0
"""Added to the read time-out for the whole of a call: connecting, waiting in line, bytes that trickle."""
READ_ATTEMPTS = 2
"""How often a read is tried at once; more would only add to the errors that Exact may count (3.3)."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
NOT_OURS_TO_CALL = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    address: str
    division_key: str
    endpoint: str
    lane: Lane
    content: bytes | None = None

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True, slots=True, repr=False)
class Caller:
    http: httpx.AsyncClient
    vault: Vault
    budget: Budget
    now: Now
    read_seconds: float

    async def answer(self, grant_id: str, call: Call) -> bytes:
        """The body of a success; anything else is raised as one of the `ExactError`s."""
        attempts = 1 if call.is_write else READ_ATTEMPTS
        async for attempt in stamina.retry_context(on=Unavailable, attempts=attempts, wait_initial=0.5):
            with attempt:
                return await self._once(grant_id, call)
        raise AssertionError("the last attempt ends with an answer or an error")

    async def _once(self, grant_id: str, call: Call) -> bytes:
        token = await self.vault.access_token(grant_id)
        response = await self._send(call, token)
        if response.status_code == 401:
            # Tokens are renewed by the clock, so this is rare; a second try, and never a third (9.22, 11.4).
            token = await self.vault.access_token(grant_id, rejected_generation=token.generation)
            response = await self._send(call, token)
            if response.status_code == 401:
                await self.vault.access_token(grant_id, rejected_generation=token.generation)
                raise NotAccepted("401 twice with a token that should live")
        error = classify(response.status_code, response.headers, response.content, call.is_write)
        if error is not None:
            error.add_note(call.endpoint)
            raise error
        return response.content

    async def _send(self, call: Call, token: AccessToken) -> httpx.Response:
        await self.budget.reserve_exact(call.division_key, call.endpoint, call.lane)
        read_seconds = self.read_seconds if call.is_write else min(self.read_seconds, LONGEST_READ)
        started = time.monotonic()
        try:
            response = await fetch(
                self.http,
                self._request(call, token, read_seconds),
                largest=LARGEST_ANSWER,
                deadline_seconds=read_seconds + AROUND_SECONDS,
            )
        except NOT_OURS_TO_CALL as error:
            raise BadRequest(0, f"{call.endpoint}: {type(error).__name__}") from None
        except (httpx.HTTPError, TimeoutError, BodyTooLarge) as error:
            _note(call, type(error).__name__, started)
            raise without_answer(error, call) from None
        _note(call, str(response.status_code), started, response)
        until = await self.budget.learn_exact(
            call.division_key, call.endpoint, response.status_code, response.headers
        )
        if response.status_code == 429:
            raise LimitReached(until)
        return response

    def _request(self, call: Call, token: AccessToken, read_seconds: float) -> httpx.Request:
        headers = {
            "Authorization": f"Bearer {token.value}",
            "Accept": "application/json",
            "Content-Type": "application/json",
            # Without it the answer to a POST can hold the key and little else (4.1).
            "Prefer": "return=representation",
        }
        return self.http.build_request(
            call.method, call.address, headers=headers, content=call.content, timeout=time_outs(read_seconds)
        )


def without_answer(error: Exception, call: Call) -> ExactError:
    """What a call that brought no answer leaves behind: only before the connection stood nothing was sent."""
    words = f"{call.endpoint}: {type(error).__name__}"
    if isinstance(error, NEVER_SENT):
        return NotSent(words)
    return OutcomeUnknown(words) if call.is_write else Unavailable(words)


def _note(call: Call, outcome: str, started: float, response: httpx.Response | None = None) -> None:
    """No query, body or token is logged: they hold customers' names and credentials."""
    seconds = time.monotonic() - started
    CALLS.labels(system="exact", method=call.method, outcome=outcome).inc()
    CALL_SECONDS.labels(system="exact", method=call.method).observe(seconds)
    headers = {} if response is None else response.headers
    log.info(
        "exact.call",
        method=call.method,
        endpoint=call.endpoint,
        division=call.division_key,
        lane=call.lane.value,
        outcome=outcome,
        reason=headers.get("Reason", "")[:200],
        minute_left=headers.get("X-RateLimit-Minutely-Remaining"),
        day_left=headers.get("X-RateLimit-Remaining"),
        seconds=round(seconds, 3),
    )
