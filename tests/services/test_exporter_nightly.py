"""The books are read back every night: what somebody edited or deleted in Exact since shows by its name."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from libs.common.contracts.commands import IgnoreRequested
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


async def test_turnover_that_was_put_under_another_vat_code_is_named_so(setting: Setting) -> None:
    """Its ledger and the entry's VAT in all stay the same."""
    await a_booked_week(setting)
    turnover = next(row for row in setting.division.table(LEDGER) if row["AmountDC"] == Decimal("-10.00"))
    turnover["VATCode"] = "0"
    (problem,) = await a_night(setting)
    assert problem["code"] == ProblemCode.EDITED_IN_EXACT


async def test_books_that_show_no_vat_codes_are_compared_by_their_ledgers(setting: Setting) -> None:
    await a_booked_week(setting)
    for row in setting.division.table(LEDGER):
        row["VATCode"] = None
    assert await a_night(setting) == []


async def test_what_a_person_put_back_in_exact_is_right_again_at_the_next_look(setting: Setting) -> None:
    await a_booked_week(setting)
    turnover = next(row for row in setting.division.table(LEDGER) if row["AmountDC"] == Decimal("-10.00"))
    turnover["AmountDC"] = Decimal("-11.00")
    assert len(await a_night(setting)) == 1
    booked = len(await setting.told("document.booked"))

    for _ in range(2):
        setting.clock.advance(86_400 * 20)
        assert len(await a_night(setting)) == 1, "told once, while it stays as it is"

    turnover["AmountDC"] = Decimal("-10.00")
    setting.clock.advance(86_400)
    assert len(await a_night(setting)) == 1, "looked at again, however long ago it was booked"
    mended = (await setting.told("document.booked"))[booked:]
    assert [(each["reference"], each["looked_at"] is not None) for each in mended] == [("A0", True)]


async def test_what_was_deleted_and_booked_again_by_hand_is_right_under_its_new_number(
    setting: Setting,
) -> None:
    await a_booked_week(setting)
    taken = remove(setting, "A0")
    assert len(await a_night(setting)) == 1
    booked = len(await setting.told("document.booked"))

    put(setting, taken, number=77_000_001)
    setting.clock.advance(86_400)
    assert len(await a_night(setting)) == 1
    (mended,) = (await setting.told("document.booked"))[booked:]
    assert (mended["reference"], mended["number"]) == ("A0", "77000001")


async def test_what_is_wrong_in_another_way_by_now_is_told_anew(setting: Setting) -> None:
    await a_booked_week(setting)
    turnover = next(row for row in setting.division.table(LEDGER) if row["AmountDC"] == Decimal("-10.00"))
    turnover["AmountDC"] = Decimal("-11.00")
    assert len(await a_night(setting)) == 1
    remove(setting, "A0")
    setting.clock.advance(86_400)
    edited, deleted = await a_night(setting)
    assert (edited["code"], deleted["code"]) == (
        ProblemCode.EDITED_IN_EXACT,
        ProblemCode.DELETED_IN_EXACT,
    )


async def test_what_a_person_leaves_as_it_was_edited_is_compared_no_more(setting: Setting) -> None:
    await a_booked_week(setting)
    turnover = next(row for row in setting.division.table(LEDGER) if row["AmountDC"] == Decimal("-10.00"))
    turnover["AmountDC"] = Decimal("-11.00")
    assert len(await a_night(setting)) == 1
    (rejected,) = await setting.told("document.rejected")
    booked = len(await setting.told("document.booked"))

    await setting.deliver(IgnoreRequested(rejected["sales"][0]["sale_id"], "as the accountant wants it"))
    (left,) = (await setting.told("document.booked"))[booked:]
    assert (left["reference"], left["looked_at"] is not None, left["is_left_so"]) == ("A0", True, True)
    setting.clock.advance(86_400)
    assert len(await a_night(setting)) == 1


Taken = tuple[dict[str, Any], list[dict[str, Any]]]


def remove(setting: Setting, reference: str) -> Taken:
    """As a person does in Exact."""
    entries = setting.division.table("salesentry/SalesEntries")
    entry = next(row for row in entries if row["YourRef"] == reference)
    ledger = setting.division.table(LEDGER)
    lines = [row for row in ledger if row["EntryNumber"] == entry["EntryNumber"]]
    for line in lines:
        ledger.delete(line)
    entries.delete(entry)
    return entry, lines


def put(setting: Setting, taken: Taken, number: int) -> None:
    """Booked by hand as it was, under a number and ids of its own."""
    entry, lines = taken
    entry_id = str(uuid.uuid4())
    setting.division.table("salesentry/SalesEntries").insert(
        entry | {"EntryID": entry_id, "EntryNumber": number}
    )
    for line in lines:
        again = line | {"ID": str(uuid.uuid4()), "EntryID": entry_id, "EntryNumber": number}
        setting.division.table(LEDGER).insert(again)
