"""What the till says and what a `Sale` says of it; expectations are worked out by hand from the payloads."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode, describe
from libs.common.domain.sale import Address, Customer, LineKind, Sale, SaleState, SaleWarning, TenderKind
from libs.common.lightspeed.restaurant_parser import is_ticket
from libs.common.lightspeed.restaurant_reference import reference_from_text, reference_text
from libs.common.lightspeed.restaurant_sale import parse_sale
from tests.builders import some_rules
from tests.clients.restaurant_payloads import (
    CASH,
    CONSUMER,
    GIFT_CARD,
    ON_ACCOUNT,
    PIN,
    ROOM,
    UTRECHT,
    a_line_row,
    a_payment_row,
    a_reference,
    a_row,
    the_sample,
    without,
)

D = Decimal
VAT_MEMBERS = ("totalNetAmountWithoutTax", "taxAmount", "taxLines")


def sale_of(row: dict[str, Any]) -> Sale:
    sale = parse_sale(row, a_reference())
    assert isinstance(sale, Sale), sale
    return sale


def refused(row: object) -> str:
    """The field that stands in the way."""
    problem = parse_sale(row, a_reference())
    assert isinstance(problem, Problem), problem
    assert problem.code is ProblemCode.SALE_UNREADABLE
    assert all(describe(problem, language)[0] for language in ("nl", "en"))
    return dict(problem.facts)["field"]


def amounts_of(sale: Sale) -> tuple[Decimal, Decimal, list[Decimal]]:
    """Total, money received beside tips, and what each payment moved."""
    return sale.total_incl_vat, sale.paid - sale.tips, [payment.amount for payment in sale.payments]


# The reference's sample (7.4)


def test_the_sample_is_read_as_it_stands():
    sale = sale_of(the_sample())

    assert (sale.id, sale.number, sale.ticket_number) == (
        "q1w2e3r4t5y6u7i8o9p0aA==",
        "A81234.41",
        "R81234.39",
    )
    assert (sale.source, sale.state, sale.currency) == ("lightspeed-restaurant", SaleState.COMPLETED, "EUR")
    assert (sale.outlet, sale.outlet_name, sale.time_zone) == (
        UTRECHT,
        "De Keuken Utrecht",
        "Europe/Amsterdam",
    )
    assert sale.completed_at == datetime(2026, 11, 3, 19, 40, 2, 310_000, tzinfo=UTC)
    assert (sale.total_incl_vat, sale.vat_amount) == (D("25.00"), D("2.97"))  # 1.735537 + 1.238532
    assert sale.day_end == "05:30"


def test_lines_have_the_tills_own_amounts_rates_and_groups():
    beer, burger = sale_of(the_sample()).lines

    assert (beer.id, beer.item, beer.item_code, beer.description) == (
        "S81234.101",
        "BIER25",
        "BIER25",
        "Pils 25cl",
    )
    assert (beer.quantity, beer.amount_incl_vat, beer.vat_amount) == (
        D("2.000"),
        D("10.000000"),
        D("1.735537"),
    )
    assert (beer.vat_rate, beer.tax_class, beer.category) == (D(21), "NL21", "310000000000021")
    assert (burger.vat_rate, burger.vat_amount) == (D(9), D("1.238532"))


def test_a_tip_is_on_top_of_what_was_paid():
    (payment,) = sale_of(the_sample()).payments

    assert (payment.amount, payment.tip) == (D("27.50"), D("2.50"))
    assert (payment.type_id, payment.type_name, payment.id) == (PIN, "Pin", "T81234.77")


def test_names_are_found_in_any_case_and_v1s_own_spelling():
    row = {name.upper(): value for name, value in without(the_sample(), "timeClosed").items()}

    sale = sale_of({**row, "timeofCloseAndPaid": "2026-11-03T19:40:02.310Z"})

    assert sale.completed_at == datetime(2026, 11, 3, 19, 40, 2, 310_000, tzinfo=UTC)
    assert len(sale.lines) == 2


def test_without_a_reference_of_its_own_a_sale_goes_by_location_and_number():
    assert sale_of(without(the_sample(), "accountReference")).id == f"{UTRECHT}:A81234.41"


def test_a_reference_is_kept_as_text():
    assert reference_from_text(reference_text(a_reference())) == a_reference()


# VAT (7.2)


@pytest.mark.parametrize(
    ("tax", "rate"),
    [
        ({"taxLines": [{"taxRate": "1.21", "taxAmount": "2.10"}]}, "21"),
        ({"taxLines": [{"taxRate": "21.00", "taxAmount": "2.10"}]}, "21"),
        ({"taxLines": [], "taxRatePercentage": "21.00"}, "21"),
        ({"taxLines": [], "taxRatePercentage": "1.21"}, "21"),  # old data holds the multiplier
        ({"taxLines": None}, "21"),  # the location's rate of NL21
    ],
)
def test_a_rate_is_the_same_as_a_multiplier_and_as_a_percentage(tax: dict[str, Any], rate: str):
    (line,) = sale_of(a_row([{**a_line_row(), **tax}], [a_payment_row()])).lines

    assert (line.vat_rate, line.vat_amount) == (D(rate), D("2.10"))


@pytest.mark.parametrize("rate", ["1.00", "0.00", "0"])
def test_a_rate_of_nothing_is_nothing(rate: str):
    (line,) = sale_of(a_row([a_line_row("5.00", "5.00", rate)], [a_payment_row("5.00")])).lines

    assert (line.vat_rate, line.vat_amount) == (D(0), D(0))


def test_taxes_that_stack_are_one_rate():
    taxes = [
        {"taxCode": "GST", "taxRate": "1.05", "taxAmount": "5.00"},
        {"taxCode": "QST", "taxRate": "1.09975", "taxAmount": "9.975"},
    ]
    row = {**a_line_row("114.975", "100.00"), "taxCode": "", "taxAmount": "14.975", "taxLines": taxes}

    (line,) = sale_of(a_row([row], [a_payment_row("114.98")])).lines

    assert (line.vat_rate, line.tax_class) == (D("14.975"), "GST+QST")


def test_vat_is_the_difference_of_the_totals_with_all_their_decimals():
    row = a_line_row("12.480000", "10.314050") | {
        "taxAmount": "2.1660",
        "taxLines": [{"taxRate": "1.21", "taxAmount": "2.165950"}],
    }

    assert sale_of(a_row([row], [a_payment_row("12.48")])).lines[0].vat_amount == D("2.165950")


def test_without_a_total_before_tax_the_tax_lines_tell_it():
    row = without(a_line_row(), "totalNetAmountWithoutTax")

    assert sale_of(a_row([row], [a_payment_row()])).lines[0].vat_amount == D("2.10")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"taxLines": [{"taxRate": "0.21", "taxAmount": "2.10"}]}, "taxRate"),
        ({"taxLines": [{"taxRate": "121", "taxAmount": "2.10"}]}, "taxRate"),
        ({"taxAmount": "1.10", "taxLines": None}, "salesLines.taxAmount"),
        ({"taxLines": None, "taxCode": "NL19", "taxAmount": "2.10"}, "salesLines.taxLines.taxRate"),
        ({"totalNetAmountWithTax": None}, "totalNetAmountWithTax"),
        ({"totalNetAmountWithTax": "twelve"}, "totalNetAmountWithTax"),
        (dict.fromkeys(VAT_MEMBERS), "salesLines.totalNetAmountWithoutTax"),
        ({"serviceChargeType": "SOME"}, "salesLines.serviceChargeType"),
        ({"quantity": "two"}, "quantity"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_what_it_says_is_a_problem(wrong: dict[str, Any], field: str):
    assert refused(a_row([{**a_line_row(), **wrong}], [a_payment_row()])) == field


# Discounts, modifiers, menus, profiles


def test_a_discount_is_off_the_amounts_already_and_only_told():
    row = a_line_row("10.89", "9.00", totalDiscountAmount="1.21", menuListPrice="12.10")

    (line,) = sale_of(a_row([row], [a_payment_row("10.89")])).lines

    assert (line.amount_incl_vat, line.discount_incl_vat) == (D("10.89"), D("1.21"))


def test_a_discount_on_line_and_account_is_their_sum_where_it_is_not_told():
    row = a_line_row("9.68", "8.00", discountAmount="1.21", accountDiscountAmount="1.21")

    assert sale_of(a_row([row], [a_payment_row("9.68")])).lines[0].discount_incl_vat == D("2.42")


def test_staff_consumption_leaves_lines_of_nothing():
    row = a_line_row("0.000000", "0.000000", totalDiscountAmount="12.10")

    sale = sale_of(a_row([row], []))

    assert (sale.total_incl_vat, sale.vat_amount, len(sale.lines)) == (D(0), D(0), 1)


def test_modifiers_and_parts_of_a_menu_are_lines_with_rates_of_their_own():
    menu = a_line_row("27.25", "25.00", "1.09", id="S1.1", name="Menu")
    wine = a_line_row("12.10", "10.00", id="S1.2", parentLineId="S1.1", name="Wijn")
    extra = a_line_row("1.09", "1.00", "1.09", id="S1.3", parentLineId="S1.1", nameOverride="zonder ui")

    sale = sale_of(a_row([menu, wine, extra], [a_payment_row("40.44")]))

    assert [(line.parent_line, line.vat_rate) for line in sale.lines] == [
        ("", D(9)),
        ("S1.1", D(21)),
        ("S1.1", D(9)),
    ]
    assert sale.lines[2].description == "zonder ui"


def test_a_lines_own_profile_stands_before_the_sales():
    rows = [a_line_row(id="1", accountProfileCode="AFHAAL"), a_line_row(id="2")]

    sale = sale_of(a_row(rows, [a_payment_row("24.20")], accountProfileCode="ZAAL"))

    assert [line.tax_category for line in sale.lines] == ["AFHAAL", "ZAAL"]


def test_revenue_centres_are_kept_of_lines_and_payments():
    line = a_line_row(revenueCenterId=41, revenueCenter="Bar")
    payment = a_payment_row(revenueCenterId=42, revenueCenter="Terras")

    sale = sale_of(a_row([line], [payment]))

    assert (sale.lines[0].revenue_center, sale.lines[0].revenue_center_name) == ("41", "Bar")
    assert (sale.payments[0].revenue_center, sale.payments[0].revenue_center_name) == ("42", "Terras")


# Service charge (9.3)


def test_an_apportioned_service_charge_is_inside_already():
    row = a_line_row("13.310000", "11.000000", serviceCharge="1.21", serviceChargeType="APPORTIONED")

    sale = sale_of(a_row([row], [a_payment_row("13.31")]))

    assert (sale.total_incl_vat, len(sale.lines), sale.warnings) == (D("13.31"), 1, ())


def test_an_untaxed_service_charge_is_a_line_of_its_own_without_vat_and_a_warning():
    food = a_line_row("10.90", "10.00", "1.09", id="1", serviceCharge="1.09", serviceChargeType="UNTAXED")
    drink = a_line_row("12.10", "10.00", id="2", serviceCharge="1.21", serviceChargeType="UNTAXED")

    sale = sale_of(a_row([food, drink], [a_payment_row("25.30")]))

    charges = [line for line in sale.lines if line.kind is LineKind.SERVICE_CHARGE]
    assert sale.total_incl_vat == D("25.30")
    assert [(line.amount_incl_vat, line.vat_rate, line.vat_amount) for line in charges] == [
        (D("1.09"), D(0), D(0)),
        (D("1.21"), D(0), D(0)),
    ]
    assert sale.vat_amount == D("3.00")
    assert sale.warnings == (SaleWarning.SERVICE_CHARGE_WITHOUT_VAT,)


def test_an_untaxed_charge_that_stands_inside_the_total_is_taken_out_of_it():
    """The vendor's own sample line: 11.00 with, 8.33 without, 1.6667 tax, 1.00 service."""
    row = {
        "totalNetAmountWithTax": "11.00",
        "totalNetAmountWithoutTax": "8.33",
        "taxAmount": "1.6667",
        "taxRatePercentage": "20.00",
        "serviceCharge": "1.00",
        "serviceChargeType": "UNTAXED",
    }

    sale = sale_of(a_row([row], [a_payment_row("11.00")]))

    assert [(line.amount_incl_vat, line.vat_amount) for line in sale.lines] == [
        (D("10.00"), D("1.67")),
        (D("1.00"), D(0)),
    ]
    assert sale.total_incl_vat == D("11.00")


# Voided lines (9.1), both readings


@pytest.mark.parametrize("left", ["0.000000", "12.10"])
def test_a_voided_line_is_not_sold_whether_or_not_its_amount_was_left_on(left: str):
    net = "0.000000" if left == "0.000000" else "10.00"
    rows = [a_line_row(id="1"), a_line_row(left, net, id="2", voidReason="User Mistake")]

    assert amounts_of(sale_of(a_row(rows, [a_payment_row()])))[:2] == (D("12.10"), D("12.10"))


def test_a_voided_line_counts_where_only_with_it_the_payments_are_met():
    rows = [
        a_line_row(id="1", voidReason="Taste"),
        a_line_row("-12.10", "-10.00", id="2", quantity="-1", voidReason="Taste"),
    ]
    void = a_row(
        [*rows, a_line_row("-24.20", "-20.00", id="3", voidReason="Taste")], [a_payment_row("-24.20")]
    )

    assert sale_of({**void, "type": "VOID"}).total_incl_vat == D("-24.20")


# Surcharge and rounding: whichever reading balances


@pytest.mark.parametrize("net", ["12.10", "12.35"])
def test_a_card_surcharge_on_top_or_inside_is_turnover_with_the_sales_vat(net: str):
    sale = sale_of(a_row([a_line_row()], [a_payment_row(net, surcharge="0.25")]))

    assert amounts_of(sale) == (D("12.35"), D("12.35"), [D("12.35")])
    assert sale.lines[1].amount_incl_vat == D("0.25")
    assert round(sale.lines[1].vat_amount, 4) == D("0.0434")  # 0.25 x 21/121
    assert sale.vat_amount == D("2.14")


def test_a_surcharge_over_two_rates_is_shared_as_the_lines_are():
    rows = [a_line_row("30.00", "24.793388", id="1"), a_line_row("10.00", "9.174312", "1.09", id="2")]

    lines = sale_of(a_row(rows, [a_payment_row("40.00", surcharge="0.40")])).lines[2:]

    assert [(line.vat_rate, line.amount_incl_vat) for line in lines] == [
        (D(21), D("0.30")),
        (D(9), D("0.10")),
    ]


@pytest.mark.parametrize(
    ("net", "rounding", "received", "kept"),
    [
        ("12.48", "0.02", "12.50", "0.02"),  # on top, as the field's text and V51 have it
        ("12.50", "0.02", "12.50", "0.02"),  # the payment is stored rounded
        ("12.50", "-0.02", "12.50", "0.02"),  # the same with the opposite sign
    ],
)
def test_cash_rounding_is_read_by_what_balances(net: str, rounding: str, received: str, kept: str):
    row = a_line_row("12.480000", "10.314050")

    sale = sale_of(a_row([row], [a_payment_row(net, CASH, roundingAmount=rounding)]))

    assert amounts_of(sale) == (D("12.48"), D(received), [D(received)])
    assert sale.cash_rounding == D(kept)


@pytest.mark.parametrize("asked", ["3.33", "3.34"])
def test_a_part_of_a_split_bill_is_what_was_asked_for_it(asked: str):
    """A third of 10.00 at 21 %: 3.333333, and the last guest pays the cent that is left."""
    line = a_line_row("3.333334", "2.754821")

    assert sale_of(a_row([line], [a_payment_row(asked)], type="SPLIT")).total_incl_vat == D(asked)


@pytest.mark.parametrize("asked", ["10.05", "10.04"])
def test_a_bill_of_half_a_cent_is_what_was_asked_for_it(asked: str):
    """10.045 is 10.05 rounded half up and 10.04 half even."""
    sale = sale_of(a_row([a_line_row("10.045000", "8.301653")], [a_payment_row(asked)]))

    assert (sale.total_incl_vat, sale.paid) == (D(asked), D(asked))


def test_where_the_till_is_too_old_to_tell_the_rounding_is_left_to_the_payments():
    payment = without(a_payment_row("7.40", CASH), "roundingAmount")

    sale = sale_of(a_row([a_line_row("7.42", "6.807339", "1.09")], [payment]))

    assert (sale.cash_rounding, sale.paid) == (None, D("7.40"))


def test_two_ways_to_count_are_a_problem():
    """The card holds its surcharge, or the cash its rounding; the two cents are one of them."""
    card = a_payment_row("6.07", surcharge="0.02")
    cash = a_payment_row("6.05", CASH, roundingAmount="0.02")

    assert refused(a_row([a_line_row()], [card, cash])) == "payments"


def test_payments_that_meet_nothing_are_told_as_they_are():
    sale = sale_of(a_row([a_line_row()], [a_payment_row("11.00")]))

    assert amounts_of(sale) == (D("12.10"), D("11.00"), [D("11.00")])
    rules = some_rules(payments={})
    outcome = map_sale(sale, rules)
    assert isinstance(outcome, Problem)
    assert outcome.code is ProblemCode.PAYMENTS_DO_NOT_ADD_UP


# Gift cards, accounts, rooms (9.4, 9.5)


@pytest.mark.parametrize("owed", ["-50.00", "50.00"])
def test_a_gift_card_sold_has_no_lines_and_is_owed_whatever_its_sign(owed: str):
    gift = a_payment_row(owed, GIFT_CARD, externalReference="GC-000123")

    sale = sale_of(a_row([], [a_payment_row("50.00"), gift]))

    assert amounts_of(sale) == (D(0), D(0), [D("50.00"), D("-50.00")])
    assert (sale.payments[1].kind, sale.payments[1].credit_account) == (TenderKind.GIFT_CARD, "GC-000123")


def test_a_gift_card_pays_as_any_money_does():
    sale = sale_of(a_row([a_line_row()], [a_payment_row("12.10", GIFT_CARD)]))

    assert (sale.payments[0].kind, sale.payments[0].amount) == (TenderKind.GIFT_CARD, D("12.10"))


def test_a_gift_card_paid_out_stays_what_it_is():
    sale = sale_of(a_row([], [a_payment_row("20.00", GIFT_CARD), a_payment_row("-20.00", CASH)]))

    assert [payment.amount for payment in sale.payments] == [D("20.00"), D("-20.00")]


@pytest.mark.parametrize("device", [310_000_000_000_061, "310000000000061", "iPad bar"])
def test_the_device_of_a_sale_may_be_text_as_that_of_a_payment_is(device: object):
    """It only describes (7.1, 7.3)."""
    sale = sale_of({**a_row([a_line_row()], [a_payment_row()]), "deviceId": device})

    assert sale.register == str(device)


def test_a_consumer_may_be_known_by_a_number_of_64_bits():
    """A public client reads a number where the vendor writes a UUID (7.3)."""
    paid = a_payment_row("12.10", consumer={**CONSUMER, "id": 310_000_000_000_051})

    customer = sale_of(a_row([a_line_row()], [paid])).customer

    assert customer is not None
    assert customer.id == "310000000000051"


def test_on_account_is_owed_by_the_consumer_of_the_payment():
    paid = a_payment_row("12.10", ON_ACCOUNT, type="ACCOUNTS_RECEIVABLE", consumer=CONSUMER)

    sale = sale_of(a_row([a_line_row()], [paid]))

    assert sale.payments[0].kind is TenderKind.CREDIT_ACCOUNT
    assert sale.customer == Customer(
        id="0f8fad5b-d9cb-469f-a165-70867728950e",
        name="Eva de Wit",
        company="De Wit BV",
        vat_number="NL123456789B01",
        email="eva@dewit.example",
        address=Address("Oudegracht 1", "3511 AA", "Utrecht"),
    )


@pytest.mark.parametrize("owed", ["-12.10", "12.10"])
def test_an_account_that_is_settled_later_has_no_lines(owed: str):
    account = a_payment_row(owed, ON_ACCOUNT, type="ACCOUNTS_RECEIVABLE", consumer=CONSUMER)

    sale = sale_of(a_row([], [a_payment_row("12.10"), account]))

    assert [payment.amount for payment in sale.payments] == [D("12.10"), D("-12.10")]
    assert sale.customer is not None


def test_who_owes_stands_before_who_paid_and_two_who_owe_are_a_problem():
    other = {**CONSUMER, "id": "2"}
    owing = a_payment_row("6.10", ON_ACCOUNT, type="ACCOUNTS_RECEIVABLE", consumer=CONSUMER)
    paying = a_payment_row("6.00", consumer=other)

    sale = sale_of(a_row([a_line_row()], [paying, owing]))

    assert sale.customer is not None
    assert sale.customer.id == CONSUMER["id"]
    assert sale_of(a_row([a_line_row()], [paying, {**owing, "type": "NORMAL"}])).customer is None
    two = [owing, {**owing, "netAmountWithTax": "6.00", "consumer": other}]
    assert refused(a_row([a_line_row()], two)) == "payments.consumer"


def test_room_charge_is_money_that_the_hotel_owes():
    (payment,) = sale_of(a_row([a_line_row()], [a_payment_row("12.10", ROOM)])).payments

    assert (payment.type_id, payment.kind) == (ROOM, TenderKind.OTHER)


def test_a_method_is_known_by_its_code_where_the_id_is_left_out():
    payment = without(a_payment_row("12.10", CASH), "paymentMethodId")

    assert sale_of(a_row([a_line_row()], [payment])).payments[0].type_id == CASH
    assert refused(a_row([a_line_row()], [{**payment, "code": "IZTL"}])) == "payments.paymentMethodId"


# Types (8)


def test_a_refund_is_a_document_of_its_own_with_pieces_that_come_back():
    line = a_line_row("-12.10", "-10.00", quantity="1.000")

    sale = sale_of(a_row([line], [a_payment_row("-12.10")], type="REFUND"))

    assert (sale.state, sale.total_incl_vat, sale.lines[0].quantity) == (
        SaleState.COMPLETED,
        D("-12.10"),
        D("-1.000"),
    )


TIPPED = {"tip": "2.00", "surcharge": "0.30", "roundingAmount": "-0.02"}
ROUNDED = a_payment_row("12.10", **TIPPED)


def test_a_refund_without_its_sign_takes_back_all_the_same():
    sale = sale_of(a_row([a_line_row(quantity="1.000")], [ROUNDED], type="REFUND"))

    assert (sale.total_incl_vat, sale.vat_amount, sale.lines[0].quantity) == (D("-12.40"), D("-2.15"), D(-1))
    assert (sale.payments[0].amount, sale.payments[0].tip) == (D("-14.38"), D("-2.00"))
    assert sale.cash_rounding == D("0.02")


def test_a_refund_with_both_signs_that_adds_to_turnover_is_a_problem():
    """It could be an exchange."""
    lines = [a_line_row(), a_line_row("-2.42", "-2.00", taxLines=None, taxAmount="-0.42")]

    assert refused(a_row(lines, [a_payment_row("9.68")], type="REFUND")) == "type"


SOLD = a_row([a_line_row()], [a_payment_row()])
TAKEN_BACK = a_row([a_line_row("-12.10", "-10.00")], [a_payment_row("-12.10")])


@pytest.mark.parametrize(
    ("void", "before", "total"),
    [
        (SOLD, SOLD, "-12.10"),
        (TAKEN_BACK, SOLD, "-12.10"),
        (SOLD, {**TAKEN_BACK, "type": "REFUND"}, "12.10"),
        (SOLD, {**SOLD, "type": "REFUND"}, "12.10"),
    ],
)
def test_a_void_nets_the_account_before_it_to_zero_whichever_sign_it_bears(
    void: dict[str, Any], before: dict[str, Any], total: str
):
    sale = sale_of({**void, "type": "VOID", "previousAccount": before})

    assert (sale.total_incl_vat, sale.paid) == (D(total), D(total))


def test_a_void_that_could_be_of_anything_is_a_problem():
    assert refused({**SOLD, "type": "VOID"}) == "type"


CARD_SOLD = a_row([], [a_payment_row("50.00"), a_payment_row("-50.00", GIFT_CARD)])
CARD_UNSIGNED = a_row([], [a_payment_row("50.00"), a_payment_row("50.00", GIFT_CARD)])
CARD_BACK = a_row([], [a_payment_row("-50.00"), a_payment_row("50.00", GIFT_CARD)])


@pytest.mark.parametrize("kind", ["VOID", "REFUND", "CANCEL"])
@pytest.mark.parametrize("back", [CARD_SOLD, CARD_UNSIGNED, CARD_BACK])
@pytest.mark.parametrize("before", [CARD_SOLD, CARD_UNSIGNED])
def test_a_gift_card_is_taken_back_once_whichever_signs_say_so(
    kind: str, back: dict[str, Any], before: dict[str, Any]
):
    row = {**back, "type": kind, "source": {"previousAccountId": "A81234.40"}}

    sale = sale_of({**row, "previousAccount": before})

    assert amounts_of(sale) == (D(0), D(0), [D("-50.00"), D("50.00")])
    assert refused(row) == "payments"


def test_a_gift_card_taken_back_by_another_amount_is_a_problem():
    less = a_row([], [a_payment_row("-20.00"), a_payment_row("20.00", GIFT_CARD)], type="VOID")

    assert refused({**less, "previousAccount": CARD_SOLD}) == "salesLines"


def test_a_tip_that_is_void_is_no_longer_owed():
    tip = a_row([], [a_payment_row("0.00", tip="5.00")])

    sale = sale_of({**tip, "type": "VOID", "previousAccount": tip})

    assert (sale.tips, sale.paid) == (D("-5.00"), D("-5.00"))


@pytest.mark.parametrize("kind", ["REFUND", "VOID"])
def test_a_tip_without_the_sign_of_what_is_given_back_is_a_problem(kind: str):
    back = a_row([a_line_row("-12.10", "-10.00")], [a_payment_row("-12.10", tip="2.00")], type=kind)

    assert refused(back) == "payments.tip"


def test_a_void_with_amounts_of_both_signs_is_read_by_what_it_voids():
    lines = [a_line_row("17.95", "14.834711"), a_line_row("-2.42", "-2.00", taxLines=None, taxAmount="-0.42")]
    sold = a_row(lines, [a_payment_row("15.53")])

    sale = sale_of({**sold, "type": "VOID", "previousAccount": sold})

    assert amounts_of(sale) == (D("-15.53"), D("-15.53"), [D("-15.53")])


def test_a_void_of_another_amount_is_a_problem():
    more = a_row([a_line_row(), a_line_row()], [a_payment_row("24.20")])

    assert refused({**TAKEN_BACK, "type": "VOID", "previousAccount": more}) == "salesLines"


NOTHING = a_line_row("0.00", "0.00")


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (a_row([NOTHING]), SaleState.COMPLETED),
        (a_row([a_line_row(), a_line_row("-12.10", "-10.00")]), SaleState.COMPLETED),
        (a_row([a_line_row(voidReason="fout")]), SaleState.COMPLETED),
        (a_row([], type="TRANSFER"), SaleState.INTERNAL),
        (a_row([NOTHING], type="TRANSFER"), SaleState.INTERNAL),
    ],
    ids=["nothing", "exchanged", "voided", "transfer", "transfer-of-nothing"],
)
def test_payments_left_out_where_nothing_had_to_be_paid_are_none(row: dict[str, Any], state: SaleState):
    sale = sale_of(without(row, "payments"))

    assert (sale.state, sale.total_incl_vat, sale.payments) == (state, D(0), ())


@pytest.mark.parametrize(
    "row",
    [
        a_row([a_line_row()]),
        a_row([a_line_row()], type="TRANSFER"),
        a_row([NOTHING], type="UPDATE"),
        a_row([]),
    ],
    ids=["bill", "transfer-of-a-bill", "update", "money-alone"],
)
def test_payments_left_out_where_there_must_have_been_some_stay_a_problem(row: dict[str, Any]):
    assert refused(without(row, "payments")) == "payments"


@pytest.mark.parametrize("kind", ["VOID", "CANCEL", "RECALL"])
@pytest.mark.parametrize(
    "never_sold",
    [{"cancelled": True}, {"type": "CANCEL"}, {"type": "FLOAT"}, {"type": "TRANSFER", "payments": []}],
)
def test_what_takes_back_an_account_that_was_never_sold_is_a_problem(kind: str, never_sold: dict[str, Any]):
    source = {"previousAccountId": "A81234.40"}
    back = {**(SOLD if kind == "RECALL" else TAKEN_BACK), "type": kind, "cancelled": True, "source": source}

    assert refused({**back, "previousAccount": {**SOLD, **never_sold}}) == "source.previousAccountId"


def test_the_void_of_an_account_that_was_sold_and_says_now_that_it_is_cancelled_counts():
    before = {**SOLD, "cancelled": True, "wasCompleted": True}

    assert sale_of({**TAKEN_BACK, "type": "VOID", "previousAccount": before}).total_incl_vat == D("-12.10")


@pytest.mark.parametrize("kind", ["SALE", "SPLIT", "RECALL"])
def test_a_cancelled_account_that_follows_another_may_take_that_back(kind: str):
    row = a_row(type=kind, cancelled=True, source={"previousAccountId": "A81234.40"})

    assert refused(row) == "cancelled"
    assert not is_ticket(row)  # which would keep it unseen


def test_a_cancelled_record_that_could_take_back_is_never_kept_unseen():
    later = {"type": "CANCEL", "cancelled": True, "source": {"previousAccountId": "A81234.40"}}

    assert not is_ticket({**SOLD, **later})
    assert not is_ticket({**TAKEN_BACK, "cancelled": True})
    assert not is_ticket({**SOLD, "type": "TRANSFER", "cancelled": True})
    assert is_ticket({**SOLD, "cancelled": True})
    assert is_ticket({**SOLD, "type": "CANCEL"})


def test_an_account_opened_again_counts_what_it_was_before_no_more():
    now = a_row([a_line_row(), a_line_row()], [a_payment_row("24.20", CASH)], type="RECALL")

    sale = sale_of({**now, "previousAccount": SOLD})

    assert (sale.total_incl_vat, sale.vat_amount) == (D("12.10"), D("2.10"))
    assert [payment.amount for payment in sale.payments] == [D("24.20"), D("-12.10")]


@pytest.mark.parametrize("now", [{"consumer": {**CONSUMER, "id": "2"}}, {"consumer": None}])
def test_a_debt_is_not_taken_off_whoever_has_the_account_that_was_opened_again(now: dict[str, Any]):
    owing = a_payment_row("12.10", ON_ACCOUNT, type="ACCOUNTS_RECEIVABLE", consumer=CONSUMER)
    before = a_row([a_line_row()], [owing])
    again = a_row([a_line_row(), a_line_row()], [{**owing, "netAmountWithTax": "24.20"}], type="RECALL")

    assert sale_of({**again, "previousAccount": before}).customer == sale_of(before).customer
    other = again["payments"][0] | now
    assert refused({**again, "payments": [other], "previousAccount": before}) == "payments.consumer"


@pytest.mark.parametrize("kind", ["RECALL", "SPLIT"])
def test_what_follows_another_account_is_booked_by_itself(kind: str):
    source = {"initialAccountId": "A81234.40", "previousAccountId": "A81234.40"}

    sale = sale_of(a_row([a_line_row()], [a_payment_row()], type=kind, source=source))

    assert (sale.state, sale.total_incl_vat) == (SaleState.COMPLETED, D("12.10"))


def test_an_update_moves_money_alone():
    payments = [a_payment_row("-25.00"), a_payment_row("25.00", CASH, tip="2.50")]

    sale = sale_of(a_row([], payments, type="UPDATE"))

    assert (sale.total_incl_vat, sale.lines) == (D(0), ())
    assert [payment.amount for payment in sale.payments] == [D("-25.00"), D("27.50")]


def test_lines_that_an_update_repeats_were_sold_before():
    payments = [a_payment_row("-25.00"), a_payment_row("25.00", CASH)]

    assert sale_of(a_row(None, payments, type="UPDATE")).lines == ()
    assert refused(a_row(None, [a_payment_row("25.00")], type="UPDATE")) == "type"


@pytest.mark.parametrize("kind", ["FLOAT", "TRANSITORY", "CROSS_BL"])
def test_what_moves_inside_the_business_is_no_sale(kind: str):
    sale = sale_of(a_row([], [a_payment_row("100.00", CASH)], type=kind))

    assert (sale.state, sale.payments) == (SaleState.INTERNAL, ())


@pytest.mark.parametrize("amount", ["12.10", "-12.10"])
def test_an_open_bill_that_goes_to_another_table_is_no_sale_yet(amount: str):
    line = a_line_row(amount, "10.00" if amount == "12.10" else "-10.00")

    assert sale_of(a_row([line], [], type="TRANSFER")).state is SaleState.INTERNAL


@pytest.mark.parametrize(
    "told", [{}, {"netAmountWithTax": "-12.10"}, {"netAmountWithTax": "0.00", "tip": "2.00"}]
)
def test_money_that_goes_to_another_table_may_be_told_there_as_well(told: dict[str, str]):
    assert refused(a_row([a_line_row()], [a_payment_row() | told], type="TRANSFER")) == "payments"


def test_a_record_of_cancelled_input_is_cancelled():
    assert sale_of(a_row(type="CANCEL")).state is SaleState.CANCELLED


def test_a_later_record_of_a_cancelled_account_takes_its_money_back():
    source = {"initialAccountId": "A81234.40", "previousAccountId": "A81234.40"}
    more = {"type": "CANCEL", "cancelled": True, "source": source}

    back = sale_of(a_row([a_line_row("-12.10", "-10.00")], [a_payment_row("-12.10")], **more))

    assert (back.state, back.total_incl_vat, back.paid) == (SaleState.COMPLETED, D("-12.10"), D("-12.10"))
    assert refused(a_row([a_line_row()], [a_payment_row()], **more)) == "type"
    assert sale_of(a_row([], [], **more)).state is SaleState.CANCELLED


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"type": "RECALL", "previousNotVoided": True}, "source.previousAccountId"),
        ({"cancelled": True, "wasCompleted": True}, "cancelled"),
        ({"type": "CANCEL", "wasCompleted": True}, "cancelled"),
    ],
)
def test_what_could_be_booked_twice_waits_for_a_person(told: dict[str, Any], field: str):
    assert refused(a_row(**told)) == field


@pytest.mark.parametrize("kind", ["", None, "LOYALTY", 7])
def test_an_unknown_type_is_a_problem(kind: object):
    assert refused(a_row(type=kind)) == "type"


def test_a_cancelled_account_is_cancelled_and_its_void_still_counts():
    line, paid = a_line_row("-12.10", "-10.00"), a_payment_row("-12.10")

    assert sale_of(a_row(cancelled=True)).state is SaleState.CANCELLED
    void = sale_of(a_row([line], [paid], type="VOID", cancelled=True))
    assert (void.state, void.total_incl_vat) == (SaleState.COMPLETED, D("-12.10"))


@pytest.mark.parametrize("kind", ["REFUND", "SALE"])
def test_a_cancelled_refund_could_mean_two_things(kind: str):
    row = a_row([a_line_row("-12.10", "-10.00")], [a_payment_row("-12.10")], type=kind, cancelled=True)

    assert refused(row) == "cancelled"


# What must be there


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ([], "sale"),
        (a_row(businessLocationId=9), "businessLocationId"),
        (a_row(timeClosed=None), "timeClosed"),
        (a_row(timeClosed="2026-11-03T19:40:02"), "timeClosed"),
        (a_row(accountReference=None, accountFiscId=None), "accountReference"),
        (without(a_row(), "payments"), "payments"),
        (a_row(payments={}), "payments"),
        (a_row(salesLines="none"), "salesLines"),
        (a_row(payments=[a_payment_row("25.00", currency="USD")]), "currency"),
        (a_row(payments=[a_payment_row("25.00", type="LATER")]), "payments.type"),
        (a_row(payments=[without(a_payment_row(), "netAmountWithTax")]), "netAmountWithTax"),
        (a_row([], [a_payment_row("0.00", surcharge="0.25")]), "payments.surcharge"),
        (a_row([a_line_row()], [a_payment_row("12.10", surcharge="0.0909")]), "payments.surcharge"),
    ],
)
def test_what_lacks_is_named(row: object, field: str):
    assert refused(row) == field
