"""Every night the books are searched for takings that others booked, and balances are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from libs.common.contracts.documents import TurnoverPart, WantedSums
from libs.common.contracts.sales import SaleRecorded
from libs.common.database import registry
from libs.common.database.registry import Connection
from libs.common.domain.rules import Mode
from libs.common.domain.sale import Sale
from services.portal import tenants
from services.portal.books_watch import watch_books
from tests.builders import D, a_line, a_payment, a_sale
from tests.services.portal.messages import booked, ready, recorded, wanted
from tests.services.portal.test_till_watch import night_after, portal_of, problems
from tests.services.portal.world import World

DIVISION = 2731045
LINES = "financialtransaction/TransactionLines"


@pytest.fixture
async def connection(one_world: World) -> Connection:
    id_ = await one_world.active()
    async with one_world.database.reading() as transaction:
        kept = await registry.connection(transaction, id_)
    assert kept is not None
    return kept


def ledger(world: World, code: str) -> str:
    row = world.sandbox.exact.divisions[DIVISION].by_code("financial/GLAccounts", code)
    assert row is not None
    return str(row["ID"])


def yesterday(world: World) -> datetime:
    return world.sandbox.clock.now().replace(hour=11, minute=0) - timedelta(days=1)


def sold(world: World, number: str, total: str, **more: Any) -> Sale:
    at = yesterday(world)
    return a_sale(lines=[a_line(total)], id=number, number=number, completed_at=at, changed_at=at, **more)


async def tell(world: World, connection: Connection, *sales: Sale) -> None:
    await world.tell(connection.id, *(SaleRecorded(sale, 1, "hash", 1) for sale in sales))


async def book(
    world: World, connection: Connection, reference: str, day: date, amounts: Mapping[str, str]
) -> None:
    """A general journal entry of these ledgers, debit positive, without VAT."""
    assert sum(map(D, amounts.values())) == 0
    lines = [
        {
            "GLAccount": account,
            "AmountFC": float(amount),
            "VATCode": connection.rules.vat["none"],
            "Description": reference,
            "Date": f"{day}",
        }
        for account, amount in amounts.items()
    ]
    body = {"JournalCode": "90", "GeneralJournalEntryLines": lines}
    division = portal_of(world).division_of(connection)
    await division.post("generaljournalentry/GeneralJournalEntries", body)


def remove(world: World, reference: str) -> None:
    lines = world.sandbox.exact.divisions[DIVISION].table(LINES)
    for line in [row for row in lines if row["Description"] == reference]:
        lines.delete(line)


async def a_night(world: World, connection: Connection) -> list[dict[str, Any]]:
    night_after(world)
    await watch_books(portal_of(world))
    return await problems(world, connection.id)


def revenue_and_money(connection: Connection) -> tuple[str, str]:
    rules = connection.rules
    money = next(rule.ledger for rule in rules.payments.values() if rule.kind.value == "card")
    return rules.revenue.default_ledger or next(iter(rules.revenue.by_vat_code.values())), money or ""


async def test_a_receipt_and_a_day_that_others_booked_are_named_until_they_are_removed(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    await tell(world, connection, sold(world, "5012", "12.10"), sold(world, "5013", "30.00"))
    revenue, money = revenue_and_money(connection)
    debtor_side = ledger(world, "2006")
    prefix = connection.rules.reference_prefix
    await book(world, connection, f"{prefix}5012", day, {revenue: "-12.10", money: "12.10"})
    await book(world, connection, "Webkassa 5012", day, {revenue: "-12.10", debtor_side: "12.10"})
    await book(world, connection, "Z-rapport", day, {revenue: "-42.10", debtor_side: "42.10"})
    await book(world, connection, "Pin kiosk", day, {revenue: "-7.00", money: "7.00"})
    await book(world, connection, "Factuur 5013", day, {revenue: "-99.00", debtor_side: "99.00"})
    found = await a_night(world, connection)
    doubles = {problem["code"]: problem["message"] for problem in found}
    assert set(doubles) == {
        "receipt-booked-by-another",
        "day-booked-by-another",
        "takings-booked-by-another",
    }
    assert "(bon 5012; boekstuk " in doubles["receipt-booked-by-another"]
    assert "42.10" in doubles["day-booked-by-another"]

    for reference in ("Webkassa 5012", "Z-rapport"):
        remove(world, reference)
    assert [problem["code"] for problem in await a_night(world, connection)] == ["takings-booked-by-another"]
    remove(world, "Pin kiosk")
    assert await a_night(world, connection) == []


async def test_a_night_costs_few_calls(one_world: World, connection: Connection) -> None:
    world, day = one_world, yesterday(one_world).date()
    await tell(world, connection, sold(world, "5012", "12.10"))
    revenue, money = revenue_and_money(connection)
    reference = f"{connection.rules.reference_prefix}5012"
    await book(world, connection, reference, day, {revenue: "-12.10", money: "12.10"})
    night_after(world)
    await watch_books(portal_of(world))
    used = (await world.partner.get(f"/v1/connections/{connection.id}/budget")).json()["exact"]["day_used"]
    assert used == 4, "lines of money and turnover, of debtors; the names of journals and of ledgers"


async def test_another_system_that_books_beside_us_is_one_thing_to_mend(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    await tell(world, connection, *(sold(world, str(number), "12.10") for number in range(5001, 5008)))
    revenue, _ = revenue_and_money(connection)
    for number in range(5001, 5008):
        amounts = {revenue: "-12.10", ledger(world, "2006"): "12.10"}
        await book(world, connection, f"LS-{number}", day, amounts)
    (problem,) = await a_night(world, connection)
    assert f"7 van {day}, samen 84.70 (bon 5001, 5002, 5003, 5004, 5005, ...;" in problem["message"]


async def test_a_reference_of_ours_that_stands_twice_is_told(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    await tell(world, connection, sold(world, "5012", "12.10"))
    revenue, money = revenue_and_money(connection)
    reference = f"{connection.rules.reference_prefix}5012"
    for _ in range(2):
        await book(world, connection, reference, day, {revenue: "-12.10", money: "12.10"})
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "reference-twice"
    assert f"staat {reference} meer dan eens" in problem["message"]


async def test_what_others_booked_long_ago_and_nobody_removed_stays_told(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    await tell(world, connection, sold(world, "5012", "12.10"))
    revenue, _ = revenue_and_money(connection)
    await book(world, connection, "5012", day, {revenue: "-12.10", ledger(world, "2006"): "12.10"})
    for _ in range(3):
        world.sandbox.clock.advance(timedelta(days=19).total_seconds())
        (problem,) = await a_night(world, connection)
        assert problem["code"] == "receipt-booked-by-another"


async def test_gift_cards_are_compared_with_what_the_till_says_is_on_them(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    cards = connection.rules.ledgers.gift_cards
    assert cards is not None
    account = world.sandbox.retail.accounts[4711]
    account.add("CreditAccount", name="Gift Card", code="A1", giftCard=True, balance=Decimal(-75))
    type_id = next(key for key, rule in connection.rules.payments.items() if rule.kind.value == "gift-card")
    issued = a_sale(
        lines=[],
        payments=[a_payment("50.00"), a_payment("-50.00", id="p2", type_id=type_id)],
        total="0",
        id="6001",
        number="6001",
        completed_at=yesterday(world),
    )
    await tell(world, connection, issued)
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "gift-cards-without-opening", "75.00 on cards, 50.00 of it of a sale that waits"
    assert "verschil 25.00." in problem["message"]
    answer = (await world.partner.get(f"/v1/connections/{connection.id}/balances")).json()
    (row,) = [each for each in answer["items"] if each["kind"] == "gift-cards"]
    assert (row["till"], row["books"], row["waiting"], row["difference"]) == (
        *("75.00", "0.00", "50.00", "25.00"),
    )

    await book(world, connection, "Beginsaldo bonnen", day, {cards: "-20.00", ledger(world, "2006"): "20.00"})
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "gift-cards-differ"
    assert "Anderen dan de koppeling boekten 20.00" in problem["message"]

    await book(world, connection, "Beginsaldo rest", day, {cards: "-5.00", ledger(world, "2006"): "5.00"})
    assert await a_night(world, connection) == []


async def test_customers_accounts_are_compared_with_their_debtors(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    account = world.sandbox.retail.accounts[4711]
    account.add("CreditAccount", name="Jansen", giftCard=False, balance=Decimal(242))
    await tell(world, connection, sold(world, "7001", "242.00"))
    accounts = world.sandbox.exact.divisions[DIVISION].table("crm/Accounts")
    debtor = next(row for row in accounts if str(row["Code"]).strip() == "102")
    await book_entry(world, connection, f"{connection.rules.reference_prefix}7001", debtor["ID"], "242.00")
    assert await a_night(world, connection) == []

    await pay_by_bank(world, connection, debtor["ID"], day, "242.00")
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "customers-differ"
    assert "Buiten de kassa om is -242.00" in problem["message"]


async def book_entry(world: World, connection: Connection, reference: str, debtor: str, total: str) -> None:
    body = {
        "Journal": connection.rules.journals.sales,
        "Customer": debtor,
        "EntryDate": f"{yesterday(world).date()}",
        "YourRef": reference,
        "SalesEntryLines": [
            {"GLAccount": revenue_and_money(connection)[0], "AmountFC": float(total), "VATCode": "0"}
        ],
    }
    await portal_of(world).division_of(connection).post("salesentry/SalesEntries", body)


async def pay_by_bank(world: World, connection: Connection, debtor: str, day: date, amount: str) -> None:
    lines = [
        {"GLAccount": ledger(world, "1300"), "Account": debtor, "AmountFC": -float(amount)},
        {"GLAccount": ledger(world, "2006"), "AmountFC": float(amount)},
    ]
    for line in lines:
        line |= {"Description": "Bank", "Date": f"{day}"}
    body = {"JournalCode": "90", "GeneralJournalEntryLines": lines}
    await portal_of(world).division_of(connection).post("generaljournalentry/GeneralJournalEntries", body)


async def test_takings_that_never_came_in_are_told_after_a_month(
    one_world: World, connection: Connection
) -> None:
    world, day = one_world, yesterday(one_world).date()
    await tell(world, connection, sold(world, "5012", "12.10"))
    revenue, money = revenue_and_money(connection)
    reference = f"{connection.rules.reference_prefix}5012"
    await book(world, connection, reference, day, {revenue: "-12.10", money: "12.10"})
    assert await a_night(world, connection) == []
    for _ in range(2):
        world.sandbox.clock.advance(timedelta(days=17).total_seconds())
        found = await a_night(world, connection)
    assert [problem["code"] for problem in found] == ["clearing-not-received"]

    await book(world, connection, "Bank", day, {money: "-20.00", ledger(world, "2006"): "20.00"})
    (problem,) = await a_night(world, connection)
    assert problem["code"] == "clearing-more-received"
    assert "-7.90" in problem["message"]


async def order(
    world: World,
    connection: Connection,
    reference: str,
    *,
    days_ago: int,
    debtor: str | None = None,
    quantity: int = 1,
) -> dict[str, Any]:
    day = world.sandbox.clock.now().date() - timedelta(days=days_ago)
    exact = world.sandbox.exact.divisions[DIVISION]
    item = next(iter(exact.table("logistics/Items")))["ID"]
    body = {
        "OrderedBy": debtor or connection.rules.debtor.default_account,
        "OrderDate": f"{day}",
        "YourRef": reference,
        "SalesOrderLines": [{"Item": item, "Quantity": quantity, "NetPrice": "12.10"}],
    }
    return await portal_of(world).division_of(connection).post("salesorder/SalesOrders", body)


async def test_orders_that_nobody_invoiced_in_a_week_are_told_until_they_are(
    one_world: World, connection: Connection
) -> None:
    world, prefix = one_world, connection.rules.reference_prefix
    rules = replace(connection.rules, mode=Mode.ORDERS, start_date=date(2020, 1, 1))
    await world.database.run(
        lambda transaction: tenants.change_connection(
            transaction, connection.id, rules=registry.rules_text(rules)
        )
    )
    await tell(world, connection, *(sold(world, number, "12.10") for number in ("5012", "5013", "5014")))
    old = [await order(world, connection, f"{prefix}{number}", days_ago=9) for number in ("5012", "5013")]
    await order(world, connection, f"{prefix}5014", days_ago=3)
    await order(world, connection, "WEB-77", days_ago=30)

    (told,) = await a_night(world, connection)
    assert told["code"] == "orders-not-invoiced"
    assert "gefactureerd zijn: 2, de oudste van " in told["message"]

    wanted = {"CreateMode": 1, "InvoiceMode": 1, "JournalCode": "70"}
    ids = [{"ID": row["OrderID"]} for row in old]
    division = portal_of(world).division_of(connection)
    made = await division.post("salesinvoice/InvoiceSalesOrders", wanted | {"SalesOrderIDs": ids})
    assert made["NumberOfCreatedInvoices"] == 2
    assert await a_night(world, connection) == []


async def test_a_day_that_was_booked_under_another_code_than_decided_is_told(
    one_world: World, connection: Connection
) -> None:
    """Its total is right, so nothing else would show it."""
    at = one_world.sandbox.clock.now() - timedelta(days=1)
    sale = a_sale(completed_at=at, changed_at=at)
    under_low = WantedSums((TurnoverPart("VL", D("12.10"), D("1.00")),), wanted("12.10", "2.10").payments)
    document = replace(ready(sale), wanted=under_low)
    await one_world.tell(connection.id, recorded(sale), document, booked(document))

    (told,) = [each for each in await a_night(one_world, connection) if each["code"] == "day-differs"]
    assert "0.00" in told["message"]
    assert "VH -12.10" in told["message"]
    assert "VL 12.10" in told["message"]
