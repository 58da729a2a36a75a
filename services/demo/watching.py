"""Watches the merchant's sales on their way through the partner API until nothing is under way any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.demo.browser import ConsentFailed
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
    days_settled: int

    def is_through(self, sold: int, rules: Mapping[str, Any]) -> bool:
        """Days are booked or settled a moment after their last sale was read."""
        is_settled = not makes_days(rules) or self.days_settled > 0 or not self.booked
        all_decided = self.seen >= sold and self.decided == self.seen
        return all_decided and self.documents_waiting == 0 and is_settled

    def share(self, sold: int) -> float:
        return self.decided / sold if sold else 1.0


def makes_days(rules: Mapping[str, Any]) -> bool:
    """Whether days get documents of their own: their totals, or the settlement of what was sold on them."""
    by_day = ("in-entry", "per-day") if rules["mode"] in ("invoices", "orders") else ("per-day",)
    return rules["mode"] == "daily-totals" or rules["settlement"] in by_day


async def until_booked(
    partner: Partner, shop: Shop, sold: int, killings: Killings, say: Callable[[str], None]
) -> None:
    """Returns when every sale sold is decided and every document stands, and stays so for a moment."""
    last, last_change, last_word, quiet = None, time.monotonic(), 0.0, 0
    while quiet < QUIET_LOOKS:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        await consent_again(partner, shop, say)
        counts = await partner.get(f"/v1/connections/{shop.connection}/progress")
        progress = _progress(counts)
        quiet = quiet + 1 if progress.is_through(sold, shop.rules) else 0
        now = time.monotonic()
        if progress != last:
            last, last_change = progress, now
        if now - last_change > SECONDS_WITHOUT_PROGRESS:
            raise DemoFailed(f"nothing moves any more: {counts}")
        if now - last_word > SECONDS_BETWEEN_WORDS:
            last_word = now
            say(f"  {progress.booked} of {sold} booked, {progress.documents_waiting} documents under way")
        if killed := await killings.at(progress.share(sold)):
            quiet = 0
            say(f"  killed {killed} in the middle of its work and started it again")


async def consent_again(partner: Partner, shop: Shop, say: Callable[[str], None]) -> None:
    """A consent that is gone needs a person: here the demo's browser."""
    for grant in (await partner.get("/v1/grants"))["items"]:
        if grant["state"] == "lost":
            is_exact = grant["system"] == "exact"
            say(f"  the consent of {grant['system']} is gone ({grant['reason']}): consenting again")
            try:
                await authorize(
                    partner,
                    shop.connection,
                    "exact" if is_exact else "lightspeed",
                    choose=None if is_exact else shop.account,
                )
            except ConsentFailed:  # a code works once, and the answer to it may be lost too
                say("  that didn't work: once more, as a person would")


def _progress(counts: dict[str, Any]) -> Progress:
    sales, days = counts["sales"], counts["day_documents"]
    seen = sum(sales.values())
    return Progress(
        seen=seen,
        decided=seen - sales.get("recorded", 0) - sales.get("mapped", 0),
        booked=sales.get("booked", 0),
        problems=sales.get("problem", 0),
        documents_waiting=sales.get("mapped", 0) + days.get("mapped", 0),
        days_settled=days.get("booked", 0),
    )
