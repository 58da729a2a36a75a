"""Pure: bodies of Exact's answers as rows, in both shapes of collections (reference 4.2).

Numbers with a fraction become `Decimal`, so that no amount ever passes through a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

Row = dict[str, Any]


class NotUnderstood(Exception):
    """The body isn't what Exact answers: HTML, cut off, or of another shape."""


class ForeignPage(Exception):
    """A next page that lies on another host or in another division: the token must not go there."""


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: str | None


def page_of(body: bytes) -> Page:
    """`{"d": {"results": [..], "__next": ".."}}`, or `{"d": [..]}` on some endpoints."""
    inner = _inner(body)
    rows, following = inner, None
    if isinstance(inner, dict):
        rows, following = inner.get("results"), inner.get("__next")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotUnderstood("no list of rows")
    if following is not None and not isinstance(following, str):
        raise NotUnderstood("the next page is no address")
    return Page(rows, following or None)


def row_of(body: bytes) -> Row:
    """`{"d": {..}}`: one row by key, or the answer to a POST."""
    inner = _inner(body)
    if not isinstance(inner, dict) or not inner or "results" in inner:
        raise NotUnderstood("not one row")
    return inner


def body_of(values: Mapping[str, Any]) -> bytes:
    """What a POST or PUT sends; amounts may be decimals and leave as strings, dates as ISO (4.2)."""
    return json.dumps(values, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def next_address(following: str, base: str) -> str:
    """The next page's address as Exact gave it, if it stays where the walk began; raises `ForeignPage`."""
    wanted, here = urlsplit(following), urlsplit(base)
    path = unquote(wanted.path).lower()
    is_here = (wanted.scheme, wanted.netloc.lower()) == (here.scheme, here.netloc.lower())
    if not is_here or ".." in path or "\\" in following or not path.startswith(here.path.lower() + "/"):
        raise ForeignPage(f"a next page on {wanted.hostname}")
    return following


def _inner(body: bytes) -> Any:
    try:
        answer = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise NotUnderstood(f"{len(body)} bytes that are no JSON") from None
    if not isinstance(answer, dict) or "d" not in answer:
        raise NotUnderstood("no `d`")
    return answer["d"]


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat() if isoformat else value)
