"""What a sale becomes in mode transactions: nothing, an entry, or a problem."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from libs.common.domain.books import Books
from libs.common.domain.document import Booking, Debtor, Nothing, NothingCode, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem
from libs.common.domain.rules import (
    DebtorRules,
    ItemRules,
    OutletRules,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
)
from libs.common.domain.sale import LineKind, Sale, SaleState, TenderKind
from tests.builders import CASH, CREDIT_CARD, ON_ACCOUNT, D, a_customer, a_line, a_payment, a_sale, some_rules


def _entry(sale: Sale, rules: Rules | None = None) -> SalesEntry:
    booking = map_sale(sale, rules or some_rules())
    assert isinstance(booking, Booking), booking
    assert isinstance(booking.documents[0], SalesEntry)
    return booking.documents[0]


def _lines(sale: Sale, rules: Rules | None = None) -> list[tuple[str, str, str, str]]:
    return [
        (line.ledger, line.vat_code, str(line.amount_excl_vat), str(line.vat_amount))
        for line in _entry(sale, rules).lines
    ]


# what isn't booked


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (SaleState.OPEN, NothingCode.NOT_COMPLETED),
        (SaleState.CANCELLED, NothingCode.CANCELLED),
        (SaleState.VOIDED, NothingCode.VOIDED),
        (SaleState.INTERNAL, NothingCode.INTERNAL),
    ],
)
def test_only_a_completed_sale_is_booked(state: SaleState, why: NothingCode) -> None:
    assert map_sale(a_sale(state=state), some_rules()) == Nothing(why)


def test_a_sale_before_the_start_date_is_never_booked_by_its_business_day() -> None:
    # 22:30 UTC on 31 March is 1 April in the shop
    late = a_sale(completed_at=datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    rules = some_rules(start_date=date(2026, 4, 1))

    assert map_sale(late, replace(rules, day_end="05:00")) == Nothing(NothingCode.BEFORE_START)
    assert isinstance(map_sale(late, rules), Booking)


def test_a_sale_of_a_disabled_outlet_is_not_booked() -> None:
    rules = some_rules(outlets={"1": OutletRules(enabled=False)})

    assert map_sale(a_sale(), rules) == Nothing(NothingCode.OUTLET_DISABLED)


def test_a_sale_that_is_free_altogether_books_nothing() -> None:
    free = a_sale([a_line("0", "21")])

    assert map_sale(free, some_rules()) == Nothing(NothingCode.NO_MONEY)


def test_a_completed_sale_without_lines_and_payments_books_nothing() -> None:
    assert map_sale(a_sale([]), some_rules()) == Nothing(NothingCode.NO_MONEY)


# the entry


def test_a_sale_at_two_rates_has_a_line_for_each_and_its_money() -> None:
    sale = a_sale([a_line("24.20", "21"), a_line("5.45", "9", id="501202")])

    assert _lines(sale) == [
        ("8000", "VH", "20.00", "4.20"),
        ("8010", "VL", "5.00", "0.45"),
        ("2000", "NONE", "-29.65", "0.00"),
    ]


def test_an_entry_says_what_it_is() -> None:
    entry = _entry(a_sale(), some_rules(reference_prefix="LS-", payment_condition="30"))

    assert (entry.reference, entry.description, entry.journal) == ("LS-5012", "Winkel / 5012", "70")
    assert (entry.day, entry.debtor, entry.payment_condition) == (
        date(2026, 3, 14),
        Debtor(account="KASSA"),
        "30",
    )
    assert (entry.total_incl_vat, entry.open_amount, entry.is_credit) == (D("12.10"), D("0.00"), False)


def test_a_number_that_another_sale_has_is_replaced_by_the_one_given() -> None:
    booking = map_sale(a_sale(number="77"), some_rules(), number="77/2")

    assert isinstance(booking, Booking)
    assert booking.documents[0].reference == "77/2"
    assert booking.documents[0].description == "Winkel / 77/2"


def test_lines_of_one_ledger_and_code_are_one_with_vat_rounded_once() -> None:
    sale = a_sale([a_line("0.99", id=str(number)) for number in range(3)])

    entry = _entry(sale)

    assert _lines(sale)[0] == ("8000", "VH", "2.45", "0.52")
    assert entry.lines[0].sale_lines == ("0", "1", "2")


def test_a_line_discount_of_half_a_cent_follows_the_header() -> None:
    sale = a_sale([a_line(unit_price="49.95", discount="4.995")], total="44.96")

    assert _lines(sale)[0] == ("8000", "VH", "37.16", "7.80")


def test_a_receipt_discount_is_booked_as_the_till_spread_it() -> None:
    # 120.00 less 15 %: 85.00 at 21 % and 17.00 at 9 %; the header's 16.16 is a cent more than the codes' sum
    sale = a_sale([a_line("85", "21"), a_line("17", "9")], vat_amount="16.16")

    assert _lines(sale)[:2] == [("8000", "VH", "70.25", "14.75"), ("8010", "VL", "15.60", "1.40")]


def test_a_returned_line_is_booked_as_a_negative_amount_with_its_own_vat() -> None:
    sale = a_sale([a_line(quantity=-1, unit_price="12.10")], [a_payment("-12.10", CASH)])

    assert _lines(sale) == [("8000", "VH", "-10.00", "-2.10"), ("2001", "NONE", "12.10", "0.00")]
    assert _entry(sale).is_credit


def test_an_exchange_books_only_the_difference() -> None:
    sale = a_sale([a_line("-49.95"), a_line("59.95")])

    assert _lines(sale) == [("8000", "VH", "8.26", "1.74"), ("2000", "NONE", "-10.00", "0.00")]


def test_an_even_exchange_over_two_rates_moves_turnover_and_vat() -> None:
    sale = a_sale([a_line("12.10", "21"), a_line("-12.10", "9")], total="0.00")

    # 12.10 at 9 %: 0.9990826 of VAT
    assert _lines(sale) == [("8000", "VH", "10.00", "2.10"), ("8010", "VL", "-11.10", "-1.00")]


def test_prices_without_vat_are_booked_by_what_the_till_charged() -> None:
    sale = a_sale([a_line("9.680", "21", vat_amount="1.680")])

    assert _lines(sale)[0] == ("8000", "VH", "8.00", "1.68")


def test_weighed_goods_are_rounded_in_their_group() -> None:
    sale = a_sale([a_line(quantity="0.755", unit_price="19.95", vat_rate="9")])

    assert _lines(sale)[0] == ("8010", "VL", "13.82", "1.24")


def test_a_free_line_beside_paid_ones_has_no_entry_line_and_needs_no_rule() -> None:
    sale = a_sale([a_line("0", "5.5"), a_line()])

    assert [line[0] for line in _lines(sale)] == ["8000", "2000"]


def test_several_payments_of_one_ledger_are_one_line_and_none_of_nothing() -> None:
    payments = [
        a_payment("5.00", CASH),
        a_payment("2.10", CREDIT_CARD),
        a_payment("0", "99"),
        a_payment("5.00", CASH),
    ]

    assert _lines(a_sale(payments=payments))[1:] == [
        ("2001", "NONE", "-10.00", "0.00"),
        ("2002", "NONE", "-2.10", "0.00"),
    ]


def test_a_cost_payment_goes_to_its_cost_ledger() -> None:
    rules = some_rules(payments={"20": PaymentRule(PaymentKind.COST, "4650")})
    sale = a_sale([a_line("12.00", "9")], [a_payment("12.00", "20", kind=TenderKind.OTHER)])

    assert _lines(sale, rules) == [("8010", "VL", "11.01", "0.99"), ("4650", "NONE", "-12.00", "0.00")]


def test_foreign_cash_is_a_payment_type_worth_its_value_in_euros() -> None:
    rules = some_rules(payments={"13": PaymentRule(PaymentKind.CLEARING, "2005")})
    sale = a_sale([a_line("18.00")], [a_payment("18.00", "13")])

    assert _lines(sale, rules) == [("8000", "VH", "14.88", "3.12"), ("2005", "NONE", "-18.00", "0.00")]


# the rules' choices


def test_the_most_specific_ledger_wins() -> None:
    revenue = RevenueRules(
        default_ledger="8099",
        by_vat_code={"VH": "8000"},
        by_category={"12": "8012"},
        by_item={"77": "8077", "fee:3": "8003", "0": "8001"},
    )
    lines = [
        a_line(item="77", category="12"),
        a_line(item="78", category="12"),
        a_line(item="79"),
        a_line("10.90", "9"),
        a_line(item="0"),
        a_line(item="0", kind=LineKind.ITEM_FEE, fee="3"),
    ]
    lines[3] = replace(lines[3], item="80")

    booked = _lines(a_sale(lines), some_rules(revenue=revenue))

    assert [line[0] for line in booked] == ["8077", "8012", "8000", "8099", "8001", "8003", "2000"]


def test_the_most_specific_vat_key_wins() -> None:
    vat = {"21": "VH", "class:2": "V2", "category:5/class:2": "VE", "none": "NONE"}
    rules = some_rules(vat=vat, revenue=RevenueRules(default_ledger="8000"))
    lines = [
        a_line(),
        a_line(tax_class="2"),
        a_line(tax_class="2", tax_category="5"),
        a_line(tax_class="3", tax_category="5"),
    ]

    booked = _lines(a_sale(lines), rules)

    assert [line[1:] for line in booked[:3]] == [
        ("VH", "20.00", "4.20"),
        ("V2", "10.00", "2.10"),
        ("VE", "10.00", "2.10"),
    ]


def test_a_line_of_another_outlet_has_that_outlets_cost_centre() -> None:
    rules = some_rules(outlets={"1": OutletRules(cost_center="A"), "2": OutletRules(cost_center="B")})

    entry = _entry(a_sale([a_line(), a_line(outlet="2")]), rules)

    assert [line.cost_center for line in entry.lines] == ["A", "B", None]


def test_an_outlet_may_have_a_sales_journal_of_its_own() -> None:
    assert _entry(a_sale(), some_rules(outlets={"1": OutletRules(journal="71")})).journal == "71"


def test_bottle_deposits_are_a_liability_without_vat() -> None:
    rules = some_rules(items=ItemRules(kinds={"fee:1": "bottle-deposit", "411": "bottle-deposit"}))
    sale = a_sale(
        [
            a_line("6.00"),
            a_line("0.90", "0", item="0", kind=LineKind.ITEM_FEE, fee="1"),
            a_line("-0.30", "0", item="411"),
        ]
    )

    assert _lines(sale, rules)[:2] == [("8000", "VH", "4.96", "1.04"), ("2140", "NONE", "0.60", "0.00")]


def test_a_trade_in_is_a_purchase_without_vat_never_a_return() -> None:
    rules = some_rules(
        items=ItemRules(kinds={"431": "purchase"}),
        revenue=RevenueRules(by_vat_code={"VH": "8000"}, by_item={"431": "7050"}),
    )
    sale = a_sale([a_line("600.00"), a_line("-150.00", "0", item="431")])

    assert _lines(sale, rules) == [
        ("8000", "VH", "495.87", "104.13"),
        ("7050", "NONE", "-150.00", "0.00"),
        ("2000", "NONE", "-450.00", "0.00"),
    ]


def test_under_the_small_business_scheme_nothing_bears_vat() -> None:
    rules = some_rules(small_business_scheme=True, vat={"none": "NONE"})

    assert _lines(a_sale([a_line("12.10", "0")]), rules)[0] == ("8050", "NONE", "12.10", "0.00")


# debtors


@pytest.mark.parametrize(
    ("own_when", "customer", "own"),
    [
        ("business", a_customer(), False),
        ("business", a_customer(company="Rijwielhandel BV"), True),
        ("business", a_customer(vat_number="NL123456789B01"), True),
        ("known", a_customer(), True),
        ("never", a_customer(company="Rijwielhandel BV"), False),
    ],
)
def test_a_customer_has_a_debtor_of_their_own_by_rule(own_when: str, customer: object, own: bool) -> None:
    rules = some_rules(debtor=DebtorRules(default_account="KASSA", own_when=own_when))

    debtor = _entry(a_sale(customer=customer), rules).debtor

    assert debtor == (Debtor(customer=customer) if own else Debtor(account="KASSA"))


def test_money_on_account_stays_open_on_the_customers_own_debtor() -> None:
    customer = a_customer()
    sale = a_sale([a_line("100.00")], [a_payment("40.00"), a_payment("60.00", ON_ACCOUNT)], customer=customer)

    entry = _entry(sale)

    assert entry.debtor == Debtor(customer=customer)
    assert entry.open_amount == D("60.00")
    assert _lines(sale) == [("8000", "VH", "82.64", "17.36"), ("2000", "NONE", "-40.00", "0.00")]


def test_a_payment_type_that_the_merchant_calls_on_account_stays_open_too() -> None:
    rules = some_rules(payments={"30": PaymentRule(PaymentKind.ON_ACCOUNT)})
    sale = a_sale(payments=[a_payment("12.10", "30", kind=TenderKind.OTHER)], customer=a_customer())

    assert _entry(sale, rules).open_amount == D("12.10")


def test_a_sale_in_another_currency_than_the_books_is_a_problem_where_both_are_known() -> None:
    sale, rules = a_sale(currency="USD"), some_rules()
    problem = map_sale(sale, rules, books=Books("EUR"))
    assert isinstance(problem, Problem)
    assert problem.cause == "currency-differs:currency=USD:division_currency=EUR"
    assert isinstance(map_sale(sale, rules, books=Books("USD")), Booking)
    assert isinstance(map_sale(sale, rules, books=Books("")), Booking)
    assert isinstance(map_sale(a_sale(currency=""), rules, books=Books("EUR")), Booking)
    parked = a_sale(currency="USD", state=SaleState.OPEN)
    assert isinstance(map_sale(parked, rules, books=Books("EUR")), Nothing)


@pytest.mark.parametrize("key", ["class:3", "category:1/class:3"])
def test_a_class_may_not_lead_to_a_code_that_bears_another_rate_in_the_books(key: str) -> None:
    books = Books(vat_rates={"VL": D("9.00"), "V0": D(0), "VH": D("21.00")})
    sale = a_sale([a_line("12.10", "21", tax_class="3", tax_category="1")])

    def mapped(code: str) -> object:
        return map_sale(sale, some_rules(vat={key: code, "none": "NONE"}), books=books)

    problem = mapped("VL")
    assert isinstance(problem, Problem)
    assert problem.cause == "vat-rate-differs:rate=21:vat_code=VL"
    assert isinstance(mapped("V0"), Problem)
    assert isinstance(mapped("VH"), Booking)


def test_a_class_at_nil_may_lead_to_a_code_for_export_or_for_margin_goods_alone() -> None:
    books = Books(vat_rates={"VE": D(0), "VH": D(21)})
    sale = a_sale([a_line("12.10", "0", tax_class="3")])

    def mapped(code: str) -> object:
        revenue = RevenueRules(default_ledger="8000")
        return map_sale(sale, some_rules(vat={"class:3": code, "none": "NONE"}, revenue=revenue), books=books)

    assert isinstance(mapped("VE"), Booking)
    assert isinstance(mapped("VM"), Booking)  # left out of what the books tell
    assert isinstance(mapped("VH"), Problem)
