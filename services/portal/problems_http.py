"""Every error of the API as problem+json (RFC 9457), whoever raised it.

`Refusal` is what the portal's own code raises; its fields name what is wrong with the input.
"""

from __future__ import annotations

import http
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from libs.common.database.trouble import is_transient

PROBLEM_JSON = "application/problem+json"
AWAY = "The database can't be reached just now. Try again in a moment."
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    message: str


class Refusal(Exception):
    """The request can't be granted: becomes a problem+json answer with this status."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "about:blank",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


class FieldProblem(BaseModel):
    field: str
    message: str


class ProblemAnswer(BaseModel):
    """The shape of every error, for the OpenAPI description."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] | None = None


def not_found(what: str = "this") -> Refusal:
    return Refusal(404, f"There is no {what} here, or it isn't yours.")


def wrong_field(field: str, message: str) -> Refusal:
    return invalid([FieldError(field, message)])


def invalid(errors: Sequence[FieldError]) -> Refusal:
    named = ", ".join(dict.fromkeys(error.field for error in errors))
    return Refusal(422, f"Not accepted: {named}.", errors=errors)


def problem_response(refusal: Refusal) -> JSONResponse:
    content: dict[str, Any] = {
        "type": refusal.kind,
        "title": http.HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.detail,
    }
    if refusal.errors:
        content["errors"] = [{"field": error.field, "message": error.message} for error in refusal.errors]
    return JSONResponse(content, refusal.status, dict(refusal.headers), PROBLEM_JSON)


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """pydantic's errors by the name of the field, without where in the request it stood."""
    return [FieldError(_field_of(error), str(error["msg"])) for error in errors]


def _field_of(error: Any) -> str:
    """Where a body is no JSON, pydantic gives the place in its text, which is no field."""
    return "body" if error["type"] == "json_invalid" else _field_name(error["loc"])


def _field_name(location: Sequence[Any]) -> str:
    parts = [str(part) for part in location]
    if parts and parts[0] in ("body", "query", "path", "header"):
        parts = parts[1:] or parts
    return ".".join(parts) or "body"


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": http.HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}},
    }
    for status in (400, 401, 404, 409, 413, 422, 502, 503)
}
RESPONSES[422]["model"] = ProblemAnswer


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_defect)


async def _on_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return problem_response(error)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = f"There is no {request.url.path} here." if error.status_code == 404 else str(error.detail)
    return problem_response(Refusal(error.status_code, detail, headers=error.headers))


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem_response(invalid(field_errors(error.errors())))


async def _on_defect(request: Request, error: Exception) -> JSONResponse:
    if is_transient(error):
        log.warning("the database is away", path=request.url.path, error=type(error).__name__)
        return problem_response(Refusal(503, AWAY, headers={"Retry-After": "5"}))
    log.error("request failed", path=request.url.path, error=type(error).__name__)
    return problem_response(Refusal(500, "Something went wrong on our side; it has been noted."))
