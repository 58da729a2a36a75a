"""The one way out to vendors: a client with time-outs set apart, no cookies, no redirects, no surprises.

A call from inside a database transaction is refused: a slow vendor would hold locks, and a rolled back
transaction can't call back what was sent.
"""

from __future__ import annotations

import asyncio
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from libs.common.database.engine import in_transaction
from libs.common.vendor_clock import tell_clock

CONNECT_SECONDS = 10.0
WRITE_SECONDS = 30.0
POOL_SECONDS = 30.0
CONNECTIONS = 100


class CallInTransaction(Exception):
    """A defect of ours: a vendor was called while a database transaction was open."""


class BodyTooLarge(Exception):
    """The answer is longer than any that we would use; it was not read to its end."""


def http_client(
    *, read_seconds: float = 60, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """One a vendor, for the life of the process; a test gives the `transport`."""
    return httpx.AsyncClient(
        timeout=time_outs(read_seconds),
        limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=20, keepalive_expiry=30),
        follow_redirects=False,
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        event_hooks={"request": [_refuse_in_transaction]},
        transport=transport,
    )


def time_outs(read_seconds: float) -> httpx.Timeout:
    """Apart, because they mean different things: only after a read time-out may the call have had effect."""
    return httpx.Timeout(connect=CONNECT_SECONDS, read=read_seconds, write=WRITE_SECONDS, pool=POOL_SECONDS)


async def fetch(
    http: httpx.AsyncClient, request: httpx.Request, *, largest: int, deadline_seconds: float
) -> httpx.Response:
    """The answer with its body read, of at most `largest` bytes, within the deadline as a whole.

    Raises httpx's own errors, `BodyTooLarge`, or TimeoutError where single bytes kept coming for too long.
    """
    async with asyncio.timeout(deadline_seconds):
        response = await http.send(request, stream=True)
        tell_clock(response.headers)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > largest:
                    raise BodyTooLarge(f"more than {largest} bytes")
        finally:
            await response.aclose()
    response._content = bytes(
        body
    )  # what httpx's own aread() does; it has no way to say how long is too long
    return response


async def _refuse_in_transaction(request: httpx.Request) -> None:
    if in_transaction.get():
        raise CallInTransaction(f"{request.method} {request.url.host} while a transaction is open")
