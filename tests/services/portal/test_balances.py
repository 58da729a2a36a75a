"""What is owed to customers is compared with the till, where the till says it; and else shown alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from libs.common.contracts.documents import Purpose, SaleShare, TurnoverPart, WantedSums
from libs.common.database import registry
from libs.common.database.registry import Connection
from libs.common.domain.document import Booking, SalesEntry
from libs.common.domain.map_sale import map_sale
from libs.common.domain.reconcile import payments_in
from libs.common.domain.rules import Mode, PaymentKind, PaymentRule, Rules, Settlement
from libs.common.domain.sale import LineKind, Sale, SaleState, TenderKind
from libs.common.lightspeed import x_oauth
from libs.common.lightspeed.retail_control import read_balances
from services.portal import tenants
from services.sandbox.made_up import MadeUp
from services.sandbox.retail.made_up import sell_made_up
from services.sandbox.x_series.cards import change_without_sale
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.records import Movement, StoreCredit
from tests.builders import D, a_customer, a_line, a_payment, a_sale
from tests.services.portal.messages import a_day, booked, handed_on, recorded
from tests.services.portal.test_books_watch import (
    DIVISION,
    a_night,
    book,
    book_entry,
    ledger,
    order,
    sold,
    tell,
    yesterday,
)
from tests.services.portal.test_till_watch import portal_of, sales_at_the_till
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


async def test_a_card_that_was_sold_as_a_line_waits_until_it_is_booked(world: World) -> None:
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


async def test_a_ledger_that_two_tills_share_is_compared_with_neither(one_world: World) -> None:
    world = one_world
    retail = await connected(world, "lightspeed-retail", "4711")
    store = await connected(world, "lightspeed-x", "fietshuis")
    cards, day = retail.rules.ledgers.gift_cards, yesterday(world).date()
    assert cards is not None
    assert cards == store.rules.ledgers.gift_cards
    a_card_sold(world, "AMS-1", "50.00")
    the_day = f"{store.rules.reference_prefix}D1-{day:%Y%m%d}"
    await book(world, store, the_day, day, {cards: "-50.00", ledger(world, "2006"): "50.00"})
    assert await a_night(world, retail) == []
    for connection in (retail, store):
        row = (await balances(world, connection))["gift-cards"]
        assert amounts(row) == (None, "50.00", "0.00", "0.00", "not-compared")


async def test_a_debtor_of_another_till_is_none_of_this_one(one_world: World) -> None:
    world = one_world
    retail = await connected(world, "lightspeed-retail", "4711")
    store = await connected(world, "lightspeed-x", "fietshuis")
    await tell(world, store, sold(world, "7001", "242.00"))
    reference = f"{store.rules.reference_prefix}7001"
    await book_entry(world, store, reference, account_of(world, "102"), "242.00")
    assert await a_night(world, retail) == []
    assert "customer-accounts" not in await balances(world, retail)


async def test_where_an_outlet_is_switched_off_the_till_counts_more_than_the_books(one_world: World) -> None:
    """Its cards may be in other books: booking the difference as an opening balance would be wrong."""
    world = one_world
    connection = await connected(world, "lightspeed-retail", "4711")
    (first, *_), rules = connection.rules.outlets, connection.rules
    outlets = dict(rules.outlets) | {first: replace(rules.outlets[first], enabled=False)}
    connection = await ruled(world, connection, replace(rules, outlets=outlets))
    account, cards = world.sandbox.retail.accounts[4711], rules.ledgers.gift_cards
    account.add("CreditAccount", name="Gift Card", code="A1", giftCard=True, balance=D(-75))
    assert cards is not None
    day = yesterday(world).date()
    await book(world, connection, "Beginsaldo", day, {cards: "-50.00", ledger(world, "2006"): "50.00"})
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["gift-cards"]
    assert amounts(row) == (None, "50.00", "0.00", "0.00", "not-compared")


async def test_money_that_its_day_settles_in_the_morning_waits_until_then(world: World) -> None:
    """Books are looked into at night, after the sales of the day and before their settlement."""
    connection = await connected(world, "lightspeed-retail", "4711")
    connection = await ruled(world, connection, replace(connection.rules, settlement=Settlement.PER_DAY))
    cards, day, rules = connection.rules.ledgers.gift_cards, yesterday(world).date(), connection.rules
    assert cards is not None
    account = world.sandbox.retail.accounts[4711]
    account.add("CreditAccount", name="Gift Card", code="A1", giftCard=True, balance=D("-37.90"))
    await book(world, connection, "Beginsaldo", day, {cards: "-50.00", ledger(world, "2006"): "50.00"})
    type_id = next(key for key, rule in rules.payments.items() if rule.kind.value == "gift-card")
    sale = sold_on(world, a_sale(payments=[a_payment("12.10", type_id, kind=TenderKind.GIFT_CARD)]))
    booking = map_sale(sale, rules)
    assert isinstance(booking, Booking)
    payments = payments_in(booking)
    comes_to = WantedSums((TurnoverPart(rules.vat["21"], D("12.10"), D("2.10")),), payments)
    turnover = handed_on(sale.id, booking.documents[0], "turnover", 1, 1, comes_to=comes_to)
    await world.tell(connection.id, recorded(sale), turnover, booked(turnover))
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["gift-cards"]
    assert amounts(row) == ("37.90", "50.00", "-12.10", "0.00", "equal")

    total = a_day(f"{rules.reference_prefix}S1-{day:%Y%m%d}", day, {sale.id: ("0", "0")})
    shares = (SaleShare(sale.id, payments=payments),)
    settlement = replace(total, purpose=Purpose.DAY_SETTLEMENT, shares=shares)
    await world.tell(connection.id, settlement, booked(settlement))
    reference = settlement.document.reference
    await book(world, connection, reference, day, {cards: "12.10", ledger(world, "2006"): "-12.10"})
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["gift-cards"]
    assert amounts(row) == ("37.90", "37.90", "0.00", "0.00", "equal")


# Customers' accounts


def owe(world: World, amount: str) -> None:
    world.sandbox.retail.accounts[4711].add("CreditAccount", name="Bakker", giftCard=False, balance=D(amount))


async def with_deposits(world: World) -> Connection:
    connection = await connected(world, "lightspeed-retail", "4711")
    ledgers = replace(connection.rules.ledgers, deposits=ledger(world, "2120"))
    return await ruled(world, connection, replace(connection.rules, ledgers=ledgers, deposit_vat="21"))


async def book_deposit(world: World, connection: Connection, reference: str) -> None:
    """50.00 by PIN: 41.32 and its VAT of 8.68 (V19)."""
    day, code = yesterday(world).date(), connection.rules.vat["21"]
    lines: list[dict[str, Any]] = [
        {"GLAccount": ledger(world, "2000"), "AmountFC": 50.00, "VATCode": connection.rules.vat["none"]},
        {"GLAccount": ledger(world, "2120"), "AmountFC": -41.32, "VATCode": code, "AmountVATFC": -8.68},
    ]
    for line in lines:
        line |= {"Description": reference, "Date": f"{day}"}
    division = portal_of(world).division_of(connection)
    body = {"JournalCode": "90", "GeneralJournalEntryLines": lines}
    await division.post("generaljournalentry/GeneralJournalEntries", body)


def a_deposit(world: World, connection: Connection) -> Sale:
    on_account = next(
        key for key, rule in connection.rules.payments.items() if rule.kind is PaymentKind.ON_ACCOUNT
    )
    payments = [
        a_payment("50.00"),
        a_payment("-50.00", on_account, id="p2", kind=TenderKind.CREDIT_ACCOUNT, credit_account="12"),
    ]
    return sold_on(world, a_sale([], payments, total="0", id="d", number="7140", customer=a_customer("140")))


async def test_a_deposit_that_bears_vat_is_what_the_till_owes_the_customer(one_world: World) -> None:
    world = one_world
    connection = await with_deposits(world)
    owe(world, "-50")
    await tell(world, connection, a_deposit(world, connection))
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["customer-accounts"]
    assert amounts(row) == ("-50.00", "0.00", "-50.00", "0.00", "equal")
    assert row["counted_with"] == [ledger(world, "2120").lower()]


async def test_a_deposit_counts_with_its_vat_once_it_is_booked(one_world: World) -> None:
    world = one_world
    connection = await with_deposits(world)
    day = yesterday(world).date()
    owe(world, "-50")
    await book_deposit(world, connection, f"{connection.rules.reference_prefix}D1-{day:%Y%m%d}")
    assert await a_night(world, connection) == []
    found = await balances(world, connection)
    assert amounts(found["customer-accounts"]) == ("-50.00", "-50.00", "0.00", "0.00", "equal")
    assert amounts(found["deposits"]) == (None, "50.00", "0.00", "0.00", "not-compared")

    owe(world, "-30")
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "customers-without-opening"
    assert "op 1300 Debiteuren + 2120 Vooruitontvangen (aanbetaling)" in problem["message"]
    assert "verschil -30.00." in problem["message"]

    deposits, other = ledger(world, "2120"), ledger(world, "2006")
    await book(world, connection, "Beginsaldo", day, {deposits: "-30.00", other: "30.00"})
    assert await a_night(world, connection) == []


async def test_deposits_and_debts_are_compared_together(one_world: World) -> None:
    """One account of the till holds both: 242.00 owed and 50.00 left."""
    world = one_world
    connection = await with_deposits(world)
    day = yesterday(world).date()
    owe(world, "192")
    await book_deposit(world, connection, f"{connection.rules.reference_prefix}D1-{day:%Y%m%d}")
    await tell(world, connection, sold(world, "7001", "242.00"))
    debtor = account_of(world, "102")
    await book_entry(world, connection, f"{connection.rules.reference_prefix}7001", debtor, "242.00")
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["customer-accounts"]
    assert amounts(row)[:2] == ("192.00", "192.00")


def account_of(world: World, code: str) -> str:
    accounts = world.sandbox.exact.divisions[DIVISION].table("crm/Accounts")
    return next(str(row["ID"]) for row in accounts if str(row["Code"]).strip() == code)


async def test_where_banks_settle_debtors_customers_are_not_compared(one_world: World) -> None:
    """A business that paid by card is open there until the bank's feed comes."""
    world = one_world
    connection = await connected(world, "lightspeed-retail", "4711")
    connection = await ruled(world, connection, replace(connection.rules, settlement=Settlement.NONE))
    await tell(world, connection, sold(world, "7001", "242.00"))
    debtor = account_of(world, "102")
    await book_entry(world, connection, f"{connection.rules.reference_prefix}7001", debtor, "242.00")
    assert await a_night(world, connection) == []
    assert "customer-accounts" not in await balances(world, connection)


async def test_what_is_ordered_on_account_is_owed_before_it_is_invoiced(one_world: World) -> None:
    world = one_world
    connection = await connected(world, "lightspeed-retail", "4711")
    rules = replace(connection.rules, mode=Mode.ORDERS, start_date=date(2020, 1, 1))
    connection = await ruled(world, connection, rules)
    owe(world, "24.20")
    await tell(world, connection, sold(world, "7001", "24.20"))
    prefix, debtor = connection.rules.reference_prefix, account_of(world, "102")
    made = await order(world, connection, f"{prefix}7001", days_ago=1, debtor=debtor, quantity=2)
    total = D(str(made["AmountDC"]))
    owe(world, str(total - D("24.20")))
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["customer-accounts"]
    assert amounts(row) == (f"{total:.2f}", f"{total:.2f}", "0.00", "0.00", "equal")

    await invoice(world, connection, made)
    assert await a_night(world, connection) == []
    row = (await balances(world, connection))["customer-accounts"]
    assert amounts(row)[:2] == (f"{total:.2f}", f"{total:.2f}"), "it stands on the debtor now"


async def invoice(world: World, connection: Connection, made: dict[str, Any]) -> None:
    """As a person does in Exact: the invoice of the order, processed."""
    division = portal_of(world).division_of(connection)
    wanted = {
        "CreateMode": 1,
        "InvoiceMode": 1,
        "JournalCode": "70",
        "SalesOrderIDs": [{"ID": made["OrderID"]}],
    }
    await division.post("salesinvoice/InvoiceSalesOrders", wanted)
    invoices = world.sandbox.exact.divisions[DIVISION].table("salesinvoice/SalesInvoices")
    number = next(row["InvoiceID"] for row in invoices if row["YourRef"] == made["YourRef"])
    await division.post("salesinvoice/PrintedSalesInvoices", {"InvoiceID": str(number)})


# What all sales come to, against what the till says


@pytest.mark.parametrize("deposit_vat", [None, "21"])
async def test_all_that_a_till_does_to_its_balances_is_booked(
    one_world: World, deposit_vat: str | None
) -> None:
    """Debts, deposits, credit, gift cards: two ways to one amount, through voids and edits."""
    world = one_world
    connection = await with_deposits(world)
    connection = await ruled(world, connection, replace(connection.rules, deposit_vat=deposit_vat))
    till: Any = portal_of(world).till_of(connection)
    before = await read_balances(till)
    made = MadeUp(count=300, days=6, seed=5, profile="everything", events=True, days_ago=1)
    account = world.sandbox.retail.accounts[4711]
    assert list(sell_made_up(account, made, world.sandbox.retail.switches))
    after = await read_balances(till)
    rules = replace(connection.rules, start_date=date(2020, 1, 1))
    owed = {"customers": D(0), "cards": D(0)}
    for sale in await sales_at_the_till(world, connection.id):
        booking = map_sale(sale, rules)
        for document in booking.documents if isinstance(booking, Booking) else ():
            add_up(document, rules, owed)
    assert owed["customers"] == (after.customers or D(0)) - (before.customers or D(0)) != 0
    assert owed["cards"] == (after.gift_cards or D(0)) - (before.gift_cards or D(0)) != 0


def add_up(document: Any, rules: Rules, owed: dict[str, Any]) -> None:
    """What it brings on debtors of customers and deposits, and on gift cards."""
    if isinstance(document, SalesEntry):
        if document.debtor.customer is not None:
            owed["customers"] += document.open_amount
        for line in document.lines:
            owed["customers"] -= line.amount_incl_vat if line.ledger == rules.ledgers.deposits else 0
            owed["cards"] += line.amount_incl_vat if line.ledger == rules.ledgers.gift_cards else 0
        return
    for each in document.lines:
        if each.debtor is not None and each.debtor.customer is not None:
            owed["customers"] += each.amount
        owed["customers"] += each.amount_incl_vat if each.ledger == rules.ledgers.deposits else 0
        owed["cards"] -= each.amount if each.ledger == rules.ledgers.gift_cards else 0
