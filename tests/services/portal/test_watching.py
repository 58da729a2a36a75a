"""What the portal looks after by itself: VAT codes against the till's rates, and trials that end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from libs.common.contracts.sales import SaleRecorded
from libs.common.database.registry import merchants
from libs.common.domain.rules import Rules
from libs.common.domain.sale import LineKind, Sale, SaleState, SaleWarning
from services.portal.context import Portal
from services.portal.notice_codes import NoticeCode
from services.portal.sale_warnings import warned, warnings_of
from services.portal.trials import DIRECT, end_trials
from services.portal.vat_watch import DatedRate, VatCodes, charged, differences, watch_vat
from tests.builders import CARD, CASH, D, a_line, a_payment, a_sale
from tests.services.portal.world import World, assert_problem

TODAY = date(2026, 11, 25)
HIGH = DatedRate("2", D("21"), date(2012, 10, 1), None)
OLD_LOW = DatedRate("1", D("6"), date(2001, 1, 1), date(2018, 12, 31))
LOW = DatedRate("1", D("9"), date(2019, 1, 1), None)
CODES = VatCodes(frozenset({"1", "2"}), (HIGH, OLD_LOW, LOW))


def portal_of(world: World) -> Portal:
    web: Any = world.service.web
    portal: Portal = web.portal
    return portal


def found(rules: Rules, sold: list[Sale] | None = None, day: date = TODAY) -> list[tuple[str, str]]:
    told = differences(rules, CODES, charged(sold or [], rules), day)
    return [(each.code.value, each.subject) for each in told]


def at_class(rate: str, on: date = TODAY) -> Sale:
    """Sold at half past midnight, when it is still the day before in UTC."""
    moment = datetime.combine(on, time(0, 30), ZoneInfo("Europe/Amsterdam"))
    return a_sale([a_line("10.90", rate, tax_class="3")], completed_at=moment)


def test_codes_with_the_tills_rates_are_nothing_to_tell() -> None:
    assert found(Rules(vat={"21": "2", "9": "1", "none": "0"})) == []


def test_a_percentage_counts_on_the_day_it_is_valid() -> None:
    assert found(Rules(vat={"9": "1"}), day=date(2018, 12, 31)) == [("vat-code-differs", "9 9")]
    assert found(Rules(vat={"6": "1"}), day=date(2018, 12, 31)) == []


def test_a_tax_class_is_compared_with_the_rates_it_was_sold_under() -> None:
    rules = Rules(vat={"class:3": "2"})
    assert found(rules, [at_class("21")]) == []
    assert found(rules, [at_class("21"), at_class("9")]) == [("vat-code-differs", "class:3 9")]


def test_a_rate_is_held_against_the_percentage_of_the_day_of_its_sale() -> None:
    """Code 1 is 6 % until the end of 2018 and 9 % from 2019 on."""
    rules, last, first = Rules(vat={"class:3": "1"}), date(2018, 12, 31), date(2019, 1, 1)
    today = date(2019, 1, 10)

    assert found(rules, [at_class("6", last), at_class("9", first)], today) == []
    assert found(rules, [at_class("9", last)], today) == [("vat-code-differs", "class:3 9")]
    assert found(rules, [at_class("6", last), at_class("6", first)], today) == [
        ("vat-code-differs", "class:3 6")
    ]


def test_what_is_told_of_a_rate_is_the_percentage_of_the_last_day_on_which_it_differed() -> None:
    rules = Rules(vat={"class:3": "1"})
    sold = charged([at_class("21", date(2018, 12, 31)), at_class("21", date(2019, 1, 1))], rules)

    (told,) = differences(rules, CODES, sold, date(2019, 1, 10))

    assert told.facts == {"rate": "21", "vat_code": "1", "percentage": "9"}


def test_a_code_that_is_gone_is_told() -> None:
    assert found(Rules(vat={"12": "77"})) == [("vat-code-gone", "12 12")]


def test_without_vat_there_is_nothing_to_compare() -> None:
    assert found(Rules(vat={"21": "1", "none": "0"}, small_business_scheme=True)) == []


async def test_a_changed_percentage_is_a_problem_until_it_is_mended(world: World) -> None:
    connection = await world.active()
    address = f"/v1/connections/{connection}"
    await watch_vat(portal_of(world))
    assert (await world.partner.get(f"{address}/problems")).json()["items"] == []

    division = world.sandbox.exact.divisions[2731045]
    low = division.by_code("vat/VATCodes", "1", 3)
    assert low is not None
    (rate,) = [
        row
        for row in division.table("vat/VatPercentages").rows.values()
        if row["EndDate"] is None and row["VATCodeID"] == low["ID"]
    ]
    rate["Percentage"] = D("0.12")
    await watch_vat(portal_of(world))
    assert (await world.partner.get(f"{address}/problems")).json()["items"] == [], "once a day"

    world.sandbox.clock.advance(timedelta(days=1).total_seconds())
    await watch_vat(portal_of(world))
    (problem,) = (await world.partner.get(f"{address}/problems")).json()["items"]
    assert problem["code"] == NoticeCode.VAT_CODE_DIFFERS.value
    assert problem["message"] == "De kassa rekent 9 % btw, maar btw-code 1 is in Exact Online 12 %."
    assert (problem["count"], problem["sales"]) == (0, [])

    rate["Percentage"] = D("0.09")
    world.sandbox.clock.advance(timedelta(days=1).total_seconds())
    await watch_vat(portal_of(world))
    assert (await world.partner.get(f"{address}/problems")).json()["items"] == []


async def test_codes_that_cannot_be_asked_for_now_are_asked_for_an_hour_later(world: World) -> None:
    connection = await world.active()
    division = world.sandbox.exact.divisions[2731045]
    high = division.by_code("vat/VATCodes", "2", 3)
    assert high is not None
    high["IsBlocked"] = True

    division.is_blocked = True
    await watch_vat(portal_of(world))
    division.is_blocked = False
    world.sandbox.clock.advance(timedelta(hours=1).total_seconds())
    await watch_vat(portal_of(world))

    (problem,) = (await world.partner.get(f"/v1/connections/{connection}/problems")).json()["items"]
    assert problem["code"] == NoticeCode.VAT_CODE_GONE.value


async def signed_up_alone(world: World, connection: str) -> None:
    """As if it had come by the screens; the partner goes on looking at the connection itself."""
    async with world.database.transaction() as transaction:
        await transaction.execute(update(merchants).values(partner_id=DIRECT))


async def test_a_trial_that_ends_stops_booking_and_a_longer_one_waits_for_a_person(world: World) -> None:
    connection = await world.active()
    await signed_up_alone(world, connection)
    await end_trials(portal_of(world))
    assert await world.state(connection) == "active"

    world.sandbox.clock.advance(timedelta(days=30).total_seconds())
    await end_trials(portal_of(world))
    assert await world.state(connection) == "trial-ended"
    assert_problem(await world.partner.post(f"/v1/connections/{connection}/rebook", json={}), 422)

    async with world.database.transaction() as transaction:
        later = world.sandbox.clock.now() + timedelta(days=30)
        await transaction.execute(update(merchants).values(trial_ends_at=later))
    await end_trials(portal_of(world))
    assert await world.state(connection) == "paused"


async def test_a_partners_merchant_is_the_partners_to_bill(one_world: World) -> None:
    connection = await one_world.active()
    one_world.sandbox.clock.advance(timedelta(days=60).total_seconds())
    await end_trials(portal_of(one_world))
    assert await one_world.state(connection) == "active"


async def test_a_service_charge_without_vat_is_told_with_the_sale_and_by_itself(
    world: World,
) -> None:
    connection = await world.active()
    charge = a_line("1.09", "0", id="2", item="0", kind=LineKind.SERVICE_CHARGE)
    sale = a_sale(
        [a_line("10.90", "9"), charge],
        completed_at=world.sandbox.clock.now(),
        warnings=(SaleWarning.SERVICE_CHARGE_WITHOUT_VAT,),
    )
    await world.tell(connection, SaleRecorded(sale, 1, "hash", 1))

    await watch_vat(portal_of(world))

    address = f"/v1/connections/{connection}"
    (problem,) = (await world.partner.get(f"{address}/problems")).json()["items"]
    assert problem["code"] == "service-charge-without-vat"
    assert "Winkel" in problem["message"]
    (warning,) = (await world.partner.get(f"{address}/sales/{sale.id}")).json()["warnings"]
    assert warning == {name: problem[name] for name in ("code", "message", "remedy")}


@pytest.mark.parametrize(
    ("paid", "is_told"),
    [
        ([("3000.00", CASH)], True),
        ([("2000.00", CASH), ("1000.00", CASH)], True),
        ([("2999.99", CASH), ("0.01", CARD)], False),
        ([("3050.00", CASH), ("-50.01", CASH)], False),
        ([("3000.00", CARD)], False),
        ([("-3000.00", CASH)], False),
    ],
)
def test_three_thousand_in_cash_for_one_sale_is_told(paid: list[tuple[str, str]], *, is_told: bool) -> None:
    """The Netherlands forbid a trader to take it for goods from 2026 on (domain.md 10.2)."""
    payments = [a_payment(amount, type_id, id=str(at)) for at, (amount, type_id) in enumerate(paid)]
    sale = a_sale([a_line("3000.00")], payments)

    assert [each.code for each in warned([sale])] == [NoticeCode.MUCH_CASH] * is_told
    assert [each.code for each in warnings_of(sale, "en")] == ["much-cash"] * is_told


def test_cash_is_told_only_of_what_was_sold_since_it_is_forbidden() -> None:
    much = a_sale([a_line("3000.00")], [a_payment("3000.00", CASH)])

    assert not list(warned([replace(much, completed_at=datetime(2025, 12, 31, 22, tzinfo=UTC))]))
    assert not list(warned([replace(much, state=SaleState.VOIDED)]))
