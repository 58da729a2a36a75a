"""The closing of a till: what each cash movement is, and the journal that it makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from libs.common.domain.document import Booking, JournalEntry, Nothing, NothingCode
from libs.common.domain.problem import Problem, ProblemCode
from libs.common.domain.rules import OutletRules, PaymentKind, PaymentRule, Rules, SpecialLedgers
from libs.common.domain.sale import TenderKind
from libs.common.domain.till_close import TillClose, TillCount, TillMovement, map_till_close
from tests.builders import CARD, CASH, D, some_rules
from tests.domain.vectors import LEDGERS

OPENED = datetime(2026, 3, 14, 8, tzinfo=UTC)


def _close(*movements: tuple[str, str], minutes: int = 120, short: str = "0", **more: Any) -> TillClose:
    """Each movement an amount and a note, so many minutes after opening."""
    moved_at = OPENED + timedelta(minutes=minutes)
    counts = (
        TillCount(CARD, "PIN", TenderKind.CARD, D("80.00"), D("79.00")),
        TillCount(CASH, "Contant", TenderKind.CASH, D("100.00"), D("100.00") - D(short)),
    )
    close = TillClose(
        id="7",
        outlet="1",
        outlet_name="Winkel",
        register="1",
        register_name="Kassa 1",
        time_zone="Europe/Amsterdam",
        opened_at=OPENED,
        closed_at=OPENED + timedelta(hours=9),
        movements=tuple(
            TillMovement(str(number), D(amount), note, moved_at)
            for number, (amount, note) in enumerate(movements)
        ),
        counts=counts,
    )
    return replace(close, **more)


def _rules(**changes: Any) -> Rules:
    return some_rules(**{"till_movements": True, "ledgers": LEDGERS, **changes})


def _journal(close: TillClose, rules: Rules | None = None) -> JournalEntry:
    booking = map_till_close(close, rules or _rules(), reference="LS-K1-20260314")
    assert isinstance(booking, Booking), booking
    (journal,) = booking.documents
    assert isinstance(journal, JournalEntry)
    return journal


def _lines(close: TillClose, rules: Rules | None = None) -> list[tuple[str | None, str, str]]:
    return [(line.ledger, str(line.amount), str(line.vat_amount)) for line in _journal(close, rules).lines]


def _problem(close: TillClose, rules: Rules) -> Problem:
    problem = map_till_close(close, rules, reference="K1")
    assert isinstance(problem, Problem), problem
    return problem


@pytest.mark.parametrize(
    ("amount", "note", "ledger"),
    [
        ("-24.20", "glazenwasser", "4590"),
        ("-24.20", "Banketbakker", "4590"),
        ("-300", "Afstorting", "2010"),
        ("-300", "naar de bank", "2010"),
        ("-300", "kluis", "2010"),
        ("-15", "fooi Anna", "2130"),
        ("-15", "Tips", "2130"),
        ("100", "inleg eigenaar", "2010"),
        ("100", "van de bank", "2010"),
    ],
)
def test_a_movement_is_what_its_sign_and_note_say(amount: str, note: str, ledger: str) -> None:
    other = D(amount)

    assert _lines(_close((amount, note))) == [
        (ledger, f"{-other:.2f}", "0"),
        ("2001", f"{other:.2f}", "0"),
    ]


@pytest.mark.parametrize(
    ("note", "minutes"), [("", 2), ("kassa open", 2), ("Wisselgeld", 200), ("startgeld", 200), ("float", 200)]
)
def test_the_float_is_not_booked(note: str, minutes: int) -> None:
    close = _close(("200", note), minutes=minutes)

    assert map_till_close(close, _rules(), reference="K1") == Nothing(NothingCode.NO_MONEY)


def test_a_float_taken_out_is_not_booked_either() -> None:
    close = _close(("-200", "wisselgeld terug"))

    assert map_till_close(close, _rules(), reference="K1") == Nothing(NothingCode.NO_MONEY)


@pytest.mark.parametrize("amount", ["-20", "20"])
def test_cash_that_moved_without_a_word_is_for_a_person(amount: str) -> None:
    problem = _problem(_close((amount, " ")), _rules())

    assert problem.code is ProblemCode.TILL_MOVEMENT_UNEXPLAINED
    assert dict(problem.facts) == {"register": "Kassa 1", "amount": f"{D(amount):.2f}", "note": "-"}


@pytest.mark.parametrize(("short", "booked"), [("0.50", "0.50"), ("-0.50", "-0.50")])
def test_what_the_count_of_cash_differs_is_a_cost_or_a_gain(short: str, booked: str) -> None:
    assert _lines(_close(short=short)) == [
        ("4495", booked, "0"),
        ("2001", str(-D(booked)), "0"),
    ]


def test_what_differs_on_cards_shows_at_the_bank() -> None:
    assert map_till_close(_close(), _rules(), reference="K1") == Nothing(NothingCode.NO_MONEY)


@pytest.mark.parametrize(
    ("note", "net", "vat"),
    [
        ("glazenwasser", "20.00", "4.20"),
        ("bloemen 9%", "22.20", "2.00"),
        ("bloemen 9 %", "22.20", "2.00"),
        ("postzegels 0%", "24.20", "0"),
    ],
)
def test_input_vat_is_taken_only_where_a_purchase_code_is_chosen(note: str, net: str, vat: str) -> None:
    close = _close(("-24.20", note))

    assert _lines(close, _rules(petty_cash_vat="V4"))[0] == ("4590", net, vat)
    assert _lines(close)[0] == ("4590", "24.20", "0")
    assert _journal(close, _rules(petty_cash_vat="V4")).lines[0].vat_code == (None if vat == "0" else "V4")


def test_a_till_closes_on_its_business_day_under_its_reference() -> None:
    late = _close(("-5", "melk"), closed_at=datetime(2026, 3, 15, 1, tzinfo=UTC))

    journal = _journal(late, _rules(day_end="05:00"))

    assert (journal.day, journal.journal, journal.receivables_journal) == (date(2026, 3, 14), "90", "70")
    assert journal.description == "LS-K1-20260314 Winkel / Kassa 1"
    assert [line.description for line in journal.lines] == ["LS-K1-20260314 melk", "LS-K1-20260314"]


def test_the_cash_ledger_is_the_tills_own_or_the_one_that_the_rules_call_cash() -> None:
    close = _close(("-5", "melk"), counts=())
    rules = _rules(payments={"7": PaymentRule(PaymentKind.CASH, "2007")})

    assert _lines(close, rules)[-1][0] == "2007"
    assert dict(_problem(close, _rules(payments={})).facts) == {"field": "payments.cash"}


@pytest.mark.parametrize(
    ("movement", "field"),
    [
        (("-5", "melk"), "ledgers.petty_cash"),
        (("-5", "bank"), "ledgers.cash_drops"),
        (("5", "inleg"), "ledgers.cash_drops"),
        (("-5", "fooi"), "ledgers.tips"),
    ],
)
def test_a_ledger_that_is_missing_is_named(movement: tuple[str, str], field: str) -> None:
    problem = _problem(_close(movement), _rules(ledgers=SpecialLedgers()))

    assert dict(problem.facts) == {"field": field}


def test_a_difference_needs_its_ledger() -> None:
    problem = _problem(_close(short="1"), _rules(ledgers=SpecialLedgers()))

    assert dict(problem.facts) == {"field": "ledgers.cash_difference"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"till_movements": False}, NothingCode.NO_MONEY),
        ({"start_date": date(2026, 3, 15)}, NothingCode.BEFORE_START),
        ({"outlets": {"1": OutletRules(enabled=False)}}, NothingCode.OUTLET_DISABLED),
    ],
)
def test_nothing_is_booked_where_the_rules_want_none(changes: dict[str, Any], why: NothingCode) -> None:
    assert map_till_close(_close(("-5", "melk")), _rules(**changes), reference="K1") == Nothing(why)
