"""The mapper over both databases: what each message makes it keep and say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from libs.common.contracts.commands import IgnoreRequested, RetryRequested, RulesChanged
from libs.common.contracts.documents import (
    DocumentReady,
    DocumentRejected,
    Purpose,
)
from libs.common.contracts.sales import OutletDays, SalesRead, TillClosed
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.database.registry import ConnectionState
from libs.common.domain.document import JournalEntry, NothingCode, SalesEntry, SalesInvoice
from libs.common.domain.problem import ProblemCode, describe
from libs.common.domain.rules import DailyTotalsRules, Rules
from libs.common.domain.sale import Sale, SaleState
from libs.common.domain.till_close import TillClose, TillMovement
from tests.builders import D, a_line, a_payment, a_sale, some_invoice_rules, some_rules
from tests.services.mapper_world import Mapper, booked, rejected


@pytest.fixture
def mapper(database: Database) -> Mapper:
    return Mapper(database)


async def test_a_sale_of_an_active_connection_becomes_a_document(mapper: Mapper) -> None:
    await mapper.connect(some_rules(reference_prefix="K"))
    await mapper.record(a_sale(id="5012"))
    (ready,) = await mapper.said()
    assert isinstance(ready.document, SalesEntry)
    assert (ready.document.reference, ready.document.total_incl_vat) == ("K5012", D("12.10"))
    assert (ready.document_version, ready.purpose, ready.business_day) == (
        1,
        Purpose.TURNOVER,
        date(2026, 3, 14),
    )
    assert [(sale.sale_id, sale.revision, sale.decision) for sale in ready.sales] == [("5012", 1, 1)]


async def test_the_journal_of_a_receipt_comes_after_its_entry(mapper: Mapper) -> None:
    await mapper.connect(some_rules(settlement="per-receipt"))
    await mapper.record(a_sale())
    entry, journal = await mapper.said()
    assert isinstance(journal.document, JournalEntry)
    assert (entry.after, journal.after, entry.count, journal.count) == (None, entry.document_id, 2, 2)
    assert journal.purpose is Purpose.SETTLEMENT


async def test_a_sale_waits_until_its_connection_is_switched_on(mapper: Mapper) -> None:
    await mapper.connect(some_rules(), ConnectionState.CHOOSING)
    await mapper.record(a_sale())
    await mapper.turn()
    assert await mapper.said() == []
    await mapper.change(state="active")
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    assert [type(message) for message in await mapper.said()] == [DocumentReady]


async def test_an_older_revision_that_comes_late_changes_nothing(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_sale(), revision=2)
    await mapper.said()
    await mapper.record(a_sale(lines=[a_line("99.00")]), revision=1)
    assert await mapper.said() == []


async def test_an_edited_sale_is_the_same_document_in_a_new_version(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_sale())
    (first,) = await mapper.said()
    await mapper.record(a_sale(lines=[a_line("24.20")]), revision=2)
    (second,) = await mapper.said()
    assert (second.document_id, second.document_version) == (first.document_id, 2)
    assert second.document.total_incl_vat == D("24.20")


async def test_a_voided_sale_withdraws_its_document(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_sale())
    (ready,) = await mapper.said()
    await mapper.record(a_sale(state=SaleState.VOIDED), revision=2)
    withdrawn, ignored = await mapper.said()
    assert (withdrawn.document_id, withdrawn.document_version) == (ready.document_id, 2)
    assert (ignored.why, ignored.decision) == (NothingCode.VOIDED, 2)


async def test_a_problem_is_decided_again_when_the_rules_are_mended(mapper: Mapper) -> None:
    await mapper.connect(some_rules(vat={"9": "VL", "none": "NONE"}))
    await mapper.record(a_sale())
    (problem,) = await mapper.said()
    assert problem.problem.code is ProblemCode.VAT_RATE_UNMAPPED
    await mapper.change(rules=registry.rules_text(some_rules()), rules_version=2)
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    (ready,) = await mapper.said()
    assert ready.sales[0].decision == 2


async def test_a_sale_in_another_currency_than_the_books_is_a_problem(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.change(division_currency="USD")
    await mapper.record(a_sale(currency="EUR"))
    (problem,) = await mapper.said()
    assert problem.problem.code is ProblemCode.CURRENCY_DIFFERS


async def test_a_class_under_a_code_of_another_rate_waits_for_better_rules(mapper: Mapper) -> None:
    await mapper.connect(some_rules(vat={"class:3": "VL", "none": "NONE"}))
    await mapper.change(division_vat_rates=registry.vat_rates_text({"VL": D(9), "VH": D(21)}))
    await mapper.record(a_sale([a_line("12.10", "21", tax_class="3")]))
    (problem,) = await mapper.said()
    assert problem.problem.code is ProblemCode.VAT_RATE_DIFFERS
    rules = some_rules(vat={"class:3": "VH", "none": "NONE"})
    await mapper.change(rules=registry.rules_text(rules), rules_version=2)
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    (ready,) = await mapper.said()
    assert [line.vat_code for line in ready.document.lines if line.vat_amount] == ["VH"]


async def test_a_refused_document_is_made_anew_by_a_retry(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_sale())
    (ready,) = await mapper.said()
    await mapper.take(rejected(ready))
    await mapper.turn()
    assert await mapper.said() == [], "nothing is tried again by itself"
    await mapper.take(RetryRequested("5012"))
    await mapper.turn()
    (again,) = await mapper.said()
    assert (again.document_id, again.document_version) == (ready.document_id, 2)


async def test_a_booked_sale_is_not_mapped_again_by_a_retry(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_sale())
    (ready,) = await mapper.said()
    await mapper.take(booked(ready), RetryRequested("5012"), RulesChanged(2))
    await mapper.turn()
    assert await mapper.said() == []


async def test_a_person_can_ignore_a_problem_with_a_reason(mapper: Mapper) -> None:
    await mapper.connect(some_rules(vat={"none": "NONE"}))
    await mapper.record(a_sale())
    await mapper.said()
    await mapper.take(IgnoreRequested("5012", "booked by hand"))
    (ignored,) = await mapper.said()
    assert (ignored.why, ignored.reason) == (NothingCode.BY_HAND, "booked by hand")


async def a_closing_that_waits(mapper: Mapper, note: str) -> None:
    """Twenty euros went out, and no ledger is chosen for them."""
    moved = TillMovement("1", D("-20"), note, datetime(2026, 3, 14, 12, tzinfo=UTC))
    hours = {"opened_at": moved.moved_at - timedelta(hours=4), "closed_at": moved.moved_at}
    place = TillClose("7", "1", "Winkel", "1", "Kassa 1", "Europe/Amsterdam", movements=(moved,), **hours)
    await mapper.connect(some_rules(till_movements=True))
    await mapper.take(TillClosed(place))
    await mapper.turn()
    (problem,) = await mapper.said()
    assert (problem.sale_id, problem.decision) == ("till:7", 1)


async def test_a_person_can_ignore_the_problem_of_a_closing(mapper: Mapper) -> None:
    """Told by the mapper (cash moved without a word), or by ingest of a closing that couldn't be read."""
    await a_closing_that_waits(mapper, note="")

    await mapper.take(
        IgnoreRequested("till:7", "booked by hand"), IgnoreRequested("till:8", "booked by hand")
    )
    await mapper.take(RulesChanged(2))
    await mapper.turn()

    told = [(each.sale_id, each.revision, each.decision, each.why) for each in await mapper.said()]
    assert told == [("till:7", 1, 2, NothingCode.BY_HAND), ("till:8", 1, 2, NothingCode.BY_HAND)]


async def test_the_problem_of_a_closing_is_gone_once_it_is_booked(mapper: Mapper) -> None:
    await a_closing_that_waits(mapper, note="Bloemen")

    ledgers = replace(some_rules().ledgers, petty_cash="4590")
    await mapper.change(rules=registry.rules_text(some_rules(till_movements=True, ledgers=ledgers)))
    await mapper.take(RulesChanged(2))
    await mapper.turn()

    ready, ended = sorted(await mapper.said(), key=lambda each: type(each).__name__)
    assert isinstance(ready, DocumentReady)
    assert (ended.sale_id, ended.decision, ended.why) == ("till:7", 2, NothingCode.NOT_A_SALE)


async def test_two_sales_with_one_number_get_references_of_their_own(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_sale(id="a", number="17"))
    await mapper.record(a_sale(id="b", number="17"))
    assert [ready.document.reference for ready in await mapper.said()] == ["17", "17/2"]


def an_invoiced_sale(id: str, amount: str, at: datetime) -> Sale:
    return a_sale(lines=[a_line(amount)], payments=[a_payment(amount)], id=id, completed_at=at)


MORNING = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


async def test_a_day_is_settled_once_it_is_over_and_all_of_it_was_read(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.record(an_invoiced_sale("2", "24.20", MORNING))
    first, second = await mapper.said()
    assert isinstance(first.document, SalesInvoice)
    assert isinstance(second.document, SalesInvoice)

    await mapper.read_until(
        datetime(2026, 3, 15, 0, 29, tzinfo=UTC)
    )  # 01:29 in Amsterdam: 90 minutes aren't over
    await mapper.turn()
    assert await mapper.said() == []

    await mapper.read_until(datetime(2026, 3, 15, 0, 30, tzinfo=UTC))
    await mapper.turn()
    (settlement,) = await mapper.said()
    assert settlement.document.reference == "S1-20260314"
    assert [(line.ledger, line.amount) for line in settlement.document.lines] == [
        ("2000", D("36.30")),
        (None, D("-36.30")),
    ]
    await mapper.turn()
    assert await mapper.said() == []


async def test_a_day_waits_for_sales_that_were_read_but_have_not_come_yet(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.said()
    await mapper.take(SalesRead(MORNING + timedelta(days=2), position=3))
    await mapper.turn()
    assert await mapper.said() == []


async def test_the_latest_word_of_how_far_was_read_counts_in_whatever_order_it_comes(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.said()
    await mapper.take(SalesRead(MORNING + timedelta(days=2), position=3))
    await mapper.take(SalesRead(MORNING + timedelta(minutes=1), position=2))
    await mapper.turn()
    (settlement,) = await mapper.said()
    assert settlement.document.reference == "S1-20260314"


async def test_a_late_sale_is_a_supplement_of_its_day(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()
    await mapper.record(an_invoiced_sale("2", "24.20", MORNING))
    await mapper.read_until(MORNING + timedelta(days=3))
    await mapper.turn()
    settlements = [ready for ready in await mapper.said() if ready.purpose is Purpose.DAY_SETTLEMENT]
    assert [(ready.document.reference, ready.document.lines[0].amount) for ready in settlements] == [
        ("S1-20260314", D("12.10")),
        ("S1-20260314-2", D("24.20")),
    ]


async def test_a_refused_settlement_is_made_anew_with_all_its_sales(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()
    _, settlement = await mapper.said()
    await mapper.take(rejected(settlement))
    await mapper.record(an_invoiced_sale("2", "24.20", MORNING))
    await mapper.read_until(MORNING + timedelta(days=3))
    await mapper.turn()
    _, again = await mapper.said()
    assert (again.document_id, again.document_version) == (settlement.document_id, 2)
    assert (again.document.reference, again.document.lines[0].amount) == ("S1-20260314", D("36.30"))


@pytest.mark.parametrize("is_known_first", [True, False])
async def test_a_refused_sale_holds_up_no_others_settlement(mapper: Mapper, is_known_first: bool) -> None:
    """The money of the others goes on; a supplement settles the refused one once it is mended."""
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.record(an_invoiced_sale("2", "24.20", MORNING))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()
    bad, good, settlement = await mapper.said()
    refusals = [rejected(bad), rejected(settlement)]
    await mapper.take(booked(good), *(refusals if is_known_first else reversed(refusals)))
    await mapper.turn()
    (others,) = await mapper.said()
    assert (others.document_id, others.document_version) == (settlement.document_id, 2)
    assert (others.document.reference, money_of(others)) == ("S1-20260314", [("2000", D("24.20"))])
    assert [sale.sale_id for sale in others.sales] == ["2"]
    await mapper.take(booked(others))
    await mapper.turn()
    assert await mapper.said() == []

    await mapper.take(RetryRequested("1"))
    await mapper.turn()
    again, supplement = await mapper.said()
    assert (again.document_id, again.document_version) == (bad.document_id, 2)
    assert (supplement.document.reference, money_of(supplement)) == (
        "S1-20260314-2",
        [("2000", D("12.10"))],
    )


async def test_a_sale_refused_before_its_day_is_settled_waits_with_its_money(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    await mapper.record(an_invoiced_sale("1", "12.10", MORNING))
    await mapper.record(an_invoiced_sale("2", "24.20", MORNING))
    bad, _ = await mapper.said()
    await mapper.take(rejected(bad))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()

    (settlement,) = await mapper.said()
    assert (settlement.document.reference, money_of(settlement)) == ("S1-20260314", [("2000", D("24.20"))])
    await mapper.take(rejected(settlement))
    await mapper.turn()
    assert await mapper.said() == [], "refused for another reason, it waits for a person"


def money_of(ready: DocumentReady) -> list[tuple[str, Any]]:
    return [(line.ledger, line.amount) for line in ready.document.lines if line.ledger is not None]


async def test_a_void_after_the_day_was_settled_takes_its_money_back(mapper: Mapper) -> None:
    await mapper.connect(some_invoice_rules())
    sale = an_invoiced_sale("1", "12.10", MORNING)
    await mapper.record(sale)
    await mapper.record(an_invoiced_sale("2", "24.20", MORNING))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()
    await mapper.said()
    await mapper.record(replace(sale, state=SaleState.VOIDED), revision=2)
    await mapper.read_until(MORNING + timedelta(days=3))
    await mapper.turn()
    (supplement,) = [message for message in await mapper.said() if isinstance(message, DocumentReady)]
    assert supplement.document.reference == "S1-20260314-2"
    assert [(line.ledger, line.amount) for line in supplement.document.lines] == [
        ("2000", D("-12.10")),
        (None, D("12.10")),
    ]


def a_bill(id: str, at: datetime, center: str, name: str) -> Sale:
    """At a restaurant whose days end at 05:30."""
    paid = replace(a_payment("12.10"), revenue_center=center, revenue_center_name=name)
    return replace(a_sale(id=id, completed_at=at, day_end="05:30", outlet_name="De Keuken"), payments=(paid,))


def day_totals(**more: Any) -> Rules:
    return some_rules(
        mode="daily-totals", day_end="till", daily_totals=DailyTotalsRules(per="revenue-center"), **more
    )


async def test_each_revenue_centre_has_a_document_of_its_own_a_day(mapper: Mapper) -> None:
    await mapper.connect(day_totals())
    await mapper.record(a_bill("1", MORNING, "51", "Bar"))
    await mapper.record(a_bill("2", MORNING, "52", "Terras"))
    await mapper.record(
        a_bill("3", datetime(2026, 3, 15, 3, 0, tzinfo=UTC), "51", "Bar")
    )  # 04:00: the same night
    await mapper.record(a_bill("4", MORNING, "", ""))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()

    totals = [message for message in await mapper.said() if isinstance(message, DocumentReady)]
    turnover = {
        ready.document.reference: (
            sum(line.amount_incl_vat for line in ready.document.lines if line.sale_lines)
        )
        for ready in totals
    }
    assert turnover == {
        "D1.1-20260314": D("-24.20"),
        "D1.2-20260314": D("-12.10"),
        "D1-20260314": D("-12.10"),
    }
    names = {ready.document.reference: ready.document.description for ready in totals}
    assert names["D1.2-20260314"] == "D1.2-20260314 De Keuken Terras 14-03-2026"


async def test_a_day_ends_when_the_till_says_and_waits_until_the_till_says_that_it_is_whole(
    mapper: Mapper,
) -> None:
    await mapper.connect(day_totals(day_close_wait_minutes=0))
    await mapper.record(a_bill("1", MORNING, "", ""))
    until, ends = MORNING + timedelta(days=3), datetime(2026, 3, 15, 4, 30, tzinfo=UTC)  # 05:30 in Amsterdam

    async def said_after(read_until: datetime, *days: OutletDays) -> list[str]:
        await mapper.tell_read(read_until, days=days)
        await mapper.turn()
        return [each.document.reference for each in await mapper.said() if isinstance(each, DocumentReady)]

    assert await said_after(ends - timedelta(seconds=1)) == []
    assert await said_after(until, OutletDays("1")) == []
    assert await said_after(until, OutletDays("1", ends - timedelta(seconds=1))) == []
    assert await said_after(until, OutletDays("1", until, (date(2026, 3, 14),))) == []
    assert await said_after(until, OutletDays("2", None), OutletDays("1", ends)) == ["D1-20260314"]


LACKING = OutletDays("1", MORNING + timedelta(days=3), (date(2026, 3, 14),))
"""Its till was asked for 14 March, and doesn't call it whole."""


async def not_whole(mapper: Mapper, days: OutletDays = LACKING) -> list[Any]:
    """What is said once the till was asked."""
    await mapper.tell_read(MORNING + timedelta(days=3), days=(days,))
    await mapper.turn()
    await mapper.turn()
    return [one for one in await mapper.said() if isinstance(one, (DocumentReady, DocumentRejected))]


async def test_a_day_that_a_till_does_not_call_whole_is_one_problem_until_it_does(mapper: Mapper) -> None:
    await mapper.connect(day_totals(day_close_wait_minutes=0))
    for number in ("1", "2"):
        await mapper.record(a_bill(number, MORNING, "", ""))
    (told,) = await not_whole(mapper)
    assert isinstance(told, DocumentRejected)
    assert told.problem.code is ProblemCode.DAY_NOT_WHOLE
    assert [sale.sale_id for sale in told.sales] == ["1", "2"]
    message, remedy = describe(told.problem, "en")
    assert "14-03-2026" in message
    assert "as it is" in remedy

    (made,) = await not_whole(mapper, OutletDays("1", LACKING.whole_until))
    assert isinstance(made, DocumentReady)
    assert (made.document_id, made.document_version) == (told.document_id, 2)
    assert [sale.sale_id for sale in made.sales] == ["1", "2"]


async def test_a_day_may_lack_something_for_two_days_before_anyone_is_told(mapper: Mapper) -> None:
    closed = datetime(2026, 3, 15, 4, 30, tzinfo=UTC)  # 05:30 in Amsterdam
    await mapper.connect(day_totals(day_close_wait_minutes=0))
    await mapper.record(a_bill("1", MORNING, "", ""))
    mapper.now = closed + timedelta(days=2, seconds=-1)
    assert await not_whole(mapper) == []
    mapper.now = closed + timedelta(days=2)
    assert [type(one) for one in await not_whole(mapper)] == [DocumentRejected]


async def test_a_day_that_was_only_not_asked_for_is_no_problem_of_its_sales(mapper: Mapper) -> None:
    await mapper.connect(day_totals(day_close_wait_minutes=0))
    await mapper.record(a_bill("1", MORNING, "", ""))
    assert await not_whole(mapper, OutletDays("1", MORNING)) == []


async def test_a_person_books_a_day_as_it_is_and_what_comes_later_is_a_supplement(mapper: Mapper) -> None:
    await mapper.connect(day_totals(day_close_wait_minutes=0))
    await mapper.record(a_bill("1", MORNING, "", ""))
    (told,) = await not_whole(mapper)
    await mapper.take(RetryRequested("1"))
    await mapper.turn()
    (made,) = [one for one in await mapper.said() if isinstance(one, DocumentReady)]
    assert made.document_id == told.document_id
    assert made.document.reference == "D1-20260314"

    await mapper.record(a_bill("2", MORNING, "", ""))  # the device came back after all
    (supplement,) = await not_whole(mapper)
    assert supplement.document.reference == "D1-20260314-2"
    assert [sale.sale_id for sale in supplement.sales] == ["2"]
