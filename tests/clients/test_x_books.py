"""Whatever a store of the simulator sells, under every reading of what the vendor leaves open, is booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from libs.common.domain.document import Booking
from libs.common.domain.map_sale import map_sale
from libs.common.domain.problem import Problem
from libs.common.domain.rules import PaymentKind, PaymentRule, Rules
from libs.common.domain.sale import Sale, SaleState, TenderKind
from libs.common.lightspeed.x_sale import parse_sale
from tests.builders import some_rules
from tests.clients.test_x_totals import READINGS, WISH, listed, read_reference
from tests.sandbox.x_series.store import Store, a_client, a_world, tokens

COMPLETED = SaleState.COMPLETED
KINDS = {"Op rekening": PaymentKind.ON_ACCOUNT, "On Account": PaymentKind.ON_ACCOUNT}


def _rules(sales: Iterable[Sale], card: str, mode: str) -> Rules:
    """Every payment type that was met is chosen, by its till's kind, else a clearing account."""
    payments = {}
    for payment in (payment for sale in sales for payment in sale.payments):
        kind = KINDS.get(payment.type_name, PaymentKind.CLEARING)
        if payment.kind is TenderKind.CASH:
            kind = PaymentKind.CASH
        if payment.kind is TenderKind.GIFT_CARD:
            kind = PaymentKind.GIFT_CARD
        ledger = None if kind is PaymentKind.ON_ACCOUNT else "2000"
        payments[payment.type_id] = PaymentRule(kind, ledger)
    rules = some_rules(mode=mode, payments=payments)
    return replace(rules, items=replace(rules.items, kinds={card: "gift-card"}))


def _with_customer(row: dict[str, Any]) -> dict[str, Any]:
    beside = {"id": row["customer_id"], "first_name": "Jan", "last_name": "Jansen", "customer_code": "K"}
    return {**row, "customer": beside} if row.get("customer_id") else row


@pytest.mark.parametrize("mode", ["transactions", "daily-totals"])
@pytest.mark.parametrize("reading", READINGS, ids=str)
async def test_all_that_a_store_sells_is_booked(reading: dict[str, Any], mode: str) -> None:
    world = a_world()
    world.switches.choose(reading)
    async with a_client(world) as client:
        granted = await tokens(client, "fietshuis")
        store = Store(world, client, {"Authorization": f"Bearer {granted['access_token']}"}, "fietshuis")
        await store.till("made-up", WISH)
        reference = await read_reference(store, "2026-07")
        rows = await listed(store, "2026-07/sales")
    parsed = [parse_sale(_with_customer(row), reference) for row in rows]
    sales = [sale for sale in parsed if isinstance(sale, Sale)]
    rules = _rules(sales, store.merchant.system.gift_card, mode)

    outcomes = [map_sale(sale, rules) for sale in sales]

    assert len(sales) == len(parsed)
    problems = [outcome for outcome in outcomes if isinstance(outcome, Problem)]
    assert not problems, Counter(str(problem) for problem in problems).most_common(3)
    sold = [outcome for sale, outcome in zip(sales, outcomes, strict=True) if sale.state is COMPLETED]
    assert sum(isinstance(outcome, Booking) for outcome in sold) > 100
