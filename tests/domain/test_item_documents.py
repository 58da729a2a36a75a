"""What a sale becomes in modes invoices and orders: articles at prices including VAT."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.domain.document import (
    Booking,
    Debtor,
    ItemWanted,
    Nothing,
    NothingCode,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import (
    DebtorRules,
    InvoiceRules,
    ItemRules,
    Mode,
    OutletRules,
    ProductRules,
    RevenueRules,
    Rules,
)
from libs.common.domain.sale import Sale
from tests.builders import D, a_customer, a_line, a_sale, some_invoice_rules


def _invoice(sale: Sale, rules: Rules | None = None) -> SalesInvoice:
    booking = map_sale(sale, rules or some_invoice_rules())
    assert isinstance(booking, Booking), booking
    assert isinstance(booking.documents[0], SalesInvoice)
    return booking.documents[0]


def _lines(sale: Sale, rules: Rules | None = None) -> list[tuple[str, str, str, str]]:
    return [
        (
            line.item.till_item or str(line.item.id),
            str(line.quantity),
            str(line.unit_price_incl_vat),
            str(line.amount_incl_vat),
        )
        for line in _invoice(sale, rules).lines
    ]


def _problem(sale: Sale, rules: Rules) -> str:
    problem = map_sale(sale, rules)
    assert isinstance(problem, Problem)
    return problem.cause


def test_every_line_is_an_article_at_its_price_after_discount() -> None:
    sale = a_sale([a_line(quantity=2), a_line("17", "9", quantity=4, item="81", id="501202")])

    assert _lines(sale) == [("77", "2", "12.1", "24.20"), ("81", "4", "4.25", "17.00")]
    assert [line.vat_code for line in _invoice(sale).lines] == ["VHI", "VLI"]


def test_an_article_is_wanted_by_its_code_with_its_name() -> None:
    line = _invoice(a_sale()).lines[0]

    assert line.item == ItemWanted(code="ART77", description="Fietsbel", till_item="77")


def test_many_lines_of_one_article_stay_lines_of_their_own() -> None:
    assert len(_invoice(a_sale([a_line(), a_line(id="501202")])).lines) == 2


def test_weighed_goods_keep_their_quantity() -> None:
    sale = a_sale([a_line(quantity="0.755", unit_price="19.95", vat_rate="9")])

    assert _lines(sale) == [("77", "0.755", "19.95", "15.06")]


def test_a_price_that_does_not_end_has_six_decimals() -> None:
    assert _lines(a_sale([a_line("10.00", quantity=3)])) == [("77", "3", "3.333333", "10.00")]


def test_a_returned_article_has_a_negative_quantity_at_a_positive_price() -> None:
    sale = a_sale([a_line(quantity=-1)])

    assert _lines(sale) == [("77", "-1", "12.1", "-12.10")]
    assert _invoice(sale).is_credit


def test_cents_that_the_lines_miss_stand_on_a_rounding_line() -> None:
    sale = a_sale([a_line("33.335", "21"), a_line("33.335", "9", item="81")])

    assert _lines(sale) == [
        ("77", "1", "33.335", "33.34"),
        ("81", "1", "33.335", "33.34"),
        ("AFRONDING", "1", "-0.01", "-0.01"),
    ]
    assert _invoice(sale).lines[-1].vat_code == "NONE"


def test_a_rounding_line_that_is_needed_needs_its_article() -> None:
    sale = a_sale([a_line("33.335", "21"), a_line("33.335", "9")])

    assert _problem(sale, some_invoice_rules(items=ItemRules())) == "rule-missing:field=items.rounding_item"


def test_a_sale_whose_cents_meet_needs_no_rounding_article() -> None:
    assert _lines(a_sale(), some_invoice_rules(items=ItemRules())) == [("77", "1", "12.1", "12.10")]


def test_a_line_without_an_article_takes_the_fallback() -> None:
    assert _lines(a_sale([a_line(item="0")])) == [("DIVERSEN", "1", "12.1", "12.10")]


def test_a_line_without_an_article_and_without_a_fallback_is_a_problem() -> None:
    rules = some_invoice_rules(items=ItemRules())

    assert _problem(a_sale([a_line(item="0")]), rules) == "rule-missing:field=items.fallback_item"


def test_an_article_without_a_code_takes_the_fallback_where_none_is_made() -> None:
    sale = a_sale([a_line(item_code="")])

    assert _lines(sale)[0][0] == "77"
    assert _lines(sale, some_invoice_rules(items=ItemRules(create=False, fallback_item="D")))[0][0] == "D"


def test_a_quantity_of_nothing_with_an_amount_counts_as_one() -> None:
    assert _lines(a_sale([a_line("5.00", quantity=0)])) == [("77", "1", "5", "5.00")]


def test_a_quantity_of_nothing_without_an_amount_has_no_line() -> None:
    assert len(_lines(a_sale([a_line(), a_line("0", quantity=0, item="81")]))) == 1


def test_what_is_given_away_stands_on_the_invoice_for_nothing() -> None:
    sale = a_sale([a_line("0", "21")])

    assert _lines(sale) == [("77", "1", "0", "0.00")]
    assert map_sale(sale, some_invoice_rules()).day_lines == ()


def test_a_sale_without_lines_and_money_books_nothing() -> None:
    assert map_sale(a_sale([]), some_invoice_rules()) == Nothing(NothingCode.NO_MONEY)


def test_turnover_ledgers_are_the_articles_own() -> None:
    assert _lines(a_sale(), some_invoice_rules(revenue=RevenueRules()))


def test_a_rate_that_is_free_of_charge_must_be_mapped_on_an_invoice_too() -> None:
    assert _problem(a_sale([a_line("0", "5.5")]), some_invoice_rules()) == "vat-rate-unmapped:rate=5.5"


def test_a_serial_number_stands_in_the_lines_text() -> None:
    assert _invoice(a_sale([a_line(serial_number="WBK-1")])).lines[0].description == "Fietsbel (WBK-1)"


@pytest.mark.parametrize("own_when", ["business", "known"])
def test_every_known_customer_has_their_own_invoices(own_when: str) -> None:
    rules = some_invoice_rules(debtor=DebtorRules(default_account="KASSA", own_when=own_when))

    assert _invoice(a_sale(customer=a_customer()), rules).debtor == Debtor(customer=a_customer())


def test_an_invoice_follows_the_choices_for_printing_sending_and_stock() -> None:
    rules = some_invoice_rules(
        invoices=InvoiceRules(print=False, send="email"),
        outlets={"1": OutletRules(warehouse="2", cost_center="A")},
        payment_condition="14",
    )

    invoice = _invoice(a_sale(), rules)

    assert (invoice.is_printed, invoice.send, invoice.warehouse) == (False, "email", "2")
    assert (invoice.payment_condition, invoice.lines[0].cost_center) == ("14", "A")
    assert (invoice.reference, invoice.description, invoice.journal) == ("5012", "Winkel / 5012", "70")


def test_an_order_has_the_lines_of_an_invoice() -> None:
    sale = a_sale([a_line(), a_line("5.45", "9")])

    booking = map_sale(sale, some_invoice_rules(mode=Mode.ORDERS))

    assert isinstance(booking, Booking)
    order = booking.documents[0]
    assert isinstance(order, SalesOrder)
    assert order.lines == _invoice(sale).lines
    assert order.total_incl_vat == D("17.55")


@pytest.mark.parametrize(
    ("products", "stocked"),
    [
        (ProductRules("to-lightspeed", stock=True), [True, False]),
        (ProductRules("to-lightspeed"), [False, False]),
        (ProductRules("off", stock=True), [False, False]),
    ],
)
def test_an_article_is_wanted_as_a_stock_item_where_its_stock_is_kept_in_step(
    products: ProductRules, stocked: list[bool]
) -> None:
    goods, repair = a_line(is_stocked=True), a_line("17", "9", item="81", id="501202")

    invoice = _invoice(a_sale([goods, repair]), some_invoice_rules(products=products))

    assert [line.item.is_stocked for line in invoice.lines] == stocked


def test_vat_that_does_not_fit_is_found_before_an_invoice_is_made() -> None:
    sale = a_sale([a_line("12.10", "21", vat_amount="1.00")])

    problem = map_sale(sale, some_invoice_rules())

    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.VAT_RATE_DIFFERS


def test_money_in_an_invoice_is_settled_with_its_day_where_entries_would_hold_it() -> None:
    rules = some_invoice_rules()

    booking = map_sale(a_sale(), rules)

    assert isinstance(booking, Booking)
    assert len(booking.documents) == 1
    assert [line.amount for line in booking.day_lines] == [D("12.10"), D("-12.10")]
    assert map_sale(a_sale(), replace(rules, settlement="none")).day_lines == ()
