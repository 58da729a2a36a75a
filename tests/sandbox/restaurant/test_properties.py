"""Whatever is ordered: the payments are the bill, a line is its net and its VAT, and back is nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from services.sandbox.clock import Clock
from services.sandbox.restaurant.orders import Order, OrderLine, OrderPayment
from services.sandbox.restaurant.render import Renderer
from services.sandbox.restaurant.reversing import Back, refund, void
from services.sandbox.restaurant.selling import shop_of
from services.sandbox.restaurant.totals import totals_of
from services.sandbox.restaurant.world import RestaurantWorld
from tests.sandbox.restaurant.till import NOON

D = Decimal
CENTS = st.integers(1, 20_000).map(lambda cents: D(cents) / 100)
LINE = st.builds(
    OrderLine,
    item=st.sampled_from(["BURGER", "BIER25", "KOFFIE", "SCHORT"]),
    quantity=st.sampled_from([D(1), D(2), D("0.755"), D("1.333")]),
    unit_price=CENTS,
    line_discount_percent=st.sampled_from([None, D(10), D("33.3")]),
    void_reason=st.sampled_from(["", "", "", "Taste"]),
)
ORDER = st.builds(
    Order,
    at=st.integers(0, 10_000).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    lines=st.lists(LINE, min_size=1, max_size=5).map(tuple),
    payments=st.sampled_from([(OrderPayment(type="PIN", tip=D("1.50")),), (OrderPayment(type="CASH"),)]),
    receipt_discount_percent=st.sampled_from([D(0), D(15)]),
    service_charge=st.sampled_from([D(0), D("12.5")]),
    service_charge_type=st.sampled_from(["UNTAXED", "APPORTIONED"]),
    cash_rounding=st.booleans(),
)


def lines_of(sale: Any) -> list[tuple[Decimal, Decimal, Decimal]]:
    return [
        (
            D(line["totalNetAmountWithTax"]),
            D(line["totalNetAmountWithoutTax"]),
            sum((D(tax["taxAmount"]) for tax in line["taxLines"]), D(0)),
        )
        for line in sale["salesLines"]
    ]


@given(ORDER)
def test_an_account_balances_as_it_is_shown(order: Order) -> None:
    world = RestaurantWorld(Clock(NOON))
    business = world.businesses[4801]
    record = world.sell(business, order)
    sale = Renderer(business, world.switches, ["payments"]).sale(record)
    lines = lines_of(sale)
    assert all(gross == net + tax for gross, net, tax in lines)
    charge = sum(
        D(line["serviceCharge"])
        for line in sale["salesLines"]
        if line["serviceChargeType"] == "UNTAXED" and "voidReason" not in line
    )
    paid = sum(D(payment["netAmountWithTax"]) for payment in sale["payments"])
    assert abs(sum(gross for gross, _, _ in lines) + charge - paid) <= D("0.005")
    for payment in sale["payments"]:
        received = D(payment["netAmountWithTax"]) + D(payment["roundingAmount"]) + D(payment["tip"])
        is_rounded = order.cash_rounding and payment["code"] == "CASH"
        assert not is_rounded or received % D("0.05") == 0


@given(ORDER, st.booleans())
def test_what_is_taken_back_leaves_nothing_by_any_rate(order: Order, whole: bool) -> None:
    world = RestaurantWorld(Clock(NOON))
    business = world.businesses[4801]
    record = world.sell(business, order)
    assume(record.total)
    shop = shop_of(business, None, world.switches, NOON)
    (void if whole else refund)(shop, record, Back())
    totals = totals_of(business, NOON)
    assert totals.turnover == 0
    assert {(rate.gross, rate.vat) for rate in totals.by_vat_rate.values()} <= {(D(0), D(0))}
    if whole:
        assert (totals.tips, totals.cash_rounding) == (0, 0)
