"""Real receipts sold at this till: the totals that the README beside them names."""

from decimal import Decimal

import pytest

from services.sandbox.receipts import BAKERY, GIFTWARE, read_receipts
from services.sandbox.x_series.merchant import Merchant
from services.sandbox.x_series.selling import sell
from services.sandbox.x_series.totals import totals_of
from tests.sandbox.x_series.store import a_world
from tests.shared import RECEIPTS, needs

D = Decimal


@pytest.fixture(scope="module")
def gifts() -> Merchant:
    world = a_world()
    merchant = world.merchants["cadeauhuis"]
    for ticket in read_receipts(RECEIPTS / GIFTWARE, world.clock.now()):
        sell(merchant, ticket)
    return merchant


@needs(RECEIPTS / GIFTWARE, "the giftware receipts at the X-Series till")
class TestGiftware:
    def test_the_totals_are_those_of_the_file(self, gifts: Merchant) -> None:
        totals = totals_of(gifts)
        assert (totals.sales, totals.with_money, totals.turnover) == (2025, 1885, D("748957.02"))
        assert len(totals.by_day) == 20
        vat = {rate: total.vat for rate, total in totals.by_vat_rate.items()}
        assert vat == {"21": D("102102.42"), "9": D("13264.57")}

    def test_returns_customers_and_articles_are_those_of_the_file(self, gifts: Merchant) -> None:
        returns = [sale for sale in gifts.sales if sale.header.gross < 0]
        assert (len(returns), sum(sale.header.gross for sale in returns)) == (326, D("-74789.12"))
        own = [customer for customer in gifts.customers if customer.code != "WALKIN"]
        assert (len(own), sum("company_name" in customer.fields for customer in own)) == (948, 50)
        assert sum(not product.is_system for product in gifts.products) == 2762

    def test_receipts_of_businesses_are_on_account_and_all_others_paid(self, gifts: Merchant) -> None:
        statuses = [sale.status for sale in gifts.sales]
        assert (statuses.count("ONACCOUNT"), statuses.count("CLOSED")) == (63, 1962)
        for sale in gifts.sales:
            paid = sum((payment.amount for payment in sale.payments), D(0))
            assert paid == (0 if sale.status == "ONACCOUNT" else sale.header.gross)

    def test_header_and_lines_agree_within_a_cent_a_line(self, gifts: Merchant) -> None:
        """The checks that a reader of this API makes (chapter 16)."""
        for sale in gifts.sales:
            assert sum(tax for _, tax in sale.header.taxes) == sale.header.tax
            for rate_id, vat in sale.header.taxes:
                lines = [line for line in sale.lines if line.parts[0][0] == rate_id]
                base = sum((line.price_total for line in lines), D(0))
                rate = next(tax.rate for tax in gifts.taxes if tax.rate_id == rate_id)
                assert abs(vat - base * rate) <= D("0.01") * len(lines)


@needs(RECEIPTS / BAKERY, "the bakery's receipts at the X-Series till")
def test_the_bakery_sells_with_one_voucher_that_is_no_turnover() -> None:
    world = a_world()
    merchant = world.merchants["cadeauhuis"]
    for ticket in read_receipts(RECEIPTS / BAKERY, world.clock.now()):
        sell(merchant, ticket)

    totals = totals_of(merchant)
    assert (totals.sales, totals.with_money, totals.turnover) == (9531, 9465, D("94805.20"))
    vat = {rate: total.vat for rate, total in totals.by_vat_rate.items()}
    assert vat == {"21": D("37.79"), "9": D("7802.99")}
    assert [card.balance for card in merchant.gift_cards] == [D(3)]
