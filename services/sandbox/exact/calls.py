"""A call as it comes in, what its path points at, and the answer that goes out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from services.sandbox.exact.answers import JSON_TYPE, error_body, error_xml
from services.sandbox.exact.resources import RESOURCES, Resource

PATH = re.compile(r"^(?P<resource>[^()]+)(?:\((?P<key>[^)]*)\)(?:/(?P<lines>[A-Za-z]+))?)?$")


COUNT = "/$count"


WITHOUT_DIVISION = ("current/me", "system/users")


@dataclass(frozen=True)
class Request:
    """A call as it came in; `path` is what follows /api/v1/, `base_url` is scheme and host."""

    method: str
    path: str
    options: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    @property
    def wants_json(self) -> bool:
        return "json" in self.headers.get("accept", "") or self.options.get("$format") == "json"

    @property
    def wants_representation(self) -> bool:
        return "return=representation" in self.headers.get("prefer", "").replace(" ", "")


@dataclass
class Answer:
    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What a path points at."""

    division: int
    resource: Resource | None
    endpoint: str
    key: str | None = None
    lines: str | None = None
    counts: bool = False


def find_target(path: str) -> Target:
    """Takes a path apart; nothing is refused here, an unknown resource stays None."""
    trimmed = unquote(path).strip("/")
    first, _, rest = trimmed.partition("/")
    if first.lower() == "beta":
        first, _, rest = rest.partition("/")
    division = int(first) if first.isdigit() else 0
    wanted = rest if first.isdigit() else trimmed
    counts = wanted.lower().endswith(COUNT)
    match = PATH.match(wanted[: -len(COUNT)] if counts else wanted)
    if match is None:
        return Target(division, None, wanted.lower())
    resource = RESOURCES.get(match["resource"].lower())
    if resource is not None and not first.isdigit() and match["resource"].lower() not in WITHOUT_DIVISION:
        resource = None
    endpoint = match["resource"].lower()
    return Target(division, resource, endpoint, match["key"], match["lines"], counts)


def error_answer(request: Request, status: int, text: str, reason: str = "") -> Answer:
    headers = {"Reason": reason} if reason else {}
    if not text:
        return Answer(status, headers=headers)
    if request.wants_json:
        return Answer(status, error_body(text), JSON_TYPE, headers)
    return Answer(status, error_xml(text), "application/xml;charset=utf-8", headers)


def root_of(request: Request, target: Target) -> str:
    return f"{request.base_url}/api/v1" + (f"/{target.division}" if target.division else "")
