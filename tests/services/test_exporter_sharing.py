"""Who shares what: several connections in one division are served in turn, several processes one budget."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import update

from libs.common.budget import Budget
from libs.common.contracts.envelope import envelope_of
from libs.common.database import registry
from libs.common.database.engine import Database
from libs.common.domain.document import Document
from libs.common.exact.client import ExactClient
from libs.common.http import http_client
from libs.common.vault import GrantBusy, GrantLost
from services.exporter.consumers import handlers
from services.exporter.schedule import Exporter, in_turns
from services.sandbox.exact.seed import FIETS
from tests.services.exporter_world import (
    NOON,
    D,
    Setting,
    a_setting,
    add_connection,
    ready_message,
    some_rules_of,
)


@pytest.fixture
async def setting(database: Database) -> Setting:
    return await a_setting(database)


async def ready_for(setting: Setting, connection: str, document: Document, **more: Any) -> None:
    message = ready_message(document, document_id=f"{connection}-{document.reference}", **more)
    envelope = envelope_of(message, connection, NOON)
    handler = handlers(setting.house)[message.type]
    await setting.database.run(lambda transaction: handler(transaction, envelope))


def references(setting: Setting) -> list[str]:
    return [each["your_ref"] for each in setting.books["sales_entries"]]


def exporter_with_budget(setting: Setting) -> Exporter:
    """As a process of its own has it: its own client and budget, over the shared database."""
    http = http_client(read_seconds=5, transport=setting.line)
    vault: Any = setting.vault
    budget = Budget(setting.database, setting.clock.now)
    return Exporter(setting.house, ExactClient(http, vault, budget, setting.clock.now, read_seconds=5))


async def test_connections_of_one_division_are_served_in_turn(setting: Setting) -> None:
    """A full day of the first doesn't keep one sale of the others waiting."""
    rules = some_rules_of(setting.customer_account())
    for connection in ("c2", "c3"):
        await add_connection(setting.database, rules, id=connection)
    for number in range(30):
        await ready_for(setting, "c1", setting.entry(f"A{number}"))
    for number in range(3):
        await ready_for(setting, "c2", setting.entry(f"B{number}"))
    await ready_for(setting, "c3", setting.entry("C0"))
    await setting.until_quiet()
    booked = references(setting)
    assert sorted(booked[:3]) == ["A0", "B0", "C0"]
    assert {"B1", "B2"} < set(booked[:7])
    assert [each for each in booked if each.startswith("A")] == [f"A{number}" for number in range(30)]


async def test_calls_that_come_free_one_by_one_are_shared_too(setting: Setting) -> None:
    """Each turn of the division is one call then: it isn't always the same connection's."""
    await add_connection(setting.database, some_rules_of(setting.customer_account()), id="c2")
    setting.world.limits.minute = 20
    setting.line.fault = lambda request: setting.clock.advance(1)
    for number in range(20):
        await ready_for(setting, "c1", setting.entry(f"A{number}"))
        await ready_for(setting, "c2", setting.entry(f"B{number}"))
    exporter = exporter_with_budget(setting)
    for _ in range(200):
        await exporter.serve_all()
        if len(references(setting)) == 40:
            break
        setting.line.fault = lambda request: None  # from here on a second passes between two turns alone
        setting.clock.advance(1)
    booked = references(setting)
    assert len(booked) == 40
    ahead = [sum(1 if each.startswith("A") else -1 for each in booked[:count]) for count in range(41)]
    assert max(map(abs, ahead)) <= 2


async def test_a_lost_consent_stops_those_that_use_it_alone(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two logins of one company, each with a till of its own: the other's sales go on."""
    await add_connection(
        setting.database, some_rules_of(setting.customer_account()), id="c2", exact_grant_id="g3"
    )
    good = setting.vault.access_token

    async def lost(grant_id: str, **more: Any) -> Any:
        if grant_id == "g1":
            raise GrantLost("g1", "revoked")
        return await good(grant_id, **more)

    monkeypatch.setattr(setting.vault, "access_token", lost)
    await ready_for(setting, "c1", setting.entry("A1"))
    await ready_for(setting, "c2", setting.entry("B1"))
    await setting.exporter().serve_all()
    assert [told["grant_id"] for told in await setting.told("connection.attention")] == ["g1"]
    async with setting.database.transaction() as transaction:  # as the portal does with that
        first = registry.connections.c.id == "c1"
        await transaction.execute(update(registry.connections).where(first).values(state="attention"))
    setting.clock.advance(120)
    await setting.exporter().serve_all()
    assert await setting.states() == {"A1": "waiting", "B1": "booked"}


@dataclass
class BusyVault:
    """One grant gives no token before its time, unless it is freed sooner."""

    inner: Any
    until: datetime
    is_busy: bool = True
    asked: int = 0

    async def access_token(self, grant_id: str, **more: Any) -> Any:
        self.asked += 1
        if grant_id == "g1" and self.is_busy:
            raise GrantBusy(self.until, "g1")
        return await self.inner.access_token(grant_id, **more)


def a_busy_vault(setting: Setting) -> BusyVault:
    vault = BusyVault(setting.vault, NOON + timedelta(seconds=570))
    setting.vault = cast("Any", vault)
    return vault


async def test_a_consent_that_is_busy_keeps_nobody_else_waiting(setting: Setting) -> None:
    """Nor is it asked all the time; its own sales go on as soon as it isn't busy any more."""
    await add_connection(
        setting.database, some_rules_of(setting.customer_account()), id="c2", exact_grant_id="g3"
    )
    vault = a_busy_vault(setting)
    await ready_for(setting, "c1", setting.entry("A1"))
    await ready_for(setting, "c2", setting.entry("B1"))
    exporter = setting.exporter()
    await exporter.serve_all()
    assert await setting.states() == {"A1": "waiting", "B1": "booked"}

    setting.clock.advance(5)
    await ready_for(setting, "c2", setting.entry("B2"))
    await exporter.serve_all()
    assert await setting.states() == {"A1": "waiting", "B1": "booked", "B2": "booked"}
    assert vault.asked < 30

    vault.is_busy = False
    setting.clock.advance(10)
    await exporter.serve_all()
    assert await setting.states() == {"A1": "booked", "B1": "booked", "B2": "booked"}
    assert await setting.told("document.delayed") == []


async def test_a_consent_that_is_free_sooner_than_it_said_serves_its_division_then(setting: Setting) -> None:
    vault = a_busy_vault(setting)
    await ready_for(setting, "c1", setting.entry("A1"))
    exporter = setting.exporter()
    await exporter.serve_all()
    assert (await setting.states(), setting.line.total) == ({"A1": "waiting"}, 0)
    assert await setting.told("document.delayed") == []
    vault.is_busy = False
    setting.clock.advance(10)
    await exporter.serve_all()
    assert await setting.states() == {"A1": "booked"}


async def test_sales_of_each_go_before_the_backlog_of_any(setting: Setting) -> None:
    rules = some_rules_of(setting.customer_account())
    await add_connection(setting.database, rules, id="c2")
    for number in range(10):
        await ready_for(setting, "c1", setting.entry(f"OLD{number}"), is_backlog=True)
    await ready_for(setting, "c2", setting.entry("NEW"))
    await setting.until_quiet()
    assert references(setting)[0] == "NEW"


async def test_divisions_take_turns_too(setting: Setting) -> None:
    rules = replace(some_rules_of(setting.customer_account()), division=str(FIETS))
    await add_connection(setting.database, rules, id="c2", division=str(FIETS))
    theirs = setting.world.divisions[FIETS]
    account = next(row["ID"] for row in theirs.table("crm/Accounts") if row["Status"] == "C")
    ledgers = {row["Code"]: row["ID"] for row in theirs.table("financial/GLAccounts")}
    entry = setting.entry("F1")
    vat = next(
        row["Code"].strip()
        for row in theirs.table("vat/VATCodes")
        if (row["Type"], row["Percentage"], row["VATTransactionType"]) == ("E", D("0.21"), "S")
        and not row["IsBlocked"]
    )
    none = next(row["Code"].strip() for row in theirs.table("vat/VATCodes") if row["Type"] == "N")
    lines = (
        replace(entry.lines[0], ledger=ledgers["8000"], vat_code=vat),
        replace(entry.lines[1], ledger=ledgers["2000"], vat_code=none),
    )
    entry = replace(entry, debtor=replace(entry.debtor, account=account), lines=lines)
    await setting.ready(setting.entry("A1"))
    await ready_for(setting, "c2", entry, division=str(FIETS))
    exporter = setting.exporter()
    assert [await exporter.serve_next() for _ in range(3)] == [True, True, False]
    assert set((await setting.states()).values()) == {"booked"}


async def test_two_processes_keep_one_budget(setting: Setting) -> None:
    """However many there are, never more than sixty calls leave in any minute, and none is refused."""
    setting.world.limits.minute = 60
    at: list[float] = []

    def note(request: httpx.Request) -> None:
        at.append(setting.clock.now().timestamp())
        setting.clock.advance(0.25)

    setting.line.fault = note
    await setting.ready(*[setting.entry(f"A{number}") for number in range(90)])
    processes = [exporter_with_budget(setting) for _ in range(2)]
    for _ in range(200):
        await asyncio.gather(*[process.serve_next() for process in processes])
        if len(references(setting)) == 90:
            break
        setting.clock.advance(1)
    assert sorted(references(setting)) == sorted(f"A{number}" for number in range(90))
    assert most_within(at, 60) <= 60
    assert setting.world.calls.refused == 0
    assert setting.world.calls.errors == 0


async def test_what_one_process_learnt_of_a_limit_holds_for_the_other(setting: Setting) -> None:
    setting.line.fault = lambda request: "limit" if request.method == "POST" else None
    await setting.ready(setting.entry("A1"))
    await exporter_with_budget(setting).serve_all()
    posts = setting.line.calls["POST salesentry/SalesEntries"]
    await exporter_with_budget(setting).serve_all()
    assert setting.line.calls["POST salesentry/SalesEntries"] == posts == 1


def most_within(moments: list[float], seconds: float) -> int:
    """The most of them in any stretch of that length."""
    assert all(one <= other for one, other in pairwise(moments))
    return max(sum(start <= each < start + seconds for each in moments) for start in moments)


def test_in_turns_takes_one_of_each_until_all_are_through() -> None:
    assert in_turns([["a1", "a2", "a3"], ["b1"], []]) == ["a1", "b1", "a2", "a3"]
