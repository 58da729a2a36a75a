"""The vectors of domain.md from X-Series, read by its parser, in both shapes and every mode."""

from __future__ import annotations

import pytest

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale, sale_day
from tests.domain.books import book, documents_of_day
from tests.domain.vectors import DAILY, FILE, Vector, rules_of, vectors
from tests.domain.vectors_x import sale_of
from tests.domain.words import as_expected, expected_documents, of_days

if not FILE.exists():
    pytest.skip(f"!!! NOT TESTED: the vectors are missing: {FILE}", allow_module_level=True)

OF_X = list(vectors(source="retail-x"))
in_every_mode = pytest.mark.parametrize("vector", OF_X, ids=lambda one: f"{one.id}-{one.mode}")
in_both_shapes = pytest.mark.parametrize("is_nested", [False, True], ids=["flat", "nested"])


@in_both_shapes
@in_every_mode
def test_a_vector_of_x_series_is_booked_as_the_domain_says(vector: Vector, *, is_nested: bool) -> None:
    sale, rules = sale_of(vector.payload, is_nested=is_nested), rules_of(vector)

    if vector.mode in DAILY:
        documents = documents_of_day([book(sale, rules)], rules, sale_day(sale, rules))
        assert of_days(as_expected(documents)) == of_days(expected_documents(vector))
        return
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    assert as_expected(booking.documents) == expected_documents(vector)


def test_every_mode_that_v13_names_is_held() -> None:
    assert sorted(vector.mode for vector in OF_X if vector.id == "V13") == [
        "daily_cash_entry",
        "daily_general_journal",
        "invoices",
        "orders",
        "transactions",
        "transactions_settled_in_entry",
    ]
