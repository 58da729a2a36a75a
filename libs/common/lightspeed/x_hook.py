"""Webhooks of X-Series: who may knock, and what we ask to be told (reference 14).

A hook only wakes a poll; nothing of its body is taken. The vendor's text leaves open what is signed, the form
as it came or its payload, and how the signature is written. Whichever of the four is met first is the one
that counts from then on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from libs.common.settings import VendorApp

TYPE = "sale.update"
PATH = "/hooks/lightspeed-x/"
ALGORITHM = "HMAC-SHA256"
LONGEST_BODY = 1_000_000


class Signatures:
    """One a process; it learns by the first genuine hook of each of our apps how they are signed."""

    def __init__(self) -> None:
        self._met: dict[str, int] = {}

    def is_genuine(self, app: VendorApp, account: str, headers: Mapping[str, str], body: bytes) -> bool:
        signed = _signature_in(headers.get("x-signature", ""))
        secret = app.client_secret.get_secret_value()
        form = _form(body)
        if not signed or not secret or len(body) > LONGEST_BODY:
            return False
        if form.get("domain_prefix", account).lower() != account.lower():
            return False
        matching = [hmac.compare_digest(each, signed.encode()) for each in _candidates(secret, body, form)]
        met = self._met.get(app.client_id)
        if met is None and any(matching):
            met = self._met[app.client_id] = matching.index(True)
        return met is not None and matching[met]


def _candidates(secret: str, body: bytes, form: Mapping[str, str]) -> list[bytes]:
    """In the order in which they are likely (14); all are worked out, so that time tells nothing."""
    signed = [body, form.get("payload", "").encode()]
    digests = [hmac.new(secret.encode(), each, hashlib.sha256).digest() for each in signed]
    return [written for digest in digests for written in (digest.hex().encode(), base64.b64encode(digest))]


def _signature_in(header: str) -> str:
    """`signature=<value>,algorithm=HMAC-SHA256`; base64 may end in = signs."""
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    algorithm = parts.get("algorithm", ALGORITHM)
    return parts.get("signature", "") if algorithm.upper() == ALGORITHM else ""


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
