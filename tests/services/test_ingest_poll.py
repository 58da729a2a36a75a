"""ingest against the sandbox's till: each sale once, in the right revision, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from libs.common.contracts.commands import ConnectionAttention, RetryRequested, RulesChanged, SyncRequested
from libs.common.database.engine import Database
from libs.common.domain.problem import ProblemCode
from libs.common.domain.rules import DebtorRules, Rules
from libs.common.domain.sale import SaleState
from libs.common.lightspeed.retail_reading import Mark
from services.ingest import store
from services.ingest.content import unpacked
from services.ingest.schedule import Schedule
from services.sandbox.retail import events
from services.sandbox.tills import Buyer, TicketLine, TicketPayment
from tests.services.ingest_world import CONNECTION, DEFAULT_RULES, START, World, a_ticket, a_world


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with a_world(database) as made:
        yield made


def numbers(recorded) -> Counter[str]:
    return Counter(each.sale.id for each in recorded)


async def test_a_sale_at_the_till_is_recorded_once_with_its_money(world):
    (sold,) = world.sell(amount="24.20")

    await world.read()
    await world.read()

    (recorded,) = await world.recorded()
    assert recorded.sale.id == str(sold.key)
    assert (recorded.sale.total_incl_vat, recorded.sale.vat_amount) == (Decimal("24.20"), Decimal("4.20"))
    assert recorded.sale.lines[0].description == "Fietsbel"
    assert (recorded.revision, recorded.is_backlog) == (1, False)
    assert recorded.sale.payments[0].type_name == "PIN"


async def test_the_watermark_stays_two_minutes_behind_what_was_read(world):
    await world.read()
    cursor = await world.cursor()
    *_, read = await world.reads()
    assert cursor.watermark == START - timedelta(minutes=2)
    assert (read.read_until, read.position, read.backlog) == (cursor.watermark, cursor.position, None)


async def test_the_payload_is_kept_as_it_came(world):
    (sold,) = world.sell()
    await world.read()
    async with world.database.reading() as transaction:
        (kept,) = (await store.payloads(transaction, CONNECTION, [str(sold.key)])).values()
    assert kept is not None
    payload = unpacked(kept)
    assert (payload["saleID"], payload["total"], payload["completed"]) == (str(sold.key), "12.1", "true")


async def test_a_hundred_and_twenty_sales_in_one_second_are_all_recorded(world):
    world.sell(120, at=START)
    await world.read()
    await world.read()
    assert set(numbers(await world.recorded()).values()) == {1}
    assert len(await world.recorded()) == 120
    assert await world.tells_without_gaps()


async def test_rows_that_move_between_pages_are_neither_missed_nor_doubled(world):
    for minute in range(250):
        world.sell(at=START - timedelta(minutes=250 - minute))
    world.faults.choose({"retail": {"rows_move": 1.0}})
    await world.read()
    world.sell(5)
    await world.read()
    assert world.faults.happened["retail"]["rows_move"] > 2
    assert len(await world.recorded()) == 255
    assert set(numbers(await world.recorded()).values()) == {1}


async def test_a_sale_that_reaches_the_lists_two_minutes_late_is_not_missed(world):
    await world.read()
    world.clock.advance(60)
    (late,) = world.sell()
    world.account.change(late, updatetime=world.clock.now() - timedelta(seconds=115))
    await world.read()
    assert numbers(await world.recorded()) == {str(late.key): 1}


async def test_an_edit_that_changes_money_is_the_next_revision(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(600)
    payments = [{"type": "Contant"}]
    events.edit(world.account, sold, {"payments": payments}, world.retail.switches)

    await world.read()

    first, second = await world.recorded()
    assert (first.revision, second.revision) == (1, 2)
    assert (first.sale.payments[0].type_name, second.sale.payments[0].type_name) == ("PIN", "Contant")
    assert first.content_hash != second.content_hash
    assert await world.tells_without_gaps()


async def test_an_edit_without_money_is_no_revision(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(600)
    world.account.change(sold, referenceNumber="B-7", updatetime=world.account.stamp())

    await world.read()

    assert len(await world.recorded()) == 1
    async with world.database.reading() as transaction:
        (kept,) = (await store.payloads(transaction, CONNECTION, [str(sold.key)])).values()
    assert kept is not None
    assert unpacked(kept)["referenceNumber"] == "B-7"


async def test_an_answer_older_than_the_one_before_changes_nothing(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(30)
    events.edit(world.account, sold, {"payments": [{"type": "Contant"}]}, world.retail.switches)
    await world.read()
    pin = next(row.key for row in world.account["PaymentType"] if row.text("name") == "PIN")
    for payment in world.account["SalePayment"].find("saleID", sold.key):
        world.account.change(payment, paymentTypeID=pin)
    world.account.change(sold, updatetime=START)
    await world.read()
    assert [each.revision for each in await world.recorded()] == [1, 2]


async def test_a_void_goes_on_as_the_next_revision(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(86_400)
    events.void(world.account, sold, world.retail.switches)
    await world.read()
    assert [each.sale.state for each in await world.recorded()] == [SaleState.COMPLETED, SaleState.VOIDED]


async def test_an_open_ticket_is_kept_but_told_only_when_it_is_completed(world):
    ticket = replace(a_ticket(), completed=False)
    sold = world.retail.sell(world.account, ticket)
    world.retail.sell(world.account, replace(a_ticket(), completed=False, archived=True))
    await world.read()
    assert await world.recorded() == []

    world.clock.advance(60)
    events.complete_again(world.account, sold, world.retail.switches)
    await world.read()

    (recorded,) = await world.recorded()
    assert (recorded.sale.id, recorded.revision) == (str(sold.key), 1)


async def test_a_sale_that_is_reopened_after_it_was_completed_is_told(world):
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(60)
    events.reopen(world.account, sold)
    await world.read()
    world.clock.advance(60)
    events.complete_again(world.account, sold, world.retail.switches)
    await world.read()
    recorded = await world.recorded()
    states = [SaleState.COMPLETED, SaleState.OPEN, SaleState.COMPLETED]
    assert [each.sale.state for each in recorded] == states
    assert [each.revision for each in recorded] == [1, 2, 3]


async def test_sales_of_before_today_are_backlog(world):
    world.sell(at=START - timedelta(days=2))
    world.sell(at=START - timedelta(minutes=5))
    await world.read()
    assert [each.is_backlog for each in await world.recorded()] == [True, False]


async def test_nothing_older_than_the_start_date_is_read(world):
    await world.choose(Rules(start_date=date(2026, 3, 10)))
    old = [world.sell(at=START - timedelta(days=days))[0] for days in (10, 8, 1)]
    for sold, days in zip(old, (10, 8, 1), strict=True):
        world.account.change(sold, updatetime=START - timedelta(days=days))
    await world.read()
    assert numbers(await world.recorded()) == {str(old[2].key): 1}


async def test_before_rules_are_chosen_the_last_thirty_days_are_read_and_an_earlier_start_reads_back(world):
    await world.choose(Rules())
    sold = {days: world.sell(at=START - timedelta(days=days))[0] for days in (60, 29, 1)}
    for days, row in sold.items():
        world.account.change(row, updatetime=START - timedelta(days=days))
    await world.read()
    assert set(numbers(await world.recorded())) == {str(sold[29].key), str(sold[1].key)}

    await world.choose(Rules(start_date=date(2026, 1, 1)))
    await world.take(RulesChanged(2))
    await world.read()

    assert numbers(await world.recorded()) == {str(row.key): 1 for row in sold.values()}


async def test_customers_are_read_only_where_a_booking_can_need_them(world):
    await world.choose(replace(DEFAULT_RULES, debtor=DebtorRules(own_when="never")))
    buyer = Buyer(
        ref="anna", first_name="Anna", last_name="de Wit", company="De Wit BV", email="anna@example.nl"
    )
    world.sell(customer=buyer)
    await world.read()
    (anonymous,) = await world.recorded()
    assert anonymous.sale.customer is None
    assert not any(b"Customer" in url.query for url in world.transport.requests)

    await world.choose(DEFAULT_RULES)
    await world.take(RulesChanged(2))
    await world.read()
    known = (await world.recorded())[-1]
    assert known.revision == 2
    assert known.sale.customer is not None
    assert known.sale.customer.booking_name == "De Wit BV"

    await world.choose(replace(DEFAULT_RULES, debtor=DebtorRules(own_when="never")))
    await world.read()
    assert len(await world.recorded()) == 2


@pytest.mark.parametrize("switch", ["400", "ignored"])
async def test_where_lists_can_not_be_filtered_on_updatetime_the_time_stamp_serves(world, switch):
    world.retail.choose({"updatetime_filter": switch})
    old = world.sell(at=START - timedelta(days=60))[0]
    world.account.change(old, updatetime=START - timedelta(days=60))
    (sold,) = world.sell()
    await world.read()
    calls = world.calls.api
    await world.read()
    assert numbers(await world.recorded()) == {str(sold.key): 1}
    assert Mark.of((await world.cursor()).mark) == Mark(field="timeStamp")
    assert world.calls.api == calls + 1  # remembered: no second try


async def test_where_the_time_stamp_serves_edits_and_voids_are_found_within_a_day(world):
    world.retail.choose({"updatetime_filter": "400"})
    (sold,) = world.sell()
    await world.read()
    world.clock.advance(3_600)
    await world.read()
    events.void(world.account, sold, world.retail.switches)
    await world.read()
    assert len(await world.recorded()) == 1

    world.clock.advance(86_400)
    await world.read()

    assert [each.sale.state for each in await world.recorded()] == [SaleState.COMPLETED, SaleState.VOIDED]
    calls = world.calls.api
    await world.read()
    assert world.calls.api == calls + 1


async def test_a_missing_relation_is_waited_out_and_no_sale_is_taken_without_its_lines(world):
    world.sell(30)
    world.retail.choose({"missing_relation_rate": 0.7})
    schedule = world.schedule()
    for _ in range(2):
        await schedule.poll_due()
        world.clock.advance(60)
    world.retail.choose({"missing_relation_rate": 0.0})
    await world.read(schedule)
    recorded = await world.recorded()
    assert len(recorded) == 30
    assert all(each.sale.lines and each.sale.payments for each in recorded)
    assert await world.problems() == []


BELL = TicketLine(unit_price=Decimal("12.10"), item="BEL-77", description="Fietsbel", tax_class="1")
ANNA = Buyer(ref="anna", first_name="Anna", last_name="de Wit", email="anna@example.nl")


async def poll_times(world: World, schedule: Schedule, count: int) -> None:
    for _ in range(count):
        await schedule.poll_due()
        world.clock.advance(200)


@pytest.mark.parametrize("left_out", ["SaleLines.Item", "Customer", "Customer.Contact"])
async def test_a_relation_that_stays_away_makes_problems_of_the_sales_that_have_it(world, left_out):
    (sold,) = world.sell(lines=(BELL,), customer=ANNA)
    (other,) = world.sell()
    world.retail.choose({"left_out_relation": left_out})
    schedule = world.schedule()

    await poll_times(world, schedule, 3)
    assert (await world.recorded(), await world.problems()) == ([], [])

    await poll_times(world, schedule, 2)
    (problem,) = await world.problems()
    assert (problem.sale_id, problem.problem.code) == (str(sold.key), ProblemCode.SALE_UNREADABLE)
    assert dict(problem.problem.facts)["field"] == left_out
    assert numbers(await world.recorded()) == {str(other.key): 1}

    world.retail.choose({"left_out_relation": ""})
    await world.take(RetryRequested(str(sold.key)))
    await world.read(schedule)
    known = (await world.recorded())[-1]
    assert (known.sale.id, known.revision) == (str(sold.key), 2)
    assert (known.sale.lines[0].item_code, known.sale.customer.email) == ("BEL-77", "anna@example.nl")


async def test_other_failures_do_not_use_up_the_patience_with_missing_relations(world):
    world.sell(lines=(BELL,))
    schedule = world.schedule()
    world.faults.choose({"retail": {"html_500": 1.0}})
    await poll_times(world, schedule, 3)
    world.faults.choose({"retail": {}})
    world.retail.choose({"left_out_relation": "SaleLines.Item"})

    await poll_times(world, schedule, 3)

    assert ((await world.cursor()).lacking, await world.problems()) == (3, [])


async def test_a_merged_article_without_a_record_is_no_missing_relation(world):
    (old,) = world.sell(lines=(BELL,))
    world.sell(lines=(replace(BELL, item="BEL-78"),))
    world.account["Item"].remove(world.account["Item"].find("customSku", "BEL-77")[0])

    await world.read()

    assert len(await world.recorded()) == 2
    assert {
        each.sale.lines[0].item_code for each in await world.recorded() if each.sale.id == str(old.key)
    } == {""}


async def test_a_sale_that_was_read_whole_is_no_problem_when_a_sweep_comes_without_relations(world):
    world.sell(lines=(BELL,))
    await world.read()
    world.retail.choose({"left_out_relation": "SaleLines.Item"})
    world.clock.advance(86_400)
    schedule = world.schedule()

    for _ in range(8):
        await schedule.poll_due()
        world.clock.advance(1_800)

    assert len(await world.recorded()) == 1
    assert await world.problems() == []


@pytest.mark.parametrize("shape", ["text", "missing"])
async def test_a_deposit_without_lines_is_a_sale(world, shape):
    world.retail.choose({"empty_collections": shape})
    customer = Buyer(ref="anna", first_name="Anna", last_name="de Wit", credit_account=True)
    payments = (
        TicketPayment(type="Contant", amount=Decimal(50)),
        TicketPayment(type="Credit Account", amount=Decimal(-50)),
    )
    world.retail.sell(world.account, replace(a_ticket(), lines=(), payments=payments, customer=customer))
    await world.read()
    (recorded,) = await world.recorded()
    assert (recorded.sale.lines, len(recorded.sale.payments)) == ((), 2)


async def test_a_sale_that_can_not_be_read_is_a_problem_once_and_the_others_go_on(world):
    good, bad = world.sell(2)
    bad.raw = {
        "saleID": str(bad.key),
        "completed": "true",
        "shopID": "1",
        "total": "veel",
        "updatetime": "2026-03-14T10:00:00+00:00",
    }
    await world.read()
    await world.read()

    (problem,) = await world.problems()
    assert (problem.sale_id, problem.by, problem.revision, problem.decision) == (str(bad.key), "ingest", 1, 1)
    assert problem.problem.code is ProblemCode.SALE_UNREADABLE
    assert dict(problem.problem.facts)["field"] == "total"
    assert numbers(await world.recorded()) == {str(good.key): 1}


async def test_a_retry_fetches_the_unreadable_sale_again(world):
    (bad,) = world.sell()
    bad.raw = {
        "saleID": str(bad.key),
        "completed": "true",
        "shopID": "1",
        "total": "veel",
        "updatetime": "2026-03-14T10:00:00+00:00",
    }
    await world.read()
    world.clock.advance(86_400)

    await world.take(RetryRequested(str(bad.key)))
    await world.read()
    assert [each.decision for each in await world.problems()] == [1, 2]

    bad.raw = None
    await world.take(RetryRequested(str(bad.key)))
    await world.read()
    (recorded,) = await world.recorded()
    assert (recorded.sale.id, recorded.revision) == (str(bad.key), 2)


async def test_a_retry_takes_along_the_customer_that_was_mended_at_the_till(world):
    """4.5: a customer has a stamp of its own, so no poll reads the sale again."""
    world.sell(customer=Buyer(ref="jan", last_name="Jansen", company="Jansen BV", vat_number="ONGELDIG"))
    await world.read()
    world.clock.advance(600)
    (buyer,) = world.account["Customer"].find("company", "Jansen BV")
    world.account.change(buyer, vatNumber="NL001234567B01")
    await world.read()
    (recorded,) = await world.recorded()

    await world.take(RetryRequested(recorded.sale.id))
    await world.read()
    again = (await world.recorded())[-1]
    assert again.revision == 2
    assert again.sale.customer.vat_number == "NL001234567B01"


async def test_a_retry_of_a_sale_that_nobody_read_asks_for_nothing(world):
    await world.take(RetryRequested("5012"))
    async with world.database.reading() as transaction:
        assert await store.wanted(transaction, CONNECTION, 10) == []


async def test_a_payment_type_made_today_is_looked_up_and_its_sale_recorded(world):
    world.sell()
    await world.read()
    world.clock.advance(600)
    world.account.add("PaymentType", name="Klarna", type="user defined")
    world.retail.sell(world.account, replace(a_ticket(), payments=(TicketPayment(type="Klarna"),)))
    await world.read()
    assert [each.sale.payments[0].type_name for each in await world.recorded()] == ["PIN", "Klarna"]
    assert await world.problems() == []


async def test_a_sync_request_makes_the_connection_due_at_once(world):
    schedule = world.schedule()
    await world.read(schedule)
    world.sell()
    assert await schedule.poll_due() == 0
    await world.take(SyncRequested())
    assert await schedule.poll_due() == 1
    assert len(await world.recorded()) == 1


async def test_a_quiet_poll_costs_one_call(world):
    await world.read()
    calls = world.calls.api
    for _ in range(5):
        world.clock.advance(61)
        await world.schedule().poll_due()
    assert world.calls.api == calls + 5


async def test_a_consent_that_is_gone_is_told_once_and_a_new_poll_costs_no_call(world):
    schedule = world.schedule()
    await world.read(schedule)
    for grant in {id(each): each for each in world.retail.grants.by_refresh_token.values()}.values():
        grant.revoked = True
    for _ in range(6):
        world.clock.advance(3_700)
        await schedule.poll_due()
    told = await world.told(ConnectionAttention)
    assert len(told) == 1
    assert told[0].grant_id
    calls = world.calls.total
    world.clock.advance(3_700)
    await schedule.poll_due()
    assert world.calls.total == calls


async def test_who_switches_on_again_what_still_cannot_be_read_is_told_so_again(world):
    schedule = world.schedule()
    await world.read(schedule)
    for grant in {id(each): each for each in world.retail.grants.by_refresh_token.values()}.values():
        grant.revoked = True
    world.clock.advance(3_700)
    await schedule.poll_due()
    assert len(await world.told(ConnectionAttention)) == 1

    await world.take(RulesChanged(2))
    for _ in range(3):
        world.clock.advance(3_700)
        await schedule.poll_due()

    assert len(await world.told(ConnectionAttention)) == 2
