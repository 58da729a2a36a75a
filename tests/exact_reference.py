"""What the reference's table says of a call to Exact, apart from the sandbox, which has a table of its own.

Whatever goes over a test's line to Exact is held against it (`check`); `tests/conftest.py` fails the test of
a call that another stand-in, made of the same reference, may refuse or misread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import httpx

from tests.shared import EXACT_ENTITIES

strange: list[str] = []
"""What the calls of this test had that the reference hasn't."""

Property = Mapping[str, Any]
OPTIONS = {"$select", "$filter", "$orderby", "$top", "$skip", "$skiptoken"}
LIKE_SINGLE = {"bulk/SalesOrder/SalesOrders": "salesorder/SalesOrders"}
"""Lists in large pages that the table leaves out; where there is none the single one is read instead."""
FUNCTIONS = {"read/sync/Sync/SyncTimestamp": {"modified", "endPoint"}}
PATH = re.compile(
    r"/api/v1/(?:\d+/)?(?P<path>[^()]+)(?P<key>\((?:guid'[0-9a-f-]{36}'|\d+)\))?", re.IGNORECASE
)
QUOTED = re.compile(r"(?:guid|datetime)?'(?:[^']|'')*'")
WORDS = {"eq", "ne", "gt", "ge", "lt", "le", "and", "or", "startswith", "trim", "true", "false", "L"}
GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NUMBER = r"-?\d+(\.\d+)?"
TEXTS = {
    "Edm.Guid": GUID,
    "Edm.DateTime": r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ?)?",
    "Edm.Double": NUMBER,
    "Edm.Int64": r"-?\d+",
}
"""How a value may be written as text (4.2); numbers may go as numbers too."""
LITERALS = {
    "Edm.Guid": f"guid'{GUID}'",
    "Edm.DateTime": r"datetime'\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?'",
    "Edm.String": r"'(?:[^']|'')*'",
    "Edm.Boolean": "true|false",
    "Edm.Byte": r"true|false|\d{1,3}",
}
"""How a filter writes it (4.3); else it is a number."""
KINDS = {"Edm.String": str, "Edm.Boolean": bool, "Edm.Byte": int, "Edm.Int16": int, "Edm.Int32": int}


def check(request: httpx.Request) -> None:
    strange.extend(deviations(request))


def deviations(request: httpx.Request) -> list[str]:
    """Nothing where the reference isn't beside the repository, or the call goes elsewhere."""
    found = PATH.fullmatch(request.url.path)
    if found is None or not EXACT_ENTITIES.exists():
        return []
    path = found["path"]
    entity = entities().get(LIKE_SINGLE.get(path, path))
    if entity is None:
        return [f"{path} is unknown"]
    said = [*_of_headers(request), *_of_query(path, entity, request, has_key=bool(found["key"]))]
    if request.method not in entity["methods"]:
        said.append(f"takes no {request.method}")
    if request.method in ("POST", "PUT"):
        said += _of_body(path, json.loads(request.content), request.method)
    return [f"{request.method} {path}: {each}" for each in said]


@cache
def entities() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(EXACT_ENTITIES.read_text())["entities"]
    return found


def _of_headers(request: httpx.Request) -> Iterator[str]:
    if request.headers.get("Accept") != "application/json":
        yield "asks for no JSON"
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        yield "bears no token"
    if "Cookie" in request.headers:
        yield "bears a cookie"
    if request.content and request.headers.get("Content-Type") != "application/json":
        yield "doesn't say that it is JSON"


def _of_query(
    path: str, entity: Mapping[str, Any], request: httpx.Request, *, has_key: bool
) -> Iterator[str]:
    query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    yield from (f"has {name}" for name in query.keys() - OPTIONS - FUNCTIONS.get(path, set()))
    if request.method != "GET":
        return
    properties: Mapping[str, Property] = entity["properties"]
    if "$select" not in query:
        yield "selects nothing, which many lists demand (4.3)"
    for name in filter(None, query.get("$select", "").split(",")):
        if "GET" not in properties.get(name, {}).get("access", ()):
            yield f"selects {name}"
    for name in (part.split()[0] for part in query.get("$orderby", "").split(",") if part):
        if name not in properties or path.startswith(("sync/", "bulk/")):
            yield f"is ordered by {name}"
    if not has_key:
        yield from _of_filter(path, properties, query.get("$filter"))


def _of_filter(path: str, properties: Mapping[str, Property], text: str | None) -> Iterator[str]:
    names = set(re.findall(r"[A-Za-z_]\w*", QUOTED.sub("", text or ""))) - WORDS
    marked = {name for name, each in properties.items() if each.get("filter_mark")}
    if path.startswith("sync/"):
        marked = {"Timestamp"}
        yield from (f"filters by {name}, and a feed by its Timestamp alone (5.25)" for name in names - marked)
    if path.startswith("bulk/"):
        yield from (f"filters by {name}" for name in names - marked if marked)
    elif marked and not names & marked:
        yield f"filters by {sorted(names)}, of which none is in the list of its mandatory filter (4.3)"
    for name in names:
        if name not in properties:
            yield f"filters by {name}"
            continue
        literal = LITERALS.get(properties[name]["type"], rf"{NUMBER}L?")
        for written in re.findall(
            rf"\b{name} (?:eq|ne|gt|ge|lt|le) ((?:guid|datetime)?'(?:[^']|'')*'|[^ )]+)", text or ""
        ):
            if not re.fullmatch(literal, written):
                yield f"compares {name} with {written}"


def _of_body(path: str, body: Mapping[str, Any], method: str, *, is_line: bool = False) -> Iterator[str]:
    properties: Mapping[str, Property] = entities()[path]["properties"]
    for name, value in body.items():
        known = properties.get(name)
        if known is None:
            yield f"sends {name}"
        elif method not in known["access"] and not _may_be_ignored(path, name):
            yield f"sends {name}, which is read-only"
        elif known["type"] == "Collection":
            yield from _of_lines(path, name, value, method)
        elif not _fits(known, value):
            yield f"sends {value!r} for {name}"
    for name, known in properties.items():
        is_wanted = known.get("mandatory_on_post") and not (is_line and name.endswith("ID"))
        if method == "POST" and is_wanted and name not in body and not _is_derived(path, name):
            yield f"lacks {name}"


def _of_lines(path: str, name: str, value: Any, method: str) -> Iterator[str]:
    if method != "POST" or not isinstance(value, list):
        yield f"sends {name} otherwise than as the array of a POST (4.4)"
        return
    for line in value:
        yield from _of_body(f"{path.partition('/')[0]}/{name}", line, method, is_line=True)


def _fits(known: Property, value: Any) -> bool:
    if value is None:
        return True
    type_ = known["type"]
    if isinstance(value, str) and type_ in TEXTS:
        return re.fullmatch(TEXTS[type_], value) is not None
    if isinstance(value, str) and "max_length" in known and len(value) > known["max_length"][0]:
        return False
    return isinstance(value, KINDS.get(type_, (int, float)))


def _may_be_ignored(path: str, name: str) -> bool:
    """Read-only in the table, and sent by a production client; what is read-only is ignored (4.4, 5.1)."""
    return (path, name) == ("salesentry/SalesEntries", "Type")


def _is_derived(path: str, name: str) -> bool:
    """Marked, but taken from the item where it is left out (5.8)."""
    return (path, name) == ("salesinvoice/SalesInvoiceLines", "GLAccount")
