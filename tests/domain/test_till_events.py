"""Events at the till beside plain sales: gift cards, credit, deposits, tips, refunds, discounts apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from libs.common.domain.document import Booking, Debtor, Nothing, NothingCode, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.rules import (
    DailyTotalsRules,
    DebtorRules,
    ItemRules,
    Mode,
    OutletRules,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    SpecialLedgers,
)
from libs.common.domain.sale import LineKind, Sale, SaleState, TenderKind
from libs.common.domain.till_events import turnover_of
from tests.builders import (
    CASH,
    GIFT_CARD,
    ON_ACCOUNT,
    D,
    a_customer,
    a_line,
    a_payment,
    a_sale,
    some_invoice_rules,
    some_rules,
)
from tests.domain.vectors import LEDGERS

DAILY = {"mode": Mode.DAILY_TOTALS}
VOUCHERS = {"gift_cards": "turnover-at-sale", "gift_card_vat": "9"}
CARD_OF_50 = {"kind": LineKind.GIFT_CARD, "item": "0"}


def _rules(**changes: object) -> Rules:
    return some_rules(**{"ledgers": LEDGERS, **changes})


def _booking(sale: Sale, rules: Rules) -> Booking:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    return booking


Words = list[tuple[str, str, str]]


def _lines(sale: Sale, rules: Rules) -> Words:
    """The lines of the first document: ledger or debtor, net and VAT."""
    document = _booking(sale, rules).documents[0]
    if isinstance(document, SalesEntry):
        return [_words(line.ledger, line.amount_excl_vat, line.vat_amount) for line in document.lines]
    return [_words(line.ledger, line.amount, line.vat_amount) for line in document.lines]


def _day(sale: Sale, **changes: object) -> Words:
    lines = _booking(sale, _rules(**DAILY, **changes)).day_lines
    return [_words(line.ledger, line.amount, line.vat_amount) for line in lines]


def _words(ledger: str | None, net: Decimal, vat: Decimal) -> tuple[str, str, str]:
    return ledger or "debtor", f"{net:.2f}", f"{vat:.2f}"


# gift cards


def test_a_gift_card_sold_as_a_line_is_a_liability_as_one_sold_by_payment() -> None:
    as_line = a_sale([a_line("20.00"), a_line("50.00", "0", **CARD_OF_50)])
    by_payment = a_sale([a_line("20.00")], [a_payment("-50", GIFT_CARD, id="2"), a_payment("70")])

    assert sorted(_lines(as_line, _rules())) == sorted(_lines(by_payment, _rules()))
    assert ("2100", "50.00", "0.00") in _lines(as_line, _rules())
    assert turnover_of(as_line, _rules()) == turnover_of(by_payment, _rules()) == D("20.00")


def test_a_gift_card_sold_as_a_line_leaves_the_invoice_for_the_journal() -> None:
    sale = a_sale([a_line("20.00"), a_line("50.00", "0", **CARD_OF_50)])
    rules = some_invoice_rules(ledgers=LEDGERS, settlement="per-receipt")

    invoice, journal = _booking(sale, rules).documents

    assert invoice.total_incl_vat == D("20.00")
    assert [(line.ledger, line.amount) for line in journal.lines] == [
        ("2000", D("70.00")),
        ("2100", D("-50.00")),
        (None, D("-20.00")),
    ]


def test_nothing_but_a_gift_card_sold_as_a_line_moves_money_alone() -> None:
    sale = a_sale([a_line("49.999", "0", **CARD_OF_50)], [a_payment("50.00")], total="50.00")

    assert _lines(sale, _rules()) == [("2000", "50.00", "0.00"), ("2100", "-50.00", "0.00")]


def test_a_gift_card_of_an_article_may_have_a_ledger_of_its_own() -> None:
    rules = _rules(items=ItemRules(kinds={"77": "gift-card"}))
    rules = replace(rules, revenue=replace(rules.revenue, by_item={"77": "2105"}))

    assert ("2105", "-50.00", "0.00") in _lines(a_sale([a_line("50.00", "0")]), rules)


def test_a_gift_card_cashed_out_goes_from_the_liability_to_the_till() -> None:
    sale = a_sale([], [a_payment("5.00", GIFT_CARD), a_payment("-5.00", CASH, id="2")])

    assert _lines(sale, _rules()) == [("2100", "5.00", "0.00"), ("2001", "-5.00", "0.00")]


def test_a_voucher_is_turnover_when_it_is_sold() -> None:
    by_payment = a_sale([], [a_payment("-109", GIFT_CARD, id="2"), a_payment("109")])
    as_line = a_sale([a_line("109.00", "0", **CARD_OF_50)])

    for sale in (by_payment, as_line):
        assert _lines(sale, _rules(**VOUCHERS)) == [("8010", "100.00", "9.00"), ("2000", "-109.00", "0.00")]
        assert turnover_of(sale, _rules(**VOUCHERS)) == D("109.00")


def test_paying_with_a_voucher_is_not_turnover_again() -> None:
    sale = a_sale([a_line("120.00", "9")], [a_payment("109", GIFT_CARD), a_payment("11", id="2")])

    # 120.00 less 109.00 at 9 %: 11.00 is 10.09 and 0.91
    assert _lines(sale, _rules(**VOUCHERS)) == [("8010", "10.09", "0.91"), ("2000", "-11.00", "0.00")]
    assert _day(sale, **VOUCHERS) == [("8010", "-10.09", "-0.91"), ("2000", "11.00", "0.00")]


def test_a_voucher_that_pays_all_leaves_nothing_to_book() -> None:
    sale = a_sale([a_line("109.00", "9")], [a_payment("109", GIFT_CARD)])

    assert map_sale(sale, _rules(**VOUCHERS)) == Nothing(NothingCode.NO_MONEY)
    assert map_sale(sale, _rules(**VOUCHERS, **DAILY)) == Nothing(NothingCode.NO_MONEY)


def test_a_voucher_on_an_invoice_is_a_line_without_an_article() -> None:
    sale = a_sale([a_line("120.00", "9")], [a_payment("109", GIFT_CARD), a_payment("11", id="2")])

    invoice = _booking(sale, some_invoice_rules(ledgers=LEDGERS, **VOUCHERS)).documents[0]

    assert [(line.vat_code, line.quantity, line.amount_incl_vat) for line in invoice.lines] == [
        ("VLI", 1, D("120.00")),
        ("VLI", -1, D("-109.00")),
    ]
    assert invoice.lines[1].item.id == "DIVERSEN"


def test_a_header_that_tells_vat_of_rates_counts_vouchers_beside_it() -> None:
    sale = a_sale(
        [a_line("120.00", "9")],
        [a_payment("109", GIFT_CARD), a_payment("11", id="2")],
        vat_by_rate=((D("9"), D("9.91")),),
    )

    assert _lines(sale, _rules(**VOUCHERS))[0] == ("8010", "10.09", "0.91")


# store credit and accounts


def test_store_credit_of_a_type_of_its_own_is_a_liability() -> None:
    given = a_sale([a_line("-12.10")], [a_payment("-12.10", "9", kind=TenderKind.STORE_CREDIT)])
    used = a_sale(payments=[a_payment("12.10", "9", kind=TenderKind.STORE_CREDIT)])

    assert _lines(given, _rules())[1] == ("2110", "12.10", "0.00")
    assert _lines(used, _rules())[1] == ("2110", "-12.10", "0.00")


def test_credit_paid_out_leaves_the_customers_account() -> None:
    payments = [a_payment("-50", CASH), a_payment("50", ON_ACCOUNT, id="2")]
    sale = a_sale([], payments, customer=a_customer())

    assert _lines(sale, _rules()) == [("2001", "-50.00", "0.00"), ("debtor", "50.00", "0.00")]


def test_a_tip_on_account_is_owed_by_the_customer() -> None:
    sale = a_sale(payments=[a_payment("14.10", ON_ACCOUNT, tip="2.00")], customer=a_customer())

    entry = _booking(sale, _rules()).documents[0]

    assert [(line.ledger, str(line.amount_excl_vat)) for line in entry.lines] == [
        ("8000", "10.00"),
        ("2130", "2.00"),
    ]
    assert entry.open_amount == D("14.10")


# deposits with VAT


def _layaway(credit: str, paid: str, customer: object = None, reserved: bool = True) -> Sale:
    return a_sale(
        [a_line("179", is_reservation=reserved)],
        [a_payment(credit, ON_ACCOUNT), a_payment(paid, id="2")],
        customer=customer or a_customer("140"),
    )


WITH_DEPOSITS = {"deposit_vat": "21"}


def test_credit_spent_on_lines_that_were_not_reserved_is_on_account() -> None:
    entry = _booking(_layaway("50", "129", reserved=False), _rules(**WITH_DEPOSITS)).documents[0]

    assert entry.open_amount == D("50.00")
    assert [line.ledger for line in entry.lines] == ["8000", "2000"]


def test_a_deposit_is_taken_back_no_further_than_the_reserved_lines() -> None:
    sale = a_sale(
        [a_line("12.10", is_reservation=True), a_line("24.20", id="2")],
        [a_payment("36.30", ON_ACCOUNT)],
        customer=a_customer(),
    )

    entry = _booking(sale, _rules(**WITH_DEPOSITS)).documents[0]

    assert _lines(sale, _rules(**WITH_DEPOSITS))[1] == ("2120", "-10.00", "-2.10")
    assert entry.open_amount == D("24.20")
    assert entry.lines[1].sale_lines == ("501201",)


def test_a_deposit_beside_a_sale_is_one_too() -> None:
    payments = [a_payment("62.10"), a_payment("-50", ON_ACCOUNT, id="2")]
    sale = a_sale(payments=payments, customer=a_customer())

    assert _lines(sale, _rules(**WITH_DEPOSITS))[1:] == [
        ("2000", "-62.10", "0.00"),
        ("2120", "41.32", "8.68"),
    ]


def test_a_deposit_paid_back_takes_its_vat_back() -> None:
    payments = [a_payment("-50", CASH), a_payment("50", ON_ACCOUNT, id="2")]

    assert _lines(a_sale([], payments, customer=a_customer()), _rules(**WITH_DEPOSITS)) == [
        ("2001", "-50.00", "0.00"),
        ("2120", "41.32", "8.68"),
    ]


def test_store_credit_for_a_return_is_no_deposit() -> None:
    sale = a_sale([a_line("-12.10")], [a_payment("-12.10", ON_ACCOUNT)], customer=a_customer())

    assert _booking(sale, _rules(**WITH_DEPOSITS)).documents[0].open_amount == D("-12.10")


def test_without_any_vat_a_deposit_bears_none() -> None:
    rules = _rules(small_business_scheme=True, vat={"none": "NONE"}, **WITH_DEPOSITS)
    sale = a_sale([], [a_payment("50"), a_payment("-50", ON_ACCOUNT, id="2")], customer=a_customer())

    assert _lines(sale, rules) == [("2000", "50.00", "0.00"), ("debtor", "-50.00", "0.00")]


# a tax refund


def test_a_tax_refund_goes_by_the_rate_that_its_words_name() -> None:
    rules = _rules(items=ItemRules(kinds={"600": "tax-refund"}))
    line = a_line("-9.00", "0", item="600", description="Btw-teruggave 9%")

    # 9.00 of VAT at 9 % was on 100.00
    assert _lines(a_sale([line], [a_payment("-9.00", CASH)]), rules) == [
        ("8010", "-100.00", "-9.00"),
        ("8020", "100.00", "0.00"),
        ("2001", "9.00", "0.00"),
    ]


# discounts apart


def test_a_discount_may_stand_apart_under_the_code_of_its_line() -> None:
    # 121.00 less 12.10
    sale = a_sale([a_line(unit_price="121.00", discount="12.10")])

    assert _lines(sale, _rules(discounts_apart=True)) == [
        ("8000", "100.00", "21.00"),
        ("8090", "-10.00", "-2.10"),
        ("2000", "-108.90", "0.00"),
    ]
    assert _day(sale, discounts_apart=True)[:2] == [("8000", "-100.00", "-21.00"), ("8090", "10.00", "2.10")]


def test_a_sale_that_is_free_altogether_shows_no_discount_apart() -> None:
    free = a_sale([a_line(unit_price="12.10", discount="12.10")])

    assert map_sale(free, _rules(discounts_apart=True)) == Nothing(NothingCode.NO_MONEY)


def test_what_is_given_away_beside_paid_lines_shows_its_discount() -> None:
    sale = a_sale([a_line(), a_line(unit_price="12.10", discount="12.10", id="2")])

    assert _lines(sale, _rules(discounts_apart=True))[:2] == [
        ("8000", "20.00", "4.20"),
        ("8090", "-10.00", "-2.10"),
    ]


def test_an_invoice_has_its_prices_after_discount() -> None:
    sale = a_sale([a_line(unit_price="121.00", discount="12.10")])

    invoice = _booking(sale, some_invoice_rules(discounts_apart=True)).documents[0]

    assert [line.amount_incl_vat for line in invoice.lines] == [D("108.90")]


# payments on open sales


AHEAD = datetime(2026, 3, 12, 10, tzinfo=UTC)


def _open(*payments: object, **more: object) -> Sale:
    return a_sale(payments=payments, state=SaleState.OPEN, completed_at=None, **more)


def test_payments_on_an_open_sale_are_a_journal_a_day() -> None:
    later = AHEAD.replace(day=13)
    sale = _open(
        a_payment("5.00", CASH, paid_at=AHEAD),
        a_payment("3.00", id="2", paid_at=later),
        a_payment("1.00", id="3", paid_at=AHEAD),
    )

    first, second = _booking(sale, _rules(open_payments=True)).documents

    assert [(line.ledger, line.amount) for line in first.lines] == [
        ("2001", D("5.00")),
        ("2000", D("1.00")),
        ("2006", D("-6.00")),
    ]
    assert (first.reference, second.reference) == ("5012-P20260312", "5012-P20260313")
    assert first.lines[0].description == "5012-P20260312 Contant"


def test_an_open_sale_books_nothing_where_payments_are_not_booked_or_only_on_account() -> None:
    paid, on_account = a_payment(paid_at=AHEAD), a_payment("12.10", ON_ACCOUNT, paid_at=AHEAD)
    nothing = Nothing(NothingCode.NOT_COMPLETED)

    assert map_sale(_open(paid), _rules(open_payments=True, settlement="none")) == nothing
    assert map_sale(_open(on_account), _rules(open_payments=True)) == nothing
    assert map_sale(_open(paid), _rules(open_payments=True, start_date=date(2026, 3, 13))) == nothing
    disabled = {"1": OutletRules(enabled=False)}
    assert map_sale(_open(paid), _rules(open_payments=True, outlets=disabled)) == nothing


def test_a_payment_on_the_day_of_completion_makes_no_detour() -> None:
    booking = _booking(a_sale(), _rules(open_payments=True))

    assert [line.ledger for line in booking.documents[0].lines] == ["8000", "2000"]
    assert len(booking.documents) == 1


def test_money_paid_ahead_and_given_back_keeps_its_journals() -> None:
    payments = [a_payment("5", paid_at=AHEAD), a_payment("-5", id="2", paid_at=AHEAD.replace(day=13))]

    booking = _booking(a_sale([], payments), _rules(open_payments=True))

    assert [document.reference for document in booking.documents] == ["5012-P20260312", "5012-P20260313"]


# daily totals


def test_a_receipt_adds_turnover_and_money_to_its_day() -> None:
    sale = a_sale([a_line(category="12"), a_line("5.45", "9", id="2")])

    booking = _booking(sale, _rules(**DAILY))

    assert booking.documents == ()
    assert [(line.sale_lines, line.category, line.sales) for line in booking.day_lines] == [
        (("501201",), "", ("5012",)),
        (("2",), "", ("5012",)),
        ((), "", ("5012",)),
    ]


def test_a_days_turnover_may_be_kept_apart_by_category() -> None:
    sale = a_sale([a_line(category="12"), a_line(category="13", id="2"), a_line(category="12", id="3")])
    daily = DailyTotalsRules(lines_by="category")

    lines = _booking(sale, _rules(**DAILY, daily_totals=daily)).day_lines

    assert [(line.category, line.amount) for line in lines] == [
        ("12", D("-20.00")),
        ("13", D("-10.00")),
        ("", D("36.30")),
    ]


@pytest.mark.parametrize(
    ("sale", "is_apart"),
    [
        (a_sale(), False),
        (a_sale(customer=a_customer(company="Rijwielhandel BV")), False),
        (a_sale(customer=a_customer(vat_number="NL123456789B01")), True),
        (a_sale(payments=[a_payment("12.10", ON_ACCOUNT)], customer=a_customer()), True),
    ],
)
def test_a_business_receipt_is_booked_as_a_transaction_beside_the_day(sale: Sale, is_apart: bool) -> None:
    booking = map_sale(sale, _rules(**DAILY))

    assert (booking == map_sale(sale, _rules())) is is_apart
    as_mode = _booking(sale, _rules(**DAILY, business_receipts="as-mode"))
    assert as_mode.documents == ()


def test_a_business_receipt_takes_the_sales_journal_and_not_that_of_the_days_document() -> None:
    sale = a_sale(customer=a_customer(vat_number="NL123456789B01"))
    rules = _rules(**DAILY, outlets={"1": OutletRules(journal="91")})

    assert _booking(sale, rules).documents[0].journal == "70"


def test_in_a_day_what_is_on_account_stands_on_the_customers_own_debtor() -> None:
    sale = a_sale(payments=[a_payment("12.10", ON_ACCOUNT)], customer=a_customer())

    line = _booking(sale, _rules(**DAILY, business_receipts="as-mode")).day_lines[-1]

    assert (line.debtor, line.amount) == (Debtor(customer=a_customer()), D("12.10"))


# debtors of sales abroad


@pytest.mark.parametrize("own_when", ["business", "never"])
def test_goods_at_0_percent_for_a_vat_number_are_never_on_the_default_debtor(own_when: str) -> None:
    customer = a_customer(vat_number="DE123456789")
    rules = _rules(debtor=DebtorRules(default_account="KASSA", own_when=own_when))

    entry = _booking(a_sale([a_line("100", "0")], customer=customer), rules).documents[0]

    assert entry.debtor == Debtor(customer=customer)


def test_goods_at_0_percent_under_a_category_with_a_code_are_on_the_customers_own_debtor() -> None:
    vat = {"21": "VH", "category:5/class:2": "VE", "none": "NONE"}
    rules = _rules(vat=vat)
    rules = replace(rules, revenue=replace(rules.revenue, by_vat_code={"VE": "8030"}))
    line = a_line("100", "0", tax_category="5", tax_class="2")

    entry = _booking(a_sale([line], customer=a_customer()), rules).documents[0]

    assert entry.debtor == Debtor(customer=a_customer())


def test_a_bottle_deposit_is_nothing_that_leaves_the_country() -> None:
    rules = _rules(
        items=ItemRules(kinds={"77": "bottle-deposit"}),
        debtor=DebtorRules(default_account="KASSA", own_when="never"),
    )
    sale = a_sale([a_line("0.15", "0")], customer=a_customer(vat_number="DE123456789"))

    assert _booking(sale, rules).documents[0].debtor == Debtor(account="KASSA")


def test_a_payment_that_the_merchant_calls_cash_may_be_rounded() -> None:
    rules = _rules(payments={"7": PaymentRule(PaymentKind.CASH, "2001")})
    sale = a_sale([a_line("12.48")], [a_payment("12.50", "7", kind=TenderKind.OTHER)])

    assert _lines(sale, rules)[-1] == ("4490", "0.02", "0.00")


def test_ledgers_of_payment_types_go_before_those_of_their_kind() -> None:
    rules = _rules(ledgers=SpecialLedgers(gift_cards="2199"))

    assert _lines(a_sale(payments=[a_payment("12.10", GIFT_CARD)]), rules)[1][0] == "2100"


# service charge


def test_a_service_charge_without_vat_is_turnover_without_vat_beside_what_it_is_for() -> None:
    charge = a_line("1.09", "0", id="2", item="0", kind=LineKind.SERVICE_CHARGE, category="22")
    sale = a_sale([a_line("10.90", "9", category="22"), charge])
    by_category = RevenueRules(by_category={"22": "8020"}, by_vat_code={"NONE": "8050"})

    (entry,) = _booking(sale, _rules(revenue=by_category)).documents

    assert isinstance(entry, SalesEntry)
    assert [
        (line.ledger, line.vat_code, line.amount_excl_vat, line.vat_amount) for line in entry.lines[:2]
    ] == [
        ("8020", "VL", D("10.00"), D("0.90")),
        ("8020", "NONE", D("1.09"), D("0.00")),
    ]
