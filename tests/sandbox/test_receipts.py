"""The real receipts come out of the till exactly as their description says."""

from collections import Counter
from decimal import Decimal

import pytest

from services.sandbox.clock import Clock
from services.sandbox.receipts import BAKERY, GIFTWARE, sell_receipts
from services.sandbox.retail.account import Account
from services.sandbox.retail.rows import Row
from services.sandbox.retail.totals import totals_of
from services.sandbox.retail.world import RetailWorld
from tests.sandbox.retail.till import NOON
from tests.shared import RECEIPTS, needs

pytestmark = needs(RECEIPTS, "the real receipts at the simulated till")


def sold(name: str) -> Account:
    world = RetailWorld(Clock(NOON))
    account = world.accounts[4712]
    for _ in sell_receipts(
        RECEIPTS / name, NOON, lambda tickets: [world.sell(account, ticket) for ticket in tickets]
    ):
        pass
    return account


@pytest.fixture(scope="module")
def giftware() -> Account:
    return sold(GIFTWARE)


def test_turnover_and_counts(giftware: Account) -> None:
    totals = totals_of(giftware)
    returns = [sale.number("total") for sale in giftware["Sale"] if sale.number("total") < 0]
    assert (totals.sales, totals.with_money, totals.turnover) == (2025, 1885, Decimal("748957.02"))
    assert (len(returns), sum(returns)) == (326, Decimal("-74789.12"))
    assert len(giftware["SaleLine"]) == 42481


def test_vat_per_receipt_and_in_the_headers(giftware: Account) -> None:
    totals = totals_of(giftware)
    vat = {rate: total.vat for rate, total in totals.by_vat_rate.items()}
    assert vat == {"21": Decimal("102102.42"), "9": Decimal("13264.57")}
    assert sum(sale.number("taxTotal") for sale in giftware["Sale"]) == Decimal("115367.12")
    assert sum(total.gross for total in totals.by_vat_rate.values()) == totals.turnover


def test_customers_companies_and_articles(giftware: Account) -> None:
    companies = {row.key for row in giftware["Customer"] if row.text("company") and row.text("vatNumber")}
    theirs = [sale for sale in giftware["Sale"] if sale.id("customerID") in companies]
    on_account = [row for row in giftware["SalePayment"] if row.id("creditAccountID")]
    assert (len(giftware["Customer"]), len(companies), len(theirs)) == (948, 50, 74)
    assert len(on_account) == sum(1 for sale in theirs if sale.number("total") > 0) == 63
    assert len(giftware["Item"]) == 2762


def test_receipts_of_nothing(giftware: Account) -> None:
    nothing = [sale for sale in giftware["Sale"] if not sale.number("total")]
    lines = [giftware["SaleLine"].find("saleID", sale.key) for sale in nothing]
    assert len(nothing) == 140
    assert all(len(found) == 1 and not found[0].number("unitPrice") for found in lines)
    assert sum(1 for found in lines if found[0].number("unitQuantity") < 0) == 70
    assert not any(giftware["SalePayment"].find("saleID", sale.key) for sale in nothing)


def test_days_outlets_and_tenders(giftware: Account) -> None:
    days = {(sale.id("shopID"), day_of(sale)) for sale in giftware["Sale"]}
    assert (len({day for _, day in days}), len(days), max(day for _, day in days)) == (20, 40, "2026-03-14")
    first_six = [giftware["SalePayment"].rows[key] for key in range(1, 7)]
    names = [giftware["PaymentType"].rows[row.id("paymentTypeID")].text("name") for row in first_six]
    assert names == ["PIN", "Contant", "Creditcard"] * 2


def day_of(sale: Row) -> str:
    completed = sale.moment("completeTime")
    return completed.date().isoformat() if completed else ""


def test_the_bakery_too() -> None:
    account = sold(BAKERY)
    totals = totals_of(account)
    vat = {rate: total.vat for rate, total in totals.by_vat_rate.items()}
    assert (totals.with_money, totals.turnover) == (9465, Decimal("94805.20"))
    assert (vat["21"], vat["9"]) == (Decimal("37.79"), Decimal("7802.99"))
    assert Counter(row.flag("giftCard") for row in account["CreditAccount"]) == {True: 1}
