"""Vectors that state facts and no sale (V19, V29, V37, V43, V47), booked from builders; and those that no
till brings: the accountant's entry (V31) and the bank's (V44)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.domain.document import Booking, JournalEntry, Nothing, NothingCode
from libs.common.domain.map_sale import map_sale
from libs.common.domain.money import to_cents
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import Sale
from libs.common.domain.till_close import map_till_close
from libs.common.domain.vat import vat_within
from tests.builders import D, a_customer
from tests.domain.vector_events import (
    CLOSING,
    COMPLETED,
    DEPOSIT,
    OPEN,
    PICK_UP,
    STAFF_MEAL,
    TAX_REFUND,
    with_staff_meals,
    with_tax_refund,
)
from tests.domain.vectors import FILE, default_rules
from tests.domain.words import Posted, facts_of, postings_of

if not FILE.exists():
    pytest.skip(f"!!! NOT TESTED: the vectors are missing: {FILE}", allow_module_level=True)


def _booking(sale: Sale, rules: Rules) -> Booking:
    booked = map_sale(sale, rules)
    assert isinstance(booked, Booking | Nothing), booked
    return booked if isinstance(booked, Booking) else Booking(())


def _posted(booking: Booking) -> Posted:
    return postings_of(booking.documents, booking.day_lines)


# V19: a deposit with VAT at receipt

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
    rules = with_tax_refund(default_rules(mode))

    booking = _booking(TAX_REFUND, rules)

    if rules.books_items:
        lines = booking.documents[0].lines
        assert [(line.vat_code, line.amount_incl_vat) for line in lines] == [
            ("VHI", D("-242.00")),
            ("VE", D("200.00")),
        ]
    else:
        assert _posted(booking) == facts_of("V29")[0]


# V37: payments on an open sale


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
    rules = replace(default_rules(Mode.TRANSACTIONS), till_movements=True, petty_cash_vat="purchase 21 %")

    booking = map_till_close(CLOSING, rules, reference="K1-20260314")

    assert isinstance(booking, Booking)
    assert postings_of(booking.documents) == facts_of("V43")[0]


# V47: a staff meal, as a payment method


@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
def test_v47_a_staff_meal_is_a_cost(mode: Mode) -> None:
    rules = with_staff_meals(default_rules(mode))

    assert _posted(_booking(STAFF_MEAL, rules)) == facts_of("V47")[0]


# The accountant's and the bank's


def test_v31_the_vat_of_a_margin_is_what_the_accountant_books() -> None:
    margin = D("250.00") - D("150.00")

    assert to_cents(vat_within(margin, D(21))) == facts_of("V31")[0]["8040", "", ""][0] == D("17.36")


def test_v44_the_bank_brings_the_card_ledger_back_to_nothing() -> None:
    (bank,) = facts_of("V44")

    assert bank["2000", "", ""][0] == D("-1024.50")
    assert bank["1100", "", ""][0] + bank["4400", "", ""][0] == D("1024.50")
