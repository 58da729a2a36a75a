"""The vectors of domain.md from Restaurant, read by its parser, in every mode."""

from __future__ import annotations

import pytest

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.rules import Mode, Settlement
from tests.builders import D
from tests.domain.books import book, documents_of_day
from tests.domain.vectors import DAILY, FILE, Vector, default_rules, rules_of, vectors
from tests.domain.vectors_restaurant import sale_of, stay, with_lodging
from tests.domain.words import as_expected, expected_documents, facts_of, of_days, postings_of

if not FILE.exists():
    pytest.skip(f"!!! NOT TESTED: the vectors are missing: {FILE}", allow_module_level=True)

OF_RESTAURANT = list(vectors(source="restaurant-k"))
in_every_mode = pytest.mark.parametrize("vector", OF_RESTAURANT, ids=lambda one: f"{one.id}-{one.mode}")


@in_every_mode
def test_a_vector_of_restaurant_is_booked_as_the_domain_says(vector: Vector) -> None:
    sale, rules = sale_of(vector.payload), rules_of(vector)

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


# V45: two nights on one bill, either side of the change of rate


@pytest.mark.parametrize("settlement", [Settlement.IN_ENTRY, Settlement.PER_RECEIPT])
@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
def test_v45_the_rate_follows_the_night(mode: Mode, settlement: Settlement) -> None:
    booking = map_sale(stay(), with_lodging(default_rules(mode, settlement)))

    assert isinstance(booking, Booking), booking
    posted = postings_of(booking.documents, booking.day_lines)
    assert {key: amounts for key, amounts in posted.items() if any(amounts)} == facts_of("V45")[0]


@pytest.mark.parametrize("mode", [Mode.INVOICES, Mode.ORDERS])
def test_v45_on_invoices_and_orders_each_night_stands_under_its_code(mode: Mode) -> None:
    rules = with_lodging(default_rules(mode, Settlement.PER_RECEIPT))

    booking = map_sale(stay(), rules)

    assert isinstance(booking, Booking), booking
    document, journal = booking.documents
    assert [(line.vat_code, line.amount_incl_vat) for line in document.lines] == [
        ("VLI", D("109.00")),
        ("VHI", D("109.00")),
    ]
    assert postings_of([journal])["2000", "", ""] == (D("218.00"), D(0))
