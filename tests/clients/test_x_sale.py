"""What X-Series says of a sale, in all its shapes, as a `Sale` (lightspeed-retail-x-series.md 8 to 12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.domain.document import Booking, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import LineKind, Sale, SaleState, SaleWarning, TenderKind
from libs.common.lightspeed.x_payments import ON_ACCOUNT
from libs.common.lightspeed.x_sale import parse_sale
from tests.builders import D, some_rules
from tests.clients.x_payloads import (
    CASH,
    CUSTOMER,
    DISCOUNT,
    GIFT_CARD,
    NO_RATE,
    NO_TAX,
    OUTLET,
    PAGE,
    PIN,
    RATE_9,
    RATE_21,
    REGISTER,
    TAX_9,
    TAX_21,
    a_line,
    a_payment,
    a_sale,
    as_nested,
    as_old,
    dutch_reference,
    sales_by_schema,
    samples,
)

REFERENCE = dutch_reference()
SHAPES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "flat": lambda flat: flat,
    "nested": as_nested,
    "0.9": as_old,
}
in_every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
RULES = some_rules(
    payments={
        CASH: PaymentRule(PaymentKind.CASH, "2001"),
        PIN: PaymentRule(PaymentKind.CARD, "2000"),
        GIFT_CARD: PaymentRule(PaymentKind.GIFT_CARD, "2100"),
    }
)


def _sale(payload: dict[str, Any]) -> Sale:
    sale = parse_sale(payload, REFERENCE)
    assert isinstance(sale, Sale), sale
    return sale


def _entry(sale: Sale, rules: Rules = RULES) -> SalesEntry:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    (entry,) = booking.documents
    assert isinstance(entry, SalesEntry)
    return entry


def _booked(payload: dict[str, Any], rules: Rules = RULES) -> dict[tuple[str, str], tuple[Any, Any]]:
    lines = _entry(_sale(payload), rules).lines
    return {(line.ledger, line.vat_code): (line.amount_excl_vat, line.vat_amount) for line in lines}


def _problem(payload: dict[str, Any], rules: Rules = RULES) -> Problem:
    sale = parse_sale(payload, REFERENCE)
    found = sale if isinstance(sale, Problem) else map_sale(sale, rules)
    assert isinstance(found, Problem), found
    return found


# The reference's own


@pytest.mark.skipif(not PAGE.exists(), reason=f"!!! NOT TESTED: the reference is missing: {PAGE}")
def test_the_samples_of_the_reference_are_read() -> None:
    """43.56 + 6.39 = 49.95 = 20.00 + 29.95; 20.62 + 4.33 = 24.95."""
    flat, nested = (_sale(sample) for sample in samples())

    assert (flat.number, flat.total_incl_vat, flat.vat_amount) == ("AMS-2041", D("49.95"), D("6.39"))
    assert flat.vat_by_rate == ((D(21), D("4.33")), (D(9), D("2.06")))
    assert [(line.amount_incl_vat, line.vat_rate) for line in flat.lines] == [
        (D("24.95000"), D(21)),
        (D("25.00000"), D(9)),
    ]
    assert [(one.kind, one.amount) for one in flat.payments] == [
        (TenderKind.GIFT_CARD, D("20.00")),
        (TenderKind.OTHER, D("29.95")),
    ]
    assert flat.completed_at == datetime(2026, 3, 14, 14, 5, 9, tzinfo=UTC)
    assert (nested.number, nested.total_incl_vat, nested.register) == ("AMS-3107", D("24.95"), REGISTER)
    assert nested.vat_by_rate == ((D(21), D("4.33")),)
    assert (nested.outlet, nested.outlet_name, nested.time_zone) == (OUTLET, "Amsterdam", "Europe/Amsterdam")


@pytest.mark.skipif(not PAGE.exists(), reason=f"!!! NOT TESTED: the reference is missing: {PAGE}")
def test_a_sale_with_all_that_the_schemas_know_becomes_a_sale_or_a_problem() -> None:
    for payload in sales_by_schema():
        assert isinstance(parse_sale(payload, REFERENCE), Sale | Problem)


@in_every_shape
def test_every_shape_of_a_sale_is_the_same_sale(shape: Callable[..., dict[str, Any]]) -> None:
    flat = a_sale([a_line("20.61983", "4.33017"), a_line("22.93578", "2.06422", TAX_9, quantity=2)])

    booked = _booked(shape(flat))

    assert booked == {
        ("8000", "VH"): (D("20.62"), D("4.33")),
        ("8010", "VL"): (D("22.94"), D("2.06")),
        ("2000", "NONE"): (D("-49.95"), D(0)),
    }


def test_numbers_may_be_text_or_numbers_and_what_is_empty_may_be_left_out() -> None:
    payload = a_sale()
    payload["total_price"], payload["line_items"][0]["quantity"] = D("100.0"), "1"
    for name in ("adjustments", "attributes", "customer_id", "created_at"):
        del payload[name]

    assert _sale(payload).total_incl_vat == D("121.00")


# VAT


def test_the_headers_vat_of_each_rate_is_booked_not_that_of_the_lines() -> None:
    """Three lines of 4.30435 with 0.64565 (8.2): the lines' tax is 1.93695, the header says 1.94."""
    lines = [a_line("4.27273", "0.89727", product=f"p{number}") for number in range(3)]

    booked = _booked(a_sale(lines, net="12.82", taxes={TAX_21: "2.69"}))

    assert booked["8000", "VH"] == (D("12.82"), D("2.69"))


def test_in_the_header_a_tax_may_stand_for_its_rate() -> None:
    payload = as_nested(a_sale())
    payload["taxes"] = [{"id": TAX_21, "tax": "21.00"}]

    assert _sale(payload).vat_by_rate == ((D(21), D("21.00")),)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("tax_id", {"line_items": [{**a_line("100", "21"), "tax_id": "new"}]}),
        ("taxes.id", {"taxes": [{"id": "new", "amount": "21.00"}]}),
        ("outlet_id", {"outlet_id": "new"}),
    ],
)
def test_what_the_store_made_since_is_a_problem_until_it_is_read(field: str, change: dict[str, Any]) -> None:
    problem = _problem({**a_sale(), **change})

    assert (problem.code, dict(problem.facts)["field"]) == (ProblemCode.SALE_UNREADABLE, field)


def test_a_line_whose_tax_its_rate_does_not_explain_is_a_problem() -> None:
    payload = a_sale([a_line("100.00", "9.00")], [a_payment("109.00")])

    assert _problem(payload).code is ProblemCode.VAT_RATE_DIFFERS


def test_total_price_is_without_tax_and_the_sum_is_checked_where_it_is_told() -> None:
    payload = as_nested(a_sale())
    payload["totals"]["price_incl_tax"] = "100.00"

    assert dict(_problem(payload).facts)["field"] == "totals.price_incl_tax"


# Discounts


@pytest.mark.parametrize("discounted", ["after", "before"])
def test_a_price_is_after_or_before_its_discount_as_the_total_says(discounted: str) -> None:
    """10.00 off 100.00 without tax, 90.00 + 18.90 = 108.90."""
    net, vat = ("90.00", "18.90") if discounted == "after" else ("100.00", "21.00")
    line = a_line(net, vat, discount="10.00", discount_total="10.00")
    payload = a_sale([line], [a_payment("108.90")], net="90.00", taxes={TAX_21: "18.90"})

    assert _booked(payload)["8000", "VH"] == (D("90.00"), D("18.90"))


def test_where_neither_meets_the_total_a_person_is_shown() -> None:
    line = a_line("100.00", "21.00", discount="10.00", discount_total="10.00")
    payload = a_sale([line], [a_payment("114.95")], net="95.00", taxes={TAX_21: "19.95"})

    assert _problem(payload).code is ProblemCode.RECEIPT_DOES_NOT_ADD_UP


@in_every_shape
def test_a_discount_on_the_whole_sale_lowers_each_rate_by_its_share(
    shape: Callable[..., dict[str, Any]],
) -> None:
    """121.00 at 21 % and 109.00 at 9 %, 23.00 off: 12.10 and 10.90, so VAT 21 - 2.10 and 9 - 0.90."""
    discount = a_line("-19.0083", "-3.9917", quantity=-1, product=DISCOUNT)
    payload = a_sale(
        [a_line("100.00", "21.00"), a_line("100.00", "9.00", TAX_9), discount],
        [a_payment("207.00")],
        net="180.00",
        taxes={TAX_21: "18.90", TAX_9: "8.10"},
    )

    assert _booked(shape(payload)) == {
        ("8000", "VH"): (D("90.00"), D("18.90")),
        ("8010", "VL"): (D("90.00"), D("8.10")),
        ("2000", "NONE"): (D("-207.00"), D(0)),
    }


def test_where_it_was_not_shared_by_worth_the_headers_vat_says_how() -> None:
    """All 12.10 came off the goods at 21 %."""
    discount = a_line("-10.00", "-2.10", quantity=-1, product=DISCOUNT)
    payload = a_sale(
        [a_line("100.00", "21.00"), a_line("100.00", "9.00", TAX_9), discount],
        [a_payment("217.90")],
        net="190.00",
        taxes={TAX_21: "18.90", TAX_9: "9.00"},
    )

    booked = _booked(payload)

    assert booked["8000", "VH"] == (D("90.00"), D("18.90"))
    assert booked["8010", "VL"] == (D("100.00"), D("9.00"))


# Tips, surcharges, web charges


def _adjustment(kind: str, value: str, rate: str = "", vat: str = "0") -> dict[str, Any]:
    components = [{"rate_id": rate, "total_tax": vat}] if rate else []
    return {"name": kind.title(), "adjustment_type": kind, "value": value, "tax_components": components}


@pytest.mark.parametrize("net", ["100.00", "110.00"], ids=["beside the total", "inside"])
def test_a_tip_is_a_debt_to_staff_in_the_total_or_beside_it(net: str) -> None:
    rules = some_rules(payments=RULES.payments)
    payload = a_sale(None, [a_payment("131.00")], net=net, adjustments=[_adjustment("TIP", "10.00")])

    assert _booked(payload, rules) == {
        ("8000", "VH"): (D("100.00"), D("21.00")),
        ("2000", "NONE"): (D("-131.00"), D(0)),
        ("2130", "NONE"): (D("10.00"), D(0)),
    }


@pytest.mark.parametrize(
    ("net", "vat", "value"),
    [("102.00", "21.42", "2.00"), ("100.00", "21.00", "2.00"), ("100.00", "21.00", "2.42")],
    ids=["inside", "beside", "beside, VAT in the value"],
)
def test_a_surcharge_is_turnover_with_its_own_vat(net: str, vat: str, value: str) -> None:
    """2.00 + 0.42 = 2.42, 123.42 in all."""
    payload = a_sale(
        None,
        [a_payment("123.42")],
        net=net,
        taxes={TAX_21: vat},
        adjustments=[_adjustment("SURCHARGE", value, RATE_21, "0.42")],
    )

    sale = _sale(payload)

    assert (sale.total_incl_vat, sale.vat_amount) == (D("123.42"), D("21.42"))
    assert _entry(sale).lines[0].amount_excl_vat == D("102.00")
    assert sale.lines[-1].fee == "surcharge"


@pytest.mark.parametrize("amount", ["121.00", "123.42"], ids=["beside the amount", "in it"])
@in_every_shape
def test_a_surcharge_told_with_the_payment_alone_is_shown_since_nothing_tells_its_vat(
    shape: Callable[..., dict[str, Any]], amount: str
) -> None:
    paid = a_payment(amount, surcharge={"rule": "2 %", "amount": "2.42"})

    problem = _problem(shape(a_sale(None, [paid])))

    assert dict(problem.facts)["field"] == "payments.surcharge"


@pytest.mark.parametrize("form", ["object", "list"])
def test_shipping_is_turnover_of_its_own(form: str) -> None:
    charge = {
        "name": "Verzenden",
        "total": "5.00",
        "total_tax": "1.05",
        "total_incl": "6.05",
        "tax_components": [{"rate_id": RATE_21, "total_tax": "1.05"}],
    }
    charges = {"total": "5.00", "total_incl": "6.05", "charges": [charge]} if form == "object" else [charge]
    payload = a_sale(
        None,
        [a_payment("127.05")],
        ecom_custom_charges=charges,
        adjustments=[_adjustment("ECOM_CUSTOM_CHARGE", "5.00", RATE_21, "1.05")],
    )

    sale = _sale(payload)

    assert sale.lines[-1].kind is LineKind.SHIPPING
    assert _booked(payload)["8000", "VH"] == (D("105.00"), D("22.05"))


def test_a_charge_that_nothing_explains_is_a_problem() -> None:
    payload = a_sale(None, [a_payment("125.00")], adjustments=[_adjustment("TIP", "10.00")])

    assert _problem(payload).code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP


def test_while_more_may_be_paid_nothing_tells_where_a_tip_is() -> None:
    payload = a_sale(
        None,
        [],
        status="ONACCOUNT",
        state="pending",
        attributes=["onaccount"],
        adjustments=[_adjustment("TIP", "10.00")],
    )

    assert dict(_problem(payload).facts)["field"] == "adjustments"


# Cash rounding


def _cash_sale(
    *payments: dict[str, Any], lines: tuple[dict[str, Any], ...] = (), net: str = "8.26"
) -> dict[str, Any]:
    """9.99 at 21 % is 8.26 + 1.73."""
    return a_sale([a_line("8.25620", "1.73380"), *lines], payments, net=net, taxes={TAX_21: "1.73"})


ROUNDED = {
    "silently": _cash_sale(a_payment("10.00", CASH)),
    "as a payment": _cash_sale(a_payment("10.00", CASH), a_payment("-0.01", "internal-rounding")),
    "as a line": _cash_sale(
        a_payment("10.00", CASH), lines=(a_line("0.01", "0", NO_TAX, product="rounding"),), net="8.27"
    ),
}


@pytest.mark.parametrize("payload", ROUNDED.values(), ids=ROUNDED)
def test_cash_rounding_is_no_turnover_in_whatever_form(payload: dict[str, Any]) -> None:
    assert _booked(payload) == {
        ("8000", "VH"): (D("8.26"), D("1.73")),
        ("2001", "NONE"): (D("-10.00"), D(0)),
        ("4490", "NONE"): (D("0.01"), D(0)),
    }


def test_change_may_be_a_negative_payment() -> None:
    payload = a_sale(None, [a_payment("150.00", CASH), a_payment("-29.00", CASH)])

    assert _booked(payload)["2001", "NONE"] == (D("-121.00"), D(0))


# Payment types


@in_every_shape
def test_an_unknown_payment_type_is_a_problem_of_that_type_and_no_other(
    shape: Callable[..., dict[str, Any]],
) -> None:
    payload = shape(a_sale(None, [a_payment("100.00"), a_payment("21.00", "store-credit", name="Tegoed")]))

    problem = _problem(payload)

    assert problem.code is ProblemCode.PAYMENT_TYPE_UNMAPPED
    assert problem.cause == "payment-type-unmapped:payment_type=store-credit"
    assert dict(problem.facts)["name"] == "Tegoed"
    chosen = some_rules(
        payments={**RULES.payments, "store-credit": PaymentRule(PaymentKind.STORE_CREDIT, "2110")}
    )
    assert _booked(payload, chosen)["2110", "NONE"] == (D("-21.00"), D(0))


# Articles


@pytest.mark.parametrize(
    ("article", "is_stocked"),
    [
        ({"has_inventory": True, "is_composite": False}, True),
        ({"has_inventory": 1}, True),
        ({"has_inventory": False}, False),
        ({"has_inventory": True, "is_composite": True}, False),
        ({"has_inventory": "perhaps"}, False),
        ({}, False),
    ],
)
def test_stock_is_kept_of_what_the_article_beside_the_line_says(
    article: dict[str, Any], is_stocked: bool
) -> None:
    line = a_line("100.00", "21.00") | {"product": {"id": "p1", **article}}
    assert [each.is_stocked for each in _sale(a_sale([line])).lines] == [is_stocked]


# Gift cards


def test_a_gift_card_sold_as_a_line_is_a_debt_and_no_turnover() -> None:
    card = a_line("25.00", "0", NO_TAX, product="card", gift_card_number="1234")

    booked = _booked(a_sale([a_line("100.00", "21.00"), card]))

    assert booked["8000", "VH"] == (D("100.00"), D("21.00"))
    assert booked["2100", "NONE"] == (D("25.00"), D(0))


def test_a_gift_card_with_vat_is_shown_to_a_person() -> None:
    card = a_line("100.00", "21.00", product="card", gift_card_number="1234")

    assert _problem(a_sale([card])).code is ProblemCode.VAT_DOES_NOT_ADD_UP


# Where a sale stands


STATES = {
    "SAVED": ("parked", [], SaleState.OPEN),
    "OPEN": ("pending", [], SaleState.OPEN),
    "CLOSED": ("closed", [], SaleState.COMPLETED),
    "VOIDED": ("voided", [], SaleState.VOIDED),
    "ONACCOUNT": ("pending", ["onaccount"], SaleState.COMPLETED),
    "ONACCOUNT_CLOSED": ("closed", ["onaccount"], SaleState.COMPLETED),
    "LAYBY": ("pending", ["layby"], SaleState.OPEN),
    "LAYBY_CLOSED": ("closed", ["layby"], SaleState.COMPLETED),
    "AWAITING_DISPATCH": ("pending", ["delivery"], SaleState.OPEN),
    "DISPATCHED_CLOSED": ("closed", ["delivery"], SaleState.COMPLETED),
    "AWAITING_PICKUP": ("pending", ["pickup"], SaleState.OPEN),
    "PICKED_UP_CLOSED": ("closed", ["pickup"], SaleState.COMPLETED),
    "SERVICE": ("pending", ["service"], SaleState.OPEN),
    "SERVICE_CLOSED": ("closed", ["service"], SaleState.COMPLETED),
}


@pytest.mark.parametrize("status", STATES)
def test_a_status_and_its_state_with_attributes_are_one(status: str) -> None:
    state, attributes, expected = STATES[status]
    old = {**a_sale(), "status": status, "state": None, "attributes": None}

    by_status, by_state = (
        _sale(old),
        _sale({**a_sale(), "state": state, "attributes": attributes, "status": None}),
    )

    assert by_status == by_state
    assert by_status.state is expected
    assert (by_status.completed_at is None) == (expected is SaleState.OPEN)


def test_a_state_that_nobody_knows_is_shown_and_not_booked() -> None:
    assert dict(_problem({**a_sale(), "state": "archived"}).facts)["value"] == "archived"
    assert dict(_problem({**a_sale(), "state": "", "status": "RENTED"}).facts)["value"] == "RENTED"


@pytest.mark.parametrize("attributes", ["onaccount", [{"name": "onaccount"}], [1]])
def test_attributes_that_are_no_texts_are_shown_and_not_passed_over(attributes: Any) -> None:
    row = {**a_sale(), "state": "pending", "attributes": attributes}

    assert dict(_problem(row).facts)["field"] == "attributes"


def test_an_id_for_which_sales_have_no_room_is_shown() -> None:
    assert dict(_problem({**a_sale(), "id": "a" * 65}).facts)["field"] == "id"


def test_a_deleted_sale_is_voided_when_it_was_deleted() -> None:
    payload = {**a_sale(), "deleted_at": "2026-03-16T10:00:00Z", "updated_at": "2026-03-16T10:00:00Z"}

    sale = _sale(payload)

    assert (sale.state, sale.changed_at) == (SaleState.VOIDED, datetime(2026, 3, 16, 10, tzinfo=UTC))


LATER, LAST = "2026-04-02T09:00:00Z", "2026-04-20T09:00:00Z"


@pytest.mark.parametrize("attributes", [None, []])
@pytest.mark.parametrize("status", ["ONACCOUNT", "LAYBY", "LAYBY_CLOSED", "DISPATCHED_CLOSED"])
def test_what_the_attributes_leave_out_the_status_says(status: str, attributes: list[str] | None) -> None:
    """A sale on account without its attribute would be taken for an open one, and never be booked."""
    state, told, expected = STATES[status]
    row = {**a_sale(), "state": state, "status": status, "attributes": attributes}

    assert _sale(row) == _sale({**row, "attributes": told})
    assert _sale(row).state is expected


OF_ACCOUNT = {"status": "ONACCOUNT", "state": "pending", "attributes": ["onaccount"], "customer": CUSTOMER}


def test_on_account_what_is_not_paid_stays_with_the_customer() -> None:
    sale = _sale(a_sale(None, [a_payment("21.00")], **OF_ACCOUNT))

    assert sale.runs_on_account
    assert [(one.type_id, one.kind, one.amount) for one in sale.payments] == [
        (PIN, TenderKind.OTHER, D("21.00")),
        (ON_ACCOUNT, TenderKind.CREDIT_ACCOUNT, D("100.00")),
    ]
    assert (_entry(sale).open_amount, _entry(sale).debtor.customer) == (D("100.00"), sale.customer)


def test_on_account_a_later_payment_is_of_its_own_day_and_the_sale_stays_as_it_was() -> None:
    unpaid = _entry(_sale(a_sale(None, [a_payment("21.00")], **OF_ACCOUNT)))
    settled = {**OF_ACCOUNT, "status": "ONACCOUNT_CLOSED", "state": "closed"}

    booking = map_sale(
        _sale(a_sale(None, [a_payment("21.00"), a_payment("100.00", at=LATER)], **settled)), RULES
    )

    assert isinstance(booking, Booking)
    entry, payment = booking.documents
    assert entry == unpaid
    assert (payment.reference, payment.day.isoformat()) == ("AMS-1-P20260402", "2026-04-02")


def test_a_layby_takes_deposits_and_is_turnover_when_the_last_is_paid() -> None:
    layby = {"status": "LAYBY", "state": "pending", "attributes": ["layby"], "customer": CUSTOMER}
    reserved = map_sale(_sale(a_sale(None, [a_payment("50.00")], **layby)), RULES)
    closed = {**layby, "status": "LAYBY_CLOSED", "state": "closed"}
    paid = [a_payment("50.00"), a_payment("71.00", at=LAST)]

    booking = map_sale(_sale(a_sale(None, paid, **closed)), RULES)

    assert isinstance(reserved, Booking)
    assert isinstance(booking, Booking)
    entry, deposit = booking.documents
    assert (deposit,) == reserved.documents
    assert entry.day.isoformat() == "2026-04-20"
    assert entry.open_amount == D("50.00")  # type: ignore[union-attr]


def test_a_return_is_a_sale_of_its_own_with_all_signs_turned() -> None:
    """Its tax components have the sign of a sale (8.2)."""
    line = a_line("-100.00", "-21.00", quantity=-1, is_return=True)
    payload = a_sale([line], [a_payment("-121.00")], return_for="sale-0")
    del line["tax_total"]
    payload["taxes"] = [{"id": RATE_21, "amount": "-21.00"}]

    assert _booked(payload)["8000", "VH"] == (D("-100.00"), D("-21.00"))


def test_an_exchange_nets_and_may_be_paid_with_nothing() -> None:
    lines = [a_line("100.00", "21.00"), a_line("-100.00", "-21.00", quantity=-1, product="p2")]

    sale = _sale(a_sale(lines, []))

    assert (sale.total_incl_vat, sale.payments) == (D(0), ())


def test_what_another_link_booked_is_told() -> None:
    payload = as_nested(a_sale())
    payload["_metadata"]["xero_reference"] = "INV-0042"

    assert _sale(payload).warnings == (SaleWarning.BOOKED_BY_ANOTHER_LINK,)
    assert _sale(as_nested(a_sale())).warnings == ()


# People and places


def test_passers_by_are_nobody() -> None:
    assert _sale({**a_sale(), "customer": {**CUSTOMER, "customer_code": "WALKIN"}}).customer is None


def test_a_customer_laid_beside_the_sale_is_read() -> None:
    customer = _sale({**a_sale(), "customer": CUSTOMER}).customer

    assert customer is not None
    assert (customer.name, customer.code, customer.address.country) == ("Jan Jansen", "JANSEN-1", "NL")


def test_an_article_laid_beside_its_line_is_read() -> None:
    line = a_line("100.00", "21.00", product="p1")
    line["product"] = {"id": "p1", "sku": "BEL-001", "name": "Fietsbel", "product_type_id": "bells"}

    (read,) = _sale(a_sale([line])).lines

    assert (read.item, read.item_code, read.description, read.category) == (
        "p1",
        "BEL-001",
        "Fietsbel",
        "bells",
    )


def test_in_0_9_the_register_says_which_outlet() -> None:
    assert _sale(as_old(a_sale())).outlet == OUTLET


@pytest.mark.parametrize("field", ["line_items", "payments"])
def test_a_sale_without_its_lines_or_payments_is_no_sale_of_nothing(field: str) -> None:
    payload = a_sale()
    del payload[field]

    assert dict(_problem(payload).facts)["field"] == field


def test_no_tax_lines_keep_their_tax_so_that_export_can_have_a_code_of_its_own() -> None:
    (line,) = _sale(a_sale([a_line("50.00", "0", NO_TAX)])).lines

    assert (line.vat_rate, line.tax_class) == (D(0), NO_TAX)
    assert _sale(a_sale([a_line("50.00", "0", NO_TAX)])).vat_by_rate == ((D(0), D("0.00")),)
    assert NO_RATE in REFERENCE.taxes[NO_TAX].rates
    assert RATE_9 not in REFERENCE.taxes
