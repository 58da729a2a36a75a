"""Sales on the customer's account, as they go on: each payment is a journal of its own day, and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from libs.common.contracts.commands import RulesChanged
from libs.common.contracts.documents import DocumentReady
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.rules import Mode
from libs.common.domain.sale import Payment, Sale, SaleState
from tests.builders import CARD, CASH, ON_ACCOUNT, D, a_customer, a_line, a_payment, a_sale, some_rules
from tests.services.mapper_world import Mapper, booked
from tests.services.test_mapper_corrections import amounts, documents

SOLD = datetime(2026, 3, 14, 9, tzinfo=UTC)
FIRST_PAID, LAST_PAID = datetime(2026, 3, 16, 9, tzinfo=UTC), datetime(2026, 3, 18, 9, tzinfo=UTC)
BUYER = a_customer("88", company="Rijwielhandel BV")


@pytest.fixture
def mapper(database: Database) -> Mapper:
    return Mapper(database)


def a_debt(*payments: Payment, changed_at: datetime = SOLD, **more: object) -> Sale:
    sale = a_sale([a_line("121")], payments, customer=BUYER, completed_at=SOLD)
    return replace(sale, runs_on_account=True, changed_at=changed_at, **more)  # type: ignore[arg-type]


def rest(amount: str) -> Payment:
    return a_payment(amount, ON_ACCOUNT, id="rest", paid_at=SOLD)


PART = a_payment("21", CASH, id="1", paid_at=FIRST_PAID)
REST = a_payment("100", CARD, id="2", paid_at=LAST_PAID)


async def _told(mapper: Mapper) -> list[DocumentReady]:
    told = await documents(mapper)
    for ready in told:
        await mapper.take(booked(ready))
    return told


@pytest.mark.parametrize("mode", [Mode.TRANSACTIONS, Mode.DAILY_TOTALS])
async def test_each_later_payment_is_booked_once_on_its_own_day(mapper: Mapper, mode: Mode) -> None:
    await mapper.connect(some_rules(mode=mode))
    await mapper.record(a_debt(rest("121")))
    (sale,) = await _told(mapper)

    await mapper.record(a_debt(PART, rest("100"), changed_at=FIRST_PAID), revision=2)
    part = [each for each in await _told(mapper) if each.document_id != sale.document_id]
    await mapper.record(a_debt(PART, REST, changed_at=LAST_PAID), revision=3)
    settled = [each.document for each in await _told(mapper)]

    assert [(each.document.reference, each.document.day) for each in part] == [
        ("5012-P20260316", date(2026, 3, 16))
    ]
    assert amounts(part[0]) == {"2001": D("-21"), "debtor": D("21")}
    assert ("5012-P20260318", date(2026, 3, 18)) in {(each.reference, each.day) for each in settled}
    assert not [each for each in settled if "-C" in each.reference]


async def test_a_void_takes_the_sale_and_its_payments_back_on_its_day(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_debt(PART, rest("100")))
    first = await _told(mapper)

    voided = a_debt(PART, rest("100"), changed_at=LAST_PAID, state=SaleState.VOIDED)
    await mapper.record(voided, revision=2)
    reversed_ = await _told(mapper)

    assert len(first) == len(reversed_) == 2
    assert {each.document.day for each in reversed_} == {date(2026, 3, 18)}
    assert sorted(map(str, (amounts(each) for each in reversed_))) == sorted(
        str({place: -amount for place, amount in amounts(each).items()}) for each in first
    )


async def test_deposits_on_a_layby_stay_as_they_were_booked_when_it_is_picked_up(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    lines = (a_line("121", is_reservation=True),)
    open_ = replace(a_debt(PART), lines=lines, state=SaleState.OPEN, completed_at=None)
    await mapper.record(open_)
    (deposit,) = await _told(mapper)
    assert amounts(deposit) == {"2001": D("-21"), "debtor": D("21")}

    closed = replace(a_debt(PART, REST, changed_at=LAST_PAID), lines=lines, completed_at=LAST_PAID)
    await mapper.record(closed, revision=2)
    told = [each.document for each in await _told(mapper) if each.document_id != deposit.document_id]

    (entry,) = told
    assert (entry.reference, entry.day, entry.open_amount) == ("5012", date(2026, 3, 18), D("21"))


async def test_what_stands_stays_where_the_start_date_moves_past_it(mapper: Mapper) -> None:
    await mapper.connect(some_rules())
    await mapper.record(a_debt(rest("121")))
    await _told(mapper)
    await mapper.change(rules=registry.rules_text(some_rules(start_date=date(2026, 3, 15))), rules_version=2)
    await mapper.take(RulesChanged(2))

    await mapper.record(a_debt(PART, rest("100"), changed_at=FIRST_PAID), revision=2)

    (payment,) = await _told(mapper)
    assert payment.document.reference == "5012-P20260316"
