"""Versions that come while a document is on its way or stands: what is booked, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from libs.common.contracts.commands import ConnectionEnded
from libs.common.database.engine import Database
from libs.common.domain.document import SalesEntry
from libs.common.domain.rules import CorrectionRules
from tests.services.exporter_world import Setting, a_setting, nth


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


@pytest.fixture
async def embedded(sqlite_database: Database) -> Setting:
    return await a_setting(sqlite_database)


async def told(setting: Setting) -> list[tuple[str, int, str | None]]:
    """Type, version, and the total of the document that stands, where that is told."""
    kinds = ("document.booked", "document.rejected")
    messages = [each for each in await setting.told() if each["type"] in kinds]
    return [
        (each["type"].split(".")[1], each["document_version"], _total(each.get("document")))
        for each in messages
    ]


def _total(document: dict[str, Any] | None) -> str | None:
    return None if document is None else str(document["total_incl_vat"])


def amounts(setting: Setting) -> list[str]:
    return [each["lines"][0]["gross"] for each in setting.books["sales_entries"]]


def other(setting: Setting) -> SalesEntry:
    return setting.entry("A1", "24.20", "4.20")


async def in_doubt(setting: Setting, fault: str) -> None:
    setting.line.fault = nth(1, fault, path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    await setting.exporter().serve_all()
    assert await setting.states() == {"A1": "sending"}


async def test_a_version_that_came_too_late_is_told_what_stands(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    await setting.ready(other(setting), version=2)
    first = (await setting.told("document.booked"))[0]
    again = (await setting.told("document.booked"))[1]
    changed = {name for name in again if again[name] != first[name]}
    assert changed == {"document"}
    assert await told(setting) == [("booked", 1, None), ("booked", 1, "12.10")]
    await setting.until_quiet()
    assert amounts(setting) == ["12.10"]


async def test_told_again_it_answers_the_same_and_older_ones_nothing(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    await setting.ready(other(setting), version=3)
    await setting.ready(other(setting), version=3)
    await setting.ready(other(setting), version=2)
    await setting.withdraw(setting.entry("A1"), 2)
    assert await told(setting) == [("booked", 1, None)] + [("booked", 1, "12.10")] * 2
    messages = await setting.told("document.booked")
    assert messages[1] == messages[2]


async def test_a_withdrawal_that_came_too_late_is_told_what_stands(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    await setting.withdraw(setting.entry("A1"), 2)
    await setting.withdraw(setting.entry("A1"), 2)
    assert await told(setting) == [("booked", 1, None)] + [("booked", 1, "12.10")] * 2
    assert await setting.states() == {"A1": "booked"}


async def test_what_was_decided_back_is_told_as_booked_under_its_new_version(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"))
    await setting.until_quiet()
    await setting.ready(other(setting), version=2)
    await setting.ready(setting.entry("A1"), version=3)
    await setting.ready(other(setting), version=4)
    assert await told(setting) == [
        ("booked", 1, None),
        ("booked", 1, "12.10"),
        ("booked", 3, None),
        ("booked", 3, "12.10"),
    ]


@pytest.mark.parametrize("fault", ["lost", "html-before"])
async def test_a_newer_version_waits_until_the_doubt_is_settled(setting: Setting, fault: str) -> None:
    await in_doubt(setting, fault)
    await setting.ready(other(setting), version=2)
    assert await setting.states() == {"A1": "sending"}
    await setting.until_quiet()
    if fault == "lost":
        assert amounts(setting) == ["12.10"]
        assert await told(setting) == [("booked", 1, None), ("booked", 1, "12.10")]
    else:
        assert amounts(setting) == ["24.20"]
        assert await told(setting) == [("booked", 2, None)]
    await setting.ready(other(setting), version=2)
    assert len(await told(setting)) == (3 if fault == "lost" else 1)


@pytest.mark.parametrize("fault", ["lost", "html-before"])
async def test_the_newest_of_what_came_in_doubt_holds(embedded: Setting, fault: str) -> None:
    await in_doubt(embedded, fault)
    await embedded.withdraw(embedded.entry("A1"), 3)
    await embedded.ready(other(embedded), version=2)
    await embedded.until_quiet()
    if fault == "lost":
        assert await told(embedded) == [("booked", 1, None), ("booked", 1, "12.10")]
    else:
        assert (await told(embedded), await embedded.states()) == ([], {"A1": "withdrawn"})
    await embedded.ready(other(embedded), version=4)
    await embedded.until_quiet()
    assert amounts(embedded) == (["12.10"] if fault == "lost" else ["24.20"])


async def test_decided_back_in_doubt_nothing_newer_remains(embedded: Setting) -> None:
    await in_doubt(embedded, "html-before")
    await embedded.ready(other(embedded), version=2)
    await embedded.ready(embedded.entry("A1"), version=3)
    await embedded.until_quiet()
    assert amounts(embedded) == ["12.10"]
    assert await told(embedded) == [("booked", 3, None)]


async def test_a_refused_document_gives_way_to_a_newer_version(embedded: Setting) -> None:
    await embedded.change_rules(
        lambda rules: replace(rules, corrections=CorrectionRules(closed_period="problem"))
    )
    await in_doubt(embedded, "html-before")
    embedded.division.closed_periods.add((2026, 3))
    await embedded.until_quiet()
    assert await told(embedded) == [("rejected", 1, None)]
    embedded.division.closed_periods.clear()
    await embedded.ready(other(embedded), version=2)
    await embedded.until_quiet()
    assert amounts(embedded) == ["24.20"]


async def test_a_newer_version_that_comes_during_the_post_itself(embedded: Setting) -> None:
    """It is kept beside the one under way, whatever Exact answers to that."""
    for number, status in enumerate((201, 500)):
        reference = f"B{number}"
        answer = embedded.line.handle_async_request

        async def meanwhile(request: Any, at: str = reference, inner: Any = answer) -> Any:
            is_post = request.method == "POST"
            if is_post:
                embedded.line.handle_async_request = inner  # type: ignore[method-assign]
                await embedded.ready(embedded.entry(at, "24.20", "4.20"), version=2)
            return await inner(request)

        embedded.line.handle_async_request = meanwhile  # type: ignore[method-assign]
        ledger = embedded.ledger("8000" if status == 201 else "1500")
        entry = embedded.entry(reference)
        lines = (replace(entry.lines[0], ledger=ledger), *entry.lines[1:])
        await embedded.ready(replace(entry, lines=lines))
        await embedded.until_quiet()
    assert amounts(embedded) == ["12.10", "24.20"]
    assert await told(embedded) == [("booked", 1, None), ("booked", 1, "12.10"), ("booked", 2, None)]


async def test_an_open_invoice_counts_as_booked(setting: Setting) -> None:
    await setting.change_rules(
        lambda rules: replace(rules, corrections=CorrectionRules(closed_period="problem"))
    )
    setting.division.closed_periods.add((2026, 3))
    await setting.ready(setting.invoice("I1"), setting.invoice("I2"))
    await setting.until_quiet()
    await setting.ready(setting.invoice("I1", "24.20"), version=2)
    await setting.withdraw(setting.invoice("I2"), 2)
    await setting.withdraw(setting.invoice("I2"), 2)
    assert await told(setting) == [("rejected", 1, None)] * 2 + [("booked", 1, "12.10")] * 3
    one, two, three = await setting.told("document.booked")
    assert two == three
    assert (one["amount"], one["exact_id"]) == ("12.10", setting.books["sales_invoices"][0]["id"])


async def test_an_invoice_whose_printing_is_in_doubt_counts_as_booked(embedded: Setting) -> None:
    embedded.line.fault = nth(1, "lost", path="PrintedSalesInvoices")
    await embedded.ready(embedded.invoice("I1"))
    await embedded.exporter().serve_all()
    await embedded.ready(embedded.invoice("I1", "24.20"), version=2)
    await embedded.until_quiet()
    assert await told(embedded) == [("booked", 1, "12.10"), ("booked", 1, None)]
    assert [each["amount"] for each in embedded.books["sales_invoices"]] == ["12.10"]


async def test_of_what_stands_twice_is_told_the_one_of_ours_that_was_found(setting: Setting) -> None:
    await in_doubt(setting, "lost")
    write = setting.division.table("salesentry/SalesEntries")
    (row,) = list(write)
    twin = {name: value for name, value in row.items() if not name.startswith("_")}
    write.insert(twin | {"EntryID": setting.world.new_id()})
    await setting.until_quiet()
    await setting.ready(other(setting), version=2)
    assert await told(setting) == [("rejected", 1, None), ("booked", 1, "12.10")]


async def test_the_reference_of_a_newer_version_may_be_taken_by_then(embedded: Setting) -> None:
    await in_doubt(embedded, "html-before")
    newer = replace(other(embedded), reference="A2")
    await embedded.ready(newer, version=2, document_id="doc-sales-entry-A1")
    await embedded.ready(embedded.entry("A2"))
    await embedded.until_quiet()
    assert await told(embedded) == [("booked", 1, None), ("rejected", 2, None)]
    assert amounts(embedded) == ["12.10"]


async def test_after_the_connections_end_nothing_is_told_and_nothing_kept(embedded: Setting) -> None:
    await in_doubt(embedded, "html-before")
    await embedded.ready(other(embedded), version=2)
    await embedded.ready(embedded.entry("B1"))
    await embedded.exporter().serve_all()
    await embedded.deliver(ConnectionEnded())
    before = await told(embedded)
    await embedded.ready(embedded.entry("B1", "24.20", "4.20"), version=2)
    await embedded.withdraw(embedded.entry("B1"), 3)
    assert await told(embedded) == before
