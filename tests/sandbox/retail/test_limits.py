"""The bucket's arithmetic with a clock that stands still (chapter 2)."""

import pytest

from services.sandbox.clock import Clock
from services.sandbox.retail.costs import or_cost, read_cost, write_cost
from services.sandbox.retail.limits import Limits
from services.sandbox.retail.relations import read_relations
from services.sandbox.retail.schema import ENTITIES
from tests.sandbox.retail.till import NOON, Till


def test_the_request_that_overflows_succeeds_and_the_next_waits() -> None:
    clock = Clock(NOON)
    limits = Limits(clock.now)
    limits.settings.choose({"burst": 1000})
    for _ in range(89):
        assert limits.take(1, "c", 1.0, 1).refused_by is None
    over = limits.take(1, "c", 3.57, 1)
    assert (over.refused_by, over.headers["X-LS-API-Bucket-Level"]) == (None, "92.57/90")
    refused = limits.take(1, "c", 1.0, 1)
    assert (refused.refused_by, refused.headers["Retry-After"]) == ("api-leaky-bucket", "3")
    clock.advance(3)
    assert limits.take(1, "c", 1.0, 1).refused_by is None


def test_more_registers_make_a_larger_bucket_that_drips_faster() -> None:
    verdict = Limits(Clock(NOON).now).take(1, "c", 1.0, 3)
    assert verdict.headers["X-LS-API-Bucket-Level"] == "1/110"
    assert verdict.headers["X-LS-API-Drip-Rate"] == "2"


def test_a_burst_is_counted_by_the_second() -> None:
    clock = Clock(NOON)
    limits = Limits(clock.now)
    verdicts = [limits.take(1, "c", 0.1, 1) for _ in range(21)]
    assert [verdict.refused_by for verdict in verdicts] == [None] * 20 + ["api-burst-limiter"]
    assert verdicts[-1].headers["Retry-After"] == "1"
    clock.advance(1)
    assert limits.take(1, "c", 0.1, 1).headers["X-LS-API-Burst-Level"] == "1/20"


@pytest.mark.parametrize(
    ("entity", "relations", "is_list", "cost"),
    [
        ("Sale", '["SaleLines","SalePayments","SalePayments.PaymentType"]', True, 2.0),
        ("Item", '["ItemShops","Category","TaxClass"]', True, 1.8),
        ("Sale", '["SaleLines","Customer"]', False, 1.3),
        ("Sale", "", True, 1.0),
    ],
)
def test_relations_cost_extra(entity: str, relations: str, is_list: bool, cost: float) -> None:
    tree = read_relations(ENTITIES[entity], relations)
    assert read_cost([], tree, is_list=is_list, doubles_twice=False) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("saleID=1|saleID=2", 0),
        ("description=a|customSku=b", 2),
        ("description=a|itemID=>,4", 2),
        ("createTime=>,1|itemID=>,4", 11),
    ],
)
def test_or_costs_by_fields_and_ranges(text: str, cost: float) -> None:
    assert or_cost(text) == cost


def test_writes_cost_by_what_is_nested() -> None:
    assert write_cost("Item", "PUT", {"Prices": {"ItemPrice": {"amount": "10.95", "useTypeID": "1"}}}) == 1.5
    assert write_cost("Category", "POST", {"name": "Helmen"}) == 10
    lines = {"SaleLines": {"SaleLine": [{"itemID": 1}, {"itemID": 2}]}, "completed": True}
    assert write_cost("Sale", "POST", lines) == 6


async def test_a_429_says_why_and_how_long(till: Till) -> None:
    till.world.limits.settings.choose({"bucket": 1, "bucket_per_register": 0})
    await till.get("Shop")
    answer = await till.answer("Shop")
    assert (answer.status_code, answer.json()["httpCode"]) == (429, "429")
    assert (answer.headers["X-LS-API-RateLimit-Type"], answer.headers["Retry-After"]) == (
        "api-leaky-bucket",
        "1",
    )
    assert answer.headers["X-LS-Acct-Id"] == "4712"
