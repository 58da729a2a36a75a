"""The vectors of domain.md from Restaurant, read by its parser, in every mode."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import Sale
from libs.common.lightspeed.restaurant_reference import (
    Location,
    payment_methods_in,
    reference_of,
)
from libs.common.lightspeed.restaurant_sale import parse_sale
from tests.builders import D
from tests.domain.books import book, documents_of_day
from tests.domain.vectors import DAILY, FILE, Vector, default_rules, raw, rules_of, vectors
from tests.domain.words import as_expected, expected_documents, facts_of, of_days, postings_of

if not FILE.exists():
    pytest.skip(f"!!! NOT TESTED: the vectors are missing: {FILE}", allow_module_level=True)

MOMENT = "2026-03-14T13:22:41.000Z"
METHODS = [{"pmId": 6, "name": "PIN", "code": "PIN"}, {"pmId": 1, "name": "Contant", "code": "CASH"}]
"""With the ids that the default mapping knows them by."""
LOCATION = Location("1", "1", "Europe/Amsterdam", payment_methods=payment_methods_in(METHODS))
REFERENCE = reference_of([LOCATION])
OF_RESTAURANT = list(vectors(source="restaurant-k"))
in_every_mode = pytest.mark.parametrize("vector", OF_RESTAURANT, ids=lambda one: f"{one.id}-{one.mode}")


def _sale(told: dict[str, Any]) -> Sale:
    """With the location and the moment that the vectors leave out."""
    sale = parse_sale({**told, "businessLocationId": 1, "timeClosed": MOMENT}, REFERENCE)
    assert isinstance(sale, Sale), sale
    return sale


@in_every_mode
def test_a_vector_of_restaurant_is_booked_as_the_domain_says(vector: Vector) -> None:
    sale, rules = _sale(vector.payload), rules_of(vector)

    if vector.mode in DAILY:
        documents = documents_of_day([book(sale, rules)], rules, sale_day(sale, rules))
        assert of_days(as_expected(documents)) == of_days(expected_documents(vector))
        return
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    assert as_expected(booking.documents) == expected_documents(vector)


def test_every_mode_that_they_name_is_held() -> None:
    modes = ["daily_cash_entry", "daily_general_journal", "invoices", "orders", "transactions"]
    for id_ in ("V21", "V22", "V51"):
        assert sorted(vector.mode for vector in OF_RESTAURANT if vector.id == id_) == [
            *modes,
            "transactions_settled_in_entry",
        ]


# V45: two nights on one bill, either side of the change of rate, each in its accounting group

NIGHTS = {"2025-12-31": (71, "1.09", "100.00"), "2026-01-01": (70, "1.21", "90.082645")}
"""Group, rate and net: 109.00 / 1.21 = 90.082645."""


def _stay() -> Sale:
    lines = [_night(**night) for night in raw("V45")["input"]["lines"]]
    bill = {"code": "PIN", "netAmountWithTax": "218.00", "tip": "0.00", "type": "NORMAL"}
    return _sale({"accountFiscId": "A1.45", "type": "SALE", "salesLines": lines, "payments": [bill]})


def _night(night: str, gross: str, rate: str) -> dict[str, Any]:
    group, multiplier, net = NIGHTS[night]
    assert D(multiplier) == 1 + D(rate) / 100
    return {
        "sku": "LOGIES",
        "name": f"Logies {night}",
        "quantity": "1.000",
        "totalNetAmountWithTax": gross,
        "totalNetAmountWithoutTax": net,
        "taxLines": [{"taxRate": multiplier, "taxAmount": str(Decimal(gross) - Decimal(net))}],
        "accountingGroup": {"accountingGroupId": group, "name": "Logies"},
    }


def _with_lodging(rules: Rules) -> Rules:
    return replace(rules, revenue=replace(rules.revenue, by_category={"71": "8071", "70": "8070"}))


@pytest.mark.parametrize("settlement", [Settlement.IN_ENTRY, Settlement.PER_RECEIPT])
@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
def test_v45_the_rate_follows_the_night(mode: Mode, settlement: Settlement) -> None:
    booking = map_sale(_stay(), _with_lodging(default_rules(mode, settlement)))

    assert isinstance(booking, Booking), booking
    posted = postings_of(booking.documents, booking.day_lines)
    assert {key: amounts for key, amounts in posted.items() if any(amounts)} == facts_of("V45")[0]


@pytest.mark.parametrize("mode", [Mode.INVOICES, Mode.ORDERS])
def test_v45_on_invoices_and_orders_each_night_stands_under_its_code(mode: Mode) -> None:
    rules = _with_lodging(default_rules(mode, Settlement.PER_RECEIPT))

    booking = map_sale(_stay(), rules)

    assert isinstance(booking, Booking), booking
    document, journal = booking.documents
    assert [(line.vat_code, line.amount_incl_vat) for line in document.lines] == [
        ("VLI", D("109.00")),
        ("VHI", D("109.00")),
    ]
    assert postings_of([journal])["2000", "", ""] == (D("218.00"), D(0))
