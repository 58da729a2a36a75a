"""Credit notes under each reading of their sign (reference 5.8): nothing is booked the wrong way round."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from libs.common.database.engine import Database
from libs.common.domain.document import SalesInvoice
from tests.services.exporter_world import Setting, a_setting, nth

D = Decimal
INVOICES = "salesinvoice/SalesInvoices"
PRINTED = "salesinvoice/PrintedSalesInvoices"


@pytest.fixture
async def setting(sqlite_database: Database) -> Setting:
    return await a_setting(sqlite_database)


def credit(setting: Setting, reference: str, total: str = "12.10", **more: bool) -> SalesInvoice:
    line = replace(setting.item_line(total), quantity=D(-1), amount_incl_vat=-D(total))
    return setting.invoice(reference, f"-{total}", lines=(line,), is_credit=True, **more)


def booked(setting: Setting) -> list[tuple[str, str]]:
    return [(entry["your_ref"], entry["amount"]) for entry in setting.books["sales_entries"]]


async def problems(setting: Setting) -> list[tuple[str, str]]:
    return [(told["reference"], told["problem"]["code"]) for told in await setting.told("document.rejected")]


async def read_back(setting: Setting) -> None:
    await setting.until_quiet()
    setting.clock.advance(600)
    await setting.exporter().serve_all()


async def test_the_first_printed_one_is_looked_at_and_no_further(setting: Setting) -> None:
    await setting.ready(credit(setting, "C1"), setting.invoice("I1"), credit(setting, "C2", "24.20"))
    await setting.until_quiet()
    assert booked(setting) == [("C1", "-12.10"), ("I1", "12.10"), ("C2", "-24.20")]
    assert setting.line.calls[f"GET {INVOICES}"] == 1
    assert await problems(setting) == []


async def test_an_open_one_that_shows_the_other_sign_is_never_printed(setting: Setting) -> None:
    """It is thrown away and sent turned, as all that follow are at once."""
    setting.world.switches.change({"credit_note_sign": "inverted-at-once"})
    await setting.ready(credit(setting, "C1"), setting.invoice("I1"), credit(setting, "C2", "24.20"))
    await read_back(setting)
    assert sorted(booked(setting)) == [("C1", "-12.10"), ("C2", "-24.20"), ("I1", "12.10")]
    assert setting.line.calls[f"POST {INVOICES}"] == 4
    assert len(setting.books["sales_invoices"]) == 3
    assert await problems(setting) == []


async def test_an_open_one_is_read_where_its_post_answers_with_its_key_alone(setting: Setting) -> None:
    setting.world.switches.change(
        {"credit_note_sign": "inverted-at-once", "bare_post_answer": "key", "knows_prefer": False}
    )
    await setting.ready(credit(setting, "C1"), credit(setting, "C2", "24.20"))
    await read_back(setting)
    assert booked(setting) == [("C1", "-12.10"), ("C2", "-24.20")]
    assert await problems(setting) == []


@pytest.mark.parametrize("fault", ["lost", "slow", "no-connection", "html-before", "html-after"])
async def test_an_open_one_that_may_be_thrown_away_is_looked_for_first(setting: Setting, fault: str) -> None:
    setting.world.switches.change({"credit_note_sign": "inverted-at-once"})
    setting.line.fault = nth(1, fault, "DELETE")
    await setting.ready(credit(setting, "C1"))
    await read_back(setting)
    told = await problems(setting)
    if told:  # it still stands, open
        assert (booked(setting), told) == ([], [("C1", "booked-differently")])
    else:
        assert booked(setting) == [("C1", "-12.10")]
    assert len(setting.books["sales_invoices"]) == 1


async def test_where_printing_alone_turns_them_the_first_is_one_problem(setting: Setting) -> None:
    setting.world.switches.change({"credit_note_sign": "inverted"})
    await setting.ready(*[credit(setting, f"C{number}") for number in range(1, 5)])
    await read_back(setting)
    assert booked(setting) == [("C1", "12.10"), ("C2", "-12.10"), ("C3", "-12.10"), ("C4", "-12.10")]
    assert await problems(setting) == [("C1", "booked-differently")]
    assert [each["reference"] for each in await setting.told("document.booked")][:3] == ["C2", "C3", "C4"]


async def test_one_that_stood_open_before_its_sign_was_known_is_not_printed(setting: Setting) -> None:
    """Its answer was lost, and meanwhile another showed that printing turns it."""
    setting.world.switches.change({"credit_note_sign": "inverted"})
    setting.line.fault = nth(1, "lost", "POST", "SalesInvoices")
    await setting.ready(credit(setting, "C1"), credit(setting, "C2"), credit(setting, "C3"))
    await read_back(setting)
    assert booked(setting) == [("C2", "12.10"), ("C3", "-12.10")]
    assert sorted(await problems(setting)) == [("C1", "booked-differently"), ("C2", "booked-differently")]


async def test_one_whose_answer_was_lost_is_printed_turned(setting: Setting) -> None:
    setting.world.switches.change({"credit_note_sign": "inverted"})
    await setting.ready(credit(setting, "C1"))
    await setting.until_quiet()
    setting.line.fault = nth(1, "lost", "POST", "SalesInvoices")
    await setting.ready(credit(setting, "C2"))
    await read_back(setting)
    assert booked(setting) == [("C1", "12.10"), ("C2", "-12.10")]
    assert await problems(setting) == [("C1", "booked-differently")]


async def test_one_that_stays_open_shows_what_printing_will_turn(setting: Setting) -> None:
    setting.world.switches.change({"credit_note_sign": "inverted"})
    await setting.ready(credit(setting, "C1"))
    await setting.until_quiet()
    await setting.ready(credit(setting, "C2", is_printed=False))
    await read_back(setting)
    assert await problems(setting) == [("C1", "booked-differently")]
    told = await setting.told("document.booked")
    assert [(each["reference"], each["amount"]) for each in told] == [("C2", "-12.10")]
