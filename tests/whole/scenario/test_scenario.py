"""A thousand random events at the tills, faults on the way: whenever all is quiet, till and books agree.

`KOPPELING_SCENARIO_EVENTS` says how many events each scenario has, `KOPPELING_SCENARIO_SEED` which dice.
"""

from __future__ import annotations

import os

import pytest

from libs.common.database.engine import Database
from tests.whole.scenario.play import Scenario

EVENTS = int(os.environ.get("KOPPELING_SCENARIO_EVENTS", "60"))
SEED = int(os.environ.get("KOPPELING_SCENARIO_SEED", "1"))


@pytest.mark.parametrize("mode", ["transactions", "invoices", "orders", "daily-totals"])
async def test_till_and_books_agree_whatever_happens(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    await Scenario(mode, SEED, EVENTS).play(sqlite_database, monkeypatch)


@pytest.mark.long
@pytest.mark.timeout(4 * 3_600)
@pytest.mark.parametrize("mode", ["transactions", "invoices", "orders", "daily-totals"])
async def test_till_and_books_agree_through_a_thousand_events(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    await Scenario(mode, SEED, 1_000).play(sqlite_database, monkeypatch)


async def test_till_and_books_agree_when_the_mode_is_changed_on_the_way(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Scenario("transactions", SEED, EVENTS // 2, changes_mode=True).play(sqlite_database, monkeypatch)


async def test_till_and_books_agree_on_postgresql(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Scenario("daily-totals", SEED + 1, EVENTS // 2).play(postgresql_database, monkeypatch)
