"""What the data API answers when it refuses (3.6)."""

from http import HTTPStatus

from services.sandbox.controls import Refused


class ApiError(Refused):
    """Carries the status, and the members that the envelope has beside the usual ones."""

    def __init__(self, status: int, message: str, *, error_class: str = "Exception", **more: str) -> None:
        super().__init__(status, message)
        self.message = message
        self.error_class = error_class
        self.more = more

    def envelope(self) -> dict[str, str]:
        body = {
            "httpCode": str(self.status),
            "httpMessage": HTTPStatus(self.status).phrase,
            "message": self.message,
        }
        if self.error_class:
            body["errorClass"] = self.error_class
        return body | self.more


def bad(message: str) -> ApiError:
    return ApiError(400, message)


def not_found(entity: str, key: str) -> ApiError:
    return ApiError(404, f"Object of type '{entity}' not found with primary ID '{key}'.", error_class="")
