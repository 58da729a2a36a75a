"""The vectors of domain.md: every receipt of the R-Series, correction and day, in every mode."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from libs.common.domain.document import Booking, Document, Nothing, NothingCode
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import Sale, SaleState
from tests.builders import D
from tests.domain.books import Booked, book, documents_of_day
from tests.domain.vectors import (
    DAILY,
    FILE,
    Vector,
    default_rules,
    edited_sales,
    modes_of,
    parsed_sale_of,
    parsed_void,
    rules_of,
    sale_of,
    vector_ids,
    vector_of,
    vectors,
)
from tests.domain.words import (
    Posted,
    as_expected,
    expected_documents,
    expected_postings,
    facts_of,
    of_days,
    postings_of,
)

if not FILE.exists():
    pytest.skip(f"!!! NOT TESTED: the vectors are missing: {FILE}", allow_module_level=True)

ARITHMETIC_ALONE = {"V31": "the accountant's own entry", "V44": "the bank's own entry"}
CORRECTIONS = ("V38", "V39", "V40")
DAYS = ("V41", "V42", "V52")
BY_BUILDERS = {"V19", "V29", "V37", "V43", "V45", "V47"}  # V45 in test_vectors_restaurant
DAY, THE_DAY_AFTER = date(2026, 3, 14), date(2026, 3, 15)


def _name(vector: Vector) -> str:
    return f"{vector.id}-{vector.mode}"


EVERY = [vector for vector in vectors() if vector.id not in CORRECTIONS]
OF_RECEIPTS = [vector for vector in EVERY if vector.mode not in DAILY]
OF_DAYS = [vector for vector in EVERY if vector.mode in DAILY]
CORRECTED = [vector_of(id_, mode) for id_ in CORRECTIONS for mode in modes_of(id_)]
WHOLE_DAYS = [vector_of(id_, mode) for id_ in DAYS for mode in modes_of(id_) if mode in DAILY]


def _booking(sale: Sale, rules: Rules) -> Booking:
    booked = map_sale(sale, rules)
    assert isinstance(booked, Booking | Nothing), booked
    return booked if isinstance(booked, Booking) else Booking(())


def _posted(booking: Booking) -> Posted:
    return postings_of(booking.documents, booking.day_lines)


def _without(posted: Posted, *ledgers: str) -> Posted:
    return {key: amounts for key, amounts in posted.items() if key[0] not in ledgers}


@pytest.mark.parametrize("vector", OF_RECEIPTS, ids=_name)
def test_a_vector_is_booked_as_the_domain_says(vector: Vector) -> None:
    booking = _booking(sale_of(vector.payload), rules_of(vector))

    assert as_expected(booking.documents) == expected_documents(vector)
    assert booking.day_lines == ()


@pytest.mark.parametrize("vector", OF_RECEIPTS, ids=_name)
def test_a_vector_read_by_the_parser_is_booked_the_same(vector: Vector) -> None:
    sale = parsed_sale_of(vector.payload)

    assert isinstance(sale, Sale), sale
    assert as_expected(_booking(sale, rules_of(vector)).documents) == expected_documents(vector)


@pytest.mark.parametrize("vector", OF_DAYS, ids=_name)
def test_a_vector_is_a_day_of_its_own_as_the_domain_says(vector: Vector) -> None:
    sale, rules = sale_of(vector.payload), rules_of(vector)

    booked = book(sale, rules)

    documents = _day(vector, [booked], day=sale_day(sale, rules))
    assert of_days(as_expected(documents)) == of_days(expected_documents(vector))
    assert booked.all_documents == ()


@pytest.mark.parametrize("vector", OF_DAYS, ids=_name)
def test_a_vector_read_by_the_parser_adds_the_same_to_its_day(vector: Vector) -> None:
    sale = parsed_sale_of(vector.payload)

    assert isinstance(sale, Sale), sale
    assert _posted(_booking(sale, rules_of(vector))) == _posted(
        _booking(sale_of(vector.payload), rules_of(vector))
    )


def _day(vector: Vector, booked: list[Booked], *, day: date = DAY) -> tuple[Document, ...]:
    return documents_of_day(booked, rules_of(vector), day)


# V38 to V40: corrections of V01 as it stands in the books


@pytest.mark.parametrize("vector", [one for one in CORRECTED if one.mode not in DAILY], ids=_name)
def test_a_correction_is_booked_as_the_domain_says(vector: Vector) -> None:
    first, edited = edited_sales(vector.id)
    rules = rules_of(vector)

    corrections = book(edited, rules, book(first, rules), on=THE_DAY_AFTER)

    booked = as_expected(corrections.all_documents)
    if vector.id == "V39":
        (moved,) = booked
        assert {key: moved[key] for key in ("type", "date", "yourRef")} == {
            "type": "general_journal",
            "date": "2026-03-15",
            "yourRef": "5012-C",
        }
        assert postings_of(corrections.all_documents) == expected_postings(vector)
    else:
        assert booked == expected_documents(vector)
    assert not corrections.lines


@pytest.mark.parametrize("vector", [one for one in CORRECTED if one.mode in DAILY], ids=_name)
def test_a_correction_is_a_share_of_the_day_of_the_change(vector: Vector) -> None:
    first, edited = edited_sales(vector.id)
    rules = rules_of(vector)

    correction = book(edited, rules, book(first, rules), on=THE_DAY_AFTER)

    documents = _day(vector, [correction], day=THE_DAY_AFTER)
    if vector.id == "V39":
        assert postings_of(documents) == expected_postings(vector)
    else:
        assert of_days(as_expected(documents)) == of_days(expected_documents(vector))
    assert not correction.all_documents


@pytest.mark.parametrize("id_", CORRECTIONS)
@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.INVOICES, Mode.ORDERS])
def test_a_correction_settled_per_day_brings_its_money_to_the_day_of_the_change(id_: str, mode: Mode) -> None:
    first, edited = edited_sales(id_)
    rules = default_rules(mode, Settlement.PER_DAY)

    correction = book(edited, rules, book(first, rules), on=THE_DAY_AFTER)
    money = documents_of_day([correction], rules, THE_DAY_AFTER)

    per_receipt = vector_of(id_, mode.value)
    apart = [one for one in expected_documents(per_receipt) if one["type"] == "general_journal"]
    assert postings_of(money) == expected_postings(replace(per_receipt, expected=apart))


def test_v38_the_parser_reads_a_void_on_its_own_day() -> None:
    void = parsed_void()

    assert isinstance(void, Sale), void
    assert (void.state, void.changed_at) == (SaleState.VOIDED, edited_sales("V38")[1].changed_at)
    assert map_sale(void, default_rules(Mode.TRANSACTIONS)) == Nothing(NothingCode.VOIDED)


# V41, V42 and V52: whole days


@pytest.mark.parametrize("vector", WHOLE_DAYS, ids=_name)
def test_a_day_is_booked_as_the_domain_says(vector: Vector) -> None:
    rules = rules_of(vector)
    booked = [book(sale_of(payload), rules) for payload in vector.payloads]

    documents = _day(vector, booked)

    if vector.id == "V52" and vector.mode == "daily_cash_entry":
        assert [postings_of([one]) for one in documents] == facts_of("V52")
    else:
        assert of_days(as_expected(documents)) == of_days(expected_documents(vector))
    assert all(one.reference.startswith("D1") for one in documents)


@pytest.mark.parametrize("vector", WHOLE_DAYS, ids=_name)
def test_a_day_read_by_the_parser_is_booked_the_same(vector: Vector) -> None:
    rules = rules_of(vector)
    parsed = [parsed_sale_of(payload) for payload in vector.payloads]

    booked = [book(sale, rules) for sale in parsed if isinstance(sale, Sale)]

    assert len(booked) == len(vector.payloads)
    assert postings_of(_day(vector, booked)) == postings_of(
        _day(vector, [book(sale_of(payload), rules) for payload in vector.payloads])
    )


RECOMPUTED = {
    # 245.10 + 51.48 = 296.58, x 21/121 = 51.4727; 46.28 + 4.17 = 50.45, x 9/109 = 4.1656
    "V41": {"VH": ("-245.11", "-51.47"), "VL": ("-46.28", "-4.17")},
    # 2.97 x 21/121 = 0.5155
    "V42": {"VH": ("-2.45", "-0.52")},
}


@pytest.mark.parametrize("vector", [one for one in WHOLE_DAYS if one.id in RECOMPUTED], ids=_name)
def test_a_days_vat_is_recomputed_on_its_total_where_the_rules_say_so(vector: Vector) -> None:
    rules = rules_of(vector)
    rules = replace(rules, daily_totals=replace(rules.daily_totals, vat="recompute"))
    booked = [book(sale_of(payload), rules) for payload in vector.payloads]

    posted = postings_of(documents_of_day(booked, rules, DAY))

    turnover = {code: amounts for (_, _, code), amounts in posted.items() if code}
    assert turnover == {code: (D(net), D(vat)) for code, (net, vat) in RECOMPUTED[vector.id].items()}
    money = {key: amounts for key, amounts in expected_postings(vector).items() if not key[2]}
    assert _without({key: one for key, one in posted.items() if not key[2]}, "2001") == _without(
        money, "2001"
    )


def test_v52_the_documents_of_its_registers_are_together_the_day_of_v41() -> None:
    nothing = (D(0), D(0))
    first, second = facts_of("V52")

    together = {
        key: (
            first.get(key, nothing)[0] + second.get(key, nothing)[0],
            first.get(key, nothing)[1] + second.get(key, nothing)[1],
        )
        for key in first | second
    }

    assert together == expected_postings(vector_of("V41", "daily_general_journal"))


def test_every_vector_is_booked_or_left_for_a_reason() -> None:
    by_file = {vector.id for vector in [*EVERY, *CORRECTED, *WHOLE_DAYS]}
    by_file |= {vector.id for vector in vectors(source="retail-x")}  # test_vectors_x
    by_file |= {vector.id for vector in vectors(source="restaurant-k")}  # test_vectors_restaurant
    left = ARITHMETIC_ALONE.keys()

    assert by_file | BY_BUILDERS | left == set(vector_ids())
    assert not by_file & BY_BUILDERS
    assert not (by_file | BY_BUILDERS) & left
    assert sorted(left) == ["V31", "V44"]
