"""The real receipts come out of the restaurant's till exactly as their description says."""

from collections import Counter
from decimal import Decimal

import pytest

from services.sandbox.clock import Clock
from services.sandbox.receipts import BAKERY, GIFTWARE, sell_receipts
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.business_day import business_day
from services.sandbox.restaurant.totals import groups_of, has_money, totals_of
from services.sandbox.restaurant.world import BAKERY as BAKERY_BUSINESS
from services.sandbox.restaurant.world import RestaurantWorld
from tests.sandbox.restaurant.till import NOON
from tests.shared import RECEIPTS, needs

pytestmark = needs(RECEIPTS, "the real receipts at the simulated restaurant")


def sold(name: str) -> Business:
    world = RestaurantWorld(Clock(NOON))
    business = world.businesses[BAKERY_BUSINESS]
    for _ in sell_receipts(
        RECEIPTS / name, NOON, lambda tickets: [world.sell(business, ticket) for ticket in tickets]
    ):
        pass
    return business


@pytest.fixture(scope="module")
def bakery() -> Business:
    return sold(BAKERY)


@pytest.fixture(scope="module")
def giftware() -> Business:
    return sold(GIFTWARE)


def test_the_bakery_sells_for_what_its_description_says(bakery: Business) -> None:
    totals = totals_of(bakery, NOON)
    vat = {rate: total.vat for rate, total in totals.by_vat_rate.items()}
    assert (totals.sales, totals.with_money, totals.turnover) == (9531, 9465, Decimal("94805.20"))
    assert vat == {"21": Decimal("37.79"), "9": Decimal("7802.99")}
    assert sum(total.gross for total in totals.by_vat_rate.values()) == totals.turnover
    assert sum(totals.by_payment_type.values()) == totals.turnover


def test_the_bakery_has_159_days_and_317_of_an_outlet(bakery: Business) -> None:
    days = {
        (location.bl_id, business_day(location, record.closed_at))
        for location in bakery.locations
        for record in location.records
    }
    assert (len({day for _, day in days}), len(days)) == (159, 317)
    assert max(day for _, day in days).isoformat() == "2026-03-14"


def test_66_receipts_of_the_bakery_hold_nothing(bakery: Business) -> None:
    records = [record for _, record in bakery.by_number.values()]
    nothing = [record for record in records if not has_money(record, groups_of(record))]
    assert len(nothing) == 66
    assert {line.sku for record in nothing for line in record.lines} == {"NONE"}
    assert not any(record.payments for record in nothing)


def test_the_one_voucher_is_a_gift_card_beside_bread(bakery: Business) -> None:
    (record,) = [
        record
        for _, record in bakery.by_number.values()
        if any(payment.method.code == "IKGIFT" for payment in record.payments)
    ]
    assert [line.sku for line in record.lines] == ["Bread"]
    tender, card = record.payments
    assert (card.amount, tender.amount - record.total) == (Decimal("-3.00"), Decimal("3.00"))


def test_giftware_too(giftware: Business) -> None:
    totals = totals_of(giftware, NOON)
    vat = {rate: total.vat for rate, total in totals.by_vat_rate.items()}
    assert (totals.sales, totals.with_money, totals.turnover) == (2025, 1885, Decimal("748957.02"))
    assert vat == {"21": Decimal("102102.42"), "9": Decimal("13264.57")}
    returns = [record.total for _, record in giftware.by_number.values() if record.total < 0]
    assert (len(returns), sum(returns)) == (326, Decimal("-74789.12"))


def test_giftware_has_its_customers_and_articles(giftware: Business) -> None:
    payments = [payment for _, record in giftware.by_number.values() for payment in record.payments]
    kinds = Counter(payment.method.kind for payment in payments)
    assert kinds["receivable"] == 63
    assert (len(giftware.items), len(giftware.buyers)) == (2762, 948)
