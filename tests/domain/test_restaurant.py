"""What a restaurant needs of the rules: revenue centres, accounting groups, take-away, a day of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from libs.common.domain.business_day import day_at_till, day_closes_at, ends_at
from libs.common.domain.document import Booking, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.rules import OutletRules, RevenueRules, Rules, SpecialLedgers
from libs.common.domain.sale import Sale
from tests.builders import CARD, D, a_line, a_payment, a_sale, some_rules

KITCHEN, DRINKS = "310", "320"
BAR, TERRACE = "51", "52"


def entry_of(sale: Sale, rules: Rules) -> SalesEntry:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    (entry, *_) = booking.documents
    assert isinstance(entry, SalesEntry)
    return entry


def a_bill(*, paid_in: str = "", ordered_in: str = "") -> Sale:
    """A burger of 10.90 at 9 % and a beer of 6.05 at 21 %."""
    lines = (
        a_line("10.90", "9", id="1", category=KITCHEN, revenue_center=ordered_in),
        a_line("6.05", "21", id="2", category=DRINKS, revenue_center=ordered_in),
    )
    paid = replace(a_payment("16.95", CARD), revenue_center=paid_in, revenue_center_name="Terras")
    return a_sale(lines, (paid,))


def test_each_accounting_group_has_its_ledger_whatever_the_rate() -> None:
    groups = RevenueRules(by_category={KITCHEN: "8110", DRINKS: "8120"})
    entry = entry_of(a_bill(), some_rules(revenue=groups, settlement="none"))
    assert [(line.ledger, line.vat_code, line.amount_excl_vat, line.vat_amount) for line in entry.lines] == [
        ("8110", "VL", D("10.00"), D("0.90")),
        ("8120", "VH", D("5.00"), D("1.05")),
    ]


def test_what_one_group_sells_at_two_rates_is_kept_apart_and_may_have_two_ledgers() -> None:
    """Belgium: the same dish eaten in at 12 %, taken away at 6 % (domain.md 3.2)."""
    eaten_in, taken_away = (
        a_line("22.40", "12", id="1", category=KITCHEN),
        a_line("10.60", "6", id="2", category=KITCHEN),
    )
    sale = a_sale((eaten_in, taken_away))
    vat = {"12": "B12", "6": "B6", "none": "NONE"}
    one = some_rules(revenue=RevenueRules(by_category={KITCHEN: "8110"}), vat=vat, settlement="none")
    two = some_rules(
        revenue=RevenueRules(by_category={KITCHEN: "8110", f"{KITCHEN}/B6": "8111"}),
        vat=vat,
        settlement="none",
    )
    parts = [(D("20.00"), D("2.40")), (D("10.00"), D("0.60"))]
    for rules, ledgers in ((one, ("8110", "8110")), (two, ("8110", "8111"))):
        lines = entry_of(sale, rules).lines
        assert [(line.amount_excl_vat, line.vat_amount) for line in lines] == parts
        assert tuple(line.ledger for line in lines) == ledgers
        assert [line.vat_code for line in lines] == ["B12", "B6"]


def test_tips_are_owed_to_the_staff() -> None:
    sale = a_sale((a_line("12.10"),), (a_payment("14.60", CARD, tip="2.50"),))
    entry = entry_of(sale, some_rules(ledgers=SpecialLedgers(tips="2130")))
    assert {line.ledger: line.amount_incl_vat for line in entry.lines} == {
        "8000": D("12.10"),
        "2000": D("-14.60"),
        "2130": D("2.50"),
    }


@pytest.mark.parametrize(
    ("paid_in", "ordered_in", "cost_center"),
    [(TERRACE, BAR, "TER"), ("", BAR, "BAR"), ("99", BAR, "ZAAK"), ("", "", "ZAAK")],
)
def test_turnover_goes_to_the_cost_centre_of_where_it_was_paid_else_ordered_else_of_the_outlet(
    paid_in: str, ordered_in: str, cost_center: str
) -> None:
    outlets = {
        "1": OutletRules(cost_center="ZAAK"),
        f"center:{BAR}": OutletRules(cost_center="BAR"),
        f"center:{TERRACE}": OutletRules(cost_center="TER"),
    }
    bill = a_bill(paid_in=paid_in, ordered_in=ordered_in)
    entry = entry_of(bill, some_rules(outlets=outlets, settlement="none"))
    assert {line.cost_center for line in entry.lines} == {cost_center}


def test_a_bill_that_is_split_over_centres_belongs_to_where_most_was_paid() -> None:
    at_bar = replace(a_payment("6.95", CARD), revenue_center=BAR, revenue_center_name="Bar")
    outside = replace(a_payment("10.00", CARD), revenue_center=TERRACE, revenue_center_name="Terras")
    assert replace(a_bill(), payments=(at_bar, outside)).revenue_center == (TERRACE, "Terras")


AMSTERDAM = "Europe/Amsterdam"


def test_a_night_s_last_bill_belongs_to_the_day_that_the_till_calls_it() -> None:
    sale = a_sale(completed_at=datetime(2026, 7, 5, 1, 30, tzinfo=UTC), day_end="05:30")  # 03:30
    assert sale.completed_at is not None
    assert day_at_till(sale.completed_at, sale, some_rules(day_end="till")) == date(2026, 7, 4)
    assert day_at_till(sale.completed_at, sale, some_rules()) == date(2026, 7, 5)
    assert day_at_till(sale.completed_at, replace(sale, day_end=""), some_rules(day_end="till")) == date(
        2026, 7, 5
    )


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 29, 3, 30, tzinfo=UTC)),  # a day of 23 hours
        (date(2026, 3, 27), datetime(2026, 3, 28, 4, 30, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 25, 4, 30, tzinfo=UTC)),  # and one of 25
        (date(2026, 10, 23), datetime(2026, 10, 24, 3, 30, tzinfo=UTC)),
    ],
)
def test_the_till_s_day_ends_by_its_clock_when_the_clock_is_moved(day: date, closes: datetime) -> None:
    assert day_closes_at(day, AMSTERDAM, ends_at(some_rules(day_end="till"), "05:30")) == closes
