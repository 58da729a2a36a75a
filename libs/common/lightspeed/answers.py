"""What the answers of all product lines of Lightspeed have in common: JSON and statuses. Pure."""

from __future__ import annotations

from typing import Any

from libs.common.json_body import NoJson, read_json
from libs.common.lightspeed.errors import (
    BadRequest,
    LightspeedError,
    NoRight,
    NotAccepted,
    NotFound,
    Unavailable,
)


def json_in(body: bytes) -> Any:
    """What can't be read is no answer, whatever the status said (F24)."""
    try:
        return read_json(body)
    except NoJson as error:
        raise Unavailable("the answer is no JSON") from error


def object_in(body: bytes) -> dict[str, Any]:
    return as_object(json_in(body))


def as_object(read: Any) -> dict[str, Any]:
    if not isinstance(read, dict):
        raise Unavailable("the answer is no object")
    return read


def error_of(status: int, message: str) -> LightspeedError:
    """`message` is what the body says of it, or nothing."""
    if status == 401:
        return NotAccepted("Lightspeed refuses a fresh token")
    if status >= 500 or status < 400 or status == 408:
        return Unavailable(f"Lightspeed answered {status} {message}".strip())
    if status == 403:
        return NoRight(message or "a scope or a right is missing")
    return NotFound(status, message) if status == 404 else BadRequest(status, message)
