"""A shop and a restaurant of one merchant, in one division under one consent, selling at the same time.

Held against the tills and the books of the sandbox: no reference clashes, each is booked to the cent by its
own reconciliation, and where Exact's calls are scarce neither waits for the other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.demo.connecting import Shop, connect, make_merchant
from services.demo.killing import Killings
from services.demo.measuring import booked_turnover
from services.demo.processes import Ports
from services.demo.product import Partner
from services.demo.selling import MadeUp, Sold, sell
from services.demo.starting import start_product, start_sandbox
from services.demo.watching import until_booked
from tests.builders import D

RETAIL, RESTAURANT = "lightspeed-retail", "lightspeed-restaurant"
BEFORE = 12
"""Receipts of each till from before it was connected."""
MEANWHILE = 10
ALL = BEFORE + MEANWHILE
PRICE = D("10.00")
SOLD_NOW = D("145.00")
"""10 receipts of 10.00, 11.00, ... 19.00."""
SCARCE = 20
"""Calls a minute, for twenty receipts: as they come free, they are shared."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Counted:
    """One connection, and its part of the books."""

    shop: Shop
    till: str
    prefix: str
    books: Mapping[str, list[Any]]

    @property
    def references(self) -> list[str]:
        entries = [entry["your_ref"] for entry in self.books["sales_entries"]]
        return entries + [head(journal) for journal in self.books["general_journal_entries"]]


def head(journal: Mapping[str, Any]) -> str:
    return str(journal["lines"][0]["description"]).split(" ")[0]


def part_of(books: Mapping[str, Any], shop: Shop, till: str) -> Counted:
    prefix = shop.rules["reference_prefix"]
    named = {"sales_entries": lambda one: one["your_ref"], "general_journal_entries": head}
    kinds = ("sales_entries", "sales_invoices", "sales_orders", "general_journal_entries", "cash_entries")
    ours = {
        kind: [one for one in books[kind] if named.get(kind, head)(one).startswith(prefix)] for kind in kinds
    }
    return Counted(shop, till, prefix, ours)


async def ring_up(sandbox: httpx.AsyncClient, shop: Shop, till: str) -> None:
    """One receipt after the other, now."""
    for number in range(MEANWHILE):
        price = str(PRICE + number)
        line = {"item": "KOFFIE", "description": "Koffie", "unit_price": price, "vat_rate": "9"}
        ticket = {"lines": [line], "payments": [{"type": "PIN"}]}
        answer = await sandbox.post(f"/sandbox/tills/{till}/{shop.account}/sales", json=ticket)
        answer.raise_for_status()


async def reconciled(partner: Partner, shop: Shop, first_day: date) -> dict[str, Decimal]:
    path = f"/v1/connections/{shop.connection}/reconciliation"
    answer = await partner.get(path, **{"from": first_day.isoformat()})
    names = ("sold", "booked", "waiting", "ignored", "difference")
    assert {row["difference"] for row in answer["items"]} <= {"0.00"}
    return {name: sum((D(row[name]) for row in answer["items"]), ZERO) for name in names}


def longest_lead(entries: Sequence[Mapping[str, Any]], prefixes: Sequence[str]) -> tuple[int, int]:
    """While both had something to book: how many were booked, and by how many one was ahead at the most."""
    order = [next(one for one in prefixes if entry["your_ref"].startswith(one)) for entry in entries]
    begins = max(order.index(one) for one in prefixes)
    ends = min(len(order) - order[::-1].index(one) for one in prefixes)
    ahead = lead = 0
    for one in order[begins:ends]:
        ahead += 1 if one == prefixes[0] else -1
        lead = max(lead, abs(ahead))
    return ends - begins, lead


async def until_recorded(partner: Partner, shop: Shop, count: int) -> None:
    for _ in range(120):
        await partner.post(f"/v1/connections/{shop.connection}/sync")
        counts = await partner.get(f"/v1/connections/{shop.connection}/progress")
        if sum(counts["sales"].values()) >= count:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"not read: {counts}")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", ["transactions", "daily-totals"])
async def test_a_shop_and_a_restaurant_share_one_division_and_its_calls(tmp_path: Path, mode: str) -> None:
    ports = Ports()
    async with (
        start_sandbox(tmp_path, ports) as url,
        start_product(tmp_path, ports, url, RETAIL, RESTAURANT, as_services=False) as started,
        httpx.AsyncClient(base_url=url, timeout=120) as sandbox,
    ):
        partner = Partner(started.portal_url, started.api_key)
        try:
            await _try(partner, sandbox, mode)
        finally:
            await partner.close()


@dataclass(frozen=True)
class TwoTills:
    """Both connections, switched on; what each till sold before and sells now."""

    shops: Mapping[str, Shop]
    before: Mapping[str, Sold]
    mode: str

    def turnover(self, till: str) -> Decimal:
        return self.before[till].turnover + SOLD_NOW

    @property
    def division(self) -> str:
        (division,) = {shop.division for shop in self.shops.values()}
        return division


async def connected(partner: Partner, sandbox: httpx.AsyncClient, mode: str) -> TwoTills:
    merchant = await make_merchant(partner)
    changes: dict[str, Any] = {"post_at": "00:00", "day_close_wait_minutes": 0}
    if mode == "daily-totals":
        changes |= {"daily_totals": {"document": "sales-entry"}, "settlement": "per-day"}
    shops, before = {}, {}
    for source in (RETAIL, RESTAURANT):
        till = source.removeprefix("lightspeed-")
        sold = before[till] = await sell(sandbox, till, None, MadeUp(BEFORE, seed=3, days_ago=2), print)
        shops[till] = await connect(
            partner,
            source=source,
            mode=mode,
            account=sold.account,
            first_day=sold.first_day,
            changes=changes,
            merchant=merchant,
        )
    await asyncio.gather(*(until_booked(partner, one, BEFORE, Killings(()), print) for one in shops.values()))
    return TwoTills(shops, before, mode)


async def both_sell(partner: Partner, sandbox: httpx.AsyncClient, two: TwoTills) -> None:
    """At the same time, while Exact's calls are scarce; today's sales wait in daily totals."""
    await sandbox.put("/sandbox/exact/limits", json={"minute": SCARCE})
    await asyncio.gather(*(ring_up(sandbox, shop, till) for till, shop in two.shops.items()))
    await asyncio.gather(*(until_recorded(partner, shop, ALL) for shop in two.shops.values()))
    if two.mode == "transactions":
        for shop in two.shops.values():
            await until_booked(partner, shop, ALL, Killings(()), print)


async def _try(partner: Partner, sandbox: httpx.AsyncClient, mode: str) -> None:
    two = await connected(partner, sandbox, mode)
    await both_sell(partner, sandbox, two)
    await assert_one_consent(partner, two)
    books = (await sandbox.get(f"/sandbox/exact/divisions/{two.division}/books")).json()
    counted = [part_of(books, shop, till) for till, shop in two.shops.items()]
    assert_no_clash(books, counted)
    for one in counted:
        await assert_reconciled(partner, sandbox, two, one)
    if mode == "transactions":
        newest = books["sales_entries"][-2 * MEANWHILE :]
        shared, lead = longest_lead(newest, [one.prefix for one in counted])
        assert shared >= MEANWHILE
        assert lead <= MEANWHILE // 3


async def assert_one_consent(partner: Partner, two: TwoTills) -> None:
    grants = (await partner.get("/v1/grants"))["items"]
    used = [set(each["connections"]) for each in grants if each["system"] == "exact"]
    assert used == [{shop.connection for shop in two.shops.values()}]


async def assert_reconciled(
    partner: Partner, sandbox: httpx.AsyncClient, two: TwoTills, one: Counted
) -> None:
    """Its own reconciliation, its till and its part of the books say the same."""
    totals = (await sandbox.get(f"/sandbox/tills/{one.till}/{one.shop.account}/totals")).json()
    assert D(totals["turnover"]) == two.turnover(one.till)
    waiting = ZERO if two.mode == "transactions" else SOLD_NOW
    result = await reconciled(partner, one.shop, two.before[one.till].first_day)
    assert result == {
        "sold": two.turnover(one.till),
        "booked": two.turnover(one.till) - waiting,
        "waiting": waiting,
        "ignored": ZERO,
        "difference": ZERO,
    }
    assert booked_turnover(one.books, one.shop.rules) == result["booked"]


def assert_no_clash(books: Mapping[str, Any], counted: Sequence[Counted]) -> None:
    """Each document is of one connection alone, and no two have one reference."""
    for kind in ("sales_entries", "general_journal_entries"):
        assert sum(len(one.books[kind]) for one in counted) == len(books[kind])
    entries = Counter(entry["your_ref"] for entry in books["sales_entries"])
    journals = Counter(head(journal) for journal in books["general_journal_entries"])
    assert set(entries.values()) | set(journals.values()) <= {1}
    assert not set(counted[0].references) & set(counted[1].references)
