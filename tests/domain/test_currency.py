"""Every document of a sale, a correction and a day names the currency of its till, or of the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

import pytest

from libs.common.domain.day_total import day_documents, day_settlement
from libs.common.domain.document import Booking, Document
from libs.common.domain.map_sale import map_sale
from libs.common.domain.rules import DailyTotalsRules, Mode, Rules, Settlement, SpecialLedgers
from libs.common.domain.sale import Sale, SaleState
from tests.builders import CREDIT_CARD, a_line, a_payment, a_sale, some_invoice_rules, some_rules
from tests.domain.books import book

DAY = date(2026, 3, 14)
IN_DOLLARS = a_sale(currency="USD")


def booking_of(sale: Sale, rules: Rules) -> Booking:
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking), booking
    return booking


def currencies(documents: tuple[Document, ...]) -> list[str]:
    return [document.currency for document in documents]


@pytest.mark.parametrize("currency", ["USD", "EUR", ""])
@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.INVOICES, Mode.ORDERS])
def test_a_receipts_documents_are_in_its_tills_currency(mode: Mode, currency: str) -> None:
    make = some_rules if mode is Mode.TRANSACTIONS else some_invoice_rules
    rules = make(mode=mode, settlement=Settlement.PER_RECEIPT)

    documents = booking_of(a_sale(currency=currency), rules).documents

    assert currencies(documents) == [currency, currency]


def test_a_payment_ahead_of_its_sale_is_in_its_tills_currency_too() -> None:
    paid = a_payment("5.00", paid_at=datetime(2026, 3, 14, 9, tzinfo=UTC))
    sale = a_sale([a_line("12.10")], [paid], state=SaleState.OPEN, completed_at=None, currency="USD")

    (ahead,) = booking_of(
        sale, some_rules(open_payments=True, ledgers=SpecialLedgers(open_payments="2006"))
    ).documents

    assert ahead.currency == "USD"


@pytest.mark.parametrize("style", ["difference", "reverse-and-repeat"])
def test_a_correction_is_in_the_currency_of_what_it_corrects(
    style: Literal["difference", "reverse-and-repeat"],
) -> None:
    rules = some_rules(settlement=Settlement.PER_RECEIPT)
    rules = replace(rules, corrections=replace(rules.corrections, style=style))
    first = book(IN_DOLLARS, rules)
    other = replace(IN_DOLLARS, payments=(a_payment("12.10", CREDIT_CARD),))

    corrections = book(other, rules, first, on=date(2026, 3, 15)).all_documents

    assert corrections
    assert set(currencies(corrections)) == {"USD"}


@pytest.mark.parametrize("form", ["general-journal", "cash-entry", "sales-entry"])
@pytest.mark.parametrize("settlement", list(Settlement))
def test_a_days_documents_are_in_the_currency_that_they_are_given(
    form: Literal["general-journal", "cash-entry", "sales-entry"], settlement: Settlement
) -> None:
    totals = DailyTotalsRules(document=form)
    rules = some_rules(mode=Mode.DAILY_TOTALS, daily_totals=totals, settlement=settlement)
    lines = booking_of(IN_DOLLARS, rules).day_lines

    documents = day_documents("D1-20260314", DAY, "Winkel", lines, rules, currency="USD")

    assert isinstance(documents, tuple)
    assert documents
    assert set(currencies(documents)) == {"USD"}


def test_the_money_of_a_day_is_too() -> None:
    rules = some_rules(settlement=Settlement.PER_DAY)
    lines = booking_of(IN_DOLLARS, rules).day_lines

    documents = day_settlement("S1-20260314", DAY, "Winkel", lines, rules, currency="USD")

    assert isinstance(documents, tuple)
    assert currencies(documents) == ["USD"]
