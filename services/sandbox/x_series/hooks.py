"""Webhook subscriptions (chapter 14), and what is waiting to be delivered to them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from services.sandbox.x_series import oldest, shapes
from services.sandbox.x_series.calls import Answer, Call
from services.sandbox.x_series.errors import ApiError, bad, not_found
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Closure, Stock, Webhook
from services.sandbox.x_series.sale import Sale
from services.sandbox.x_series.table import Stored
from services.sandbox.x_series.values import money, number, spaced

KINDS = (
    "sale.update",
    "product.update",
    "customer.update",
    "inventory.update",
    "register_closure.create",
    "consignment.send",
    "consignment.receive",
)
SHORTEST_URL = 3


@dataclass
class Delivery:
    """One POST that is due; `tries` counts those that had no answer worth keeping."""

    merchant: Merchant
    hook: Webhook
    body: bytes
    headers: dict[str, str]
    due: datetime
    tries: int = 0


def listing(call: Call) -> Answer:
    return Answer({"data": [shapes.webhook(call.merchant, hook) for hook in _alive(call.merchant)]})


def read(call: Call, key: str) -> Answer:
    return Answer({"data": shapes.webhook(call.merchant, _found(call, key))})


def subscribe(call: Call) -> Answer:
    kind, url, active = _wish(call)
    for hook in _alive(call.merchant):
        if (hook.kind, hook.url) == (kind, url):
            raise ApiError(409, "A webhook with this type and URL exists already")
    client_id = call.access.client_id
    hook = Webhook(id=call.merchant.new_id(), kind=kind, url=url, active=active, client_id=client_id)
    call.merchant.put(call.merchant.webhooks, hook)
    return Answer({"data": shapes.webhook(call.merchant, hook)}, 201)


def change(call: Call, key: str) -> Answer:
    hook = _found(call, key)
    hook.kind, hook.url, hook.active = _wish(call)
    call.merchant.put(call.merchant.webhooks, hook)
    return Answer({"data": shapes.webhook(call.merchant, hook)})


def unsubscribe(call: Call, key: str) -> Answer:
    hook = _found(call, key)
    hook.deleted_at = call.merchant.now()
    return Answer({"status": "success"})


def _alive(merchant: Merchant) -> list[Webhook]:
    return [hook for hook in merchant.webhooks if hook.deleted_at is None]


def _found(call: Call, key: str) -> Webhook:
    hook = call.merchant.webhooks.get(key)
    if hook is None or hook.deleted_at:
        raise not_found("webhook")
    return hook


def _wish(call: Call) -> tuple[str, str, bool]:
    fields = call.fields()
    kind, url = str(fields.get("type") or ""), str(fields.get("url") or "")
    if kind not in KINDS:
        raise bad(f"type is one of {', '.join(KINDS)}")
    if len(url) < SHORTEST_URL or urlsplit(url).scheme not in {"http", "https"}:
        raise bad("url is an http or https address")
    return kind, url, bool(fields.get("active", True))


def deliveries_of(
    merchant: Merchant, kind: str, row: Stored, secret_of: Callable[[str], str]
) -> list[Delivery]:
    """One for each active subscription, in the shape of the oldest version (chapter 14)."""
    made = []
    for hook in _alive(merchant):
        if hook.active and hook.kind == kind:
            payload = json.dumps(payload_of(merchant, row), separators=(",", ":"))
            body = _form(merchant, payload)
            headers = _headers(merchant, hook, body, payload, secret_of(hook.client_id))
            made.append(Delivery(merchant, hook, body, headers, merchant.now()))
    return made


def payload_of(merchant: Merchant, row: Stored) -> dict[str, Any]:
    if isinstance(row, Sale):
        return oldest.sale(merchant, row)
    if isinstance(row, Closure):
        return _closure(row)
    if isinstance(row, Stock):
        outlet = {"id": row.outlet_id, "name": merchant.outlets[row.outlet_id].name}
        return {"id": row.id, "product_id": row.product_id, "outlet_id": row.outlet_id, "outlet": outlet} | {
            "count": number(row.level),
            "version": row.version,
        }
    return {"id": row.id, "version": row.version}


def _closure(row: Closure) -> dict[str, Any]:
    """What it holds isn't known (12.3)."""
    return {
        "id": row.id,
        "register_id": row.register_id,
        "sequence": row.sequence,
        "register_open_time": spaced(row.opened_at),
        "register_close_time": spaced(row.closed_at),
        "payments": [{"payment_type_id": key, "total": money(total)} for key, total in row.counted.items()],
    }


def _form(merchant: Merchant, payload: str) -> bytes:
    more = {"domain_prefix": merchant.domain_prefix, "environment": "prod"}
    fields = more if merchant.switches.is_on("webhook_more_fields") else {}
    return urlencode(fields | {"payload": payload}).encode()


def _headers(merchant: Merchant, hook: Webhook, body: bytes, payload: str, secret: str) -> dict[str, str]:
    """Keyed with the application's secret, so that a personal token's deliveries have none (3.3)."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if not secret or not merchant.switches.is_on("webhook_signed"):
        return headers
    signed = body if merchant.switches["webhook_signature_over"] == "body" else payload.encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256)
    written = (
        digest.hexdigest()
        if merchant.switches["webhook_signature_as"] == "hex"
        else base64.b64encode(digest.digest()).decode()
    )
    return headers | {"X-Signature": f"signature={written},algorithm=HMAC-SHA256"}
