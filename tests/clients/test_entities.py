"""Bodies by hand, from the reference: values (4.2), fields (5.1-5.14), VAT by type (5.3), lengths (9.23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from libs.common.domain.document import (
    CashEntry,
    Debtor,
    EntryLine,
    ItemLine,
    ItemWanted,
    JournalEntry,
    JournalLine,
    SalesEntry,
    SalesInvoice,
    SalesOrder,
)
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.sale import Address, Customer
from libs.common.exact.entities import (
    DivisionFacts,
    Related,
    VatFact,
    account_body,
    body_of,
    headed,
    item_body,
    print_body,
    turned,
    with_balances,
)

D = Decimal
DAY = date(2026, 1, 31)
FACTS = DivisionFacts(
    vat_codes={
        "2": VatFact("2  ", "E", D(21)),
        "4": VatFact("4  ", "I", D(21)),
        "5": VatFact("5  ", "B"),
        "0": VatFact("0  ", "N"),
    },
    receivables={"70": "ledger-1300"},
    cost_centers={"ledger-without": 2},
)
JAN = Debtor(customer=Customer("88", "Jan Jansen"))
BELL = ItemWanted(code="BEL", description="Fietsbel", till_item="77")
RELATED = Related({JAN: "account-jan"}, {BELL: "item-bell"})


def an_entry(code: str = "2", net: str = "10.00", vat: str = "2.10") -> SalesEntry:
    line = EntryLine("ledger-8000", code, D(net), D(vat), "Omzet", cost_center="WINKEL")
    total = D(net) + D(vat)
    return SalesEntry("LS5012", "70", JAN, DAY, "Winkel / 5012", total, total, (line,))


def test_a_sales_entry() -> None:
    assert body_of(replace(an_entry(), payment_condition="00"), FACTS, RELATED) == {
        "Journal": "70",
        "Customer": "account-jan",
        "EntryDate": "2026-01-31",
        "Type": 20,
        "YourRef": "LS5012",
        "Description": "Winkel / 5012",
        "PaymentReference": "LS5012",
        "PaymentCondition": "00",
        "Currency": "EUR",
        "SalesEntryLines": [
            {
                "GLAccount": "ledger-8000",
                "AmountFC": "10.00",
                "VATAmountFC": "2.10",
                "VATCode": "2  ",
                "Description": "Omzet",
                "CostCenter": "WINKEL",
            }
        ],
    }


@pytest.mark.parametrize(
    ("code", "net", "vat", "sent"),
    [
        ("2", "10.00", "2.10", {"AmountFC": "10.00", "VATAmountFC": "2.10"}),
        ("4", "10.00", "2.10", {"AmountFC": "12.10", "VATAmountFC": "2.10"}),
        ("4 ", "-10.00", "-2.10", {"AmountFC": "-12.10", "VATAmountFC": "-2.10"}),
        ("5", "7.5", "0", {"AmountFC": "7.50"}),
        ("0", "-12.10", "0.00", {"AmountFC": "-12.10"}),
    ],
)
def test_an_amount_goes_by_the_type_of_its_vat_code(
    code: str, net: str, vat: str, sent: dict[str, str]
) -> None:
    body = body_of(an_entry(code, net, vat), FACTS, RELATED)
    assert isinstance(body, dict)
    (line,) = body["SalesEntryLines"]
    assert {name: line[name] for name in ("AmountFC", "VATAmountFC") if name in line} == sent


@pytest.mark.parametrize("code", ["0", "5", "99"])
def test_vat_that_a_code_cannot_carry_is_a_problem(code: str) -> None:
    problem = body_of(an_entry(code), FACTS, RELATED)
    assert isinstance(problem, Problem)
    assert problem.code is ProblemCode.VAT_CODE_REFUSED


def test_a_credit_is_a_21_and_its_texts_are_cut_but_never_its_reference() -> None:
    credit = replace(an_entry(), is_credit=True, description="x" * 70, reference="R" * 30)
    body = body_of(credit, FACTS, RELATED)
    assert isinstance(body, dict)
    assert (body["Type"], len(body["Description"]), len(body["PaymentReference"])) == (21, 60, 25)
    assert body["YourRef"] == "R" * 30
    longer = body_of(replace(credit, reference="R" * 31), FACTS, RELATED)
    assert isinstance(longer, Problem)
    assert longer.code is ProblemCode.REFERENCE_REFUSED


def test_a_ledger_that_takes_no_cost_centre_gets_none() -> None:
    line = EntryLine("ledger-without", "2", D("10.00"), D("2.10"), cost_center="WINKEL")
    body = body_of(replace(an_entry(), lines=(line,)), FACTS, RELATED)
    assert isinstance(body, dict)
    assert "CostCenter" not in body["SalesEntryLines"][0]


def an_item_line(code: str = "4") -> ItemLine:
    return ItemLine(BELL, D("1.5"), D("8.066667"), D("12.10"), code, "Fietsbel")


def test_an_invoice_has_prices_as_its_vat_codes_take_them() -> None:
    invoice = SalesInvoice("LS1", "70", JAN, DAY, "Winkel", D("12.10"), (an_item_line(),))
    assert body_of(invoice, FACTS, RELATED) == {
        "OrderedBy": "account-jan",
        "InvoiceTo": "account-jan",
        "Journal": "70",
        "Type": 8020,
        "OrderDate": "2026-01-31",
        "YourRef": "LS1",
        "Description": "Winkel",
        "PaymentReference": "LS1",
        "Currency": "EUR",
        "SalesInvoiceLines": [
            {
                "Item": "item-bell",
                "Quantity": "1.5",
                "UnitPrice": "8.066667",
                "NetPrice": "8.066667",
                "VATCode": "4  ",
                "Description": "Fietsbel",
            }
        ],
    }
    net = body_of(replace(invoice, lines=(an_item_line("2"),), is_credit=True), FACTS, RELATED)
    assert isinstance(net, dict)
    assert (net["Type"], net["SalesInvoiceLines"][0]["NetPrice"]) == (8021, "6.666667")


def test_an_order_carries_its_warehouse_and_a_number_only_as_a_guard() -> None:
    order = SalesOrder("LS1", JAN, DAY, "Winkel", D("12.10"), (an_item_line(),), warehouse="w1")
    body = body_of(order, FACTS, RELATED)
    assert isinstance(body, dict)
    assert (body["WarehouseID"], "OrderNumber" in body) == ("w1", False)
    guarded = body_of(order, FACTS, RELATED, own_number=123456789)
    assert isinstance(guarded, dict)
    assert guarded["OrderNumber"] == 123456789


def test_a_journal_has_its_reference_at_every_head_and_debtors_on_the_receivable_ledger() -> None:
    lines = (
        JournalLine(D("12.10"), "ledger-2000", description="PIN"),
        JournalLine(D("-12.10"), debtor=JAN, description="LS5012"),
        JournalLine(D("-10.00"), "ledger-8000", vat_code="2", vat_amount=D("-2.10")),
        JournalLine(D("12.10"), "ledger-2001"),
    )
    entry = JournalEntry("LS5012", "90", "70", DAY, "LS5012 Winkel", lines)
    head = {"Date": "2026-01-31"}
    assert body_of(entry, FACTS, RELATED) == {
        "JournalCode": "90",
        "Currency": "EUR",
        "GeneralJournalEntryLines": [
            {"GLAccount": "ledger-2000", "AmountFC": "12.10", "VATCode": "", "Description": "LS5012 PIN"}
            | head,
            {
                "GLAccount": "ledger-1300",
                "Account": "account-jan",
                "AmountFC": "-12.10",
                "VATCode": "",
                "Description": "LS5012",
            }
            | head,
            {
                "GLAccount": "ledger-8000",
                "AmountFC": "-10.00",
                "AmountVATFC": "-2.10",
                "VATCode": "2  ",
                "Description": "LS5012",
            }
            | head,
            {"GLAccount": "ledger-2001", "AmountFC": "12.10", "VATCode": "", "Description": "LS5012"} | head,
        ],
    }


def test_a_head_is_set_once_and_another_number_is_not_taken_for_it() -> None:
    assert headed("LS12 PIN", "LS12") == "LS12 PIN"
    assert headed("LS123 PIN", "LS12") == "LS12 LS123 PIN"


def test_printing_sends_nothing_unless_chosen() -> None:
    body = print_body("i1", DAY, "none")
    assert (body["SendEmailToCustomer"], body["SendOutputBasedOnAccount"]) == (False, False)
    assert print_body("i1", DAY, "email")["SendEmailToCustomer"] is True
    assert print_body("i1", DAY, "account")["SendOutputBasedOnAccount"] is True
    assert body["InvoiceDate"] == "2026-01-31"


def test_a_new_account_and_a_new_item() -> None:
    someone = Customer(
        "9",
        "Piet",
        company="Piet B.V." + "x" * 60,
        vat_number="nl 0012.34.567.b01",
        address=Address(city="Breda"),
    )
    body = account_body(someone, "KK1")
    assert (body["Status"], body["SearchCode"], body["VATNumber"]) == ("C", "KK1", "NL001234567B01")
    assert len(body["Name"]) == 50
    assert set(body) == {"Name", "Status", "SearchCode", "VATNumber", "City"}
    assert item_body("BEL", "b" * 70, FACTS.vat_codes["4"]) == {
        "Code": "BEL",
        "Description": "b" * 60,
        "IsSalesItem": True,
        "SalesVatCode": "4  ",
    }


def test_what_an_account_cannot_hold_keeps_no_sale_waiting() -> None:
    """Whether Exact cuts or refuses a text that is too long is unknown (9.23)."""
    someone = Customer(
        "9",
        "Piet",
        email=f"{'p' * 90}@example.nl",
        vat_number="NL" + "1" * 19,
        chamber_of_commerce="1" * 41,
        address=Address(street="s" * 61, postcode="1234 AB" * 3, city="Bergen op Zoom " * 3, country="NL"),
    )
    body = account_body(someone, "KK1")
    assert (body["AddressLine1"], body["Postcode"]) == ("s" * 60, "1234 AB1234 AB1234 A")
    assert body["City"] == "Bergen op Zoom Bergen op Zoom Bergen op"
    assert body.keys().isdisjoint({"Email", "VATNumber", "ChamberOfCommerce"})
    fits = replace(someone, email=f"{'p' * 89}@example.nl", vat_number="NL" + "1" * 18)
    assert account_body(fits, "KK1").keys() >= {"Email", "VATNumber"}


def a_cash_entry(**more: object) -> CashEntry:
    lines = (
        JournalLine(D("-100.00"), "ledger-8000", vat_code="2", vat_amount=D("-21.00"), cost_center="WINKEL"),
        JournalLine(D("109.00"), "ledger-8010", vat_code="4", vat_amount=D("10.00")),
        JournalLine(D("0.00"), "ledger-2000", description="PIN"),
        JournalLine(D("2.00"), debtor=JAN, description="op rekening"),
    )
    entry = CashEntry("D1-20260131", "10", "70", DAY, "Dagomzet", lines, balance_change=D("0.00"))
    return replace(entry, **more)  # type: ignore[arg-type]


def test_a_cash_entry_has_receipts_positive_and_its_reference_in_every_line() -> None:
    assert body_of(a_cash_entry(), FACTS, RELATED, own_number=260000001) == {
        "JournalCode": "10",
        "Currency": "EUR",
        "EntryNumber": 260000001,
        "CashEntryLines": [
            {
                "GLAccount": "ledger-8000",
                "AmountFC": "100.00",
                "AmountVATFC": "21.00",
                "VATCode": "2  ",
                "Date": "2026-01-31",
                "Description": "D1-20260131",
                "CostCenter": "WINKEL",
            },
            {
                "GLAccount": "ledger-8010",
                "AmountFC": "-119.00",
                "AmountVATFC": "-10.00",
                "VATCode": "4  ",
                "Date": "2026-01-31",
                "Description": "D1-20260131",
            },
            {
                "GLAccount": "ledger-2000",
                "AmountFC": "0.00",
                "VATCode": "",
                "Date": "2026-01-31",
                "Description": "D1-20260131 PIN",
            },
            {
                "GLAccount": "ledger-1300",
                "Account": "account-jan",
                "AmountFC": "-2.00",
                "VATCode": "",
                "Date": "2026-01-31",
                "Description": "D1-20260131 op rekening",
            },
        ],
    }


def test_where_a_division_reads_cash_lines_as_debits_they_are_turned() -> None:
    body = body_of(a_cash_entry(), FACTS, RELATED)
    assert isinstance(body, dict)
    other = turned(body)
    assert [line["AmountFC"] for line in other["CashEntryLines"]] == ["-100.00", "119.00", "0.00", "2.00"]
    assert turned(other) == body


def test_a_cash_entry_leads_from_one_balance_to_the_other() -> None:
    assert with_balances({"JournalCode": "10"}, D("5.00"), D("-7.50")) == {
        "JournalCode": "10",
        "OpeningBalanceFC": "5.00",
        "ClosingBalanceFC": "-2.50",
    }


def test_a_cash_entry_under_a_code_that_carries_no_vat_is_a_problem() -> None:
    line = JournalLine(D("-100.00"), "ledger-8000", vat_code="0", vat_amount=D("-21.00"))
    refused = body_of(a_cash_entry(lines=(line,), balance_change=D("121.00")), FACTS, RELATED)
    assert isinstance(refused, Problem)
    assert refused.code is ProblemCode.VAT_CODE_REFUSED
