"""One call to a token endpoint of Lightspeed's, and what its answer means: the same for each product line.

Only the vendor's own words end a grant. No answer, or a strange one, leaves open whether the old tokens live.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx

from libs.common.http import BodyTooLarge, fetch
from libs.common.vault import RefreshRefused, RefreshUncertain, TokenError, TokenSet, TokenUnavailable

LARGEST_ANSWER = 256 * 1024
DEADLINE_SECONDS = 60.0
NOT_NOW = 503
"""Whoever answers so has done nothing: the old token is as good as it was."""


async def answer_of(
    http: httpx.AsyncClient, request: httpx.Request, terminal: Sequence[str]
) -> dict[str, Any]:
    """The answer's members. `terminal` are the errors that end a grant: raised as `RefreshRefused`."""
    try:
        answer = await fetch(http, request, largest=LARGEST_ANSWER, deadline_seconds=DEADLINE_SECONDS)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise TokenUnavailable("Lightspeed's token endpoint can't be reached") from error
    except (httpx.HTTPError, TimeoutError, BodyTooLarge) as error:
        raise RefreshUncertain("no answer of Lightspeed's token endpoint") from error
    if answer.is_success:
        return _members(answer)
    raise _refusal(answer, terminal)


def token_set(members: dict[str, Any], *, life_unsaid: int) -> TokenSet:
    """`life_unsaid` in seconds, where `expires_in` (a number, or text of one) says nothing readable."""
    access, refresh = members.get("access_token"), members.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        raise RefreshUncertain("Lightspeed's token endpoint answered without tokens")
    said = str(members.get("expires_in"))
    is_number = said.isascii() and said.isdigit() and len(said) < 8
    return TokenSet(access, refresh, max(1, int(said)) if is_number else life_unsaid)


def _refusal(answer: httpx.Response, terminal: Sequence[str]) -> TokenError:
    reason = str(_members(answer).get("error", ""))[:60]
    if answer.status_code in (400, 401) and reason in terminal:
        return RefreshRefused(reason)
    if answer.status_code >= 500 and answer.status_code != NOT_NOW:
        return RefreshUncertain(f"Lightspeed's token endpoint answered {answer.status_code}")
    return TokenUnavailable(f"Lightspeed's token endpoint answered {answer.status_code} {reason}".strip())


def _members(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
