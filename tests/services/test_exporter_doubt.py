"""Whatever happens on the way, the books hold each document exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from unittest.mock import AsyncMock

import httpx
import pytest
from sqlalchemy import delete

from libs.common.database.engine import Database
from libs.common.domain.document import Debtor, Document
from services.exporter import schedule, store
from tests.services.exporter_world import SETTLE, Killed, Setting, a_setting, customer, nth

PATHS = {
    "entry": "SalesEntries",
    "invoice": "/SalesInvoices",
    "order": "SalesOrders",
    "journal": "GeneralJournalEntries",
    "cash": "CashEntries",
}
IN_BOOKS = {
    "entry": "sales_entries",
    "invoice": "sales_invoices",
    "order": "sales_orders",
    "journal": "general_journal_entries",
    "cash": "cash_entries",
}
FAULTS = ["lost", "html-before", "html-after", "cut", "slow", "no-connection", "limit"]


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


@pytest.fixture
async def embedded(sqlite_database: Database) -> Setting:
    return await a_setting(sqlite_database)


def references(setting: Setting, kind: str) -> Counter[str]:
    if kind in ("journal", "cash"):
        return Counter(each["lines"][0]["description"].split()[0] for each in setting.books[IN_BOOKS[kind]])
    rows = setting.books[IN_BOOKS[kind]]
    return Counter(each["your_ref"] for each in rows if not each.get("from_invoice"))


@pytest.mark.parametrize("kind", list(PATHS))
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_at_a_post_neither_loses_nor_doubles(embedded: Setting, kind: str, fault: str) -> None:
    make = getattr(embedded, kind)
    documents: list[Document] = [make(f"R{number}") for number in range(3)]
    embedded.line.fault = nth(2, fault, path=PATHS[kind])
    await embedded.ready(*documents)
    await embedded.until_quiet()
    assert references(embedded, kind) == Counter(["R0", "R1", "R2"])
    assert set((await embedded.states()).values()) == {"booked"}
    assert len(await embedded.told("document.booked")) == 3
    assert await embedded.told("document.rejected") == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_at_printing_neither_leaves_an_invoice_open_nor_doubles_it(
    embedded: Setting, fault: str
) -> None:
    embedded.line.fault = nth(1, fault, path="PrintedSalesInvoices")
    await embedded.ready(embedded.invoice("I1"), embedded.invoice("I2"))
    await embedded.until_quiet()
    assert references(embedded, "invoice") == Counter(["I1", "I2"])
    assert {each["status"] for each in embedded.books["sales_invoices"]} == {50}
    assert len(await embedded.told("document.booked")) == 2


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", ["crm/Accounts", "logistics/Items"])
async def test_a_fault_at_making_a_relation_makes_it_once(embedded: Setting, path: str, fault: str) -> None:
    before = embedded.books
    embedded.line.fault = nth(2, fault, path=path)
    await embedded.ready(
        *[
            embedded.order(
                f"O{number}",
                debtor=Debtor(customer=customer(number)),
                lines=(embedded.item_line(code=f"SKU{number}"),),
            )
            for number in range(4)
        ]
    )
    await embedded.until_quiet()
    assert embedded.books["accounts"] == before["accounts"] + 4
    assert embedded.books["items"] == before["items"] + 4
    assert references(embedded, "order") == Counter(["O0", "O1", "O2", "O3"])


async def test_what_shows_late_in_searches_is_not_sent_again(setting: Setting) -> None:
    setting.clock.advance(300)  # what was there before shows by now
    setting.world.switches.change({"search_lag_seconds": SETTLE + 30})
    setting.line.fault = nth(1, "lost", path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    assert references(setting, "entry") == Counter(["A1"])
    assert setting.line.calls["POST salesentry/SalesEntries"] == 1
    assert setting.line.calls["GET salesentry/SalesEntries"] == 2


async def test_what_never_arrived_is_sent_again_only_after_two_spaced_searches(setting: Setting) -> None:
    setting.line.fault = nth(1, "html-before", path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    exporter = setting.exporter()
    await exporter.serve_all()
    setting.clock.advance(SETTLE + 1)
    await exporter.serve_all()
    assert setting.line.calls["GET salesentry/SalesEntries"] == 1
    assert setting.line.calls["POST salesentry/SalesEntries"] == 1
    setting.clock.advance(SETTLE + 1)
    await exporter.serve_all()
    assert setting.line.calls["GET salesentry/SalesEntries"] == 2
    assert references(setting, "entry") == Counter(["A1"])


async def test_two_in_the_books_are_told_and_nothing_more_is_sent(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    setting.line.fault = nth(1, "lost", path="SalesEntries")
    other = replace(setting.entry("A1"), description="by hand")
    async with setting.database.transaction() as transaction:
        await transaction.execute(delete(store.jobs))
    await setting.ready(other)
    await setting.until_quiet()
    (rejected,) = await setting.told("document.rejected")
    assert rejected["problem"]["code"] == "booked-twice"
    assert rejected["is_booked"] is True
    assert setting.line.calls["POST salesentry/SalesEntries"] == 2


async def test_a_token_that_ends_in_the_middle_is_renewed(
    embedded: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        schedule, "LEASE", timedelta(minutes=5)
    )  # time leaps here, and no renewal comes between
    await embedded.ready(*[embedded.entry(f"A{number}") for number in range(6)])
    count = 0

    def age(request: object) -> None:
        nonlocal count
        count += 1
        embedded.clock.advance(100)

    embedded.line.fault = age
    await embedded.until_quiet()
    assert references(embedded, "entry") == Counter([f"A{number}" for number in range(6)])


async def test_a_process_killed_at_any_of_its_calls_leaves_each_document_once(embedded: Setting) -> None:
    """Each run dies at its n-th call, after Exact did the work, and another goes on with its database."""
    kinds = ["entry", "invoice", "order", "journal", "cash"]
    for number in range(1, 18):
        documents = [getattr(embedded, kind)(f"K{number}-{kind}") for kind in kinds] + [
            embedded.entry(f"K{number}-own", debtor=Debtor(customer=customer(number)))
        ]
        await embedded.ready(*documents)
        calls = 0

        def kill(request: object, at: int = number) -> str | None:
            nonlocal calls
            calls += 1
            return "killed" if calls == at else None

        embedded.line.fault = kill
        with suppress(Killed):
            await embedded.exporter().serve_all()
        embedded.line.fault = lambda request: None
        embedded.clock.advance(4 * SETTLE)
        await embedded.until_quiet()
        for kind in kinds:
            assert references(embedded, kind)[f"K{number}-{kind}"] == 1, (number, kind)
    assert set((await embedded.states()).values()) == {"booked"}
    assert set(references(embedded, "entry").values()) == {1}


async def test_a_process_killed_at_any_of_its_commits_leaves_each_document_once(
    embedded: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and after the n-th commit: what was not kept was not done, or is found by a search."""
    whole = Database.run
    for number in range(1, 40):
        for is_kept in (False, True):
            reference = f"C{number}{'a' if is_kept else 'b'}"
            own = embedded.entry(f"{reference}x", debtor=Debtor(customer=customer(number * 2 + is_kept)))
            await embedded.ready(embedded.entry(reference), own, embedded.invoice(reference))
            steps = 0

            async def run(database: Database, step: object, at: int = number, kept: bool = is_kept) -> object:
                nonlocal steps
                steps += 1
                if steps == at and not kept:
                    raise Killed
                if steps > at:
                    raise Killed
                return await whole(database, step)  # type: ignore[arg-type]

            with monkeypatch.context() as patch:
                patch.setattr(Database, "run", run)
                with suppress(Killed):
                    await embedded.exporter().serve_all()
            embedded.clock.advance(4 * SETTLE)
            await embedded.until_quiet()
        if steps < number:
            break
    assert number > 8
    assert set((await embedded.states()).values()) == {"booked"}
    assert set(references(embedded, "entry").values()) == {1}
    assert set(references(embedded, "invoice").values()) == {1}


async def test_two_processes_never_serve_one_division_together(setting: Setting) -> None:
    await setting.ready(*[setting.entry(f"A{number}") for number in range(20)])
    await asyncio.gather(*[setting.exporter().serve_all() for _ in range(3)])
    assert references(setting, "entry") == Counter([f"A{number}" for number in range(20)])
    assert setting.line.calls["POST salesentry/SalesEntries"] == 20


async def test_who_lost_its_lease_writes_nothing_more(setting: Setting) -> None:
    """It stands still in the middle of a POST for longer than its lease; another takes over."""
    documents = [setting.entry(f"A{number}") for number in range(3)]
    await setting.ready(*documents)
    posts = 0

    def pause(request: httpx.Request) -> None:
        nonlocal posts
        is_post = request.method == "POST"
        posts += is_post
        if is_post and posts == 1:
            setting.clock.advance(2 * schedule.AROUND_A_CALL.total_seconds() + 60)

    setting.line.fault = pause
    await setting.exporter().serve_next()
    assert setting.line.calls["POST salesentry/SalesEntries"] == 1
    assert (await setting.states())["A0"] == "sending"
    await setting.until_quiet()
    assert references(setting, "entry") == Counter(["A0", "A1", "A2"])


async def test_what_a_dead_process_left_is_served_soon_but_for_what_it_had_sent(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its other documents wait for the end of its lease; the one in the air as long as a call may last."""
    await setting.ready(*[setting.entry(f"A{number}") for number in range(3)])
    setting.line.fault = nth(1, "killed")
    killed = setting.exporter()
    monkeypatch.setattr(killed, "_release", AsyncMock())
    with pytest.raises(Killed):
        await killed.serve_next()
    assert not await setting.exporter().serve_next()
    setting.clock.advance(schedule.LEASE.total_seconds() + 1)
    await setting.exporter().serve_all()
    assert await setting.states() == {"A0": "sending", "A1": "booked", "A2": "booked"}
    setting.clock.advance(schedule.AROUND_A_CALL.total_seconds())
    await setting.until_quiet()
    assert references(setting, "entry") == Counter(["A0", "A1", "A2"])


async def test_a_lease_is_kept_through_a_call_that_lasts_longer(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "RENEW_SECONDS", 0.01)
    await setting.ready(setting.entry("A0"))
    answer = setting.line.handle_async_request

    async def slow(request: httpx.Request) -> httpx.Response:
        for _ in range(4):
            setting.clock.advance(schedule.LEASE.total_seconds() / 2)
            await asyncio.sleep(0.1)
            assert not await setting.exporter().serve_next()
        return await answer(request)

    monkeypatch.setattr(setting.line, "handle_async_request", slow)
    assert await setting.exporter().serve_next()
    assert await setting.states() == {"A0": "booked"}
