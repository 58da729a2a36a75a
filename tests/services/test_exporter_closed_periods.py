"""A closed period: the document goes under the first open day, with its own in the text, in few calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from libs.common.database.engine import Database
from libs.common.domain.document import JournalEntry, JournalLine
from libs.common.domain.rules import CorrectionRules
from libs.common.exact.reference import Period
from services.exporter.posting_day import dated, first_open_day, under_day
from tests.services.exporter_world import DAY, NOON, Setting, a_setting, nth

D = Decimal
STATUSES = "GET read/financial/JournalStatusList"
PERIODS = "GET financial/FinancialPeriods"


@pytest.fixture
async def setting(database: Database) -> Setting:
    setting = await a_setting(database)
    setting.division.closed_periods.add((2026, 3))
    return setting


@pytest.fixture
async def embedded(sqlite_database: Database) -> Setting:
    setting = await a_setting(sqlite_database)
    setting.division.closed_periods.add((2026, 3))
    return setting


async def booked(setting: Setting) -> list[tuple[str, str, str | None]]:
    told = await setting.told("document.booked")
    return [(each["reference"], each["business_day"], each["posted_on"]) for each in told]


async def test_every_kind_goes_under_the_first_open_day_and_says_its_own(setting: Setting) -> None:
    await setting.ready(
        setting.entry("A1"),
        setting.invoice("I1"),
        setting.day_total("D1"),
        setting.cash("D2"),
        setting.order("O1"),
    )
    await setting.until_quiet()
    setting.clock.advance(600)
    await setting.exporter().serve_all()
    assert await setting.told("document.rejected") == []
    moved = [(name, "2026-03-14", "2026-04-01") for name in ("A1", "D1", "D2", "I1")]
    first_told = list(dict.fromkeys(await booked(setting)))
    assert sorted(first_told) == sorted([*moved, ("O1", "2026-03-14", None)])
    books = setting.books
    (entry,) = [each for each in books["sales_entries"] if each["from_invoice"] is None]
    assert (entry["date"], entry["description"]) == ("2026-04-01", "Winkel / A1 (14-03-2026)")
    (invoice,) = books["sales_invoices"]
    assert (invoice["date"], invoice["status"]) == ("2026-04-01", 50)
    assert invoice["description"] == "Winkel / I1 (14-03-2026)"
    (journal,), (cash,) = books["general_journal_entries"], books["cash_entries"]
    assert (journal["date"], cash["date"]) == ("2026-04-01", "2026-04-01")
    assert [line["description"] for line in cash["lines"]] == ["D2 (14-03-2026)", "D2 PIN (14-03-2026)"]
    assert {line["description"][-13:] for line in journal["lines"]} == {" (14-03-2026)"}
    assert [each["date"] for each in books["sales_orders"]] == ["2026-03-14"]


async def test_a_month_of_sales_is_refused_once_and_asked_for_once(embedded: Setting) -> None:
    await embedded.ready(*[embedded.entry(f"A{number}") for number in range(50)])
    await embedded.exporter().serve_all()
    assert embedded.line.calls["POST salesentry/SalesEntries"] == 51
    assert (embedded.line.calls[STATUSES], embedded.line.calls[PERIODS]) == (1, 1)
    embedded.clock.advance(1800)
    await embedded.ready(embedded.entry("B1"))
    await embedded.exporter().serve_all()
    assert embedded.line.calls["POST salesentry/SalesEntries"] == 52
    assert {each["date"] for each in embedded.books["sales_entries"]} == {"2026-04-01"}


async def test_an_hour_later_the_books_are_asked_again_by_trying(embedded: Setting) -> None:
    await embedded.ready(embedded.entry("A1"))
    await embedded.exporter().serve_all()
    embedded.division.closed_periods.clear()
    embedded.clock.advance(3700)
    await embedded.ready(embedded.entry("A2"))
    await embedded.exporter().serve_all()
    assert [each["date"] for each in embedded.books["sales_entries"]] == ["2026-04-01", "2026-03-14"]
    embedded.division.closed_periods |= {(2026, 3), (2026, 4)}
    await embedded.ready(embedded.entry("A3"))
    await embedded.exporter().serve_all()
    assert embedded.books["sales_entries"][-1]["date"] == "2026-05-01"
    assert embedded.line.calls[PERIODS] == 1


async def test_a_day_that_was_open_by_what_is_known_is_read_anew(embedded: Setting) -> None:
    await embedded.ready(embedded.entry("A1"))
    await embedded.exporter().serve_all()
    embedded.division.closed_periods.add((2026, 4))
    await embedded.ready(embedded.entry("A2"), embedded.entry("A3"))
    await embedded.exporter().serve_all()
    assert [each["date"] for each in embedded.books["sales_entries"]] == ["2026-04-01"] + ["2026-05-01"] * 2
    assert (embedded.line.calls[STATUSES], embedded.line.calls[PERIODS]) == (2, 1)


async def test_as_a_problem_where_the_merchant_chose_so(setting: Setting) -> None:
    await setting.change_rules(
        lambda rules: replace(rules, corrections=CorrectionRules(closed_period="problem"))
    )
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    (told,) = await setting.told("document.rejected")
    assert told["problem"]["code"] == "period-closed"
    assert setting.line.calls[STATUSES] == 0


async def test_without_any_open_day_it_is_a_problem_about_its_own_day(setting: Setting) -> None:
    setting.division.closed_periods |= {(year, period) for year in (2026, 2027) for period in range(1, 13)}
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    (told,) = await setting.told("document.rejected")
    assert told["problem"]["code"] == "period-closed"
    assert ["day", "2026-03-14"] in told["problem"]["facts"]
    assert setting.line.calls["POST salesentry/SalesEntries"] == 1


async def test_a_list_that_a_division_has_not_leaves_the_problem(setting: Setting) -> None:
    def missing(request: Any) -> str | None:
        if "JournalStatusList" in request.url.path:
            request.url = request.url.copy_with(raw_path=b"/api/v1/2731045/read/financial/NotThere")
        return None

    setting.line.fault = missing
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    (told,) = await setting.told("document.rejected")
    assert told["problem"]["code"] == "period-closed"


@pytest.mark.parametrize("make", ["entry", "invoice", "day_total", "cash"])
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("fault", ["lost", "html-before", "limit"])
async def test_a_fault_on_the_way_to_another_day_neither_loses_nor_doubles(
    embedded: Setting, make: str, at: int, fault: str
) -> None:
    embedded.line.fault = nth(at, fault)
    await embedded.ready(getattr(embedded, make)("R1"))
    await embedded.until_quiet()
    embedded.clock.advance(600)
    await embedded.exporter().serve_all()
    assert await embedded.told("document.rejected") == []
    assert {posted for _, _, posted in await booked(embedded)} == {"2026-04-01"}
    books = embedded.books
    entries = books["sales_entries"] + books["general_journal_entries"] + books["cash_entries"]
    assert [each["date"] for each in entries] == ["2026-04-01"]


@pytest.mark.parametrize("fault", ["no-connection", "html-before", "limit"])
async def test_a_fault_at_reading_the_periods_only_costs_time(embedded: Setting, fault: str) -> None:
    embedded.line.fault = nth(1, fault, "GET", "JournalStatusList")
    await embedded.ready(embedded.entry("A1"))
    await embedded.until_quiet()
    assert await booked(embedded) == [("A1", "2026-03-14", "2026-04-01")]


async def test_the_last_day_of_an_open_period_stays_its_own(embedded: Setting) -> None:
    await embedded.ready(
        embedded.entry("A1", day=date(2026, 2, 28)), embedded.entry("A2", day=date(2026, 3, 31))
    )
    await embedded.until_quiet()
    assert [each["date"] for each in embedded.books["sales_entries"]] == ["2026-02-28", "2026-04-01"]


async def test_a_newer_version_tries_its_own_day_first_again(embedded: Setting) -> None:
    await embedded.ready(embedded.invoice("I1"))
    embedded.line.fault = nth(2, "html-before", path="PrintedSalesInvoices")
    await embedded.exporter().serve_all()
    await embedded.ready(embedded.invoice("I1"), version=2)
    await embedded.until_quiet()
    assert [each["date"] for each in embedded.books["sales_invoices"]] == ["2026-04-01"]
    assert {(each["document_version"]) for each in await embedded.told("document.booked")} == {2}


def period(year: int, number: int, month: int) -> Period:
    return Period(year, number, date(year, month, 1), date(year, month, 28))


def test_the_first_open_day() -> None:
    periods = [period(2026, 4, 4), period(2026, 3, 3), period(2026, 2, 2)]
    assert first_open_day(DAY, periods, set()) == DAY
    assert first_open_day(DAY, periods, {(2026, 3)}) == date(2026, 4, 1)
    assert first_open_day(DAY, periods, {(2026, 3), (2026, 4)}) is None


def test_a_text_keeps_its_day_however_long_it_is() -> None:
    assert dated("x" * 80, DAY) == "x" * 47 + " (14-03-2026)"
    line = JournalLine(D(0), "l", description="y" * 80)
    entry = JournalEntry("R" * 30, "90", "70", DAY, "", (line,))
    moved = under_day(entry, NOON.date().replace(month=4))
    assert isinstance(moved, JournalEntry)
    assert moved.lines[0].description == "R" * 30 + " " + "y" * 16 + " (14-03-2026)"
    assert under_day(entry, None) is entry


def test_an_entry_without_a_description_says_its_day_alone() -> None:
    assert dated("", DAY) == "(14-03-2026)"
