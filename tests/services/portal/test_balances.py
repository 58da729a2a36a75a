"""What is owed to customers is compared with the till, where the till says it; and else shown alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from libs.common.database import registry
from libs.common.database.registry import Connection
from libs.common.domain.rules import PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import LineKind, Sale, SaleState
from libs.common.lightspeed import x_oauth
from services.portal import tenants
from services.sandbox.x_series.cards import change_without_sale
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Movement, StoreCredit
from tests.builders import D, a_line, a_payment, a_sale
from tests.services.portal.test_books_watch import a_night, book, ledger, tell, yesterday
from tests.services.portal.world import World

CREDIT_LEDGER = "2110"


async def connected(world: World, source: str, account: str) -> Connection:
    id_ = await world.active(source=source, account=account)
    return await kept(world, id_)


async def kept(world: World, id_: str) -> Connection:
    async with world.database.reading() as transaction:
        found = await registry.connection(transaction, id_)
    assert found is not None
    return found


async def ruled(world: World, connection: Connection, rules: Rules) -> Connection:
    text = registry.rules_text(rules)
    await world.database.run(
        lambda transaction: tenants.change_connection(transaction, connection.id, rules=text)
    )
    return await kept(world, connection.id)


async def balances(world: World, connection: Connection) -> dict[str, dict[str, Any]]:
    answer = (await world.partner.get(f"/v1/connections/{connection.id}/balances")).json()
    return {each["kind"]: each for each in answer["items"]}


def amounts(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("till", "books", "waiting", "difference", "explanation"))


def sold_on(world: World, sale: Sale) -> Sale:
    at = yesterday(world)
    return replace(sale, completed_at=at, changed_at=at)


def fietshuis(world: World) -> Merchant:
    return world.sandbox.x.merchants["fietshuis"]


def a_card_sold(world: World, number: str, amount: str) -> Sale:
    """X-Series sells cards as lines; the till knows one of the same amount."""
    change_without_sale(fietshuis(world), f"KAART{number}", "IMPORTING", D(amount))
    line = a_line(amount, "0", kind=LineKind.GIFT_CARD)
    return sold_on(world, a_sale([line], id=number, number=number))


async def test_a_card_that_was_sold_as_a_line_waits_until_it_is_booked(one_world: World) -> None:
    world = one_world
    connection = await connected(world, "lightspeed-x", "fietshuis")
    sale = a_card_sold(world, "AMS-1", "50.00")
    await tell(world, connection, sale)
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["gift-cards"]
    assert amounts(row) == ("50.00", "0.00", "50.00", "0.00", "equal")


async def test_a_card_that_ran_out_is_told_until_it_is_booked(one_world: World) -> None:
    world = one_world
    connection = await connected(world, "lightspeed-x", "fietshuis")
    cards, day = connection.rules.ledgers.gift_cards, yesterday(world).date()
    assert cards is not None
    a_card_sold(world, "AMS-1", "50.00")
    the_day = f"{connection.rules.reference_prefix}D1-{day:%Y%m%d}"
    await book(world, connection, the_day, day, {cards: "-50.00", ledger(world, "2006"): "50.00"})
    change_without_sale(fietshuis(world), "KAARTAMS-1", "EXPIRING", D(0))
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "gift-cards-without-opening"
    assert "verlopen, ingetrokken" in problem["remedy"]

    await book(world, connection, "Verlopen bon", day, {cards: "50.00", ledger(world, "4500"): "-50.00"})
    assert await a_night(world, connection) == []


async def test_a_card_given_for_an_order_that_is_not_collected_yet_waits(one_world: World) -> None:
    """It is spent at the till, though the sale counts when it is completed."""
    world = one_world
    connection = await connected(world, "lightspeed-x", "fietshuis")
    cards, day = connection.rules.ledgers.gift_cards, yesterday(world).date()
    assert cards is not None
    await book(world, connection, "Beginsaldo", day, {cards: "-50.00", ledger(world, "2006"): "50.00"})
    change_without_sale(fietshuis(world), "OUD", "IMPORTING", D("37.90"))
    type_id = next(key for key, rule in connection.rules.payments.items() if rule.kind.value == "gift-card")
    order = a_sale(payments=[a_payment("12.10", type_id)], id="o", number="o", completed_at=None)
    await tell(world, connection, replace(order, state=SaleState.OPEN, changed_at=yesterday(world)))
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["gift-cards"]
    assert amounts(row) == ("37.90", "50.00", "-12.10", "0.00", "equal")


async def with_store_credit(world: World) -> Connection:
    """Its payment type is one that the store doesn't list: chosen once a sale has shown it."""
    connection = await connected(world, "lightspeed-x", "fietshuis")
    rules = connection.rules
    payments = dict(rules.payments) | {"credit": PaymentRule(PaymentKind.STORE_CREDIT)}
    ledgers = replace(rules.ledgers, store_credit=ledger(world, CREDIT_LEDGER))
    return await ruled(world, connection, replace(rules, payments=payments, ledgers=ledgers))


def owe_at_the_till(world: World, amount: str) -> None:
    store = fietshuis(world)
    movement = Movement(
        id="m", kind="ISSUE", amount=D(amount), user_id="", client_id="", created_at=store.now()
    )
    store.put(store.store_credits, StoreCredit(id="klant", movements=[movement]))


async def test_store_credit_is_compared_with_what_the_till_says_is_left(one_world: World) -> None:
    world = one_world
    connection = await with_store_credit(world)
    day = yesterday(world).date()
    owe_at_the_till(world, "42.10")
    back = a_sale([a_line("-12.10")], [a_payment("-12.10", "credit")], total="-12.10", id="r", number="AMS-2")
    await tell(world, connection, sold_on(world, back))
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "store-credit-without-opening", "30.00 was owed before"
    assert "in de kassa 42.10; op 2110 Tegoedbonnen / store credit staat 0.00, en 12.10" in problem["message"]
    assert "verschil 30.00." in problem["message"]
    row = (await balances(world, connection))["store-credit"]
    assert amounts(row) == ("42.10", "0.00", "12.10", "30.00", "no-opening-balance")

    credit, other = ledger(world, CREDIT_LEDGER), ledger(world, "2006")
    await book(world, connection, "Begin", day, {credit: "-25.00", other: "25.00"})
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "store-credit-differs"
    assert "Anderen dan de koppeling boekten 25.00" in problem["message"]

    await book(world, connection, "Rest", day, {credit: "-5.00", other: "5.00"})
    assert await a_night(world, connection) == []


async def test_cards_and_credit_on_one_ledger_are_compared_together(one_world: World) -> None:
    world = one_world
    connection = await with_store_credit(world)
    cards, day = connection.rules.ledgers.gift_cards, yesterday(world).date()
    assert cards is not None
    shared = replace(connection.rules.ledgers, store_credit=cards)
    connection = await ruled(world, connection, replace(connection.rules, ledgers=shared))
    owe_at_the_till(world, "42.10")
    change_without_sale(fietshuis(world), "OUD", "IMPORTING", D("50"))
    await book(world, connection, "Begin", day, {cards: "-92.10", ledger(world, "2006"): "92.10"})
    assert await a_night(world, connection) == []
    (row,) = (each for each in (await balances(world, connection)).values() if each["kind"] != "clearing")
    assert amounts(row) == ("92.10", "92.10", "0.00", "0.00", "equal")


@pytest.mark.parametrize(
    ("source", "account"), [("lightspeed-retail", "4711"), ("lightspeed-restaurant", "4801")]
)
async def test_what_the_till_does_not_say_is_shown_alone(one_world: World, source: str, account: str) -> None:
    """R-Series has store credit on customers' accounts, Restaurant keeps no such balances at all."""
    world = one_world
    connection = await connected(world, source, account)
    ledgers = replace(connection.rules.ledgers, store_credit=ledger(world, CREDIT_LEDGER))
    connection = await ruled(world, connection, replace(connection.rules, ledgers=ledgers))
    day = yesterday(world).date()
    await book(
        world, connection, "Begin", day, {ledger(world, CREDIT_LEDGER): "-30.00", ledger(world, "2006"): "30"}
    )
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["store-credit"]
    assert amounts(row) == (None, "30.00", "0.00", "0.00", "not-compared")


async def test_a_store_that_may_not_tell_has_its_ledgers_shown_alone(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that consented before balances were read."""
    world = one_world
    scopes = tuple(
        scope for scope in x_oauth.SCOPES if scope not in ("gift_cards:read", "store_credits:read")
    )
    monkeypatch.setattr(x_oauth, "SCOPES", scopes)
    connection = await connected(world, "lightspeed-x", "fietshuis")
    cards, day = connection.rules.ledgers.gift_cards, yesterday(world).date()
    assert cards is not None
    await book(world, connection, "Begin", day, {cards: "-30.00", ledger(world, "2006"): "30.00"})
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["gift-cards"]
    assert amounts(row) == (None, "30.00", "0.00", "0.00", "not-compared")
