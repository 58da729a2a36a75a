"""What has to wait for the day's calls, or for one endpoint's, holds up nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from libs.common.budget import Lane, Postponed
from libs.common.database.engine import Database
from libs.common.exact.client import ExactClient
from libs.common.http import http_client
from services.exporter import store
from services.exporter.schedule import Exporter
from tests.services.exporter_world import SETTLE, NoBudget, Setting, a_setting, nth

HOUR = timedelta(hours=1)
ENTRIES, LINES = "salesentry/salesentries", "bulk/financial/transactionlines"


@dataclass
class Shut(NoBudget):
    """One endpoint, or the lanes of sales, may not be called for an hour."""

    setting: Setting
    endpoint: str = ""

    def __post_init__(self) -> None:
        self.until = self.setting.clock.now() + HOUR

    async def reserve_exact(self, division_key: str, endpoint: str, lane: Lane) -> None:
        is_meant = endpoint == self.endpoint if self.endpoint else lane in (Lane.SALES, Lane.BACKLOG)
        if is_meant and self.setting.clock.now() < self.until:
            raise Postponed(self.until, "shut")


def exporter(setting: Setting, endpoint: str = "") -> Exporter:
    http = http_client(read_seconds=5, transport=setting.line)
    vault: Any = setting.vault
    budget: Any = Shut(setting, endpoint)
    return Exporter(setting.house, ExactClient(http, vault, budget, setting.clock.now, read_seconds=5))


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


async def lose_an_answer(setting: Setting) -> None:
    """A1 stands in Exact, and nobody here knows."""
    setting.line.fault = nth(1, "lost", path="SalesEntries")
    await setting.ready(setting.entry("A1"))
    await setting.exporter().serve_all()
    assert await setting.states() == {"A1": "sending"}


def references(setting: Setting) -> list[str]:
    return sorted(each["your_ref"] for each in setting.books["sales_entries"])


async def verified(setting: Setting) -> set[str]:
    async with setting.database.reading() as transaction:
        rows = await transaction.execute(
            select(store.jobs.c.reference).where(store.jobs.c.verified_at.is_not(None))
        )
        return set(rows.scalars())


async def test_a_day_without_calls_for_sales_still_finds_lost_answers_and_reads_back(
    setting: Setting,
) -> None:
    await lose_an_answer(setting)
    await setting.ready(setting.entry("B1"))
    await setting.ready(setting.entry("OLD"), is_backlog=True)
    limited = exporter(setting)
    await limited.serve_all()
    assert references(setting) == ["A1"]
    setting.clock.advance(SETTLE + 1)
    await limited.serve_all()
    assert await setting.states() == {"A1": "booked", "B1": "waiting", "OLD": "waiting"}
    setting.clock.advance(600)
    await limited.serve_all()
    assert await verified(setting) == {"A1"}

    setting.clock.advance(HOUR.total_seconds())
    await limited.serve_all()
    assert set((await setting.states()).values()) == {"booked"}
    assert references(setting) == ["A1", "B1", "OLD"]


async def test_one_endpoint_that_is_shut_holds_up_its_own_documents_alone(setting: Setting) -> None:
    await setting.ready(setting.entry("A1"), setting.entry("A2"), setting.journal("J1"), setting.order("O1"))
    limited = exporter(setting, ENTRIES)
    await limited.serve_all()
    assert await setting.states() == {"A1": "waiting", "A2": "waiting", "J1": "booked", "O1": "booked"}

    setting.clock.advance(HOUR.total_seconds() + 1)
    await limited.serve_all()
    assert set((await setting.states()).values()) == {"booked"}
    assert references(setting) == ["A1", "A2"]


async def test_a_search_that_has_to_wait_holds_up_its_own_kind_alone(setting: Setting) -> None:
    await lose_an_answer(setting)
    setting.clock.advance(SETTLE + 1)
    await setting.ready(setting.journal("J1"))
    limited = exporter(setting, ENTRIES)
    await limited.serve_all()
    assert await setting.states() == {"A1": "sending", "J1": "booked"}

    setting.clock.advance(HOUR.total_seconds() + 1)
    await limited.serve_all()
    assert await setting.states() == {"A1": "booked", "J1": "booked"}
    assert references(setting) == ["A1"]
    assert setting.line.calls["POST salesentry/SalesEntries"] == 1


async def test_reading_back_that_has_to_wait_holds_up_no_sale(setting: Setting) -> None:
    limited = exporter(setting, LINES)
    await setting.ready(setting.entry("A1"))
    await limited.serve_all()
    setting.clock.advance(600)
    await limited.serve_all()
    await setting.ready(setting.entry("A2"))
    await limited.serve_all()
    assert await setting.states() == {"A1": "booked", "A2": "booked"}
    assert await verified(setting) == set()

    setting.clock.advance(HOUR.total_seconds() + 600)
    await limited.serve_all()
    assert await verified(setting) == {"A1", "A2"}
