"""What bodies need to know of a division, kept in a table and read anew when it is a day old.

Two calls, or three where cost centres are used; a code that is unknown here makes them be read again,
at most once in ten minutes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from libs.common.budget.lanes import Lane
from libs.common.database.engine import Database, Transaction
from libs.common.database.statements import upsert
from libs.common.exact.entities import DivisionFacts, VatFact
from libs.common.exact.errors import BadRequest
from services.exporter import store

if TYPE_CHECKING:
    from libs.common.exact.client import ExactDivision

FRESH = timedelta(days=1)
PAUSE = timedelta(minutes=10)


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
    await database.run(lambda transaction: _keep(transaction, division_key, rows, now))
    return _facts(rows)


async def _kept(transaction: Transaction, division_key: str) -> tuple[DivisionFacts, datetime] | None:
    table = store.division_facts
    query = select(table.c.facts, table.c.read_at).where(table.c.division_key == division_key)
    row = (await transaction.execute(query)).one_or_none()
    return None if row is None else (_facts(json.loads(row.facts, parse_float=Decimal)), row.read_at)


async def _keep(transaction: Transaction, division_key: str, rows: dict[str, Any], now: datetime) -> None:
    values = {"division_key": division_key, "facts": json.dumps(rows, default=str), "read_at": now}
    await transaction.execute(
        upsert(store.division_facts, [values], key=["division_key"], update=["facts", "read_at"])
    )


async def _read(exact: ExactDivision, with_cost_centers: bool) -> dict[str, Any]:
    codes = await exact.rows("vat/VATCodes", select=["Code", "Type", "Percentage"], lane=Lane.SET_UP)
    journals = await exact.rows(
        "financial/Journals", select=["Code", "Type", "GLAccount"], filter="Type eq 20", lane=Lane.SET_UP
    )
    return {
        "vat_codes": [[row["Code"], row["Type"], str(row["Percentage"] or 0)] for row in codes],
        "receivables": {str(row["Code"]).strip(): row["GLAccount"] for row in journals if row["GLAccount"]},
        "cost_centers": await _duties(exact) if with_cost_centers else {},
    }


async def _duties(exact: ExactDivision) -> dict[str, int]:
    select_, without = ["ID", "UseCostcenter"], "UseCostcenter eq 2"
    try:
        rows = await exact.rows("financial/GLAccounts", select=select_, filter=without, lane=Lane.SET_UP)
    except BadRequest:  # a filter that this site doesn't take: Exact then says itself what it refuses
        return {}
    return {str(row["ID"]): int(row["UseCostcenter"]) for row in rows}


def _facts(rows: Mapping[str, Any]) -> DivisionFacts:
    return DivisionFacts(
        vat_codes={
            code.strip(): VatFact(code, kind, Decimal(percentage) * 100)
            for code, kind, percentage in rows["vat_codes"]
        },
        receivables=rows["receivables"],
        cost_centers=rows["cost_centers"],
    )
