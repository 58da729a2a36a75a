"""The vectors of domain.md: every receipt of the R-Series in every mode, and facts by builders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from libs.common.domain.document import Booking, Document, JournalEntry, Nothing, NothingCode
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import to_cents
from libs.common.domain.rules import Mode, PaymentKind, PaymentRule, Rules, Settlement
from libs.common.domain.sale import Sale, SaleState, TenderKind
from libs.common.domain.till_close import TillClose, TillCount, TillMovement, map_till_close
from libs.common.domain.vat import vat_within
from tests.builders import CASH, ON_ACCOUNT, D, a_customer, a_line, a_payment, a_sale
from tests.domain.books import Booked, book, documents_of_day
from tests.domain.vectors import (
    DAILY,
    FILE,
    Posted,
    Vector,
    as_expected,
    default_rules,
    edited_sales,
    expected_documents,
    expected_postings,
    facts_of,
    modes_of,
    of_days,
    parsed_sale_of,
    parsed_void,
    postings_of,
    rules_of,
    sale_of,
    vector_ids,
    vector_of,
    vectors,
)

if not FILE.exists():
    pytest.skip(f"the vectors are missing: {FILE}", allow_module_level=True)

OTHER_TILLS = {
    "V13": "X-Series",
    "V21": "Restaurant",
    "V22": "Restaurant",
    "V45": "Restaurant",
    "V51": "Restaurant",
}
ARITHMETIC_ALONE = {"V31": "the accountant's own entry", "V44": "the bank's own entry"}
CORRECTIONS = ("V38", "V39", "V40")
DAYS = ("V41", "V42", "V52")
BY_BUILDERS = {"V19", "V29", "V37", "V43", "V47"}
DAY, THE_DAY_AFTER = date(2026, 3, 14), date(2026, 3, 15)
OPENED = datetime(2026, 3, 14, 8, tzinfo=UTC)


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
    booked = book(sale_of(vector.payload), rules_of(vector))

    assert of_days(as_expected(_day(vector, [booked]))) == of_days(expected_documents(vector))
    assert booked.all_documents == ()


@pytest.mark.parametrize("vector", OF_DAYS, ids=_name)
def test_a_vector_read_by_the_parser_adds_the_same_to_its_day(vector: Vector) -> None:
    sale = parsed_sale_of(vector.payload)

    assert isinstance(sale, Sale), sale
    assert _posted(_booking(sale, rules_of(vector))) == _posted(
        _booking(sale_of(vector.payload), rules_of(vector))
    )


def _day(vector: Vector, booked: list[Booked], *, day: date = DAY, **more: str) -> tuple[Document, ...]:
    return documents_of_day(booked, rules_of(vector), day, **more)


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
    (of_outlet,) = expected_documents(vector_of("V41", "daily_general_journal"))
    first, second = facts_of("V52")
    together = {
        key: (
            first.get(key, (D(0), D(0)))[0] + second.get(key, (D(0), D(0)))[0],
            first.get(key, (D(0), D(0)))[1] + second.get(key, (D(0), D(0)))[1],
        )
        for key in first | second
    }

    assert together == expected_postings(replace(vector_of("V41", "daily_general_journal")))
    assert len(of_outlet["lines"]) == len(together)


# V19: a deposit with VAT at receipt

DEPOSIT = a_sale([], [a_payment("50"), a_payment("-50", ON_ACCOUNT, id="2")], customer=a_customer("140"))
PICK_UP = a_sale(
    [a_line("179", is_reservation=True)],
    [a_payment("50", ON_ACCOUNT), a_payment("129", id="2")],
    customer=a_customer("140"),
)
WITH_CODES = {"VHI": "VH", "VLI": "VL"}


def _in_entry_codes(posted: Posted) -> Posted:
    return {
        (ledger, who, WITH_CODES.get(code, code)): amounts for (ledger, who, code), amounts in posted.items()
    }


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("settlement", [Settlement.IN_ENTRY, Settlement.PER_RECEIPT])
def test_v19_a_deposit_bears_its_vat_at_receipt(mode: Mode, settlement: Settlement) -> None:
    rules = replace(default_rules(mode, settlement), deposit_vat="21")

    booking = _booking(DEPOSIT, rules)

    assert _in_entry_codes(_posted(booking)) == facts_of("V19")[0]
    assert all(isinstance(document, JournalEntry) for document in booking.documents)


@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
@pytest.mark.parametrize("settlement", [Settlement.IN_ENTRY, Settlement.PER_RECEIPT])
def test_v19_the_pick_up_takes_the_deposit_back(mode: Mode, settlement: Settlement) -> None:
    rules = replace(default_rules(mode, settlement), deposit_vat="21")

    assert _posted(_booking(PICK_UP, rules)) == facts_of("V19")[1]


@pytest.mark.parametrize("mode", [Mode.INVOICES, Mode.ORDERS])
def test_v19_beside_an_invoice_the_deposit_is_taken_back_in_the_journal(mode: Mode) -> None:
    rules = replace(default_rules(mode, Settlement.PER_RECEIPT), deposit_vat="21")

    invoice, journal = _booking(PICK_UP, rules).documents

    turnover = {("8000", "", "VH"): (D("-147.93"), D("-31.07")), ("1300", "140", ""): (D("179.00"), D(0))}
    assert invoice.total_incl_vat == D("179.00")  # type: ignore[union-attr]
    assert _in_entry_codes(postings_of([journal])) == {
        **{key: amounts for key, amounts in facts_of("V19")[1].items() if key not in turnover},
        ("1300", "140", ""): (D("-179.00"), D(0)),
    }


def test_v19_a_business_pays_its_account_and_leaves_no_deposit() -> None:
    rules = replace(default_rules(Mode.TRANSACTIONS), deposit_vat="21")
    paid = replace(DEPOSIT, customer=a_customer("88", company="Rijwielhandel BV"))

    assert _posted(_booking(paid, rules)) == {
        ("2000", "", ""): (D("50.00"), D(0)),
        ("1300", "88", ""): (D("-50.00"), D(0)),
    }


# V29: VAT given back to a tourist


@pytest.mark.parametrize("mode", list(Mode))
def test_v29_a_tax_refund_moves_turnover_to_export(mode: Mode) -> None:
    rules = default_rules(mode)
    code = "VHI" if rules.books_items else "VH"
    rules = replace(
        rules,
        vat={"21": code, "9": "VL", "0": "V0", "class:5": "VE", "none": "NONE"},
        items=replace(rules.items, kinds={"600": "tax-refund"}),
    )
    sale = a_sale(
        [a_line("-42.00", "0", item="600", tax_class="5", quantity=-1)], [a_payment("-42.00", CASH)]
    )

    booking = _booking(sale, rules)

    if rules.books_items:
        lines = booking.documents[0].lines
        assert [(line.vat_code, line.amount_incl_vat) for line in lines] == [
            ("VHI", D("-242.00")),
            ("VE", D("200.00")),
        ]
    else:
        assert _posted(booking) == facts_of("V29")[0]


# V37: payments on an open sale

PAID_AHEAD = a_payment("100", id="1", paid_at=datetime(2026, 3, 14, 10, tzinfo=UTC))
COMPLETED_AT = datetime(2026, 3, 16, 10, tzinfo=UTC)
OPEN = a_sale([a_line("300")], [PAID_AHEAD], state=SaleState.OPEN, completed_at=None, number="5073")
COMPLETED = a_sale(
    [a_line("300")],
    [PAID_AHEAD, a_payment("200", id="2", paid_at=COMPLETED_AT)],
    completed_at=COMPLETED_AT,
    number="5073",
)


@pytest.mark.parametrize("mode", list(Mode))
def test_v37_a_payment_on_an_open_sale_is_booked_when_it_is_made(mode: Mode) -> None:
    rules = replace(default_rules(mode), open_payments=True)

    (journal,) = _booking(OPEN, rules).documents

    assert postings_of([journal]) == facts_of("V37")[0]
    assert (journal.reference, journal.day.isoformat()) == ("5073-P20260314", "2026-03-14")
    assert map_sale(OPEN, replace(rules, open_payments=False)) == Nothing(NothingCode.NOT_COMPLETED)


@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
def test_v37_completed_the_sale_takes_what_was_paid_ahead(mode: Mode) -> None:
    rules = replace(default_rules(mode), open_payments=True)

    booking = _booking(COMPLETED, rules)

    *documents, ahead = booking.documents
    assert postings_of(documents, booking.day_lines) == facts_of("V37")[1]
    assert (ahead,) == _booking(OPEN, rules).documents


@pytest.mark.parametrize("mode", [Mode.INVOICES, Mode.ORDERS])
def test_v37_an_invoice_is_settled_with_what_was_paid_ahead(mode: Mode) -> None:
    rules = replace(default_rules(mode, Settlement.PER_RECEIPT), open_payments=True)

    _, journal, ahead = _booking(COMPLETED, rules).documents

    assert postings_of([journal]) == {
        ("2000", "", ""): (D("200.00"), D(0)),
        ("2006", "", ""): (D("100.00"), D(0)),
        ("1300", "KASSA", ""): (D("-300.00"), D(0)),
    }
    assert (ahead,) == _booking(OPEN, rules).documents


# V43: the closing of a till


def test_v43_a_till_closes_with_its_payouts_drops_and_difference() -> None:
    close = TillClose(
        id="1",
        outlet="1",
        outlet_name="Winkel",
        register="1",
        register_name="Kassa 1",
        time_zone="Europe/Amsterdam",
        opened_at=OPENED,
        closed_at=OPENED + timedelta(hours=9),
        movements=(
            TillMovement("1", D("200"), "opening float", OPENED),
            TillMovement("2", D("-24.2"), "glazenwasser", OPENED + timedelta(hours=2)),
            TillMovement("3", D("-300"), "afstorting", OPENED + timedelta(hours=8)),
        ),
        counts=(TillCount(CASH, "Contant", TenderKind.CASH, D("375.8"), D("375.3")),),
    )
    rules = replace(default_rules(Mode.TRANSACTIONS), till_movements=True, petty_cash_vat="purchase 21 %")

    booking = map_till_close(close, rules, reference="K1-20260314")

    assert isinstance(booking, Booking)
    assert postings_of(booking.documents) == facts_of("V43")[0]


# V47: a staff meal, as a payment method


@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
def test_v47_a_staff_meal_is_a_cost(mode: Mode) -> None:
    rules = default_rules(mode)
    rules = replace(rules, payments={**rules.payments, "20": PaymentRule(PaymentKind.COST, "4650")})
    meal = a_sale([a_line("12.00", "9")], [a_payment("12.00", "20", kind=TenderKind.OTHER)])

    assert _posted(_booking(meal, rules)) == facts_of("V47")[0]


# The accountant's and the bank's


def test_v31_the_vat_of_a_margin_is_what_the_accountant_books() -> None:
    margin = D("250.00") - D("150.00")

    assert to_cents(vat_within(margin, D(21))) == facts_of("V31")[0]["8040", "", ""][0] == D("17.36")


def test_v44_the_bank_brings_the_card_ledger_back_to_nothing() -> None:
    (bank,) = facts_of("V44")

    assert bank["2000", "", ""][0] == D("-1024.50")
    assert bank["1100", "", ""][0] + bank["4400", "", ""][0] == D("1024.50")


def test_every_vector_is_booked_or_left_for_a_reason() -> None:
    by_file = {vector.id for vector in [*EVERY, *CORRECTED, *WHOLE_DAYS]}
    left = OTHER_TILLS.keys() | ARITHMETIC_ALONE.keys()

    assert by_file | BY_BUILDERS | left == set(vector_ids())
    assert not by_file & BY_BUILDERS
    assert not (by_file | BY_BUILDERS) & left
    assert sorted(left) == ["V13", "V21", "V22", "V31", "V44", "V45", "V51"]
