"""Watches the merchant's sales on their way through the partner API until nothing is under way any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.demo.connecting import Shop, authorize
from services.demo.killing import Killings
from services.demo.processes import DemoFailed
from services.demo.product import Partner

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_WORDS = 5.0
SECONDS_WITHOUT_PROGRESS = 300.0
QUIET_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the connection is: its sales by state, its documents still on their way."""

    seen: int
    decided: int
    booked: int
    problems: int
    documents_waiting: int

    def is_through(self, sold: int) -> bool:
        return self.seen >= sold and self.decided == self.seen and self.documents_waiting == 0

    def share(self, sold: int) -> float:
        return self.decided / sold if sold else 1.0


async def until_booked(
    partner: Partner, shop: Shop, sold: int, killings: Killings, say: Callable[[str], None]
) -> None:
    """Returns when every sale sold is decided and every document stands, and stays so for a moment."""
    last, last_change, last_word, quiet = None, time.monotonic(), 0.0, 0
    while quiet < QUIET_LOOKS:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        connection = await partner.get(f"/v1/connections/{shop.connection}")
        await _consent_again(partner, shop, connection, say)
        progress = _progress(connection)
        quiet = quiet + 1 if progress.is_through(sold) else 0
        now = time.monotonic()
        if progress != last:
            last, last_change = progress, now
        if now - last_change > SECONDS_WITHOUT_PROGRESS:
            raise DemoFailed(f"nothing moves any more: {connection}")
        if now - last_word > SECONDS_BETWEEN_WORDS:
            last_word = now
            say(f"  {progress.booked} of {sold} booked, {progress.documents_waiting} documents under way")
        if killed := await killings.at(progress.share(sold)):
            say(f"  killed {killed} in the middle of its work and started it again")


async def _consent_again(
    partner: Partner, shop: Shop, connection: dict[str, Any], say: Callable[[str], None]
) -> None:
    """A consent that is gone needs a person: here the demo's browser."""
    if connection["state"] != "attention":
        return
    for system, account in (("lightspeed", shop.account), ("exact", None)):
        if not connection[system]["authorized"]:
            say(f"  the consent of {system} is gone ({connection['reason']}): consenting again")
            await authorize(partner, shop.connection, system, choose=account)


def _progress(connection: dict[str, Any]) -> Progress:
    sales, documents = connection["progress"]["sales"], connection["progress"]["documents"]
    seen = sum(sales.values())
    return Progress(
        seen=seen,
        decided=seen - sales.get("recorded", 0) - sales.get("mapped", 0),
        booked=sales.get("booked", 0),
        problems=sales.get("problem", 0),
        documents_waiting=documents["waiting"],
    )
