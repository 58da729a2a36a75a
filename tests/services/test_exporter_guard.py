"""Numbers of our own as a last guard: the same at every try, never two documents, never somebody else's."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from libs.common.database.engine import Database
from services.exporter import store
from tests.services.exporter_world import Fault, Setting, a_setting, nth

KINDS = {
    "entry": ("sales_entries", "SalesEntries", "entry_number"),
    "day_total": ("general_journal_entries", "GeneralJournalEntries", "entry_number"),
    "cash": ("cash_entries", "CashEntries", "entry_number"),
    "order": ("sales_orders", "SalesOrders", "order_number"),
}


@pytest.fixture
async def setting(sqlite_database: Database) -> Setting:
    setting = await a_setting(sqlite_database)
    await setting.change_rules(lambda rules: replace(rules, entry_number_guard=True))
    setting.line.fault = passing(setting)
    return setting


def passing(setting: Setting, fault: Fault = lambda request: None) -> Fault:
    """Time goes by between calls, so that of two entries one was made later."""

    def happens(request: httpx.Request) -> str | None:
        setting.clock.advance(1)
        return fault(request)

    return happens


def numbers(setting: Setting, kind: str) -> list[int]:
    books, _, number = KINDS[kind]
    return [each[number] for each in setting.books[books]]


def in_books(setting: Setting, kind: str) -> int:
    return len(setting.books[KINDS[kind][0]])


async def codes(setting: Setting) -> list[str]:
    return [each["problem"]["code"] for each in await setting.told("document.rejected")]


async def forget_it_was_sent(setting: Setting) -> None:
    """As if a restored backup knew nothing of the last hour."""
    async with setting.database.transaction() as transaction:
        await transaction.execute(delete(store.jobs))


@pytest.mark.parametrize("kind", list(KINDS))
async def test_each_document_has_a_number_of_its_own(setting: Setting, kind: str) -> None:
    await setting.ready(*[getattr(setting, kind)(f"R{number}") for number in range(5)])
    await setting.until_quiet()
    found = numbers(setting, kind)
    assert len(set(found)) == 5
    if kind != "order":
        assert {number // 10_000_000 for number in found} == {26}
    setting.clock.advance(600)
    setting.line.calls.clear()
    await setting.exporter().serve_all()
    assert setting.line.total == 1
    assert await codes(setting) == []


async def test_invoices_have_none_and_without_the_guard_nobody_has(sqlite_database: Database) -> None:
    setting = await a_setting(sqlite_database)
    await setting.ready(setting.entry("A1"), setting.cash("D1"), setting.invoice("I1"), setting.order("O1"))
    await setting.until_quiet()
    assert not any("Number" in body for body in setting.line.bodies)


@pytest.mark.parametrize("kind", list(KINDS))
async def test_a_second_try_of_the_same_document_is_refused_and_found(setting: Setting, kind: str) -> None:
    await setting.ready(getattr(setting, kind)("R1"))
    await setting.until_quiet()
    await forget_it_was_sent(setting)
    await setting.ready(getattr(setting, kind)("R1"))
    await setting.until_quiet()
    assert in_books(setting, kind) == 1
    assert await codes(setting) == []
    assert setting.line.calls[f"POST {_path(kind)}"] == 2
    one, two = await setting.told("document.booked")
    assert one["exact_id"] == two["exact_id"]


@pytest.mark.parametrize("kind", list(KINDS))
async def test_what_shows_later_than_two_searches_is_still_not_doubled(setting: Setting, kind: str) -> None:
    """The one thing that searching alone can't prevent."""
    setting.clock.advance(3600)
    await setting.exporter().serve_all()
    setting.world.switches.change({"search_lag_seconds": 400, "cash_opening_balance": "free"})
    setting.line.fault = passing(setting, nth(1, "lost", path=KINDS[kind][1]))
    await setting.ready(getattr(setting, kind)("R1"))
    await setting.until_quiet()
    assert in_books(setting, kind) == 1
    assert setting.line.calls[f"POST {_path(kind)}"] >= 3
    assert await codes(setting) == []


@pytest.mark.parametrize("kind", list(KINDS))
async def test_a_number_of_somebody_else_gives_way_to_the_next(setting: Setting, kind: str) -> None:
    await setting.ready(getattr(setting, kind)("R1"))
    await setting.until_quiet()
    (taken,) = numbers(setting, kind)
    await forget_it_was_sent(setting)
    _rename(setting, kind)
    await setting.ready(getattr(setting, kind)("R1"))
    await setting.until_quiet(rounds=20)
    assert in_books(setting, kind) == 2
    assert Counter(numbers(setting, kind))[taken] == 1
    assert await codes(setting) == []
    assert (await setting.states())["R1"] == "booked"


@pytest.mark.parametrize("kind", ["entry", "day_total", "cash"])
async def test_a_number_that_exact_replaced_is_shown_to_a_person(setting: Setting, kind: str) -> None:
    setting.world.switches.change({"entry_number_as_sent": "replace"})
    await setting.ready(*[getattr(setting, kind)(f"R{number}") for number in range(5)])
    await setting.until_quiet(rounds=3)
    assert await codes(setting) == ["booked-differently"] * 3
    assert in_books(setting, kind) == 3


async def test_the_number_stays_the_same_through_a_doubt(setting: Setting) -> None:
    setting.line.fault = nth(1, "html-before", path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    first, second = [body for body in setting.line.bodies if "EntryNumber" in body]
    assert first == second


def _path(kind: str) -> str:
    folders = {"entry": "salesentry", "day_total": "generaljournalentry", "cash": "financialtransaction"}
    return f"{folders.get(kind, 'salesorder')}/{KINDS[kind][1]}"


def _rename(setting: Setting, kind: str) -> None:
    """What stands there isn't ours after all."""
    division = setting.division
    tables: list[Any] = [
        division.table(path)
        for path in (_path(kind), "financialtransaction/TransactionLines")
        if kind != "order" or "Transaction" not in path
    ]
    for table in tables:
        for row in list(table):
            changed = {name: "iets anders" for name in ("YourRef", "Description") if row.get(name)}
            table.update(row, changed)
