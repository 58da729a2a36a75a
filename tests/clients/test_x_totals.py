"""The pure parser against the simulator: two readings of one reference, which meet to the cent.

The simulator imports nothing of the product, so that neither can share the other's mistakes.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.sale import Sale, SaleState
from libs.common.lightspeed.x_reference import XReference, reference_of
from libs.common.lightspeed.x_sale import parse_sale
from tests.sandbox.x_series.store import Store, a_client, a_world, tokens

WISH = {"count": 150, "days": 10, "seed": 3, "profile": "everything", "events": True}
READINGS: list[dict[str, Any]] = [
    {},
    {"price_and_discount": "before"},
    {"tip_in_total": True},
    {"surcharge_in_total": True},
    {"web_charge_in_total": True},
    {"tip_in_total": True, "surcharge_in_total": True, "web_charge_in_total": True},
    {"cash_rounding": "line"},
    {"cash_rounding": "silent"},
    {"change": "payment"},
    {"on_account_payment": True},
    {"nested_tax_id": "tax"},
    {"discount_components": "per rate"},
    {"return_components_positive": False},
    {"adjustment_type_key": "type"},
    {"void_sets_deleted_at": True},
    {"line_totals": "unit"},
]


async def listed(store: Store, path: str, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = 0
    while True:
        page = await store.get(path, after=after, page_size=200, **query)
        rows += page["data"]
        if not page["data"] or "version" not in page:
            return rows
        after = page["version"]["max"]


async def read_reference(store: Store, version: str) -> XReference:
    names = ("outlets", "registers", "payment_types", "taxes")
    rows = {name: await listed(store, f"{version}/{name}") for name in names}
    retailer = (await store.get(f"{version}/retailer"))["data"]
    return reference_of(**rows, retailer=retailer)


@pytest.mark.parametrize("reading", READINGS, ids=str)
async def test_what_is_read_is_what_the_tills_sold(reading: dict[str, Any]) -> None:
    world = a_world()
    world.switches.choose(reading)
    async with a_client(world) as client:
        granted = await tokens(client, "fietshuis")
        store = Store(world, client, {"Authorization": f"Bearer {granted['access_token']}"}, "fietshuis")
        await store.till("made-up", WISH)
        told = await store.till("totals", method="GET")
        for version in ("2.0", "2026-07"):
            reference = await read_reference(store, version)
            rows = await listed(store, f"{version}/sales")
            read = [parse_sale(row, reference) for row in rows]
            hold_against(told, read, store.merchant.system.gift_card)


def hold_against(told: dict[str, Any], read: list[Any], card: str) -> None:
    """`card` is the article that gift cards are: no turnover, though the receipt's total holds it."""
    assert [sale for sale in read if not isinstance(sale, Sale)] == []
    counted = [sale for sale in read if sale.state is SaleState.COMPLETED]
    assert len(counted) == told["sales"]
    issued = sum(line.amount_incl_vat for sale in counted for line in sale.lines if line.item == card)
    assert f"{sum(sale.total_incl_vat for sale in counted) - issued:.2f}" == told["turnover"]
    assert f"{sum(pay.tip for sale in counted for pay in sale.payments):.2f}" == told["tips"]
    assert vat_of(counted) == {rate: Decimal(total["vat"]) for rate, total in told["by_vat_rate"].items()}
    by_type: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in counted:
        for payment in sale.payments:
            by_type[payment.type_name] += payment.amount
    paid = {name: f"{amount:.2f}" for name, amount in by_type.items() if amount}
    assert paid == {name: amount for name, amount in told["by_payment_type"].items() if amount != "0.00"}


def vat_of(sales: list[Sale]) -> dict[str, Decimal]:
    by_rate: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in sales:
        for rate, amount in sale.vat_by_rate:
            by_rate[format(rate.normalize(), "f") if rate else "0"] += amount
    return dict(by_rate)
