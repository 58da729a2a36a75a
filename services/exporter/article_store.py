"""Which item each article of the till is, as products told it: of two words about one the later holds.

Kept by article, since its code may be another's tomorrow. `waits_since` says since when sales of it wait for
such a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text, and_, delete, select

from libs.common.database.engine import Transaction
from libs.common.database.statements import upsert
from libs.common.database.types import UtcDateTime, metadata
from libs.common.domain.product import code_key
from services.exporter.links import CHUNK, Place

UNHEARD = -1
"""The `number` of an article of which nothing was told yet."""

told_articles = Table(
    "exporter_told_article",
    metadata,
    Column("connection_id", String(40), primary_key=True),
    Column("division_key", String(160), primary_key=True),
    Column("till_item", String(64), primary_key=True),
    Column("code", Text, nullable=False),
    Column("exact_id", String(40)),
    Column("number", Integer, nullable=False),
    Column("waits_since", UtcDateTime),
    Index("ix_exporter_told_article_exact_id", "connection_id", "division_key", "exact_id"),
)
KEY = ("connection_id", "division_key", "till_item")


@dataclass(frozen=True, slots=True)
class Told:
    """`code` is what the till calls it; `exact_id` is None where it is linked to nothing."""

    till_item: str
    code: str
    exact_id: str | None
    number: int
    waits_since: datetime | None = None

    def bears(self, code: str) -> bool:
        return code_key(self.code) == code_key(code)


async def keep(transaction: Transaction, place: Place, told: Sequence[Told]) -> None:
    """Each unless a later word about it came before."""
    for start in range(0, len(told), CHUNK):
        rows = [_row(place, each) for each in told[start : start + CHUNK]]
        changing = ["code", "exact_id", "number", "waits_since"]
        is_later = told_articles.c.number < rows[0]["number"]
        await transaction.execute(upsert(told_articles, rows, key=KEY, update=changing, where=is_later))


async def wait(transaction: Transaction, place: Place, till_items: Iterable[str], now: datetime) -> None:
    """Sales of these wait from now on, where none did."""
    known = await of_articles(transaction, place, till_items)
    new = [each for each in dict.fromkeys(till_items) if each not in known or known[each].waits_since is None]
    rows = [
        _row(place, known.get(each, Told(each, "", None, UNHEARD))) | {"waits_since": now} for each in new
    ]
    if rows:
        await transaction.execute(upsert(told_articles, rows, key=KEY, update=["waits_since"]))


def _row(place: Place, told: Told) -> dict[str, Any]:
    return {
        "connection_id": place.connection_id,
        "division_key": place.division_key,
        "till_item": told.till_item,
        "code": told.code,
        "exact_id": told.exact_id,
        "number": told.number,
        "waits_since": told.waits_since,
    }


async def of_articles(transaction: Transaction, place: Place, till_items: Iterable[str]) -> dict[str, Told]:
    found = await _where(transaction, place, told_articles.c.till_item, till_items)
    return {each.till_item: each for each in found}


async def owners(transaction: Transaction, place: Place, exact_ids: Iterable[str]) -> dict[str, Told]:
    """The article that each item is of; while a word is under way that one gave it up, the last told."""
    found = await _where(transaction, place, told_articles.c.exact_id, exact_ids)
    return {str(each.exact_id): each for each in sorted(found, key=lambda each: each.number)}


async def _where(
    transaction: Transaction, place: Place, column: Column[Any], values: Iterable[str]
) -> list[Told]:
    wanted, found = list(dict.fromkeys(values)), []
    for start in range(0, len(wanted), CHUNK):
        query = select(told_articles).where(_of(place), column.in_(wanted[start : start + CHUNK]))
        for row in await transaction.execute(query):
            found.append(Told(row.till_item, row.code, row.exact_id, row.number, row.waits_since))
    return found


async def forget(transaction: Transaction, connection_id: str) -> None:
    await transaction.execute(delete(told_articles).where(told_articles.c.connection_id == connection_id))


def _of(place: Place) -> Any:
    return and_(
        told_articles.c.connection_id == place.connection_id,
        told_articles.c.division_key == place.division_key,
    )
