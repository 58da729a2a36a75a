"""Logs: one JSON line an event on stderr, with the ids bound at the edge, and nothing secret or personal.

A trace id in the form of W3C's traceparent runs with each message, from the till to the books.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from libs.common.contracts.envelope import Envelope

_SECRET_NAMES = re.compile(
    r"token|secret|password|authorization|cookie|api_?key|credential|e_?mail|phone|^code$", re.IGNORECASE
)
_SECRET_PHRASES = (
    re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"),
    re.compile(
        r"(?i)\b(access_token|refresh_token|client_secret|password|api_key|code)(\"?'?\s*[=:]\s*\"?'?)[^\s&\"',}]+"
    ),
    re.compile(r"://[^\s/:@]+:[^\s/@]+@"),
    re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
)
_LONGEST = 20_000
HIDDEN = "[hidden]"

_trace: ContextVar[str] = ContextVar("trace", default="")


def set_up_logs(level: str = "INFO", *, is_json: bool = True) -> None:
    """Once, at the start of the process; the standard library's loggers go the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        scrub,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Any = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:2], structlog.stdlib.add_logger_name, *shared[2:]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    _quieten()


def _quieten() -> None:
    """uvicorn's own handlers would print twice; a line a request is what metrics are for."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name in ("uvicorn.access", "httpx", "httpcore", "aiormq", "aio_pika", "sqlalchemy", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.WARNING)


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hides what must not be in a log: by the field's name, and by what a text looks like."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return HIDDEN if _SECRET_NAMES.search(name) else scrub_text(value)
    if isinstance(value, Mapping):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(name, inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if name.startswith("_"):  # structlog's own
        return value
    return HIDDEN if _SECRET_NAMES.search(name) else scrub_text(str(value))


def scrub_text(text: str) -> str:
    for phrase in _SECRET_PHRASES:
        text = phrase.sub(HIDDEN, text)
    return text[:_LONGEST]


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """These fields stand in every line of the work inside: `with bound(connection=..., sale=...)`."""
    with structlog.contextvars.bound_contextvars(**fields):
        yield


@contextmanager
def message_bound(service: str, envelope: Envelope) -> Iterator[None]:
    """Binds a message's ids, and carries its trace on to the messages that its handler sends."""
    token = _trace.set(envelope.trace or _new_trace())
    try:
        with structlog.contextvars.bound_contextvars(
            service=service,
            message=envelope.id,
            type=envelope.type,
            connection=envelope.connection_id,
            trace=_trace.get(),
        ):
            yield
    finally:
        _trace.reset(token)


def current_trace() -> str:
    """The trace of the work in hand; a new one where none is."""
    return _trace.get() or _new_trace()


def _new_trace() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
