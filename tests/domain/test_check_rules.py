"""The merchant's choices are checked against what there is to choose."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from libs.common.domain.check_rules import (
    JournalOption,
    LedgerAccountOption,
    Options,
    PaymentTypeOption,
    RuleError,
    VatCodeOption,
    check_rules,
)
from libs.common.domain.rules import (
    DailyTotalsRules,
    DebtorRules,
    ItemRules,
    Journals,
    OutletRules,
    PaymentKind,
    PaymentRule,
    RevenueRules,
    Rules,
    SpecialLedgers,
)
from libs.common.domain.sale import TenderKind
from tests.builders import D, some_invoice_rules, some_rules

EVERY_LEDGER = SpecialLedgers(**{ledger.name: "2130" for ledger in fields(SpecialLedgers)})
REVENUE, GENERAL_LEDGER, RECEIVABLE = 110, 90, 20
OPTIONS = Options(
    outlets=("1",),
    journals=(
        JournalOption("70", 20),
        JournalOption("10", 10),
        JournalOption("90", 90),
        JournalOption("91", 90, allows_vat=False),
    ),
    ledger_accounts=(
        *(LedgerAccountOption(code, code, REVENUE) for code in ("8000", "8010", "8020", "8050")),
        *(
            LedgerAccountOption(code, code, GENERAL_LEDGER)
            for code in ("2000", "2001", "2002", "2100", "2130", "2140", "4490")
        ),
        LedgerAccountOption("1300", "1300", RECEIVABLE),
    ),
    vat_codes=(
        VatCodeOption("VH", "E", D("21")),
        VatCodeOption("VL", "E", D("9")),
        VatCodeOption("VHI", "I", D("21.00")),
        VatCodeOption("VLI", "I", D("9")),
        VatCodeOption("V0", "B", D("0")),
        VatCodeOption("NONE", "N", D("0")),
        VatCodeOption("OUD", "E", D("21"), is_blocked=True),
        VatCodeOption("INKOOP", "E", D("21"), is_for_purchases=True),
    ),
    payment_types=tuple(PaymentTypeOption(id_, id_, TenderKind.OTHER) for id_ in "13456"),
    tax_rates=("21", "9", "0"),
    payment_conditions=("30",),
    cost_centers=("A",),
    warehouses=("2",),
    divisions=("1",),
)


def test_a_division_in_another_currency_than_the_till_is_refused_where_both_are_known() -> None:
    def errors(till: str, books: str) -> list[RuleError]:
        return check_rules(some_rules(), replace(OPTIONS, till_currency=till, currency=books))

    (error,) = errors("EUR", "USD")
    assert (error.field, error.is_missing) == ("division", False)
    assert error.message_en == (
        "The till sells in EUR, the division's books are in USD. "
        "Connect a division in the currency of the till."
    )
    assert [errors("EUR", "EUR"), errors("", "USD"), errors("EUR", "")] == [[], [], []]


def _fields(rules: Rules, *, is_missing: bool) -> list[str]:
    return [error.field for error in check_rules(rules, OPTIONS) if error.is_missing is is_missing]


def _wrong(**changes: object) -> list[str]:
    return _fields(some_rules(**changes), is_missing=False)


def _missing(**changes: object) -> list[str]:
    return _fields(some_rules(**changes), is_missing=True)


@pytest.mark.parametrize("settlement", ["in-entry", "per-receipt", "per-day", "none"])
def test_complete_rules_have_nothing_wrong(settlement: str) -> None:
    assert check_rules(some_rules(settlement=settlement), OPTIONS) == []
    assert check_rules(some_invoice_rules(settlement=settlement), OPTIONS) == []
    assert check_rules(some_invoice_rules(mode="orders"), OPTIONS) == []


@pytest.mark.parametrize("document", ["general-journal", "cash-entry", "sales-entry"])
def test_complete_rules_of_daily_totals_have_nothing_wrong(document: str) -> None:
    rules = some_rules(mode="daily-totals", daily_totals=DailyTotalsRules(document=document))

    assert check_rules(rules, OPTIONS) == []


@pytest.mark.parametrize(
    ("document", "journals", "field"),
    [
        ("general-journal", Journals(sales="70", cash="10"), "journals.general"),
        ("cash-entry", Journals(sales="70", general="90"), "journals.cash"),
        ("sales-entry", Journals(general="90", cash="10"), "journals.sales"),
    ],
)
def test_daily_totals_need_the_journal_of_their_document(
    document: str, journals: Journals, field: str
) -> None:
    daily = DailyTotalsRules(document=document)

    assert _missing(mode="daily-totals", daily_totals=daily, journals=journals) == [field]


@pytest.mark.parametrize(
    ("document", "journal", "wrong"),
    [
        ("general-journal", "90", []),
        ("general-journal", "70", ["outlets.1.journal"]),
        ("general-journal", "91", ["outlets.1.journal"]),
        ("cash-entry", "10", []),
        ("cash-entry", "70", ["outlets.1.journal"]),
        ("sales-entry", "70", []),
        ("sales-entry", "90", ["outlets.1.journal"]),
    ],
)
def test_an_outlets_journal_is_of_the_kind_of_its_days_document(
    document: str, journal: str, wrong: list[str]
) -> None:
    daily = DailyTotalsRules(document=document)
    outlets = {"1": OutletRules(journal=journal)}

    assert _wrong(mode="daily-totals", daily_totals=daily, outlets=outlets) == wrong


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "daily-totals"},
        {"deposit_vat": "21", "ledgers": EVERY_LEDGER},
        {"till_movements": True, "petty_cash_vat": "VH", "ledgers": EVERY_LEDGER},
    ],
)
def test_a_general_journal_that_gets_vat_must_allow_it(changes: dict[str, object]) -> None:
    journals = Journals(sales="70", cash="10", general="91")

    assert _wrong(journals=journals, **changes) == ["journals.general"]
    assert _wrong(journals=journals) == []


@pytest.mark.parametrize(
    ("document", "wrong"),
    [("cash-entry", ["payments.1.ledger"]), ("general-journal", []), ("sales-entry", [])],
)
def test_a_cash_journal_takes_what_is_on_the_ledger_of_cash_so_nothing_else_may_be(
    document: str, wrong: list[str]
) -> None:
    daily = DailyTotalsRules(document=document)
    chosen = {"mode": "daily-totals", "daily_totals": daily}
    payments = {**some_rules().payments, "6": PaymentRule(PaymentKind.CARD, "2001")}

    assert _wrong(**chosen, payments=payments) == wrong
    assert _wrong(**chosen, ledgers=SpecialLedgers(tips="2001")) == wrong
    assert _wrong(**chosen) == []


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"gift_cards": "turnover-at-sale"}, ["gift_card_vat"]),
        ({"deposit_vat": "21"}, ["ledgers.deposits"]),
        ({"open_payments": True}, ["ledgers.open_payments"]),
        ({"discounts_apart": True}, ["ledgers.discounts"]),
        (
            {"till_movements": True},
            ["ledgers.petty_cash", "ledgers.cash_drops", "ledgers.cash_difference"],
        ),
    ],
)
def test_an_option_asks_for_what_it_needs(changes: dict[str, object], fields: list[str]) -> None:
    assert _missing(ledgers=SpecialLedgers(), **changes) == fields
    assert _missing(ledgers=EVERY_LEDGER, gift_card_vat="9", **changes) == []


@pytest.mark.parametrize("option", [{"deposit_vat": "21"}, {"open_payments": True}, {"till_movements": True}])
def test_what_has_no_document_of_its_own_needs_a_general_journal(option: dict[str, object]) -> None:
    assert _missing(journals=Journals(sales="70"), ledgers=EVERY_LEDGER, **option) == ["journals.general"]


def test_ledgers_of_what_may_never_happen_are_not_asked_for() -> None:
    assert _missing(ledgers=SpecialLedgers()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"division": "2"}, "division"),
        ({"payment_condition": "31"}, "payment_condition"),
        ({"outlets": {"9": OutletRules()}}, "outlets.9"),
        ({"outlets": {"center:51": OutletRules(journal="70")}}, "outlets.center:51"),
        ({"outlets": {"center:51": OutletRules(cost_center="?")}}, "outlets.center:51.cost_center"),
        ({"outlets": {"1": OutletRules(journal="90")}}, "outlets.1.journal"),
        ({"outlets": {"1": OutletRules(cost_center="Z")}}, "outlets.1.cost_center"),
        ({"outlets": {"1": OutletRules(warehouse="Z")}}, "outlets.1.warehouse"),
        ({"journals": Journals(sales="90", general="90")}, "journals.sales"),
        ({"journals": Journals(sales="70", general="70")}, "journals.general"),
        ({"journals": Journals(sales="70", cash="90")}, "journals.cash"),
        ({"journals": Journals(sales="99")}, "journals.sales"),
        ({"vat": {"21": "VL", "none": "NONE"}}, "vat.21"),
        ({"vat": {"21": "XX", "none": "NONE"}}, "vat.21"),
        ({"vat": {"21": "OUD", "none": "NONE"}}, "vat.21"),
        ({"vat": {"21": "VHI", "none": "NONE"}}, "vat.21"),
        ({"vat": {"21": "INKOOP", "none": "NONE"}}, "vat.21"),
        ({"vat": {"21": "VH", "none": "V0"}}, "vat.none"),
        ({"vat": {"21": "VH", "class:2": "XX", "none": "NONE"}}, "vat.class:2"),
        ({"vat": {"21": "VH", "high": "VH", "none": "NONE"}}, "vat.high"),
        ({"vat": {"21.0": "VH", "none": "NONE"}}, "vat.21.0"),
        ({"gift_card_vat": "6"}, "gift_card_vat"),
        ({"deposit_vat": "none", "ledgers": EVERY_LEDGER}, "deposit_vat"),
        ({"start_date": date(1, 1, 1)}, "start_date"),
        ({"start_date": date(9999, 12, 31)}, "start_date"),
        ({"petty_cash_vat": "XX"}, "petty_cash_vat"),
        ({"revenue": RevenueRules(default_ledger="9999")}, "revenue.default_ledger"),
        ({"revenue": RevenueRules("8000", by_vat_code={"VH": "9999"})}, "revenue.by_vat_code.VH"),
        ({"revenue": RevenueRules("8000", by_vat_code={"XX": "8000"})}, "revenue.by_vat_code.XX"),
        ({"revenue": RevenueRules("8000", by_category={"12": "1300"})}, "revenue.by_category.12"),
        ({"revenue": RevenueRules("8000", by_item={"77": "9999"})}, "revenue.by_item.77"),
        ({"ledgers": SpecialLedgers(tips="9999")}, "ledgers.tips"),
        ({"payments": {"6": PaymentRule(PaymentKind.CARD, "9999")}}, "payments.6.ledger"),
        ({"payments": {"6": PaymentRule(PaymentKind.CARD, "1300")}}, "payments.6.ledger"),
        ({"payments": {"6": PaymentRule(PaymentKind.CARD, "2000", "70")}}, "payments.6.journal"),
        ({"payments": {"77": PaymentRule(PaymentKind.CARD, "2000")}}, "payments.77"),
        ({"items": ItemRules(kinds={"77": "surprise"})}, "items.kinds.77"),
        ({"reference_prefix": "ls"}, "reference_prefix"),
        ({"reference_prefix": "A_B"}, "reference_prefix"),
        ({"reference_prefix": "ABCDEFGHIJK"}, "reference_prefix"),
        ({"day_end": "5 uur"}, "day_end"),
        ({"post_at": "half zeven"}, "post_at"),
        ({"post_at": "till"}, "post_at"),
        ({"post_at": "24:00"}, "post_at"),
        ({"day_close_wait_minutes": -1}, "day_close_wait_minutes"),
        ({"day_close_wait_minutes": 1441}, "day_close_wait_minutes"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_field(changes: dict[str, object], field: str) -> None:
    assert _wrong(**changes) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"division": None}, "division"),
        ({"start_date": None}, "start_date"),
        ({"debtor": DebtorRules()}, "debtor.default_account"),
        ({"journals": Journals(general="90")}, "journals.sales"),
        ({"journals": Journals(sales="70"), "settlement": "per-day"}, "journals.general"),
        ({"journals": Journals(sales="70"), "settlement": "per-receipt"}, "journals.general"),
        ({"vat": {"21": "VH"}}, "vat.none"),
        ({"vat": {"none": "NONE"}}, "vat"),
        ({"payments": {"6": PaymentRule(PaymentKind.CARD)}}, "payments.6.ledger"),
        ({"items": ItemRules(kinds={"431": "purchase"})}, "revenue.by_item.431"),
        (
            {"items": ItemRules(kinds={"411": "bottle-deposit"}), "ledgers": SpecialLedgers()},
            "ledgers.bottle_deposit",
        ),
        (
            {"vat": {"21": "VH", "none": "NONE"}, "revenue": RevenueRules()},
            "revenue.by_vat_code.VH",
        ),
        (
            {"small_business_scheme": True, "vat": {"none": "NONE"}, "revenue": RevenueRules()},
            "revenue.by_vat_code.NONE",
        ),
    ],
)
def test_a_missing_choice_is_asked_for_by_its_field(changes: dict[str, object], field: str) -> None:
    assert _missing(**changes) == [field]
    assert _wrong(**changes) == []


def test_a_general_journal_is_asked_for_only_where_money_is_settled_by_journal() -> None:
    assert _missing(journals=Journals(sales="70"), settlement="in-entry") == []
    assert _missing(journals=Journals(sales="70"), settlement="none") == []


def test_a_payment_ledger_may_be_receivable_where_no_entry_holds_it() -> None:
    payments = {"6": PaymentRule(PaymentKind.CARD, "1300")}

    assert _wrong(payments=payments, settlement="per-receipt") == []


def test_invoices_ask_for_the_articles_that_stand_in() -> None:
    rules = some_invoice_rules(items=ItemRules())

    assert _fields(rules, is_missing=True) == ["items.fallback_item", "items.rounding_item"]


def test_invoices_need_codes_that_include_vat() -> None:
    rules = some_invoice_rules(vat={"21": "VH", "0": "V0", "none": "NONE"})

    errors = check_rules(rules, OPTIONS)

    assert [error.field for error in errors] == ["vat.21"]
    assert "includes" in errors[0].message_en
    assert "inclusief" in errors[0].message_nl


def test_invoices_need_no_turnover_ledgers() -> None:
    assert check_rules(some_invoice_rules(revenue=RevenueRules()), OPTIONS) == []


def test_everything_is_asked_for_when_nothing_is_chosen() -> None:
    fields = {error.field for error in check_rules(Rules(), OPTIONS)}

    assert fields == {
        "division",
        "start_date",
        "debtor.default_account",
        "journals.sales",
        "vat.none",
        "vat",
    }


def test_a_rate_with_another_percentage_says_both() -> None:
    error = check_rules(replace(some_rules(), vat={"21": "VL", "none": "NONE"}), OPTIONS)[0]

    assert error.message_en == "VAT code VL is 9 %, not 21 %."
    assert error.message_nl == "Btw-code VL is 9 %, niet 21 %."
