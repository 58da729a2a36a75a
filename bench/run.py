"""`make bench`: sales a second as a share of what broker and database allow, and calls a sale."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from bench.raw import sales_a_second
from services.demo.demo import DemoOptions, run_demo

RECEIPTS = 600


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def main() -> None:
    database_url = os.environ["KOPPELING_TEST_DATABASE_URL"]
    broker_url = os.environ["KOPPELING_TEST_BROKER_URL"]
    os.environ["KOPPELING_DATABASE_URL"] = database_url
    os.environ["KOPPELING_BROKER_URL"] = broker_url
    before = await sales_a_second(database_url, broker_url)
    piped = await run_demo(DemoOptions(made_up=RECEIPTS, services=True), _say)
    after = await sales_a_second(database_url, broker_url)
    product, raw = piped.booked / piped.booking_seconds, (before + after) / 2
    figures = {
        "sales_a_second": round(product, 1),
        "raw_steps_allow": round(raw, 1),
        "share_of_raw": round(product / raw, 3),
    }
    for mode in ("transactions", "invoices", "orders"):
        result = await run_demo(DemoOptions(made_up=RECEIPTS, mode=mode), _say)
        figures[f"{mode}: Exact calls a sale"] = round(result.exact_calls / result.booked, 3)
        figures[f"{mode}: Lightspeed calls a sale"] = round(result.lightspeed_calls / result.booked, 3)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
