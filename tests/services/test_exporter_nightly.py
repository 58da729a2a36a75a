"""The books are read back every night: what somebody edited or deleted in Exact since shows by its name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from libs.common.database.engine import Database
from libs.common.domain.problem import ProblemCode
from tests.services.exporter_world import Setting, a_setting

LEDGER = "financialtransaction/TransactionLines"


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


async def a_booked_week(setting: Setting) -> None:
    """Three entries, read back once after they were booked, and a night later."""
    await setting.ready(*(setting.entry(f"A{number}") for number in range(3)))
    exporter = setting.exporter()
    await setting.until_quiet(exporter)
    setting.clock.advance(600)
    await exporter.serve_all()
    assert await setting.told("document.rejected") == []
    setting.clock.advance(86_400)


async def a_night(setting: Setting) -> list[dict[str, object]]:
    exporter = setting.exporter()
    await exporter.serve_all()
    for _ in range(3):
        setting.clock.advance(400)
        await exporter.serve_all()
    return [each["problem"] for each in await setting.told("document.rejected")]


async def test_what_nobody_touched_is_right_and_costs_a_call_beside_the_days_facts(setting: Setting) -> None:
    await a_booked_week(setting)
    before = setting.line.total
    assert await a_night(setting) == []
    assert setting.line.total - before == 3, "two for the division's journals and VAT codes, once a day"
    assert await a_night(setting) == []
    assert setting.line.total - before == 3, "once a night"


async def test_what_was_deleted_in_exact_is_named_so(setting: Setting) -> None:
    await a_booked_week(setting)
    remove(setting, "A0")
    (problem,) = await a_night(setting)
    assert problem["code"] == ProblemCode.DELETED_IN_EXACT
    assert ["reference", "A0"] in problem["facts"]


async def test_what_was_edited_in_exact_is_named_so(setting: Setting) -> None:
    await a_booked_week(setting)
    turnover = next(row for row in setting.division.table(LEDGER) if row["AmountDC"] == Decimal("-10.00"))
    turnover["AmountDC"] = Decimal("-11.00")
    (problem,) = await a_night(setting)
    assert problem["code"] == ProblemCode.EDITED_IN_EXACT


def remove(setting: Setting, reference: str) -> None:
    """As a person does in Exact."""
    entries = setting.division.table("salesentry/SalesEntries")
    entry = next(row for row in entries if row["YourRef"] == reference)
    ledger = setting.division.table(LEDGER)
    for line in [row for row in ledger if row["EntryNumber"] == entry["EntryNumber"]]:
        ledger.delete(line)
    entries.delete(entry)
