"""What bodies need to know of a division, kept in a table and read anew when it is a day old.

Two calls, or three where cost centres are used; a code that is unknown here makes them be read again,
at most once in ten minutes. What was learnt otherwise is kept beside them, and outlives a reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.engine import Row

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import upsert
from libs.common.exact.entities import CreditSign, DivisionFacts, VatFact
from libs.common.exact.errors import BadRequest
from services.exporter import store

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

LEARNED = "learned"
CASH_TURNED, CREDIT_SIGN = "cash_turned", "credit_sign"
FRESH = timedelta(days=1)
PAUSE = timedelta(minutes=10)
CASH, SALES = 10, 20


async def facts_of(
    database: Database,
    exact: ExactDivision,
    division_key: str,
    now: datetime,
    *,
    with_cost_centers: bool,
    needed: frozenset[str] = frozenset(),
) -> DivisionFacts:
    """`needed` are the VAT codes that documents name; facts without one of them are read again."""
    async with database.reading() as transaction:
        kept = await _kept(transaction, division_key)
    if kept is not None:
        facts, read_at = kept
        unknown = needed - facts.vat_codes.keys()
        if now - read_at < (PAUSE if unknown else FRESH):
            return facts
    rows = await _read(exact, with_cost_centers)
    return _facts(await database.run(lambda transaction: _keep(transaction, division_key, rows, now)))


async def learned(transaction: Transaction, division_key: str) -> dict[str, Any]:
    row = await _row(transaction, division_key)
    return dict(json.loads(row.facts).get(LEARNED, {})) if row is not None else {}


async def learn(transaction: Transaction, division_key: str, what: Mapping[str, Any]) -> None:
    """Whoever serves the division holds its lease, so nobody else learns at the same time."""
    row = await _row(transaction, division_key)
    if row is None:
        return
    kept = json.loads(row.facts)
    kept[LEARNED] = kept.get(LEARNED, {}) | what
    table = store.division_facts
    mine = table.c.division_key == division_key
    await transaction.execute(update(table).where(mine).values(facts=json.dumps(kept)))


async def _row(transaction: Transaction, division_key: str) -> Row[Any] | None:
    table = store.division_facts
    query = select(table).where(table.c.division_key == division_key)
    return (await transaction.execute(query)).one_or_none()


async def _kept(transaction: Transaction, division_key: str) -> tuple[DivisionFacts, datetime] | None:
    """None too where an earlier release kept less."""
    row = await _row(transaction, division_key)
    rows = {} if row is None else json.loads(row.facts, parse_float=Decimal)
    return (_facts(rows), row.read_at) if row is not None and "cash_ledgers" in rows else None


async def _keep(
    transaction: Transaction, division_key: str, rows: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    kept = {**rows, LEARNED: await learned(transaction, division_key)}
    values = {"division_key": division_key, "facts": json.dumps(kept, default=str), "read_at": now}
    await transaction.execute(
        upsert(store.division_facts, [values], key=["division_key"], update=["facts", "read_at"])
    )
    return kept


async def _read(exact: ExactDivision, with_cost_centers: bool) -> dict[str, Any]:
    codes = await exact.rows("vat/VATCodes", select=["Code", "Type", "Percentage"], lane=Lane.SET_UP)
    journals = await exact.rows(
        "financial/Journals",
        select=["Code", "Type", "GLAccount"],
        filter=f"Type eq {SALES} or Type eq {CASH}",
        lane=Lane.SET_UP,
    )
    return {
        "vat_codes": [[row["Code"], row["Type"], str(row["Percentage"] or 0)] for row in codes],
        "receivables": _own_ledgers(journals, SALES),
        "cash_ledgers": _own_ledgers(journals, CASH),
        "cost_centers": await _duties(exact) if with_cost_centers else {},
    }


def _own_ledgers(journals: Iterable[Mapping[str, Any]], kind: int) -> dict[str, str]:
    chosen = [row for row in journals if int(row["Type"]) == kind and row["GLAccount"]]
    return {str(row["Code"]).strip(): str(row["GLAccount"]) for row in chosen}


async def _duties(exact: ExactDivision) -> dict[str, int]:
    select_, without = ["ID", "UseCostcenter"], "UseCostcenter eq 2"
    try:
        rows = await exact.rows("financial/GLAccounts", select=select_, filter=without, lane=Lane.SET_UP)
    except BadRequest:  # a filter that this site doesn't take: Exact then says itself what it refuses
        return {}
    return {str(row["ID"]): int(row["UseCostcenter"]) for row in rows}


def _facts(rows: Mapping[str, Any]) -> DivisionFacts:
    sign = rows.get(LEARNED, {}).get(CREDIT_SIGN, CreditSign.UNSEEN)
    return DivisionFacts(
        vat_codes={
            code.strip(): VatFact(code, kind, Decimal(percentage) * 100)
            for code, kind, percentage in rows["vat_codes"]
        },
        receivables=rows["receivables"],
        cost_centers=rows["cost_centers"],
        cash_ledgers=rows["cash_ledgers"],
        credit_sign=CreditSign(sign),
    )
