"""Who may knock: hooks of X-Series are signed in one of four ways, and the first that is met counts (14)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest

from libs.common.lightspeed.x_hook import Signatures
from tests.services.x_world import APP, SECRET

PAYLOAD = '{"id":"sale-1","status":"CLOSED"}'
BODY = urlencode({"domain_prefix": "fietshuis", "payload": PAYLOAD}).encode()
WAYS = [("body", "hex"), ("body", "base64"), ("payload", "hex"), ("payload", "base64")]


def signed(over: str, written: str, secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
    data = body if over == "body" else PAYLOAD.encode()
    digest = hmac.new(secret.encode(), data, hashlib.sha256).digest()
    value = digest.hex() if written == "hex" else base64.b64encode(digest).decode()
    return {"x-signature": f"signature={value},algorithm=HMAC-SHA256"}


@pytest.mark.parametrize(("over", "written"), WAYS)
def test_each_of_the_four_ways_is_taken_and_then_no_other(over: str, written: str) -> None:
    signatures = Signatures()

    assert signatures.is_genuine(APP, "fietshuis", signed(over, written), BODY)

    for other in WAYS:
        assert signatures.is_genuine(APP, "fietshuis", signed(*other), BODY) is (other == (over, written))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-signature": ""},
        {"x-signature": "signature=,algorithm=HMAC-SHA256"},
        {"x-signature": signed("body", "hex")["x-signature"].replace("SHA256", "MD5")},
        {"x-signature": "é=1"},
        signed("body", "hex", secret="another"),
    ],
)
def test_what_is_not_signed_by_our_secret_is_refused(headers: dict[str, str]) -> None:
    assert not Signatures().is_genuine(APP, "fietshuis", headers, BODY)


def test_every_bit_of_the_body_counts() -> None:
    headers = signed("body", "hex")
    for position in range(len(BODY)):
        changed = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        assert not Signatures().is_genuine(APP, "fietshuis", headers, changed)


def test_a_hook_of_another_store_wakes_nobody() -> None:
    assert not Signatures().is_genuine(APP, "cadeauhuis", signed("body", "hex"), BODY)


def test_a_body_that_is_no_form_is_refused() -> None:
    assert not Signatures().is_genuine(APP, "fietshuis", signed("payload", "hex"), b"\xff\xfe")
