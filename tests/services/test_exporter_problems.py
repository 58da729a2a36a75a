"""What a person must act on: said once, in plain facts, and never retried by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from libs.common.contracts.commands import RulesChanged
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.document import Debtor
from libs.common.domain.rules import CorrectionRules, Rules
from libs.common.vault import GrantLost
from tests.services.exporter_world import DAY, Setting, a_setting, customer, nth

D = Decimal


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


def with_closed_period_as_problem(rules: Rules) -> Rules:
    return replace(rules, corrections=CorrectionRules(closed_period="problem"))


async def rejected(setting: Setting) -> list[tuple[str, str, bool]]:
    told = await setting.told("document.rejected")
    return [(each["reference"], each["problem"]["code"], each["is_booked"]) for each in told]


async def test_a_refusal_is_told_in_exacts_words_and_not_sent_again(setting: Setting) -> None:
    await setting.change_rules(with_closed_period_as_problem)
    setting.division.closed_periods.add((2026, 3))
    await setting.ready(setting.entry("A1"), setting.entry("A2"))
    await setting.until_quiet()
    assert await rejected(setting) == [("A1", "period-closed", False), ("A2", "period-closed", False)]
    first, second = await setting.told("document.rejected")
    assert ["answer", "Periode is afgesloten: 2026 - 03"] in first["problem"]["facts"]
    assert first["problem"] == second["problem"]
    setting.clock.advance(100_000)
    await setting.until_quiet()
    assert setting.line.calls["POST salesentry/SalesEntries"] == 2


@pytest.mark.parametrize(
    ("fault", "why"),
    [("no-connection", "NotSent"), ("lost", "no answer to a POST: it is looked for first")],
)
async def test_a_try_that_fails_is_told_with_its_number_and_when_the_next_one_is(
    setting: Setting, fault: str, why: str
) -> None:
    setting.line.fault = nth(1, fault, path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    at = setting.clock.now()
    await setting.exporter().serve_next()

    (delayed,) = await setting.told("document.delayed")
    assert (delayed["attempts"], delayed["why"]) == (1, why)
    assert datetime.fromisoformat(delayed["due_at"]) > at
    await setting.until_quiet()
    assert await setting.states() == {"A1": "booked"}


async def test_a_refusal_says_how_often_it_was_sent(setting: Setting) -> None:
    await setting.change_rules(with_closed_period_as_problem)
    setting.division.closed_periods.add((2026, 3))
    setting.line.fault = nth(1, "no-connection", path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()

    (refused,) = await setting.told("document.rejected")
    assert refused["attempts"] == 2


@pytest.mark.parametrize(
    ("switch", "make", "code"),
    [
        ({"clearing_ledger_in_sales_entry": "refuse"}, "entry", "settlement-refused"),
        ({"zero_total_entry": "refuse"}, "entry", "settlement-refused"),
        ({"negative_invoice": "refuse"}, "invoice", "exact-refused"),
    ],
)
async def test_what_a_division_may_refuse(
    setting: Setting, switch: dict[str, str], make: str, code: str
) -> None:
    setting.world.switches.change(switch)
    document = getattr(setting, make)("A1", "-12.10" if make == "invoice" else "12.10")
    await setting.ready(document)
    await setting.until_quiet()
    assert await rejected(setting) == [("A1", code, False)]


async def test_a_mended_document_replaces_the_refused_one(setting: Setting) -> None:
    setting.world.switches.change({"clearing_ledger_in_sales_entry": "refuse"})
    entry = setting.entry("A1")
    await setting.ready(entry)
    await setting.until_quiet()
    mended = replace(entry, lines=entry.lines[:1], open_amount=D("12.10"))
    await setting.ready(mended, version=2)
    await setting.ready(entry, version=1)  # late, and no longer wanted
    await setting.until_quiet()
    assert [each["amount"] for each in setting.books["sales_entries"]] == ["12.10"]
    (booked,) = await setting.told("document.booked")
    assert (booked["document_version"], booked["amount"]) == (2, "12.10")


async def test_an_open_invoice_whose_print_was_refused_is_printed_and_not_made_again(
    setting: Setting,
) -> None:
    await setting.change_rules(with_closed_period_as_problem)
    setting.division.closed_periods.add((2026, 3))
    await setting.ready(setting.invoice("I1"))
    await setting.until_quiet()
    assert await rejected(setting) == [("I1", "period-closed", False)]
    setting.division.closed_periods.clear()
    await setting.ready(setting.invoice("I1"), version=2)
    await setting.until_quiet()
    assert [each["status"] for each in setting.books["sales_invoices"]] == [50]
    assert (await setting.states())["I1"] == "booked"
    await setting.ready(setting.invoice("I2"))
    setting.division.closed_periods.add((2026, 3))
    await setting.until_quiet()
    await setting.ready(setting.invoice("I2", "24.20"), version=2)
    await setting.until_quiet()
    told = (await setting.told("document.booked"))[-1]
    assert (told["reference"], told["document_version"]) == ("I2", 1)
    assert told["document"]["total_incl_vat"] == "12.10"


async def test_the_same_again_is_told_again_and_another_changes_nothing(setting: Setting) -> None:
    entry = setting.entry("A1")
    await setting.ready(entry)
    await setting.until_quiet()
    told_otherwise = replace(entry, lines=tuple(replace(line, because="other") for line in entry.lines))
    await setting.ready(told_otherwise, version=2)
    await setting.ready(setting.entry("A1", "24.20", "4.20"), version=3)
    await setting.until_quiet()
    assert [each["document_version"] for each in await setting.told("document.booked")] == [1, 2, 2]
    assert await rejected(setting) == []
    assert len(setting.books["sales_entries"]) == 1


async def test_a_reference_that_another_document_holds_is_never_sent(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"))
    other = replace(setting.entry("A1"), description="another")
    await setting.ready(other, document_id="another", version=1)
    await setting.until_quiet()
    assert await rejected(setting) == [("A1", "reference-refused", False)]
    assert len(setting.books["sales_entries"]) == 1


async def test_withdrawn_before_after_and_in_doubt(setting: Setting) -> None:
    waiting, booked = setting.entry("A1"), setting.entry("A2")
    lost, never = setting.entry("A3"), setting.entry("A4")
    await setting.withdraw(waiting, 2)
    await setting.ready(waiting, booked)
    await setting.until_quiet()
    await setting.withdraw(booked, 2)
    setting.line.fault = nth(1, "lost", path="SalesEntries")
    await setting.ready(lost)
    await setting.exporter().serve_all()
    await setting.withdraw(lost, 2)
    await setting.until_quiet()
    setting.line.fault = nth(1, "html-before", path="SalesEntries")
    await setting.ready(never)
    await setting.exporter().serve_all()
    await setting.withdraw(never, 2)
    await setting.until_quiet()
    assert Counter(each["your_ref"] for each in setting.books["sales_entries"]) == Counter(["A2", "A3"])
    assert await rejected(setting) == []
    told = [(each["reference"], each["document"] is None) for each in await setting.told("document.booked")]
    assert told == [("A2", True), ("A2", False), ("A3", True), ("A3", False)]
    assert await setting.states() == {"": "withdrawn", "A2": "booked", "A3": "booked", "A4": "withdrawn"}


async def test_a_dropped_reference_stops_the_line_until_a_person_looked(setting: Setting) -> None:
    setting.world.switches.change({"drop_field": "YourRef"})
    await setting.ready(*[setting.entry(f"A{number}") for number in range(6)], setting.journal("J1"))
    await setting.until_quiet(rounds=3)
    assert [each[1:] for each in await rejected(setting)] == [("booked-differently", True)] * 3
    assert len(setting.books["sales_entries"]) == 3
    assert [each["reason"] for each in await setting.told("connection.attention")] == ["booked-differently"]
    assert (await setting.states())["J1"] == "booked"
    setting.world.switches.change({"drop_field": ""})
    await setting.deliver(RulesChanged(2))
    await setting.until_quiet()
    assert len(setting.books["sales_entries"]) == 6


async def test_another_amount_in_the_ledger_is_found_when_read_back(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"), setting.entry("A2"))
    await setting.until_quiet()
    for row in setting.division.table("financialtransaction/TransactionLines"):
        if row["YourRef"] == "A2" and row["GLAccountCode"] == "8000":
            row["AmountDC"] = D("-10.01")
    setting.clock.advance(600)
    await setting.exporter().serve_all()
    assert await rejected(setting) == [("A2", "booked-differently", True)]


async def test_what_only_the_ledger_shows_stops_the_line_too_though_the_answers_were_right(
    setting: Setting,
) -> None:
    """Two entries a day, each on another ledger than was asked for; the fourth stops what comes after it."""
    for day in range(1, 4):
        await setting.ready(setting.entry(f"A{day}"), setting.entry(f"B{day}"))
        await setting.until_quiet(rounds=3)
        for row in setting.division.table("financialtransaction/TransactionLines"):
            if row["GLAccountCode"] == "8000":
                row["AmountDC"] = D("-10.01")
        setting.clock.advance(600)
        await setting.exporter().serve_all()
    assert len(setting.books["sales_entries"]) == 4
    assert [each["reason"] for each in await setting.told("connection.attention")] == ["booked-differently"]


async def test_one_that_is_read_back_right_begins_the_count_anew(setting: Setting) -> None:
    for day in range(1, 6):
        await setting.ready(setting.entry(f"A{day}"))
        await setting.until_quiet(rounds=3)
        for row in setting.division.table("financialtransaction/TransactionLines"):
            if row["GLAccountCode"] == "8000" and row["YourRef"] in ("A1", "A2", "A4", "A5"):
                row["AmountDC"] = D("-10.01")
        setting.clock.advance(600)
        await setting.exporter().serve_all()
    assert len(setting.books["sales_entries"]) == 5
    assert await setting.told("connection.attention") == []


async def test_a_lost_consent_asks_for_a_person_and_keeps_the_documents(setting: Setting) -> None:
    async def lost(*args: Any, **more: Any) -> Any:
        raise GrantLost("g1", "revoked")

    await setting.ready(setting.entry("A1"))
    good = setting.vault.access_token
    setting.vault.access_token = lost  # type: ignore[method-assign]
    await setting.exporter().serve_all()
    (attention,) = await setting.told("connection.attention")
    assert (attention["reason"], attention["grant_id"]) == ("revoked", "g1")
    setting.vault.access_token = good  # type: ignore[method-assign]
    setting.clock.advance(120)
    await setting.until_quiet()
    assert await setting.states() == {"A1": "booked"}


async def test_only_connections_that_are_switched_on_are_served(setting: Setting) -> None:
    async with setting.database.transaction() as transaction:
        await transaction.execute(update(registry.connections).values(state="paused"))
    await setting.ready(setting.entry("A1"))
    await setting.exporter().serve_all()
    assert setting.line.total == 0
    async with setting.database.transaction() as transaction:
        await transaction.execute(update(registry.connections).values(state="active"))
    await setting.until_quiet()
    assert await setting.states() == {"A1": "booked"}


async def test_sales_go_before_backlog(setting: Setting) -> None:
    await setting.ready(setting.entry("OLD"), is_backlog=True)
    await setting.ready(setting.entry("NEW"))
    await setting.until_quiet()
    assert [each["your_ref"] for each in setting.books["sales_entries"]] == ["NEW", "OLD"]


async def test_a_new_debtor_has_no_more_than_a_booking_needs(setting: Setting) -> None:
    await setting.ready(setting.entry("A1", debtor=Debtor(customer=customer(7))))
    await setting.until_quiet()
    row = next(row for row in setting.division.table("crm/Accounts") if row["Name"] == "Klant 7")
    assert (row["Status"], row["Email"]) == ("C", "klant7@voorbeeld.nl")
    assert row["SearchCode"].startswith("KK")
    assert DAY.isoformat() == setting.books["sales_entries"][0]["date"]
