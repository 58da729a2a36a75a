"""Sales that run on the customer's account: what is paid on another day is booked on that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from libs.common.domain.document import Booking, JournalEntry, Nothing, NothingCode
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import Mode, Rules, Settlement
from libs.common.domain.sale import Sale, SaleState
from tests.builders import CARD, CASH, ON_ACCOUNT, D, a_customer, a_line, a_payment, a_sale, some_rules
from tests.domain.words import Posted, postings_of

SOLD = datetime(2026, 3, 14, 13, tzinfo=UTC)
LATER = datetime(2026, 4, 2, 9, tzinfo=UTC)
BUYER = a_customer("88", company="Rijwielhandel BV")
RESERVED = a_line("179", is_reservation=True)


def _on_account(*payments: object, **more: object) -> Sale:
    sale = a_sale([a_line("121")], payments, customer=BUYER, completed_at=SOLD, **more)  # type: ignore[arg-type]
    return replace(sale, runs_on_account=True)


def _layby(*payments: object, **more: object) -> Sale:
    sale = a_sale([RESERVED], payments, customer=a_customer("140"), **more)  # type: ignore[arg-type]
    return replace(sale, runs_on_account=True)


def _booked(sale: Sale, rules: Rules) -> Booking:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    return booking


def _posted(booking: Booking) -> Posted:
    return postings_of(booking.documents, booking.day_lines)


FIRST = a_payment("21", CARD, id="1", paid_at=SOLD)
REST = a_payment("100", ON_ACCOUNT, id="rest", paid_at=SOLD)
SETTLED = a_payment("100", CASH, id="2", paid_at=LATER)


@pytest.mark.parametrize("settlement", [Settlement.IN_ENTRY, Settlement.PER_RECEIPT, Settlement.PER_DAY])
def test_a_later_payment_is_booked_on_its_own_day_and_leaves_the_sale_as_it_stands(
    settlement: Settlement,
) -> None:
    rules = some_rules(settlement=settlement)
    unpaid = _booked(_on_account(FIRST, REST), rules)

    paid = _booked(_on_account(FIRST, SETTLED), rules)

    *sale, payment = paid.documents
    assert (tuple(sale), paid.day_lines) == (unpaid.documents, unpaid.day_lines)
    assert isinstance(payment, JournalEntry)
    assert (payment.reference, payment.day) == ("5012-P20260402", date(2026, 4, 2))
    assert postings_of([payment]) == {
        ("2001", "", ""): (D("100.00"), D(0)),
        ("1300", "88", ""): (D("-100.00"), D(0)),
    }


def test_what_is_paid_on_the_day_of_the_sale_is_part_of_it() -> None:
    (entry,) = _booked(_on_account(FIRST, replace(SETTLED, paid_at=SOLD)), some_rules()).documents

    assert entry.open_amount == D(0)  # type: ignore[union-attr]


def test_of_a_sale_before_the_start_date_only_what_is_paid_since_is_booked() -> None:
    rules = some_rules(start_date=date(2026, 4, 1))

    (payment,) = _booked(_on_account(FIRST, SETTLED), rules).documents

    assert payment.reference == "5012-P20260402"
    assert map_sale(_on_account(FIRST, REST), rules) == Nothing(NothingCode.BEFORE_START)


def test_among_daily_totals_it_is_booked_by_itself_paid_or_not() -> None:
    rules = some_rules(mode=Mode.DAILY_TOTALS)

    unpaid, paid = _booked(_on_account(FIRST, REST), rules), _booked(_on_account(FIRST, SETTLED), rules)

    assert not unpaid.day_lines
    assert paid.documents[:-1] == unpaid.documents


def test_a_voided_one_wants_nothing_in_the_books() -> None:
    voided = _on_account(FIRST, SETTLED, state=SaleState.VOIDED)

    assert map_sale(voided, some_rules()) == Nothing(NothingCode.VOIDED)


DEPOSITS = (a_payment("50", CARD, id="1", paid_at=SOLD), a_payment("30", CASH, id="2", paid_at=LATER))
PICKED_UP = datetime(2026, 4, 20, 9, tzinfo=UTC)
LAST = a_payment("99", CARD, id="3", paid_at=PICKED_UP)


def test_payments_on_a_reserved_sale_stand_on_the_customers_account_until_it_is_picked_up() -> None:
    reserved = _layby(*DEPOSITS, state=SaleState.OPEN, completed_at=None)

    booking = _booked(reserved, some_rules())

    assert [document.reference for document in booking.documents] == ["5012-P20260314", "5012-P20260402"]
    assert _posted(booking) == {
        ("2000", "", ""): (D("50.00"), D(0)),
        ("2001", "", ""): (D("30.00"), D(0)),
        ("1300", "140", ""): (D("-80.00"), D(0)),
    }


def test_picked_up_it_is_turnover_of_that_day_and_its_deposits_stay_as_they_stand() -> None:
    reserved = _booked(_layby(*DEPOSITS, state=SaleState.OPEN, completed_at=None), some_rules())

    booking = _booked(_layby(*DEPOSITS, LAST, completed_at=PICKED_UP), some_rules())

    entry, *deposits = booking.documents
    assert tuple(deposits) == reserved.documents
    assert (entry.day, entry.open_amount) == (date(2026, 4, 20), D("80.00"))  # type: ignore[union-attr]
    assert _posted(booking) == {
        ("8000", "", "VH"): (D("-147.93"), D("-31.07")),
        ("2000", "", ""): (D("149.00"), D(0)),
        ("2001", "", ""): (D("30.00"), D(0)),
    }


def test_with_vat_on_deposits_they_bear_it_and_give_it_back() -> None:
    """50 x 21 / 121 = 8.68 and 30 x 21 / 121 = 5.21 make 13.89, though 80 x 21 / 121 = 13.88."""
    rules = some_rules(deposit_vat="21")
    rules = replace(rules, ledgers=replace(rules.ledgers, deposits="2120"))
    reserved = _booked(_layby(*DEPOSITS, state=SaleState.OPEN, completed_at=None), rules)

    picked_up = _booked(_layby(*DEPOSITS, LAST, completed_at=PICKED_UP), rules)

    assert _posted(reserved)["2120", "", "VH"] == (D("-66.11"), D("-13.89"))
    entry, *deposits = picked_up.documents
    assert tuple(deposits) == reserved.documents
    assert postings_of([entry])["2120", "", "VH"] == (D("66.11"), D("13.89"))
    assert entry.open_amount == D(0)  # type: ignore[union-attr]


def test_a_reserved_sale_without_a_customer_is_a_problem() -> None:
    reserved = replace(_layby(*DEPOSITS, state=SaleState.OPEN, completed_at=None), customer=None)

    assert isinstance(map_sale(reserved, some_rules()), Problem)
    assert map_sale(reserved, some_rules()).code is ProblemCode.CUSTOMER_MISSING  # type: ignore[union-attr]
