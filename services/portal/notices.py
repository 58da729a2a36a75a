"""What stands in the way of a connection without being a sale's problem: told among the problems.

They are found anew as a whole, so what is mended is gone with the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Update, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.database.engine import Database
from libs.common.database.statements import upsert
from services.portal.notice_codes import NoticeCode
from services.portal.notice_texts import TEXTS
from services.portal.store import readings
from services.portal.tellings import ProblemTold

AN_HOUR = timedelta(hours=1)


class Watch(StrEnum):
    """Who looks; what one finds takes the place of what it found before, and of nothing else."""

    VAT = "watch"
    TILL = "watch-till"
    BOOKS = "watch-books"
    NUMBERS = "watch-numbers"


@dataclass(frozen=True, slots=True)
class Notice:
    """`subject` tells notices of one code apart; `facts` fill the sentence."""

    code: NoticeCode
    subject: str
    facts: dict[str, str]


def told(notice: Notice, language: str) -> ProblemTold:
    message, remedy = TEXTS[notice.code]["nl" if language == "nl" else "en"]
    return ProblemTold(code=notice.code.value, message=message.format(**notice.facts), remedy=remedy)


@cache
def _adapter() -> TypeAdapter[tuple[Notice, ...]]:
    return TypeAdapter(tuple[Notice, ...])


async def notices_of(transaction: AsyncConnection, connection_id: str) -> tuple[Notice, ...]:
    query = (
        select(readings.c.rows)
        .where(
            readings.c.connection_id == connection_id, readings.c.subject.in_([each.value for each in Watch])
        )
        .order_by(readings.c.subject)
    )
    texts = (await transaction.execute(query)).scalars()
    return tuple(notice for text in texts if text for notice in _adapter().validate_json(text))


async def found_by(transaction: AsyncConnection, connection_id: str, watch: Watch) -> tuple[Notice, ...]:
    query = select(readings.c.rows).where(
        readings.c.connection_id == connection_id, readings.c.subject == watch.value
    )
    text = (await transaction.execute(query)).scalar_one_or_none()
    return _adapter().validate_json(text) if text else ()


async def take_turn(
    transaction: AsyncConnection, connection_id: str, watch: Watch, at: datetime, every: timedelta
) -> bool:
    """Whether it is time for another look; of several replicas one gets it."""
    row = {"connection_id": connection_id, "subject": watch.value, "rows": "", "read_at": at}
    taking = upsert(
        readings,
        [row],
        key=["connection_id", "subject"],
        update=["read_at"],
        where=readings.c.read_at <= at - every,
    ).returning(readings.c.connection_id)
    return (await transaction.execute(taking)).first() is not None


async def look_again_soon(
    database: Database, connection_id: str, watch: Watch, at: datetime, every: timedelta
) -> None:
    """A look that failed counts as one of so long ago that the next is due in an hour."""
    async with database.transaction() as transaction:
        await transaction.execute(_mine(connection_id, watch).values(read_at=at - every + AN_HOUR))


async def keep_notices(
    transaction: AsyncConnection, connection_id: str, watch: Watch, found: Iterable[Notice]
) -> None:
    """These are all that a look has found."""
    text = _adapter().dump_json(tuple(found)).decode()
    await transaction.execute(_mine(connection_id, watch).values(rows=text))


async def tell_notices(
    transaction: AsyncConnection, connection_id: str, watch: Watch, found: Iterable[Notice], at: datetime
) -> None:
    """These are all that another service found by then; what it found earlier and tells later isn't heard."""
    text = _adapter().dump_json(tuple(found)).decode()
    row = {"connection_id": connection_id, "subject": watch.value, "rows": text, "read_at": at}
    is_newer = readings.c.read_at <= at
    key = ["connection_id", "subject"]
    await transaction.execute(upsert(readings, [row], key=key, update=["rows", "read_at"], where=is_newer))


def _mine(connection_id: str, watch: Watch) -> Update:
    return update(readings).where(
        readings.c.connection_id == connection_id, readings.c.subject == watch.value
    )
