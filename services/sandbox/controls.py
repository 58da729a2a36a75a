"""How a control call is answered: JSON in, JSON out, and one sentence where it can't be done."""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Body = Any
Answer = object


class Refused(Exception):
    """What the caller asked can't be done; the status says what kind of no it is."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def control_route(path: str, **methods: Callable[[Request, Body], Answer]) -> Route:
    """One function a method; what can't be done is a 4xx with one sentence."""

    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
            return JSONResponse(methods[request.method](request, body))
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status)
        except ValueError as refused:
            return JSONResponse({"error": str(refused)}, 422)
        except (KeyError, TypeError, AttributeError) as missing:
            return JSONResponse({"error": f"the body lacks or mistypes {missing}"}, 422)

    return Route(path, answer, methods=list(methods))
