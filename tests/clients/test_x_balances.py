"""What a store says of its gift cards and store credit as a whole, against what its sales made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from libs.common.budget import Budget, Lane
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.rules import ItemRules, PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import ZERO, Sale, SaleState
from libs.common.domain.till_control import TillBalances
from libs.common.domain.till_events import gift_cards_sold, is_gift_card, is_store_credit
from libs.common.http import http_client
from libs.common.lightspeed.errors import Unavailable
from libs.common.lightspeed.source import Access
from libs.common.lightspeed.sources import Tills
from libs.common.lightspeed.x_control import read_balances
from libs.common.lightspeed.x_oauth import SCOPES
from libs.common.lightspeed.x_reading import XTill
from libs.common.lightspeed.x_sale import SOURCE as NAME
from libs.common.lightspeed.x_sale import parse_sale
from services.sandbox.made_up import MadeUp
from services.sandbox.x_series.cards import change_without_sale
from services.sandbox.x_series.made_up import sell_made_up
from tests.builders import D
from tests.clients.test_x_client import NOW, OneToken
from tests.services.ingest_world import CONNECTION
from tests.services.x_world import APP, PREFIX, SETTINGS, Store, a_store

Rows = list[dict[str, Any]]
Answer = Callable[[httpx.Request], httpx.Response]


async def till_of(store: Store) -> XTill:
    async with store.database.reading() as transaction:
        connection = await registry.connection(transaction, CONNECTION)
    assert connection is not None
    assert connection.lightspeed_grant_id is not None
    budget = Budget(store.database, store.clock.now)
    tills = Tills(SETTINGS, store.http, store.vault, budget, store.clock.now)
    till = tills.of(NAME, connection.lightspeed_grant_id, PREFIX)
    assert isinstance(till, XTill)
    return till


def answering(database: Database, answer: Answer) -> XTill:
    http = http_client(transport=httpx.MockTransport(answer))
    vault: Any = OneToken()
    return XTill(Access(http, vault, Budget(database, lambda: NOW), lambda: NOW, APP), "grant", PREFIX, False)


def listing(cards: Rows, *, repeats: bool = False) -> Answer:
    """Pages of two, whatever is asked; an older version begins with the one that was seen last."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("store_credits"):
            return httpx.Response(200, json={"data": []})
        last = request.url.params.get("before")
        place = next((at for at, card in enumerate(cards) if card["id"] == last), -1) + 1
        place -= 1 if repeats and place else 0
        return httpx.Response(200, json={"data": cards[place : place + 2]})

    return answer


@pytest.mark.parametrize("kept", ["nothing", "kept"])
async def test_they_are_what_the_sales_made_of_them(database: Database, kept: str) -> None:
    """Two ways to one amount: the till's cards, and the sales as they are booked."""
    async with a_store(database) as store:
        store.x.switches.choose({"ended_card_balance": kept})
        wanted = MadeUp(count=300, days=10, seed=3, profile="everything", events=True)
        assert len(list(sell_made_up(store.store, wanted))) == 300
        change_without_sale(store.store, "OUD1", "IMPORTING", D("25"))
        change_without_sale(store.store, "OUD2", "IMPORTING", D("40"))
        change_without_sale(store.store, "OUD2", "EXPIRING", ZERO)
        till = await till_of(store)
        found = await read_balances(till)
        sales = await _sales(till)
    rules = _rules(store)
    cards = sum((_owed_on_cards(sale, rules) for sale in sales), ZERO)
    credit = sum((_paid(sale, rules, is_store_credit) for sale in sales), ZERO)
    assert found == TillBalances(gift_cards=cards + 25, store_credit=-credit)
    assert cards > 0 > credit


async def _sales(till: XTill) -> list[Sale]:
    reference = await till.read_reference()
    rows = await till.account.rows("sales", Lane.SALES)
    read = [parse_sale(row, reference) for row in rows]
    return [sale for sale in read if isinstance(sale, Sale) and sale.state is not SaleState.VOIDED]


def _rules(store: Store) -> Rules:
    kinds = {"gift card": PaymentKind.GIFT_CARD, "store credit": PaymentKind.STORE_CREDIT}
    payments = {
        row.id: PaymentRule(kinds[row.kind]) for row in store.store.payment_types if row.kind in kinds
    }
    items = ItemRules(kinds={store.store.system.gift_card: "gift-card"})
    return Rules(payments=payments, items=items)


def _owed_on_cards(sale: Sale, rules: Rules) -> Any:
    sold = gift_cards_sold(sale, rules) if sale.state is SaleState.COMPLETED else ZERO
    return sold - _paid(sale, rules, is_gift_card)


def _paid(sale: Sale, rules: Rules, is_kind: Callable[..., bool]) -> Any:
    return sum((payment.amount for payment in sale.payments if is_kind(payment, rules)), ZERO)


def cards_of(*balances: str, **more: Any) -> Rows:
    return [
        {"id": f"c{place}", "status": "ACTIVE", "balance": each} | more for place, each in enumerate(balances)
    ]


@pytest.mark.parametrize("repeats", [False, True])
async def test_a_card_counts_once_however_pages_join(database: Database, repeats: bool) -> None:
    cards = cards_of("10", "20.50", "0", "5", "1")
    found = await read_balances(answering(database, listing(cards, repeats=repeats)))
    assert found == TillBalances(gift_cards=D("36.50"), store_credit=ZERO)


@pytest.mark.parametrize("status", ["VOIDED", "EXPIRED"])
async def test_what_nobody_may_spend_is_owed_to_nobody(database: Database, status: str) -> None:
    cards = [*cards_of("10"), {"id": "gone", "status": status, "balance": "25"}]
    assert (await read_balances(answering(database, listing(cards)))).gift_cards == D(10)


async def test_a_list_that_begins_anew_is_no_balance(database: Database) -> None:
    """A site that ignores where to go on from would have its first cards counted for all."""
    page = {"data": cards_of("10", "20")}
    with pytest.raises(Unavailable):
        await read_balances(answering(database, lambda request: httpx.Response(200, json=page)))


async def test_a_balance_that_cannot_be_read_is_no_balance(database: Database) -> None:
    with pytest.raises(Unavailable):
        await read_balances(answering(database, listing([{"id": "a", "status": "ACTIVE"}])))


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_list_that_may_not_be_read_is_not_told(database: Database, status: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("gift_cards"):
            return httpx.Response(status, json={"error": "Forbidden"})
        return httpx.Response(200, json={"data": [{"customer_id": "k", "balance": 7.1}]})

    assert await read_balances(answering(database, answer)) == TillBalances(store_credit=D("7.1"))


async def test_a_consent_without_the_scopes_tells_nothing(database: Database) -> None:
    scopes = tuple(scope for scope in SCOPES if scope not in ("gift_cards:read", "store_credits:read"))
    async with a_store(database, scopes=scopes) as store:
        assert await read_balances(await till_of(store)) == TillBalances()
