"""The whole: sold at a simulated till, booked in simulated books, by the commands that a person would give.

What a run says is not believed: the books are read in the sandbox and held against the tills.
"""

from __future__ import annotations

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


MODES = ["transactions", "invoices", "orders", "daily-totals"]


@pytest.mark.parametrize("mode", MODES)
async def test_every_made_up_receipt_stands_in_the_books(mode: str) -> None:
    result = await run_demo(DemoOptions(mode=mode, made_up=40), _say)
    assert_right(result, 40)


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_lost_or_doubled_under_faults(mode: str) -> None:
    result = await run_demo(DemoOptions(mode=mode, made_up=60, seed=7, faults=True), _say)
    assert_right(result, 60)


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
    result = await run_demo(DemoOptions(source=source, mode=mode, made_up=40, faults=faults), _say)
    assert_right(result, 40)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", ["transactions", "daily-totals"])
async def test_each_service_is_killed_once_under_faults(mode: str, servers: None) -> None:
    result = await run_demo(DemoOptions(mode=mode, made_up=80, seed=3, faults=True, services=True), _say)
    assert_right(result, 80)


@pytest.mark.timeout(600)
@needs(A_MONTH, "a month of real receipts, the whole way to the books")
async def test_a_month_of_real_receipts_stands_in_the_books() -> None:
    rules = {"debtor": {"own_when": "business"}, "settlement": "in-entry"}
    result = await run_demo(DemoOptions(receipts=A_MONTH, rules=rules), _say)
    assert (result.sales, result.booked, result.ignored, result.problems) == (2025, 1885, 140, 0)
    assert result.turnover == result.booked_turnover == D("748957.02")
    assert result.exact_calls <= SET_UP_CALLS + 1.05 * 1885 + 1.05 * 50


@pytest.mark.timeout(600)
@needs(A_MONTH, "a month of real receipts in daily totals")
@pytest.mark.parametrize("business", ["as-mode", "individual"])
async def test_a_month_of_real_receipts_stands_in_daily_totals(business: str) -> None:
    rules = {"business_receipts": business, "debtor": {"own_when": "business"}}
    result = await run_demo(DemoOptions(receipts=A_MONTH, mode="daily-totals", rules=rules), _say)
    assert (result.sales, result.booked, result.ignored, result.problems) == (2025, 1885, 140, 0)
    assert result.turnover == result.booked_turnover == D("748957.02")
    days_and_outlets = 20 * 2
    alone = 0 if business == "as-mode" else 1.05 * (74 + 50)
    assert result.exact_calls <= SET_UP_CALLS + 2 * days_and_outlets + alone
