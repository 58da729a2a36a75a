"""What takes minutes to hours, and is run by `make prove`: real receipts in every way there is to book them.

The counts and sums are those of the README beside the receipts, which were taken from the files themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from services.demo.demo import DemoOptions, run_demo
from services.demo.measuring import Result
from tests.builders import D
from tests.shared import RECEIPTS, needs

GIFTWARE = RECEIPTS / "online-retail-2010-12.csv.gz"
BAKERY = RECEIPTS / "bread-basket-2016.csv.gz"

R, K, X = "lightspeed-retail", "lightspeed-restaurant", "lightspeed-x"
SET_UP_CALLS = 30
CODES, BUSINESSES, CUSTOMERS = 2_762, 50, 948
DAYS_AND_OUTLETS = 20 * 2
BUSINESS_RECEIPTS = 74
BUSINESS_DEBTORS: dict[str, Any] = {"debtor": {"own_when": "business"}}

pytestmark = [pytest.mark.long, pytest.mark.timeout(4 * 3_600)]


@dataclass(frozen=True)
class Month:
    """What a file of receipts comes to."""

    receipts: int
    without_money: int
    turnover: Decimal


MONTH_OF_GIFTWARE = Month(2_025, 140, D("748957.02"))
MONTHS_OF_BREAD = Month(9_531, 66, D("94805.20"))


def assert_booked(result: Result, month: Month) -> None:
    """Invoices and orders are made of receipts without money too; nothing else has a document for them."""
    ignored = 0 if result.mode in ("invoices", "orders") else month.without_money
    assert (result.sales, result.problems, result.findings) == (month.receipts, 0, ())
    assert (result.booked, result.ignored) == (month.receipts - ignored, ignored)
    assert result.turnover == result.booked_turnover == month.turnover


@needs(GIFTWARE, "a month of real receipts at retail tills")
@pytest.mark.parametrize("way", ["plain", "faults", "services", "services-faults"])
@pytest.mark.parametrize("mode", ["transactions", "invoices", "orders", "daily-totals"])
@pytest.mark.parametrize("source", [R, X])
async def test_giftware(source: str, mode: str, way: str, servers: None) -> None:
    options = DemoOptions(
        source=source,
        receipts=GIFTWARE,
        mode=mode,
        faults="faults" in way,
        services="services" in way,
    )
    assert_booked(await run_demo(options, print), MONTH_OF_GIFTWARE)


@needs(BAKERY, "five months of real receipts at a restaurant's tills")
@pytest.mark.parametrize("way", ["plain", "faults", "services", "services-faults"])
@pytest.mark.parametrize("mode", ["transactions", "daily-totals"])
async def test_bakery(mode: str, way: str, servers: None) -> None:
    options = DemoOptions(
        source=K, receipts=BAKERY, mode=mode, faults="faults" in way, services="services" in way
    )
    assert_booked(await run_demo(options, print), MONTHS_OF_BREAD)


@needs(GIFTWARE, "the calls that a month of real receipts costs")
@pytest.mark.parametrize(
    ("mode", "rules", "allowed"),
    [
        ("transactions", {"settlement": "in-entry"}, 1.05 * 1_885 + 1.05 * BUSINESSES),
        ("orders", {}, 1.1 * 2_025 + DAYS_AND_OUTLETS + 1.05 * (CODES + CUSTOMERS)),
        ("invoices", {}, 2.1 * 2_025 + DAYS_AND_OUTLETS + 1.05 * (CODES + CUSTOMERS)),
        ("daily-totals", {"business_receipts": "as-mode"}, 2 * DAYS_AND_OUTLETS + 1.05 * BUSINESSES),
        (
            "daily-totals",
            {"business_receipts": "individual"},
            2 * DAYS_AND_OUTLETS + 1.05 * (BUSINESS_RECEIPTS + BUSINESSES),
        ),
    ],
)
async def test_calls(mode: str, rules: dict[str, Any], allowed: float) -> None:
    result = await run_demo(DemoOptions(receipts=GIFTWARE, mode=mode, rules=BUSINESS_DEBTORS | rules), print)
    assert_booked(result, MONTH_OF_GIFTWARE)
    assert result.exact_calls <= SET_UP_CALLS + allowed


@pytest.mark.parametrize("way", ["plain", "faults", "services-faults"])
@pytest.mark.parametrize("mode", ["transactions", "invoices", "orders", "daily-totals"])
@pytest.mark.parametrize("source", [R, K, X])
async def test_articles_in_step(source: str, mode: str, way: str, servers: None) -> None:
    options = DemoOptions(
        source=source, mode=mode, products=True, faults="faults" in way, services="services" in way
    )
    result = await run_demo(options, print)
    assert result.is_right, result.to_json()
    assert result.articles is not None
    assert result.articles.to_exact > 0
    assert result.articles.to_lightspeed == (0 if source == K else 6)


@needs(GIFTWARE, "the articles of a month of real receipts, and their stock")
@pytest.mark.parametrize("mode", ["transactions", "orders"])
async def test_articles_of_giftware_in_step(mode: str) -> None:
    """In orders most articles, and all stock of them, come to Exact with the sales alone."""
    result = await run_demo(DemoOptions(receipts=GIFTWARE, mode=mode, products=True), print)
    assert_booked(result, MONTH_OF_GIFTWARE)
    assert result.is_right, result.to_json()
