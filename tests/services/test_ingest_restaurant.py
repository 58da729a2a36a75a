"""ingest against the sandbox's restaurant: each account once, under each reading of the vendor's words."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from libs.common.contracts.commands import RetryRequested
from libs.common.database.engine import Database
from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale, sale_day
from libs.common.domain.problem import Problem
from libs.common.domain.rules import PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import ZERO, LineKind, Sale, SaleState, SaleWarning, TenderKind
from libs.common.lightspeed.restaurant_till import DAYS
from services.sandbox.restaurant import moving, reversing
from services.sandbox.restaurant.orders import OrderLine, OrderPayment
from services.sandbox.restaurant.reversing import Back
from services.sandbox.tills import Buyer
from tests.builders import some_rules
from tests.services.ingest_world import DEFAULT_RULES, START, World
from tests.services.restaurant_world import RestaurantWorldOfIngest, a_restaurant, an_order
from tests.services.test_ingest_faults import Dying, Killed

D = Decimal
Restaurant = RestaurantWorldOfIngest


def rules_for(sales: list[Sale]) -> Rules:
    """Every method that occurs has a ledger of its own, by its kind."""
    kinds = {TenderKind.CASH: PaymentKind.CASH, TenderKind.GIFT_CARD: PaymentKind.GIFT_CARD}
    payments = {
        paid.type_id: PaymentRule(kinds.get(paid.kind, PaymentKind.CARD), "2000")
        for sale in sales
        for paid in sale.payments
    }
    return some_rules(payments=payments)


async def sales_of(world: World) -> list[Sale]:
    """In their last revision."""
    last = {each.sale.id: each.sale for each in await world.recorded()}
    return sorted(last.values(), key=lambda sale: (sale.completed_at or START, sale.number))


async def booked_of(world: Restaurant) -> list[Sale]:
    """Those that can be booked; none of what was read may be a problem."""
    assert not await world.problems()
    sales = await sales_of(world)
    rules = rules_for(sales)
    for sale in sales:
        outcome = map_sale(sale, rules)
        assert not isinstance(outcome, Problem), (sale.number, outcome)
    return [sale for sale in sales if isinstance(map_sale(sale, rules), Booking)]


def turnover(sales: list[Sale]) -> Decimal:
    return sum((sale.total_incl_vat for sale in sales), ZERO)


async def test_a_closed_account_is_recorded_once_with_its_money(database: Database) -> None:
    async with a_restaurant(database) as world:
        sold = world.ring_up(an_order("24.20", payments=(OrderPayment(type="PIN", tip=D("2.50")),)))

        await world.read()
        await world.read()

        (recorded,) = await world.recorded()
        sale = recorded.sale
        assert (sale.id, sale.number, sale.outlet) == (sold.reference, sold.fisc_id, world.location)
        assert (sale.total_incl_vat, sale.vat_amount) == (D("24.20"), D("4.20"))
        assert [(paid.amount, paid.tip) for paid in sale.payments] == [(D("26.70"), D("2.50"))]
        assert sale.day_end == "05:30"


async def test_pages_and_locations_are_all_read(database: Database) -> None:
    async with a_restaurant(database, locations=("Utrecht", "Zeist", "Baarn")) as world:
        utrecht, zeist, _ = (str(location.bl_id) for location in world.business.locations)
        for minute in range(130):
            world.ring_up(an_order(at=START - timedelta(minutes=minute), shop=utrecht))
        world.ring_up(an_order(shop=zeist))

        await world.read()

        sold = Counter(each.sale.outlet for each in await world.recorded())
        assert sold == {utrecht: 130, zeist: 1}


@pytest.mark.parametrize("last", ["absent", "empty"])
async def test_empty_pages_lead_on(database: Database, last: str) -> None:
    async with a_restaurant(database, switches={"last_page_token": last, "empty_page_rate": 0.3}) as world:
        for minute in range(250):
            world.ring_up(an_order(at=START - timedelta(minutes=minute)))

        await world.read()

        assert len(await world.recorded()) == 250


async def test_what_an_offline_till_hands_in_late_is_found(database: Database) -> None:
    async with a_restaurant(database) as world:
        await world.read()
        closed = START - timedelta(hours=30)
        late = world.ring_up(an_order(at=closed, arrives_at=START + timedelta(hours=2)))

        world.clock.advance(3 * 3600)
        await world.read()
        await world.read()

        assert [each.sale.number for each in await world.recorded()] == [late.fisc_id]


@pytest.mark.parametrize("earliest", ["date-time", "date"])
async def test_a_history_is_read_from_when_the_location_began(database: Database, earliest: str) -> None:
    rules = replace(DEFAULT_RULES, start_date=date(2020, 1, 1))
    async with a_restaurant(database, rules, switches={"earliest_date": earliest}) as world:
        world.business.locations[0].opened_at = datetime(2026, 1, 10, 8, 0, tzinfo=UTC)
        first = datetime(2026, 1, 10, 18, 0, tzinfo=UTC)
        for day in range(40):
            world.ring_up(an_order(at=first + timedelta(days=day)))

        await world.read(rounds=200)

        assert len(await world.recorded()) == 40


# Whole days


async def days_known(world: Restaurant) -> Any:
    read = (await world.reads())[-1]
    return {each.outlet: each for each in read.days}


async def test_days_are_told_to_be_whole_once_the_till_says_so(database: Database) -> None:
    async with a_restaurant(database) as world:
        world.business.locations[0].incomplete_days["2026-03-12"] = True
        for _ in range(12):
            await world.read()

        known = (await days_known(world))[world.location]
        assert known.whole_until == datetime(2026, 3, 14, 4, 30, tzinfo=UTC)  # 05:30 in winter time
        assert known.lacking == (date(2026, 3, 12),)

        world.business.locations[0].incomplete_days["2026-03-12"] = False
        world.clock.advance(11 * 60)
        await world.read()
        await world.read()
        assert (await days_known(world))[world.location].lacking == ()


async def test_no_day_is_whole_before_the_till_was_asked(database: Database) -> None:
    async with a_restaurant(database) as world:
        await world.read()

        first = next(read for read in await world.reads() if read.days)
        assert {each.outlet for each in first.days} == {world.location}
        assert first.days[0].whole_until is None
        assert await world.errand(DAYS) is not None


async def test_a_sale_after_midnight_counts_on_the_day_before_by_the_tills_clock(database: Database) -> None:
    async with a_restaurant(database, day_start="04:00") as world:
        world.ring_up(an_order(at=datetime(2026, 3, 14, 2, 30, tzinfo=UTC)))  # 03:30 in Utrecht
        await world.read()

        (sale,) = await sales_of(world)
        assert sale.day_end == "04:00"
        assert sale_day(sale, some_rules(day_end="till")) == date(2026, 3, 13)


# Events, under each reading that the vendor leaves open

READINGS: list[dict[str, object]] = [
    {},
    {"voided_line_amounts": "price", "surcharge": "inside", "cash_rounding": "inside"},
    {"reversal_quantities": "positive", "gift_card_issue": "positive", "cancelled_account": "CANCEL"},
    {"rounding_amount": False, "cash_rounding": "inside", "tax_rate_percentage": "multiplier"},
    {"bl_id_key": "blId", "receipt_id": False, "account_reference": "uuid", "range_begin": "exclusive"},
    {"transfer": "two records", "split_lines": "fractions", "bill_rounding": "half up"},
    {"refund_amounts": "positive", "void_amounts": "positive", "recall_void": "implicit"},
    {"refund_amounts": "positive", "void_amounts": "positive", "reversal_quantities": "positive"},
    {"void_amounts": "positive", "cancelled_account": "CANCEL", "recall_void": "implicit"},
]
in_every_reading = pytest.mark.parametrize("switches", READINGS, ids=lambda one: ",".join(one) or "usual")


@in_every_reading
async def test_whatever_happens_at_the_till_the_turnover_is_the_tills_own(
    database: Database, switches: dict[str, object]
) -> None:
    async with a_restaurant(database, switches=switches) as world:
        shop = world.shop()
        line = OrderLine(unit_price=D("12.48"), item="BIER25", vat_rate=D(21))
        food = OrderLine(unit_price=D("17.95"), item="BURGER", vat_rate=D(9))
        eva = Buyer(ref="eva", first_name="Eva", last_name="de Wit", company="De Wit BV")
        world.ring_up(an_order(lines=(line, food)))
        world.ring_up(an_order(lines=(line,), payments=(OrderPayment(type="CASH"),), cash_rounding=True))
        world.ring_up(an_order(lines=(line, replace(food, void_reason="Taste"))))
        world.ring_up(an_order(lines=(line,), payments=(OrderPayment(type="PIN", surcharge=D("0.25")),)))
        world.ring_up(an_order(lines=(line, food), service_charge=D(10)))
        world.ring_up(an_order(lines=(food, replace(line, under=0))))
        world.ring_up(an_order(lines=(line,), customer=eva, payments=(OrderPayment(type="receivable"),)))
        card = OrderLine(unit_price=D("50.00"), gift_card="GC-1")
        world.ring_up(an_order(lines=(card,)))
        returned = world.ring_up(an_order(lines=(line, food)))
        reversing.refund(shop, returned, Back(at=START))
        voided = world.ring_up(an_order(lines=(line,)))
        reversing.void(shop, voided, Back(at=START))
        cancelled = world.ring_up(an_order(lines=(food,)))
        reversing.cancel(shop, cancelled, Back(at=START))
        again = world.ring_up(an_order(lines=(line,)))
        reversing.recall(shop, again, an_order(lines=(line, food)))
        changed = world.ring_up(an_order(lines=(line,)))
        reversing.change_payment(shop, changed, "CASH", at=START, back_office=True)
        moving.split(shop, an_order("10.00"), 3)
        moving.transfer(shop, an_order())
        moving.cancelled_input(shop, an_order())
        moving.cash_float(shop, D("200.00"), START, None)
        moving.settle_house_account(shop, eva, D("12.48"), "PIN", START)

        world.clock.advance(60)
        await world.read()

        kept = [record for location in world.business.locations for record in location.records]
        booked = await booked_of(world)
        assert turnover(booked) == sum((record.turnover for record in kept), ZERO)
        received = sum((paid.received for record in kept for paid in record.payments if counts(record)), ZERO)
        assert sum((sale.paid for sale in booked), ZERO) == received


def counts(record: Any) -> bool:
    return record.kind not in ("FLOAT", "TRANSITORY", "CROSS_BL") and not (
        record.kind == "CANCEL" and not record.previous_id
    )


async def test_a_void_without_its_sign_is_held_against_what_it_voids_however_long_ago_that_was_read(
    database: Database,
) -> None:
    async with a_restaurant(database, switches={"void_amounts": "positive"}) as world:
        sold = world.ring_up()
        await world.read()
        world.clock.advance(3600)
        reversing.void(world.shop(), sold, Back(at=world.clock.now()))
        world.clock.advance(60)
        await world.read()

        assert [sale.total_incl_vat for sale in await booked_of(world)] == [sold.total, -sold.total]


@pytest.mark.parametrize("issue", ["negative", "positive"])
@pytest.mark.parametrize("void", ["negative", "positive"])
async def test_a_gift_card_whose_sale_is_void_is_not_sold_twice(
    database: Database, issue: str, void: str
) -> None:
    async with a_restaurant(database, switches={"gift_card_issue": issue, "void_amounts": void}) as world:
        card = OrderLine(unit_price=D("50.00"), gift_card="GC-1")
        sold = world.ring_up(an_order(lines=(card,)))
        await world.read()
        world.clock.advance(3600)
        reversing.void(world.shop(), sold, Back(at=world.clock.now()))
        world.clock.advance(60)
        await world.read()

        moved = [[paid.amount for paid in sale.payments] for sale in await booked_of(world)]
        assert moved == [[D("50.00"), D("-50.00")], [D("-50.00"), D("50.00")]]


async def test_a_void_without_its_sign_of_an_account_that_nobody_finds_waits_for_a_person(
    database: Database,
) -> None:
    async with a_restaurant(database, switches={"void_amounts": "positive"}) as world:
        sold = world.ring_up(an_order(at=START - timedelta(days=4)))
        back = reversing.void(world.shop(), sold, Back(at=START))

        await world.read()

        (problem,) = await world.problems()
        assert (problem.number, problem.by) == (back.fisc_id, "ingest")


@pytest.mark.parametrize("earliest", ["date-time", "date"])
async def test_a_void_on_the_day_on_which_a_location_opened_is_read_like_any(
    database: Database, earliest: str
) -> None:
    """What it voids is looked for in the two days before it, of which most were before the location (5.1)."""
    switches = {"void_amounts": "positive", "earliest_date": earliest}
    async with a_restaurant(database, DEFAULT_RULES, switches=switches) as world:
        world.business.locations[0].opened_at = START - timedelta(hours=3)
        sold = world.ring_up(an_order(at=START - timedelta(hours=2)))
        await world.read()
        world.clock.advance(3600)
        reversing.void(world.shop(), sold, Back(at=world.clock.now()))
        world.clock.advance(60)

        await world.read()

        assert [sale.total_incl_vat for sale in await booked_of(world)] == [sold.total, -sold.total]


async def test_an_account_that_was_open_for_more_than_a_year_stops_no_poll(database: Database) -> None:
    """A range of more than 365 days is refused (5)."""
    async with a_restaurant(database, switches={"recall_void": "implicit"}) as world:
        sold = world.ring_up()
        again = reversing.recall(world.shop(), sold, an_order("24.20"))
        again.opened_at = START - timedelta(days=400)

        await world.read()

        assert turnover(await booked_of(world)) == again.total


async def test_a_void_that_comes_after_the_account_was_opened_again_counts_once(database: Database) -> None:
    async with a_restaurant(database, switches={"recall_void": "beside"}) as world:
        sold = world.ring_up()
        again = reversing.recall(world.shop(), sold, an_order("24.20"))
        (void,) = [one for one in world.shop().location.records if one.kind == "VOID"]
        void.arrives_at = START + timedelta(hours=3)
        await world.read()
        assert turnover(await booked_of(world)) == again.total

        world.clock.advance(3 * 3600 + 60)
        await world.read()
        assert turnover(await booked_of(world)) == again.total


@pytest.mark.parametrize("record", ["VOID", "CANCEL"])
async def test_an_account_that_is_flagged_beside_its_void_is_taken_back_once_however_often_it_is_read(
    database: Database, record: str
) -> None:
    switches = {"cancelled_original": True, "cancelled_account": record}
    async with a_restaurant(database, switches=switches) as world:
        sold = world.ring_up(an_order("25.00"))
        await world.read()
        world.clock.advance(3600)
        reversing.cancel(world.shop(), sold, Back(at=world.clock.now()))

        for _ in range(3):
            world.clock.advance(61 * 60)
            await world.read()

        assert [sale.total_incl_vat for sale in await sales_of(world)] == [D("25.00"), D("-25.00")]
        assert {sale.state for sale in await sales_of(world)} == {SaleState.COMPLETED}
        assert {problem.number for problem in await world.problems()} == {sold.fisc_id}


async def test_an_account_that_is_cancelled_before_it_was_ever_read_leaves_its_void_to_a_person(
    database: Database,
) -> None:
    async with a_restaurant(database, switches={"cancelled_original": True}) as world:
        sold = world.ring_up(an_order("25.00", at=START - timedelta(hours=20)))
        void = reversing.cancel(world.shop(), sold, Back(at=START))

        for _ in range(2):
            world.clock.advance(61 * 60)
            await world.read()

        assert await sales_of(world) == []
        assert {problem.number for problem in await world.problems()} == {void.fisc_id}


async def test_an_account_that_was_paid_otherwise_before_it_was_opened_again_waits_for_a_person(
    database: Database,
) -> None:
    """Its implied void takes cash back, and the account before says card."""
    async with a_restaurant(database, switches={"recall_void": "implicit"}) as world:
        sold = world.ring_up(an_order(at=START - timedelta(hours=2)))
        later = START - timedelta(hours=1)
        reversing.change_payment(world.shop(), sold, "CASH", at=later, back_office=True)
        again = reversing.recall(world.shop(), sold, an_order("24.20"))

        world.clock.advance(60)
        await world.read()

        assert {problem.number for problem in await world.problems()} == {again.fisc_id}


@pytest.mark.parametrize("lines", ["cents", "fractions"])
async def test_the_parts_of_a_split_bill_add_up_to_it(database: Database, lines: str) -> None:
    """A third of 10.00 is asked as 3.33, 3.33 and 3.34, whatever six decimals the lines have."""
    async with a_restaurant(database, switches={"split_lines": lines}) as world:
        moving.split(world.shop(), an_order("10.00"), 3)

        await world.read()

        booked = await booked_of(world)
        assert sorted(sale.total_incl_vat for sale in booked) == [D("3.33"), D("3.33"), D("3.34")]
        assert turnover(booked) == sum((sale.paid for sale in booked), ZERO) == D("10.00")


@pytest.mark.parametrize("gone", ["403", "404"])
async def test_a_problem_of_a_location_that_left_the_login_stops_no_poll(
    database: Database, gone: str
) -> None:
    """Once the locations are others, what couldn't be read is fetched again."""
    switches = {"void_amounts": "positive", "foreign_location": gone}
    async with a_restaurant(database, locations=("Utrecht", "Zeist"), switches=switches) as world:
        zeist = str(world.business.locations[1].bl_id)
        sold = world.ring_up(an_order(at=START - timedelta(days=4), shop=zeist))
        reversing.void(world.shop(zeist), sold, Back(at=START))
        await world.read()
        assert len(await world.problems()) == 1

        world.business.locations.pop()
        world.clock.advance(26 * 3600)
        today = world.ring_up(an_order())
        await world.read()

        assert [each.sale.number for each in await world.recorded()][-1] == today.fisc_id


@pytest.mark.parametrize("gone", ["403", "404"])
async def test_a_location_that_leaves_the_login_stops_none_of_the_others(
    database: Database, gone: str
) -> None:
    """The list of locations is read once a day, and again when one of them is refused."""
    async with a_restaurant(
        database, locations=("Utrecht", "Zeist"), switches={"foreign_location": gone}
    ) as world:
        await world.read()
        world.business.locations.pop()
        world.clock.advance(3600)
        sold = world.ring_up(an_order())

        await world.read()

        assert [each.sale.number for each in await world.recorded()] == [sold.fisc_id]


async def test_a_float_is_told_as_no_sale(database: Database) -> None:
    async with a_restaurant(database) as world:
        moving.cash_float(world.shop(), D("200.00"), START, None)

        await world.read()

        assert [sale.state for sale in await sales_of(world)] == [SaleState.INTERNAL]


async def test_an_untaxed_service_charge_is_turnover_without_vat_and_a_warning(database: Database) -> None:
    async with a_restaurant(database) as world:
        order = an_order(service_charge=D(10), service_charge_type="UNTAXED")
        record = world.ring_up(order)

        await world.read()

        (sale,) = await booked_of(world)
        assert sale.total_incl_vat == record.total == D("13.31")
        assert [line.amount_incl_vat for line in sale.lines if line.kind is LineKind.SERVICE_CHARGE] == [
            D("1.21")
        ]
        assert sale.warnings == (SaleWarning.SERVICE_CHARGE_WITHOUT_VAT,)


async def test_a_sale_that_a_person_wants_again_is_read_by_its_time(database: Database) -> None:
    async with a_restaurant(database, switches={"void_amounts": "positive"}) as world:
        sold = world.ring_up(an_order(at=START - timedelta(days=4)))
        back = reversing.void(world.shop(), sold, Back(at=START - timedelta(days=1)))
        await world.read()
        (problem,) = await world.problems()

        world.restaurant.switches.choose({"void_amounts": "negative"})
        world.clock.advance(3600)
        await world.take(RetryRequested(problem.sale_id))
        await world.read()

        assert [sale.number for sale in await sales_of(world)] == [sold.fisc_id, back.fisc_id]


# Faults


async def test_an_unreliable_vendor_loses_and_doubles_nothing(database: Database) -> None:
    async with a_restaurant(database) as world:
        for minute in range(230):
            world.ring_up(an_order(at=START - timedelta(minutes=minute)))
        world.faults.choose(
            {
                "seed": 3,
                "restaurant": {
                    "refused_429": 0.1,
                    "html_500": 0.1,
                    "unavailable_503": 0.1,
                    "cut_json": 0.1,
                    "answer_lost": 0.1,
                    "rows_move": 0.5,
                },
            }
        )

        await world.read(rounds=300)

        kept = [record for record in world.business.locations[0].records if record.kind == "SALE"]
        recorded = await world.recorded()
        assert {each.sale.number for each in recorded} == {record.fisc_id for record in kept}
        assert {each.revision for each in recorded} == {1}


@pytest.mark.parametrize("form", ["seconds", "date", "absent"])
async def test_too_many_calls_wait_as_long_as_they_are_told(database: Database, form: str) -> None:
    async with a_restaurant(database, switches={"retry_after": form}) as world:
        world.ring_up()
        world.restaurant.tell(["429", "429"])

        await world.read()

        assert len(await world.recorded()) == 1


async def test_tokens_that_live_for_minutes_are_renewed_on_the_way(database: Database) -> None:
    async with a_restaurant(database, switches={"access_token_seconds": 90}) as world:
        for _ in range(10):
            world.ring_up()
            world.clock.advance(120)
            await world.read()

        assert len(await world.recorded()) == 10


async def test_a_consent_that_nobody_uses_is_renewed_every_day(database: Database) -> None:
    async with a_restaurant(database, switches={"refresh_token_seconds": 36 * 3600}) as world:
        for _ in range(4):
            world.clock.advance(25 * 3600)
            assert await world.vault.refresh_idle(world.clock.now()) == 1
        world.ring_up()

        await world.read()

        assert len(await world.recorded()) == 1


@pytest.mark.parametrize("where", ["before", "midst", "after"])
async def test_a_kill_at_any_transaction_loses_and_doubles_no_account(database: Database, where: str) -> None:
    async with a_restaurant(database, locations=("Utrecht", "Zeist")) as world:
        shops = [str(location.bl_id) for location in world.business.locations]
        for minute in range(230):
            world.ring_up(an_order(at=START - timedelta(minutes=minute), shop=shops[minute % 2]))
        killed = 0
        for at in range(1, 25):
            schedule = world.schedule(Dying(world.database, at, where))
            try:
                await schedule.poll_due()
            except Killed:
                killed += 1
            world.ring_up()
            world.clock.advance(200)  # the lease of the dead one runs out
        await world.read()

        kept = [record.fisc_id for location in world.business.locations for record in location.records]
        assert killed >= 4
        assert Counter(each.sale.number for each in await world.recorded()) == Counter(kept)
