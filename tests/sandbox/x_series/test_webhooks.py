"""Webhooks (chapter 14), received by a real server on 127.0.0.1."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest

from tests.sandbox.x_series.store import Store, a_line


@dataclass
class Hearer:
    """Answers each POST with the next of `statuses`, the last one for ever; slow when told."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    wait: float = 0
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        self.heard.append((headers, await reader.readexactly(int(headers["content-length"]))))
        await asyncio.sleep(self.wait)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        writer.close()

    def payloads(self) -> list[dict[str, Any]]:
        return [json.loads(parse_qs(body.decode())["payload"][0]) for _, body in self.heard]


@pytest.fixture
async def hearer() -> AsyncIterator[Hearer]:
    hearer = Hearer()
    server = await asyncio.start_server(hearer.serve, "127.0.0.1", 0)
    hearer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    async with server:
        yield hearer


async def subscribe(store: Store, hearer: Hearer, kind: str = "sale.update", version: str = "2026-07") -> str:
    body = {"type": kind, "url": hearer.url, "active": True}
    made = await store.send("POST", f"{version}/webhooks", body, status=201)
    return str(made["data"]["id"])


async def settled(store: Store) -> None:
    """Everything that is due has been sent, by the sandbox itself."""
    deliveries = store.world.deliveries
    for _ in range(500):
        due = [one for one in deliveries.waiting if one.due <= deliveries.now()]
        if not due and not deliveries.in_flight:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("deliveries did not settle")


async def test_subscriptions_are_made_listed_changed_and_deleted(store: Store, hearer: Hearer) -> None:
    key = await subscribe(store, hearer)
    again = {"type": "sale.update", "url": hearer.url, "active": True}
    await store.send("POST", "2.0/webhooks", again, status=409)
    await store.send("POST", "2.0/webhooks", again | {"type": "sale.gone"}, status=400)
    assert [hook["id"] for hook in (await store.get("2026-04/webhooks"))["data"]] == [key]
    changed = await store.send("PUT", f"2.0/webhooks/{key}", again | {"active": False})
    assert changed["data"]["active"] is False
    await store.send("DELETE", f"2026-07/webhooks/{key}")
    assert (await store.get("2.0/webhooks"))["data"] == []
    assert (await store.answer(f"2.0/webhooks/{key}")).status_code == 404


async def test_0_9_subscribes_with_json_in_a_form_field(store: Store, hearer: Hearer) -> None:
    form = {"data": json.dumps({"type": "sale.update", "url": hearer.url, "active": True})}
    answer = await store.client.post("/api/webhooks", data=form, headers=store.headers)
    assert answer.status_code == 201


async def test_a_delivery_is_a_form_with_the_sale_in_the_oldest_shape(store: Store, hearer: Hearer) -> None:
    await subscribe(store, hearer)
    key = await store.sell(a_line("24.95"))
    await settled(store)

    ((headers, body),) = hearer.heard
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    fields = dict(parse_qsl(body.decode()))
    assert (fields["domain_prefix"], fields["environment"]) == ("cadeauhuis", "prod")
    (payload,) = hearer.payloads()
    assert (payload["id"], payload["total_price"], payload["status"]) == (key, "20.62", "CLOSED")
    assert payload["register_sale_products"][0]["tax_rate"] == 0.21


@pytest.mark.parametrize("over", ["body", "payload"])
@pytest.mark.parametrize("written", ["hex", "base64"])
async def test_the_signature_has_four_readings(store: Store, hearer: Hearer, over: str, written: str) -> None:
    store.choose(webhook_signature_over=over, webhook_signature_as=written)
    await subscribe(store, hearer)
    await store.sell(a_line())
    await settled(store)

    ((headers, body),) = hearer.heard
    signed = body if over == "body" else parse_qs(body.decode())["payload"][0].encode()
    digest = hmac.new(b"sandbox-secret", signed, hashlib.sha256)
    expected = digest.hexdigest() if written == "hex" else base64.b64encode(digest.digest()).decode()
    assert headers["x-signature"] == f"signature={expected},algorithm=HMAC-SHA256"


async def test_a_personal_tokens_deliveries_are_not_signed(store: Store, hearer: Hearer) -> None:
    made = (await store.client.post("/sandbox/x/accounts/cadeauhuis/personal-token", json={})).json()
    store.headers = {"Authorization": f"Bearer {made['token']}"}
    await subscribe(store, hearer)
    await store.sell(a_line())
    await settled(store)
    assert "x-signature" not in hearer.heard[0][0]


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (302, 1), (503, 2)])
async def test_only_what_failed_is_tried_again(store: Store, hearer: Hearer, status: int, tries: int) -> None:
    hearer.statuses = [status, 200]
    await subscribe(store, hearer)
    await store.sell(a_line())
    await settled(store)
    assert len(hearer.heard) == 1
    store.world.clock.advance(60)
    await settled(store)
    assert len(hearer.heard) == tries


async def test_an_answer_that_takes_too_long_is_none(store: Store, hearer: Hearer) -> None:
    store.choose(webhook_timeout_seconds=0.05)
    hearer.wait = 0.3
    await subscribe(store, hearer)
    await store.sell(a_line())
    await settled(store)
    assert store.world.deliveries.delivered == 0
    assert len(store.world.deliveries.waiting) == 1


async def test_twenty_tries_and_no_more(store: Store, hearer: Hearer) -> None:
    hearer.statuses = [500]
    await subscribe(store, hearer)
    await store.sell(a_line())
    begun = store.world.clock.now()
    for _ in range(40):
        await store.world.deliveries.settle()
        store.world.clock.advance(4 * 3600)
    assert len(hearer.heard) == 20
    assert store.world.deliveries.given_up == 1
    assert (store.world.clock.now() - begun).days >= 2


async def test_deliveries_repeat_and_overtake_by_switch(store: Store, hearer: Hearer) -> None:
    await subscribe(store, hearer)
    store.choose(webhook_duplicate_rate=1)
    await store.sell(a_line())
    await settled(store)
    assert len(hearer.heard) == 2

    hearer.heard.clear()
    store.choose(webhook_duplicate_rate=0, webhook_shuffle_rate=1)
    tickets = [{"lines": [a_line()], "payments": [{"type": "PIN"}]} for _ in range(2)]
    sold = [sale["id"] for sale in await store.till("sales", tickets)]
    await settled(store)
    assert sorted(payload["id"] for payload in hearer.payloads()) == sorted(sold)


async def test_a_black_hole_tells_nobody(store: Store, hearer: Hearer) -> None:
    store.choose(webhook_black_hole=True)
    await subscribe(store, hearer)
    await store.sell(a_line())
    await settled(store)
    assert hearer.heard == []


async def test_products_stock_customers_and_closures_are_told_too(store: Store, hearer: Hearer) -> None:
    kinds = ("product.update", "inventory.update", "customer.update", "register_closure.create")
    for kind in kinds:
        body = {"type": kind, "url": f"{hearer.url}/{kind}", "active": True}
        await store.send("POST", "2.0/webhooks", body, status=201)
    key = await store.sell(a_line(), customer={"ref": "nieuw", "last_name": "Vos"})
    register = (await store.flat(key))["register_id"]
    await store.till(f"registers/{register}/close", {"counted": {}})
    await settled(store)
    payloads = hearer.payloads()
    assert store.merchant.skus["MOK-21"] in {payload["id"] for payload in payloads}
    assert [payload["count"] for payload in payloads if "count" in payload] == [-1]
    assert register in {payload.get("register_id") for payload in payloads}
