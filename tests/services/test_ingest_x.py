"""Ingest and a store of X-Series: versions are the cursor, nothing is missed, and changes come again."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from libs.common.database.engine import Database
from libs.common.domain.rules import Rules
from libs.common.domain.sale import LineKind, SaleState
from services.ingest import store as ingest_store
from services.sandbox.tills import Buyer, TicketPayment
from services.sandbox.x_series import events
from services.sandbox.x_series.records import Webhook
from services.sandbox.x_series.sale import State
from services.sandbox.x_series.tickets import Line
from tests.services.ingest_world import CONNECTION
from tests.services.x_world import DEFAULT_RULES, SCOPES, SETTINGS, START, Store, a_store

D = Decimal


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    async with a_store(database) as found:
        yield found


async def _numbers(store: Store) -> list[str]:
    return [told.sale.number for told in await store.recorded()]


async def test_a_sale_at_the_store_is_told_with_its_article_and_place(store: Store) -> None:
    sold = store.ring("12.10")

    await store.read()

    (told,) = await store.recorded()
    assert (told.sale.id, told.sale.number, told.sale.total_incl_vat) == (sold.id, sold.number, D("12.10"))
    assert told.sale.outlet_name == "Winkel"
    assert told.sale.lines[0].vat_rate == D(21)
    assert told.sale.lines[0].item_code or told.sale.lines[0].description
    assert not await store.problems()


async def test_all_of_many_pages_is_told_once(store: Store) -> None:
    """Pages are cut short now and then: only an empty one is the end."""
    store.x.switches.choose({"short_page_rate": 0.5, "sales_page_size": 7})
    sold = [store.ring("12.10").number for _ in range(30)]

    await store.read()
    await store.read()

    assert sorted(await _numbers(store)) == sorted(sold)


async def test_a_quiet_store_costs_few_calls_once_it_was_read(store: Store) -> None:
    store.ring()
    await store.read()
    store.clock.advance(900)
    store.ring()
    await store.read()
    store.clock.advance(900)
    await store.read()
    store.clock.advance(900)
    before = len(store.transport.requests)

    await store.read()

    assert len(store.transport.requests) - before <= 2  # each poll one


async def test_a_later_void_comes_again_and_is_told(store: Store) -> None:
    sold = store.ring()
    await store.read()
    store.clock.advance(3600)

    events.void(store.store, sold)
    await store.read()

    states = [told.sale.state for told in await store.recorded()]
    assert states == [SaleState.COMPLETED, SaleState.VOIDED]


async def test_a_note_on_a_closed_sale_is_no_new_revision(store: Store) -> None:
    sold = store.ring()
    await store.read()
    store.clock.advance(3600)

    events.touch(store.store, sold)
    await store.read()

    assert len(await store.recorded()) == 1


@pytest.mark.parametrize("updated_at", ["moves", "stays", "absent"])
async def test_a_sale_that_was_settled_later_is_told_again_with_its_payment(
    store: Store, updated_at: str
) -> None:
    """The version alone is promised to move."""
    store.x.switches.choose({"updated_at": updated_at})
    buyer = Buyer(ref="k1", first_name="Jan", last_name="Jansen", company="Jansen BV")
    sold = store.ring("121.00", paid="", customer=buyer, state="onaccount")
    await store.read()
    store.clock.advance(3_600)
    await store.read()
    store.clock.advance(82_800)

    events.pay(store.store, sold, [TicketPayment(type="PIN", amount=D("121.00"))])
    await store.read()

    first, settled = await store.recorded()
    assert first.sale.runs_on_account
    assert first.sale.customer is not None
    assert first.sale.customer.company == "Jansen BV"
    assert [one.type_id for one in first.sale.payments] == ["on-account"]
    (payment,) = settled.sale.payments
    assert (payment.amount, payment.paid_at.date()) == (D("121.00"), date(2026, 3, 15))


async def test_deposits_on_a_layby_are_told_as_they_are_paid(store: Store) -> None:
    buyer = Buyer(ref="k1", first_name="Jan", last_name="Jansen")
    sold = store.ring("121.00", paid="", customer=buyer, state="layby")
    await store.read()
    assert not await store.recorded()
    store.clock.advance(3600)

    events.pay(store.store, sold, [TicketPayment(type="PIN", amount=D("50.00"))])
    await store.read()
    store.clock.advance(86_400)
    events.pay(store.store, sold, [TicketPayment(type="PIN", amount=D("71.00"))])
    await store.read()

    deposit, picked_up = await store.recorded()
    assert (deposit.sale.state, deposit.sale.paid) == (SaleState.OPEN, D("50.00"))
    assert (picked_up.sale.state, picked_up.sale.paid) == (SaleState.COMPLETED, D("121.00"))


@pytest.mark.parametrize("open_payments", [True, False])
async def test_a_delivery_that_was_paid_is_told_early_where_the_rules_book_that(
    database: Database, *, open_payments: bool
) -> None:
    async with a_store(database, replace(DEFAULT_RULES, open_payments=open_payments)) as store:
        sold = store.ring("121.00", state="delivery")
        await store.read()
        told = [(one.sale.state, one.sale.paid) for one in await store.recorded()]
        assert told == ([(SaleState.OPEN, D("121.00"))] if open_payments else [])
        store.clock.advance(3600)

        events.complete(store.store, sold)
        await store.read()

        assert [one.sale.state for one in await store.recorded()][-1] is SaleState.COMPLETED


async def test_a_parked_sale_is_nobodys_business_until_it_is_closed(store: Store) -> None:
    sold = store.ring("12.10", paid="", state="parked")
    await store.read()
    assert not await store.recorded()
    store.clock.advance(600)

    events.complete(store.store, sold, [TicketPayment(type="PIN")])
    await store.read()

    assert await _numbers(store) == [sold.number]


@pytest.mark.parametrize("days", [20, 100])
async def test_reading_begins_at_the_start_date_not_at_the_oldest_sale(database: Database, days: int) -> None:
    async with a_store(database, Rules(start_date=date(2026, 3, 12))) as store:
        store.clock.advance(-days * 86_400)
        for _ in range(days * 4):
            store.ring()
            store.clock.advance(21_600)
        wanted = [sale.number for sale in store.store.sales if sale.sold_at.date() >= date(2026, 3, 12)]

        await store.read()

        told = await _numbers(store)
        assert set(wanted) <= set(told)
        assert len(told) <= len(wanted) + 8
        assert store.clock.now() >= START


@pytest.mark.parametrize("updated_at", ["stays", "absent"])
async def test_the_first_reading_finds_what_was_paid_since_on_older_debts(
    database: Database, updated_at: str
) -> None:
    async with a_store(database, Rules(start_date=date(2026, 3, 1))) as store:
        store.x.switches.choose({"updated_at": updated_at, "sales_page_size": 20})
        buyer = Buyer(ref="k1", first_name="Jan", last_name="Jansen")
        store.clock.advance(-100 * 86_400)
        debts = [store.ring("121.00", paid="", customer=buyer, state="onaccount") for _ in range(30)]
        store.clock.advance(70 * 86_400)
        for debt in debts:  # one is paid among every four new sales of a day
            for _ in range(4):
                store.ring()
                store.clock.advance(21_600)
            events.pay(store.store, debt, [TicketPayment(type="PIN", amount=D("121.00"))])
        wanted = [sale.number for sale in store.store.sales if sale.sold_at.date() >= date(2026, 3, 1)]
        wanted += [debt.number for debt in debts if debt.payments[0].at.date() >= date(2026, 3, 1)]

        await store.read()

        assert len(wanted) > 65
        assert set(wanted) <= set(await _numbers(store))


async def test_a_backlog_is_read_behind_todays_sales(database: Database) -> None:
    async with a_store(database, Rules(start_date=date(2026, 2, 1))) as store:
        store.x.switches.choose({"sales_page_size": 10})
        store.clock.advance(-30 * 86_400)
        for _ in range(120):
            store.ring()
            store.clock.advance(21_600)

        await store.read()

        told = await store.recorded()
        assert len(told) == 120
        assert {one.sale.id for one in told} == {sale.id for sale in store.store.sales}
        assert told[0].sale.completed_at > told[-1].sale.completed_at  # type: ignore[operator]


async def test_a_late_sale_of_an_offline_till_is_told(store: Store) -> None:
    store.ring()
    await store.read()
    store.clock.advance(3600)

    late = store.ring(at=START - timedelta(days=2))
    await store.read()

    assert late.number in await _numbers(store)


async def test_rows_that_move_between_pages_are_told_once_and_none_is_missed(store: Store) -> None:
    store.x.switches.choose({"sales_page_size": 5})
    for _ in range(20):
        store.ring()
    store.faults.choose({"x": {"rows_move": 0.5, "late_sale": 0.3}, "seed": 1})

    await store.read()
    store.faults.choose({"x": {}})
    store.clock.advance(61)
    await store.read()

    assert {sale.id for sale in store.store.sales} == {told.sale.id for told in await store.recorded()}


async def test_the_limit_is_never_exceeded_and_all_is_read(database: Database) -> None:
    async with a_store(database, calm=False) as store:
        store.x.limits.settings.choose({"per_register": 20, "base": 10})
        store.x.switches.choose({"sales_page_size": 2})
        for _ in range(100):
            store.ring()

        await store.read(rounds=200)

        assert len(await store.recorded()) == 100
        assert store.calls.refused == 0


async def test_an_article_is_asked_for_once(store: Store) -> None:
    schedule = store.schedule()
    for _ in range(3):
        store.ring()
    await store.read(schedule)
    store.clock.advance(900)
    store.ring()

    await store.read(schedule)

    assert sum("/products/" in url.path for url in store.transport.requests) == 1


async def test_a_customer_on_account_is_read_even_where_nobody_else_is(database: Database) -> None:
    rules = Rules(start_date=date(2026, 3, 1))
    rules = replace(rules, debtor=replace(rules.debtor, own_when="never"))
    buyer = Buyer(ref="k1", first_name="Jan", last_name="Jansen")
    async with a_store(database, rules) as store:
        store.ring("12.10", customer=buyer)
        store.ring("121.00", paid="", customer=buyer, state="onaccount")

        await store.read()

        known, owing = await store.recorded()
        assert known.sale.customer is None
        assert owing.sale.customer is not None


FAULTS = {
    "html_500": 0.1,
    "unavailable_503": 0.1,
    "cut_json": 0.1,
    "answer_lost": 0.1,
    "refused_429": 0.1,
    "rows_move": 0.3,
    "late_sale": 0.2,
}


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_lightspeed_answers_every_sale_is_told_once(store: Store, seed: int) -> None:
    store.x.switches.choose({"sales_page_size": 20})
    store.faults.choose({"x": FAULTS, "seed": seed})
    schedule = store.schedule()
    for _ in range(3):
        for _ in range(40):
            store.ring()
        await store.read(schedule, rounds=200)
        store.clock.advance(61)
    store.faults.choose({"x": {}})

    await store.read(schedule)

    told = Counter(each.sale.id for each in await store.recorded())
    assert told == {sale.id: 1 for sale in store.store.sales}
    assert not await store.problems()


async def test_a_token_that_died_in_mid_walk_is_renewed_and_the_walk_goes_on(store: Store) -> None:
    """A refresh kills the access token of before (3.2)."""
    store.x.switches.choose({"sales_page_size": 20})
    for _ in range(50):
        store.ring()
    await store.read()
    store.clock.advance(3_000)
    for access in store.x.grants.accesses.values():
        access.revoked = True
    store.ring()

    await store.read()

    assert len(await store.recorded()) == 51


async def test_the_nightly_sweep_finds_what_the_versions_could_not_show(store: Store) -> None:
    """A sale that changed without a new version."""
    sold = store.ring()
    await store.read()
    store.clock.advance(90_000)
    await store.read()
    sold.state = State.VOIDED
    sold.updated_at = store.clock.now()

    store.clock.advance(90_000)
    await store.read()

    states = [told.sale.state for told in await store.recorded()]
    assert states == [SaleState.COMPLETED, SaleState.VOIDED]


async def test_a_search_that_only_the_older_version_has_takes_no_gift_card_for_goods(store: Store) -> None:
    """The newest version's documents have no search, and 2.0's rows mark no gift card (9)."""
    store.x.switches.choose({"dated_search": False})
    card = Line(unit_price=D(50), gift_card="GC-1")
    sold = store.ring(lines=(card,))
    store.clock.advance(3600)
    voided = store.ring()
    await store.read()
    store.clock.advance(90_000)
    await store.read()
    voided.state = State.VOIDED
    voided.updated_at = store.clock.now()

    store.clock.advance(90_000)
    await store.read()

    told = await store.recorded()
    assert [each.sale.state for each in told if each.sale.id == voided.id][-1] is SaleState.VOIDED
    kinds = [[line.kind for line in each.sale.lines] for each in told if each.sale.id == sold.id]
    assert kinds == [[LineKind.GIFT_CARD]]


async def test_a_sale_that_is_wanted_again_and_cannot_be_had_holds_up_none_of_todays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = store.ring()
    await store.read()
    async with store.database.transaction() as transaction:
        await ingest_store.want_sales(transaction, CONNECTION, [sold.id])
    answer = store.transport.handle_async_request

    async def failing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if request.url.path.endswith(sold.id) else await answer(request)

    monkeypatch.setattr(store.transport, "handle_async_request", failing)
    store.clock.advance(900)
    today = store.ring()

    await store.schedule().poll_due()

    assert (await _numbers(store))[-1] == today.number
    assert (await store.cursor()).failures == 1


# Webhooks

REACHABLE = SETTINGS.model_copy(update={"public_url": "https://koppeling.example.nl"})
ADDRESS = "https://koppeling.example.nl/hooks/lightspeed-x/connection-1"


def _hooks(store: Store) -> list[tuple[str, str]]:
    return [(hook.kind, hook.url) for hook in store.store.webhooks if hook.deleted_at is None]


async def test_a_store_that_can_reach_us_is_asked_to_tell_of_sales_once(store: Store) -> None:
    store.settings = REACHABLE
    schedule = store.schedule()
    await store.read(schedule)
    store.clock.advance(90_000)
    await store.read(schedule)

    assert _hooks(store) == [("sale.update", ADDRESS)]


async def test_our_address_may_move_and_others_hooks_stay(store: Store) -> None:
    store.store.put(
        store.store.webhooks,
        Webhook(id="theirs", kind="sale.update", url="https://other.nl/x", active=True, client_id="other"),
    )
    store.settings = REACHABLE
    await store.read()
    store.settings = SETTINGS.model_copy(update={"public_url": "https://new.example.nl"})
    store.clock.advance(90_000)
    await store.read()

    assert _hooks(store) == [
        ("sale.update", "https://other.nl/x"),
        ("sale.update", "https://new.example.nl/hooks/lightspeed-x/connection-1"),
    ]


async def test_a_machine_that_no_store_can_reach_asks_nothing(store: Store) -> None:
    await store.read()

    assert not _hooks(store)
    assert not store.paths("/webhooks")


async def test_without_the_right_to_subscribe_polling_does_all(database: Database) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "webhooks")
    async with a_store(database, scopes=scopes) as store:
        store.settings = REACHABLE
        store.ring()
        await store.read()

        assert len(await store.recorded()) == 1
        assert not _hooks(store)
