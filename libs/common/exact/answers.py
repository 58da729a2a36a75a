"""Pure: bodies of Exact's answers as rows, in both shapes of collections (reference 4.2).

Numbers with a fraction become `Decimal`, so that no amount ever passes through a float.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from libs.common.json_body import NoJson, read_json

Row = dict[str, Any]


class NotUnderstood(Exception):
    """The body isn't what Exact answers: HTML, cut off, or of another shape."""


class ForeignPage(Exception):
    """A next page that lies in another division or no division at all."""


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
    """The next page at the host where the walk began, whatever name it is given there.

    Raises `ForeignPage` where it lies outside the division: the token would see what it wasn't given for.
    """
    try:
        wanted = urlsplit(following)
    except ValueError:
        raise ForeignPage("a next page whose address can't be read") from None
    here, path = urlsplit(base), unquote(wanted.path).lower()
    if ".." in path or "\\" in following or not path.startswith(here.path.lower() + "/"):
        raise ForeignPage(f"a next page outside {here.path}")
    return urlunsplit((here.scheme, here.netloc, wanted.path, wanted.query, ""))


def _inner(body: bytes) -> Any:
    try:
        answer = read_json(body)
    except NoJson as error:
        raise NotUnderstood(str(error)) from None
    if not isinstance(answer, dict) or "d" not in answer:
        raise NotUnderstood("no `d`")
    return answer["d"]


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat() if isoformat else value)
