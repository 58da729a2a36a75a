"""What happens to a sale after it was booked, alone or in its day: the books follow it, nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from libs.common.contracts.commands import IgnoreRequested, RebookRequested, RulesChanged
from libs.common.contracts.documents import DocumentReady, DocumentRejected, DocumentWithdrawn, Purpose
from libs.common.contracts.sales import Backlog, SaleMapped
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.document import CashEntry, JournalEntry, NothingCode, SalesEntry
from libs.common.domain.problem import ProblemCode
from libs.common.domain.rules import DailyTotalsRules, Journals, RevenueRules
from libs.common.domain.sale import Sale, SaleState
from tests.builders import CASH, D, a_line, a_payment, a_sale, some_rules
from tests.services.mapper_world import Mapper, booked, rejected

MORNING = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
NEXT_DAY = MORNING + timedelta(days=1)


@pytest.fixture
def mapper(database: Database) -> Mapper:
    return Mapper(database)


def sold(amount: str = "12.10", *, id: str = "5012", at: datetime = MORNING, **more: object) -> Sale:
    return a_sale(lines=[a_line(amount)], id=id, completed_at=at, **more)  # type: ignore[arg-type]


async def documents(mapper: Mapper) -> list[DocumentReady]:
    return [message for message in await mapper.said() if isinstance(message, DocumentReady)]


def amounts(ready: DocumentReady) -> dict[str, Decimal]:
    """Credit positive by ledger, VAT under "VAT"."""
    sums: dict[str, Decimal] = {}
    for line in ready.document.lines:
        if isinstance(ready.document, SalesEntry):
            parts = [(line.ledger, line.amount_excl_vat), ("VAT", line.vat_amount)]
        else:
            parts = [(line.ledger or "debtor", -line.amount), ("VAT", -line.vat_amount)]
        for place, amount in parts:
            sums[place] = sums.get(place, D(0)) + amount
    return {place: amount for place, amount in sums.items() if amount}


async def test_an_edit_after_booking_books_the_difference_on_the_day_of_the_edit(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold("12.10"))
    (first,) = await documents(mapper)
    await mapper.take(booked(first))
    await mapper.record(sold("24.20", changed_at=NEXT_DAY), revision=2)
    (second,) = await documents(mapper)
    assert second.document_id != first.document_id
    assert (second.document.reference, second.document.day) == ("5012-C", date(2026, 3, 15))
    assert amounts(second) == {"8000": D("10.00"), "VAT": D("2.10"), "2000": D("-12.10")}
    assert second.sales[0].decision == 2


async def test_a_void_after_booking_is_reversed_once(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold())
    (first,) = await documents(mapper)
    await mapper.take(booked(first))
    voided = sold(state=SaleState.VOIDED, changed_at=NEXT_DAY)
    await mapper.record(voided, revision=2)
    (void,) = await documents(mapper)
    assert (void.document.reference, amounts(void)) == (
        "5012-V",
        {"8000": D("-10.00"), "VAT": D("-2.10"), "2000": D("12.10")},
    )
    await mapper.take(booked(void))
    await mapper.record(voided, revision=3)
    assert await documents(mapper) == []


async def test_a_version_that_came_too_late_is_corrected_against_what_stands(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold("12.10"))
    (first,) = await documents(mapper)
    await mapper.record(sold("24.20", changed_at=NEXT_DAY), revision=2)
    (second,) = await documents(mapper)
    assert (second.document_id, second.document_version) == (first.document_id, 2)
    await mapper.take(replace(booked(first), document=first.document))
    await mapper.turn()
    (correction,) = await documents(mapper)
    assert (correction.document.reference, correction.document.total_incl_vat) == ("5012-C", D("12.10"))
    await mapper.take(replace(booked(first), document=first.document))
    await mapper.turn()
    assert await documents(mapper) == [], "told twice, decided once"


async def test_a_withdrawal_that_came_too_late_becomes_a_reversal(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold())
    (first,) = await documents(mapper)
    await mapper.record(sold(state=SaleState.VOIDED, changed_at=NEXT_DAY), revision=2)
    (withdrawn,) = [one for one in await mapper.said() if isinstance(one, DocumentWithdrawn)]
    assert withdrawn.document_version == 2
    await mapper.take(replace(booked(first), document=first.document))
    await mapper.turn()
    (void,) = await documents(mapper)
    assert void.document.reference == "5012-V"


async def test_a_correction_in_flight_is_replaced_by_the_next(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold("12.10"))
    (first,) = await documents(mapper)
    await mapper.take(booked(first))
    await mapper.record(sold("24.20", changed_at=NEXT_DAY), revision=2)
    (second,) = await documents(mapper)
    await mapper.record(sold("36.30", changed_at=NEXT_DAY), revision=3)
    (third,) = await documents(mapper)
    assert (third.document_id, third.document_version) == (second.document_id, 2)
    assert third.document.total_incl_vat == D("24.20")
    await mapper.record(sold("12.10", changed_at=NEXT_DAY), revision=4)
    withdrawn, told = await mapper.said()
    assert (withdrawn.document_id, withdrawn.document_version) == (second.document_id, 3)
    assert isinstance(told, SaleMapped)


async def test_a_sale_that_is_being_edited_waits_for_its_end(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold())
    (first,) = await documents(mapper)
    await mapper.take(booked(first))
    await mapper.record(sold(state=SaleState.OPEN, changed_at=NEXT_DAY), revision=2)
    assert await mapper.said() == []
    await mapper.record(sold("24.20", changed_at=NEXT_DAY), revision=3)
    (correction,) = await documents(mapper)
    assert correction.document.total_incl_vat == D("12.10")


async def test_rebooking_credits_and_repeats_under_new_rules(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold())
    (first,) = await documents(mapper)
    await mapper.take(booked(first))
    other = some_rules(revenue=RevenueRules(by_vat_code={"VH": "8100"}))
    await mapper.change(rules=registry.rules_text(other), rules_version=2)
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    assert await documents(mapper) == [], "what stands, stands until its days are rebooked"
    await mapper.take(RebookRequested(date(2026, 3, 14), date(2026, 3, 14)))
    await mapper.turn()
    reversal, repeated = await documents(mapper)
    assert [one.document.reference for one in (reversal, repeated)] == ["5012-C", "5012-C2"]
    assert amounts(reversal) == {"8000": D("-10.00"), "VAT": D("-2.10"), "2000": D("12.10")}
    assert amounts(repeated) == {"8100": D("10.00"), "VAT": D("2.10"), "2000": D("-12.10")}
    assert reversal.document.day == date(2026, 3, 14)


# Days as totals


async def a_closed_day(mapper: Mapper, *sales: Sale, **rules: object) -> list[DocumentReady]:
    await mapper.connect(some_rules(mode="daily-totals", **rules))
    for sale in sales:
        await mapper.record(sale)
    await mapper.read_until(MORNING + timedelta(days=1))
    await mapper.turn()
    return await documents(mapper)


async def test_a_day_becomes_one_document(mapper: Mapper) -> None:
    (total,) = await a_closed_day(
        mapper,
        sold("12.10", id="1"),
        a_sale(lines=[a_line("24.20")], payments=[a_payment("24.20", CASH)], id="2", completed_at=MORNING),
    )
    assert isinstance(total.document, JournalEntry)
    assert (total.document.reference, total.purpose) == ("D1-20260314", Purpose.DAY_TOTAL)
    assert amounts(total) == {
        "2000": D("-12.10"),
        "2001": D("-24.20"),
        "8000": D("30.00"),
        "VAT": D("6.30"),
    }
    assert [(share.sale_id, share.turnover[0].amount_incl_vat) for share in total.shares] == [
        ("1", D("12.10")),
        ("2", D("24.20")),
    ]
    assert sorted(sale.sale_id for sale in total.sales) == ["1", "2"]


@pytest.mark.parametrize(
    ("till", "books", "named"), [("USD", "USD", "USD"), ("USD", "", "USD"), ("", "USD", "USD")]
)
async def test_a_day_is_in_the_currency_of_the_books_or_of_its_till(
    mapper: Mapper, till: str, books: str, named: str
) -> None:
    await mapper.connect(some_rules(mode="daily-totals"))
    await mapper.change(division_currency=books)
    await mapper.record(sold(id="1", currency=till))
    await mapper.read_until(MORNING + timedelta(days=1))
    await mapper.turn()

    (total,) = await documents(mapper)

    assert total.document.currency == named


async def test_a_day_per_register_is_a_document_each(mapper: Mapper) -> None:
    made = await a_closed_day(
        mapper,
        sold("12.10", id="1", register="7"),
        sold("24.20", id="2", register="9"),
        daily_totals=DailyTotalsRules(per="register"),
    )
    assert [one.document.reference for one in made] == ["D1.1-20260314", "D1.2-20260314"]


async def test_a_day_in_the_cash_book(mapper: Mapper) -> None:
    (total,) = await a_closed_day(
        mapper,
        sold("12.10", id="1"),
        a_sale(lines=[a_line("24.20")], payments=[a_payment("24.20", CASH)], id="2", completed_at=MORNING),
        daily_totals=DailyTotalsRules(document="cash-entry"),
    )
    assert isinstance(total.document, CashEntry)
    assert total.document.balance_change == D("24.20")
    assert amounts(total) == {"2000": D("-12.10"), "8000": D("30.00"), "VAT": D("6.30")}


async def test_a_late_sale_is_a_supplement_of_its_day(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(booked(total))
    await mapper.record(sold("24.20", id="2"))
    await mapper.read_until(MORNING + timedelta(days=2))
    await mapper.turn()
    (supplement,) = await documents(mapper)
    assert supplement.document.reference == "D1-20260314-2"
    assert amounts(supplement) == {"2000": D("-24.20"), "8000": D("20.00"), "VAT": D("4.20")}


async def test_a_void_on_a_later_day_stands_in_that_days_total(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(booked(total))
    await mapper.record(sold(id="1", state=SaleState.VOIDED, changed_at=NEXT_DAY), revision=2)
    await mapper.record(sold("24.20", id="2", at=NEXT_DAY, changed_at=NEXT_DAY))
    await mapper.read_until(NEXT_DAY + timedelta(days=1))
    await mapper.turn()
    (next_total,) = await documents(mapper)
    assert next_total.document.reference == "D1-20260315"
    assert amounts(next_total) == {"2000": D("-12.10"), "8000": D("10.00"), "VAT": D("2.10")}
    assert [(share.sale_id, share.turnover[0].amount_incl_vat) for share in next_total.shares] == [
        ("1", D("-12.10")),
        ("2", D("24.20")),
    ]


async def test_an_edit_before_the_day_closed_is_all_in_its_total(mapper: Mapper) -> None:
    await mapper.connect(some_rules(mode="daily-totals"))
    await mapper.record(sold("12.10"))
    await mapper.record(sold("24.20", changed_at=MORNING), revision=2)
    await mapper.read_until(MORNING + timedelta(days=1))
    await mapper.turn()
    (total,) = await documents(mapper)
    assert amounts(total) == {"2000": D("-24.20"), "8000": D("20.00"), "VAT": D("4.20")}


async def test_a_refused_day_is_made_anew_when_the_rules_are_mended(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(rejected(total))
    await mapper.turn()
    assert await mapper.said() == []
    other = some_rules(mode="daily-totals", revenue=RevenueRules(by_vat_code={"VH": "8100"}))
    await mapper.change(rules=registry.rules_text(other), rules_version=2)
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    (again,) = await documents(mapper)
    assert (again.document_id, again.document_version) == (total.document_id, 3)
    assert amounts(again) == {"2000": D("-12.10"), "8100": D("10.00"), "VAT": D("2.10")}


@pytest.mark.parametrize(
    ("mended", "reference"),
    [
        ({"mode": "daily-totals", "daily_totals": DailyTotalsRules(document="sales-entry")}, "D1-20260314"),
        ({"mode": "transactions"}, "1"),
    ],
)
async def test_a_refused_day_that_is_booked_otherwise_is_no_problem_any_more(
    mapper: Mapper, mended: dict[str, object], reference: str
) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(rejected(total))
    await mapper.change(rules=registry.rules_text(some_rules(**mended)), rules_version=2)
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    said = await mapper.said()
    (gone,) = [message for message in said if isinstance(message, DocumentWithdrawn)]
    assert (gone.document_id, gone.document_version) == (total.document_id, 2)
    (other,) = [message for message in said if isinstance(message, DocumentReady)]
    assert (other.document.reference, other.document.kind) == (reference, "sales-entry")
    assert other.document_id != total.document_id


async def test_a_person_books_sales_of_a_refused_day_by_hand(mapper: Mapper) -> None:
    """They are in no later document of the day, whatever is mended then."""
    (total,) = await a_closed_day(mapper, sold(id="1"), sold("24.20", id="2"))
    await mapper.take(rejected(total), IgnoreRequested("1", "by hand"))
    await mapper.turn()
    (ignored,) = await mapper.said()
    assert (ignored.sale_id, ignored.why, ignored.reason) == ("1", NothingCode.BY_HAND, "by hand")

    await mapper.take(RulesChanged(2))
    await mapper.turn()
    (again,) = await documents(mapper)
    assert (again.document_id, [sale.sale_id for sale in again.sales]) == (total.document_id, ["2"])
    assert amounts(again)["8000"] == D("20.00")

    await mapper.take(rejected(again), IgnoreRequested("2", "by hand"))
    await mapper.turn()
    gone, _ = await mapper.said()
    assert isinstance(gone, DocumentWithdrawn)
    assert (gone.document_id, gone.document_version) == (total.document_id, again.document_version + 1)
    await mapper.take(RulesChanged(3))
    await mapper.turn()
    assert await mapper.said() == []


async def test_a_person_books_sales_of_a_day_by_hand_that_could_not_be_made(mapper: Mapper) -> None:
    await mapper.connect(some_rules(mode="daily-totals", journals=Journals(sales="70")))
    for number in ("1", "2"):
        await mapper.record(sold(id=number))
    await mapper.read_until(MORNING + timedelta(days=1))
    await mapper.turn()
    await mapper.said()
    await mapper.take(IgnoreRequested("1", "by hand"))
    await mapper.turn()
    ignored, unmade = await mapper.said()
    assert (ignored.sale_id, ignored.why) == ("1", NothingCode.BY_HAND)
    assert [sale.sale_id for sale in unmade.sales] == ["2"]


async def test_what_waits_for_a_day_without_trouble_is_no_persons_to_ignore(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(IgnoreRequested("1", "by hand"), booked(total), IgnoreRequested("1", "by hand"))
    assert await mapper.said() == []


async def test_a_refused_day_that_comes_to_nothing_is_no_problem_any_more(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(rejected(total))
    await mapper.record(sold(id="1", state=SaleState.VOIDED), revision=2)
    await mapper.turn()
    (gone,) = [message for message in await mapper.said() if isinstance(message, DocumentWithdrawn)]
    assert (gone.document_id, gone.document_version) == (total.document_id, 2)


@pytest.mark.parametrize("form", ["general-journal", "cash-entry", "sales-entry"])
async def test_a_day_whose_rules_lost_a_journal_is_its_sales_problem_until_they_are_mended(
    mapper: Mapper, form: str
) -> None:
    of_form = {"mode": "daily-totals", "daily_totals": DailyTotalsRules(document=form)}  # type: ignore[arg-type]
    await mapper.connect(some_rules(**of_form, journals=Journals()))
    for number in ("1", "2"):
        await mapper.record(sold(id=number))
    await mapper.read_until(MORNING + timedelta(days=1))
    await mapper.turn()
    await mapper.turn()
    (unmade,) = [one for one in await mapper.said() if isinstance(one, DocumentRejected)]
    assert (unmade.reference, unmade.purpose) == ("D1-20260314", Purpose.DAY_TOTAL)
    assert unmade.problem.code is ProblemCode.RULE_MISSING
    assert [sale.sale_id for sale in unmade.sales] == ["1", "2"]

    await mapper.record(sold("24.20", id="3"))
    await mapper.turn()
    (again,) = [one for one in await mapper.said() if isinstance(one, DocumentRejected)]
    assert (again.document_id, again.document_version) == (unmade.document_id, 2)
    assert [sale.sale_id for sale in again.sales] == ["1", "2", "3"]

    await mapper.change(rules=registry.rules_text(some_rules(**of_form)), rules_version=2)
    await mapper.take(RulesChanged(2))
    await mapper.turn()
    made = await documents(mapper)
    assert (made[0].document_id, made[0].document_version) == (unmade.document_id, 3)
    assert len({one.document_id for one in made}) == len(made)
    assert amounts(made[0])["8000"] == D("40.00")


async def test_a_day_that_could_not_be_made_and_lost_its_sales_is_no_problem_any_more(mapper: Mapper) -> None:
    await mapper.connect(some_rules(mode="daily-totals", journals=Journals(sales="70")))
    for number in ("1", "2"):
        await mapper.record(sold(id=number))
    await mapper.read_until(MORNING + timedelta(days=1))
    await mapper.turn()
    (unmade,) = [one for one in await mapper.said() if isinstance(one, DocumentRejected)]
    await mapper.record(sold(id="1", state=SaleState.VOIDED), revision=2)
    assert not [one for one in await mapper.said() if isinstance(one, DocumentWithdrawn)]

    await mapper.change(rules=registry.rules_text(some_rules()), rules_version=2)
    await mapper.take(RebookRequested(date(2026, 3, 14), date(2026, 3, 14)))
    await mapper.turn()

    said = await mapper.said()
    (gone,) = [one for one in said if isinstance(one, DocumentWithdrawn)]
    assert (gone.document_id, gone.document_version) == (unmade.document_id, 2)
    (entry,) = [one for one in said if isinstance(one, DocumentReady)]
    assert entry.document.reference == "2"


async def test_a_day_is_rebooked_as_what_it_changes(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(booked(total))
    other = some_rules(mode="daily-totals", revenue=RevenueRules(by_vat_code={"VH": "8100"}))
    await mapper.change(rules=registry.rules_text(other), rules_version=2)
    await mapper.take(RebookRequested(date(2026, 3, 14), date(2026, 3, 14)))
    await mapper.turn()
    (supplement,) = await documents(mapper)
    assert supplement.document.reference == "D1-20260314-2"
    assert amounts(supplement) == {"8000": D("-10.00"), "8100": D("10.00")}


async def test_a_day_that_changes_its_form_is_credited_and_booked_one_by_one(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(booked(total))
    await mapper.change(rules=registry.rules_text(some_rules()), rules_version=2)
    await mapper.take(RebookRequested(date(2026, 3, 14), date(2026, 3, 14)))
    await mapper.turn()
    entry, credit = await documents(mapper)
    assert (entry.document.reference, credit.document.reference) == ("1", "D1-20260314-2")
    assert amounts(entry) == amounts(total)
    assert amounts(credit) == {place: -amount for place, amount in amounts(total).items()}


async def test_an_edit_of_a_days_sale_after_the_mode_changed_stays_in_days(mapper: Mapper) -> None:
    (total,) = await a_closed_day(mapper, sold(id="1"))
    await mapper.take(booked(total))
    await mapper.change(rules=registry.rules_text(some_rules()), rules_version=2)
    await mapper.record(sold("24.20", id="1", changed_at=NEXT_DAY), revision=2)
    await mapper.read_until(NEXT_DAY + timedelta(days=1))
    await mapper.turn()
    (correction,) = await documents(mapper)
    assert correction.document.reference == "D1-20260315"
    assert amounts(correction) == {"2000": D("-12.10"), "8000": D("10.00"), "VAT": D("2.10")}


async def test_what_a_person_left_out_stays_so_with_its_reason(mapper: Mapper) -> None:
    await mapper.connect(some_rules(vat={"none": "NONE"}))
    await mapper.record(sold())
    await mapper.said()
    await mapper.take(IgnoreRequested("5012", "booked by hand"))
    await mapper.change(rules=registry.rules_text(some_rules()), rules_version=2)
    await mapper.said()
    await mapper.record(sold("24.20", changed_at=NEXT_DAY), revision=2)
    await mapper.take(RulesChanged(2), RebookRequested(date(2026, 3, 14), date(2026, 3, 14)))
    await mapper.turn()
    (ignored,) = await mapper.said()
    assert (ignored.why, ignored.reason, ignored.revision) == (NothingCode.BY_HAND, "booked by hand", 2)


async def test_a_rule_that_leaves_a_booked_sale_out_changes_nothing_until_it_is_rebooked(
    mapper: Mapper,
) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold())
    (first,) = await documents(mapper)
    await mapper.take(booked(first))
    later = some_rules(start_date=date(2026, 3, 15))
    await mapper.change(rules=registry.rules_text(later), rules_version=2)
    await mapper.record(sold("24.20", changed_at=NEXT_DAY), revision=2)
    (told,) = await mapper.said()
    assert isinstance(told, SaleMapped)
    await mapper.take(RebookRequested(date(2026, 3, 14), date(2026, 3, 14)))
    await mapper.turn()
    (reversal,) = await documents(mapper)
    assert amounts(reversal) == {place: -amount for place, amount in amounts(first).items()}


async def test_a_day_read_ahead_of_a_backlog_closes_and_the_backlogs_days_wait(mapper: Mapper) -> None:
    await mapper.connect(some_rules(mode="daily-totals"))
    await mapper.record(sold(id="1", at=MORNING - timedelta(days=9)))
    await mapper.record(sold("24.20", id="2"))
    backlog = Backlog(
        since=MORNING - timedelta(days=30),
        until=MORNING - timedelta(hours=12),
        read_to=MORNING - timedelta(days=8),
        sales=1,
        today_until=NEXT_DAY,
    )
    await mapper.tell_read(MORNING - timedelta(days=30), backlog=backlog)
    await mapper.turn()
    (today,) = await documents(mapper)
    assert today.document.reference == "D1-20260314"
    await mapper.tell_read(NEXT_DAY, read_since=MORNING - timedelta(days=9))
    await mapper.turn()
    assert await documents(mapper) == [], "a part of that day was never asked for"
    await mapper.tell_read(NEXT_DAY, read_since=MORNING - timedelta(days=30))
    await mapper.turn()
    assert [one.document.reference for one in await documents(mapper)] == ["D1-20260305"]
