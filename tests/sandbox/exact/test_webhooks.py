"""Webhooks: the trial of a callback, what an event says, and its signature."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from services.sandbox.exact.division import Author
from tests.sandbox.exact.office import Office, text_of

HOOKS = "webhooks/WebhookSubscriptions"
CALLBACK = "https://127.0.0.1:8443/hooks/exact"
SECRET = "sandbox-webhook-secret"


@dataclass
class Receiver:
    status: int = 200
    got: list[bytes] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request.content)
        return httpx.Response(self.status)

    def contents(self) -> list[dict[str, Any]]:
        return [json.loads(body)["Content"] for body in self.got if body]


@pytest.fixture
async def receiver(office: Office) -> Receiver:
    await office.link()
    receiver = Receiver()
    office.world.hooks.transport = httpx.MockTransport(receiver.answer)
    return receiver


async def subscribe(office: Office, topic: str, url: str = CALLBACK) -> httpx.Response:
    return await office.post(HOOKS, {"CallbackURL": url, "Topic": topic})


async def test_a_callback_is_tried_with_an_empty_post_first(office: Office, receiver: Receiver) -> None:
    made = await subscribe(office, "Items")
    assert made.status_code == 201
    assert receiver.got == [b""]
    (row,) = await office.rows(HOOKS, select="Topic,CallbackURL")
    assert (row["Topic"], row["CallbackURL"]) == ("Items", CALLBACK)


async def test_a_callback_that_answers_badly_takes_no_subscription(
    office: Office, receiver: Receiver
) -> None:
    receiver.status = 500
    refused = await subscribe(office, "Items")
    assert refused.status_code == 500
    assert text_of(refused) == (
        "Invalid: Post to callback URL endpoint returns 500 An error occurred while sending the request."
    )
    assert await office.rows(HOOKS, select="ID") == []


async def test_the_trial_may_come_after_the_answer(office: Office, receiver: Receiver) -> None:
    await office.switch(webhook_check="afterwards")
    receiver.status = 404
    assert (await subscribe(office, "Items")).status_code == 201
    for _ in range(100):
        await asyncio.sleep(0.01)
        if receiver.got:
            break
    await asyncio.sleep(0)
    assert await office.rows(HOOKS, select="ID") == []


@pytest.mark.parametrize(
    ("topic", "url", "said"),
    [
        ("Items", "http://127.0.0.1:8443/hooks", "Ongeldig: Callback URL"),
        ("Items", "https://elsewhere.test/hooks", "Ongeldig: Callback URL"),
        ("Nonsense", CALLBACK, "Ongeldig: Topic"),
        ("", CALLBACK, "Verplicht: Topic"),
    ],
)
async def test_a_wrong_subscription_is_refused(
    office: Office, receiver: Receiver, topic: str, url: str, said: str
) -> None:
    refused = await subscribe(office, topic, url)
    assert (refused.status_code, text_of(refused)) == (500, said)
    assert receiver.got == []


async def test_a_topic_is_subscribed_to_once(office: Office, receiver: Receiver) -> None:
    await subscribe(office, "Items")
    assert text_of(await subscribe(office, "Items")) == "Gegeven bestaat reeds."
    assert (await subscribe(office, "Accounts")).status_code == 201
    assert receiver.got == [b"", b""]


async def test_an_event_holds_its_key_alone_and_is_signed_over_its_text(
    office: Office, receiver: Receiver
) -> None:
    await subscribe(office, "Accounts")
    account = await office.made("crm/Accounts", {"Name": "Jansen"})
    path = f"crm/Accounts(guid'{account['ID']}')"
    await office.put(path, {"City": "Delft"})
    await office.delete(path)
    await office.made("logistics/Items", {"Code": "ROOS", "Description": "Roos"})
    await office.world.hooks.settle()

    assert [each["Action"] for each in receiver.contents()] == ["Create", "Update", "Delete"]
    first = receiver.contents()[0]
    assert (first["Topic"], first["Division"], first["Key"]) == ("Accounts", office.division, account["ID"])
    assert re.fullmatch(r"\{[0-9a-f-]{36}\}", first["ClientId"])
    assert first["ExactOnlineEndpoint"] == f"https://start.exactonline.nl/api/v1/{office.division}/{path}"
    for body in receiver.got[1:]:
        match = re.fullmatch(rb'\{"Content":(.*),"HashCode":"([0-9A-F]{64})"\}', body)
        assert match is not None
        assert hmac.new(SECRET.encode(), match[1], hashlib.sha256).hexdigest().upper() == match[2].decode()


async def test_what_is_booked_is_told_by_its_topic(office: Office, receiver: Receiver) -> None:
    await subscribe(office, "SalesEntries")
    entry = await office.made("salesentry/SalesEntries", office.an_entry())
    await office.world.hooks.settle()
    (told,) = receiver.contents()
    assert (told["Topic"], told["Action"], told["Key"]) == ("SalesEntries", "Create", entry["EntryID"])


async def test_events_get_lost_doubled_and_out_of_order(office: Office, receiver: Receiver) -> None:
    await subscribe(office, "Items")

    async def told(*codes: str, **switches: int) -> list[str]:
        await office.switch(**switches)
        receiver.got.clear()
        division = office.world.divisions[office.division]
        for code in codes:
            division.add("logistics/Items", {"ID": code, "Code": code}, Author("", "Exact"))
        await office.world.hooks.settle()
        return [each["Key"] for each in receiver.contents()]

    assert await told("A", webhook_lost_percent=100) == []
    assert await told("B", webhook_lost_percent=0, webhook_doubled_percent=100) == ["B", "B"]
    shuffled = await told("C", "D", webhook_doubled_percent=0, webhook_shuffled_percent=100)
    assert shuffled == ["D", "C"]


async def test_the_controls_tell_how_many_went_out(office: Office, receiver: Receiver) -> None:
    await subscribe(office, "Accounts")
    receiver.status = 503
    await office.made("crm/Accounts", {"Name": "Jansen"})
    await office.world.hooks.settle()
    counted = (await office.control.get("/deliveries")).json()
    assert counted == {"waiting": 0, "delivered": 0, "failed": 1}
