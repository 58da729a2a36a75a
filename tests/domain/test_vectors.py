"""The vectors of domain.md: every document of every mode that books a receipt at a time."""

from __future__ import annotations

import pytest

from libs.common.domain.document import Booking, Nothing
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import Sale
from tests.domain.vectors import (
    FILE,
    Vector,
    as_expected,
    expected_documents,
    parsed_sale_of,
    rules_of,
    sale_of,
    vector_ids,
    vectors,
)

if not FILE.exists():
    pytest.skip(f"the vectors are missing: {FILE}", allow_module_level=True)

WAITS_FOR_AN_EVENT = {
    "V02": "cash-rounding",
    "V03": "cash-rounding",
    "V07": "store-credit-given",
    "V09": "gift-card-sold",
    "V10": "gift-card-sold",
    "V11": "gift-card-used",
    "V12": "gift-card-used",
    "V15": "deposit",
    "V17": "deposit",
    "V20": "tip",
    "V24": "cash-rounding",
    "V50": "gift-card-refund",
}
LEFT = {
    "V13": "X-Series",
    "V19": "VAT on a deposit",
    "V21": "Restaurant",
    "V22": "Restaurant",
    "V29": "VAT refund to a tourist",
    "V31": "the accountant's own entry",
    "V37": "payments on open sales",
    "V38": "a correction: voided after booking",
    "V39": "a correction: payment type changed",
    "V40": "a correction: edited after booking",
    "V41": "daily totals",
    "V42": "daily totals",
    "V43": "till movements",
    "V44": "the bank's own entry",
    "V45": "Restaurant",
    "V47": "Restaurant",
    "V51": "Restaurant",
    "V52": "daily totals",
}


def _name(vector: Vector) -> str:
    return f"{vector.id}-{vector.mode}"


BOOKED = [vector for vector in vectors() if vector.id not in LEFT.keys() | WAITS_FOR_AN_EVENT.keys()]
WAITING = [vector for vector in vectors() if vector.id in WAITS_FOR_AN_EVENT]


@pytest.mark.parametrize("vector", BOOKED, ids=_name)
def test_a_vector_is_booked_as_the_domain_says(vector: Vector) -> None:
    booked = map_sale(sale_of(vector.payload), rules_of(vector))

    assert isinstance(booked, Booking | Nothing), booked
    documents = as_expected(booked) if isinstance(booked, Booking) else []
    assert documents == expected_documents(vector)


@pytest.mark.parametrize("vector", BOOKED, ids=_name)
def test_a_vector_read_by_the_parser_is_booked_the_same(vector: Vector) -> None:
    sale = parsed_sale_of(vector.payload)

    assert isinstance(sale, Sale), sale
    booked = map_sale(sale, rules_of(vector))
    assert isinstance(booked, Booking | Nothing), booked
    documents = as_expected(booked) if isinstance(booked, Booking) else []
    assert documents == expected_documents(vector)


@pytest.mark.parametrize("vector", WAITING, ids=_name)
def test_a_vector_read_by_the_parser_waits_the_same(vector: Vector) -> None:
    sale = parsed_sale_of(vector.payload)

    assert isinstance(sale, Sale), sale
    assert map_sale(sale, rules_of(vector)) == map_sale(sale_of(vector.payload), rules_of(vector))


@pytest.mark.parametrize("vector", WAITING, ids=_name)
def test_a_vector_with_an_event_that_is_booked_later_waits(vector: Vector) -> None:
    problem = map_sale(sale_of(vector.payload), rules_of(vector))

    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.TILL_EVENT_NOT_BOOKED_YET
    assert dict(problem.facts)["event"] == WAITS_FOR_AN_EVENT[vector.id]


def test_every_vector_is_booked_or_left_for_a_reason() -> None:
    seen = {vector.id for vector in BOOKED} | WAITS_FOR_AN_EVENT.keys() | LEFT.keys()

    assert seen == set(vector_ids())
