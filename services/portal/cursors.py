"""Opaque, signed places in a list: a partner can hand one back, not make one up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from services.portal.problems_http import Refusal, wrong_field

SIGNATURE_LENGTH = 12


class Cursors:
    """`scope` ties a cursor to one list of one owner, so that it means nothing anywhere else."""

    def __init__(self, signing_key: bytes) -> None:
        self._key = signing_key

    def after(self, scope: str, place: Sequence[Any]) -> str:
        body = json.dumps(list(place), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._signature(scope, body) + body).decode().rstrip("=")

    def place(self, scope: str, cursor: str | None) -> list[Any] | None:
        """Where the list goes on; raises a 422 for anything that isn't our own cursor of this list."""
        if cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise _not_ours() from None
        signature, body = raw[:SIGNATURE_LENGTH], raw[SIGNATURE_LENGTH:]
        if not hmac.compare_digest(signature, self._signature(scope, body)):
            raise _not_ours()
        place: list[Any] = json.loads(body)
        return place

    def _signature(self, scope: str, body: bytes) -> bytes:
        return hmac.digest(self._key, scope.encode() + b"\0" + body, hashlib.sha256)[:SIGNATURE_LENGTH]


def _not_ours() -> Refusal:
    return wrong_field("cursor", "This isn't a cursor of this list.")
