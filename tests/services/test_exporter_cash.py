"""Day totals as cash entries and general journals: balances that follow each other, VAT lines, few calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.domain.document import Debtor, JournalLine
from services.sandbox.exact import journal_entries
from services.sandbox.exact.division import Author
from services.sandbox.exact.writing import Write
from tests.services.exporter_world import DAY, Setting, a_setting, customer, nth

D = Decimal
CASH = "financialtransaction/CashEntries"


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


@pytest.fixture
async def embedded(sqlite_database: Database) -> Setting:
    return await a_setting(sqlite_database)


def balances(setting: Setting) -> list[tuple[str, str]]:
    return [(each["opening"], each["closing"]) for each in setting.books["cash_entries"]]


async def problems(setting: Setting) -> list[tuple[str, str, bool]]:
    told = await setting.told("document.rejected")
    return [(each["reference"], each["problem"]["code"], each["is_booked"]) for each in told]


async def read_back(setting: Setting) -> None:
    setting.clock.advance(600)
    await setting.exporter().serve_all()


async def test_a_cash_entry_stands_with_its_balances_its_vat_and_its_cash(setting: Setting) -> None:
    await setting.ready(setting.cash("D1-20260314"), setting.cash("D1-20260315", "150.00"))
    await setting.until_quiet()
    await read_back(setting)
    first, second = setting.books["cash_entries"]
    assert balances(setting) == [("0.00", "21.00"), ("21.00", "71.00")]
    assert (first["journal"], first["date"]) == ("10", "2026-03-14")
    assert [(line["ledger_code"], line["net"], line["vat"], line["vat_code"]) for line in first["lines"]] == [
        ("8000", "100.00", "21.00", "2"),
        ("2000", "-100.00", "0.00", None),
    ]
    assert [line["description"] for line in second["lines"]] == ["D1-20260315", "D1-20260315 PIN"]
    assert setting.books["trial_balance"]["1000"] == "71.00"
    booked = await setting.told("document.booked")
    assert [(each["reference"], each["amount"]) for each in booked] == [
        ("D1-20260314", "121.00"),
        ("D1-20260315", "150.00"),
    ]
    assert await problems(setting) == []


async def test_a_general_journal_carries_the_vat_of_its_day(setting: Setting) -> None:
    await setting.ready(setting.day_total("D1-20260314"))
    await setting.until_quiet()
    await read_back(setting)
    (entry,) = setting.books["general_journal_entries"]
    assert [(line["ledger_code"], line["net"], line["vat"]) for line in entry["lines"]] == [
        ("8000", "-100.00", "-21.00"),
        ("2000", "100.00", "0.00"),
        ("2001", "21.00", "0.00"),
    ]
    assert setting.books["trial_balance"]["1500"] == "-21.00"
    assert await problems(setting) == []


async def test_a_journal_without_vat_refuses_turnover_in_exacts_words(setting: Setting) -> None:
    await setting.ready(replace(setting.day_total("D1"), journal="92"))
    await setting.until_quiet()
    assert await problems(setting) == [("D1", "vat-code-refused", False)]


async def test_what_is_owed_in_a_day_is_its_debtors_and_costs_keep_their_place(setting: Setting) -> None:
    lines = [
        *setting.day_lines(),
        JournalLine(D("10.00"), debtor=Debtor(customer=customer(1)), description="op rekening"),
        JournalLine(D("5.00"), setting.ledger("4100"), cost_center="WINKEL"),
    ]
    await setting.ready(setting.cash("D1", lines=lines))
    await setting.until_quiet()
    await read_back(setting)
    (entry,) = setting.books["cash_entries"]
    assert [(line["debtor"] or {}).get("name") for line in entry["lines"]] == [None, None, "Klant 1", None]
    assert entry["lines"][3]["cost_center"] == "WINKEL"
    (owed,) = setting.division.table("cashflow/Receivables")
    assert owed["TransactionAmountDC"] == D("10.00")
    assert await problems(setting) == []


async def test_a_day_with_hundreds_of_lines_is_found_and_read_back(embedded: Setting) -> None:
    lines = embedded.day_lines() + [
        JournalLine(D("0.01"), embedded.ledger("2001"), description=f"lijn {number}") for number in range(700)
    ]
    embedded.line.fault = nth(1, "lost", path="CashEntries")
    await embedded.ready(*[embedded.cash(f"D{number}", lines=lines) for number in range(3)])
    await embedded.until_quiet()
    embedded.line.calls.clear()
    await read_back(embedded)
    assert embedded.line.calls == {"GET bulk/Financial/TransactionLines": 3}
    assert len(embedded.books["cash_entries"]) == 3
    assert await problems(embedded) == []


async def test_forty_days_cost_two_calls_each_and_little_more(embedded: Setting) -> None:
    days = [embedded.cash(f"D{number}", day=DAY + timedelta(days=number)) for number in range(40)]
    await embedded.ready(*days)
    exporter = embedded.exporter()
    await exporter.serve_all()
    assert embedded.line.calls == {
        "GET vat/VATCodes": 1,
        "GET financial/Journals": 1,
        f"GET {CASH}": 40,
        f"POST {CASH}": 40,
    }
    embedded.clock.advance(600)
    await exporter.serve_all()
    assert embedded.line.total <= 2 * 40 + 3
    assert len({opening for opening, _ in balances(embedded)}) == 40


@pytest.mark.parametrize("kind", ["cash", "day_total"])
@pytest.mark.parametrize(
    "fault", ["lost", "html-before", "html-after", "cut", "slow", "no-connection", "limit"]
)
async def test_a_fault_at_a_post_neither_loses_nor_doubles(embedded: Setting, kind: str, fault: str) -> None:
    path = "CashEntries" if kind == "cash" else "GeneralJournalEntries"
    embedded.line.fault = nth(2, fault, path=path)
    await embedded.ready(*[getattr(embedded, kind)(f"D{number}") for number in range(3)])
    await embedded.until_quiet()
    await read_back(embedded)
    entries = embedded.books["cash_entries"] + embedded.books["general_journal_entries"]
    assert Counter(each["lines"][0]["description"] for each in entries) == Counter(["D0", "D1", "D2"])
    assert set((await embedded.states()).values()) == {"booked"}
    assert await problems(embedded) == []


@pytest.mark.parametrize("fault", ["no-connection", "html-before", "limit"])
async def test_a_fault_at_reading_the_balance_leaves_nothing_in_doubt(embedded: Setting, fault: str) -> None:
    embedded.line.fault = nth(1, fault, "GET", "CashEntries")
    await embedded.ready(embedded.cash("D1"))
    await embedded.until_quiet()
    assert balances(embedded) == [("0.00", "21.00")]
    assert embedded.line.calls["GET financialtransaction/TransactionLines"] == 0


async def test_a_division_that_reads_signs_the_other_way_is_understood(setting: Setting) -> None:
    """Lines that don't lead to the closing balance are refused: then they are sent turned, from then on."""
    setting.world.switches.change({"cash_line_sign": "debit"})
    await setting.ready(setting.cash("D1"), setting.cash("D2", "60.50"))
    await setting.until_quiet()
    await setting.ready(setting.cash("D3"))
    await setting.until_quiet()
    await read_back(setting)
    assert balances(setting) == [("0.00", "21.00"), ("21.00", "-18.50"), ("-18.50", "2.50")]
    assert setting.books["trial_balance"]["1000"] == "2.50"
    assert await problems(setting) == []
    assert setting.line.calls[f"POST {CASH}"] == 4  # one of which was refused


async def test_a_balance_left_as_it_was_is_booked_as_the_entry_before_it_taught(setting: Setting) -> None:
    setting.world.switches.change({"cash_line_sign": "debit"})
    await setting.ready(setting.cash("D1"), setting.cash("D2", "100.00"))
    await setting.until_quiet()
    await read_back(setting)
    assert setting.books["trial_balance"]["2000"] == "200.00"
    assert await problems(setting) == []


async def test_the_first_balance_left_as_it_was_is_read_back_before_another_is_sent(
    setting: Setting,
) -> None:
    setting.world.switches.change({"cash_line_sign": "debit"})
    await setting.ready(*[setting.cash(f"D{number}", "100.00") for number in range(1, 5)])
    await setting.until_quiet()
    assert await problems(setting) == [("D1", "booked-differently", True)]
    assert setting.books["trial_balance"]["2000"] == "200.00"  # 3 x 100, and 100 the wrong way round
    await read_back(setting)
    assert {reference for reference, _, _ in await problems(setting)} == {"D1"}


async def test_a_balance_left_as_it_was_costs_a_further_call_once(setting: Setting) -> None:
    await setting.ready(*[setting.cash(f"D{number}", "100.00") for number in range(1, 5)])
    await setting.until_quiet()
    assert setting.line.calls["GET bulk/Financial/TransactionLines"] == 1
    assert await problems(setting) == []


async def test_an_entry_of_somebody_else_in_between_is_taken_into_account(setting: Setting) -> None:
    """Between reading the balance and posting, a bookkeeper books in the same journal."""
    posts = 0

    def by_hand(request: httpx.Request) -> None:
        nonlocal posts
        posts += request.method == "POST"
        if request.method == "POST" and posts <= 2:
            line = {"GLAccount": setting.ledger("2001"), "AmountFC": D(1), "VATCode": ""}
            write = Write(setting.division, Author("", "Anna"), setting.world.switches)
            journal_entries.create(
                write, {"JournalCode": "10", "CashEntryLines": [line]}, journal_entries.CASH
            )

    setting.line.fault = by_hand
    await setting.ready(setting.cash("D1"))
    await setting.until_quiet()
    assert balances_of(setting, "D1") == ("2.00", "23.00")
    assert await problems(setting) == []


async def test_a_chain_that_never_fits_is_a_problem_in_exacts_words(setting: Setting) -> None:
    setting.division.cash_balances["10"] = D("7.00")
    await setting.ready(setting.cash("D1"))
    await setting.until_quiet()
    (told,) = await setting.told("document.rejected")
    assert (told["problem"]["code"], told["is_booked"]) == ("exact-refused", False)
    assert ["answer", "Ongeldig: Beginsaldo"] in told["problem"]["facts"]
    assert setting.line.calls[f"POST {CASH}"] == 6


def balances_of(setting: Setting, reference: str) -> tuple[str, str]:
    (entry,) = [
        each
        for each in setting.books["cash_entries"]
        if each["lines"] and each["lines"][0]["description"] == reference
    ]
    return entry["opening"], entry["closing"]
