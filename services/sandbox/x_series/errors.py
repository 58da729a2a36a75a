"""What the API answers when it refuses (chapter 7)."""

from collections.abc import Mapping
from http import HTTPStatus


class ApiError(ValueError):
    """`old` is the shape of 0.9; `headers` go with the answer."""

    def __init__(
        self, status: int, message: str, *, old: bool = False, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.old = old
        self.headers = headers or {}

    def body(self) -> dict[str, str]:
        if self.old:
            return {"status": "error", "error": HTTPStatus(self.status).phrase, "details": self.message}
        return {"error": HTTPStatus(self.status).phrase, "message": self.message}


def bad(message: str) -> ApiError:
    return ApiError(400, message)


def refused(message: str) -> ApiError:
    return ApiError(422, message)


def not_found(what: str) -> ApiError:
    return ApiError(404, f"No {what} with that id")


def forbidden(message: str) -> ApiError:
    return ApiError(403, message)
