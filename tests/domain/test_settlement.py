"""How money meets turnover: per receipt, per day, in the entry, or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from libs.common.domain.day_total import day_settlement
from libs.common.domain.document import Booking, Debtor, JournalEntry, JournalLine, Nothing, NothingCode
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem
from libs.common.domain.rules import DebtorRules, Journals, OutletRules, PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import Customer, Sale
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

DAY = date(2026, 3, 14)
KNOWN = DebtorRules(default_account="KASSA", own_when="known")


def _booking(sale: Sale, settlement: str, **changes: object) -> Booking:
    booking = map_sale(sale, some_rules(settlement=settlement, **changes))
    assert isinstance(booking, Booking), booking
    return booking


def _journal(sale: Sale, **changes: object) -> JournalEntry:
    document = _booking(sale, "per-receipt", **changes).documents[-1]
    assert isinstance(document, JournalEntry)
    return document


def _words(line: JournalLine) -> tuple[str, str]:
    if line.ledger:
        return line.ledger, str(line.amount)
    assert line.debtor is not None
    return line.debtor.account or f"customer {line.debtor.customer.id}", str(line.amount)


def _close(sales: list[Sale], rules: Rules | None = None, **more: str) -> list[tuple[str, str]]:
    rules = rules or some_rules(settlement="per-day")
    money = [line for sale in sales for line in map_sale(sale, rules).day_lines]
    entries = day_settlement("S1-20260314", DAY, "Winkel", money, rules, **more)
    assert isinstance(entries, tuple)
    return [_words(line) for entry in entries for line in entry.lines]


def test_a_receipts_journal_debits_the_tenders_and_credits_the_debtor() -> None:
    journal = _journal(a_sale(payments=[a_payment("10.00", CASH), a_payment("2.10")]))

    assert [_words(line) for line in journal.lines] == [
        ("2001", "10.00"),
        ("2000", "2.10"),
        ("KASSA", "-12.10"),
    ]
    assert (journal.journal, journal.receivables_journal, journal.day) == ("90", "70", DAY)


def test_a_journals_reference_stands_at_the_head_of_every_line() -> None:
    journal = _journal(a_sale(), reference_prefix="LS-")

    assert journal.description == "LS-5012 Winkel / 5012"
    assert [line.description for line in journal.lines] == ["LS-5012 PIN", "LS-5012"]


def test_money_paid_back_turns_debit_and_credit() -> None:
    journal = _journal(a_sale([a_line(quantity=-1)], [a_payment("-12.10", CASH)]))

    assert [_words(line) for line in journal.lines] == [("2001", "-12.10"), ("KASSA", "12.10")]


def test_of_a_sale_partly_on_account_only_what_was_paid_is_settled() -> None:
    payments = [a_payment("40.00"), a_payment("60.00", ON_ACCOUNT)]
    journal = _journal(a_sale([a_line("100.00")], payments, customer=a_customer()))

    assert [_words(line) for line in journal.lines] == [("2000", "40.00"), ("customer 88", "-40.00")]


def test_a_sale_all_on_account_has_no_journal() -> None:
    sale = a_sale(payments=[a_payment("12.10", ON_ACCOUNT)], customer=a_customer())

    assert len(_booking(sale, "per-receipt").documents) == 1
    assert _booking(sale, "per-day").day_lines == ()


def test_without_settlement_the_debtor_stays_open() -> None:
    booking = _booking(a_sale(), "none")

    assert len(booking.documents) == 1
    assert (booking.documents[0].open_amount, booking.day_lines) == (D("12.10"), ())


@pytest.mark.parametrize("settlement", ["per-receipt", "per-day"])
def test_money_that_only_changes_form_is_booked_without_turnover(settlement: str) -> None:
    sale = a_sale([a_line("0")], [a_payment("20", CASH), a_payment("-20")])

    booking = _booking(sale, settlement)

    assert [_words(line) for line in booking.documents[0].lines] == [("2001", "20.00"), ("2000", "-20.00")]
    assert booking.day_lines == ()
    assert map_sale(sale, some_rules(settlement="none")) == Nothing(NothingCode.NO_MONEY)


def test_a_day_has_one_line_a_tender_and_one_a_debtor() -> None:
    sales = [
        a_sale(id="1"),
        a_sale(id="2", payments=[a_payment("12.10", CASH)]),
        a_sale(id="3", customer=a_customer("88")),
        a_sale(id="4", customer=a_customer("88", "Jan Jansen-de Vries")),
        a_sale(id="5"),
    ]
    rules = some_rules(settlement="per-day", debtor=KNOWN)

    # card 4 x 12.10, cash 12.10; three sales without a customer
    assert _close(sales, rules) == [
        ("2000", "48.40"),
        ("2001", "12.10"),
        ("KASSA", "-36.30"),
        ("customer 88", "-24.20"),
    ]


def test_a_day_does_not_depend_on_the_order_of_its_sales() -> None:
    sales = [a_sale(id="1"), a_sale(id="2", payments=[a_payment("12.10", CASH)])]

    assert _close(sales) == _close(sales[::-1])


def test_what_comes_to_nothing_in_a_day_has_no_line() -> None:
    back = a_sale([a_line(quantity=-1)], [a_payment("-12.10", CASH)], id="2")

    assert _close([a_sale(), back]) == [("2000", "12.10"), ("2001", "-12.10")]


def test_a_day_that_comes_to_nothing_has_no_settlement() -> None:
    back = a_sale([a_line(quantity=-1)], [a_payment("-12.10")], id="2")

    assert _close([a_sale(), back]) == []
    assert _close([]) == []


def test_a_days_settlement_says_what_it_is_and_whose_sales_it_holds() -> None:
    rules = some_rules(settlement="per-day")
    money = [line for id_ in ("1", "2") for line in map_sale(a_sale(id=id_), rules).day_lines]

    (entry,) = day_settlement("LS-S1-20260314", DAY, "Winkel", money, rules)

    assert (entry.reference, entry.description) == ("LS-S1-20260314", "LS-S1-20260314 Winkel 14-03-2026")
    assert [line.description for line in entry.lines] == ["LS-S1-20260314 PIN", "LS-S1-20260314"]
    assert entry.lines[0].sales == ("1", "2")
    assert entry.lines[1].debtor == Debtor(account="KASSA")


def test_customers_of_one_name_are_debtors_of_their_own() -> None:
    rules = some_rules(settlement="per-day", debtor=KNOWN)
    sales = [
        a_sale(id=id_, customer=Customer(id=id_, name="Jan Jansen"), payments=[a_payment("12.10")])
        for id_ in ("1", "2")
    ]

    assert _close(sales, rules)[1:] == [("customer 1", "-12.10"), ("customer 2", "-12.10")]


def test_an_outlets_own_sales_journal_holds_its_receivables() -> None:
    rules = some_rules(settlement="per-day", outlets={"1": OutletRules(journal="71")})
    money = map_sale(a_sale(), rules).day_lines

    (entry,) = day_settlement("S1-20260314", DAY, "Winkel", money, rules, outlet="1")

    assert entry.receivables_journal == "71"


def test_a_journal_lost_since_the_sales_were_mapped_is_asked_for() -> None:
    money = map_sale(a_sale(), some_rules(settlement="per-day")).day_lines
    rules = some_rules(settlement="per-day", journals=Journals(sales="70"))

    problem = day_settlement("S1-20260314", DAY, "Winkel", money, rules)

    assert isinstance(problem, Problem)
    assert problem.cause == "rule-missing:field=journals.general"


def test_money_that_only_moves_is_a_journal_where_entries_hold_their_money_too() -> None:
    sale = a_sale([], [a_payment("50"), a_payment("-50", GIFT_CARD, id="2")])

    (journal,) = _booking(sale, "in-entry").documents

    assert isinstance(journal, JournalEntry)
    assert [_words(line) for line in journal.lines] == [("2000", "50.00"), ("2100", "-50.00")]


def test_without_settlement_what_no_bank_tells_is_still_booked() -> None:
    payments = [a_payment("10.00", GIFT_CARD), a_payment("4.50", CASH, id="2", tip="2.42")]
    sale = a_sale(payments=payments)  # 12.10 and a tip of 2.42; two cents rounded down

    booking = _booking(sale, "none")

    (entry,) = booking.documents
    assert [(line.ledger, str(line.amount_excl_vat)) for line in entry.lines] == [
        ("8000", "10.00"),
        ("2100", "-10.00"),
        ("2130", "2.42"),
        ("4490", "-0.02"),
    ]
    assert entry.open_amount == D("4.50")


def test_without_settlement_an_invoice_has_a_journal_of_liabilities_alone() -> None:
    sale = a_sale(payments=[a_payment("10.00", GIFT_CARD), a_payment("2.10", id="2")])

    invoice, journal = map_sale(sale, some_invoice_rules(settlement="none")).documents

    assert invoice.total_incl_vat == D("12.10")
    assert [_words(line) for line in journal.lines] == [("2100", "10.00"), ("KASSA", "-10.00")]


def test_without_settlement_a_cost_is_booked_since_no_bank_pays_it() -> None:
    rules = some_rules(settlement="none", payments={"20": PaymentRule(PaymentKind.COST, "4650")})
    sale = a_sale(payments=[a_payment("12.10", "20")])

    (entry,) = map_sale(sale, rules).documents

    assert [line.ledger for line in entry.lines] == ["8000", "4650"]
    assert entry.open_amount == D(0)
