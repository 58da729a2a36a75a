"""What the till says and what a `Sale` says of it; expectations are worked out by hand from the payloads."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.problem import Problem, ProblemCode, describe
from libs.common.domain.sale import Address, Customer, LineKind, Sale, SaleState, TenderKind
from libs.common.lightspeed.retail_reference import RetailReference, reference_from_text, reference_text
from libs.common.lightspeed.retail_sale import parse_sale
from tests.clients.retail_payloads import (
    CUSTOMER,
    RECORDED,
    a_line_row,
    a_payment_row,
    a_sale_row,
    dutch_reference,
    recorded_reference,
    recorded_sales,
)
from tests.shared import needs

D = Decimal
needs_recorded = needs(RECORDED, "our reader against a real till's sales")


def sale_of(row: dict[str, Any], reference: RetailReference | None = None) -> Sale:
    sale = parse_sale(row, reference or dutch_reference())
    assert isinstance(sale, Sale), sale
    return sale


def problem_of(row: object) -> dict[str, str]:
    problem = parse_sale(row, dutch_reference())
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.SALE_UNREADABLE
    return dict(problem.facts)


AS_SOLD = {
    # number: (total, [(quantity, gross)], completed at) as they stand in the recording
    "101": ("19.99", [("1", "19.99")], "2015-12-11T23:17:18"),
    "102": ("39.98", [("1", "19.99"), ("1", "19.99")], "2015-12-11T23:17:20"),
    "104": ("19.99", [("1", "19.99")], "2015-12-12T00:26:23"),
    "105": ("19.99", [("1", "19.99")], "2015-12-12T00:34:30"),
    "107": (
        "227.34",
        [
            ("8", "159.92"),
            ("2", "30.66"),
            ("1", "5.99"),
            ("1", "6.99"),
            ("2", "8.5"),
            ("1", "10.99"),
            ("1", "4.29"),
        ],
        "2015-12-14T16:05:51",
    ),
    "108": ("19.99", [("1", "19.99")], "2015-12-14T16:05:57"),
    "109": ("19.99", [("1", "19.99")], "2015-12-14T16:05:59"),
    "110": (
        "59.85",
        [("1", "8.25"), ("3", "14.25"), ("2", "10.4"), ("2", "7.98"), ("2", "7.98"), ("1", "10.99")],
        "2015-12-14T16:47:49",
    ),
    "111": ("7.50", [("1", "7.5")], "2015-12-23T23:14:35"),
}


@needs_recorded
@pytest.mark.parametrize("number", AS_SOLD)
def test_a_recorded_sale_is_read_as_it_was_sold(number):
    total, lines, completed = AS_SOLD[number]
    row = next(row for row in recorded_sales() if row["saleID"] == number)

    sale = sale_of(row, recorded_reference())

    assert (sale.id, sale.number, sale.ticket_number) == (number, number, f"220000000{number}")
    assert sale.state is SaleState.COMPLETED
    assert str(sale.total_incl_vat) == total
    assert [(line.quantity, line.amount_incl_vat) for line in sale.lines] == [(D(q), D(g)) for q, g in lines]
    assert {(line.vat_rate, line.vat_amount) for line in sale.lines} == {(D(0), D(0))}
    assert [(p.kind, p.type_name, p.amount) for p in sale.payments] == [(TenderKind.CASH, "Cash", D(total))]
    # before V3 there is no completeTime: timeStamp is the moment of completion
    assert sale.completed_at == datetime.fromisoformat(completed + "+00:00")
    assert (sale.outlet_name, sale.time_zone, sale.currency) == ("Kit Kraft Sandbox", "US/Pacific", "USD")
    assert sale.customer is None
    assert sale.cash_rounding is None


@needs_recorded
def test_recorded_tickets_that_are_open_stay_open():
    states = {row["saleID"]: sale_of(row, recorded_reference()).state for row in recorded_sales()}

    completed = [number for number, state in states.items() if state is SaleState.COMPLETED]
    assert completed == list(AS_SOLD)
    assert {states[number] for number in states if number not in AS_SOLD} == {SaleState.OPEN}


@needs_recorded
def test_a_recorded_line_takes_its_name_from_the_item_or_else_from_its_note():
    row = next(row for row in recorded_sales() if row["saleID"] == "102")

    by_note, by_item = sale_of(row, recorded_reference()).lines

    assert (by_note.description, by_note.item, by_note.item_code) == ("SKU-3", "0", "")
    assert (by_item.description, by_item.item, by_item.item_code) == ("Fake Item", "254", "SKU-WHATEVER")


def test_a_dutch_sale_with_two_rates_keeps_the_tills_own_vat():
    low = a_line_row(
        saleLineID="9102",
        unitQuantity="1",
        unitPrice="5.45",
        calcTotal="5.45",
        calcTax1="0.45",
        tax1Rate="0.09",
        taxClassID="3",
    )
    row = a_sale_row([a_line_row(), low], [a_payment_row("29.65")], total="29.65", calcTax1="4.65")

    sale = sale_of(row)

    assert (sale.total_incl_vat, sale.vat_amount) == (D("29.65"), D("4.65"))
    assert [(line.amount_incl_vat, line.vat_amount, line.vat_rate) for line in sale.lines] == [
        (D("24.2"), D("4.2"), D(21)),
        (D("5.45"), D("0.45"), D(9)),
    ]
    assert sale.completed_at == datetime(2026, 3, 14, 13, 22, 41, tzinfo=UTC)
    assert sale.changed_at == datetime(2026, 3, 14, 13, 22, 42, tzinfo=UTC)
    line = sale.lines[0]
    assert (line.item_code, line.category, line.tax_class, line.tax_category) == ("BEL-77", "3", "1", "1")
    assert sale.payments[0].kind is TenderKind.OTHER


def test_updatetime_is_read_in_both_spellings():
    row = a_sale_row()
    row["updateTime"] = row.pop("updatetime")
    assert sale_of(row).changed_at == datetime(2026, 3, 14, 13, 22, 42, tzinfo=UTC)


def test_archived_payments_are_no_money():
    failed = a_payment_row("24.2", archived="true")
    sale = sale_of(a_sale_row(payments=[failed, a_payment_row("24.2", "1")]))
    assert [payment.kind for payment in sale.payments] == [TenderKind.CASH]


@pytest.mark.parametrize(
    ("type_id", "kind"),
    [
        ("1", TenderKind.CASH),
        ("2", TenderKind.OTHER),  # archived, and named like another
        ("3", TenderKind.CARD),  # named "Contant"
        ("4", TenderKind.CREDIT_ACCOUNT),
        ("5", TenderKind.GIFT_CARD),
        ("7", TenderKind.WEB_SHOP),
    ],
)
def test_a_tender_is_what_its_type_says_never_its_name(type_id, kind):
    assert sale_of(a_sale_row(payments=[a_payment_row("24.2", type_id)])).payments[0].kind is kind


def test_a_tip_is_inside_the_amount():
    payment = sale_of(a_sale_row(payments=[a_payment_row("26.2", tipAmount="2")])).payments[0]
    assert (payment.amount, payment.tip) == (D("26.20"), D("2.00"))


def test_a_gift_card_sold_is_a_line_without_item_tax_and_price():
    card = a_line_row(
        itemID="0",
        tax="false",
        unitPrice="0",
        calcTotal="0",
        calcTax1="0",
        Item="",
        Note={"note": "Gift Card"},
    )
    payments = [a_payment_row("-50", "5", creditAccountID="31"), a_payment_row("74.2")]
    sale = sale_of(a_sale_row([card, a_line_row(saleLineID="9102")], payments))

    assert [line.kind for line in sale.lines] == [LineKind.GIFT_CARD, LineKind.GOODS]
    assert (sale.payments[0].kind, sale.payments[0].credit_account) == (TenderKind.GIFT_CARD, "31")
    assert sale.lines[0].description == "Gift Card"


@pytest.mark.parametrize("spelling", ["SaleAccounts", "SalesAccounts"])
def test_the_line_that_loaded_a_card_is_the_one_its_payment_names(spelling):
    card = a_line_row(saleLineID="9103", itemID="0", tax="false", unitPrice="0", calcTotal="0", calcTax1="0")
    note = card | {"saleLineID": "9104"}
    account = {spelling: {"SaleAccount": {"saleAccountID": "1", "saleLineID": "9103"}}}
    row = a_sale_row([card, note], [a_payment_row("-50", "5", **account), a_payment_row("50")], total="0")
    assert [line.kind for line in sale_of(row).lines] == [LineKind.GIFT_CARD, LineKind.GOODS]


def test_a_note_line_on_a_sale_without_gift_cards_is_no_gift_card():
    note = a_line_row(saleLineID="9104", itemID="0", tax="false", unitPrice="0", calcTotal="0", calcTax1="0")
    assert sale_of(a_sale_row([a_line_row(), note])).lines[1].kind is LineKind.GOODS


def test_a_card_that_is_redeemed_makes_no_line_a_gift_card():
    free = a_line_row(saleLineID="9104", itemID="0", tax="false", unitPrice="0", calcTotal="0", calcTax1="0")
    sale = sale_of(a_sale_row([a_line_row(), free], [a_payment_row("24.2", "5")]))
    assert {line.kind for line in sale.lines} == {LineKind.GOODS}


def test_an_item_fee_is_its_own_kind_of_line():
    fee = a_line_row(
        saleLineID="9105", lineType="item_fee", itemFeeID="3", itemID="0", parentSaleLineID="9101"
    )
    line = sale_of(a_sale_row([a_line_row(), fee])).lines[1]
    assert (line.kind, line.fee, line.parent_line) == (LineKind.ITEM_FEE, "3", "9101")


def test_a_return_has_negative_quantity_amount_and_vat():
    line = a_line_row(
        unitQuantity="-1", calcTotal="-12.1", calcTax1="-2.1", calcSubtotal="-10", parentSaleLineID="9100"
    )
    sale = sale_of(a_sale_row([line], [a_payment_row("-12.1", "1")], total="-12.1", calcTax1="-2.1"))
    returned = sale.lines[0]
    assert (returned.quantity, returned.amount_incl_vat, returned.vat_amount) == (
        D(-1),
        D("-12.1"),
        D("-2.1"),
    )
    assert (returned.vat_rate, returned.parent_line, sale.total_incl_vat) == (D(21), "9100", D("-12.10"))


@pytest.mark.parametrize(
    ("tax_class", "tax", "gross", "rate"),
    [("3", "0.45", "5.45", 9), ("1", "4.2", "24.2", 21), ("9", "0.45", "5.45", 9), ("0", "0.18", "2.18", 9)],
)
def test_a_line_that_hides_its_rate_gets_the_known_rate_that_explains_its_tax(tax_class, tax, gross, rate):
    line = a_line_row(tax1Rate="0", calcTotal=gross, calcTax1=tax, taxClassID=tax_class, isLayaway="true")
    sold = sale_of(a_sale_row([line])).lines[0]
    assert sold.vat_rate == D(rate)
    assert sold.is_reservation


def test_tax_that_no_known_rate_explains_is_a_problem():
    line = a_line_row(tax1Rate="0", calcTotal="115", calcTax1="15")
    assert problem_of(a_sale_row([line])) == {
        "what": "tax1Rate (no known rate explains the tax)",
        "field": "tax1Rate",
        "reason": "no known rate explains the tax",
        "value": "15",
    }


def test_a_rate_in_per_cent_is_a_problem_not_two_thousand_per_cent():
    assert problem_of(a_sale_row([a_line_row(tax1Rate="21")]))["field"] == "tax1Rate"


def test_two_taxes_are_one_rate_and_one_amount():
    line = a_line_row(
        tax1Rate="0.05", tax2Rate="0.09975", calcTotal="11.4975", calcTax1="0.5", calcTax2="0.9975"
    )
    sale = sale_of(a_sale_row([line], [a_payment_row("11.5")], total="11.5", calcTax1="0.5", calcTax2="1"))
    assert (sale.lines[0].vat_rate, sale.lines[0].vat_amount) == (D("14.975"), D("1.4975"))
    assert sale.vat_amount == D("1.50")


def test_a_line_without_tax_has_no_rate_whatever_its_category_says():
    line = a_line_row(tax="false", tax1Rate="0.21", calcTax1="0", calcTotal="20")
    assert sale_of(a_sale_row([line])).lines[0].vat_rate == D(0)


def test_discounts_are_shown_with_their_vat():
    line = a_line_row(
        calcLineDiscount="1", calcTransactionDiscount="0.5", calcTotal="22.385", calcTax1="3.885"
    )
    assert sale_of(a_sale_row([line])).lines[0].discount_incl_vat == D("1.815")


@pytest.mark.parametrize(
    ("delta", "rounding"), [("-0.02", "0.02"), ("0.02", "-0.02"), ("0", "0"), ("-0", "0")]
)
def test_cash_rounding_is_rounded_less_due(delta, rounding):
    assert sale_of(a_sale_row(cashRoundingDelta=delta)).cash_rounding == D(rounding)


def test_cash_rounding_may_stand_on_the_payments_alone():
    payments = [a_payment_row("12.5", "1", cashRoundingDelta="-0.02"), a_payment_row("9", "6")]
    assert sale_of(a_sale_row(payments=payments)).cash_rounding == D("0.02")


@pytest.mark.parametrize(
    ("stored", "delta"),
    [("12.5", "-0.02"), ("12.48", "-0.02"), ("12.48", "0")],
    ids=["stored rounded", "stored as due", "not rounded"],
)
def test_cash_is_what_the_drawer_took_whichever_way_it_is_stored(stored, delta):
    """5.10 leaves it open; 12.48 rounded up puts 12.50 in the drawer."""
    line = a_line_row(
        unitQuantity="1", unitPrice="12.48", calcTotal="12.48", calcTax1="2.166", calcSubtotal="10.314"
    )
    row = a_sale_row(
        [line], [a_payment_row(stored, "1")], total="12.48", calcTax1="2.17", cashRoundingDelta=delta
    )
    assert [payment.amount for payment in sale_of(row).payments] == [D("12.48") - D(delta)]


@pytest.mark.parametrize("tiny", ["-0", "1.0E-8", "0", "0.00", "-0.0000001"])
def test_numbers_are_read_however_they_are_written(tiny):
    line = sale_of(a_sale_row([a_line_row(calcTax2=tiny, tax2Rate="0.1")])).lines[0]
    assert line.vat_amount == D("4.2") + D(tiny)
    assert str(line.vat_amount - D("4.2")) != "-0"


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ({"completed": "false"}, SaleState.OPEN),
        ({"completed": "false", "archived": "true"}, SaleState.CANCELLED),
        ({"completed": "true"}, SaleState.COMPLETED),
        ({"completed": "true", "archived": "true"}, SaleState.COMPLETED),
        ({"completed": "false", "voided": "true"}, SaleState.VOIDED),
        ({"completed": "true", "voided": "true"}, SaleState.VOIDED),
    ],
)
def test_the_state_follows_from_three_flags(flags, state):
    sale = sale_of(a_sale_row(**flags))
    assert sale.state is state
    assert (sale.completed_at is None) == (state in (SaleState.OPEN, SaleState.CANCELLED))


def test_the_customer_is_the_sales_with_what_a_booking_needs():
    row = a_sale_row(customerID="88", Customer=CUSTOMER)
    assert sale_of(row).customer == Customer(
        id="88",
        name="Anna de Wit",
        company="De Wit BV",
        vat_number="NL001234567B01",
        chamber_of_commerce="12345678",
        email="anna@example.nl",
        address=Address("Dorpsstraat 1", "3511AA", "Utrecht", "NL"),
    )


@pytest.mark.parametrize(
    "contact", ["", {}, {"Emails": "", "Addresses": ""}, {"Emails": 3, "Addresses": [""]}]
)
def test_a_customer_without_contact_is_a_customer_all_the_same(contact):
    row = a_sale_row(customerID="88", Customer=CUSTOMER | {"Contact": contact, "company": ""})
    customer = sale_of(row).customer
    assert customer is not None
    assert (customer.name, customer.email, customer.address) == ("Anna de Wit", "", Address())


def test_the_custom_code_comes_before_the_systems():
    item = {"systemSku": "210000000077", "customSku": "", "description": "Fietsbel"}
    assert sale_of(a_sale_row([a_line_row(Item=item)])).lines[0].item_code == "210000000077"


@pytest.mark.parametrize(
    ("item_type", "is_stocked"),
    [("default", True), ("serialized", True), ("non_inventory", False), ("box", False), ("assembly", False)],
)
def test_an_articles_type_says_whether_stock_is_kept_of_it(item_type, is_stocked):
    item = {"customSku": "BEL-77", "itemType": item_type}
    assert sale_of(a_sale_row([a_line_row(Item=item)])).lines[0].is_stocked is is_stocked


def test_of_a_line_without_an_article_no_stock_is_kept():
    assert sale_of(a_sale_row([a_line_row(itemID="0", Item="")])).lines[0].is_stocked is False


def test_a_line_of_another_shop_says_so():
    assert [line.outlet for line in sale_of(a_sale_row([a_line_row(shopID="2"), a_line_row()])).lines] == [
        "2",
        "",
    ]


def test_a_deposit_is_a_sale_without_lines():
    payments = [a_payment_row("100", "1"), a_payment_row("-100", "4", creditAccountID="12")]
    sale = sale_of(a_sale_row([], payments, total="0", calcTax1="0", calcPayments="0"))
    assert (sale.lines, sale.paid, len(sale.payments)) == ((), D(0), 2)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"SaleLines": ""}, "SaleLines (missing)"),
        ({"SalePayments": ""}, "SalePayments (missing)"),
        ({"total": "", "calcTotal": ""}, "total (missing)"),
        ({"total": "12,50"}, "total (not a number)"),
        ({"total": "NaN"}, "total (not a number)"),
        ({"total": "1e30"}, "total (too large)"),
        ({"total": []}, "total (not a number)"),
        ({"saleID": ""}, "saleID (missing)"),
        ({"saleID": "../x"}, "saleID (not an id)"),
        ({"shopID": "99"}, "shopID (unknown)"),
        ({"completed": "misschien"}, "completed (neither true nor false)"),
        ({"completeTime": "14-03-2026"}, "completeTime (not a moment)"),
        ({"completeTime": "2026-03-14T13:22:41"}, "completeTime (not a moment)"),
        ({"completeTime": "0001-01-01T00:00:00+14:00"}, "completeTime (not a moment)"),
        ({"SaleLines": "veel"}, "SaleLines (not a collection)"),
        ({"SaleLines": {"SaleLine": ["x"]}}, "SaleLines (not all records)"),
    ],
)
def test_what_can_not_be_is_a_problem_that_names_the_field(fields, what):
    assert problem_of(a_sale_row(**fields))["what"] == what


@pytest.mark.parametrize("payload", [None, [], "", 3, {}])
def test_a_payload_that_is_no_sale_is_a_problem(payload):
    assert problem_of(payload)["field"]


def test_an_unknown_payment_type_is_a_problem():
    facts = problem_of(a_sale_row(payments=[a_payment_row("24.2", "42")]))
    assert (facts["what"], facts["value"]) == ("paymentTypeID (unknown)", "42")


def test_sales_that_fail_on_the_same_field_share_their_cause():
    one, other = (parse_sale(a_sale_row(total=total), dutch_reference()) for total in ("x", "y"))
    assert isinstance(one, Problem)
    assert isinstance(other, Problem)
    assert one.cause == other.cause
    assert "total (not a number)" in describe(one)[0]


def test_control_characters_and_broken_surrogates_never_leave_the_parser():
    item = {"description": "Bel\x00 \ud800rood\n", "customSku": "A\x00"}
    line = sale_of(a_sale_row([a_line_row(Item=item)])).lines[0]
    assert (line.description, line.item_code) == ("Bel   rood", "A")


def test_a_reference_is_kept_as_text_and_read_back_the_same():
    assert reference_from_text(reference_text(dutch_reference())) == dutch_reference()


def test_a_shop_without_a_time_zone_is_left_out_so_that_its_sales_are_problems():
    from libs.common.lightspeed.retail_reference import reference_of

    reference = reference_of(shops=[{"shopID": "1", "name": "x", "timeZone": "Mars/Base"}, {"shopID": "2"}])
    assert reference.shops == {}
