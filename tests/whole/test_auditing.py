"""The demo's look through the books: what a right turnover hides is found, and told in a sentence."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from services.demo.auditing import audit, disagreements, findings

SINCE = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEBTOR = {"id": "d1", "code": "20001", "name": "Kassaverkopen"}
RULES: dict[str, Any] = {
    "mode": "invoices",
    "settlement": "in-entry",
    "invoices": {"print": True},
    "day_end": "00:00",
    "day_close_wait_minutes": 90,
    "ledgers": {"gift_cards": None},
    "payments": {"1": {"kind": "cash", "ledger": "cash"}, "2": {"kind": "on-account", "ledger": None}},
}
SALES: list[dict[str, Any]] = [
    {"saleID": "1", "completed_at": "2026-11-22T10:00:00+00:00", "payments": {"1": "12.10"}},
    {"saleID": "2", "completed_at": "2026-11-22T11:00:00+00:00", "payments": {"1": "5.00", "2": "7.10"}},
    {"saleID": "3", "completed_at": "2026-11-24T11:00:00+00:00", "payments": {"1": "3.00"}},  # still today
]


def invoice(number: int, gross: str) -> dict[str, Any]:
    return {"id": f"i{number}", "your_ref": f"K-{number}", "debtor": DEBTOR, "lines": [{"gross": gross}]}


def printed(number: int) -> dict[str, Any]:
    return {"from_invoice": f"i{number}", "your_ref": f"K-{number}", "debtor": DEBTOR, "lines": []}


def books() -> dict[str, Any]:
    settlement = [
        {"ledger_id": "cash", "debtor": None, "amount": "17.10", "description": "K-S1-20261122 Contant"},
        {"ledger_id": "1300", "debtor": DEBTOR, "amount": "-17.10", "description": "K-S1-20261122"},
    ]
    return {
        "sales_entries": [printed(1), printed(2), printed(3)],
        "sales_invoices": [invoice(1, "12.10"), invoice(2, "12.10"), invoice(3, "3.00")],
        "sales_orders": [],
        "cash_entries": [],
        "general_journal_entries": [{"date": "2026-11-22", "lines": settlement}],
    }


def found_in(changed: dict[str, Any]) -> list[str]:
    return findings(changed, RULES, SALES, SINCE)


def test_right_books_have_no_findings() -> None:
    assert found_in(books()) == []


def test_the_cash_of_a_cash_entry_is_on_its_journals_own_ledger() -> None:
    """12.10 sold on one day: 9.00 in cash, which no line names, and 3.10 by card."""
    rules = {**RULES, "mode": "daily-totals"}
    rules["payments"] = {**RULES["payments"], "3": {"kind": "card", "ledger": "cards"}}
    sold = [
        {
            "saleID": "1",
            "completed_at": "2026-11-22T10:00:00+00:00",
            "payments": {"1": "9.00", "3": "3.10"},
        }
    ]
    lines = [
        {"ledger_id": "8000", "debtor": None, "amount": "12.10", "description": "K-D1-20261122"},
        {"ledger_id": "cards", "debtor": None, "amount": "-3.10", "description": "K-D1-20261122 PIN"},
    ]
    empty: dict[str, Any] = {kind: [] for kind in books()}
    entered = empty | {"cash_entries": [{"date": "2026-11-22", "lines": lines}]}
    assert findings(entered, rules, sold, SINCE) == []
    lines[1]["amount"] = "-4.10"
    assert findings(entered, rules, sold, SINCE) == [
        "ledger cards holds 4.10, and 3.10 was paid on it",
        "ledger of cash holds 8.00, and 9.00 was paid on it",
    ]


def test_a_gift_card_without_a_ledger_of_its_own_is_sought_on_that_of_all_gift_cards() -> None:
    rules = {**RULES, "ledgers": {"gift_cards": "2100"}}
    rules["payments"] = {**RULES["payments"], "3": {"kind": "gift-card", "ledger": None}}
    issued = {
        "saleID": "4",
        "completed_at": "2026-11-22T12:00:00+00:00",
        "payments": {"1": "3.00", "3": "-3.00"},
    }
    lines = [
        {"ledger_id": "cash", "debtor": None, "amount": "3.00", "description": "K-4 Contant"},
        {"ledger_id": "2100", "debtor": None, "amount": "-3.00", "description": "K-4 Cadeaukaart"},
    ]
    with_card = books()
    with_card["general_journal_entries"].append({"date": "2026-11-22", "lines": lines})

    assert findings(with_card, rules, [*SALES, issued], SINCE) == []


def test_an_invoice_that_stands_twice_is_found_although_the_other_is_missing() -> None:
    wrong = books()
    wrong["sales_invoices"][0]["your_ref"] = "K-2"
    assert found_in(wrong) == ["K-2 stands 2 times in sales_invoices"]


def test_an_unprinted_invoice_is_found() -> None:
    wrong = books()
    del wrong["sales_entries"][0]
    assert found_in(wrong) == ["K-1 was printed 0 times instead of 1"]


def test_a_settlement_that_stands_twice_is_found() -> None:
    wrong = books()
    wrong["general_journal_entries"] *= 2
    assert found_in(wrong) == [
        "K-S1-20261122 stands 2 times in general_journal_entries",
        "ledger cash holds 34.20, and 17.10 was paid on it",
        "debtors owe -7.00, and 7.10 was sold on account, 3.00 on days that are not over",
    ]


def test_a_day_that_was_never_settled_is_found() -> None:
    wrong = books()
    wrong["general_journal_entries"] = []
    assert found_in(wrong) == [
        "ledger cash holds 0, and 17.10 was paid on it",
        "debtors owe 27.20, and 7.10 was sold on account, 3.00 on days that are not over",
    ]


def test_money_of_one_debtor_on_another_is_found() -> None:
    sales = [SALES[0]]
    wrong = books()
    wrong["sales_invoices"], wrong["sales_entries"] = [invoice(1, "12.10")], [printed(1)]
    cash, settled = wrong["general_journal_entries"][0]["lines"]
    cash["amount"], settled["amount"] = "12.10", "-12.10"
    assert findings(deepcopy(wrong), RULES, sales, SINCE) == []
    settled["debtor"] = {"id": "d2", "code": "20002", "name": "Jansen"}
    assert findings(wrong, RULES, sales, SINCE) == [
        "debtors are left with 20001 Kassaverkopen 12.10, 20002 Jansen -12.10"
    ]


def test_a_day_is_over_when_the_till_itself_ends_it() -> None:
    """Before 05:00 a restaurant's sale belongs to the day before, which was settled with it."""
    rules = {**RULES, "day_end": "till"}
    night = {"completed_at": "2026-11-24T01:00:00+00:00", "payments": {"1": "17.10"}}
    night |= {"business_day": "2026-11-23", "day_ends_at": "2026-11-24T04:00:00+00:00"}
    wrong = books()
    wrong["sales_invoices"], wrong["sales_entries"] = [invoice(1, "17.10")], [printed(1)]
    assert findings(wrong, rules, [night], SINCE) == []
    still_open = night | {"day_ends_at": "2026-11-25T04:00:00+00:00"}
    assert findings(wrong, rules, [still_open], SINCE) == [
        "debtors owe 0, and 0 was sold on account, 17.10 on days that are not over"
    ]


def reconciled(sold: str = "12.10", difference: str = "0.00") -> dict[str, Any]:
    """A day of sale 1 alone, as the product tells it."""
    none = {"vat_code": "VH", "difference": "0.00"}
    cash = {"payment_type": "1", "sold": sold, "difference": difference}
    return {"day": "2026-11-22", "difference": "0.00", "by_vat": [none], "by_payment": [cash]}


def test_a_reconciliation_that_agrees_with_the_till_tells_nothing() -> None:
    assert list(disagreements([reconciled()], SALES[:1], RULES)) == []


def test_what_the_reconciliation_itself_calls_a_difference_is_told() -> None:
    assert list(disagreements([reconciled(difference="1.00")], SALES[:1], RULES)) == [
        "2026-11-22 differs by 1.00 in 1"
    ]


@pytest.mark.parametrize("payment_type", ["2", "an internal one"])
def test_what_is_on_account_is_the_same_whether_the_till_shows_a_payment_for_it_or_not(
    payment_type: str,
) -> None:
    day = reconciled(sold="5.00")
    day["by_payment"].append({"payment_type": payment_type, "sold": "7.10", "difference": "0.00"})
    sale = {**SALES[1], "payments": {"1": "5.00"}, "on_account": "7.10"}

    assert list(disagreements([day], [sale], RULES)) == []
    assert list(disagreements([day], [{**sale, "on_account": "7.00"}], RULES)) == [
        "7.10 is told to be paid by on-account, and the tills took 7.00"
    ]


def test_payments_that_the_reconciliation_tells_otherwise_are_told() -> None:
    assert list(disagreements([reconciled(sold="12.00")], SALES[:1], RULES)) == [
        "12.00 is told to be paid by 1, and the tills took 12.10"
    ]


def test_a_sale_that_waits_is_among_what_was_sold_and_not_yet_in_the_books() -> None:
    """One that is ignored is in neither."""
    states = ("booked", "problem", "ignored")
    receipts = [{**SALES[0], "number": str(number)} for number in range(3)]
    sales = [{"number": str(number), "state": state} for number, state in enumerate(states)]
    right = books()
    right["sales_invoices"], right["sales_entries"] = [invoice(1, "12.10")], [printed(1)]
    cash, settled = right["general_journal_entries"][0]["lines"]
    cash["amount"], settled["amount"] = "12.10", "-12.10"

    assert audit(right, [reconciled(sold="24.20")], RULES, receipts, sales, SINCE) == ()
    assert audit(right, [reconciled(sold="12.10")], RULES, receipts, sales, SINCE) == (
        "12.10 is told to be paid by 1, and the tills took 24.20",
    )
