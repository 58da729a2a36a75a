"""The whole: sold at a simulated till, booked in simulated books, by the commands that a person would give.

What a run says is not believed: the books are read in the sandbox and held against the tills.
"""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from services.demo.demo import DemoOptions, run_demo
from services.demo.measuring import Result
from tests.builders import D
from tests.shared import RECEIPTS, needs

A_MONTH = RECEIPTS / "online-retail-2010-12.csv.gz"
SET_UP_CALLS = 30


def _say(text: str) -> None:
    print(text)


def assert_right(result: Result, sales: int) -> None:
    assert (result.sales, result.problems, result.findings) == (sales, 0, ())
    assert result.booked + result.ignored == sales
    assert result.turnover == result.booked_turnover
    assert result.turnover > 0


@pytest.mark.parametrize("mode", ["transactions", "invoices", "orders", "daily-totals"])
async def test_nothing_is_lost_or_doubled_under_faults(mode: str) -> None:
    """With this seed an early call to Exact is one whose answer comes too late."""
    said: list[str] = []
    result = await run_demo(DemoOptions(mode=mode, made_up=30, seed=3, faults=True), said.append)
    assert_right(result, 30)
    assert any("'slow'" in line for line in said), said


@pytest.mark.parametrize(
    ("source", "mode", "faults"),
    [
        ("lightspeed-restaurant", "invoices", False),
        ("lightspeed-restaurant", "orders", True),
        ("lightspeed-restaurant", "daily-totals", True),
        ("lightspeed-x", "transactions", True),
        ("lightspeed-x", "invoices", False),
    ],
)
async def test_other_tills_receipts_stand_in_the_books_too(source: str, mode: str, faults: bool) -> None:
    """A restaurant's day ends at night, and what is settled a day goes by that."""
    result = await run_demo(DemoOptions(source=source, mode=mode, made_up=30, faults=faults), _say)
    assert_right(result, 30)


async def test_articles_and_stock_agree_on_both_sides_after_the_sales() -> None:
    """Six articles are entered in Exact, in two warehouses with 24 pieces each; the till's go there first."""
    result = await run_demo(DemoOptions(mode="orders", made_up=12, products=True), _say)
    assert_right(result, 12)
    told = json.loads(result.to_json())
    assert (told["articles_to_lightspeed"], told["article_differences"], told["stock_difference"]) == (
        6,
        0,
        0,
    )
    assert told["articles"] >= told["articles_to_exact"] + 6 > 6
    assert told["stock"] > 6 * 2 * 24
    assert result.is_right


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", ["transactions", "daily-totals"])
async def test_each_service_is_killed_once_under_faults(mode: str, servers: None) -> None:
    result = await run_demo(DemoOptions(mode=mode, made_up=40, seed=3, faults=True, services=True), _say)
    assert_right(result, 40)


@pytest.mark.timeout(600)
@needs(A_MONTH, "five days of real receipts in daily totals")
async def test_days_of_real_receipts_stand_in_daily_totals(tmp_path: Path) -> None:
    """Receipts of businesses one by one; the whole month, in every way to book it, is in `test_long`.

    Turnover of the 19th and the 20th to 23rd: 7,517.31 + 24,741.75 + 47,097.94 + 6,134.57 + 11,796.31.
    """
    receipts = receipts_since(date(2010, 12, 19), tmp_path / "five-days.csv")
    rules = {"business_receipts": "individual", "debtor": {"own_when": "business"}}
    result = await run_demo(DemoOptions(receipts=receipts, mode="daily-totals", rules=rules), _say)
    assert (result.sales, result.booked, result.ignored, result.problems) == (247, 237, 10, 0)
    assert result.findings == ()
    assert result.turnover == result.booked_turnover == D("97287.88")
    assert result.exact_calls <= SET_UP_CALLS + 2 * 5 * 2 + 1.05 * (6 + 6)


def receipts_since(first: date, days: Path) -> Path:
    """The receipts of a month from a day on, in a file of their own."""
    with gzip.open(A_MONTH, "rt", encoding="utf-8", newline="") as month, days.open("w", newline="") as kept:
        rows = csv.DictReader(month)
        assert rows.fieldnames is not None
        writer = csv.DictWriter(kept, rows.fieldnames)
        writer.writeheader()
        writer.writerows(row for row in rows if _day(row["InvoiceDate"]) >= first)
    return days


def _day(moment: str) -> date:
    month, day, year = moment.split()[0].split("/")
    return date(2000 + int(year), int(month), int(day))
