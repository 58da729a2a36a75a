"""Sales as a real till answered them in 2015, word for word, the whole way to the books."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from services.demo.connecting import Shop, connect
from services.demo.killing import Killings
from services.demo.measuring import booked_turnover
from services.demo.processes import Ports
from services.demo.product import Partner
from services.demo.starting import start_product, start_sandbox
from services.demo.watching import until_booked
from tests.builders import D
from tests.shared import RETAIL_SAMPLES, needs

SAMPLE = RETAIL_SAMPLES / "sales-page.json"
ACCOUNT = "4711"
CASH = "1"
COMPLETED = {  # total, day in Amsterdam
    "101": ("19.99", "2015-12-12"),  # 23:17 UTC the evening before
    "102": ("39.98", "2015-12-12"),  # 2 x 19.99
    "104": ("19.99", "2015-12-12"),
    "105": ("19.99", "2015-12-12"),
    "107": ("227.34", "2015-12-14"),  # 159.92 + 30.66 + 5.99 + 6.99 + 8.50 + 10.99 + 4.29
    "108": ("19.99", "2015-12-14"),
    "109": ("19.99", "2015-12-14"),
    "110": ("59.85", "2015-12-14"),  # 8.25 + 14.25 + 10.40 + 7.98 + 7.98 + 10.99
    "111": ("7.50", "2015-12-24"),  # 23:14 UTC the evening before
}
TOGETHER = "434.62"

pytestmark = needs(SAMPLE, "a real till's sales, the whole way to the books")


def recorded_sales() -> list[dict[str, Any]]:
    sales: list[dict[str, Any]] = json.loads(SAMPLE.read_text())["body"]["Sale"]
    return sales


async def test_nine_recorded_sales_stand_in_the_books(tmp_path: Path) -> None:
    ports = Ports()
    async with (
        start_sandbox(tmp_path, ports) as sandbox_url,
        start_product(tmp_path, ports, sandbox_url, "lightspeed-retail", as_services=False) as started,
        httpx.AsyncClient(base_url=f"{sandbox_url}/sandbox", timeout=60) as sandbox,
    ):
        answer = await sandbox.post(f"/tills/retail/{ACCOUNT}/recorded", json=recorded_sales())
        assert len(answer.raise_for_status().json()) == 19
        partner = Partner(started.portal_url, started.api_key)
        try:
            shop = await connect(
                partner,
                source="lightspeed-retail",
                mode="transactions",
                account=ACCOUNT,
                first_day=date(2015, 12, 1),
                changes={},
            )
            await until_booked(partner, shop, len(COMPLETED), Killings(()), print)
            books = (await sandbox.get(f"/exact/divisions/{shop.division}/books")).json()
        finally:
            await partner.close()
    assert_booked(books, shop)


def assert_booked(books: Mapping[str, Any], shop: Shop) -> None:
    prefix, cash = shop.rules["reference_prefix"], shop.rules["payments"][CASH]["ledger"]
    booked = {entry["your_ref"].removeprefix(prefix): entry for entry in books["sales_entries"]}
    assert len(books["sales_entries"]) == len(COMPLETED)
    assert booked.keys() == COMPLETED.keys()
    for number, (total, day) in COMPLETED.items():
        entry = booked[number]
        paid = [line for line in entry["lines"] if line["ledger_id"] == cash]
        sold = [line for line in entry["lines"] if line["ledger_id"] != cash]
        assert entry["date"] == day
        assert sum(D(line["gross"]) for line in sold) == D(total)
        assert [D(line["gross"]) for line in paid] == [-D(total)]
        assert {(line["vat"], line["vat_code"]) for line in sold} == {("0.00", shop.rules["vat"]["0"])}
    assert booked_turnover(books, shop.rules) == D(TOGETHER)
