"""The envelope that every message travels in, and the way in and out of it.

A reader ignores fields it doesn't know, so a new optional field is the same version; any other change
is a new one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, cast

from pydantic import TypeAdapter


class Message(Protocol):
    """A contract: a frozen dataclass with its type's name ("sale.recorded") and version."""

    type: ClassVar[str]
    version: ClassVar[int]


M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message on its way; `body` is JSON text, so that a bus moves it without knowing it."""

    id: str
    type: str
    version: int
    connection_id: str
    at: datetime
    body: str
    trace: str = ""

    def to_json(self) -> str:
        return json.dumps(
            {
                "id": self.id,
                "type": self.type,
                "version": self.version,
                "connection_id": self.connection_id,
                "at": self.at.isoformat(),
                "trace": self.trace,
                "body": json.loads(self.body),
            }
        )


def envelope_of(message: Message, connection_id: str, at: datetime, trace: str = "") -> Envelope:
    body = _adapter(type(message)).dump_json(message).decode()
    return Envelope(uuid.uuid4().hex, message.type, message.version, connection_id, at, body, trace)


def envelope_from_json(text: str | bytes) -> Envelope:
    """Raises ValueError or KeyError on anything that isn't an envelope."""
    fields = json.loads(text)
    return Envelope(
        id=fields["id"],
        type=fields["type"],
        version=fields["version"],
        connection_id=fields["connection_id"],
        at=datetime.fromisoformat(fields["at"]),
        body=json.dumps(fields["body"]),
        trace=fields.get("trace", ""),
    )


def message_in(envelope: Envelope, contract: type[M]) -> M:
    """The message as its contract; raises pydantic's ValidationError where the body doesn't keep to it."""
    message: M = _adapter(contract).validate_json(envelope.body)
    return message


@cache
def _adapter(contract: Hashable) -> TypeAdapter[Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, contract))
    return adapter
