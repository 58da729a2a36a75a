"""What the scenarios found, each as small as it can be; one that is mended loses its mark."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from libs.common.contracts.commands import RebookRequested, RulesChanged
from libs.common.contracts.documents import DocumentReady
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.correct import correct
from libs.common.domain.document import Booking, JournalEntry, SalesEntry, SalesInvoice
from libs.common.domain.family import Correcting, Family
from libs.common.domain.map_sale import map_sale
from libs.common.domain.rules import Rules
from libs.common.domain.sale import Sale
from tests.builders import D, a_line, a_sale, some_invoice_rules, some_rules
from tests.services.mapper_world import Mapper, booked

MORNING = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
LATER = MORNING + timedelta(days=4)
OWN, CHANGED = date(2026, 3, 14), date(2026, 3, 18)


@pytest.fixture
def mapper(sqlite_database: Database) -> Mapper:
    return Mapper(sqlite_database)


def sold(amount: str = "12.10", **more: object) -> Sale:
    return a_sale(lines=[a_line(amount)], completed_at=MORNING, **more)  # type: ignore[arg-type]


async def made(mapper: Mapper) -> list[DocumentReady]:
    found = [message for message in await mapper.said() if isinstance(message, DocumentReady)]
    for ready in found:
        await mapper.take(booked(ready))
    return found


async def choose(mapper: Mapper, rules: Rules) -> None:
    await mapper.change(rules=registry.rules_text(rules), rules_version=2)
    await mapper.take(RulesChanged(2))


async def close(mapper: Mapper, until: datetime = LATER + timedelta(days=1)) -> None:
    await mapper.read_until(until)
    await mapper.turn()


def money_by_day(documents: list[DocumentReady]) -> dict[date, Decimal]:
    """Debits of the ledger that cards are paid on."""
    sums: Counter[date] = Counter()
    for ready in documents:
        document = ready.document
        if isinstance(document, SalesEntry):
            sums[document.day] -= sum(
                line.amount_incl_vat for line in document.lines if line.ledger == "2000"
            )
        elif isinstance(document, JournalEntry):
            sums[document.day] += sum(line.amount for line in document.lines if line.ledger == "2000")
    return {day: amount for day, amount in sums.items() if amount}


async def test_money_that_moves_into_a_days_settlement_counts_on_the_day_of_the_edit(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold("12.10"))
    first = await made(mapper)
    await choose(mapper, some_rules(settlement="per-day"))
    await mapper.record(sold("24.20", changed_at=LATER), revision=2)
    corrections = await made(mapper)
    await close(mapper)
    settlements = await made(mapper)
    assert money_by_day([*first, *corrections, *settlements]) == {OWN: D("12.10"), CHANGED: D("12.10")}


async def test_money_that_moves_out_of_a_days_settlement_counts_on_the_day_of_the_edit(
    mapper: Mapper,
) -> None:
    await mapper.connect(some_rules(settlement="per-day"))
    await mapper.record(sold("12.10"))
    first = await made(mapper)
    await close(mapper, MORNING + timedelta(days=2))
    settlements = await made(mapper)
    await choose(mapper, some_rules(settlement="per-receipt"))
    await mapper.record(sold("24.20", changed_at=LATER), revision=2)
    corrections = await made(mapper)
    await close(mapper)
    settlements += await made(mapper)
    assert money_by_day([*first, *settlements, *corrections]) == {OWN: D("12.10"), CHANGED: D("12.10")}


def turnover(*documents: object) -> Decimal:
    return sum((one.total_incl_vat for one in documents if isinstance(one, SalesEntry | SalesInvoice)), D(0))


def test_what_stands_in_two_forms_is_corrected_in_each() -> None:
    sale = sold("12.10")
    as_entry = map_sale(sale, some_rules())
    as_invoice = map_sale(sale, some_invoice_rules())
    assert isinstance(as_entry, Booking)
    assert isinstance(as_invoice, Booking)
    how = Correcting("5012", CHANGED, used={("sales-entry", "5012")})
    moved = correct(Family(as_entry.documents[:1], as_invoice.documents[:1]), how, some_invoice_rules())
    stands = (*as_entry.documents[:1], *moved)
    assert turnover(*stands) == D("12.10")
    again = correct(Family(stands, as_invoice.documents[:1]), how, some_invoice_rules())
    assert turnover(*stands, *again) == D("12.10"), "decided again, without any change"


def test_an_entry_and_an_invoice_of_a_sale_never_share_a_reference() -> None:
    """A printed invoice shows among the sales entries: a search for the entry would find it."""
    sale = sold("12.10")
    as_entry, as_invoice = map_sale(sale, some_rules()), map_sale(sale, some_invoice_rules())
    assert isinstance(as_entry, Booking)
    assert isinstance(as_invoice, Booking)
    how = Correcting("5012", CHANGED, used={("sales-invoice", "5012")})
    moved = correct(Family(as_invoice.documents[:1], as_entry.documents[:1]), how, some_rules())
    references = ["5012", *(document.reference for document in moved)]
    assert len(set(references)) == 3, references


async def test_a_rebooking_under_another_end_of_the_day_moves_the_turnover(mapper: Mapper) -> None:
    """At 02:00 on the 15th: of the 15th at first, of the 14th where days end at 05:00."""
    night = datetime(2026, 3, 15, 1, 0, tzinfo=UTC)
    await mapper.connect(some_rules())
    await mapper.record(replace(sold("12.10"), completed_at=night, changed_at=night))
    first = await made(mapper)
    await choose(mapper, some_rules(day_end="05:00"))
    await mapper.take(RebookRequested(date(2026, 3, 15), date(2026, 3, 15)))
    await mapper.turn()
    rebooked = await made(mapper)
    assert money_by_day([*first, *rebooked]) == {OWN: D("12.10")}


def turnover_by_day(documents: list[DocumentReady]) -> dict[date, Decimal]:
    sums: Counter[date] = Counter()
    for ready in documents:
        sums[ready.document.day] += turnover(ready.document)
    return {day: amount for day, amount in sums.items() if amount}


async def test_a_rebooking_after_a_change_of_form_leaves_each_day_its_turnover(mapper: Mapper) -> None:
    """Booked as an entry, on a later day edited into an invoice, then rebooked under the same rules."""
    await mapper.connect(some_rules())
    await mapper.record(sold("12.10"))
    documents = await made(mapper)
    await choose(mapper, some_invoice_rules())
    await mapper.record(sold("24.20", changed_at=LATER), revision=2)
    documents += await made(mapper)
    assert turnover_by_day(documents) == {OWN: D("12.10"), CHANGED: D("12.10")}
    await mapper.take(RebookRequested(OWN, OWN))
    await mapper.turn()
    documents += await made(mapper)
    found = turnover_by_day(documents)
    assert sum(found.values()) == D("24.20")
    assert found.get(CHANGED, D(0)) in (D(0), D("12.10")), found


async def test_a_rebooking_after_a_change_of_settlement_leaves_each_day_its_money(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(sold("12.10"))
    documents = await made(mapper)
    await choose(mapper, some_rules(settlement="per-day"))
    await mapper.record(sold("24.20", changed_at=LATER), revision=2)
    documents += await made(mapper)
    await close(mapper)
    documents += await made(mapper)
    await mapper.take(RebookRequested(OWN, OWN))
    await close(mapper, LATER + timedelta(days=2))
    documents += await made(mapper)
    await close(mapper, LATER + timedelta(days=2))
    documents += await made(mapper)
    found = money_by_day(documents)
    assert sum(found.values()) == D("24.20")
    assert found.get(CHANGED, D(0)) in (D(0), D("12.10")), found
