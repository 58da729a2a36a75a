"""X-Series and Restaurant in a usual administration: what is suggested books all that their tills do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from libs.common.contracts.sales import SaleRecorded
from libs.common.database import registry
from libs.common.domain.sale import Sale, TenderKind
from libs.common.lightspeed.source import Walk, Way
from libs.common.lightspeed.sources import SOURCES
from services.sandbox.made_up import MadeUp
from services.sandbox.restaurant.made_up import sell_made_up as sell_in_restaurant
from services.sandbox.x_series.made_up import sell_made_up as sell_in_store
from tests.services.portal.test_no_correction_needed import (
    USERS,
    belgian,
    require_all_booked,
    suggested,
)
from tests.services.portal.test_till_watch import portal_of
from tests.services.portal.world import World

ACCOUNTS = {
    ("lightspeed-restaurant", "nl"): "4801",
    ("lightspeed-restaurant", "be"): "4803",
    ("lightspeed-x", "nl"): "fietshuis",
    ("lightspeed-x", "be"): "fietshuis",
}
WANTED = MadeUp(count=150, days=5, seed=11, profile="everything", events=True, days_ago=1)


class ADesk:
    """As much of ingest as a reading needs."""

    def __init__(self, reference: Any, now: Any) -> None:
        self._reference, self._now = reference, now

    async def reference(self, lacks: Any = None) -> Any:
        return self._reference

    async def sold(self, sale_ids: Any) -> set[str]:
        return set()

    async def states(self, sale_ids: Any) -> dict[str, str]:
        return {}

    @property
    def now(self) -> Any:
        return self._now

    async def mark_of(self, chore: str) -> str:
        return ""


def sell(world: World, source: str, account: str) -> None:
    sandbox = world.sandbox
    if source == "lightspeed-x":
        assert list(sell_in_store(sandbox.x.merchants["fietshuis"], WANTED))
        return
    restaurant = sandbox.restaurant
    business = next(each for each in restaurant.businesses.values() if str(each.business_id) == account)
    assert list(sell_in_restaurant(business, WANTED, restaurant.switches, sandbox.clock.now()))


def a_belgian_store(world: World, sales: list[Sale]) -> list[Sale]:
    """6 % where the Dutch store has 9, of the same prices."""
    for tax in world.sandbox.x.merchants["fietshuis"].taxes:
        if tax.rate == Decimal("0.09"):
            tax.rate = Decimal("0.06")
    return [replace(belgian(sale), vat_by_rate=()) for sale in sales]


async def read_all(world: World, connection: str, source: str) -> list[Sale]:
    async with world.database.reading() as transaction:
        kept = await registry.connection(transaction, connection)
    assert kept is not None
    till, parser = portal_of(world).till_of(kept), SOURCES[source].parser
    desk: Any = ADesk(await till.read_reference(), world.sandbox.clock.now)
    now = world.sandbox.clock.now()
    walk = Walk(Way.BACKLOG, now - timedelta(days=10), now)
    found: dict[str, Sale] = {}
    for _ in range(200):
        part = await till.read(walk, desk)
        for row in await till.complete(list(part.rows), desk):
            sale = parser.parse_sale(row, await desk.reference())
            assert isinstance(sale, Sale), sale
            found[sale.id] = sale
        if part.is_last:
            return list(found.values())
        walk = Walk(Way.BACKLOG, walk.since, now, part.mark, is_fresh=False)
    raise AssertionError("the till has no end")


def _lacks_its_customer(sale: Sale) -> bool:
    """On account of nobody, as a restaurant may ring it up: a problem whatever the rules say."""
    is_owed = any(payment.kind is TenderKind.CREDIT_ACCOUNT for payment in sale.payments)
    return sale.customer is None and is_owed


@pytest.mark.parametrize("mode", ["daily-totals", "transactions", "invoices"])
@pytest.mark.parametrize(("source", "country"), ACCOUNTS)
async def test_what_is_suggested_needs_no_correction(
    one_world: World, source: str, country: str, mode: str
) -> None:
    world = one_world
    world.sandbox.x.limits.settings.choose({"per_register": 100_000})
    account = ACCOUNTS[source, country]
    connection = await world.connected(source=source, account=account, user=USERS[country])
    sell(world, source, account)
    sales = await read_all(world, connection, source)
    if (source, country) == ("lightspeed-x", "be"):
        sales = a_belgian_store(world, sales)
    sales = [sale for sale in sales if not _lacks_its_customer(sale)]
    assert len(sales) > 100
    await world.tell(connection, *(SaleRecorded(sale, 1, "hash", 1) for sale in sales))

    address = f"/v1/connections/{connection}"
    options = await suggested(world, connection, mode)
    kept = await world.partner.put(f"{address}/rules", json=options["suggested_rules"])
    assert kept.status_code == 200, kept.text
    await require_all_booked(world, address)
