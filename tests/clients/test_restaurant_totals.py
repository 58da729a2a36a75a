"""The pure parser against the simulator: two readings of one reference, which meet to the cent.

The simulator imports nothing of the product, so that neither can share the other's mistakes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from libs.common.domain.sale import Sale, SaleState
from libs.common.lightspeed.restaurant_reference import (
    Location,
    RestaurantReference,
    accounting_groups_in,
    payment_methods_in,
    reference_of,
    tax_rates_in,
)
from libs.common.lightspeed.restaurant_sale import parse_sale
from services.sandbox.clock import Clock
from services.sandbox.restaurant.business import Business
from services.sandbox.restaurant.world import RestaurantWorld
from tests.sandbox.restaurant.till import NOON, Till, a_client

WISH = {"count": 150, "days": 10, "seed": 3, "profile": "everything", "events": True}


@pytest.fixture
async def world() -> RestaurantWorld:
    return RestaurantWorld(Clock(NOON))


@pytest.fixture
async def till(world: RestaurantWorld) -> AsyncIterator[Till]:
    async with a_client(world) as client:
        yield Till(world, client)


async def rows_of(till: Till, location: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    token = ""
    while True:
        page = await till.sales(location, pageSize=100, **({"nextPageToken": token} if token else {}))
        rows += [{**sale, "businessLocationId": int(location)} for sale in page["sales"]]
        token = page.get("nextPageToken", "")
        if not token:
            return rows


async def read_reference(till: Till, business: Business) -> RestaurantReference:
    locations = []
    for place in business.locations:
        lists = {}
        for path in ("tax-rates", "paymentMethods", "accountingGroups"):
            embedded = (await till.get(f"/f/finance/{place.bl_id}/{path}"))["_embedded"]
            (lists[path],) = embedded.values()
        locations.append(
            Location(
                id=str(place.bl_id),
                name=place.name,
                time_zone=str(place.zone),
                country=place.country,
                tax_rates=tax_rates_in(lists["tax-rates"]),
                payment_methods=payment_methods_in(lists["paymentMethods"]),
                accounting_groups=accounting_groups_in(lists["accountingGroups"]),
            )
        )
    return reference_of(locations)


async def parsed(till: Till, number: int) -> list[Sale]:
    await till.connect(str(number))
    business = till.world.businesses[number]
    reference = await read_reference(till, business)
    sales = []
    for location in business.locations:
        for row in await rows_of(till, str(location.bl_id)):
            sale = parse_sale(row, reference)
            assert isinstance(sale, Sale), (row["accountFiscId"], row["type"], sale)
            sales.append(sale)
    return sales


READINGS: list[dict[str, Any]] = [
    {},
    {"reversal_quantities": "positive"},
    {"voided_line_amounts": "price"},
    {"surcharge": "inside"},
    {"cash_rounding": "inside"},
    {"rounding_amount": False},
    {"gift_card_issue": "positive"},
    {"transfer": "two records"},
    {"cancelled_account": "CANCEL"},
    {"bill_rounding": "half up"},
    {"tax_rate_percentage": "multiplier"},
    {"account_reference": "uuid", "receipt_id": False},
]


@pytest.mark.parametrize(("number", "reading"), [(4803, {}), *((4801, reading) for reading in READINGS)])
async def test_what_is_read_is_what_the_tills_sold(till: Till, number: int, reading: dict[str, Any]) -> None:
    await till.switch(**reading)
    made = await till.client.post(f"/sandbox/tills/restaurant/{number}/made-up", json=WISH)
    assert made.status_code == 200
    told = (await till.client.get(f"/sandbox/tills/restaurant/{number}/totals")).json()

    sales = await parsed(till, number)

    counted = [sale for sale in sales if sale.state is SaleState.COMPLETED]
    assert len(sales) == told["sales"]
    assert f"{sum(sale.total_incl_vat for sale in counted):.2f}" == told["turnover"]
    assert f"{sum(pay.tip for sale in counted for pay in sale.payments):.2f}" == told["tips"]
    by_type: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in counted:
        for payment in sale.payments:
            by_type[payment.type_name] += payment.amount
    if reading.get("rounding_amount", True):
        assert {name: f"{sum_:.2f}" for name, sum_ in by_type.items()} == told["by_payment_type"]
