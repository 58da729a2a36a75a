"""The vendor's refusals: their bodies are not uniform (chapter 13)."""

import uuid
from datetime import datetime
from http import HTTPStatus


class ApiError(Exception):
    """Carries the answer as it goes over the wire."""

    def __init__(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body
        self.headers = headers or {}


def bad(text: str) -> ApiError:
    return ApiError(400, {"error": text})


def titled(status: int, code: str, title: str) -> ApiError:
    return ApiError(status, {"errors": [{"code": code, "title": title}]})


def server_error(path: str, now: datetime) -> ApiError:
    """As the second financial API writes it; the id is what support asks for."""
    body = {
        "timestamp": now.isoformat(timespec="milliseconds"),
        "path": path,
        "status": 500,
        "error": "Internal Server Error",
        "requestId": uuid.uuid4().hex[:8],
    }
    return ApiError(500, body)


def no_location(bl_id: str, path: str, now: datetime) -> ApiError:
    """As the first financial API writes it, with an offset without a colon."""
    body = {
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "status": 404,
        "error": "Not Found",
        "exception": "com.ikentoo.exceptions.ResourceNotFoundException",
        "message": f"Business Location Not found for {bl_id}",
        "path": path,
    }
    return ApiError(404, body)


def item_error(
    status: int, message: str, now: datetime, field: str = "", rejected: object = None
) -> ApiError:
    """The status is a text here; `field` is what the answer names as wrong."""
    wrong = {"field": field, "rejectedValue": "" if rejected is None else str(rejected), "message": message}
    body = {
        "status": str(status),
        "timestamp": now.isoformat(timespec="milliseconds"),
        "message": f"{HTTPStatus(status).phrase}: {message}" if field else message,
        "apiSubExceptions": [wrong] if field else [],
    }
    return ApiError(status, body)
